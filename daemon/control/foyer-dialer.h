/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Connections to displays. Workers may neither open nor connect a socket, so
 * foyerd does both for them, and knows whereto: the address comes from the
 * display's entry, never from a worker.
 *
 * Where a display takes media is known only after the worker's talk with it. So a
 * worker is born with a UDP socket that is bound, to the local address of its TCP
 * connection, but not connected; foyerd keeps a second descriptor of it, connects
 * that to the display's address and the port that the worker names, and closes
 * it. The two descriptors are one socket: the worker's is connected by that, and
 * to the granted display alone. Until then nothing can be sent from it. */

/**
 * FoyerLine:
 * @tcp: connected to the display; -1 for none
 * @udp: bound, not connected; -1 for none
 *
 * Both non-blocking and close-on-exec; owned.
 */
typedef struct
{
  int tcp;
  int udp;
} FoyerLine;

void foyer_line_init (FoyerLine *self);
void foyer_line_clear (FoyerLine *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerLine, foyer_line_clear)

/**
 * foyer_dialer_dial_async:
 * @hosts: (array zero-terminated=1): names, IPv4 or IPv6 addresses, with a scope if
 *   need be; tried in this order
 * @port: TCP port
 * @cancellable: (nullable): to give it up
 * @callback: called when it is done
 * @user_data: for it
 *
 * Connects to a display, without any proxy; five seconds at most for all of its
 * addresses.
 */
void foyer_dialer_dial_async (const char *const *hosts, guint16 port,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data);

/**
 * foyer_dialer_dial_finish:
 * @result: what the callback got
 * @line: (out caller-allocates): the connection
 * @error: return location
 *
 * Returns: %FALSE with a #GIOErrorEnum or #GResolverError
 */
gboolean foyer_dialer_dial_finish (GAsyncResult *result, FoyerLine *line,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_dialer_open_roots:
 * @path: (nullable): file of trusted roots in PEM; %NULL for none
 * @error: return location
 *
 * A descriptor for one worker. Each gets one of its own: descriptors that are
 * copies share the place up to which they were read.
 *
 * Returns: (transfer full): the descriptor, or -1 with a #GIOErrorEnum
 */
int foyer_dialer_open_roots (const char *path, GError **error);

/**
 * foyer_line_connect_media:
 * @self: a line
 * @port: UDP port at the display, as the worker said
 * @error: return location
 *
 * Connects the UDP socket, ours and whoever has it, to the address that the TCP
 * connection leads to, and closes our descriptors of both. Ports below 1024 are
 * refused: no display takes media there, while DNS and others answer there.
 *
 * Returns: %FALSE with a #GIOErrorEnum: nothing can be sent then
 */
gboolean foyer_line_connect_media (FoyerLine *self, guint16 port,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_line_listen:
 * @self: a line
 * @error: return location
 *
 * In place of the UDP socket, one that listens at our end's address, at a port of
 * the kernel's choice: for a display that asks for what it is shown.
 *
 * Returns: %FALSE with a #GIOErrorEnum
 */
gboolean foyer_line_listen (FoyerLine *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
