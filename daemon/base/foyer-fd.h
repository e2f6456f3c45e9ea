/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <unistd.h>

G_BEGIN_DECLS

/* File descriptors with one owner. GLib 2.74 has no g_autofd yet. */

static inline void
foyer_fd_clear (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

/* foyer_autofd int fd = -1; closed when the name goes out of scope. */
#define foyer_autofd __attribute__ ((cleanup (foyer_fd_clear)))

G_END_DECLS
