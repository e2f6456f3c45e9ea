/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * foyer_usb_jpeg_write:
 * @out: what the picture is appended to
 * @luma: its brightness, a byte per pixel without gaps
 * @width_px: a multiple of 16
 * @height_px: a multiple of 8
 *
 * Writes a baseline JPEG (ITU-T T.81) in 4:2:2, as cameras give it, in which
 * each block has the one brightness of its middle.
 */
void foyer_usb_jpeg_write (GByteArray *out, const guint8 *luma, int width_px,
    int height_px);

G_END_DECLS
