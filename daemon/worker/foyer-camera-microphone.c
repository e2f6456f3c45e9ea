/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-microphone.h"

#include "foyer-clock.h"
#include "foyer-fd.h"
#include "foyer-media.h"
#include "foyer-microphone-source.h"
#include "foyer-shape.h"
#include "foyer-tone.h"
#include "foyerlinksink.h"

#define N_CHANNELS 2
#define OPUS_BPS   64000
#define AAC_BPS    96000
/* What a decoder gives of a packet was heard so long before the samples that went
 * in: vo-aacenc's delay of 1600 samples, which its element does not tell. That of
 * Opus its element takes off by itself. */
#define AAC_LATE_NS (G_GINT64_CONSTANT (1600) * 1000000000 / FOYER_TONE_HZ)
/* What a packet lets be guessed of the one before, by the overlap of 2.5 ms and the
 * state of the encoder: the first one of a link begins so much after the grant. */
#define SINCE_US (20 * 1000)
/* The clock of a device is not the machine's: what its samples are said to be captured
 * at is off by what an encoder, a resampler and the device's ring may be. */
#define TOLERANCE_NS (10 * GST_MSECOND)
#define OFF_US       (60 * 1000)
/* Sound that no encoder took in time is lost, as pictures are. */
#define QUEUE_NS (100 * GST_MSECOND)
#define CHECK_MS 1000
#define QUIET_US (G_GINT64_CONSTANT (5) * G_USEC_PER_SEC)

/* One codec; all of it is the pipeline's. */
typedef struct
{
  FoyerCodec codec;
  FoyerLinkSink *sink; /* NULL while nobody has wanted it */
} Rung;

struct _FoyerCameraMicrophone
{
  const FoyerMessage *config; /* borrowed */
  gboolean is_loaded;
  FoyerMicrophoneLost lost;
  gpointer user_data;
  GstElement *pipeline; /* NULL while it is closed */
  GstElement *tee;      /* the pipeline's */
  FoyerPcm device;      /* how devices are asked */
  Rung rungs[2];
  GHashTable *links; /* guint64 of a session → its Rung, borrowed */
  char *problem;     /* (nullable): why it is about to be lost */
  guint loser;
  guint timer;
  gint last_ms; /* atomic: when samples came, monotonic, wraps */
};

gboolean
foyer_camera_microphone_load (FoyerSource source)
{
  static const char *const names[] = { "audiotestsrc", "audioconvert",
    "audioresample", "opusenc", "voaacenc", NULL };

  for (guint i = source == FOYER_SOURCE_DRAWN ? 0 : 1; names[i] != NULL; i++) {
    g_autoptr (GError) error = NULL;

    if (!foyer_media_load_element (names[i], &error)) {
      g_message ("no sound: %s", error->message);
      return FALSE;
    }
  }
  return TRUE;
}

/* its end */

static void
close_down (FoyerCameraMicrophone *self)
{
  g_autoptr (GstBus) bus = NULL;

  g_hash_table_remove_all (self->links);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->loser, g_source_remove);
  if (self->pipeline == NULL)
    return;
  g_message ("the microphone is closed");
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_remove_watch (bus);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_clear_object (&self->pipeline);
  for (guint i = 0; i < G_N_ELEMENTS (self->rungs); i++)
    self->rungs[i].sink = NULL;
}

static gboolean
on_lost (gpointer user_data)
{
  FoyerCameraMicrophone *self = user_data;
  g_autofree char *words = g_steal_pointer (&self->problem);

  self->loser = 0;
  close_down (self);
  self->lost (words, self->user_data);
  return G_SOURCE_REMOVE;
}

/* Not at once: whoever calls is in the middle of something. */
static void
lose (FoyerCameraMicrophone *self, const char *words)
{
  if (self->loser != 0)
    return;
  self->problem = g_strdup (words);
  self->loser = g_idle_add (on_lost, self);
}

/* It may go silent without an error. */
static gboolean
on_check (gpointer user_data)
{
  FoyerCameraMicrophone *self = user_data;
  gint now_ms = (gint) (foyer_clock_get_us (foyer_clock_get_system ()) / 1000);
  gint since_ms = (gint) ((guint) now_ms -
      (guint) g_atomic_int_get (&self->last_ms));

  if (since_ms > QUIET_US / 1000)
    lose (self, "the microphone gives no sound");
  return G_SOURCE_CONTINUE;
}

static void
take_element_message (FoyerCameraMicrophone *self,
    const GstStructure *structure)
{
  guint64 session;

  if (structure != NULL &&
      gst_structure_has_name (structure, "foyer-link-gone") &&
      gst_structure_get_uint64 (structure, "session", &session))
    foyer_camera_microphone_remove (self, (FoyerSessionId){ session });
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  FoyerCameraMicrophone *self = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    lose (self, error->message);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    lose (self, "the microphone gives no more sound");
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
    take_element_message (self, gst_message_get_structure (message));
  }
  return G_SOURCE_CONTINUE;
}

/* where sound comes from; streaming thread */

static GstPadProbeReturn
on_samples (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  FoyerCameraMicrophone *self = user_data;
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());

  g_atomic_int_set (&self->last_ms, (gint) (guint) (now_us / 1000));
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_silence (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  FoyerCameraMicrophone *self = user_data;
  GstBuffer *buffer = gst_buffer_make_writable (
      GST_PAD_PROBE_INFO_BUFFER (probe));
  GstMapInfo map;

  GST_PAD_PROBE_INFO_DATA (probe) = buffer;
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_GAP);
  if (gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    foyer_tone_draw ((gint16 *) (gpointer) map.data, map.size / sizeof (gint16),
        gst_element_get_base_time (self->pipeline) + GST_BUFFER_PTS (buffer),
        self->config->number);
    gst_buffer_unmap (buffer, &map);
  }
  return GST_PAD_PROBE_OK;
}

/* building */

static GstCaps *
make_caps (int n_channels)
{
  return gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, "S16LE",
      "layout", G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT, FOYER_TONE_HZ,
      "channels", G_TYPE_INT, n_channels, NULL);
}

static GstElement *
add_drawn (FoyerCameraMicrophone *self, GError **problem)
{
  GstBin *bin = GST_BIN (self->pipeline);
  GstElement *source = foyer_media_add (bin, "audiotestsrc", problem);
  GstElement *drawn = foyer_media_add_filter (bin, make_caps (1), problem);
  g_autoptr (GstPad) pad = NULL;

  if (*problem != NULL)
    return NULL;
  g_object_set (source, "is-live", TRUE, "samplesperbuffer",
      FOYER_TONE_HZ / 100, NULL);
  gst_util_set_object_arg (G_OBJECT (source), "wave", "silence");
  gst_element_link (source, drawn);
  pad = gst_element_get_static_pad (drawn, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_silence, self, NULL);
  return drawn;
}

/* The descriptor is the element's, or closed. */
static GstElement *
add_device (FoyerCameraMicrophone *self, int device, GError **problem)
{
  FoyerPcm pcm = self->device;
  GstElement *source;
  FoyerPcmMode mode;

  if (device < 0) {
    g_set_error_literal (problem, GST_RESOURCE_ERROR,
        GST_RESOURCE_ERROR_NOT_FOUND, "this camera has no microphone");
    return NULL;
  }
  pcm.fd = device;
  if (!foyer_pcm_start (&pcm, FOYER_TONE_HZ, &mode, problem)) {
    foyer_fd_clear (&device);
    return NULL;
  }
  g_message ("hears %u bits, %u channels, %u Hz", mode.width_bits,
      mode.n_channels, mode.rate_hz);
  source = foyer_microphone_source_new (&pcm, &mode);
  gst_bin_add (GST_BIN (self->pipeline), source);
  return source;
}

/* The pipeline's clock is the machine's: with it foyertag tells the same time for
 * sound and pictures. */
static gboolean
build (FoyerCameraMicrophone *self, int device, GError **problem)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstPad) pad = NULL;
  GstElement *source, *convert, *resample, *filter;
  GstBin *bin;

  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  bin = GST_BIN (self->pipeline);
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), clock);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_add_watch (bus, on_bus_message, self);
  source = self->config->source == FOYER_SOURCE_DRAWN
      ? add_drawn (self, problem)
      : add_device (self, device, problem);
  convert = foyer_media_add (bin, "audioconvert", problem);
  resample = foyer_media_add (bin, "audioresample", problem);
  filter = foyer_media_add_filter (bin, make_caps (N_CHANNELS), problem);
  self->tee = foyer_media_add (bin, "tee", problem);
  if (*problem != NULL)
    return FALSE;
  g_object_set (self->tee, "allow-not-linked", TRUE, NULL);
  gst_element_link_many (source, convert, resample, filter, self->tee, NULL);
  pad = gst_element_get_static_pad (self->tee, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_samples, self, NULL);
  return TRUE;
}

static GstElement *
add_encoder (FoyerCameraMicrophone *self, FoyerCodec codec, GError **problem)
{
  GstElement *encoder = foyer_media_add (GST_BIN (self->pipeline),
      codec == FOYER_CODEC_OPUS ? "opusenc" : "voaacenc", problem);

  if (encoder == NULL)
    return NULL;
  g_object_set (encoder, "tolerance", (gint64) TOLERANCE_NS, NULL);
  if (codec != FOYER_CODEC_OPUS) {
    g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "src");

    g_object_set (encoder, "bitrate", AAC_BPS, NULL);
    gst_pad_set_offset (pad, -AAC_LATE_NS);
    return encoder;
  }
  g_object_set (encoder, "bitrate", OPUS_BPS, "complexity", 5, NULL);
  gst_util_set_object_arg (G_OBJECT (encoder), "frame-size", "20");
  return encoder;
}

static void
add_rung (FoyerCameraMicrophone *self, Rung *rung, GError **problem)
{
  GstBin *bin = GST_BIN (self->pipeline);
  GstElement *queue = foyer_media_add (bin, "queue", problem);
  GstElement *encoder = add_encoder (self, rung->codec, problem);
  GstElement *tag = foyer_media_add (bin, "foyertag", problem);
  GstElement *sink = foyer_media_add (bin, "foyerlinksink", problem);

  if (*problem != NULL)
    return;
  g_object_set (queue, "max-size-buffers", 0, "max-size-bytes", 0,
      "max-size-time", QUEUE_NS, NULL);
  gst_util_set_object_arg (G_OBJECT (queue), "leaky", "downstream");
  g_object_set (tag, "camera", self->config->camera.v, "generation",
      self->config->generation, NULL);
  gst_element_link_many (queue, encoder, tag, sink, NULL);
  gst_element_sync_state_with_parent (sink);
  gst_element_sync_state_with_parent (tag);
  gst_element_sync_state_with_parent (encoder);
  gst_element_sync_state_with_parent (queue);
  gst_element_link (self->tee, queue);
  rung->sink = FOYER_LINK_SINK (sink);
}

static Rung *
ensure_rung (FoyerCameraMicrophone *self, FoyerCodec codec, GError **problem)
{
  Rung *rung = codec == FOYER_CODEC_OPUS ? &self->rungs[0] : &self->rungs[1];

  rung->codec = codec;
  if (rung->sink == NULL)
    add_rung (self, rung, problem);
  return rung->sink != NULL ? rung : NULL;
}

static void
open_up (FoyerCameraMicrophone *self)
{
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());

  g_message ("the microphone is open");
  g_atomic_int_set (&self->last_ms, (gint) (guint) (now_us / 1000));
  self->timer = g_timeout_add (CHECK_MS, on_check, self);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING) ==
      GST_STATE_CHANGE_FAILURE)
    lose (self, "the microphone can't be opened");
}

/* public, in order of life */

FoyerCameraMicrophone *
foyer_camera_microphone_new (const FoyerMessage *config, gboolean is_loaded,
    FoyerMicrophoneLost lost, gpointer user_data)
{
  FoyerCameraMicrophone *self = g_new0 (FoyerCameraMicrophone, 1);

  self->config = config;
  self->is_loaded = is_loaded;
  self->lost = lost;
  self->user_data = user_data;
  foyer_pcm_init (&self->device, -1);
  self->links = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      NULL);
  return self;
}

void
foyer_camera_microphone_set_device (FoyerCameraMicrophone *self,
    const FoyerPcm *device)
{
  self->device = *device;
}

/* When a packet has nothing from before the grant, whatever its time is off by. */
static gint64
get_since_us (FoyerCameraMicrophone *self, gint64 granted_us)
{
  return granted_us + SINCE_US +
      (self->config->source != FOYER_SOURCE_DRAWN ? OFF_US : 0);
}

void
foyer_camera_microphone_add (FoyerCameraMicrophone *self,
    const FoyerMessage *message, int fd, int own_device)
{
  gboolean was_open = self->pipeline != NULL;
  foyer_autofd int device = own_device;
  GError *problem = NULL;
  Rung *rung = NULL;

  if (!self->is_loaded || !foyer_codec_is_sound (message->shape.codec)) {
    lose (self, "this camera has no microphone");
    close (fd);
    return;
  }
  if (was_open || build (self, g_steal_fd (&device), &problem))
    rung = ensure_rung (self, message->shape.codec, &problem);
  if (rung == NULL) {
    lose (self, problem->message);
    g_error_free (problem);
    close (fd);
    return;
  }
  if (foyer_link_sink_add_since (rung->sink, message->session,
          get_since_us (self, message->granted_us), fd))
    g_hash_table_insert (self->links,
        g_memdup2 (&message->session.v, sizeof message->session.v), rung);
  if (!was_open)
    open_up (self);
}

void
foyer_camera_microphone_remove (FoyerCameraMicrophone *self,
    FoyerSessionId session)
{
  const guint64 key = session.v;
  const Rung *rung = g_hash_table_lookup (self->links, &key);

  if (rung == NULL)
    return;
  foyer_link_sink_remove (rung->sink, session);
  g_hash_table_remove (self->links, &key);
  if (g_hash_table_size (self->links) == 0)
    close_down (self);
}

gboolean
foyer_camera_microphone_is_open (const FoyerCameraMicrophone *self)
{
  return self->pipeline != NULL;
}

void
foyer_camera_microphone_free (FoyerCameraMicrophone *self)
{
  if (self == NULL)
    return;
  close_down (self);
  g_hash_table_unref (self->links);
  g_free (self->problem);
  g_free (self);
}
