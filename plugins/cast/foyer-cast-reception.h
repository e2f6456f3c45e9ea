/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-receiver.h"
#include "foyer-cast-thread.h"
#include "foyer-clock.h"

G_BEGIN_DECLS

/* The media of a display: receiving engine, UDP socket and timer, on the
 * display's thread. Feedback goes to where the first valid packet came from,
 * which must be the host at the other end of the TLS connection; everything
 * else is counted and dropped. */

typedef struct _FoyerCastReception FoyerCastReception;

/**
 * FoyerCastReceptionCallbacks:
 * @on_frame: a frame came; take its data with g_steal_pointer() to keep it
 * @on_silence: nothing came for FOYER_CAST_MEDIA_TIMEOUT_MS
 *
 * On the display's thread, without the lock.
 */
typedef struct
{
  void (*on_frame) (FoyerCastReceivedFrame *frame, gpointer user_data);
  void (*on_silence) (gpointer user_data);
} FoyerCastReceptionCallbacks;

/**
 * foyer_cast_reception_new:
 * @thread: (transfer none): the display's; must outlive it
 * @clock: (transfer none): the display's
 * @local: (transfer none): address to bind to
 * @peer: (transfer none): the sender's TCP address
 * @callbacks: copied
 * @user_data: for them
 * @error: return location
 *
 * Returns: (transfer full): a bound socket that hears nothing yet, or %NULL
 *   with %FOYER_CAST_ERROR_SOCKET
 */
FoyerCastReception *foyer_cast_reception_new (FoyerCastThread *thread,
    const FoyerClock *clock, GSocketAddress *local, GSocketAddress *peer,
    const FoyerCastReceptionCallbacks *callbacks, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The UDP port it is bound to. */
guint16 foyer_cast_reception_get_port (const FoyerCastReception *self);

/* What a datagram to that peer may hold. */
gsize foyer_cast_reception_get_max_datagram_bytes (
    const FoyerCastReception *self);

/**
 * foyer_cast_reception_start:
 * @self: a reception
 * @streams: (array length=n_streams): as settled
 * @n_streams: how many
 *
 * Begins, or begins anew: what was there is wiped and counted no more. Display's
 * thread.
 */
void foyer_cast_reception_start (FoyerCastReception *self,
    const FoyerCastStreamConfig *streams, guint n_streams);

/* Any thread, all three. */
void foyer_cast_reception_request_key (FoyerCastReception *self, guint stream);
void foyer_cast_reception_set_drop (FoyerCastReception *self, double fraction);
void foyer_cast_reception_get_stats (FoyerCastReception *self,
    FoyerCastReceiverStats *stats);

/* (transfer full) (nullable): wipes keys and frames. Display's thread, also from
 * its callbacks. */
void foyer_cast_reception_free (FoyerCastReception *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastReception, foyer_cast_reception_free)

G_END_DECLS
