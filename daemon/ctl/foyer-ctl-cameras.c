/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"
#include "foyer-ctl-verbs.h"

static void
print_json (GPtrArray *cameras)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

  foyer_ctl_json_begin_array (json, "cameras");
  for (guint i = 0; i < cameras->len; i++) {
    FoyerDBusCamera *camera = cameras->pdata[i];

    json_builder_begin_object (json);
    foyer_ctl_json_add_number (json, "number",
        foyer_ctl_get_number (foyer_ctl_get_path (camera)));
    foyer_ctl_json_add_string (json, "name",
        foyer_dbus_camera_get_name (camera));
    foyer_ctl_json_add_string (json, "identity",
        foyer_dbus_camera_get_identity (camera));
    foyer_ctl_json_add_string (json, "node",
        foyer_dbus_camera_get_node (camera));
    foyer_ctl_json_add_string (json, "state",
        foyer_dbus_camera_get_state (camera));
    foyer_ctl_json_add_string (json, "problem",
        foyer_dbus_camera_get_problem (camera));
    foyer_ctl_json_add_number (json, "generation",
        foyer_dbus_camera_get_generation (camera));
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
  foyer_ctl_json_print (json, FALSE);
}

static FoyerColour
get_colour (const char *state)
{
  if (g_strcmp0 (state, "open") == 0)
    return FOYER_COLOUR_GOOD;
  if (g_strcmp0 (state, "opening") == 0)
    return FOYER_COLOUR_WAIT;
  return g_strcmp0 (state, "ambiguous") == 0 ? FOYER_COLOUR_BAD
                                             : FOYER_COLOUR_NONE;
}

static void
print_table (GPtrArray *cameras)
{
  static const char *const head[] = { "NUMBER", "NAME", "STATE", "NODE",
    "IDENTITY", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);

  for (guint i = 0; i < cameras->len; i++) {
    FoyerDBusCamera *camera = cameras->pdata[i];
    const char *state = foyer_dbus_camera_get_state (camera);

    foyer_table_add_number (table,
        foyer_ctl_get_number (foyer_ctl_get_path (camera)));
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_camera_get_name (camera));
    foyer_table_add (table, get_colour (state), state);
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_camera_get_node (camera));
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_camera_get_identity (camera));
  }
  foyer_ctl_print_table (table, "no camera is plugged in");
}

gboolean
foyer_ctl_run_cameras (FoyerCtl *ctl, GError **error)
{
  g_autoptr (GPtrArray) cameras = NULL;

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  cameras = foyer_ctl_list (ctl, "Camera");
  if (foyer_ctl_line_has (ctl->line, "names")) {
    for (guint i = 0; i < cameras->len; i++)
      foyer_ctl_print_name (foyer_dbus_camera_get_name (cameras->pdata[i]));
  } else if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (cameras);
  else
    print_table (cameras);
  return TRUE;
}
