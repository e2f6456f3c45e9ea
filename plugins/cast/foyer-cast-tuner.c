/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-tuner.h"

#include "foyer-cast-error.h"
#include "foyer-clock.h"

struct _FoyerCastTuner
{
  FoyerCastThread *thread;
  FoyerCastChannel *channel;
  FoyerCastTunerCallbacks callbacks;
  gpointer user_data;
  FoyerCastVolume volume;
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
tell_platform (FoyerCastTuner *self, const char *name_space, const char *text)
{
  foyer_cast_channel_send_text (self->channel, FOYER_CAST_PLATFORM_SENDER,
      FOYER_CAST_PLATFORM_RECEIVER, name_space, text);
}

static void
fail (FoyerCastTuner *self)
{
  g_autoptr (GError) error = g_error_new_literal (FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_TIMED_OUT, "it did not say how loud it is");

  self->is_over = TRUE;
  self->callbacks.on_failed (error, self->user_data);
}

static void on_deadline (gpointer user_data);

static void
go_on (FoyerCastTuner *self)
{
  g_autofree char *text = foyer_cast_volume_take_message (&self->volume);
  gint64 left_us = self->volume.deadline_us - get_now_us ();

  if (text != NULL)
    tell_platform (self, FOYER_CAST_NS_RECEIVER, text);
  foyer_cast_timer_clear (&self->timer);
  switch (self->volume.state) {
    case FOYER_CAST_CONTROL_RUNNING:
      foyer_cast_timer_set (&self->timer, self->thread,
          (guint) (MAX (left_us, 0) / 1000 + 1), on_deadline, self);
      break;
    case FOYER_CAST_CONTROL_DONE:
      self->is_over = TRUE;
      self->callbacks.on_tuned (self->volume.level, self->volume.is_muted,
          self->user_data);
      break;
    case FOYER_CAST_CONTROL_FAILED:
      fail (self);
      break;
  }
}

static void
on_deadline (gpointer user_data)
{
  FoyerCastTuner *self = user_data;

  foyer_cast_volume_tick (&self->volume, get_now_us ());
  go_on (self);
}

FoyerCastTuner *
foyer_cast_tuner_new (FoyerCastThread *thread, FoyerCastChannel *channel,
    const FoyerCastVolumeChange *change,
    const FoyerCastTunerCallbacks *callbacks, gpointer user_data)
{
  FoyerCastTuner *self = g_new0 (FoyerCastTuner, 1);
  g_autofree char *text = foyer_cast_control_print_connect (NULL);

  self->thread = thread;
  self->channel = channel;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  tell_platform (self, FOYER_CAST_NS_CONNECTION, text);
  foyer_cast_volume_init (&self->volume, change, 1, get_now_us ());
  go_on (self);
  return self;
}

gboolean
foyer_cast_tuner_take (FoyerCastTuner *self, const FoyerCastMessage *message)
{
  g_auto (FoyerCastReply) reply = { 0 };

  if (!foyer_cast_reply_parse (message, &reply, NULL))
    return FALSE;
  if (self->is_over)
    return TRUE;
  foyer_cast_volume_receive (&self->volume, &reply, get_now_us ());
  go_on (self);
  return TRUE;
}

void
foyer_cast_tuner_free (FoyerCastTuner *self)
{
  g_autofree char *text = NULL;

  if (self == NULL)
    return;
  text = foyer_cast_control_print_close ();
  tell_platform (self, FOYER_CAST_NS_CONNECTION, text);
  foyer_cast_timer_clear (&self->timer);
  foyer_cast_volume_clear (&self->volume);
  g_free (self);
}
