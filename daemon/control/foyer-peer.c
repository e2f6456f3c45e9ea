/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-peer.h"

#include "foyer-fd.h"

#include <gio/gio.h>
#include <glib-unix.h>

/* Messages taken in one go, so that no worker holds up the others. */
#define MAX_BATCH 32

struct _FoyerPeer
{
  grefcount refs; /* ours, and one while the worker is being listened to */
  const FoyerLauncher *launcher;
  FoyerChild child;
  FoyerWorkerKind kind;
  FoyerBirth birth;
  FoyerProtocol protocol;
  const FoyerPeerEvents *events; /* NULL once freed */
  gpointer user_data;
  gboolean is_alive;
  guint channel_watch;
  guint exit_watch;
};

static void
peer_unref (FoyerPeer *self)
{
  if (g_ref_count_dec (&self->refs))
    g_free (self);
}

/* The process is no more after this; TRUE if it had ended well by itself. */
static gboolean
end_process (FoyerPeer *self)
{
  if (!self->is_alive)
    return FALSE;
  self->is_alive = FALSE;
  g_clear_handle_id (&self->channel_watch, g_source_remove);
  g_clear_handle_id (&self->exit_watch, g_source_remove);
  return foyer_launcher_end (self->launcher, &self->child);
}

static void
be_gone (FoyerPeer *self, gboolean is_rogue)
{
  gboolean has_closed = self->protocol.phase == FOYER_PHASE_CLOSED;
  gboolean is_success = end_process (self);
  FoyerReason reason = FOYER_REASON_WORKER_DIED;

  if (is_rogue)
    reason = FOYER_REASON_WORKER_ROGUE;
  else if (is_success || has_closed)
    reason = FOYER_REASON_NONE;
  g_debug ("foyer-%s of session %" G_GUINT64_FORMAT " is gone, reason %d",
      foyer_worker_kind_to_string (self->kind), self->birth.session.v,
      (int) reason);
  if (self->events != NULL)
    self->events->gone (self, reason, self->user_data);
}

/* Hands on one message; FALSE if there is none now, or the worker is gone. */
static gboolean
take_message (FoyerPeer *self)
{
  g_autoptr (GError) error = NULL;
  FoyerMessage message;
  int fds[FOYER_CHANNEL_MAX_FDS];
  int result = foyer_channel_receive (self->child.channel, &self->protocol,
      TRUE, &message, fds, &error);

  if (result == 0)
    return FALSE;
  if (result < 0) {
    gboolean is_rogue = g_error_matches (error, G_IO_ERROR,
        G_IO_ERROR_INVALID_DATA);

    if (is_rogue)
      g_warning ("foyer-%s: %s", foyer_worker_kind_to_string (self->kind),
          error->message);
    be_gone (self, is_rogue);
    return FALSE;
  }
  g_debug ("foyer-%s of session %" G_GUINT64_FORMAT " says %s",
      foyer_worker_kind_to_string (self->kind), self->birth.session.v,
      foyer_message_type_to_string (message.type));
  self->events->said (self, &message, fds, self->user_data);
  for (gsize i = 0; i < G_N_ELEMENTS (fds); i++)
    foyer_fd_clear (&fds[i]);
  return self->is_alive && self->events != NULL;
}

/* FALSE once the peer is gone. */
static gboolean
take_messages (FoyerPeer *self, guint n_most)
{
  for (guint i = 0; i < n_most && take_message (self); i++)
    ;
  return self->is_alive;
}

static gboolean
on_channel (int fd, GIOCondition condition, gpointer user_data)
{
  FoyerPeer *self = user_data;
  gboolean is_alive;

  g_ref_count_inc (&self->refs);
  is_alive = take_messages (self, MAX_BATCH);
  peer_unref (self);
  return is_alive ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
on_ended (int fd, GIOCondition condition, gpointer user_data)
{
  FoyerPeer *self = user_data;

  g_ref_count_inc (&self->refs);
  /* Its last words are still in the channel; they are bounded by what a socket
   * holds. */
  if (take_messages (self, G_MAXUINT))
    be_gone (self, FALSE);
  peer_unref (self);
  return G_SOURCE_REMOVE;
}

FoyerPeer *
foyer_peer_new (const FoyerLauncher *launcher, FoyerWorkerKind kind,
    const FoyerBirth *birth, const FoyerPeerEvents *events, gpointer user_data,
    GError **error)
{
  FoyerChild child;
  FoyerPeer *self;

  if (!foyer_launcher_launch (launcher, kind, &child, error))
    return NULL;
  self = g_new0 (FoyerPeer, 1);
  g_ref_count_init (&self->refs);
  self->launcher = launcher;
  self->child = child;
  self->kind = kind;
  self->birth = *birth;
  self->events = events;
  self->user_data = user_data;
  self->is_alive = TRUE;
  foyer_protocol_init (&self->protocol, kind);
  self->channel_watch = g_unix_fd_add (child.channel, G_IO_IN | G_IO_HUP,
      on_channel, self);
  self->exit_watch = g_unix_fd_add (child.exit_fd, G_IO_IN, on_ended, self);
  return self;
}

gboolean
foyer_peer_send (FoyerPeer *self, const FoyerMessage *message, const int *fds,
    guint n_fds)
{
  g_autoptr (GError) error = NULL;

  if (!self->is_alive)
    return FALSE;
  if (foyer_channel_send (self->child.channel, &self->protocol, FALSE, message,
          fds, n_fds, &error))
    return TRUE;
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    g_warning ("saying %s to foyer-%s: %s",
        foyer_message_type_to_string (message->type),
        foyer_worker_kind_to_string (self->kind), error->message);
  return FALSE;
}

gboolean
foyer_peer_may_send (const FoyerPeer *self, const FoyerMessage *message,
    guint n_fds)
{
  FoyerProtocol protocol = self->protocol;

  return self->is_alive &&
      foyer_protocol_take (&protocol, FALSE, message, n_fds);
}

void
foyer_peer_kill (FoyerPeer *self)
{
  (void) end_process (self);
}

void
foyer_peer_doom (FoyerPeer *self)
{
  if (self->is_alive)
    foyer_launcher_doom (self->launcher, &self->child);
}

gboolean
foyer_peer_is_alive (const FoyerPeer *self)
{
  return self->is_alive;
}

FoyerWorkerKind
foyer_peer_get_kind (const FoyerPeer *self)
{
  return self->kind;
}

const FoyerBirth *
foyer_peer_get_birth (const FoyerPeer *self)
{
  return &self->birth;
}

void
foyer_peer_free (FoyerPeer *self)
{
  if (self == NULL)
    return;
  foyer_peer_kill (self);
  self->events = NULL;
  peer_unref (self);
}
