/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-rate.h"

/* openscreen cast/standalone_sender/looping_file_sender.cc: a fifth is left
 * for audio, headers and retransmissions. */
#define USABLE_OF_10 8
/* For so long a jam is remembered. */
#define JAM_MEMORY_US (15 * G_USEC_PER_SEC)
#define NEAR_OF_10    7
#define NEAR_STEPS    40
#define JAM_APART_US  (2 * G_USEC_PER_SEC)

void
foyer_cast_rate_init (FoyerCastRate *self, guint32 min_bps, guint32 max_bps,
    gint64 now_us)
{
  max_bps = MAX (min_bps, max_bps);
  *self = (FoyerCastRate){
    .min_bps = min_bps,
    .max_bps = max_bps,
    .bps = MAX (max_bps / 2, min_bps),
    .raised_us = now_us,
    .lowered_us = now_us - FOYER_CAST_RATE_STEP_US,
  };
}

/* A jam: less than what came through, so that the queue drains; but by half at
 * most, since the frames that came through late are not counted yet, and once
 * in each step, since the next signs of the same jam are under way. */
static void
lower_for_jam (FoyerCastRate *self, guint64 goodput_bps, gint64 now_us)
{
  guint64 target = goodput_bps * USABLE_OF_10 / 10;

  if (now_us - self->lowered_us < FOYER_CAST_RATE_STEP_US)
    return;
  /* Falls in a row are one jam. */
  if (now_us - self->lowered_us >= JAM_APART_US)
    self->jam_bps = self->bps;
  target = CLAMP (target, self->bps / 2, self->bps);
  self->bps = (guint32) MAX (target, self->min_bps);
  self->lowered_us = now_us;
  self->raised_us = now_us;
}

/* A tenth for each step; but where the last jam began, go up slowly. */
static guint32
get_raised_bps (const FoyerCastRate *self, gint64 now_us)
{
  guint64 near_bps = (guint64) self->jam_bps * NEAR_OF_10 / 10;
  guint32 step_bps = self->bps / 10;

  if (self->jam_bps > 0 && now_us - self->lowered_us < JAM_MEMORY_US &&
      self->bps >= near_bps)
    step_bps = self->bps / NEAR_STEPS;
  return self->bps + step_bps;
}

void
foyer_cast_rate_update (FoyerCastRate *self, const FoyerCastRateInput *input,
    gint64 now_us)
{
  guint64 usable = input->estimate_bps * USABLE_OF_10 / 10;

  if (input->is_jammed) {
    lower_for_jam (self, input->goodput_bps, now_us);
    return;
  }
  if (input->estimate_bps == 0)
    return;
  usable = CLAMP (usable, self->min_bps, self->max_bps);
  if (usable < self->bps) {
    self->bps = (guint32) usable;
    self->raised_us = now_us;
  } else if (now_us - self->raised_us >= FOYER_CAST_RATE_STEP_US) {
    self->bps = (guint32) MIN (usable, get_raised_bps (self, now_us));
    self->raised_us = now_us;
  }
}
