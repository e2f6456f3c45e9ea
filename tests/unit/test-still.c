/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-still.h"

#include <gio/gio.h>
#include <png.h>
#include <string.h>
#include <turbojpeg.h>

/* One picture as a file: colours that are known, read back by the libraries' own
 * decoders. */

#define WIDTH 64
#define SLACK 3 /* of 255: rounding, and JPEG */

/* ITU-R BT.601 and BT.709: 75 % bars in video range, and what they are in RGB. */
typedef struct
{
  guint8 yuv[3];
  guint8 rgb[3];
} Colour;

static const Colour sd[] = {
  { { 16, 128, 128 }, { 0, 0, 0 } },
  { { 235, 128, 128 }, { 255, 255, 255 } },
  { { 82, 90, 240 }, { 255, 0, 0 } },
  { { 145, 54, 34 }, { 0, 255, 0 } },
  { { 41, 240, 110 }, { 0, 0, 255 } },
};

static const Colour hd[] = {
  { { 16, 128, 128 }, { 0, 0, 0 } },
  { { 235, 128, 128 }, { 255, 255, 255 } },
  { { 63, 102, 240 }, { 255, 0, 0 } },
  { { 173, 42, 26 }, { 0, 255, 0 } },
  { { 32, 240, 118 }, { 0, 0, 255 } },
};

/* (transfer full): all of one colour. */
static guint8 *
fill (guint n_lines, const guint8 *yuv)
{
  gsize n_luma = (gsize) WIDTH * n_lines;
  guint8 *picture = g_malloc (n_luma * 3 / 2);

  memset (picture, yuv[0], n_luma);
  memset (picture + n_luma, yuv[1], n_luma / 4);
  memset (picture + n_luma + n_luma / 4, yuv[2], n_luma / 4);
  return picture;
}

static void
decode (GBytes *file, FoyerCodec codec, guint n_lines, guint8 *out)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (file, &n_bytes);

  if (codec == FOYER_CODEC_PNG) {
    png_image image = { .version = PNG_IMAGE_VERSION };

    g_assert_true (png_image_begin_read_from_memory (&image, data, n_bytes));
    g_assert_cmpuint (image.width, ==, WIDTH);
    g_assert_cmpuint (image.height, ==, n_lines);
    image.format = PNG_FORMAT_RGB;
    g_assert_true (png_image_finish_read (&image, NULL, out, 0, NULL));
  } else {
    tjhandle reader = tjInitDecompress ();
    int width, height;

    g_assert_cmpint (tjDecompressHeader (reader, (unsigned char *) data,
                         n_bytes, &width, &height),
        ==, 0);
    g_assert_cmpint (width, ==, WIDTH);
    g_assert_cmpint (height, ==, (int) n_lines);
    g_assert_cmpint (tjDecompress2 (reader, data, n_bytes, out, WIDTH, 0,
                         (int) n_lines, TJPF_RGB, 0),
        ==, 0);
    tjDestroy (reader);
  }
}

static void
assert_colours (FoyerCodec codec, guint n_lines, const Colour *colours,
    guint n_colours)
{
  const FoyerShape shape = { codec, WIDTH, (guint16) n_lines, 0, 1, 0 };
  g_autofree guint8 *seen = g_malloc ((gsize) WIDTH * n_lines * 3);

  for (guint i = 0; i < n_colours; i++) {
    g_autofree guint8 *picture = fill (n_lines, colours[i].yuv);
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) file = foyer_still_encode (&shape, picture, &error);

    g_assert_no_error (error);
    decode (file, codec, n_lines, seen);
    for (guint at = 0; at < WIDTH * n_lines * 3; at++)
      g_assert_cmpint (ABS (seen[at] - colours[i].rgb[at % 3]), <=, SLACK);
  }
}

static void
test_colours (gconstpointer user_data)
{
  const FoyerCodec codec = (FoyerCodec) GPOINTER_TO_INT (user_data);

  assert_colours (codec, 64, sd, G_N_ELEMENTS (sd));
  assert_colours (codec, 576, sd, G_N_ELEMENTS (sd));
  assert_colours (codec, 578, hd, G_N_ELEMENTS (hd));
}

/* A picture with a place for everything: nothing is moved or mirrored. */
static void
test_places (void)
{
  const FoyerShape shape = { FOYER_CODEC_PNG, WIDTH, 32, 0, 1, 0 };
  static const guint8 black[] = { 16, 128, 128 };
  g_autofree guint8 *picture = fill (32, black);
  guint8 seen[WIDTH * 32 * 3];
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) file = NULL;

  picture[5 * WIDTH + 9] = 235;
  file = foyer_still_encode (&shape, picture, &error);
  g_assert_no_error (error);
  decode (file, FOYER_CODEC_PNG, 32, seen);
  for (guint i = 0; i < WIDTH * 32; i++)
    g_assert_cmpint (seen[i * 3 + 1], ==, i == 5 * WIDTH + 9 ? 255 : 0);
}

static void
test_refused (void)
{
  static const FoyerShape bad[] = {
    { FOYER_CODEC_PNG, 15, 16, 0, 1, 0 },
    { FOYER_CODEC_JPEG, 16, 15, 0, 1, 0 },
    { FOYER_CODEC_RAW, 16, 16, 0, 1, 0 },
    { FOYER_CODEC_H264, 16, 16, 0, 1, 0 },
  };
  static const guint8 picture[16 * 16 * 3 / 2];

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (foyer_still_encode (&bad[i], picture, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/still/colours/png", GINT_TO_POINTER (FOYER_CODEC_PNG),
      test_colours);
  g_test_add_data_func ("/still/colours/jpeg",
      GINT_TO_POINTER (FOYER_CODEC_JPEG), test_colours);
  g_test_add_func ("/still/places", test_places);
  g_test_add_func ("/still/refused", test_refused);
  return g_test_run ();
}
