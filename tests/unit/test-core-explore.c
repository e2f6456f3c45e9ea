/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-core.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* All states that a house of 2 cameras, 2 displays, an app and 3 sessions can
 * come into, whoever does whatever in whatever order: the files of the core
 * themselves, built with that much room. Time is abstract: any deadline that is
 * set may pass at any moment. Cameras are alike, and so are displays and
 * sessions: of all states that differ in names alone, one is looked at.
 *
 * What is asserted of a state or of one step holds of all histories, since a
 * history is made of steps. */

#define N_CAMERAS  2
#define N_DISPLAYS 2
#define N_SESSIONS 3
G_STATIC_ASSERT (FOYER_CORE_MAX_CAMERAS == N_CAMERAS);
G_STATIC_ASSERT (FOYER_CORE_MAX_SESSIONS == N_SESSIONS);
G_STATIC_ASSERT (FOYER_POLICY_MAX_RULES == 2);

#define NOW_US     INT64_C (1000000000)
#define FAR_US     (NOW_US + INT64_C (1000000000))
#define WALL_S     1700000000
#define IN_WINDOW  10
#define OUT_WINDOW 200
#define APP        N_DISPLAYS /* number of the app among the targets */
#define RULE_ID    7
#define STALE      1   /* a generation that is past, plus the camera */
#define CURRENT    100 /* the one in force, plus the camera */
#define MIN_STATES 100000
/* Unless it is to be thorough. */
#define QUICK_STATES 20000
#define TABLE_SLOTS  (1u << 20)

static const uint8_t paired_key[FOYER_CORE_KEY_BYTES] = { 1, 2, 3 };

/* Makes states into numbers and numbers into states. */

static FoyerCameraId
camera_id (unsigned i)
{
  return (FoyerCameraId){ 11 + i };
}

static FoyerTarget
make_target (unsigned i, bool is_paired)
{
  FoyerTarget target = { .kind = FOYER_TARGET_DISPLAY,
    .id = { 21 + i },
    .trust = FOYER_TRUST_DEVICE,
    .is_paired = is_paired };

  if (i == APP)
    target.kind = FOYER_TARGET_APP;
  memcpy (target.key, paired_key, sizeof (paired_key));
  return target;
}

static const FoyerTarget *
find_target (const FoyerCore *core, unsigned i)
{
  FoyerTarget target = make_target (i, false);

  return foyer_core_find_target (core, target.kind, target.id);
}

static unsigned
number_of_target (const FoyerSession *session)
{
  return (unsigned) (session->target_id.v - 21);
}

static FoyerRule
make_rule (void)
{
  return (FoyerRule){ .id = { RULE_ID },
    .verdict = FOYER_VERDICT_ALLOW,
    .subject = FOYER_SUBJECT_USER,
    .subject_id = 1000,
    .is_any_camera = true,
    .target = FOYER_TARGET_ANY,
    .is_any_target = true,
    .media = FOYER_MEDIA_VIDEO,
    .windows = { { 0, 100 } },
    .n_windows = 1 };
}

static FoyerRequest
make_request (FoyerCameraId camera, unsigned target_number)
{
  FoyerTarget target = make_target (target_number, false);

  return (FoyerRequest){ .subject = { .uid = 1000 },
    .camera = camera,
    .target = target.kind,
    .target_id = target.id,
    .media = FOYER_MEDIA_VIDEO };
}

static const FoyerMoment now = { NOW_US, WALL_S, IN_WINDOW };

/* What a session has that its future depends on, but its names: while it is
 * closing, a camera matters that is in use, and later none; what a worker has
 * said matters while the session is active, or has to be cleaned up after. */
static uint64_t
pack_session (const FoyerCore *core, const FoyerSession *session)
{
  const FoyerCamera *camera = foyer_core_find_camera (core, session->camera);
  bool is_active = session->state < FOYER_SESSION_CLOSING;
  bool is_current = camera != NULL && camera->state > FOYER_CAMERA_CLOSED &&
      camera->generation == session->generation &&
      session->state != FOYER_SESSION_CLEANING;

  if (session->state == FOYER_SESSION_FREE)
    return 0;
  g_assert_true (is_current || !is_active);
  return (uint64_t) session->state | (unsigned) is_current << 4 |
      (unsigned) session->has_worker << 7 |
      (unsigned) (session->is_streaming && is_active) << 8 |
      (unsigned) session->is_approved << 9 |
      (unsigned) (session->is_killed && session->has_worker) << 10 |
      (unsigned) (session->due_us != 0) << 11;
}

static void
sort_3 (uint64_t v[N_SESSIONS])
{
  for (unsigned i = 0; i < N_SESSIONS; i++) {
    for (unsigned j = i + 1; j < N_SESSIONS; j++) {
      if (v[j] > v[i]) {
        uint64_t t = v[i];

        v[i] = v[j];
        v[j] = t;
      }
    }
  }
}

/* The smallest of the four ways to name cameras and displays. */
static uint64_t
pack (const FoyerCore *core)
{
  uint64_t cameras[N_CAMERAS] = { 0 }, sessions[N_SESSIONS];
  uint64_t best = UINT64_MAX;
  bool displays[N_DISPLAYS];

  for (unsigned i = 0; i < N_CAMERAS; i++) {
    const FoyerCamera *camera = foyer_core_find_camera (core, camera_id (i));

    if (camera != NULL)
      cameras[i] = (uint64_t) camera->state |
          (uint64_t) camera->is_ambiguous << 2 |
          (uint64_t) (camera->due_us != 0) << 3;
  }
  for (unsigned i = 0; i < N_DISPLAYS; i++)
    displays[i] = find_target (core, i) != NULL;
  for (unsigned i = 0; i < N_SESSIONS; i++)
    sessions[i] = pack_session (core, &core->sessions[i]);
  for (unsigned names = 0; names < 4; names++) {
    unsigned c = names & 1, d = names >> 1;
    uint64_t named[N_SESSIONS];
    uint64_t bits = core->is_locked_down | core->policy.n_rules << 1 |
        cameras[c] << 2 | cameras[1 - c] << 6 | (unsigned) displays[d] << 10 |
        (unsigned) displays[1 - d] << 11;

    for (unsigned i = 0; i < N_SESSIONS; i++) {
      const FoyerSession *session = &core->sessions[i];
      unsigned target = number_of_target (session);

      named[i] = sessions[i];
      if (sessions[i] & 1 << 4)
        named[i] |= ((session->camera.v - 11) ^ c) << 3;
      if (sessions[i] != 0)
        named[i] |= (uint64_t) (target == APP ? APP : target ^ d) << 5;
    }
    sort_3 (named);
    best = MIN (best, bits | named[0] << 12 | named[1] << 25 | named[2] << 38);
  }
  return best;
}

static void
unpack_session (FoyerCore *core, unsigned slot, uint64_t bits)
{
  FoyerSession *session = &core->sessions[slot];
  unsigned camera = (bits >> 3) & 1, target = (bits >> 5) & 3;

  memset (session, 0, sizeof (*session));
  session->state = bits & 7;
  if (session->state == FOYER_SESSION_FREE)
    return;
  session->id.v = slot + 1;
  session->camera = camera_id (camera);
  session->generation = ((bits >> 4) & 1 ? CURRENT : STALE) + camera;
  session->target = target == APP ? FOYER_TARGET_APP : FOYER_TARGET_DISPLAY;
  session->request = make_request (session->camera, target);
  session->target_id = session->request.target_id;
  session->request.moment = now;
  session->rule.v = RULE_ID;
  session->granted_us = NOW_US - 1;
  session->ends_us = FAR_US;
  session->has_worker = (bits >> 7) & 1;
  session->is_streaming = (bits >> 8) & 1;
  session->is_approved = (bits >> 9) & 1;
  session->is_killed = (bits >> 10) & 1;
  session->due_us = (bits >> 11) & 1 ? FAR_US : 0;
  if (session->is_approved) {
    memcpy (session->key, paired_key, sizeof (paired_key));
    session->has_signed = session->has_chain = true;
  }
  if (session->state >= FOYER_SESSION_CLOSING)
    session->reason = FOYER_REASON_STOPPED;
}

static void
unpack (FoyerCore *core, uint64_t bits)
{
  memset (core, 0, sizeof (*core));
  core->is_locked_down = bits & 1;
  core->last_generation = 1000;
  if ((bits >> 1) & 1) {
    FoyerRule rule = make_rule ();

    g_assert_true (foyer_policy_add (&core->policy, &rule));
  }
  for (unsigned i = 0; i < N_CAMERAS; i++) {
    unsigned camera = (bits >> (2 + 4 * i)) & 15;

    if (camera != 0)
      core->cameras[i] = (FoyerCamera){ camera_id (i), camera & 3,
        (camera >> 2) & 1, CURRENT + i, camera >> 3 ? FAR_US : 0 };
  }
  for (unsigned i = 0; i <= APP; i++) {
    FoyerTarget target = make_target (i, true);

    if (i == APP || (bits >> (10 + i)) & 1)
      core->targets[target.kind * FOYER_CORE_MAX_TARGETS + i % APP] = target;
  }
  for (unsigned i = 0; i < N_SESSIONS; i++)
    unpack_session (core, i, (bits >> (12 + 13 * i)) & 0x1fff);
}

/* The set of states, and those of it that are still to be looked at. */

typedef struct
{
  uint64_t *slots; /* of a hash table; 0 is free: bit 63 is always set */
  uint64_t *queue;
  unsigned n_states;
  unsigned n_done;
  uint64_t n_steps;
} Space;

static void
insert (Space *space, uint64_t bits)
{
  uint64_t value = bits | UINT64_C (1) << 63;
  uint64_t i = (value * UINT64_C (0x9e3779b97f4a7c15)) >> 44;

  while (space->slots[i] != 0) {
    if (space->slots[i] == value)
      return;
    i = (i + 1) % TABLE_SLOTS;
  }
  g_assert_cmpuint (space->n_states, <, TABLE_SLOTS / 2);
  space->slots[i] = value;
  space->queue[space->n_states++] = bits;
}

/* The invariants: of a state. */

/* What must hold for a frame to flow, said once more in other words. */
static bool
may_flow (const FoyerCore *core, const FoyerSession *session, unsigned minute)
{
  const FoyerCamera *camera = foyer_core_find_camera (core, session->camera);
  const FoyerTarget *target = find_target (core, number_of_target (session));

  return !core->is_locked_down && core->policy.n_rules == 1 && minute < 100 &&
      camera != NULL && !camera->is_ambiguous && target != NULL &&
      (target->kind == FOYER_TARGET_APP || target->is_paired);
}

static void
assert_i1_provenance_of_state (const FoyerCore *core, unsigned minute)
{
  for (unsigned i = 0; i < N_SESSIONS; i++) {
    const FoyerSession *session = &core->sessions[i];
    const FoyerCamera *camera = foyer_core_find_camera (core, session->camera);

    if (!foyer_session_state_is_open (session->state))
      continue;
    g_assert_true (may_flow (core, session, minute));
    g_assert_cmpint (camera->state, ==, FOYER_CAMERA_OPEN);
    g_assert_cmpuint (camera->generation, ==, session->generation);
    g_assert_true (session->has_worker && !session->is_killed);
    g_assert_true (session->is_approved || session->target == FOYER_TARGET_APP);
  }
}

/* A session that ends has a reason and a bound; one that does not has neither
 * been silenced nor killed. */
static void
assert_i4_end_of_state (const FoyerCore *core)
{
  for (unsigned i = 0; i < N_SESSIONS; i++) {
    const FoyerSession *session = &core->sessions[i];
    bool is_ending = session->state >= FOYER_SESSION_CLOSING;

    g_assert_true (is_ending == (session->reason != FOYER_REASON_NONE));
    if (is_ending)
      g_assert_true ((session->due_us == 0) ==
          (session->has_worker && session->is_killed));
    else
      g_assert_false (session->is_killed);
    if (session->state != FOYER_SESSION_FREE)
      g_assert_true (
          session->has_worker || session->state == FOYER_SESSION_CLEANING);
    /* Nobody cleans a display that was never told to be the one. */
    if (session->state == FOYER_SESSION_CLEANING && !session->has_worker)
      g_assert_true (session->is_approved);
  }
}

/* Whether a session, in whatever state before it is silent, is for that opening. */
static bool
is_waited_for (const FoyerCore *core, const FoyerCamera *camera)
{
  bool is_wanted = false;

  for (unsigned i = 0; i < N_SESSIONS; i++)
    is_wanted |= core->sessions[i].state != FOYER_SESSION_FREE &&
        core->sessions[i].state != FOYER_SESSION_CLEANING &&
        core->sessions[i].camera.v == camera->id.v &&
        core->sessions[i].generation == camera->generation;
  return is_wanted;
}

/* No two sessions show on one display, none is there twice, and no camera is
 * being opened for nobody. */
static void
assert_i9_closed_of_state (const FoyerCore *core)
{
  for (unsigned i = 0; i < N_SESSIONS; i++) {
    for (unsigned j = i + 1; j < N_SESSIONS; j++) {
      const FoyerSession *a = &core->sessions[i], *b = &core->sessions[j];

      if (a->state == FOYER_SESSION_FREE || b->state == FOYER_SESSION_FREE)
        continue;
      g_assert_cmpuint (a->id.v, !=, b->id.v);
      g_assert_true (
          a->target == FOYER_TARGET_APP || a->target_id.v != b->target_id.v);
    }
  }
  for (unsigned i = 0; i < N_CAMERAS; i++) {
    const FoyerCamera *camera = &core->cameras[i];

    if (core->is_locked_down || camera->is_ambiguous)
      g_assert_cmpint (camera->state, <=, FOYER_CAMERA_CLOSED);
    if (camera->state == FOYER_CAMERA_OPENING) {
      g_assert_cmpint (camera->due_us, !=, 0);
      g_assert_true (is_waited_for (core, camera));
    }
  }
}

/* The invariants: of a step. */

typedef struct
{
  const FoyerCore *before;
  const FoyerCore *after;
  const FoyerEvent *event;
  const FoyerEffects *effects;
  FoyerSessionId id;       /* of the session that is looked at */
  const FoyerSession *old; /* nullable */
  const FoyerSession *new; /* nullable */
  FoyerSessionState from, to;
  unsigned n[FOYER_EFFECT_FAILED + 1]; /* effects of each kind */
} Step;

static void
look_at (Step *step, FoyerSessionId id)
{
  step->id = id;
  step->old = foyer_core_find_session (step->before, id);
  step->new = foyer_core_find_session (step->after, id);
  step->from = step->old != NULL ? step->old->state : FOYER_SESSION_FREE;
  step->to = step->new != NULL ? step->new->state : FOYER_SESSION_FREE;
  memset (step->n, 0, sizeof (step->n));
  for (unsigned i = 0; i < step->effects->n_effects; i++) {
    if (step->effects->effects[i].session.v == id.v)
      step->n[step->effects->effects[i].kind]++;
  }
}

/* A link is made of the session's own camera and generation, which are open, and
 * undone in the very step in which the session is no longer open. */
static void
assert_i1_provenance (const Step *step)
{
  bool was_open = foyer_session_state_is_open (step->from);
  bool is_open = foyer_session_state_is_open (step->to);

  g_assert_cmpuint (step->n[FOYER_EFFECT_LINK], ==, !was_open && is_open);
  g_assert_cmpuint (step->n[FOYER_EFFECT_UNLINK], ==, was_open && !is_open);
  for (unsigned i = 0; i < step->effects->n_effects; i++) {
    const FoyerEffect *effect = &step->effects->effects[i];
    const FoyerSession *session = step->new;
    const FoyerCamera *camera;

    if (effect->kind != FOYER_EFFECT_LINK || effect->session.v != step->id.v)
      continue;
    camera = foyer_core_find_camera (step->after, effect->camera);
    g_assert_cmpuint (effect->camera.v, ==, session->camera.v);
    g_assert_cmpuint (effect->generation, ==, session->generation);
    g_assert_cmpuint (effect->generation, ==, camera->generation);
    g_assert_cmpint (camera->state, ==, FOYER_CAMERA_OPEN);
  }
}

/* The grant comes before the link and never changes, nor does what it is for. */
static void
assert_i3_beginning (const Step *step)
{
  const FoyerSession *old = step->old, *new = step->new;

  if (old == NULL)
    g_assert_cmpuint (step->n[FOYER_EFFECT_LINK], ==, 0);
  if (old == NULL && new != NULL)
    g_assert_cmpint (new->granted_us, ==, step->event->moment.now_us);
  if (old == NULL || new == NULL)
    return;
  g_assert_cmpint (new->granted_us, ==, old->granted_us);
  g_assert_cmpuint (new->camera.v, ==, old->camera.v);
  g_assert_cmpuint (new->generation, ==, old->generation);
  g_assert_cmpint (new->target, ==, old->target);
  g_assert_cmpuint (new->target_id.v, ==, old->target_id.v);
  g_assert_cmpuint (new->rule.v, ==, old->rule.v);
  g_assert_cmpint (new->ends_us, <=, old->ends_us);
  g_assert_cmpmem (&new->request, sizeof (FoyerRequest), &old->request,
      sizeof (FoyerRequest));
}

/* Only a worker that closed its gate or ended makes silence; after it nothing
 * is approved or linked; between CLOSE and silence is a bound, and then KILL. */
static void
assert_i4_end (const Step *step)
{
  const FoyerSession *old = step->old, *new = step->new;
  FoyerSessionState from = step->from, to = step->to;
  FoyerEventKind kind = step->event->kind;
  unsigned n_silenced = step->n[FOYER_EFFECT_SILENCED];
  bool is_mine = step->event->session.v == step->id.v;

  if (from >= FOYER_SESSION_CLOSING) {
    g_assert_true (to == FOYER_SESSION_FREE || to >= from);
    g_assert_cmpuint (step->n[FOYER_EFFECT_LINK], ==, 0);
    g_assert_cmpuint (step->n[FOYER_EFFECT_APPROVE], ==, 0);
  }
  g_assert_cmpuint (n_silenced, ==,
      from != FOYER_SESSION_FREE && from != FOYER_SESSION_CLEANING &&
          (to == FOYER_SESSION_FREE || to == FOYER_SESSION_CLEANING));
  if (n_silenced == 1) {
    g_assert_true (is_mine &&
        (kind == FOYER_EVENT_WORKER_CLOSED ||
            kind == FOYER_EVENT_WORKER_FAILED ||
            kind == FOYER_EVENT_WORKER_GONE));
    g_assert_true (!old->is_killed || kind == FOYER_EVENT_WORKER_GONE);
    g_assert_true (
        kind != FOYER_EVENT_WORKER_CLOSED || from == FOYER_SESSION_CLOSING);
  }
  if (kind == FOYER_EVENT_CLEANED && is_mine && old != NULL && !old->has_worker)
    g_assert_cmpint (to, ==, FOYER_SESSION_FREE);
  if (from < FOYER_SESSION_CLOSING && to == FOYER_SESSION_CLOSING) {
    unsigned n_close = step->n[FOYER_EFFECT_CLOSE];

    g_assert_cmpuint (n_close + step->n[FOYER_EFFECT_KILL], ==, 1);
    g_assert_cmpint (new->due_us, ==,
        n_close == 1 ? NOW_US + FOYER_CORE_CLOSE_US : 0);
  }
  if (from == FOYER_SESSION_CLOSING && to == FOYER_SESSION_CLOSING &&
      !old->is_killed) {
    bool is_killed = old->due_us <= NOW_US;

    g_assert_cmpuint (step->n[FOYER_EFFECT_KILL], ==, is_killed);
    g_assert_true (new->is_killed == is_killed);
    g_assert_cmpint (new->due_us, ==, is_killed ? 0 : old->due_us);
  }
}

/* The display signed with the paired key, and the chain was seen. */
static void
assert_i7_recipient (const Step *step)
{
  const FoyerEvent *event = step->event;

  g_assert_cmpuint (step->n[FOYER_EFFECT_APPROVE], ==,
      step->from == FOYER_SESSION_IDENTIFYING &&
          step->to == FOYER_SESSION_PREPARING);
  if (step->n[FOYER_EFFECT_APPROVE] == 0)
    return;
  g_assert_cmpint (event->kind, ==, FOYER_EVENT_WORKER_IDENTITY);
  g_assert_true (event->has_signed && event->has_chain);
  g_assert_cmpmem (event->key, sizeof (event->key), paired_key,
      sizeof (paired_key));
}

/* Granted only if all is known, free, allowed and there is room. */
static void
assert_i9_closed (const Step *step)
{
  const FoyerRequest *request = &step->event->request;
  bool is_taken = false, has_room = false, is_granted;

  if (step->event->kind != FOYER_EVENT_CAST)
    return;
  for (unsigned i = 0; i < N_SESSIONS; i++) {
    const FoyerSession *session = &step->before->sessions[i];

    has_room |= session->state == FOYER_SESSION_FREE;
    is_taken |= session->state != FOYER_SESSION_FREE &&
        session->target == FOYER_TARGET_DISPLAY &&
        session->target_id.v == request->target_id.v;
    is_taken |= session->id.v == step->event->session.v;
  }
  /* A display that is not paired is let in, to be told so. */
  is_granted = step->n[FOYER_EFFECT_GRANTED] == 1;
  g_assert_true (is_granted ==
      (has_room && !is_taken && step->event->session.v != 0 &&
          !step->before->is_locked_down && step->before->policy.n_rules == 1 &&
          step->event->moment.minute_of_week < 100 &&
          foyer_core_find_camera (step->before, request->camera) != NULL &&
          !foyer_core_find_camera (step->before, request->camera)
               ->is_ambiguous &&
          foyer_core_find_target (step->before, request->target,
              request->target_id) != NULL));
}

/* GRANTED and REFUSED are the answers to a cast, one of them, once; ENDED comes
 * once, when the session leaves the house. */
static void
assert_i10_account (const Step *step)
{
  bool was = step->old != NULL, is = step->new != NULL;
  bool is_cast = step->event->kind == FOYER_EVENT_CAST &&
      step->event->session.v == step->id.v;
  unsigned n_granted = step->n[FOYER_EFFECT_GRANTED];

  g_assert_cmpuint (n_granted, ==, !was && is);
  g_assert_cmpuint (n_granted + step->n[FOYER_EFFECT_REFUSED], ==, is_cast);
  g_assert_cmpuint (step->n[FOYER_EFFECT_SPAWN], ==, n_granted);
  g_assert_cmpuint (step->n[FOYER_EFFECT_ENDED], ==, was && !is);
  for (unsigned i = 0; i < step->effects->n_effects; i++) {
    const FoyerEffect *effect = &step->effects->effects[i];

    if (effect->kind == FOYER_EFFECT_ENDED ||
        effect->kind == FOYER_EFFECT_REFUSED)
      g_assert_cmpint (effect->reason, !=, FOYER_REASON_NONE);
  }
}

/* I9: a camera is opened for a grant alone, under a generation that never was,
 * and whatever was opened is closed, unless it says that it has failed. */
static void
assert_i9_cameras (const Step *step)
{
  for (unsigned i = 0; i < N_CAMERAS; i++) {
    FoyerCameraId id = camera_id (i);
    const FoyerCamera *old = foyer_core_find_camera (step->before, id);
    const FoyerCamera *new = foyer_core_find_camera (step->after, id);
    bool was_open = old != NULL && old->state > FOYER_CAMERA_CLOSED;
    bool is_open = new != NULL &&new->state > FOYER_CAMERA_CLOSED;
    unsigned n_open = 0, n_close = 0;

    g_assert_true ((step->after->cameras[i].id.v == 0) ==
        (step->after->cameras[i].state == FOYER_CAMERA_GONE));
    for (unsigned k = 0; k < step->effects->n_effects; k++) {
      const FoyerEffect *effect = &step->effects->effects[k];
      bool is_mine = effect->camera.v == id.v;

      if (effect->kind == FOYER_EFFECT_OPEN_CAMERA && is_mine) {
        n_open++;
        g_assert_cmpuint (effect->generation, ==, new->generation);
        g_assert_cmpuint (new->generation, >, step->before->last_generation);
      } else if (effect->kind == FOYER_EFFECT_CLOSE_CAMERA && is_mine) {
        n_close++;
        g_assert_cmpuint (effect->generation, ==, old->generation);
      } else if (effect->kind == FOYER_EFFECT_CLOSE_CAMERA) {
        g_assert_nonnull (
            foyer_core_find_camera (step->before, effect->camera));
      }
    }
    g_assert_cmpuint (n_open, ==, !was_open && is_open);
    if (n_open == 1)
      g_assert_cmpint (step->event->kind, ==, FOYER_EVENT_CAST);
    if (step->event->kind != FOYER_EVENT_CAMERA_FAILED)
      g_assert_cmpuint (n_close, ==, was_open && !is_open);
  }
}

static void
assert_step (Step *step)
{
  unsigned n_effects = 0;

  for (uint64_t v = 0; v <= N_SESSIONS + 1; v++) {
    look_at (step, (FoyerSessionId){ v });
    for (unsigned kind = 0; kind <= FOYER_EFFECT_FAILED; kind++)
      n_effects += step->n[kind];
    assert_i10_account (step);
    if (step->event->session.v == v)
      assert_i9_closed (step);
    if (step->old == NULL && step->new == NULL)
      continue;
    assert_i1_provenance (step);
    assert_i3_beginning (step);
    assert_i4_end (step);
    assert_i7_recipient (step);
  }
  /* None is of a session that nobody knows. */
  g_assert_cmpuint (n_effects, ==, step->effects->n_effects);
  assert_i9_cameras (step);
  assert_i1_provenance_of_state (step->after,
      step->event->moment.minute_of_week);
  assert_i4_end_of_state (step->after);
  assert_i9_closed_of_state (step->after);
}

/* The adversary. */

static void
try (Space *space, const FoyerCore *before, const FoyerEvent *event)
{
  static FoyerCore after; /* too much to clear each time */
  static FoyerEffects effects;
  Step step = { .before = before,
    .after = &after,
    .event = event,
    .effects = &effects };

  after = *before;
  foyer_core_step (&after, event, &effects);
  space->n_steps++;
  if (memcmp (&after, before, sizeof (after)) != 0) {
    assert_step (&step);
    insert (space, pack (&after));
  } else if (effects.n_effects != 0) {
    assert_step (&step);
  } else {
    /* Nothing happened: then nothing had to. */
    g_assert_cmpint (event->kind, !=, FOYER_EVENT_CAST);
    assert_i1_provenance_of_state (&after, event->moment.minute_of_week);
  }
}

static void
try_ticks (Space *space, FoyerCore *core)
{
  FoyerEvent event = { .kind = FOYER_EVENT_TICK, .moment = now };
  FoyerCore copy = *core;

  try (space, core, &event);
  event.moment.minute_of_week = OUT_WINDOW;
  try (space, core, &event);
  event.moment.minute_of_week = IN_WINDOW;
  for (unsigned i = 0; i < N_SESSIONS; i++) {
    if (core->sessions[i].state == FOYER_SESSION_FREE)
      continue;
    core->sessions[i].ends_us = NOW_US;
    try (space, core, &event);
    core->sessions[i] = copy.sessions[i];
    if (core->sessions[i].due_us == 0)
      continue;
    core->sessions[i].due_us = NOW_US;
    try (space, core, &event);
    core->sessions[i] = copy.sessions[i];
  }
  for (unsigned i = 0; i < N_CAMERAS; i++) {
    if (core->cameras[i].due_us == 0)
      continue;
    core->cameras[i].due_us = NOW_US;
    try (space, core, &event);
    core->cameras[i] = copy.cameras[i];
  }
}

static void
try_house (Space *space, const FoyerCore *core)
{
  FoyerEvent event = { .moment = now, .rule = make_rule () };

  for (unsigned i = 0; i < 2; i++) {
    event.kind = FOYER_EVENT_LOCKDOWN;
    event.is_on = i == 1;
    try (space, core, &event);
  }
  event.kind = FOYER_EVENT_RULE_ADDED;
  try (space, core, &event);
  event.kind = FOYER_EVENT_RULE_REMOVED;
  try (space, core, &event);
  for (unsigned i = 0; i < N_DISPLAYS; i++) {
    event.kind = FOYER_EVENT_TARGET_ADDED;
    event.target = make_target (i, true);
    try (space, core, &event);
    event.kind = FOYER_EVENT_TARGET_REMOVED;
    try (space, core, &event);
  }
}

static void
try_cameras (Space *space, const FoyerCore *core)
{
  FoyerEvent event = { .moment = now };

  /* One more than there are. */
  for (unsigned i = 0; i <= N_CAMERAS; i++) {
    event.camera = camera_id (i);
    event.kind = FOYER_EVENT_CAMERA_REMOVED;
    try (space, core, &event);
    for (unsigned stale = 0; stale < 2; stale++) {
      event.generation = (stale ? STALE : CURRENT) + i;
      event.kind = FOYER_EVENT_CAMERA_OPENED;
      try (space, core, &event);
      event.kind = FOYER_EVENT_CAMERA_FAILED;
      try (space, core, &event);
    }
    for (unsigned ambiguous = 0; i < N_CAMERAS && ambiguous < 2; ambiguous++) {
      event.kind = FOYER_EVENT_CAMERA_ADDED;
      event.is_on = ambiguous == 1;
      try (space, core, &event);
    }
  }
}

static void
try_casts (Space *space, const FoyerCore *core)
{
  FoyerEvent event = { .kind = FOYER_EVENT_CAST,
    .moment = now,
    .longest_s = 3600 };

  for (unsigned camera = 0; camera <= N_CAMERAS; camera++) {
    for (unsigned target = 0; target <= APP; target++) {
      event.request = make_request (camera_id (camera), target);
      event.session.v = N_SESSIONS + 1;
      try (space, core, &event);
    }
  }
  event.request = make_request (camera_id (0), 0);
  event.session.v = 0;
  try (space, core, &event);
  event.session.v = 1;
  try (space, core, &event);
  event.session.v = N_SESSIONS + 1;
  event.moment.minute_of_week = OUT_WINDOW;
  try (space, core, &event);
}

static void
try_workers (Space *space, const FoyerCore *core)
{
  static const struct
  {
    FoyerEventKind kind;
    FoyerReason reason;
    bool has_signed, has_chain, has_key;
  } words[] = {
    { FOYER_EVENT_STOP, FOYER_REASON_STOPPED },
    { FOYER_EVENT_WORKER_READY },
    { FOYER_EVENT_WORKER_IDENTITY, 0, true, true, true },
    { FOYER_EVENT_WORKER_IDENTITY, 0, true, true, false },
    { FOYER_EVENT_WORKER_IDENTITY, 0, true, false, true },
    { FOYER_EVENT_WORKER_IDENTITY, 0, false, true, true },
    { FOYER_EVENT_WORKER_STREAMING },
    { FOYER_EVENT_WORKER_LIVE },
    { FOYER_EVENT_WORKER_CLOSED },
    { FOYER_EVENT_WORKER_FAILED, FOYER_REASON_DISPLAY_LOST },
    { FOYER_EVENT_WORKER_FAILED, FOYER_REASON_NONE },
    { FOYER_EVENT_WORKER_GONE, FOYER_REASON_NONE },
    { FOYER_EVENT_WORKER_GONE, FOYER_REASON_WORKER_DIED },
    { FOYER_EVENT_CLEANED },
  };

  for (unsigned i = 0; i <= N_SESSIONS; i++) {
    if (i < N_SESSIONS && core->sessions[i].state == FOYER_SESSION_FREE)
      continue;
    for (unsigned k = 0; k < G_N_ELEMENTS (words); k++) {
      FoyerEvent event = { .kind = words[k].kind,
        .moment = now,
        .session = { i + 1 },
        .reason = words[k].reason,
        .has_signed = words[k].has_signed,
        .has_chain = words[k].has_chain };

      if (words[k].has_key)
        memcpy (event.key, paired_key, sizeof (paired_key));
      try (space, core, &event);
    }
  }
}

/* I10: whatever state it is in, a house that is locked down is empty once all
 * deadlines have passed and the kernel has ended all workers. */
static void
assert_it_ends (const FoyerCore *start)
{
  static FoyerCore core;
  static FoyerEffects effects;
  FoyerEvent event = { .kind = FOYER_EVENT_LOCKDOWN,
    .moment = now,
    .is_on = true };

  core = *start;
  foyer_core_step (&core, &event, &effects);
  event.kind = FOYER_EVENT_TICK;
  event.moment.now_us = FAR_US;
  foyer_core_step (&core, &event, &effects);
  for (uint64_t v = 1; v <= N_SESSIONS; v++) {
    event.kind = FOYER_EVENT_WORKER_GONE;
    event.session.v = v;
    foyer_core_step (&core, &event, &effects);
  }
  event.kind = FOYER_EVENT_TICK;
  event.moment.now_us += FAR_US;
  foyer_core_step (&core, &event, &effects);
  for (unsigned i = 0; i < N_SESSIONS; i++)
    g_assert_cmpint (core.sessions[i].state, ==, FOYER_SESSION_FREE);
}

static void
test_all_states (void)
{
  Space space = { g_new0 (uint64_t, TABLE_SLOTS),
    g_new (uint64_t, TABLE_SLOTS / 2), 0, 0, 0 };
  FoyerCore core;
  unsigned n_open[N_SESSIONS + 1] = { 0 };
  unsigned most = g_test_thorough () ? UINT_MAX : QUICK_STATES;

  /* Nothing but the app, which stays. */
  insert (&space, 0);
  for (; space.n_done < MIN (space.n_states, most); space.n_done++) {
    unsigned n = 0;

    unpack (&core, space.queue[space.n_done]);
    g_assert_cmpuint (pack (&core), ==, space.queue[space.n_done]);
    try_ticks (&space, &core);
    try_house (&space, &core);
    try_cameras (&space, &core);
    try_casts (&space, &core);
    try_workers (&space, &core);
    assert_it_ends (&core);
    for (unsigned i = 0; i < N_SESSIONS; i++)
      n += foyer_session_state_is_open (core.sessions[i].state);
    n_open[n]++;
  }
  g_test_message ("%u states, %" G_GUINT64_FORMAT " steps; "
                  "%u, %u, %u, %u with 0, 1, 2, 3 links",
      space.n_states, space.n_steps, n_open[0], n_open[1], n_open[2],
      n_open[3]);
  /* Else the adversary has lost a hand. */
  g_assert_cmpuint (space.n_states, >=, MIN (MIN_STATES, most));
  for (unsigned i = 0; i <= N_SESSIONS && g_test_thorough (); i++)
    g_assert_cmpuint (n_open[i], >, 0);
  g_free (space.slots);
  g_free (space.queue);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core-explore/all-states", test_all_states);
  return g_test_run ();
}
