/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-usb-options.h"

G_BEGIN_DECLS

/* What a camera in user space says of itself, in the bytes of USB 2.0, of the USB
 * video class 1.1 and, if it has a microphone, of the USB audio class 1.0. */

/* Interfaces, entities, and the endpoints, of pictures and of sound. */
#define FOYER_USB_CONTROL_INTERFACE 0
#define FOYER_USB_STREAM_INTERFACE  1
#define FOYER_USB_LISTEN_INTERFACE  2
#define FOYER_USB_SOUND_INTERFACE   3
#define FOYER_USB_PROCESSING_UNIT   3
#define FOYER_USB_ENDPOINT          1
#define FOYER_USB_SOUND_ENDPOINT    2

/* The most that one transfer carries: three packets of a microframe, or what
 * a bulk transfer was agreed to be. */
#define FOYER_USB_ISO_BYTES  3072
#define FOYER_USB_BULK_BYTES 16384

#define FOYER_USB_CLOCK_HZ        48000000
#define FOYER_USB_INTERVALS_PER_S 10000000

/**
 * foyer_usb_descriptors_new_device:
 * @options: (transfer none): of the camera
 *
 * Returns: (transfer full): the device descriptor
 */
GByteArray *foyer_usb_descriptors_new_device (const FoyerUsbOptions *options);

/**
 * foyer_usb_descriptors_new_configuration:
 * @options: (transfer none): of the camera
 *
 * Returns: (transfer full): the configuration descriptor with all that belongs
 * to it
 */
GByteArray *foyer_usb_descriptors_new_configuration (
    const FoyerUsbOptions *options);

/**
 * foyer_usb_descriptors_new_string:
 * @options: (transfer none): of the camera
 * @index: which string
 *
 * Returns: (transfer full) (nullable): the string descriptor; %NULL if there
 * is none
 */
GByteArray *foyer_usb_descriptors_new_string (const FoyerUsbOptions *options,
    guint index);

G_END_DECLS
