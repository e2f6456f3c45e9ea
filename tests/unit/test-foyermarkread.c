/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-mark.h"
#include "foyermarkread.h"

#include <gst/check/gstharness.h>

#define WIDTH  320
#define HEIGHT 180

static const FoyerMark known = {
  .camera = 65535,
  .number = 4294967295,
  .capture_time_ns = 1000,
};

typedef struct
{
  GstHarness *h;
  GstBus *bus;
} Fixture;

static void
fixture_init (Fixture *self, const char *format)
{
  g_autofree char *caps = g_strdup_printf (
      "video/x-raw,format=%s,width=%d,height=%d,framerate=30/1", format, WIDTH,
      HEIGHT);

  self->h = gst_harness_new ("foyermarkread");
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->h->element, self->bus);
  gst_harness_set_src_caps_str (self->h, caps);
}

static void
fixture_clear (Fixture *self)
{
  gst_element_set_bus (self->h->element, NULL);
  gst_clear_object (&self->bus);
  gst_harness_teardown (self->h);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

/* A picture whose every component holds the mark, so in whatever order. */
static GstBuffer *
new_marked (const char *format, const FoyerMark *mark)
{
  g_autofree guint8 *luma = g_malloc0 (WIDTH * HEIGHT);
  GstVideoInfo info;
  GstVideoFrame frame;
  GstBuffer *buffer;

  gst_video_info_set_format (&info, gst_video_format_from_string (format),
      WIDTH, HEIGHT);
  buffer = gst_buffer_new_allocate (NULL, GST_VIDEO_INFO_SIZE (&info), NULL);
  gst_buffer_memset (buffer, 0, 90, GST_VIDEO_INFO_SIZE (&info));
  g_assert_true (foyer_mark_paint (mark, luma, WIDTH, WIDTH, HEIGHT));
  g_assert_true (gst_video_frame_map (&frame, &info, buffer, GST_MAP_WRITE));
  for (guint c = 0; c < GST_VIDEO_FRAME_N_COMPONENTS (&frame); c++) {
    guint8 *out = GST_VIDEO_FRAME_COMP_DATA (&frame, c);

    if (GST_VIDEO_FRAME_COMP_WIDTH (&frame, c) != WIDTH)
      continue;
    for (int i = 0; i < WIDTH * HEIGHT / 5; i++)
      out[i / WIDTH * GST_VIDEO_FRAME_COMP_STRIDE (&frame, c) +
          i % WIDTH * GST_VIDEO_FRAME_COMP_PSTRIDE (&frame, c)] = luma[i];
  }
  gst_video_frame_unmap (&frame);
  GST_BUFFER_PTS (buffer) = 5 * GST_MSECOND;
  return buffer;
}

static GstBuffer *
new_blank (void)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT, NULL);

  gst_buffer_memset (buffer, 0, 90, WIDTH * HEIGHT);
  return buffer;
}

static void
push (Fixture *self, GstBuffer *buffer)
{
  g_autoptr (GstBuffer) out = gst_harness_push_and_pull (self->h, buffer);

  /* The very buffer: nothing was copied or changed. */
  g_assert_true (out == buffer);
}

static guint64
get_number (const GstStructure *fields, const char *name)
{
  const GValue *value = gst_structure_get_value (fields, name);

  g_assert_nonnull (value);
  g_assert_true (G_VALUE_HOLDS_UINT64 (value));
  return g_value_get_uint64 (value);
}

static GstMessage *
pop_mark (Fixture *self, gboolean is_readable)
{
  GstMessage *message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ELEMENT);
  const GstStructure *fields;
  gboolean is_said_readable = !is_readable;

  g_assert_nonnull (message);
  fields = gst_message_get_structure (message);
  g_assert_true (gst_structure_has_name (fields, "foyer-mark"));
  g_assert_true (
      gst_structure_get_boolean (fields, "readable", &is_said_readable));
  g_assert_cmpint (is_said_readable, ==, is_readable);
  return message;
}

static void
assert_no_message (Fixture *self)
{
  g_assert_null (gst_bus_pop_filtered (self->bus, GST_MESSAGE_ELEMENT));
}

static void
test_message_readable (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *fields;
  guint camera = 0;
  gint64 delay_ns = 0;

  fixture_init (&fixture, "GRAY8");
  push (&fixture, new_marked ("GRAY8", &known));
  message = pop_mark (&fixture, TRUE);
  fields = gst_message_get_structure (message);
  g_assert_true (gst_structure_get_uint (fields, "camera", &camera));
  g_assert_cmpuint (camera, ==, 65535);
  g_assert_cmpuint (get_number (fields, "number"), ==, 4294967295);
  g_assert_cmpuint (get_number (fields, "capture-time"), ==, 1000);
  g_assert_cmpuint (get_number (fields, "pts"), ==, 5 * GST_MSECOND);
  g_assert_cmpuint (get_number (fields, "running-time"), ==, 5 * GST_MSECOND);
  g_assert_true (gst_structure_get_int64 (fields, "delay", &delay_ns));
  g_assert_cmpint (delay_ns, ==,
      (gint64) get_number (fields, "read-time") - 1000);
  g_assert_false (gst_structure_has_field (fields, "complete-time"));
  assert_no_message (&fixture);
}

static void
test_message_unreadable (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GstMessage) message = NULL;
  const GstStructure *fields;

  fixture_init (&fixture, "GRAY8");
  push (&fixture, new_blank ());
  message = pop_mark (&fixture, FALSE);
  fields = gst_message_get_structure (message);
  g_assert_false (gst_structure_has_field (fields, "camera"));
  g_assert_false (gst_structure_has_field (fields, "number"));
  g_assert_false (gst_structure_has_field (fields, "capture-time"));
  g_assert_false (gst_structure_has_field (fields, "delay"));
  g_assert_cmpuint (get_number (fields, "pts"), ==, GST_CLOCK_TIME_NONE);
  g_assert_cmpuint (get_number (fields, "running-time"), ==,
      GST_CLOCK_TIME_NONE);
}

static void
test_message_read_time (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GstMessage) message = NULL;
  const FoyerClock *clock = foyer_clock_get_system ();
  guint64 before_ns = (guint64) foyer_clock_get_us (clock) * 1000;
  guint64 read_ns;

  fixture_init (&fixture, "GRAY8");
  push (&fixture, new_blank ());
  message = pop_mark (&fixture, FALSE);
  read_ns = get_number (gst_message_get_structure (message), "read-time");
  g_assert_cmpuint (read_ns, >=, before_ns);
  g_assert_cmpuint (read_ns, <=, (guint64) foyer_clock_get_us (clock) * 1000);
}

static void
test_message_complete_time (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstCaps) complete = gst_caps_new_empty_simple (
      "timestamp/x-foyer-complete");
  g_autoptr (GstCaps) other = gst_caps_new_empty_simple ("timestamp/x-unix");
  GstBuffer *buffer = new_marked ("GRAY8", &known);

  fixture_init (&fixture, "GRAY8");
  gst_buffer_add_reference_timestamp_meta (buffer, other, 77,
      GST_CLOCK_TIME_NONE);
  gst_buffer_add_reference_timestamp_meta (buffer, complete, 4711,
      GST_CLOCK_TIME_NONE);
  push (&fixture, buffer);
  message = pop_mark (&fixture, TRUE);
  g_assert_cmpuint (get_number (gst_message_get_structure (message),
                        "complete-time"),
      ==, 4711);
}

static void
test_silent (void)
{
  g_auto (Fixture) fixture = { NULL };

  fixture_init (&fixture, "GRAY8");
  g_object_set (fixture.h->element, "silent", TRUE, NULL);
  push (&fixture, new_marked ("GRAY8", &known));
  push (&fixture, new_blank ());
  assert_no_message (&fixture);
}

static void
test_readable_only (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GstMessage) message = NULL;
  gboolean is_posted = FALSE;

  fixture_init (&fixture, "GRAY8");
  g_object_get (fixture.h->element, "post-unreadable", &is_posted, NULL);
  g_assert_true (is_posted);
  g_object_set (fixture.h->element, "post-unreadable", FALSE, NULL);
  push (&fixture, new_blank ());
  assert_no_message (&fixture);
  push (&fixture, new_marked ("GRAY8", &known));
  message = pop_mark (&fixture, TRUE);
}

static void
test_stats (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GstStructure) stats = NULL;

  fixture_init (&fixture, "GRAY8");
  push (&fixture, new_marked ("GRAY8", &known));
  push (&fixture, new_marked ("GRAY8", &known));
  push (&fixture, new_blank ());
  g_object_get (fixture.h->element, "stats", &stats, NULL);
  g_assert_cmpuint (get_number (stats, "pictures"), ==, 3);
  g_assert_cmpuint (get_number (stats, "readable"), ==, 2);
}

static void
test_format (gconstpointer user_data)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GstMessage) message = NULL;

  fixture_init (&fixture, user_data);
  push (&fixture, new_marked (user_data, &known));
  message = pop_mark (&fixture, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  GST_ELEMENT_REGISTER (foyermarkread, NULL);
  g_test_add_func ("/foyermarkread/message/readable", test_message_readable);
  g_test_add_func ("/foyermarkread/message/unreadable",
      test_message_unreadable);
  g_test_add_func ("/foyermarkread/message/read-time", test_message_read_time);
  g_test_add_func ("/foyermarkread/message/complete-time",
      test_message_complete_time);
  g_test_add_func ("/foyermarkread/property/silent", test_silent);
  g_test_add_func ("/foyermarkread/property/readable-only", test_readable_only);
  g_test_add_func ("/foyermarkread/property/stats", test_stats);
  g_test_add_data_func ("/foyermarkread/format/I420", "I420", test_format);
  g_test_add_data_func ("/foyermarkread/format/NV12", "NV12", test_format);
  g_test_add_data_func ("/foyermarkread/format/YUY2", "YUY2", test_format);
  g_test_add_data_func ("/foyermarkread/format/UYVY", "UYVY", test_format);
  g_test_add_data_func ("/foyermarkread/format/RGB", "RGB", test_format);
  g_test_add_data_func ("/foyermarkread/format/xBGR", "xBGR", test_format);
  return g_test_run ();
}
