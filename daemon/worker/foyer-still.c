/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-still.h"

#include <gio/gio.h>
#include <png.h>
#include <turbojpeg.h>

#define N_COLOURS     3 /* bytes of a pixel */
#define SD_LINES      576
#define JPEG_QUALITY  90
#define BITS          8
#define HALF          (1 << (BITS - 1))
#define BLACK         16
#define NO_COLOUR     128
#define CLAMP_BYTE(x) ((guint8) CLAMP (x, 0, G_MAXUINT8))

/* What U and V give to red, green and blue, of 256ths. */
typedef struct
{
  int red_v;
  int green_u;
  int green_v;
  int blue_u;
} Matrix;

#define LUMA 298 /* 219 steps stretched to 255 */

static const Matrix bt601 = { 409, 100, 208, 516 };
static const Matrix bt709 = { 459, 55, 136, 541 };

static void
convert_pixel (const Matrix *matrix, int luma, int u, int v, guint8 *out)
{
  int y = LUMA * (luma - BLACK) + HALF;

  out[0] = CLAMP_BYTE ((y + matrix->red_v * v) / (1 << BITS));
  out[1] = CLAMP_BYTE (
      (y - matrix->green_u * u - matrix->green_v * v) / (1 << BITS));
  out[2] = CLAMP_BYTE ((y + matrix->blue_u * u) / (1 << BITS));
}

/* (transfer full): red, green and blue, row after row. */
static guint8 *
convert (const FoyerShape *shape, const guint8 *picture)
{
  gsize width = shape->width_px, height = shape->height_px;
  const Matrix *matrix = height > SD_LINES ? &bt709 : &bt601;
  const guint8 *u = picture + width * height;
  const guint8 *v = u + width * height / 4;
  guint8 *out = g_malloc (width * height * N_COLOURS);

  for (gsize row = 0; row < height; row++) {
    for (gsize column = 0; column < width; column++) {
      gsize chroma = row / 2 * (width / 2) + column / 2;
      gsize at = row * width + column;

      convert_pixel (matrix, picture[at], u[chroma] - NO_COLOUR,
          v[chroma] - NO_COLOUR, out + at * N_COLOURS);
    }
  }
  return out;
}

static GBytes *
make_png (const FoyerShape *shape, const guint8 *colours, GError **error)
{
  png_image image = { .version = PNG_IMAGE_VERSION,
    .width = shape->width_px,
    .height = shape->height_px,
    .format = PNG_FORMAT_RGB,
    .flags = PNG_IMAGE_FLAG_FAST };
  png_alloc_size_t n_bytes = PNG_IMAGE_PNG_SIZE_MAX (image);
  g_autofree guint8 *file = g_malloc (n_bytes);

  if (!png_image_write_to_memory (&image, file, &n_bytes, FALSE, colours, 0,
          NULL)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "coding a PNG: %s",
        image.message);
    return NULL;
  }
  return g_bytes_new (file, n_bytes);
}

static GBytes *
make_jpeg (const FoyerShape *shape, const guint8 *colours, GError **error)
{
  tjhandle coder = tjInitCompress ();
  unsigned char *file = NULL;
  unsigned long n_bytes = 0;
  GBytes *bytes = NULL;

  if (coder != NULL &&
      tjCompress2 (coder, colours, shape->width_px, 0, shape->height_px,
          TJPF_RGB, &file, &n_bytes, TJSAMP_420, JPEG_QUALITY, 0) == 0)
    bytes = g_bytes_new (file, n_bytes);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "coding a JPEG: %s",
        tjGetErrorStr2 (coder));
  tjFree (file);
  if (coder != NULL)
    tjDestroy (coder);
  return bytes;
}

GBytes *
foyer_still_encode (const FoyerShape *shape, const guint8 *picture,
    GError **error)
{
  g_autofree guint8 *colours = NULL;

  if (shape->width_px % 2 != 0 || shape->height_px % 2 != 0 ||
      (shape->codec != FOYER_CODEC_PNG && shape->codec != FOYER_CODEC_JPEG)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "that is no picture of its own");
    return NULL;
  }
  colours = convert (shape, picture);
  return shape->codec == FOYER_CODEC_PNG ? make_png (shape, colours, error)
                                         : make_jpeg (shape, colours, error);
}
