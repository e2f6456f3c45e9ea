/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-queue-meter.h"

void
foyer_cast_queue_meter_init (FoyerCastQueueMeter *self, gint64 now_us)
{
  *self = (FoyerCastQueueMeter){
    .base_us = -1,
    .next_base_us = -1,
    .base_since_us = now_us,
    .least_us = -1,
    .interval_us = now_us,
    .measured_us = now_us,
  };
}

static gint64
get_least (gint64 a_us, gint64 b_us)
{
  return a_us < 0 || b_us < a_us ? b_us : a_us;
}

static void
follow_base (FoyerCastQueueMeter *self, gint64 delay_us, gint64 now_us)
{
  if (now_us - self->base_since_us >= FOYER_CAST_QUEUE_BASE_US) {
    self->base_us = self->next_base_us;
    self->next_base_us = -1;
    self->base_since_us = now_us;
  }
  self->base_us = get_least (self->base_us, delay_us);
  self->next_base_us = get_least (self->next_base_us, delay_us);
}

void
foyer_cast_queue_meter_add (FoyerCastQueueMeter *self, gint64 delay_us,
    gint64 now_us)
{
  delay_us = MAX (delay_us, 0);
  follow_base (self, delay_us, now_us);
  self->least_us = get_least (self->least_us, delay_us);
  self->n_samples++;
  if (now_us - self->interval_us < FOYER_CAST_QUEUE_INTERVAL_US ||
      self->n_samples < FOYER_CAST_QUEUE_MIN_SAMPLES)
    return;
  self->queue_us = self->least_us - self->base_us;
  self->measured_us = now_us;
  self->least_us = -1;
  self->n_samples = 0;
  self->interval_us = now_us;
}

gint64
foyer_cast_queue_meter_get_us (const FoyerCastQueueMeter *self, gint64 now_us)
{
  if (now_us - self->measured_us > FOYER_CAST_QUEUE_STALE_US)
    return 0;
  return self->queue_us;
}
