/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-display.h"
#include "foyer-cast-offer.h"

G_BEGIN_DECLS

/* What a display takes of an OFFER: for audio and for video the first codec of
 * its own list that is offered. Pure. openscreen
 * cast/streaming/receiver_session.cc */

/* openscreen Error::Code, plus 10000, as ANSWER carries them; sections 3.7 and
 * 6.1 of the protocol notes count them. */
#define FOYER_CAST_ANSWER_BAD_OFFER  10092
#define FOYER_CAST_ANSWER_NO_SOCKET  10104
#define FOYER_CAST_ANSWER_NO_STREAMS 10107

/**
 * FoyerCastSelection:
 * @answer: the ANSWER
 * @streams: (array length=n_streams): for the engine, keys inside
 * @n_streams: one or two
 */
typedef struct
{
  FoyerCastAnswer answer;
  FoyerCastStreamConfig streams[FOYER_CAST_MAX_STREAMS];
  guint n_streams;
} FoyerCastSelection;

void foyer_cast_selection_clear (FoyerCastSelection *self); /* wipes */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastSelection,
    foyer_cast_selection_clear)

/**
 * foyer_cast_selection_init:
 * @self: (out caller-allocates): the selection
 * @config: the display
 * @offer: (transfer none): what is offered
 * @udp_port: where it is to be sent
 * @max_datagram_bytes: 1472 or 1452
 *
 * Returns: %FALSE if nothing of it is of use
 */
gboolean foyer_cast_selection_init (FoyerCastSelection *self,
    const FoyerCastDisplayConfig *config, const FoyerCastOffer *offer,
    guint16 udp_port, gsize max_datagram_bytes);

G_END_DECLS
