/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-mark-finder.h"

#include <math.h>

/* Pictures are made about this wide first: a mark that fills half of one
 * still has cells of eight pixels. */
#define SEARCH_WIDTH_PX 640

/* Light and dark are told apart within three by three tiles of this size,
 * each of which sees more than one cell of a mark. */
#define TILE_PX      8
#define MIN_CONTRAST 20

/* A picture of noise has more runs than this; one with a mark, far fewer. */
#define MAX_RUNS (1 << 16)

/* The least frame whose cells can be told apart, and how long for its height
 * it is at least, turned by ten degrees in a picture of 4:3. */
#define MIN_FRAME_WIDTH_PX  76
#define MIN_FRAME_HEIGHT_PX 10
#define MIN_ASPECT          2

/* Edges are fitted to what lies between these parts of a side, without the
 * corners, and again without what is this far off. */
#define CORNER_PERCENT 10
#define MAX_OFF_PX     1.5
#define N_FITS         3

/* Dark pixels side by side; joined to shapes by union-find. */
typedef struct
{
  int y;
  int from; /* the first x */
  int to;   /* after the last */
  int parent;
} Run;

/* What encloses a shape, and its corners: the ends of its diagonals. */
typedef struct
{
  int root;
  int min_x, max_x; /* max: exclusive */
  int min_y, max_y;
  int corner_x[4]; /* clockwise from the upper left */
  int corner_y[4];
  int n_pixels;
} Shape;

typedef struct
{
  double slope;
  double offset;
} Line;

struct _FoyerMarkFinder
{
  int width; /* of the small picture */
  int height;
  int scale;
  int tiles_x;
  int tiles_y;
  int n_runs;
  guint8 *luma;     /* width x height */
  guint8 *lightest; /* tiles_x x tiles_y */
  guint8 *darkest;
  int *edge[4]; /* top and bottom by column, left and right by row */
  Run *runs;    /* MAX_RUNS */
};

enum
{
  TOP,
  BOTTOM,
  LEFT,
  RIGHT
};

static void
finder_clear (FoyerMarkFinder *self)
{
  g_clear_pointer (&self->luma, g_free);
  g_clear_pointer (&self->lightest, g_free);
  g_clear_pointer (&self->darkest, g_free);
  for (int i = 0; i < 4; i++)
    g_clear_pointer (&self->edge[i], g_free);
}

static void
finder_ensure_size (FoyerMarkFinder *self, const FoyerMarkPicture *picture)
{
  int scale = (picture->width_px + SEARCH_WIDTH_PX - 1) / SEARCH_WIDTH_PX;
  int width = picture->width_px / scale;
  int height = picture->height_px / scale;

  self->scale = scale;
  if (width == self->width && height == self->height)
    return;
  finder_clear (self);
  self->width = width;
  self->height = height;
  self->tiles_x = (width + TILE_PX - 1) / TILE_PX;
  self->tiles_y = (height + TILE_PX - 1) / TILE_PX;
  self->luma = g_malloc_n ((gsize) width, (gsize) height);
  self->lightest = g_malloc_n ((gsize) self->tiles_x, (gsize) self->tiles_y);
  self->darkest = g_malloc_n ((gsize) self->tiles_x, (gsize) self->tiles_y);
  for (int i = 0; i < 4; i++)
    self->edge[i] = g_new (int, i < LEFT ? width : height);
}

static guint8
mean_of_block (const FoyerMarkPicture *picture, const guint8 *block, int scale)
{
  int sum = 0;

  for (int j = 0; j < scale; j++) {
    for (int i = 0; i < scale; i++)
      sum += block[i * picture->step_bytes];
    block += picture->stride_bytes;
  }
  return (guint8) (sum / (scale * scale));
}

static void
finder_load (FoyerMarkFinder *self, const FoyerMarkPicture *picture)
{
  int scale, block_bytes;

  finder_ensure_size (self, picture);
  scale = self->scale;
  block_bytes = scale * picture->step_bytes;
  for (int y = 0; y < self->height; y++) {
    const guint8 *in = picture->luma +
        (gsize) (y * scale) * picture->stride_bytes;
    guint8 *out = self->luma + y * self->width;

    for (int x = 0; x < self->width; x++)
      out[x] = scale == 1
          ? in[x * block_bytes]
          : mean_of_block (picture, in + x * block_bytes, scale);
  }
}

static void
finder_measure_tile (FoyerMarkFinder *self, int tile_x, int tile_y)
{
  int to_x = MIN ((tile_x + 1) * TILE_PX, self->width);
  int to_y = MIN ((tile_y + 1) * TILE_PX, self->height);
  guint8 darkest = G_MAXUINT8;
  guint8 lightest = 0;

  for (int y = tile_y * TILE_PX; y < to_y; y++) {
    for (int x = tile_x * TILE_PX; x < to_x; x++) {
      guint8 luma = self->luma[y * self->width + x];

      darkest = MIN (darkest, luma);
      lightest = MAX (lightest, luma);
    }
  }
  self->darkest[tile_y * self->tiles_x + tile_x] = darkest;
  self->lightest[tile_y * self->tiles_x + tile_x] = lightest;
}

static void
finder_measure_tiles (FoyerMarkFinder *self)
{
  for (int y = 0; y < self->tiles_y; y++) {
    for (int x = 0; x < self->tiles_x; x++)
      finder_measure_tile (self, x, y);
  }
}

/* Below which luma a pixel of this tile is dark; 0 where all is alike. */
static int
finder_get_threshold (const FoyerMarkFinder *self, int tile_x, int tile_y)
{
  int darkest = G_MAXUINT8;
  int lightest = 0;

  for (int y = MAX (tile_y - 1, 0); y < MIN (tile_y + 2, self->tiles_y); y++) {
    for (int x = MAX (tile_x - 1, 0); x < MIN (tile_x + 2, self->tiles_x);
         x++) {
      darkest = MIN (darkest, self->darkest[y * self->tiles_x + x]);
      lightest = MAX (lightest, self->lightest[y * self->tiles_x + x]);
    }
  }
  return lightest - darkest < MIN_CONTRAST ? 0 : (lightest + darkest + 1) / 2;
}

static int
run_find_root (Run *runs, int i)
{
  while (runs[i].parent != i) {
    runs[i].parent = runs[runs[i].parent].parent;
    i = runs[i].parent;
  }
  return i;
}

/* Adds the run to its row, and joins it to those that touch it from above;
 * @above is the first of these that may, and only moves on. */
static gboolean
finder_add_run (FoyerMarkFinder *self, int y, int from, int to, int *above)
{
  int i = self->n_runs;
  Run *runs = self->runs;

  if (i == MAX_RUNS)
    return FALSE;
  runs[i] = (Run){ .y = y, .from = from, .to = to, .parent = i };
  self->n_runs++;
  while (*above < i &&
      (runs[*above].y < y - 1 ||
          (runs[*above].y == y - 1 && runs[*above].to <= from)))
    (*above)++;
  for (int j = *above; runs[j].y == y - 1 && runs[j].from < to; j++)
    runs[run_find_root (runs, j)].parent = run_find_root (runs, i);
  return TRUE;
}

static gboolean
finder_add_row (FoyerMarkFinder *self, int y, int *above)
{
  const guint8 *row = self->luma + y * self->width;
  int threshold = 0;
  int from = -1;

  for (int x = 0; x < self->width; x++) {
    if (x % TILE_PX == 0)
      threshold = finder_get_threshold (self, x / TILE_PX, y / TILE_PX);
    if (row[x] < threshold) {
      from = from < 0 ? x : from;
    } else if (from >= 0) {
      if (!finder_add_run (self, y, from, x, above))
        return FALSE;
      from = -1;
    }
  }
  return from < 0 || finder_add_run (self, y, from, self->width, above);
}

static gboolean
finder_add_rows (FoyerMarkFinder *self)
{
  int above = 0;

  self->n_runs = 0;
  for (int y = 0; y < self->height; y++) {
    if (!finder_add_row (self, y, &above))
      return FALSE;
  }
  return TRUE;
}

static void
shape_move_corner (Shape *self, int i, int x, int y, gboolean is_further)
{
  if (is_further) {
    self->corner_x[i] = x;
    self->corner_y[i] = y;
  }
}

static void
shape_add_run (Shape *self, const Run *run)
{
  const int *x = self->corner_x;
  const int *y = self->corner_y;
  int from = run->from, to = run->to, top = run->y, bottom = run->y + 1;

  self->min_x = MIN (self->min_x, from);
  self->max_x = MAX (self->max_x, to);
  self->min_y = MIN (self->min_y, top);
  self->max_y = MAX (self->max_y, bottom);
  self->n_pixels += to - from;
  shape_move_corner (self, 0, from, top, from + top < x[0] + y[0]);
  shape_move_corner (self, 1, to, top, to - top > x[1] - y[1]);
  shape_move_corner (self, 2, to, bottom, to + bottom > x[2] + y[2]);
  shape_move_corner (self, 3, from, bottom, from - bottom < x[3] - y[3]);
}

static Shape
shape_start (int root, const Run *run)
{
  return (Shape){
    .root = root,
    .min_x = run->from,
    .max_x = run->to,
    .min_y = run->y,
    .max_y = run->y + 1,
    .corner_x = { run->from, run->to, run->to, run->from },
    .corner_y = { run->y, run->y, run->y + 1, run->y + 1 },
  };
}

static gboolean
shape_may_be_frame (const Shape *self)
{
  int width = self->max_x - self->min_x;
  int height = self->max_y - self->min_y;

  return width >= MIN_FRAME_WIDTH_PX && height >= MIN_FRAME_HEIGHT_PX &&
      width >= MIN_ASPECT * height;
}

/* Keeps the largest shapes, the largest first. */
static int
shapes_insert (Shape *shapes, int n_shapes, const Shape *shape)
{
  int i = n_shapes;

  while (i > 0 && shapes[i - 1].n_pixels < shape->n_pixels) {
    if (i < FOYER_MARK_FINDER_MAX_QUADS)
      shapes[i] = shapes[i - 1];
    i--;
  }
  if (i < FOYER_MARK_FINDER_MAX_QUADS)
    shapes[i] = *shape;
  return MIN (n_shapes + 1, FOYER_MARK_FINDER_MAX_QUADS);
}

static int
finder_collect_shapes (FoyerMarkFinder *self, Shape *shapes)
{
  g_autofree Shape *all = g_new (Shape, self->n_runs + 1);
  g_autofree int *shape_of = g_new (int, self->n_runs + 1);
  int n_all = 0;
  int n_shapes = 0;

  for (int i = 0; i < self->n_runs; i++)
    shape_of[i] = -1;
  for (int i = 0; i < self->n_runs; i++) {
    int root = run_find_root (self->runs, i);

    if (shape_of[root] < 0) {
      shape_of[root] = n_all;
      all[n_all++] = shape_start (root, &self->runs[i]);
    }
    shape_add_run (&all[shape_of[root]], &self->runs[i]);
  }
  for (int i = 0; i < n_all; i++) {
    if (shape_may_be_frame (&all[i]))
      n_shapes = shapes_insert (shapes, n_shapes, &all[i]);
  }
  return n_shapes;
}

/* How far the shape reaches in each column and row. */
static void
finder_trace_edges (FoyerMarkFinder *self, const Shape *shape)
{
  for (int x = shape->min_x; x < shape->max_x; x++)
    self->edge[TOP][x] = G_MAXINT;
  for (int y = shape->min_y; y < shape->max_y; y++) {
    self->edge[LEFT][y] = G_MAXINT;
    self->edge[RIGHT][y] = 0;
  }
  for (int i = 0; i < self->n_runs; i++) {
    const Run *run = &self->runs[i];

    if (run_find_root (self->runs, i) != shape->root)
      continue;
    for (int x = run->from; x < run->to; x++) {
      self->edge[TOP][x] = MIN (self->edge[TOP][x], run->y);
      self->edge[BOTTOM][x] = run->y + 1;
    }
    self->edge[LEFT][run->y] = MIN (self->edge[LEFT][run->y], run->from);
    self->edge[RIGHT][run->y] = MAX (self->edge[RIGHT][run->y], run->to);
  }
}

/* Least squares over the points that are at most @max_off from @line. */
static gboolean
line_refine (Line *line, const int *edge, int from, int to, double max_off)
{
  double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
  double spread;

  for (int i = from; i < to; i++) {
    double x = i + 0.5;
    double y = edge[i];

    if (fabs (y - line->slope * x - line->offset) > max_off)
      continue;
    n += 1;
    sum_x += x;
    sum_y += y;
    sum_xx += x * x;
    sum_xy += x * y;
  }
  spread = n * sum_xx - sum_x * sum_x;
  if (n < 2 || spread < 1.0)
    return FALSE;
  line->slope = (n * sum_xy - sum_x * sum_y) / spread;
  line->offset = (sum_y - line->slope * sum_x) / n;
  return TRUE;
}

/* The line along an edge between two corners, of which (@x0, @y0) comes first
 * along it. */
static gboolean
line_fit (Line *line, const int *edge, int x0, int y0, int x1, int y1)
{
  int margin = (x1 - x0) * CORNER_PERCENT / 100;
  double max_off = 2.0 * MAX_OFF_PX;

  if (x1 - x0 < 4)
    return FALSE;
  line->slope = (double) (y1 - y0) / (x1 - x0);
  line->offset = y0 - line->slope * x0;
  for (int i = 0; i < N_FITS; i++) {
    if (!line_refine (line, edge, x0 + margin, x1 - margin, max_off))
      return FALSE;
    max_off = MAX_OFF_PX;
  }
  return TRUE;
}

/* Where @level, y of x, meets @upright, x of y. */
static FoyerMarkPoint
lines_meet (const Line *level, const Line *upright, int scale)
{
  double x = (upright->slope * level->offset + upright->offset) /
      (1.0 - upright->slope * level->slope);

  return (
      FoyerMarkPoint){ x * scale, (level->slope * x + level->offset) * scale };
}

static gboolean
finder_fit_quad (FoyerMarkFinder *self, const Shape *shape, FoyerMarkQuad *quad)
{
  const int *x = shape->corner_x;
  const int *y = shape->corner_y;
  Line top, bottom, left, right;

  finder_trace_edges (self, shape);
  if (!line_fit (&top, self->edge[TOP], x[0], y[0], x[1], y[1]) ||
      !line_fit (&bottom, self->edge[BOTTOM], x[3], y[3], x[2], y[2]) ||
      !line_fit (&left, self->edge[LEFT], y[0], x[0], y[3], x[3]) ||
      !line_fit (&right, self->edge[RIGHT], y[1], x[1], y[2], x[2]))
    return FALSE;
  quad->corner[0] = lines_meet (&top, &left, self->scale);
  quad->corner[1] = lines_meet (&top, &right, self->scale);
  quad->corner[2] = lines_meet (&bottom, &right, self->scale);
  quad->corner[3] = lines_meet (&bottom, &left, self->scale);
  return TRUE;
}

FoyerMarkFinder *
foyer_mark_finder_new (void)
{
  FoyerMarkFinder *self = g_new0 (FoyerMarkFinder, 1);

  self->runs = g_new (Run, MAX_RUNS);
  return self;
}

int
foyer_mark_finder_find (FoyerMarkFinder *self, const FoyerMarkPicture *picture,
    FoyerMarkQuad quads[FOYER_MARK_FINDER_MAX_QUADS])
{
  Shape shapes[FOYER_MARK_FINDER_MAX_QUADS];
  int n_quads = 0;
  int n_shapes;

  finder_load (self, picture);
  if (self->height == 0)
    return 0;
  finder_measure_tiles (self);
  if (!finder_add_rows (self))
    return 0;
  n_shapes = finder_collect_shapes (self, shapes);
  for (int i = 0; i < n_shapes; i++) {
    if (finder_fit_quad (self, &shapes[i], &quads[n_quads]))
      n_quads++;
  }
  return n_quads;
}

void
foyer_mark_finder_free (FoyerMarkFinder *self)
{
  finder_clear (self);
  g_free (self->runs);
  g_free (self);
}
