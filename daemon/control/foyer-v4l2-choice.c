/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-v4l2-choice.h"

/* What a pixel costs until it can be encoded, in no unit. */
#define COST_RAW   1
#define COST_MJPEG 4
#define COST_H264  8

static double
get_rate_fps (const FoyerV4l2Mode *mode, double wanted_fps)
{
  if (mode->fps_n == 0)
    return wanted_fps / 2;
  return (double) mode->fps_n / mode->fps_d;
}

static double
get_worth (const FoyerV4l2Mode *mode, const FoyerV4l2Wish *wish)
{
  double wanted_fps = (double) wish->fps_n / wish->fps_d;
  double rate_fps = MIN (get_rate_fps (mode, wanted_fps), wanted_fps);
  double n_px = (double) MIN (mode->width_px, wish->width_px) *
      MIN (mode->height_px, wish->height_px);

  return n_px * rate_fps * rate_fps;
}

/* What is sent on must fit as it is; nobody makes it smaller. */
static gboolean
goes_on (const FoyerV4l2Mode *mode, const FoyerV4l2Wish *wish)
{
  return mode->format == FOYER_V4L2_FORMAT_H264 && wish->takes_h264 &&
      mode->width_px <= wish->width_px && mode->height_px <= wish->height_px;
}

static double
get_cost (const FoyerV4l2Mode *mode, const FoyerV4l2Wish *wish)
{
  double n_px = (double) mode->width_px * mode->height_px *
      get_rate_fps (mode, (double) wish->fps_n / wish->fps_d);

  if (goes_on (mode, wish))
    return 0;
  switch (mode->format) {
    case FOYER_V4L2_FORMAT_RAW:
      return COST_RAW * n_px;
    case FOYER_V4L2_FORMAT_MJPEG:
      return COST_MJPEG * n_px;
    case FOYER_V4L2_FORMAT_NONE:
    case FOYER_V4L2_FORMAT_H264:
      break;
  }
  return COST_H264 * n_px;
}

static gboolean
is_better (const FoyerV4l2Mode *a, const FoyerV4l2Mode *b,
    const FoyerV4l2Wish *wish)
{
  double worth_a = get_worth (a, wish);
  double worth_b = get_worth (b, wish);

  if (worth_a > worth_b || worth_a < worth_b)
    return worth_a > worth_b;
  return get_cost (a, wish) < get_cost (b, wish);
}

const FoyerV4l2Mode *
foyer_v4l2_choose (const GArray *modes, const FoyerV4l2Wish *wish)
{
  const FoyerV4l2Mode *best = NULL;

  for (guint i = 0; i < modes->len; i++) {
    const FoyerV4l2Mode *mode = &g_array_index (modes, FoyerV4l2Mode, i);

    if (best == NULL || is_better (mode, best, wish))
      best = mode;
  }
  return best;
}
