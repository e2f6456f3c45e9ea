/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-bandwidth.h"

#include <string.h>

#define N_SLICES   FOYER_CAST_BANDWIDTH_N_SLICES
#define SLICE_US   FOYER_CAST_BANDWIDTH_SLICE_US
#define MIN_SLICES (N_SLICES / 2)

static guint32 *
get_slot (FoyerCastFlow *self, gint64 slice)
{
  return &self->amounts[(guint64) slice % N_SLICES];
}

static void
flow_init (FoyerCastFlow *self, gint64 now_us)
{
  memset (self, 0, sizeof *self);
  self->first_slice = self->end_slice = now_us / SLICE_US;
}

/* Makes @slice the newest; those in between are empty. */
static void
flow_advance (FoyerCastFlow *self, gint64 slice)
{
  if (slice - self->end_slice >= N_SLICES)
    self->end_slice = slice - N_SLICES + 1;
  while (self->end_slice <= slice)
    *get_slot (self, self->end_slice++) = 0;
  self->first_slice = MAX (self->first_slice, self->end_slice - N_SLICES);
}

static void
flow_add (FoyerCastFlow *self, guint32 amount, gint64 when_us)
{
  gint64 slice = when_us / SLICE_US;
  guint32 *slot;

  flow_advance (self, slice);
  if (when_us < 0 || slice < self->first_slice)
    return;
  slot = get_slot (self, slice);
  *slot = amount > G_MAXUINT32 - *slot ? G_MAXUINT32 : *slot + amount;
}

static guint64
flow_sum (const FoyerCastFlow *self, gint64 first_slice, gint64 end_slice)
{
  guint64 sum = 0;

  first_slice = MAX (first_slice, self->first_slice);
  end_slice = MIN (end_slice, self->end_slice);
  for (gint64 slice = first_slice; slice < end_slice; slice++)
    sum += self->amounts[(guint64) slice % N_SLICES];
  return sum;
}

void
foyer_cast_bandwidth_init (FoyerCastBandwidth *self, guint n_burst,
    gint64 now_us)
{
  self->n_burst = n_burst;
  flow_init (&self->sent, now_us);
  flow_init (&self->offered, now_us);
  flow_init (&self->acked, now_us);
}

void
foyer_cast_bandwidth_add_sent (FoyerCastBandwidth *self, gint64 now_us)
{
  flow_add (&self->sent, 1, now_us);
}

void
foyer_cast_bandwidth_add_offered (FoyerCastBandwidth *self, guint32 n_bytes,
    gint64 now_us)
{
  flow_add (&self->offered, n_bytes, now_us);
}

void
foyer_cast_bandwidth_add_acked (FoyerCastBandwidth *self, guint32 n_bytes,
    gint64 when_us)
{
  flow_add (&self->acked, n_bytes, when_us);
}

guint64
foyer_cast_bandwidth_estimate_bps (const FoyerCastBandwidth *self)
{
  gint64 first = MAX (self->sent.first_slice, self->acked.first_slice);
  gint64 end = MIN (self->sent.end_slice, self->acked.end_slice);
  guint64 n_sent;
  guint64 n_acked_bytes;

  if (end - first < MIN_SLICES)
    return 0;
  n_sent = flow_sum (&self->sent, first, end);
  n_acked_bytes = flow_sum (&self->acked, first, end);
  if (n_sent == 0)
    return 0;
  /* bits / (window × sent / possible); possible = slices × n_burst, so that the
   * number of slices cancels out */
  return n_acked_bytes * 8 * self->n_burst * (G_USEC_PER_SEC / SLICE_US) /
      n_sent;
}

static guint64
flow_get_bps (const FoyerCastFlow *self, gint64 end_us, gint64 span_us)
{
  gint64 end = end_us / SLICE_US + 1;
  gint64 n_slices = CLAMP (span_us / SLICE_US, 1, N_SLICES);

  return flow_sum (self, end - n_slices, end) * 8 *
      (guint64) (G_USEC_PER_SEC / SLICE_US) / (guint64) n_slices;
}

guint64
foyer_cast_bandwidth_get_goodput_bps (const FoyerCastBandwidth *self,
    gint64 end_us, gint64 span_us)
{
  return flow_get_bps (&self->acked, end_us, span_us);
}

guint64
foyer_cast_bandwidth_get_offered_bps (const FoyerCastBandwidth *self,
    gint64 end_us, gint64 span_us)
{
  return flow_get_bps (&self->offered, end_us, span_us);
}
