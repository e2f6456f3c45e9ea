/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-handshake.h"

#include "foyer-random.h"

FoyerCastMessage *
foyer_cast_handshake_begin (FoyerCastHandshake *self)
{
  g_autoptr (GBytes) challenge = NULL;

  foyer_random_fill (self->nonce, sizeof self->nonce);
  challenge = foyer_cast_auth_print_challenge (self->nonce);
  return foyer_cast_message_new_binary (FOYER_CAST_PLATFORM_SENDER,
      FOYER_CAST_PLATFORM_RECEIVER, FOYER_CAST_NS_AUTH, challenge);
}

gboolean
foyer_cast_handshake_is_reply (const FoyerCastMessage *message)
{
  return g_str_equal (message->name_space, FOYER_CAST_NS_AUTH);
}

void
foyer_cast_handshake_finish (const FoyerCastHandshake *self,
    const FoyerCastMessage *reply, GBytes *leaf, const FoyerCastTrust *trust,
    gint64 now_s, FoyerCastIdentity *identity)
{
  /* A text is no answer; the verifier says so of nothing at all. */
  foyer_cast_auth_verify (reply != NULL ? reply->binary : NULL, self->nonce,
      leaf, trust, now_s, identity);
}
