/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-slate.h"

#include "foyer-face.h"

#include <string.h>

/* Of a picture of 720 lines. */
#define MAX_SCALE   12
#define SMALL_SCALE 3
#define FULL_LINES  720

/* A quiet blue. */
#define GROUND_Y 40
#define GROUND_U 140
#define GROUND_V 120
#define INK_Y    220
#define FAINT_Y  120

static guint
fit_scale (guint scale, guint height_px)
{
  return MAX (scale * height_px / FULL_LINES, 1);
}

void
foyer_slate_draw_sized (guint8 *out, guint width_px, guint height_px,
    const char *title, const char *line)
{
  gsize n_luma = (gsize) width_px * height_px;
  const FoyerFacePlane plane = { out, width_px, width_px, height_px };

  memset (out, GROUND_Y, n_luma);
  memset (out + n_luma, GROUND_U, n_luma / 4);
  memset (out + n_luma + n_luma / 4, GROUND_V, n_luma / 4);
  foyer_face_draw_line (&plane, title, height_px / 3,
      fit_scale (MAX_SCALE, height_px), INK_Y);
  foyer_face_draw_line (&plane, line, height_px * 2 / 3,
      fit_scale (SMALL_SCALE, height_px), FAINT_Y);
}

void
foyer_slate_draw (guint8 *out, const char *name)
{
  foyer_slate_draw_sized (out, FOYER_SLATE_WIDTH_PX, FOYER_SLATE_HEIGHT_PX,
      name, "nothing is cast here");
}
