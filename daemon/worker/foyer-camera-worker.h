/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* foyer-camera: one opening of one camera. Captures, tags, encodes once for each
 * rung, and writes frames into the links of its sessions. It has no network. */

/* The program: hears CONFIG, never returns. */
G_GNUC_NORETURN void foyer_camera_worker_run (void);

G_END_DECLS
