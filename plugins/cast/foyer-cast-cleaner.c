/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-cleaner.h"

#include "foyer-cast-clean.h"
#include "foyer-cast-error.h"
#include "foyer-clock.h"

struct _FoyerCastCleaner
{
  FoyerCastThread *thread;
  FoyerCastChannel *channel;
  FoyerCastCleanerCallbacks callbacks;
  gpointer user_data;
  FoyerCastClean clean;
  FoyerCastTimer timer;
  gboolean is_over; /* somebody was told */
};

/* Conversations run on the machine's time. */
static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static void
tell_platform (FoyerCastCleaner *self, const char *name_space, const char *text)
{
  foyer_cast_channel_send_text (self->channel, FOYER_CAST_PLATFORM_SENDER,
      FOYER_CAST_PLATFORM_RECEIVER, name_space, text);
}

static void on_deadline (gpointer user_data);

static void
fail (FoyerCastCleaner *self)
{
  g_autoptr (GError) error = g_error_new_literal (FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_TIMED_OUT,
      self->clean.was_running ? "it did not say that the app session is over"
                              : "it did not say what runs");

  self->is_over = TRUE;
  self->callbacks.on_failed (error, self->user_data);
}

static void
go_on (FoyerCastCleaner *self)
{
  g_autofree char *text = foyer_cast_clean_take_message (&self->clean);
  gint64 left_us = self->clean.deadline_us - get_now_us ();

  if (text != NULL)
    tell_platform (self, FOYER_CAST_NS_RECEIVER, text);
  foyer_cast_timer_clear (&self->timer);
  switch (self->clean.state) {
    case FOYER_CAST_CONTROL_RUNNING:
      foyer_cast_timer_set (&self->timer, self->thread,
          (guint) (MAX (left_us, 0) / 1000 + 1), on_deadline, self);
      break;
    case FOYER_CAST_CONTROL_DONE:
      self->is_over = TRUE;
      self->callbacks.on_cleaned (self->clean.was_running, self->user_data);
      break;
    case FOYER_CAST_CONTROL_FAILED:
      fail (self);
      break;
  }
}

static void
on_deadline (gpointer user_data)
{
  FoyerCastCleaner *self = user_data;

  foyer_cast_clean_tick (&self->clean, get_now_us ());
  go_on (self);
}

FoyerCastCleaner *
foyer_cast_cleaner_new (FoyerCastThread *thread, FoyerCastChannel *channel,
    const char *session_id, const FoyerCastCleanerCallbacks *callbacks,
    gpointer user_data)
{
  FoyerCastCleaner *self = g_new0 (FoyerCastCleaner, 1);
  g_autofree char *text = foyer_cast_control_print_connect (NULL);

  self->thread = thread;
  self->channel = channel;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  tell_platform (self, FOYER_CAST_NS_CONNECTION, text);
  foyer_cast_clean_init (&self->clean, session_id, 1, get_now_us ());
  go_on (self);
  return self;
}

gboolean
foyer_cast_cleaner_take (FoyerCastCleaner *self,
    const FoyerCastMessage *message)
{
  g_auto (FoyerCastReply) reply = { 0 };

  if (!foyer_cast_reply_parse (message, &reply, NULL))
    return FALSE;
  if (self->is_over)
    return TRUE;
  foyer_cast_clean_receive (&self->clean, &reply, get_now_us ());
  go_on (self);
  return TRUE;
}

void
foyer_cast_cleaner_free (FoyerCastCleaner *self)
{
  g_autofree char *text = NULL;

  if (self == NULL)
    return;
  text = foyer_cast_control_print_close ();
  tell_platform (self, FOYER_CAST_NS_CONNECTION, text);
  foyer_cast_timer_clear (&self->timer);
  foyer_cast_clean_clear (&self->clean);
  g_free (self);
}
