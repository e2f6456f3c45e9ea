/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-sender.h"
#include "foyer-cast-thread.h"
#include "foyer-clock.h"

G_BEGIN_DECLS

/* The media of a sending session: engine, UDP socket, timer, and the lock that
 * makes them one. Frames come on any thread and leave on it; feedback and what
 * the pacer held back go on the session's thread. */

typedef struct _FoyerCastMedia FoyerCastMedia;

/**
 * FoyerCastMediaCallbacks:
 * @on_key_needed: once each time a stream begins to need a key frame
 * @on_bit_rate: the video should have @bps from now on
 * @on_failed: the display does not hear us; called once
 *
 * On the session's thread, without the lock.
 */
typedef struct
{
  void (*on_key_needed) (guint stream, gpointer user_data);
  void (*on_bit_rate) (guint32 bps, gpointer user_data);
  void (*on_failed) (const GError *error, gpointer user_data);
} FoyerCastMediaCallbacks;

/**
 * FoyerCastMediaConfig:
 * @thread: (transfer none): the session's
 * @clock: (transfer none): the session's
 * @root: (transfer none) (nullable): what keys are derived from
 * @guard: asked of all frames but slates
 * @waits_for_connection: nothing is sent before the socket is connected, which
 *   somebody else does
 *
 * Everything named must outlive the media.
 */
typedef struct
{
  FoyerCastThread *thread;
  const FoyerClock *clock;
  const FoyerCastKeyRoot *root;
  FoyerCastGuard guard;
  gboolean waits_for_connection;
} FoyerCastMediaConfig;

/**
 * foyer_cast_media_new:
 * @config: copied
 * @callbacks: copied
 * @user_data: for them
 *
 * Returns: (transfer full): media that takes no frame yet
 */
FoyerCastMedia *foyer_cast_media_new (const FoyerCastMediaConfig *config,
    const FoyerCastMediaCallbacks *callbacks, gpointer user_data);

/**
 * foyer_cast_media_start:
 * @self: media
 * @socket: (transfer none): a UDP socket; the same each time
 * @remote: (transfer none): the display's UDP address
 * @streams: (array length=n_streams): as settled
 * @n_streams: how many
 * @min_bps: least video bit rate
 * @max_bps: most
 *
 * Begins, or begins anew with other streams: what was there is wiped. A socket
 * that is connected is used as it is; another is only listened to for what
 * comes from @remote. Session's thread.
 *
 * Returns: %FALSE if it was closed already
 */
gboolean foyer_cast_media_start (FoyerCastMedia *self, GSocket *socket,
    GSocketAddress *remote, const FoyerCastStreamConfig *streams,
    guint n_streams, guint32 min_bps, guint32 max_bps);

/* The engine's calls of these names, at this moment. Any thread. Nothing is
 * taken before _start and after _close: %FOYER_CAST_VERDICT_NEED_KEY. */
FoyerCastVerdict foyer_cast_media_check (FoyerCastMedia *self, guint stream,
    gint64 capture_us);
FoyerCastVerdict foyer_cast_media_push (FoyerCastMedia *self, guint stream,
    const FoyerCastFrame *frame);
gboolean foyer_cast_media_needs_key (FoyerCastMedia *self, guint stream);
void foyer_cast_media_set_delay (FoyerCastMedia *self, guint32 delay_ms);
void foyer_cast_media_get_stats (FoyerCastMedia *self,
    FoyerCastSenderStats *stats);

/**
 * foyer_cast_media_close_frames:
 * @self: media
 *
 * Wipes all frames but slates from the history and from what waits for room in
 * the socket, and refuses them from now on, whatever is started after: when
 * this has returned, no byte of a camera leaves any more, on any thread. Waits
 * for the lock alone. Any thread; may be called twice.
 */
void foyer_cast_media_close_frames (FoyerCastMedia *self);

/**
 * foyer_cast_media_close:
 * @self: media
 *
 * Wipes keys and history and closes the socket: when this has returned, no byte
 * leaves any more, on any thread. Any thread; may be called twice.
 */
void foyer_cast_media_close (FoyerCastMedia *self);

/* (transfer full) (nullable): closes it first; when nobody can call it */
void foyer_cast_media_free (FoyerCastMedia *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastMedia, foyer_cast_media_free)

G_END_DECLS
