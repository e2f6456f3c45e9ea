/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What size and frame rate to encode, and which frames to leave out. Pure:
 * numbers in, numbers out. */

/* What a display gets that says nothing about itself. */
#define FOYER_CAST_FIT_DEFAULT_WIDTH_PX  1280
#define FOYER_CAST_FIT_DEFAULT_HEIGHT_PX 720
#define FOYER_CAST_FIT_DEFAULT_FPS       30

/**
 * FoyerCastPicture:
 * @width_px: columns
 * @height_px: lines
 * @par_n: shape of a pixel, numerator; 0 is taken for square
 * @par_d: denominator
 * @fps_n: frame rate, numerator; 0 if it varies
 * @fps_d: denominator
 * @key_ms: most time between coded key frames; 0 for seldom
 *
 * A raw picture, before or after fitting.
 */
typedef struct
{
  guint width_px;
  guint height_px;
  guint par_n;
  guint par_d;
  guint fps_n;
  guint fps_d;
  guint key_ms;
} FoyerCastPicture;

/**
 * FoyerCastFitLimits:
 * @width_px: largest picture; 0 if not said
 * @height_px: likewise
 * @is_fixed_size: exactly that size, with borders where the shape differs
 * @fps_n: highest frame rate, numerator; 0 if not said
 * @fps_d: denominator
 * @max_pixels_per_second: 0 if not said
 */
typedef struct
{
  guint width_px;
  guint height_px;
  gboolean is_fixed_size;
  guint fps_n;
  guint fps_d;
  guint64 max_pixels_per_second;
} FoyerCastFitLimits;

/**
 * foyer_cast_fit:
 * @input: the picture that comes
 * @limits: what the display shows
 * @fitted: (out caller-allocates): the picture to encode: square pixels, even
 *   sides, at least 2x2
 *
 * Keeps the shape and never makes a picture larger, but for @is_fixed_size.
 *
 * Returns: %FALSE if @input has no area
 */
gboolean foyer_cast_fit (const FoyerCastPicture *input,
    const FoyerCastFitLimits *limits, FoyerCastPicture *fitted);

/**
 * FoyerCastThinner:
 * @due_ns: when the next frame may come; -1 before the first
 * @period_ns: time between two frames; 0 lets all through
 *
 * Lets so many frames a second through and leaves out the rest.
 */
typedef struct
{
  gint64 due_ns;
  gint64 period_ns;
} FoyerCastThinner;

/**
 * foyer_cast_thinner_init:
 * @self: (out caller-allocates): a thinner
 * @fps_n: highest frame rate, numerator; 0 for no limit
 * @fps_d: denominator
 */
void foyer_cast_thinner_init (FoyerCastThinner *self, guint fps_n, guint fps_d);

/**
 * foyer_cast_thinner_accept:
 * @self: a thinner
 * @time_ns: time of the frame, on any clock
 *
 * Allows for a quarter of a period of jitter. A time that jumps back begins
 * anew.
 *
 * Returns: %TRUE if the frame may go on
 */
gboolean foyer_cast_thinner_accept (FoyerCastThinner *self, gint64 time_ns);

G_END_DECLS
