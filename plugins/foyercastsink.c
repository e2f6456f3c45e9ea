/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyercastsink
 * @title: foyercastsink
 * @short_description: casts live video and audio to a Cast display
 *
 * Shows what comes in on a Cast display (a Nest Hub, a Chromecast, a television
 * with Cast built in, or foyer-display), under half a second after it was
 * captured. No cloud and no browser take part.
 *
 * Raw video is converted, scaled to what the display shows (with borders where
 * the shapes differ) and encoded, by the machine's hardware where there is an
 * encoder for it. H.264 and VP8 are never encoded again. Raw audio becomes Opus;
 * Opus passes as it is. Sound by itself can be cast too.
 *
 * The display is asked who it is before anything is shown on it: see the
 * properties #foyercastsink:auth, #foyercastsink:pin and
 * #foyercastsink:ca-file.
 *
 * Connecting begins in PAUSED. Until the display is ready, and whenever the
 * network can't follow, frames are dropped, raw ones before they are encoded:
 * the element never holds up its pipeline. Buffers of a file are held back until
 * their time, as by other sinks.
 *
 * At the end of the stream, at an error and in READY the app on the display is
 * stopped. After an error the element can be started again.
 *
 * ## Messages
 *
 * An element message `foyer-cast-state` tells each step: `state` ("connecting",
 * "securing", "authenticating", "launching", "negotiating", "streaming",
 * "stopping", "stopped"), `host`, `port`, `display-name`; `fingerprint` from the
 * moment the display was authenticated; `codec`, `width`, `height` while
 * streaming. A failure is one error message that says at which step, why, and
 * what to do. A warning tells of pictures that all come too late to be shown.
 *
 * ## Figures
 *
 * The property #foyercastsink:stats is a structure `foyer-cast-stats`:
 *
 * * `state`, `host`, `port`, `display-name`, `fingerprint`, `codec`, `width`,
 *   `height`: as in the message
 * * `encoder` (string): the element that encodes; absent for coded input
 * * `delay-ns` (gint64): from capture to complete at the display, smoothed; -1
 *   while unknown
 * * `rtt-ns` (gint64): round trip, smoothed; -1 while unknown
 * * `loss` (gdouble): fraction of datagrams lost, as the display last said
 * * `frames-sent` (guint64): of all streams
 * * `dropped` (structure): frames dropped, by reason: `not-ready`, `behind`, `frame-rate`,
 *   `in-flight`, `id-span`, `too-large`, `need-key`, `too-old` (guint64 each)
 * * `datagrams`, `retransmissions`, `bytes`, `key-requests`, `bad-datagrams`
 *   (guint64)
 * * `bit-rate-bps` (guint): what the encoder is told to make, in bit/s
 * * `estimate-bps` (guint64): what the network carries, in bit/s; 0 while
 *   unknown
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 v4l2src ! videoconvert ! foyercastsink host=192.168.1.20
 * ]| Shows a camera on the display at that address.
 * |[
 * gst-launch-1.0 videotestsrc is-live=true ! foyermark camera=1 ! foyercastsink host=127.0.0.1 port=8009 ca-file=root.pem target-delay=200
 * ]| Shows a test pattern on a foyer-display whose root certificate is given.
 * |[
 * gst-launch-1.0 v4l2src ! foyercastsink name=cast host=192.168.1.20 auth=pinned pin=sha256:0123… alsasrc ! cast.audio
 * ]| Camera and sound, to the one display that has the pinned key.
 */
#include "config.h"

#include "foyercastsink.h"

#include "foyer-cast-encoder.h"
#include "foyer-cast-enums.h"
#include "foyer-cast-feed.h"
#include "foyer-cast-inlet.h"

#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (foyer_cast_sink_debug);
#define GST_CAT_DEFAULT foyer_cast_sink_debug

#define DEFAULT_PORT    8009
#define DEFAULT_MAX_BPS 5000000
#define AUDIO_BPS       128000
#define AUDIO_CHANNELS  2
/* Offered for coded video that does not say what it is. */
#define MAX_CODED_WIDTH_PX  1920
#define MAX_CODED_HEIGHT_PX 1080
#define MAX_CODED_FPS       60

enum
{
  PROP_0,
  PROP_HOST,
  PROP_PORT,
  PROP_DISPLAY_NAME,
  PROP_CODEC,
  PROP_TARGET_DELAY,
  PROP_AUTH,
  PROP_PIN,
  PROP_CA_FILE,
  PROP_MAX_BITRATE,
  PROP_STATS
};

struct _FoyerCastSink
{
  GstBin parent_instance;
  FoyerCastFeed *feed;
  FoyerCastInlet *video;
  FoyerCastInlet *audio; /* object lock; NULL without the pad */
  gboolean is_video_eos; /* object lock */
  gboolean is_audio_eos; /* object lock */

  /* Object lock. */
  char *host;
  guint port;
  char *display_name;
  FoyerCastChoice choice;
  FoyerCastAuthLevel auth;
  char *pin;
  char *ca_file;
  guint max_bps;
};

G_DEFINE_FINAL_TYPE (FoyerCastSink, foyer_cast_sink, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE (foyercastsink, "foyercastsink", GST_RANK_NONE,
    FOYER_TYPE_CAST_SINK)

/* Formats that encoders take as they are stand first, so that a source that can
 * choose needs no conversion. */
#define VIDEO_CAPS                             \
  GST_VIDEO_CAPS_MAKE ("{ I420, NV12, YV12 }") \
  ";" GST_VIDEO_CAPS_MAKE (GST_VIDEO_FORMATS_ALL) "; video/x-h264; video/x-vp8"
#define AUDIO_CAPS "audio/x-raw; audio/x-opus"

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (VIDEO_CAPS));
static GstStaticPadTemplate audio_template = GST_STATIC_PAD_TEMPLATE ("audio",
    GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (AUDIO_CAPS));

static void
wish_set_codecs (FoyerCastSink *self, const FoyerCastInput *input,
    FoyerCastOfferWish *wish)
{
  FoyerCastChoice choice;

  if (input->codec != FOYER_CAST_CODEC_NONE) {
    wish->video_codecs[wish->n_video_codecs++] = input->codec;
    return;
  }
  GST_OBJECT_LOCK (self);
  choice = self->choice;
  GST_OBJECT_UNLOCK (self);
  if (choice != FOYER_CAST_CHOICE_VP8 &&
      foyer_cast_encoder_is_known (FOYER_CAST_CODEC_H264))
    wish->video_codecs[wish->n_video_codecs++] = FOYER_CAST_CODEC_H264;
  if (choice != FOYER_CAST_CHOICE_H264 &&
      foyer_cast_encoder_is_known (FOYER_CAST_CODEC_VP8))
    wish->video_codecs[wish->n_video_codecs++] = FOYER_CAST_CODEC_VP8;
}

/* Raw video is offered as large as pays on a small screen: a display that says
 * nothing of itself gets no more. Coded video is what it is. */
static void
wish_set_picture (const FoyerCastInput *input, FoyerCastOfferWish *wish)
{
  gboolean is_raw = input->codec == FOYER_CAST_CODEC_NONE;
  gboolean is_sized = input->picture.width_px > 1 &&
      input->picture.height_px > 1;
  FoyerCastFitLimits limits = { .fps_n = is_raw ? 0 : MAX_CODED_FPS,
    .fps_d = 1 };
  FoyerCastPicture picture = input->picture;

  picture.width_px = MAX (picture.width_px, 2);
  picture.height_px = MAX (picture.height_px, 2);
  if (!foyer_cast_fit (&picture, &limits, &picture))
    return;
  wish->fps_n = picture.fps_n;
  wish->fps_d = picture.fps_d;
  wish->width_px = FOYER_CAST_FIT_DEFAULT_WIDTH_PX;
  wish->height_px = FOYER_CAST_FIT_DEFAULT_HEIGHT_PX;
  if (!is_raw) {
    wish->width_px = is_sized ? input->picture.width_px : MAX_CODED_WIDTH_PX;
    wish->height_px = is_sized ? input->picture.height_px : MAX_CODED_HEIGHT_PX;
  }
}

static void
wish_init (FoyerCastSink *self, FoyerCastOfferWish *wish)
{
  *wish = (FoyerCastOfferWish){ .n_audio_channels = AUDIO_CHANNELS,
    .audio_bps = AUDIO_BPS,
    .delay_ms = foyer_cast_feed_get_delay_ms (self->feed) };
  GST_OBJECT_LOCK (self);
  wish->has_audio = self->audio != NULL;
  wish->max_video_bps = self->max_bps;
  GST_OBJECT_UNLOCK (self);
}

/* The input is known, so it can be offered; sound along with it. */
static void
on_video_input (FoyerCastInlet *inlet, const FoyerCastInput *input,
    gpointer user_data)
{
  FoyerCastSink *self = user_data;
  FoyerCastOfferWish wish;

  wish_init (self, &wish);
  wish_set_codecs (self, input, &wish);
  wish_set_picture (input, &wish);
  if (wish.n_video_codecs > 0)
    foyer_cast_feed_offer (self->feed, &wish);
  else
    GST_ELEMENT_ERROR (self, CORE, MISSING_PLUGIN,
        ("No encoder for the chosen codec is installed. Install x264enc, openh264enc or vp8enc, or choose another codec."),
        (NULL));
}

/* Sound waits for the picture, unless there is none. */
static void
on_audio_input (FoyerCastInlet *inlet, const FoyerCastInput *input,
    gpointer user_data)
{
  FoyerCastSink *self = user_data;
  FoyerCastOfferWish wish;

  if (gst_pad_is_linked (foyer_cast_inlet_get_pad (self->video)))
    return;
  wish_init (self, &wish);
  foyer_cast_feed_offer (self->feed, &wish);
}

/* What the pads take does not depend on what the display takes. */
static gboolean
on_pad_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  g_autoptr (GstCaps) caps = NULL;
  GstCaps *asked;

  if (GST_QUERY_TYPE (query) == GST_QUERY_CAPS) {
    gst_query_parse_caps (query, &asked);
    caps = gst_pad_get_pad_template_caps (pad);
    if (asked != NULL) {
      g_autoptr (GstCaps) both = gst_caps_intersect_full (caps, asked,
          GST_CAPS_INTERSECT_FIRST);

      gst_query_set_caps_result (query, both);
    } else
      gst_query_set_caps_result (query, caps);
    return TRUE;
  }
  if (GST_QUERY_TYPE (query) == GST_QUERY_ACCEPT_CAPS) {
    gst_query_parse_accept_caps (query, &asked);
    caps = gst_pad_get_pad_template_caps (pad);
    gst_query_set_accept_caps_result (query, gst_caps_is_subset (asked, caps));
    return TRUE;
  }
  return gst_pad_query_default (pad, parent, query);
}

static GstPad *
pad_new (GstPadTemplate *template, const char *name)
{
  GstPad *pad = gst_ghost_pad_new_no_target_from_template (name, template);

  gst_pad_set_query_function (pad, on_pad_query);
  return pad;
}

static GstPad *
foyer_cast_sink_request_new_pad (GstElement *element, GstPadTemplate *template,
    const char *name, const GstCaps *caps)
{
  FoyerCastSink *self = FOYER_CAST_SINK (element);
  FoyerCastInlet *audio;
  GstPad *pad;

  if (self->audio != NULL)
    return NULL;
  pad = pad_new (template, "audio");
  audio = foyer_cast_inlet_new (GST_BIN (self), pad, FOYER_CAST_STREAM_AUDIO,
      self->feed, on_audio_input, self);
  foyer_cast_inlet_set_active (audio, GST_STATE (self) >= GST_STATE_PAUSED);
  foyer_cast_inlet_set_playing (audio, GST_STATE (self) == GST_STATE_PLAYING);
  gst_element_sync_state_with_parent (foyer_cast_inlet_get_stream (audio));
  if (GST_STATE (self) >= GST_STATE_PAUSED)
    gst_pad_set_active (pad, TRUE);
  GST_OBJECT_LOCK (self);
  self->audio = audio;
  GST_OBJECT_UNLOCK (self);
  gst_element_add_pad (element, pad);
  return pad;
}

static void
foyer_cast_sink_release_pad (GstElement *element, GstPad *pad)
{
  FoyerCastSink *self = FOYER_CAST_SINK (element);
  FoyerCastInlet *audio;

  GST_OBJECT_LOCK (self);
  audio = g_steal_pointer (&self->audio);
  GST_OBJECT_UNLOCK (self);
  gst_pad_set_active (pad, FALSE);
  foyer_cast_inlet_free (audio);
  gst_element_remove_pad (element, pad);
}

/* Ends a stream that nothing is linked to and that did not end yet. */
static void
inlet_end_unlinked (FoyerCastInlet *inlet, gboolean is_eos)
{
  if (inlet != NULL && !is_eos &&
      !gst_pad_is_linked (foyer_cast_inlet_get_pad (inlet)))
    foyer_cast_inlet_end (inlet);
}

/* Notes the end of one stream. Returns: %TRUE if it was the last. */
static gboolean
sink_note_eos (FoyerCastSink *self, GstObject *stream)
{
  gboolean is_video_eos, is_audio_eos;
  FoyerCastInlet *audio;

  GST_OBJECT_LOCK (self);
  audio = self->audio;
  if (stream == GST_OBJECT (foyer_cast_inlet_get_stream (self->video)))
    self->is_video_eos = TRUE;
  else
    self->is_audio_eos = TRUE;
  is_video_eos = self->is_video_eos;
  is_audio_eos = self->is_audio_eos || audio == NULL;
  GST_OBJECT_UNLOCK (self);
  inlet_end_unlinked (self->video, is_video_eos);
  inlet_end_unlinked (audio, is_audio_eos);
  return is_video_eos && is_audio_eos;
}

/* The end is told only when the display has left the app. This blocks the
 * stream that ended, which has nothing more to do. */
static void
foyer_cast_sink_handle_message (GstBin *bin, GstMessage *message)
{
  FoyerCastSink *self = FOYER_CAST_SINK (bin);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS &&
      sink_note_eos (self, GST_MESSAGE_SRC (message)))
    foyer_cast_feed_stop (self->feed);
  GST_BIN_CLASS (foyer_cast_sink_parent_class)->handle_message (bin, message);
}

static gboolean
sink_open (FoyerCastSink *self)
{
  g_autofree char *host = NULL, *name = NULL, *pin = NULL, *ca_file = NULL;
  g_autoptr (GError) error = NULL;
  FoyerCastFeedTarget target = { 0 };

  GST_OBJECT_LOCK (self);
  target.host = host = g_strdup (self->host);
  target.port = (guint16) self->port;
  target.display_name = name = g_strdup (self->display_name);
  target.config.auth = self->auth;
  target.config.pin = pin = g_strdup (self->pin);
  target.config.ca_file = ca_file = g_strdup (self->ca_file);
  self->is_video_eos = FALSE;
  self->is_audio_eos = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (host == NULL || *host == '\0') {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("No display to cast to. Set host to its name or address."), (NULL));
    return FALSE;
  }
  if (foyer_cast_feed_open (self->feed, &target, &error))
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
      ("Can't prepare to cast to %s: %s. Check the properties pin and ca-file.",
          host, error->message),
      (NULL));
  return FALSE;
}

typedef void (*InletFunc) (FoyerCastInlet *inlet, gboolean value);

static void
sink_for_inlets (FoyerCastSink *self, InletFunc func, gboolean value)
{
  func (self->video, value);
  if (self->audio != NULL)
    func (self->audio, value);
}

/* Media stops first, then the streaming threads, then all that they used. */
static void
sink_close (FoyerCastSink *self)
{
  foyer_cast_feed_close (self->feed);
  foyer_cast_inlet_reset (self->video);
  if (self->audio != NULL)
    foyer_cast_inlet_reset (self->audio);
}

static GstStateChangeReturn
foyer_cast_sink_change_state (GstElement *element, GstStateChange transition)
{
  FoyerCastSink *self = FOYER_CAST_SINK (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    if (!sink_open (self))
      return GST_STATE_CHANGE_FAILURE;
    sink_for_inlets (self, foyer_cast_inlet_set_active, TRUE);
  } else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    sink_for_inlets (self, foyer_cast_inlet_set_active, FALSE);
    foyer_cast_feed_stop (self->feed);
  } else if (transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED)
    sink_for_inlets (self, foyer_cast_inlet_set_playing, FALSE);

  ret = GST_ELEMENT_CLASS (foyer_cast_sink_parent_class)
            ->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_PLAYING)
    sink_for_inlets (self, foyer_cast_inlet_set_playing, TRUE);
  else if (transition == GST_STATE_CHANGE_PAUSED_TO_READY ||
      (transition == GST_STATE_CHANGE_READY_TO_PAUSED &&
          ret == GST_STATE_CHANGE_FAILURE))
    sink_close (self);
  return ret;
}

static void
string_set (char **field, const GValue *value)
{
  g_free (*field);
  *field = g_value_dup_string (value);
}

static void
foyer_cast_sink_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *pspec)
{
  FoyerCastSink *self = FOYER_CAST_SINK (object);

  if (id == PROP_TARGET_DELAY) {
    foyer_cast_feed_set_delay (self->feed, g_value_get_uint (value));
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_HOST:
      string_set (&self->host, value);
      break;
    case PROP_PORT:
      self->port = g_value_get_uint (value);
      break;
    case PROP_DISPLAY_NAME:
      string_set (&self->display_name, value);
      break;
    case PROP_CODEC:
      self->choice = (FoyerCastChoice) g_value_get_enum (value);
      break;
    case PROP_AUTH:
      self->auth = (FoyerCastAuthLevel) g_value_get_enum (value);
      break;
    case PROP_PIN:
      string_set (&self->pin, value);
      break;
    case PROP_CA_FILE:
      string_set (&self->ca_file, value);
      break;
    case PROP_MAX_BITRATE:
      self->max_bps = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_cast_sink_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerCastSink *self = FOYER_CAST_SINK (object);

  if (id == PROP_TARGET_DELAY) {
    g_value_set_uint (value, foyer_cast_feed_get_delay_ms (self->feed));
    return;
  }
  if (id == PROP_STATS) {
    g_value_take_boxed (value, foyer_cast_feed_dup_stats (self->feed));
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_HOST:
      g_value_set_string (value, self->host);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->port);
      break;
    case PROP_DISPLAY_NAME:
      g_value_set_string (value, self->display_name);
      break;
    case PROP_CODEC:
      g_value_set_enum (value, (int) self->choice);
      break;
    case PROP_AUTH:
      g_value_set_enum (value, (int) self->auth);
      break;
    case PROP_PIN:
      g_value_set_string (value, self->pin);
      break;
    case PROP_CA_FILE:
      g_value_set_string (value, self->ca_file);
      break;
    case PROP_MAX_BITRATE:
      g_value_set_uint (value, self->max_bps);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_cast_sink_dispose (GObject *object)
{
  FoyerCastSink *self = FOYER_CAST_SINK (object);

  g_clear_pointer (&self->audio, foyer_cast_inlet_free);
  g_clear_pointer (&self->video, foyer_cast_inlet_free);
  G_OBJECT_CLASS (foyer_cast_sink_parent_class)->dispose (object);
}

static void
foyer_cast_sink_finalize (GObject *object)
{
  FoyerCastSink *self = FOYER_CAST_SINK (object);

  foyer_cast_feed_free (self->feed);
  g_free (self->host);
  g_free (self->display_name);
  g_free (self->pin);
  g_free (self->ca_file);
  G_OBJECT_CLASS (foyer_cast_sink_parent_class)->finalize (object);
}

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS)

static void
install_address (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_HOST,
      g_param_spec_string ("host", "Host",
          "Name or address of the display (IPv6 with or without brackets)",
          NULL, FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_PORT,
      g_param_spec_uint ("port", "Port", "TCP port of the display", 1, 65535,
          DEFAULT_PORT, FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_DISPLAY_NAME,
      g_param_spec_string ("display-name", "Display name",
          "What to call the display in messages; it identifies nothing", NULL,
          FLAGS | GST_PARAM_MUTABLE_READY));
}

static void
install_trust (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_AUTH,
      g_param_spec_enum ("auth", "Authentication",
          "How sure to be of the display before anything is shown on it",
          FOYER_TYPE_CAST_AUTH_LEVEL, FOYER_CAST_AUTH_DEVICE,
          FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_PIN,
      g_param_spec_string ("pin", "Pin",
          "Fingerprint of the key the display must have: sha256: and 64 hex digits; unset for any key that auth accepts",
          NULL, FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_CA_FILE,
      g_param_spec_string ("ca-file", "Roots file",
          "PEM file with the roots to trust instead of the public Cast roots",
          NULL, FLAGS | GST_PARAM_MUTABLE_READY));
}

static void
install_media (GObjectClass *klass)
{
  g_object_class_install_property (klass, PROP_CODEC,
      g_param_spec_enum ("codec", "Codec", "How to encode raw video",
          FOYER_TYPE_CAST_CHOICE, FOYER_CAST_CHOICE_AUTO,
          FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_TARGET_DELAY,
      g_param_spec_uint ("target-delay", "Target delay",
          "Time from capture to display, in ms", FOYER_CAST_MIN_DELAY_MS,
          FOYER_CAST_MAX_DELAY_MS, FOYER_CAST_DEFAULT_DELAY_MS,
          FLAGS | GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (klass, PROP_MAX_BITRATE,
      g_param_spec_uint ("max-bitrate", "Highest bit rate",
          "Most that is sent of video, in bit/s", FOYER_CAST_MIN_VIDEO_BPS,
          FOYER_CAST_MAX_VIDEO_BPS, DEFAULT_MAX_BPS,
          FLAGS | GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (klass, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Figures of the cast now running, or of the last", GST_TYPE_STRUCTURE,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
foyer_cast_sink_class_init (FoyerCastSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (foyer_cast_sink_debug, "foyercastsink", 0,
      "casts to a display");
  object_class->set_property = foyer_cast_sink_set_property;
  object_class->get_property = foyer_cast_sink_get_property;
  object_class->dispose = foyer_cast_sink_dispose;
  object_class->finalize = foyer_cast_sink_finalize;
  element_class->change_state = foyer_cast_sink_change_state;
  element_class->request_new_pad = foyer_cast_sink_request_new_pad;
  element_class->release_pad = foyer_cast_sink_release_pad;
  GST_BIN_CLASS (klass)->handle_message = foyer_cast_sink_handle_message;
  install_address (object_class);
  install_trust (object_class);
  install_media (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &audio_template);
  gst_element_class_set_static_metadata (element_class, "Cast sink",
      "Sink/Network/Video/Audio",
      "Casts live video and audio to a Cast display", "Foyer");
  gst_type_mark_as_plugin_api (FOYER_TYPE_CAST_CHOICE, 0);
  gst_type_mark_as_plugin_api (FOYER_TYPE_CAST_AUTH_LEVEL, 0);
}

static void
foyer_cast_sink_init (FoyerCastSink *self)
{
  g_autoptr (GstPadTemplate) template = gst_static_pad_template_get (
      &sink_template);
  GstPad *pad = pad_new (template, "sink");

  self->port = DEFAULT_PORT;
  self->auth = FOYER_CAST_AUTH_DEVICE;
  self->max_bps = DEFAULT_MAX_BPS;
  self->feed = foyer_cast_feed_new (GST_ELEMENT (self));
  gst_element_add_pad (GST_ELEMENT (self), pad);
  self->video = foyer_cast_inlet_new (GST_BIN (self), pad,
      FOYER_CAST_STREAM_VIDEO, self->feed, on_video_input, self);
}
