/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-auth.h"
#include "foyer-cast-message.h"

G_BEGIN_DECLS

/* Device authentication as messages of the channel: the first one after TLS,
 * before which nothing else may be said. Pure but for the nonce, which is fresh
 * for each connection. */

typedef struct
{
  guint8 nonce[FOYER_CAST_NONCE_BYTES];
} FoyerCastHandshake;

/**
 * foyer_cast_handshake_begin:
 * @self: (out caller-allocates): a handshake with a nonce of its own
 *
 * Returns: (transfer full): the challenge to send
 */
FoyerCastMessage *foyer_cast_handshake_begin (FoyerCastHandshake *self);

/* Whether @message is the display's answer; all others are none of ours. */
gboolean foyer_cast_handshake_is_reply (const FoyerCastMessage *message);

/**
 * foyer_cast_handshake_finish:
 * @self: a handshake
 * @reply: (transfer none) (nullable): the answer; %NULL if none came
 * @leaf: (transfer none): DER of the display's TLS certificate
 * @trust: the roots
 * @now_s: time of day, seconds since 1970
 * @identity: (out caller-allocates): who it is, always filled in
 */
void foyer_cast_handshake_finish (const FoyerCastHandshake *self,
    const FoyerCastMessage *reply, GBytes *leaf, const FoyerCastTrust *trust,
    gint64 now_s, FoyerCastIdentity *identity);

G_END_DECLS
