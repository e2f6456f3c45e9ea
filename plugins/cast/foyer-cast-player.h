/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-load.h"

G_BEGIN_DECLS

/* How a display's player is made to play something live, and is kept playing. Pure:
 * replies and the time go in, texts for the app and events come out.
 *
 *     idle → loading → playing (→ loading …)
 *
 * A player that stands still, whatever it says of itself, or plays on far behind, wants
 * to be loaded anew, near the end of what is live; that is a black picture for a moment,
 * so it is done at most as often as a person would bear: after 10 s, 20 s, … 60 s.
 *
 * After every call: send what foyer_cast_player_take_message() gives, and call
 * foyer_cast_player_tick() at @deadline_us. */

typedef enum
{
  FOYER_CAST_PLAYER_NOTHING = 0,
  FOYER_CAST_PLAYER_PLAYS,   /* the first picture is shown, or again */
  FOYER_CAST_PLAYER_GOES_ON, /* it plays, and said where it is: @lag_us is new */
  FOYER_CAST_PLAYER_WANTS_URL, /* foyer_cast_player_load() is to be called */
  FOYER_CAST_PLAYER_FAILED,    /* it is over; @error says why */
} FoyerCastPlayerEvent;

typedef enum
{
  FOYER_CAST_PLAYER_IDLE = 0, /* nothing was loaded */
  FOYER_CAST_PLAYER_LOADING,
  FOYER_CAST_PLAYER_PLAYING,
  FOYER_CAST_PLAYER_WAITING, /* for a URL */
  FOYER_CAST_PLAYER_OVER,
} FoyerCastPlayerPhase;

/**
 * FoyerCastPlayer:
 * @phase: where it is
 * @deadline_us: when to tick, monotonic; 0 for never
 * @n_failed: loads that it would not play, in a row: another form may help
 * @lag_us: how far it fell behind since it began to play what was loaded last, as it
 *   stood still or jumped
 * @error: (nullable): %FOYER_CAST_ERROR_LOAD or _APP_ENDED
 *
 * The rest is its own.
 */
typedef struct
{
  FoyerCastPlayerPhase phase;
  gint64 deadline_us;
  guint n_failed;
  gint64 lag_us;
  GError *error;

  char *session_id;
  gint64 next_request_id;
  gint64 load_id;      /* request of the last LOAD */
  gint64 loaded_us;    /* when that was */
  gint64 moved_us;     /* when the position last moved */
  double position_s;   /* where it was then */
  gint64 begun_us;     /* when it began to play */
  double begun_s;      /* where */
  gint64 may_us;       /* no new LOAD before */
  gint64 pause_us;     /* after the last one */
  gboolean wants_load; /* as soon as it may */
  char *message;
} FoyerCastPlayer;

/**
 * foyer_cast_player_init:
 * @self: (out caller-allocates): a player that plays nothing
 * @session_id: the app's
 * @first_request_id: the first number to use, positive
 */
void foyer_cast_player_init (FoyerCastPlayer *self, const char *session_id,
    gint64 first_request_id);

/* Plays it from now on. */
void foyer_cast_player_load (FoyerCastPlayer *self, const FoyerCastLoad *load,
    gint64 now_us);

/**
 * foyer_cast_player_receive:
 * @self: a player
 * @reply: what it said
 * @now_us: monotonic
 *
 * Returns: what is to be done
 */
FoyerCastPlayerEvent foyer_cast_player_receive (FoyerCastPlayer *self,
    const FoyerCastMediaReply *reply, gint64 now_us);

/* Likewise: lets time pass. */
FoyerCastPlayerEvent foyer_cast_player_tick (FoyerCastPlayer *self,
    gint64 now_us);

/* (transfer full) (nullable): what is to be sent now, once */
char *foyer_cast_player_take_message (FoyerCastPlayer *self);

void foyer_cast_player_clear (FoyerCastPlayer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastPlayer, foyer_cast_player_clear)

G_END_DECLS
