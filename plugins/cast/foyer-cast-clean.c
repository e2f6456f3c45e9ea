/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-clean.h"

#include <string.h>

#define MS_US G_GINT64_CONSTANT (1000)

void
foyer_cast_clean_init (FoyerCastClean *self, const char *session_id,
    gint64 first_request_id, gint64 now_us)
{
  memset (self, 0, sizeof *self);
  self->session_id = g_strdup (session_id);
  self->request_id = first_request_id;
  self->deadline_us = now_us + FOYER_CAST_REQUEST_TIMEOUT_MS * MS_US;
  self->message = foyer_cast_control_print_get_status (first_request_id);
}

static void
begin_stop (FoyerCastClean *self, gint64 now_us)
{
  self->was_running = TRUE;
  foyer_cast_stop_init (&self->stop, self->session_id, self->request_id + 1,
      now_us);
  self->deadline_us = self->stop.deadline_us;
  g_free (self->message);
  self->message = foyer_cast_stop_take_message (&self->stop);
}

void
foyer_cast_clean_receive (FoyerCastClean *self, const FoyerCastReply *reply,
    gint64 now_us)
{
  if (self->state != FOYER_CAST_CONTROL_RUNNING)
    return;
  if (self->was_running) {
    foyer_cast_stop_receive (&self->stop, reply);
    self->state = self->stop.state;
  } else if (reply->kind == FOYER_CAST_REPLY_RECEIVER_STATUS) {
    /* Any status will do, also one that was on its way already: a session that
     * is over never comes back. */
    if (foyer_cast_reply_has_session (reply, self->session_id))
      begin_stop (self, now_us);
    else
      self->state = FOYER_CAST_CONTROL_DONE;
  }
}

void
foyer_cast_clean_tick (FoyerCastClean *self, gint64 now_us)
{
  if (self->state == FOYER_CAST_CONTROL_RUNNING && now_us >= self->deadline_us)
    self->state = FOYER_CAST_CONTROL_FAILED;
}

char *
foyer_cast_clean_take_message (FoyerCastClean *self)
{
  return g_steal_pointer (&self->message);
}

void
foyer_cast_clean_clear (FoyerCastClean *self)
{
  g_free (self->session_id);
  g_free (self->message);
  foyer_cast_stop_clear (&self->stop);
  memset (self, 0, sizeof *self);
}
