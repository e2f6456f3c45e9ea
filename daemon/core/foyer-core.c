/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-core-house.h"
#include "foyer-core-session.h"

#include <string.h>

/* An event itself has five effects at most; while the house settles, a session
 * has three and a camera one. */
_Static_assert(FOYER_CORE_MAX_EFFECTS >=
        5 + 3 * FOYER_CORE_MAX_SESSIONS + FOYER_CORE_MAX_CAMERAS,
    "room for every effect of any event");

/* What is proven here stands in the comments that begin with @, for Frama-C. */
/*@ // The rules can be read, and none expires later than it may say.
  @ predicate foyer_core_is_table (FoyerCore *core) =
  @   foyer_policy_is_table (&core->policy) &&
  @   (\forall integer i; 0 <= i < core->policy.n_rules ==>
  @       0 <= core->policy.rules[i].expires_s <= FOYER_POLICY_MAX_EXPIRES_S);
  @
  @ // Times that a clock shows.
  @ predicate foyer_time_is_usual (integer us) = 0 <= us <= 0x3fffffffffffffff;
  @ predicate foyer_moment_is_usual (FoyerMoment *moment) =
  @   foyer_time_is_usual (moment->now_us) &&
  @   0 <= moment->wall_s <= FOYER_POLICY_MAX_EXPIRES_S;
  @ predicate foyer_session_is_usual (FoyerSession *session) =
  @   foyer_time_is_usual (session->granted_us);
  @
  @ predicate foyer_key_equal (uint8_t *a, uint8_t *b) =
  @   \forall integer k; 0 <= k < FOYER_CORE_KEY_BYTES ==> a[k] == b[k];
  @
  @ predicate foyer_core_has_target (FoyerCore *core, integer kind, integer id) =
  @   id != 0 && (\exists integer i; 0 <= i < FOYER_TARGET_ANY * FOYER_CORE_MAX_TARGETS &&
  @     core->targets[i].id.v == id && core->targets[i].kind == kind);
  @
  @ // I7: there is such a display, and it signed with the key that was accepted.
  @ predicate foyer_display_is_granted (FoyerCore *core, FoyerSession *session) =
  @   \exists integer i; 0 <= i < FOYER_TARGET_ANY * FOYER_CORE_MAX_TARGETS &&
  @     core->targets[i].id.v == session->target_id.v &&
  @     core->targets[i].kind == session->target &&
  @     (core->targets[i].trust == FOYER_TRUST_ANY ||
  @      (core->targets[i].is_paired && session->has_signed &&
  @       foyer_key_equal (&core->targets[i].key[0], &session->key[0]) &&
  @       (core->targets[i].trust != FOYER_TRUST_DEVICE || session->has_chain)));
  @
  @ predicate foyer_core_has_session_of (FoyerCore *core, integer kind, integer id) =
  @   \exists integer i; 0 <= i < FOYER_CORE_MAX_SESSIONS &&
  @     core->sessions[i].target == kind && core->sessions[i].target_id.v == id;
  @
  @ // I1, I4, I7: all that a session stands on but the rules, which are asked again.
  @ predicate foyer_session_may_go_on (FoyerCore *core, FoyerSession *session,
  @     FoyerCamera *camera, FoyerMoment *moment) =
  @   !core->is_locked_down && camera != \null && !camera->is_ambiguous &&
  @   camera->state != FOYER_CAMERA_CLOSED &&
  @   camera->generation == session->generation &&
  @   foyer_core_has_target (core, session->target, session->target_id.v) &&
  @   (session->is_approved ==> foyer_display_is_granted (core, session)) &&
  @   (session->due_us == 0 || moment->now_us < session->due_us) &&
  @   (session->ends_us == 0 || moment->now_us < session->ends_us);
  @
  @ // I9: all that a grant stands on.
  @ predicate foyer_may_be_granted (FoyerCore *core, integer id,
  @     FoyerRequest *request, FoyerCamera *camera) =
  @   id != 0 && !core->is_locked_down && camera != \null &&
  @   !camera->is_ambiguous && foyer_request_is_good (request) &&
  @   (\forall integer i; 0 <= i < FOYER_CORE_MAX_SESSIONS ==>
  @       core->sessions[i].id.v != id) &&
  @   foyer_core_has_target (core, request->target, request->target_id.v) &&
  @   (\exists integer i; 0 <= i < core->policy.n_rules &&
  @       foyer_rule_allows (&core->policy.rules[i], request)) &&
  @   (\forall integer i; 0 <= i < core->policy.n_rules ==>
  @       !foyer_rule_denies (&core->policy.rules[i], request)) &&
  @   (request->target == FOYER_TARGET_APP ||
  @       !foyer_core_has_session_of (core, request->target, request->target_id.v));
  @*/

/*@ requires \valid_read (a + (0 .. FOYER_CORE_KEY_BYTES - 1));
  @ requires \valid_read (b + (0 .. FOYER_CORE_KEY_BYTES - 1));
  @ assigns \nothing;
  @ ensures \result <==> foyer_key_equal (a, b);
  @*/
static bool
key_equal (const uint8_t *a, const uint8_t *b)
{
  /*@ loop invariant 0 <= i <= FOYER_CORE_KEY_BYTES;
    @ loop invariant \forall integer k; 0 <= k < i ==> a[k] == b[k];
    @ loop assigns i;
    @ loop variant FOYER_CORE_KEY_BYTES - i;
    @*/
  for (uint32_t i = 0; i < FOYER_CORE_KEY_BYTES; i++)
    if (a[i] != b[i])
      return false;
  return true;
}

/* I7: why the display that a worker saw is not the one that was granted. */
/*@ requires \valid_read (core) && \valid_read (session);
  @ assigns \nothing;
  @ ensures \result == FOYER_REASON_NONE ==>
  @   foyer_display_is_granted (core, session);
  @*/
static FoyerReason
why_not_display (const FoyerCore *core, const FoyerSession *session)
{
  const FoyerTarget *target = foyer_core_find_target (core, session->target,
      session->target_id);

  if (target == NULL)
    return FOYER_REASON_TARGET_GONE;
  if (target->trust == FOYER_TRUST_ANY)
    return FOYER_REASON_NONE;
  if (!target->is_paired)
    return FOYER_REASON_NOT_PAIRED;
  if (!key_equal (target->key, session->key))
    return FOYER_REASON_KEY_CHANGED;
  if (!session->has_signed ||
      (target->trust == FOYER_TRUST_DEVICE && !session->has_chain))
    return FOYER_REASON_NOT_VERIFIED;
  return FOYER_REASON_NONE;
}

/* I9: asks the policy as if the session began now. Its time only gets less. */
/*@ requires \valid_read (core) && \valid (session) && \valid_read (moment);
  @ requires \separated (session, core, moment);
  @ requires foyer_core_is_table (core) && foyer_moment_is_usual (moment);
  @ requires foyer_session_is_usual (session);
  @ assigns session->ends_us;
  @ ensures \result == FOYER_REASON_NONE ==>
  @   session->ends_us == 0 || moment->now_us < session->ends_us;
  @ ensures \old (session->ends_us) != 0 ==>
  @   session->ends_us != 0 && session->ends_us <= \old (session->ends_us);
  @*/
static FoyerReason
why_not_allowed (const FoyerCore *core, FoyerSession *session,
    const FoyerMoment *moment)
{
  const FoyerRule *rule = foyer_policy_find (&core->policy, session->rule);
  FoyerRequest request = session->request;
  FoyerDecision decision;

  request.moment = *moment;
  decision = foyer_policy_decide (&core->policy, &request);
  if (decision.max_session_s != 0)
    session->ends_us = foyer_earlier_us (session->ends_us,
        session->granted_us + decision.max_session_s * FOYER_US_PER_S);
  if (decision.verdict == FOYER_VERDICT_ALLOW && decision.until_s != 0)
    session->ends_us = foyer_earlier_us (session->ends_us,
        moment->now_us + (decision.until_s - moment->wall_s) * FOYER_US_PER_S);
  if (foyer_moment_is_past (moment, session->ends_us) ||
      (rule != NULL && rule->expires_s != 0 &&
          moment->wall_s >= rule->expires_s))
    return FOYER_REASON_EXPIRED;
  return decision.verdict == FOYER_VERDICT_ALLOW ? FOYER_REASON_NONE
                                                 : FOYER_REASON_REVOKED;
}

/* Why a session may not go on: all of it is asked after every event. */
/*@ requires \valid_read (core) && \valid (session) && \valid_read (moment);
  @ requires camera == \null || \valid_read (camera);
  @ requires \separated (session, core, camera, moment);
  @ requires foyer_core_is_table (core) && foyer_moment_is_usual (moment);
  @ requires foyer_session_is_usual (session);
  @ assigns session->ends_us;
  @ ensures \result == FOYER_REASON_NONE ==>
  @   foyer_session_may_go_on (core, session, camera, moment);
  @*/
static FoyerReason
why_end (const FoyerCore *core, FoyerSession *session,
    const FoyerCamera *camera, const FoyerMoment *moment)
{
  FoyerReason reason = FOYER_REASON_NONE;

  if (core->is_locked_down)
    return FOYER_REASON_LOCKDOWN;
  if (camera == NULL)
    return FOYER_REASON_CAMERA_GONE;
  if (camera->is_ambiguous)
    return FOYER_REASON_AMBIGUOUS;
  if (camera->state == FOYER_CAMERA_CLOSED ||
      camera->generation != session->generation ||
      foyer_moment_is_past (moment, camera->due_us))
    return FOYER_REASON_CAMERA_FAILED;
  if (!foyer_core_find_target (core, session->target, session->target_id))
    return FOYER_REASON_TARGET_GONE;
  if (session->is_approved)
    reason = why_not_display (core, session);
  if (reason == FOYER_REASON_NONE)
    reason = why_not_allowed (core, session, moment);
  if (reason == FOYER_REASON_NONE &&
      foyer_moment_is_past (moment, session->due_us))
    reason = FOYER_REASON_TOO_SLOW;
  return reason;
}

/* Whether a display or a node is taken; apps never are. */
/*@ requires \valid_read (core) && \valid_read (request);
  @ assigns \nothing;
  @ ensures \result <==> request->target != FOYER_TARGET_APP &&
  @   foyer_core_has_session_of (core, request->target, request->target_id.v);
  @*/
static bool
is_busy (const FoyerCore *core, const FoyerRequest *request)
{
  bool is_taken = false;

  /*@ loop invariant 0 <= i <= FOYER_CORE_MAX_SESSIONS;
    @ loop invariant is_taken <==> (\exists integer k; 0 <= k < i &&
    @   core->sessions[k].target == request->target &&
    @   core->sessions[k].target_id.v == request->target_id.v);
    @ loop assigns i, is_taken;
    @ loop variant FOYER_CORE_MAX_SESSIONS - i;
    @*/
  for (uint32_t i = 0; i < FOYER_CORE_MAX_SESSIONS; i++)
    is_taken |= core->sessions[i].target == request->target &&
        foyer_target_id_equal (core->sessions[i].target_id, request->target_id);
  return is_taken && request->target != FOYER_TARGET_APP;
}

/*@ requires \valid_read (core) && \valid_read (request);
  @ requires camera == \null || \valid_read (camera);
  @ requires foyer_core_is_table (core);
  @ assigns \nothing;
  @ ensures \result == FOYER_REASON_NONE ==>
  @   foyer_may_be_granted (core, id.v, request, camera);
  @*/
static FoyerReason
why_refuse (const FoyerCore *core, FoyerSessionId id,
    const FoyerRequest *request, const FoyerCamera *camera)
{
  if (id.v == 0 || foyer_core_find_session (core, id) != NULL ||
      !foyer_request_is_valid (request))
    return FOYER_REASON_MALFORMED;
  if (core->is_locked_down)
    return FOYER_REASON_LOCKDOWN;
  if (camera == NULL)
    return FOYER_REASON_NO_CAMERA;
  if (camera->is_ambiguous)
    return FOYER_REASON_AMBIGUOUS;
  if (!foyer_core_find_target (core, request->target, request->target_id))
    return FOYER_REASON_NO_TARGET;
  if (foyer_policy_decide (&core->policy, request).verdict !=
      FOYER_VERDICT_ALLOW)
    return FOYER_REASON_DENIED;
  return is_busy (core, request) ? FOYER_REASON_BUSY : FOYER_REASON_NONE;
}

/* The one decision for one session; I3: its time begins here. */
static void
on_cast (FoyerCore *core, const FoyerEvent *event, FoyerEffects *effects)
{
  int64_t now_us = event->moment.now_us;
  FoyerRequest request = event->request;
  FoyerCamera *camera = (FoyerCamera *) foyer_core_find_camera (core,
      request.camera);
  FoyerSession *session = NULL;
  FoyerReason reason;
  FoyerRuleId rule;

  request.moment = event->moment;
  rule = foyer_policy_decide (&core->policy, &request).rule;
  reason = why_refuse (core, event->session, &request, camera);
  for (uint32_t i = 0; session == NULL && i < FOYER_CORE_MAX_SESSIONS; i++)
    if (core->sessions[i].state == FOYER_SESSION_FREE)
      session = &core->sessions[i];
  if (reason == FOYER_REASON_NONE && session == NULL)
    reason = FOYER_REASON_FULL;
  if (reason != FOYER_REASON_NONE || camera == NULL || session == NULL) {
    foyer_effects_add (effects,
        (FoyerEffect){ FOYER_EFFECT_REFUSED, event->session, request.camera, 0,
            reason,
            reason == FOYER_REASON_DENIED ? rule : (FoyerRuleId){ 0 } });
    return;
  }
  foyer_core_open_camera (core, camera, now_us, effects);
  *session = (FoyerSession){ .id = event->session,
    .camera = request.camera,
    .generation = camera->generation,
    .target = request.target,
    .target_id = request.target_id,
    .request = request,
    .rule = rule,
    .granted_us = now_us,
    .has_worker = true };
  if (event->longest_s != 0)
    session->ends_us = now_us + event->longest_s * FOYER_US_PER_S;
  foyer_session_take_turn (session, FOYER_EVENT_CAST, FOYER_REASON_NONE, now_us,
      effects);
}

/* The reason of an end, if it is one that a worker can have. */
static FoyerReason
ensure_reason (FoyerReason reason, FoyerReason otherwise)
{
  return reason >= FOYER_REASON_STOPPED && reason < FOYER_N_REASONS ? reason
                                                                    : otherwise;
}

static void
on_session_event (FoyerCore *core, const FoyerEvent *event,
    FoyerEffects *effects)
{
  FoyerSession *session = (FoyerSession *) foyer_core_find_session (core,
      event->session);
  uint32_t turn = event->kind;
  FoyerReason reason = FOYER_REASON_NONE;
  int64_t now_us = event->moment.now_us;

  if (session == NULL || session->has_worker == (turn == FOYER_EVENT_CLEANED))
    return;
  if (turn == FOYER_EVENT_WORKER_GONE) {
    bool is_clean = session->state == FOYER_SESSION_CLEANING &&
        !session->is_killed && event->reason == FOYER_REASON_NONE;

    session->has_worker = session->is_killed = false;
    reason = ensure_reason (event->reason, FOYER_REASON_WORKER_DIED);
    if (session->is_approved && !is_clean)
      turn = FOYER_TURN_GONE_DIRTY;
  } else if (turn == FOYER_EVENT_STOP) {
    reason = ensure_reason (event->reason, FOYER_REASON_STOPPED);
  } else if (session->is_killed) {
    return;
  } else if (turn == FOYER_EVENT_WORKER_READY &&
      session->target != FOYER_TARGET_DISPLAY) {
    turn = FOYER_TURN_READY;
  } else if (turn == FOYER_EVENT_WORKER_FAILED) {
    reason = ensure_reason (event->reason, FOYER_REASON_WORKER_ROGUE);
    if (reason == FOYER_REASON_WORKER_ROGUE)
      turn = FOYER_TURN_ROGUE;
  } else if (turn == FOYER_EVENT_WORKER_IDENTITY &&
      session->state == FOYER_SESSION_IDENTIFYING) {
    memcpy (session->key, event->key, FOYER_CORE_KEY_BYTES);
    session->has_signed = event->has_signed;
    session->has_chain = event->has_chain;
    reason = why_not_display (core, session);
    if (reason != FOYER_REASON_NONE)
      turn = FOYER_EVENT_STOP;
  }
  if (!foyer_session_take_turn (session, turn, reason, now_us, effects) &&
      event->kind >= FOYER_EVENT_WORKER_READY)
    foyer_session_take_turn (session, FOYER_TURN_ROGUE,
        FOYER_REASON_WORKER_ROGUE, now_us, effects);
}

/* What becomes of a session by itself. I1: linked is one that is active, stands on all
 * that can be asked, and whose worker and camera are ready. */
/*@ requires \valid_read (core) && \valid (session) && \valid_read (moment);
  @ requires camera == \null || \valid_read (camera);
  @ requires \valid (reason) && \separated (session, core, camera, moment, reason);
  @ requires foyer_core_is_table (core) && foyer_moment_is_usual (moment);
  @ requires foyer_session_is_usual (session);
  @ assigns session->ends_us, *reason;
  @ ensures \result == FOYER_EVENT_CAMERA_OPENED ==>
  @   session->state == FOYER_SESSION_PREPARING && session->is_streaming &&
  @   camera->state == FOYER_CAMERA_OPEN && *reason == FOYER_REASON_NONE &&
  @   foyer_session_may_go_on (core, session, camera, moment);
  @ ensures FOYER_SESSION_STARTING <= session->state <= FOYER_SESSION_LIVE &&
  @   \result != FOYER_EVENT_STOP ==>
  @   foyer_session_may_go_on (core, session, camera, moment);
  @*/
static uint32_t
choose_turn (const FoyerCore *core, FoyerSession *session,
    const FoyerCamera *camera, const FoyerMoment *moment, FoyerReason *reason)
{
  *reason = FOYER_REASON_NONE;
  if (!foyer_session_is_active (session)) {
    if (!foyer_moment_is_past (moment, session->due_us))
      return FOYER_EVENT_NONE;
    return session->has_worker ? FOYER_EVENT_TICK : FOYER_EVENT_CLEANED;
  }
  *reason = why_end (core, session, camera, moment);
  if (*reason != FOYER_REASON_NONE)
    return FOYER_EVENT_STOP;
  return session->state == FOYER_SESSION_PREPARING && session->is_streaming &&
          camera->state == FOYER_CAMERA_OPEN
      ? FOYER_EVENT_CAMERA_OPENED
      : FOYER_EVENT_NONE;
}

static void
settle_session (const FoyerCore *core, FoyerSession *session,
    const FoyerMoment *moment, FoyerEffects *effects)
{
  const FoyerCamera *camera = foyer_core_find_camera (core, session->camera);
  FoyerReason reason;
  uint32_t turn = choose_turn (core, session, camera, moment, &reason);

  if (turn != FOYER_EVENT_NONE)
    foyer_session_take_turn (session, turn, reason, moment->now_us, effects);
}

void
foyer_core_step (FoyerCore *core, const FoyerEvent *event,
    FoyerEffects *effects)
{
  FoyerReason reason = FOYER_REASON_NONE;

  effects->n_effects = 0;
  if (event->kind == FOYER_EVENT_CAST)
    on_cast (core, event, effects);
  else if (event->kind > FOYER_EVENT_CAST && event->kind < FOYER_N_EVENTS)
    on_session_event (core, event, effects);
  else
    reason = foyer_core_take_house_event (core, event, effects);
  if (reason != FOYER_REASON_NONE)
    foyer_effects_add (effects,
        (FoyerEffect){ .kind = FOYER_EFFECT_FAILED, .reason = reason });
  for (uint32_t i = 0; i < FOYER_CORE_MAX_SESSIONS; i++)
    settle_session (core, &core->sessions[i], &event->moment, effects);
  for (uint32_t i = 0; i < FOYER_CORE_MAX_CAMERAS; i++)
    foyer_core_settle_camera (core, &core->cameras[i], &event->moment, effects);
}
