/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-loader.h"

#include "foyer-cast-player.h"
#include "foyer-clock.h"

/* The platform's requests are numbered from 1, and some displays take no number
 * twice on one channel. */
#define FIRST_REQUEST_ID 100000

struct _FoyerCastLoader
{
  FoyerCastThread *thread;
  FoyerCastPlatform *platform;
  FoyerCastLoaderCallbacks callbacks;
  gpointer user_data;
  FoyerCastPlayer player;
  FoyerCastTimer timer;
};

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static void on_due (gpointer user_data);

/* Says what is to be said, sets the timer, and only then tells. */
static void
carry_out (FoyerCastLoader *self, FoyerCastPlayerEvent event)
{
  g_autofree char *text = foyer_cast_player_take_message (&self->player);
  gint64 left_us = self->player.deadline_us - get_now_us ();

  if (text != NULL && event != FOYER_CAST_PLAYER_FAILED)
    foyer_cast_platform_tell_app (self->platform, FOYER_CAST_NS_MEDIA, text);
  foyer_cast_timer_clear (&self->timer);
  if (self->player.deadline_us != 0)
    foyer_cast_timer_set (&self->timer, self->thread,
        (guint) (MAX (left_us, 0) / 1000 + 1), on_due, self);
  switch (event) {
    case FOYER_CAST_PLAYER_NOTHING:
      break;
    case FOYER_CAST_PLAYER_PLAYS:
    case FOYER_CAST_PLAYER_GOES_ON:
      self->callbacks.on_playing (self->player.lag_us, self->user_data);
      break;
    case FOYER_CAST_PLAYER_WANTS_URL:
      self->callbacks.on_url_wanted (self->player.n_failed, self->user_data);
      break;
    case FOYER_CAST_PLAYER_FAILED:
      self->callbacks.on_failed (self->player.error, self->user_data);
      break;
  }
}

static void
on_due (gpointer user_data)
{
  FoyerCastLoader *self = user_data;

  carry_out (self, foyer_cast_player_tick (&self->player, get_now_us ()));
}

FoyerCastLoader *
foyer_cast_loader_new (FoyerCastThread *thread, FoyerCastPlatform *platform,
    const FoyerCastLoaderCallbacks *callbacks, gpointer user_data)
{
  FoyerCastLoader *self = g_new0 (FoyerCastLoader, 1);

  self->thread = thread;
  self->platform = platform;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  foyer_cast_player_init (&self->player,
      foyer_cast_platform_get_session_id (platform), FIRST_REQUEST_ID);
  return self;
}

void
foyer_cast_loader_load (FoyerCastLoader *self, const FoyerCastLoad *load)
{
  foyer_cast_player_load (&self->player, load, get_now_us ());
  carry_out (self, FOYER_CAST_PLAYER_NOTHING);
}

gboolean
foyer_cast_loader_take (FoyerCastLoader *self, const FoyerCastMessage *message)
{
  g_auto (FoyerCastMediaReply) reply = { 0 };

  if (!foyer_cast_media_reply_parse (message, &reply, NULL))
    return FALSE;
  carry_out (self,
      foyer_cast_player_receive (&self->player, &reply, get_now_us ()));
  return TRUE;
}

void
foyer_cast_loader_free (FoyerCastLoader *self)
{
  if (self == NULL)
    return;
  foyer_cast_timer_clear (&self->timer);
  foyer_cast_player_clear (&self->player);
  g_free (self);
}
