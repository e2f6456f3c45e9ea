/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-talk.h"

#include "foyer-cast-control.h"
#include "foyer-clock.h"

gint64
foyer_cast_talk_get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

/* Takes @text. */
static void
tell_platform (FoyerCastTalk *self, const char *name_space, char *text)
{
  g_autofree char *owned = text;

  foyer_cast_channel_send_text (self->channel, FOYER_CAST_PLATFORM_SENDER,
      FOYER_CAST_PLATFORM_RECEIVER, name_space, owned);
}

void
foyer_cast_talk_begin (FoyerCastTalk *self, FoyerCastThread *thread,
    FoyerCastChannel *channel, void (*on_deadline) (gpointer user_data),
    gpointer user_data)
{
  self->thread = thread;
  self->channel = channel;
  self->on_deadline = on_deadline;
  self->user_data = user_data;
  tell_platform (self, FOYER_CAST_NS_CONNECTION,
      foyer_cast_control_print_connect (NULL));
}

FoyerCastControlState
foyer_cast_talk_go_on (FoyerCastTalk *self, char *text,
    FoyerCastControlState state, gint64 deadline_us)
{
  gint64 left_us = deadline_us - foyer_cast_talk_get_now_us ();

  if (text != NULL)
    tell_platform (self, FOYER_CAST_NS_RECEIVER, text);
  foyer_cast_timer_clear (&self->timer);
  if (state == FOYER_CAST_CONTROL_RUNNING)
    foyer_cast_timer_set (&self->timer, self->thread,
        (guint) (MAX (left_us, 0) / 1000 + 1), self->on_deadline,
        self->user_data);
  return state;
}

void
foyer_cast_talk_end (FoyerCastTalk *self)
{
  tell_platform (self, FOYER_CAST_NS_CONNECTION,
      foyer_cast_control_print_close ());
  foyer_cast_timer_clear (&self->timer);
}
