/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-fit.h"

/* Chroma is halved in both directions. */
#define SIDE_STEP_PX 2
#define NS_PER_S     G_GINT64_CONSTANT (1000000000)
#define JITTER_SHARE 4

static guint
side_round (guint64 side_px)
{
  side_px -= side_px % SIDE_STEP_PX;
  return (guint) MAX (side_px, SIDE_STEP_PX);
}

/* Square pixels, by making the longer side of each pixel shorter. */
static void
picture_square (const FoyerCastPicture *input, guint64 *width_px,
    guint64 *height_px)
{
  *width_px = input->width_px;
  *height_px = input->height_px;
  if (input->par_n == 0 || input->par_d == 0)
    return;
  if (input->par_n > input->par_d)
    *height_px = *height_px * input->par_d / input->par_n;
  else
    *width_px = *width_px * input->par_n / input->par_d;
}

/* Makes *a at most @max and *b follow. */
static void
side_limit (guint64 *a, guint64 *b, guint max)
{
  if (*a <= max)
    return;
  *b = *b * max / *a;
  *a = max;
}

static guint64
pixel_rate (const FoyerCastPicture *picture)
{
  return (guint64) picture->width_px * picture->height_px * picture->fps_n /
      picture->fps_d;
}

/* Smaller pictures rather than fewer: a camera is watched for its motion. */
static void
picture_limit_rate (FoyerCastPicture *picture, guint64 max_pixels_per_second)
{
  guint64 width_px = picture->width_px, height_px = picture->height_px;

  while (pixel_rate (picture) > max_pixels_per_second &&
      picture->width_px > 8 * SIDE_STEP_PX) {
    guint next_px = picture->width_px - SIDE_STEP_PX;

    picture->height_px = side_round (height_px * next_px / width_px);
    picture->width_px = next_px;
  }
}

static void
fps_fit (const FoyerCastPicture *input, const FoyerCastFitLimits *limits,
    FoyerCastPicture *fitted)
{
  gboolean is_said = limits->fps_n != 0 && limits->fps_d != 0;

  fitted->fps_n = is_said ? limits->fps_n : FOYER_CAST_FIT_DEFAULT_FPS;
  fitted->fps_d = is_said ? limits->fps_d : 1;
  if (input->fps_n == 0 || input->fps_d == 0)
    return;
  if ((guint64) input->fps_n * fitted->fps_d <
      (guint64) fitted->fps_n * input->fps_d) {
    fitted->fps_n = input->fps_n;
    fitted->fps_d = input->fps_d;
  }
}

static void
size_fit (const FoyerCastPicture *input, guint max_width_px,
    guint max_height_px, FoyerCastPicture *fitted)
{
  guint64 width_px, height_px;

  picture_square (input, &width_px, &height_px);
  side_limit (&width_px, &height_px, max_width_px);
  side_limit (&height_px, &width_px, max_height_px);
  fitted->width_px = side_round (width_px);
  fitted->height_px = side_round (height_px);
}

gboolean
foyer_cast_fit (const FoyerCastPicture *input, const FoyerCastFitLimits *limits,
    FoyerCastPicture *fitted)
{
  gboolean is_said = limits->width_px != 0 && limits->height_px != 0;
  guint width_px = is_said ? limits->width_px : FOYER_CAST_FIT_DEFAULT_WIDTH_PX;
  guint height_px = is_said ? limits->height_px
                            : FOYER_CAST_FIT_DEFAULT_HEIGHT_PX;

  if (input->width_px == 0 || input->height_px == 0)
    return FALSE;

  *fitted = (FoyerCastPicture){ .par_n = 1, .par_d = 1 };
  fps_fit (input, limits, fitted);
  if (is_said && limits->is_fixed_size) {
    fitted->width_px = side_round (width_px);
    fitted->height_px = side_round (height_px);
    return TRUE;
  }
  size_fit (input, width_px, height_px, fitted);
  if (limits->max_pixels_per_second != 0)
    picture_limit_rate (fitted, limits->max_pixels_per_second);
  return TRUE;
}

void
foyer_cast_thinner_init (FoyerCastThinner *self, guint fps_n, guint fps_d)
{
  self->due_ns = -1;
  self->period_ns = fps_n == 0 ? 0 : NS_PER_S * fps_d / fps_n;
}

gboolean
foyer_cast_thinner_accept (FoyerCastThinner *self, gint64 time_ns)
{
  gint64 slack_ns = self->period_ns / JITTER_SHARE;

  /* A clock that stepped back by more than a frame, or a first frame. */
  if (self->due_ns < 0 || time_ns < self->due_ns - 2 * self->period_ns) {
    self->due_ns = time_ns + self->period_ns;
    return TRUE;
  }
  if (time_ns < self->due_ns - slack_ns)
    return FALSE;
  /* Keep the rhythm, but owe nothing to a pause. */
  self->due_ns = MAX (self->due_ns, time_ns - slack_ns) + self->period_ns;
  return TRUE;
}
