/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-fit.h"
#include "foyer-cast-types.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* What comes into a pad of foyercastsink, as its caps say. Pure. */

/**
 * FoyerCastInput:
 * @codec: how it is coded; %FOYER_CAST_CODEC_NONE for raw
 * @picture: its size and rate, as far as the caps say; 0 for audio
 *
 * What comes in.
 */
typedef struct
{
  FoyerCastCodec codec;
  FoyerCastPicture picture;
} FoyerCastInput;

/**
 * foyer_cast_input_from_caps:
 * @caps: fixed caps of a pad of foyercastsink
 * @input: (out caller-allocates): what they mean
 *
 * Returns: %FALSE for caps that no pad takes
 */
gboolean foyer_cast_input_from_caps (const GstCaps *caps,
    FoyerCastInput *input);

G_END_DECLS
