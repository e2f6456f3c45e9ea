/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-types.h"

static const char *const codec_names[] = {
  [FOYER_CAST_CODEC_NONE] = "none",
  [FOYER_CAST_CODEC_H264] = "h264",
  [FOYER_CAST_CODEC_VP8] = "vp8",
  [FOYER_CAST_CODEC_OPUS] = "opus",
};

const char *
foyer_cast_codec_to_string (FoyerCastCodec codec)
{
  return codec_names[codec];
}

FoyerCastCodec
foyer_cast_codec_from_string (const char *name)
{
  for (guint i = FOYER_CAST_CODEC_H264; i < G_N_ELEMENTS (codec_names); i++)
    if (g_strcmp0 (name, codec_names[i]) == 0)
      return (FoyerCastCodec) i;
  return FOYER_CAST_CODEC_NONE;
}
