/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Notices when frames pile up in front of the encoder, so that those are left
 * out which would only make all that follow late too. A source may have a delay
 * of its own: what counts is how much older frames are than they were. Pure. */

/* Frames may be that much older than the youngest of late. */
#define FOYER_CAST_LAG_SLACK_US 100000

/**
 * FoyerCastLag:
 * @least_us: age of the youngest frame of late; negative before the first
 */
typedef struct
{
  gint64 least_us;
} FoyerCastLag;

/* No frame yet. */
void foyer_cast_lag_init (FoyerCastLag *self);

/**
 * foyer_cast_lag_accept:
 * @self: a lag
 * @age_us: of a frame, as it arrives
 *
 * Returns: %FALSE if the frame should be left out
 */
gboolean foyer_cast_lag_accept (FoyerCastLag *self, gint64 age_us);

G_END_DECLS
