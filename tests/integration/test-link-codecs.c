/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-packet.h"
#include "foyer-tag-meta.h"
#include "foyergate.h"
#include "foyerlinksink.h"
#include "foyerlinksrc.h"
#include "foyertag.h"

#include <gst/check/gstharness.h>

/* The tag through real encoders, and from there over a link and through a gate.
 */

#define N_FRAMES 60

static GstElement *
make_pipeline (const char *text)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);

  g_assert_no_error (error);
  return pipeline;
}

/* What came out of an encoder. */
typedef struct
{
  guint n_frames;
  guint64 last_sequence;
  gint64 last_capture_us;
} Seen;

static void
on_frame (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  Seen *seen = user_data;
  const FoyerTag *tag = foyer_buffer_get_tag (buffer);

  g_assert_nonnull (tag);
  g_assert_cmpuint (tag->camera.v, ==, 7);
  g_assert_cmpuint (tag->generation, ==, 2);
  g_assert_cmpuint (tag->sequence, ==, seen->last_sequence + 1);
  g_assert_cmpint (tag->capture_us, >=, seen->last_capture_us);
  seen->last_sequence = tag->sequence;
  seen->last_capture_us = tag->capture_us;
  seen->n_frames++;
}

static void
run_to_end (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static gboolean
has_element (const char *name)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);

  return factory != NULL;
}

/* Each frame comes out with the tag it went in with. */
static void
test_survives (gconstpointer user_data)
{
  g_autofree char *text =
      g_strdup_printf ("videotestsrc num-buffers=%d ! "
                       "video/x-raw,width=320,height=180,framerate=30/1 ! "
                       "foyertag camera=7 generation=2 ! %s ! "
                       "fakesink name=out signal-handoffs=true",
          N_FRAMES, (const char *) user_data);
  g_auto (GStrv) words = g_strsplit (user_data, " ", 2);
  g_autoptr (GstElement) pipeline = NULL;
  g_autoptr (GstElement) out = NULL;
  Seen seen = { 0 };

  if (!has_element (words[0])) {
    g_test_skip (words[0]);
    return;
  }
  pipeline = make_pipeline (text);
  out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_signal_connect (out, "handoff", G_CALLBACK (on_frame), &seen);
  run_to_end (pipeline);
  g_assert_cmpuint (seen.n_frames, ==, N_FRAMES);
}

/* From a camera that never stops, over a link and a gate, until some came. */
typedef struct
{
  GMutex mutex;
  GCond cond;
  guint n_frames;
  guint n_keys_first; /* 1 if the first was a key frame */
} Arrived;

static void
on_arrived (GstElement *sink, GstBuffer *buffer, GstPad *pad,
    gpointer user_data)
{
  Arrived *arrived = user_data;

  g_assert_cmpuint (foyer_buffer_get_tag (buffer)->camera.v, ==, 7);
  g_mutex_lock (&arrived->mutex);
  if (arrived->n_frames++ == 0)
    arrived->n_keys_first = !GST_BUFFER_FLAG_IS_SET (buffer,
        GST_BUFFER_FLAG_DELTA_UNIT);
  g_cond_broadcast (&arrived->cond);
  g_mutex_unlock (&arrived->mutex);
}

static void
wait_for_frames (Arrived *arrived, guint n_frames)
{
  g_mutex_lock (&arrived->mutex);
  while (arrived->n_frames < n_frames)
    g_cond_wait (&arrived->cond, &arrived->mutex);
  g_mutex_unlock (&arrived->mutex);
}

static void
test_whole_way (gconstpointer user_data)
{
  g_autofree char *text = g_strdup_printf (
      "videotestsrc is-live=true ! "
      "video/x-raw,format=I420,width=320,height=180,framerate=30/1 ! "
      "foyertag camera=7 generation=2 ! %s ! foyerlinksink name=link",
      (const char *) user_data);
  g_autoptr (GstElement) camera = make_pipeline (text);
  g_autoptr (GstElement) session = make_pipeline (
      "foyerlinksrc name=link ! foyergate name=gate camera=7 generation=2 "
      "open=true ! fakesink name=out signal-handoffs=true sync=false");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (camera), "link");
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (session),
      "link");
  g_autoptr (GstElement) gate = gst_bin_get_by_name (GST_BIN (session), "gate");
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (session), "out");
  guint64 counts[FOYER_GATE_N_VERDICTS];
  Arrived arrived = { 0 };
  int ends[2];
  guint n_then;

  g_signal_connect (out, "handoff", G_CALLBACK (on_arrived), &arrived);
  gst_element_set_state (camera, GST_STATE_PLAYING);
  g_assert_true (foyer_packet_pair (ends));
  foyer_link_src_take_fd (FOYER_LINK_SRC (source), ends[1]);
  gst_element_set_state (session, GST_STATE_PLAYING);
  g_assert_true (foyer_link_sink_add (FOYER_LINK_SINK (sink),
      (FoyerSessionId){ 1 }, ends[0]));
  wait_for_frames (&arrived, 20);
  g_assert_cmpuint (arrived.n_keys_first, ==, 1);
  foyer_gate_element_close (FOYER_GATE_ELEMENT (gate));
  g_mutex_lock (&arrived.mutex);
  n_then = arrived.n_frames;
  g_mutex_unlock (&arrived.mutex);
  gst_element_set_state (camera, GST_STATE_NULL);
  gst_element_set_state (session, GST_STATE_NULL);
  foyer_gate_element_get_counts (FOYER_GATE_ELEMENT (gate), counts);
  /* Not one after the gate was closed (I4), and none of another camera. */
  g_assert_cmpuint (arrived.n_frames, ==, n_then);
  g_assert_cmpuint (counts[FOYER_GATE_PASS], >=, n_then);
  g_assert_cmpuint (counts[FOYER_GATE_FOREIGN], ==, 0);
}

static void
add_test (const char *way, const char *name, const char *chain,
    GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/link-codecs/%s/%s", way, name);

  g_test_add_data_func (path, chain, func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  GST_ELEMENT_REGISTER (foyergate, NULL);
  GST_ELEMENT_REGISTER (foyerlinksink, NULL);
  GST_ELEMENT_REGISTER (foyerlinksrc, NULL);
  GST_ELEMENT_REGISTER (foyertag, NULL);
  add_test ("survives", "x264enc", "x264enc tune=zerolatency", test_survives);
  add_test ("survives", "x264enc-threads",
      "x264enc speed-preset=ultrafast bframes=0 rc-lookahead=10",
      test_survives);
  add_test ("survives", "vp8enc", "vp8enc deadline=1", test_survives);
  add_test ("survives", "openh264enc", "openh264enc", test_survives);
  add_test ("survives", "h264parse",
      "x264enc tune=zerolatency ! h264parse config-interval=-1 ! "
      "video/x-h264,stream-format=byte-stream,alignment=au",
      test_survives);
  add_test ("survives", "videoconvertscale",
      "videoconvert ! videoscale ! "
      "video/x-raw,format=RGB,width=160,height=90",
      test_survives);
  add_test ("whole-way", "h264", "x264enc tune=zerolatency key-int-max=9999",
      test_whole_way);
  add_test ("whole-way", "vp8", "vp8enc deadline=1 keyframe-max-dist=9999",
      test_whole_way);
  add_test ("whole-way", "raw", "identity", test_whole_way);
  return g_test_run ();
}
