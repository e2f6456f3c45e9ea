/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-coded.h"
#include "foyer-capture.h"
#include "foyer-media.h"

#include <string.h>

static void
assert_caps (FoyerV4l2Mode mode, const char *expected)
{
  g_autoptr (GstCaps) caps = foyer_capture_dup_caps (&mode);
  g_autoptr (GstCaps) wanted = gst_caps_from_string (expected);

  g_assert_true (gst_caps_is_equal (caps, wanted));
}

static void
test_caps (void)
{
  assert_caps ((FoyerV4l2Mode){ V4L2_PIX_FMT_YUYV, 640, 360, 30, 1 },
      "video/x-raw,format=YUY2,width=640,height=360,framerate=30/1");
  assert_caps ((FoyerV4l2Mode){ V4L2_PIX_FMT_MJPEG, 1280, 720, 0, 1 },
      "image/jpeg,width=1280,height=720");
  assert_caps ((FoyerV4l2Mode){ V4L2_PIX_FMT_H264, 320, 240, 15, 2 },
      "video/x-h264,width=320,height=240,framerate=15/2");
}

static void
test_fit (void)
{
  const FoyerShape most = { FOYER_CODEC_RAW, 1280, 720, 30, 1 };
  FoyerShape shape = foyer_capture_fit (&(FoyerV4l2Mode){ V4L2_PIX_FMT_YUYV,
                                            640, 360, 10, 1 },
      &most);

  /* Never up. */
  g_assert_cmpuint (shape.width_px, ==, 640);
  g_assert_cmpuint (shape.height_px, ==, 360);
  g_assert_cmpuint (shape.fps_n, ==, 10);
  shape = foyer_capture_fit (&(FoyerV4l2Mode){ V4L2_PIX_FMT_MJPEG, 1920, 1080,
                                 0, 1 },
      &most);
  g_assert_cmpuint (shape.width_px, ==, 1280);
  g_assert_cmpuint (shape.height_px, ==, 720);
  g_assert_cmpuint (shape.fps_n, ==, 0);
  shape = foyer_capture_fit (&(FoyerV4l2Mode){ V4L2_PIX_FMT_GREY, 161, 121, 30,
                                 1 },
      &most);
  g_assert_cmpuint (shape.width_px % 2 + shape.height_px % 2, ==, 0);
  g_assert_cmpuint (shape.width_px, <=, 161);
  g_assert_cmpuint (shape.height_px, <=, 121);
}

/* No more pictures a second than asked for, of what can be left out. */
static void
test_thinned (void)
{
  static const struct
  {
    FoyerV4l2Mode mode;
    gboolean is_thinned;
    guint fps_n;
  } cases[] = {
    { { V4L2_PIX_FMT_YUYV, 640, 360, 60, 1 }, TRUE, 15 },
    { { V4L2_PIX_FMT_MJPEG, 640, 360, 16, 1 }, TRUE, 15 },
    { { V4L2_PIX_FMT_YUYV, 640, 360, 15001, 1000 }, FALSE, 15001 },
    { { V4L2_PIX_FMT_YUYV, 640, 360, 10, 1 }, FALSE, 10 },
    { { V4L2_PIX_FMT_YUYV, 640, 360, 0, 1 }, TRUE, 0 },
    { { V4L2_PIX_FMT_H264, 640, 360, 30, 1 }, FALSE, 30 },
  };
  const FoyerShape most = { FOYER_CODEC_RAW, 1280, 720, 15, 1 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpint (foyer_capture_is_thinned (&cases[i].mode, &most), ==,
        cases[i].is_thinned);
    g_assert_cmpuint (foyer_capture_fit (&cases[i].mode, &most).fps_n, ==,
        cases[i].fps_n);
  }
}

static void
test_raw (void)
{
  const FoyerV4l2Mode mode = { V4L2_PIX_FMT_YUYV, 16, 16, 30, 1 };
  guint8 frame[16 * 16 * 2] = { 0 };
  FoyerCaptureCheck check;

  foyer_capture_check_init (&check, &mode);
  g_assert_true (foyer_capture_check_is_whole (&check, frame, sizeof frame));
  g_assert_false (
      foyer_capture_check_is_whole (&check, frame, sizeof frame - 1));
  g_assert_false (foyer_capture_check_is_whole (&check, NULL, 0));
}

/* Streaming thread. */
static GstPadProbeReturn
on_converted (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  ++*(guint *) user_data;
  return GST_PAD_PROBE_OK;
}

/* A frame that is shorter than its format says: a converter can't read it, and
 * hands on what is in the memory that it was to write. */
static void
test_unreadable (void)
{
  static const char *const names[] = { "videoconvertscale", "fakesink", NULL };
  const gsize sizes[] = { 18 * 16 * 3, 20 * 16 * 3, 20 * 16 * 3 - 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstPad) pad = NULL;
  GstElement *convert, *sink;
  GstSegment segment;
  guint n_converted = 0;

  g_assert_true (foyer_media_load (names, &error));
  bin = gst_object_ref_sink (gst_bin_new (NULL));
  convert = foyer_media_add (GST_BIN (bin), "videoconvertscale", &error);
  sink = foyer_media_add (GST_BIN (bin), "fakesink", &error);
  g_object_set (sink, "async", FALSE, NULL);
  g_assert_true (gst_element_link_filtered (convert, sink,
      foyer_media_dup_raw_caps (
          &(FoyerShape){ FOYER_CODEC_RAW, 20, 16, 30, 1 })));
  foyer_media_refuse_unreadable (convert);
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_converted, &n_converted,
      NULL);
  gst_element_set_state (bin, GST_STATE_PLAYING);
  gst_clear_object (&pad);
  pad = gst_element_get_static_pad (convert, "sink");
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_send_event (pad, gst_event_new_stream_start ("s"));
  gst_pad_send_event (pad,
      gst_event_new_caps (gst_caps_from_string (
          "video/x-raw,format=RGB,width=20,height=16,framerate=30/1")));
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    g_assert_cmpint (gst_pad_chain (pad,
                         gst_buffer_new_allocate (NULL, sizes[i], NULL)),
        ==, GST_FLOW_OK);
  gst_element_set_state (bin, GST_STATE_NULL);
  g_assert_cmpuint (n_converted, ==, 1);
}

static void
test_jpeg (void)
{
  const FoyerV4l2Mode mode = { V4L2_PIX_FMT_MJPEG, 16, 16, 30, 1 };
  guint8 frame[] = { 0xff, 0xd8, 1, 2, 3, 0xff, 0xd9, 0, 0, 0 };
  FoyerCaptureCheck check;

  foyer_capture_check_init (&check, &mode);
  /* A camera that never says where a picture ends. */
  g_assert_true (foyer_capture_check_is_whole (&check, frame, 5));
  g_assert_true (foyer_capture_check_is_whole (&check, frame, 7));
  /* One that does. */
  g_assert_false (foyer_capture_check_is_whole (&check, frame, 5));
  g_assert_true (foyer_capture_check_is_whole (&check, frame, sizeof frame));
  for (gsize n = 0; n < 7; n++)
    g_assert_false (foyer_capture_check_is_whole (&check, frame, n));
  frame[1] = 0xd9;
  g_assert_false (foyer_capture_check_is_whole (&check, frame, sizeof frame));
  memset (frame, 0, sizeof frame);
  g_assert_false (foyer_capture_check_is_whole (&check, frame, sizeof frame));
}

static void
assert_castable (const char *text, gboolean is_castable)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  g_assert_cmpint (foyer_capture_is_castable (caps), ==, is_castable);
}

static void
test_castable (void)
{
  assert_castable ("video/x-h264,profile=high,level=(string)4.1", TRUE);
  assert_castable ("video/x-h264,profile=constrained-baseline,"
                   "level=(string)3,interlace-mode=progressive",
      TRUE);
  assert_castable ("video/x-h264,profile=high,level=(string)4.2", FALSE);
  assert_castable ("video/x-h264,profile=high-4:2:2,level=(string)4", FALSE);
  assert_castable ("video/x-h264,profile=high-10,level=(string)4", FALSE);
  assert_castable ("video/x-h264,profile=main,level=(string)4,"
                   "interlace-mode=mixed",
      FALSE);
  assert_castable ("video/x-h264,profile=main", FALSE);
  assert_castable ("video/x-h264,level=(string)4", FALSE);
}

static void
test_pass (void)
{
  FoyerCodedFigures figures = { 0 };

  /* Before the first frame one can only try. */
  g_assert_true (foyer_coded_figures_may_pass (&figures));
  figures = (FoyerCodedFigures){ .is_known = TRUE,
    .is_castable = TRUE,
    .key_age_us = 2000000 };
  g_assert_true (foyer_coded_figures_may_pass (&figures));
  figures.key_age_us = 3000000;
  g_assert_false (foyer_coded_figures_may_pass (&figures));
  figures.can_ask = TRUE;
  g_assert_true (foyer_coded_figures_may_pass (&figures));
  figures.is_castable = FALSE;
  g_assert_false (foyer_coded_figures_may_pass (&figures));
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/capture/caps", test_caps);
  g_test_add_func ("/capture/fit", test_fit);
  g_test_add_func ("/capture/thinned", test_thinned);
  g_test_add_func ("/capture/whole/raw", test_raw);
  g_test_add_func ("/capture/whole/unreadable", test_unreadable);
  g_test_add_func ("/capture/whole/jpeg", test_jpeg);
  g_test_add_func ("/capture/castable", test_castable);
  g_test_add_func ("/capture/pass", test_pass);
  return g_test_run ();
}
