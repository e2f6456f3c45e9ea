/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FoyerUsbH264:
 * @width_px: a multiple of 16
 * @height_px: a multiple of 16
 * @frame_number: of the next picture since the key frame
 * @key_number: of the next key frame
 *
 * A stream of constrained baseline H.264 at level 3, as byte stream.
 */
typedef struct
{
  int width_px;
  int height_px;
  guint frame_number;
  guint key_number;
} FoyerUsbH264;

/**
 * foyer_usb_h264_write_key:
 * @out: what is appended to
 * @luma: the picture's brightness, a byte per pixel without gaps, none 0
 *
 * Writes parameter sets and a key frame of uncompressed macroblocks.
 */
void foyer_usb_h264_write_key (FoyerUsbH264 *self, GByteArray *out,
    const guint8 *luma);

/**
 * foyer_usb_h264_write_rest:
 * @out: what is appended to
 * @luma: the picture's brightness
 * @n_rows: rows from the top that changed; the rest stays as it was
 *
 * Writes a picture that refers to the one before.
 */
void foyer_usb_h264_write_rest (FoyerUsbH264 *self, GByteArray *out,
    const guint8 *luma, int n_rows);

G_END_DECLS
