/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-core.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* All states that a small house can come into *with its workers and devices*, when
 * anything may break off: the files of the core themselves, beside a model of the
 * processes that carry out what it says. What is asserted is not what the core
 * believes but what is so: whether a worker has a link and an open gate.
 *
 * Workers are honest and mortal. What one has said may come at any time after, out
 * of order, again and again, or never; so may what foyerd says to it, and what a
 * camera's process says, of this opening or an earlier one. It may be deaf, fail or
 * be killed at any moment, and outlives a KILL for a while. Its end is told by the
 * kernel, once, as late as it likes.
 *
 * foyerd may die at any moment, also between any two effects of one step. Then its
 * workers hear a closed channel some time, and until then what was sent before. The
 * kernel ends them with their parent (PR_SET_PDEATHSIG), so that the next foyerd
 * begins without any. It knows rules and lockdown, which were saved before
 * they counted, and gives every session that the log has no end of one.
 *
 * test-core-explore.c has rogues, strange displays and more of everything. */

#define N_CAMERAS   2
#define N_SLOTS     2
#define NOW_US      INT64_C (1000000000)
#define FAR_US      (NOW_US + INT64_C (1000000000))
#define WALL_S      1700000000
#define RULE_ID     7
#define DISPLAY_ID  21
#define APP_ID      22
#define STALE       1   /* a generation that is past, plus the camera */
#define CURRENT     100 /* the one in force, plus the camera */
#define TABLE_SLOTS (1u << 22)
G_STATIC_ASSERT (FOYER_CORE_MAX_CAMERAS == N_CAMERAS);
G_STATIC_ASSERT (FOYER_CORE_MAX_SESSIONS == N_SLOTS);

static const uint8_t paired_key[FOYER_CORE_KEY_BYTES] = { 1, 2, 3 };
static const FoyerMoment now = { NOW_US, WALL_S, 0 };

/* The house as it is. */

typedef enum
{
  LIFE_NONE = 0,
  LIFE_ALIVE,
  LIFE_DEAD,   /* killed; foyerd was not told yet */
  LIFE_EXITED, /* ended in peace, its display clean; not told yet */
} Life;

/* What foyerd has said to a worker: a set of these. */
enum
{
  SAY_APPROVE = 1 << 0,
  SAY_LINK = 1 << 1,
  SAY_CLOSE = 1 << 2,
  N_SAY = 3,
};

/* What a worker has said. */
enum
{
  SAID_READY = 1 << 0,
  SAID_IDENTITY = 1 << 1,
  SAID_STREAMING = 1 << 2,
  SAID_LIVE = 1 << 3,
  SAID_CLOSED = 1 << 4,
  SAID_FAILED = 1 << 5,
  N_SAID = 6,
};

typedef struct
{
  unsigned life;
  unsigned to;   /* said to it */
  unsigned from; /* said by it */
  bool is_app;
  bool has_approval;
  bool has_link;
  bool has_closed; /* its gate, for good */
  bool is_told;    /* somebody may have been told that it is silent */
  bool is_logged;  /* the log has its beginning and no end */
  bool has_cleaner;
} Worker;

/* The process of a camera. */
typedef struct
{
  unsigned life;
  bool has_said; /* that it is open */
} Device;

typedef struct
{
  bool is_up;    /* foyerd is */
  bool has_rule; /* saved */
  bool is_locked;
  Worker workers[N_SLOTS];
  Device devices[N_CAMERAS];
  FoyerCore core;
} World;

/* How much of it there is in one run. */
typedef struct
{
  unsigned n_cameras;
  unsigned n_sessions;
} Size;

/* What the adversary does. How many states there are changes with the core; that
 * each of these finds some that none before it found does not: one that finds none
 * has come to do nothing, and what it was there for is not explored. */
typedef enum
{
  HAND_HEARING = 0, /* a worker hears, late, in another order, twice or never */
  HAND_WORKER,      /* it speaks, fails, is deaf, dies */
  HAND_START,       /* foyerd comes back */
  HAND_WORDS,       /* foyerd hears what a worker said, however late */
  HAND_ENDS,        /* and that it ended */
  HAND_DEVICE,      /* a camera's process says something, or dies */
  HAND_OWNER,       /* rules, lockdown */
  HAND_TIME,
  HAND_CABLES, /* cameras and displays come and go */
  HAND_CASTS,
  N_HANDS,
} Hand;

static const char *const hand_names[] = { "hearing", "worker", "start", "words",
  "ends", "device", "owner", "time", "cables", "casts" };
G_STATIC_ASSERT (G_N_ELEMENTS (hand_names) == N_HANDS);

static FoyerCameraId
camera_id (unsigned i)
{
  return (FoyerCameraId){ 11 + i };
}

static FoyerTarget
make_target (bool is_app)
{
  FoyerTarget target = {
    .kind = is_app ? FOYER_TARGET_APP : FOYER_TARGET_DISPLAY,
    .id = { is_app ? APP_ID : DISPLAY_ID },
    .trust = FOYER_TRUST_DEVICE,
    .is_paired = true,
  };

  memcpy (target.key, paired_key, sizeof (paired_key));
  return target;
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
    .media = FOYER_MEDIA_VIDEO };
}

static FoyerRequest
make_request (FoyerCameraId camera, bool is_app)
{
  FoyerTarget target = make_target (is_app);

  return (FoyerRequest){ .subject = { .uid = 1000 },
    .camera = camera,
    .target = target.kind,
    .target_id = target.id,
    .media = FOYER_MEDIA_VIDEO };
}

/* Whether camera data may leave for the one who watches this session. Frames that
 * lie in the link leave even after the camera is gone. */
static bool
emits (const Worker *worker)
{
  return worker->life == LIFE_ALIVE && worker->has_link && !worker->has_closed;
}

/* Makes states into numbers and numbers into states. */

typedef struct
{
  uint64_t v[2];
} Bits;

typedef struct
{
  Bits bits;
  unsigned n;
} Packer;

static void
put (Packer *self, uint64_t value, unsigned n_bits)
{
  self->bits.v[self->n / 64] |= value << (self->n % 64);
  if (self->n % 64 + n_bits > 64)
    self->bits.v[1] |= value >> (64 - self->n % 64);
  self->n += n_bits;
}

static unsigned
take (Packer *self, unsigned n_bits)
{
  uint64_t value = self->bits.v[self->n / 64] >> (self->n % 64);

  if (self->n % 64 + n_bits > 64)
    value |= self->bits.v[1] << (64 - self->n % 64);
  self->n += n_bits;
  return (unsigned) (value & ((1u << n_bits) - 1));
}

/* What its future depends on. */
static void
pack_session (Packer *to, const FoyerCore *core, const FoyerSession *session)
{
  const FoyerCamera *camera = foyer_core_find_camera (core, session->camera);
  bool is_active = session->state < FOYER_SESSION_CLOSING;
  bool is_current = camera != NULL && camera->state > FOYER_CAMERA_CLOSED &&
      camera->generation == session->generation &&
      session->state != FOYER_SESSION_CLEANING;

  put (to, session->state, 3);
  put (to, is_current, 1);
  put (to, is_current && session->camera.v != 11, 1);
  put (to, session->has_worker, 1);
  put (to, session->is_streaming && is_active, 1);
  put (to, session->is_approved, 1);
  put (to, session->is_killed && session->has_worker, 1);
  put (to, session->due_us != 0, 1);
}

static void
unpack_session (Packer *from, FoyerCore *core, unsigned slot, bool is_app)
{
  FoyerSession *session = &core->sessions[slot];
  bool is_current;
  unsigned camera;

  session->state = take (from, 3);
  is_current = take (from, 1);
  camera = take (from, 1);
  session->has_worker = take (from, 1);
  session->is_streaming = take (from, 1);
  session->is_approved = take (from, 1);
  session->is_killed = take (from, 1);
  session->due_us = take (from, 1) ? FAR_US : 0;
  if (session->state == FOYER_SESSION_FREE)
    return;
  session->id.v = slot + 1;
  session->camera = camera_id (camera);
  session->generation = (is_current ? CURRENT : STALE) + camera;
  session->request = make_request (session->camera, is_app);
  session->request.moment = now;
  session->target = session->request.target;
  session->target_id = session->request.target_id;
  session->rule.v = RULE_ID;
  session->granted_us = NOW_US - 1;
  session->ends_us = FAR_US;
  if (session->is_approved) {
    memcpy (session->key, paired_key, sizeof (paired_key));
    session->has_signed = session->has_chain = true;
  }
  if (session->state >= FOYER_SESSION_CLOSING)
    session->reason = FOYER_REASON_STOPPED;
}

static void
pack_worker (Packer *to, const Worker *worker)
{
  put (to, worker->life, 2);
  put (to, worker->to, N_SAY);
  put (to, worker->from, N_SAID);
  put (to, worker->is_app, 1);
  put (to, worker->has_approval, 1);
  put (to, worker->has_link, 1);
  put (to, worker->has_closed, 1);
  put (to, worker->is_told, 1);
  put (to, worker->is_logged, 1);
  put (to, worker->has_cleaner, 1);
}

static void
unpack_worker (Packer *from, Worker *worker)
{
  worker->life = take (from, 2);
  worker->to = take (from, N_SAY);
  worker->from = take (from, N_SAID);
  worker->is_app = take (from, 1);
  worker->has_approval = take (from, 1);
  worker->has_link = take (from, 1);
  worker->has_closed = take (from, 1);
  worker->is_told = take (from, 1);
  worker->is_logged = take (from, 1);
  worker->has_cleaner = take (from, 1);
}

/* With its sessions in the order that is asked for: they are alike. */
static Bits
pack (const World *world, bool is_swapped)
{
  Packer to = { .n = 1 }; /* bit 0 is set, so that no state is zero */

  to.bits.v[0] = 1;
  put (&to, world->is_up, 1);
  put (&to, world->has_rule, 1);
  put (&to, world->is_locked, 1);
  for (unsigned i = 0; i < N_SLOTS; i++) {
    unsigned slot = is_swapped ? N_SLOTS - 1 - i : i;

    pack_worker (&to, &world->workers[slot]);
    pack_session (&to, &world->core, &world->core.sessions[slot]);
  }
  for (unsigned i = 0; i < N_CAMERAS; i++) {
    const FoyerCamera *camera = foyer_core_find_camera (&world->core,
        camera_id (i));
    const Device *device = &world->devices[i];

    put (&to, camera != NULL ? camera->state : FOYER_CAMERA_GONE, 2);
    put (&to, camera != NULL && camera->due_us != 0, 1);
    put (&to, device->life, 2);
    put (&to, device->has_said, 1);
  }
  return to.bits;
}

static void
unpack (World *world, Bits bits)
{
  Packer from = { .bits = bits, .n = 1 };
  FoyerCore *core = &world->core;
  FoyerRule rule = make_rule ();

  memset (world, 0, sizeof (*world));
  world->is_up = take (&from, 1);
  world->has_rule = take (&from, 1);
  world->is_locked = take (&from, 1);
  for (unsigned i = 0; i < N_SLOTS; i++) {
    unpack_worker (&from, &world->workers[i]);
    unpack_session (&from, core, i, world->workers[i].is_app);
  }
  for (unsigned i = 0; i < N_CAMERAS; i++) {
    FoyerCamera *camera = &core->cameras[i];
    Device *device = &world->devices[i];

    camera->state = take (&from, 2);
    camera->due_us = take (&from, 1) ? FAR_US : 0;
    if (camera->state != FOYER_CAMERA_GONE) {
      camera->id = camera_id (i);
      camera->generation = CURRENT + i;
    }
    device->life = take (&from, 2);
    device->has_said = take (&from, 1);
  }
  if (!world->is_up)
    return;
  core->last_generation = 1000;
  core->is_locked_down = world->is_locked;
  if (world->has_rule)
    g_assert_true (foyer_policy_add (&core->policy, &rule));
  for (unsigned i = 0; i < 2; i++) {
    FoyerTarget target = make_target (i == 1);

    core->targets[target.kind * FOYER_CORE_MAX_TARGETS] = target;
  }
}

/* The set of states. */

typedef struct
{
  const Size *size;
  Bits *slots; /* of a hash table; zero is free */
  Bits *queue;
  unsigned n_states;
  unsigned n_done;
  uint64_t n_steps;
  uint64_t n_crashes;
  unsigned n_found[N_HANDS]; /* states by each */
  unsigned n_told;           /* states of which it is known who found them */
  unsigned session_states;   /* that a session was in, a bit for each */
  unsigned n_emitting;       /* states in which camera data may leave */
  unsigned n_orphaned;       /* of these: while foyerd is dead */
} Space;

/* The invariants, of what is so. */
static void
assert_world (const World *world)
{
  bool is_loud = false;

  for (unsigned i = 0; i < N_SLOTS; i++) {
    const Worker *worker = &world->workers[i];
    const FoyerSession *session = &world->core.sessions[i];

    is_loud |= session->state > FOYER_SESSION_FREE &&
        session->state < FOYER_SESSION_CLEANING;
    if (!emits (worker))
      continue;
    /* I4: nobody was told that it is silent. */
    g_assert_false (worker->is_told);
    /* I3, I10: its beginning is in the log, and its end is not. */
    g_assert_true (worker->is_logged);
    if (!world->is_up)
      continue;
    /* I9: foyerd knows of it, and that it is loud. */
    g_assert_true (foyer_session_state_is_open (session->state) ||
        session->state == FOYER_SESSION_CLOSING);
    if (session->state != FOYER_SESSION_CLOSING)
      g_assert_true (world->has_rule && !world->is_locked);
  }
  /* I4: a call that takes something away returns when nothing is loud. */
  for (unsigned i = 0; world->is_up && !is_loud && i < N_SLOTS; i++)
    g_assert_false (emits (&world->workers[i]));
}

/* What can make no difference any more: what a worker heard already, or did not
 * before it closed its gate; words of one that is gone or to be killed, which the
 * core does not hear (try_ends(), try_words()); and all of one that can never show
 * anything, once nobody listens to it. */
static void
forget (const World *world, Worker *worker, const FoyerSession *session)
{
  bool is_harmless = worker->has_closed ||
      (!worker->has_link && (worker->to & SAY_LINK) == 0);

  if (!world->is_up && (worker->life != LIFE_ALIVE || is_harmless))
    *worker = (Worker){ 0 };
  if (session->is_killed && worker->life == LIFE_ALIVE && is_harmless)
    worker->life = LIFE_DEAD;
  if (!world->is_up || worker->life == LIFE_NONE || session->is_killed)
    worker->from = 0;
  if (worker->life != LIFE_ALIVE)
    worker->to = 0;
  if (worker->life != LIFE_ALIVE || worker->has_closed) {
    worker->has_approval = worker->has_link = false;
    worker->to &= SAY_CLOSE;
  }
  if (worker->has_approval)
    worker->to &= ~(unsigned) SAY_APPROVE;
  if (worker->has_link)
    worker->to &= ~(unsigned) SAY_LINK;
  if ((worker->from & SAID_CLOSED) != 0)
    worker->to &= ~(unsigned) SAY_CLOSE;
}

static Bits
pack_rest (const World *world)
{
  World rest = *world;
  Bits a, b;

  for (unsigned i = 0; i < N_SLOTS; i++)
    forget (world, &rest.workers[i], &world->core.sessions[i]);
  a = pack (&rest, false);
  b = pack (&rest, true);
  return a.v[0] < b.v[0] || (a.v[0] == b.v[0] && a.v[1] < b.v[1]) ? a : b;
}

static void
insert (Space *space, const World *world)
{
  Bits bits = pack_rest (world);
  uint64_t hash = (bits.v[0] * UINT64_C (0x9e3779b97f4a7c15) ^ bits.v[1]) *
      UINT64_C (0xff51afd7ed558ccd);
  uint64_t i = (hash ^ hash >> 29) % TABLE_SLOTS;

  assert_world (world);
  while (space->slots[i].v[0] != 0) {
    if (space->slots[i].v[0] == bits.v[0] && space->slots[i].v[1] == bits.v[1])
      return;
    i = (i + 1) % TABLE_SLOTS;
  }
  g_assert_cmpuint (space->n_states, <, TABLE_SLOTS / 2);
  space->slots[i] = bits;
  space->queue[space->n_states++] = bits;
}

/* What foyerd does about an effect. */

/* Which session an effect is about, before or behind the step. */
static unsigned
find_slot (const FoyerCore *before, const FoyerCore *after, FoyerSessionId id)
{
  for (unsigned i = 0; i < N_SLOTS; i++)
    if (before->sessions[i].id.v == id.v || after->sessions[i].id.v == id.v)
      return i;
  g_assert_not_reached ();
}

static void
carry_out_link (World *world, const World *before, const FoyerEffect *effect,
    unsigned slot)
{
  const FoyerSession *session = &before->core.sessions[slot];
  const Device *device = &world->devices[effect->camera.v - 11];

  /* I3: it was there before this step. I1: the link is of its own camera and
   * opening, which is the one in force: there is no other process of it. */
  g_assert_cmpuint (session->id.v, ==, effect->session.v);
  g_assert_cmpuint (session->camera.v, ==, effect->camera.v);
  g_assert_cmpuint (session->generation, ==, effect->generation);
  g_assert_cmpuint (
      foyer_core_find_camera (&world->core, effect->camera)->generation, ==,
      effect->generation);
  g_assert_true (device->life != LIFE_NONE && device->has_said);
  if (device->life == LIFE_ALIVE)
    world->workers[slot].to |= SAY_LINK;
}

static void
carry_out (World *world, const World *before, const FoyerEffect *effect)
{
  Worker *worker;
  unsigned slot;

  if (effect->kind == FOYER_EFFECT_OPEN_CAMERA) {
    g_assert_cmpint (world->devices[effect->camera.v - 11].life, ==, LIFE_NONE);
    world->devices[effect->camera.v - 11].life = LIFE_ALIVE;
    return;
  }
  if (effect->kind == FOYER_EFFECT_CLOSE_CAMERA)
    world->devices[effect->camera.v - 11] = (Device){ 0 };
  if (effect->kind == FOYER_EFFECT_REFUSED ||
      effect->kind == FOYER_EFFECT_FAILED ||
      effect->kind == FOYER_EFFECT_CLOSE_CAMERA)
    return;
  slot = find_slot (&before->core, &world->core, effect->session);
  worker = &world->workers[slot];
  switch (effect->kind) {
    case FOYER_EFFECT_GRANTED:
      g_assert_false (worker->is_logged);
      worker->is_logged = true;
      break;
    case FOYER_EFFECT_SPAWN:
      /* I10: never without its beginning in the log. */
      g_assert_true (worker->is_logged);
      g_assert_cmpint (worker->life, ==, LIFE_NONE);
      worker->life = LIFE_ALIVE;
      worker->is_app = world->core.sessions[slot].target == FOYER_TARGET_APP;
      break;
    case FOYER_EFFECT_APPROVE:
      worker->to |= SAY_APPROVE;
      break;
    case FOYER_EFFECT_LINK:
      carry_out_link (world, before, effect, slot);
      break;
    case FOYER_EFFECT_CLOSE:
      worker->to |= SAY_CLOSE;
      break;
    case FOYER_EFFECT_KILL: /* it dies when the kernel comes to it */
      break;
    case FOYER_EFFECT_SILENCED:
      /* I4: and so it is, and stays. */
      g_assert_false (emits (worker));
      g_assert_false (worker->is_told);
      worker->is_told = true;
      break;
    case FOYER_EFFECT_CLEAN:
      worker->has_cleaner = true;
      break;
    case FOYER_EFFECT_ENDED:
      /* I10: once, and nothing is left of it. */
      g_assert_true (worker->is_logged && worker->is_told);
      g_assert_cmpint (worker->life, ==, LIFE_NONE);
      memset (worker, 0, sizeof (*worker));
      break;
    default:
      break;
  }
}

/* foyerd dies: what it knew is lost, and what was said to it. */
static void
crash (Space *space, const World *before)
{
  World world = *before;

  memset (&world.core, 0, sizeof (world.core));
  world.is_up = false;
  for (unsigned i = 0; i < N_SLOTS; i++) {
    Worker *worker = &world.workers[i];

    worker->has_cleaner = false;
    if (worker->life != LIFE_ALIVE)
      worker->life = LIFE_NONE;
  }
  for (unsigned i = 0; i < N_CAMERAS; i++)
    world.devices[i] = (Device){ 0 };
  space->n_crashes++;
  insert (space, &world);
}

/* Tells foyerd something: it carries out all that follows, or dies before any
 * part of it. */
static void
tell (Space *space, const World *before, const FoyerEvent *event)
{
  static FoyerEffects effects;
  World world = *before;

  foyer_core_step (&world.core, event, &effects);
  world.is_locked = world.core.is_locked_down;
  world.has_rule = world.core.policy.n_rules != 0;
  space->n_steps++;
  for (unsigned i = 0; i < effects.n_effects; i++) {
    if (i > 0)
      crash (space, &world);
    carry_out (&world, before, &effects.effects[i]);
  }
  insert (space, &world);
}

static void
tell_session (Space *space, const World *world, FoyerEventKind kind,
    unsigned slot, FoyerReason reason)
{
  FoyerEvent event = { .kind = kind,
    .moment = now,
    .session = { slot + 1 },
    .reason = reason,
    .has_signed = true,
    .has_chain = true };

  memcpy (event.key, paired_key, sizeof (paired_key));
  tell (space, world, &event);
}

/* The adversary: between foyerd and workers. */

static const struct
{
  unsigned word;
  FoyerEventKind kind;
  FoyerReason reason;
} words[] = {
  { SAID_READY, FOYER_EVENT_WORKER_READY, FOYER_REASON_NONE },
  { SAID_IDENTITY, FOYER_EVENT_WORKER_IDENTITY, FOYER_REASON_NONE },
  { SAID_STREAMING, FOYER_EVENT_WORKER_STREAMING, FOYER_REASON_NONE },
  { SAID_LIVE, FOYER_EVENT_WORKER_LIVE, FOYER_REASON_NONE },
  { SAID_CLOSED, FOYER_EVENT_WORKER_CLOSED, FOYER_REASON_NONE },
  { SAID_FAILED, FOYER_EVENT_WORKER_FAILED, FOYER_REASON_DISPLAY_LOST },
};

/* Of one that is to be killed, whatever it might have said. */
static void
try_words (Space *space, const World *world, unsigned slot)
{
  for (unsigned k = 0; k < G_N_ELEMENTS (words); k++)
    if ((world->workers[slot].from & words[k].word) != 0 ||
        world->core.sessions[slot].is_killed)
      tell_session (space, world, words[k].kind, slot, words[k].reason);
}

static void
try_hearing (Space *space, const World *before, unsigned slot)
{
  World world = *before;
  Worker *worker = &world.workers[slot];

  if (worker->life != LIFE_ALIVE)
    return;
  if ((worker->to & SAY_APPROVE) != 0) {
    worker->has_approval = true;
    insert (space, &world);
    *worker = before->workers[slot];
  }
  if ((worker->to & SAY_LINK) != 0) {
    worker->has_link |= !worker->has_closed;
    insert (space, &world);
    *worker = before->workers[slot];
  }
  if ((worker->to & SAY_CLOSE) != 0) {
    worker->has_closed = true;
    worker->from |= SAID_CLOSED;
    insert (space, &world);
  }
}

/* What a worker says next by itself, if it gets there. */
static unsigned
find_next_word (const Worker *worker)
{
  if (worker->has_closed)
    return 0;
  if ((worker->from & SAID_READY) == 0)
    return SAID_READY;
  if (!worker->is_app && (worker->from & SAID_IDENTITY) == 0)
    return SAID_IDENTITY;
  if ((worker->from & SAID_STREAMING) == 0)
    return worker->is_app || worker->has_approval ? SAID_STREAMING : 0;
  return emits (worker) ? SAID_LIVE : 0;
}

static void
try_worker (Space *space, const World *before, unsigned slot)
{
  World world = *before;
  Worker *worker = &world.workers[slot];

  if (worker->life != LIFE_ALIVE)
    return;
  worker->from |= find_next_word (worker);
  insert (space, &world);
  *worker = before->workers[slot];
  if (!worker->has_closed) {
    worker->has_closed = true;
    worker->from |= SAID_FAILED;
    insert (space, &world);
    *worker = before->workers[slot];
  }
  /* It is killed; or, once its gate is closed, cleans up and ends. */
  worker->life = before->is_up ? LIFE_DEAD : LIFE_NONE;
  insert (space, &world);
  worker->life = before->is_up ? LIFE_EXITED : LIFE_NONE;
  if (worker->has_closed)
    insert (space, &world);
}

/* Once it was told that a worker is gone, foyerd hears none of its words. */
static void
assert_deaf (const World *before, unsigned slot)
{
  static FoyerEffects effects;
  static FoyerCore core, gone;
  FoyerEvent event = { .kind = FOYER_EVENT_WORKER_GONE,
    .moment = now,
    .session = { slot + 1 },
    .reason = FOYER_REASON_WORKER_DIED };

  gone = before->core;
  foyer_core_step (&gone, &event, &effects);
  for (unsigned k = 0; k < G_N_ELEMENTS (words); k++) {
    event.kind = words[k].kind;
    event.reason = words[k].reason;
    core = gone;
    foyer_core_step (&core, &event, &effects);
    g_assert_cmpuint (effects.n_effects, ==, 0);
    g_assert_cmpmem (&core, sizeof core, &gone, sizeof gone);
  }
}

/* The kernel's word, as late as it likes; and the cleaner's, or never. */
static void
try_ends (Space *space, const World *before, unsigned slot)
{
  World world = *before;
  Worker *worker = &world.workers[slot];

  if (worker->life == LIFE_DEAD || worker->life == LIFE_EXITED) {
    FoyerReason reason = worker->life == LIFE_EXITED ? FOYER_REASON_NONE
                                                     : FOYER_REASON_WORKER_DIED;

    worker->life = LIFE_NONE;
    tell_session (space, &world, FOYER_EVENT_WORKER_GONE, slot, reason);
    assert_deaf (&world, slot);
  }
  if (before->workers[slot].has_cleaner)
    tell_session (space, before, FOYER_EVENT_CLEANED, slot, FOYER_REASON_NONE);
}

static void
tell_camera (Space *space, const World *world, FoyerEventKind kind, unsigned i,
    uint64_t generation)
{
  FoyerEvent event = { .kind = kind,
    .moment = now,
    .camera = camera_id (i),
    .generation = generation };

  tell (space, world, &event);
}

static void
try_device (Space *space, const World *before, unsigned i)
{
  World world = *before;
  Device *device = &world.devices[i];

  /* Late words of an opening that is past. */
  tell_camera (space, before, FOYER_EVENT_CAMERA_OPENED, i, STALE + i);
  tell_camera (space, before, FOYER_EVENT_CAMERA_FAILED, i, STALE + i);
  if (device->has_said)
    tell_camera (space, before, FOYER_EVENT_CAMERA_OPENED, i, CURRENT + i);
  if (device->life == LIFE_ALIVE) {
    device->has_said = true;
    insert (space, &world);
    *device = before->devices[i];
    device->life = LIFE_DEAD;
    insert (space, &world);
  } else if (device->life == LIFE_DEAD) {
    *device = (Device){ 0 };
    tell_camera (space, &world, FOYER_EVENT_CAMERA_FAILED, i, CURRENT + i);
  }
}

/* The owner, the time, and the cable. What the owner changes is saved first. */

static void
try_owner (Space *space, const World *world)
{
  FoyerEvent event = { .moment = now, .rule = make_rule () };
  World saved;

  for (unsigned i = 0; i < 2; i++) {
    saved = *world;
    saved.is_locked = i == 1;
    crash (space, &saved);
    event.kind = FOYER_EVENT_LOCKDOWN;
    event.is_on = i == 1;
    tell (space, world, &event);
    saved = *world;
    saved.has_rule = i == 1;
    crash (space, &saved);
    event.kind = i == 1 ? FOYER_EVENT_RULE_ADDED : FOYER_EVENT_RULE_REMOVED;
    tell (space, world, &event);
  }
}

static void
try_time (Space *space, const World *before)
{
  FoyerEvent event = { .kind = FOYER_EVENT_TICK, .moment = now };
  World world = *before;

  for (unsigned i = 0; i < N_SLOTS; i++) {
    FoyerSession *session = &world.core.sessions[i];

    if (session->state == FOYER_SESSION_FREE)
      continue;
    session->ends_us = NOW_US;
    tell (space, &world, &event);
    *session = before->core.sessions[i];
    if (session->due_us == 0)
      continue;
    session->due_us = NOW_US;
    tell (space, &world, &event);
    *session = before->core.sessions[i];
  }
  for (unsigned i = 0; i < N_CAMERAS; i++) {
    FoyerCamera *camera = &world.core.cameras[i];

    if (camera->due_us == 0)
      continue;
    camera->due_us = NOW_US;
    tell (space, &world, &event);
    *camera = before->core.cameras[i];
  }
}

static void
try_cables (Space *space, const World *world)
{
  FoyerEvent event = { .moment = now };

  for (unsigned i = 0; i < space->size->n_cameras; i++) {
    event.camera = camera_id (i);
    event.kind = FOYER_EVENT_CAMERA_ADDED;
    tell (space, world, &event);
    event.kind = FOYER_EVENT_CAMERA_REMOVED;
    tell (space, world, &event);
  }
}

static void
try_casts (Space *space, const World *world)
{
  FoyerEvent event = { .kind = FOYER_EVENT_CAST,
    .moment = now,
    .session = { N_SLOTS + 1 },
    .longest_s = 3600 };
  unsigned n = 0;

  for (unsigned i = 0; i < N_SLOTS; i++)
    n += world->core.sessions[i].state != FOYER_SESSION_FREE;
  for (unsigned k = 0; k < 2 * space->size->n_cameras; k++) {
    event.request = make_request (camera_id (k / 2), k % 2 == 1);
    if (n < space->size->n_sessions)
      tell (space, world, &event);
  }
  for (unsigned i = 0; i < N_SLOTS; i++)
    if (world->core.sessions[i].state != FOYER_SESSION_FREE)
      tell_session (space, world, FOYER_EVENT_STOP, i, FOYER_REASON_STOPPED);
}

/* The next foyerd, once the kernel has ended all that the last one had. */
static void
try_start (Space *space, const World *before)
{
  World world = { .is_up = true,
    .has_rule = before->has_rule,
    .is_locked = before->is_locked };

  for (unsigned i = 0; i < N_SLOTS; i++)
    if (before->workers[i].life != LIFE_NONE)
      return;
  /* I10: the log gives each session an end that has none. Its start is that of
   * an empty house, with rules and lockdown; then cameras are found. */
  space->n_steps++;
  insert (space, &world);
}

static void
tell_found (Space *space, Hand hand)
{
  space->n_found[hand] += space->n_states - space->n_told;
  space->n_told = space->n_states;
}

static void
try_workers (Space *space, const World *world)
{
  for (unsigned i = 0; i < N_SLOTS; i++) {
    try_hearing (space, world, i);
    tell_found (space, HAND_HEARING);
    try_worker (space, world, i);
    tell_found (space, HAND_WORKER);
  }
}

static void
try_all (Space *space, const World *world)
{
  try_workers (space, world);
  if (!world->is_up) {
    try_start (space, world);
    tell_found (space, HAND_START);
    return;
  }
  for (unsigned i = 0; i < N_SLOTS; i++) {
    try_words (space, world, i);
    tell_found (space, HAND_WORDS);
    try_ends (space, world, i);
    tell_found (space, HAND_ENDS);
  }
  for (unsigned i = 0; i < space->size->n_cameras; i++)
    try_device (space, world, i);
  tell_found (space, HAND_DEVICE);
  try_owner (space, world);
  tell_found (space, HAND_OWNER);
  try_time (space, world);
  tell_found (space, HAND_TIME);
  try_cables (space, world);
  tell_found (space, HAND_CABLES);
  try_casts (space, world);
  tell_found (space, HAND_CASTS);
  /* As it also does between any two effects of all of these. */
  crash (space, world);
}

static void
explore (gconstpointer user_data)
{
  const Size *size = user_data;
  Space space = { .size = size,
    .slots = g_new0 (Bits, TABLE_SLOTS),
    .queue = g_new (Bits, TABLE_SLOTS / 2) };
  World world = { .is_up = false };

  insert (&space, &world);
  space.n_told = space.n_states;
  for (; space.n_done < space.n_states; space.n_done++) {
    Bits bits = space.queue[space.n_done], again;
    bool is_emitting = false;

    unpack (&world, bits);
    again = pack (&world, false);
    g_assert_cmpmem (&again, sizeof again, &bits, sizeof bits);
    try_all (&space, &world);
    for (unsigned i = 0; i < N_SLOTS; i++) {
      is_emitting |= emits (&world.workers[i]);
      space.session_states |= 1u << world.core.sessions[i].state;
    }
    space.n_emitting += is_emitting;
    space.n_orphaned += is_emitting && !world.is_up;
  }
  g_test_message ("%u states, %" G_GUINT64_FORMAT " steps, %" G_GUINT64_FORMAT
                  " crashes of foyerd; frames may leave in %u, in %u of them "
                  "while it is dead",
      space.n_states, space.n_steps, space.n_crashes, space.n_emitting,
      space.n_orphaned);
  for (unsigned i = 0; i < N_HANDS; i++) {
    g_test_message ("%u found by %s", space.n_found[i], hand_names[i]);
    g_assert_cmpuint (space.n_found[i], >, 0);
  }
  g_assert_cmpuint (space.n_crashes, >, space.n_states);
  g_assert_cmpuint (space.session_states, ==,
      (1u << (FOYER_SESSION_CLEANING + 1)) - 1);
  g_assert_cmpuint (space.n_emitting, >, space.n_orphaned);
  g_assert_cmpuint (space.n_orphaned, >, 0);
  g_free (space.slots);
  g_free (space.queue);
}

int
main (int argc, char **argv)
{
  static const Size one_session = { 2, 1 };
  static const Size two_sessions = { 1, 2 };

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/core-crash/one-session", &one_session, explore);
  if (g_test_thorough ())
    g_test_add_data_func ("/core-crash/two-sessions", &two_sessions, explore);
  return g_test_run ();
}
