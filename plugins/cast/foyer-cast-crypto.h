/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-types.h"

#include <nettle/aes.h>

G_BEGIN_DECLS

/* Frame encryption: AES-128 in CTR mode over the whole coded frame, before it
 * is cut into packets. Pure. The first counter block is the stream's IV mask
 * XOR (8 zero bytes, low 32 bits of the frame id, 4 zero bytes):
 * openscreen cast/streaming/frame_crypto.cc */

typedef struct
{
  struct aes128_ctx aes; /* secret */
  FoyerKey iv_mask;
} FoyerCastCrypto;

void foyer_cast_crypto_init (FoyerCastCrypto *self, const FoyerKey *key,
    const FoyerKey *iv_mask);
void foyer_cast_crypto_clear (FoyerCastCrypto *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastCrypto, foyer_cast_crypto_clear)

/**
 * foyer_cast_crypto_apply:
 * @self: a stream's keys
 * @frame_id: the frame's id, whole
 * @in: (array length=n_bytes): plain or encrypted frame
 * @out: (array length=n_bytes): the other; may be @in
 * @n_bytes: length of both
 *
 * Encrypts and decrypts: they are one operation.
 */
void foyer_cast_crypto_apply (const FoyerCastCrypto *self,
    FoyerCastFrameId frame_id, const guint8 *in, guint8 *out, gsize n_bytes);

G_END_DECLS
