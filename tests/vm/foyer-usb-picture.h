/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-usb-options.h"

G_BEGIN_DECLS

/* Makes the pictures of a camera in user space, each with its mark, in the
 * format that the driver has chosen. Nothing here takes long enough to matter
 * on an emulated processor: JPEG is made of blocks of one brightness, H.264 of
 * macroblocks that are sent as they are or not at all. */

typedef struct _FoyerUsbPicture FoyerUsbPicture;

/**
 * foyer_usb_picture_new:
 * @options: (transfer none): of the camera; outlives the picture maker
 * @format: of the pictures
 * @size: of the pictures, one of the format's
 *
 * Returns: (transfer full): a maker whose first picture is a key frame
 */
FoyerUsbPicture *foyer_usb_picture_new (const FoyerUsbOptions *options,
    FoyerUsbFormat format, FoyerUsbSize size);

/**
 * foyer_usb_picture_make:
 * @number: of the picture, for the mark
 * @capture_time_ns: for the mark
 * @brightness: of the scene, 0 to 255
 *
 * Returns: (transfer none): the next picture; valid until the next call
 */
GByteArray *foyer_usb_picture_make (FoyerUsbPicture *self, guint32 number,
    guint64 capture_time_ns, int brightness);

/**
 * foyer_usb_picture_get_max_bytes:
 * @format: one of the formats
 * @size: one of its sizes
 *
 * Returns: how large a picture can be
 */
guint foyer_usb_picture_get_max_bytes (FoyerUsbFormat format,
    FoyerUsbSize size);

void foyer_usb_picture_free (FoyerUsbPicture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerUsbPicture, foyer_usb_picture_free)

G_END_DECLS
