/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-coded.h"

#include "foyer-capture.h"
#include "foyer-clock.h"
#include "foyer-media.h"

#include <gst/video/video.h>

#define MAX_KEY_AGE_US (G_GINT64_CONSTANT (2500) * 1000)
#define MEASURE_US     (G_GINT64_CONSTANT (2) * G_USEC_PER_SEC)
#define MAX_WAITING    16 /* frames in front of the decoder */

struct _FoyerCameraCoded
{
  GstBin *pipeline; /* borrowed */
  GstElement *tee;  /* borrowed */
  FoyerShape shape;
  int device; /* borrowed */
  gboolean can_ask;
  GMutex lock;               /* of the next: the streaming thread fills them */
  FoyerCodedFigures figures; /* but @key_age_us */
  gint64 last_key_us;
  gint64 since_us;
  guint64 n_bytes; /* since then */
  GstElement *bin; /* the decoder's, of the pipeline; NULL for none */
  GstElement *raw; /* its tee */
  GstPad *tee_pad;
};

gboolean
foyer_coded_figures_may_pass (const FoyerCodedFigures *self)
{
  if (!self->is_known)
    return TRUE;
  return self->is_castable &&
      (self->can_ask || self->key_age_us <= MAX_KEY_AGE_US);
}

/* Streaming thread. */
static GstPadProbeReturn
on_frame (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  FoyerCameraCoded *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (probe);
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());

  g_mutex_lock (&self->lock);
  if (!self->figures.is_known) {
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);

    self->figures.is_known = TRUE;
    self->figures.is_castable = caps != NULL &&
        foyer_capture_is_castable (caps);
    self->last_key_us = now_us;
    self->since_us = now_us;
  }
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT))
    self->last_key_us = now_us;
  self->n_bytes += gst_buffer_get_size (buffer);
  if (now_us - self->since_us >= MEASURE_US) {
    self->figures.bps = self->n_bytes * 8 * G_USEC_PER_SEC /
        (guint64) (now_us - self->since_us);
    self->n_bytes = 0;
    self->since_us = now_us;
  }
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

/* Any thread: a session or the decoder wants a key frame. */
static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  FoyerCameraCoded *self = user_data;
  FoyerV4l2 v4l2;

  if (!gst_video_event_is_force_key_unit (GST_PAD_PROBE_INFO_EVENT (probe)))
    return GST_PAD_PROBE_OK;
  foyer_ioctl_init (&v4l2, self->device);
  if (self->can_ask &&
      !foyer_v4l2_set_control (&v4l2, V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, 1,
          NULL))
    g_debug ("the camera makes no key frame now");
  return GST_PAD_PROBE_DROP;
}

FoyerCameraCoded *
foyer_camera_coded_new (GstBin *pipeline, GstElement *tee,
    const FoyerShape *shape, int device)
{
  FoyerCameraCoded *self = g_new0 (FoyerCameraCoded, 1);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (tee, "sink");
  g_autoptr (GArray) controls = NULL;
  FoyerV4l2 v4l2;

  self->pipeline = pipeline;
  self->tee = tee;
  self->shape = *shape;
  self->device = device;
  g_mutex_init (&self->lock);
  foyer_ioctl_init (&v4l2, device);
  controls = foyer_v4l2_list_controls (&v4l2, NULL);
  for (guint i = 0; controls != NULL && i < controls->len; i++)
    if (g_array_index (controls, FoyerV4l2Control, i).id ==
        V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME)
      self->can_ask = TRUE;
  self->figures.can_ask = self->can_ask;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_frame, self, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_event, self,
      NULL);
  return self;
}

FoyerCodedFigures
foyer_camera_coded_get_figures (FoyerCameraCoded *self, gint64 now_us)
{
  FoyerCodedFigures figures;

  g_mutex_lock (&self->lock);
  figures = self->figures;
  figures.key_age_us = now_us - self->last_key_us;
  g_mutex_unlock (&self->lock);
  return figures;
}

static void
add_ghost (FoyerCameraCoded *self, const char *name, GstElement *element)
{
  g_autoptr (GstPad) inner = gst_element_get_static_pad (element, name);
  GstPad *outer = gst_ghost_pad_new (name, inner);

  gst_pad_set_active (outer, TRUE);
  gst_element_add_pad (self->bin, outer);
}

static gboolean
build (FoyerCameraCoded *self, GError **error)
{
  GstBin *bin = GST_BIN (self->bin);
  GError *problem = NULL;
  GstElement *queue = foyer_media_add (bin, "queue", &problem);
  GstElement *decoder = foyer_media_add (bin, "avdec_h264", &problem);
  GstElement *convert = foyer_media_add (bin, "videoconvertscale", &problem);
  GstElement *filter = foyer_media_add_filter (bin,
      foyer_media_dup_raw_caps (&self->shape), &problem);

  /* Beside the rungs, which are linked to it. */
  self->raw = foyer_media_add (self->pipeline, "tee", &problem);
  if (problem != NULL) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  /* Nothing is left out in front of a decoder, and more threads are more delay. */
  g_object_set (queue, "max-size-buffers", MAX_WAITING, "max-size-bytes", 0,
      "max-size-time", G_GUINT64_CONSTANT (0), NULL);
  g_object_set (decoder, "max-threads", 1, "output-corrupt", FALSE,
      "max-errors", -1, NULL);
  g_object_set (self->raw, "allow-not-linked", TRUE, NULL);
  gst_element_link_many (queue, decoder, convert, filter, NULL);
  add_ghost (self, "sink", queue);
  add_ghost (self, "src", filter);
  gst_element_link (self->bin, self->raw);
  return TRUE;
}

GstElement *
foyer_camera_coded_ensure_raw (FoyerCameraCoded *self, GError **error)
{
  g_autoptr (GstPad) pad = NULL;

  if (self->bin != NULL)
    return self->raw;
  self->bin = gst_bin_new (NULL);
  gst_bin_add (self->pipeline, self->bin);
  if (!build (self, error)) {
    foyer_camera_coded_drop_raw (self);
    return NULL;
  }
  pad = gst_element_get_static_pad (self->bin, "sink");
  gst_element_sync_state_with_parent (self->raw);
  gst_element_sync_state_with_parent (self->bin);
  self->tee_pad = gst_element_request_pad_simple (self->tee, "src_%u");
  gst_pad_link (self->tee_pad, pad);
  gst_pad_push_event (pad,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
  return self->raw;
}

static void
remove_element (FoyerCameraCoded *self, GstElement **element)
{
  if (*element == NULL)
    return;
  gst_element_set_state (*element, GST_STATE_NULL);
  gst_bin_remove (self->pipeline, *element);
  *element = NULL;
}

void
foyer_camera_coded_drop_raw (FoyerCameraCoded *self)
{
  if (self->bin == NULL)
    return;
  if (self->tee_pad != NULL) {
    g_autoptr (GstPad) peer = gst_pad_get_peer (self->tee_pad);

    gst_pad_unlink (self->tee_pad, peer);
    gst_element_release_request_pad (self->tee, self->tee_pad);
    gst_clear_object (&self->tee_pad);
  }
  remove_element (self, &self->bin);
  remove_element (self, &self->raw);
}
