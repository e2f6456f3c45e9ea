/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-types.h"

G_BEGIN_DECLS

/* Keys that are bound to where a frame comes from. Pure. A session has one
 * secret, and each stream's key is derived from it for one camera: a frame of
 * another camera is encrypted under a key that the display was never given, and
 * is noise there.
 *
 *     key || mask = HKDF-SHA256 (secret, no salt, info, 32 bytes)   RFC 5869
 *
 *     info:  0                17       25      33          41     45    46  47
 *            | "foyer cast    |session |camera |generation |offer |kind |codec|
 *            |  stream"       |   8    |   8   |     8     |  4   |  1  |  1  |
 *
 * Numbers are big endian. The number of the OFFER is in it since frame ids begin
 * anew with each, and a counter must never meet the same key twice. */

#define FOYER_CAST_SECRET_BYTES 32

/**
 * FoyerCastKeyRoot:
 * @secret: random, of this session alone
 * @session: the session
 * @camera: the camera of its grant
 * @generation: which opening of it
 *
 * What the keys of a session are derived from.
 */
typedef struct
{
  guint8 secret[FOYER_CAST_SECRET_BYTES];
  guint64 session;
  guint64 camera;
  guint64 generation;
} FoyerCastKeyRoot;

void foyer_cast_key_root_clear (FoyerCastKeyRoot *self); /* wipes */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastKeyRoot, foyer_cast_key_root_clear)

/**
 * FoyerCastKeyLabel:
 * @camera: where frames come from
 * @generation: which opening of it
 * @offer: seqNum of the OFFER
 * @kind: of the stream
 * @codec: of the stream
 *
 * What a key is for.
 */
typedef struct
{
  guint64 camera;
  guint64 generation;
  guint32 offer;
  FoyerCastStreamKind kind;
  FoyerCastCodec codec;
} FoyerCastKeyLabel;

/**
 * foyer_cast_keys_derive:
 * @root: whose
 * @label: what for
 * @key: (out caller-allocates): AES-128 key
 * @iv_mask: (out caller-allocates): nonce mask
 */
void foyer_cast_keys_derive (const FoyerCastKeyRoot *root,
    const FoyerCastKeyLabel *label, FoyerKey *key, FoyerKey *iv_mask);

/**
 * foyer_cast_keys_expand:
 * @secret: (array length=n_secret): what is secret
 * @n_secret: its length
 * @salt: (array length=n_salt): need not be secret
 * @n_salt: its length; 0 for the salt of zeros
 * @info: (array length=n_info): what for
 * @n_info: its length
 * @out: (array length=n_out): the key material
 * @n_out: at most 255 times 32
 *
 * HKDF-SHA256 as a whole: RFC 5869 §2.2 and §2.3.
 */
void foyer_cast_keys_expand (const guint8 *secret, gsize n_secret,
    const guint8 *salt, gsize n_salt, const guint8 *info, gsize n_info,
    guint8 *out, gsize n_out);

G_END_DECLS
