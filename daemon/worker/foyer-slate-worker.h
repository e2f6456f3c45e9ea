/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* foyer-slate: draws one slate, encodes it as a key frame, hands it over in
 * sealed memory and ends. It never has a link, a camera or a socket, so that what
 * a session shows in place of frames can't be one. */

/* The program: hears CONFIG, never returns. */
G_GNUC_NORETURN void foyer_slate_worker_run (void);

G_END_DECLS
