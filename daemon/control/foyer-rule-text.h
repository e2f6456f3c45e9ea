/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-interner.h"
#include "foyer-sections.h"

G_BEGIN_DECLS

/* Rules as people and files see them: the dictionary of org.foyer.Foyer1.Policy,
 * and a section of the policy file. Every error is FOYER_ERROR_INVALID and names
 * the key and what is wrong with it. */

/**
 * FoyerRuleNames:
 * @ids: (transfer none): numbers of cameras and targets; those of a rule that
 *   turns out invalid may have been given
 * @find_user: uid of a name; %FALSE for none
 * @find_group: gid of a name
 * @dup_user_name: (nullable return): name of a uid; %NULL for none
 * @dup_group_name: (nullable return): name of a gid
 * @user_data: for them
 *
 * What words in rules mean. The policy file holds numbers of users, so that a
 * name given to somebody else does not hand on what was allowed, and that
 * reading it asks nobody.
 */
typedef struct
{
  FoyerInterner *ids;
  gboolean (*find_user) (const char *name, guint32 *uid, gpointer user_data);
  gboolean (*find_group) (const char *name, guint32 *gid, gpointer user_data);
  char *(*dup_user_name) (guint32 uid, gpointer user_data);
  char *(*dup_group_name) (guint32 gid, gpointer user_data);
  gpointer user_data;
} FoyerRuleNames;

/**
 * foyer_rule_names_get_system:
 * @ids: (transfer none): numbers of cameras and targets
 *
 * Returns: names as this machine has them
 */
FoyerRuleNames foyer_rule_names_get_system (FoyerInterner *ids);

/**
 * foyer_rule_names_get_numeric:
 * @ids: (transfer none): numbers of cameras and targets
 *
 * Returns: names of which users and groups have none, as for the policy file
 */
FoyerRuleNames foyer_rule_names_get_numeric (FoyerInterner *ids);

/**
 * foyer_rule_from_variant:
 * @dictionary: of type a{sv}
 * @names: what words mean
 * @out_rule: (out): the rule; its id is 0, whatever the dictionary says
 * @error: return location
 *
 * Takes "verdict", which must be there, and "subject", "camera", "target",
 * "media", "schedule", "expires", "max-session-s", "allow-clear"; without them a
 * rule is for any subject, any camera, any target, for video, always, for ever,
 * without bound and encrypted. An unknown key, or one of another type, is an
 * error.
 *
 * Returns: %FALSE with an error
 */
gboolean foyer_rule_from_variant (GVariant *dictionary,
    const FoyerRuleNames *names, FoyerRule *out_rule,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_rule_to_variant:
 * @rule: a valid rule
 * @names: what words mean
 *
 * Returns: (transfer floating): all keys, of type a{sv}
 */
GVariant *foyer_rule_to_variant (const FoyerRule *rule,
    const FoyerRuleNames *names);

/**
 * foyer_rule_from_section:
 * @section: "rule N", with the keys of the dictionary; lists are divided by ";"
 * @names: what words mean
 * @out_rule: (out): the rule with its id
 * @error: return location, "line N: KEY: what is wrong"
 *
 * Every key must be there, since foyerd wrote them: a line that got lost must
 * not widen a rule.
 */
gboolean foyer_rule_from_section (const FoyerSection *section,
    const FoyerRuleNames *names, FoyerRule *out_rule,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Appends the section that foyer_rule_from_section() reads. */
void foyer_rule_append_section (const FoyerRule *rule,
    const FoyerRuleNames *names, GString *out);

/* Schedules, in foyer-schedule.c. */

/**
 * foyer_schedule_parse:
 * @text: "[DAYS] [HH:MM-HH:MM]" of which one must be there; DAYS are "mon" to
 *   "sun" and ranges of them such as "fri-mon", divided by ","; without them,
 *   each day; without times, all day. Times that end before they begin end on
 *   the day after
 * @windows: (array fixed-size=8) (inout): windows are added here
 * @n_windows: (inout): how many there are
 * @error: return location
 *
 * Returns: %FALSE, with nothing added, if it is malformed or there is no room
 */
gboolean foyer_schedule_parse (const char *text, FoyerWindow *windows,
    uint32_t *n_windows, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_schedule_print:
 * @windows: (array length=n_windows): valid ones
 * @n_windows: how many
 *
 * Returns: (transfer full): the same in the fewest texts, in one form for all
 *   that mean the same windows
 */
char **foyer_schedule_print (const FoyerWindow *windows, uint32_t n_windows);

/**
 * foyer_target_parse:
 * @text: "any", "display:any", "display:IDENTITY", "node:…" or "app:…"
 * @ids: (transfer none): numbers
 * @out_kind: (out): kind
 * @out_is_any: (out): each of that kind
 * @out_id: (out): else this one
 *
 * Returns: %FALSE if it is none of these
 */
gboolean foyer_target_parse (const char *text, FoyerInterner *ids,
    FoyerTargetKind *out_kind, gboolean *out_is_any,
    FoyerTargetId *out_id) G_GNUC_WARN_UNUSED_RESULT;

/* "display", "node", "app" or "any". */
const char *foyer_target_kind_to_string (FoyerTargetKind kind);

/**
 * foyer_media_parse:
 * @words: (array zero-terminated=1): "video", "audio", "stills"
 * @out_media: (out): set of #FoyerMedia
 *
 * Returns: %FALSE if there is none, or an unknown one
 */
gboolean foyer_media_parse (const char *const *words,
    uint32_t *out_media) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
