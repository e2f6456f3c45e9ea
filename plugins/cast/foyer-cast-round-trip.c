/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-round-trip.h"

void
foyer_cast_round_trip_init (FoyerCastRoundTrip *self, gint64 max_us)
{
  self->max_us = max_us;
  self->smoothed_us = -1;
}

void
foyer_cast_round_trip_add (FoyerCastRoundTrip *self, gint64 sample_us)
{
  sample_us = MAX (sample_us, FOYER_CAST_MIN_ROUND_TRIP_US);
  sample_us = MIN (sample_us, self->max_us);
  if (self->smoothed_us < 0)
    self->smoothed_us = sample_us;
  else if (sample_us > self->smoothed_us)
    self->smoothed_us = (self->smoothed_us + sample_us) / 2;
  else
    self->smoothed_us = (7 * self->smoothed_us + sample_us) / 8;
}

gint64
foyer_cast_round_trip_get_us (const FoyerCastRoundTrip *self)
{
  return MAX (self->smoothed_us, 0);
}
