/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-reason.h"

#include <glib.h>

G_BEGIN_DECLS

/* foyer-cast: one session to one display, or, told by CLEAN_CONFIG, the end of an
 * app that such a session left behind. No GStreamer. */

/**
 * foyer_cast_reason_from_error:
 * @error: of a cast session
 *
 * Returns: what foyerd writes down for it; never #FOYER_REASON_NONE
 */
FoyerReason foyer_cast_reason_from_error (const GError *error);

/* The program: hears CONFIG, never returns. */
G_GNUC_NORETURN void foyer_cast_worker_run (void);

G_END_DECLS
