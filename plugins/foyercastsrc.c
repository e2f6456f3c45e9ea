/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyercastsrc
 * @title: foyercastsrc
 * @short_description: a Cast display in software, as a live source
 *
 * Waits for a Cast sender (foyercastsink, Chrome, and others), proves who it is
 * with credentials of its own, runs the mirroring app for one sender at a time,
 * and gives out what it receives: H.264 or VP8 on the pad `src`, Opus on the pad
 * `audio`, which appears with the first session that has sound.
 *
 * It is live: sinks show each frame at its capture time and the sender's target
 * delay. A frame that came too late for that has the flag
 * %GST_BUFFER_FLAG_DECODE_ONLY: decoders use it and never show it. When a
 * session ends, everything downstream is flushed, and nothing is left of it.
 *
 * Each buffer holds two #GstReferenceTimestampMeta in ns of CLOCK_MONOTONIC:
 * `timestamp/x-foyer-complete`, when its last packet came, and
 * `timestamp/x-foyer-capture`, when it was captured as the sender says. Its
 * offset is the frame's number in the session.
 *
 * A #GstForceKeyUnit event from downstream asks the sender for a key frame.
 *
 * ## Messages
 *
 * An element message `foyer-cast-session` tells that a session begins or is
 * over: `state` ("started" or "ended"), `session` (guint64, its number);
 * `codec`, `has-audio` (gboolean) and `target-delay-ms` (guint) at the start;
 * `reason` at the end.
 *
 * With #foyercastsrc:player set it also runs the app of the Default Media Receiver.
 * It plays nothing by itself: an element message `foyer-cast-media` tells what is to
 * be done: `wish` ("load", "play", "pause", "seek" or "stop"), `number` (guint64, of
 * what is loaded), `url` (to load) and `position` (gdouble, seconds, to seek). Whoever
 * plays says how it goes with foyer_cast_src_report_media().
 *
 * ## Figures
 *
 * The property #foyercastsrc:stats is a structure `foyer-cast-display-stats`
 * with the figures of the session now running, or of the last, guint64 each:
 * `datagrams`, `bytes`, `lost`, `doubles`, `frames`, `late`, `skipped`,
 * `key-requests`, `bad-datagrams`, and `overflow`: frames dropped because
 * downstream was slow.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 foyercastsrc port=8009 friendly-name=Kitchen ! decodebin ! autovideosink
 * ]| A display for senders on this machine.
 * |[
 * gst-launch-1.0 -m foyercastsrc address=0.0.0.0 codec=h264 ! avdec_h264 ! foyermarkread ! fakesink sync=true
 * ]| Reads the mark in the pictures that come over the network.
 */
#include "config.h"

#include "foyercastsrc.h"

#include "foyer-cast-display.h"
#include "foyer-cast-enums.h"
#include "foyer-cast-outlet.h"

#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (foyer_cast_src_debug);
#define GST_CAT_DEFAULT foyer_cast_src_debug

#define DEFAULT_PORT 8009
#define DEFAULT_NAME "Foyer"
#define US_PER_S     G_USEC_PER_SEC
/* What it asks senders for. */
#define WIDTH_PX  1920
#define HEIGHT_PX 1080
#define FPS       60
#define MAX_BPS   8000000

enum
{
  PROP_0,
  PROP_PORT,
  PROP_ADDRESS,
  PROP_FRIENDLY_NAME,
  PROP_CERTIFICATE_FILE,
  PROP_CODEC,
  PROP_DROP_PROBABILITY,
  PROP_NEEDS_AUDIO,
  PROP_MIRRORING,
  PROP_PLAYER,
  PROP_PIN,
  PROP_CA_FILE,
  PROP_STATS
};

struct _FoyerCastSrc
{
  GstElement parent_instance;
  FoyerCastOutlet *video;
  FoyerCastOutlet *audio; /* display's thread; NULL without the pad */
  GstPad *video_pad;
  GstPad *audio_pad;

  /* From READY to NULL, from PAUSED to READY; object lock against the
   * properties. */
  FoyerCastCredentials *credentials;
  FoyerCastDisplay *display;

  /* Object lock. */
  guint port;
  guint bound_port; /* 0 while it does not listen */
  char *address;
  char *friendly_name;
  char *folder;
  FoyerCastChoice choice;
  FoyerCastDisplayConfig
      wish; /* what properties say of it, but what is above */
  guint delay_ms;
  guint video_stream; /* index in the session */
  gboolean has_video;
  gboolean is_playing;
};

G_DEFINE_FINAL_TYPE (FoyerCastSrc, foyer_cast_src, GST_TYPE_ELEMENT)
GST_ELEMENT_REGISTER_DEFINE (foyercastsrc, "foyercastsrc", GST_RANK_NONE,
    FOYER_TYPE_CAST_SRC)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS (
        "video/x-h264, stream-format=byte-stream, alignment=au; video/x-vp8"));
static GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE ("audio",
    GST_PAD_SRC, GST_PAD_SOMETIMES, GST_STATIC_CAPS ("audio/x-opus"));

/* The decoder, or an element after it, lost the picture. */
static void
src_request_key (FoyerCastSrc *self)
{
  FoyerCastDisplay *display = NULL;
  guint stream;

  GST_OBJECT_LOCK (self);
  if (self->has_video)
    display = self->display;
  stream = self->video_stream;
  /* Only sets a flag and wakes the display's thread. */
  if (display != NULL)
    foyer_cast_display_request_key (display, stream);
  GST_OBJECT_UNLOCK (self);
}

static gboolean
on_pad_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  FoyerCastSrc *self = FOYER_CAST_SRC (parent);
  gboolean is_known = GST_EVENT_TYPE (event) == GST_EVENT_LATENCY ||
      GST_EVENT_TYPE (event) == GST_EVENT_QOS;

  if (gst_video_event_is_force_key_unit (event) && pad == self->video_pad) {
    src_request_key (self);
    is_known = TRUE;
  }
  if (!is_known)
    return gst_pad_event_default (pad, parent, event);
  gst_event_unref (event);
  return TRUE;
}

static gboolean
on_pad_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  FoyerCastSrc *self = FOYER_CAST_SRC (parent);
  GstClockTime delay_ns;

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  GST_OBJECT_LOCK (self);
  delay_ns = self->delay_ms * GST_MSECOND;
  GST_OBJECT_UNLOCK (self);
  gst_query_set_latency (query, TRUE, delay_ns, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void
on_video_key_needed (FoyerCastOutlet *outlet, gpointer user_data)
{
  src_request_key (user_data);
}

/* Each Opus packet stands alone. */
static void
on_audio_key_needed (FoyerCastOutlet *outlet, gpointer user_data)
{
}

static GstPad *
pad_new (GstStaticPadTemplate *static_template, const char *name)
{
  g_autoptr (GstPadTemplate) template = gst_static_pad_template_get (
      static_template);
  GstPad *pad = gst_pad_new_from_template (template, name);

  gst_pad_set_event_function (pad, on_pad_event);
  gst_pad_set_query_function (pad, on_pad_query);
  return pad;
}

static void
src_ensure_audio (FoyerCastSrc *self)
{
  gboolean is_playing;

  if (self->audio != NULL)
    return;
  self->audio_pad = pad_new (&audio_template, "audio");
  self->audio = foyer_cast_outlet_new (GST_ELEMENT (self), self->audio_pad,
      on_audio_key_needed, self);
  GST_OBJECT_LOCK (self);
  is_playing = self->is_playing;
  GST_OBJECT_UNLOCK (self);
  foyer_cast_outlet_set_playing (self->audio, is_playing);
  gst_pad_set_active (self->audio_pad, TRUE);
  gst_element_add_pad (GST_ELEMENT (self), self->audio_pad);
}

static void
post_session (FoyerCastSrc *self, GstStructure *structure)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
post_started (FoyerCastSrc *self, guint64 number, FoyerCastCodec codec,
    gboolean has_audio, guint delay_ms)
{
  post_session (self,
      gst_structure_new ("foyer-cast-session", "state", G_TYPE_STRING,
          "started", "session", G_TYPE_UINT64, number, "codec", G_TYPE_STRING,
          foyer_cast_codec_to_string (codec), "has-audio", G_TYPE_BOOLEAN,
          has_audio, "target-delay-ms", G_TYPE_UINT, delay_ms, NULL));
}

/* Sinks must add what this sender wants. */
static void
src_set_delay (FoyerCastSrc *self, guint delay_ms)
{
  gboolean is_news;

  GST_OBJECT_LOCK (self);
  is_news = self->delay_ms != delay_ms;
  self->delay_ms = delay_ms;
  GST_OBJECT_UNLOCK (self);
  if (is_news)
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_latency (GST_OBJECT (self)));
}

static void
src_begin (FoyerCastSrc *self, guint64 number, guint index,
    const FoyerCastStreamConfig *config)
{
  FoyerCastOutletStream stream = { config->codec, number,
    config->target_delay_ms };

  if (config->kind == FOYER_CAST_STREAM_AUDIO) {
    src_ensure_audio (self);
    foyer_cast_outlet_begin (self->audio, &stream);
    return;
  }
  GST_OBJECT_LOCK (self);
  self->video_stream = index;
  self->has_video = TRUE;
  GST_OBJECT_UNLOCK (self);
  foyer_cast_outlet_begin (self->video, &stream);
}

static void
on_session (FoyerCastDisplay *display, guint64 number,
    const FoyerCastStreamConfig *streams, guint n_streams, gpointer user_data)
{
  FoyerCastSrc *self = user_data;
  FoyerCastCodec codec = FOYER_CAST_CODEC_NONE;
  gboolean has_audio = FALSE;

  GST_OBJECT_LOCK (self);
  self->has_video = FALSE;
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < n_streams; i++) {
    if (streams[i].kind == FOYER_CAST_STREAM_VIDEO)
      codec = streams[i].codec;
    else
      has_audio = TRUE;
    src_begin (self, number, i, &streams[i]);
  }
  if (n_streams > 0) {
    src_set_delay (self, streams[0].target_delay_ms);
    post_started (self, number, codec, has_audio, streams[0].target_delay_ms);
  }
}

static void
on_frame (FoyerCastDisplay *display, FoyerCastReceivedFrame *frame,
    gpointer user_data)
{
  FoyerCastSrc *self = user_data;
  gboolean is_video;

  GST_OBJECT_LOCK (self);
  is_video = self->has_video && frame->stream == self->video_stream;
  GST_OBJECT_UNLOCK (self);
  if (is_video)
    foyer_cast_outlet_push (self->video, frame);
  else if (self->audio != NULL)
    foyer_cast_outlet_push (self->audio, frame);
}

static void
on_session_ended (FoyerCastDisplay *display, guint64 number, const char *reason,
    gpointer user_data)
{
  FoyerCastSrc *self = user_data;

  foyer_cast_outlet_end (self->video);
  if (self->audio != NULL)
    foyer_cast_outlet_end (self->audio);
  post_session (self,
      gst_structure_new ("foyer-cast-session", "state", G_TYPE_STRING, "ended",
          "session", G_TYPE_UINT64, number, "reason", G_TYPE_STRING, reason,
          NULL));
}

static void
on_media (FoyerCastDisplay *display, FoyerCastMediaWish wish, guint64 number,
    const char *url, double seek_s, gpointer user_data)
{
  static const char *const names[] = {
    [FOYER_CAST_MEDIA_WISH_LOAD] = "load",
    [FOYER_CAST_MEDIA_WISH_PLAY] = "play",
    [FOYER_CAST_MEDIA_WISH_PAUSE] = "pause",
    [FOYER_CAST_MEDIA_WISH_SEEK] = "seek",
    [FOYER_CAST_MEDIA_WISH_STOP] = "stop",
  };

  post_session (user_data,
      gst_structure_new ("foyer-cast-media", "wish", G_TYPE_STRING, names[wish],
          "number", G_TYPE_UINT64, number, "url", G_TYPE_STRING, url,
          "position", G_TYPE_DOUBLE, seek_s, NULL));
}

static const FoyerCastDisplayCallbacks display_callbacks = {
  .on_session = on_session,
  .on_frame = on_frame,
  .on_session_ended = on_session_ended,
  .on_media = on_media,
};

static void
config_set_codecs (FoyerCastDisplayConfig *config, FoyerCastChoice choice)
{
  if (choice != FOYER_CAST_CHOICE_VP8)
    config->codecs[config->n_codecs++] = FOYER_CAST_CODEC_H264;
  if (choice != FOYER_CAST_CHOICE_H264)
    config->codecs[config->n_codecs++] = FOYER_CAST_CODEC_VP8;
  config->codecs[config->n_codecs++] = FOYER_CAST_CODEC_OPUS;
}

static gboolean
src_listen (FoyerCastSrc *self)
{
  g_autofree char *address = NULL, *name = NULL;
  g_autoptr (GError) error = NULL;
  FoyerCastDisplay *display;
  FoyerCastDisplayConfig config;

  GST_OBJECT_LOCK (self);
  config = self->wish;
  config.credentials = self->credentials;
  config.width_px = WIDTH_PX;
  config.height_px = HEIGHT_PX;
  config.fps = FPS;
  config.max_video_bps = MAX_BPS;
  config.address = address = g_strdup (self->address);
  config.friendly_name = name = g_strdup (self->friendly_name);
  config.port = (guint16) self->port;
  config_set_codecs (&config, self->choice);
  GST_OBJECT_UNLOCK (self);
  display = foyer_cast_display_new (&config, &display_callbacks, self, &error);
  if (display == NULL) {
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ_WRITE,
        ("Can't be a display on port %u: %s. Choose another port or address, or end the program that has it.",
            config.port, error->message),
        (NULL));
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  self->display = display;
  self->bound_port = foyer_cast_display_get_port (display);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* Ends the session first; its end flushes downstream. */
static void
src_hang_up (FoyerCastSrc *self)
{
  FoyerCastDisplay *display = self->display;

  if (display == NULL)
    return;
  foyer_cast_display_stop (display);
  GST_OBJECT_LOCK (self);
  self->display = NULL;
  self->bound_port = 0;
  GST_OBJECT_UNLOCK (self);
  foyer_cast_display_free (display);
}

static char *
src_dup_folder (FoyerCastSrc *self)
{
  char *folder;

  GST_OBJECT_LOCK (self);
  folder = self->folder != NULL
      ? g_strdup (self->folder)
      : g_build_filename (g_get_user_data_dir (), "foyer", "display", NULL);
  GST_OBJECT_UNLOCK (self);
  return folder;
}

/* Opens the keys, and makes the TLS certificate now: it takes a fifth of a
 * second, which the first sender would have to wait for. */
static FoyerCastCredentials *
credentials_open (const char *folder, GError **error)
{
  gint64 now_s = foyer_clock_get_wall_us (foyer_clock_get_system ()) / US_PER_S;
  g_autoptr (FoyerCastCredentials) credentials =
      foyer_cast_credentials_open (folder, now_s, error);
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (credentials == NULL)
    return NULL;
  certificate = foyer_cast_credentials_ensure_tls (credentials, now_s, error);
  return certificate != NULL ? g_steal_pointer (&credentials) : NULL;
}

static gboolean
src_load_credentials (FoyerCastSrc *self)
{
  g_autofree char *folder = src_dup_folder (self);
  g_autoptr (GError) error = NULL;
  FoyerCastCredentials *credentials = credentials_open (folder, &error);

  if (credentials == NULL) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("Can't use the display's keys in %s: %s. %s", folder, error->message,
            foyer_cast_error_get_remedy (error)),
        (NULL));
    return FALSE;
  }
  GST_OBJECT_LOCK (self);
  self->credentials = credentials;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static void
src_drop_credentials (FoyerCastSrc *self)
{
  FoyerCastCredentials *credentials;

  GST_OBJECT_LOCK (self);
  credentials = g_steal_pointer (&self->credentials);
  GST_OBJECT_UNLOCK (self);
  foyer_cast_credentials_free (credentials);
}

static void
src_set_playing (FoyerCastSrc *self, gboolean is_playing)
{
  GST_OBJECT_LOCK (self);
  self->is_playing = is_playing;
  GST_OBJECT_UNLOCK (self);
  foyer_cast_outlet_set_playing (self->video, is_playing);
  if (self->audio != NULL)
    foyer_cast_outlet_set_playing (self->audio, is_playing);
}

/* The display's thread is gone: nobody else touches the pad. */
static void
src_remove_audio (FoyerCastSrc *self)
{
  if (self->audio == NULL)
    return;
  gst_pad_set_active (self->audio_pad, FALSE);
  foyer_cast_outlet_free (g_steal_pointer (&self->audio));
  gst_element_remove_pad (GST_ELEMENT (self),
      g_steal_pointer (&self->audio_pad));
}

static gboolean
src_prepare (FoyerCastSrc *self, GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_NULL_TO_READY)
    return src_load_credentials (self);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    return src_listen (self);
  if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    src_set_playing (self, FALSE);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    src_hang_up (self);
  return TRUE;
}

static GstStateChangeReturn
foyer_cast_src_change_state (GstElement *element, GstStateChange transition)
{
  FoyerCastSrc *self = FOYER_CAST_SRC (element);
  GstStateChangeReturn ret;

  if (!src_prepare (self, transition))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (foyer_cast_src_parent_class)
            ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED &&
      ret == GST_STATE_CHANGE_FAILURE)
    src_hang_up (self);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    src_set_playing (self, TRUE);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    src_remove_audio (self);
  else if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    src_drop_credentials (self);
  /* A live source has nothing to show in PAUSED. */
  if (ret == GST_STATE_CHANGE_SUCCESS &&
      (transition == GST_STATE_CHANGE_READY_TO_PAUSED ||
          transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED))
    ret = GST_STATE_CHANGE_NO_PREROLL;
  return ret;
}

static GstStructure *
src_dup_stats (FoyerCastSrc *self)
{
  FoyerCastReceiverStats stats = { 0 };

  GST_OBJECT_LOCK (self);
  if (self->display != NULL)
    foyer_cast_display_get_stats (self->display, &stats);
  GST_OBJECT_UNLOCK (self);
  return gst_structure_new ("foyer-cast-display-stats", "datagrams",
      G_TYPE_UINT64, stats.n_datagrams, "bytes", G_TYPE_UINT64, stats.n_bytes,
      "lost", G_TYPE_UINT64, stats.n_lost, "doubles", G_TYPE_UINT64,
      stats.n_doubles, "frames", G_TYPE_UINT64, stats.n_frames, "late",
      G_TYPE_UINT64, stats.n_late, "skipped", G_TYPE_UINT64, stats.n_skipped,
      "key-requests", G_TYPE_UINT64, stats.n_key_requests, "bad-datagrams",
      G_TYPE_UINT64, stats.n_bad_datagrams, "overflow", G_TYPE_UINT64,
      foyer_cast_outlet_get_n_dropped (self->video), NULL);
}

static void
string_set (char **field, const GValue *value)
{
  g_free (*field);
  *field = g_value_dup_string (value);
}

static void
foyer_cast_src_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *pspec)
{
  FoyerCastSrc *self = FOYER_CAST_SRC (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_PORT:
      self->port = g_value_get_uint (value);
      break;
    case PROP_ADDRESS:
      string_set (&self->address, value);
      break;
    case PROP_FRIENDLY_NAME:
      string_set (&self->friendly_name, value);
      break;
    case PROP_CERTIFICATE_FILE:
      string_set (&self->folder, value);
      break;
    case PROP_CODEC:
      self->choice = (FoyerCastChoice) g_value_get_enum (value);
      break;
    case PROP_DROP_PROBABILITY:
      self->wish.drop_fraction = g_value_get_double (value);
      if (self->display != NULL)
        foyer_cast_display_set_drop (self->display, self->wish.drop_fraction);
      break;
    case PROP_NEEDS_AUDIO:
      self->wish.needs_audio = g_value_get_boolean (value);
      break;
    case PROP_MIRRORING:
      self->wish.lacks_mirroring = !g_value_get_boolean (value);
      break;
    case PROP_PLAYER:
      self->wish.has_player = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

/* Properties that are made up when asked for. Returns: %FALSE for others. */
static gboolean
src_get_derived (FoyerCastSrc *self, guint id, GValue *value)
{
  g_autofree char *folder = NULL;

  if (id == PROP_STATS)
    g_value_take_boxed (value, src_dup_stats (self));
  else if (id == PROP_CERTIFICATE_FILE)
    g_value_take_string (value, src_dup_folder (self));
  else if (id == PROP_CA_FILE) {
    folder = src_dup_folder (self);
    g_value_take_string (value, g_build_filename (folder, "root.pem", NULL));
  } else
    return FALSE;
  return TRUE;
}

static void
foyer_cast_src_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerCastSrc *self = FOYER_CAST_SRC (object);

  if (src_get_derived (self, id, value))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_PORT:
      g_value_set_uint (value,
          self->bound_port != 0 ? self->bound_port : self->port);
      break;
    case PROP_ADDRESS:
      g_value_set_string (value, self->address);
      break;
    case PROP_FRIENDLY_NAME:
      g_value_set_string (value, self->friendly_name);
      break;
    case PROP_CODEC:
      g_value_set_enum (value, (int) self->choice);
      break;
    case PROP_DROP_PROBABILITY:
      g_value_set_double (value, self->wish.drop_fraction);
      break;
    case PROP_NEEDS_AUDIO:
      g_value_set_boolean (value, self->wish.needs_audio);
      break;
    case PROP_MIRRORING:
      g_value_set_boolean (value, !self->wish.lacks_mirroring);
      break;
    case PROP_PLAYER:
      g_value_set_boolean (value, self->wish.has_player);
      break;
    case PROP_PIN:
      if (self->credentials != NULL)
        g_value_set_string (value,
            foyer_cast_credentials_get_fingerprint (self->credentials));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_cast_src_finalize (GObject *object)
{
  FoyerCastSrc *self = FOYER_CAST_SRC (object);

  foyer_cast_outlet_free (self->audio);
  foyer_cast_outlet_free (self->video);
  foyer_cast_credentials_free (self->credentials);
  g_free (self->address);
  g_free (self->friendly_name);
  g_free (self->folder);
  G_OBJECT_CLASS (foyer_cast_src_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)

static void
install_address (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_PORT,
      g_param_spec_uint ("port", "Port",
          "TCP port to listen on; 0 for any that is free, which can be read here in PAUSED",
          0, 65535, DEFAULT_PORT, FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_ADDRESS,
      g_param_spec_string ("address", "Address",
          "Address to listen on; unset for this machine alone (127.0.0.1)",
          NULL, FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_FRIENDLY_NAME,
      g_param_spec_string ("friendly-name", "Friendly name",
          "What the display calls itself", DEFAULT_NAME,
          FLAGS | GST_PARAM_MUTABLE_READY));
}

static void
install_trust (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_CERTIFICATE_FILE,
      g_param_spec_string ("certificate-file", "Certificates",
          "Folder with the display's certificates and keys, made at first start; unset for foyer/display in the user's data folder",
          NULL, FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_PIN,
      g_param_spec_string ("pin", "Pin",
          "Fingerprint of the display's key, a sender's pin; known from READY on",
          NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (klass, PROP_CA_FILE,
      g_param_spec_string ("ca-file", "Root file",
          "PEM file with the display's root certificate, a sender's ca-file",
          NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
install_media (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_CODEC,
      g_param_spec_enum ("codec", "Codec", "Which video codec to take",
          FOYER_TYPE_CAST_CHOICE, FOYER_CAST_CHOICE_AUTO,
          FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_DROP_PROBABILITY,
      g_param_spec_double ("drop-probability", "Drop probability",
          "Fraction of datagrams to lose in each direction, for tests", 0.0,
          1.0, 0.0, FLAGS | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (klass, PROP_NEEDS_AUDIO,
      g_param_spec_boolean ("needs-audio", "Needs audio",
          "Refuse an OFFER that has no sound, as some displays do", FALSE,
          FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_MIRRORING,
      g_param_spec_boolean ("mirroring", "Mirroring",
          "Have the app that takes streams, as most displays do", TRUE,
          FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_PLAYER,
      g_param_spec_boolean ("player", "Player",
          "Tell by messages what the app of the media receiver is to play",
          FALSE, FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Figures of the session now running, or of the last",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
foyer_cast_src_class_init (FoyerCastSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (foyer_cast_src_debug, "foyercastsrc", 0,
      "a Cast display in software");
  object_class->set_property = foyer_cast_src_set_property;
  object_class->get_property = foyer_cast_src_get_property;
  object_class->finalize = foyer_cast_src_finalize;
  element_class->change_state = foyer_cast_src_change_state;
  install_address (object_class);
  install_trust (object_class);
  install_media (object_class);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_add_static_pad_template (element_class, &audio_template);
  gst_element_class_set_static_metadata (element_class, "Cast display source",
      "Source/Network/Video/Audio",
      "Receives what is cast to it, as a Cast display", "Foyer");
  gst_type_mark_as_plugin_api (FOYER_TYPE_CAST_CHOICE, 0);
}

void
foyer_cast_src_report_media (FoyerCastSrc *self, guint64 number,
    FoyerCastMediaState state, double position_s, gboolean has_failed)
{
  GST_OBJECT_LOCK (self);
  if (self->display != NULL)
    foyer_cast_display_report_media (self->display, number, state, position_s,
        has_failed);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_cast_src_init (FoyerCastSrc *self)
{
  self->port = DEFAULT_PORT;
  self->friendly_name = g_strdup (DEFAULT_NAME);
  self->delay_ms = FOYER_CAST_DEFAULT_DELAY_MS;
  self->video_pad = pad_new (&src_template, "src");
  self->video = foyer_cast_outlet_new (GST_ELEMENT (self), self->video_pad,
      on_video_key_needed, self);
  gst_element_add_pad (GST_ELEMENT (self), self->video_pad);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
}
