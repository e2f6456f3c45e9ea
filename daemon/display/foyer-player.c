/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-player.h"

#include "foyer-clock.h"
#include "foyer-frame-log.h"

#define REPORT_MS 250
#define NS_PER_US 1000
/* What fetches holds up the end of a pipeline no longer; its own is 15 s. */
#define FETCH_TIMEOUT_S 8
/* Enough to decode the next picture while one waits for its time. */
#define DECODE_AHEAD_FRAMES 2

struct _FoyerPlayer
{
  FoyerScreen *screen; /* borrowed */
  gboolean has_sound;
  FoyerPlayerFunc func;
  gpointer user_data;

  GstElement *pipeline; /* NULL while nothing is loaded */
  GstBus *bus;
  GstElement *video; /* the pipeline's: where decoded pictures go */
  guint reporter;
  FoyerPlayerReport report;
  gboolean is_paused;

  GMutex lock;  /* guards the rest */
  FILE *frames; /* borrowed */
  guint64 number;
  guint64 n_frames;
  FoyerFrameLog log;
  gboolean has_shown;
  gboolean is_over; /* nothing is shown any more, while the pipeline ends */
};

static void
tell (FoyerPlayer *self)
{
  self->func (&self->report, self->user_data);
}

static void
set_state (FoyerPlayer *self, FoyerCastMediaState state)
{
  self->report.state = state;
  tell (self);
}

/* pictures; what pipelines call */

static void
print_line (FoyerPlayer *self, const char *line)
{
  if (self->frames == NULL || line == NULL)
    return;
  fprintf (self->frames, "%s\n", line);
  fflush (self->frames);
}

static GstPadProbeReturn
on_decoded (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  FoyerPlayer *self = user_data;
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
on_mark (FoyerPlayer *self, GstMessage *message)
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
  FoyerPlayer *self = user_data;
  guint64 now_ns = (guint64) foyer_clock_get_us (foyer_clock_get_system ()) *
      NS_PER_US;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  g_autofree char *line = NULL;

  g_mutex_lock (&self->lock);
  if (!self->is_over) {
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

static GstElement *
make_part (FoyerPlayer *self, const char *description)
{
  g_autoptr (GError) error = NULL;
  GstElement *part = gst_parse_bin_from_description (description, TRUE, &error);

  if (part == NULL)
    g_warning ("a part of the player can't be made: %s", error->message);
  return part;
}

static void
join (FoyerPlayer *self, GstPad *pad, const char *description)
{
  GstElement *part = make_part (self, description);
  g_autoptr (GstPad) target = NULL;

  if (part == NULL)
    return;
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
  FoyerPlayer *self = user_data;
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
build (FoyerPlayer *self, const char *url)
{
  GstElement *decoder = gst_element_factory_make ("uridecodebin", NULL);
  GstElement *reader = gst_element_factory_make ("foyermarkread", NULL);
  GstElement *queue = gst_element_factory_make ("queue", NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) pad = NULL;

  self->video = gst_element_factory_make ("videoconvert", NULL);
  self->pipeline = gst_pipeline_new ("player");
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

/* Off the picture first: what fetches may take its time to end. */
static void
unload (FoyerPlayer *self)
{
  g_clear_handle_id (&self->reporter, g_source_remove);
  if (self->pipeline == NULL)
    return;
  g_mutex_lock (&self->lock);
  self->is_over = TRUE;
  g_mutex_unlock (&self->lock);
  foyer_screen_show_slate (self->screen);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  if (self->bus != NULL) {
    gst_bus_set_sync_handler (self->bus, NULL, NULL, NULL);
    gst_bus_remove_watch (self->bus);
  }
  gst_clear_object (&self->bus);
  gst_clear_object (&self->pipeline);
  self->video = NULL;
  g_mutex_lock (&self->lock);
  foyer_frame_log_clear (&self->log);
  g_mutex_unlock (&self->lock);
}

static void
fail (FoyerPlayer *self, const char *problem)
{
  unload (self);
  self->report.problem = problem;
  tell (self);
  self->report.problem = NULL;
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  FoyerPlayer *self = user_data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    unload (self);
    set_state (self, FOYER_CAST_MEDIA_IDLE);
    return G_SOURCE_REMOVE;
  }
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return G_SOURCE_CONTINUE;
  gst_message_parse_error (message, &error, NULL);
  fail (self, error->message);
  return G_SOURCE_REMOVE;
}

static gboolean
on_report_due (gpointer user_data)
{
  FoyerPlayer *self = user_data;
  gint64 position_ns = 0;
  gboolean has_shown;

  g_mutex_lock (&self->lock);
  has_shown = self->has_shown;
  g_mutex_unlock (&self->lock);
  if (gst_element_query_position (self->pipeline, GST_FORMAT_TIME,
          &position_ns))
    self->report.position_s = (double) position_ns / GST_SECOND;
  if (!has_shown)
    self->report.state = FOYER_CAST_MEDIA_LOADING;
  else
    self->report.state = self->is_paused ? FOYER_CAST_MEDIA_PAUSED
                                         : FOYER_CAST_MEDIA_PLAYING;
  tell (self);
  return G_SOURCE_CONTINUE;
}

static void
load (FoyerPlayer *self, guint64 number, const char *url)
{
  unload (self);
  g_mutex_lock (&self->lock);
  self->number = number;
  self->n_frames = 0;
  self->has_shown = self->is_over = FALSE;
  g_mutex_unlock (&self->lock);
  self->report = (FoyerPlayerReport){ .number = number };
  self->is_paused = FALSE;
  if (!build (self, url)) {
    fail (self, "GStreamer lacks elements that the player needs");
    return;
  }
  self->bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (self->bus, on_sync_message, self, NULL);
  gst_bus_add_watch (self->bus, on_message, self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  self->reporter = g_timeout_add (REPORT_MS, on_report_due, self);
}

static void
stop (FoyerPlayer *self)
{
  if (self->pipeline == NULL)
    return;
  unload (self);
  set_state (self, FOYER_CAST_MEDIA_IDLE);
}

static void
set_paused (FoyerPlayer *self, gboolean is_paused)
{
  if (self->pipeline == NULL)
    return;
  self->is_paused = is_paused;
  gst_element_set_state (self->pipeline,
      is_paused ? GST_STATE_PAUSED : GST_STATE_PLAYING);
  on_report_due (self);
}

static void
seek (FoyerPlayer *self, double position_s)
{
  if (self->pipeline != NULL && position_s >= 0 &&
      !gst_element_seek_simple (self->pipeline, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT,
          (gint64) (MIN (position_s, G_MAXINT32) * GST_SECOND)))
    g_debug ("what plays can't be sought in");
}

void
foyer_player_take (FoyerPlayer *self, const GstStructure *wish)
{
  const char *word = gst_structure_get_string (wish, "wish");
  const char *url = gst_structure_get_string (wish, "url");
  guint64 number = 0;
  double position_s = 0;

  gst_structure_get_uint64 (wish, "number", &number);
  gst_structure_get_double (wish, "position", &position_s);
  if (g_strcmp0 (word, "load") == 0 && url != NULL)
    load (self, number, url);
  else if (g_strcmp0 (word, "stop") == 0)
    stop (self);
  else if (g_strcmp0 (word, "seek") == 0)
    seek (self, position_s);
  else
    set_paused (self, g_strcmp0 (word, "pause") == 0);
}

FoyerPlayer *
foyer_player_new (FoyerScreen *screen, gboolean has_sound, FILE *frames,
    FoyerPlayerFunc func, gpointer user_data)
{
  FoyerPlayer *self = g_new0 (FoyerPlayer, 1);

  g_mutex_init (&self->lock);
  self->screen = screen;
  self->has_sound = has_sound;
  self->frames = frames;
  self->func = func;
  self->user_data = user_data;
  return self;
}

void
foyer_player_free (FoyerPlayer *self)
{
  if (self == NULL)
    return;
  unload (self);
  g_mutex_clear (&self->lock);
  g_free (self);
}
