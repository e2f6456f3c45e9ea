/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-test-folder.h"
#include "foyercastsink.h"
#include "foyercastsrc.h"

#include <gst/gst.h>
#include <gst/video/video.h>
#include <string.h>

/* foyercastsink and foyercastsrc in one process, over loopback. */

#define PATIENCE   (60 * GST_SECOND) /* ends only what hangs */
#define SMALL_CAPS "video/x-raw,format=I420,width=320,height=180,framerate=30/1"

/* A display, and all that it received on its two pads. */
typedef struct
{
  char *folder;
  GstElement *pipeline;
  GstElement *source;
  char *ca_file;
  char *pin;
  guint port;
  GMutex lock;
  GCond cond;
  GPtrArray *frames; /* lock; of GstBuffer */
  guint n_sounds;    /* lock */
  GstCaps *caps;     /* lock; (nullable) */
} Display;

static gint64
now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static void
on_frame (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  Display *self = user_data;

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->frames, gst_buffer_ref (buffer));
  gst_clear_caps (&self->caps);
  self->caps = gst_pad_get_current_caps (pad);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

static void
on_sound (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  Display *self = user_data;

  g_mutex_lock (&self->lock);
  self->n_sounds++;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

static GstElement *
sink_new (Display *self, GCallback on_handoff)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);

  g_object_set (sink, "sync", FALSE, "async", FALSE, "signal-handoffs", TRUE,
      NULL);
  g_signal_connect (sink, "handoff", on_handoff, self);
  gst_bin_add (GST_BIN (self->pipeline), sink);
  return sink;
}

static void
on_pad_added (GstElement *source, GstPad *pad, gpointer user_data)
{
  GstElement *sink = sink_new (user_data, G_CALLBACK (on_sound));
  g_autoptr (GstPad) target = gst_element_get_static_pad (sink, "sink");

  gst_element_sync_state_with_parent (sink);
  g_assert_cmpint (gst_pad_link (pad, target), ==, GST_PAD_LINK_OK);
}

static Display *
display_new (void)
{
  Display *self = g_new0 (Display, 1);
  GstElement *sink;

  self->folder = foyer_test_folder_new ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->frames = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_buffer_unref);
  self->pipeline = gst_pipeline_new ("display");
  self->source = gst_element_factory_make ("foyercastsrc", NULL);
  g_object_set (self->source, "port", 0, "certificate-file", self->folder,
      NULL);
  gst_bin_add (GST_BIN (self->pipeline), self->source);
  sink = sink_new (self, G_CALLBACK (on_frame));
  g_assert_true (gst_element_link (self->source, sink));
  g_signal_connect (self->source, "pad-added", G_CALLBACK (on_pad_added), self);
  g_assert_cmpint (gst_element_set_state (self->pipeline, GST_STATE_PLAYING),
      !=, GST_STATE_CHANGE_FAILURE);
  g_object_get (self->source, "port", &self->port, "ca-file", &self->ca_file,
      "pin", &self->pin, NULL);
  return self;
}

static void
display_free (Display *self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_object_unref (self->pipeline);
  g_ptr_array_unref (self->frames);
  gst_clear_caps (&self->caps);
  foyer_test_folder_remove (self->folder);
  g_free (self->folder);
  g_free (self->ca_file);
  g_free (self->pin);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}

/* Waits until @n_frames came. */
static void
display_wait (Display *self, guint n_frames)
{
  gint64 end_us = now_us () + PATIENCE / 1000;

  g_mutex_lock (&self->lock);
  while (self->frames->len < n_frames)
    g_assert_true (g_cond_wait_until (&self->cond, &self->lock, end_us));
  g_mutex_unlock (&self->lock);
}

/* The same of packets of sound. */
static void
display_wait_sounds (Display *self, guint n_sounds)
{
  gint64 end_us = now_us () + PATIENCE / 1000;

  g_mutex_lock (&self->lock);
  while (self->n_sounds < n_sounds)
    g_assert_true (g_cond_wait_until (&self->cond, &self->lock, end_us));
  g_mutex_unlock (&self->lock);
}

static GstBuffer *
display_ref_frame (Display *self, guint index)
{
  GstBuffer *frame;

  g_mutex_lock (&self->lock);
  g_assert_cmpuint (index, <, self->frames->len);
  frame = gst_buffer_ref (g_ptr_array_index (self->frames, index));
  g_mutex_unlock (&self->lock);
  return frame;
}

static guint
display_get_n_frames (Display *self)
{
  guint n_frames;

  g_mutex_lock (&self->lock);
  n_frames = self->frames->len;
  g_mutex_unlock (&self->lock);
  return n_frames;
}

static gboolean
is_key (GstBuffer *buffer)
{
  return !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
}

/* A pipeline that ends in "foyercastsink name=cast" for @display. */
static GstElement *cast_new (Display *display, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

static GstElement *
cast_new (Display *display, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  GstElement *pipeline, *cast;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  pipeline = gst_parse_launch (line, &error);
  g_assert_no_error (error);
  cast = gst_bin_get_by_name (GST_BIN (pipeline), "cast");
  g_object_set (cast, "host", "127.0.0.1", "port", display->port, "ca-file",
      display->ca_file, "display-name", "Kitchen", NULL);
  gst_object_unref (cast);
  return pipeline;
}

static void
cast_start (GstElement *pipeline)
{
  g_assert_cmpint (gst_element_set_state (pipeline, GST_STATE_PLAYING), !=,
      GST_STATE_CHANGE_FAILURE);
}

static void
cast_free (GstElement *pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static GstMessage *
pop (GstElement *pipeline, GstMessageType types)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, PATIENCE, types);

  g_assert_nonnull (message);
  return message;
}

static void
assert_eos (GstElement *pipeline)
{
  g_autoptr (GstMessage) message = pop (pipeline,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
}

/* Casts until @display was shown @n_frames, and then to the end. */
static void
assert_shows (GstElement *pipeline, Display *display, guint n_frames)
{
  display_wait (display, n_frames);
  g_assert_true (gst_element_send_event (pipeline, gst_event_new_eos ()));
  assert_eos (pipeline);
}

/* Waits for an element message with state=@state. Returns: its structure. */
static GstStructure *
wait_state (GstElement *pipeline, const char *name, const char *state)
{
  for (;;) {
    g_autoptr (GstMessage) message = pop (pipeline,
        GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR);
    const GstStructure *structure = gst_message_get_structure (message);

    g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_ELEMENT);
    if (gst_structure_has_name (structure, name) &&
        g_strcmp0 (gst_structure_get_string (structure, "state"), state) == 0)
      return gst_structure_copy (structure);
  }
}

static guint
get_uint (const GstStructure *structure, const char *name)
{
  guint value = 0;

  g_assert_true (gst_structure_get_uint (structure, name, &value));
  return value;
}

static void
check_raw (const char *codec)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS
      " ! foyercastsink name=cast codec=%s",
      codec);
  g_autoptr (GstStructure) state = NULL;
  g_autoptr (GstBuffer) first = NULL;
  g_autofree char *caps_name = g_strdup_printf ("video/x-%s", codec);

  cast_start (cast);
  state = wait_state (cast, "foyer-cast-state", "streaming");
  g_assert_cmpstr (gst_structure_get_string (state, "codec"), ==, codec);
  g_assert_cmpstr (gst_structure_get_string (state, "fingerprint"), ==,
      display->pin);
  g_assert_cmpuint (get_uint (state, "width"), ==, 320);
  g_assert_cmpuint (get_uint (state, "height"), ==, 180);
  assert_shows (cast, display, 30);
  first = display_ref_frame (display, 0);
  g_assert_true (is_key (first));
  g_assert_cmpstr (gst_structure_get_name (
                       gst_caps_get_structure (display->caps, 0)),
      ==, caps_name);
  cast_free (cast);
  display_free (display);
}

static void
test_raw_h264 (void)
{
  check_raw ("h264");
}

static void
test_raw_vp8 (void)
{
  check_raw ("vp8");
}

static GstPadProbeReturn
on_sent (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  g_ptr_array_add (user_data,
      gst_buffer_ref (GST_PAD_PROBE_INFO_BUFFER (info)));
  return GST_PAD_PROBE_OK;
}

/* The bytes of a frame. The parser writes H.264 start codes of three bytes as
 * such of four (ITU-T H.264 annex B allows both); so all are made three. */
static GByteArray *
frame_dup_bytes (GstBuffer *buffer, gboolean is_h264)
{
  static const guint8 start[] = { 0, 0, 0, 1 };
  GByteArray *bytes = g_byte_array_new ();
  GstMapInfo map;

  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  for (gsize i = 0; i < map.size; i++)
    if (!is_h264 || map.size - i < 4 || memcmp (map.data + i, start, 4) != 0)
      g_byte_array_append (bytes, map.data + i, 1);
  gst_buffer_unmap (buffer, &map);
  return bytes;
}

static gboolean
frame_equal (GstBuffer *a, GstBuffer *b, gboolean is_h264)
{
  g_autoptr (GByteArray) left = frame_dup_bytes (a, is_h264);
  g_autoptr (GByteArray) right = frame_dup_bytes (b, is_h264);

  return left->len == right->len &&
      memcmp (left->data, right->data, left->len) == 0;
}

/* What came is what was sent, byte for byte and in order; where a machine that
 * stood still lost something, from a key frame on, as at the beginning. */
static void
assert_passed (GPtrArray *sent, Display *display, gboolean is_h264)
{
  gboolean is_behind_gap = TRUE;
  guint from = 0;

  for (guint i = 0; i < display_get_n_frames (display); i++, from++) {
    g_autoptr (GstBuffer) frame = display_ref_frame (display, i);

    while (from < sent->len &&
        !frame_equal (g_ptr_array_index (sent, from), frame, is_h264)) {
      is_behind_gap = TRUE;
      from++;
    }
    g_assert_cmpuint (from, <, sent->len);
    g_assert_true (is_key (frame) || !is_behind_gap);
    is_behind_gap = FALSE;
  }
}

static void
check_passed (const char *encoder, gboolean is_h264)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS
      " ! %s ! foyercastsink name=cast",
      encoder);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (cast), "cast");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GPtrArray) sent = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_buffer_unref);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_sent, sent, NULL);
  cast_start (cast);
  assert_shows (cast, display, 30);
  assert_passed (sent, display, is_h264);
  cast_free (cast);
  display_free (display);
}

static void
test_passed_h264 (void)
{
  check_passed ("x264enc tune=zerolatency speed-preset=ultrafast "
                "key-int-max=300 ! video/x-h264,stream-format=byte-stream",
      TRUE);
}

static void
test_passed_vp8 (void)
{
  check_passed ("vp8enc deadline=1 cpu-used=-8 keyframe-max-dist=300", FALSE);
}

/* H.264 as a container holds it becomes a byte stream with its headers. */
static void
test_passed_avc (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS
      " ! x264enc tune=zerolatency ! video/x-h264,stream-format=avc ! "
      "foyercastsink name=cast");
  static const guint8 start[] = { 0, 0, 0, 1 };
  g_autoptr (GstBuffer) first = NULL;
  guint8 head[4];

  cast_start (cast);
  assert_shows (cast, display, 1);
  first = display_ref_frame (display, 0);
  g_assert_true (is_key (first));
  g_assert_cmpuint (gst_buffer_extract (first, 0, head, 4), ==, 4);
  g_assert_cmpmem (head, 4, start, 4);
  cast_free (cast);
  display_free (display);
}

static void
check_audio (const char *audio)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS
      " ! foyercastsink name=cast audiotestsrc is-live=true ! "
      "%s ! cast.audio",
      audio);

  cast_start (cast);
  display_wait_sounds (display, 40);
  assert_shows (cast, display, 20);
  cast_free (cast);
  display_free (display);
}

static void
test_audio_raw (void)
{
  check_audio ("audio/x-raw,rate=44100,channels=1");
}

static void
test_audio_opus (void)
{
  check_audio ("audioconvert ! audioresample ! opusenc");
}

/* Sound by itself is offered by itself. */
static void
test_audio_only (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "foyercastsink name=cast audiotestsrc is-live=true ! "
      "audio/x-raw,rate=48000,channels=2 ! cast.audio");

  cast_start (cast);
  display_wait_sounds (display, 40);
  assert_shows (cast, display, 0);
  cast_free (cast);
  display_free (display);
}

/* The encoder would make a key frame every three seconds only. */
static void
test_key_request (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS
      " ! foyercastsink name=cast codec=h264");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (display->source, "src");
  guint n_before, n_keys = 0;

  cast_start (cast);
  display_wait (display, 10);
  n_before = display_get_n_frames (display);
  g_assert_true (gst_pad_send_event (pad,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0)));
  display_wait (display, n_before + 20);
  for (guint i = n_before; i < n_before + 20; i++) {
    g_autoptr (GstBuffer) frame = display_ref_frame (display, i);

    n_keys += is_key (frame);
  }
  /* The display asks for more where a machine that stood still lost some. */
  g_assert_cmpuint (n_keys, >=, 1);
  cast_free (cast);
  display_free (display);
}

static guint
cast_get_bps (GstElement *cast)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (cast), "cast");
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (sink, "stats", &stats, NULL);
  return get_uint (stats, "bit-rate-bps");
}

static GstElement *
cast_ref_encoder (GstElement *cast)
{
  GstIterator *elements =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (cast), "x264enc");
  GValue value = G_VALUE_INIT;
  GstElement *encoder = NULL;

  if (gst_iterator_next (elements, &value) == GST_ITERATOR_OK)
    encoder = g_value_dup_object (&value);
  g_value_unset (&value);
  gst_iterator_free (elements);
  return encoder;
}

/* An idle network lets the bit rate grow; the encoder hears of it. */
static void
test_bit_rate (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true pattern=snow ! " SMALL_CAPS
      " ! foyercastsink name=cast codec=h264");
  g_autoptr (GstElement) encoder = NULL;
  guint first_bps, kbps = 0, n_frames = 10;

  cast_start (cast);
  display_wait (display, n_frames);
  encoder = cast_ref_encoder (cast);
  g_assert_nonnull (encoder);
  first_bps = cast_get_bps (cast);
  while (cast_get_bps (cast) == first_bps && n_frames < 200)
    display_wait (display, n_frames += 5);
  g_assert_cmpuint (cast_get_bps (cast), !=, first_bps);
  display_wait (display, display_get_n_frames (display) + 3);
  g_object_get (encoder, "bitrate", &kbps, NULL);
  g_assert_cmpuint (kbps, !=, first_bps / 1000);
  cast_free (cast);
  display_free (display);
}

static void
assert_state (GstElement *pipeline, const char *state)
{
  g_autoptr (GstStructure) found = wait_state (pipeline, "foyer-cast-state",
      state);

  g_assert_nonnull (gst_structure_get_string (found, "host"));
}

/* The end is told when the display has left the app, and not before; each step
 * of it is told first. */
static void
test_eos_stops_app (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS " ! foyercastsink name=cast");
  g_autoptr (GstStructure) ended = NULL;

  cast_start (cast);
  assert_state (cast, "streaming");
  g_assert_true (gst_element_send_event (cast, gst_event_new_eos ()));
  assert_state (cast, "stopping");
  assert_state (cast, "stopped");
  assert_eos (cast);
  ended = wait_state (display->pipeline, "foyer-cast-session", "ended");
  g_assert_nonnull (gst_structure_get_string (ended, "reason"));
  cast_free (cast);
  display_free (display);
}

/* An end before the display was ready is an end all the same. */
static void
test_eos_early (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true num-buffers=1 ! " SMALL_CAPS
      " ! foyercastsink name=cast");

  cast_start (cast);
  assert_eos (cast);
  cast_free (cast);
  display_free (display);
}

/* A file's frames come at their time, not all at once. */
static void
test_not_live (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc ! " SMALL_CAPS " ! foyercastsink name=cast");
  gint64 start_us = now_us ();

  cast_start (cast);
  display_wait (display, 45);
  g_assert_cmpint (now_us () - start_us, >=, 44 * 33333);
  assert_shows (cast, display, 45);
  cast_free (cast);
  display_free (display);
}

#define WRONG_PIN \
  "sha256:0000000000000000000000000000000000000000000000000000000000000000"

static guint
count_errors (GstElement *pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  guint n_errors = 0;
  GstMessage *message;

  while ((message = gst_bus_timed_pop_filtered (bus, GST_SECOND / 5,
              GST_MESSAGE_ERROR)) != NULL) {
    gst_message_unref (message);
    n_errors++;
  }
  return n_errors;
}

/* Another display than the paired one: nothing is shown, one message says why,
 * and with the right pin the same element casts. */
static void
test_wrong_pin (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS
      " ! foyercastsink name=cast auth=pinned pin=" WRONG_PIN);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (cast), "cast");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  cast_start (cast);
  message = pop (cast, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  g_assert_nonnull (strstr (error->message, "Kitchen"));
  g_assert_nonnull (strstr (error->message, "authenticating"));
  g_assert_nonnull (strstr (error->message, display->pin));
  g_assert_nonnull (strstr (error->message, "set pin to the fingerprint"));
  g_assert_cmpuint (count_errors (cast), ==, 0);
  g_assert_cmpuint (display_get_n_frames (display), ==, 0);

  gst_element_set_state (cast, GST_STATE_NULL);
  g_object_set (sink, "pin", display->pin, NULL);
  cast_start (cast);
  display_wait (display, 5);
  cast_free (cast);
  display_free (display);
}

/* Without the display's root its key can't be known: the message has what is
 * needed to accept it, and that works. */
static void
test_unknown_root (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS " ! foyercastsink name=cast");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (cast), "cast");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  g_object_set (sink, "ca-file", NULL, NULL);
  cast_start (cast);
  message = pop (cast, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_AUTHORIZED);
  g_assert_nonnull (strstr (error->message, "authenticating"));
  g_assert_nonnull (strstr (error->message, display->pin));
  g_assert_nonnull (strstr (error->message,
      "auth=pinned and pin set to the fingerprint above"));
  g_assert_cmpuint (count_errors (cast), ==, 0);
  g_assert_cmpuint (display_get_n_frames (display), ==, 0);

  gst_element_set_state (cast, GST_STATE_NULL);
  gst_util_set_object_arg (G_OBJECT (sink), "auth", "pinned");
  g_object_set (sink, "pin", display->pin, NULL);
  cast_start (cast);
  display_wait (display, 5);
  cast_free (cast);
  display_free (display);
}

/* What is not known yet is not 0. */
static void
test_stats_at_first (void)
{
  g_autoptr (GstElement) sink = gst_object_ref_sink (
      gst_element_factory_make ("foyercastsink", NULL));
  g_autoptr (GstStructure) stats = NULL;
  gint64 delay_ns = 0, rtt_ns = 0;

  g_object_get (sink, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_int64 (stats, "delay-ns", &delay_ns));
  g_assert_true (gst_structure_get_int64 (stats, "rtt-ns", &rtt_ns));
  g_assert_cmpint (delay_ns, ==, -1);
  g_assert_cmpint (rtt_ns, ==, -1);
}

static void
test_unreachable (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS " ! foyercastsink name=cast");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  /* Nobody listens there any more. */
  gst_element_set_state (display->pipeline, GST_STATE_NULL);
  cast_start (cast);
  message = pop (cast, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND);
  g_assert_cmpuint (count_errors (cast), ==, 0);
  cast_free (cast);
  display_free (display);
}

/* Asserts that a sink with these settings does not even begin, and that its one
 * error names the property to look at. */
static void
check_settings (const char *host, const char *pin, const char *ca_file,
    const char *property)
{
  g_autoptr (GstElement) sink = gst_object_ref_sink (
      gst_element_factory_make ("foyercastsink", NULL));
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_bus (sink, bus);
  g_object_set (sink, "host", host, "pin", pin, "ca-file", ca_file, NULL);
  g_assert_cmpint (gst_element_set_state (sink, GST_STATE_PAUSED), ==,
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, property));
  g_assert_null (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR));
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_element_set_bus (sink, NULL);
}

static void
test_bad_settings (void)
{
  check_settings (NULL, NULL, NULL, "host");
  check_settings ("", NULL, NULL, "host");
  check_settings ("127.0.0.1", "sha256:00", NULL, "pin");
  check_settings ("127.0.0.1", NULL, "/nonexistent", "ca-file");
}

/* Two displays can't have one port; the second says so. */
static void
test_port_taken (void)
{
  Display *display = display_new ();
  g_autoptr (GstElement) other = gst_object_ref_sink (
      gst_element_factory_make ("foyercastsrc", NULL));

  g_object_set (other, "port", display->port, "certificate-file",
      display->folder, NULL);
  g_assert_cmpint (gst_element_set_state (other, GST_STATE_PAUSED), ==,
      GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (other, GST_STATE_NULL);
  display_free (display);
}

/* Given up at every step, it leaves at once and can start anew. */
static void
test_given_up (void)
{
  static const char *const states[] = { "connecting", "securing",
    "authenticating", "launching", "negotiating", "streaming" };
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS " ! foyercastsink name=cast");
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (cast), "cast");
  guint n_before;

  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    g_autoptr (GstStructure) state = NULL;

    cast_start (cast);
    state = wait_state (cast, "foyer-cast-state", states[i]);
    gst_element_set_state (sink, GST_STATE_READY);
    assert_state (cast, "stopped");
    gst_element_set_state (cast, GST_STATE_NULL);
  }
  n_before = display_get_n_frames (display);
  cast_start (cast);
  display_wait (display, n_before + 10);
  cast_free (cast);
  display_free (display);
}

static void
test_paused_and_back (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS " ! foyercastsink name=cast");

  cast_start (cast);
  display_wait (display, 10);
  gst_element_set_state (cast, GST_STATE_PAUSED);
  gst_element_get_state (cast, NULL, NULL, PATIENCE);
  cast_start (cast);
  display_wait (display, display_get_n_frames (display) + 20);
  cast_free (cast);
  display_free (display);
}

/* The size of the input changes while it is cast. */
static void
test_new_size (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! capsfilter name=filter caps=" SMALL_CAPS
      " ! foyercastsink name=cast");
  g_autoptr (GstElement) filter = gst_bin_get_by_name (GST_BIN (cast),
      "filter");

  cast_start (cast);
  display_wait (display, 10);
  gst_util_set_object_arg (G_OBJECT (filter), "caps",
      "video/x-raw,format=I420,width=640,height=480,framerate=30/1");
  display_wait (display, display_get_n_frames (display) + 20);
  g_assert_cmpuint (count_errors (cast), ==, 0);
  cast_free (cast);
  display_free (display);
}

/* Pictures that are all two seconds old: nothing is shown, and it is said why. */
static void
test_too_late (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true name=late ! " SMALL_CAPS
      " ! foyercastsink name=cast");
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (cast), "late");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (source, "src");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_pad_set_offset (pad, -2 * (gint64) GST_SECOND);
  cast_start (cast);
  message = pop (cast, GST_MESSAGE_WARNING);
  gst_message_parse_warning (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, "target-delay"));
  g_assert_cmpuint (count_errors (cast), ==, 0);
  cast_free (cast);
  display_free (display);
}

/* When the display goes, the cast fails once and in words. */
static void
test_display_gone (void)
{
  Display *display = display_new ();
  GstElement *cast = cast_new (display,
      "videotestsrc is-live=true ! " SMALL_CAPS " ! foyercastsink name=cast");
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  cast_start (cast);
  display_wait (display, 10);
  gst_element_set_state (display->pipeline, GST_STATE_NULL);
  message = pop (cast, GST_MESSAGE_ERROR);
  gst_message_parse_error (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, "Kitchen"));
  g_assert_cmpuint (count_errors (cast), ==, 0);
  cast_free (cast);
  display_free (display);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  GST_ELEMENT_REGISTER (foyercastsink, NULL);
  GST_ELEMENT_REGISTER (foyercastsrc, NULL);
  g_test_add_func ("/cast-elements/raw/h264", test_raw_h264);
  g_test_add_func ("/cast-elements/raw/vp8", test_raw_vp8);
  g_test_add_func ("/cast-elements/raw/not-live", test_not_live);
  g_test_add_func ("/cast-elements/raw/new-size", test_new_size);
  g_test_add_func ("/cast-elements/passed/h264", test_passed_h264);
  g_test_add_func ("/cast-elements/passed/avc", test_passed_avc);
  g_test_add_func ("/cast-elements/passed/vp8", test_passed_vp8);
  g_test_add_func ("/cast-elements/audio/raw", test_audio_raw);
  g_test_add_func ("/cast-elements/audio/opus", test_audio_opus);
  g_test_add_func ("/cast-elements/audio/only", test_audio_only);
  g_test_add_func ("/cast-elements/follow/key-request", test_key_request);
  g_test_add_func ("/cast-elements/follow/bit-rate", test_bit_rate);
  g_test_add_func ("/cast-elements/end/stops-app", test_eos_stops_app);
  g_test_add_func ("/cast-elements/end/early", test_eos_early);
  g_test_add_func ("/cast-elements/end/given-up", test_given_up);
  g_test_add_func ("/cast-elements/end/paused", test_paused_and_back);
  g_test_add_func ("/cast-elements/stats/at-first", test_stats_at_first);
  g_test_add_func ("/cast-elements/error/wrong-pin", test_wrong_pin);
  g_test_add_func ("/cast-elements/error/unknown-root", test_unknown_root);
  g_test_add_func ("/cast-elements/error/unreachable", test_unreachable);
  g_test_add_func ("/cast-elements/error/bad-settings", test_bad_settings);
  g_test_add_func ("/cast-elements/error/port-taken", test_port_taken);
  g_test_add_func ("/cast-elements/error/too-late", test_too_late);
  g_test_add_func ("/cast-elements/error/display-gone", test_display_gone);
  return g_test_run ();
}
