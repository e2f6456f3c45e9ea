/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "any-rule.h"

#include <glib.h>
#include <string.h>

#define N_RUNS 100000
#define WALL_S 1700000000

static FoyerRequest
make_request (void)
{
  return (FoyerRequest){
    .subject = { .uid = 1000, .groups = { 100, 44 }, .n_groups = 2 },
    .camera = { 1 },
    .target = FOYER_TARGET_DISPLAY,
    .target_id = { 2 },
    .media = FOYER_MEDIA_VIDEO,
    .moment = { 5, WALL_S, 600 }
  };
}

/* What one rule alone says. */
static FoyerDecision
decide_by (const FoyerRule *rule, const FoyerRequest *request)
{
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);

  g_assert_true (foyer_policy_add (policy, rule));
  return foyer_policy_decide (policy, request);
}

static void
assert_allowed (const FoyerRule *rule, const FoyerRequest *request)
{
  FoyerDecision decision = decide_by (rule, request);

  g_assert_cmpint (decision.verdict, ==, FOYER_VERDICT_ALLOW);
  g_assert_cmpuint (decision.rule.v, ==, rule->id.v);
}

static void
assert_denied (const FoyerRule *rule, const FoyerRequest *request)
{
  FoyerDecision decision = decide_by (rule, request);

  g_assert_cmpint (decision.verdict, ==, FOYER_VERDICT_DENY);
  g_assert_cmpuint (decision.rule.v, ==, 0);
}

/* I9: an empty table, and one of zeros, denies. */
static void
test_default_denies (void)
{
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  FoyerRequest request = make_request ();

  g_assert_cmpint (foyer_policy_decide (policy, &request).verdict, ==,
      FOYER_VERDICT_DENY);
  policy->n_rules = FOYER_POLICY_MAX_RULES;
  g_assert_cmpint (foyer_policy_decide (policy, &request).verdict, ==,
      FOYER_VERDICT_DENY);
  /* A table that can't be. */
  for (unsigned i = 0; i < FOYER_POLICY_MAX_RULES; i++)
    policy->rules[i] = make_rule (i + 1);
  g_assert_cmpint (foyer_policy_decide (policy, &request).verdict, ==,
      FOYER_VERDICT_ALLOW);
  policy->n_rules++;
  g_assert_cmpint (foyer_policy_decide (policy, &request).verdict, ==,
      FOYER_VERDICT_DENY);
}

/* I9: what is not a request is denied by whatever rules. */
static void
test_malformed_requests (void)
{
  FoyerRule rule = make_rule (1);

  for (unsigned i = 0; i < 12; i++) {
    FoyerRequest request = make_request ();

    g_assert_true (foyer_request_is_valid (&request));
    assert_allowed (&rule, &request);
    switch (i) {
      case 0:
        request.camera.v = 0;
        break;
      case 1:
        request.target = FOYER_TARGET_NONE;
        break;
      case 2:
        request.target = FOYER_TARGET_ANY;
        break;
      case 3:
        request.target = FOYER_TARGET_ANY + 1;
        break;
      case 4:
        request.target_id.v = 0;
        break;
      case 5:
        request.media = FOYER_MEDIA_NONE;
        break;
      case 6:
        request.media = FOYER_MEDIA_ALL + 1;
        break;
      case 7:
        request.subject.n_groups = FOYER_POLICY_MAX_GROUPS + 1;
        break;
      case 8:
        request.moment.wall_s = -1;
        break;
      case 9:
        request.moment.minute_of_week = FOYER_MINUTES_A_WEEK;
        break;
      case 10:
        request.subject.n_groups = UINT32_MAX;
        break;
      default:
        request.media |= 1u << 31;
        break;
    }
    g_assert_false (foyer_request_is_valid (&request));
    assert_denied (&rule, &request);
  }
}

static void
test_subjects (void)
{
  FoyerRequest request = make_request ();
  FoyerRule rule = make_rule (1);

  rule.subject = FOYER_SUBJECT_USER;
  rule.subject_id = 1000;
  assert_allowed (&rule, &request);
  rule.subject_id = 44; /* a group's number is no user's */
  assert_denied (&rule, &request);
  rule.subject = FOYER_SUBJECT_GROUP;
  assert_allowed (&rule, &request);
  rule.subject_id = 100;
  assert_allowed (&rule, &request);
  rule.subject_id = 1000;
  assert_denied (&rule, &request);
  request.subject.groups[2] = 1000; /* beyond n_groups */
  assert_denied (&rule, &request);
}

/* I9: a group that may be among those left out denies, and never allows. */
static void
test_groups_that_did_not_fit (void)
{
  FoyerRequest request = make_request ();
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  FoyerRule allow = make_rule (1), rule = make_rule (2);

  for (unsigned i = 0; i < FOYER_POLICY_MAX_GROUPS; i++)
    request.subject.groups[i] = i;
  request.subject.n_groups = FOYER_POLICY_MAX_GROUPS;
  rule.subject = FOYER_SUBJECT_GROUP;
  rule.subject_id = FOYER_POLICY_MAX_GROUPS - 1;
  assert_allowed (&rule, &request);
  rule.subject_id = 5000;
  assert_denied (&rule, &request);
  request.subject.has_more_groups = true;
  assert_denied (&rule, &request);
  rule.verdict = FOYER_VERDICT_DENY;
  g_assert_true (foyer_policy_add (policy, &allow));
  g_assert_true (foyer_policy_add (policy, &rule));
  g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==, 2);
  request.subject.has_more_groups = false;
  g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==, 1);
}

static void
test_cameras_and_targets (void)
{
  FoyerRequest request = make_request ();
  FoyerRule rule = make_rule (1);

  rule.is_any_camera = false;
  rule.camera.v = 1;
  assert_allowed (&rule, &request);
  rule.camera.v = 2;
  assert_denied (&rule, &request);
  rule = make_rule (1);
  rule.target = FOYER_TARGET_DISPLAY;
  assert_allowed (&rule, &request);
  rule.target = FOYER_TARGET_NODE;
  assert_denied (&rule, &request);
  rule.target = FOYER_TARGET_DISPLAY;
  rule.is_any_target = false;
  rule.target_id.v = 2;
  assert_allowed (&rule, &request);
  rule.target_id.v = 1;
  assert_denied (&rule, &request);
  /* The same number of another kind is another target. */
  rule.target = FOYER_TARGET_APP;
  rule.target_id.v = 2;
  assert_denied (&rule, &request);
}

static void
test_media_and_transport (void)
{
  FoyerRequest request = make_request ();
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  FoyerRule rule = make_rule (1), deny = make_rule (2);

  rule.media = FOYER_MEDIA_VIDEO;
  assert_allowed (&rule, &request);
  request.media = FOYER_MEDIA_VIDEO | FOYER_MEDIA_AUDIO;
  assert_denied (&rule, &request);
  request = make_request ();
  request.is_clear = true;
  assert_denied (&rule, &request);
  rule.allows_clear = true;
  assert_allowed (&rule, &request);
  /* One of the media asked for is enough to deny, in whatever transport. */
  rule.media = FOYER_MEDIA_ALL;
  deny.verdict = FOYER_VERDICT_DENY;
  deny.media = FOYER_MEDIA_AUDIO;
  g_assert_true (foyer_policy_add (policy, &rule));
  g_assert_true (foyer_policy_add (policy, &deny));
  g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==, 1);
  request.media |= FOYER_MEDIA_AUDIO;
  g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==, 2);
  g_assert_cmpint (foyer_policy_decide (policy, &request).verdict, ==,
      FOYER_VERDICT_DENY);
}

/* At the very second. */
static void
test_expiry (void)
{
  FoyerRequest request = make_request ();
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  FoyerRule rule = make_rule (1), deny = make_rule (2);

  rule.expires_s = WALL_S + 1;
  assert_allowed (&rule, &request);
  g_assert_cmpint (decide_by (&rule, &request).until_s, ==, WALL_S + 1);
  rule.expires_s = WALL_S;
  assert_denied (&rule, &request);
  /* A denying rule ends as well. */
  rule = make_rule (1);
  deny.verdict = FOYER_VERDICT_DENY;
  deny.expires_s = WALL_S + 1;
  g_assert_true (foyer_policy_add (policy, &rule));
  g_assert_true (foyer_policy_add (policy, &deny));
  g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==, 2);
  g_assert_cmpint (foyer_policy_decide (policy, &request).until_s, ==,
      WALL_S + 1);
  request.moment.wall_s++;
  g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==, 1);
}

static void
test_windows (void)
{
  static const struct
  {
    FoyerWindow window;
    uint32_t minute;
    bool is_in;
  } cases[] = {
    { { 600, 660 }, 599, false },
    { { 600, 660 }, 600, true },
    { { 600, 660 }, 659, true },
    { { 600, 660 }, 660, false },
    /* over the end of the week */
    { { 10000, 60 }, 9999, false },
    { { 10000, 60 }, 10000, true },
    { { 10000, 60 }, FOYER_MINUTES_A_WEEK - 1, true },
    { { 10000, 60 }, 0, true },
    { { 10000, 60 }, 59, true },
    { { 10000, 60 }, 60, false },
    /* up to the end of the week, said in two ways */
    { { 10000, 0 }, FOYER_MINUTES_A_WEEK - 1, true },
    { { 10000, 0 }, 0, false },
    { { 10000, FOYER_MINUTES_A_WEEK }, FOYER_MINUTES_A_WEEK - 1, true },
    { { 10000, FOYER_MINUTES_A_WEEK }, 0, false },
    /* all of it */
    { { 0, 0 }, 0, true },
    { { 700, 700 }, 699, true },
    { { 700, 700 }, 700, true },
    { { 0, FOYER_MINUTES_A_WEEK }, FOYER_MINUTES_A_WEEK - 1, true },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerRequest request = make_request ();
    FoyerRule rule = make_rule (1);

    g_assert_true (foyer_rule_is_in_window (&rule, cases[i].minute));
    /* a window that never fits goes before */
    rule.windows[0] = (FoyerWindow){ 5000, 5001 };
    rule.windows[1] = cases[i].window;
    rule.n_windows = 2;
    request.moment.minute_of_week = cases[i].minute;
    g_assert_true (
        foyer_rule_is_in_window (&rule, cases[i].minute) == cases[i].is_in);
    g_assert_true ((decide_by (&rule, &request).verdict ==
                       FOYER_VERDICT_ALLOW) == cases[i].is_in);
  }
}

static void
test_denying_beats_allowing (void)
{
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  FoyerRequest request = make_request ();

  for (uint64_t id = 1; id <= 6; id++) {
    FoyerRule rule = make_rule (id);

    if (id == 3 || id == 5)
      rule.verdict = FOYER_VERDICT_DENY;
    g_assert_true (foyer_policy_add (policy, &rule));
    g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==,
        id < 3 ? 1 : 3);
  }
  /* The next one decides when the first is taken away, order is kept. */
  g_assert_true (foyer_policy_remove (policy, (FoyerRuleId){ 3 }));
  g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==, 5);
  g_assert_true (foyer_policy_remove (policy, (FoyerRuleId){ 5 }));
  g_assert_cmpuint (foyer_policy_decide (policy, &request).rule.v, ==, 1);
}

static void
test_longest_allows (void)
{
  static const struct
  {
    uint32_t max_s[3];
    uint64_t rule;
  } cases[] = { { { 60, 30, 10 }, 1 }, { { 30, 60, 10 }, 2 },
    { { 30, 0, 60 }, 2 }, { { 0, 0, 0 }, 1 }, { { 60, 60, 60 }, 1 },
    { { 0, 60, 90 }, 1 }, { { 60, 90, 0 }, 3 } };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
    FoyerRequest request = make_request ();
    FoyerDecision decision;

    for (unsigned k = 0; k < 3; k++) {
      FoyerRule rule = make_rule (k + 1);

      rule.max_session_s = cases[i].max_s[k];
      rule.expires_s = WALL_S + 1 + k;
      g_assert_true (foyer_policy_add (policy, &rule));
    }
    decision = foyer_policy_decide (policy, &request);
    g_assert_cmpuint (decision.rule.v, ==, cases[i].rule);
    g_assert_cmpuint (decision.max_session_s, ==,
        cases[i].max_s[decision.rule.v - 1]);
    g_assert_cmpint (decision.until_s, ==, WALL_S + (int64_t) decision.rule.v);
  }
}

/* I9: a rule that can't be right is not let in. */
static void
test_invalid_rules (void)
{
  FoyerRule rules[17];

  for (unsigned i = 0; i < G_N_ELEMENTS (rules); i++) {
    rules[i] = make_rule (1);
    g_assert_true (foyer_rule_is_valid (&rules[i]));
  }
  rules[0].id.v = 0;
  rules[1].verdict = FOYER_VERDICT_ALLOW + 1;
  rules[2].subject = FOYER_SUBJECT_NONE;
  rules[3].subject = FOYER_SUBJECT_ANY + 1;
  rules[4].is_any_camera = false;
  rules[5].target = FOYER_TARGET_NONE;
  rules[6].target = FOYER_TARGET_ANY + 1;
  rules[7].target = FOYER_TARGET_DISPLAY;
  rules[7].is_any_target = false;
  rules[8].is_any_target = false; /* of every kind, that one */
  rules[8].target_id.v = 3;
  rules[9].media = FOYER_MEDIA_NONE;
  rules[10].media = FOYER_MEDIA_ALL + 1;
  rules[11].n_windows = FOYER_POLICY_MAX_WINDOWS + 1;
  rules[12].n_windows = FOYER_POLICY_MAX_WINDOWS;
  rules[12].windows[FOYER_POLICY_MAX_WINDOWS - 1].begin = FOYER_MINUTES_A_WEEK;
  rules[13].n_windows = 1;
  rules[13].windows[0].end = FOYER_MINUTES_A_WEEK + 1;
  rules[14].expires_s = -1;
  rules[15].expires_s = FOYER_POLICY_MAX_EXPIRES_S + 1;
  rules[16].n_windows = UINT32_MAX;
  for (unsigned i = 0; i < G_N_ELEMENTS (rules); i++) {
    g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);

    g_assert_false (foyer_rule_is_valid (&rules[i]));
    g_assert_false (foyer_policy_add (policy, &rules[i]));
    g_assert_cmpuint (policy->n_rules, ==, 0);
  }
}

/* A rule that got in by another way still allows nobody and nothing. */
static void
test_zero_rules_match_nothing (void)
{
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  FoyerRequest request = make_request ();

  policy->n_rules = 1;
  policy->rules[0] = make_rule (1);
  policy->rules[0].subject = FOYER_SUBJECT_NONE;
  g_assert_cmpint (foyer_policy_decide (policy, &request).verdict, ==, 0);
  policy->rules[0].subject = FOYER_SUBJECT_ANY + 1;
  g_assert_cmpint (foyer_policy_decide (policy, &request).verdict, ==, 0);
  policy->rules[0] = make_rule (1);
  policy->rules[0].verdict = FOYER_VERDICT_ALLOW + 1;
  g_assert_cmpint (foyer_policy_decide (policy, &request).verdict, ==, 0);
}

/* I9: full means no. */
static void
test_table (void)
{
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  g_autofree FoyerPolicy *empty = g_new0 (FoyerPolicy, 1);
  FoyerRule rule = make_rule (1);

  g_assert_true (foyer_policy_add (policy, &rule));
  g_assert_false (foyer_policy_add (policy, &rule));
  for (uint64_t id = 2; id <= FOYER_POLICY_MAX_RULES; id++) {
    rule = make_rule (id);
    g_assert_true (foyer_policy_add (policy, &rule));
  }
  rule = make_rule (FOYER_POLICY_MAX_RULES + 1);
  g_assert_false (foyer_policy_add (policy, &rule));
  g_assert_cmpuint (policy->n_rules, ==, FOYER_POLICY_MAX_RULES);
  g_assert_null (foyer_policy_find (policy, rule.id));
  g_assert_null (foyer_policy_find (policy, (FoyerRuleId){ 0 }));
  g_assert_false (foyer_policy_remove (policy, rule.id));
  for (uint64_t id = 1; id <= FOYER_POLICY_MAX_RULES; id++) {
    FoyerRuleId victim = { id % 2 ? id : FOYER_POLICY_MAX_RULES + 2 - id };

    g_assert_cmpuint (foyer_policy_find (policy, victim)->id.v, ==, victim.v);
    g_assert_true (foyer_policy_remove (policy, victim));
    g_assert_null (foyer_policy_find (policy, victim));
  }
  /* Nothing is left behind. */
  g_assert_cmpmem (policy, sizeof (*policy), empty, sizeof (*empty));
}

/* The slow, obvious second implementation: one question at a time, all rules
 * for each, minutes walked one by one. */

static bool
obvious_window (const FoyerWindow *window, uint32_t minute)
{
  uint32_t m = window->begin, end = window->end % FOYER_MINUTES_A_WEEK;

  do {
    if (m == minute)
      return true;
    m = (m + 1) % FOYER_MINUTES_A_WEEK;
  } while (m != end);
  return false;
}

static bool
obvious_match (const FoyerRule *rule, const FoyerRequest *request)
{
  bool is_allow = rule->verdict == FOYER_VERDICT_ALLOW;
  bool is_subject = rule->subject == FOYER_SUBJECT_ANY;
  bool is_time = rule->n_windows == 0, is_media = is_allow;

  if (rule->subject == FOYER_SUBJECT_USER)
    is_subject = rule->subject_id == request->subject.uid;
  if (rule->subject == FOYER_SUBJECT_GROUP) {
    is_subject = !is_allow && request->subject.has_more_groups;
    for (uint32_t i = 0; i < request->subject.n_groups; i++)
      is_subject |= request->subject.groups[i] == rule->subject_id;
  }
  for (uint32_t i = 0; i < rule->n_windows; i++)
    is_time |= obvious_window (&rule->windows[i],
        request->moment.minute_of_week);
  if (rule->expires_s > 0 && rule->expires_s <= request->moment.wall_s)
    is_time = false;
  for (uint32_t bit = 1; bit <= FOYER_MEDIA_STILLS; bit *= 2) {
    if (!(request->media & bit))
      continue;
    if (is_allow)
      is_media &= (rule->media & bit) != 0;
    else
      is_media |= (rule->media & bit) != 0;
  }
  if (is_allow && request->is_clear && !rule->allows_clear)
    return false;
  return is_subject && is_time && is_media &&
      (rule->is_any_camera || rule->camera.v == request->camera.v) &&
      (rule->target == FOYER_TARGET_ANY || rule->target == request->target) &&
      (rule->is_any_target || rule->target_id.v == request->target_id.v);
}

static FoyerDecision
obvious_decide (const FoyerPolicy *policy, const FoyerRequest *request)
{
  const FoyerRule *best = NULL;

  for (uint32_t i = policy->n_rules; i-- > 0;) {
    const FoyerRule *rule = &policy->rules[i];

    if (rule->verdict == FOYER_VERDICT_DENY && obvious_match (rule, request))
      best = rule;
  }
  if (best != NULL)
    return (FoyerDecision){ FOYER_VERDICT_DENY, best->id, 0, best->expires_s };
  for (uint32_t i = policy->n_rules; i-- > 0;) {
    const FoyerRule *rule = &policy->rules[i];
    uint64_t s = rule->max_session_s ? rule->max_session_s : UINT64_MAX;
    uint64_t best_s = best && best->max_session_s ? best->max_session_s
                                                  : UINT64_MAX;

    if (obvious_match (rule, request) && (best == NULL || s >= best_s))
      best = rule;
  }
  if (best == NULL)
    return (FoyerDecision){ FOYER_VERDICT_DENY };
  return (FoyerDecision){ FOYER_VERDICT_ALLOW, best->id, best->max_session_s,
    best->expires_s };
}

static uint32_t
below (GRand *rand, uint32_t n)
{
  return (uint32_t) g_rand_int_range (rand, 0, (gint32) n);
}

static FoyerRule
draw_rule (GRand *rand, uint64_t id)
{
  FoyerRule rule = make_rule (id);

  rule.verdict = below (rand, 4) != 0;
  rule.subject = FOYER_SUBJECT_USER + below (rand, 3);
  rule.subject_id = below (rand, 3);
  rule.is_any_camera = below (rand, 2);
  rule.camera.v = 1 + below (rand, 2);
  rule.target = FOYER_TARGET_DISPLAY + below (rand, 4);
  rule.is_any_target = rule.target == FOYER_TARGET_ANY || below (rand, 2);
  rule.target_id.v = 1 + below (rand, 2);
  rule.media = 1 + below (rand, FOYER_MEDIA_ALL);
  rule.n_windows = below (rand, 4) == 0 ? below (rand, 4) : 0;
  for (uint32_t i = 0; i < rule.n_windows; i++) {
    rule.windows[i].begin = (uint16_t) below (rand, FOYER_MINUTES_A_WEEK);
    rule.windows[i].end = below (rand, 8) == 0
        ? rule.windows[i].begin
        : (uint16_t) below (rand, FOYER_MINUTES_A_WEEK + 1);
  }
  rule.expires_s = below (rand, 3) ? 0 : WALL_S - 1 + (int) below (rand, 4);
  rule.max_session_s = below (rand, 2) ? 0 : 1 + below (rand, 3);
  rule.allows_clear = below (rand, 2);
  return rule;
}

static FoyerRequest
draw_request (GRand *rand)
{
  FoyerRequest request = { .camera = { 1 + below (rand, 2) },
    .target = FOYER_TARGET_DISPLAY + below (rand, 3),
    .target_id = { 1 + below (rand, 2) },
    .media = 1 + below (rand, FOYER_MEDIA_ALL),
    .is_clear = below (rand, 4) == 0,
    .moment = { 5, WALL_S + (int) below (rand, 3) - 1,
        below (rand, FOYER_MINUTES_A_WEEK) } };

  request.subject.uid = below (rand, 3);
  request.subject.n_groups = below (rand, 3);
  for (uint32_t i = 0; i < request.subject.n_groups; i++)
    request.subject.groups[i] = below (rand, 3);
  request.subject.has_more_groups = below (rand, 8) == 0;
  return request;
}

static void
test_random_rules (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20);
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  unsigned n_allowed = 0, n_by_rule = 0;

  for (unsigned run = 0; run < N_RUNS; run++) {
    FoyerRequest request = draw_request (rand);
    FoyerDecision decision, obvious;

    policy->n_rules = 0;
    for (uint64_t id = 1 + below (rand, 5); id > 0; id--) {
      FoyerRule rule = draw_rule (rand, id);

      g_assert_true (foyer_policy_add (policy, &rule));
    }
    decision = foyer_policy_decide (policy, &request);
    obvious = obvious_decide (policy, &request);
    g_assert_cmpint (decision.verdict, ==, obvious.verdict);
    g_assert_cmpuint (decision.rule.v, ==, obvious.rule.v);
    g_assert_cmpuint (decision.max_session_s, ==, obvious.max_session_s);
    g_assert_cmpint (decision.until_s, ==, obvious.until_s);
    n_allowed += decision.verdict == FOYER_VERDICT_ALLOW;
    n_by_rule += decision.verdict == FOYER_VERDICT_DENY && decision.rule.v != 0;
  }
  /* Each answer was seen often. */
  g_test_message ("%u allowed, %u denied by a rule", n_allowed, n_by_rule);
  g_assert_cmpuint (n_allowed, >, N_RUNS / 100);
  g_assert_cmpuint (n_by_rule, >, N_RUNS / 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy/i9/default", test_default_denies);
  g_test_add_func ("/policy/i9/malformed-requests", test_malformed_requests);
  g_test_add_func ("/policy/i9/groups-overflow", test_groups_that_did_not_fit);
  g_test_add_func ("/policy/i9/invalid-rules", test_invalid_rules);
  g_test_add_func ("/policy/i9/zero-rules", test_zero_rules_match_nothing);
  g_test_add_func ("/policy/i9/table", test_table);
  g_test_add_func ("/policy/match/subjects", test_subjects);
  g_test_add_func ("/policy/match/cameras-targets", test_cameras_and_targets);
  g_test_add_func ("/policy/match/media-transport", test_media_and_transport);
  g_test_add_func ("/policy/match/expiry", test_expiry);
  g_test_add_func ("/policy/match/windows", test_windows);
  g_test_add_func ("/policy/decide/deny-wins", test_denying_beats_allowing);
  g_test_add_func ("/policy/decide/longest", test_longest_allows);
  g_test_add_func ("/policy/random", test_random_rules);
  return g_test_run ();
}
