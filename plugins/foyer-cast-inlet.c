/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-inlet.h"

#include "foyer-cast-branch.h"
#include "foyer-cast-hold.h"
#include "foyer-cast-lag.h"
#include "foyer-cast-time.h"
#include "foyer-clock.h"
#include "foyercaststream.h"

#define AUDIO_BPS 128000
/* When every picture has come too late for so long, somebody should know. */
#define LATE_WARNING_US (3 * G_USEC_PER_SEC)

struct _FoyerCastInlet
{
  GstBin *bin;         /* borrowed: it owns us */
  GstPad *pad;         /* borrowed: the bin's */
  GstElement *stream;  /* borrowed: the bin's */
  FoyerCastFeed *feed; /* borrowed: the bin's */
  FoyerCastStreamKind kind;
  FoyerCastInputFunc on_input;
  gpointer user_data;
  gulong probe_id;
  FoyerCastHold hold;

  GMutex build_lock;  /* nobody changes the bin while it changes its state */
  gboolean is_active; /* build_lock */

  /* Streaming thread. */
  GstSegment segment;
  FoyerCastInput input;
  FoyerCastBranch branch;
  FoyerCastInput branch_input; /* what the branch was built for */
  guint branch_generation;
  FoyerCastThinner thinner;
  FoyerCastLag lag;
  gint64 late_since_us; /* 0 while pictures come in time */
  gboolean is_late_told;
  gboolean is_broken;
};

static gboolean
inlet_is_raw_video (FoyerCastInlet *self)
{
  return self->kind == FOYER_CAST_STREAM_VIDEO &&
      self->input.codec == FOYER_CAST_CODEC_NONE;
}

static void
inlet_fail (FoyerCastInlet *self, GError *error)
{
  self->is_broken = TRUE;
  gst_element_message_full (GST_ELEMENT (self->bin), GST_MESSAGE_ERROR,
      error->domain, error->code,
      g_strdup_printf (
          "Can't prepare the %s to be cast: %s. Install what is missing, or choose another codec.",
          self->kind == FOYER_CAST_STREAM_VIDEO ? "video" : "audio",
          error->message),
      NULL, __FILE__, GST_FUNCTION, __LINE__);
  g_error_free (error);
}

static void
inlet_fit (FoyerCastInlet *self, const FoyerCastFeedSettled *settled,
    FoyerCastPicture *fitted)
{
  FoyerCastFitLimits limits = {
    .width_px = settled->stream.width_px,
    .height_px = settled->stream.height_px,
    .is_fixed_size = settled->stream.is_fixed_size,
    .fps_n = settled->stream.fps_n,
    .fps_d = settled->stream.fps_d,
    .max_pixels_per_second = settled->stream.max_pixels_per_second,
  };

  *fitted = self->input.picture;
  if (!foyer_cast_fit (&self->input.picture, &limits, fitted))
    g_debug ("caps without a picture size");
}

static gboolean
inlet_build_video (FoyerCastInlet *self, const FoyerCastBranchEnds *ends,
    const FoyerCastFeedSettled *settled, GError **error)
{
  FoyerCastPicture fitted;

  inlet_fit (self, settled, &fitted);
  if (!foyer_cast_branch_build_video (&self->branch, ends,
          settled->stream.codec, &fitted, foyer_cast_feed_get_bps (self->feed),
          error))
    return FALSE;
  foyer_cast_thinner_init (&self->thinner, fitted.fps_n, fitted.fps_d);
  foyer_cast_stream_set_encoder (FOYER_CAST_STREAM (self->stream),
      foyer_cast_encoder_get_name (self->branch.kind));
  return TRUE;
}

static gboolean
inlet_build_kind (FoyerCastInlet *self, const FoyerCastBranchEnds *ends,
    const FoyerCastFeedSettled *settled, GError **error)
{
  if (inlet_is_raw_video (self))
    return inlet_build_video (self, ends, settled, error);
  foyer_cast_stream_set_encoder (FOYER_CAST_STREAM (self->stream), NULL);
  if (self->input.codec == FOYER_CAST_CODEC_NONE)
    return foyer_cast_branch_build_audio (&self->branch, ends, AUDIO_BPS,
        error);
  return foyer_cast_branch_build_coded (&self->branch, ends, self->input.codec,
      error);
}

/* Builds the branch anew. Returns: %FALSE if there is none now. */
static gboolean
inlet_build (FoyerCastInlet *self, const FoyerCastFeedSettled *settled)
{
  FoyerCastBranchEnds ends = { self->bin, self->pad, self->stream };
  GError *error = NULL;
  gboolean is_built = FALSE;

  g_mutex_lock (&self->build_lock);
  if (self->is_active) {
    foyer_cast_branch_clear (&self->branch, self->pad);
    is_built = inlet_build_kind (self, &ends, settled, &error);
  }
  g_mutex_unlock (&self->build_lock);
  self->branch_input = self->input;
  self->branch_generation = settled->generation;
  if (error != NULL)
    inlet_fail (self, error);
  return is_built;
}

/* Whether the branch's encoder makes what the display takes now. */
static gboolean
inlet_branch_fits (FoyerCastInlet *self, const FoyerCastFeedSettled *settled)
{
  if (self->branch.bin == NULL || self->branch_input.codec != self->input.codec)
    return FALSE;
  if (!inlet_is_raw_video (self))
    return TRUE;
  return self->branch_generation == settled->generation &&
      memcmp (&self->branch_input, &self->input, sizeof self->input) == 0;
}

static gboolean
inlet_ensure_branch (FoyerCastInlet *self, const FoyerCastFeedSettled *settled)
{
  return inlet_branch_fits (self, settled) || inlet_build (self, settled);
}

/* Says once that nothing will be seen, since all pictures come too late. */
static void
inlet_note_late (FoyerCastInlet *self, gint64 capture_us)
{
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());

  if (self->late_since_us == 0)
    self->late_since_us = now_us;
  if (self->is_late_told || now_us - self->late_since_us < LATE_WARNING_US)
    return;
  self->is_late_told = TRUE;
  GST_ELEMENT_WARNING (self->bin, STREAM, FAILED,
      ("Pictures come %" G_GINT64_FORMAT
       " ms after they were taken, too late to be shown. Lighten the pipeline before foyercastsink, put a short leaky queue into it, or raise target-delay.",
          (now_us - capture_us) / 1000),
      (NULL));
}

/* Whether pictures pile up: an encoder was just built, or can't follow. */
static gboolean
inlet_is_behind (FoyerCastInlet *self, GstBuffer *buffer)
{
  gint64 capture_us = foyer_cast_time_get_capture_us (GST_ELEMENT (self->bin),
      &self->segment, GST_BUFFER_PTS (buffer));
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());

  if (foyer_cast_lag_accept (&self->lag, now_us - capture_us))
    return FALSE;
  foyer_cast_feed_count_behind (self->feed);
  inlet_note_late (self, capture_us);
  return TRUE;
}

/* Whether a raw picture is worth the work of encoding it. */
static gboolean
inlet_accept_picture (FoyerCastInlet *self, const FoyerCastFeedSettled *settled,
    GstBuffer *buffer)
{
  gint64 capture_us = foyer_cast_time_get_capture_us (GST_ELEMENT (self->bin),
      &self->segment, GST_BUFFER_PTS (buffer));
  FoyerCastVerdict verdict;

  if (GST_BUFFER_PTS_IS_VALID (buffer) &&
      !foyer_cast_thinner_accept (&self->thinner,
          (gint64) GST_BUFFER_PTS (buffer))) {
    foyer_cast_feed_count_too_many (self->feed);
    return FALSE;
  }
  verdict = foyer_cast_feed_check (self->feed, settled, capture_us);
  if (verdict == FOYER_CAST_VERDICT_TOO_OLD)
    inlet_note_late (self, capture_us);
  if (verdict != FOYER_CAST_VERDICT_SEND)
    return FALSE;
  self->late_since_us = 0;
  foyer_cast_branch_set_bps (&self->branch,
      foyer_cast_feed_get_bps (self->feed));
  foyer_cast_stream_ask_key (FOYER_CAST_STREAM (self->stream), settled);
  return TRUE;
}

static gboolean
inlet_accept (FoyerCastInlet *self, GstBuffer *buffer)
{
  FoyerCastFeedSettled settled;

  if (self->is_broken || foyer_cast_feed_is_over (self->feed))
    return FALSE;
  if (inlet_is_raw_video (self) && buffer != NULL &&
      inlet_is_behind (self, buffer))
    return FALSE;
  foyer_cast_feed_get_settled (self->feed, self->kind, &settled);
  /* Raw frames wait for nobody; coded ones may still teach the parser. */
  if (self->input.codec == FOYER_CAST_CODEC_NONE && !settled.is_wanted) {
    if (self->kind == FOYER_CAST_STREAM_VIDEO)
      foyer_cast_feed_count_not_ready (self->feed);
    return FALSE;
  }
  if (!inlet_ensure_branch (self, &settled))
    return FALSE;
  return !inlet_is_raw_video (self) || buffer == NULL ||
      inlet_accept_picture (self, &settled, buffer);
}

/* Making an encoder takes about as long as a frame lasts. The picture that finds
 * none is let go first: while it waited, another would be made beside it, and
 * the pool that it comes from would keep both for good.
 * Returns: %TRUE if there was none and the picture is gone. */
static gboolean
inlet_trade_for_encoder (FoyerCastInlet *self, GstPadProbeInfo *info)
{
  FoyerCastFeedSettled settled;

  foyer_cast_feed_get_settled (self->feed, self->kind, &settled);
  if (!inlet_is_raw_video (self) || self->is_broken || !settled.is_wanted ||
      foyer_cast_feed_is_over (self->feed) ||
      inlet_branch_fits (self, &settled))
    return FALSE;
  gst_mini_object_unref (g_steal_pointer (&info->data));
  foyer_cast_feed_count_not_ready (self->feed);
  if (inlet_build (self, &settled))
    foyer_cast_branch_open (self->pad);
  return TRUE;
}

static GstPadProbeReturn
on_buffer (FoyerCastInlet *self, GstPadProbeInfo *info, GstBuffer *buffer)
{
  GstClockTime running_ns = GST_CLOCK_TIME_NONE;

  if (buffer != NULL && self->segment.format == GST_FORMAT_TIME)
    running_ns = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME,
        GST_BUFFER_PTS (buffer));
  if (!foyer_cast_hold_wait (&self->hold, GST_ELEMENT (self->bin), running_ns))
    return GST_PAD_PROBE_DROP;
  if (inlet_trade_for_encoder (self, info))
    return GST_PAD_PROBE_HANDLED;
  return inlet_accept (self, buffer) ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

static void
on_caps (FoyerCastInlet *self, GstEvent *event)
{
  FoyerCastInput input;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  if (!foyer_cast_input_from_caps (caps, &input))
    return;
  self->input = input;
  self->on_input (self, &input, self->user_data);
}

/* Without a branch the end of the stream would never hear that it has come. */
static GstPadProbeReturn
on_eos (FoyerCastInlet *self)
{
  if (self->branch.bin != NULL)
    return GST_PAD_PROBE_OK;
  foyer_cast_inlet_end (self);
  return GST_PAD_PROBE_DROP;
}

static GstPadProbeReturn
on_event (FoyerCastInlet *self, GstEvent *event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS)
    on_caps (self, event);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_SEGMENT)
    gst_event_copy_segment (event, &self->segment);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START)
    foyer_cast_hold_set_flushing (&self->hold, TRUE);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    foyer_cast_hold_set_flushing (&self->hold, FALSE);
  else if (GST_EVENT_TYPE (event) == GST_EVENT_EOS)
    return on_eos (self);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_data (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  FoyerCastInlet *self = user_data;

  if (info->type &
      (GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH))
    return on_event (self, GST_PAD_PROBE_INFO_EVENT (info));
  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return on_buffer (self, info, GST_PAD_PROBE_INFO_BUFFER (info));
  return on_buffer (self, info, NULL);
}

FoyerCastInlet *
foyer_cast_inlet_new (GstBin *bin, GstPad *pad, FoyerCastStreamKind kind,
    FoyerCastFeed *feed, FoyerCastInputFunc on_input, gpointer user_data)
{
  FoyerCastInlet *self = g_new0 (FoyerCastInlet, 1);

  self->bin = bin;
  self->pad = pad;
  self->kind = kind;
  self->feed = feed;
  self->on_input = on_input;
  self->user_data = user_data;
  self->stream = foyer_cast_stream_new (feed, kind);
  g_mutex_init (&self->build_lock);
  foyer_cast_hold_init (&self->hold);
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  foyer_cast_lag_init (&self->lag);
  gst_bin_add (bin, self->stream);
  self->probe_id = gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      on_data, self, NULL);
  return self;
}

GstPad *
foyer_cast_inlet_get_pad (FoyerCastInlet *self)
{
  return self->pad;
}

GstElement *
foyer_cast_inlet_get_stream (FoyerCastInlet *self)
{
  return self->stream;
}

void
foyer_cast_inlet_set_active (FoyerCastInlet *self, gboolean is_active)
{
  g_mutex_lock (&self->build_lock);
  self->is_active = is_active;
  g_mutex_unlock (&self->build_lock);
  foyer_cast_hold_set_flushing (&self->hold, !is_active);
}

void
foyer_cast_inlet_set_playing (FoyerCastInlet *self, gboolean is_playing)
{
  foyer_cast_hold_set_playing (&self->hold, is_playing);
}

void
foyer_cast_inlet_end (FoyerCastInlet *self)
{
  g_autoptr (GstPad) end = gst_element_get_static_pad (self->stream, "sink");

  gst_pad_send_event (end, gst_event_new_eos ());
}

void
foyer_cast_inlet_reset (FoyerCastInlet *self)
{
  foyer_cast_branch_clear (&self->branch, self->pad);
  gst_segment_init (&self->segment, GST_FORMAT_UNDEFINED);
  foyer_cast_lag_init (&self->lag);
  self->input = (FoyerCastInput){ 0 };
  self->is_broken = FALSE;
  self->late_since_us = 0;
  self->is_late_told = FALSE;
}

void
foyer_cast_inlet_free (FoyerCastInlet *self)
{
  if (self == NULL)
    return;
  gst_pad_remove_probe (self->pad, self->probe_id);
  foyer_cast_inlet_set_active (self, FALSE);
  foyer_cast_inlet_reset (self);
  gst_object_ref (self->stream);
  gst_bin_remove (self->bin, self->stream);
  gst_element_set_state (self->stream, GST_STATE_NULL);
  gst_object_unref (self->stream);
  foyer_cast_hold_clear (&self->hold);
  g_mutex_clear (&self->build_lock);
  g_free (self);
}
