/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-crypto.h"

#include <nettle/ctr.h>
#include <nettle/nettle-meta.h>
#include <string.h>

/* The frame id stands in these bytes of the counter block, big-endian. */
#define FRAME_ID_AT 8

G_STATIC_ASSERT (FOYER_KEY_BYTES == AES128_KEY_SIZE);
G_STATIC_ASSERT (FOYER_KEY_BYTES == AES_BLOCK_SIZE);

void
foyer_cast_crypto_init (FoyerCastCrypto *self, const FoyerKey *key,
    const FoyerKey *iv_mask)
{
  aes128_set_encrypt_key (&self->aes, key->bytes);
  self->iv_mask = *iv_mask;
}

void
foyer_cast_crypto_clear (FoyerCastCrypto *self)
{
  explicit_bzero (&self->aes, sizeof self->aes);
  foyer_key_clear (&self->iv_mask);
}

static void
make_counter (const FoyerCastCrypto *self, FoyerCastFrameId frame_id,
    guint8 *counter)
{
  guint32 low = (guint32) frame_id;

  memcpy (counter, self->iv_mask.bytes, AES_BLOCK_SIZE);
  for (guint i = 0; i < sizeof low; i++)
    counter[FRAME_ID_AT + i] ^= (guint8) (low >> (24 - 8 * i));
}

void
foyer_cast_crypto_apply (const FoyerCastCrypto *self, FoyerCastFrameId frame_id,
    const guint8 *in, guint8 *out, gsize n_bytes)
{
  guint8 counter[AES_BLOCK_SIZE];

  make_counter (self, frame_id, counter);
  ctr_crypt (&self->aes, nettle_aes128.encrypt, AES_BLOCK_SIZE, counter,
      n_bytes, out, in);
}
