/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long the queue in the network is: the least delay of a short interval
 * over the least delay of the last seconds. The least, because single samples
 * are late for many reasons, but only a standing queue delays them all (as
 * RFC 8289 §3 has it). Pure. */

#define FOYER_CAST_QUEUE_INTERVAL_US 250000
#define FOYER_CAST_QUEUE_BASE_US     10000000
#define FOYER_CAST_QUEUE_MIN_SAMPLES 2
/* An interval says nothing about the network this long after. */
#define FOYER_CAST_QUEUE_STALE_US 1500000

typedef struct
{
  gint64 base_us;       /* least of the last BASE_US at least; -1 for none */
  gint64 next_base_us;  /* least since base_since_us */
  gint64 base_since_us; /* when next_base_us was begun */
  gint64 least_us;      /* least of this interval; -1 for none */
  guint n_samples;      /* of this interval */
  gint64 interval_us;   /* when it began */
  gint64 queue_us;      /* of the last interval */
  gint64 measured_us;   /* when that ended */
} FoyerCastQueueMeter;

void foyer_cast_queue_meter_init (FoyerCastQueueMeter *self, gint64 now_us);

/* @delay_us: from sending to the answer, of something sent once */
void foyer_cast_queue_meter_add (FoyerCastQueueMeter *self, gint64 delay_us,
    gint64 now_us);

/* The standing queue, in microseconds; 0 while unknown. */
gint64 foyer_cast_queue_meter_get_us (const FoyerCastQueueMeter *self,
    gint64 now_us);

G_END_DECLS
