/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-clock-drift.h"

void
foyer_cast_clock_drift_add (FoyerCastClockDrift *self, gint64 sample_us,
    gint64 now_us)
{
  gint64 passed_us = CLAMP (now_us - self->updated_us, 0,
      FOYER_CAST_DRIFT_TIME_US);
  gint64 step_us = sample_us - self->offset_us;

  if (!self->is_known || step_us < 0 || step_us > FOYER_CAST_DRIFT_JUMP_US)
    self->offset_us = sample_us;
  else
    self->offset_us += step_us * passed_us /
        (passed_us + FOYER_CAST_DRIFT_TIME_US);
  self->is_known = TRUE;
  self->updated_us = now_us;
}
