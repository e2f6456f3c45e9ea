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
FoyerDecision foyer_policy_decide (const FoyerPolicy *policy,
    const FoyerRequest *request);

/**
 * foyer_request_is_valid:
 * @request: who wants what, when
 *
 * Returns: %true if it can be answered with anything but no: every field is in
 *   its range, and it names a camera, a target and media
 */
bool foyer_request_is_valid (const FoyerRequest *request);

/**
 * foyer_rule_is_valid:
 * @rule: a rule
 *
 * Returns: %true if every field is in its range and it can match something
 */
bool foyer_rule_is_valid (const FoyerRule *rule);

/**
 * foyer_rule_is_in_window:
 * @rule: a rule
 * @minute_of_week: local time
 *
 * Returns: %true if its schedule has that minute, or it has none
 */
bool foyer_rule_is_in_window (const FoyerRule *rule, uint32_t minute_of_week);

/**
 * foyer_policy_add:
 * @policy: the rules
 * @rule: one more
 *
 * Returns: %false if it is invalid, its id is there already, or the table is full
 */
bool foyer_policy_add (FoyerPolicy *policy, const FoyerRule *rule);

/* Takes the rule away; %false if there is none of that id. */
bool foyer_policy_remove (FoyerPolicy *policy, FoyerRuleId id);

/* (nullable): the rule of that id. */
const FoyerRule *foyer_policy_find (const FoyerPolicy *policy, FoyerRuleId id);
