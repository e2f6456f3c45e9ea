/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the microphone of a camera in user space sends, packet by packet: one for
 * each ms, mono, 16 bits, FOYER_TONE_HZ as its descriptors say, with the mark in sound
 * (foyer-tone.h). */

#define FOYER_USB_SOUND_BYTES 200 /* the most of a packet */

/**
 * FoyerUsbSound:
 * @camera: in the tones
 * @rate_hz: that it really runs at
 * @is_muted: nothing but zeros
 * @begun_ns: when the first sample was captured, monotonic
 * @n_packets: made since
 */
typedef struct
{
  guint camera;
  int rate_hz;
  gboolean is_muted;
  gint64 begun_ns;
  guint64 n_packets;
} FoyerUsbSound;

/* It captures from now on. */
void foyer_usb_sound_begin (FoyerUsbSound *self, gint64 now_ns);

/**
 * foyer_usb_sound_get_wait_ns:
 * @self: one that has begun
 * @n_packets: to be sent together
 * @now_ns: monotonic
 *
 * Returns: ns until all of them were captured; 0 or less if they were
 */
gint64 foyer_usb_sound_get_wait_ns (const FoyerUsbSound *self, guint n_packets,
    gint64 now_ns);

/**
 * foyer_usb_sound_fill:
 * @self: one that has begun
 * @packet: (out caller-allocates): room for %FOYER_USB_SOUND_BYTES
 *
 * Returns: bytes of the next packet
 */
gsize foyer_usb_sound_fill (FoyerUsbSound *self, guint8 *packet);

G_END_DECLS
