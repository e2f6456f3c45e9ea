/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-message.h"
#include "foyer-cast-thread.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* CastMessages over TLS, at either end. Everything happens on one thread,
 * callbacks too; nothing blocks. Heartbeats are made and answered here and are
 * never seen by the owner.
 *
 * As a client it takes any certificate: displays sign their own and renew it
 * every two days. Who is at the other end is for device authentication to say,
 * and nothing else may be sent before it has. */

typedef struct _FoyerCastChannel FoyerCastChannel;

/**
 * FoyerCastChannelCallbacks:
 * @on_open: TLS is up
 * @on_message: a message came; returns %FALSE if it was malformed, too many of
 *   which in a row end the channel
 * @on_closed: the channel is over, called once, never from within a call of
 *   the owner's; still to be closed
 *
 * None of them is called after foyer_cast_channel_close().
 */
typedef struct
{
  void (*on_open) (FoyerCastChannel *self, gpointer user_data);
  gboolean (*on_message) (FoyerCastChannel *self,
      const FoyerCastMessage *message, gpointer user_data);
  void (*on_closed) (FoyerCastChannel *self, const GError *error,
      gpointer user_data);
} FoyerCastChannelCallbacks;

/**
 * foyer_cast_channel_new_client:
 * @thread: (transfer none): where it lives; must outlive it
 * @connection: (transfer none): a connected socket
 * @callbacks: copied
 * @user_data: for them
 * @error: return location
 *
 * Begins the TLS handshake.
 *
 * Returns: (transfer full): the channel, or %NULL with %FOYER_CAST_ERROR_TLS
 */
FoyerCastChannel *foyer_cast_channel_new_client (FoyerCastThread *thread,
    GSocketConnection *connection, const FoyerCastChannelCallbacks *callbacks,
    gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_channel_new_server:
 * @thread: (transfer none): where it lives; must outlive it
 * @connection: (transfer none): an accepted socket
 * @certificate: (transfer none): ours, with its key
 * @callbacks: copied
 * @user_data: for them
 * @error: return location
 *
 * Returns: (transfer full): the channel, or %NULL with %FOYER_CAST_ERROR_TLS
 */
FoyerCastChannel *foyer_cast_channel_new_server (FoyerCastThread *thread,
    GSocketConnection *connection, GTlsCertificate *certificate,
    const FoyerCastChannelCallbacks *callbacks, gpointer user_data,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_channel_get_leaf:
 * @self: an open channel
 *
 * Returns: (transfer none): DER of the display's TLS certificate: the peer's
 *   to a client, one's own to a server; %NULL before _on_open
 */
GBytes *foyer_cast_channel_get_leaf (const FoyerCastChannel *self);

/* (transfer none): the socket below */
GSocketConnection *foyer_cast_channel_get_connection (
    const FoyerCastChannel *self);

/**
 * foyer_cast_channel_send:
 * @self: a channel
 * @message: (transfer none): what to say
 *
 * Queues it; dropped unless the channel is open. A peer that does not read ends
 * the channel with %FOYER_CAST_ERROR_TOO_LARGE.
 */
void foyer_cast_channel_send (FoyerCastChannel *self,
    const FoyerCastMessage *message);

/* The same for a text. */
void foyer_cast_channel_send_text (FoyerCastChannel *self,
    const char *source_id, const char *destination_id, const char *name_space,
    const char *text);

/**
 * foyer_cast_channel_close:
 * @self: (transfer full) (nullable): a channel
 *
 * Calls nobody any more; in the background sends what is queued, says goodbye
 * in TLS and closes the socket, FOYER_CAST_CLOSE_TIMEOUT_MS at most. Holds the
 * thread meanwhile.
 */
void foyer_cast_channel_close (FoyerCastChannel *self);

G_END_DECLS
