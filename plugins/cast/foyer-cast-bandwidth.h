/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the network carries, judged by what was sent and what was acknowledged
 * in the last 2.56 s: openscreen cast/streaming/bandwidth_estimator.h. Pure. */

#define FOYER_CAST_BANDWIDTH_SLICE_US 10000
#define FOYER_CAST_BANDWIDTH_N_SLICES 256

/* Amounts by time slice; the newest N_SLICES are kept. */
typedef struct
{
  guint32 amounts[FOYER_CAST_BANDWIDTH_N_SLICES];
  gint64 first_slice; /* oldest that is kept */
  gint64 end_slice;   /* one past the newest; first_slice if none */
} FoyerCastFlow;

typedef struct
{
  guint n_burst;         /* datagrams that a slice can hold */
  FoyerCastFlow sent;    /* datagrams */
  FoyerCastFlow offered; /* bytes of payload, enqueued */
  FoyerCastFlow acked;   /* bytes of payload, when the display had them */
} FoyerCastBandwidth;

void foyer_cast_bandwidth_init (FoyerCastBandwidth *self, guint n_burst,
    gint64 now_us);

/* A frame was enqueued. */
void foyer_cast_bandwidth_add_offered (FoyerCastBandwidth *self,
    guint32 n_bytes, gint64 now_us);

/* A datagram left. */
void foyer_cast_bandwidth_add_sent (FoyerCastBandwidth *self, gint64 now_us);

/**
 * foyer_cast_bandwidth_add_acked:
 * @self: an estimator
 * @n_bytes: payload of a frame that is complete at the display
 * @when_us: when the acknowledgement came, less the round trip
 */
void foyer_cast_bandwidth_add_acked (FoyerCastBandwidth *self, guint32 n_bytes,
    gint64 when_us);

/**
 * foyer_cast_bandwidth_estimate_bps:
 * @self: an estimator
 *
 * What would arrive if datagrams left all the time: acknowledged bits over the
 * part of the time that was used for sending. So a low rate does not make a low
 * estimate, and retransmissions do.
 *
 * Returns: bit/s; 0 while less than half the window is known
 */
guint64 foyer_cast_bandwidth_estimate_bps (const FoyerCastBandwidth *self);

/* Payload that was acknowledged, or enqueued, in the @span_us before @end_us;
 * bit/s. */
guint64 foyer_cast_bandwidth_get_goodput_bps (const FoyerCastBandwidth *self,
    gint64 end_us, gint64 span_us);
guint64 foyer_cast_bandwidth_get_offered_bps (const FoyerCastBandwidth *self,
    gint64 end_us, gint64 span_us);

G_END_DECLS
