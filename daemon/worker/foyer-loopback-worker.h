/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* foyer-loopback: writes one camera's raw frames into one node, as long as one
 * session lasts. It has no network and nothing but the node that it was given. */

/* The program: hears CONFIG, never returns. */
G_GNUC_NORETURN void foyer_loopback_worker_run (void);

G_END_DECLS
