/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-verbs.h"

#define PERCENT 100

static gboolean
add_change (const char *word, GVariantDict *change, GError **error)
{
  guint64 level;

  if (word == NULL)
    return TRUE;
  if (g_str_equal (word, "mute") || g_str_equal (word, "unmute")) {
    g_variant_dict_insert (change, "muted", "b", g_str_equal (word, "mute"));
    return TRUE;
  }
  if (foyer_ctl_parse_number (word, &level) && level <= PERCENT) {
    g_variant_dict_insert (change, "level", "d", (double) level / PERCENT);
    return TRUE;
  }
  g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
      "how loud is a number from 0 to 100, mute or unmute; see: foyerctl volume "
      "--help");
  return FALSE;
}

static void
tell (FoyerCtl *ctl, FoyerDBusDisplay *display, GVariant *reply)
{
  g_autofree char *name = foyer_print_dup_safe (
      foyer_dbus_display_get_name (display));
  g_autoptr (JsonBuilder) json = NULL;
  gboolean is_muted;
  guint percent;
  double level;

  g_variant_get (reply, "(db)", &level, &is_muted);
  percent = (guint) (CLAMP (level, 0.0, 1.0) * PERCENT + 0.5);
  if (!foyer_ctl_line_has (ctl->line, "json")) {
    foyer_ctl_say ("%s: %u %%%s", name, percent, is_muted ? ", muted" : "");
    return;
  }
  json = foyer_ctl_json_new ();
  foyer_ctl_json_add_number (json, "display",
      foyer_ctl_get_number (foyer_ctl_get_path (display)));
  foyer_ctl_json_add_number (json, "percent", percent);
  foyer_ctl_json_add_boolean (json, "muted", is_muted);
  foyer_ctl_json_print (json, FALSE);
}

gboolean
foyer_ctl_run_volume (FoyerCtl *ctl, GError **error)
{
  g_autoptr (FoyerDBusDisplay) display = NULL;
  g_auto (GVariantDict) change = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) reply = NULL;
  FoyerCtlThing thing;
  FoyerCtlCall call = { .interface = "org.foyer.Foyer1.Display",
    .method = "Volume",
    .reply = "(db)",
    .display = &thing };

  if (!add_change (foyer_ctl_line_get_word (ctl->line, 1), &change, error) ||
      !foyer_ctl_enter (ctl, error))
    return FALSE;
  display = foyer_ctl_find_display (ctl, foyer_ctl_line_get_word (ctl->line, 0),
      error);
  if (display == NULL)
    return FALSE;
  thing = foyer_ctl_get_display_thing (display);
  call.path = foyer_ctl_get_path (display);
  call.arguments = g_variant_new ("(@a{sv})", g_variant_dict_end (&change));
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  tell (ctl, display, reply);
  return TRUE;
}
