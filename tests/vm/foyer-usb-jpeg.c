/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-usb-jpeg.h"

#include "foyer-usb-bits.h"

#define BLOCK_PX    8
#define MCU_PX      16
#define MIDDLE      128
#define N_COMPONENT 3
/* A block of one brightness v has the one coefficient 8 (v - 128). */
#define QUANT 8

/* ITU-T T.81, table K.3: code and length for each size of a difference. */
static const guint8 dc_length[] = { 2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9 };
static const guint16 dc_code[] = { 0x0, 0x2, 0x3, 0x4, 0x5, 0x6, 0xe, 0x1e,
  0x3e, 0x7e, 0xfe, 0x1fe };
/* Of the other coefficients there are none: "end of block" is all. */
#define AC_END        0
#define AC_END_LENGTH 1

static void
put_stuffed (GByteArray *out, guint8 byte)
{
  static const guint8 zero = 0;

  g_byte_array_append (out, &byte, 1);
  if (byte == 0xff)
    g_byte_array_append (out, &zero, 1);
}

#define APPEND(out, ...)                                     \
  g_byte_array_append (out, (const guint8[]){ __VA_ARGS__ }, \
      sizeof ((const guint8[]){ __VA_ARGS__ }))

static void
write_quant (GByteArray *out)
{
  APPEND (out, 0xff, 0xdb, 0, 67, 0);
  for (int i = 0; i < BLOCK_PX * BLOCK_PX; i++)
    APPEND (out, QUANT);
}

static void
write_header (GByteArray *out, int width_px, int height_px)
{
  APPEND (out, 0xff, 0xd8);
  APPEND (out, 0xff, 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0,
      0);
  write_quant (out);
  APPEND (out, 0xff, 0xc0, 0, 17, 8, (guint8) (height_px >> 8),
      (guint8) height_px, (guint8) (width_px >> 8), (guint8) width_px,
      N_COMPONENT, 1, 0x21, 0, 2, 0x11, 0, 3, 0x11, 0);
  APPEND (out, 0xff, 0xc4, 0, 31, 0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0,
      0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  APPEND (out, 0xff, 0xc4, 0, 21, 0x10, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      0, 0, 0, 0x00, 0xf0);
  APPEND (out, 0xff, 0xda, 0, 12, N_COMPONENT, 1, 0x00, 2, 0x00, 3, 0x00, 0, 63,
      0);
}

static void
write_block (FoyerUsbBits *bits, int value, int *last)
{
  int difference = value - *last;
  guint size = g_bit_storage ((gulong) ABS (difference));

  if (difference == 0)
    size = 0;
  foyer_usb_bits_write (bits, dc_code[size], dc_length[size]);
  if (difference < 0)
    difference += (1 << size) - 1;
  foyer_usb_bits_write (bits, (guint32) difference, size);
  foyer_usb_bits_write (bits, AC_END, AC_END_LENGTH);
  *last = value;
}

void
foyer_usb_jpeg_write (GByteArray *out, const guint8 *luma, int width_px,
    int height_px)
{
  FoyerUsbBits bits = { .out = out, .put = put_stuffed };
  int last = 0;
  int last_chroma = 0;

  write_header (out, width_px, height_px);
  for (int y = BLOCK_PX / 2; y < height_px; y += BLOCK_PX)
    for (int x = BLOCK_PX / 2; x < width_px; x += MCU_PX) {
      const guint8 *at = luma + y * width_px + x;

      write_block (&bits, at[0] - MIDDLE, &last);
      write_block (&bits, at[BLOCK_PX] - MIDDLE, &last);
      write_block (&bits, 0, &last_chroma);
      write_block (&bits, 0, &last_chroma);
    }
  foyer_usb_bits_align (&bits, 1);
  APPEND (out, 0xff, 0xd9);
}
