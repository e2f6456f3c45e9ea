/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-house-private.h"

#define N_CHANNELS 2
/* Whoever had a microphone before may not have let go of it yet, above all a worker
 * of our own: that is no news. */
#define SOON_MS    100
#define SOON_TRIES 10
#define MUTED_WORDS                                                     \
  "the microphone gives nothing but zeros: see whether it is switched " \
  "off, by a switch on it or in alsamixer"

/* Whether it is to hear it now. */
static gboolean
has_part (const FoyerOpening *self, const FoyerRun *run)
{
  const FoyerSession *session = run->generation == self->generation &&
          run->has_sound_link
      ? foyer_core_find_session (self->house->core, run->id)
      : NULL;

  return session != NULL && foyer_session_state_is_open (session->state);
}

/* Whether anybody is. */
static gboolean
is_wanted (const FoyerOpening *self)
{
  GHashTableIter iter;
  gpointer run;

  g_hash_table_iter_init (&iter, self->house->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    if (has_part (self, run))
      return TRUE;
  return FALSE;
}

static void
tell_runs (FoyerOpening *self, FoyerSound sound, const char *words)
{
  GHashTableIter iter;
  gpointer run;

  g_hash_table_iter_init (&iter, self->house->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    if (has_part (self, run))
      foyer_run_set_sound (run, sound, words);
}

/* trying again */

static int
open_microphone (FoyerOpening *self, GError **error)
{
  FoyerCameras *cameras = self->house->parts.cameras;
  const FoyerCameraEntry *camera = foyer_cameras_find (cameras, self->camera);

  if (camera != NULL)
    return foyer_cameras_open_microphone (cameras, camera, error);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      "this camera has no microphone");
  return -1;
}

static gboolean on_due (gpointer user_data);

static void
wait (FoyerOpening *self, guint delay_ms)
{
  g_clear_handle_id (&self->sound_timer, g_source_remove);
  self->sound_timer = g_timeout_add (delay_ms, on_due, self);
}

/* The sessions are told why, and it is tried again, as cameras are. */
static void
lose (FoyerOpening *self, const char *words)
{
  tell_runs (self, FOYER_SOUND_LOST, words);
  wait (self, foyer_keeper_get_delay_ms (self->n_sound_tries++));
}

/* Or it is not lost yet. */
static void
lose_unless_soon (FoyerOpening *self, const char *words, gboolean may_be_soon)
{
  if (may_be_soon && self->n_soon++ < SOON_TRIES)
    wait (self, SOON_MS);
  else
    lose (self, words);
}

static void
note_unopened (FoyerOpening *self, const GError *error)
{
  lose_unless_soon (self, error->message,
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));
}

static gboolean
on_due (gpointer user_data)
{
  static const FoyerMessage message = { .type = FOYER_MESSAGE_MICROPHONE };
  FoyerOpening *self = user_data;
  g_autoptr (GError) error = NULL;
  foyer_autofd int microphone = -1;

  self->sound_timer = 0;
  if (!is_wanted (self))
    return G_SOURCE_REMOVE;
  microphone = open_microphone (self, &error);
  if (error != NULL)
    note_unopened (self, error);
  else
    self->has_microphone = foyer_peer_send (self->peer, &message, &microphone,
        microphone >= 0 ? 1 : 0);
  return G_SOURCE_REMOVE;
}

/* what its worker says */

static void
take_heard (FoyerOpening *self)
{
  g_clear_handle_id (&self->sound_timer, g_source_remove);
  self->sound = FOYER_SOUND_CAMERA;
  self->n_soon = 0;
  if (self->heard_us == 0)
    self->heard_us = foyer_clock_get_us (self->house->parts.clock);
  tell_runs (self, FOYER_SOUND_CAMERA, NULL);
}

static void
take_lost (FoyerOpening *self, const char *words)
{
  gint64 now_us = foyer_clock_get_us (self->house->parts.clock);

  if (self->heard_us != 0 && now_us - self->heard_us > FOYER_KEEPER_GOOD_US)
    self->n_sound_tries = 0;
  self->heard_us = 0;
  self->sound = FOYER_SOUND_NONE;
  self->has_microphone = FALSE;
  lose_unless_soon (self,
      *words != '\0' ? words : "another program has the microphone",
      *words == '\0');
}

void
foyer_opening_take_sound (FoyerOpening *self, const FoyerMessage *message)
{
  if (message->type == FOYER_MESSAGE_SOUND_HEARD) {
    take_heard (self);
  } else if (message->type == FOYER_MESSAGE_SOUND_MUTED) {
    self->sound = FOYER_SOUND_MUTED;
    tell_runs (self, FOYER_SOUND_MUTED, MUTED_WORDS);
  } else if (message->type == FOYER_MESSAGE_SOUND_LOST) {
    take_lost (self, message->text);
  }
}

/* a session more */

/* What is known of a microphone that others hear already. */
static void
tell_state (FoyerOpening *self, FoyerRun *run)
{
  if (self->sound == FOYER_SOUND_MUTED)
    foyer_run_set_sound (run, FOYER_SOUND_MUTED, MUTED_WORDS);
  else if (self->sound == FOYER_SOUND_CAMERA)
    foyer_run_set_sound (run, FOYER_SOUND_CAMERA, NULL);
}

/* Its worker says by EBUSY alone that it has the device; if it has let go of it by
 * the time that it hears of the link, it says so. */
static gboolean
join (FoyerOpening *self, const FoyerLinkGrant *grant, FoyerRun *run,
    GError **error)
{
  g_autoptr (GError) unopened = NULL;
  foyer_autofd int microphone = open_microphone (self, &unopened);

  run->has_sound_link = TRUE;
  if (!foyer_broker_join_sound (grant, microphone, self->peer, run->peer,
          error))
    return FALSE;
  if (unopened == NULL) {
    self->has_microphone = TRUE;
    g_clear_handle_id (&self->sound_timer, g_source_remove);
  } else if (!self->has_microphone) {
    note_unopened (self, unopened);
  }
  tell_state (self, run);
  return TRUE;
}

gboolean
foyer_house_join_sound (FoyerHouse *self, const FoyerLinkGrant *grant,
    FoyerRun *run, GError **error)
{
  FoyerOpening *opening = foyer_house_find_opening (self, grant->camera,
      grant->generation);
  FoyerLinkGrant sound = *grant;

  if (run->sound != FOYER_SOUND_CAMERA || opening == NULL)
    return TRUE;
  if (!is_wanted (opening)) {
    opening->sound = FOYER_SOUND_NONE;
    opening->heard_us = 0;
  }
  sound.shape = (FoyerShape){
    .codec = run->cast.transport == FOYER_TRANSPORT_HTTP ? FOYER_CODEC_AAC
                                                         : FOYER_CODEC_OPUS,
    .width_px = N_CHANNELS,
    .height_px = 1,
    .fps_d = 1,
  };
  return join (opening, &sound, run, error);
}
