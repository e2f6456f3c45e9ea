/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-service.h"

#include "foyer-service-private.h"

#include <string.h>

#define NUMBER "foyer-number" /* of the object that a skeleton is of */

char *
foyer_service_make_path (const char *kind, guint64 id)
{
  return g_strdup_printf (FOYER_SERVICE_PATH "/%s/%" G_GUINT64_FORMAT, kind,
      id);
}

guint64
foyer_service_parse_path (const char *kind, const char *path)
{
  g_autofree char *again = NULL;
  const char *number = strrchr (path, '/');
  guint64 id = 0;

  if (number == NULL ||
      !g_ascii_string_to_unsigned (number + 1, 10, 1, G_MAXUINT64, &id, NULL))
    return 0;
  /* One way to write it, and no other. */
  again = foyer_service_make_path (kind, id);
  return g_str_equal (again, path) ? id : 0;
}

void
foyer_service_export (FoyerService *self, const char *kind, guint64 id,
    gpointer skeleton)
{
  g_autofree char *path = foyer_service_make_path (kind, id);
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (path);
  guint64 *number = g_memdup2 (&id, sizeof id);

  g_object_set_data_full (skeleton, NUMBER, number, g_free);
  g_dbus_object_skeleton_add_interface (object, skeleton);
  g_dbus_object_manager_server_export (self->manager, object);
}

void
foyer_service_unexport (FoyerService *self, const char *kind, guint64 id)
{
  g_autofree char *path = foyer_service_make_path (kind, id);

  g_dbus_object_manager_server_unexport (self->manager, path);
}

gpointer
foyer_service_get (FoyerService *self, const char *kind, guint64 id,
    const char *name)
{
  g_autofree char *path = foyer_service_make_path (kind, id);

  return g_dbus_object_manager_get_interface (G_DBUS_OBJECT_MANAGER (
                                                  self->manager),
      path, name);
}

guint64
foyer_service_get_number (gpointer skeleton)
{
  const guint64 *number = g_object_get_data (skeleton, NUMBER);

  return number != NULL ? *number : 0;
}

void
foyer_service_reply_silent (gpointer call)
{
  foyer_call_reply (call, NULL);
}

static void
on_house_changed (gpointer user_data)
{
  foyer_service_update_manager (user_data);
}

static gboolean
export_house (FoyerService *self, GError **error)
{
  GDBusInterfaceSkeleton *skeletons[] = {
    G_DBUS_INTERFACE_SKELETON (self->of_house),
    G_DBUS_INTERFACE_SKELETON (self->of_policy),
    G_DBUS_INTERFACE_SKELETON (self->of_history),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (skeletons); i++)
    if (!g_dbus_interface_skeleton_export (skeletons[i], self->connection,
            FOYER_SERVICE_PATH, error))
      return FALSE;
  return TRUE;
}

FoyerService *
foyer_service_new (FoyerHouse *house, GDBusConnection *connection,
    FoyerAuth *auth, GDBusConnection *avahi, GError **error)
{
  static const FoyerHouseEvents events = {
    .session_added = foyer_service_session_added,
    .session_changed = foyer_service_session_changed,
    .session_ended = foyer_service_session_ended,
    .session_removed = foyer_service_session_removed,
    .camera_added = foyer_service_camera_added,
    .camera_changed = foyer_service_camera_changed,
    .camera_removed = foyer_service_camera_removed,
    .display_added = foyer_service_display_added,
    .display_changed = foyer_service_display_changed,
    .display_removed = foyer_service_display_removed,
    .node_added = foyer_service_node_added,
    .node_changed = foyer_service_node_changed,
    .node_removed = foyer_service_node_removed,
    .rules_changed = foyer_service_rules_changed,
    .house_changed = on_house_changed,
  };
  g_autoptr (FoyerService) self = g_new0 (FoyerService, 1);

  self->house = house;
  self->connection = g_object_ref (connection);
  self->calls = foyer_calls_new (auth);
  self->probes = g_ptr_array_new ();
  foyer_service_init_callers (self);
  self->manager = g_dbus_object_manager_server_new (FOYER_SERVICE_PATH);
  self->of_house = foyer_dbus_manager_skeleton_new ();
  self->of_policy = foyer_dbus_policy_skeleton_new ();
  self->of_history = foyer_dbus_history_skeleton_new ();
  foyer_service_connect_manager (self);
  foyer_service_connect_policy (self);
  foyer_service_connect_history (self);
  foyer_service_connect_nodes (self);
  foyer_service_connect_apps (self);
  foyer_service_update_manager (self);
  if (!export_house (self, error))
    return NULL;
  g_dbus_object_manager_server_set_connection (self->manager, connection);
  foyer_house_start (house, &events, self, avahi);
  return g_steal_pointer (&self);
}

void
foyer_service_free (FoyerService *self)
{
  if (self == NULL)
    return;
  foyer_service_free_probes (self);
  foyer_calls_free (self->calls);
  g_dbus_object_manager_server_set_connection (self->manager, NULL);
  g_dbus_interface_skeleton_unexport (
      G_DBUS_INTERFACE_SKELETON (self->of_house));
  g_dbus_interface_skeleton_unexport (
      G_DBUS_INTERFACE_SKELETON (self->of_policy));
  g_dbus_interface_skeleton_unexport (
      G_DBUS_INTERFACE_SKELETON (self->of_history));
  g_object_unref (self->of_house);
  g_object_unref (self->of_policy);
  g_object_unref (self->of_history);
  g_object_unref (self->manager);
  g_object_unref (self->connection);
  g_ptr_array_unref (self->probes);
  g_hash_table_unref (self->callers);
  g_free (self);
}
