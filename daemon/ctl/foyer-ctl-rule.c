/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-rule.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-parse.h"

static gboolean
add_subject (FoyerCtlLine *line, GVariantDict *rule, GError **error)
{
  const char *user = foyer_ctl_line_get (line, "user");
  const char *group = foyer_ctl_line_get (line, "group");
  g_autofree char *subject = NULL;

  if (user != NULL && group != NULL) {
    g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "a rule is for a user or for a group; add two rules for both");
    return FALSE;
  }
  if (user != NULL)
    subject = g_strconcat ("user:", user, NULL);
  else if (group != NULL)
    subject = g_strconcat ("group:", group, NULL);
  else
    subject = g_strdup ("any");
  g_variant_dict_insert (rule, "subject", "s", subject);
  return TRUE;
}

static void
add_media (FoyerCtlLine *line, GVariantDict *rule)
{
  const char *media = foyer_ctl_line_get (line, "media");
  g_auto (GStrv) kinds = NULL;

  if (media == NULL)
    return;
  kinds = g_strsplit (media, ",", -1);
  for (char **kind = kinds; *kind != NULL; kind++)
    g_strstrip (*kind);
  g_variant_dict_insert (rule, "media", "^as", kinds);
}

static gboolean
add_bounds (FoyerCtlLine *line, GVariantDict *rule, gint64 now_s,
    GError **error)
{
  const char *const *schedule = foyer_ctl_line_get_all (line, "schedule");
  const char *until = foyer_ctl_line_get (line, "until");
  const char *max = foyer_ctl_line_get (line, "max");
  gint64 until_s = 0;
  guint max_s = 0;

  if (schedule != NULL)
    g_variant_dict_insert (rule, "schedule", "^as", schedule);
  if (until != NULL) {
    if (!foyer_ctl_parse_time_or_duration (until, now_s, 1, &until_s, error))
      return FALSE;
    if (until_s <= now_s) {
      g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
          "--until %s is over already", until);
      return FALSE;
    }
    g_variant_dict_insert (rule, "expires", "t", (guint64) until_s);
  }
  if (max != NULL) {
    if (!foyer_ctl_parse_duration (max, &max_s, error))
      return FALSE;
    g_variant_dict_insert (rule, "max-session-s", "u", max_s);
  }
  return TRUE;
}

char *
foyer_ctl_rule_dup_target (const char *identity)
{
  gboolean has_kind = g_str_has_prefix (identity, "node:") ||
      g_str_has_prefix (identity, "app:");

  return g_strconcat (has_kind ? "" : "display:", identity, NULL);
}

GVariant *
foyer_ctl_rule_new (FoyerCtlLine *line, const char *camera, const char *display,
    gint64 now_s, GError **error)
{
  g_auto (GVariantDict) rule = G_VARIANT_DICT_INIT (NULL);
  g_autofree char *target = foyer_ctl_rule_dup_target (display);

  g_variant_dict_insert (&rule, "verdict", "s",
      foyer_ctl_line_has (line, "deny") ? "deny" : "allow");
  g_variant_dict_insert (&rule, "camera", "s", camera);
  g_variant_dict_insert (&rule, "target", "s", target);
  add_media (line, &rule);
  if (!add_subject (line, &rule, error) ||
      !add_bounds (line, &rule, now_s, error))
    return NULL;
  if (foyer_ctl_line_has (line, "allow-clear"))
    g_variant_dict_insert (&rule, "allow-clear", "b", TRUE);
  return g_variant_ref_sink (g_variant_dict_end (&rule));
}

/* A borrowed string lives as long as the dictionary that it stands in. */
const char *
foyer_ctl_rule_get_text (GVariant *rule, const char *key)
{
  const char *text = "";

  g_variant_lookup (rule, key, "&s", &text);
  return text;
}

guint64
foyer_ctl_rule_get_number (GVariant *rule, const char *key)
{
  guint64 wide = 0;
  guint32 narrow = 0;

  if (g_variant_lookup (rule, key, "u", &narrow))
    return narrow;
  g_variant_lookup (rule, key, "t", &wide);
  return wide;
}

gboolean
foyer_ctl_rule_get_truth (GVariant *rule, const char *key)
{
  gboolean truth = FALSE;

  g_variant_lookup (rule, key, "b", &truth);
  return truth;
}

char *
foyer_ctl_rule_dup_list (GVariant *rule, const char *key, const char *separator)
{
  g_autofree const char **list = NULL;

  if (!g_variant_lookup (rule, key, "^a&s", &list))
    return g_strdup ("");
  return g_strjoinv (separator, (char **) list);
}
