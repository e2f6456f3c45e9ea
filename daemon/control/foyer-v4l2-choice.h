/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-v4l2.h"

G_BEGIN_DECLS

/* Which of a camera's modes to open it in. Pure. */

/**
 * FoyerV4l2Wish:
 * @width_px: of the pictures that are wanted, above 0
 * @height_px: likewise
 * @fps_n: rate that is wanted, numerator, above 0
 * @fps_d: denominator, above 0
 * @takes_h264: whether H.264 can go on as it comes
 */
typedef struct
{
  guint16 width_px;
  guint16 height_px;
  guint16 fps_n;
  guint16 fps_d;
  gboolean takes_h264;
} FoyerV4l2Wish;

/**
 * foyer_v4l2_choose:
 * @modes: (transfer none): an array of #FoyerV4l2Mode
 * @wish: what is wanted
 *
 * A mode is worth its useful pixels times the square of its useful rate: what
 * is beyond the wish counts for nothing, and smoothness for more than size. Of
 * modes worth the same, the one that costs least: H.264 that goes on as it
 * comes, then raw pictures, then JPEG, then H.264 that has to be decoded; the
 * fewest pixels a second of each. A rate that a camera does not say counts as
 * half of the wish.
 *
 * Returns: (transfer none) (nullable): one of the modes; %NULL if there is none
 */
const FoyerV4l2Mode *foyer_v4l2_choose (const GArray *modes,
    const FoyerV4l2Wish *wish);

G_END_DECLS
