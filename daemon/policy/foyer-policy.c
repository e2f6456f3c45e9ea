/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-policy.h"

#include <string.h>

/*@ requires \valid_read (rule) && \valid_read (request);
  @ assigns \nothing;
  @ ensures \result <==> foyer_rule_has_target (rule, request);
  @*/
static bool
target_matches (const FoyerRule *rule, const FoyerRequest *request)
{
  return (rule->target == FOYER_TARGET_ANY ||
             rule->target == request->target) &&
      (rule->is_any_target ||
          foyer_target_id_equal (rule->target_id, request->target_id));
}

/*@ requires \valid_read (subject);
  @ requires subject->n_groups <= FOYER_POLICY_MAX_GROUPS;
  @ assigns \nothing;
  @ ensures \result <==> foyer_subject_has_group (subject, gid);
  @*/
static bool
has_group (const FoyerSubject *subject, uint32_t gid)
{
  /*@ loop invariant 0 <= i <= subject->n_groups;
    @ loop invariant \forall integer k; 0 <= k < i ==> subject->groups[k] != gid;
    @ loop assigns i;
    @ loop variant subject->n_groups - i;
    @*/
  for (uint32_t i = 0; i < subject->n_groups; i++) {
    if (subject->groups[i] == gid)
      return true;
  }
  return false;
}

/* Groups that did not fit are counted against the subject. */
/*@ requires \valid_read (rule) && \valid_read (subject);
  @ requires subject->n_groups <= FOYER_POLICY_MAX_GROUPS;
  @ assigns \nothing;
  @ ensures \result <==> foyer_rule_has_subject (rule, subject);
  @*/
static bool
subject_matches (const FoyerRule *rule, const FoyerSubject *subject)
{
  switch (rule->subject) {
    case FOYER_SUBJECT_NONE:
      return false;
    case FOYER_SUBJECT_USER:
      return rule->subject_id == subject->uid;
    case FOYER_SUBJECT_GROUP:
      return has_group (subject, rule->subject_id) ||
          (rule->verdict != FOYER_VERDICT_ALLOW && subject->has_more_groups);
    case FOYER_SUBJECT_ANY:
      return true;
  }
  return false;
}

/*@ requires \valid_read (rule) && \valid_read (moment);
  @ requires rule->n_windows <= FOYER_POLICY_MAX_WINDOWS;
  @ assigns \nothing;
  @ ensures \result <==> foyer_rule_is_in_time (rule, moment);
  @*/
static bool
time_matches (const FoyerRule *rule, const FoyerMoment *moment)
{
  return (rule->expires_s == 0 || moment->wall_s < rule->expires_s) &&
      foyer_rule_is_in_window (rule, moment->minute_of_week);
}

/* An allowing rule must contain all media; one of them is enough to deny. */
/*@ requires \valid_read (rule) && \valid_read (request);
  @ assigns \nothing;
  @ ensures \result <==> foyer_rule_has_media (rule, request);
  @*/
static bool
media_match (const FoyerRule *rule, const FoyerRequest *request)
{
  uint32_t common = rule->media & request->media;

  if (rule->verdict == FOYER_VERDICT_ALLOW)
    return common == request->media &&
        (rule->allows_clear || !request->is_clear);
  return common != FOYER_MEDIA_NONE;
}

/*@ requires \valid_read (rule) && \valid_read (request);
  @ requires request->subject.n_groups <= FOYER_POLICY_MAX_GROUPS;
  @ requires rule->n_windows <= FOYER_POLICY_MAX_WINDOWS;
  @ assigns \nothing;
  @ ensures \result <==> foyer_rule_matches (rule, request);
  @*/
static bool
rule_matches (const FoyerRule *rule, const FoyerRequest *request)
{
  return subject_matches (rule, &request->subject) &&
      (rule->is_any_camera ||
          foyer_camera_id_equal (rule->camera, request->camera)) &&
      target_matches (rule, request) && media_match (rule, request) &&
      time_matches (rule, &request->moment);
}

/* Whether sessions under one rule may last longer than under a decision. */
/*@ requires \valid_read (rule) && \valid_read (decision);
  @ assigns \nothing;
  @ ensures \result <==>
  @   !foyer_lasts_as_long (decision->max_session_s, rule->max_session_s);
  @*/
static bool
lasts_longer (const FoyerRule *rule, const FoyerDecision *decision)
{
  if (decision->max_session_s == 0)
    return false;
  return rule->max_session_s == 0 ||
      rule->max_session_s > decision->max_session_s;
}

FoyerDecision
foyer_policy_decide (const FoyerPolicy *policy, const FoyerRequest *request)
{
  FoyerDecision decision = { FOYER_VERDICT_DENY };

  if (!foyer_request_is_valid (request) ||
      policy->n_rules > FOYER_POLICY_MAX_RULES)
    return decision;
  /*@ loop invariant 0 <= i <= policy->n_rules;
    @ loop invariant decision.verdict <= FOYER_VERDICT_ALLOW;
    @ loop invariant \forall integer k; 0 <= k < i ==>
    @   !foyer_rule_denies (&policy->rules[k], request);
    @ loop invariant decision.verdict == FOYER_VERDICT_DENY ==>
    @   (\forall integer k; 0 <= k < i ==>
    @       !foyer_rule_allows (&policy->rules[k], request));
    @ loop invariant decision.verdict == FOYER_VERDICT_ALLOW ==>
    @   (\exists integer k; 0 <= k < i &&
    @       foyer_rule_allows (&policy->rules[k], request) &&
    @       decision.rule == policy->rules[k].id &&
    @       decision.max_session_s == policy->rules[k].max_session_s &&
    @       decision.until_s == policy->rules[k].expires_s);
    @ loop invariant decision.verdict == FOYER_VERDICT_ALLOW ==>
    @   (\forall integer k; 0 <= k < i &&
    @       foyer_rule_allows (&policy->rules[k], request) ==>
    @       foyer_lasts_as_long (decision.max_session_s,
    @           policy->rules[k].max_session_s));
    @ loop assigns i, decision;
    @ loop variant policy->n_rules - i;
    @*/
  for (uint32_t i = 0; i < policy->n_rules; i++) {
    const FoyerRule *rule = &policy->rules[i];

    if (!rule_matches (rule, request))
      continue;
    if (rule->verdict != FOYER_VERDICT_ALLOW)
      return (
          FoyerDecision){ FOYER_VERDICT_DENY, rule->id, 0, rule->expires_s };
    if (decision.verdict == FOYER_VERDICT_DENY ||
        lasts_longer (rule, &decision)) {
      decision = (FoyerDecision){ FOYER_VERDICT_ALLOW, rule->id,
        rule->max_session_s, rule->expires_s };
    }
  }
  return decision;
}

bool
foyer_request_is_valid (const FoyerRequest *request)
{
  return request->camera.v != 0 && request->target > FOYER_TARGET_NONE &&
      request->target < FOYER_TARGET_ANY && request->target_id.v != 0 &&
      request->media != FOYER_MEDIA_NONE && request->media <= FOYER_MEDIA_ALL &&
      request->subject.n_groups <= FOYER_POLICY_MAX_GROUPS &&
      request->moment.wall_s >= 0 &&
      request->moment.minute_of_week < FOYER_MINUTES_A_WEEK;
}

bool
foyer_rule_is_valid (const FoyerRule *rule)
{
  if (rule->n_windows > FOYER_POLICY_MAX_WINDOWS)
    return false;
  /*@ loop invariant 0 <= i <= rule->n_windows;
    @ loop invariant \forall integer k; 0 <= k < i ==>
    @   rule->windows[k].begin < FOYER_MINUTES_A_WEEK &&
    @   rule->windows[k].end <= FOYER_MINUTES_A_WEEK;
    @ loop assigns i;
    @ loop variant rule->n_windows - i;
    @*/
  for (uint32_t i = 0; i < rule->n_windows; i++) {
    if (rule->windows[i].begin >= FOYER_MINUTES_A_WEEK ||
        rule->windows[i].end > FOYER_MINUTES_A_WEEK)
      return false;
  }
  return rule->id.v != 0 && rule->verdict <= FOYER_VERDICT_ALLOW &&
      rule->subject > FOYER_SUBJECT_NONE &&
      rule->subject <= FOYER_SUBJECT_ANY &&
      (rule->is_any_camera || rule->camera.v != 0) &&
      rule->target > FOYER_TARGET_NONE && rule->target <= FOYER_TARGET_ANY &&
      (rule->is_any_target ||
          (rule->target != FOYER_TARGET_ANY && rule->target_id.v != 0)) &&
      rule->media != FOYER_MEDIA_NONE && rule->media <= FOYER_MEDIA_ALL &&
      rule->expires_s >= 0 && rule->expires_s <= FOYER_POLICY_MAX_EXPIRES_S;
}

bool
foyer_rule_is_in_window (const FoyerRule *rule, uint32_t minute_of_week)
{
  /*@ loop invariant 0 <= i <= rule->n_windows;
    @ loop invariant \forall integer k; 0 <= k < i ==>
    @   !foyer_window_has (&rule->windows[k], minute_of_week);
    @ loop assigns i;
    @ loop variant rule->n_windows - i;
    @*/
  for (uint32_t i = 0; i < rule->n_windows; i++) {
    uint32_t begin = rule->windows[i].begin, end = rule->windows[i].end;

    if (begin < end && begin <= minute_of_week && minute_of_week < end)
      return true;
    if (begin >= end && (begin <= minute_of_week || minute_of_week < end))
      return true;
  }
  return rule->n_windows == 0;
}

/*@ requires \valid (policy) && place < FOYER_POLICY_MAX_RULES;
  @ assigns policy->rules[place];
  @ check ensures policy->rules[place] == rule;
  @ ensures policy->rules[place].n_windows == rule.n_windows;
  @ ensures policy->n_rules == \old (policy->n_rules);
  @ ensures \forall integer i; 0 <= i < FOYER_POLICY_MAX_RULES && i != place ==>
  @   policy->rules[i].id.v == \old (policy->rules[i].id.v) &&
  @   policy->rules[i].n_windows == \old (policy->rules[i].n_windows);
  @*/
static void
put_rule (FoyerPolicy *policy, uint32_t place, FoyerRule rule)
{
  policy->rules[place] = rule;
}

bool
foyer_policy_add (FoyerPolicy *policy, const FoyerRule *rule)
{
  if (policy->n_rules >= FOYER_POLICY_MAX_RULES ||
      !foyer_rule_is_valid (rule) ||
      foyer_policy_find (policy, rule->id) != NULL)
    return false;
  put_rule (policy, policy->n_rules, *rule);
  policy->n_rules++;
  return true;
}

bool
foyer_policy_remove (FoyerPolicy *policy, FoyerRuleId id)
{
  const FoyerRule *rule = foyer_policy_find (policy, id);

  if (rule == NULL)
    return false;
  policy->n_rules--;
  for (uint32_t i = (uint32_t) (rule - policy->rules); i < policy->n_rules; i++)
    policy->rules[i] = policy->rules[i + 1];
  memset (&policy->rules[policy->n_rules], 0, sizeof (FoyerRule));
  return true;
}

const FoyerRule *
foyer_policy_find (const FoyerPolicy *policy, FoyerRuleId id)
{
  /*@ loop invariant 0 <= i <= policy->n_rules;
    @ loop invariant \forall integer k; 0 <= k < i ==>
    @   policy->rules[k].id.v != id.v;
    @ loop assigns i;
    @ loop variant policy->n_rules - i;
    @*/
  for (uint32_t i = 0; i < policy->n_rules; i++) {
    if (policy->rules[i].id.v == id.v)
      return &policy->rules[i];
  }
  return NULL;
}
