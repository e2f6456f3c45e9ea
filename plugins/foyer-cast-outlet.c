/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-outlet.h"

#include "foyer-cast-time.h"

/* The longest target delay at 60 frames/s, and some. */
#define MAX_FRAMES 512
#define MAX_BYTES  (16 * 1024 * 1024)
#define NS_PER_US  1000
#define US_PER_MS  1000

/* Names of GstReferenceTimestampMeta, in ns of CLOCK_MONOTONIC. */
#define COMPLETE_CAPS "timestamp/x-foyer-complete"
#define CAPTURE_CAPS  "timestamp/x-foyer-capture"

struct _FoyerCastOutlet
{
  GstElement *element; /* borrowed: it owns us */
  GstPad *pad;         /* borrowed: the element's */
  FoyerCastOutletKeyFunc on_key_needed;
  gpointer user_data;
  GstCaps *complete_caps;
  GstCaps *capture_caps;

  GMutex lock; /* guards the rest of this block */
  GCond cond;
  GQueue frames; /* of FoyerCastReceivedFrame */
  gsize n_bytes;
  FoyerCastOutletStream stream;
  gboolean is_new_stream;
  gboolean is_flushing;
  gboolean is_playing;
  gboolean needs_key;
  gboolean has_gap;
  guint64 n_dropped;

  GstClockTime last_pts_ns; /* streaming thread */
};

static void
frame_free (FoyerCastReceivedFrame *frame)
{
  foyer_cast_received_frame_clear (frame);
  g_free (frame);
}

/* With the lock held. */
static void
outlet_drop_all (FoyerCastOutlet *self)
{
  FoyerCastReceivedFrame *frame;

  while ((frame = g_queue_pop_head (&self->frames)) != NULL)
    frame_free (frame);
  self->n_bytes = 0;
}

static void
outlet_set_flushing (FoyerCastOutlet *self, gboolean is_flushing)
{
  g_mutex_lock (&self->lock);
  self->is_flushing = is_flushing;
  if (is_flushing) {
    outlet_drop_all (self);
    self->needs_key = TRUE;
  }
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
}

GstCaps *
foyer_cast_outlet_dup_caps (FoyerCastCodec codec)
{
  switch (codec) {
    case FOYER_CAST_CODEC_H264:
      return gst_caps_from_string (
          "video/x-h264, stream-format=byte-stream, alignment=au");
    case FOYER_CAST_CODEC_VP8:
      return gst_caps_new_empty_simple ("video/x-vp8");
    case FOYER_CAST_CODEC_OPUS:
      return gst_caps_from_string (
          "audio/x-opus, rate=48000, channels=2, channel-mapping-family=0");
    case FOYER_CAST_CODEC_NONE:
      break;
  }
  return gst_caps_new_empty ();
}

static void
outlet_push_begin (FoyerCastOutlet *self, const FoyerCastOutletStream *stream)
{
  g_autofree char *name = g_strdup_printf ("session-%" G_GUINT64_FORMAT,
      stream->session_number);
  g_autofree char *id = gst_pad_create_stream_id (self->pad, self->element,
      name);
  g_autoptr (GstCaps) caps = foyer_cast_outlet_dup_caps (stream->codec);
  GstEvent *start = gst_event_new_stream_start (id);
  GstSegment segment;

  gst_event_set_group_id (start, (guint) stream->session_number + 1);
  gst_pad_push_event (self->pad, start);
  gst_pad_push_event (self->pad, gst_event_new_caps (caps));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
}

/* A sink shows a buffer at its running time and the pipeline's latency, which
 * is the target delay: so it is shown when it should. */
static GstClockTime
outlet_get_pts (FoyerCastOutlet *self, const FoyerCastReceivedFrame *frame,
    guint delay_ms)
{
  GstClockTime pts_ns = foyer_cast_time_get_running_ns (self->element,
      frame->playout_us - (gint64) delay_ms * US_PER_MS);

  if (!GST_CLOCK_TIME_IS_VALID (pts_ns))
    return pts_ns;
  if (GST_CLOCK_TIME_IS_VALID (self->last_pts_ns) &&
      pts_ns <= self->last_pts_ns)
    pts_ns = self->last_pts_ns + 1;
  self->last_pts_ns = pts_ns;
  return pts_ns;
}

static GstBuffer *
outlet_make_buffer (FoyerCastOutlet *self, const FoyerCastReceivedFrame *frame,
    guint delay_ms)
{
  GstBuffer *buffer = gst_buffer_new_wrapped_bytes (frame->data);

  GST_BUFFER_PTS (buffer) = outlet_get_pts (self, frame, delay_ms);
  GST_BUFFER_OFFSET (buffer) = (guint64) frame->frame_id;
  if (!frame->is_key)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (frame->is_late)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DECODE_ONLY);
  if (frame->n_skipped > 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  gst_buffer_add_reference_timestamp_meta (buffer, self->complete_caps,
      (GstClockTime) (frame->complete_us * NS_PER_US), GST_CLOCK_TIME_NONE);
  gst_buffer_add_reference_timestamp_meta (buffer, self->capture_caps,
      (GstClockTime) (frame->capture_us * NS_PER_US), GST_CLOCK_TIME_NONE);
  return buffer;
}

/* Waits for a frame. Returns: (nullable): %NULL when flushing. */
static FoyerCastReceivedFrame *
outlet_pop (FoyerCastOutlet *self, FoyerCastOutletStream *stream,
    gboolean *is_new_stream)
{
  FoyerCastReceivedFrame *frame = NULL;

  g_mutex_lock (&self->lock);
  while (!self->is_flushing && g_queue_is_empty (&self->frames))
    g_cond_wait (&self->cond, &self->lock);
  if (!self->is_flushing) {
    frame = g_queue_pop_head (&self->frames);
    self->n_bytes -= g_bytes_get_size (frame->data);
    *stream = self->stream;
    *is_new_stream = self->is_new_stream;
    self->is_new_stream = FALSE;
  }
  g_mutex_unlock (&self->lock);
  return frame;
}

static void
outlet_check_flow (FoyerCastOutlet *self, GstFlowReturn flow)
{
  /* A pad that nobody listens to loses its frames and no more. */
  if (flow >= GST_FLOW_OK || flow == GST_FLOW_NOT_LINKED ||
      flow == GST_FLOW_FLUSHING)
    return;
  gst_pad_pause_task (self->pad);
  if (flow != GST_FLOW_EOS)
    GST_ELEMENT_FLOW_ERROR (self->element, flow);
}

static void
outlet_loop (gpointer user_data)
{
  FoyerCastOutlet *self = user_data;
  FoyerCastOutletStream stream = { 0 };
  gboolean is_new_stream = FALSE;
  FoyerCastReceivedFrame *frame = outlet_pop (self, &stream, &is_new_stream);
  GstBuffer *buffer;

  if (frame == NULL) {
    gst_pad_pause_task (self->pad);
    return;
  }
  if (is_new_stream)
    outlet_push_begin (self, &stream);
  buffer = outlet_make_buffer (self, frame, stream.delay_ms);
  if (is_new_stream)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  frame_free (frame);
  outlet_check_flow (self, gst_pad_push (self->pad, buffer));
}

void
foyer_cast_outlet_begin (FoyerCastOutlet *self,
    const FoyerCastOutletStream *stream)
{
  g_mutex_lock (&self->lock);
  outlet_drop_all (self);
  self->stream = *stream;
  self->is_new_stream = TRUE;
  self->needs_key = TRUE;
  self->has_gap = FALSE;
  g_mutex_unlock (&self->lock);
}

/* With the lock held. Returns: %TRUE if the frame may be queued. */
static gboolean
outlet_accept (FoyerCastOutlet *self, FoyerCastReceivedFrame *frame)
{
  if (self->is_flushing || !self->is_playing) {
    self->needs_key = TRUE;
    return FALSE;
  }
  if (g_queue_get_length (&self->frames) >= MAX_FRAMES ||
      self->n_bytes + g_bytes_get_size (frame->data) > MAX_BYTES) {
    self->n_dropped += g_queue_get_length (&self->frames);
    outlet_drop_all (self);
    self->needs_key = TRUE;
  }
  if (self->needs_key && !frame->is_key) {
    self->has_gap = TRUE;
    self->n_dropped++;
    return FALSE;
  }
  return TRUE;
}

/* With the lock held. */
static void
outlet_take (FoyerCastOutlet *self, FoyerCastReceivedFrame *frame)
{
  FoyerCastReceivedFrame *copy = g_memdup2 (frame, sizeof *frame);

  copy->data = g_steal_pointer (&frame->data);
  copy->n_skipped += self->has_gap ? 1 : 0;
  self->n_bytes += g_bytes_get_size (copy->data);
  self->needs_key = FALSE;
  self->has_gap = FALSE;
  g_queue_push_tail (&self->frames, copy);
  g_cond_signal (&self->cond);
}

void
foyer_cast_outlet_push (FoyerCastOutlet *self, FoyerCastReceivedFrame *frame)
{
  gboolean was_in_need, is_in_need;

  g_mutex_lock (&self->lock);
  was_in_need = self->needs_key;
  if (outlet_accept (self, frame))
    outlet_take (self, frame);
  is_in_need = self->needs_key && self->is_playing && !self->is_flushing;
  g_mutex_unlock (&self->lock);
  if (is_in_need && (!was_in_need || !frame->is_key))
    self->on_key_needed (self, self->user_data);
}

void
foyer_cast_outlet_end (FoyerCastOutlet *self)
{
  outlet_set_flushing (self, TRUE);
  gst_pad_push_event (self->pad, gst_event_new_flush_start ());
  /* Waits until the streaming thread has left. */
  gst_pad_pause_task (self->pad);
  gst_pad_push_event (self->pad, gst_event_new_flush_stop (FALSE));
  outlet_set_flushing (self, FALSE);
  if (gst_pad_is_active (self->pad))
    gst_pad_start_task (self->pad, outlet_loop, self, NULL);
}

void
foyer_cast_outlet_set_playing (FoyerCastOutlet *self, gboolean is_playing)
{
  g_mutex_lock (&self->lock);
  self->is_playing = is_playing;
  if (!is_playing)
    outlet_drop_all (self);
  g_mutex_unlock (&self->lock);
}

guint64
foyer_cast_outlet_get_n_dropped (FoyerCastOutlet *self)
{
  guint64 n_dropped;

  g_mutex_lock (&self->lock);
  n_dropped = self->n_dropped;
  g_mutex_unlock (&self->lock);
  return n_dropped;
}

static gboolean
on_pad_activate (GstPad *pad, GstObject *parent, GstPadMode mode,
    gboolean is_active)
{
  FoyerCastOutlet *self = gst_pad_get_element_private (pad);

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  outlet_set_flushing (self, !is_active);
  if (is_active) {
    self->last_pts_ns = GST_CLOCK_TIME_NONE;
    return gst_pad_start_task (pad, outlet_loop, self, NULL);
  }
  return gst_pad_stop_task (pad);
}

FoyerCastOutlet *
foyer_cast_outlet_new (GstElement *element, GstPad *pad,
    FoyerCastOutletKeyFunc on_key_needed, gpointer user_data)
{
  FoyerCastOutlet *self = g_new0 (FoyerCastOutlet, 1);

  self->element = element;
  self->pad = pad;
  self->on_key_needed = on_key_needed;
  self->user_data = user_data;
  self->complete_caps = gst_caps_new_empty_simple (COMPLETE_CAPS);
  self->capture_caps = gst_caps_new_empty_simple (CAPTURE_CAPS);
  self->is_flushing = TRUE;
  self->needs_key = TRUE;
  self->last_pts_ns = GST_CLOCK_TIME_NONE;
  g_queue_init (&self->frames);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  gst_pad_set_element_private (pad, self);
  gst_pad_set_activatemode_function (pad, on_pad_activate);
  return self;
}

void
foyer_cast_outlet_free (FoyerCastOutlet *self)
{
  if (self == NULL)
    return;
  outlet_drop_all (self);
  gst_caps_unref (self->complete_caps);
  gst_caps_unref (self->capture_caps);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  g_free (self);
}
