/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-web.h"

FoyerWebServer *
foyer_test_web_open (FoyerWebReel *reel,
    const FoyerWebServerCallbacks *callbacks, gpointer user_data)
{
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocket) listener = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GError) error = NULL;
  FoyerWebServer *server;

  g_assert_true (g_socket_bind (listener, any, TRUE, NULL));
  g_assert_true (g_socket_listen (listener, NULL));
  server = foyer_web_server_new (listener,
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (any)), 0, reel,
      &error);
  g_assert_no_error (error);
  foyer_web_server_open (server, callbacks, user_data);
  return server;
}
