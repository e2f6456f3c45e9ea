/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How fast datagrams may leave: a bucket of one burst that refills steadily.
 * A frame that meets a full bucket leaves at once, not on the next tick of a
 * grid; a large one follows in small groups. Pure. */

/* openscreen cast/streaming/sender_packet_router.h: 24 Mi bit/s, in bursts of
 * 10 ms. */
#define FOYER_CAST_PACER_BPS      (24 * 1024 * 1024)
#define FOYER_CAST_PACER_BURST_US 10000
/* Waking up for each packet would cost more than it saves. */
#define FOYER_CAST_PACER_QUANTUM 5

typedef struct
{
  guint n_burst;    /* datagrams in 10 ms */
  gint64 credit;    /* datagrams × FOYER_CAST_PACER_BURST_US */
  gint64 filled_us; /* when credit was brought up to date */
} FoyerCastPacer;

/* Starts full. @max_datagram_bytes: size of a datagram, more than 0 */
void foyer_cast_pacer_init (FoyerCastPacer *self, gsize max_datagram_bytes,
    gint64 now_us);

/* Whether a datagram may leave now. */
gboolean foyer_cast_pacer_may_send (FoyerCastPacer *self, gint64 now_us);

/* A datagram left; reports may overdraw, by one burst at most. */
void foyer_cast_pacer_take (FoyerCastPacer *self, gint64 now_us);

/* When as many of @n_waiting (more than 0) datagrams may leave as make a
 * wake-up worth while; @now_us or earlier if they may now. */
gint64 foyer_cast_pacer_get_next_us (FoyerCastPacer *self, guint n_waiting,
    gint64 now_us);

G_END_DECLS
