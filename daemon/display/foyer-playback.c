/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-playback.h"

#include "foyer-clock.h"
#include "foyer-frame-log.h"

#define NS_PER_US 1000
/* How long one that has ended may still hold a connection; its own is 15 s. */
#define FETCH_TIMEOUT_S 8
/* Enough to decode the next picture while one waits for its time. */
#define DECODE_AHEAD_FRAMES 2

struct _FoyerPlayback
{
  GstElement *pipeline;
  GstBus *bus;
  GstElement *video; /* the pipeline's: where decoded pictures go */
  gboolean has_sound;
  GAsyncQueue *ended; /* (nullable): owned: who waits for its end */

  GMutex lock;         /* guards the rest */
  FoyerScreen *screen; /* borrowed; NULL once it is over */
  FILE *frames;        /* (nullable): likewise */
  guint64 number;
  guint64 n_frames;
  FoyerFrameLog log;
  gboolean has_shown;
};

/* pictures; what pipelines call */

static void
print_line (FoyerPlayback *self, const char *line)
{
  if (self->frames == NULL || line == NULL)
    return;
  fprintf (self->frames, "%s\n", line);
  fflush (self->frames);
}

static GstPadProbeReturn
on_decoded (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  FoyerPlayback *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  FoyerFrame frame = { .pts_ns = GST_BUFFER_PTS (buffer) };

  g_mutex_lock (&self->lock);
  frame.session = self->number;
  frame.frame_id = self->n_frames++;
  foyer_frame_log_add (&self->log, &frame);
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static void
on_mark (FoyerPlayback *self, GstMessage *message)
{
  GstElement *reader = GST_ELEMENT (GST_MESSAGE_SRC (message));
  g_autoptr (GstPad) pad = gst_element_get_static_pad (reader, "sink");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

  g_mutex_lock (&self->lock);
  foyer_frame_log_note_mark (&self->log, gst_message_get_structure (message),
      caps);
  g_mutex_unlock (&self->lock);
}

static GstBusSyncReply
on_sync_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  if (!gst_message_has_name (message, "foyer-mark"))
    return GST_BUS_PASS;
  on_mark (user_data, message);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* The moment of a picture. */
static void
on_handoff (GstElement *sink, GstBuffer *buffer, GstPad *pad,
    gpointer user_data)
{
  FoyerPlayback *self = user_data;
  guint64 now_ns = (guint64) foyer_clock_get_us (foyer_clock_get_system ()) *
      NS_PER_US;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  g_autofree char *line = NULL;

  g_mutex_lock (&self->lock);
  if (self->screen != NULL) {
    /* With the lock, so that no picture follows the slate. */
    if (caps != NULL)
      foyer_screen_show (self->screen, buffer, caps);
    self->has_shown = TRUE;
    line = foyer_frame_log_tell (&self->log, GST_BUFFER_PTS (buffer), now_ns,
        "media");
    print_line (self, line);
  }
  g_mutex_unlock (&self->lock);
}

/* the pipeline */

static void
join (FoyerPlayback *self, GstPad *pad, const char *description)
{
  g_autoptr (GError) error = NULL;
  GstElement *part = gst_parse_bin_from_description (description, TRUE, &error);
  g_autoptr (GstPad) target = NULL;

  if (part == NULL) {
    g_warning ("a part of the player can't be made: %s", error->message);
    return;
  }
  gst_bin_add (GST_BIN (self->pipeline), part);
  target = gst_element_get_static_pad (part, "sink");
  gst_element_sync_state_with_parent (part);
  if (gst_pad_link (pad, target) != GST_PAD_LINK_OK)
    g_warning ("a part of the player can't be joined");
}

/* A player shows one video, and may have sound; the rest goes nowhere. */
static void
on_pad_added (GstElement *decoder, GstPad *pad, gpointer user_data)
{
  FoyerPlayback *self = user_data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const char *name = caps != NULL
      ? gst_structure_get_name (gst_caps_get_structure (caps, 0))
      : "";
  g_autoptr (GstPad) video = gst_element_get_static_pad (self->video, "sink");

  if (g_str_has_prefix (name, "video/") && !gst_pad_is_linked (video)) {
    if (gst_pad_link (pad, video) != GST_PAD_LINK_OK)
      g_warning ("the player's picture can't be joined");
  } else if (g_str_has_prefix (name, "audio/") && self->has_sound) {
    join (self, pad, "queue ! audioconvert ! audioresample ! autoaudiosink");
  } else {
    join (self, pad, "fakesink async=false enable-last-sample=false");
  }
}

static void
on_source_setup (GstElement *decoder, GstElement *source, gpointer user_data)
{
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (source), "timeout") !=
      NULL)
    g_object_set (source, "timeout", FETCH_TIMEOUT_S, NULL);
}

/* No frame stays readable in the sink after its time. */
static gboolean
build (FoyerPlayback *self, const char *url)
{
  GstElement *decoder = gst_element_factory_make ("uridecodebin", NULL);
  GstElement *reader = gst_element_factory_make ("foyermarkread", NULL);
  GstElement *queue = gst_element_factory_make ("queue", NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) pad = NULL;

  self->video = gst_element_factory_make ("videoconvert", NULL);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new ("player"));
  if (decoder == NULL || reader == NULL || queue == NULL || sink == NULL ||
      self->video == NULL)
    return FALSE;
  gst_bin_add_many (GST_BIN (self->pipeline), decoder, self->video, reader,
      queue, sink, NULL);
  g_object_set (decoder, "uri", url, NULL);
  g_object_set (queue, "max-size-buffers", DECODE_AHEAD_FRAMES,
      "max-size-bytes", 0, "max-size-time", (guint64) 0, NULL);
  g_object_set (sink, "sync", TRUE, "signal-handoffs", TRUE,
      "enable-last-sample", FALSE, "qos", FALSE, NULL);
  pad = gst_element_get_static_pad (self->video, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_decoded, self, NULL);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (on_pad_added), self);
  g_signal_connect (decoder, "source-setup", G_CALLBACK (on_source_setup),
      NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (on_handoff), self);
  return gst_element_link_many (self->video, reader, queue, sink, NULL);
}

/* in order of life */

/* Nobody calls it any more. */
static void
playback_free (FoyerPlayback *self)
{
  gst_bus_set_sync_handler (self->bus, NULL, NULL, NULL);
  gst_object_unref (self->bus);
  gst_object_unref (self->pipeline);
  g_mutex_clear (&self->lock);
  g_free (self);
}

FoyerPlayback *
foyer_playback_new (const FoyerPlaybackConfig *config)
{
  FoyerPlayback *self = g_new0 (FoyerPlayback, 1);
  gboolean is_built;

  g_mutex_init (&self->lock);
  self->screen = config->screen;
  self->has_sound = config->has_sound;
  self->frames = config->frames;
  self->number = config->number;
  is_built = build (self, config->url);
  self->bus = gst_element_get_bus (self->pipeline);
  if (is_built)
    return self;
  playback_free (self);
  return NULL;
}

void
foyer_playback_start (FoyerPlayback *self, GstBusFunc func, gpointer user_data)
{
  gst_bus_set_sync_handler (self->bus, on_sync_message, self, NULL);
  gst_bus_add_watch (self->bus, func, user_data);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

gboolean
foyer_playback_has_shown (FoyerPlayback *self)
{
  gboolean has_shown;

  g_mutex_lock (&self->lock);
  has_shown = self->has_shown;
  g_mutex_unlock (&self->lock);
  return has_shown;
}

gboolean
foyer_playback_get_position (FoyerPlayback *self, gint64 *position_ns)
{
  return gst_element_query_position (self->pipeline, GST_FORMAT_TIME,
      position_ns);
}

void
foyer_playback_set_paused (FoyerPlayback *self, gboolean is_paused)
{
  gst_element_set_state (self->pipeline,
      is_paused ? GST_STATE_PAUSED : GST_STATE_PLAYING);
}

static void
seek (GstElement *pipeline, gpointer user_data)
{
  gint64 *position_ns = user_data;

  if (!gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT, *position_ns))
    g_debug ("what plays can't be sought in");
}

/* A source may ask its server first whether that can be done. */
void
foyer_playback_seek (FoyerPlayback *self, gint64 position_ns)
{
  gst_element_call_async (self->pipeline, seek,
      g_memdup2 (&position_ns, sizeof position_ns), g_free);
}

static void
end_pipeline (GstElement *pipeline, gpointer user_data)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static void
on_pipeline_ended (gpointer data)
{
  FoyerPlayback *self = data;
  g_autoptr (GAsyncQueue) ended = g_steal_pointer (&self->ended);

  playback_free (self);
  g_async_queue_push (ended, GINT_TO_POINTER (TRUE));
}

void
foyer_playback_end (FoyerPlayback *self, GAsyncQueue *ended)
{
  g_mutex_lock (&self->lock);
  foyer_screen_show_slate (self->screen);
  self->screen = NULL;
  self->frames = NULL;
  g_mutex_unlock (&self->lock);
  gst_bus_remove_watch (self->bus);
  self->ended = g_async_queue_ref (ended);
  gst_element_call_async (self->pipeline, end_pipeline, self,
      on_pipeline_ended);
}
