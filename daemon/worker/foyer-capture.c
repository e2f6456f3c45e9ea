/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-capture.h"

#include "foyer-cast-fit.h"

#include <gst/video/video.h>

#define MAX_PADDING_BYTES 4096 /* zeros that cameras add behind a picture */

/* 16 bits to a pixel or less in each of these; what is read in thirds or fourths
 * is in no need of a check as fine. */
static const struct
{
  guint32 format;
  const char *name;
} raw[] = {
  { V4L2_PIX_FMT_YUV420, "I420" },
  { V4L2_PIX_FMT_YVU420, "YV12" },
  { V4L2_PIX_FMT_NV12, "NV12" },
  { V4L2_PIX_FMT_NV21, "NV21" },
  { V4L2_PIX_FMT_YUYV, "YUY2" },
  { V4L2_PIX_FMT_UYVY, "UYVY" },
  { V4L2_PIX_FMT_YVYU, "YVYU" },
  { V4L2_PIX_FMT_VYUY, "VYUY" },
  { V4L2_PIX_FMT_BGR24, "BGR" },
  { V4L2_PIX_FMT_RGB24, "RGB" },
  { V4L2_PIX_FMT_XBGR32, "BGRx" },
  { V4L2_PIX_FMT_GREY, "GRAY8" },
};

static const char *
get_raw_name (guint32 format)
{
  for (gsize i = 0; i < G_N_ELEMENTS (raw); i++)
    if (raw[i].format == format)
      return raw[i].name;
  return NULL;
}

GstCaps *
foyer_capture_dup_caps (const FoyerV4l2Mode *mode)
{
  const char *name = get_raw_name (mode->format);
  GstCaps *caps = gst_caps_new_empty_simple (name != NULL ? "video/x-raw"
          : mode->format == V4L2_PIX_FMT_H264             ? "video/x-h264"
                                                          : "image/jpeg");

  if (name != NULL)
    gst_caps_set_simple (caps, "format", G_TYPE_STRING, name, NULL);
  gst_caps_set_simple (caps, "width", G_TYPE_INT, (int) mode->width_px,
      "height", G_TYPE_INT, (int) mode->height_px, NULL);
  if (mode->fps_n != 0)
    gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION,
        (int) mode->fps_n, (int) mode->fps_d, NULL);
  return caps;
}

gboolean
foyer_capture_is_thinned (const FoyerV4l2Mode *mode, const FoyerShape *most)
{
  guint64 own_mhz = (guint64) mode->fps_n * 1000 / mode->fps_d;
  guint64 most_mhz = (guint64) most->fps_n * 1000 / most->fps_d;

  /* 30.00003 is 30. Of what is coded others refer to each. */
  return mode->format != V4L2_PIX_FMT_H264 && most_mhz != 0 &&
      (own_mhz == 0 || own_mhz > most_mhz + most_mhz / 100);
}

FoyerShape
foyer_capture_fit (const FoyerV4l2Mode *mode, const FoyerShape *most)
{
  const FoyerCastPicture input = { .width_px = mode->width_px,
    .height_px = mode->height_px,
    .par_n = 1,
    .par_d = 1,
    .fps_n = mode->fps_n,
    .fps_d = mode->fps_d };
  const FoyerCastFitLimits limits = { .width_px = most->width_px,
    .height_px = most->height_px };
  FoyerCastPicture fitted = input;
  FoyerShape shape = *most;

  if (mode->width_px > most->width_px || mode->height_px > most->height_px ||
      (mode->width_px | mode->height_px) % 2 != 0) {
    if (!foyer_cast_fit (&input, &limits, &fitted))
      return shape;
  }
  shape.width_px = (guint16) fitted.width_px;
  shape.height_px = (guint16) fitted.height_px;
  if (mode->fps_n == 0 || !foyer_capture_is_thinned (mode, most)) {
    shape.fps_n = mode->fps_n;
    shape.fps_d = mode->fps_d;
  }
  return shape;
}

void
foyer_capture_check_init (FoyerCaptureCheck *self, const FoyerV4l2Mode *mode)
{
  const char *name = get_raw_name (mode->format);
  gsize n_px = (gsize) mode->width_px * mode->height_px;

  *self = (FoyerCaptureCheck){ .format = mode->format };
  if (name != NULL)
    self->n_least_bytes = mode->format == V4L2_PIX_FMT_GREY ? n_px
        : mode->format == V4L2_PIX_FMT_YUV420 ||
            mode->format == V4L2_PIX_FMT_YVU420 ||
            mode->format == V4L2_PIX_FMT_NV12 ||
            mode->format == V4L2_PIX_FMT_NV21
        ? n_px * 3 / 2
        : n_px * 2;
}

/* ITU-T T.81, B.1.1.3: SOI is first, EOI last. */
static gboolean
has_jpeg_end (const guint8 *data, gsize n_bytes)
{
  gsize n_padding = 0;

  while (
      n_bytes > 2 && data[n_bytes - 1] == 0 && n_padding < MAX_PADDING_BYTES) {
    n_bytes--;
    n_padding++;
  }
  return n_bytes >= 4 && data[n_bytes - 2] == 0xff && data[n_bytes - 1] == 0xd9;
}

gboolean
foyer_capture_check_is_whole (FoyerCaptureCheck *self, const guint8 *data,
    gsize n_bytes)
{
  if (n_bytes < 4 || n_bytes < self->n_least_bytes)
    return FALSE;
  if (self->format != V4L2_PIX_FMT_MJPEG && self->format != V4L2_PIX_FMT_JPEG)
    return TRUE;
  if (data[0] != 0xff || data[1] != 0xd8)
    return FALSE;
  if (has_jpeg_end (data, n_bytes))
    self->has_ends = TRUE;
  else if (self->has_ends)
    return FALSE;
  return TRUE;
}

gboolean
foyer_capture_is_castable (const GstCaps *caps)
{
  static const char *const profiles[] = { "constrained-baseline", "baseline",
    "main", "high", NULL };
  static const char *const levels[] = { "1", "1b", "1.1", "1.2", "1.3", "2",
    "2.1", "2.2", "3", "3.1", "3.2", "4", "4.1", NULL };
  const GstStructure *h264 = gst_caps_get_structure (caps, 0);
  const char *profile = gst_structure_get_string (h264, "profile");
  const char *level = gst_structure_get_string (h264, "level");
  const char *scan = gst_structure_get_string (h264, "interlace-mode");

  return profile != NULL && g_strv_contains (profiles, profile) &&
      level != NULL && g_strv_contains (levels, level) &&
      (scan == NULL || g_str_equal (scan, "progressive"));
}
