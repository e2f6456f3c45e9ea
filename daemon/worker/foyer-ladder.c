/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ladder.h"

#include "foyer-cast-fit.h"

#include <string.h>

#define LOW_US     (3 * G_USEC_PER_SEC)  /* too slow for so long: down */
#define HIGH_US    (10 * G_USEC_PER_SEC) /* fast enough for so long: up */
#define LOW_TENTHS 6 /* of what the fastest on the rung carries */
/* Another encoder costs a machine as much as fifty sessions do. */
#define MAKE_US (6 * G_USEC_PER_SEC) /* too slow for so long: a rung is made */
/* What carries so much more again is not slow, it was held up, by a jam or by a
 * machine that was busy: its guess grows by a tenth each half second. */
#define GROWN_TENTHS 12
/* For so long it is still finding out what its network carries. */
#define NEW_US    (5 * G_USEC_PER_SEC)
#define MIN_BPS   200000
#define LOWER     2 /* the lower rung's sides and rate, divided by that */
#define LOWER_BPS 3
#define MIN_SIDE  160

void
foyer_ladder_init (FoyerLadder *self, const FoyerShape *camera)
{
  memset (self, 0, sizeof *self);
  self->camera = *camera;
}

static gboolean
is_there (const FoyerLadderRung *rung)
{
  return rung->shape.codec != FOYER_CODEC_NONE;
}

static guint32
count_pixels (const FoyerShape *shape)
{
  return (guint32) shape->width_px * shape->height_px;
}

/* Whether @a makes more frames a second than @b takes; a rate that varies is not
 * compared. */
static gboolean
is_faster (const FoyerShape *a, const FoyerShape *b)
{
  return a->fps_n != 0 && b->fps_n != 0 &&
      (guint32) a->fps_n * b->fps_d > (guint32) b->fps_n * a->fps_d;
}

static gboolean
is_served_by (const FoyerShape *most, const FoyerShape *shape)
{
  return most->codec == shape->codec && most->key_ms == shape->key_ms &&
      shape->width_px <= most->width_px &&
      shape->height_px <= most->height_px && !is_faster (shape, most);
}

static gboolean
is_same (const FoyerShape *a, const FoyerShape *b)
{
  return a->codec == b->codec && a->key_ms == b->key_ms &&
      a->width_px == b->width_px && a->height_px == b->height_px &&
      !is_faster (a, b) && !is_faster (b, a);
}

/* The camera's picture as large as @most allows. */
static FoyerShape
fit (const FoyerShape *camera, const FoyerShape *most)
{
  const FoyerCastPicture input = { .width_px = camera->width_px,
    .height_px = camera->height_px,
    .fps_n = camera->fps_n,
    .fps_d = camera->fps_d };
  const FoyerCastFitLimits limits = { .width_px = most->width_px,
    .height_px = most->height_px };
  FoyerCastPicture fitted;
  FoyerShape shape = *most;

  if (most->codec != FOYER_CODEC_RAW &&
      foyer_cast_fit (&input, &limits, &fitted)) {
    shape.width_px = (guint16) fitted.width_px;
    shape.height_px = (guint16) fitted.height_px;
  }
  if (!is_faster (camera, most)) {
    shape.fps_n = camera->fps_n;
    shape.fps_d = camera->fps_d;
  }
  return shape;
}

/* The free place for a rung, or the one that has @shape already. */
static guint
find_place (const FoyerLadder *self, const FoyerShape *shape)
{
  guint place = FOYER_LADDER_NONE;

  for (guint i = 0; i < FOYER_LADDER_RUNGS; i++) {
    if (is_same (&self->rungs[i].shape, shape))
      return i;
    if (!is_there (&self->rungs[i]) && place == FOYER_LADDER_NONE)
      place = i;
  }
  return place;
}

/* The largest rung that serves @most with fewer than @below_px pixels. */
static guint
find_below (const FoyerLadder *self, const FoyerShape *most, guint32 below_px)
{
  guint best = FOYER_LADDER_NONE;
  guint32 best_px = 0;

  for (guint i = 0; i < FOYER_LADDER_RUNGS; i++) {
    const FoyerShape *shape = &self->rungs[i].shape;
    guint32 n_px = count_pixels (shape);

    if (is_there (&self->rungs[i]) && is_served_by (most, shape) &&
        n_px < below_px && n_px > best_px) {
      best = i;
      best_px = n_px;
    }
  }
  return best;
}

static void
enter (FoyerLadder *self, guint rung, const FoyerShape *shape)
{
  if (!is_there (&self->rungs[rung]))
    self->rungs[rung] = (FoyerLadderRung){ .shape = *shape,
      .bps = shape->max_bps };
  self->rungs[rung].n_sessions++;
}

static void
exit_rung (FoyerLadder *self, guint rung)
{
  if (--self->rungs[rung].n_sessions == 0)
    memset (&self->rungs[rung], 0, sizeof self->rungs[rung]);
}

static FoyerLadderSession *
find_session (FoyerLadder *self, FoyerSessionId id)
{
  for (guint i = 0; i < self->n_sessions; i++)
    if (foyer_session_id_equal (self->sessions[i].id, id))
      return &self->sessions[i];
  return NULL;
}

guint
foyer_ladder_join (FoyerLadder *self, FoyerSessionId id, const FoyerShape *most)
{
  FoyerShape shape = fit (&self->camera, most);
  guint rung;

  if (find_session (self, id) != NULL ||
      self->n_sessions == FOYER_LADDER_MAX_SESSIONS)
    return FOYER_LADDER_NONE;
  rung = find_place (self, &shape);
  /* A node takes no other size than its own. */
  if (rung == FOYER_LADDER_NONE && most->codec != FOYER_CODEC_RAW)
    rung = find_below (self, most, G_MAXUINT32);
  if (rung == FOYER_LADDER_NONE)
    return rung;
  enter (self, rung, &shape);
  self->sessions[self->n_sessions++] =
      (FoyerLadderSession){ .id = id, .most = *most, .rung = rung };
  return rung;
}

guint
foyer_ladder_leave (FoyerLadder *self, FoyerSessionId id)
{
  FoyerLadderSession *session = find_session (self, id);
  guint rung;

  if (session == NULL)
    return FOYER_LADDER_NONE;
  rung = session->rung;
  exit_rung (self, rung);
  *session = self->sessions[--self->n_sessions];
  return rung;
}

void
foyer_ladder_wish (FoyerLadder *self, FoyerSessionId id, guint32 bps)
{
  FoyerLadderSession *session = find_session (self, id);

  if (session != NULL)
    session->wish_bps = bps;
}

/* The most that any of a rung's sessions carries; what the rung may make at most
 * while nobody said. */
static guint32
find_fastest (const FoyerLadder *self, guint rung)
{
  guint32 fastest = 0;

  for (guint i = 0; i < self->n_sessions; i++)
    if (self->sessions[i].rung == rung)
      fastest = MAX (fastest, self->sessions[i].wish_bps);
  return MIN (fastest != 0 ? fastest : G_MAXUINT32,
      self->rungs[rung].shape.max_bps);
}

static gboolean
is_slow (const FoyerLadderSession *session, guint32 fastest_bps)
{
  return session->wish_bps != 0 &&
      (guint64) session->wish_bps * 10 < (guint64) fastest_bps * LOW_TENTHS;
}

static gboolean
is_new (const FoyerLadderSession *session, gint64 now_us)
{
  return now_us - session->since_us < NEW_US;
}

/* Whether all on the rung are new. */
static gboolean
is_new_rung (const FoyerLadder *self, guint rung, gint64 now_us)
{
  for (guint i = 0; i < self->n_sessions; i++)
    if (self->sessions[i].rung == rung && !is_new (&self->sessions[i], now_us))
      return FALSE;
  return TRUE;
}

/* As much as all on it carry, but for those that are much slower than the
 * fastest, and those that came to others just now. */
static void
set_rate (FoyerLadder *self, guint rung, gint64 now_us)
{
  gboolean do_count_new = is_new_rung (self, rung, now_us);
  guint32 fastest_bps = find_fastest (self, rung);
  guint32 bps = fastest_bps;

  for (guint i = 0; i < self->n_sessions; i++) {
    const FoyerLadderSession *session = &self->sessions[i];

    if (session->rung == rung && session->wish_bps != 0 &&
        !is_slow (session, fastest_bps) &&
        (do_count_new || !is_new (session, now_us)))
      bps = MIN (bps, session->wish_bps);
  }
  self->rungs[rung].bps = MAX (bps,
      MIN (MIN_BPS, self->rungs[rung].shape.max_bps));
}

static gint64
since (gint64 since_us, gboolean is_so, gint64 now_us)
{
  if (!is_so)
    return 0;
  return since_us != 0 ? since_us : now_us;
}

/* The rung above that @session could go to, and what it makes: one that is there
 * and that its network carries; or, where nobody is above any more, the best it
 * may have, once it carries all that its own may make. FOYER_LADDER_NONE if
 * there is none. */
static guint
find_above (const FoyerLadder *self, const FoyerLadderSession *session,
    FoyerShape *shape)
{
  const FoyerShape *here = &self->rungs[session->rung].shape;
  guint above = find_below (self, &session->most, G_MAXUINT32);

  if (above != FOYER_LADDER_NONE &&
      count_pixels (&self->rungs[above].shape) > count_pixels (here)) {
    *shape = self->rungs[above].shape;
    return (guint64) session->wish_bps * 10 <
            (guint64) self->rungs[above].bps * LOW_TENTHS
        ? FOYER_LADDER_NONE
        : above;
  }
  *shape = fit (&self->camera, &session->most);
  if (count_pixels (shape) <= count_pixels (here) ||
      session->wish_bps < here->max_bps)
    return FOYER_LADDER_NONE;
  return find_place (self, shape);
}

/* Where a slow session goes: a rung below that is there, or a new one of half
 * the size. */
static guint
find_lower (const FoyerLadder *self, const FoyerLadderSession *session,
    FoyerShape *shape)
{
  const FoyerShape *here = &self->rungs[session->rung].shape;
  guint below = find_below (self, &session->most, count_pixels (here));

  *shape = *here;
  if (below != FOYER_LADDER_NONE || here->codec == FOYER_CODEC_RAW ||
      here->width_px / LOWER < MIN_SIDE)
    return below;
  shape->width_px = (guint16) (here->width_px / LOWER / 2 * 2);
  shape->height_px = (guint16) (here->height_px / LOWER / 2 * 2);
  shape->max_bps = MAX (here->max_bps / LOWER_BPS, MIN_BPS);
  return find_place (self, shape);
}

static void
move_session (FoyerLadder *self, FoyerLadderSession *session, guint to,
    const FoyerShape *shape, FoyerLadderMove *move)
{
  *move = (FoyerLadderMove){ session->id, session->rung, to };
  enter (self, to, shape);
  exit_rung (self, session->rung);
  session->rung = to;
  session->low_since_us = session->high_since_us = 0;
}

/* Alone on its rung, a slow session has slowed the rung down already. */
static void
note_slowness (const FoyerLadder *self, FoyerLadderSession *session,
    gint64 now_us)
{
  gboolean has_grown = (guint64) session->wish_bps * 10 >=
      (guint64) session->low_bps * GROWN_TENTHS;

  if (!is_slow (session, find_fastest (self, session->rung))) {
    session->low_since_us = 0;
  } else if (session->low_since_us == 0 || has_grown) {
    session->low_since_us = now_us;
    session->low_bps = session->wish_bps;
  }
}

/* Where a session goes once it has been slow for long enough. */
static guint
find_refuge (const FoyerLadder *self, const FoyerLadderSession *session,
    gint64 now_us, FoyerShape *shape)
{
  gint64 slow_us = now_us - session->low_since_us;
  guint to;

  if (slow_us < LOW_US)
    return FOYER_LADDER_NONE;
  to = find_lower (self, session, shape);
  if (to != FOYER_LADDER_NONE && !is_there (&self->rungs[to]) &&
      slow_us < MAKE_US)
    return FOYER_LADDER_NONE;
  return to;
}

static gboolean
step_session (FoyerLadder *self, FoyerLadderSession *session, gint64 now_us,
    FoyerLadderMove *move)
{
  FoyerShape shape, higher;
  guint above = find_above (self, session, &higher);
  guint to = FOYER_LADDER_NONE;

  session->since_us = since (session->since_us, TRUE, now_us);
  note_slowness (self, session, now_us);
  session->high_since_us = since (session->high_since_us,
      above != FOYER_LADDER_NONE, now_us);
  if (session->low_since_us != 0) {
    to = find_refuge (self, session, now_us, &shape);
  } else if (session->high_since_us != 0 &&
      now_us - session->high_since_us >= HIGH_US) {
    to = above;
    shape = higher;
  }
  if (to == FOYER_LADDER_NONE)
    return FALSE;
  move_session (self, session, to, &shape, move);
  return TRUE;
}

gboolean
foyer_ladder_step (FoyerLadder *self, gint64 now_us, FoyerLadderMove *move)
{
  gboolean has_moved = FALSE;

  for (guint i = 0; i < self->n_sessions && !has_moved; i++)
    has_moved = step_session (self, &self->sessions[i], now_us, move);
  for (guint i = 0; i < FOYER_LADDER_RUNGS; i++)
    if (is_there (&self->rungs[i]) &&
        self->rungs[i].shape.codec != FOYER_CODEC_RAW)
      set_rate (self, i, now_us);
  return has_moved;
}
