/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

G_BEGIN_DECLS

/* Who gets which coding of a camera's pictures. A rung is one codec, size, interval
 * of key frames and bit rate; there are three at most, however many sessions watch, and each is shared.
 * A session whose network carries less than the others on its rung moves to a
 * lower one; it never drags them down. One that was held up, and recovers, stays;
 * one that has just come slows nobody down. Pure: the caller brings the time. */

#define FOYER_LADDER_RUNGS        3
#define FOYER_LADDER_NONE         FOYER_LADDER_RUNGS
#define FOYER_LADDER_MAX_SESSIONS 256

/**
 * FoyerLadderRung:
 * @shape: what is made; no codec for a rung that is not there
 * @bps: bit rate now; 0 for raw
 * @n_sessions: on it
 */
typedef struct
{
  FoyerShape shape;
  guint32 bps;
  guint n_sessions;
} FoyerLadderRung;

/**
 * FoyerLadderSession:
 * @id: whose
 * @most: what its display takes at most
 * @wish_bps: what its network carries; 0 while that is not known
 * @rung: where it is
 * @since_us: since when it is there; 0 before the first step
 * @low_since_us: since when that is less than the rung makes, and does not grow; 0
 *   if it is not
 * @low_bps: how little it was then
 * @high_since_us: since when it is enough for the rung above; 0 if it is not
 */
typedef struct
{
  FoyerSessionId id;
  FoyerShape most;
  guint32 wish_bps;
  guint rung;
  gint64 since_us;
  gint64 low_since_us;
  guint32 low_bps;
  gint64 high_since_us;
} FoyerLadderSession;

typedef struct
{
  FoyerShape camera;
  FoyerLadderRung rungs[FOYER_LADDER_RUNGS];
  FoyerLadderSession sessions[FOYER_LADDER_MAX_SESSIONS];
  guint n_sessions;
} FoyerLadder;

/* A session that goes from one rung to another. */
typedef struct
{
  FoyerSessionId id;
  guint from;
  guint to;
} FoyerLadderMove;

/* @camera: its raw pictures. */
void foyer_ladder_init (FoyerLadder *self, const FoyerShape *camera);

/**
 * foyer_ladder_join:
 * @self: a ladder
 * @id: a new session
 * @most: the most that its display takes; a node takes exactly that
 *
 * Returns: its rung, which may be new; FOYER_LADDER_NONE if it is known already,
 *   the ladder is full, or nothing on it or new can serve it
 */
guint foyer_ladder_join (FoyerLadder *self, FoyerSessionId id,
    const FoyerShape *most);

/* Returns the rung it was on, which is gone if nobody is left on it;
 * FOYER_LADDER_NONE for an unknown session. */
guint foyer_ladder_leave (FoyerLadder *self, FoyerSessionId id);

/* What a session's network carries, as it says. */
void foyer_ladder_wish (FoyerLadder *self, FoyerSessionId id, guint32 bps);

/**
 * foyer_ladder_step:
 * @self: a ladder
 * @now_us: monotonic time
 * @move: (out caller-allocates): who goes where
 *
 * Sets the rungs' bit rates, and moves one session if one has to; rungs appear
 * and go with that. To be called again while it moves.
 *
 * Returns: whether a session moved
 */
gboolean foyer_ladder_step (FoyerLadder *self, gint64 now_us,
    FoyerLadderMove *move);

G_END_DECLS
