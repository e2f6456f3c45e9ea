/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-policy.h"
#include "foyer-reason.h"

/* The state of the house and the one way it changes:
 *
 *     foyer_core_step (state, event) → state', effects
 *
 * Cameras, targets, sessions and their grants, revocation, lockdown, expiry,
 * deaths and losses: every decision of the control plane is made here and
 * carried out elsewhere. Pure C11 as foyer-policy.h; one plain struct of fixed
 * capacity, in which full means deny.
 *
 * A session never changes its camera, generation, target or grant. It goes
 *
 *     STARTING → IDENTIFYING → PREPARING → LINKED → LIVE
 *          any of these → CLOSING → CLEANING → gone
 *
 * In LINKED and LIVE, and in no other state, camera data may reach its worker
 * and leave it. CLOSING ends within FOYER_CORE_CLOSE_US, by the worker's word
 * or its death; only then was the session silenced and may a caller be told.
 * CLEANING takes the picture off the display, FOYER_CORE_CLEAN_US at most. */

/* A smaller house has the same rules: it may be built with less room. */
#ifndef FOYER_CORE_MAX_CAMERAS
#define FOYER_CORE_MAX_CAMERAS  64
#define FOYER_CORE_MAX_TARGETS  64 /* of each kind */
#define FOYER_CORE_MAX_SESSIONS 256
#define FOYER_CORE_MAX_EFFECTS  2048
#endif
#define FOYER_CORE_KEY_BYTES 32

#define FOYER_CORE_CLOSE_US (50 * 1000)
#define FOYER_CORE_CLEAN_US (2 * 1000 * 1000)
#define FOYER_CORE_START_US (15 * 1000 * 1000) /* until LINKED */
#define FOYER_CORE_IDLE_US  (2 * 1000 * 1000)  /* camera without session */
#define FOYER_CORE_OPEN_US  (10 * 1000 * 1000) /* until a camera is open */

typedef enum
{
  FOYER_CAMERA_GONE = 0, /* free slot */
  FOYER_CAMERA_CLOSED,   /* plugged in; no process has it */
  FOYER_CAMERA_OPENING,
  FOYER_CAMERA_OPEN,
} FoyerCameraState;

/**
 * FoyerCamera:
 * @id: what it is
 * @state: whether it is open
 * @is_ambiguous: another camera can't be told from it: both are refused
 * @generation: of the opening in progress or the last one; 0 for none yet. All
 *   openings of the house are counted in one row, so that it never goes back,
 *   not even for a camera that was unplugged in between
 * @due_us: when it is to be closed for want of sessions, or has failed to open;
 *   0 for never
 */
typedef struct
{
  FoyerCameraId id;
  FoyerCameraState state;
  bool is_ambiguous;
  uint64_t generation;
  int64_t due_us;
} FoyerCamera;

/* How sure of a display one must be; as the cast's own levels. */
typedef enum
{
  FOYER_TRUST_DEVICE = 0, /* the chain verifies and the paired key signed */
  FOYER_TRUST_PINNED,     /* the paired key signed */
  FOYER_TRUST_ANY,        /* anybody; tests only */
} FoyerTrust;

/**
 * FoyerTarget:
 * @kind: #FOYER_TARGET_NONE for a free slot
 * @id: what it is
 * @trust: how sure to be of it; displays alone
 * @is_paired: the owner accepted its key; displays alone
 * @key: SHA-256 of the key that was accepted
 */
typedef struct
{
  FoyerTargetKind kind;
  FoyerTargetId id;
  FoyerTrust trust;
  bool is_paired;
  uint8_t key[FOYER_CORE_KEY_BYTES];
} FoyerTarget;

typedef enum
{
  FOYER_SESSION_FREE = 0,
  FOYER_SESSION_STARTING,    /* its worker is being launched */
  FOYER_SESSION_IDENTIFYING, /* the worker runs; who is the display? */
  FOYER_SESSION_PREPARING,   /* accepted; not yet ready for frames */
  FOYER_SESSION_LINKED,      /* joined to the camera */
  FOYER_SESSION_LIVE,        /* the first frame left */
  FOYER_SESSION_CLOSING,     /* told to close its gate */
  FOYER_SESSION_CLEANING,    /* silent; the display is being cleaned up */
} FoyerSessionState;

/**
 * FoyerSession:
 * @id: 0 for a free slot; never reused
 * @state: where it is
 * @camera: what it shows
 * @generation: of the opening that it was granted for: the one in force, or the
 *   one that the grant itself asked for
 * @target: what shows it: kind
 * @target_id: and which
 * @request: as it was granted, to be decided again when rules change; its moment
 *   is that of the grant
 * @rule: the rule that allowed it
 * @granted_us: monotonic time of the grant: no frame captured earlier passes
 * @ends_us: when its time is over, monotonic; 0 for never
 * @due_us: when the present state has lasted too long, monotonic; 0 for never
 * @reason: why it ends, once it does
 * @has_worker: a process of its own lives, or is being launched; without one, a
 *   session that is cleaning has a cleaner
 * @is_streaming: the worker may be linked, as soon as the camera is open
 * @is_approved: the display was told to be the granted one; it may show
 *   something that is to be cleaned up
 * @is_killed: the worker's end alone counts, no longer its word
 * @key: the display's, as the worker saw it; to be compared again when the
 *   target changes
 * @has_signed: so is this
 * @has_chain: and this
 */
typedef struct
{
  FoyerSessionId id;
  FoyerSessionState state;
  FoyerCameraId camera;
  uint64_t generation;
  FoyerTargetKind target;
  FoyerTargetId target_id;
  FoyerRequest request;
  FoyerRuleId rule;
  int64_t granted_us;
  int64_t ends_us;
  int64_t due_us;
  FoyerReason reason;
  bool has_worker;
  bool is_streaming;
  bool is_approved;
  bool is_killed;
  uint8_t key[FOYER_CORE_KEY_BYTES];
  bool has_signed;
  bool has_chain;
} FoyerSession;

/**
 * FoyerCore:
 * @is_locked_down: nothing is granted until this is taken back
 * @last_generation: of all cameras' openings
 * @policy: the rules
 * @cameras: all that are plugged in
 * @targets: displays, nodes and apps
 * @sessions: all that are not over
 *
 * The house. All bits zero is a house with nothing in it, in which everything
 * is denied.
 */
typedef struct
{
  bool is_locked_down;
  uint64_t last_generation;
  FoyerPolicy policy;
  FoyerCamera cameras[FOYER_CORE_MAX_CAMERAS];
  FoyerTarget targets[FOYER_TARGET_ANY * FOYER_CORE_MAX_TARGETS];
  FoyerSession sessions[FOYER_CORE_MAX_SESSIONS];
} FoyerCore;

typedef enum
{
  FOYER_EVENT_NONE = 0,
  FOYER_EVENT_TICK,         /* time went on */
  FOYER_EVENT_LOCKDOWN,     /* is_on */
  FOYER_EVENT_RULE_ADDED,   /* rule */
  FOYER_EVENT_RULE_REMOVED, /* rule.id */
  FOYER_EVENT_CAMERA_ADDED, /* camera, is_on: ambiguous; again to change that */
  FOYER_EVENT_CAMERA_REMOVED,  /* camera */
  FOYER_EVENT_CAMERA_OPENED,   /* camera, generation */
  FOYER_EVENT_CAMERA_FAILED,   /* camera, generation: its process ended */
  FOYER_EVENT_TARGET_ADDED,    /* target; again to change trust, pairing, key */
  FOYER_EVENT_TARGET_REMOVED,  /* target.kind, target.id: forgotten */
  FOYER_EVENT_CAST,            /* session, request, longest_s */
  FOYER_EVENT_STOP,            /* session, reason: STOPPED or CALLER_GONE */
  FOYER_EVENT_WORKER_READY,    /* session: locked in, connected */
  FOYER_EVENT_WORKER_IDENTITY, /* session, key, has_signed, has_chain */
  FOYER_EVENT_WORKER_STREAMING, /* session: may be linked */
  FOYER_EVENT_WORKER_LIVE,      /* session: the first frame left */
  FOYER_EVENT_WORKER_CLOSED,    /* session: gate and history are closed */
  FOYER_EVENT_WORKER_FAILED, /* session, reason: says so itself, gate closed */
  FOYER_EVENT_WORKER_GONE,   /* session, reason: the process has ended; NONE
                                for an exit with success */
  FOYER_EVENT_CLEANED,       /* session: the cleaner is done, or failed */
  FOYER_N_EVENTS,
} FoyerEventKind;

/* One thing that happened; what its kind does not name is not looked at, but for
 * the moment, which every event has. */
typedef struct
{
  FoyerEventKind kind;
  FoyerMoment moment;
  bool is_on;
  FoyerRule rule;
  FoyerCameraId camera;
  uint64_t generation;
  FoyerTarget target;
  FoyerSessionId session;
  FoyerRequest request; /* its moment is the event's */
  uint32_t longest_s;   /* asked for; 0 for no bound */
  FoyerReason reason;
  uint8_t key[FOYER_CORE_KEY_BYTES];
  bool has_signed;
  bool has_chain;
} FoyerEvent;

/* What is to be done. An effect on a session names its camera, generation, rule
 * and reason too. CLOSE and KILL may come while the worker is still being
 * launched; a launch that fails is a worker that is gone. CLOSE_CAMERA may come
 * while its sessions are still closing, as under lockdown. */
typedef enum
{
  FOYER_EFFECT_NONE = 0,
  FOYER_EFFECT_GRANTED,      /* session, rule: tell and log */
  FOYER_EFFECT_REFUSED,      /* session, reason, rule: tell and log */
  FOYER_EFFECT_OPEN_CAMERA,  /* camera, generation */
  FOYER_EFFECT_CLOSE_CAMERA, /* camera, generation: end its process */
  FOYER_EFFECT_SPAWN,        /* session: launch its worker */
  FOYER_EFFECT_APPROVE,      /* session: the display is the granted one; of
                                displays alone */
  FOYER_EFFECT_LINK,         /* session, camera, generation */
  FOYER_EFFECT_UNLINK,       /* session, camera, generation: the camera's end */
  FOYER_EFFECT_CLOSE,    /* session: close the gate, say so, then clean up */
  FOYER_EFFECT_KILL,     /* session: its worker; the kernel's word is enough */
  FOYER_EFFECT_SILENCED, /* session: no byte leaves any more */
  FOYER_EFFECT_CLEAN,    /* session: launch a cleaner for its display */
  FOYER_EFFECT_ENDED,    /* session, reason: tell and log; the id is gone. A
                            cleaner that still runs is killed */
  FOYER_EFFECT_CHANGED,  /* session: its state did */
  FOYER_EFFECT_FAILED,   /* the event itself was refused: reason */
} FoyerEffectKind;

typedef struct
{
  FoyerEffectKind kind;
  FoyerSessionId session;
  FoyerCameraId camera;
  uint64_t generation;
  FoyerReason reason;
  FoyerRuleId rule;
} FoyerEffect;

/**
 * FoyerEffects:
 * @effects: (array length=n_effects): to be carried out in this order
 * @n_effects: how many
 *
 * There is room for every effect that any event can have.
 */
typedef struct
{
  FoyerEffect effects[FOYER_CORE_MAX_EFFECTS];
  uint32_t n_effects;
} FoyerEffects;

/**
 * foyer_core_step:
 * @core: the house; changed
 * @event: what happened
 * @effects: (out): what is to be done about it
 *
 * An event that does not fit the state (a session that is gone, a generation
 * that is past, a word out of turn) changes nothing but what it must to be safe:
 * a worker that speaks out of turn ends with #FOYER_REASON_WORKER_ROGUE, killed
 * and not asked. What a worker said before it heard CLOSE is let pass.
 */
void foyer_core_step (FoyerCore *core, const FoyerEvent *event,
    FoyerEffects *effects);

/**
 * foyer_core_get_deadline_us:
 * @core: the house
 * @moment: now
 *
 * Returns: when a #FOYER_EVENT_TICK is due, monotonic; 0 for not before
 *   something happens. While a session was granted by a rule with a schedule,
 *   at least at every full minute in which the schedule's answer changes, and
 *   at every quarter of an hour, when clocks may be put forward or back
 */
int64_t foyer_core_get_deadline_us (const FoyerCore *core,
    const FoyerMoment *moment);

/* (nullable): the session of that id; borrowed until the next step. */
/*@ requires \valid_read (core);
  @ assigns \result \from core, id, core->sessions[0 .. FOYER_CORE_MAX_SESSIONS - 1];
  @ ensures \result == \null <==> id.v == 0 ||
  @   (\forall integer i; 0 <= i < FOYER_CORE_MAX_SESSIONS ==> !(core->sessions[i].id.v == id.v));
  @ ensures \result != \null ==> (\exists integer i; 0 <= i < FOYER_CORE_MAX_SESSIONS &&
  @   \result == &core->sessions[i] && core->sessions[i].id.v == id.v);
  @*/
const FoyerSession *foyer_core_find_session (const FoyerCore *core,
    FoyerSessionId id);
/*@ requires \valid_read (core);
  @ assigns \result \from core, id, core->cameras[0 .. FOYER_CORE_MAX_CAMERAS - 1];
  @ ensures \result == \null <==> id.v == 0 ||
  @   (\forall integer i; 0 <= i < FOYER_CORE_MAX_CAMERAS ==> !(core->cameras[i].id.v == id.v));
  @ ensures \result != \null ==> (\exists integer i; 0 <= i < FOYER_CORE_MAX_CAMERAS &&
  @   \result == &core->cameras[i] && core->cameras[i].id.v == id.v);
  @*/
const FoyerCamera *foyer_core_find_camera (const FoyerCore *core,
    FoyerCameraId id);
/*@ requires \valid_read (core);
  @ assigns \result \from core, id, core->targets[0 .. FOYER_TARGET_ANY * FOYER_CORE_MAX_TARGETS - 1];
  @ ensures \result == \null <==> id.v == 0 ||
  @   (\forall integer i; 0 <= i < FOYER_TARGET_ANY * FOYER_CORE_MAX_TARGETS ==> !(core->targets[i].id.v == id.v && core->targets[i].kind == kind));
  @ ensures \result != \null ==> (\exists integer i; 0 <= i < FOYER_TARGET_ANY * FOYER_CORE_MAX_TARGETS &&
  @   \result == &core->targets[i] && core->targets[i].id.v == id.v && core->targets[i].kind == kind);
  @*/
const FoyerTarget *foyer_core_find_target (const FoyerCore *core,
    FoyerTargetKind kind, FoyerTargetId id);

/* Whether camera data may leave in this state: LINKED and LIVE alone. */
/*@ assigns \nothing;
  @ ensures \result <==>
  @   state == FOYER_SESSION_LINKED || state == FOYER_SESSION_LIVE;
  @*/
bool foyer_session_state_is_open (FoyerSessionState state);
