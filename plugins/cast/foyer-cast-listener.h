/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-thread.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A listening TCP socket, on one thread. */

typedef struct _FoyerCastListener FoyerCastListener;

/* (transfer none): somebody connected. On the thread. */
typedef void (
    *FoyerCastAccepted) (GSocketConnection *connection, gpointer user_data);

/**
 * foyer_cast_listener_new:
 * @thread: (transfer none): where @func is called; must outlive it
 * @address: (nullable): address to listen on; %NULL for loopback, IPv4
 * @port: TCP port; 0 for any that is free
 * @func: told
 * @user_data: for @func
 * @error: return location
 *
 * Any thread; @func may be called at once.
 *
 * Returns: (transfer full): it listens; or %NULL with %FOYER_CAST_ERROR_SOCKET
 */
FoyerCastListener *foyer_cast_listener_new (FoyerCastThread *thread,
    const char *address, guint16 port, FoyerCastAccepted func,
    gpointer user_data, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The TCP port it listens on. */
guint16 foyer_cast_listener_get_port (const FoyerCastListener *self);

/* (transfer full) (nullable): on the thread */
void foyer_cast_listener_free (FoyerCastListener *self);

G_END_DECLS
