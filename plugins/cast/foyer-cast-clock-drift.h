/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far the sender's clock is from ours, from its reports: the least seems
 * truest, since a report can only be late; and the clocks drift:
 * openscreen cast/streaming/clock_drift_smoother.cc. Pure. */

#define FOYER_CAST_DRIFT_TIME_US 30000000
/* A step this far is a clock that was set, not one that drifts. */
#define FOYER_CAST_DRIFT_JUMP_US 5000000

typedef struct
{
  gboolean is_known;
  gint64 offset_us; /* our time less the sender's, transit included */
  gint64 updated_us;
} FoyerCastClockDrift;

/* @sample_us: arrival of a report less the time it bears */
void foyer_cast_clock_drift_add (FoyerCastClockDrift *self, gint64 sample_us,
    gint64 now_us);

G_END_DECLS
