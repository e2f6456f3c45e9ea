/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the video encoder is told to make. Pure. */

/* openscreen cast/standalone_sender/looping_file_sender.cc */
#define FOYER_CAST_RATE_STEP_US 500000

typedef struct
{
  guint32 min_bps;
  guint32 max_bps;
  guint32 bps;
  gint64 raised_us;  /* last raise, or last fall */
  gint64 lowered_us; /* last fall for a jam */
  guint32 jam_bps;   /* what was made when it began; 0 for none */
} FoyerCastRate;

/**
 * FoyerCastRateInput:
 * @estimate_bps: what the network carries; 0 for unknown
 * @goodput_bps: what arrived lately
 * @is_jammed: a queue stands in the network, or frames had to be dropped
 */
typedef struct
{
  guint64 estimate_bps;
  guint64 goodput_bps;
  gboolean is_jammed;
} FoyerCastRateInput;

/* Starts at half of @max_bps but not under @min_bps. */
void foyer_cast_rate_init (FoyerCastRate *self, guint32 min_bps,
    guint32 max_bps, gint64 now_us);

/* Falls at once to what the network carries, rises by a tenth every 500 ms. */
void foyer_cast_rate_update (FoyerCastRate *self,
    const FoyerCastRateInput *input, gint64 now_us);

G_END_DECLS
