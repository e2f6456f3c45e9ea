/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-fraction.h"
#include "foyer-cast-json.h"
#include "foyer-cast-offer.h"
#include "foyer-cast-webrtc.h"
#include "foyer-test-data.h"

#include <string.h>

/* The shape of an OFFER that a Nest Hub took, of Chromium
 * (https://github.com/owntone/owntone-server/issues/957), in the member order
 * of ours, with test keys. */
#define AUDIO_HEAD                                                          \
  "{\"index\":0,\"type\":\"audio_source\",\"codecName\":\"opus\","          \
  "\"codecParameter\":\"\",\"rtpProfile\":\"cast\",\"rtpPayloadType\":127," \
  "\"ssrc\":34343,\"targetDelay\":400,"                                     \
  "\"aesKey\":\"000102030405060708090a0b0c0d0e0f\","                        \
  "\"aesIvMask\":\"f0e0d0c0b0a090807060504030201000\","                     \
  "\"timeBase\":\"1/48000\",\"channels\":2,\"bitRate\":32000,"              \
  "\"receiverRtcpEventLog\":false"
#define VIDEO_HEAD                                                         \
  "{\"index\":1,\"type\":\"video_source\",\"codecName\":\"vp8\","          \
  "\"codecParameter\":\"\",\"rtpProfile\":\"cast\",\"rtpPayloadType\":96," \
  "\"ssrc\":54666,\"targetDelay\":400,"                                    \
  "\"aesKey\":\"101112131415161718191a1b1c1d1e1f\","                       \
  "\"aesIvMask\":\"0f1f2f3f4f5f6f7f8f9fafbfcfdfefff\","                    \
  "\"timeBase\":\"1/90000\",\"channels\":1,\"maxFrameRate\":\"30\","       \
  "\"maxBitRate\":5000000,"                                                \
  "\"resolutions\":[{\"width\":1280,\"height\":720}],\"profile\":\"\","    \
  "\"level\":\"\",\"protection\":\"\",\"errorRecoveryMode\":\"\","         \
  "\"receiverRtcpEventLog\":false"
#define EXTENSIONS ",\"rtpExtensions\":[\"adaptive_playout_delay\"]}"
#define OFFER_HEAD                                                          \
  "{\"type\":\"OFFER\",\"seqNum\":1,\"offer\":{\"castMode\":\"mirroring\"," \
  "\"supportedStreams\":["
#define NEST_HUB_OFFER OFFER_HEAD AUDIO_HEAD "}," VIDEO_HEAD "}]}}"

static FoyerCastOffer
make_known_offer (void)
{
  FoyerCastOffer offer = { .n_streams = 2 };
  static const guint8 mask[] = { 0xf0, 0xe0, 0xd0, 0xc0, 0xb0, 0xa0, 0x90, 0x80,
    0x70, 0x60, 0x50, 0x40, 0x30, 0x20, 0x10, 0x00 };

  offer.streams[0] = (FoyerCastOfferStream){
    .config = { .kind = FOYER_CAST_STREAM_AUDIO,
        .codec = FOYER_CAST_CODEC_OPUS,
        .payload_type = 127,
        .sender_ssrc = 34343,
        .time_base_hz = 48000,
        .target_delay_ms = 400 },
    .max_bps = 32000,
    .n_channels = 2,
  };
  offer.streams[1] = (FoyerCastOfferStream){
    .config = { .kind = FOYER_CAST_STREAM_VIDEO,
        .codec = FOYER_CAST_CODEC_VP8,
        .payload_type = 96,
        .sender_ssrc = 54666,
        .time_base_hz = 90000,
        .target_delay_ms = 400 },
    .index = 1,
    .max_bps = 5000000,
    .width_px = 1280,
    .height_px = 720,
    .max_fps_n = 30,
    .max_fps_d = 1,
    .n_channels = 1,
  };
  for (guint8 i = 0; i < FOYER_KEY_BYTES; i++) {
    offer.streams[0].config.key.bytes[i] = i;
    offer.streams[0].config.iv_mask.bytes[i] = mask[i];
    offer.streams[1].config.key.bytes[i] = (guint8) (0x10 + i);
    offer.streams[1].config.iv_mask.bytes[i] = (guint8) (0x0f + 0x10 * i);
  }
  return offer;
}

static void
test_print_known (void)
{
  g_auto (FoyerCastOffer) offer = make_known_offer ();
  g_autofree char *text = foyer_cast_offer_print (&offer, 1);

  g_assert_cmpstr (text, ==,
      OFFER_HEAD AUDIO_HEAD EXTENSIONS "," VIDEO_HEAD EXTENSIONS "]}}");
}

static void
test_print_fraction (void)
{
  g_auto (FoyerCastOffer) offer = make_known_offer ();
  g_autofree char *text = NULL;

  offer.streams[1].max_fps_n = 30000;
  offer.streams[1].max_fps_d = 1001;
  text = foyer_cast_offer_print (&offer, 1);
  g_assert_nonnull (strstr (text, "\"maxFrameRate\":\"30000/1001\""));
}

static gboolean
parse (const char *text, FoyerCastOffer *offer, GError **error)
{
  g_autoptr (JsonObject) message = foyer_cast_json_parse (text, NULL);

  g_assert_nonnull (message);
  return foyer_cast_offer_parse (message, offer, error);
}

static void
assert_same_stream (const FoyerCastOfferStream *a,
    const FoyerCastOfferStream *b)
{
  g_assert_cmpint (a->config.kind, ==, b->config.kind);
  g_assert_cmpint (a->config.codec, ==, b->config.codec);
  g_assert_cmpuint (a->config.payload_type, ==, b->config.payload_type);
  g_assert_cmpuint (a->config.sender_ssrc, ==, b->config.sender_ssrc);
  g_assert_cmpuint (a->config.time_base_hz, ==, b->config.time_base_hz);
  g_assert_cmpuint (a->config.target_delay_ms, ==, b->config.target_delay_ms);
  g_assert_cmpmem (a->config.key.bytes, FOYER_KEY_BYTES, b->config.key.bytes,
      FOYER_KEY_BYTES);
  g_assert_cmpmem (a->config.iv_mask.bytes, FOYER_KEY_BYTES,
      b->config.iv_mask.bytes, FOYER_KEY_BYTES);
  g_assert_cmpuint (a->index, ==, b->index);
  g_assert_cmpuint (a->max_bps, ==, b->max_bps);
  g_assert_cmpuint (a->width_px, ==, b->width_px);
  g_assert_cmpuint (a->height_px, ==, b->height_px);
  g_assert_cmpuint (a->max_fps_n, ==, b->max_fps_n);
  g_assert_cmpuint (a->max_fps_d, ==, b->max_fps_d);
  g_assert_cmpuint (a->n_channels, ==, b->n_channels);
}

static void
test_parse_nest_hub (void)
{
  g_auto (FoyerCastOffer) expected = make_known_offer ();
  g_auto (FoyerCastOffer) offer = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (NEST_HUB_OFFER, &offer, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (offer.n_streams, ==, 2);
  for (guint i = 0; i < 2; i++)
    assert_same_stream (&offer.streams[i], &expected.streams[i]);
  g_assert_cmpuint (offer.streams[0].config.max_datagram_bytes, ==, 1472);
}

/* What a row says of the OFFER above with one thing changed. */
typedef enum
{
  FAILS = 0,
  BOTH,       /* streams stay */
  AUDIO_ONLY, /* video is left out */
  VIDEO_ONLY,
} Outcome;

typedef struct
{
  const char *old; /* first of it is replaced */
  const char *new;
  Outcome outcome;
} Row;

#define VIDEO_MASK "0f1f2f3f4f5f6f7f8f9fafbfcfdfefff"
#define VIDEO_KEY  "101112131415161718191a1b1c1d1e1f"

/* clang-format off */
/* openscreen cast/streaming/public/offer_messages.cc */
static const Row rows[] = {
  { "", "", BOTH },
  /* keys */
  { "\"aesKey\":", "\"x\":", FAILS },
  { "\"aesIvMask\":", "\"x\":", FAILS },
  { VIDEO_KEY, "101112131415161718191a1b1c1d1e1", FAILS },
  { VIDEO_KEY, "101112131415161718191a1b1c1d1e1f0", FAILS },
  { VIDEO_KEY, "1011121314151617 8191a1b1c1d1e1f", FAILS },
  { VIDEO_KEY, "101112131415161718191a1b1c1d1e1g", FAILS },
  { VIDEO_MASK, "0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", FAILS },
  { VIDEO_KEY, "101112131415161718191A1B1C1D1E1F", BOTH },
  { VIDEO_MASK, "0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFFF", BOTH },
  /* time base */
  { "\"timeBase\":\"1/90000\",", "", FAILS },
  { "1/90000", "2/90000", FAILS },
  { "1/90000", "1/8000", FAILS },
  { "1/90000", "1/96000", FAILS },
  { "1/90000", "1/15999", FAILS },
  { "1/90000", "1/90001", FAILS },
  { "1/90000", "1/ 90000", FAILS },
  { "1/90000", "90000", FAILS },
  { "\"1/90000\"", "90000", FAILS },
  { "1/48000", "1/16000", BOTH },
  /* payload type */
  { "\"rtpPayloadType\":96,", "", FAILS },
  { "\"rtpPayloadType\":96", "\"rtpPayloadType\":95", FAILS },
  { "\"rtpPayloadType\":96", "\"rtpPayloadType\":104", BOTH },
  { "\"rtpPayloadType\":96", "\"rtpPayloadType\":105", FAILS },
  { "\"rtpPayloadType\":96", "\"rtpPayloadType\":126", FAILS },
  { "\"rtpPayloadType\":96", "\"rtpPayloadType\":127", BOTH },
  { "\"rtpPayloadType\":96", "\"rtpPayloadType\":128", FAILS },
  /* codec */
  { "\"codecName\":\"vp8\"", "\"codecName\":\"vp10\"", AUDIO_ONLY },
  { "\"codecName\":\"vp8\"", "\"codecName\":\"opus\"", AUDIO_ONLY },
  { "\"codecName\":\"opus\"", "\"codecName\":\"aac\"", VIDEO_ONLY },
  { "\"codecName\":\"vp8\",", "", FAILS },
  { "vp8\",\"codecParameter\":\"", "vp8\",\"codecParameter\":\"vp8", FAILS },
  { "vp8\",\"codecParameter\":\"", "vp8\",\"codecParameter\":\"vp08.00.40.08", BOTH },
  { "vp8\",\"codecParameter\":\"", "h264\",\"codecParameter\":\"avc1.4D4028", BOTH },
  { "vp8\",\"codecParameter\":\"", "h264\",\"codecParameter\":\"h264", FAILS },
  { "opus\",\"codecParameter\":\"", "opus\",\"codecParameter\":\"opus", FAILS },
  /* delay */
  { "\"targetDelay\":400", "\"targetDelay\":0", FAILS },
  /* rates */
  { "\"maxFrameRate\":\"30\"", "\"maxFrameRate\":\"0\"", FAILS },
  { "\"bitRate\":32000,", "", FAILS },
  { "\"bitRate\":32000", "\"bitRate\":-1", FAILS },
  { "\"bitRate\":32000", "\"bitRate\":0", BOTH },
  { "\"maxBitRate\":5000000", "\"maxBitRate\":0", FAILS },
  { "\"channels\":2", "\"channels\":0", FAILS },
  { "\"channels\":2", "\"channels\":255", BOTH },
  { "\"channels\":2", "\"channels\":256", FAILS },
  /* DSCP */
  { "\"channels\":1", "\"channels\":1,\"receiverRtcpDscp\":63", BOTH },
  { "\"channels\":1", "\"channels\":1,\"receiverRtcpDscp\":64", FAILS },
  { "\"channels\":1", "\"channels\":1,\"receiverRtcpDscp\":-1", FAILS },
  { "\"channels\":1", "\"channels\":1,\"receiverRtcpDscp\":\"\"", BOTH },
  /* cast mode */
  { "\"mirroring\"", "\"foo\"", BOTH },
  { "\"castMode\":\"mirroring\",", "", BOTH },
  { "\"mirroring\"", "\"remoting\"", FAILS },
  /* type */
  { "\"video_source\"", "\"data_source\"", AUDIO_ONLY },
  { "\"type\":\"video_source\",", "", FAILS },
  /* numbers */
  { "\"index\":1,", "", FAILS },
  { "\"index\":1", "\"index\":-1", FAILS },
  { "\"index\":1", "\"index\":0", FAILS }, /* there is one */
  { "\"ssrc\":54666,", "", FAILS },
  { "\"ssrc\":54666", "\"ssrc\":0", FAILS },
  { "\"ssrc\":54666", "\"ssrc\":4294967295", BOTH },
  { "\"ssrc\":54666", "\"ssrc\":4294967296", FAILS },
  { "\"ssrc\":54666", "\"ssrc\":34343", FAILS }, /* the audio's */
  /* shape */
  { "\"supportedStreams\"", "\"x\"", FAILS },
  { "\"offer\":{", "\"x\":{", FAILS },
  { "\"supportedStreams\":[", "\"supportedStreams\":[1,", FAILS },
  { "\"index\":1", "\"index\":1,\"unknown\":{\"a\":[1]}", BOTH },
};
/* clang-format on */

static char *
change (const char *text, const char *old, const char *new)
{
  const char *at = strstr (text, old);

  g_assert_nonnull (at);
  return g_strdup_printf ("%.*s%s%s", (int) (at - text), text, new,
      at + strlen (old));
}

static void
test_acceptance_table (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    g_autofree char *text = change (NEST_HUB_OFFER, row->old, row->new);
    g_auto (FoyerCastOffer) offer = { 0 };
    g_autoptr (GError) error = NULL;
    gboolean is_read = parse (text, &offer, &error);

    g_test_message ("%s -> %s", row->old, row->new);
    g_assert_cmpint (is_read, ==, row->outcome != FAILS);
    g_assert_cmpuint (offer.n_streams, ==,
        row->outcome == FAILS      ? 0
            : row->outcome == BOTH ? 2
                                   : 1);
    if (row->outcome == FAILS)
      g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED);
    else
      g_assert_cmpint (offer.streams[0].config.kind, ==,
          row->outcome == VIDEO_ONLY ? FOYER_CAST_STREAM_VIDEO
                                     : FOYER_CAST_STREAM_AUDIO);
  }
}

/* The rows about what is taken instead. */
static void
test_defaults (void)
{
  static const struct
  {
    const char *old;
    const char *new;
    guint delay_ms;
    guint fps_n;
    guint max_bps;
    guint n_channels;
    guint width_px;
  } cases[] = {
    { "400,\"aesKey\":\"10", "5000,\"aesKey\":\"10", 5000, 30, 5000000, 1,
        1280 },
    { "400,\"aesKey\":\"10", "5001,\"aesKey\":\"10", 400, 30, 5000000, 1,
        1280 },
    { "400,\"aesKey\":\"10", "-1,\"aesKey\":\"10", 400, 30, 5000000, 1, 1280 },
    { "\"targetDelay\":400,\"aesKey\":\"10", "\"aesKey\":\"10", 400, 30,
        5000000, 1, 1280 },
    { "\"maxFrameRate\":\"30\"", "\"maxFrameRate\":60", 400, 30, 5000000, 1,
        1280 },
    { "\"maxFrameRate\":\"30\"", "\"maxFrameRate\":\"60\"", 400, 60, 5000000, 1,
        1280 },
    { "\"maxFrameRate\":\"30\"", "\"maxFrameRate\":\"x\"", 400, 30, 5000000, 1,
        1280 },
    { "\"maxBitRate\":5000000,", "", 400, 30, 4194304, 1, 1280 },
    { "\"channels\":1,", "", 400, 30, 5000000, 1, 1280 },
    { "\"resolutions\"", "\"x\"", 400, 30, 5000000, 1, 0 },
    { "[{\"width\":1280,\"height\":720}]",
        "[1,{\"width\":9},{\"width\":640,\"height\":480},"
        "{\"width\":1920,\"height\":1080},{\"width\":320,\"height\":240}]",
        400, 30, 5000000, 1, 1920 },
    { "[{\"width\":1280", "[{\"width\":16385", 400, 30, 5000000, 1, 0 },
    { "[{\"width\":1280", "[{\"width\":16384", 400, 30, 5000000, 1, 16384 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = change (NEST_HUB_OFFER, cases[i].old, cases[i].new);
    g_auto (FoyerCastOffer) offer = { 0 };
    g_autoptr (GError) error = NULL;

    g_test_message ("%s -> %s", cases[i].old, cases[i].new);
    g_assert_true (parse (text, &offer, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (offer.streams[1].config.target_delay_ms, ==,
        cases[i].delay_ms);
    g_assert_cmpuint (offer.streams[1].max_fps_n, ==, cases[i].fps_n);
    g_assert_cmpuint (offer.streams[1].max_bps, ==, cases[i].max_bps);
    g_assert_cmpuint (offer.streams[1].n_channels, ==, cases[i].n_channels);
    g_assert_cmpuint (offer.streams[1].width_px, ==, cases[i].width_px);
  }
}

static void
test_dscp_differs (void)
{
  g_autofree char *audio = change (NEST_HUB_OFFER, "\"channels\":2",
      "\"channels\":2,\"receiverRtcpDscp\":34");
  g_autofree char *same = change (audio, "\"channels\":1",
      "\"channels\":1,\"receiverRtcpDscp\":34");
  g_autofree char *other = change (audio, "\"channels\":1",
      "\"channels\":1,\"receiverRtcpDscp\":46");
  g_auto (FoyerCastOffer) offer = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (same, &offer, NULL));
  g_assert_false (parse (other, &offer, &error));
  g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED);
}

/* @n_streams alternatives for the picture, of one SSRC. */
static gboolean
is_number_accepted (guint n_streams)
{
  GString *text = g_string_new (OFFER_HEAD);
  g_auto (FoyerCastOffer) offer = { 0 };
  g_autofree char *owned = NULL;

  for (guint i = 0; i < n_streams; i++) {
    g_autofree char *index = g_strdup_printf ("\"index\":%u", i);
    g_autofree char *stream = change (VIDEO_HEAD "}", "\"index\":1", index);

    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", stream);
  }
  g_string_append (text, "]}}");
  owned = g_string_free (text, FALSE);
  return parse (owned, &offer, NULL) && offer.n_streams == n_streams;
}

static void
test_number_of_streams (void)
{
  g_assert_true (is_number_accepted (0));
  g_assert_true (is_number_accepted (FOYER_CAST_MAX_STREAMS));
  g_assert_false (is_number_accepted (FOYER_CAST_MAX_STREAMS + 1));
}

static JsonObject *
load_captured (const char *file, const char *type)
{
  g_autoptr (GBytes) bytes = foyer_test_load (file);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *mark = g_strdup_printf ("\"type\":\"%s\"}", type);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_suffix (*line, mark))
      return foyer_cast_json_parse (strchr (*line, '{'), NULL);
  g_assert_not_reached ();
}

static void
test_captured (void)
{
  static const struct
  {
    const char *file;
    FoyerCastCodec codec;
    guint payload_type;
    guint audio_ssrc;
    guint video_ssrc;
    guint first_key_byte;
    guint last_mask_byte;
  } captures[] = {
    { "cast-messages-h264.log", FOYER_CAST_CODEC_H264, 101, 29532, 76139, 0x1f,
        0x33 },
    { "cast-messages-vp8.log", FOYER_CAST_CODEC_VP8, 100, 33733, 76997, 0x45,
        0x5a },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (captures); i++) {
    g_autoptr (JsonObject) message = load_captured (captures[i].file, "OFFER");
    g_auto (FoyerCastOffer) offer = { 0 };
    g_autoptr (GError) error = NULL;
    const FoyerCastOfferStream *video = &offer.streams[1];

    g_assert_true (foyer_cast_offer_parse (message, &offer, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (offer.n_streams, ==, 2);
    g_assert_cmpuint (offer.streams[0].config.sender_ssrc, ==,
        captures[i].audio_ssrc);
    g_assert_cmpuint (offer.streams[0].max_bps, ==, 192000);
    g_assert_cmpint (video->config.codec, ==, captures[i].codec);
    g_assert_cmpuint (video->config.payload_type, ==, captures[i].payload_type);
    g_assert_cmpuint (video->config.sender_ssrc, ==, captures[i].video_ssrc);
    g_assert_cmpuint (video->config.key.bytes[0], ==,
        captures[i].first_key_byte);
    g_assert_cmpuint (video->config.iv_mask.bytes[15], ==,
        captures[i].last_mask_byte);
    g_assert_cmpuint (video->width_px, ==, 1920);
    g_assert_cmpuint (video->height_px, ==, 1080);
    g_assert_cmpuint (video->max_bps, ==, 5050880);
  }
}

static const FoyerCastOfferWish wish = {
  .video_codecs = { FOYER_CAST_CODEC_H264, FOYER_CAST_CODEC_VP8 },
  .n_video_codecs = 2,
  .has_audio = TRUE,
  .n_audio_channels = 2,
  .width_px = 1280,
  .height_px = 720,
  .fps_n = 30,
  .fps_d = 1,
  .max_video_bps = 4000000,
  .audio_bps = 128000,
  .delay_ms = 400,
};

static void
assert_made_stream (const FoyerCastOffer *offer, guint i)
{
  const FoyerCastStreamConfig *config = &offer->streams[i].config;
  gboolean is_audio = i == 0;

  g_assert_cmpuint (offer->streams[i].index, ==, i);
  g_assert_cmpuint (config->payload_type, ==, is_audio ? 127 : 96);
  g_assert_cmpuint (config->sender_ssrc, >=, is_audio ? 1 : 50001);
  g_assert_cmpuint (config->sender_ssrc, <=, is_audio ? 50000 : 100000);
  g_assert_cmpuint (config->time_base_hz, ==, is_audio ? 48000 : 90000);
  g_assert_false (foyer_key_is_zero (&config->key));
  g_assert_false (foyer_key_is_zero (&config->iv_mask));
  g_assert_cmpint (memcmp (&config->key, &config->iv_mask, FOYER_KEY_BYTES), !=,
      0);
  for (guint j = 0; j < i; j++) {
    const FoyerCastStreamConfig *other = &offer->streams[j].config;

    g_assert_cmpuint (config->sender_ssrc, !=, other->sender_ssrc);
    g_assert_cmpuint (config->sender_ssrc, !=, other->sender_ssrc + 1);
    g_assert_cmpint (memcmp (&config->key, &other->key, FOYER_KEY_BYTES), !=,
        0);
  }
}

static void
test_init_numbers (void)
{
  for (int run = 0; run < 200; run++) {
    g_auto (FoyerCastOffer) offer = { 0 };

    foyer_cast_offer_init (&offer, &wish, NULL, 1);
    g_assert_cmpuint (offer.n_streams, ==, 3);
    for (guint i = 0; i < 3; i++)
      assert_made_stream (&offer, i);
    g_assert_cmpint (offer.streams[0].config.codec, ==, FOYER_CAST_CODEC_OPUS);
    g_assert_cmpint (offer.streams[1].config.codec, ==, FOYER_CAST_CODEC_H264);
    g_assert_cmpint (offer.streams[2].config.codec, ==, FOYER_CAST_CODEC_VP8);
  }
}

static void
test_init_without_audio (void)
{
  FoyerCastOfferWish silent = wish;
  g_auto (FoyerCastOffer) offer = { 0 };

  silent.has_audio = FALSE;
  silent.n_video_codecs = 1;
  foyer_cast_offer_init (&offer, &silent, NULL, 1);
  g_assert_cmpuint (offer.n_streams, ==, 1);
  g_assert_cmpuint (offer.streams[0].index, ==, 0);
  g_assert_cmpint (offer.streams[0].config.kind, ==, FOYER_CAST_STREAM_VIDEO);
}

/* The keys of no two offers are the same, and a cleared one holds none. */
static void
test_keys_are_fresh (void)
{
  g_auto (FoyerCastOffer) first = { 0 };
  g_auto (FoyerCastOffer) second = { 0 };

  foyer_cast_offer_init (&first, &wish, NULL, 1);
  foyer_cast_offer_init (&second, &wish, NULL, 1);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (memcmp (&first.streams[i].config.key,
                         &second.streams[i].config.key, FOYER_KEY_BYTES),
        !=, 0);
  foyer_cast_offer_clear (&first);
  for (guint i = 0; i < 3; i++)
    g_assert_true (foyer_key_is_zero (&first.streams[i].config.key));
}

/* What we print, we accept with the strict eyes of a display. */
static void
test_own_is_accepted (void)
{
  g_auto (FoyerCastOffer) offer = { 0 };
  g_auto (FoyerCastOffer) again = { 0 };
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  foyer_cast_offer_init (&offer, &wish, NULL, 1);
  text = foyer_cast_offer_print (&offer, 7);
  g_assert_true (parse (text, &again, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (again.n_streams, ==, 3);
  for (guint i = 0; i < 3; i++)
    assert_same_stream (&again.streams[i], &offer.streams[i]);
}

static void
test_fraction (void)
{
  static const char *const bad[] = { "", "x", "-1", "+1", " 1", "1 ", "1/",
    "/1", "1/0", "1/2/3", "1.5", "1000001", "1/1000001", "00000000000000030" };
  guint n = 7;
  guint d = 7;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (foyer_cast_fraction_parse (bad[i], &n, &d));
  g_assert_false (foyer_cast_fraction_parse (NULL, &n, &d));
  g_assert_cmpuint (n, ==, 7);
  g_assert_true (foyer_cast_fraction_parse ("30000/1001", &n, &d));
  g_assert_cmpuint (n, ==, 30000);
  g_assert_cmpuint (d, ==, 1001);
  g_assert_true (foyer_cast_fraction_parse ("1000000", &n, &d));
  g_assert_cmpuint (n, ==, 1000000);
  g_assert_cmpuint (d, ==, 1);
}

static void
test_webrtc_type (void)
{
  static const struct
  {
    const char *text;
    FoyerCastWebrtcType type;
    gint64 sequence;
  } cases[] = {
    { "{\"type\":\"OFFER\",\"seqNum\":3}", FOYER_CAST_WEBRTC_OFFER, 3 },
    { "{\"type\":\"offer\",\"seqNum\":0}", FOYER_CAST_WEBRTC_OFFER, 0 },
    { "{\"type\":\"OFFER\"}", FOYER_CAST_WEBRTC_OFFER, -1 },
    { "{\"type\":\"OFFER\",\"seqNum\":-2}", FOYER_CAST_WEBRTC_OFFER, -1 },
    { "{\"type\":\"OFFER\",\"seqNum\":\"1\"}", FOYER_CAST_WEBRTC_OFFER, -1 },
    { "{\"type\":\"ANSWER\",\"seqNum\":1}", FOYER_CAST_WEBRTC_ANSWER, 1 },
    { "{\"type\":\"GET_CAPABILITIES\",\"seqNum\":1}",
        FOYER_CAST_WEBRTC_GET_CAPABILITIES, 1 },
    { "{\"type\":\"GET_STATUS\",\"seqNum\":1}", FOYER_CAST_WEBRTC_GET_STATUS,
        1 },
    { "{\"type\":\"\",\"seqNum\":1}", FOYER_CAST_WEBRTC_UNKNOWN, 1 },
    { "{\"type\":1}", FOYER_CAST_WEBRTC_UNKNOWN, -1 },
    { "{}", FOYER_CAST_WEBRTC_UNKNOWN, -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (JsonObject) message = foyer_cast_json_parse (cases[i].text,
        NULL);
    gint64 sequence = 99;

    g_assert_cmpint (foyer_cast_webrtc_get_type (message, &sequence), ==,
        cases[i].type);
    g_assert_cmpint (sequence, ==, cases[i].sequence);
  }
}

static void
test_webrtc_capabilities (void)
{
  static const FoyerCastCodec codecs[] = { FOYER_CAST_CODEC_VP8,
    FOYER_CAST_CODEC_H264, FOYER_CAST_CODEC_OPUS };
  g_autofree char *text = foyer_cast_webrtc_print_capabilities (codecs, 3, 5);

  g_assert_cmpstr (text, ==,
      "{\"type\":\"CAPABILITIES_RESPONSE\",\"seqNum\":5,\"result\":\"ok\","
      "\"capabilities\":{\"mediaCaps\":[\"audio\",\"video\",\"vp8\",\"h264\","
      "\"opus\"],\"remoting\":0}}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-offer/print/known", test_print_known);
  g_test_add_func ("/cast-offer/print/fraction", test_print_fraction);
  g_test_add_func ("/cast-offer/parse/nest-hub", test_parse_nest_hub);
  g_test_add_func ("/cast-offer/parse/acceptance-table", test_acceptance_table);
  g_test_add_func ("/cast-offer/parse/defaults", test_defaults);
  g_test_add_func ("/cast-offer/parse/dscp-differs", test_dscp_differs);
  g_test_add_func ("/cast-offer/parse/number-of-streams",
      test_number_of_streams);
  g_test_add_func ("/cast-offer/parse/captured", test_captured);
  g_test_add_func ("/cast-offer/init/numbers", test_init_numbers);
  g_test_add_func ("/cast-offer/init/without-audio", test_init_without_audio);
  g_test_add_func ("/cast-offer/init/keys-are-fresh", test_keys_are_fresh);
  g_test_add_func ("/cast-offer/both/own-is-accepted", test_own_is_accepted);
  g_test_add_func ("/cast-offer/fraction/table", test_fraction);
  g_test_add_func ("/cast-offer/webrtc/type", test_webrtc_type);
  g_test_add_func ("/cast-offer/webrtc/capabilities", test_webrtc_capabilities);
  return g_test_run ();
}
