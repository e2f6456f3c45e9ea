/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-pacer.h"

#define COST FOYER_CAST_PACER_BURST_US /* of one datagram, in credit */

void
foyer_cast_pacer_init (FoyerCastPacer *self, gsize max_datagram_bytes,
    gint64 now_us)
{
  gsize n_burst = FOYER_CAST_PACER_BPS / 8 / max_datagram_bytes *
      FOYER_CAST_PACER_BURST_US / G_USEC_PER_SEC;

  self->n_burst = (guint) MAX (n_burst, 1);
  self->credit = (gint64) self->n_burst * COST;
  self->filled_us = now_us;
}

static void
refill (FoyerCastPacer *self, gint64 now_us)
{
  gint64 full = (gint64) self->n_burst * COST;
  gint64 passed_us = now_us - self->filled_us;

  if (passed_us <= 0)
    return;
  self->filled_us = now_us;
  /* Two bursts of time fill any bucket, and n_burst credits come each µs. */
  passed_us = MIN (passed_us, 2 * FOYER_CAST_PACER_BURST_US);
  self->credit = MIN (self->credit + passed_us * self->n_burst, full);
}

gboolean
foyer_cast_pacer_may_send (FoyerCastPacer *self, gint64 now_us)
{
  refill (self, now_us);
  return self->credit >= COST;
}

void
foyer_cast_pacer_take (FoyerCastPacer *self, gint64 now_us)
{
  refill (self, now_us);
  self->credit = MAX (self->credit - COST, -(gint64) self->n_burst * COST);
}

gint64
foyer_cast_pacer_get_next_us (FoyerCastPacer *self, guint n_waiting,
    gint64 now_us)
{
  gint64 wanted = (gint64) MIN (n_waiting,
                      MIN (FOYER_CAST_PACER_QUANTUM, self->n_burst)) *
      COST;

  refill (self, now_us);
  if (self->credit >= MIN (wanted, COST))
    return now_us;
  return self->filled_us +
      (wanted - self->credit + self->n_burst - 1) / self->n_burst;
}
