/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-core.h"

#include <glib.h>
#include <string.h>

/* A small part of a house of full size, in which anything happens at random
 * times, beside a second, obvious account of who may be linked: it remembers
 * what it was told, asks everything of every session after every event, and
 * knows no states. */

#define N_EVENTS 400000
#define N_THINGS 3 /* cameras, and targets of each kind */
#define N_KNOWN  8 /* sessions that the account knows */
#define WALL_S   INT64_C (1700000000)
#define S_US     INT64_C (1000000)

/* All that was said of one session. */
typedef struct
{
  FoyerSessionId id; /* 0 for none */
  FoyerRequest request;
  uint64_t generation;
  int64_t granted_us, ends_us;
  FoyerRuleId rule;                       /* that it was granted by */
  unsigned n_ready, n_identities, n_live; /* how often it was said */
  bool is_streaming, is_linked;
  bool is_over; /* it may never be linked (again) */
  uint8_t key;
  bool has_signed, has_chain;
} Told;

/* All that was said of the house. */
typedef struct
{
  GRand *rand;
  FoyerCore core;
  FoyerEffects effects;
  FoyerMoment moment;
  uint64_t last_id;
  Told told[N_KNOWN];
  struct
  {
    bool is_there, is_ambiguous, is_open;
    uint64_t generation; /* in force; 0 for none */
    int64_t opened_us;
  } cameras[N_THINGS + 1];
  FoyerTarget targets[FOYER_TARGET_ANY][N_THINGS + 1];
  bool is_locked_down;
  unsigned n_links, n_ends, n_refused;
} House;

static uint32_t
below (House *house, uint32_t n)
{
  return (uint32_t) g_rand_int_range (house->rand, 0, (gint32) n);
}

static Told *
find_told (House *house, FoyerSessionId id)
{
  for (unsigned i = 0; i < N_KNOWN; i++) {
    if (house->told[i].id.v == id.v)
      return &house->told[i];
  }
  return NULL;
}

static bool
fits (const FoyerTarget *target, const Told *told)
{
  if (target->kind != FOYER_TARGET_DISPLAY || told->n_identities == 0)
    return true;
  switch (target->trust) {
    case FOYER_TRUST_DEVICE:
      return target->is_paired && target->key[0] == told->key &&
          told->has_signed && told->has_chain;
    case FOYER_TRUST_PINNED:
      return target->is_paired && target->key[0] == told->key &&
          told->has_signed;
    case FOYER_TRUST_ANY:
      return true;
  }
  return false;
}

/* Whether a session may go on, from nothing but what was said. */
static bool
may_go_on (House *house, Told *told)
{
  FoyerRequest request = told->request;
  uint64_t camera = request.camera.v;
  const FoyerTarget *target =
      &house->targets[request.target][request.target_id.v];
  const FoyerRule *rule = foyer_policy_find (&house->core.policy, told->rule);
  FoyerDecision decision;
  int64_t now_us = house->moment.now_us, until_us;

  request.moment = house->moment;
  decision = foyer_policy_decide (&house->core.policy, &request);
  if (decision.verdict != FOYER_VERDICT_ALLOW)
    return false;
  until_us = told->granted_us + decision.max_session_s * S_US;
  if (decision.max_session_s != 0)
    told->ends_us = MIN (told->ends_us, until_us);
  until_us = now_us + (decision.until_s - house->moment.wall_s) * S_US;
  if (decision.until_s != 0)
    told->ends_us = MIN (told->ends_us, until_us);
  return !house->is_locked_down && house->cameras[camera].is_there &&
      !house->cameras[camera].is_ambiguous &&
      house->cameras[camera].generation == told->generation &&
      (house->cameras[camera].is_open ||
          now_us < house->cameras[camera].opened_us + FOYER_CORE_OPEN_US) &&
      target->kind != FOYER_TARGET_NONE && fits (target, told) &&
      now_us < told->ends_us &&
      (rule == NULL || rule->expires_s == 0 ||
          house->moment.wall_s < rule->expires_s) &&
      (told->is_linked || now_us < told->granted_us + FOYER_CORE_START_US);
}

/* What a worker may say next, told by how often it said what. */
static void
hear (Told *told, const FoyerEvent *event)
{
  bool is_display = told->request.target == FOYER_TARGET_DISPLAY;
  bool is_known = told->n_ready == 1 &&
      (!is_display || told->n_identities == 1);
  bool is_in_turn = false;

  switch (event->kind) {
    case FOYER_EVENT_WORKER_READY:
      is_in_turn = told->n_ready++ == 0;
      break;
    case FOYER_EVENT_WORKER_IDENTITY:
      is_in_turn = is_display && told->n_ready == 1 && told->n_identities == 0;
      told->n_identities++;
      told->key = event->key[0];
      told->has_signed = event->has_signed;
      told->has_chain = event->has_chain;
      break;
    case FOYER_EVENT_WORKER_STREAMING:
      is_in_turn = is_known && !told->is_linked;
      told->is_streaming = true;
      break;
    case FOYER_EVENT_WORKER_LIVE:
      is_in_turn = told->is_linked && told->n_live++ == 0;
      break;
    default:
      break;
  }
  told->is_over |= !is_in_turn;
}

/* What an event says of the house, before anything is done about it. */
static void
account (House *house, const FoyerEvent *event)
{
  uint64_t camera = event->camera.v;
  Told *told = event->session.v ? find_told (house, event->session) : NULL;

  if (event->kind == FOYER_EVENT_LOCKDOWN)
    house->is_locked_down = event->is_on;
  if (event->kind == FOYER_EVENT_CAMERA_ADDED) {
    house->cameras[camera].is_there = true;
    house->cameras[camera].is_ambiguous = event->is_on;
  }
  if (event->kind == FOYER_EVENT_CAMERA_REMOVED ||
      (event->kind == FOYER_EVENT_CAMERA_FAILED &&
          event->generation == house->cameras[camera].generation)) {
    house->cameras[camera].generation = 0;
    house->cameras[camera].is_open = false;
    house->cameras[camera].is_there &= event->kind == FOYER_EVENT_CAMERA_FAILED;
  }
  if (event->kind == FOYER_EVENT_CAMERA_OPENED &&
      event->generation == house->cameras[camera].generation)
    house->cameras[camera].is_open = event->generation != 0;
  if (event->kind == FOYER_EVENT_TARGET_ADDED)
    house->targets[event->target.kind][event->target.id.v] = event->target;
  if (event->kind == FOYER_EVENT_TARGET_REMOVED)
    memset (&house->targets[event->target.kind][event->target.id.v], 0,
        sizeof (FoyerTarget));
  /* There is no cleaner yet. */
  if (told != NULL && !told->is_over && event->kind >= FOYER_EVENT_STOP &&
      event->kind != FOYER_EVENT_CLEANED)
    hear (told, event);
}

static void
take_granted (House *house, const FoyerEvent *event, FoyerRuleId id)
{
  Told *told = find_told (house, (FoyerSessionId){ 0 });
  uint64_t camera = event->request.camera.v;

  g_assert_nonnull (told);
  *told = (Told){ .id = event->session,
    .request = event->request,
    .generation = house->cameras[camera].generation,
    .granted_us = house->moment.now_us,
    .rule = id,
    .ends_us = event->longest_s ? house->moment.now_us + event->longest_s * S_US
                                : G_MAXINT64 };
}

/* What the core did, against what it may do. */
static void
compare (House *house, const FoyerEvent *event)
{
  for (uint32_t i = 0; i < house->effects.n_effects; i++) {
    const FoyerEffect *effect = &house->effects.effects[i];
    Told *told = effect->session.v ? find_told (house, effect->session) : NULL;
    uint64_t camera = effect->camera.v;

    house->n_refused += effect->kind == FOYER_EFFECT_REFUSED;
    if (effect->kind == FOYER_EFFECT_OPEN_CAMERA) {
      house->cameras[camera].generation = effect->generation;
      house->cameras[camera].opened_us = house->moment.now_us;
    } else if (effect->kind == FOYER_EFFECT_CLOSE_CAMERA) {
      house->cameras[camera].generation = 0;
      house->cameras[camera].is_open = false;
    } else if (effect->kind == FOYER_EFFECT_GRANTED) {
      take_granted (house, event, effect->rule);
    } else if (effect->kind == FOYER_EFFECT_LINK) {
      g_assert_false (told->is_linked || told->is_over);
      g_assert_cmpuint (camera, ==, told->request.camera.v);
      g_assert_cmpuint (effect->generation, ==, told->generation);
      told->is_linked = true;
      house->n_links++;
    } else if (effect->kind == FOYER_EFFECT_UNLINK) {
      g_assert_true (told->is_linked);
      told->is_linked = false;
    } else if (effect->kind == FOYER_EFFECT_ENDED) {
      g_assert_false (told->is_linked);
      g_assert_true (told->is_over);
      memset (told, 0, sizeof (*told));
      house->n_ends++;
    }
  }
}

static void
step (House *house, FoyerEvent event)
{
  event.moment = house->moment;
  account (house, &event);
  foyer_core_step (&house->core, &event, &house->effects);
  /* The rules are the core's own by now: a second policy is tried elsewhere. */
  for (unsigned i = 0; i < N_KNOWN; i++) {
    if (house->told[i].id.v != 0)
      house->told[i].is_over |= !may_go_on (house, &house->told[i]);
  }
  compare (house, &event);
  for (unsigned i = 0; i < N_KNOWN; i++) {
    Told *told = &house->told[i];
    const FoyerSession *session;
    bool is_known, is_linked;

    if (told->id.v == 0)
      continue;
    told->is_over |= !may_go_on (house, told);
    is_known = told->request.target == FOYER_TARGET_DISPLAY
        ? told->n_identities == 1
        : told->n_ready == 1;
    is_linked = !told->is_over && is_known && told->is_streaming &&
        house->cameras[told->request.camera.v].is_open;
    g_assert_true (told->is_linked == is_linked);
    session = foyer_core_find_session (&house->core, told->id);
    g_assert_true (session != NULL &&
        foyer_session_state_is_open (session->state) == is_linked);
    g_assert_true ((session->state >= FOYER_SESSION_CLOSING) == told->is_over);
  }
}

static FoyerRule
draw_rule (House *house)
{
  return (FoyerRule){ .id = { 1 + below (house, 6) },
    .verdict = below (house, 5) != 0,
    .subject = FOYER_SUBJECT_ANY,
    .is_any_camera = below (house, 3) != 0,
    .camera = { 1 + below (house, N_THINGS) },
    .target = FOYER_TARGET_ANY,
    .is_any_target = true,
    .media = FOYER_MEDIA_ALL,
    .windows = { { (uint16_t) below (house, 10080),
        (uint16_t) below (house, 10080) } },
    .n_windows = below (house, 4) == 0,
    .expires_s = below (house, 4)
        ? 0
        : house->moment.wall_s + (int) below (house, 60),
    .max_session_s = below (house, 3) ? 0 : 1 + below (house, 60) };
}

static FoyerTarget
draw_target (House *house)
{
  return (FoyerTarget){ .kind = FOYER_TARGET_DISPLAY + below (house, 3),
    .id = { 1 + below (house, N_THINGS) },
    .trust = below (house, 3),
    .is_paired = below (house, 8) != 0,
    .key = { below (house, 8) == 0 } };
}

/* A worker mostly says what it should. */
static FoyerEventKind
draw_word (House *house, FoyerSessionId id)
{
  const FoyerSession *session = foyer_core_find_session (&house->core, id);

  if (session == NULL || below (house, 12) == 0)
    return FOYER_EVENT_STOP + below (house, FOYER_N_EVENTS - FOYER_EVENT_STOP);
  switch (session->state) {
    case FOYER_SESSION_FREE:
    case FOYER_SESSION_LIVE:
      return FOYER_EVENT_TICK;
    case FOYER_SESSION_STARTING:
      return FOYER_EVENT_WORKER_READY;
    case FOYER_SESSION_IDENTIFYING:
      return FOYER_EVENT_WORKER_IDENTITY;
    case FOYER_SESSION_PREPARING:
      return session->is_streaming ? FOYER_EVENT_TICK
                                   : FOYER_EVENT_WORKER_STREAMING;
    case FOYER_SESSION_LINKED:
      return FOYER_EVENT_WORKER_LIVE;
    case FOYER_SESSION_CLOSING:
      return below (house, 2) ? FOYER_EVENT_WORKER_CLOSED
                              : FOYER_EVENT_WORKER_GONE;
    case FOYER_SESSION_CLEANING:
      return session->has_worker ? FOYER_EVENT_WORKER_GONE
                                 : FOYER_EVENT_CLEANED;
  }
  return FOYER_EVENT_TICK;
}

static FoyerEvent
draw_session_event (House *house)
{
  FoyerEvent event = { .session = house->told[below (house, N_KNOWN)].id,
    .reason = below (house, FOYER_N_REASONS),
    .key = { below (house, 10) == 0 },
    .has_signed = below (house, 10) != 0,
    .has_chain = below (house, 5) != 0 };

  event.kind = draw_word (house, event.session);
  return event;
}

static FoyerEvent
draw_cast (House *house)
{
  FoyerEvent event = { .kind = FOYER_EVENT_CAST,
    .session = { ++house->last_id },
    .longest_s = below (house, 2) ? 0 : below (house, 60) };
  FoyerTarget target = draw_target (house);

  /* More the account does not know. */
  if (find_told (house, (FoyerSessionId){ 0 }) == NULL)
    return (FoyerEvent){ .kind = FOYER_EVENT_TICK };
  event.request = (FoyerRequest){ .camera = { 1 + below (house, N_THINGS) },
    .target = target.kind,
    .target_id = target.id,
    .media = FOYER_MEDIA_VIDEO };
  return event;
}

/* A few rules at a time. */
static FoyerEvent
draw_rule_event (House *house)
{
  uint32_t n_rules = house->core.policy.n_rules, i = below (house, 6);

  if (i < n_rules)
    return (FoyerEvent){ .kind = FOYER_EVENT_RULE_REMOVED,
      .rule = house->core.policy.rules[i] };
  return (
      FoyerEvent){ .kind = FOYER_EVENT_RULE_ADDED, .rule = draw_rule (house) };
}

static FoyerEvent
draw_event (House *house)
{
  static const FoyerEventKind kinds[] = { FOYER_EVENT_LOCKDOWN,
    FOYER_EVENT_CAMERA_ADDED, FOYER_EVENT_CAMERA_REMOVED,
    FOYER_EVENT_CAMERA_FAILED, FOYER_EVENT_TARGET_ADDED,
    FOYER_EVENT_TARGET_REMOVED };
  uint32_t camera = 1 + below (house, N_THINGS), what = below (house, 100);
  FoyerEvent event = { .camera = { camera } };

  if (what < 60)
    return draw_session_event (house);
  if (what < 75)
    return draw_cast (house);
  if (what < 80)
    return draw_rule_event (house);
  if (what < 90) {
    event.kind = FOYER_EVENT_CAMERA_OPENED;
    event.generation = house->cameras[camera].generation;
    event.generation -= below (house, 10) == 0;
  } else if (what < 95) {
    event.kind = FOYER_EVENT_CAMERA_ADDED;
    event.is_on = below (house, 10) == 0;
  } else {
    event.kind = kinds[below (house, G_N_ELEMENTS (kinds))];
    event.is_on = below (house, 4) == 0;
    event.generation = house->cameras[camera].generation - below (house, 2);
    event.target = draw_target (house);
  }
  return event;
}

static void
test_who_may_be_linked (void)
{
  g_autofree House *house = g_new0 (House, 1);

  house->rand = g_rand_new_with_seed (64);
  house->moment = (FoyerMoment){ S_US, WALL_S, 600 };
  for (unsigned i = 0; i < N_EVENTS; i++) {
    uint32_t ms = below (house, 20) ? below (house, 100) : below (house, 5000);

    house->moment.now_us += ms * 1000;
    house->moment.wall_s = WALL_S + house->moment.now_us / S_US;
    house->moment.minute_of_week =
        (600 + (uint32_t) (house->moment.now_us / (60 * S_US))) %
        FOYER_MINUTES_A_WEEK;
    if (below (house, 50) == 0)
      house->is_locked_down = house->core.is_locked_down = false;
    step (house, draw_event (house));
  }
  g_test_message ("%" G_GUINT64_FORMAT " casts, %u refused, %u links, %u ends",
      house->last_id, house->n_refused, house->n_links, house->n_ends);
  g_assert_cmpuint (house->n_links, >, N_EVENTS / 200);
  g_assert_cmpuint (house->n_ends, >, N_EVENTS / 100);
  g_assert_cmpuint (house->n_refused, >, N_EVENTS / 200);
  g_rand_free (house->rand);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core-random/who-may-be-linked", test_who_may_be_linked);
  return g_test_run ();
}
