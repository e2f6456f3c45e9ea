/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-usb-h264.h"

#include "foyer-usb-bits.h"

/* ITU-T H.264, 7.3: the syntax of what is written here, in its order. */

#define MACROBLOCK_PX     16
#define N_CHROMA_BYTES    (2 * 8 * 8)
#define NEUTRAL           128
#define PROFILE_BASELINE  66
#define CONSTRAINED       0xc0
#define LEVEL_3           30
#define FRAME_NUMBER_BITS 8
#define I_PCM             25
#define I_PCM_IN_P        (5 + I_PCM)
#define SLICE_P           5
#define SLICE_I           7

/* NAL unit headers: importance and type. */
#define NAL_SEQUENCE 0x67
#define NAL_PICTURE  0x68
#define NAL_KEY      0x65
#define NAL_REST     0x41

/* Keeps 00 00 0x out of the data. */
static void
put_guarded (GByteArray *out, guint8 byte)
{
  static const guint8 guard = 3;
  guint n = out->len;

  if (byte <= guard && out->data[n - 1] == 0 && out->data[n - 2] == 0)
    g_byte_array_append (out, &guard, 1);
  g_byte_array_append (out, &byte, 1);
}

static void
write_ue (FoyerUsbBits *bits, guint32 value)
{
  guint n_bits = g_bit_storage (value + 1);

  foyer_usb_bits_write (bits, 0, n_bits - 1);
  foyer_usb_bits_write (bits, value + 1, n_bits);
}

static FoyerUsbBits
begin_unit (GByteArray *out, guint8 header)
{
  const guint8 start[] = { 0, 0, 0, 1, header };

  g_byte_array_append (out, start, sizeof start);
  return (FoyerUsbBits){ .out = out, .put = put_guarded };
}

static void
end_unit (FoyerUsbBits *bits)
{
  foyer_usb_bits_write (bits, 1, 1);
  foyer_usb_bits_align (bits, 0);
}

static void
write_sequence (const FoyerUsbH264 *self, GByteArray *out)
{
  FoyerUsbBits bits = begin_unit (out, NAL_SEQUENCE);

  foyer_usb_bits_write (&bits, PROFILE_BASELINE, 8);
  foyer_usb_bits_write (&bits, CONSTRAINED, 8);
  foyer_usb_bits_write (&bits, LEVEL_3, 8);
  write_ue (&bits, 0);
  write_ue (&bits, FRAME_NUMBER_BITS - 4);
  write_ue (&bits, 2); /* order of output is order of decoding */
  write_ue (&bits, 1); /* one picture is referred to */
  foyer_usb_bits_write (&bits, 0, 1);
  write_ue (&bits, (guint32) self->width_px / MACROBLOCK_PX - 1);
  write_ue (&bits, (guint32) self->height_px / MACROBLOCK_PX - 1);
  /* Frames, 8x8 inference, no cropping, no VUI. */
  foyer_usb_bits_write (&bits, 0xc, 4);
  end_unit (&bits);
}

static void
write_picture_set (GByteArray *out)
{
  FoyerUsbBits bits = begin_unit (out, NAL_PICTURE);

  write_ue (&bits, 0);
  write_ue (&bits, 0);
  foyer_usb_bits_write (&bits, 0, 2); /* CAVLC, no field order */
  write_ue (&bits, 0);
  write_ue (&bits, 0);
  write_ue (&bits, 0);
  foyer_usb_bits_write (&bits, 0, 3); /* no weights */
  write_ue (&bits, 0);
  write_ue (&bits, 0);
  write_ue (&bits, 0);
  foyer_usb_bits_write (&bits, 4, 3); /* slices say how they are deblocked */
  end_unit (&bits);
}

/* Deblocking is switched off, so what is written is what is shown. */
static void
end_slice_header (FoyerUsbBits *bits)
{
  write_ue (bits, 0);
  write_ue (bits, 1);
}

static void
write_pcm (FoyerUsbBits *bits, const guint8 *luma, int stride_px)
{
  foyer_usb_bits_align (bits, 0);
  for (int y = 0; y < MACROBLOCK_PX; y++)
    for (int x = 0; x < MACROBLOCK_PX; x++)
      bits->put (bits->out, luma[y * stride_px + x]);
  for (int i = 0; i < N_CHROMA_BYTES; i++)
    bits->put (bits->out, NEUTRAL);
}

void
foyer_usb_h264_write_key (FoyerUsbH264 *self, GByteArray *out,
    const guint8 *luma)
{
  FoyerUsbBits bits;

  write_sequence (self, out);
  write_picture_set (out);
  bits = begin_unit (out, NAL_KEY);
  write_ue (&bits, 0);
  write_ue (&bits, SLICE_I);
  write_ue (&bits, 0);
  foyer_usb_bits_write (&bits, 0, FRAME_NUMBER_BITS);
  write_ue (&bits, self->key_number++ & 1);
  foyer_usb_bits_write (&bits, 0, 2);
  end_slice_header (&bits);
  for (int y = 0; y < self->height_px; y += MACROBLOCK_PX)
    for (int x = 0; x < self->width_px; x += MACROBLOCK_PX) {
      write_ue (&bits, I_PCM);
      write_pcm (&bits, luma + y * self->width_px + x, self->width_px);
    }
  end_unit (&bits);
  self->frame_number = 1;
}

void
foyer_usb_h264_write_rest (FoyerUsbH264 *self, GByteArray *out,
    const guint8 *luma, int n_rows)
{
  FoyerUsbBits bits = begin_unit (out, NAL_REST);
  int changed_px = MIN ((n_rows + MACROBLOCK_PX - 1) / MACROBLOCK_PX *
          MACROBLOCK_PX,
      self->height_px);
  int n_same = (self->height_px - changed_px) / MACROBLOCK_PX *
      (self->width_px / MACROBLOCK_PX);

  write_ue (&bits, 0);
  write_ue (&bits, SLICE_P);
  write_ue (&bits, 0);
  foyer_usb_bits_write (&bits, self->frame_number++, FRAME_NUMBER_BITS);
  foyer_usb_bits_write (&bits, 0, 3); /* the one reference; no marking */
  end_slice_header (&bits);
  for (int y = 0; y < changed_px; y += MACROBLOCK_PX)
    for (int x = 0; x < self->width_px; x += MACROBLOCK_PX) {
      write_ue (&bits, 0);
      write_ue (&bits, I_PCM_IN_P);
      write_pcm (&bits, luma + y * self->width_px + x, self->width_px);
    }
  if (n_same > 0)
    write_ue (&bits, (guint32) n_same);
  end_unit (&bits);
}
