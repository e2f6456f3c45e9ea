/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-marks.h"

#include "foyermark.h"
#include "foyermarkread.h"

#include <gst/gst.h>

#define FPS 30

typedef struct
{
  FoyerTestMarks *marks;
  guint camera;
} Reading;

void
foyer_test_marks_init (void)
{
  g_assert_true (GST_ELEMENT_REGISTER (foyermark, NULL));
  g_assert_true (GST_ELEMENT_REGISTER (foyermarkread, NULL));
}

/* The number that the picture of this time must have. */
static guint64
expected_number (const GstStructure *fields)
{
  guint64 running_time_ns = 0;

  g_assert_true (
      gst_structure_get_uint64 (fields, "running-time", &running_time_ns));
  return gst_util_uint64_scale_round (running_time_ns, FPS, GST_SECOND);
}

static void
count_mark (Reading *reading, const GstStructure *fields)
{
  gboolean is_readable = FALSE;
  guint camera = 0;
  guint64 number = 0;

  gst_structure_get_boolean (fields, "readable", &is_readable);
  reading->marks->n_pictures++;
  if (!is_readable)
    return;
  reading->marks->n_readable++;
  g_assert_true (gst_structure_get_uint (fields, "camera", &camera));
  g_assert_true (gst_structure_get_uint64 (fields, "number", &number));
  if (camera != reading->camera || number != expected_number (fields))
    reading->marks->n_wrong++;
}

/* On the only streaming thread behind the codec, so that no queue of messages
 * grows. */
static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  const GstStructure *fields = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT &&
      gst_structure_has_name (fields, "foyer-mark")) {
    count_mark (user_data, fields);
    return GST_BUS_DROP;
  }
  return GST_BUS_PASS;
}

void
foyer_test_marks_run (FoyerTestMarks *self, const char *scene, int width,
    int height, guint n_pictures, guint camera, const char *middle)
{
  g_autofree char *description = g_strdup_printf (
      "videotestsrc num-buffers=%u pattern=%s ! "
      "video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1 ! "
      "foyermark camera=%u ! %s ! foyermarkread ! fakesink",
      n_pictures, scene, width, height, FPS, camera, middle);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (description, &error);
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) end = NULL;
  Reading reading = { self, camera };

  g_assert_no_error (error);
  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, on_message, &reading, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  end = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (end) == GST_MESSAGE_ERROR)
    gst_message_parse_error (end, &error, NULL);
  g_assert_no_error (error);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}
