/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-offer.h"
#include "foyer-cast-session.h"

G_BEGIN_DECLS

/* The sender's side of OFFER and ANSWER: which ANSWER belongs to which OFFER,
 * and what the two come to. Pure. */

/**
 * FoyerCastNegotiation:
 * @root: (nullable): what keys are derived from; set by the owner, stays his
 * @offer: the last OFFER; holds keys
 * @sequence: its seqNum, from 1; 0 for none yet
 * @is_waiting: it was not answered yet
 */
typedef struct
{
  const FoyerCastKeyRoot *root;
  FoyerCastOffer offer;
  gint64 sequence;
  gboolean is_waiting;
} FoyerCastNegotiation;

void foyer_cast_negotiation_clear (FoyerCastNegotiation *self); /* wipes */

/**
 * FoyerCastSettlement:
 * @udp_port: the display's
 * @configs: (array length=n_streams): for the engine, keys inside
 * @streams: (array length=n_streams): the same for who makes the frames
 * @n_streams: how many, in the order of the OFFER
 * @min_bps: least video bit rate
 * @max_bps: most
 * @max_delay_ms: the longest target delay the display takes; 0 if not said
 */
typedef struct
{
  guint16 udp_port;
  FoyerCastStreamConfig configs[FOYER_CAST_MAX_STREAMS];
  FoyerCastSessionStream streams[FOYER_CAST_MAX_STREAMS];
  guint n_streams;
  guint32 min_bps;
  guint32 max_bps;
  guint32 max_delay_ms;
} FoyerCastSettlement;

void foyer_cast_settlement_clear (FoyerCastSettlement *self); /* wipes */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastSettlement,
    foyer_cast_settlement_clear)

/**
 * foyer_cast_negotiation_begin:
 * @self: zeroed, or used before: an OFFER not yet answered is forgotten
 * @wish: what to offer
 *
 * Returns: (transfer full): the OFFER to send. It holds keys: never log it
 */
char *foyer_cast_negotiation_begin (FoyerCastNegotiation *self,
    const FoyerCastOfferWish *wish);

/* Whether @message is the ANSWER to the OFFER now waiting, and not a late one,
 * a second one, or something else. */
gboolean foyer_cast_negotiation_is_answer (const FoyerCastNegotiation *self,
    JsonObject *message);

/**
 * foyer_cast_negotiation_finish:
 * @self: a negotiation that waits
 * @message: (transfer none): its ANSWER
 * @max_datagram_bytes: 1472 or 1452
 * @settlement: (out caller-allocates): what it comes to
 * @error: return location
 *
 * The OFFER waits no longer, whatever came.
 *
 * Returns: %FALSE as foyer_cast_answer_parse() does
 */
gboolean foyer_cast_negotiation_finish (FoyerCastNegotiation *self,
    JsonObject *message, gsize max_datagram_bytes,
    FoyerCastSettlement *settlement, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
