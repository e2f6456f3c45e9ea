/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-tuner.h"

#include "foyer-cast-error.h"
#include "foyer-cast-talk.h"

struct _FoyerCastTuner
{
  FoyerCastTalk talk;
  FoyerCastTunerCallbacks callbacks;
  gpointer user_data;
  FoyerCastVolume volume;
  gboolean is_over; /* somebody was told */
};

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
  char *text = foyer_cast_volume_take_message (&self->volume);

  switch (foyer_cast_talk_go_on (&self->talk, text, self->volume.state,
      self->volume.deadline_us)) {
    case FOYER_CAST_CONTROL_RUNNING:
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

  foyer_cast_volume_tick (&self->volume, foyer_cast_talk_get_now_us ());
  go_on (self);
}

FoyerCastTuner *
foyer_cast_tuner_new (FoyerCastThread *thread, FoyerCastChannel *channel,
    const FoyerCastVolumeChange *change,
    const FoyerCastTunerCallbacks *callbacks, gpointer user_data)
{
  FoyerCastTuner *self = g_new0 (FoyerCastTuner, 1);

  self->callbacks = *callbacks;
  self->user_data = user_data;
  foyer_cast_talk_begin (&self->talk, thread, channel, on_deadline, self);
  foyer_cast_volume_init (&self->volume, change, 1,
      foyer_cast_talk_get_now_us ());
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
  foyer_cast_volume_receive (&self->volume, &reply,
      foyer_cast_talk_get_now_us ());
  go_on (self);
  return TRUE;
}

void
foyer_cast_tuner_free (FoyerCastTuner *self)
{
  if (self == NULL)
    return;
  foyer_cast_talk_end (&self->talk);
  foyer_cast_volume_clear (&self->volume);
  g_free (self);
}
