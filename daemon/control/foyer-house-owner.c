/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-house-private.h"
#include "foyer-rule-text.h"

/* The owner's word: first on the disk, then in force, except where taking
 * something away can't wait for a disk. */

static void
tell_house (FoyerHouse *self)
{
  if (self->events != NULL)
    self->events->house_changed (self->user_data);
  foyer_house_consider_nodes (self);
}

gboolean
foyer_house_set_lockdown (FoyerHouse *self, gboolean is_on, GError **error)
{
  const FoyerEvent event = { .kind = FOYER_EVENT_LOCKDOWN, .is_on = is_on };
  gboolean is_saved;

  if (!is_on && !self->core->is_locked_down &&
      !foyer_state_get_lockdown (self->parts.state))
    return TRUE;
  if (is_on) {
    foyer_keeper_drop_all (self->keeper);
    foyer_house_post (self, &event);
  }
  is_saved = foyer_state_set_lockdown (self->parts.state, is_on, error);
  if (!is_on && is_saved)
    foyer_house_post (self, &event);
  if (is_on || is_saved)
    foyer_book_event (self, G_MAXUINT32,
        is_on ? "lockdown begins" : "lockdown ends");
  tell_house (self);
  return is_saved;
}

void
foyer_house_tell_rules (FoyerHouse *self)
{
  if (self->events != NULL)
    self->events->rules_changed (self->user_data);
  tell_house (self);
}

void
foyer_house_book_rule (FoyerHouse *self, guint32 uid, const FoyerRule *rule,
    const char *what)
{
  const FoyerRuleNames names = foyer_rule_names_get_system (
      foyer_state_get_ids (self->parts.state));
  g_autoptr (GString) words = g_string_new (what);

  g_string_append (words, ": ");
  foyer_rule_append_section (rule, &names, words);
  g_strdelimit (words->str, "\n", ' ');
  foyer_book_rule (self, uid, rule->id, g_strchomp (words->str));
}

gboolean
foyer_house_add_rule (FoyerHouse *self, guint32 uid, FoyerRule *rule,
    FoyerSilent silent, gpointer user_data, GError **error)
{
  FoyerEvent event = { .kind = FOYER_EVENT_RULE_ADDED };
  g_autoptr (GError) undone = NULL;

  if (!foyer_state_add_rule (self->parts.state, rule, error))
    return FALSE;
  event.rule = *rule;
  if (foyer_house_post (self, &event) != FOYER_REASON_NONE) {
    if (!foyer_state_remove_rule (self->parts.state, rule->id, &undone))
      g_warning ("taking back a rule: %s", undone->message);
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_FULL,
        "there is no room for another rule");
    return FALSE;
  }
  foyer_house_book_rule (self, uid, rule, "added");
  (void) foyer_house_note_expiries (self);
  foyer_house_tell_rules (self);
  foyer_house_wait_silent (self, (FoyerSessionId){ 0 }, silent, user_data);
  return TRUE;
}

/* Off the disk already; the core still has it. */
static void
drop_rule (FoyerHouse *self, guint32 uid, FoyerRuleId id)
{
  const FoyerRule *known = foyer_policy_find (&self->core->policy, id);
  const FoyerRule rule = known != NULL ? *known : (FoyerRule){ .id = id };
  const FoyerEvent event = {
    .kind = FOYER_EVENT_RULE_REMOVED,
    .rule = rule,
  };

  foyer_house_post (self, &event);
  if (known != NULL)
    foyer_house_book_rule (self, uid, &rule, "removed");
  (void) foyer_house_note_expiries (self);
}

gboolean
foyer_house_remove_rule (FoyerHouse *self, guint32 uid, FoyerRuleId id,
    FoyerSilent silent, gpointer user_data, GError **error)
{
  if (!foyer_state_remove_rule (self->parts.state, id, error))
    return FALSE;
  drop_rule (self, uid, id);
  foyer_house_tell_rules (self);
  foyer_house_wait_silent (self, (FoyerSessionId){ 0 }, silent, user_data);
  return TRUE;
}

gboolean
foyer_house_pair (FoyerHouse *self, FoyerTargetId id, const guint8 *key,
    FoyerTrust trust, FoyerSilent silent, gpointer user_data, GError **error)
{
  /* The registry tells of it, and the core hears of the new key. */
  if (!foyer_displays_pair (self->parts.displays, id, key, trust, error))
    return FALSE;
  foyer_house_wait_silent (self, (FoyerSessionId){ 0 }, silent, user_data);
  return TRUE;
}

gboolean
foyer_house_forget (FoyerHouse *self, guint32 uid, FoyerTargetId id,
    FoyerSilent silent, gpointer user_data, GError **error)
{
  const FoyerEvent event = {
    .kind = FOYER_EVENT_TARGET_REMOVED,
    .target = { .kind = FOYER_TARGET_DISPLAY, .id = id },
  };
  g_autoptr (GArray) rules = NULL;

  if (!foyer_state_remove_rules_for (self->parts.state, id, &rules, error))
    return FALSE;
  for (guint i = 0; i < rules->len; i++)
    drop_rule (self, uid, (FoyerRuleId){ g_array_index (rules, guint64, i) });
  /* Its sessions end, whoever they belong to; then it is a stranger. */
  foyer_house_post (self, &event);
  if (!foyer_displays_forget (self->parts.displays, id, error))
    return FALSE;
  foyer_house_tell_rules (self);
  foyer_house_wait_silent (self, (FoyerSessionId){ 0 }, silent, user_data);
  return TRUE;
}
