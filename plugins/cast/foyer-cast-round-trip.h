/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The round trip of one session, from reports and the blocks that answer them
 * (RFC 3550 §6.4.1), and how much of it is a queue. Pure. */

#define FOYER_CAST_MIN_ROUND_TRIP_US \
  75 /* openscreen cast/streaming/sender.cc */

typedef struct
{
  gint64 max_us;      /* the target delay: no sample counts for more */
  gint64 smoothed_us; /* -1 while unknown */
} FoyerCastRoundTrip;

void foyer_cast_round_trip_init (FoyerCastRoundTrip *self, gint64 max_us);

/* Takes a sample: arrival less sending less the display's own delay. Follows
 * up by halves, down by eighths: openscreen HEAD
 * cast/streaming/impl/sender_impl.cc */
void foyer_cast_round_trip_add (FoyerCastRoundTrip *self, gint64 sample_us);

/* Smoothed, 0 while unknown. */
gint64 foyer_cast_round_trip_get_us (const FoyerCastRoundTrip *self);

G_END_DECLS
