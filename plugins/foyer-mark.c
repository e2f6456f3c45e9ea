/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-mark.h"

#include <string.h>

#define PAYLOAD_BYTES  (FOYER_MARK_N_BYTES - 4)
#define CRC_POLYNOMIAL 0xedb88320u /* IEEE 802.3, reflected */

/* The mark's share of the picture's height. */
#define HEIGHT_DIVISOR 5

/* Any fixed bytes with about as many ones as zeros would do; these are of pi. */
static const guint8 balance[FOYER_MARK_N_BYTES] = { 0x24, 0x3f, 0x6a, 0x88,
  0x85, 0xa3, 0x08, 0xd3, 0x13, 0x19, 0x8a, 0x2e, 0x03, 0x70, 0x73, 0x44, 0xa4,
  0x09 };

static guint32
crc_add (guint32 crc, guint8 byte)
{
  crc ^= byte;
  for (int i = 0; i < 8; i++)
    crc = crc >> 1 ^ ((crc & 1) != 0 ? CRC_POLYNOMIAL : 0);
  return crc;
}

static guint32
payload_crc (const guint8 payload[PAYLOAD_BYTES])
{
  guint32 crc = crc_add (G_MAXUINT32, FOYER_MARK_VERSION);

  for (int i = 0; i < PAYLOAD_BYTES; i++)
    crc = crc_add (crc, payload[i]);
  return ~crc;
}

static guint8 *
put_bits (guint8 *out, guint64 value, int n_bytes)
{
  for (int i = n_bytes - 1; i >= 0; i--)
    *out++ = (guint8) (value >> (8 * i));
  return out;
}

static guint64
get_bits (const guint8 **in, int n_bytes)
{
  guint64 value = 0;

  for (int i = 0; i < n_bytes; i++)
    value = value << 8 | *(*in)++;
  return value;
}

void
foyer_mark_encode (const FoyerMark *self, guint8 cells[FOYER_MARK_N_BYTES])
{
  guint8 *out = cells;

  out = put_bits (out, self->camera, 2);
  out = put_bits (out, self->number, 4);
  out = put_bits (out, self->capture_time_ns, 8);
  put_bits (out, payload_crc (cells), 4);
  for (int i = 0; i < FOYER_MARK_N_BYTES; i++)
    cells[i] ^= balance[i];
}

gboolean
foyer_mark_decode (FoyerMark *self, const guint8 cells[FOYER_MARK_N_BYTES])
{
  guint8 bytes[FOYER_MARK_N_BYTES];
  const guint8 *in = bytes;
  FoyerMark mark;

  for (int i = 0; i < FOYER_MARK_N_BYTES; i++)
    bytes[i] = cells[i] ^ balance[i];
  mark.camera = (guint16) get_bits (&in, 2);
  mark.number = (guint32) get_bits (&in, 4);
  mark.capture_time_ns = get_bits (&in, 8);
  if (get_bits (&in, 4) != payload_crc (bytes))
    return FALSE;
  *self = mark;
  return TRUE;
}

int
foyer_mark_get_height_px (int width_px, int height_px)
{
  if (width_px < FOYER_MARK_MIN_WIDTH_PX ||
      height_px < FOYER_MARK_MIN_HEIGHT_PX)
    return 0;
  return height_px / HEIGHT_DIVISOR;
}

/* The half cell that a pixel's centre lies in, of @n_halves in @size_px. */
static int
pixel_to_half (int pixel, int n_halves, int size_px)
{
  return (int) ((2 * (gint64) pixel + 1) * n_halves / (2 * (gint64) size_px));
}

/* The first pixel whose centre lies in the half cell or beyond. */
static int
half_to_pixel (int half, int n_halves, int size_px)
{
  return (int) ((2 * (gint64) half * size_px + n_halves - 1) / (2 * n_halves));
}

/* Rows are measured against the exact fifth, which need not be whole. */
static int
row_to_half (int y, int height_px)
{
  int half = pixel_to_half (y, FOYER_MARK_HALVES_Y * HEIGHT_DIVISOR, height_px);

  return MIN (half, FOYER_MARK_HALVES_Y - 1);
}

static guint8
half_luma (const guint8 cells[FOYER_MARK_N_BYTES], int half_x, int half_y)
{
  int edge_x = MIN (half_x, FOYER_MARK_HALVES_X - 1 - half_x);
  int edge_y = MIN (half_y, FOYER_MARK_HALVES_Y - 1 - half_y);
  int column = (half_x - FOYER_MARK_CELLS_HALVES_X) / 2;
  int row = (half_y - FOYER_MARK_CELLS_HALVES_Y) / 2;
  int bit = row * FOYER_MARK_COLUMNS + column;

  if (edge_x < FOYER_MARK_FRAME_HALVES_X || edge_y < FOYER_MARK_FRAME_HALVES_Y)
    return FOYER_MARK_LIGHT;
  if (edge_x < FOYER_MARK_CELLS_HALVES_X || edge_y < FOYER_MARK_CELLS_HALVES_Y)
    return FOYER_MARK_DARK;
  return (cells[bit / 8] & 0x80 >> bit % 8) != 0 ? FOYER_MARK_LIGHT
                                                 : FOYER_MARK_DARK;
}

void
foyer_mark_draw_row (const guint8 cells[FOYER_MARK_N_BYTES], int width_px,
    int height_px, int y, guint8 *row)
{
  int half_y = row_to_half (y, height_px);
  int from = 0;

  for (int i = 0; i < FOYER_MARK_HALVES_X; i++) {
    int to = half_to_pixel (i + 1, FOYER_MARK_HALVES_X, width_px);

    memset (row + from, half_luma (cells, i, half_y), (gsize) (to - from));
    from = to;
  }
}

gboolean
foyer_mark_row_is_new (int height_px, int y)
{
  return y == 0 || row_to_half (y, height_px) != row_to_half (y - 1, height_px);
}

gboolean
foyer_mark_paint (const FoyerMark *self, guint8 *luma, gsize stride_bytes,
    int width_px, int height_px)
{
  int n_rows = foyer_mark_get_height_px (width_px, height_px);
  guint8 cells[FOYER_MARK_N_BYTES];

  foyer_mark_encode (self, cells);
  for (int y = 0; y < n_rows; y++) {
    guint8 *row = luma + (gsize) y * stride_bytes;

    if (foyer_mark_row_is_new (height_px, y))
      foyer_mark_draw_row (cells, width_px, height_px, y, row);
    else
      memcpy (row, row - stride_bytes, (gsize) width_px);
  }
  return n_rows > 0;
}
