/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-local-time.h"
#include "foyer-rule-text.h"
#include "foyer-service-private.h"
#include "foyer-text.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

/* A number that no identity has: rules for any match it, and no other. */
#define NOBODY_KNOWS G_MAXUINT64

static FoyerRuleNames
get_names (FoyerService *self)
{
  FoyerState *state = foyer_house_get_parts (self->house)->state;

  return foyer_rule_names_get_system (foyer_state_get_ids (state));
}

static void
go_list_rules (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  const FoyerPolicy *policy = foyer_state_get_policy (
      foyer_house_get_parts (self->house)->state);
  const FoyerRuleNames names = get_names (self);
  GVariantBuilder rules;

  g_variant_builder_init (&rules, G_VARIANT_TYPE ("aa{sv}"));
  for (guint32 i = 0; i < policy->n_rules; i++)
    g_variant_builder_add_value (&rules,
        foyer_rule_to_variant (&policy->rules[i], &names));
  foyer_call_reply (call, g_variant_new ("(aa{sv})", &rules));
}

static gboolean
on_list_rules (FoyerDBusPolicy *policy, GDBusMethodInvocation *invocation,
    gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_list_rules, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
reply_added (gpointer user_data)
{
  FoyerCall *call = user_data;

  foyer_call_reply (call, g_variant_new ("(t)", call->extra));
}

static void
do_add_rule (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  const FoyerRuleNames names = get_names (self);
  g_autoptr (GVariant) dictionary = NULL;
  g_autoptr (GError) error = NULL;
  FoyerRule rule;

  g_variant_get (call->parameters, "(@a{sv})", &dictionary);
  if (!foyer_rule_from_variant (dictionary, &names, &rule, &error)) {
    foyer_call_fail (call, g_steal_pointer (&error));
    return;
  }
  /* The rule's number is known before the silence is. */
  if (!foyer_house_add_rule (self->house, call->subject.uid, &rule, NULL, NULL,
          &error)) {
    foyer_call_fail (call, g_steal_pointer (&error));
    return;
  }
  call->extra = rule.id.v;
  foyer_house_when_silent (self->house, reply_added, call);
}

static void
go_add_rule (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_add_rule);
}

static gboolean
on_add_rule (FoyerDBusPolicy *policy, GDBusMethodInvocation *invocation,
    GVariant *rule, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_add_rule, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
do_remove_rule (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  g_autoptr (GError) error = NULL;
  FoyerRuleId id;

  g_variant_get (call->parameters, "(t)", &id.v);
  if (!foyer_house_remove_rule (self->house, call->subject.uid, id, NULL, NULL,
          &error)) {
    foyer_call_fail (call, g_steal_pointer (&error));
    return;
  }
  foyer_house_when_silent (self->house, foyer_service_reply_silent, call);
}

static void
go_remove_rule (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_remove_rule);
}

static gboolean
on_remove_rule (FoyerDBusPolicy *policy, GDBusMethodInvocation *invocation,
    guint64 id, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_remove_rule, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* Groups of a user who is not the caller. Asks the user database, and so may
 * block for as long as that does; only the owner gets here. */
static gboolean
find_subject (guint32 uid, FoyerSubject *subject)
{
  const struct passwd *user = getpwuid (uid);
  gid_t groups[FOYER_POLICY_MAX_GROUPS];
  int n_groups = FOYER_POLICY_MAX_GROUPS;

  *subject = (FoyerSubject){ .uid = uid };
  if (user == NULL)
    return TRUE;
  subject->has_more_groups = getgrouplist (user->pw_name, user->pw_gid, groups,
                                 &n_groups) < 0;
  subject->n_groups = (guint32) MIN (n_groups, FOYER_POLICY_MAX_GROUPS);
  for (guint32 i = 0; i < subject->n_groups; i++)
    subject->groups[i] = groups[i];
  return TRUE;
}

static gboolean
find_target (FoyerInterner *ids, const char *text, FoyerRequest *request)
{
  static const struct
  {
    const char *prefix;
    FoyerTargetKind kind;
  } kinds[] = {
    { "display:", FOYER_TARGET_DISPLAY },
    { "node:", FOYER_TARGET_NODE },
    { "app:", FOYER_TARGET_APP },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++) {
    const char *identity = text + strlen (kinds[i].prefix);

    if (!g_str_has_prefix (text, kinds[i].prefix))
      continue;
    request->target = kinds[i].kind;
    /* Looked up, not interned: asking must not fill the table. */
    request->target_id = foyer_interner_find_target (ids, kinds[i].kind,
        identity);
    if (request->target_id.v == 0)
      request->target_id.v = NOBODY_KNOWS;
    return *identity != '\0' && !g_str_equal (identity, "any");
  }
  return FALSE;
}

static gboolean
take_option (FoyerRequest *request, const char *key, GVariant *value)
{
  if (g_str_equal (key, "user"))
    return g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32);
  if (g_str_equal (key, "clear") &&
      g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)) {
    request->is_clear = g_variant_get_boolean (value);
    return TRUE;
  }
  if (g_str_equal (key, "media") &&
      g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY)) {
    g_autofree const char **words = g_variant_get_strv (value, NULL);

    return foyer_media_parse (words, &request->media);
  }
  if (g_str_equal (key, "at") &&
      g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64)) {
    g_autoptr (GTimeZone) zone = foyer_local_time_get_zone ();

    request->moment.wall_s = (gint64) MIN (g_variant_get_uint64 (value),
        G_MAXUINT32);
    request->moment.minute_of_week =
        foyer_local_time_get_minute_of_week (request->moment.wall_s, zone);
    return TRUE;
  }
  return FALSE;
}

static char *
take_options (FoyerRequest *request, GVariant *options)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value)) {
    gboolean is_taken = take_option (request, key, value);
    g_autofree char *escaped = foyer_text_escape (key);

    g_variant_unref (value);
    if (!is_taken)
      return g_strdup_printf ("option %s is not known, or malformed", escaped);
  }
  return NULL;
}

/* A lockdown is no rule, and yet nothing is shown. */
static char *
describe (const FoyerDecision *decision, const FoyerCore *core)
{
  gboolean is_allowed = decision->verdict == FOYER_VERDICT_ALLOW;

  if (decision->rule.v != 0)
    return g_strdup_printf ("rule %" G_GUINT64_FORMAT " %s it%s",
        (guint64) decision->rule.v, is_allowed ? "allows" : "denies",
        is_allowed && core->is_locked_down
            ? ", but the house is locked down: run foyerctl lockdown off to end "
              "that"
            : "");
  return g_strdup (core->policy.n_rules == 0 ? "there is no rule at all"
                                             : "no rule allows it");
}

static void
do_explain (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  const FoyerCore *core = foyer_house_get_core (self->house);
  FoyerState *state = foyer_house_get_parts (self->house)->state;
  FoyerInterner *ids = foyer_state_get_ids (state);
  g_autoptr (GVariant) options = NULL;
  g_autofree char *problem = NULL;
  g_autofree char *words = NULL;
  const char *camera, *target;
  FoyerDecision decision;
  FoyerRequest request = {
    .subject = call->subject,
    .media = FOYER_MEDIA_VIDEO,
    .moment = foyer_house_get_moment (self->house),
  };

  g_variant_get (call->parameters, "(&s&s@a{sv})", &camera, &target, &options);
  request.camera = foyer_interner_find_camera (ids, camera);
  if (request.camera.v == 0)
    request.camera.v = NOBODY_KNOWS;
  problem = take_options (&request, options);
  if (problem != NULL || !foyer_identity_is_valid (camera) ||
      !find_target (ids, target, &request)) {
    foyer_call_refuse (call, FOYER_ERROR_INVALID,
        problem != NULL ? problem : "that is no identity, or no target");
    return;
  }
  decision = foyer_policy_decide (&core->policy, &request);
  words = describe (&decision, core);
  foyer_call_reply (call,
      g_variant_new ("(bts)", decision.verdict == FOYER_VERDICT_ALLOW,
          (guint64) decision.rule.v, words));
}

static void
do_explain_other (FoyerCall *call)
{
  if (find_subject ((guint32) call->extra, &call->subject))
    do_explain (call);
}

static void
go_explain (FoyerCall *call)
{
  g_autoptr (GVariant) options = NULL;
  guint32 uid = call->subject.uid;

  g_variant_get_child (call->parameters, 2, "@a{sv}", &options);
  g_variant_lookup (options, "user", "u", &uid);
  call->extra = uid;
  if (uid == call->subject.uid)
    do_explain (call);
  else
    foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_explain_other);
}

static gboolean
on_explain (FoyerDBusPolicy *policy, GDBusMethodInvocation *invocation,
    const char *camera, const char *target, GVariant *options,
    gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_explain, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
foyer_service_connect_policy (FoyerService *self)
{
  FoyerDBusPolicy *policy = self->of_policy;

  g_signal_connect (policy, "handle-list-rules", G_CALLBACK (on_list_rules),
      self);
  g_signal_connect (policy, "handle-add-rule", G_CALLBACK (on_add_rule), self);
  g_signal_connect (policy, "handle-remove-rule", G_CALLBACK (on_remove_rule),
      self);
  g_signal_connect (policy, "handle-explain", G_CALLBACK (on_explain), self);
}

void
foyer_service_rules_changed (gpointer service)
{
  foyer_dbus_policy_emit_changed (((FoyerService *) service)->of_policy);
}
