/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-rule.h"
#include "foyer-ctl-verbs.h"

#include <string.h>

#define DISPLAY_PREFIX "display:"

/* (transfer full) (nullable): the name of what a rule names by identity. */
static char *
dup_name (FoyerCtl *ctl, const char *text)
{
  if (g_str_has_prefix (text, DISPLAY_PREFIX))
    text += strlen (DISPLAY_PREFIX);
  return foyer_ctl_dup_name_of (ctl, text);
}

static void
print_json (FoyerCtl *ctl, GVariant *rules)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();
  GVariantIter iter;
  GVariant *rule;

  foyer_ctl_json_begin_array (json, "rules");
  g_variant_iter_init (&iter, rules);
  while ((rule = g_variant_iter_next_value (&iter)) != NULL) {
    g_autofree char *camera = dup_name (ctl,
        foyer_ctl_rule_get_text (rule, "camera"));
    g_autofree char *target = dup_name (ctl,
        foyer_ctl_rule_get_text (rule, "target"));

    json_builder_begin_object (json);
    foyer_ctl_json_add_dictionary (json, rule);
    foyer_ctl_json_add_string (json, "camera_name", camera);
    foyer_ctl_json_add_string (json, "target_name", target);
    json_builder_end_object (json);
    g_variant_unref (rule);
  }
  json_builder_end_array (json);
  foyer_ctl_json_print (json, FALSE);
}

static void
add_thing (FoyerCtl *ctl, FoyerTable *table, const char *text)
{
  g_autofree char *name = dup_name (ctl, text);

  foyer_table_add (table, FOYER_COLOUR_NONE, name != NULL ? name : text);
}

/* What narrows it down, in one cell. */
static char *
dup_bounds (GVariant *rule)
{
  g_autofree char *schedule = foyer_ctl_rule_dup_list (rule, "schedule", "; ");
  guint64 expires_s = foyer_ctl_rule_get_number (rule, "expires");
  guint64 max_s = foyer_ctl_rule_get_number (rule, "max-session-s");
  GString *text = g_string_new (schedule);

  if (expires_s != 0 && expires_s < G_MAXINT64 / G_USEC_PER_SEC) {
    g_autofree char *until = foyer_ctl_dup_time (expires_s * G_USEC_PER_SEC);

    g_string_append_printf (text, "%suntil %s", text->len > 0 ? ", " : "",
        until);
  }
  if (max_s != 0) {
    g_autofree char *max = foyer_ctl_dup_duration (max_s);

    g_string_append_printf (text, "%sat most %s", text->len > 0 ? ", " : "",
        max);
  }
  if (foyer_ctl_rule_get_truth (rule, "allow-clear"))
    g_string_append_printf (text, "%salso in the clear",
        text->len > 0 ? ", " : "");
  return g_string_free (text, FALSE);
}

static void
add_row (FoyerCtl *ctl, FoyerTable *table, GVariant *rule)
{
  const char *verdict = foyer_ctl_rule_get_text (rule, "verdict");
  g_autofree char *media = foyer_ctl_rule_dup_list (rule, "media", ",");
  g_autofree char *bounds = dup_bounds (rule);

  foyer_table_add_number (table, foyer_ctl_rule_get_number (rule, "id"));
  foyer_table_add (table,
      g_str_equal (verdict, "allow") ? FOYER_COLOUR_GOOD : FOYER_COLOUR_BAD,
      verdict);
  foyer_table_add (table, FOYER_COLOUR_NONE,
      foyer_ctl_rule_get_text (rule, "subject"));
  add_thing (ctl, table, foyer_ctl_rule_get_text (rule, "camera"));
  add_thing (ctl, table, foyer_ctl_rule_get_text (rule, "target"));
  foyer_table_add (table, FOYER_COLOUR_NONE, media);
  foyer_table_add (table, FOYER_COLOUR_NONE, bounds);
}

static void
print_table (FoyerCtl *ctl, GVariant *rules)
{
  static const char *const head[] = { "RULE", "VERDICT", "WHO", "CAMERA",
    "WHERE", "MEDIA", "BOUNDS", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);
  GVariantIter iter;
  GVariant *rule;

  g_variant_iter_init (&iter, rules);
  while ((rule = g_variant_iter_next_value (&iter)) != NULL) {
    add_row (ctl, table, rule);
    g_variant_unref (rule);
  }
  foyer_ctl_print_table (table,
      "no rules: nothing may be shown; to allow something: foyerctl grant "
      "CAMERA DISPLAY");
}

static void
print_names (GVariant *rules)
{
  GVariantIter iter;
  GVariant *rule;

  g_variant_iter_init (&iter, rules);
  while ((rule = g_variant_iter_next_value (&iter)) != NULL) {
    foyer_ctl_say ("%" G_GUINT64_FORMAT,
        foyer_ctl_rule_get_number (rule, "id"));
    g_variant_unref (rule);
  }
}

gboolean
foyer_ctl_run_rules (FoyerCtl *ctl, GError **error)
{
  const FoyerCtlCall call = { .interface = FOYER_CTL_POLICY,
    .method = "ListRules",
    .reply = "(aa{sv})" };
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) rules = NULL;

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  rules = g_variant_get_child_value (reply, 0);
  if (foyer_ctl_line_has (ctl->line, "names"))
    print_names (rules);
  else if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (ctl, rules);
  else
    print_table (ctl, rules);
  return TRUE;
}
