/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-viewer.h"

#include "foyer-clock.h"
#include "foyer-frame-log.h"
#include "foyer-hearing.h"
#include "foyer-turn.h"

#define DEFAULT_DELAY (400 * GST_MSECOND)
#define NS_PER_US     1000
/* Enough to decode the next picture while one waits for its time. */
#define DECODE_AHEAD_FRAMES 2

struct _FoyerViewer
{
  FoyerScreen *screen; /* borrowed */
  FoyerHearing *hearing;
  GstElement *pipeline;
  GstBus *bus;
  /* The pipeline's. */
  GstElement *source;
  GstElement *mark; /* where decoded pictures go */
  GstElement *queue;
  GstElement *sink;

  GMutex lock;         /* guards the rest */
  GstElement *decoder; /* the pipeline's; NULL between sessions */
  FILE *frames;        /* borrowed */
  FoyerFrameLog log;
  FoyerTurn turn;
  guint64 session;
  const char *codec; /* static */
};

/* Decoders of each codec, the most patient with other encoders first. */
static const char *const h264_decoders[] = { "avdec_h264", "openh264dec",
  NULL };
static const char *const vp8_decoders[] = { "vp8dec", "avdec_vp8", NULL };

static void
element_set (GstElement *element, const char *name, const char *value)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), name))
    gst_util_set_object_arg (G_OBJECT (element), name, value);
}

/* One thread, so that no picture is held back; broken ones are never shown and
 * make it ask for a key frame. */
static GstElement *
decoder_new (const char *const *names)
{
  GstElement *decoder = NULL;

  for (; *names != NULL && decoder == NULL; names++)
    decoder = gst_element_factory_make (*names, NULL);
  if (decoder == NULL)
    return NULL;
  element_set (decoder, "max-threads", "1");
  element_set (decoder, "output-corrupt", "false");
  element_set (decoder, "discard-corrupted-frames", "true");
  element_set (decoder, "automatic-request-sync-points", "true");
  return decoder;
}

/* With the lock held. */
static void
viewer_print (FoyerViewer *self, const char *line)
{
  if (self->frames == NULL)
    return;
  fprintf (self->frames, "%s\n", line);
  fflush (self->frames);
}

/* With the lock held: tells of what was decoded and is never shown. */
static void
viewer_forget_frames (FoyerViewer *self)
{
  char *line;

  while ((line = foyer_frame_log_tell_rest (&self->log, self->codec))) {
    viewer_print (self, line);
    g_free (line);
  }
  foyer_frame_log_clear (&self->log);
}

static void
viewer_drop_decoder (FoyerViewer *self)
{
  GstElement *decoder;

  g_mutex_lock (&self->lock);
  decoder = g_steal_pointer (&self->decoder);
  viewer_forget_frames (self);
  self->turn = (FoyerTurn){ 0 };
  g_mutex_unlock (&self->lock);
  if (decoder == NULL)
    return;
  gst_object_ref (decoder);
  gst_bin_remove (GST_BIN (self->pipeline), decoder);
  gst_element_set_state (decoder, GST_STATE_NULL);
  gst_object_unref (decoder);
}

static void
viewer_make_decoder (FoyerViewer *self, const char *codec)
{
  gboolean is_vp8 = g_strcmp0 (codec, "vp8") == 0;
  GstElement *decoder = decoder_new (is_vp8 ? vp8_decoders : h264_decoders);

  if (decoder == NULL) {
    GST_ELEMENT_ERROR (self->source, CORE, MISSING_PLUGIN,
        ("No decoder for %s is installed. Install gstreamer1.0-libav or gstreamer1.0-plugins-bad.",
            codec),
        (NULL));
    return;
  }
  gst_bin_add (GST_BIN (self->pipeline), decoder);
  if (!gst_element_link_many (self->source, decoder, self->mark, NULL))
    g_warning ("the decoder for %s can't be joined", codec);
  gst_element_sync_state_with_parent (decoder);
  g_mutex_lock (&self->lock);
  self->decoder = decoder;
  self->codec = is_vp8 ? "vp8" : "h264";
  g_mutex_unlock (&self->lock);
}

/* The display's thread, before the first frame and after the last. */
static void
on_session_message (FoyerViewer *self, const GstStructure *structure)
{
  gboolean is_start = g_strcmp0 (gst_structure_get_string (structure, "state"),
                          "started") == 0;
  const char *codec = gst_structure_get_string (structure, "codec");

  viewer_drop_decoder (self);
  foyer_screen_show_slate (self->screen);
  if (!is_start)
    return;
  g_mutex_lock (&self->lock);
  gst_structure_get_uint64 (structure, "session", &self->session);
  foyer_hearing_begin (self->hearing, self->session);
  g_mutex_unlock (&self->lock);
  if (g_strcmp0 (codec, "none") != 0)
    viewer_make_decoder (self, codec);
}

/* A picture was decoded. */
static void
on_mark (FoyerViewer *self, const GstStructure *structure)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->mark, "sink");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  g_mutex_lock (&self->lock);
  foyer_frame_log_note_mark (&self->log, structure, caps);
  g_mutex_unlock (&self->lock);
}

static GstBusSyncReply
on_sync_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  FoyerViewer *self = user_data;
  const GstStructure *structure = gst_message_get_structure (message);

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT)
    return GST_BUS_PASS;
  if (gst_structure_has_name (structure, "foyer-cast-session"))
    on_session_message (self, structure);
  if (!gst_structure_has_name (structure, "foyer-mark"))
    return GST_BUS_PASS;
  on_mark (self, structure);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static guint64
buffer_get_complete_ns (GstBuffer *buffer)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple (
      "timestamp/x-foyer-complete");
  const GstReferenceTimestampMeta *meta =
      gst_buffer_get_reference_timestamp_meta (buffer, caps);

  return meta != NULL ? meta->timestamp : 0;
}

static GstPadProbeReturn
on_received (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  FoyerViewer *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  FoyerFrame frame = { .pts_ns = GST_BUFFER_PTS (buffer),
    .frame_id = GST_BUFFER_OFFSET (buffer),
    .complete_ns = buffer_get_complete_ns (buffer) };

  g_mutex_lock (&self->lock);
  frame.session = self->session;
  foyer_frame_log_add (&self->log, &frame);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

/* A sink shows one picture a second however late: not this display. */
static gboolean
viewer_is_late (FoyerViewer *self, GstBuffer *buffer)
{
  GstClockTime delay_ns = gst_pipeline_get_latency (
      GST_PIPELINE (self->pipeline));
  GstClockTime now_ns = gst_element_get_current_running_time (self->sink);
  gboolean is_its_turn;

  if (!GST_BUFFER_PTS_IS_VALID (buffer) || !GST_CLOCK_TIME_IS_VALID (now_ns))
    return TRUE;
  g_mutex_lock (&self->lock);
  is_its_turn = foyer_turn_take (&self->turn, GST_BUFFER_PTS (buffer),
      GST_CLOCK_DIFF (GST_BUFFER_PTS (buffer) + delay_ns, now_ns));
  g_mutex_unlock (&self->lock);
  return !is_its_turn;
}

static void
viewer_tell_frame (FoyerViewer *self, GstBuffer *buffer, guint64 shown_ns)
{
  g_autofree char *line = NULL;

  g_mutex_lock (&self->lock);
  line = foyer_frame_log_tell (&self->log, GST_BUFFER_PTS (buffer), shown_ns,
      self->codec);
  if (line != NULL)
    viewer_print (self, line);
  g_mutex_unlock (&self->lock);
}

/* The moment of a picture. */
static void
on_handoff (GstElement *sink, GstBuffer *buffer, GstPad *pad,
    gpointer user_data)
{
  FoyerViewer *self = user_data;
  guint64 now_ns = (guint64) foyer_clock_get_us (foyer_clock_get_system ()) *
      NS_PER_US;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  if (caps == NULL || viewer_is_late (self, buffer)) {
    viewer_tell_frame (self, buffer, 0);
    return;
  }
  foyer_screen_show (self->screen, buffer, caps);
  viewer_tell_frame (self, buffer, now_ns);
}

static void
on_pad_added (GstElement *source, GstPad *pad, gpointer user_data)
{
  FoyerViewer *self = user_data;

  foyer_hearing_take (self->hearing, GST_BIN (self->pipeline), pad);
}

static gboolean
viewer_build (FoyerViewer *self, GError **error)
{
  g_autoptr (GstPad) pad = NULL;

  self->source = gst_element_factory_make ("foyercastsrc", NULL);
  self->pipeline = gst_pipeline_new ("viewer");
  self->mark = gst_element_factory_make ("foyermarkread", NULL);
  self->queue = gst_element_factory_make ("queue", NULL);
  self->sink = gst_element_factory_make ("fakesink", NULL);
  if (self->source == NULL || self->queue == NULL || self->mark == NULL ||
      self->sink == NULL) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "GStreamer's core elements are not installed");
    return FALSE;
  }
  gst_bin_add_many (GST_BIN (self->pipeline), self->source, self->mark,
      self->queue, self->sink, NULL);
  pad = gst_element_get_static_pad (self->source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_received, self, NULL);
  return gst_element_link_many (self->mark, self->queue, self->sink, NULL);
}

static void
viewer_configure (FoyerViewer *self, const FoyerViewerConfig *config)
{
  g_object_set (self->source, "friendly-name", config->name, "address",
      config->address, "port", config->port, "certificate-file",
      config->credentials, "drop-probability", config->drop_fraction,
      "needs-audio", config->needs_audio, "mirroring", !config->lacks_mirroring,
      "player", TRUE, NULL);
  gst_util_set_object_arg (G_OBJECT (self->source), "codec", config->codec);
  g_object_set (self->queue, "max-size-buffers", DECODE_AHEAD_FRAMES,
      "max-size-bytes", 0, "max-size-time", (guint64) 0, NULL);
  /* No frame stays readable in the sink after its time. */
  g_object_set (self->sink, "sync", TRUE, "async", FALSE, "signal-handoffs",
      TRUE, "enable-last-sample", FALSE, "qos", FALSE, NULL);
  g_signal_connect (self->sink, "handoff", G_CALLBACK (on_handoff), self);
  g_signal_connect (self->source, "pad-added", G_CALLBACK (on_pad_added), self);
  self->bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (self->bus, on_sync_message, self, NULL);
  gst_pipeline_set_latency (GST_PIPELINE (self->pipeline), DEFAULT_DELAY);
}

FoyerViewer *
foyer_viewer_new (const FoyerViewerConfig *config, FoyerScreen *screen,
    GError **error)
{
  g_autoptr (FoyerViewer) self = g_new0 (FoyerViewer, 1);

  g_mutex_init (&self->lock);
  self->screen = screen;
  self->hearing = foyer_hearing_new (config->has_sound, config->sounds);
  self->frames = config->frames;
  if (!viewer_build (self, error))
    return NULL;
  viewer_configure (self, config);
  return g_steal_pointer (&self);
}

gboolean
foyer_viewer_start (FoyerViewer *self, GError **error)
{
  g_autoptr (GstMessage) message = NULL;

  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) !=
      GST_STATE_CHANGE_FAILURE)
    return TRUE;
  message = gst_bus_pop_filtered (self->bus, GST_MESSAGE_ERROR);
  if (message != NULL)
    gst_message_parse_error (message, error, NULL);
  else
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE,
        "the elements of the display can't be started");
  return FALSE;
}

GstElement *
foyer_viewer_get_source (FoyerViewer *self)
{
  return self->source;
}

void
foyer_viewer_get_sound (FoyerViewer *self, guint64 *n_packets, guint64 *n_bytes)
{
  foyer_hearing_get_figures (self->hearing, n_packets, n_bytes);
}

GstBus *
foyer_viewer_get_bus (FoyerViewer *self)
{
  return self->bus;
}

void
foyer_viewer_set_delay (FoyerViewer *self, guint delay_ms)
{
  gst_pipeline_set_latency (GST_PIPELINE (self->pipeline),
      delay_ms * GST_MSECOND);
  gst_bin_recalculate_latency (GST_BIN (self->pipeline));
}

void
foyer_viewer_free (FoyerViewer *self)
{
  if (self == NULL)
    return;
  if (self->pipeline != NULL)
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
  if (self->bus != NULL)
    gst_bus_set_sync_handler (self->bus, NULL, NULL, NULL);
  g_mutex_lock (&self->lock);
  viewer_forget_frames (self);
  g_mutex_unlock (&self->lock);
  gst_clear_object (&self->bus);
  gst_clear_object (&self->pipeline);
  foyer_hearing_free (self->hearing);
  g_mutex_clear (&self->lock);
  g_free (self);
}
