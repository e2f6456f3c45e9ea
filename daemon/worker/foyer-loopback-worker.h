/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* foyer-loopback: writes one camera's raw frames into one node, as long as one
 * session lasts; or, told by STANDING_CONFIG, keeps a node clean between sessions
 * and never sees a frame. It has no network and nothing but the node that it was
 * given.
 *
 * When it says READY nothing but the slate is in the node's ring, and so it is
 * again when it says CLOSED or FAILED. Alone of all workers it outlives foyerd:
 * for as long as that takes, since nobody else could do it then. */

/* The program: hears CONFIG, never returns. */
G_GNUC_NORETURN void foyer_loopback_worker_run (void);

G_END_DECLS
