/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"
#include "foyer-ctl-node.h"
#include "foyer-ctl-verbs.h"

static void
add_json (FoyerCtl *ctl, JsonBuilder *json, FoyerDBusNode *node)
{
  g_autofree char *camera = foyer_ctl_dup_name (ctl,
      foyer_dbus_node_get_camera (node));

  json_builder_begin_object (json);
  foyer_ctl_json_add_number (json, "number",
      foyer_ctl_get_number (foyer_ctl_get_path (node)));
  foyer_ctl_json_add_string (json, "name", foyer_dbus_node_get_name (node));
  foyer_ctl_json_add_string (json, "camera", camera);
  foyer_ctl_json_add_string (json, "device", foyer_dbus_node_get_device (node));
  foyer_ctl_json_add_string (json, "label", foyer_dbus_node_get_label (node));
  foyer_ctl_json_add_string (json, "state", foyer_dbus_node_get_state (node));
  foyer_ctl_json_add_string (json, "problem",
      foyer_dbus_node_get_problem (node));
  foyer_ctl_json_add_number (json, "session",
      foyer_ctl_get_number (foyer_dbus_node_get_session (node)));
  foyer_ctl_json_add_boolean (json, "readers",
      foyer_dbus_node_get_readers (node));
  foyer_ctl_json_add_number (json, "user", foyer_dbus_node_get_user (node));
  foyer_ctl_json_add_number (json, "width", foyer_dbus_node_get_width (node));
  foyer_ctl_json_add_number (json, "height", foyer_dbus_node_get_height (node));
  foyer_ctl_json_add_number (json, "fps", foyer_dbus_node_get_fps (node));
  json_builder_end_object (json);
}

static void
print_json (FoyerCtl *ctl, GPtrArray *nodes)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

  foyer_ctl_json_begin_array (json, "nodes");
  for (guint i = 0; i < nodes->len; i++)
    add_json (ctl, json, nodes->pdata[i]);
  json_builder_end_array (json);
  foyer_ctl_json_print (json, FALSE);
}

static FoyerColour
get_colour (const char *state)
{
  if (g_strcmp0 (state, "open") == 0)
    return FOYER_COLOUR_GOOD;
  if (g_strcmp0 (state, "missing") == 0 || g_strcmp0 (state, "refused") == 0)
    return FOYER_COLOUR_BAD;
  return FOYER_COLOUR_WAIT;
}

static void
print_table (FoyerCtl *ctl, GPtrArray *nodes)
{
  static const char *const head[] = { "NUMBER", "NAME", "STATE", "CAMERA",
    "DEVICE", "PICTURE", "USER", "PROBLEM", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);

  for (guint i = 0; i < nodes->len; i++) {
    FoyerDBusNode *node = nodes->pdata[i];
    const char *state = foyer_dbus_node_get_state (node);
    g_autofree char *camera = foyer_ctl_dup_name (ctl,
        foyer_dbus_node_get_camera (node));
    g_autofree char *user = foyer_ctl_dup_user (
        foyer_dbus_node_get_user (node));
    g_autofree char *picture = g_strdup_printf ("%ux%u at %u",
        foyer_dbus_node_get_width (node), foyer_dbus_node_get_height (node),
        foyer_dbus_node_get_fps (node));

    foyer_table_add_number (table,
        foyer_ctl_get_number (foyer_ctl_get_path (node)));
    foyer_table_add (table, FOYER_COLOUR_NONE, foyer_dbus_node_get_name (node));
    foyer_table_add (table, get_colour (state), state);
    foyer_table_add (table, FOYER_COLOUR_NONE, camera);
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_node_get_device (node));
    foyer_table_add (table, FOYER_COLOUR_NONE, picture);
    foyer_table_add (table, FOYER_COLOUR_NONE, user);
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_node_get_problem (node));
  }
  foyer_ctl_print_table (table,
      "no camera is exposed; to expose one: foyerctl expose CAMERA");
}

gboolean
foyer_ctl_run_nodes (FoyerCtl *ctl, GError **error)
{
  g_autoptr (GPtrArray) nodes = NULL;

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  nodes = foyer_ctl_list (ctl, "Node");
  if (foyer_ctl_line_has (ctl->line, "names")) {
    for (guint i = 0; i < nodes->len; i++)
      foyer_ctl_print_name (foyer_dbus_node_get_name (nodes->pdata[i]));
  } else if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (ctl, nodes);
  else
    print_table (ctl, nodes);
  return TRUE;
}
