/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-keys.h"
#include "foyer-cast-negotiation.h"
#include "foyer-test-data.h"

#include <string.h>

/* RFC 5869 appendix A, cases with SHA-256. */
static const struct
{
  const char *secret;
  const char *salt;
  const char *info;
  const char *out;
} vectors[] = {
  { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
      "34007208d5b887185865" },
  { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
    "404142434445464748494a4b4c4d4e4f",
      "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
      "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
      "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
      "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
      "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
      "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
      "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
      "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
      "cc30c58179ec3e87c14c01d5c1f3434f1d87" },
  { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
      "9d201395faa4b61a96c8" },
};

static void
test_rfc_5869 (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++) {
    g_autoptr (GBytes) secret = foyer_test_hex (vectors[i].secret);
    g_autoptr (GBytes) salt = foyer_test_hex (vectors[i].salt);
    g_autoptr (GBytes) info = foyer_test_hex (vectors[i].info);
    gsize n_out = strlen (vectors[i].out) / 2;
    guint8 out[128];

    g_assert_cmpuint (n_out, <=, sizeof out);
    foyer_cast_keys_expand (g_bytes_get_data (secret, NULL),
        g_bytes_get_size (secret), g_bytes_get_data (salt, NULL),
        g_bytes_get_size (salt), g_bytes_get_data (info, NULL),
        g_bytes_get_size (info), out, n_out);
    foyer_test_assert_hex (out, n_out, vectors[i].out);
  }
}

static FoyerCastKeyRoot
make_root (void)
{
  FoyerCastKeyRoot root = {
    .session = 0x0102030405060708,
    .camera = 0x1112131415161718,
    .generation = 0x2122232425262728,
  };

  for (guint i = 0; i < sizeof root.secret; i++)
    root.secret[i] = (guint8) i;
  return root;
}

static FoyerCastKeyLabel
make_label (void)
{
  return (FoyerCastKeyLabel){
    .camera = 0x1112131415161718,
    .generation = 0x2122232425262728,
    .offer = 0x31323334,
    .kind = FOYER_CAST_STREAM_VIDEO,
    .codec = FOYER_CAST_CODEC_VP8,
  };
}

/* By OpenSSL, which shares no code with us:
 *
 *     openssl kdf -keylen 32 -kdfopt digest:SHA256 \
 *       -kdfopt hexkey:000102…1f -kdfopt hexinfo:$(printf 'foyer cast stream' |
 *       xxd -p)010203040506070811121314151617182122232425262728313233340002 HKDF
 */
static void
test_layout (void)
{
  const FoyerCastKeyRoot root = make_root ();
  const FoyerCastKeyLabel label = make_label ();
  FoyerKey key, iv_mask;

  foyer_cast_keys_derive (&root, &label, &key, &iv_mask);
  foyer_test_assert_hex (key.bytes, sizeof key.bytes,
      "fa27b48afa6654fccd28ad1b989c0201");
  foyer_test_assert_hex (iv_mask.bytes, sizeof iv_mask.bytes,
      "4ff12edb8b99ef6362fadcc47e04dfef");
}

/* I6: whatever of them differs, the key is another, and so is the mask. */
static void
test_everything_counts (void)
{
  FoyerCastKeyRoot roots[8];
  FoyerCastKeyLabel labels[8];
  FoyerKey keys[8], masks[8];

  for (guint i = 0; i < G_N_ELEMENTS (roots); i++) {
    roots[i] = make_root ();
    labels[i] = make_label ();
  }
  roots[1].secret[31] ^= 1;
  roots[2].session ^= 1;
  labels[3].camera ^= 1;
  labels[4].generation ^= 1;
  labels[5].offer ^= 1;
  labels[6].kind = FOYER_CAST_STREAM_AUDIO;
  labels[7].codec = FOYER_CAST_CODEC_H264;
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++) {
    foyer_cast_keys_derive (&roots[i], &labels[i], &keys[i], &masks[i]);
    for (guint j = 0; j < i; j++) {
      g_assert_cmpint (memcmp (&keys[i], &keys[j], sizeof keys[i]), !=, 0);
      g_assert_cmpint (memcmp (&masks[i], &masks[j], sizeof masks[i]), !=, 0);
    }
  }
}

static const FoyerCastOfferWish wish = {
  .video_codecs = { FOYER_CAST_CODEC_VP8, FOYER_CAST_CODEC_H264 },
  .n_video_codecs = 2,
  .has_audio = TRUE,
  .n_audio_channels = 2,
  .width_px = 1280,
  .height_px = 720,
  .fps_n = 30,
  .fps_d = 1,
  .max_video_bps = 5000000,
  .audio_bps = 96000,
  .delay_ms = 400,
};

static void
test_offer (void)
{
  const FoyerCastKeyRoot root = make_root ();
  g_auto (FoyerCastOffer) offer = { 0 };

  foyer_cast_offer_init (&offer, &wish, &root, 7);
  g_assert_cmpuint (offer.n_streams, ==, 3);
  for (guint i = 0; i < offer.n_streams; i++) {
    const FoyerCastStreamConfig *config = &offer.streams[i].config;
    const FoyerCastKeyLabel label = {
      .camera = root.camera,
      .generation = root.generation,
      .offer = 7,
      .kind = config->kind,
      .codec = config->codec,
    };
    FoyerKey key, iv_mask;

    g_assert_cmpuint (config->offer, ==, 7);
    foyer_cast_keys_derive (&root, &label, &key, &iv_mask);
    g_assert_cmpmem (&config->key, sizeof key, &key, sizeof key);
    g_assert_cmpmem (&config->iv_mask, sizeof key, &iv_mask, sizeof key);
  }
}

/* Frame ids begin anew with each OFFER, and so must the keys. */
static void
test_no_key_twice (void)
{
  const FoyerCastKeyRoot root = make_root ();
  FoyerCastNegotiation negotiation = { .root = &root };
  FoyerKey keys[3];

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autofree char *text = foyer_cast_negotiation_begin (&negotiation, &wish);

    g_assert_nonnull (text);
    keys[i] = negotiation.offer.streams[1].config.key;
    for (guint j = 0; j < i; j++)
      g_assert_cmpint (memcmp (&keys[i], &keys[j], sizeof keys[i]), !=, 0);
  }
  foyer_cast_negotiation_clear (&negotiation);
}

static void
test_clear (void)
{
  FoyerCastKeyRoot root = make_root ();
  const guint8 *bytes = (const guint8 *) &root;

  foyer_cast_key_root_clear (&root);
  for (gsize i = 0; i < sizeof root; i++)
    g_assert_cmpint (bytes[i], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-keys/expand/rfc-5869", test_rfc_5869);
  g_test_add_func ("/cast-keys/derive/layout", test_layout);
  g_test_add_func ("/cast-keys/derive/everything-counts",
      test_everything_counts);
  g_test_add_func ("/cast-keys/offer/of-its-camera", test_offer);
  g_test_add_func ("/cast-keys/offer/no-key-twice", test_no_key_twice);
  g_test_add_func ("/cast-keys/clear/leaves-zeros", test_clear);
  return g_test_run ();
}
