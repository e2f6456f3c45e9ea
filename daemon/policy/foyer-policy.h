/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ids.h"

/* Who may: the owner's rules and the one decision made from them. Pure C11: no
 * I/O, clock, allocation, logging or globals; neither GLib nor GObject. Deny is
 * the zero value everywhere, and a denying rule beats any number of allowing
 * ones. */

/* A smaller house has the same rules: it may be built with less room. */
#ifndef FOYER_POLICY_MAX_RULES
#define FOYER_POLICY_MAX_RULES   256
#define FOYER_POLICY_MAX_WINDOWS 16 /* of one rule's schedule */
#define FOYER_POLICY_MAX_GROUPS  64 /* of one subject */
#endif
#define FOYER_POLICY_MAX_EXPIRES_S 253402300799 /* the end of the year 9999 */
#define FOYER_MINUTES_A_WEEK       (7 * 24 * 60)

typedef enum
{
  FOYER_VERDICT_DENY = 0,
  FOYER_VERDICT_ALLOW,
} FoyerVerdict;

typedef enum
{
  FOYER_SUBJECT_NONE = 0, /* matches nobody */
  FOYER_SUBJECT_USER,
  FOYER_SUBJECT_GROUP,
  FOYER_SUBJECT_ANY,
} FoyerSubjectKind;

typedef enum
{
  FOYER_TARGET_NONE = 0, /* matches nothing */
  FOYER_TARGET_DISPLAY,
  FOYER_TARGET_NODE,
  FOYER_TARGET_APP,
  FOYER_TARGET_ANY, /* in a rule: of every kind */
} FoyerTargetKind;

/* A set of these. */
typedef enum
{
  FOYER_MEDIA_NONE = 0,
  FOYER_MEDIA_VIDEO = 1 << 0,
  FOYER_MEDIA_AUDIO = 1 << 1,
  FOYER_MEDIA_STILLS = 1 << 2,
  FOYER_MEDIA_ALL = 7,
} FoyerMedia;

/**
 * FoyerWindow:
 * @begin: first minute of the week in local time, Monday 00:00 is 0
 * @end: the minute after the last; before @begin if the window passes the end
 *   of the week; equal to it for all of the week; FOYER_MINUTES_A_WEEK at most
 */
typedef struct
{
  uint16_t begin;
  uint16_t end;
} FoyerWindow;

/**
 * FoyerRule:
 * @id: never 0, never reused
 * @verdict: what it says
 * @subject: who asks
 * @subject_id: uid or gid; of no meaning for any
 * @is_any_camera: of every camera
 * @camera: else of this one
 * @target: kind of target
 * @is_any_target: every one of that kind; always, for all kinds
 * @target_id: else this one
 * @media: to these kinds of media; a set of #FoyerMedia
 * @windows: (array length=n_windows): when it applies; always if there are none
 * @n_windows: how many
 * @expires_s: seconds since 1970, from which on it does not apply; 0 for never,
 *   FOYER_POLICY_MAX_EXPIRES_S at most
 * @max_session_s: longest session it allows, seconds; 0 for no bound
 * @allows_clear: a transport without encryption will do
 */
typedef struct
{
  FoyerRuleId id;
  FoyerVerdict verdict;
  FoyerSubjectKind subject;
  uint32_t subject_id;
  bool is_any_camera;
  FoyerCameraId camera;
  FoyerTargetKind target;
  bool is_any_target;
  FoyerTargetId target_id;
  uint32_t media;
  FoyerWindow windows[FOYER_POLICY_MAX_WINDOWS];
  uint32_t n_windows;
  int64_t expires_s;
  uint32_t max_session_s;
  bool allows_clear;
} FoyerRule;

/* The owner's rules, in no order that matters. */
typedef struct
{
  FoyerRule rules[FOYER_POLICY_MAX_RULES];
  uint32_t n_rules;
} FoyerPolicy;

/**
 * FoyerSubject:
 * @uid: user
 * @groups: (array length=n_groups): all groups; those beyond the room are left
 *   out, so that an allowing rule does not match. A denying rule for a group
 *   matches a subject whose groups did not all fit
 * @n_groups: how many
 * @has_more_groups: some did not fit
 */
typedef struct
{
  uint32_t uid;
  uint32_t groups[FOYER_POLICY_MAX_GROUPS];
  uint32_t n_groups;
  bool has_more_groups;
} FoyerSubject;

/**
 * FoyerMoment:
 * @now_us: monotonic time, microseconds
 * @wall_s: time of day, seconds since 1970
 * @minute_of_week: local time, Monday 00:00 is 0, daylight saving included
 *
 * When something happens; whoever has a clock fills it in.
 */
typedef struct
{
  int64_t now_us;
  int64_t wall_s;
  uint32_t minute_of_week;
} FoyerMoment;

/**
 * FoyerRequest:
 * @subject: who asks
 * @camera: for which camera
 * @target: kind; never #FOYER_TARGET_ANY
 * @target_id: whereto
 * @media: which media, a set of #FoyerMedia: all of it or nothing is allowed
 * @is_clear: the transport does not encrypt
 * @moment: now
 */
typedef struct
{
  FoyerSubject subject;
  FoyerCameraId camera;
  FoyerTargetKind target;
  FoyerTargetId target_id;
  uint32_t media;
  bool is_clear;
  FoyerMoment moment;
} FoyerRequest;

/**
 * FoyerDecision:
 * @verdict: the decision
 * @rule: the rule that decided: the first denying one that matches; else the
 *   allowing one whose session may last longest, the first of equals; 0 if none
 *   matches, which denies
 * @max_session_s: longest session, 0 for no bound; if it is allowed
 * @until_s: time of day at which the deciding rule expires; 0 for never
 */
typedef struct
{
  FoyerVerdict verdict;
  FoyerRuleId rule;
  uint32_t max_session_s;
  int64_t until_s;
} FoyerDecision;

/* What is proven about the policy stands in the comments that begin with @, for
 * Frama-C: docs/proofs.rst. */

/*@ // The window has that minute.
  @ predicate foyer_window_has (FoyerWindow *window, integer minute) =
  @   window->begin < window->end
  @     ? window->begin <= minute < window->end
  @     : window->begin <= minute || minute < window->end;
  @
  @ // The rule has no schedule, or one of its windows has that minute.
  @ predicate foyer_rule_is_on (FoyerRule *rule, integer minute) =
  @   rule->n_windows == 0 ||
  @   (\exists integer i; 0 <= i < rule->n_windows &&
  @       foyer_window_has (&rule->windows[i], minute));
  @
  @ predicate foyer_rule_is_in_time (FoyerRule *rule, FoyerMoment *moment) =
  @   (rule->expires_s == 0 || moment->wall_s < rule->expires_s) &&
  @   foyer_rule_is_on (rule, moment->minute_of_week);
  @
  @ predicate foyer_subject_has_group (FoyerSubject *subject, integer gid) =
  @   \exists integer i; 0 <= i < subject->n_groups &&
  @       subject->groups[i] == gid;
  @
  @ // Groups that did not fit are counted against the subject.
  @ predicate foyer_rule_has_subject (FoyerRule *rule, FoyerSubject *subject) =
  @   (rule->subject == FOYER_SUBJECT_ANY) ||
  @   (rule->subject == FOYER_SUBJECT_USER &&
  @       rule->subject_id == subject->uid) ||
  @   (rule->subject == FOYER_SUBJECT_GROUP &&
  @       (foyer_subject_has_group (subject, rule->subject_id) ||
  @           (rule->verdict != FOYER_VERDICT_ALLOW &&
  @               subject->has_more_groups)));
  @
  @ predicate foyer_rule_has_camera (FoyerRule *rule, FoyerRequest *request) =
  @   rule->is_any_camera || rule->camera.v == request->camera.v;
  @
  @ predicate foyer_rule_has_target (FoyerRule *rule, FoyerRequest *request) =
  @   (rule->target == FOYER_TARGET_ANY || rule->target == request->target) &&
  @   (rule->is_any_target || rule->target_id.v == request->target_id.v);
  @
  @ // All media and the transport to allow; any of the media to deny.
  @ predicate foyer_rule_has_media (FoyerRule *rule, FoyerRequest *request) =
  @   rule->verdict == FOYER_VERDICT_ALLOW
  @     ? (rule->media & request->media) == request->media &&
  @       (rule->allows_clear || !request->is_clear)
  @     : (rule->media & request->media) != 0;
  @
  @ predicate foyer_rule_matches (FoyerRule *rule, FoyerRequest *request) =
  @   foyer_rule_has_subject (rule, &request->subject) &&
  @   foyer_rule_has_camera (rule, request) &&
  @   foyer_rule_has_target (rule, request) &&
  @   foyer_rule_has_media (rule, request) &&
  @   foyer_rule_is_in_time (rule, &request->moment);
  @
  @ // It speaks for a request, or against it: whatever is no allowing rule denies.
  @ predicate foyer_rule_allows (FoyerRule *rule, FoyerRequest *request) =
  @   rule->verdict == FOYER_VERDICT_ALLOW &&
  @   foyer_rule_matches (rule, request);
  @ predicate foyer_rule_denies (FoyerRule *rule, FoyerRequest *request) =
  @   rule->verdict != FOYER_VERDICT_ALLOW &&
  @   foyer_rule_matches (rule, request);
  @
  @ // A rule of which sessions last at least as long; 0 is for ever.
  @ predicate foyer_lasts_as_long (integer a_s, integer b_s) =
  @   a_s == 0 || (b_s != 0 && a_s >= b_s);
  @
  @ predicate foyer_request_is_good (FoyerRequest *request) =
  @   request->camera.v != 0 &&
  @   FOYER_TARGET_NONE < request->target < FOYER_TARGET_ANY &&
  @   request->target_id.v != 0 &&
  @   FOYER_MEDIA_NONE < request->media <= FOYER_MEDIA_ALL &&
  @   request->subject.n_groups <= FOYER_POLICY_MAX_GROUPS &&
  @   request->moment.wall_s >= 0 &&
  @   request->moment.minute_of_week < FOYER_MINUTES_A_WEEK;
  @
  @ predicate foyer_rule_is_good (FoyerRule *rule) =
  @   rule->n_windows <= FOYER_POLICY_MAX_WINDOWS &&
  @   (\forall integer i; 0 <= i < rule->n_windows ==>
  @       rule->windows[i].begin < FOYER_MINUTES_A_WEEK &&
  @       rule->windows[i].end <= FOYER_MINUTES_A_WEEK) &&
  @   rule->id.v != 0 && rule->verdict <= FOYER_VERDICT_ALLOW &&
  @   FOYER_SUBJECT_NONE < rule->subject <= FOYER_SUBJECT_ANY &&
  @   (rule->is_any_camera || rule->camera.v != 0) &&
  @   FOYER_TARGET_NONE < rule->target <= FOYER_TARGET_ANY &&
  @   (rule->is_any_target ||
  @       (rule->target != FOYER_TARGET_ANY && rule->target_id.v != 0)) &&
  @   FOYER_MEDIA_NONE < rule->media <= FOYER_MEDIA_ALL &&
  @   0 <= rule->expires_s <= FOYER_POLICY_MAX_EXPIRES_S;
  @
  @ predicate foyer_policy_has (FoyerPolicy *policy, integer id) =
  @   \exists integer i; 0 <= i < policy->n_rules &&
  @       policy->rules[i].id.v == id;
  @
  @ // The rules there are can be read: none has more windows than there is room.
  @ predicate foyer_policy_is_table (FoyerPolicy *policy) =
  @   policy->n_rules <= FOYER_POLICY_MAX_RULES &&
  @   (\forall integer i; 0 <= i < policy->n_rules ==>
  @       policy->rules[i].n_windows <= FOYER_POLICY_MAX_WINDOWS);
  @*/

/**
 * foyer_policy_decide:
 * @policy: the rules
 * @request: who wants what, when
 *
 * Allow if and only if some allowing rule matches and no denying rule does. An
 * allowing rule matches if subject, camera, target, time and transport match and
 * its media contain all that are asked for; a denying one if its media contain
 * any of them, whatever the transport. A request for nothing, of no camera or to
 * no target is denied.
 *
 * Returns: the decision
 */
/*@ requires \valid_read (policy) && \valid_read (request);
  @ requires foyer_policy_is_table (policy);
  @ assigns \nothing;
  @ ensures \result.verdict == FOYER_VERDICT_ALLOW <==>
  @   foyer_request_is_good (request) &&
  @   (\exists integer i; 0 <= i < policy->n_rules &&
  @       foyer_rule_allows (&policy->rules[i], request)) &&
  @   (\forall integer i; 0 <= i < policy->n_rules ==>
  @       !foyer_rule_denies (&policy->rules[i], request));
  @ ensures \result.verdict <= FOYER_VERDICT_ALLOW;
  @ ensures \result.verdict == FOYER_VERDICT_ALLOW ==>
  @   (\exists integer i; 0 <= i < policy->n_rules &&
  @       foyer_rule_allows (&policy->rules[i], request) &&
  @       \result.rule == policy->rules[i].id &&
  @       \result.max_session_s == policy->rules[i].max_session_s &&
  @       \result.until_s == policy->rules[i].expires_s);
  @ ensures \result.verdict == FOYER_VERDICT_ALLOW ==>
  @   (\forall integer i; 0 <= i < policy->n_rules &&
  @       foyer_rule_allows (&policy->rules[i], request) ==>
  @       foyer_lasts_as_long (\result.max_session_s,
  @           policy->rules[i].max_session_s));
  @*/
FoyerDecision foyer_policy_decide (const FoyerPolicy *policy,
    const FoyerRequest *request);

/**
 * foyer_request_is_valid:
 * @request: who wants what, when
 *
 * Returns: %true if it can be answered with anything but no: every field is in
 *   its range, and it names a camera, a target and media
 */
/*@ requires \valid_read (request);
  @ assigns \nothing;
  @ ensures \result <==> foyer_request_is_good (request);
  @*/
bool foyer_request_is_valid (const FoyerRequest *request);

/**
 * foyer_rule_is_valid:
 * @rule: a rule
 *
 * Returns: %true if every field is in its range and it can match something
 */
/*@ requires \valid_read (rule);
  @ assigns \nothing;
  @ ensures \result <==> foyer_rule_is_good (rule);
  @*/
bool foyer_rule_is_valid (const FoyerRule *rule);

/**
 * foyer_rule_is_in_window:
 * @rule: a rule
 * @minute_of_week: local time
 *
 * Returns: %true if its schedule has that minute, or it has none
 */
/*@ requires \valid_read (rule);
  @ requires rule->n_windows <= FOYER_POLICY_MAX_WINDOWS;
  @ assigns \nothing;
  @ ensures \result <==> foyer_rule_is_on (rule, minute_of_week);
  @*/
bool foyer_rule_is_in_window (const FoyerRule *rule, uint32_t minute_of_week);

/**
 * foyer_policy_add:
 * @policy: the rules
 * @rule: one more
 *
 * Returns: %false if it is invalid, its id is there already, or the table is full
 */
/*@ requires \valid (policy) && \valid_read (rule);
  @ requires \separated (policy, rule);
  @ requires foyer_policy_is_table (policy);
  @ assigns *policy;
  @ ensures foyer_policy_is_table (policy);
  @ ensures \result <==> \old (policy->n_rules < FOYER_POLICY_MAX_RULES &&
  @   foyer_rule_is_good (rule) && !foyer_policy_has (policy, rule->id.v));
  @ ensures policy->n_rules == \old (policy->n_rules) + (\result ? 1 : 0);
  @ ensures \forall integer i; 0 <= i < \old (policy->n_rules) ==>
  @   policy->rules[i].id.v == \old (policy->rules[i].id.v);
  @*/
bool foyer_policy_add (FoyerPolicy *policy, const FoyerRule *rule);

/* Takes the rule away; %false if there is none of that id. */
bool foyer_policy_remove (FoyerPolicy *policy, FoyerRuleId id);

/* (nullable): the rule of that id. */
/*@ requires \valid_read (policy);
  @ requires policy->n_rules <= FOYER_POLICY_MAX_RULES;
  @ assigns \result \from policy, id, policy->n_rules,
  @   policy->rules[0 .. FOYER_POLICY_MAX_RULES - 1].id;
  @ ensures \result == \null <==> !foyer_policy_has (policy, id.v);
  @ ensures \result != \null ==>
  @   (\exists integer i; 0 <= i < policy->n_rules &&
  @       \result == &policy->rules[i] && policy->rules[i].id.v == id.v);
  @*/
const FoyerRule *foyer_policy_find (const FoyerPolicy *policy, FoyerRuleId id);
