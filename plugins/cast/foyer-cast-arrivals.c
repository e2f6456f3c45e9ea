/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-arrivals.h"

#define MAX_CUMULATIVE_LOST 0xffffff /* 24 bits */

static void
follow_sequence (FoyerCastArrivals *self, guint16 sequence)
{
  gint16 step;

  self->n_received++;
  if (!self->is_begun) {
    self->first_sequence = self->highest_sequence = sequence;
    return;
  }
  step = (gint16) (sequence - (guint16) self->highest_sequence);
  if (step > 0)
    self->highest_sequence += step;
}

void
foyer_cast_arrivals_add (FoyerCastArrivals *self, guint16 sequence,
    guint32 rtp_timestamp, guint32 time_base_hz, gint64 now_us)
{
  gint64 arrival = now_us / 100 * time_base_hz / 10000;
  gint64 transit = (gint32) ((guint32) arrival - rtp_timestamp);
  gint64 change = ABS (transit - self->transit_ticks);

  follow_sequence (self, sequence);
  if (self->is_begun)
    self->jitter_16ths += change - (self->jitter_16ths + 8) / 16;
  self->transit_ticks = transit;
  self->is_begun = TRUE;
}

static gint64
get_n_expected (const FoyerCastArrivals *self)
{
  if (!self->is_begun)
    return 0;
  return self->highest_sequence - self->first_sequence + 1;
}

gint64
foyer_cast_arrivals_get_n_lost (const FoyerCastArrivals *self)
{
  return MAX (get_n_expected (self) - self->n_received, 0);
}

void
foyer_cast_arrivals_report (FoyerCastArrivals *self,
    FoyerCastReportBlock *block)
{
  gint64 n_expected = get_n_expected (self);

  block->fraction_lost = foyer_cast_rtcp_get_fraction_lost (n_expected -
          self->n_expected_before,
      self->n_received - self->n_received_before);
  block->n_cumulative_lost = (guint32) MIN (foyer_cast_arrivals_get_n_lost (
                                                self),
      MAX_CUMULATIVE_LOST);
  block->highest_sequence = (guint32) self->highest_sequence;
  block->jitter_ticks = (guint32) CLAMP (self->jitter_16ths / 16, 0,
      G_MAXUINT32);
  self->n_expected_before = n_expected;
  self->n_received_before = self->n_received;
}
