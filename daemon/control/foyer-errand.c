/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-errand.h"

#include "foyer-dialer.h"
#include "foyer-fd.h"
#include "foyer-peer.h"

#include <string.h>

struct _FoyerErrand
{
  const FoyerLauncher *launcher;
  const char *roots; /* nullable */
  FoyerSessionId session;
  char *app; /* nullable */
  FoyerTrust trust;
  gboolean is_paired;
  gboolean has_volume; /* is sent for that */
  FoyerVolume volume;
  guint8 key[FOYER_CORE_KEY_BYTES];
  GCancellable *dialling;
  FoyerPeer *peer;
  guint limit;
  FoyerErrandResult result;
  FoyerErrandDone done;
  gpointer user_data;
};

static void
finish (FoyerErrand *self, const char *words)
{
  self->result.words = words;
  g_clear_handle_id (&self->limit, g_source_remove);
  g_cancellable_cancel (self->dialling);
  g_clear_pointer (&self->peer, foyer_peer_free);
  if (self->done != NULL) {
    FoyerErrandDone done = self->done;

    self->done = NULL;
    done (&self->result, self->user_data);
  }
}

static gboolean
is_right_display (const FoyerErrand *self)
{
  if (self->trust == FOYER_TRUST_ANY)
    return TRUE;
  return self->is_paired && self->result.has_signed &&
      (self->trust == FOYER_TRUST_PINNED || self->result.has_chain) &&
      memcmp (self->key, self->result.key, sizeof self->key) == 0;
}

static void
on_identity (FoyerErrand *self, const FoyerMessage *message)
{
  const FoyerMessage approve = { .type = FOYER_MESSAGE_APPROVE };

  self->result.has_identity = TRUE;
  memcpy (self->result.key, message->key, sizeof self->result.key);
  self->result.has_signed = message->has_signed;
  self->result.has_chain = message->has_chain;
  g_strlcpy (self->result.text, message->text, sizeof self->result.text);
  if (self->app == NULL && !self->has_volume) {
    self->result.is_done = TRUE;
    finish (self, NULL);
  } else if (!is_right_display (self)) {
    finish (self, "another display is there now");
  } else if (!foyer_peer_send (self->peer, &approve, NULL, 0)) {
    finish (self, "its worker died");
  }
}

static void
on_said (FoyerPeer *peer, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  FoyerErrand *self = user_data;

  if (message->type == FOYER_MESSAGE_IDENTITY) {
    on_identity (self, message);
  } else if (message->type == FOYER_MESSAGE_VOLUME) {
    self->result.volume = (FoyerVolume){ message->has_level,
      message->level_permille, message->has_muted, message->is_muted };
  } else if (message->type == FOYER_MESSAGE_CLEANED) {
    self->result.is_done = TRUE;
    finish (self, NULL);
  } else if (message->type == FOYER_MESSAGE_FAILED) {
    g_autofree char *words = g_strdup (message->text);

    finish (self, words);
  }
}

static void
on_gone (FoyerPeer *peer, FoyerReason reason, gpointer user_data)
{
  finish (user_data, "its worker died");
}

static void
send_worker (FoyerErrand *self, const FoyerLine *line)
{
  static const FoyerPeerEvents events = { .said = on_said, .gone = on_gone };
  g_autoptr (GError) error = NULL;
  const FoyerBirth birth = { .session = self->session };
  foyer_autofd int roots = foyer_dialer_open_roots (self->roots, &error);
  const int fds[] = { line->tcp, line->udp, roots };
  FoyerMessage config = {
    .type = FOYER_MESSAGE_CLEAN_CONFIG,
    .session = self->session,
    /* Whoever only asks wants to know whoever is there. */
    .trust = self->app != NULL || self->has_volume ? self->trust
                                                   : FOYER_TRUST_ANY,
  };
  const FoyerMessage volume = {
    .type = FOYER_MESSAGE_SET_VOLUME,
    .has_level = self->volume.has_level,
    .level_permille = self->volume.level_permille,
    .has_muted = self->volume.has_muted,
    .is_muted = self->volume.is_muted,
  };

  memcpy (config.key, self->key, sizeof config.key);
  g_strlcpy (config.text, self->app != NULL ? self->app : "",
      sizeof config.text);
  if (roots < 0) {
    finish (self, error->message);
    return;
  }
  self->peer = foyer_peer_new (self->launcher, FOYER_WORKER_CAST, &birth,
      &events, self, &error);
  if (self->peer == NULL)
    finish (self, error->message);
  else if (!foyer_peer_send (self->peer, &config, fds, 3) ||
      (self->has_volume && !foyer_peer_send (self->peer, &volume, NULL, 0)))
    finish (self, "its worker died");
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_auto (FoyerLine) line = { -1, -1 };
  g_autoptr (GError) error = NULL;

  if (!foyer_dialer_dial_finish (result, &line, &error)) {
    /* A cancelled errand is freed already. */
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      finish (user_data, error->message);
    return;
  }
  send_worker (user_data, &line);
}

static gboolean
on_limit (gpointer user_data)
{
  FoyerErrand *self = user_data;

  self->limit = 0;
  finish (self, "it took too long");
  return G_SOURCE_REMOVE;
}

FoyerErrand *
foyer_errand_new (const FoyerLauncher *launcher, const char *roots,
    const FoyerDisplayEntry *display, FoyerSessionId session, const char *app,
    FoyerErrandDone done, gpointer user_data)
{
  FoyerErrand *self = g_new0 (FoyerErrand, 1);

  self->launcher = launcher;
  self->roots = roots;
  self->session = session;
  self->app = g_strdup (app);
  self->trust = display->trust;
  self->is_paired = display->is_paired;
  memcpy (self->key, display->key, sizeof self->key);
  self->done = done;
  self->user_data = user_data;
  self->dialling = g_cancellable_new ();
  self->limit = g_timeout_add (FOYER_ERRAND_LIMIT_MS, on_limit, self);
  foyer_dialer_dial_async ((const char *const *) display->hosts, display->port,
      self->dialling, on_dialled, self);
  return self;
}

void
foyer_errand_set_volume (FoyerErrand *self, const FoyerVolume *volume)
{
  self->has_volume = TRUE;
  self->volume = *volume;
}

void
foyer_errand_free (FoyerErrand *self)
{
  if (self == NULL)
    return;
  self->done = NULL;
  finish (self, NULL);
  g_clear_object (&self->dialling);
  g_free (self->app);
  g_free (self);
}
