/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-usb-sound.h"

#include "foyer-tone.h"

#include <string.h>

#define PACKETS_PER_S 1000
#define NS_PER_S      G_GINT64_CONSTANT (1000000000)
#define NS_PER_PACKET (NS_PER_S / PACKETS_PER_S)

void
foyer_usb_sound_begin (FoyerUsbSound *self, gint64 now_ns)
{
  self->begun_ns = now_ns;
  self->n_packets = 0;
}

gint64
foyer_usb_sound_get_wait_ns (const FoyerUsbSound *self, guint n_packets,
    gint64 now_ns)
{
  return self->begun_ns +
      (gint64) (self->n_packets + n_packets) * NS_PER_PACKET - now_ns;
}

gsize
foyer_usb_sound_fill (FoyerUsbSound *self, guint8 *packet)
{
  guint64 rate_hz = (guint64) self->rate_hz;
  guint64 first = self->n_packets * rate_hz / PACKETS_PER_S;
  guint64 next = (self->n_packets + 1) * rate_hz / PACKETS_PER_S;
  gint16 samples[FOYER_USB_SOUND_BYTES / sizeof (gint16)] = { 0 };
  gsize n_samples = MIN (next - first, G_N_ELEMENTS (samples));

  if (!self->is_muted)
    foyer_tone_draw (samples, n_samples,
        (guint64) self->begun_ns + self->n_packets * NS_PER_PACKET,
        self->camera);
  self->n_packets++;
  for (gsize i = 0; i < n_samples; i++)
    samples[i] = GINT16_TO_LE (samples[i]);
  memcpy (packet, samples, n_samples * sizeof (gint16));
  return n_samples * sizeof (gint16);
}
