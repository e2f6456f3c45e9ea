/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The mark: who took a picture and when, as a strip of light and dark cells
 * along the picture's upper edge. Format and painting; foyer-mark-reader.h
 * reads. Pure: no I/O, no clock, and no GStreamer.
 *
 * The mark is as wide as the picture and a fifth of it high, so that it is at
 * the same place however the picture is scaled. In cells:
 *
 *        1   1             36             1   1
 *      +---+---+------------------------+---+---+
 *  1/2 | light: the quiet zone                  |
 *      |   +---+------------------------+---+   |
 *  1/2 |   | dark: the frame, by which the      |
 *      |   | mark is found    +---------+   |   |
 *   4  |   |   | 36 x 4 cells           |   |   |
 *      |   |   | row by row, light is 1 |   |   |
 *  1/2 |   +---+------------------------+---+   |
 *  1/2 |                                        |
 *      +----------------------------------------+
 *
 * The cells carry, most significant bit first, each byte exclusive-ored with
 * a fixed mask that keeps light and dark in balance:
 *
 *   camera 16 | number 32 | capture time 64 | CRC-32 32
 *
 * The CRC (IEEE 802.3) runs over one byte of version and the 14 bytes before
 * it: another version fails it. */

#define FOYER_MARK_VERSION 1
#define FOYER_MARK_COLUMNS 36
#define FOYER_MARK_ROWS    4
#define FOYER_MARK_N_BYTES (FOYER_MARK_COLUMNS * FOYER_MARK_ROWS / 8)

/* Of the video range, and far from its ends: few bits to encode. */
#define FOYER_MARK_DARK  48
#define FOYER_MARK_LIGHT 208

/* The whole mark in half cells, and where its parts begin. */
#define FOYER_MARK_HALVES_X       80
#define FOYER_MARK_HALVES_Y       12
#define FOYER_MARK_FRAME_HALVES_X 2 /* dark begins here, and mirrored */
#define FOYER_MARK_FRAME_HALVES_Y 1
#define FOYER_MARK_CELLS_HALVES_X 4 /* the cells begin here, and mirrored */
#define FOYER_MARK_CELLS_HALVES_Y 2

/* Cells of 4 x 3 pixels: smaller ones would be painted unreadable. */
#define FOYER_MARK_MIN_WIDTH_PX  160
#define FOYER_MARK_MIN_HEIGHT_PX 90

/**
 * FoyerMark:
 * @camera: which camera
 * @number: which of its pictures, from 0
 * @capture_time_ns: CLOCK_MONOTONIC when it was taken, in nanoseconds
 */
typedef struct
{
  guint16 camera;
  guint32 number;
  guint64 capture_time_ns;
} FoyerMark;

/**
 * foyer_mark_encode:
 * @self: a mark
 * @cells: (out caller-allocates): one bit per cell, most significant first
 */
void foyer_mark_encode (const FoyerMark *self,
    guint8 cells[FOYER_MARK_N_BYTES]);

/**
 * foyer_mark_decode:
 * @self: (out caller-allocates): the mark; untouched if the cells hold none
 * @cells: one bit per cell, as foyer_mark_encode() gives them
 *
 * Returns: whether the checksum is right
 */
gboolean foyer_mark_decode (FoyerMark *self,
    const guint8 cells[FOYER_MARK_N_BYTES]) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_mark_get_height_px:
 * @width_px: of the picture
 * @height_px: of the picture
 *
 * Returns: how many rows at the top of the picture the mark takes; 0 if the
 * picture is too small for one
 */
int foyer_mark_get_height_px (int width_px, int height_px);

/**
 * foyer_mark_draw_row:
 * @cells: as foyer_mark_encode() gives them
 * @width_px: of the picture, at least %FOYER_MARK_MIN_WIDTH_PX
 * @height_px: of the picture, at least %FOYER_MARK_MIN_HEIGHT_PX
 * @y: which row, below foyer_mark_get_height_px()
 * @row: (out caller-allocates): the luma of its @width_px pixels
 *
 * Draws one row of the mark. Many rows are alike: see
 * foyer_mark_row_is_new().
 */
void foyer_mark_draw_row (const guint8 cells[FOYER_MARK_N_BYTES], int width_px,
    int height_px, int y, guint8 *row);

/**
 * foyer_mark_row_is_new:
 * @height_px: of the picture
 * @y: which row
 *
 * Returns: whether row @y differs from the row above it, for all a caller can
 * know; if not, the row drawn last may be used again
 */
gboolean foyer_mark_row_is_new (int height_px, int y);

/**
 * foyer_mark_paint:
 * @self: a mark
 * @luma: the picture's luma, 8 bits per pixel
 * @stride_bytes: from one row to the next, at least @width_px
 * @width_px: of the picture
 * @height_px: of the picture
 *
 * Paints the mark over the upper fifth of a picture.
 *
 * Returns: %FALSE, and nothing painted, if the picture is too small
 */
gboolean foyer_mark_paint (const FoyerMark *self, guint8 *luma,
    gsize stride_bytes, int width_px, int height_px);

G_END_DECLS
