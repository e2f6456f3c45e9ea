/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-dbus.h"

#include <gio/gunixinputstream.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* usage: foyer-test-service ADDRESS
 *
 * A service with Foyer's interface and nothing behind it, on the bus at ADDRESS.
 * Each line on standard input is an object that says what to do; "done" follows
 * on standard output. Each call of a method is told there, and answered as was
 * said before. */

#define BUS_NAME "org.foyer.Foyer1"
#define ROOT     "/org/foyer/Foyer1"

typedef struct
{
  GMainLoop *loop;
  GDBusConnection *connection;
  GDBusObjectManagerServer *house;
  GHashTable *interfaces; /* path → GDBusInterfaceSkeleton; that of the root
                           * is the manager */
  FoyerDBusManager *manager;
  FoyerDBusPolicy *policy;
  FoyerDBusHistory *history;
  GHashTable *replies; /* method → JsonObject */
  GPtrArray *hanging;  /* of GDBusMethodInvocation: never answered */
} Service;

static void
say (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = json_to_string (root, FALSE);
  printf ("%s\n", line);
  fflush (stdout);
}

static JsonBuilder *
line_new (const char *name, const char *value)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
  return builder;
}

static void
tell_call (GDBusMethodInvocation *invocation)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  g_autofree char *arguments =
      g_variant_print (g_dbus_method_invocation_get_parameters (invocation),
          FALSE);
  g_autoptr (JsonBuilder) line = line_new ("call",
      g_dbus_method_invocation_get_method_name (invocation));

  json_builder_set_member_name (line, "path");
  json_builder_add_string_value (line,
      g_dbus_method_invocation_get_object_path (invocation));
  json_builder_set_member_name (line, "arguments");
  json_builder_add_string_value (line, arguments);
  json_builder_set_member_name (line, "interactive");
  json_builder_add_boolean_value (line,
      (g_dbus_message_get_flags (message) &
          G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0);
  say (line);
}

/* As was said; else nothing, or an error where something is wanted. */
static void
reply (Service *service, GDBusMethodInvocation *invocation)
{
  const GDBusMethodInfo *method = g_dbus_method_invocation_get_method_info (
      invocation);
  JsonObject *said = g_hash_table_lookup (service->replies, method->name);
  gboolean is_void = method->out_args == NULL || *method->out_args == NULL;

  if (said == NULL && is_void)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else if (said == NULL)
    g_dbus_method_invocation_return_dbus_error (invocation,
        BUS_NAME ".Error.Failed", "the test did not say what to answer");
  else if (json_object_has_member (said, "error"))
    g_dbus_method_invocation_return_dbus_error (invocation,
        json_object_get_string_member (said, "error"),
        json_object_get_string_member (said, "message"));
  else if (json_object_has_member (said, "value"))
    g_dbus_method_invocation_return_value (invocation,
        g_variant_new_parsed (json_object_get_string_member (said, "value")));
  else
    g_ptr_array_add (service->hanging, invocation);
}

/* Answers every method itself: what is made from the XML never gets to. */
static gboolean
on_authorize (GDBusInterfaceSkeleton *skeleton,
    GDBusMethodInvocation *invocation, gpointer user_data)
{
  tell_call (invocation);
  reply (user_data, g_object_ref (invocation));
  return FALSE;
}

static void
set_property (GObject *skeleton, const char *name, JsonNode *node)
{
  GParamSpec *spec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (skeleton), name);
  g_auto (GValue) value = G_VALUE_INIT, wanted = G_VALUE_INIT;

  g_assert (spec != NULL);
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

    for (guint i = 0; i < json_array_get_length (array); i++)
      g_strv_builder_add (builder, json_array_get_string_element (array, i));
    g_value_init (&wanted, G_TYPE_STRV);
    g_value_take_boxed (&wanted, g_strv_builder_end (builder));
  } else {
    json_node_get_value (node, &value);
    g_value_init (&wanted, spec->value_type);
    g_assert (g_value_transform (&value, &wanted));
  }
  g_object_set_property (skeleton, name, &wanted);
}

static void
set_properties (GDBusInterfaceSkeleton *skeleton, JsonObject *command)
{
  JsonObject *properties = json_object_get_object_member (command,
      "properties");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, properties);
  while (json_object_iter_next (&iter, &name, &node))
    set_property (G_OBJECT (skeleton), name, node);
  g_dbus_interface_skeleton_flush (skeleton);
}

static GDBusInterfaceSkeleton *
skeleton_new (const char *path)
{
  if (g_str_has_prefix (path, ROOT "/camera/"))
    return G_DBUS_INTERFACE_SKELETON (foyer_dbus_camera_skeleton_new ());
  if (g_str_has_prefix (path, ROOT "/display/"))
    return G_DBUS_INTERFACE_SKELETON (foyer_dbus_display_skeleton_new ());
  g_assert (g_str_has_prefix (path, ROOT "/session/"));
  return G_DBUS_INTERFACE_SKELETON (foyer_dbus_session_skeleton_new ());
}

static void
add (Service *service, const char *path, JsonObject *command)
{
  g_autoptr (GDBusInterfaceSkeleton) skeleton = skeleton_new (path);
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (path);

  g_signal_connect (skeleton, "g-authorize-method", G_CALLBACK (on_authorize),
      service);
  set_properties (skeleton, command);
  g_dbus_object_skeleton_add_interface (object, skeleton);
  g_dbus_object_manager_server_export (service->house, object);
  g_hash_table_insert (service->interfaces, g_strdup (path),
      g_steal_pointer (&skeleton));
}

static void
obey (Service *service, JsonObject *command)
{
  const char *what = json_object_get_string_member (command, "do");
  const char *end = json_object_get_string_member_with_default (command, "path",
      "");
  g_autofree char *path = *end != '\0' ? g_strconcat (ROOT "/", end, NULL)
                                       : g_strdup (ROOT);

  if (g_str_equal (what, "add"))
    add (service, path, command);
  else if (g_str_equal (what, "set"))
    set_properties (g_hash_table_lookup (service->interfaces, path), command);
  else if (g_str_equal (what, "remove"))
    g_dbus_object_manager_server_unexport (service->house, path);
  else if (g_str_equal (what, "reply"))
    g_hash_table_insert (service->replies,
        g_strdup (json_object_get_string_member (command, "method")),
        json_object_ref (command));
  else if (g_str_equal (what, "end"))
    foyer_dbus_manager_emit_session_ended (service->manager, path,
        json_object_get_string_member (command, "reason"),
        json_object_get_string_member (command, "message"));
  else if (g_str_equal (what, "change"))
    foyer_dbus_policy_emit_changed (service->policy);
  else if (!g_str_equal (what, "nothing"))
    g_error ("the test wants \"%s\"", what);
}

static void
on_line (GObject *stream, GAsyncResult *result, gpointer user_data)
{
  Service *service = user_data;
  g_autofree char *text =
      g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (stream),
          result, NULL, NULL);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonBuilder) line = NULL;

  if (text == NULL) {
    g_main_loop_quit (service->loop);
    return;
  }
  node = json_from_string (text, NULL);
  g_assert (node != NULL);
  obey (service, json_node_get_object (node));
  g_dbus_connection_flush_sync (service->connection, NULL, NULL);
  line = line_new ("done", text);
  say (line);
  g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (stream),
      G_PRIORITY_DEFAULT, NULL, on_line, service);
}

static void
on_name_acquired (GDBusConnection *connection, const char *name,
    gpointer user_data)
{
  g_autoptr (JsonBuilder) line = line_new ("done", "");

  say (line);
}

static void
export_root (Service *service, gpointer skeleton)
{
  g_signal_connect (skeleton, "g-authorize-method", G_CALLBACK (on_authorize),
      service);
  g_assert (g_dbus_interface_skeleton_export (skeleton, service->connection,
      ROOT, NULL));
}

static void
service_start (Service *service)
{
  service->interfaces = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_object_unref);
  service->replies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) json_object_unref);
  service->hanging = g_ptr_array_new_with_free_func (g_object_unref);
  service->manager = foyer_dbus_manager_skeleton_new ();
  service->policy = foyer_dbus_policy_skeleton_new ();
  service->history = foyer_dbus_history_skeleton_new ();
  foyer_dbus_manager_set_version (service->manager, "0.1.0");
  export_root (service, service->manager);
  export_root (service, service->policy);
  export_root (service, service->history);
  g_hash_table_insert (service->interfaces, g_strdup (ROOT),
      g_object_ref (service->manager));
  service->house = g_dbus_object_manager_server_new (ROOT);
  g_dbus_object_manager_server_set_connection (service->house,
      service->connection);
}

static void
service_clear (Service *service)
{
  g_clear_object (&service->house);
  g_clear_object (&service->manager);
  g_clear_object (&service->policy);
  g_clear_object (&service->history);
  g_clear_pointer (&service->interfaces, g_hash_table_unref);
  g_clear_pointer (&service->replies, g_hash_table_unref);
  g_clear_pointer (&service->hanging, g_ptr_array_unref);
  g_clear_object (&service->connection);
  g_main_loop_unref (service->loop);
}

int
main (int argc, char **argv)
{
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO,
      FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);
  g_autoptr (GError) error = NULL;
  Service service = { 0 };
  guint owner;

  if (argc != 2)
    return 2;
  service.loop = g_main_loop_new (NULL, FALSE);
  service.connection = g_dbus_connection_new_for_address_sync (argv[1],
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  g_assert_no_error (error);
  service_start (&service);
  owner = g_bus_own_name_on_connection (service.connection, BUS_NAME,
      G_BUS_NAME_OWNER_FLAGS_NONE, on_name_acquired, NULL, NULL, NULL);
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, on_line,
      &service);
  g_main_loop_run (service.loop);
  g_bus_unown_name (owner);
  service_clear (&service);
  return 0;
}
