/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-channel.h"
#include "foyer-cast-connector.h"
#include "foyer-cast-error.h"
#include "foyer-cast-limits.h"
#include "foyer-test-certificate.h"
#include "foyer-test-house.h"
#include "foyer-test-log.h"
#include "foyer-test-tcp.h"

#include <string.h>

#define NOW_S  1790000000
#define DAY_S  86400
#define A_TEXT "urn:x-cast:test"

/* Both ends of one connection, each on a thread of its own. */
typedef struct
{
  FoyerTestLog log;
  FoyerCastThread *client_thread;
  FoyerCastThread *server_thread;
  FoyerCastChannel *client;
  FoyerCastChannel *server;
  GSocketConnection *client_connection;
  GSocketConnection *server_connection;
  GTlsCertificate *certificate;
} Fixture;

static const char *
get_name (Fixture *fixture, FoyerCastChannel *channel)
{
  return channel == fixture->server ? "server" : "client";
}

static void
on_open (FoyerCastChannel *channel, gpointer user_data)
{
  Fixture *fixture = user_data;

  foyer_test_log_add (&fixture->log, "%s open", get_name (fixture, channel));
}

static gboolean
on_message (FoyerCastChannel *channel, const FoyerCastMessage *message,
    gpointer user_data)
{
  Fixture *fixture = user_data;

  foyer_test_log_add (&fixture->log, "%s got %s %zu",
      get_name (fixture, channel), message->name_space,
      message->text != NULL ? strlen (message->text) : 0);
  return TRUE;
}

static void
on_closed (FoyerCastChannel *channel, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_true (error->domain == FOYER_CAST_ERROR);
  foyer_test_log_add (&fixture->log, "%s closed %d %s",
      get_name (fixture, channel), error->code, error->message);
}

static const FoyerCastChannelCallbacks callbacks = {
  .on_open = on_open,
  .on_message = on_message,
  .on_closed = on_closed,
};

static void
open_client (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->client = foyer_cast_channel_new_client (fixture->client_thread,
      fixture->client_connection, &callbacks, fixture, NULL);
  g_assert_nonnull (fixture->client);
}

static void
open_server (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->server = foyer_cast_channel_new_server (fixture->server_thread,
      fixture->server_connection, fixture->certificate, &callbacks, fixture,
      NULL);
  g_assert_nonnull (fixture->server);
}

/* A connected pair of TCP sockets over loopback. */
static void
connect_pair (Fixture *fixture)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  fixture->client_connection = foyer_test_tcp_connect (port);
  fixture->server_connection = g_socket_listener_accept (listener, NULL, NULL,
      NULL);
  g_assert_nonnull (fixture->server_connection);
}

static void
set_up (Fixture *fixture, guint version)
{
  foyer_test_log_init (&fixture->log);
  fixture->client_thread = foyer_cast_thread_new ("test-client");
  fixture->server_thread = foyer_cast_thread_new ("test-server");
  fixture->certificate = foyer_test_certificate_new (version, NOW_S,
      NOW_S + 2 * DAY_S);
  connect_pair (fixture);
}

static void
open_both (Fixture *fixture)
{
  foyer_cast_thread_invoke (fixture->server_thread, open_server, fixture, NULL);
  foyer_cast_thread_invoke (fixture->client_thread, open_client, fixture, NULL);
  foyer_test_log_wait (&fixture->log, "client open", 1);
  foyer_test_log_wait (&fixture->log, "server open", 1);
}

static void
close_channel (gpointer user_data)
{
  FoyerCastChannel **channel = user_data;

  g_clear_pointer (channel, foyer_cast_channel_close);
}

static void
tear_down (Fixture *fixture)
{
  foyer_cast_thread_invoke (fixture->client_thread, close_channel,
      &fixture->client, NULL);
  foyer_cast_thread_invoke (fixture->server_thread, close_channel,
      &fixture->server, NULL);
  foyer_cast_thread_free (fixture->client_thread);
  foyer_cast_thread_free (fixture->server_thread);
  g_assert_true (g_socket_is_closed (
      g_socket_connection_get_socket (fixture->client_connection)));
  g_clear_object (&fixture->client_connection);
  g_clear_object (&fixture->server_connection);
  g_clear_object (&fixture->certificate);
  foyer_test_log_clear (&fixture->log);
}

static void
send_three (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *large = g_strnfill (60000, 'x');

  foyer_cast_channel_send_text (fixture->client, "a", "b", A_TEXT, "1");
  foyer_cast_channel_send_text (fixture->client, "a", "b", A_TEXT, large);
  foyer_cast_channel_send_text (fixture->client, "a", "b", A_TEXT, "333");
}

static void
send_back (gpointer user_data)
{
  Fixture *fixture = user_data;

  foyer_cast_channel_send_text (fixture->server, "b", "a", A_TEXT, "22");
}

static void
test_messages_arrive (void)
{
  Fixture fixture = { 0 };
  g_autofree char *first = NULL;

  set_up (&fixture, 3);
  open_both (&fixture);
  foyer_cast_thread_invoke (fixture.client_thread, send_three, &fixture, NULL);
  foyer_test_log_wait (&fixture.log, "server got " A_TEXT, 3);
  foyer_test_log_wait (&fixture.log, "server got " A_TEXT " 60000", 1);
  first = foyer_test_log_dup (&fixture.log, "server got");
  g_assert_cmpstr (first, ==, "server got " A_TEXT " 1");
  foyer_cast_thread_invoke (fixture.server_thread, send_back, &fixture, NULL);
  foyer_test_log_wait (&fixture.log, "client got " A_TEXT " 2", 1);
  g_assert_true (g_bytes_equal (foyer_cast_channel_get_leaf (fixture.client),
      foyer_cast_channel_get_leaf (fixture.server)));
  tear_down (&fixture);
}

/* Some televisions have nothing newer. */
static void
test_version_1 (void)
{
  Fixture fixture = { 0 };

  set_up (&fixture, 1);
  open_both (&fixture);
  foyer_cast_thread_invoke (fixture.server_thread, send_back, &fixture, NULL);
  foyer_test_log_wait (&fixture.log, "client got", 1);
  tear_down (&fixture);
}

static void
test_goodbye (void)
{
  Fixture fixture = { 0 };
  g_autofree char *word = NULL;

  set_up (&fixture, 3);
  open_both (&fixture);
  foyer_cast_thread_invoke (fixture.client_thread, send_three, &fixture, NULL);
  foyer_cast_thread_invoke (fixture.client_thread, close_channel,
      &fixture.client, NULL);
  foyer_test_log_wait (&fixture.log, "server closed", 1);
  /* What was queued before the end was sent. */
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "server got"), ==, 3);
  word = foyer_test_log_dup (&fixture.log, "server closed");
  g_assert_cmpstr (word, ==, "server closed 5 the peer closed the connection");
  G_STATIC_ASSERT (FOYER_CAST_ERROR_CLOSED == 5);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "client closed"), ==,
      0);
  tear_down (&fixture);
}

static void
test_closed_in_handshake (void)
{
  Fixture fixture = { 0 };
  g_autofree char *word = NULL;

  set_up (&fixture, 3);
  foyer_cast_thread_invoke (fixture.client_thread, open_client, &fixture, NULL);
  g_io_stream_close (G_IO_STREAM (fixture.server_connection), NULL, NULL);
  foyer_test_log_wait (&fixture.log, "client closed", 1);
  word = foyer_test_log_dup (&fixture.log, "client closed");
  g_assert_true (g_str_has_prefix (word, "client closed 4 no TLS handshake"));
  G_STATIC_ASSERT (FOYER_CAST_ERROR_TLS == 4);
  tear_down (&fixture);
}

/* Closing while the peer says nothing must not wait for it. */
static void
test_given_up_in_handshake (void)
{
  Fixture fixture = { 0 };

  set_up (&fixture, 3);
  foyer_cast_thread_invoke (fixture.client_thread, open_client, &fixture, NULL);
  tear_down (&fixture);
}

static void
send_many (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autofree char *large = g_strnfill (60000, 'x');

  for (guint i = 0; i < 100; i++)
    foyer_cast_channel_send_text (fixture->client, "a", "b", A_TEXT, large);
  foyer_test_log_add (&fixture->log, "sent");
}

static void
test_full_queue (void)
{
  Fixture fixture = { 0 };
  g_autofree char *word = NULL;

  set_up (&fixture, 3);
  open_both (&fixture);
  foyer_cast_thread_invoke (fixture.client_thread, send_many, &fixture, NULL);
  foyer_test_log_wait (&fixture.log, "client closed", 1);
  word = foyer_test_log_dup (&fixture.log, "client closed");
  g_assert_true (g_str_has_prefix (word, "client closed 2 the peer does not"));
  G_STATIC_ASSERT (FOYER_CAST_ERROR_TOO_LARGE == 2);
  tear_down (&fixture);
}

static void
on_connected (GSocketConnection *connection, const GError *error,
    gpointer user_data)
{
  FoyerTestLog *log = user_data;

  g_assert_true ((connection == NULL) == (error != NULL));
  foyer_test_log_add (log, "%s", error != NULL ? error->message : "connected");
}

typedef struct
{
  FoyerCastThread *thread;
  FoyerTestLog *log;
  const char *host;
  guint16 port;
  FoyerCastConnector *connector;
} Attempt;

static void
begin_attempt (gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->connector = foyer_cast_connector_new (attempt->thread, attempt->host,
      attempt->port, on_connected, attempt->log);
}

static void
end_attempt (gpointer user_data)
{
  Attempt *attempt = user_data;

  foyer_cast_connector_free (attempt->connector);
}

static void
check_connector (const char *host, guint16 port, const char *expected)
{
  g_auto (FoyerTestLog) log = { 0 };
  Attempt attempt = { .log = &log, .host = host, .port = port };

  foyer_test_log_init (&log);
  attempt.thread = foyer_cast_thread_new ("test");
  foyer_cast_thread_invoke (attempt.thread, begin_attempt, &attempt, NULL);
  foyer_test_log_wait (&log, expected, 1);
  foyer_cast_thread_invoke (attempt.thread, end_attempt, &attempt, NULL);
  foyer_cast_thread_free (attempt.thread);
}

static void
test_connector (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);

  check_connector ("127.0.0.1", port, "connected");
  check_connector ("localhost", port, "connected");
  if (foyer_test_has_ipv6 ()) {
    check_connector ("[::1]", port, "connected");
    /* A scope is understood, though nobody is there. */
    check_connector ("fe80::1%lo", port, "no connection: Could not connect");
  }
  g_socket_listener_close (listener);
  check_connector ("127.0.0.1", port, "no connection: ");
  check_connector ("no such name", port, "no connection: ");
}

static void
test_print (void)
{
  g_autofree char *name = foyer_cast_connector_print ("[fe80::1%eth0]", 8009);
  g_autofree char *dirty = foyer_cast_connector_print ("a\nb", 1);

  g_assert_cmpstr (name, ==, "[fe80::1%eth0]:8009");
  g_assert_cmpstr (dirty, ==, "a\\nb:1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-channel/messages/arrive", test_messages_arrive);
  g_test_add_func ("/cast-channel/tls/version-1", test_version_1);
  g_test_add_func ("/cast-channel/close/goodbye", test_goodbye);
  g_test_add_func ("/cast-channel/close/in-handshake",
      test_closed_in_handshake);
  g_test_add_func ("/cast-channel/close/given-up", test_given_up_in_handshake);
  g_test_add_func ("/cast-channel/limits/full-queue", test_full_queue);
  g_test_add_func ("/cast-connector/addresses", test_connector);
  g_test_add_func ("/cast-connector/print", test_print);
  return g_test_run ();
}
