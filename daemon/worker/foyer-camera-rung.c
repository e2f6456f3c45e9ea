/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-rung.h"

#include "foyer-clock.h"
#include "foyer-face.h"
#include "foyer-media.h"

#include <gst/video/video.h>
#include <time.h>

#define CLOCK_LINES_DIV 200 /* a dot for so many lines */
#define CLOCK_MARGIN    2   /* dots */
#define CLOCK_INK       235
#define CLOCK_GROUND    16

struct _FoyerCameraRung
{
  GstBin *pipeline; /* borrowed */
  GstElement *tee;  /* borrowed */
  GstPad *tee_pad;
  GstElement *bin; /* the pipeline's; NULL for none */
  GstElement *first;
  FoyerLinkSink *sink;
  GstElement *encoder; /* NULL for raw */
  const FoyerCastEncoderKind *kind;
  FoyerCastPicture picture;
  guint32 bps;
  gboolean is_passed;
  FoyerCastThinner thinner; /* streaming thread; lets all pass if zeroed */
  GstVideoInfo info;        /* constant: of pictures at the clock */
};

/* the clock; streaming thread */

static void
draw_clock (guint8 *luma, const GstVideoInfo *info, time_t now)
{
  guint width_px = (guint) GST_VIDEO_INFO_WIDTH (info);
  guint height_px = (guint) GST_VIDEO_INFO_HEIGHT (info);
  FoyerFacePlane plane = { luma, (gsize) GST_VIDEO_INFO_PLANE_STRIDE (info, 0),
    width_px, height_px };
  guint scale = MAX (height_px / CLOCK_LINES_DIV, 1);
  guint box_lines = (FOYER_FACE_ROWS + 2 * CLOCK_MARGIN) * scale;
  guint box_px = (8 * FOYER_FACE_PITCH + 2 * CLOCK_MARGIN) * scale;
  char text[16];
  struct tm parts;

  if (box_px > width_px || box_lines > height_px ||
      localtime_r (&now, &parts) == NULL ||
      strftime (text, sizeof text, "%H:%M:%S", &parts) == 0)
    return;
  for (guint y = height_px - box_lines; y < height_px; y++)
    memset (luma + y * plane.stride_bytes + width_px - box_px, CLOCK_GROUND,
        box_px);
  foyer_face_draw (&plane, text, width_px - box_px + CLOCK_MARGIN * scale,
      height_px - box_lines + CLOCK_MARGIN * scale, scale, CLOCK_INK);
}

static GstPadProbeReturn
on_picture (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  FoyerCameraRung *self = user_data;
  gint64 now_us = foyer_clock_get_wall_us (foyer_clock_get_system ());
  GstBuffer *buffer = gst_buffer_make_writable (
      GST_PAD_PROBE_INFO_BUFFER (probe));
  GstVideoFrame frame;

  GST_PAD_PROBE_INFO_DATA (probe) = buffer;
  if (gst_video_frame_map (&frame, &self->info, buffer, GST_MAP_READWRITE)) {
    draw_clock (GST_VIDEO_FRAME_PLANE_DATA (&frame, 0), &frame.info,
        (time_t) (now_us / G_USEC_PER_SEC));
    gst_video_frame_unmap (&frame);
  }
  return GST_PAD_PROBE_OK;
}

/* Frames too many a second are left out before they are encoded. */
static GstPadProbeReturn
on_input (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  FoyerCameraRung *self = user_data;
  GstClockTime pts_ns = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (probe));

  return !GST_CLOCK_TIME_IS_VALID (pts_ns) ||
          foyer_cast_thinner_accept (&self->thinner, (gint64) pts_ns)
      ? GST_PAD_PROBE_OK
      : GST_PAD_PROBE_DROP;
}

/* building */

static void
add_clock (FoyerCameraRung *self, GstElement *filter)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (filter, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, self, NULL);
}

/* Returns the last element. */
static GstElement *
add_coding (FoyerCameraRung *self, GstBin *bin, GstElement *raw,
    const FoyerShape *shape, GError **error)
{
  GstElement *filter, *parser = NULL;

  self->encoder = foyer_media_add_encoder (bin, shape, &self->kind, error);
  filter = foyer_media_add_filter (bin,
      foyer_cast_encoder_dup_caps (foyer_media_get_cast_codec (shape->codec)),
      error);
  if (self->kind != NULL && foyer_cast_encoder_needs_parser (self->kind))
    parser = foyer_media_add (bin, "h264parse", error);
  if (*error != NULL)
    return raw;
  gst_element_link_many (raw, self->encoder, filter, NULL);
  if (parser == NULL)
    return filter;
  g_object_set (parser, "config-interval", -1, NULL);
  gst_element_link (filter, parser);
  return parser;
}

/* Nothing may be left out of what is coded already; links do that by themselves,
 * up to the next key frame, and never wait. */
static gboolean
build_passed (FoyerCameraRung *self, GError **error)
{
  GError *problem = NULL;
  GstElement *queue = foyer_media_add (GST_BIN (self->bin), "queue", &problem);
  GstElement *sink = foyer_media_add (GST_BIN (self->bin), "foyerlinksink",
      &problem);

  if (problem != NULL) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  gst_element_link (queue, sink);
  self->first = queue;
  self->sink = FOYER_LINK_SINK (sink);
  return TRUE;
}

static gboolean
build (FoyerCameraRung *self, const FoyerCameraRungConfig *config,
    GError **error)
{
  const FoyerShape *shape = &config->shape;
  GstBin *bin = GST_BIN (self->bin);
  GError *problem = NULL;
  GstElement *queue = foyer_media_add (bin, "queue", &problem);
  GstElement *scale = foyer_media_add (bin, "videoconvertscale", &problem);
  GstElement *last = foyer_media_add_filter (bin,
      foyer_media_dup_raw_caps (shape), &problem);
  GstElement *sink = foyer_media_add (bin, "foyerlinksink", &problem);

  if (problem == NULL) {
    g_object_set (queue, "max-size-buffers", 2, "max-size-bytes", 0,
        "max-size-time", G_GUINT64_CONSTANT (0), NULL);
    gst_util_set_object_arg (G_OBJECT (queue), "leaky", "downstream");
    gst_element_link_many (queue, scale, last, NULL);
    if (shape->codec != FOYER_CODEC_RAW) {
      if (config->has_clock)
        add_clock (self, last);
      last = add_coding (self, bin, last, shape, &problem);
    }
  }
  if (problem != NULL) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  gst_element_link (last, sink);
  self->first = queue;
  self->sink = FOYER_LINK_SINK (sink);
  return TRUE;
}

static void
join (FoyerCameraRung *self)
{
  g_autoptr (GstPad) inner = gst_element_get_static_pad (self->first, "sink");
  GstPad *outer = gst_ghost_pad_new ("sink", inner);

  gst_pad_add_probe (inner, GST_PAD_PROBE_TYPE_BUFFER, on_input, self, NULL);
  gst_pad_set_active (outer, TRUE);
  gst_element_add_pad (self->bin, outer);
  gst_element_sync_state_with_parent (self->bin);
  self->tee_pad = gst_element_request_pad_simple (self->tee, "src_%u");
  gst_pad_link (self->tee_pad, outer);
}

FoyerCameraRung *
foyer_camera_rung_new (GstBin *pipeline, GstElement *tee,
    const FoyerCameraRungConfig *config, GError **error)
{
  FoyerCameraRung *self = g_new0 (FoyerCameraRung, 1);
  const FoyerShape *shape = &config->shape;

  self->pipeline = pipeline;
  self->tee = tee;
  self->picture = foyer_media_get_picture (shape);
  self->bps = shape->max_bps;
  gst_video_info_set_format (&self->info, GST_VIDEO_FORMAT_I420,
      shape->width_px, shape->height_px);
  self->bin = gst_bin_new (NULL);
  gst_bin_add (pipeline, self->bin);
  self->is_passed = config->is_passed;
  if (config->is_passed ? !build_passed (self, error)
                        : !build (self, config, error)) {
    foyer_camera_rung_free (self);
    return NULL;
  }
  if (config->is_thinned && !config->is_passed)
    foyer_cast_thinner_init (&self->thinner, shape->fps_n, shape->fps_d);
  join (self);
  return self;
}

FoyerLinkSink *
foyer_camera_rung_get_sink (FoyerCameraRung *self)
{
  return self->sink;
}

gboolean
foyer_camera_rung_is_passed (const FoyerCameraRung *self)
{
  return self->is_passed;
}

void
foyer_camera_rung_set_bps (FoyerCameraRung *self, guint32 bps)
{
  if (self->encoder == NULL || bps == 0 || bps == self->bps)
    return;
  self->bps = bps;
  foyer_cast_encoder_set_bps (self->encoder, self->kind, &self->picture, bps);
}

void
foyer_camera_rung_free (FoyerCameraRung *self)
{
  if (self == NULL)
    return;
  if (self->tee_pad != NULL) {
    g_autoptr (GstPad) peer = gst_pad_get_peer (self->tee_pad);

    gst_pad_unlink (self->tee_pad, peer);
    gst_element_release_request_pad (self->tee, self->tee_pad);
    gst_clear_object (&self->tee_pad);
  }
  gst_element_set_state (self->bin, GST_STATE_NULL);
  gst_bin_remove (self->pipeline, self->bin);
  g_free (self);
}
