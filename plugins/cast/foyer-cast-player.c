/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-player.h"

#include "foyer-cast-error.h"
#include "foyer-cast-limits.h"

#include <string.h>

#define MS_US      G_GINT64_CONSTANT (1000)
#define POLL_US    (FOYER_CAST_POLL_INTERVAL_MS * MS_US)
#define STALL_US   (FOYER_CAST_STALL_TIMEOUT_MS * MS_US)
#define LOAD_US    (FOYER_CAST_LOAD_TIMEOUT_MS * MS_US)
#define PAUSE_US   (10 * G_USEC_PER_SEC) /* between loads, at first */
#define MAX_PAUSE  (60 * G_USEC_PER_SEC)
#define STEADY_US  (120 * G_USEC_PER_SEC) /* played so long: all is well again */
#define MAX_FAILED 3
#define MIN_MOVE_S 0.05
#define LATE_US    (6 * G_USEC_PER_SEC) /* behind where it began to play */
#define MAX_LAG_S  3600.0               /* more is no lag, but another scale */

static FoyerCastPlayerEvent
fail (FoyerCastPlayer *self, FoyerCastError code, const char *words,
    gint64 number)
{
  self->phase = FOYER_CAST_PLAYER_OVER;
  self->deadline_us = 0;
  g_clear_error (&self->error);
  if (number != 0)
    self->error = g_error_new (FOYER_CAST_ERROR, (int) code,
        "%s (its number for it: %" G_GINT64_FORMAT ")", words, number);
  else
    self->error = g_error_new_literal (FOYER_CAST_ERROR, (int) code, words);
  return FOYER_CAST_PLAYER_FAILED;
}

/* A new LOAD, now or when it may be. */
static FoyerCastPlayerEvent
want_load (FoyerCastPlayer *self, gint64 now_us)
{
  if (now_us < self->may_us) {
    self->wants_load = TRUE;
    self->deadline_us = MIN (self->may_us, now_us + POLL_US);
    return FOYER_CAST_PLAYER_NOTHING;
  }
  self->wants_load = FALSE;
  self->phase = FOYER_CAST_PLAYER_WAITING;
  self->deadline_us = 0;
  return FOYER_CAST_PLAYER_WANTS_URL;
}

/* https://developers.google.com/cast/docs/web_receiver/error_codes */
static const char *
explain (gint64 number)
{
  if (number == 102 || number == 104 || number == 110 || number == 316)
    return "the display's player can't play H.264 in this form, or can't reach this machine";
  if (number == 103 || (number >= 300 && number <= 315))
    return "the display's player can't reach this machine";
  return "the display's player can't show it";
}

/* It would not play this; perhaps it plays the same in another form, and the first
 * time nobody waits for that. */
static FoyerCastPlayerEvent
take_failure (FoyerCastPlayer *self, gint64 number, gint64 now_us)
{
  if (self->phase == FOYER_CAST_PLAYER_PLAYING)
    return want_load (self, now_us);
  if (++self->n_failed >= MAX_FAILED)
    return fail (self, FOYER_CAST_ERROR_LOAD, explain (number), number);
  if (self->n_failed == 1)
    self->may_us = now_us;
  return want_load (self, now_us);
}

static void
ask_status (FoyerCastPlayer *self, gint64 now_us)
{
  g_free (self->message);
  self->message = foyer_cast_load_print_get_status (self->next_request_id++);
  self->deadline_us = now_us + POLL_US;
}

static gboolean
has_moved (const FoyerCastPlayer *self, const FoyerCastMediaReply *reply)
{
  double way_s = reply->position_s - self->position_s;

  return reply->has_position && (way_s > MIN_MOVE_S || way_s < -MIN_MOVE_S);
}

/* Its scale may begin anywhere; how fast it gets on there is all that counts. One that
 * plays on after a gap may stay behind for good. */
static FoyerCastPlayerEvent
take_position (FoyerCastPlayer *self, double position_s, gint64 now_us)
{
  double lag_s = (double) (now_us - self->begun_us) / G_USEC_PER_SEC -
      (position_s - self->begun_s);

  if (!(lag_s > -MAX_LAG_S && lag_s < MAX_LAG_S))
    return FOYER_CAST_PLAYER_NOTHING;
  self->lag_us = (gint64) (lag_s * G_USEC_PER_SEC);
  if (self->lag_us >= LATE_US &&
      want_load (self, now_us) == FOYER_CAST_PLAYER_WANTS_URL)
    return FOYER_CAST_PLAYER_WANTS_URL;
  return FOYER_CAST_PLAYER_GOES_ON;
}

/* A player that says it plays is believed once it moves, or if it never says
 * where it is. */
static FoyerCastPlayerEvent
take_playing (FoyerCastPlayer *self, const FoyerCastMediaReply *reply,
    gint64 now_us)
{
  gboolean is_new = self->phase == FOYER_CAST_PLAYER_LOADING;

  if (!reply->has_position || has_moved (self, reply) || is_new) {
    self->moved_us = now_us;
    self->position_s = reply->position_s;
    self->wants_load = FALSE;
  }
  if (now_us - self->loaded_us > STEADY_US)
    self->pause_us = 0;
  if (!is_new)
    return reply->has_position ? take_position (self, reply->position_s, now_us)
                               : FOYER_CAST_PLAYER_NOTHING;
  self->phase = FOYER_CAST_PLAYER_PLAYING;
  self->begun_us = now_us;
  self->begun_s = reply->position_s;
  self->lag_us = 0;
  self->n_failed = 0;
  self->deadline_us = now_us + POLL_US;
  return FOYER_CAST_PLAYER_PLAYS;
}

/* Idle without a reason is where every player begins. */
static FoyerCastPlayerEvent
take_idle (FoyerCastPlayer *self, const FoyerCastMediaReply *reply,
    gint64 now_us)
{
  switch (reply->idle_reason) {
    case FOYER_CAST_IDLE_UNKNOWN:
      return FOYER_CAST_PLAYER_NOTHING;
    case FOYER_CAST_IDLE_CANCELLED:
    case FOYER_CAST_IDLE_INTERRUPTED:
      /* A load of ours interrupts the one before. */
      if (self->phase == FOYER_CAST_PLAYER_LOADING)
        return FOYER_CAST_PLAYER_NOTHING;
      return fail (self, FOYER_CAST_ERROR_APP_ENDED,
          "somebody stopped it at the display, or played something else", 0);
    case FOYER_CAST_IDLE_FINISHED:
    case FOYER_CAST_IDLE_ERROR:
      return take_failure (self, 0, now_us);
  }
  return FOYER_CAST_PLAYER_NOTHING;
}

static FoyerCastPlayerEvent
take_status (FoyerCastPlayer *self, const FoyerCastMediaReply *reply,
    gint64 now_us)
{
  if (!reply->has_media)
    return FOYER_CAST_PLAYER_NOTHING;
  switch (reply->state) {
    case FOYER_CAST_MEDIA_PLAYING:
      return take_playing (self, reply, now_us);
    case FOYER_CAST_MEDIA_IDLE:
      return take_idle (self, reply, now_us);
    case FOYER_CAST_MEDIA_PAUSED:
      /* By a person at the display, who sees a still picture and knows it. */
      self->moved_us = now_us;
      break;
    case FOYER_CAST_MEDIA_LOADING:
    case FOYER_CAST_MEDIA_BUFFERING:
      break;
  }
  return FOYER_CAST_PLAYER_NOTHING;
}

void
foyer_cast_player_init (FoyerCastPlayer *self, const char *session_id,
    gint64 first_request_id)
{
  memset (self, 0, sizeof *self);
  self->session_id = g_strdup (session_id);
  self->next_request_id = first_request_id;
}

void
foyer_cast_player_load (FoyerCastPlayer *self, const FoyerCastLoad *load,
    gint64 now_us)
{
  if (self->phase == FOYER_CAST_PLAYER_OVER)
    return;
  self->load_id = self->next_request_id++;
  g_free (self->message);
  self->message = foyer_cast_load_print (load, self->load_id, self->session_id);
  self->phase = FOYER_CAST_PLAYER_LOADING;
  self->wants_load = FALSE;
  self->loaded_us = self->moved_us = now_us;
  self->pause_us = CLAMP (2 * self->pause_us, PAUSE_US, MAX_PAUSE);
  self->may_us = now_us + self->pause_us;
  self->deadline_us = now_us + POLL_US;
}

FoyerCastPlayerEvent
foyer_cast_player_receive (FoyerCastPlayer *self,
    const FoyerCastMediaReply *reply, gint64 now_us)
{
  gboolean is_ours = reply->request_id == 0 ||
      reply->request_id == self->load_id;

  if (self->phase != FOYER_CAST_PLAYER_LOADING &&
      self->phase != FOYER_CAST_PLAYER_PLAYING)
    return FOYER_CAST_PLAYER_NOTHING;
  switch (reply->kind) {
    case FOYER_CAST_MEDIA_STATUS:
      return take_status (self, reply, now_us);
    case FOYER_CAST_MEDIA_LOAD_FAILED:
      return is_ours ? take_failure (self, reply->error_code, now_us)
                     : FOYER_CAST_PLAYER_NOTHING;
    case FOYER_CAST_MEDIA_LOAD_CANCELLED:
      return is_ours ? want_load (self, now_us) : FOYER_CAST_PLAYER_NOTHING;
    case FOYER_CAST_MEDIA_REFUSED:
      /* An answer to GET_STATUS may be that, too. */
      return reply->request_id == self->load_id
          ? take_failure (self, reply->error_code, now_us)
          : FOYER_CAST_PLAYER_NOTHING;
    case FOYER_CAST_MEDIA_UNKNOWN:
      break;
  }
  return FOYER_CAST_PLAYER_NOTHING;
}

FoyerCastPlayerEvent
foyer_cast_player_tick (FoyerCastPlayer *self, gint64 now_us)
{
  if (self->deadline_us == 0 || now_us < self->deadline_us)
    return FOYER_CAST_PLAYER_NOTHING;
  if (self->wants_load && now_us >= self->may_us)
    return want_load (self, now_us);
  ask_status (self, now_us);
  if (self->phase == FOYER_CAST_PLAYER_LOADING &&
      now_us - self->loaded_us >= LOAD_US && !self->wants_load)
    return take_failure (self, 0, now_us);
  if (self->phase == FOYER_CAST_PLAYER_PLAYING &&
      now_us - self->moved_us >= STALL_US)
    return want_load (self, now_us);
  return FOYER_CAST_PLAYER_NOTHING;
}

char *
foyer_cast_player_take_message (FoyerCastPlayer *self)
{
  return g_steal_pointer (&self->message);
}

void
foyer_cast_player_clear (FoyerCastPlayer *self)
{
  g_free (self->session_id);
  g_free (self->message);
  g_clear_error (&self->error);
  memset (self, 0, sizeof *self);
}
