/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A session's worker for one program: it passes the camera's frames through the
 * gate into a second link, whose reading end the program has; of a still it passes
 * one, coded as a file. The program is distrusted, and never gets at the camera's
 * own link. */

/* Its main(). */
G_GNUC_NORETURN void foyer_app_worker_run (void);

G_END_DECLS
