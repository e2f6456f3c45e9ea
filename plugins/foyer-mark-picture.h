/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the mark's reader and finder look at. */

/**
 * FoyerMarkPicture:
 * @luma: (not nullable): the upper left pixel; borrowed
 * @stride_bytes: from one row to the next
 * @step_bytes: from one pixel to the next in a row: 1 for a luma plane, more
 *   for packed formats
 * @width_px: above 0
 * @height_px: above 0
 *
 * The brightness of a picture, 8 bits per pixel.
 */
typedef struct
{
  const guint8 *luma;
  gsize stride_bytes;
  int step_bytes;
  int width_px;
  int height_px;
} FoyerMarkPicture;

/**
 * FoyerMarkPoint:
 *
 * In pixels from the upper left corner: the first pixel's centre is at
 * (0.5, 0.5). Fractions matter: half a pixel is a twelfth of a cell.
 */
typedef struct
{
  double x;
  double y;
} FoyerMarkPoint;

/**
 * FoyerMarkQuad:
 * @corner: of the outer edge of the mark's dark frame, clockwise from the
 *   upper left one
 */
typedef struct
{
  FoyerMarkPoint corner[4];
} FoyerMarkQuad;

/* The pixel at (@x, @y), which must lie in the picture. */
static inline guint8
foyer_mark_picture_get (const FoyerMarkPicture *self, int x, int y)
{
  return self->luma[(gsize) y * self->stride_bytes +
      (gsize) x * (gsize) self->step_bytes];
}

G_END_DECLS
