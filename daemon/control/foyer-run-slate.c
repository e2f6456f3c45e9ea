/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house-private.h"
#include "foyer-local-time.h"

/* A slate is a process: a worker that stalls and resumes without end gets one a
 * second, after a few at once. */
#define SLATE_US       G_USEC_PER_SEC
#define SLATE_BURST_US (4 * SLATE_US)

static void
finish (FoyerRun *self)
{
  g_clear_pointer (&self->slate, foyer_peer_free);
  foyer_starts_leave (self->house->slates, self);
}

static void
on_said (FoyerPeer *peer, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  FoyerRun *self = user_data;
  FoyerMessage slate = {
    .type = FOYER_MESSAGE_SLATE,
    .shape = message->shape,
  };

  if (message->type == FOYER_MESSAGE_FAILED)
    g_warning ("session %" G_GUINT64_FORMAT " has no slate: %s", self->id.v,
        message->text);
  if (message->type != FOYER_MESSAGE_DRAWN)
    return;
  /* A picture that was made of words alone, and of this session's shape. */
  if (self->peer != NULL && message->shape.codec == self->shape.codec &&
      foyer_peer_may_send (self->peer, &slate, 1) &&
      !foyer_peer_send (self->peer, &slate, fds, 1))
    foyer_run_kill (self, FOYER_REASON_WORKER_DIED);
  finish (self);
}

static void
on_gone (FoyerPeer *peer, FoyerReason reason, gpointer user_data)
{
  finish (user_data);
}

static void
go_draw (gpointer owner)
{
  static const FoyerPeerEvents events = { .said = on_said, .gone = on_gone };
  FoyerRun *self = owner;
  const FoyerBirth birth = { .session = self->id };
  g_autoptr (GError) error = NULL;
  FoyerMessage config = {
    .type = FOYER_MESSAGE_SLATE_CONFIG,
    .shape = self->shape,
  };

  g_strlcpy (config.text, self->slate_text, sizeof config.text);
  self->slate = foyer_peer_new (self->house->parts.launcher, FOYER_WORKER_SLATE,
      &birth, &events, self, &error);
  if (self->slate == NULL)
    g_warning ("session %" G_GUINT64_FORMAT " has no slate: %s", self->id.v,
        error->message);
  if (self->slate == NULL || !foyer_peer_send (self->slate, &config, NULL, 0))
    finish (self);
}

static char *
make_text (const FoyerRun *self, gint64 since_us)
{
  g_autoptr (GDateTime) utc = NULL;
  g_autoptr (GDateTime) local = NULL;
  g_autoptr (GTimeZone) zone = NULL;
  g_autofree char *time = NULL;

  if (since_us == 0)
    return g_strdup_printf ("No picture from %s", self->camera_name);
  zone = foyer_local_time_get_zone ();
  utc = g_date_time_new_from_unix_utc (since_us / G_USEC_PER_SEC);
  local = utc != NULL ? g_date_time_to_timezone (utc, zone) : NULL;
  time = local != NULL ? g_date_time_format (local, "%H:%M:%S") : NULL;
  return g_strdup_printf ("No picture from %s since %s", self->camera_name,
      time != NULL ? time : "just now");
}

static gboolean
is_too_often (FoyerRun *self)
{
  gint64 now_us = foyer_clock_get_us (self->house->parts.clock);

  if (self->slate_due_us > now_us + SLATE_BURST_US)
    return TRUE;
  self->slate_due_us = MAX (self->slate_due_us, now_us) + SLATE_US;
  return FALSE;
}

void
foyer_run_draw_slate (FoyerRun *self, gint64 since_us)
{
  if (is_too_often (self))
    return;
  foyer_run_drop_slate (self);
  self->slate_text = make_text (self, since_us);
  foyer_starts_enter (self->house->slates, self, go_draw);
}

void
foyer_run_drop_slate (FoyerRun *self)
{
  finish (self);
  g_clear_pointer (&self->slate_text, g_free);
}
