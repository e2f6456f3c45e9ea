/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-path.h"

#include "foyer-cast-limits.h"

/* A queue that takes this part of the target delay is a jam. */
#define QUEUE_OF_DELAY 4
/* What arrived, and what should have, is measured over this much. */
#define GOODPUT_SPAN_US 500000
#define BACKLOG_SPAN_US 1000000
/* From the encoder's hand to the acknowledgement, round trip aside. */
#define BACKLOG_LAG_US 100000
/* With this part of the delay in flight, and less than that of what was made
 * arriving, more is made than the path carries. */
#define BACKLOG_OF_DELAY 2
#define ARRIVED_OF_10    8
/* So many signs in one step of the rate are a jam. */
#define MIN_JAM_SIGNS 4
/* Without feedback for longer there is no path to learn from. */
#define SILENCE_US 100000
/* A sample for longer than this is no round trip. */
#define MAX_TRIP_US 2000000
/* For so long a jam lets nothing be sent that is not needed. */
#define CLEAR_AFTER_US (10 * G_USEC_PER_SEC)

void
foyer_cast_path_init (FoyerCastPath *self, gint64 delay_us, guint n_burst,
    gint64 now_us)
{
  self->delay_us = delay_us;
  foyer_cast_bandwidth_init (&self->bandwidth, n_burst, now_us);
  foyer_cast_round_trip_init (&self->round_trip, delay_us);
  self->last_trip_us = 0;
  foyer_cast_queue_meter_init (&self->trip_queue, now_us);
  foyer_cast_queue_meter_init (&self->frame_queue, now_us);
  foyer_cast_rate_init (&self->rate, FOYER_CAST_MIN_VIDEO_BPS,
      FOYER_CAST_MAX_VIDEO_BPS, now_us);
  self->n_jam_signs = 0;
  self->signs_us = now_us;
  self->feedback_us = now_us;
}

void
foyer_cast_path_set_delay (FoyerCastPath *self, gint64 delay_us)
{
  self->delay_us = delay_us;
  self->round_trip.max_us = delay_us;
}

void
foyer_cast_path_add_feedback (FoyerCastPath *self, gint64 now_us)
{
  self->feedback_us = now_us;
}

void
foyer_cast_path_add_round_trip (FoyerCastPath *self, gint64 sample_us,
    gint64 now_us)
{
  foyer_cast_round_trip_add (&self->round_trip, sample_us);
  foyer_cast_queue_meter_add (&self->trip_queue, sample_us, now_us);
  self->last_trip_us = MIN (sample_us, MAX_TRIP_US);
}

void
foyer_cast_path_add_acked (FoyerCastPath *self, guint64 n_bytes,
    gint64 clean_us, gint64 now_us)
{
  foyer_cast_bandwidth_add_acked (&self->bandwidth,
      (guint32) MIN (n_bytes, G_MAXUINT32),
      now_us - foyer_cast_path_get_round_trip_us (self));
  if (clean_us >= 0)
    foyer_cast_queue_meter_add (&self->frame_queue, clean_us, now_us);
}

static gint64
get_queue_us (const FoyerCastPath *self, gint64 now_us)
{
  return MAX (foyer_cast_queue_meter_get_us (&self->trip_queue, now_us),
      foyer_cast_queue_meter_get_us (&self->frame_queue, now_us));
}

static gboolean
has_queue (const FoyerCastPath *self, gint64 now_us)
{
  return get_queue_us (self, now_us) > self->delay_us / QUEUE_OF_DELAY;
}

/* A bottleneck with a short queue loses packets as a bad radio does, but then
 * the missing ones do not come with the next round trip either. */
static gboolean
is_falling_behind (const FoyerCastPath *self, gint64 in_flight_us,
    gint64 now_us)
{
  gint64 end_us = now_us - foyer_cast_path_get_round_trip_us (self);

  return in_flight_us > self->delay_us / BACKLOG_OF_DELAY &&
      foyer_cast_bandwidth_get_goodput_bps (&self->bandwidth, end_us,
          BACKLOG_SPAN_US) *
          10 <
      foyer_cast_bandwidth_get_offered_bps (&self->bandwidth,
          end_us - BACKLOG_LAG_US, BACKLOG_SPAN_US) *
          ARRIVED_OF_10;
}

void
foyer_cast_path_add_backlog (FoyerCastPath *self, gint64 in_flight_us,
    gboolean is_refused, gint64 now_us)
{
  /* In silence frames are refused too; but nothing is known then, and the rate
   * from before is as good a guess for after as any. */
  if (now_us - self->feedback_us >
      SILENCE_US + 2 * foyer_cast_path_get_round_trip_us (self))
    return;
  if (is_refused || is_falling_behind (self, in_flight_us, now_us))
    self->n_jam_signs++;
}

/* With random losses anything that can still be shown in time is worth being
 * sent: a packet needs as many round trips as it is lost times, and the frames
 * behind it are not to blame. Only what the display lacks counts as in flight,
 * so that one frame that was unlucky thrice does not stop all others. Were the
 * limit openscreen's (half of the delay, or two round trips), a fifth of all
 * frames would be dropped for nothing at 20 % loss and 100 ms. A tenth is left
 * for the way back and the decoder.
 *
 * Where a queue stands in the network the frames at its end are the ones that
 * come too late. Then the limit keeps it under a half of the delay, as in
 * openscreen cast/streaming/sender.cc, and a bit, since a key frame fills half
 * of that by itself. The least round trip counts here: that of the moment grows
 * with the queue. */
gint64
foyer_cast_path_get_limit_us (const FoyerCastPath *self, gint64 now_us)
{
  if (has_queue (self, now_us))
    return self->delay_us * 6 / 10 + MAX (self->trip_queue.base_us, 0) / 2;
  return self->delay_us * 9 / 10;
}

gint64
foyer_cast_path_get_round_trip_us (const FoyerCastPath *self)
{
  return foyer_cast_round_trip_get_us (&self->round_trip);
}

gint64
foyer_cast_path_get_nack_age_us (const FoyerCastPath *self)
{
  /* The smoothed one is limited by the delay; a queue is not. */
  return MAX (foyer_cast_path_get_round_trip_us (self), self->last_trip_us);
}

gboolean
foyer_cast_path_is_clear (const FoyerCastPath *self, gint64 now_us)
{
  return !has_queue (self, now_us) &&
      (self->rate.jam_bps == 0 ||
          now_us - self->rate.lowered_us >= CLEAR_AFTER_US);
}

guint64
foyer_cast_path_update_rate (FoyerCastPath *self, gint64 now_us)
{
  FoyerCastRateInput input = {
    .estimate_bps = foyer_cast_bandwidth_estimate_bps (&self->bandwidth),
    .goodput_bps = foyer_cast_bandwidth_get_goodput_bps (&self->bandwidth,
        now_us - foyer_cast_path_get_round_trip_us (self), GOODPUT_SPAN_US),
    .is_jammed = self->n_jam_signs >= MIN_JAM_SIGNS || has_queue (self, now_us),
  };

  foyer_cast_rate_update (&self->rate, &input, now_us);
  if (now_us - self->signs_us >= FOYER_CAST_RATE_STEP_US) {
    self->n_jam_signs = 0;
    self->signs_us = now_us;
  }
  return input.estimate_bps;
}
