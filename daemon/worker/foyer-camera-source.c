/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-source.h"

#include "foyer-camera-device.h"
#include "foyer-camera-sensor.h"
#include "foyer-face.h"
#include "foyer-media.h"

#include <gst/video/video.h>

/* Drawn small, since at full size some scenes take longer than a frame lasts. */
#define DRAWN_WIDTH_PX  320
#define DRAWN_HEIGHT_PX 180
#define NAME_SCALE_DIV  100 /* a dot for so many lines */
#define NAME_INK        235
#define GOLDEN          2654435761u /* spreads small numbers */

typedef struct
{
  char name[FOYER_CHANNEL_TEXT_BYTES];
  GstVideoInfo info;
} Caption;

static void
set_size (GstCaps *caps, int width_px, int height_px, const FoyerShape *shape)
{
  gst_caps_set_simple (caps, "width", G_TYPE_INT, width_px, "height",
      G_TYPE_INT, height_px, "framerate", GST_TYPE_FRACTION,
      MAX (shape->fps_n, 1), shape->fps_d, NULL);
}

/* Streaming thread. */
static GstPadProbeReturn
on_picture (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  Caption *caption = user_data;
  GstBuffer *buffer = gst_buffer_make_writable (
      GST_PAD_PROBE_INFO_BUFFER (probe));
  guint height_px = (guint) GST_VIDEO_INFO_HEIGHT (&caption->info);
  guint scale = MAX (height_px / NAME_SCALE_DIV, 1);
  GstVideoFrame frame;

  GST_PAD_PROBE_INFO_DATA (probe) = buffer;
  if (!gst_video_frame_map (&frame, &caption->info, buffer, GST_MAP_READWRITE))
    return GST_PAD_PROBE_OK;
  foyer_face_draw_line (
      &(FoyerFacePlane){ GST_VIDEO_FRAME_PLANE_DATA (&frame, 0),
          (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
          (guint) GST_VIDEO_INFO_WIDTH (&caption->info), height_px },
      caption->name, height_px * 4 / 5, scale, NAME_INK);
  gst_video_frame_unmap (&frame);
  return GST_PAD_PROBE_OK;
}

static void
add_caption (GstElement *filter, const FoyerMessage *config)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (filter, "src");
  Caption *caption = g_new0 (Caption, 1);

  g_strlcpy (caption->name, config->text, sizeof caption->name);
  gst_video_info_set_format (&caption->info, GST_VIDEO_FORMAT_I420,
      config->shape.width_px, config->shape.height_px);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, caption,
      g_free);
}

/* Of every third the whole picture moves, so that an encoder makes use of all
 * the bit rate it has. */
static gboolean
set_lively_scene (GstElement *source, guint number)
{
  if (number % 3 != 0)
    return FALSE;
  gst_util_set_object_arg (G_OBJECT (source), "pattern", "zone-plate");
  g_object_set (source, "kx2", 40, "ky2", 40, "kt", 9, NULL);
  return TRUE;
}

/* A ball that swings, or something that passes by, in colours of its number. */
static void
set_scene (GstElement *source, guint number)
{
  guint32 paint = number * GOLDEN;

  g_object_set (source, "is-live", TRUE, "background-color",
      0xff000000u | (paint >> 8 & 0x7f7f7f), "foreground-color",
      0xff808080u | (paint & 0x7f7f7f), NULL);
  if (set_lively_scene (source, number))
    return;
  gst_util_set_object_arg (G_OBJECT (source), "pattern",
      number % 2 == 0 ? "bar" : "ball");
  gst_util_set_object_arg (G_OBJECT (source), "motion", "sweep");
  gst_util_set_object_arg (G_OBJECT (source), "animation-mode", "frames");
  if (number % 2 == 0)
    g_object_set (source, "horizontal-speed", 6, NULL);
}

static GstElement *
add_drawn (GstBin *bin, const FoyerMessage *config, GError **problem)
{
  const FoyerShape *shape = &config->shape;
  GstCaps *small = foyer_media_dup_raw_caps (shape);
  GstCaps *full = foyer_media_dup_raw_caps (shape);
  GstElement *source = foyer_media_add (bin, "videotestsrc", problem);
  GstElement *queue = foyer_media_add (bin, "queue", problem);
  GstElement *scale = foyer_media_add (bin, "videoconvertscale", problem);
  GstElement *mark = foyer_media_add (bin, "foyermark", problem);
  GstElement *drawn, *scaled;

  set_size (small, DRAWN_WIDTH_PX, DRAWN_HEIGHT_PX, shape);
  set_size (full, shape->width_px, shape->height_px, shape);
  drawn = foyer_media_add_filter (bin, small, problem);
  scaled = foyer_media_add_filter (bin, full, problem);
  if (*problem != NULL)
    return NULL;
  set_scene (source, config->number);
  /* What nobody takes in time is lost, as with a camera. */
  g_object_set (queue, "max-size-buffers", 2, "max-size-bytes", 0,
      "max-size-time", G_GUINT64_CONSTANT (0), NULL);
  gst_util_set_object_arg (G_OBJECT (queue), "leaky", "downstream");
  gst_util_set_object_arg (G_OBJECT (scale), "method", "nearest-neighbour");
  add_caption (scaled, config);
  g_object_set (mark, "camera", config->number, NULL);
  gst_element_link_many (source, drawn, queue, scale, scaled, mark, NULL);
  return mark;
}

static gboolean
add (GstBin *bin, const FoyerMessage *config, int device,
    FoyerCameraSource *source, GError **error)
{
  GError *problem = NULL;

  if (config->source == FOYER_SOURCE_LIBCAMERA)
    return foyer_camera_sensor_add (bin, config, device, source, error);
  if (config->source != FOYER_SOURCE_DRAWN)
    return foyer_camera_device_add (bin, config, device, source, error);
  source->last = add_drawn (bin, config, &problem);
  if (problem != NULL)
    g_propagate_error (error, problem);
  return problem == NULL;
}

gboolean
foyer_camera_source_add (GstBin *bin, const FoyerMessage *config, int device,
    FoyerCameraSource *source, GError **error)
{
  GError *problem = NULL;
  GstElement *tag;

  *source = (FoyerCameraSource){ .shape = config->shape };
  if (!add (bin, config, device, source, error))
    return FALSE;
  tag = foyer_media_add (bin, "foyertag", &problem);
  if (problem != NULL) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  g_object_set (tag, "camera", config->camera.v, "generation",
      config->generation, NULL);
  gst_element_link (source->last, tag);
  source->last = tag;
  return TRUE;
}
