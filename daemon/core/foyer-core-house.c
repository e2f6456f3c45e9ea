/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-core-house.h"

#include "foyer-core-session.h"

#include <string.h>

#define N_TARGETS (FOYER_TARGET_ANY * FOYER_CORE_MAX_TARGETS)

static void
close_camera (FoyerCamera *camera, FoyerEffects *effects)
{
  if (camera->state <= FOYER_CAMERA_CLOSED)
    return;
  foyer_effects_add (effects,
      (FoyerEffect){ FOYER_EFFECT_CLOSE_CAMERA, { 0 }, camera->id,
          camera->generation });
  camera->state = FOYER_CAMERA_CLOSED;
  camera->due_us = 0;
}

/* The generation is that of the opening that the grant asks for, or finds. */
void
foyer_core_open_camera (FoyerCore *core, FoyerCamera *camera, int64_t now_us,
    FoyerEffects *effects)
{
  if (camera->state == FOYER_CAMERA_OPEN)
    camera->due_us = 0;
  if (camera->state != FOYER_CAMERA_CLOSED)
    return;
  core->last_generation++;
  camera->generation = core->last_generation;
  camera->state = FOYER_CAMERA_OPENING;
  camera->due_us = now_us + FOYER_CORE_OPEN_US;
  foyer_effects_add (effects,
      (FoyerEffect){ FOYER_EFFECT_OPEN_CAMERA, { 0 }, camera->id,
          camera->generation });
}

static FoyerReason
on_camera_added (FoyerCore *core, const FoyerEvent *event)
{
  FoyerCamera *camera = (FoyerCamera *) foyer_core_find_camera (core,
      event->camera);

  if (event->camera.v == 0)
    return FOYER_REASON_MALFORMED;
  for (uint32_t i = 0; camera == NULL && i < FOYER_CORE_MAX_CAMERAS; i++)
    if (core->cameras[i].state == FOYER_CAMERA_GONE)
      camera = &core->cameras[i];
  if (camera == NULL)
    return FOYER_REASON_FULL;
  camera->id = event->camera;
  camera->is_ambiguous = event->is_on;
  if (camera->state == FOYER_CAMERA_GONE)
    camera->state = FOYER_CAMERA_CLOSED;
  return FOYER_REASON_NONE;
}

/* A camera's process says that it is open, or has ended; or it is unplugged. */
static void
on_camera_event (FoyerCore *core, const FoyerEvent *event,
    FoyerEffects *effects)
{
  FoyerCamera *camera = (FoyerCamera *) foyer_core_find_camera (core,
      event->camera);
  bool is_current = camera != NULL && camera->generation == event->generation;

  if (camera != NULL && event->kind == FOYER_EVENT_CAMERA_REMOVED) {
    close_camera (camera, effects);
    memset (camera, 0, sizeof (FoyerCamera));
  } else if (is_current && event->kind == FOYER_EVENT_CAMERA_FAILED) {
    camera->state = FOYER_CAMERA_CLOSED;
    camera->due_us = 0;
  } else if (is_current && event->kind == FOYER_EVENT_CAMERA_OPENED &&
      camera->state == FOYER_CAMERA_OPENING) {
    camera->state = FOYER_CAMERA_OPEN;
    camera->due_us = 0;
  }
}

static FoyerReason
on_target_added (FoyerCore *core, const FoyerTarget *target)
{
  FoyerTarget *slot = (FoyerTarget *) foyer_core_find_target (core,
      target->kind, target->id);

  if (target->kind == FOYER_TARGET_NONE || target->kind >= FOYER_TARGET_ANY ||
      target->id.v == 0 || target->trust > FOYER_TRUST_ANY)
    return FOYER_REASON_MALFORMED;
  for (uint32_t i = 0; slot == NULL && i < FOYER_CORE_MAX_TARGETS; i++)
    if (core->targets[target->kind * FOYER_CORE_MAX_TARGETS + i].id.v == 0)
      slot = &core->targets[target->kind * FOYER_CORE_MAX_TARGETS + i];
  if (slot == NULL)
    return FOYER_REASON_FULL;
  *slot = *target;
  return FOYER_REASON_NONE;
}

void
foyer_core_settle_camera (const FoyerCore *core, FoyerCamera *camera,
    const FoyerMoment *moment, FoyerEffects *effects)
{
  bool is_used = false;

  if (camera->state <= FOYER_CAMERA_CLOSED)
    return;
  for (uint32_t i = 0; i < FOYER_CORE_MAX_SESSIONS; i++)
    is_used |= core->sessions[i].generation == camera->generation &&
        core->sessions[i].state != FOYER_SESSION_CLEANING;
  if (core->is_locked_down || camera->is_ambiguous ||
      foyer_moment_is_past (moment, camera->due_us) ||
      (camera->state == FOYER_CAMERA_OPENING && !is_used))
    close_camera (camera, effects);
  else if (camera->state == FOYER_CAMERA_OPEN && is_used)
    camera->due_us = 0;
  else if (camera->state == FOYER_CAMERA_OPEN && camera->due_us == 0)
    camera->due_us = moment->now_us + FOYER_CORE_IDLE_US;
}

FoyerReason
foyer_core_take_house_event (FoyerCore *core, const FoyerEvent *event,
    FoyerEffects *effects)
{
  FoyerTarget *target = (FoyerTarget *) foyer_core_find_target (core,
      event->target.kind, event->target.id);

  if (event->kind == FOYER_EVENT_LOCKDOWN)
    core->is_locked_down = event->is_on;
  else if (event->kind == FOYER_EVENT_RULE_ADDED)
    return core->policy.n_rules == FOYER_POLICY_MAX_RULES ? FOYER_REASON_FULL
        : foyer_policy_add (&core->policy, &event->rule)
        ? FOYER_REASON_NONE
        : FOYER_REASON_MALFORMED;
  else if (event->kind == FOYER_EVENT_RULE_REMOVED)
    return foyer_policy_remove (&core->policy, event->rule.id)
        ? FOYER_REASON_NONE
        : FOYER_REASON_MALFORMED;
  else if (event->kind == FOYER_EVENT_CAMERA_ADDED)
    return on_camera_added (core, event);
  else if (event->kind == FOYER_EVENT_TARGET_ADDED)
    return on_target_added (core, &event->target);
  else if (event->kind == FOYER_EVENT_TARGET_REMOVED && target != NULL)
    memset (target, 0, sizeof (FoyerTarget));
  else
    on_camera_event (core, event, effects);
  return FOYER_REASON_NONE;
}

/* When a schedule next changes its answer, or clocks may be put forward. */
static int64_t
get_schedule_due_us (const FoyerPolicy *policy, const FoyerMoment *moment)
{
  uint32_t minute = moment->minute_of_week, n_minutes = 15 - minute % 15;
  bool has_schedule = false;

  for (uint32_t i = 0; i < policy->n_rules; i++) {
    const FoyerRule *rule = &policy->rules[i];
    bool is_in = foyer_rule_is_in_window (rule, minute);

    has_schedule |= rule->n_windows != 0;
    for (uint32_t k = 1; k < n_minutes; k++)
      if (foyer_rule_is_in_window (rule, (minute + k) % FOYER_MINUTES_A_WEEK) !=
          is_in)
        n_minutes = k;
  }
  return has_schedule
      ? moment->now_us + (n_minutes * 60 - moment->wall_s % 60) * FOYER_US_PER_S
      : 0;
}

int64_t
foyer_core_get_deadline_us (const FoyerCore *core, const FoyerMoment *moment)
{
  int64_t due_us = 0;
  bool has_active = false;

  for (uint32_t i = 0; i < FOYER_CORE_MAX_SESSIONS; i++) {
    due_us = foyer_earlier_us (due_us, core->sessions[i].due_us);
    if (foyer_session_is_active (&core->sessions[i])) {
      due_us = foyer_earlier_us (due_us, core->sessions[i].ends_us);
      has_active = true;
    }
  }
  for (uint32_t i = 0; i < FOYER_CORE_MAX_CAMERAS; i++)
    due_us = foyer_earlier_us (due_us, core->cameras[i].due_us);
  return has_active
      ? foyer_earlier_us (due_us, get_schedule_due_us (&core->policy, moment))
      : due_us;
}

const FoyerSession *
foyer_core_find_session (const FoyerCore *core, FoyerSessionId id)
{
  /*@ loop invariant 0 <= i <= FOYER_CORE_MAX_SESSIONS;
    @ loop invariant id.v != 0 ==> (\forall integer k; 0 <= k < i ==>
    @   !(core->sessions[k].id.v == id.v));
    @ loop assigns i;
    @ loop variant FOYER_CORE_MAX_SESSIONS - i;
    @*/
  for (uint32_t i = 0; id.v != 0 && i < FOYER_CORE_MAX_SESSIONS; i++)
    if (foyer_session_id_equal (core->sessions[i].id, id))
      return &core->sessions[i];
  return NULL;
}

const FoyerCamera *
foyer_core_find_camera (const FoyerCore *core, FoyerCameraId id)
{
  /*@ loop invariant 0 <= i <= FOYER_CORE_MAX_CAMERAS;
    @ loop invariant id.v != 0 ==> (\forall integer k; 0 <= k < i ==>
    @   !(core->cameras[k].id.v == id.v));
    @ loop assigns i;
    @ loop variant FOYER_CORE_MAX_CAMERAS - i;
    @*/
  for (uint32_t i = 0; id.v != 0 && i < FOYER_CORE_MAX_CAMERAS; i++)
    if (foyer_camera_id_equal (core->cameras[i].id, id))
      return &core->cameras[i];
  return NULL;
}

const FoyerTarget *
foyer_core_find_target (const FoyerCore *core, FoyerTargetKind kind,
    FoyerTargetId id)
{
  /*@ loop invariant 0 <= i <= N_TARGETS;
    @ loop invariant id.v != 0 ==> (\forall integer k; 0 <= k < i ==>
    @   !(core->targets[k].id.v == id.v && core->targets[k].kind == kind));
    @ loop assigns i;
    @ loop variant N_TARGETS - i;
    @*/
  for (uint32_t i = 0; id.v != 0 && i < N_TARGETS; i++)
    if (core->targets[i].kind == kind &&
        foyer_target_id_equal (core->targets[i].id, id))
      return &core->targets[i];
  return NULL;
}
