/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyercaststream.h"

#include "foyer-cast-encoder.h"
#include "foyer-cast-time.h"
#include "foyer-clock.h"

GST_DEBUG_CATEGORY_STATIC (foyer_cast_stream_debug);
#define GST_CAT_DEFAULT foyer_cast_stream_debug

/* A camera's own encoder may need this long for a key frame. */
#define KEY_PATIENCE_US (300 * 1000)
#define US_PER_MS       1000

struct _FoyerCastStream
{
  GstBaseSink parent_instance;
  FoyerCastFeed *feed; /* borrowed */
  FoyerCastStreamKind kind;
  /* Streaming thread. */
  FoyerCastCodec codec;
  guint width_px;
  guint height_px;
  const char *encoder;
  guint generation;
  gint64 key_asked_us;
  gint64 last_capture_us; /* of a frame that was sent; 0 for none */

  GMutex wait_lock;
  GCond wait_cond;
  gboolean is_unlocked; /* wait_lock */
};

G_DEFINE_FINAL_TYPE (FoyerCastStream, foyer_cast_stream, GST_TYPE_BASE_SINK)

#define STREAM_CAPS                                                      \
  "video/x-h264, stream-format=byte-stream, alignment=au; video/x-vp8; " \
  "audio/x-opus"

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (STREAM_CAPS));

static FoyerCastCodec
codec_from_caps (const GstStructure *structure)
{
  if (gst_structure_has_name (structure, "video/x-h264"))
    return FOYER_CAST_CODEC_H264;
  if (gst_structure_has_name (structure, "video/x-vp8"))
    return FOYER_CAST_CODEC_VP8;
  return FOYER_CAST_CODEC_OPUS;
}

static gboolean
foyer_cast_stream_set_caps (GstBaseSink *base, GstCaps *caps)
{
  FoyerCastStream *self = FOYER_CAST_STREAM (base);
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  int width_px = 0, height_px = 0;

  self->codec = codec_from_caps (structure);
  gst_structure_get_int (structure, "width", &width_px);
  gst_structure_get_int (structure, "height", &height_px);
  self->width_px = (guint) MAX (width_px, 0);
  self->height_px = (guint) MAX (height_px, 0);
  return TRUE;
}

void
foyer_cast_stream_set_encoder (FoyerCastStream *self, const char *name)
{
  self->encoder = name;
}

void
foyer_cast_stream_ask_key (FoyerCastStream *self,
    const FoyerCastFeedSettled *settled)
{
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());

  if (self->kind != FOYER_CAST_STREAM_VIDEO ||
      !foyer_cast_feed_needs_key (self->feed, settled)) {
    self->key_asked_us = 0;
    return;
  }
  if (self->key_asked_us != 0 && now_us < self->key_asked_us + KEY_PATIENCE_US)
    return;
  self->key_asked_us = now_us;
  GST_DEBUG_OBJECT (self, "asking for a key frame");
  foyer_cast_encoder_force_key (GST_BASE_SINK_PAD (self));
}

/* Says once for each ANSWER what is streamed. */
static void
stream_describe (FoyerCastStream *self, const FoyerCastFeedSettled *settled)
{
  if (self->kind != FOYER_CAST_STREAM_VIDEO ||
      self->generation == settled->generation)
    return;
  self->generation = settled->generation;
  foyer_cast_feed_describe (self->feed, self->codec, self->width_px,
      self->height_px, self->encoder);
}

static void
stream_push (FoyerCastStream *self, const FoyerCastFeedSettled *settled,
    GstBuffer *buffer)
{
  gboolean is_key = !GST_BUFFER_FLAG_IS_SET (buffer,
      GST_BUFFER_FLAG_DELTA_UNIT);
  gint64 capture_us = foyer_cast_time_get_capture_us (GST_ELEMENT (self),
      &GST_BASE_SINK (self)->segment, GST_BUFFER_PTS (buffer));
  FoyerCastVerdict verdict;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  verdict = foyer_cast_feed_push (self->feed, settled, &map, is_key,
      capture_us);
  gst_buffer_unmap (buffer, &map);
  if (verdict == FOYER_CAST_VERDICT_SEND)
    self->last_capture_us = capture_us;
  else
    GST_LOG_OBJECT (self, "frame of %" G_GSIZE_FORMAT " bytes dropped: %s",
        map.size, foyer_cast_verdict_to_string (verdict));
}

static GstFlowReturn
foyer_cast_stream_render (GstBaseSink *base, GstBuffer *buffer)
{
  FoyerCastStream *self = FOYER_CAST_STREAM (base);
  FoyerCastFeedSettled settled;

  /* The error is on the bus already; another one would only hide it. */
  if (foyer_cast_feed_is_over (self->feed))
    return GST_FLOW_OK;
  foyer_cast_feed_get_settled (self->feed, self->kind, &settled);
  if (!settled.is_wanted || settled.stream.codec != self->codec) {
    if (self->kind == FOYER_CAST_STREAM_VIDEO)
      foyer_cast_feed_count_not_ready (self->feed);
    return GST_FLOW_OK;
  }
  stream_describe (self, &settled);
  stream_push (self, &settled, buffer);
  foyer_cast_stream_ask_key (self, &settled);
  return GST_FLOW_OK;
}

/* The display shows the last frame a target delay after its capture; until then
 * packets of it may have to be sent again. */
static void
stream_wait_played (FoyerCastStream *self)
{
  gint64 end_us = self->last_capture_us +
      foyer_cast_feed_get_delay_ms (self->feed) * US_PER_MS;

  if (self->last_capture_us == 0 || foyer_cast_feed_is_over (self->feed))
    return;
  g_mutex_lock (&self->wait_lock);
  while (!self->is_unlocked &&
      g_cond_wait_until (&self->wait_cond, &self->wait_lock, end_us))
    ;
  g_mutex_unlock (&self->wait_lock);
}

static gboolean
foyer_cast_stream_event (GstBaseSink *base, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    stream_wait_played (FOYER_CAST_STREAM (base));
  return GST_BASE_SINK_CLASS (foyer_cast_stream_parent_class)
      ->event (base, event);
}

static void
stream_set_unlocked (FoyerCastStream *self, gboolean is_unlocked)
{
  g_mutex_lock (&self->wait_lock);
  self->is_unlocked = is_unlocked;
  g_cond_signal (&self->wait_cond);
  g_mutex_unlock (&self->wait_lock);
}

static gboolean
foyer_cast_stream_unlock (GstBaseSink *base)
{
  stream_set_unlocked (FOYER_CAST_STREAM (base), TRUE);
  return TRUE;
}

static gboolean
foyer_cast_stream_unlock_stop (GstBaseSink *base)
{
  stream_set_unlocked (FOYER_CAST_STREAM (base), FALSE);
  return TRUE;
}

static gboolean
foyer_cast_stream_start (GstBaseSink *base)
{
  FoyerCastStream *self = FOYER_CAST_STREAM (base);

  self->codec = FOYER_CAST_CODEC_NONE;
  self->generation = 0;
  self->key_asked_us = 0;
  self->last_capture_us = 0;
  self->is_unlocked = FALSE;
  return TRUE;
}

static void
foyer_cast_stream_finalize (GObject *object)
{
  FoyerCastStream *self = FOYER_CAST_STREAM (object);

  g_mutex_clear (&self->wait_lock);
  g_cond_clear (&self->wait_cond);
  G_OBJECT_CLASS (foyer_cast_stream_parent_class)->finalize (object);
}

static void
foyer_cast_stream_class_init (FoyerCastStreamClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (foyer_cast_stream_debug, "foyercaststream", 0,
      "coded frames into a cast");
  G_OBJECT_CLASS (klass)->finalize = foyer_cast_stream_finalize;
  base_class->set_caps = foyer_cast_stream_set_caps;
  base_class->render = foyer_cast_stream_render;
  base_class->event = foyer_cast_stream_event;
  base_class->unlock = foyer_cast_stream_unlock;
  base_class->unlock_stop = foyer_cast_stream_unlock_stop;
  base_class->start = foyer_cast_stream_start;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Cast stream",
      "Sink/Network", "Pushes coded frames into a cast", "Foyer");
}

/* No frame is kept for last-sample: nobody may read it afterwards. */
static void
foyer_cast_stream_init (FoyerCastStream *self)
{
  g_mutex_init (&self->wait_lock);
  g_cond_init (&self->wait_cond);
  gst_base_sink_set_sync (GST_BASE_SINK (self), FALSE);
  gst_base_sink_set_async_enabled (GST_BASE_SINK (self), FALSE);
  gst_base_sink_set_last_sample_enabled (GST_BASE_SINK (self), FALSE);
  gst_base_sink_set_qos_enabled (GST_BASE_SINK (self), FALSE);
}

GstElement *
foyer_cast_stream_new (FoyerCastFeed *feed, FoyerCastStreamKind kind)
{
  FoyerCastStream *self = g_object_new (FOYER_TYPE_CAST_STREAM, NULL);

  self->feed = feed;
  self->kind = kind;
  return GST_ELEMENT (self);
}
