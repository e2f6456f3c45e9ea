/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-rule.h"
#include "foyer-ctl-session.h"
#include "foyer-ctl-verbs.h"

#include <string.h>

#define RULE_PREFIX "rule:"

static gboolean
has_rule (GVariant *rules, guint64 number)
{
  GVariantIter iter;
  GVariant *rule;
  gboolean is_found = FALSE;

  g_variant_iter_init (&iter, rules);
  while (!is_found && (rule = g_variant_iter_next_value (&iter)) != NULL) {
    is_found = foyer_ctl_rule_get_number (rule, "id") == number;
    g_variant_unref (rule);
  }
  return is_found;
}

/* (transfer none) (nullable) */
static FoyerDBusSession *
find_session (GPtrArray *sessions, guint64 number)
{
  for (guint i = 0; i < sessions->len; i++) {
    if (foyer_dbus_session_get_id (sessions->pdata[i]) == number)
      return sessions->pdata[i];
  }
  return NULL;
}

typedef struct
{
  GVariant *rules;
  GPtrArray *sessions;
  GArray *chosen_rules; /* of guint64 */
  GPtrArray *chosen_sessions;
} Choice;

static void
choice_clear (Choice *choice)
{
  g_clear_pointer (&choice->rules, g_variant_unref);
  g_clear_pointer (&choice->sessions, g_ptr_array_unref);
  g_clear_pointer (&choice->chosen_rules, g_array_unref);
  g_clear_pointer (&choice->chosen_sessions, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choice, choice_clear)

static gboolean
choose (Choice *choice, const char *word, GError **error)
{
  gboolean may_be_rule = !g_str_has_prefix (word, FOYER_CTL_SESSION_PREFIX);
  gboolean may_be_session = !g_str_has_prefix (word, RULE_PREFIX);
  const char *colon = strchr (word, ':');
  FoyerDBusSession *session;
  g_autofree char *safe = foyer_print_dup_safe (word);
  guint64 number;

  if (may_be_rule && may_be_session)
    colon = NULL;
  if (!foyer_ctl_parse_number (colon != NULL ? colon + 1 : word, &number)) {
    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "\"%s\" is no number of a rule or session; see: foyerctl rules", safe);
    return FALSE;
  }
  may_be_rule = may_be_rule && has_rule (choice->rules, number);
  session = may_be_session ? find_session (choice->sessions, number) : NULL;
  if (may_be_rule && session != NULL)
    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "there is a rule and a session %s; say rule:%s or session:%s", safe,
        safe, safe);
  else if (may_be_rule)
    g_array_append_val (choice->chosen_rules, number);
  else if (session != NULL)
    g_ptr_array_add (choice->chosen_sessions, session);
  else
    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND,
        "there is no such rule or session: %s; see: foyerctl rules", safe);
  return may_be_rule != (session != NULL);
}

static gboolean
choice_fill (Choice *choice, FoyerCtl *ctl, GError **error)
{
  const FoyerCtlCall call = { .interface = FOYER_CTL_POLICY,
    .method = "ListRules",
    .reply = "(aa{sv})" };
  g_autoptr (GVariant) reply = foyer_ctl_call (ctl, &call, error);

  if (reply == NULL)
    return FALSE;
  choice->rules = g_variant_get_child_value (reply, 0);
  choice->sessions = foyer_ctl_list (ctl, "Session");
  choice->chosen_rules = g_array_new (FALSE, FALSE, sizeof (guint64));
  choice->chosen_sessions = g_ptr_array_new ();
  for (guint i = 0; i < foyer_ctl_line_get_n_words (ctl->line); i++) {
    if (!choose (choice, foyer_ctl_line_get_word (ctl->line, i), error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
remove_rule (FoyerCtl *ctl, guint64 number, GError **error)
{
  const FoyerCtlCall call = { .interface = FOYER_CTL_POLICY,
    .method = "RemoveRule",
    .arguments = g_variant_new ("(t)", number) };
  g_autoptr (GVariant) reply = foyer_ctl_call (ctl, &call, error);

  if (reply == NULL)
    return FALSE;
  foyer_ctl_say ("rule %" G_GUINT64_FORMAT " is revoked", number);
  return TRUE;
}

/* Nothing is taken back before all that was typed is understood; then all is
 * tried, whatever fails. */
gboolean
foyer_ctl_run_revoke (FoyerCtl *ctl, GError **error)
{
  g_auto (Choice) choice = { 0 };
  g_autoptr (GError) first = NULL;
  gboolean is_done;

  if (!foyer_ctl_enter (ctl, error) || !choice_fill (&choice, ctl, error))
    return FALSE;
  is_done = foyer_ctl_session_stop_all (ctl, choice.chosen_sessions, &first);
  for (guint i = 0; i < choice.chosen_rules->len; i++) {
    guint64 number = g_array_index (choice.chosen_rules, guint64, i);
    GError **at = first == NULL ? &first : NULL;

    if (remove_rule (ctl, number, at))
      continue;
    is_done = FALSE;
    if (at != NULL)
      g_prefix_error (at, "revoking rule %" G_GUINT64_FORMAT ": ", number);
  }
  if (first != NULL)
    g_propagate_error (error, g_steal_pointer (&first));
  return is_done;
}
