/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-link-caps.h"

#include "foyer-shape.h"

#define SOUND_HZ 48000

static FoyerCodec
codec_of_structure (const GstStructure *structure)
{
  if (gst_structure_has_name (structure, "video/x-h264"))
    return FOYER_CODEC_H264;
  if (gst_structure_has_name (structure, "video/x-vp8"))
    return FOYER_CODEC_VP8;
  if (gst_structure_has_name (structure, "video/x-raw"))
    return FOYER_CODEC_RAW;
  if (gst_structure_has_name (structure, "audio/x-opus"))
    return FOYER_CODEC_OPUS;
  if (gst_structure_has_name (structure, "audio/mpeg"))
    return FOYER_CODEC_AAC;
  return FOYER_CODEC_NONE;
}

static gboolean
is_16_bits (int value, int least)
{
  return value >= least && value <= G_MAXUINT16;
}

static gboolean
sound_from_structure (FoyerShape *shape, const GstStructure *structure)
{
  int n_channels = 0;

  gst_structure_get_int (structure, "channels", &n_channels);
  if (!is_16_bits (n_channels, 1))
    return FALSE;
  *shape = (FoyerShape){ .codec = codec_of_structure (structure),
    .width_px = (guint16) n_channels,
    .height_px = 1,
    .fps_d = 1 };
  return TRUE;
}

gboolean
foyer_link_shape_from_caps (FoyerShape *shape, const GstCaps *caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  int width = 0, height = 0, fps_n = 0, fps_d = 1;

  if (foyer_codec_is_sound (codec_of_structure (structure)))
    return sound_from_structure (shape, structure);
  gst_structure_get_int (structure, "width", &width);
  gst_structure_get_int (structure, "height", &height);
  gst_structure_get_fraction (structure, "framerate", &fps_n, &fps_d);
  if (!is_16_bits (width, 1) || !is_16_bits (height, 1))
    return FALSE;
  if (!is_16_bits (fps_n, 0) || !is_16_bits (fps_d, 1)) {
    fps_n = 0;
    fps_d = 1;
  }
  *shape = (FoyerShape){ .codec = codec_of_structure (structure),
    .width_px = (guint16) width,
    .height_px = (guint16) height,
    .fps_n = (guint16) fps_n,
    .fps_d = (guint16) fps_d };
  return shape->codec != FOYER_CODEC_NONE;
}

static GstCaps *
caps_of_codec (FoyerCodec codec)
{
  switch (codec) {
    case FOYER_CODEC_H264:
      return gst_caps_new_simple ("video/x-h264", "stream-format",
          G_TYPE_STRING, "byte-stream", "alignment", G_TYPE_STRING, "au", NULL);
    case FOYER_CODEC_VP8:
      return gst_caps_new_empty_simple ("video/x-vp8");
    case FOYER_CODEC_RAW:
      return gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING,
          "I420", "pixel-aspect-ratio", GST_TYPE_FRACTION, 1, 1, NULL);
    case FOYER_CODEC_OPUS:
      return gst_caps_new_simple ("audio/x-opus", "channel-mapping-family",
          G_TYPE_INT, 0, NULL);
    case FOYER_CODEC_AAC:
      return gst_caps_new_simple ("audio/mpeg", "mpegversion", G_TYPE_INT, 4,
          "stream-format", G_TYPE_STRING, "raw", NULL);
    case FOYER_CODEC_PNG:
    case FOYER_CODEC_JPEG:
    case FOYER_CODEC_NONE:
    case FOYER_N_CODECS:
      break;
  }
  return gst_caps_new_empty ();
}

GstCaps *
foyer_link_shape_to_caps (const FoyerShape *shape)
{
  GstCaps *caps = caps_of_codec (shape->codec);

  if (foyer_codec_is_sound (shape->codec)) {
    gst_caps_set_simple (caps, "rate", G_TYPE_INT, SOUND_HZ, "channels",
        G_TYPE_INT, shape->width_px, NULL);
    return caps;
  }
  gst_caps_set_simple (caps, "width", G_TYPE_INT, shape->width_px, "height",
      G_TYPE_INT, shape->height_px, "framerate", GST_TYPE_FRACTION,
      shape->fps_n, shape->fps_d, NULL);
  return caps;
}

void
foyer_link_raw_info (GstVideoInfo *info, const FoyerShape *shape)
{
  gsize width = shape->width_px, height = shape->height_px;
  gsize chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;

  gst_video_info_set_format (info, GST_VIDEO_FORMAT_I420, shape->width_px,
      shape->height_px);
  info->stride[0] = (gint) width;
  info->stride[1] = (gint) chroma_width;
  info->stride[2] = (gint) chroma_width;
  info->offset[0] = 0;
  info->offset[1] = width * height;
  info->offset[2] = info->offset[1] + chroma_width * chroma_height;
  info->size = info->offset[2] + chroma_width * chroma_height;
}

gboolean
foyer_link_copy_raw (const GstVideoInfo *out_info, GstBuffer *out,
    const GstVideoInfo *in_info, GstBuffer *in)
{
  GstVideoFrame from, to;
  gboolean is_good = FALSE;

  if (!gst_video_frame_map (&from, in_info, in, GST_MAP_READ))
    return FALSE;
  if (gst_video_frame_map (&to, out_info, out, GST_MAP_WRITE)) {
    is_good = gst_video_frame_copy (&to, &from);
    gst_video_frame_unmap (&to);
  }
  gst_video_frame_unmap (&from);
  return is_good;
}
