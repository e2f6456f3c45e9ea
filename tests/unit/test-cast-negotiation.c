/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-json.h"
#include "foyer-cast-negotiation.h"
#include "foyer-cast-selection.h"

#include <string.h>

#define MTU 1472

static FoyerCastOfferWish
make_wish (void)
{
  const FoyerCastOfferWish wish = {
    .video_codecs = { FOYER_CAST_CODEC_H264, FOYER_CAST_CODEC_VP8 },
    .n_video_codecs = 2,
    .has_audio = TRUE,
    .n_audio_channels = 2,
    .width_px = 1920,
    .height_px = 1080,
    .fps_n = 30,
    .fps_d = 1,
    .max_video_bps = 5000000,
    .audio_bps = 128000,
    .delay_ms = 400,
  };

  return wish;
}

static JsonObject *
make_answer (gint64 sequence, const char *answer)
{
  g_autofree char *text =
      g_strdup_printf ("{\"type\":\"answer\",\"seqNum\":%" G_GINT64_FORMAT
                       ",\"result\":\"ok\",\"answer\":{%s}}",
          sequence, answer);
  JsonObject *json = foyer_cast_json_parse (text, NULL);

  g_assert_nonnull (json);
  return json;
}

static void
begin (FoyerCastNegotiation *negotiation)
{
  const FoyerCastOfferWish wish = make_wish ();
  g_autofree char *text = NULL;

  text = foyer_cast_negotiation_begin (negotiation, &wish);
  g_assert_nonnull (text);
}

/* Settles the first OFFER by @answer. */
static void
settle (const char *answer, FoyerCastSettlement *settlement)
{
  FoyerCastNegotiation negotiation = { 0 };
  g_autoptr (JsonObject) json = make_answer (1, answer);
  g_autoptr (GError) error = NULL;

  begin (&negotiation);
  g_assert_true (foyer_cast_negotiation_is_answer (&negotiation, json));
  g_assert_true (foyer_cast_negotiation_finish (&negotiation, json, MTU,
      settlement, &error));
  g_assert_no_error (error);
  g_assert_false (foyer_cast_negotiation_is_answer (&negotiation, json));
  foyer_cast_negotiation_clear (&negotiation);
}

static void
test_least (void)
{
  g_auto (FoyerCastSettlement) settlement = { 0 };
  const FoyerCastSessionStream *audio = &settlement.streams[0];
  const FoyerCastSessionStream *video = &settlement.streams[1];

  settle ("\"udpPort\":2344,\"sendIndexes\":[2,0],\"ssrcs\":[77,66]",
      &settlement);
  g_assert_cmpuint (settlement.udp_port, ==, 2344);
  g_assert_cmpuint (settlement.n_streams, ==, 2);
  g_assert_cmpint (audio->codec, ==, FOYER_CAST_CODEC_OPUS);
  g_assert_cmpuint (audio->max_bps, ==, 128000);
  g_assert_cmpuint (settlement.configs[0].receiver_ssrc, ==, 66);
  g_assert_cmpint (video->codec, ==, FOYER_CAST_CODEC_VP8);
  g_assert_cmpuint (settlement.configs[1].receiver_ssrc, ==, 77);
  g_assert_cmpuint (settlement.configs[1].max_datagram_bytes, ==, MTU);
  g_assert_cmpuint (video->width_px, ==, 1920);
  g_assert_cmpuint (video->height_px, ==, 1080);
  g_assert_false (video->is_fixed_size);
  g_assert_cmpuint (video->fps_n, ==, 30);
  g_assert_cmpuint (settlement.max_bps, ==, 5000000);
  g_assert_cmpuint (settlement.min_bps, ==, FOYER_CAST_MIN_VIDEO_BPS);
  g_assert_cmpuint (settlement.max_delay_ms, ==, 0);
}

static void
test_constraints (void)
{
  g_auto (FoyerCastSettlement) settlement = { 0 };
  const FoyerCastSessionStream *video = &settlement.streams[0];

  settle ("\"udpPort\":1,\"sendIndexes\":[1],\"ssrcs\":[5],\"constraints\":{"
          "\"audio\":{\"maxSampleRate\":48000,\"maxChannels\":2,"
          "\"maxBitRate\":96000},"
          "\"video\":{\"maxDimensions\":{\"width\":1280,\"height\":720,"
          "\"frameRate\":\"30000/1001\"},\"maxBitRate\":2000000,"
          "\"minBitRate\":400000,\"maxPixelsPerSecond\":27648000,"
          "\"maxDelay\":250}}",
      &settlement);
  g_assert_cmpuint (settlement.n_streams, ==, 1);
  g_assert_cmpint (video->codec, ==, FOYER_CAST_CODEC_H264);
  g_assert_cmpuint (video->width_px, ==, 1280);
  g_assert_cmpuint (video->height_px, ==, 720);
  g_assert_cmpuint (video->fps_n, ==, 30000);
  g_assert_cmpuint (video->fps_d, ==, 1001);
  g_assert_cmpuint (video->max_pixels_per_second, ==, 27648000);
  g_assert_cmpuint (settlement.max_bps, ==, 2000000);
  g_assert_cmpuint (settlement.min_bps, ==, 400000);
  g_assert_cmpuint (settlement.max_delay_ms, ==, 250);
}

/* The display wants its own shape; it is made to fit what is offered. */
static void
test_fixed_size (void)
{
  g_auto (FoyerCastSettlement) settlement = { 0 };

  settle ("\"udpPort\":1,\"sendIndexes\":[1],\"ssrcs\":[5],\"display\":{"
          "\"dimensions\":{\"width\":1024,\"height\":600,\"frameRate\":\"60\"},"
          "\"scaling\":\"sender\"}",
      &settlement);
  g_assert_true (settlement.streams[0].is_fixed_size);
  g_assert_cmpuint (settlement.streams[0].width_px, ==, 1024);
  g_assert_cmpuint (settlement.streams[0].height_px, ==, 600);
  settle ("\"udpPort\":1,\"sendIndexes\":[1],\"ssrcs\":[5],\"display\":{"
          "\"dimensions\":{\"width\":3840,\"height\":1600,\"frameRate\":"
          "\"60\"},\"scaling\":\"sender\"}",
      &settlement);
  g_assert_cmpuint (settlement.streams[0].width_px, ==, 1920);
  g_assert_cmpuint (settlement.streams[0].height_px, ==, 800);
}

/* Late, early, numberless and other messages are none of this OFFER's. */
static void
test_other_answers (void)
{
  static const char *const answer =
      "\"udpPort\":1,\"sendIndexes\":[1],\"ssrcs\":[5]";
  FoyerCastNegotiation negotiation = { 0 };
  g_autoptr (JsonObject) first = make_answer (1, answer);
  g_autoptr (JsonObject) second = make_answer (2, answer);
  g_autoptr (JsonObject) none = foyer_cast_json_parse ("{\"type\":\"ANSWER\"}",
      NULL);
  g_autoptr (JsonObject) other =
      foyer_cast_json_parse ("{\"type\":\"OFFER\",\"seqNum\":2}", NULL);

  g_assert_false (foyer_cast_negotiation_is_answer (&negotiation, first));
  begin (&negotiation);
  begin (&negotiation);
  g_assert_false (foyer_cast_negotiation_is_answer (&negotiation, first));
  g_assert_false (foyer_cast_negotiation_is_answer (&negotiation, none));
  g_assert_false (foyer_cast_negotiation_is_answer (&negotiation, other));
  g_assert_true (foyer_cast_negotiation_is_answer (&negotiation, second));
  foyer_cast_negotiation_clear (&negotiation);
  g_assert_false (foyer_cast_negotiation_is_answer (&negotiation, second));
}

static void
test_refused (void)
{
  FoyerCastNegotiation negotiation = { 0 };
  g_auto (FoyerCastSettlement) settlement = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json = make_answer (1, "\"udpPort\":0");

  begin (&negotiation);
  g_assert_false (foyer_cast_negotiation_finish (&negotiation, json, MTU,
      &settlement, &error));
  g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_ANSWER_INVALID);
  g_assert_cmpuint (settlement.n_streams, ==, 0);
  foyer_cast_negotiation_clear (&negotiation);
}

/* A new OFFER never has an old one's keys. */
static void
test_fresh_keys (void)
{
  FoyerCastNegotiation negotiation = { 0 };
  FoyerKey old_key;

  begin (&negotiation);
  old_key = negotiation.offer.streams[0].config.key;
  g_assert_false (foyer_key_is_zero (&old_key));
  begin (&negotiation);
  g_assert_cmpint (memcmp (&old_key, &negotiation.offer.streams[0].config.key,
                       sizeof old_key),
      !=, 0);
  foyer_cast_negotiation_clear (&negotiation);
  g_assert_true (foyer_key_is_zero (&negotiation.offer.streams[0].config.key));
}

/* the display's side */

static const FoyerCastDisplayConfig vp8_display = {
  .codecs = { FOYER_CAST_CODEC_VP8, FOYER_CAST_CODEC_OPUS,
      FOYER_CAST_CODEC_H264 },
  .n_codecs = 3,
  .width_px = 1280,
  .height_px = 720,
  .fps = 60,
  .max_video_bps = 4000000,
};

static void
test_own_preference (void)
{
  const FoyerCastOfferWish wish = make_wish ();
  g_auto (FoyerCastOffer) offer = { 0 };
  g_auto (FoyerCastSelection) selection = { 0 };
  const FoyerCastAnswer *answer = &selection.answer;

  foyer_cast_offer_init (&offer, &wish, NULL, 1);
  g_assert_true (
      foyer_cast_selection_init (&selection, &vp8_display, &offer, 4711, MTU));
  g_assert_cmpuint (selection.n_streams, ==, 2);
  g_assert_cmpuint (answer->udp_port, ==, 4711);
  g_assert_cmpuint (answer->n_streams, ==, 2);
  g_assert_cmpuint (answer->indexes[0], ==, 0);
  g_assert_cmpuint (answer->indexes[1], ==, 2);
  g_assert_cmpint (selection.streams[1].codec, ==, FOYER_CAST_CODEC_VP8);
  g_assert_cmpuint (answer->ssrcs[1], ==,
      offer.streams[2].config.sender_ssrc + 1);
  g_assert_cmpuint (selection.streams[1].receiver_ssrc, ==, answer->ssrcs[1]);
  g_assert_cmpmem (&selection.streams[1].key, sizeof (FoyerKey),
      &offer.streams[2].config.key, sizeof (FoyerKey));
  g_assert_cmpuint (answer->max_video_bps, ==, 4000000);
  g_assert_cmpfloat (answer->max_pixels_per_second, ==, 1280.0 * 720 * 60);
}

static void
test_nothing_of_use (void)
{
  FoyerCastOfferWish wish = make_wish ();
  FoyerCastDisplayConfig display = vp8_display;
  g_auto (FoyerCastOffer) offer = { 0 };
  g_auto (FoyerCastSelection) selection = { 0 };

  wish.n_video_codecs = 1;
  wish.has_audio = FALSE;
  display.n_codecs = 1;
  foyer_cast_offer_init (&offer, &wish, NULL, 1);
  g_assert_false (
      foyer_cast_selection_init (&selection, &display, &offer, 1, MTU));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-negotiation/answer/least", test_least);
  g_test_add_func ("/cast-negotiation/answer/constraints", test_constraints);
  g_test_add_func ("/cast-negotiation/answer/fixed-size", test_fixed_size);
  g_test_add_func ("/cast-negotiation/answer/others", test_other_answers);
  g_test_add_func ("/cast-negotiation/answer/refused", test_refused);
  g_test_add_func ("/cast-negotiation/offer/fresh-keys", test_fresh_keys);
  g_test_add_func ("/cast-selection/own-preference", test_own_preference);
  g_test_add_func ("/cast-selection/nothing-of-use", test_nothing_of_use);
  return g_test_run ();
}
