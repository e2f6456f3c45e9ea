/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"
#include "foyer-ctl-verbs.h"

#include <string.h>

static void
add_json (JsonBuilder *json, FoyerDBusDisplay *display)
{
  json_builder_begin_object (json);
  foyer_ctl_json_add_number (json, "number",
      foyer_ctl_get_number (foyer_ctl_get_path (display)));
  foyer_ctl_json_add_string (json, "name",
      foyer_dbus_display_get_name (display));
  foyer_ctl_json_add_string (json, "identity",
      foyer_dbus_display_get_identity (display));
  foyer_ctl_json_add_string (json, "model",
      foyer_dbus_display_get_model (display));
  foyer_ctl_json_add_string (json, "host",
      foyer_dbus_display_get_host (display));
  foyer_ctl_json_add_number (json, "port",
      foyer_dbus_display_get_port (display));
  foyer_ctl_json_add_string (json, "kind",
      foyer_dbus_display_get_kind (display));
  foyer_ctl_json_add_string (json, "trust",
      foyer_dbus_display_get_trust (display));
  foyer_ctl_json_add_boolean (json, "paired",
      foyer_dbus_display_get_paired (display));
  foyer_ctl_json_add_string (json, "fingerprint",
      foyer_dbus_display_get_fingerprint (display));
  foyer_ctl_json_add_string (json, "seen_fingerprint",
      foyer_dbus_display_get_seen_fingerprint (display));
  json_builder_end_object (json);
}

static void
print_json (GPtrArray *displays)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

  foyer_ctl_json_begin_array (json, "displays");
  for (guint i = 0; i < displays->len; i++)
    add_json (json, displays->pdata[i]);
  json_builder_end_array (json);
  foyer_ctl_json_print (json, FALSE);
}

static gboolean
has_changed (FoyerDBusDisplay *display)
{
  const char *seen = foyer_dbus_display_get_seen_fingerprint (display);

  return foyer_dbus_display_get_paired (display) && seen != NULL &&
      *seen != '\0' &&
      g_strcmp0 (seen, foyer_dbus_display_get_fingerprint (display)) != 0;
}

static void
add_key (FoyerTable *table, FoyerDBusDisplay *display)
{
  if (has_changed (display))
    foyer_table_add (table, FOYER_COLOUR_BAD, "changed");
  else if (foyer_dbus_display_get_paired (display))
    foyer_table_add (table, FOYER_COLOUR_GOOD, "paired");
  else
    foyer_table_add (table, FOYER_COLOUR_WAIT, "not paired");
}

static void
print_table (GPtrArray *displays)
{
  static const char *const head[] = { "NUMBER", "NAME", "KEY", "KIND", "MODEL",
    "ADDRESS", "IDENTITY", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);

  for (guint i = 0; i < displays->len; i++) {
    FoyerDBusDisplay *display = displays->pdata[i];
    const char *host = foyer_dbus_display_get_host (display);
    g_autofree char *address = NULL;

    if (host != NULL && *host != '\0')
      address = g_strdup_printf (strchr (host, ':') ? "[%s]:%u" : "%s:%u", host,
          foyer_dbus_display_get_port (display));
    foyer_table_add_number (table,
        foyer_ctl_get_number (foyer_ctl_get_path (display)));
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_display_get_name (display));
    add_key (table, display);
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_display_get_kind (display));
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_display_get_model (display));
    foyer_table_add (table, FOYER_COLOUR_NONE, address);
    foyer_table_add (table, FOYER_COLOUR_NONE,
        foyer_dbus_display_get_identity (display));
  }
  foyer_ctl_print_table (table,
      "no display is known; to name one: foyerctl add-display NAME HOST");
}

gboolean
foyer_ctl_run_displays (FoyerCtl *ctl, GError **error)
{
  g_autoptr (GPtrArray) displays = NULL;

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  displays = foyer_ctl_list (ctl, "Display");
  if (foyer_ctl_line_has (ctl->line, "names")) {
    for (guint i = 0; i < displays->len; i++)
      foyer_ctl_print_name (foyer_dbus_display_get_name (displays->pdata[i]));
  } else if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (displays);
  else
    print_table (displays);
  return TRUE;
}
