/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"
#include "foyer-ctl-verbs.h"

#include <unistd.h>

typedef struct
{
  guint n_cameras;
  guint n_displays;
  guint n_sessions;
} Counts;

static guint
count (FoyerCtl *ctl, const char *interface)
{
  g_autoptr (GPtrArray) list = foyer_ctl_list (ctl, interface);

  return list->len;
}

static void
print_json (FoyerDBusManager *manager, const Counts *counts)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

  foyer_ctl_json_add_string (json, "version",
      foyer_dbus_manager_get_version (manager));
  foyer_ctl_json_add_boolean (json, "locked_down",
      foyer_dbus_manager_get_locked_down (manager));
  foyer_ctl_json_add_strings (json, "problems",
      foyer_dbus_manager_get_problems (manager));
  foyer_ctl_json_add_number (json, "cameras", counts->n_cameras);
  foyer_ctl_json_add_number (json, "displays", counts->n_displays);
  foyer_ctl_json_add_number (json, "sessions", counts->n_sessions);
  foyer_ctl_json_print (json, FALSE);
}

static void
print_text (FoyerDBusManager *manager, const Counts *counts)
{
  gboolean has_colour = foyer_print_has_colour (STDOUT_FILENO);
  const char *bad = has_colour ? foyer_print_get_colour (FOYER_COLOUR_BAD) : "";
  const char *end = has_colour ? FOYER_PRINT_END : "";
  const char *const *problems = foyer_dbus_manager_get_problems (manager);
  g_autofree char *version = foyer_print_dup_safe (
      foyer_dbus_manager_get_version (manager));

  foyer_ctl_say ("service:   foyerd %s runs", version);
  if (foyer_dbus_manager_get_locked_down (manager))
    foyer_ctl_say ("lockdown:  %son%s; to end it: foyerctl lockdown off", bad,
        end);
  else
    foyer_ctl_say ("lockdown:  off");
  foyer_ctl_say ("cameras:   %u", counts->n_cameras);
  foyer_ctl_say ("displays:  %u", counts->n_displays);
  foyer_ctl_say ("sessions:  %u", counts->n_sessions);
  for (; problems != NULL && *problems != NULL; problems++) {
    g_autofree char *problem = foyer_print_dup_sentence (*problems);

    foyer_ctl_say ("problem:   %s%s%s", bad, problem, end);
  }
}

gboolean
foyer_ctl_run_status (FoyerCtl *ctl, GError **error)
{
  g_autoptr (FoyerDBusManager) manager = NULL;
  Counts counts;

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  manager = foyer_ctl_new_manager (ctl, error);
  if (manager == NULL)
    return FALSE;
  counts.n_cameras = count (ctl, "Camera");
  counts.n_displays = count (ctl, "Display");
  counts.n_sessions = count (ctl, "Session");
  if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (manager, &counts);
  else
    print_text (manager, &counts);
  return TRUE;
}
