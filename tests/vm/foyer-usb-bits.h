/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes bits, the most significant first. @put is given each whole byte: JPEG
 * and H.264 each keep their start codes out of the data in their own way. */
typedef struct
{
  GByteArray *out;
  void (*put) (GByteArray *out, guint8 byte);
  guint64 held;
  guint n_held;
} FoyerUsbBits;

/* Writes the lowest @n_bits of @value; at most 32 of them. */
static inline void
foyer_usb_bits_write (FoyerUsbBits *self, guint32 value, guint n_bits)
{
  self->held = self->held << n_bits |
      (value & ((G_GUINT64_CONSTANT (1) << n_bits) - 1));
  self->n_held += n_bits;
  while (self->n_held >= 8) {
    self->n_held -= 8;
    self->put (self->out, (guint8) (self->held >> self->n_held));
  }
}

/* Fills the byte begun with @bit. */
static inline void
foyer_usb_bits_align (FoyerUsbBits *self, guint32 bit)
{
  while (self->n_held != 0)
    foyer_usb_bits_write (self, bit, 1);
}

G_END_DECLS
