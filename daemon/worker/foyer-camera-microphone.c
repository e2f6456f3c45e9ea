/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-microphone.h"

#include "foyer-ears.h"
#include "foyer-fd.h"
#include "foyer-media.h"
#include "foyer-shape.h"
#include "foyer-tone.h"
#include "foyerlinksink.h"

#define OPUS_BPS 64000
#define AAC_BPS  96000
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
#define QUIET_MS 5000
/* Microphones have noise: so long without a single other number is none. */
#define ZEROS_MS 10000

/* One codec; all of it is the pipeline's. */
typedef struct
{
  FoyerCodec codec;
  GstElement *queue;
  GstElement *encoder;
  FoyerLinkSink *sink; /* NULL while nobody has wanted it */
} Rung;

struct _FoyerCameraMicrophone
{
  const FoyerMessage *config; /* borrowed */
  gboolean is_loaded;
  FoyerMicrophoneTold told;
  gpointer user_data;
  GstElement *pipeline; /* NULL while nobody has a link */
  GstElement *tee;      /* the pipeline's */
  FoyerEars *ears;      /* NULL while it is closed */
  FoyerPcm device;      /* how devices are asked */
  gint most_zeros_ms;
  Rung rungs[2];
  GHashTable *links;     /* guint64 of a session → its Rung, borrowed */
  FoyerMessageType said; /* of this opening; NONE for nothing yet */
  char *problem;         /* (nullable): why it is about to be lost */
  guint loser;
  guint timer;
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
close_ears (FoyerCameraMicrophone *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->said = FOYER_MESSAGE_NONE;
  if (self->ears == NULL)
    return;
  g_message ("the microphone is closed");
  g_clear_pointer (&self->ears, foyer_ears_free);
}

static void
close_down (FoyerCameraMicrophone *self)
{
  g_autoptr (GstBus) bus = NULL;

  g_hash_table_remove_all (self->links);
  g_clear_handle_id (&self->loser, g_source_remove);
  g_clear_pointer (&self->problem, g_free);
  close_ears (self);
  if (self->pipeline == NULL)
    return;
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_remove_watch (bus);
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  gst_clear_object (&self->pipeline);
  for (guint i = 0; i < G_N_ELEMENTS (self->rungs); i++)
    self->rungs[i].sink = NULL;
}

/* Nothing of one opening is coded with the next, whose first packet is to be told
 * from an encoder's first. */
static void
start_anew (Rung *rung)
{
  if (rung->sink == NULL)
    return;
  gst_element_set_state (rung->queue, GST_STATE_READY);
  gst_element_set_state (rung->encoder, GST_STATE_READY);
  gst_element_sync_state_with_parent (rung->encoder);
  gst_element_sync_state_with_parent (rung->queue);
}

static gboolean
on_lost (gpointer user_data)
{
  FoyerCameraMicrophone *self = user_data;
  g_autofree char *words = g_steal_pointer (&self->problem);

  self->loser = 0;
  close_ears (self);
  for (guint i = 0; i < G_N_ELEMENTS (self->rungs); i++)
    start_anew (&self->rungs[i]);
  self->told (FOYER_MESSAGE_SOUND_LOST, words, self->user_data);
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

/* what it hears */

static void
say (FoyerCameraMicrophone *self, FoyerMessageType type)
{
  if (self->said == type)
    return;
  self->said = type;
  self->told (type, "", self->user_data);
}

/* It may go silent without an error, in two ways. */
static gboolean
on_check (gpointer user_data)
{
  FoyerCameraMicrophone *self = user_data;
  gboolean is_muted = foyer_ears_get_zeros_ms (self->ears) >=
      self->most_zeros_ms;

  if (foyer_ears_get_quiet_ms (self->ears) > QUIET_MS)
    lose (self, "the microphone gives no sound");
  else if (self->said != FOYER_MESSAGE_NONE)
    say (self,
        is_muted ? FOYER_MESSAGE_SOUND_MUTED : FOYER_MESSAGE_SOUND_HEARD);
  return G_SOURCE_CONTINUE;
}

static void
take_element_message (FoyerCameraMicrophone *self,
    const GstStructure *structure)
{
  guint64 session;

  if (structure == NULL)
    return;
  if (gst_structure_has_name (structure, FOYER_EARS_HEAR) && self->ears != NULL)
    say (self, FOYER_MESSAGE_SOUND_HEARD);
  else if (gst_structure_has_name (structure, "foyer-link-gone") &&
      gst_structure_get_uint64 (structure, "session", &session))
    foyer_camera_microphone_remove (self, (FoyerSessionId){ session });
}

/* A source tells twice of its end, and the second time may come when it has been
 * closed and another one opened. */
static gboolean
is_of_before (FoyerCameraMicrophone *self, GstMessage *message)
{
  return !gst_object_has_as_ancestor (GST_MESSAGE_SRC (message),
      GST_OBJECT (self->pipeline));
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  FoyerCameraMicrophone *self = user_data;

  if (is_of_before (self, message))
    return G_SOURCE_CONTINUE;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    lose (self, error->message);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
    take_element_message (self, gst_message_get_structure (message));
  }
  return G_SOURCE_CONTINUE;
}

/* building */

/* Another microphone may follow: streaming thread. */
static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  return GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (probe)) == GST_EVENT_EOS
      ? GST_PAD_PROBE_DROP
      : GST_PAD_PROBE_OK;
}

/* The pipeline's clock is the machine's: with it foyertag tells the same time for
 * sound and pictures. It runs without a microphone, too: a link lives longer than
 * one opening. */
static gboolean
ensure_pipeline (FoyerCameraMicrophone *self, GError **problem)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstPad) pad = NULL;

  if (self->pipeline != NULL)
    return TRUE;
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), clock);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_add_watch (bus, on_bus_message, self);
  self->tee = foyer_media_add (GST_BIN (self->pipeline), "tee", problem);
  if (self->tee == NULL) {
    close_down (self);
    return FALSE;
  }
  g_object_set (self->tee, "allow-not-linked", TRUE, NULL);
  pad = gst_element_get_static_pad (self->tee, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, NULL,
      NULL);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
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
  rung->queue = queue;
  rung->encoder = encoder;
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

/* The descriptor is taken. */
static gboolean
open_ears (FoyerCameraMicrophone *self, int fd, GError **error)
{
  FoyerPcm device = self->device;

  device.fd = fd;
  self->ears = foyer_ears_new (self->config, &device, error);
  if (self->ears == NULL)
    return FALSE;
  g_message ("the microphone is open");
  self->timer = g_timeout_add (CHECK_MS, on_check, self);
  if (!foyer_ears_join (self->ears, self->tee))
    lose (self, "the microphone can't be opened");
  return TRUE;
}

/* public, in order of life */

FoyerCameraMicrophone *
foyer_camera_microphone_new (const FoyerMessage *config, gboolean is_loaded,
    FoyerMicrophoneTold told, gpointer user_data)
{
  FoyerCameraMicrophone *self = g_new0 (FoyerCameraMicrophone, 1);

  self->config = config;
  self->is_loaded = is_loaded;
  self->told = told;
  self->user_data = user_data;
  foyer_ioctl_init (&self->device, -1);
  self->most_zeros_ms = ZEROS_MS;
  self->links = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      NULL);
  return self;
}

void
foyer_camera_microphone_set_device (FoyerCameraMicrophone *self,
    const FoyerPcm *device, guint most_zeros_ms)
{
  self->device = *device;
  self->most_zeros_ms = (gint) most_zeros_ms;
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
  foyer_autofd int device = own_device;
  g_autoptr (GError) problem = NULL;
  Rung *rung = NULL;

  if (!self->is_loaded || !foyer_codec_is_sound (message->shape.codec)) {
    lose (self, "this camera has no microphone");
    close (fd);
    return;
  }
  if (ensure_pipeline (self, &problem))
    rung = ensure_rung (self, message->shape.codec, &problem);
  if (rung == NULL) {
    lose (self, problem->message);
    close (fd);
    return;
  }
  if (foyer_link_sink_add_since (rung->sink, message->session,
          get_since_us (self, message->granted_us), fd))
    g_hash_table_insert (self->links,
        g_memdup2 (&message->session.v, sizeof message->session.v), rung);
  foyer_camera_microphone_open (self, g_steal_fd (&device));
}

void
foyer_camera_microphone_open (FoyerCameraMicrophone *self, int own_device)
{
  foyer_autofd int device = own_device;
  g_autoptr (GError) error = NULL;

  if (self->ears != NULL || g_hash_table_size (self->links) == 0)
    return;
  /* It is about another one. */
  g_clear_handle_id (&self->loser, g_source_remove);
  g_clear_pointer (&self->problem, g_free);
  if (device < 0 && self->config->source != FOYER_SOURCE_DRAWN)
    lose (self, "");
  else if (!open_ears (self, g_steal_fd (&device), &error))
    lose (self, error->message);
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
  return self->ears != NULL;
}

void
foyer_camera_microphone_free (FoyerCameraMicrophone *self)
{
  if (self == NULL)
    return;
  close_down (self);
  g_hash_table_unref (self->links);
  g_free (self);
}
