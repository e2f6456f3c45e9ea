/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-bandwidth.h"
#include "foyer-cast-queue-meter.h"
#include "foyer-cast-rate.h"
#include "foyer-cast-round-trip.h"

#include <glib.h>

G_BEGIN_DECLS

/* What a sender knows of the path to its display, and what follows: how much
 * may be under way, how much the video encoder should make. Two things look
 * alike from here, and want opposite answers: packets lost at random, which
 * cost a round trip each and nothing else; and a jam, a bottleneck with less
 * than we send, where every frame more makes all later ones late. Pure; times
 * are monotonic microseconds. */

typedef struct
{
  gint64 delay_us; /* target delay */
  FoyerCastBandwidth bandwidth;
  FoyerCastRoundTrip round_trip;
  gint64 last_trip_us;             /* newest sample, 0 for none */
  FoyerCastQueueMeter trip_queue;  /* from round trips */
  FoyerCastQueueMeter frame_queue; /* from frames sent without repetition */
  FoyerCastRate rate;
  guint n_jam_signs; /* since signs_us */
  gint64 signs_us;
  gint64 feedback_us; /* when the last feedback came */
} FoyerCastPath;

/* @n_burst: datagrams that may leave in 10 ms */
void foyer_cast_path_init (FoyerCastPath *self, gint64 delay_us, guint n_burst,
    gint64 now_us);

/* The target delay, which bounds what is kept on the way. */
void foyer_cast_path_set_delay (FoyerCastPath *self, gint64 delay_us);

/* Feedback came. */
void foyer_cast_path_add_feedback (FoyerCastPath *self, gint64 now_us);

/* A report was answered after @sample_us, the display's own delay deducted. */
void foyer_cast_path_add_round_trip (FoyerCastPath *self, gint64 sample_us,
    gint64 now_us);

/* @n_bytes of frames were acknowledged; the newest of them was sent
 * @clean_us before, at once and once only; -1 if that is not so. */
void foyer_cast_path_add_acked (FoyerCastPath *self, guint64 n_bytes,
    gint64 clean_us, gint64 now_us);

/**
 * foyer_cast_path_add_backlog:
 * @self: a path
 * @in_flight_us: media that the display lacked when a picture was captured
 * @is_refused: whether that was more than the limit
 */
void foyer_cast_path_add_backlog (FoyerCastPath *self, gint64 in_flight_us,
    gboolean is_refused, gint64 now_us);

/* How much media may be in flight. */
gint64 foyer_cast_path_get_limit_us (const FoyerCastPath *self, gint64 now_us);

/* The smoothed round trip, 0 while unknown. */
gint64 foyer_cast_path_get_round_trip_us (const FoyerCastPath *self);

/* How long ago a packet must have left for a NACK that comes now to be about
 * it. */
gint64 foyer_cast_path_get_nack_age_us (const FoyerCastPath *self);

/* Whether no jam is known, nor was lately. */
gboolean foyer_cast_path_is_clear (const FoyerCastPath *self, gint64 now_us);

/* Brings rate.bps up to date; the estimate is returned, 0 while unknown. */
guint64 foyer_cast_path_update_rate (FoyerCastPath *self, gint64 now_us);

G_END_DECLS
