/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * foyer_memfd_new:
 * @name: for /proc, a constant
 *
 * Memory that can be handed over, empty, and that can be sealed; close-on-exec,
 * and, where the kernel knows how, never to be run.
 *
 * Returns: (transfer full): its descriptor, or -1 with errno
 */
int foyer_memfd_new (const char *name);

G_END_DECLS
