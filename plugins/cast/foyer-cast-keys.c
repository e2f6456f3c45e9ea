/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-keys.h"

#include <nettle/hkdf.h>
#include <nettle/hmac.h>
#include <string.h>

#define PREFIX       "foyer cast stream"
#define PREFIX_BYTES (sizeof PREFIX - 1)
#define INFO_BYTES   (PREFIX_BYTES + 3 * 8 + 4 + 1 + 1)

void
foyer_cast_key_root_clear (FoyerCastKeyRoot *self)
{
  explicit_bzero (self, sizeof *self);
}

void
foyer_cast_keys_expand (const guint8 *secret, gsize n_secret,
    const guint8 *salt, gsize n_salt, const guint8 *info, gsize n_info,
    guint8 *out, gsize n_out)
{
  struct hmac_sha256_ctx hmac;
  guint8 middle[SHA256_DIGEST_SIZE];

  /* An HMAC key is filled up with zeros: none is the same as 32 of them. */
  hmac_sha256_set_key (&hmac, n_salt, salt);
  hkdf_extract (&hmac, (nettle_hash_update_func *) hmac_sha256_update,
      (nettle_hash_digest_func *) hmac_sha256_digest, SHA256_DIGEST_SIZE,
      n_secret, secret, middle);
  hmac_sha256_set_key (&hmac, sizeof middle, middle);
  hkdf_expand (&hmac, (nettle_hash_update_func *) hmac_sha256_update,
      (nettle_hash_digest_func *) hmac_sha256_digest, SHA256_DIGEST_SIZE,
      n_info, info, n_out, out);
  explicit_bzero (&hmac, sizeof hmac);
  explicit_bzero (middle, sizeof middle);
}

static guint8 *
put_number (guint8 *out, guint64 number, guint n_bytes)
{
  for (guint i = 0; i < n_bytes; i++)
    out[i] = (guint8) (number >> (8 * (n_bytes - 1 - i)));
  return out + n_bytes;
}

void
foyer_cast_keys_derive (const FoyerCastKeyRoot *root,
    const FoyerCastKeyLabel *label, FoyerKey *key, FoyerKey *iv_mask)
{
  guint8 info[INFO_BYTES];
  guint8 out[2 * FOYER_KEY_BYTES];
  guint8 *at = info + PREFIX_BYTES;

  memcpy (info, PREFIX, PREFIX_BYTES);
  at = put_number (at, root->session, 8);
  at = put_number (at, label->camera, 8);
  at = put_number (at, label->generation, 8);
  at = put_number (at, label->offer, 4);
  at = put_number (at, (guint64) label->kind, 1);
  put_number (at, (guint64) label->codec, 1);
  foyer_cast_keys_expand (root->secret, sizeof root->secret, NULL, 0, info,
      sizeof info, out, sizeof out);
  memcpy (key->bytes, out, FOYER_KEY_BYTES);
  memcpy (iv_mask->bytes, out + FOYER_KEY_BYTES, FOYER_KEY_BYTES);
  explicit_bzero (out, sizeof out);
}
