/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-thread.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* From a name or an address to a TCP connection: all its addresses, IPv6 and
 * IPv4 side by side (RFC 8305, which GSocketClient does), within
 * FOYER_CAST_CONNECT_TIMEOUT_MS. No proxy is asked. */

typedef struct _FoyerCastConnector FoyerCastConnector;

/**
 * FoyerCastConnected:
 * @connection: (transfer none) (nullable): the connection, or %NULL
 * @error: (nullable): %FOYER_CAST_ERROR_UNREACHABLE
 * @user_data: as given
 *
 * Called once, on the thread. It may free the connector.
 */
typedef void (*FoyerCastConnected) (GSocketConnection *connection,
    const GError *error, gpointer user_data);

/**
 * foyer_cast_connector_new:
 * @thread: (transfer none): where it lives; must outlive it
 * @host: name or address; IPv6 with or without brackets and scope
 * @port: TCP port
 * @func: told
 * @user_data: for @func
 *
 * Begins. On the thread.
 *
 * Returns: (transfer full): the attempt
 */
FoyerCastConnector *foyer_cast_connector_new (FoyerCastThread *thread,
    const char *host, guint16 port, FoyerCastConnected func,
    gpointer user_data);

/* (transfer full) (nullable): gives up; nobody is told any more */
void foyer_cast_connector_free (FoyerCastConnector *self);

/**
 * foyer_cast_connector_strip:
 * @host: name or address, perhaps in brackets
 *
 * Returns: (transfer full): it without the brackets
 */
char *foyer_cast_connector_strip (const char *host);

/**
 * foyer_cast_connector_print:
 * @host: name or address, perhaps in brackets
 * @port: TCP port
 *
 * Returns: (transfer full): "host:port", IPv6 in brackets, escaped for logs
 */
char *foyer_cast_connector_print (const char *host, guint16 port);

G_END_DECLS
