/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-picture.h"

#include <math.h>
#include <string.h>

#define N_BOXES 40

/* Each pixel of a drawn picture is the mean of this many squared. */
#define N_SAMPLES 2

void
foyer_test_picture_init (FoyerTestPicture *self, int width_px, int height_px,
    guint8 luma)
{
  gsize n_bytes = (gsize) width_px * (gsize) height_px;

  self->luma = g_malloc (n_bytes);
  self->width_px = width_px;
  self->height_px = height_px;
  memset (self->luma, luma, n_bytes);
}

void
foyer_test_picture_clear (FoyerTestPicture *self)
{
  g_clear_pointer (&self->luma, g_free);
}

static void
fill_box (FoyerTestPicture *self, int x, int y, int width, int height,
    guint8 luma)
{
  int to_x = MIN (x + width, self->width_px);
  int to_y = MIN (y + height, self->height_px);

  for (; y < to_y; y++)
    memset (self->luma + y * self->width_px + x, luma, (gsize) (to_x - x));
}

void
foyer_test_picture_scatter (FoyerTestPicture *self, GRand *rand)
{
  for (int i = 0; i < N_BOXES; i++)
    fill_box (self, g_rand_int_range (rand, 0, self->width_px),
        g_rand_int_range (rand, 0, self->height_px),
        g_rand_int_range (rand, 1, self->width_px / 2),
        g_rand_int_range (rand, 1, self->height_px / 2),
        (guint8) g_rand_int_range (rand, 0, 256));
}

typedef struct
{
  double x, y, scale, sine, cosine, tilt_x, tilt_y;
} Sight;

/* Where the line of sight through (@x, @y) meets the display, in its pixels
 * from its centre. */
static FoyerMarkPoint
look_at_display (const FoyerTestPicture *display, const Sight *view, double x,
    double y)
{
  double dx = (x - view->x) / view->scale;
  double dy = (y - view->y) / view->scale;
  double u = view->cosine * dx + view->sine * dy;
  double v = view->cosine * dy - view->sine * dx;
  double nearness = 1 + view->tilt_x * u * 2 / display->width_px +
      view->tilt_y * v * 2 / display->height_px;

  return (FoyerMarkPoint){ u / nearness, v / nearness };
}

/* What is seen from (@x, @y): the display, or what was there before. */
static int
see (const FoyerTestPicture *self, const FoyerTestPicture *display,
    const Sight *view, double x, double y)
{
  FoyerMarkPoint at = look_at_display (display, view, x, y);
  int column = (int) floor (at.x + display->width_px / 2.0);
  int row = (int) floor (at.y + display->height_px / 2.0);

  if (column < 0 || column >= display->width_px || row < 0 ||
      row >= display->height_px)
    return self->luma[(int) y * self->width_px + (int) x];
  return display->luma[row * display->width_px + column];
}

void
foyer_test_picture_film (FoyerTestPicture *self, const FoyerTestPicture *from,
    const FoyerTestView *view)
{
  double turn = view->degrees * G_PI / 180;
  const Sight sight = { view->x, view->y, view->scale, sin (turn), cos (turn),
    view->tilt_x, view->tilt_y };

  for (int i = 0; i < self->width_px * self->height_px; i++) {
    int sum = 0;

    for (int j = 0; j < N_SAMPLES * N_SAMPLES; j++)
      sum += see (self, from, &sight,
          i % self->width_px + (j % N_SAMPLES + 0.5) / N_SAMPLES,
          i / self->width_px + (j / N_SAMPLES + 0.5) / N_SAMPLES);
    self->luma[i] = (guint8) (sum / (N_SAMPLES * N_SAMPLES));
  }
}

/* The mean of the pixels of @from that one of @width x @height covers. */
static guint8
shrink_pixel (const FoyerTestPicture *from, int x, int y, int width, int height)
{
  int from_x = x * from->width_px / width;
  int from_y = y * from->height_px / height;
  int to_x = MAX ((x + 1) * from->width_px / width, from_x + 1);
  int to_y = MAX ((y + 1) * from->height_px / height, from_y + 1);
  int sum = 0;

  for (int j = from_y; j < to_y; j++) {
    for (int i = from_x; i < to_x; i++)
      sum += from->luma[j * from->width_px + i];
  }
  return (guint8) (sum / ((to_x - from_x) * (to_y - from_y)));
}

void
foyer_test_picture_scale (FoyerTestPicture *self, const FoyerTestPicture *from,
    int x, int y, int width_px, int height_px)
{
  for (int j = 0; j < height_px; j++) {
    for (int i = 0; i < width_px; i++)
      self->luma[(y + j) * self->width_px + x + i] = shrink_pixel (from, i, j,
          width_px, height_px);
  }
}

/* Blurs a line of pixels that are @step apart. */
static void
blur_line (guint8 *line, int n, int step, int radius_px)
{
  g_autofree guint8 *copy = g_malloc ((gsize) n);

  for (int i = 0; i < n; i++)
    copy[i] = line[i * step];
  for (int i = 0; i < n; i++) {
    int from = MAX (i - radius_px, 0);
    int to = MIN (i + radius_px, n - 1);
    int sum = 0;

    for (int j = from; j <= to; j++)
      sum += copy[j];
    line[i * step] = (guint8) (sum / (to - from + 1));
  }
}

void
foyer_test_picture_blur (FoyerTestPicture *self, int radius_px)
{
  for (int y = 0; y < self->height_px; y++)
    blur_line (self->luma + y * self->width_px, self->width_px, 1, radius_px);
  for (int x = 0; x < self->width_px; x++)
    blur_line (self->luma + x, self->height_px, self->width_px, radius_px);
}

void
foyer_test_picture_add_noise (FoyerTestPicture *self, GRand *rand,
    int amplitude)
{
  for (int i = 0; i < self->width_px * self->height_px; i++) {
    int luma = self->luma[i] +
        g_rand_int_range (rand, -amplitude, amplitude + 1);

    self->luma[i] = (guint8) CLAMP (luma, 0, G_MAXUINT8);
  }
}

void
foyer_test_picture_tone (FoyerTestPicture *self, double gamma, int black,
    int white)
{
  for (int i = 0; i < self->width_px * self->height_px; i++)
    self->luma[i] = (guint8) (black +
        (white - black) * pow (self->luma[i] / 255.0, gamma));
}

void
foyer_test_picture_shade (FoyerTestPicture *self, int percent)
{
  for (int i = 0; i < self->width_px * self->height_px; i++) {
    int x = i % self->width_px;
    int kept = percent + (100 - percent) * x / self->width_px;

    self->luma[i] = (guint8) (self->luma[i] * kept / 100);
  }
}

FoyerMarkPicture
foyer_test_picture_view (const FoyerTestPicture *self)
{
  return (FoyerMarkPicture){
    .luma = self->luma,
    .stride_bytes = (gsize) self->width_px,
    .step_bytes = 1,
    .width_px = self->width_px,
    .height_px = self->height_px,
  };
}
