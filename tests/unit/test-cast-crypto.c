/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-crypto.h"
#include "foyer-test-data.h"

#include <string.h>

/* openscreen cast/streaming/sender_unittest.cc */
#define KEY  "000102030405060708090a0b0c0d0e0f"
#define MASK "f0e0d0c0b0a090807060504030201000"

/* openscreen cast/streaming/frame_crypto_unittest.cc, its NUL included */
static const char fox[] = "The quick brown fox jumps over the lazy dog.";

static void
init (FoyerCastCrypto *crypto, const char *key_hex, const char *mask_hex)
{
  g_autoptr (GBytes) key_bytes = foyer_test_hex (key_hex);
  g_autoptr (GBytes) mask_bytes = foyer_test_hex (mask_hex);
  FoyerKey key;
  FoyerKey mask;

  g_assert_cmpuint (g_bytes_get_size (key_bytes), ==, FOYER_KEY_BYTES);
  g_assert_cmpuint (g_bytes_get_size (mask_bytes), ==, FOYER_KEY_BYTES);
  memcpy (key.bytes, g_bytes_get_data (key_bytes, NULL), FOYER_KEY_BYTES);
  memcpy (mask.bytes, g_bytes_get_data (mask_bytes, NULL), FOYER_KEY_BYTES);
  foyer_cast_crypto_init (crypto, &key, &mask);
}

/* Zeros, encrypted, are the key stream. */
static void
assert_key_stream (const char *key, const char *mask, FoyerCastFrameId frame_id,
    gsize n_bytes, const char *expected)
{
  static const guint8 zeros[64];
  g_auto (FoyerCastCrypto) crypto = { 0 };
  guint8 out[64];

  g_assert_cmpuint (n_bytes, <=, sizeof out);
  init (&crypto, key, mask);
  foyer_cast_crypto_apply (&crypto, frame_id, zeros, out, n_bytes);
  foyer_test_assert_hex (out, n_bytes, expected);

  memset (out, 0, sizeof out);
  foyer_cast_crypto_apply (&crypto, frame_id, out, out, n_bytes);
  foyer_test_assert_hex (out, n_bytes, expected);
}

static void
test_key_stream (void)
{
  static const struct
  {
    FoyerCastFrameId frame_id;
    const char *expected;
  } rows[] = {
    { 0, "7702fc9b71c63d26a2f09df5c445102a489440a8afcc0827fbba45fb9a7c2ac1" },
    { 1, "47b399db0b30677920655d2ab57d9802f29518c5b829ae1b96f7ba96777de942" },
    { 2, "cd8d76da421a1477b4746df0693a4e99bed313df8075575f1a8009b60572c375" },
    { 255, "eaaf6688e7398e379d8735160d3c4d906fe4be037125bce8be775e2d84b173fe" },
    { 256, "29de7d921f989a4e4cc512dc4fe8deb2e79485b421cfb956ea38d5a58e4d7875" },
    { 0x01020304,
        "3e48cceeb26d9d54a31e4161ee98ff3c8099d512dcabe88f9000af583fc320fe" },
    { 0xffffffff,
        "4194d44ff53e8e67fd212133cbf056555c9e9e2ee3504b2b0d83baffa61b245b" },
    /* Only 32 bits of the id count. */
    { G_GINT64_CONSTANT (0x100000000),
        "7702fc9b71c63d26a2f09df5c445102a489440a8afcc0827fbba45fb9a7c2ac1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_key_stream (KEY, MASK, rows[i].frame_id, 32, rows[i].expected);
}

static void
test_second_key (void)
{
  assert_key_stream ("07070707070707070707070707070707",
      "55555555555555555555555555555555", 0x01020304, 16,
      "db85071db3a93d3bb7bc5d5fe4d2a859");
}

static void
test_carry (void)
{
  assert_key_stream (KEY, "00000000000000000000000fffffffff", 0, 48,
      "daeff34186a93b0ea9d2bb432b288599a333de2dba5ba5d60178cc6a2f199766"
      "ff7851df0b2f894b22f053b0abb7ef7b");
}

static void
test_fox (void)
{
  g_auto (FoyerCastCrypto) crypto = { 0 };
  guint8 out[sizeof fox];

  g_assert_cmpuint (sizeof fox, ==, 45);
  init (&crypto, KEY, MASK);
  foyer_cast_crypto_apply (&crypto, 0, (const guint8 *) fox, out, sizeof fox);
  foyer_test_assert_hex (out, sizeof out,
      "236a99bb00b35445c9d0ff87ab327e0a2efb3888c5b96557889a2a8dff0e0ab5"
      "93ee80455103698e1ff5e0e8f4");
  foyer_cast_crypto_apply (&crypto, 1, (const guint8 *) fox, out, sizeof fox);
  foyer_test_assert_hex (out, sizeof out,
      "13dbfcfb7a450e1a4b453f58da0af62294fa60e5d25cc36be5d7d5e0120fc936"
      "b428beb2e1ed84049898916cc2");
  foyer_cast_crypto_apply (&crypto, 1, out, out, sizeof out);
  g_assert_cmpmem (out, sizeof out, fox, sizeof fox);
}

/* Shorter than a block: an audio packet */
static void
test_short_frame (void)
{
  static const guint8 plain[] = { 0xfc, 0xff, 0xfe };
  g_auto (FoyerCastCrypto) crypto = { 0 };
  guint8 out[sizeof plain];

  init (&crypto, KEY, MASK);
  foyer_cast_crypto_apply (&crypto, 300, plain, out, sizeof plain);
  foyer_test_assert_hex (out, sizeof out, "5845aa");
}

/* 3000 bytes, plain[i] = (7 i + 3) mod 256 */
static void
test_long_frame (void)
{
  g_auto (FoyerCastCrypto) crypto = { 0 };
  guint8 frame[3000];
  g_autofree char *plain = NULL;
  g_autofree char *cipher = NULL;

  for (gsize i = 0; i < sizeof frame; i++)
    frame[i] = (guint8) (7 * i + 3);
  plain = g_compute_checksum_for_data (G_CHECKSUM_SHA256, frame, sizeof frame);
  g_assert_cmpstr (plain, ==,
      "f541874101876255b4baf3a739778d04cb9cba25ffa38b30bc1fb8b0701f2a45");
  init (&crypto, KEY, MASK);
  foyer_cast_crypto_apply (&crypto, 2, frame, frame, sizeof frame);
  cipher = g_compute_checksum_for_data (G_CHECKSUM_SHA256, frame, sizeof frame);
  g_assert_cmpstr (cipher, ==,
      "b20c4ccec30fb5c6a8440e8d7e86191ed9b6a6712852c3f0157e470e40c7ee22");
}

/* Every length, at every place in a word: what lies beyond is not touched. */
static void
test_every_length (void)
{
  g_auto (FoyerCastCrypto) crypto = { 0 };
  guint8 zeros[80] = { 0 };
  guint8 stream[80];

  init (&crypto, KEY, MASK);
  foyer_cast_crypto_apply (&crypto, 9, zeros, stream, sizeof stream);
  for (gsize start = 0; start < 8; start++)
    for (gsize n = 0; n <= 64; n++) {
      guint8 out[80] = { 0 };

      foyer_cast_crypto_apply (&crypto, 9, zeros, out + start, n);
      g_assert_cmpmem (out + start, n, stream, n);
      g_assert_cmpint (out[start + n], ==, 0);
    }
}

static void
test_clear (void)
{
  FoyerCastCrypto crypto;
  const guint8 *bytes = (const guint8 *) &crypto;

  init (&crypto, KEY, MASK);
  foyer_cast_crypto_clear (&crypto);
  for (gsize i = 0; i < sizeof crypto; i++)
    g_assert_cmpint (bytes[i], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-crypto/key-stream/vectors", test_key_stream);
  g_test_add_func ("/cast-crypto/key-stream/second-key", test_second_key);
  g_test_add_func ("/cast-crypto/key-stream/carry", test_carry);
  g_test_add_func ("/cast-crypto/frame/fox", test_fox);
  g_test_add_func ("/cast-crypto/frame/short", test_short_frame);
  g_test_add_func ("/cast-crypto/frame/long", test_long_frame);
  g_test_add_func ("/cast-crypto/frame/every-length", test_every_length);
  g_test_add_func ("/cast-crypto/clear/leaves-zeros", test_clear);
  return g_test_run ();
}
