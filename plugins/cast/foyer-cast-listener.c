/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-listener.h"

#include "foyer-cast-connector.h"
#include "foyer-cast-error.h"

struct _FoyerCastListener
{
  GSocket *socket;
  GSource *source;
  guint16 port;
  FoyerCastAccepted func;
  gpointer user_data;
};

static gboolean
on_waiting (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  FoyerCastListener *self = user_data;
  /* It may be gone again; then there is nothing to accept. */
  g_autoptr (GSocket) accepted = g_socket_accept (socket, NULL, NULL);
  g_autoptr (GSocketConnection) connection = NULL;

  if (accepted == NULL)
    return G_SOURCE_CONTINUE;
  g_socket_set_blocking (accepted, FALSE);
  connection = g_socket_connection_factory_create_connection (accepted);
  self->func (connection, self->user_data);
  return G_SOURCE_CONTINUE;
}

static GSocketAddress *
make_address (const char *text, guint16 port)
{
  g_autofree char *bare = foyer_cast_connector_strip (text);

  return g_inet_socket_address_new_from_string (bare, port);
}

static GSocket *
listen_at (GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new (g_socket_address_get_family (
                                                 address),
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket == NULL)
    return NULL;
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_bind (socket, address, TRUE, error) ||
      !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static guint16
find_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket,
      NULL);

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return 0;
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

FoyerCastListener *
foyer_cast_listener_new (FoyerCastThread *thread, const char *address,
    guint16 port, FoyerCastAccepted func, gpointer user_data, GError **error)
{
  const char *text = address != NULL ? address : "127.0.0.1";
  g_autoptr (GSocketAddress) where = make_address (text, port);
  g_autoptr (GError) cause = NULL;
  GSocket *socket = NULL;
  FoyerCastListener *self;

  if (where != NULL)
    socket = listen_at (where, &cause);
  if (socket == NULL) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_SOCKET,
        "listening on %s, port %u: %s", text, port,
        cause != NULL ? cause->message : "not an address");
    return NULL;
  }
  self = g_new0 (FoyerCastListener, 1);
  self->socket = socket;
  self->port = find_port (socket);
  self->func = func;
  self->user_data = user_data;
  self->source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_waiting), self, NULL);
  g_source_attach (self->source, foyer_cast_thread_get_context (thread));
  return self;
}

guint16
foyer_cast_listener_get_port (const FoyerCastListener *self)
{
  return self->port;
}

void
foyer_cast_listener_free (FoyerCastListener *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_free (self);
}
