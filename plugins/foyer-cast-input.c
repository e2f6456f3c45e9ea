/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-input.h"

static void
fraction_get (const GstStructure *structure, const char *name, guint *n,
    guint *d)
{
  int numerator = 0, denominator = 1;

  gst_structure_get_fraction (structure, name, &numerator, &denominator);
  *n = (guint) MAX (numerator, 0);
  *d = (guint) MAX (denominator, 1);
}

static void
picture_from_structure (const GstStructure *structure,
    FoyerCastPicture *picture)
{
  int width_px = 0, height_px = 0;

  gst_structure_get_int (structure, "width", &width_px);
  gst_structure_get_int (structure, "height", &height_px);
  picture->width_px = (guint) MAX (width_px, 0);
  picture->height_px = (guint) MAX (height_px, 0);
  fraction_get (structure, "pixel-aspect-ratio", &picture->par_n,
      &picture->par_d);
  fraction_get (structure, "framerate", &picture->fps_n, &picture->fps_d);
}

gboolean
foyer_cast_input_from_caps (const GstCaps *caps, FoyerCastInput *input)
{
  static const struct
  {
    const char *name;
    FoyerCastCodec codec;
    gboolean is_video;
  } formats[] = {
    { "video/x-raw", FOYER_CAST_CODEC_NONE, TRUE },
    { "video/x-h264", FOYER_CAST_CODEC_H264, TRUE },
    { "video/x-vp8", FOYER_CAST_CODEC_VP8, TRUE },
    { "audio/x-raw", FOYER_CAST_CODEC_NONE, FALSE },
    { "audio/x-opus", FOYER_CAST_CODEC_OPUS, FALSE },
  };
  const GstStructure *structure = gst_caps_get_structure (caps, 0);

  *input = (FoyerCastInput){ 0 };
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (gst_structure_has_name (structure, formats[i].name)) {
      input->codec = formats[i].codec;
      if (formats[i].is_video)
        picture_from_structure (structure, &input->picture);
      return TRUE;
    }
  return FALSE;
}
