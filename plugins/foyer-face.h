/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Letters on a plane of luma: capitals, figures and some signs, in a face of
 * five by seven dots; what it lacks becomes a box. No font is ever read. Pure. */

#define FOYER_FACE_ROWS  7 /* dots that a letter is high */
#define FOYER_FACE_PITCH 6 /* from one letter to the next */

/**
 * FoyerFacePlane:
 * @data: (array): luma, a byte each
 * @stride_bytes: from one line to the next
 * @width_px: columns
 * @height_px: lines
 *
 * Where letters go; what would lie outside is left out.
 */
typedef struct
{
  guint8 *data;
  gsize stride_bytes;
  guint width_px;
  guint height_px;
} FoyerFacePlane;

/**
 * foyer_face_draw:
 * @plane: where
 * @text: ASCII
 * @x: left edge
 * @y: upper edge
 * @scale: pixels of a dot's side, above 0
 * @ink: luma
 */
void foyer_face_draw (const FoyerFacePlane *plane, const char *text, guint x,
    guint y, guint scale, guint8 ink);

/**
 * foyer_face_draw_line:
 * @plane: where
 * @text: any bytes, meant to be UTF-8
 * @y: upper edge
 * @max_scale: pixels of a dot's side at most, above 0
 * @ink: luma
 *
 * One line, centred, as large as the width allows; what is too long is cut.
 */
void foyer_face_draw_line (const FoyerFacePlane *plane, const char *text,
    guint y, guint max_scale, guint8 ink);

G_END_DECLS
