/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-discovery.h"

#include <gio/gio.h>
#include <string.h>

/* Displays in the network, as an Avahi tells of them that the test plays, on a
 * private bus. */

#define AVAHI    "org.freedesktop.Avahi"
#define SERVER   AVAHI ".Server"
#define BROWSER  AVAHI ".ServiceBrowser"
#define RESOLVER AVAHI ".ServiceResolver"

static const char avahi_xml[] =
    "<node><interface name='org.freedesktop.Avahi.Server'>"
    "<method name='ServiceBrowserNew'><arg type='i' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='o' direction='out'/></method>"
    "<method name='ServiceResolverNew'><arg type='i' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='o' direction='out'/></method></interface>"
    "<interface name='org.freedesktop.Avahi.ServiceResolver'>"
    "<method name='Free'/></interface></node>";

typedef struct
{
  GTestDBus *bus;
  GDBusNodeInfo *info;
  GDBusConnection *foyerd;
  GDBusConnection *avahi;
  char *client;         /* who browses */
  gboolean is_starting; /* Avahi refuses to browse */
  guint n_browsers;
  guint n_resolvers;
  guint n_freed;
  char *last_resolver; /* of IPv4 */
  FoyerDiscovery *discovery;
  GString *told; /* what the discovery said since it was last looked at */
} House;

static void
pump_until (House *self, const char *wanted)
{
  while (strstr (self->told->str, wanted) == NULL)
    g_main_context_iteration (NULL, TRUE);
}

/* Waits for what was told next, which must be exactly this. */
static void
assert_told (House *self, const char *wanted)
{
  pump_until (self, ";");
  while (self->told->len < strlen (wanted))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (self->told->str, ==, wanted);
  g_string_truncate (self->told, 0);
}

static void
on_found (const FoyerFoundDisplay *display, gpointer user_data)
{
  House *self = user_data;
  g_autofree char *hosts = g_strjoinv (",", display->hosts);

  g_string_append_printf (self->told, "+%s %s [%s] %s %s:%u;",
      display->identity, display->name, display->model,
      foyer_display_kind_to_string (display->kind), hosts, display->port);
}

static void
on_lost (const char *identity, gpointer user_data)
{
  g_string_append_printf (((House *) user_data)->told, "-%s;", identity);
}

static void
on_problem (const char *words, gpointer user_data)
{
  g_string_append_printf (((House *) user_data)->told, "!%.4s;",
      words != NULL ? words : "well");
}

static const FoyerDiscoveryCallbacks callbacks = { on_found, on_lost,
  on_problem };

/* Avahi */

static void on_call (GDBusConnection *connection, const char *sender,
    const char *path, const char *interface, const char *method,
    GVariant *arguments, GDBusMethodInvocation *invocation, gpointer user_data);

static const GDBusInterfaceVTable vtable = { .method_call = on_call };

static void
make_resolver (House *self, GVariant *arguments,
    GDBusMethodInvocation *invocation)
{
  g_autofree char *path = g_strdup_printf ("/Client1/ServiceResolver%u",
      self->n_resolvers++);
  gint32 family;

  g_assert_cmpuint (g_dbus_connection_register_object (self->avahi, path,
                        self->info->interfaces[1], &vtable, self, NULL, NULL),
      !=, 0);
  g_variant_get_child (arguments, 5, "i", &family);
  if (family == 0) {
    g_free (self->last_resolver);
    self->last_resolver = g_strdup (path);
  }
  g_dbus_method_invocation_return_value (invocation,
      g_variant_new ("(o)", path));
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path,
    const char *interface, const char *method, GVariant *arguments,
    GDBusMethodInvocation *invocation, gpointer user_data)
{
  House *self = user_data;

  g_free (self->client);
  self->client = g_strdup (sender);
  if (strcmp (method, "Free") == 0) {
    self->n_freed++;
    g_dbus_method_invocation_return_value (invocation, NULL);
  } else if (strcmp (method, "ServiceResolverNew") == 0) {
    make_resolver (self, arguments, invocation);
  } else if (self->is_starting) {
    g_dbus_method_invocation_return_dbus_error (invocation,
        "org.freedesktop.Avahi.BadStateError", "Bad state");
  } else {
    self->n_browsers++;
    g_dbus_method_invocation_return_value (invocation,
        g_variant_new ("(o)", "/Client1/ServiceBrowser1"));
  }
}

static GDBusConnection *
join (House *self)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      g_test_dbus_get_bus_address (self->bus),
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static void
start_avahi (House *self)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  self->avahi = join (self);
  g_dbus_connection_register_object (self->avahi, "/",
      self->info->interfaces[0], &vtable, self, NULL, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (self->avahi, "org.freedesktop.DBus",
      "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", AVAHI, 0), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
      &error);
  g_assert_no_error (error);
}

static void
stop_avahi (House *self)
{
  if (self->avahi != NULL)
    g_dbus_connection_close_sync (self->avahi, NULL, NULL);
  g_clear_object (&self->avahi);
}

static void
emit (House *self, const char *path, const char *interface, const char *signal,
    GVariant *arguments)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (self->avahi, self->client, path, interface,
      signal, arguments, &error);
  g_assert_no_error (error);
}

static void
emit_item (House *self, const char *signal, int interface, const char *name)
{
  emit (self, "/Client1/ServiceBrowser1", BROWSER, signal,
      g_variant_new ("(iisssu)", interface, 0, name, "_googlecast._tcp",
          "local", 0));
}

static void
emit_found (House *self, int interface, const char *name, int family,
    const char *address, guint port, const char *const *texts)
{
  GVariantBuilder strings;

  g_variant_builder_init (&strings, G_VARIANT_TYPE ("aay"));
  for (; *texts != NULL; texts++)
    g_variant_builder_add_value (&strings,
        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, *texts, strlen (*texts),
            1));
  emit (self, "/Client1/ServiceResolver0", RESOLVER, "Found",
      g_variant_new ("(iissssisqaayu)", interface, 0, name, "_googlecast._tcp",
          "local", "host.local", family, address, port, &strings, 0));
}

static const char *const kitchen[] = { "id=ab12", "fn=Kitchen", "md=Hub",
  "ca=5", NULL };

/* Every item is asked for in both families. */
static void
add_item (House *self, int interface, const char *name)
{
  guint n_before = self->n_resolvers;

  emit_item (self, "ItemNew", interface, name);
  while (self->n_resolvers < n_before + 2)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_up (House *self, gconstpointer data)
{
  self->info = g_dbus_node_info_new_for_xml (avahi_xml, NULL);
  g_assert_nonnull (self->info);
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  self->foyerd = join (self);
  self->told = g_string_new (NULL);
  self->discovery = foyer_discovery_new (&callbacks, self);
  if (data == NULL) {
    start_avahi (self);
    foyer_discovery_start (self->discovery, self->foyerd);
    assert_told (self, "!well;");
  }
}

static void
tear_down (House *self, gconstpointer data)
{
  foyer_discovery_free (self->discovery);
  stop_avahi (self);
  g_dbus_connection_close_sync (self->foyerd, NULL, NULL);
  /* What is still under way comes before the house is gone. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  g_clear_object (&self->foyerd);
  g_test_dbus_down (self->bus);
  g_clear_object (&self->bus);
  g_dbus_node_info_unref (self->info);
  g_string_free (self->told, TRUE);
  g_free (self->client);
  g_free (self->last_resolver);
}

static void
test_both_families (House *self, gconstpointer data)
{
  add_item (self, 2, "Hub-1");
  emit_found (self, 2, "Hub-1", 1, "2001:db8::5", 8009, kitchen);
  assert_told (self, "+mdns:ab12 Kitchen [Hub] display 2001:db8::5:8009;");
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 8009, kitchen);
  assert_told (self,
      "+mdns:ab12 Kitchen [Hub] display 192.0.2.5,2001:db8::5:8009;");
  /* Nothing new is nothing told: the next word is that of the goodbye. */
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 8009, kitchen);
  emit_item (self, "ItemRemove", 2, "Hub-1");
  assert_told (self,
      "+mdns:ab12 Kitchen [Hub] display 2001:db8::5:8009;-mdns:ab12;");
  while (self->n_freed < 2)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (foyer_discovery_find (self->discovery, "mdns:ab12"));
}

static void
test_changes (House *self, gconstpointer data)
{
  static const char *const renamed[] = { "id=ab12", "fn=Hall", "ca=5", NULL };
  static const char *const other[] = { "id=ff", NULL };

  add_item (self, 2, "Hub-1");
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 8009, kitchen);
  assert_told (self, "+mdns:ab12 Kitchen [Hub] display 192.0.2.5:8009;");
  emit_found (self, 2, "Hub-1", 0, "192.0.2.6", 8009, kitchen);
  assert_told (self, "+mdns:ab12 Kitchen [Hub] display 192.0.2.6:8009;");
  emit_found (self, 2, "Hub-1", 0, "192.0.2.6", 8010, renamed);
  assert_told (self, "+mdns:ab12 Hall [] display 192.0.2.6:8010;");
  /* Another display under the same name. */
  emit_found (self, 2, "Hub-1", 0, "192.0.2.6", 8010, other);
  assert_told (self, "-mdns:ab12;+mdns:ff ff [] display 192.0.2.6:8010;");
  /* Its records went away. */
  emit (self, self->last_resolver, RESOLVER, "Failure",
      g_variant_new ("(s)", "org.freedesktop.Avahi.TimeoutError"));
  assert_told (self, "-mdns:ff;");
  emit_found (self, 2, "Hub-1", 0, "192.0.2.6", 8010, other);
  assert_told (self, "+mdns:ff ff [] display 192.0.2.6:8010;");
}

static void
test_two_interfaces (House *self, gconstpointer data)
{
  add_item (self, 2, "Hub-1");
  add_item (self, 3, "Hub-1");
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 8009, kitchen);
  assert_told (self, "+mdns:ab12 Kitchen [Hub] display 192.0.2.5:8009;");
  emit_found (self, 3, "Hub-1", 0, "198.51.100.5", 8009, kitchen);
  assert_told (self,
      "+mdns:ab12 Kitchen [Hub] display 192.0.2.5,198.51.100.5:8009;");
  emit_item (self, "ItemRemove", 2, "Hub-1");
  assert_told (self, "+mdns:ab12 Kitchen [Hub] display 198.51.100.5:8009;");
  emit_item (self, "ItemRemove", 3, "Hub-1");
  assert_told (self, "-mdns:ab12;");
}

static void
test_kinds (House *self, gconstpointer data)
{
  static const char *const group[] = { "id=aa", "ca=36", NULL };
  static const char *const audio[] = { "id=bb", "ca=4", NULL };

  add_item (self, 2, "G");
  emit_found (self, 2, "G", 0, "192.0.2.7", 42236, group);
  assert_told (self, "+mdns:aa aa [] group 192.0.2.7:42236;");
  add_item (self, 2, "A");
  emit_found (self, 2, "A", 0, "192.0.2.8", 8009, audio);
  assert_told (self, "+mdns:bb bb [] audio 192.0.2.8:8009;");
}

/* What anybody in the network can say, and what comes of it: nothing. */
static void
test_hostile (House *self, gconstpointer data)
{
  static const char *const bad[] = { "127.0.0.1", "0.0.0.0", "::1",
    "::", "224.0.0.1", "ff02::1", "not an address", "", "192.0.2.5%x" };
  static const char *const no_id[] = { "fn=Kitchen", NULL };
  static const char *const last[] = { "id=last", NULL };

  add_item (self, 2, "Hub-1");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    emit_found (self, 2, "Hub-1", 0, bad[i], 8009, kitchen);
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 0, kitchen);
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 8009, no_id);
  emit_found (self, 2, "Hub-1", 2, "192.0.2.5", 8009, kitchen);
  emit_found (self, 2, "Hub-1", -1, "192.0.2.5", 8009, kitchen);
  emit_found (self, 2, "Nobody", 0, "192.0.2.5", 8009, kitchen);
  emit_found (self, 99, "Hub-1", 1, "fe80::5", 8009, kitchen);
  emit (self, "/x", RESOLVER, "Found", g_variant_new ("(s)", "x"));
  emit (self, "/x", BROWSER, "ItemNew", g_variant_new ("(s)", "x"));
  emit_found (self, 2, "Hub-1", 0, "192.0.2.9", 8009, last);
  assert_told (self, "+mdns:last last [] display 192.0.2.9:8009;");
}

/* An impostor without Avahi's name is not heard. */
static void
test_impostor (House *self, gconstpointer data)
{
  g_autoptr (GDBusConnection) impostor = join (self);

  add_item (self, 2, "Hub-1");
  g_dbus_connection_emit_signal (impostor, NULL, "/Client1/ServiceBrowser1",
      BROWSER, "ItemRemove",
      g_variant_new ("(iisssu)", 2, 0, "Hub-1", "_googlecast._tcp", "local", 0),
      NULL);
  g_dbus_connection_flush_sync (impostor, NULL, NULL);
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 8009, kitchen);
  assert_told (self, "+mdns:ab12 Kitchen [Hub] display 192.0.2.5:8009;");
  g_dbus_connection_close_sync (impostor, NULL, NULL);
}

static void
test_flood (House *self, gconstpointer data)
{
  guint n_found = 0;

  for (guint i = 0; i < 100; i++) {
    g_autofree char *name = g_strdup_printf ("n%u", i);
    g_autofree char *id = g_strdup_printf ("id=%u", i);
    const char *texts[] = { id, NULL };

    add_item (self, 2, name);
    emit_found (self, 2, name, 0, "192.0.2.5", 8009, texts);
  }
  pump_until (self, "!more;");
  for (const char *at = self->told->str; (at = strchr (at, '+')) != NULL; at++)
    n_found++;
  g_assert_cmpuint (n_found, ==, 48);
  /* There is room for those that the owner adds. */
  for (guint i = 0; i < 16; i++) {
    g_autofree char *name = g_strdup_printf ("hand %u", i);

    g_assert_true (foyer_discovery_add (self->discovery, name, "h", 1));
  }
  g_assert_false (foyer_discovery_add (self->discovery, "more", "h", 1));
  g_assert_true (foyer_discovery_add (self->discovery, "hand 3", "i", 1));
}

static void
test_avahi_restarts (House *self, gconstpointer data)
{
  add_item (self, 2, "Hub-1");
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 8009, kitchen);
  assert_told (self, "+mdns:ab12 Kitchen [Hub] display 192.0.2.5:8009;");
  stop_avahi (self);
  assert_told (self, "-mdns:ab12;!disp;");
  start_avahi (self);
  assert_told (self, "!well;");
  g_assert_cmpuint (self->n_browsers, ==, 2);
  add_item (self, 2, "Hub-1");
  emit_found (self, 2, "Hub-1", 0, "192.0.2.5", 8009, kitchen);
  assert_told (self, "+mdns:ab12 Kitchen [Hub] display 192.0.2.5:8009;");
}

static void
test_no_avahi (House *self, gconstpointer data)
{
  foyer_discovery_start (self->discovery, self->foyerd);
  g_assert_cmpstr (self->told->str, ==, "");
  assert_told (self, "!disp;");
  self->is_starting = TRUE;
  start_avahi (self);
  assert_told (self, "!disp;");
  self->is_starting = FALSE;
  emit (self, "/", SERVER, "StateChanged", g_variant_new ("(is)", 2, ""));
  assert_told (self, "!well;");
  g_assert_cmpuint (self->n_browsers, ==, 1);
}

static void
test_by_hand (House *self, gconstpointer data)
{
  g_assert_true (foyer_discovery_add (self->discovery, "TV", "tv.lan", 8009));
  assert_told (self, "+static:TV TV [] display tv.lan:8009;");
  g_assert_true (foyer_discovery_add (self->discovery, "TV", "10.1.1.1", 8010));
  assert_told (self, "+static:TV TV [] display 10.1.1.1:8010;");
  g_assert_nonnull (foyer_discovery_find (self->discovery, "static:TV"));
  foyer_discovery_remove (self->discovery, "TV");
  assert_told (self, "-static:TV;");
  foyer_discovery_remove (self->discovery, "TV");
  g_assert_cmpstr (self->told->str, ==, "");
}

static void
add_test (const char *name, void (*func) (House *, gconstpointer),
    gconstpointer is_alone)
{
  g_test_add (name, House, is_alone, set_up, func, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("/discovery/both-families", test_both_families, NULL);
  add_test ("/discovery/changes", test_changes, NULL);
  add_test ("/discovery/two-interfaces", test_two_interfaces, NULL);
  add_test ("/discovery/kinds", test_kinds, NULL);
  add_test ("/discovery/hostile", test_hostile, NULL);
  add_test ("/discovery/impostor", test_impostor, NULL);
  add_test ("/discovery/flood", test_flood, NULL);
  add_test ("/discovery/avahi/restarts", test_avahi_restarts, NULL);
  add_test ("/discovery/avahi/none", test_no_avahi, "alone");
  add_test ("/discovery/by-hand", test_by_hand, "alone");
  return g_test_run ();
}
