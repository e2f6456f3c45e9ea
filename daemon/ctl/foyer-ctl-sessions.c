/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"
#include "foyer-ctl-session.h"
#include "foyer-ctl-verbs.h"

static void
print_json (FoyerCtl *ctl, GPtrArray *sessions)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

  foyer_ctl_json_begin_array (json, "sessions");
  for (guint i = 0; i < sessions->len; i++) {
    json_builder_begin_object (json);
    foyer_ctl_session_add_json (ctl, json, sessions->pdata[i]);
    json_builder_end_object (json);
  }
  json_builder_end_array (json);
  foyer_ctl_json_print (json, FALSE);
}

static void
print_table (FoyerCtl *ctl, GPtrArray *sessions)
{
  static const char *const head[] = { FOYER_CTL_SESSION_HEAD, "USER", "RULE",
    "PICTURE", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);

  for (guint i = 0; i < sessions->len; i++) {
    FoyerDBusSession *session = sessions->pdata[i];
    const char *codec = foyer_dbus_session_get_codec (session);
    g_autofree char *user = foyer_ctl_dup_user (
        foyer_dbus_session_get_user (session));
    g_autofree char *picture = NULL;

    if (codec != NULL && *codec != '\0')
      picture = g_strdup_printf ("%s %ux%u", codec,
          foyer_dbus_session_get_width (session),
          foyer_dbus_session_get_height (session));
    foyer_ctl_session_add_cells (ctl, table, session);
    foyer_table_add (table, FOYER_COLOUR_NONE, user);
    foyer_table_add_number (table, foyer_dbus_session_get_rule (session));
    foyer_table_add (table, FOYER_COLOUR_NONE, picture);
  }
  foyer_ctl_print_table (table, "nothing is shown");
  for (guint i = 0; i < sessions->len; i++) {
    FoyerDBusSession *session = sessions->pdata[i];
    g_autofree char *problem = foyer_ctl_session_dup_sound_problem (session);

    if (problem != NULL)
      foyer_ctl_say ("session %" G_GUINT64_FORMAT ": %s",
          foyer_dbus_session_get_id (session), problem);
  }
}

gboolean
foyer_ctl_run_sessions (FoyerCtl *ctl, GError **error)
{
  g_autoptr (GPtrArray) sessions = NULL;

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  sessions = foyer_ctl_list (ctl, "Session");
  if (foyer_ctl_line_has (ctl->line, "names")) {
    for (guint i = 0; i < sessions->len; i++)
      foyer_ctl_say ("%" G_GUINT64_FORMAT,
          foyer_dbus_session_get_id (sessions->pdata[i]));
  } else if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (ctl, sessions);
  else
    print_table (ctl, sessions);
  return TRUE;
}
