/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"
#include "foyer-ctl-rule.h"
#include "foyer-ctl-verbs.h"

#define ANY "any"

/* (transfer full) (nullable): "any", or the identity of what is meant. */
static char *
find_identity (FoyerCtl *ctl, guint number, const char *kind, GError **error)
{
  const char *word = foyer_ctl_line_get_word (ctl->line, number);

  if (g_str_equal (word, ANY))
    return g_strdup (ANY);
  return foyer_ctl_find_identity (ctl, word, kind, error);
}

/* Whom the rule is for has to be somebody. */
static gboolean
check_subject (FoyerCtlLine *line, GError **error)
{
  const char *user = foyer_ctl_line_get (line, "user");
  const char *group = foyer_ctl_line_get (line, "group");
  guint32 id;

  return (user == NULL || foyer_ctl_find_user (user, &id, error)) &&
      (group == NULL || foyer_ctl_find_group (group, &id, error));
}

static void
tell (FoyerCtl *ctl, guint64 id, GVariant *rule)
{
  g_autofree char *camera = NULL, *display = NULL, *subject = NULL;

  if (foyer_ctl_line_has (ctl->line, "json")) {
    g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

    foyer_ctl_json_add_number (json, "rule", id);
    foyer_ctl_json_print (json, FALSE);
    return;
  }
  camera = foyer_print_dup_safe (foyer_ctl_rule_get_text (rule, "camera"));
  display = foyer_print_dup_safe (foyer_ctl_rule_get_text (rule, "target"));
  subject = foyer_print_dup_safe (foyer_ctl_rule_get_text (rule, "subject"));
  foyer_ctl_say ("rule %" G_GUINT64_FORMAT ": %s %s: camera %s, %s", id,
      foyer_ctl_rule_get_text (rule, "verdict"), subject, camera, display);
}

gboolean
foyer_ctl_run_grant (FoyerCtl *ctl, GError **error)
{
  g_autofree char *camera = NULL, *display = NULL;
  g_autoptr (GVariant) rule = NULL;
  g_autoptr (GVariant) reply = NULL;
  guint64 id;
  FoyerCtlCall call = { .interface = FOYER_CTL_POLICY,
    .method = "AddRule",
    .reply = "(t)" };

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  camera = find_identity (ctl, 0, "camera", error);
  if (camera == NULL)
    return FALSE;
  display = find_identity (ctl, 1, "display", error);
  if (display == NULL)
    return FALSE;
  rule = foyer_ctl_rule_new (ctl->line, camera, display,
      foyer_ctl_get_now_us (ctl) / G_USEC_PER_SEC, error);
  if (rule == NULL || !check_subject (ctl->line, error))
    return FALSE;
  call.arguments = g_variant_new ("(@a{sv})", rule);
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(t)", &id);
  tell (ctl, id, rule);
  return TRUE;
}
