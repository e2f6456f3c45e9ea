/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-rtcp.h"

#include <glib.h>

G_BEGIN_DECLS

/* What a report block says of the datagrams of a stream: RFC 3550 §6.4.1,
 * Appendix A.3 and A.8. Pure. */

typedef struct
{
  gboolean is_begun;
  gint64 first_sequence;
  gint64 highest_sequence; /* extended */
  gint64 n_received;
  gint64 n_expected_before; /* at the last report */
  gint64 n_received_before;
  gint64 transit_ticks; /* of the last datagram, with an unknown offset */
  gint64 jitter_16ths;  /* in ticks */
} FoyerCastArrivals;

/* Counts a datagram that came. */
void foyer_cast_arrivals_add (FoyerCastArrivals *self, guint16 sequence,
    guint32 rtp_timestamp, guint32 time_base_hz, gint64 now_us);

/* Datagrams that never came: 0 or more. */
gint64 foyer_cast_arrivals_get_n_lost (const FoyerCastArrivals *self);

/* Fills all of @block but the two fields on the last report; the fraction is
 * that since the last call. */
void foyer_cast_arrivals_report (FoyerCastArrivals *self,
    FoyerCastReportBlock *block);

G_END_DECLS
