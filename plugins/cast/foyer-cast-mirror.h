/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-display.h"
#include "foyer-cast-thread.h"

G_BEGIN_DECLS

/* A display's mirroring app: answers OFFERs and receives the streams they come
 * to, of one sender at a time. On the display's thread, as are the callbacks. */

typedef struct _FoyerCastMirror FoyerCastMirror;

/**
 * FoyerCastMirrorCallbacks:
 * @on_session: streams were settled
 * @on_frame: a frame came
 * @on_session_ended: the streams are over
 * @on_silence: the sender sends nothing any more; _end is to be called
 */
typedef struct
{
  void (*on_session) (guint64 session_number,
      const FoyerCastStreamConfig *streams, guint n_streams,
      gpointer user_data);
  void (*on_frame) (FoyerCastReceivedFrame *frame, gpointer user_data);
  void (*on_session_ended) (guint64 session_number, const char *reason,
      gpointer user_data);
  void (*on_silence) (gpointer user_data);
} FoyerCastMirrorCallbacks;

/**
 * foyer_cast_mirror_new:
 * @thread: (transfer none): the display's; must outlive it
 * @config: (transfer none): the display's, must outlive it, with a clock
 * @callbacks: copied
 * @user_data: for them
 *
 * Returns: (transfer full): an app without streams
 */
FoyerCastMirror *foyer_cast_mirror_new (FoyerCastThread *thread,
    const FoyerCastDisplayConfig *config,
    const FoyerCastMirrorCallbacks *callbacks, gpointer user_data);

/**
 * foyer_cast_mirror_take:
 * @self: an app
 * @message: (transfer none): of the webrtc namespace
 * @connection: (transfer none): whom it came from
 *
 * An OFFER that is accepted ends the streams of the one before; one that is not
 * leaves them as they are.
 *
 * Returns: (transfer full) (nullable): what to answer
 */
char *foyer_cast_mirror_take (FoyerCastMirror *self, JsonObject *message,
    GSocketConnection *connection);

/* Ends the streams, if there are any; nothing of them is left. */
void foyer_cast_mirror_end (FoyerCastMirror *self, const char *reason);

/* Any thread, all three. */
void foyer_cast_mirror_request_key (FoyerCastMirror *self, guint stream);
void foyer_cast_mirror_set_drop (FoyerCastMirror *self, double fraction);
void foyer_cast_mirror_get_stats (FoyerCastMirror *self,
    FoyerCastReceiverStats *stats);

/* (transfer full) (nullable): without streams */
void foyer_cast_mirror_free (FoyerCastMirror *self);

G_END_DECLS
