/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-volume.h"

#include <string.h>

#define MS_US G_GINT64_CONSTANT (1000)

#define SET_US (G_GINT64_CONSTANT (1000) * MS_US)
#define NEAR   0.01

/* Displays take one of the two at a time, and often tell of it to all, and not to
 * who asked: pychromecast controllers/receiver.py. Then they are asked. */
static void
ask (FoyerCastVolume *self, gint64 now_us)
{
  self->asked = self->change;
  self->deadline_us = now_us + SET_US;
  g_free (self->message);
  if (self->change.has_level) {
    self->asked.has_muted = FALSE;
    self->change.has_level = FALSE;
    self->message = foyer_cast_control_print_volume (self->request_id,
        self->asked.level);
  } else if (self->change.has_muted) {
    self->change.has_muted = FALSE;
    self->message = foyer_cast_control_print_muted (self->request_id,
        self->asked.is_muted);
  } else {
    self->message = foyer_cast_control_print_get_status (self->request_id);
    self->deadline_us = now_us + FOYER_CAST_REQUEST_TIMEOUT_MS * MS_US;
  }
}

static void
ask_next (FoyerCastVolume *self, gint64 now_us)
{
  self->request_id++;
  ask (self, now_us);
}

/* To all: that may be from before what was asked, unless it is just that. */
static gboolean
is_what_was_asked (const FoyerCastVolume *self, const FoyerCastReply *reply)
{
  const FoyerCastVolumeChange *asked = &self->asked;

  if (reply->request_id != 0 || !reply->has_volume ||
      !(asked->has_level || asked->has_muted))
    return FALSE;
  return (!asked->has_level || ABS (reply->volume - asked->level) < NEAR) &&
      (!asked->has_muted || reply->is_muted == asked->is_muted);
}

void
foyer_cast_volume_init (FoyerCastVolume *self,
    const FoyerCastVolumeChange *change, gint64 first_request_id, gint64 now_us)
{
  *self = (FoyerCastVolume){ .change = *change,
    .request_id = first_request_id };
  ask (self, now_us);
}

void
foyer_cast_volume_receive (FoyerCastVolume *self, const FoyerCastReply *reply,
    gint64 now_us)
{
  if (self->state != FOYER_CAST_CONTROL_RUNNING ||
      (reply->request_id != self->request_id &&
          !is_what_was_asked (self, reply)))
    return;
  if (reply->kind == FOYER_CAST_REPLY_INVALID_REQUEST) {
    self->state = FOYER_CAST_CONTROL_FAILED;
  } else if (reply->kind == FOYER_CAST_REPLY_RECEIVER_STATUS &&
      self->change.has_muted) {
    ask_next (self, now_us);
  } else if (reply->kind == FOYER_CAST_REPLY_RECEIVER_STATUS) {
    self->level = reply->volume;
    self->is_muted = reply->is_muted;
    self->state = reply->has_volume ? FOYER_CAST_CONTROL_DONE
                                    : FOYER_CAST_CONTROL_FAILED;
  }
}

void
foyer_cast_volume_tick (FoyerCastVolume *self, gint64 now_us)
{
  if (self->state != FOYER_CAST_CONTROL_RUNNING || now_us < self->deadline_us)
    return;
  if (self->asked.has_level || self->asked.has_muted)
    ask_next (self, now_us);
  else
    self->state = FOYER_CAST_CONTROL_FAILED;
}

char *
foyer_cast_volume_take_message (FoyerCastVolume *self)
{
  return g_steal_pointer (&self->message);
}

void
foyer_cast_volume_clear (FoyerCastVolume *self)
{
  g_free (self->message);
  memset (self, 0, sizeof *self);
}
