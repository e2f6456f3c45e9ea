/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-mark-reader.h"

#include <string.h>

/* Pictures of any size and content. The first four bytes are width and height,
 * little-endian; pixels follow, over and over until the picture is full, as
 * luma alone and then as every second byte. What is read must be painted the
 * same again. */

#define MAX_SIDE_PX 200
#define N_HEAD      4

static int
get_side (const uint8_t *data)
{
  return 1 + (data[0] | data[1] << 8) % MAX_SIDE_PX;
}

static void
fill (guint8 *pixels, size_t n_pixels, const uint8_t *data, size_t n_bytes)
{
  for (size_t i = 0; i < n_pixels; i += n_bytes)
    memcpy (pixels + i, data, MIN (n_bytes, n_pixels - i));
}

static void
read_picture (FoyerMarkReader *reader, const guint8 *pixels, int width,
    int height, int step)
{
  FoyerMarkPicture picture = { pixels, (gsize) (width * step), step, width,
    height };
  FoyerMark mark, again;
  guint8 cells[FOYER_MARK_N_BYTES];

  if (!foyer_mark_reader_read (reader, &picture, &mark))
    return;
  foyer_mark_encode (&mark, cells);
  g_assert_true (foyer_mark_decode (&again, cells));
  g_assert_cmpuint (again.capture_time_ns, ==, mark.capture_time_ns);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autoptr (FoyerMarkReader) reader = NULL;
  g_autofree guint8 *pixels = NULL;
  int width, height;

  if (n_bytes <= N_HEAD)
    return 0;
  width = get_side (data);
  height = get_side (data + 2);
  pixels = g_malloc ((gsize) width * (gsize) height);
  fill (pixels, (size_t) (width * height), data + N_HEAD, n_bytes - N_HEAD);
  reader = foyer_mark_reader_new ();
  read_picture (reader, pixels, width, height, 1);
  read_picture (reader, pixels, width, height, 1);
  if (width > 1)
    read_picture (reader, pixels, width / 2, height, 2);
  return 0;
}
