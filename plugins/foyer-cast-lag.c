/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-lag.h"

/* A source that becomes slower for good is believed within some seconds. */
#define RISE_US 1000

void
foyer_cast_lag_init (FoyerCastLag *self)
{
  self->least_us = -1;
}

gboolean
foyer_cast_lag_accept (FoyerCastLag *self, gint64 age_us)
{
  age_us = MAX (age_us, 0);
  if (self->least_us < 0 || age_us < self->least_us)
    self->least_us = age_us;
  else
    self->least_us = MIN (self->least_us + RISE_US, age_us);
  return age_us <= self->least_us + FOYER_CAST_LAG_SLACK_US;
}
