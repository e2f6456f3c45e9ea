/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-mark-reader.h"
#include "foyermark.h"

#include <gst/check/gstharness.h>

#define WIDTH  320
#define HEIGHT 180

/* The mark's last row, and a row below it in every subsampling. */
#define MARK_ROWS (HEIGHT / 5)
#define FREE_ROW  (MARK_ROWS + 2)

#define FILL 77 /* of every byte before painting */

static char *
caps_of (const char *format, int width, int height)
{
  return g_strdup_printf ("video/x-raw,format=%s,width=%d,height=%d,"
                          "framerate=30/1",
      format, width, height);
}

static GstHarness *
harness_of (const char *format)
{
  GstHarness *h = gst_harness_new ("foyermark");
  g_autofree char *caps = caps_of (format, WIDTH, HEIGHT);

  gst_harness_set_src_caps_str (h, caps);
  return h;
}

static GstBuffer *
new_buffer (const char *format, GstClockTime pts_ns)
{
  GstVideoInfo info;
  GstBuffer *buffer;

  gst_video_info_set_format (&info, gst_video_format_from_string (format),
      WIDTH, HEIGHT);
  buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&info), NULL);
  gst_buffer_memset (buffer, 0, FILL, GST_VIDEO_INFO_SIZE (&info));
  GST_BUFFER_PTS (buffer) = pts_ns;
  return buffer;
}

static void
map_buffer (GstVideoFrame *frame, const char *format, GstBuffer *buffer)
{
  GstVideoInfo info;

  gst_video_info_set_format (&info, gst_video_format_from_string (format),
      WIDTH, HEIGHT);
  g_assert_true (gst_video_frame_map (frame, &info, buffer, GST_MAP_READ));
}

static guint8
get_pixel (const GstVideoFrame *frame, guint component, int x, int y)
{
  const guint8 *data = GST_VIDEO_FRAME_COMP_DATA (frame, component);

  return data[y * GST_VIDEO_FRAME_COMP_STRIDE (frame, component) +
      x * GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component)];
}

static FoyerMark
read_component (const GstVideoFrame *frame, guint component)
{
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();
  FoyerMarkPicture picture = {
    .luma = GST_VIDEO_FRAME_COMP_DATA (frame, component),
    .stride_bytes = (gsize) GST_VIDEO_FRAME_COMP_STRIDE (frame, component),
    .step_bytes = GST_VIDEO_FRAME_COMP_PSTRIDE (frame, component),
    .width_px = WIDTH,
    .height_px = HEIGHT,
  };
  FoyerMark mark = { 0 };

  g_assert_true (foyer_mark_reader_read (reader, &picture, &mark));
  return mark;
}

/* Pushes one picture through and reads its mark. */
static FoyerMark
paint (GstHarness *h, GstClockTime pts_ns)
{
  g_autoptr (GstBuffer) buffer = gst_harness_push_and_pull (h,
      new_buffer ("GRAY8", pts_ns));
  GstVideoFrame frame;
  FoyerMark mark;

  g_assert_nonnull (buffer);
  map_buffer (&frame, "GRAY8", buffer);
  mark = read_component (&frame, 0);
  gst_video_frame_unmap (&frame);
  return mark;
}

static void
assert_grey (const GstVideoFrame *frame)
{
  for (guint i = 1; i < GST_VIDEO_FRAME_N_COMPONENTS (frame); i++) {
    int last = GST_VIDEO_FORMAT_INFO_SCALE_HEIGHT (frame->info.finfo, i,
                   MARK_ROWS) -
        1;
    int right = GST_VIDEO_FRAME_COMP_WIDTH (frame, i) - 1;

    g_assert_cmpuint (get_pixel (frame, i, 0, 0), ==, 128);
    g_assert_cmpuint (get_pixel (frame, i, right, last), ==, 128);
    g_assert_cmpuint (get_pixel (frame, i, 0, last + 1), ==, FILL);
  }
}

/* Light is the same in each colour, and alpha is not touched. */
static void
assert_white (const GstVideoFrame *frame)
{
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpuint (read_component (frame, i).camera, ==, 513);
    g_assert_cmpuint (get_pixel (frame, i, WIDTH - 1, FREE_ROW), ==, FILL);
  }
  if (GST_VIDEO_INFO_HAS_ALPHA (&frame->info))
    g_assert_cmpuint (get_pixel (frame, GST_VIDEO_COMP_A, 0, 0), ==, FILL);
}

static void
test_format (gconstpointer user_data)
{
  const char *format = user_data;
  GstHarness *h = harness_of (format);
  g_autoptr (GstBuffer) buffer = NULL;
  GstVideoFrame frame;

  g_object_set (h->element, "camera", 513, NULL);
  buffer = gst_harness_push_and_pull (h, new_buffer (format, 0));
  map_buffer (&frame, format, buffer);
  g_assert_cmpuint (read_component (&frame,
                        GST_VIDEO_INFO_IS_RGB (&frame.info) ? 1 : 0)
                        .camera,
      ==, 513);
  g_assert_cmpuint (get_pixel (&frame, 0, 5, FREE_ROW), ==, FILL);
  if (GST_VIDEO_INFO_IS_RGB (&frame.info))
    assert_white (&frame);
  else
    assert_grey (&frame);
  gst_video_frame_unmap (&frame);
  gst_harness_teardown (h);
}

static void
test_counts_from_zero (void)
{
  GstHarness *h = harness_of ("GRAY8");

  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (paint (h, i * GST_MSECOND).number, ==, i);
  gst_element_set_state (h->element, GST_STATE_READY);
  gst_element_set_state (h->element, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (h,
      "video/x-raw,format=GRAY8,width=320,height=180,framerate=30/1");
  g_assert_cmpuint (paint (h, 0).number, ==, 0);
  gst_harness_teardown (h);
}

static void
test_camera_changes (void)
{
  GstHarness *h = harness_of ("GRAY8");
  guint camera = 1;

  g_object_get (h->element, "camera", &camera, NULL);
  g_assert_cmpuint (camera, ==, 0);
  g_assert_cmpuint (paint (h, 0).camera, ==, 0);
  g_object_set (h->element, "camera", G_MAXUINT16, NULL);
  g_assert_cmpuint (paint (h, GST_MSECOND).camera, ==, G_MAXUINT16);
  gst_harness_teardown (h);
}

static void
test_small_pictures_refused (void)
{
  static const int sizes[][2] = { { 159, 90 }, { 160, 89 } };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    GstHarness *h = gst_harness_new ("foyermark");
    g_autofree char *caps = caps_of ("GRAY8", sizes[i][0], sizes[i][1]);

    gst_harness_set_src_caps_str (h, caps);
    g_assert_cmpint (gst_harness_push (h, new_buffer ("GRAY8", 0)), ==,
        GST_FLOW_NOT_NEGOTIATED);
    gst_harness_teardown (h);
  }
}

static guint64
now_ns (void)
{
  return (guint64) foyer_clock_get_us (foyer_clock_get_system ()) * 1000;
}

/* A live buffer was taken when its timestamp was on the pipeline's clock. */
static void
test_live_time (void)
{
  GstHarness *h = harness_of ("GRAY8");
  guint64 before_ns = now_ns ();
  const guint64 age_ns = 40 * GST_MSECOND;
  FoyerMark mark;

  gst_harness_set_time (h, 100 * GST_MSECOND);
  mark = paint (h, 100 * GST_MSECOND - age_ns);
  g_assert_cmpuint (mark.capture_time_ns, >=, before_ns - age_ns);
  g_assert_cmpuint (mark.capture_time_ns, <=, now_ns () - age_ns);
  gst_harness_teardown (h);
}

/* No picture was taken in the future. */
static void
test_early_time (void)
{
  GstHarness *h = harness_of ("GRAY8");
  guint64 before_ns = now_ns ();
  FoyerMark mark = paint (h, GST_SECOND);

  g_assert_cmpuint (mark.capture_time_ns, >=, before_ns);
  g_assert_cmpuint (mark.capture_time_ns, <=, now_ns ());
  gst_harness_teardown (h);
}

static void
test_no_timestamp (void)
{
  GstHarness *h = harness_of ("GRAY8");
  guint64 before_ns = now_ns ();

  gst_harness_set_time (h, GST_SECOND);
  g_assert_cmpuint (paint (h, GST_CLOCK_TIME_NONE).capture_time_ns, >=,
      before_ns);
  gst_harness_teardown (h);
}

static gboolean
on_latency_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, FALSE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

/* Timestamps of a file say when it is to be shown. */
static void
test_file_time (void)
{
  GstHarness *h = harness_of ("GRAY8");
  guint64 before_ns = now_ns ();

  gst_pad_set_query_function (h->srcpad, on_latency_query);
  gst_harness_set_time (h, GST_SECOND);
  g_assert_cmpuint (paint (h, 0).capture_time_ns, >=, before_ns);
  gst_harness_teardown (h);
}

static guint64 answered_ns;

static gboolean
on_slow_latency_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  while (now_ns () < answered_ns)
    ;
  answered_ns = now_ns ();
  gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

/* Whoever paints was stopped between the reading of two clocks: that makes the
 * picture no older. */
static void
test_stopped (void)
{
  GstHarness *h = harness_of ("GRAY8");

  answered_ns = now_ns () + 5 * GST_MSECOND;
  gst_pad_set_query_function (h->srcpad, on_slow_latency_query);
  gst_harness_set_time (h, GST_SECOND);
  g_assert_cmpuint (paint (h, GST_SECOND).capture_time_ns, >=, answered_ns);
  gst_harness_teardown (h);
}

static void
add_format_tests (void)
{
  static const char *const formats[] = { "I420", "YV12", "NV12", "NV21", "Y42B",
    "Y444", "YUY2", "UYVY", "YVYU", "GRAY8", "RGBx", "BGRx", "xRGB", "xBGR",
    "RGBA", "BGRA", "ARGB", "ABGR", "RGB", "BGR" };

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++) {
    g_autofree char *path = g_strconcat ("/foyermark/format/", formats[i],
        NULL);

    g_test_add_data_func (path, formats[i], test_format);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  GST_ELEMENT_REGISTER (foyermark, NULL);
  add_format_tests ();
  g_test_add_func ("/foyermark/number/counts-from-zero", test_counts_from_zero);
  g_test_add_func ("/foyermark/camera/changes", test_camera_changes);
  g_test_add_func ("/foyermark/caps/small-pictures-refused",
      test_small_pictures_refused);
  g_test_add_func ("/foyermark/time/live", test_live_time);
  g_test_add_func ("/foyermark/time/early", test_early_time);
  g_test_add_func ("/foyermark/time/no-timestamp", test_no_timestamp);
  g_test_add_func ("/foyermark/time/file", test_file_time);
  g_test_add_func ("/foyermark/time/stopped", test_stopped);
  return g_test_run ();
}
