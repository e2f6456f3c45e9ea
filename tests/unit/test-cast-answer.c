/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-json.h"
#include "foyer-cast-offer.h"
#include "foyer-test-data.h"

#include <string.h>

/* Audio is 0; 1 and 2 are the same picture, coded twice. */
static FoyerCastOffer
make_offer (void)
{
  FoyerCastOffer offer = { .n_streams = 3 };

  for (guint i = 0; i < 3; i++) {
    offer.streams[i].index = i;
    offer.streams[i].config.kind = i == 0 ? FOYER_CAST_STREAM_AUDIO
                                          : FOYER_CAST_STREAM_VIDEO;
    offer.streams[i].config.sender_ssrc = 1 + 2 * i;
  }
  return offer;
}

static gboolean
parse (const char *text, FoyerCastAnswer *answer, GError **error)
{
  g_autoptr (JsonObject) message = foyer_cast_json_parse (text, NULL);
  g_auto (FoyerCastOffer) offer = make_offer ();

  g_assert_nonnull (message);
  return foyer_cast_answer_parse (message, &offer, answer, error);
}

#define OK(answer) \
  "{\"type\":\"ANSWER\",\"seqNum\":1,\"result\":\"ok\",\"answer\":{" answer "}}"
#define CHOICE "\"udpPort\":2344,\"sendIndexes\":[0,1],\"ssrcs\":[2,4]"

static void
assert_choice (const FoyerCastAnswer *answer)
{
  g_assert_cmpuint (answer->udp_port, ==, 2344);
  g_assert_cmpuint (answer->n_streams, ==, 2);
  g_assert_cmpuint (answer->indexes[0], ==, 0);
  g_assert_cmpuint (answer->indexes[1], ==, 1);
  g_assert_cmpuint (answer->ssrcs[0], ==, 2);
  g_assert_cmpuint (answer->ssrcs[1], ==, 4);
}

/* Optional parts of all ages and shapes, and broken ones: none matters. */
static void
test_lenient (void)
{
  static const char *const texts[] = {
    OK (CHOICE),
    "{\"type\":\"ANSWER\",\"result\":\"OK\",\"answer\":{" CHOICE "}}",
    OK (CHOICE ",\"rtpExtensions\":[\"adaptive_playout_delay\"]"),
    OK (CHOICE ",\"rtpExtensions\":[[\"adaptive_playout_delay\"],[]]"),
    OK (CHOICE ",\"rtpExtensions\":\"adaptive_playout_delay\""),
    OK (CHOICE ",\"receiverRtcpDscp\":\"\""),
    OK (CHOICE ",\"receiverRtcpDscp\":46"),
    OK (CHOICE ",\"receiverRtcpDscp\":[0,1]"),
    OK (CHOICE ",\"receiverRtcpEventLog\":[],\"castMode\":\"mirroring\""),
    OK (CHOICE ",\"constraints\":null,\"display\":null"),
    OK (CHOICE ",\"constraints\":[],\"display\":7"),
    OK (CHOICE ",\"constraints\":{\"audio\":1,\"video\":\"x\"}"),
    OK (CHOICE ",\"constraints\":{\"video\":{\"maxDimensions\":[1,2],"
               "\"maxBitRate\":\"fast\",\"maxDelay\":-1,"
               "\"maxPixelsPerSecond\":-5}}"),
    OK (CHOICE ",\"constraints\":{\"video\":{\"maxDimensions\":"
               "{\"width\":0,\"height\":99999,\"frameRate\":\"0\"}}}"),
    OK (CHOICE ",\"display\":{\"dimensions\":{\"width\":\"1\"},"
               "\"scaling\":\"other\"}"),
    OK ("\"udpPort\":2344.0,\"sendIndexes\":[0,1.0],\"ssrcs\":[2,4]"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    FoyerCastAnswer answer;
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", texts[i]);
    g_assert_true (parse (texts[i], &answer, &error));
    g_assert_no_error (error);
    assert_choice (&answer);
    g_assert_cmpuint (answer.max_width_px, ==, 0);
    g_assert_cmpuint (answer.max_fps_n, ==, 0);
    g_assert_cmpuint (answer.max_video_bps, ==, 0);
    g_assert_cmpuint (answer.max_delay_ms, ==, 0);
    g_assert_cmpuint (answer.display_width_px, ==, 0);
    g_assert_cmpfloat (answer.max_pixels_per_second, ==, 0);
    g_assert_cmpint (answer.scaling, ==, FOYER_CAST_SCALING_RECEIVER);
  }
}

static void
test_all_parts (void)
{
  FoyerCastAnswer answer;
  g_autoptr (GError) error = NULL;

  g_assert_true (parse (
      OK (CHOICE
          ",\"constraints\":{\"audio\":{\"maxSampleRate\":48000,"
          "\"maxChannels\":2,\"maxBitRate\":128000,\"maxDelay\":1200},"
          "\"video\":{\"maxPixelsPerSecond\":27648000.5,\"maxDimensions\":{"
          "\"width\":1280,\"height\":720,\"frameRate\":\"30000/1001\"},"
          "\"minBitRate\":300000,\"maxBitRate\":4000000,\"maxDelay\":800}},"
          "\"display\":{\"dimensions\":{\"width\":1024,\"height\":600,"
          "\"frameRate\":\"60\"},\"aspectRatio\":\"16:9\","
          "\"scaling\":\"sender\"}"),
      &answer, &error));
  g_assert_no_error (error);
  assert_choice (&answer);
  g_assert_cmpuint (answer.max_width_px, ==, 1280);
  g_assert_cmpuint (answer.max_height_px, ==, 720);
  g_assert_cmpuint (answer.max_fps_n, ==, 30000);
  g_assert_cmpuint (answer.max_fps_d, ==, 1001);
  g_assert_cmpuint (answer.max_video_bps, ==, 4000000);
  g_assert_cmpuint (answer.min_video_bps, ==, 300000);
  g_assert_cmpuint (answer.max_audio_bps, ==, 128000);
  g_assert_cmpfloat (answer.max_pixels_per_second, ==, 27648000.5);
  g_assert_cmpuint (answer.max_delay_ms, ==, 800);
  g_assert_cmpuint (answer.display_width_px, ==, 1024);
  g_assert_cmpuint (answer.display_height_px, ==, 600);
  g_assert_cmpint (answer.scaling, ==, FOYER_CAST_SCALING_SENDER);
}

/* A rate as a number, and a least bit rate over the most. */
static void
test_odd_parts (void)
{
  FoyerCastAnswer answer;

  g_assert_true (
      parse (OK (CHOICE ",\"constraints\":{\"video\":{\"maxDimensions\":{"
                        "\"width\":16384,\"height\":16384,\"frameRate\":25},"
                        "\"minBitRate\":500,\"maxBitRate\":499}}"),
          &answer, NULL));
  g_assert_cmpuint (answer.max_width_px, ==, 16384);
  g_assert_cmpuint (answer.max_fps_n, ==, 25);
  g_assert_cmpuint (answer.max_fps_d, ==, 1);
  g_assert_cmpuint (answer.max_video_bps, ==, 499);
  g_assert_cmpuint (answer.min_video_bps, ==, 0);
}

static void
test_contradictions (void)
{
  static const char *const texts[] = {
    "{\"type\":\"ANSWER\",\"result\":\"ok\"}",
    "{\"type\":\"ANSWER\",\"result\":\"ok\",\"answer\":[]}",
    "{\"type\":\"ANSWER\",\"answer\":{" CHOICE "}}", /* no result */
    OK ("\"sendIndexes\":[0,1],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":0,\"sendIndexes\":[0,1],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":65536,\"sendIndexes\":[0,1],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":\"2344\",\"sendIndexes\":[0,1],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":2344,\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,1]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[],\"ssrcs\":[]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,1],\"ssrcs\":[2]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,3],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[-1,1],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,0],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[1,2],\"ssrcs\":[4,6]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,1],\"ssrcs\":[2,2]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,1],\"ssrcs\":[2,0]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,1],\"ssrcs\":[2,4294967296]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,\"1\"],\"ssrcs\":[2,4]"),
    OK ("\"udpPort\":2344,\"sendIndexes\":[0,1,2,3,4,5,6,7,8],"
        "\"ssrcs\":[1,2,3,4,5,6,7,8,9]"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    FoyerCastAnswer answer;
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", texts[i]);
    g_assert_false (parse (texts[i], &answer, &error));
    g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_ANSWER_INVALID);
    g_assert_cmpuint (answer.n_streams, ==, 0);
    g_assert_cmpuint (answer.udp_port, ==, 0);
  }
}

static void
test_one_of_a_kind (void)
{
  FoyerCastAnswer answer;

  g_assert_true (
      parse (OK ("\"udpPort\":1,\"sendIndexes\":[2],\"ssrcs\":[4294967295]"),
          &answer, NULL));
  g_assert_cmpuint (answer.n_streams, ==, 1);
  g_assert_cmpuint (answer.indexes[0], ==, 2);
  g_assert_cmpuint (answer.ssrcs[0], ==, G_MAXUINT32);
  g_assert_true (
      parse (OK ("\"udpPort\":65535,\"sendIndexes\":[2,0],\"ssrcs\":[8,9]"),
          &answer, NULL));
  g_assert_cmpuint (answer.udp_port, ==, 65535);
  g_assert_cmpuint (answer.indexes[0], ==, 2);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "{\"result\":\"error\",\"error\":{\"code\":10092,"
      "\"description\":\"Failed to parse malformed OFFER\"}}",
        "the display refuses the OFFER with code 10092: "
        "\"Failed to parse malformed OFFER\"" },
    { "{\"result\":\"error\"}",
        "the display refuses the OFFER with code 0: \"\"" },
    { "{\"error\":{\"code\":1}}",
        "the display refuses the OFFER with code 1: \"\"" },
    { "{\"result\":\"error\",\"error\":{\"description\":\"a\\n\\\"b\"}}",
        "the display refuses the OFFER with code 0: \"a\\u000a\\u0022b\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerCastAnswer answer;
    g_autoptr (GError) error = NULL;

    g_assert_false (parse (cases[i].text, &answer, &error));
    g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_OFFER_REFUSED);
    g_assert_cmpstr (error->message, ==, cases[i].message);
  }
}

static JsonObject *
load_captured (const char *file)
{
  g_autoptr (GBytes) bytes = foyer_test_load (file);
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_suffix (*line, "\"type\":\"ANSWER\"}"))
      return foyer_cast_json_parse (strchr (*line, '{'), NULL);
  g_assert_not_reached ();
}

static void
test_captured (void)
{
  g_autoptr (JsonObject) h264 = load_captured ("cast-messages-h264.log");
  g_autoptr (JsonObject) vp8 = load_captured ("cast-messages-vp8.log");
  g_auto (FoyerCastOffer) offer = make_offer ();
  FoyerCastAnswer answer;
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_cast_answer_parse (h264, &offer, &answer, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (answer.udp_port, ==, 2344);
  g_assert_cmpuint (answer.ssrcs[0], ==, 29533);
  g_assert_cmpuint (answer.ssrcs[1], ==, 76140);
  g_assert_true (foyer_cast_answer_parse (vp8, &offer, &answer, &error));
  g_assert_cmpuint (answer.ssrcs[0], ==, 33734);
  g_assert_cmpuint (answer.ssrcs[1], ==, 76998);
}

static void
test_print_minimal (void)
{
  const FoyerCastAnswer answer = {
    .udp_port = 2344,
    .indexes = { 0, 1 },
    .ssrcs = { 2, 4294967295 },
    .n_streams = 2,
  };
  g_autofree char *text = foyer_cast_answer_print (&answer, 9);

  g_assert_cmpstr (text, ==,
      "{\"type\":\"ANSWER\",\"seqNum\":9,\"result\":\"ok\",\"answer\":{"
      "\"udpPort\":2344,\"sendIndexes\":[0,1],\"ssrcs\":[2,4294967295]}}");
}

/* What openscreen's parser wants is there: frameRate in every size,
 * maxPixelsPerSecond, both constraints, the most over the least. */
static void
test_print_full (void)
{
  const FoyerCastAnswer answer = {
    .udp_port = 2344,
    .indexes = { 1 },
    .ssrcs = { 4 },
    .n_streams = 1,
    .max_width_px = 1280,
    .max_height_px = 720,
    .max_fps_n = 30,
    .max_fps_d = 1,
    .max_video_bps = 5000000,
    .max_delay_ms = 1500,
    .display_width_px = 1024,
    .display_height_px = 600,
  };
  g_autofree char *text = foyer_cast_answer_print (&answer, 9);

  g_assert_cmpstr (text, ==,
      "{\"type\":\"ANSWER\",\"seqNum\":9,\"result\":\"ok\",\"answer\":{"
      "\"udpPort\":2344,\"sendIndexes\":[1],\"ssrcs\":[4],\"constraints\":{"
      "\"audio\":{\"maxSampleRate\":48000,\"maxChannels\":2,"
      "\"minBitRate\":32000,\"maxBitRate\":256000,\"maxDelay\":1500},"
      "\"video\":{\"maxPixelsPerSecond\":27648000.0,"
      "\"minResolution\":{\"width\":320,\"height\":240,\"frameRate\":\"30\"},"
      "\"maxDimensions\":{\"width\":1280,\"height\":720,\"frameRate\":\"30\"},"
      "\"minBitRate\":300000,\"maxBitRate\":5000000,\"maxDelay\":1500}},"
      "\"display\":{\"dimensions\":{\"width\":1024,\"height\":600,"
      "\"frameRate\":\"30\"},\"aspectRatio\":\"128:75\","
      "\"scaling\":\"receiver\"}}}");
}

static void
test_print_small (void)
{
  const FoyerCastAnswer answer = {
    .udp_port = 1,
    .n_streams = 1,
    .max_width_px = 160,
    .max_height_px = 120,
    .max_video_bps = 100000,
    .max_audio_bps = 16000,
    .scaling = FOYER_CAST_SCALING_SENDER,
    .display_width_px = 160,
    .display_height_px = 90,
  };
  g_autofree char *text = foyer_cast_answer_print (&answer, 9);

  g_assert_nonnull (
      strstr (text, "\"minBitRate\":99999,\"maxBitRate\":100000"));
  g_assert_nonnull (strstr (text, "\"minBitRate\":16000,\"maxBitRate\":16000"));
  g_assert_nonnull (
      strstr (text, "\"minResolution\":{\"width\":160,\"height\":120"));
  g_assert_nonnull (strstr (text, "\"maxPixelsPerSecond\":576000.0"));
  g_assert_nonnull (
      strstr (text, "\"aspectRatio\":\"16:9\",\"scaling\":\"sender\""));
}

static void
test_print_error (void)
{
  g_autofree char *text = foyer_cast_answer_print_error (10092,
      "a \"malformed\" OFFER", 3);

  g_assert_cmpstr (text, ==,
      "{\"type\":\"ANSWER\",\"seqNum\":3,\"result\":\"error\",\"error\":{"
      "\"code\":10092,\"description\":\"a \\\"malformed\\\" OFFER\"}}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-answer/parse/lenient", test_lenient);
  g_test_add_func ("/cast-answer/parse/all-parts", test_all_parts);
  g_test_add_func ("/cast-answer/parse/odd-parts", test_odd_parts);
  g_test_add_func ("/cast-answer/parse/contradictions", test_contradictions);
  g_test_add_func ("/cast-answer/parse/one-of-a-kind", test_one_of_a_kind);
  g_test_add_func ("/cast-answer/parse/refused", test_refused);
  g_test_add_func ("/cast-answer/parse/captured", test_captured);
  g_test_add_func ("/cast-answer/print/minimal", test_print_minimal);
  g_test_add_func ("/cast-answer/print/full", test_print_full);
  g_test_add_func ("/cast-answer/print/small", test_print_small);
  g_test_add_func ("/cast-answer/print/error", test_print_error);
  return g_test_run ();
}
