/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-needle.h"

#define MIN_PICTURE_BYTES 96
#define LEFT_OUT_DIV      8 /* of the picture, at its beginning and at its end */

/* nal_unit_type, H.264 table 7-1. */
#define NAL_TYPE_MASK 0x1f
#define NAL_SLICE     1
#define NAL_SLICE_IDR 5
#define START_BYTES   3

/* The offset of the first slice, or @n_bytes. */
static gsize
find_picture (const guint8 *data, gsize n_bytes)
{
  for (gsize i = 0; i + START_BYTES < n_bytes; i++) {
    guint type = data[i + START_BYTES] & NAL_TYPE_MASK;

    if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1 &&
        (type == NAL_SLICE || type == NAL_SLICE_IDR))
      return i;
  }
  return n_bytes;
}

gsize
foyer_test_needle_find (const guint8 *data, gsize n_bytes,
    const guint8 **needle)
{
  gsize begin = find_picture (data, n_bytes);
  gsize n_left_out = (n_bytes - begin) / LEFT_OUT_DIV;

  if (n_bytes - begin < MIN_PICTURE_BYTES)
    return 0;
  *needle = data + begin + n_left_out;
  return MIN (n_bytes - begin - 2 * n_left_out, FOYER_TEST_NEEDLE_MAX_BYTES);
}
