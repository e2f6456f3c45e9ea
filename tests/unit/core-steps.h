/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "any-rule.h"
#include "foyer-core.h"

#include <glib.h>
#include <string.h>

/* A small house, the words that are said in it, and what its last step was to do.
 * Included by test-core.c. */

#define NOW_US INT64_C (50000000)
#define WALL_S INT64_C (1700000000) /* 20 s past a minute */
#define S_US   INT64_C (1000000)
#define CAMERA 11
#define OTHER  12 /* camera */
#define SCREEN 21
#define NODE   22
#define APP    23
#define RULE   7

/* A house with two cameras, a paired display, a node, an app and one rule that
 * allows everything; and what its last step was to do. */
typedef struct
{
  FoyerCore core;
  FoyerEffects effects;
  FoyerMoment moment;
} House;

static FoyerTarget
make_target (FoyerTargetKind kind, uint64_t id)
{
  return (FoyerTarget){ .kind = kind,
    .id = { id },
    .trust = FOYER_TRUST_DEVICE,
    .is_paired = true,
    .key = { 1, 2, 3 } };
}

static void
step (House *house, FoyerEvent event)
{
  event.moment = house->moment;
  foyer_core_step (&house->core, &event, &house->effects);
  g_assert_cmpuint (house->effects.n_effects, <=, FOYER_CORE_MAX_EFFECTS);
}

static void
add_target (House *house, FoyerTarget target)
{
  step (house,
      (FoyerEvent){ .kind = FOYER_EVENT_TARGET_ADDED, .target = target });
}

static void
camera_event (House *house, FoyerEventKind kind, uint64_t id,
    uint64_t generation)
{
  step (house,
      (FoyerEvent){ .kind = kind, .camera = { id }, .generation = generation });
}

static void
tick (House *house, int64_t us)
{
  house->moment.now_us += us;
  step (house, (FoyerEvent){ .kind = FOYER_EVENT_TICK });
}

static House *
house_new (void)
{
  House *house = g_new0 (House, 1);

  house->moment = (FoyerMoment){ NOW_US, WALL_S, 600 };
  camera_event (house, FOYER_EVENT_CAMERA_ADDED, CAMERA, 0);
  camera_event (house, FOYER_EVENT_CAMERA_ADDED, OTHER, 0);
  add_target (house, make_target (FOYER_TARGET_DISPLAY, SCREEN));
  add_target (house, make_target (FOYER_TARGET_NODE, NODE));
  add_target (house, make_target (FOYER_TARGET_APP, APP));
  step (house,
      (FoyerEvent){ .kind = FOYER_EVENT_RULE_ADDED, .rule = make_rule (RULE) });
  g_assert_cmpuint (house->effects.n_effects, ==, 0);
  return house;
}

static FoyerEvent
make_cast (uint64_t session, uint64_t camera, FoyerTargetKind kind,
    uint64_t target)
{
  return (FoyerEvent){ .kind = FOYER_EVENT_CAST,
    .session = { session },
    .request = { .camera = { camera },
        .target = kind,
        .target_id = { target },
        .media = FOYER_MEDIA_VIDEO } };
}

static void
cast (House *house, uint64_t session)
{
  step (house, make_cast (session, CAMERA, FOYER_TARGET_DISPLAY, SCREEN));
}

static void
word (House *house, FoyerEventKind kind, uint64_t session)
{
  step (house,
      (FoyerEvent){ .kind = kind,
          .session = { session },
          .key = { 1, 2, 3 },
          .has_signed = true,
          .has_chain = true });
}

static void
end (House *house, FoyerEventKind kind, uint64_t session, FoyerReason reason)
{
  step (house,
      (FoyerEvent){ .kind = kind, .session = { session }, .reason = reason });
}

/* One of zeros, if there is none. */
static const FoyerSession *
session_of (House *house, uint64_t id)
{
  static const FoyerSession none;
  const FoyerSession *session = foyer_core_find_session (&house->core,
      (FoyerSessionId){ id });

  return session != NULL ? session : &none;
}

static FoyerSessionState
state_of (House *house, uint64_t id)
{
  return session_of (house, id)->state;
}

/* The effects of the last step, in order, as a list of kinds that 0 ends. */
static void
assert_effects (const House *house, const FoyerEffectKind *kinds)
{
  uint32_t n = 0;

  for (; kinds[n] != FOYER_EFFECT_NONE; n++) {
    g_assert_cmpuint (n, <, house->effects.n_effects);
    g_assert_cmpint (house->effects.effects[n].kind, ==, kinds[n]);
  }
  g_assert_cmpuint (n, ==, house->effects.n_effects);
}

#define ASSERT_EFFECTS(house, ...) \
  assert_effects (house,           \
      (const FoyerEffectKind[]){ __VA_ARGS__, FOYER_EFFECT_NONE })
#define ASSERT_NOTHING(house) g_assert_cmpuint (house->effects.n_effects, ==, 0)

/* The nullable effect of a kind. */
static const FoyerEffect *
find_effect (const House *house, FoyerEffectKind kind)
{
  for (uint32_t i = 0; i < house->effects.n_effects; i++) {
    if (house->effects.effects[i].kind == kind)
      return &house->effects.effects[i];
  }
  return NULL;
}

static void
assert_reason (const House *house, FoyerEffectKind kind, FoyerReason reason)
{
  const FoyerEffect *effect = find_effect (house, kind);

  g_assert_true (effect != NULL && effect->reason == reason);
}

static void
open_camera (House *house, uint64_t id)
{
  const FoyerCamera *camera = foyer_core_find_camera (&house->core,
      (FoyerCameraId){ id });

  camera_event (house, FOYER_EVENT_CAMERA_OPENED, id,
      camera != NULL ? camera->generation : 0);
}

/* A session to the display in a state before CLOSING. */
static House *
house_with (FoyerSessionState state)
{
  House *house = house_new ();

  cast (house, 1);
  open_camera (house, CAMERA);
  if (state >= FOYER_SESSION_IDENTIFYING)
    word (house, FOYER_EVENT_WORKER_READY, 1);
  if (state >= FOYER_SESSION_PREPARING)
    word (house, FOYER_EVENT_WORKER_IDENTITY, 1);
  if (state >= FOYER_SESSION_LINKED)
    word (house, FOYER_EVENT_WORKER_STREAMING, 1);
  if (state >= FOYER_SESSION_LIVE)
    word (house, FOYER_EVENT_WORKER_LIVE, 1);
  g_assert_cmpint (state_of (house, 1), ==, state);
  return house;
}
