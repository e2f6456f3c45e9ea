/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-core.h"
#include "foyer-launcher.h"

G_BEGIN_DECLS

/* foyerd's end of one worker: its process and its channel. What the worker says
 * is handed on if the channel's table allows it; a worker that breaks the rules,
 * closes its channel or dies is made sure to be dead, and that is told once.
 * Nothing here blocks but the wait for a process that was killed. Main thread. */

typedef struct _FoyerPeer FoyerPeer;

/**
 * FoyerBirth:
 * @session: whose worker it is; 0 for a camera's
 * @camera: of which camera it may hold frames; 0 for none
 * @generation: of which opening of it
 * @has_sound: and it may hold what the camera's microphone hears
 *
 * What a worker was born for. It never changes.
 */
typedef struct
{
  FoyerSessionId session;
  FoyerCameraId camera;
  guint64 generation;
  gboolean has_sound;
} FoyerBirth;

/**
 * FoyerPeerEvents:
 * @said: the worker said something; of the four descriptors (-1 for none) it may
 *   take some, by putting -1 in their place: the rest are closed
 * @gone: its process is no more, without foyer_peer_kill(); the last thing told.
 *   #FOYER_REASON_NONE if it had closed or exited with success,
 *   #FOYER_REASON_WORKER_DIED or #FOYER_REASON_WORKER_ROGUE
 *
 * Either may free the peer.
 */
typedef struct
{
  void (*said) (FoyerPeer *peer, const FoyerMessage *message, int *fds,
      gpointer user_data);
  void (*gone) (FoyerPeer *peer, FoyerReason reason, gpointer user_data);
} FoyerPeerEvents;

/**
 * foyer_peer_new:
 * @launcher: (transfer none): lives longer
 * @kind: of worker
 * @birth: what it is for
 * @events: (transfer none): whom to tell; lives longer
 * @user_data: handed to them
 * @error: return location
 *
 * Launches a worker.
 *
 * Returns: (transfer full): its peer, or %NULL with a #GIOErrorEnum
 */
FoyerPeer *foyer_peer_new (const FoyerLauncher *launcher, FoyerWorkerKind kind,
    const FoyerBirth *birth, const FoyerPeerEvents *events, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_peer_send:
 * @self: a peer
 * @message: what to say
 * @fds: (array length=n_fds) (transfer none) (nullable): to go along
 * @n_fds: how many
 *
 * Returns: %FALSE if the worker can't take it: it is at an end, and the caller
 *   kills it. The reason is in the log
 */
gboolean foyer_peer_send (FoyerPeer *self, const FoyerMessage *message,
    const int *fds, guint n_fds) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the channel's table lets us say that now. */
gboolean foyer_peer_may_send (const FoyerPeer *self,
    const FoyerMessage *message, guint n_fds);

/**
 * foyer_peer_kill:
 * @self: a peer
 *
 * When this returns there is no process, and nothing more is told.
 */
void foyer_peer_kill (FoyerPeer *self);

/* Sends it the kill without waiting, so that many die at once;
 * foyer_peer_kill() waits. */
void foyer_peer_doom (FoyerPeer *self);

/* Whether its process may still run. */
gboolean foyer_peer_is_alive (const FoyerPeer *self);
FoyerWorkerKind foyer_peer_get_kind (const FoyerPeer *self);
const FoyerBirth *foyer_peer_get_birth (const FoyerPeer *self);

/* (transfer full) (nullable): kills it first */
void foyer_peer_free (FoyerPeer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerPeer, foyer_peer_free)

G_END_DECLS
