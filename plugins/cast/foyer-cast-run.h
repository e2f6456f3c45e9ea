/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-media.h"
#include "foyer-cast-session.h"
#include "foyer-cast-thread.h"

G_BEGIN_DECLS

/* What a session does on its thread: from the connection through device
 * authentication, LAUNCH, OFFER and ANSWER to the goodbye. Each step has its
 * time limit; whatever goes wrong ends in one on_failed, after which the display
 * is told goodbye without being asked. Everything here is called on the thread
 * unless it says otherwise. */

typedef struct _FoyerCastRun FoyerCastRun;

/**
 * FoyerCastRunConfig:
 * @session: who the callbacks are called for
 * @thread: (transfer none): the session's
 * @clock: (transfer none): the session's
 * @trust: (transfer none): roots
 * @root: (transfer none) (nullable): what keys are derived from
 * @guard: asked of all frames but slates
 * @level: how sure of the display one must be
 * @pin: (transfer none) (nullable): fingerprint it must have
 * @wants_approval: an accepted display must be approved as well
 * @waits_for_connection: somebody else connects the UDP socket
 * @is_player: a player is launched and shown a URL, instead of an OFFER
 * @callbacks: copied
 * @user_data: for them
 *
 * Everything named must outlive the run.
 */
typedef struct
{
  FoyerCastSession *session;
  FoyerCastThread *thread;
  const FoyerClock *clock;
  const FoyerCastTrust *trust;
  const FoyerCastKeyRoot *root;
  FoyerCastGuard guard;
  FoyerCastAuthLevel level;
  const char *pin;
  gboolean wants_approval;
  gboolean waits_for_connection;
  gboolean is_player;
  FoyerCastSessionCallbacks callbacks;
  gpointer user_data;
} FoyerCastRunConfig;

/* (transfer full): idle. Any thread */
FoyerCastRun *foyer_cast_run_new (const FoyerCastRunConfig *config);

/* (transfer none): one for the whole life. Any thread */
FoyerCastMedia *foyer_cast_run_get_media (const FoyerCastRun *self);

/* Where it is. Any thread. */
FoyerCastStep foyer_cast_run_get_step (FoyerCastRun *self);

/* No callback begins after this. Any thread. */
void foyer_cast_run_silence (FoyerCastRun *self);

/* Begins with a connection to @host and @port; once. */
void foyer_cast_run_start (FoyerCastRun *self, const char *host, guint16 port);

/**
 * foyer_cast_run_start_with_sockets:
 * @self: an idle run
 * @connection: (transfer none): connected TCP socket
 * @media: (transfer none) (nullable): bound UDP socket; a player needs none
 */
void foyer_cast_run_start_with_sockets (FoyerCastRun *self,
    GSocketConnection *connection, GSocket *media);

/* Instead of launching anything, stops @app_session_id; before the start. */
void foyer_cast_run_clean (FoyerCastRun *self, const char *app_session_id);

/* Instead of launching anything, asks how loud the display is, or sets that; before it
 * is approved. */
void foyer_cast_run_tune (FoyerCastRun *self,
    const FoyerCastVolumeChange *change);

/* The answer to on_identity, if it is waited for. */
void foyer_cast_run_approve (FoyerCastRun *self, gboolean is_approved);

/* Offers @wish as soon as the app runs, or anew. */
void foyer_cast_run_offer (FoyerCastRun *self, const FoyerCastOfferWish *wish);

/* Plays @load, once the player was launched. */
void foyer_cast_run_load (FoyerCastRun *self, const FoyerCastLoad *load);

/* The display's sound; nothing before it was launched on. */
void foyer_cast_run_set_volume (FoyerCastRun *self, double level);
void foyer_cast_run_set_muted (FoyerCastRun *self, gboolean is_muted);

/* Says goodbye, at whatever step; holds the thread until that is done. */
void foyer_cast_run_stop (FoyerCastRun *self);

/* (transfer full): when the thread has ended */
void foyer_cast_run_free (FoyerCastRun *self);

G_END_DECLS
