/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-connector.h"

#include "foyer-cast-error.h"
#include "foyer-cast-limits.h"

#include <string.h>

/* Counted (g_rc_box): one for the owner, one for the operation under way. */
struct _FoyerCastConnector
{
  FoyerCastThread *thread; /* held */
  GCancellable *cancellable;
  FoyerCastTimer timer;
  FoyerCastConnected func; /* NULL once told or given up */
  gpointer user_data;
};

static void
connector_clear (gpointer user_data)
{
  FoyerCastConnector *self = user_data;

  foyer_cast_timer_clear (&self->timer);
  g_clear_object (&self->cancellable);
  foyer_cast_thread_release (self->thread);
}

static void
connector_unref (FoyerCastConnector *self)
{
  g_rc_box_release_full (self, connector_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastConnector, connector_unref)

static void
tell (FoyerCastConnector *self, GSocketConnection *connection,
    const char *problem)
{
  FoyerCastConnected func = g_steal_pointer (&self->func);
  g_autoptr (GError) error = NULL;

  if (func == NULL)
    return;
  foyer_cast_timer_clear (&self->timer);
  if (connection == NULL)
    error = g_error_new (FOYER_CAST_ERROR, FOYER_CAST_ERROR_UNREACHABLE,
        "no connection: %s", problem);
  func (connection, error, self->user_data);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FoyerCastConnector) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  tell (self, connection, error != NULL ? error->message : NULL);
}

static void
on_late (gpointer user_data)
{
  FoyerCastConnector *self = user_data;

  g_rc_box_acquire (self); /* it may be freed when told */
  g_cancellable_cancel (self->cancellable);
  tell (self, NULL, "nobody answered in time");
  connector_unref (self);
}

FoyerCastConnector *
foyer_cast_connector_new (FoyerCastThread *thread, const char *host,
    guint16 port, FoyerCastConnected func, gpointer user_data)
{
  FoyerCastConnector *self = g_rc_box_new0 (FoyerCastConnector);
  g_autofree char *bare_host = foyer_cast_connector_strip (host);
  g_autoptr (GSocketConnectable) address = g_network_address_new (bare_host,
      port);
  g_autoptr (GSocketClient) client = g_socket_client_new ();

  self->thread = thread;
  foyer_cast_thread_hold (thread);
  self->cancellable = g_cancellable_new ();
  self->func = func;
  self->user_data = user_data;
  g_socket_client_set_enable_proxy (client, FALSE);
  foyer_cast_timer_set (&self->timer, thread, FOYER_CAST_CONNECT_TIMEOUT_MS,
      on_late, self);
  g_socket_client_connect_async (client, address, self->cancellable,
      on_connected, g_rc_box_acquire (self));
  return self;
}

void
foyer_cast_connector_free (FoyerCastConnector *self)
{
  if (self == NULL)
    return;
  self->func = NULL;
  foyer_cast_timer_clear (&self->timer);
  g_cancellable_cancel (self->cancellable);
  connector_unref (self);
}

char *
foyer_cast_connector_strip (const char *host)
{
  gsize n_bytes = strlen (host);

  if (n_bytes >= 2 && host[0] == '[' && host[n_bytes - 1] == ']')
    return g_strndup (host + 1, n_bytes - 2);
  return g_strdup (host);
}

char *
foyer_cast_connector_print (const char *host, guint16 port)
{
  g_autofree char *bare_host = foyer_cast_connector_strip (host);
  g_autofree char *clean_host = g_strescape (bare_host, NULL);

  if (strchr (clean_host, ':') != NULL)
    return g_strdup_printf ("[%s]:%u", clean_host, port);
  return g_strdup_printf ("%s:%u", clean_host, port);
}
