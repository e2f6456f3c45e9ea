/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-connection.h"

#include "foyer-clock.h"
#include "foyer-web-head.h"

#include <string.h>
#include <sys/socket.h>

#define SEND_BUFFER (64 * 1024)
/* In the place of what no player sends: it is refused as all is. */
#define NOTHING "GET / HTTP/1.1\r\nHost: nothing\r\n\r\n"

struct _FoyerWebConnection
{
  GSocket *socket;
  GSocketAddress *peer;
  const FoyerWebConnectionCallbacks *callbacks;
  gpointer user_data;
  gint64 active_us; /* when something last happened on it */
  GByteArray *head; /* of its request, as far as it came */
  GSource *reader;  /* of that; NULL once it is there */
};

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

void
foyer_web_connection_abort_socket (GSocket *socket)
{
  const struct linger none = { .l_onoff = 1, .l_linger = 0 };

  if (g_socket_is_closed (socket))
    return;
  if (setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &none,
          sizeof none) != 0)
    g_debug ("a connection closes slowly");
  g_socket_close (socket, NULL);
}

/* Whoever answered has no more to say: what the kernel holds of that goes on. */
static void
on_stream_gone (gpointer user_data, GObject *stream)
{
  FoyerWebConnection *self = user_data;

  if (!g_socket_is_closed (self->socket))
    g_socket_close (self->socket, NULL);
  self->callbacks->gone (self, self->user_data);
}

static void
hand_on (FoyerWebConnection *self)
{
  g_autoptr (GSocketConnection) connection =
      g_socket_connection_factory_create_connection (self->socket);
  g_autoptr (GBytes) head = g_bytes_new (self->head->data, self->head->len);
  g_autoptr (GInputStream) input = g_memory_input_stream_new_from_bytes (head);
  g_autoptr (GIOStream) stream = g_simple_io_stream_new (input,
      g_io_stream_get_output_stream (G_IO_STREAM (connection)));

  g_clear_pointer (&self->reader, g_source_unref);
  /* It would close the socket. */
  g_object_set_data_full (G_OBJECT (stream), "foyer-connection",
      g_object_ref (connection), g_object_unref);
  g_object_weak_ref (G_OBJECT (stream), on_stream_gone, self);
  self->callbacks->asked (self, stream, self->user_data);
}

static gboolean
on_head (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  FoyerWebConnection *self = user_data;
  guint8 bytes[FOYER_WEB_HEAD_MAX_BYTES];
  g_autoptr (GError) error = NULL;
  gssize n_bytes = g_socket_receive (socket, (char *) bytes,
      sizeof bytes - self->head->len, NULL, &error);
  gsize n_head_bytes = 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  if (n_bytes <= 0) {
    self->callbacks->gone (self, self->user_data);
    return G_SOURCE_REMOVE;
  }
  g_byte_array_append (self->head, bytes, (guint) n_bytes);
  switch (
      foyer_web_head_read (self->head->data, self->head->len, &n_head_bytes)) {
    case FOYER_WEB_HEAD_PART:
      return G_SOURCE_CONTINUE;
    case FOYER_WEB_HEAD_PLAIN:
      g_byte_array_set_size (self->head, (guint) n_head_bytes);
      break;
    case FOYER_WEB_HEAD_ODD:
      g_byte_array_set_size (self->head, 0);
      g_byte_array_append (self->head, (const guint8 *) NOTHING,
          strlen (NOTHING));
      break;
  }
  hand_on (self);
  return G_SOURCE_REMOVE;
}

FoyerWebConnection *
foyer_web_connection_new (GSocket *socket, GSocketAddress *peer,
    const FoyerWebConnectionCallbacks *callbacks, gpointer user_data)
{
  FoyerWebConnection *self = g_new0 (FoyerWebConnection, 1);

  self->socket = g_object_ref (socket);
  self->peer = g_object_ref (peer);
  self->callbacks = callbacks;
  self->user_data = user_data;
  self->active_us = get_now_us ();
  self->head = g_byte_array_new ();
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER, NULL);
  self->reader = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (self->reader, G_SOURCE_FUNC (on_head), self, NULL);
  g_source_attach (self->reader, NULL);
  return self;
}

GSocketAddress *
foyer_web_connection_get_peer (const FoyerWebConnection *self)
{
  return self->peer;
}

GSocket *
foyer_web_connection_get_socket (const FoyerWebConnection *self)
{
  return self->socket;
}

void
foyer_web_connection_note_active (FoyerWebConnection *self)
{
  self->active_us = get_now_us ();
}

gint64
foyer_web_connection_get_idle_us (const FoyerWebConnection *self)
{
  return get_now_us () - self->active_us;
}

/* One of which no request came yet is nobody's but ours. */
void
foyer_web_connection_abort (FoyerWebConnection *self)
{
  if (self->reader != NULL)
    self->callbacks->gone (self, self->user_data);
  else
    foyer_web_connection_abort_socket (self->socket);
}

void
foyer_web_connection_free (FoyerWebConnection *self)
{
  if (self == NULL)
    return;
  if (self->reader != NULL)
    g_source_destroy (self->reader);
  g_clear_pointer (&self->reader, g_source_unref);
  foyer_web_connection_abort_socket (self->socket);
  g_object_unref (self->socket);
  g_object_unref (self->peer);
  g_byte_array_unref (self->head);
  g_free (self);
}
