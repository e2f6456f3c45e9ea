/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A connection to a session's server, which is for one request. Its head is read whole
 * before anybody parses it (foyer-web-head.h), and nothing behind it is; in the place of
 * an odd one stands a request for nothing. Main thread. */

typedef struct _FoyerWebConnection FoyerWebConnection;

/**
 * FoyerWebConnectionCallbacks:
 * @asked: the request is there: a stream that has its head to read and takes what is
 *   answered; once the last reference to it is gone, so is the connection
 * @gone: nobody is there any more; it is to be freed
 */
typedef struct
{
  void (
      *asked) (FoyerWebConnection *self, GIOStream *stream, gpointer user_data);
  void (*gone) (FoyerWebConnection *self, gpointer user_data);
} FoyerWebConnectionCallbacks;

/**
 * foyer_web_connection_new:
 * @socket: (transfer none): connected
 * @peer: (transfer none): its other end
 * @callbacks: (transfer none): live longer
 * @user_data: for them
 *
 * Returns: (transfer full): one that waits for a request
 */
FoyerWebConnection *foyer_web_connection_new (GSocket *socket,
    GSocketAddress *peer, const FoyerWebConnectionCallbacks *callbacks,
    gpointer user_data);

/* (transfer none): its other end, whose port tells it from others */
GSocketAddress *foyer_web_connection_get_peer (const FoyerWebConnection *self);

/* (transfer none): what it is on */
GSocket *foyer_web_connection_get_socket (const FoyerWebConnection *self);

/* Something happened on it just now. */
void foyer_web_connection_note_active (FoyerWebConnection *self);

/* How long ago that was. */
gint64 foyer_web_connection_get_idle_us (const FoyerWebConnection *self);

/* Closes it; what the kernel holds of it goes nowhere either. It is gone now, or once
 * the stream is. */
void foyer_web_connection_abort (FoyerWebConnection *self);

/* (transfer full) (nullable): likewise */
void foyer_web_connection_free (FoyerWebConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerWebConnection, foyer_web_connection_free)

/* Closes any socket so. */
void foyer_web_connection_abort_socket (GSocket *socket);

G_END_DECLS
