/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-cleaner.h"

#include "foyer-cast-clean.h"
#include "foyer-cast-error.h"
#include "foyer-cast-talk.h"

struct _FoyerCastCleaner
{
  FoyerCastTalk talk;
  FoyerCastCleanerCallbacks callbacks;
  gpointer user_data;
  FoyerCastClean clean;
  gboolean is_over; /* somebody was told */
};

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
  char *text = foyer_cast_clean_take_message (&self->clean);

  switch (foyer_cast_talk_go_on (&self->talk, text, self->clean.state,
      self->clean.deadline_us)) {
    case FOYER_CAST_CONTROL_RUNNING:
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

  foyer_cast_clean_tick (&self->clean, foyer_cast_talk_get_now_us ());
  go_on (self);
}

FoyerCastCleaner *
foyer_cast_cleaner_new (FoyerCastThread *thread, FoyerCastChannel *channel,
    const char *session_id, const FoyerCastCleanerCallbacks *callbacks,
    gpointer user_data)
{
  FoyerCastCleaner *self = g_new0 (FoyerCastCleaner, 1);

  self->callbacks = *callbacks;
  self->user_data = user_data;
  foyer_cast_talk_begin (&self->talk, thread, channel, on_deadline, self);
  foyer_cast_clean_init (&self->clean, session_id, 1,
      foyer_cast_talk_get_now_us ());
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
  foyer_cast_clean_receive (&self->clean, &reply,
      foyer_cast_talk_get_now_us ());
  go_on (self);
  return TRUE;
}

void
foyer_cast_cleaner_free (FoyerCastCleaner *self)
{
  if (self == NULL)
    return;
  foyer_cast_talk_end (&self->talk);
  foyer_cast_clean_clear (&self->clean);
  g_free (self);
}
