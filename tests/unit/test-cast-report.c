/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-report.h"

#include "foyer-cast-input.h"

#include <string.h>

static const FoyerCastReport full_report = {
  .step = FOYER_CAST_STEP_STREAMING,
  .display_name = "Kitchen",
  .host = "192.0.2.7",
  .port = 8009,
  .fingerprint = "sha256:00",
  .codec = FOYER_CAST_CODEC_VP8,
  .width_px = 640,
  .height_px = 480,
  .encoder = "vp8enc",
  .bps = 1500000,
  .n_not_ready = 5,
  .n_too_many = 6,
  .n_behind = 11,
  .sender = {
    .rtt_us = 1500,
    .fraction_lost = 64,
    .n_datagrams = 1000,
    .n_retransmitted = 10,
    .n_bytes = 123456,
    .n_frames = { 300, 1, 2, 3, 4, 7 },
    .n_key_requests = 8,
    .n_bad_datagrams = 9,
    .estimate_bps = 4000000,
    .ack_delay_us = 12000,
  },
};

static void
assert_string (const GstStructure *structure, const char *name,
    const char *value)
{
  g_assert_cmpstr (gst_structure_get_string (structure, name), ==, value);
}

static void
assert_uint64 (const GstStructure *structure, const char *name, guint64 value)
{
  guint64 found = 0;

  g_assert_true (gst_structure_get_uint64 (structure, name, &found));
  g_assert_cmpuint (found, ==, value);
}

static void
assert_int64 (const GstStructure *structure, const char *name, gint64 value)
{
  gint64 found = 0;

  g_assert_true (gst_structure_get_int64 (structure, name, &found));
  g_assert_cmpint (found, ==, value);
}

static void
assert_uint (const GstStructure *structure, const char *name, guint value)
{
  guint found = 0;

  g_assert_true (gst_structure_get_uint (structure, name, &found));
  g_assert_cmpuint (found, ==, value);
}

static void
test_report_state (void)
{
  g_autoptr (GstStructure) state = foyer_cast_report_dup_state (&full_report);

  g_assert_cmpstr (gst_structure_get_name (state), ==, "foyer-cast-state");
  assert_string (state, "state", "streaming");
  assert_string (state, "display-name", "Kitchen");
  assert_string (state, "host", "192.0.2.7");
  assert_string (state, "fingerprint", "sha256:00");
  assert_string (state, "codec", "vp8");
  assert_uint (state, "port", 8009);
  assert_uint (state, "width", 640);
  assert_uint (state, "height", 480);
}

/* Before it is known, it is not said. */
static void
test_report_state_early (void)
{
  FoyerCastReport report = full_report;
  g_autoptr (GstStructure) state = NULL;

  report.step = FOYER_CAST_STEP_CONNECTING;
  report.display_name = NULL;
  report.fingerprint = NULL;
  state = foyer_cast_report_dup_state (&report);
  assert_string (state, "state", "connecting");
  g_assert_false (gst_structure_has_field (state, "display-name"));
  g_assert_false (gst_structure_has_field (state, "fingerprint"));
  g_assert_false (gst_structure_has_field (state, "codec"));
  g_assert_false (gst_structure_has_field (state, "width"));
}

static void
test_report_stats (void)
{
  g_autoptr (GstStructure) stats = foyer_cast_report_dup_stats (&full_report);
  double loss = 0.0;

  g_assert_cmpstr (gst_structure_get_name (stats), ==, "foyer-cast-stats");
  assert_string (stats, "encoder", "vp8enc");
  assert_int64 (stats, "delay-ns", 12000000);
  assert_int64 (stats, "rtt-ns", 1500000);
  g_assert_true (gst_structure_get_double (stats, "loss", &loss));
  g_assert_cmpfloat (loss, ==, 0.25);
  assert_uint (stats, "bit-rate-bps", 1500000);
  assert_uint64 (stats, "estimate-bps", 4000000);
  assert_uint64 (stats, "frames-sent", 300);
  assert_uint64 (stats, "datagrams", 1000);
  assert_uint64 (stats, "retransmissions", 10);
  assert_uint64 (stats, "bytes", 123456);
  assert_uint64 (stats, "key-requests", 8);
  assert_uint64 (stats, "bad-datagrams", 9);
}

static void
test_report_dropped (void)
{
  g_autoptr (GstStructure) stats = foyer_cast_report_dup_stats (&full_report);
  const GValue *value = gst_structure_get_value (stats, "dropped");
  const GstStructure *dropped = gst_value_get_structure (value);

  assert_uint64 (dropped, "not-ready", 5);
  assert_uint64 (dropped, "frame-rate", 6);
  assert_uint64 (dropped, "behind", 11);
  assert_uint64 (dropped, "in-flight", 1);
  assert_uint64 (dropped, "id-span", 2);
  assert_uint64 (dropped, "too-large", 3);
  assert_uint64 (dropped, "need-key", 4);
  assert_uint64 (dropped, "too-old", 7);
}

static void
test_report_stats_unknown (void)
{
  FoyerCastReport report = { .sender.rtt_us = -1, .sender.ack_delay_us = -1 };
  g_autoptr (GstStructure) stats = foyer_cast_report_dup_stats (&report);

  assert_int64 (stats, "delay-ns", -1);
  assert_int64 (stats, "rtt-ns", -1);
  g_assert_false (gst_structure_has_field (stats, "encoder"));
  g_assert_false (gst_structure_has_field (stats, "codec"));
}

static void
test_report_failure (void)
{
  g_autoptr (GError) error = g_error_new_literal (FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_NO_FEEDBACK, "streaming to it: no feedback");
  g_autofree char *failure = foyer_cast_report_dup_failure (&full_report,
      error);

  g_assert_nonnull (strstr (failure, "Kitchen"));
  g_assert_nonnull (strstr (failure, "streaming to it: no feedback"));
  g_assert_nonnull (strstr (failure, foyer_cast_error_get_remedy (error)));
}

static void
test_report_failure_nameless (void)
{
  FoyerCastReport report = { .host = "192.0.2.7" };
  g_autoptr (GError) error = g_error_new_literal (FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_TLS, "no");
  g_autofree char *failure = foyer_cast_report_dup_failure (&report, error);

  g_assert_nonnull (strstr (failure, "192.0.2.7"));
}

static void
test_report_codes (void)
{
  static const struct
  {
    FoyerCastError error;
    GstResourceError code;
  } cases[] = {
    { FOYER_CAST_ERROR_FAILED, GST_RESOURCE_ERROR_FAILED },
    { FOYER_CAST_ERROR_UNREACHABLE, GST_RESOURCE_ERROR_NOT_FOUND },
    { FOYER_CAST_ERROR_TLS, GST_RESOURCE_ERROR_OPEN_READ_WRITE },
    { FOYER_CAST_ERROR_AUTH_PIN, GST_RESOURCE_ERROR_NOT_AUTHORIZED },
    { FOYER_CAST_ERROR_AUTH_CHAIN, GST_RESOURCE_ERROR_NOT_AUTHORIZED },
    { FOYER_CAST_ERROR_TIMED_OUT, GST_RESOURCE_ERROR_READ },
    { FOYER_CAST_ERROR_CREDENTIALS, GST_RESOURCE_ERROR_SETTINGS },
  };
  g_autoptr (GError) foreign = g_error_new_literal (GST_CORE_ERROR,
      GST_CORE_ERROR_PAD, "no");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = g_error_new_literal (FOYER_CAST_ERROR,
        (int) cases[i].error, "no");

    g_assert_cmpint (foyer_cast_report_get_code (error), ==, cases[i].code);
  }
  g_assert_cmpint (foyer_cast_report_get_code (foreign), ==,
      GST_RESOURCE_ERROR_FAILED);
}

static gboolean
input_from_string (const char *string, FoyerCastInput *input)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (string);

  return foyer_cast_input_from_caps (caps, input);
}

static void
test_input_raw (void)
{
  FoyerCastInput input;

  g_assert_true (input_from_string ("video/x-raw, format=YUY2, width=640, "
                                    "height=480, pixel-aspect-ratio=12/11, "
                                    "framerate=30000/1001",
      &input));
  g_assert_cmpint (input.codec, ==, FOYER_CAST_CODEC_NONE);
  g_assert_cmpuint (input.picture.width_px, ==, 640);
  g_assert_cmpuint (input.picture.height_px, ==, 480);
  g_assert_cmpuint (input.picture.par_n, ==, 12);
  g_assert_cmpuint (input.picture.par_d, ==, 11);
  g_assert_cmpuint (input.picture.fps_n, ==, 30000);
  g_assert_cmpuint (input.picture.fps_d, ==, 1001);
}

static void
test_input_coded (void)
{
  FoyerCastInput input;

  g_assert_true (input_from_string ("video/x-h264", &input));
  g_assert_cmpint (input.codec, ==, FOYER_CAST_CODEC_H264);
  g_assert_cmpuint (input.picture.width_px, ==, 0);
  g_assert_cmpuint (input.picture.fps_n, ==, 0);
  g_assert_true (input_from_string ("video/x-vp8, width=320", &input));
  g_assert_cmpint (input.codec, ==, FOYER_CAST_CODEC_VP8);
  g_assert_cmpuint (input.picture.width_px, ==, 320);
  g_assert_true (input_from_string ("audio/x-opus", &input));
  g_assert_cmpint (input.codec, ==, FOYER_CAST_CODEC_OPUS);
}

static void
test_input_odd (void)
{
  FoyerCastInput input;

  g_assert_false (input_from_string ("video/x-vp9", &input));
  g_assert_true (
      input_from_string ("video/x-raw, width=-1, height=-5", &input));
  g_assert_cmpuint (input.picture.width_px, ==, 0);
  g_assert_cmpuint (input.picture.height_px, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/cast-report/state/full", test_report_state);
  g_test_add_func ("/cast-report/state/early", test_report_state_early);
  g_test_add_func ("/cast-report/stats/full", test_report_stats);
  g_test_add_func ("/cast-report/stats/dropped", test_report_dropped);
  g_test_add_func ("/cast-report/stats/unknown", test_report_stats_unknown);
  g_test_add_func ("/cast-report/failure/named", test_report_failure);
  g_test_add_func ("/cast-report/failure/nameless",
      test_report_failure_nameless);
  g_test_add_func ("/cast-report/failure/codes", test_report_codes);
  g_test_add_func ("/cast-input/raw", test_input_raw);
  g_test_add_func ("/cast-input/coded", test_input_coded);
  g_test_add_func ("/cast-input/odd", test_input_odd);
  return g_test_run ();
}
