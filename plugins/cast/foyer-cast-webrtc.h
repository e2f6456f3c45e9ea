/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-types.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What all messages of the webrtc namespace have in common, and the small ones
 * among them; OFFER and ANSWER are in foyer-cast-offer.h. Pure. */

#define FOYER_CAST_NO_SEQUENCE ((gint64) -1)

typedef enum
{
  FOYER_CAST_WEBRTC_UNKNOWN = 0,
  FOYER_CAST_WEBRTC_OFFER,
  FOYER_CAST_WEBRTC_ANSWER,
  FOYER_CAST_WEBRTC_GET_CAPABILITIES,
  FOYER_CAST_WEBRTC_GET_STATUS,
} FoyerCastWebrtcType;

/**
 * foyer_cast_webrtc_get_type:
 * @message: (transfer none): any message of the namespace
 * @sequence: (out): its seqNum, %FOYER_CAST_NO_SEQUENCE if it has none; an
 *   OFFER without one is dropped without an answer, as is an ANSWER with
 *   another's
 *
 * Returns: its type, whatever its letters' case
 */
FoyerCastWebrtcType foyer_cast_webrtc_get_type (JsonObject *message,
    gint64 *sequence);

/**
 * foyer_cast_webrtc_print_capabilities:
 * @codecs: (array length=n_codecs): what the display takes
 * @n_codecs: how many
 * @sequence: the question's seqNum
 *
 * Returns: (transfer full): a CAPABILITIES_RESPONSE without remoting
 */
char *foyer_cast_webrtc_print_capabilities (const FoyerCastCodec *codecs,
    guint n_codecs, gint64 sequence);

G_END_DECLS
