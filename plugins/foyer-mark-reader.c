/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-mark-reader.h"

#include "foyer-mark-finder.h"

#include <string.h>

/* The dark frame and what it holds, in cells. */
#define FRAME_COLUMNS (FOYER_MARK_COLUMNS + 2)
#define FRAME_ROWS    (FOYER_MARK_ROWS + 1)

/* Brightness is compared within this many columns to each side, so that one
 * end of the mark may be in the shade. */
#define NEAR_COLUMNS 5

/* Light and dark must differ by this in luma: noise alone doesn't. */
#define MIN_CONTRAST 12

/* Of the frame and the quiet zone, this much must look as it should. */
#define MIN_RING_PERCENT 75

/* After this many pictures in vain, only each n-th is searched. */
#define PATIENCE     8
#define SEARCH_EVERY 8

/* A frame's ends are too short to be measured to the per cent, but how long
 * they are says how far apart the cells near them are: a step in taper moves
 * the middle cells by a fourth of one. */
#define TAPER_STEP 0.013
#define MAX_TAPER  4

struct _FoyerMarkReader
{
  FoyerMarkFinder *finder;
  FoyerMarkQuad last; /* where the last mark was; all 0 before */
  guint n_in_vain;    /* pictures since the last mark */
};

/* A plane seen in perspective: (u, v) in cells from the frame's corner lies
 * at ((a u + b v + c) / w, (d u + e v + f) / w), w = g u + h v + 1. Floating
 * point, since nothing else is as short. */
typedef struct
{
  double a, b, c, d, e, f, g, h;
} Projection;

typedef struct
{
  int luma[FOYER_MARK_ROWS][FOYER_MARK_COLUMNS];
  int threshold[FOYER_MARK_COLUMNS];
} Cells;

/* Heckbert, Fundamentals of Texture Mapping and Image Warping, §2.2.2: the
 * unit square to a quad; then the square is scaled to cells. */
static gboolean
projection_init (Projection *self, const FoyerMarkQuad *quad)
{
  const FoyerMarkPoint *p = quad->corner;
  double dx1 = p[1].x - p[2].x, dy1 = p[1].y - p[2].y;
  double dx2 = p[3].x - p[2].x, dy2 = p[3].y - p[2].y;
  double sx = p[0].x - p[1].x + p[2].x - p[3].x;
  double sy = p[0].y - p[1].y + p[2].y - p[3].y;
  double area = dx1 * dy2 - dx2 * dy1;
  double g, h;

  if (area > -1.0 && area < 1.0)
    return FALSE;
  g = (sx * dy2 - dx2 * sy) / area;
  h = (dx1 * sy - sx * dy1) / area;
  *self = (Projection){
    .a = (p[1].x - p[0].x + g * p[1].x) / FRAME_COLUMNS,
    .b = (p[3].x - p[0].x + h * p[3].x) / FRAME_ROWS,
    .c = p[0].x,
    .d = (p[1].y - p[0].y + g * p[1].y) / FRAME_COLUMNS,
    .e = (p[3].y - p[0].y + h * p[3].y) / FRAME_ROWS,
    .f = p[0].y,
    .g = g / FRAME_COLUMNS,
    .h = h / FRAME_ROWS,
  };
  return TRUE;
}

/* The nearest pixel of the picture, whatever the projection says. */
static int
clamp_pixel (double at, int size_px)
{
  return at > 0.0 ? (at < size_px - 1 ? (int) at : size_px - 1) : 0;
}

static int
sample (const FoyerMarkPicture *picture, const Projection *p, double u,
    double v)
{
  double w = p->g * u + p->h * v + 1.0;
  double x = p->a * u + p->b * v + p->c;
  double y = p->d * u + p->e * v + p->f;

  if (w < 0.01)
    return 0;
  return foyer_mark_picture_get (picture,
      clamp_pixel (x / w, picture->width_px),
      clamp_pixel (y / w, picture->height_px));
}

/* The mean of the inner part of a cell: its edges are blurred. */
static int
sample_cell (const FoyerMarkPicture *picture, const Projection *p, double u,
    double v)
{
  static const double offsets[] = { 0.29, 0.43, 0.57, 0.71 };
  int sum = 0;

  for (gsize j = 0; j < G_N_ELEMENTS (offsets); j++) {
    for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++)
      sum += sample (picture, p, u + offsets[i], v + offsets[j]);
  }
  return sum / (int) (G_N_ELEMENTS (offsets) * G_N_ELEMENTS (offsets));
}

static void
cells_sample (Cells *self, const FoyerMarkPicture *picture,
    const Projection *projection)
{
  for (int row = 0; row < FOYER_MARK_ROWS; row++) {
    for (int column = 0; column < FOYER_MARK_COLUMNS; column++)
      self->luma[row][column] = sample_cell (picture, projection, column + 1.0,
          row + 0.5);
  }
}

/* Sums up the cells in columns @from to @to that are above @limit, or not. */
static int
cells_mean (const Cells *self, int from, int to, int limit, gboolean is_above)
{
  int sum = 0, n = 0;

  for (int row = 0; row < FOYER_MARK_ROWS; row++) {
    for (int column = from; column <= to; column++) {
      if ((self->luma[row][column] > limit) == is_above) {
        sum += self->luma[row][column];
        n++;
      }
    }
  }
  return n > 0 ? sum / n : limit;
}

/* Half way between the light and the dark cells near each column. */
static gboolean
cells_find_thresholds (Cells *self)
{
  for (int column = 0; column < FOYER_MARK_COLUMNS; column++) {
    int from = MAX (column - NEAR_COLUMNS, 0);
    int to = MIN (column + NEAR_COLUMNS, FOYER_MARK_COLUMNS - 1);
    int mean = cells_mean (self, from, to, -1, TRUE);
    int light = cells_mean (self, from, to, mean, TRUE);
    int dark = cells_mean (self, from, to, mean, FALSE);

    if (light - dark < MIN_CONTRAST)
      return FALSE;
    self->threshold[column] = (light + dark) / 2;
  }
  return TRUE;
}

static gboolean
cells_decode (const Cells *self, FoyerMark *mark)
{
  guint8 bytes[FOYER_MARK_N_BYTES] = { 0 };

  for (int row = 0; row < FOYER_MARK_ROWS; row++) {
    for (int column = 0; column < FOYER_MARK_COLUMNS; column++) {
      int bit = row * FOYER_MARK_COLUMNS + column;

      if (self->luma[row][column] > self->threshold[column])
        bytes[bit / 8] |= (guint8) (0x80 >> bit % 8);
    }
  }
  return foyer_mark_decode (mark, bytes);
}

/* The frame is dark and the quiet zone light all around. Few pictures without
 * a mark look so: this keeps chance away from the checksum. */
static gboolean
ring_is_right (const Cells *cells, const FoyerMarkPicture *picture,
    const Projection *projection)
{
  int n_right = 0, n = 0;

  for (int i = 0; i < FRAME_COLUMNS; i++) {
    int limit = cells->threshold[CLAMP (i - 1, 0, FOYER_MARK_COLUMNS - 1)];

    n_right += sample (picture, projection, i + 0.5, -0.25) > limit;
    n_right += sample (picture, projection, i + 0.5, 0.25) <= limit;
    n_right += sample (picture, projection, i + 0.5, FRAME_ROWS - 0.25) <=
        limit;
    n_right += sample (picture, projection, i + 0.5, FRAME_ROWS + 0.25) > limit;
    n += 4;
  }
  for (int i = 0; i < 2 * FRAME_ROWS; i++) {
    int left = cells->threshold[0];
    int right = cells->threshold[FOYER_MARK_COLUMNS - 1];
    double v = (i + 0.5) / 2;

    n_right += sample (picture, projection, -0.5, v) > left;
    n_right += sample (picture, projection, 0.5, v) <= left;
    n_right += sample (picture, projection, FRAME_COLUMNS - 0.5, v) <= right;
    n_right += sample (picture, projection, FRAME_COLUMNS + 0.5, v) > right;
    n += 4;
  }
  return n_right * 100 >= n * MIN_RING_PERCENT;
}

static gboolean
read_at (const FoyerMarkPicture *picture, const FoyerMarkQuad *quad,
    FoyerMark *mark)
{
  Projection projection;
  Cells cells;

  if (!projection_init (&projection, quad))
    return FALSE;
  cells_sample (&cells, picture, &projection);
  return cells_find_thresholds (&cells) &&
      ring_is_right (&cells, picture, &projection) &&
      cells_decode (&cells, mark);
}

/* Where foyer_mark_paint() puts the frame. */
static FoyerMarkQuad
place_painted (const FoyerMarkPicture *picture)
{
  double half_x = (double) picture->width_px / FOYER_MARK_HALVES_X;
  double half_y = (double) picture->height_px / (5 * FOYER_MARK_HALVES_Y);
  double left = half_x * FOYER_MARK_FRAME_HALVES_X;
  double right = picture->width_px - left;
  double top = half_y * FOYER_MARK_FRAME_HALVES_Y;
  double bottom = half_y * (FOYER_MARK_HALVES_Y - FOYER_MARK_FRAME_HALVES_Y);

  return (FoyerMarkQuad){ { { left, top }, { right, top }, { right, bottom },
      { left, bottom } } };
}

FoyerMarkReader *
foyer_mark_reader_new (void)
{
  FoyerMarkReader *self = g_new0 (FoyerMarkReader, 1);

  self->finder = foyer_mark_finder_new ();
  return self;
}

static gboolean
read_here (FoyerMarkReader *self, const FoyerMarkPicture *picture,
    const FoyerMarkQuad *quad, FoyerMark *mark)
{
  if (!read_at (picture, quad, mark))
    return FALSE;
  self->last = *quad;
  return TRUE;
}

/* Moves two points apart, by @share of their distance. */
static void
spread (FoyerMarkPoint *p, FoyerMarkPoint *q, double share)
{
  double dx = (q->x - p->x) * share / 2;
  double dy = (q->y - p->y) * share / 2;

  p->x -= dx;
  p->y -= dy;
  q->x += dx;
  q->y += dy;
}

static FoyerMarkQuad
quad_taper (const FoyerMarkQuad *self, double share)
{
  FoyerMarkQuad quad = *self;

  spread (&quad.corner[0], &quad.corner[3], share);
  spread (&quad.corner[1], &quad.corner[2], -share);
  return quad;
}

/* Tries the quad as it is first, then ever further from it. */
static gboolean
read_near (FoyerMarkReader *self, const FoyerMarkPicture *picture,
    const FoyerMarkQuad *quad, FoyerMark *mark)
{
  for (int i = 0; i <= 2 * MAX_TAPER; i++) {
    int n_steps = i % 2 == 0 ? i / 2 : -(i + 1) / 2;
    FoyerMarkQuad tapered = quad_taper (quad, n_steps * TAPER_STEP);

    if (read_here (self, picture, &tapered, mark))
      return TRUE;
  }
  return FALSE;
}

static gboolean
read_anywhere (FoyerMarkReader *self, const FoyerMarkPicture *picture,
    FoyerMark *mark)
{
  FoyerMarkQuad quads[FOYER_MARK_FINDER_MAX_QUADS];
  int n_quads = foyer_mark_finder_find (self->finder, picture, quads);

  for (int i = 0; i < n_quads; i++) {
    if (read_near (self, picture, &quads[i], mark))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_search_due (const FoyerMarkReader *self)
{
  return self->n_in_vain < PATIENCE || self->n_in_vain % SEARCH_EVERY == 0;
}

gboolean
foyer_mark_reader_read (FoyerMarkReader *self, const FoyerMarkPicture *picture,
    FoyerMark *mark)
{
  FoyerMarkQuad painted = place_painted (picture);
  gboolean is_read = read_at (picture, &self->last, mark) ||
      read_here (self, picture, &painted, mark) ||
      (is_search_due (self) && read_anywhere (self, picture, mark));

  self->n_in_vain = is_read ? 0 : self->n_in_vain + 1;
  return is_read;
}

void
foyer_mark_reader_free (FoyerMarkReader *self)
{
  g_clear_pointer (&self->finder, foyer_mark_finder_free);
  g_free (self);
}
