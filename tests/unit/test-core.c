/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core-steps.h"

/* One whole session: what is done, and in which order. */
static void
test_life (void)
{
  g_autofree House *house = house_new ();
  const FoyerSession *session;

  cast (house, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_OPEN_CAMERA, FOYER_EFFECT_GRANTED,
      FOYER_EFFECT_SPAWN);
  g_assert_cmpuint (house->effects.effects[1].rule.v, ==, RULE);
  session = session_of (house, 1);
  g_assert_cmpint (session->state, ==, FOYER_SESSION_STARTING);
  g_assert_cmpuint (session->generation, ==, 1);
  g_assert_cmpint (session->granted_us, ==, NOW_US);
  word (house, FOYER_EVENT_WORKER_READY, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_CHANGED);
  word (house, FOYER_EVENT_WORKER_IDENTITY, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_APPROVE, FOYER_EFFECT_CHANGED);
  /* The worker is ready before the camera. */
  word (house, FOYER_EVENT_WORKER_STREAMING, 1);
  ASSERT_NOTHING (house);
  g_assert_cmpint (session->state, ==, FOYER_SESSION_PREPARING);
  open_camera (house, CAMERA);
  ASSERT_EFFECTS (house, FOYER_EFFECT_LINK, FOYER_EFFECT_CHANGED);
  g_assert_cmpuint (house->effects.effects[0].generation, ==, 1);
  g_assert_cmpuint (house->effects.effects[0].camera.v, ==, CAMERA);
  word (house, FOYER_EVENT_WORKER_LIVE, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_CHANGED);
  g_assert_cmpint (session->due_us, ==, 0);
  end (house, FOYER_EVENT_STOP, 1, FOYER_REASON_STOPPED);
  ASSERT_EFFECTS (house, FOYER_EFFECT_UNLINK, FOYER_EFFECT_CLOSE,
      FOYER_EFFECT_CHANGED);
  g_assert_cmpint (session->due_us, ==, NOW_US + FOYER_CORE_CLOSE_US);
  word (house, FOYER_EVENT_WORKER_CLOSED, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_SILENCED, FOYER_EFFECT_CHANGED);
  end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_NONE);
  ASSERT_EFFECTS (house, FOYER_EFFECT_ENDED);
  assert_reason (house, FOYER_EFFECT_ENDED, FOYER_REASON_STOPPED);
  g_assert_cmpint (state_of (house, 1), ==, 0);
}

static void
test_nodes_and_apps (void)
{
  static const struct
  {
    FoyerTargetKind kind;
    uint64_t id;
  } cases[] = { { FOYER_TARGET_NODE, NODE }, { FOYER_TARGET_APP, APP } };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree House *house = house_new ();

    step (house, make_cast (1, CAMERA, cases[i].kind, cases[i].id));
    open_camera (house, CAMERA);
    word (house, FOYER_EVENT_WORKER_READY, 1);
    g_assert_cmpint (state_of (house, 1), ==, FOYER_SESSION_PREPARING);
    word (house, FOYER_EVENT_WORKER_STREAMING, 1);
    ASSERT_EFFECTS (house, FOYER_EFFECT_LINK, FOYER_EFFECT_CHANGED);
    /* The second is refused by a node, and welcome to an app. */
    step (house, make_cast (2, CAMERA, cases[i].kind, cases[i].id));
    g_assert_true ((state_of (house, 2) != FOYER_SESSION_FREE) ==
        (cases[i].kind == FOYER_TARGET_APP));
    end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_NONE);
    ASSERT_EFFECTS (house, FOYER_EFFECT_UNLINK, FOYER_EFFECT_SILENCED,
        FOYER_EFFECT_ENDED);
    assert_reason (house, FOYER_EFFECT_ENDED, FOYER_REASON_WORKER_DIED);
  }
}

/* I9, I10: every refusal says why, and nothing else happens. */
static void
test_refusals (void)
{
  static const FoyerReason reasons[] = { FOYER_REASON_DENIED,
    FOYER_REASON_LOCKDOWN, FOYER_REASON_NO_CAMERA, FOYER_REASON_AMBIGUOUS,
    FOYER_REASON_NO_TARGET, FOYER_REASON_BUSY, FOYER_REASON_FULL,
    FOYER_REASON_MALFORMED };

  for (unsigned i = 0; i < G_N_ELEMENTS (reasons); i++) {
    g_autofree House *house = house_new ();
    FoyerEvent event = make_cast (1000, CAMERA, FOYER_TARGET_DISPLAY, SCREEN);
    FoyerRule rule = make_rule (8);
    g_autofree FoyerCore *before = NULL;

    switch (reasons[i]) {
      case FOYER_REASON_DENIED:
        rule.verdict = FOYER_VERDICT_DENY;
        step (house,
            (FoyerEvent){ .kind = FOYER_EVENT_RULE_ADDED, .rule = rule });
        break;
      case FOYER_REASON_LOCKDOWN:
        step (house,
            (FoyerEvent){ .kind = FOYER_EVENT_LOCKDOWN, .is_on = true });
        break;
      case FOYER_REASON_NO_CAMERA:
        event.request.camera.v = 99;
        break;
      case FOYER_REASON_AMBIGUOUS:
        step (house,
            (FoyerEvent){ .kind = FOYER_EVENT_CAMERA_ADDED,
                .camera = { CAMERA },
                .is_on = true });
        break;
      case FOYER_REASON_NO_TARGET:
        event.request.target = FOYER_TARGET_NODE;
        break;
      case FOYER_REASON_BUSY:
        cast (house, 1);
        break;
      case FOYER_REASON_FULL:
        for (uint64_t id = 1; id <= FOYER_CORE_MAX_SESSIONS; id++)
          step (house, make_cast (id, CAMERA, FOYER_TARGET_APP, APP));
        g_assert_cmpint (state_of (house, FOYER_CORE_MAX_SESSIONS), !=, 0);
        break;
      default:
        event.session.v = 0;
        break;
    }
    before = g_memdup2 (&house->core, sizeof (FoyerCore));
    step (house, event);
    ASSERT_EFFECTS (house, FOYER_EFFECT_REFUSED);
    assert_reason (house, FOYER_EFFECT_REFUSED, reasons[i]);
    g_assert_cmpuint (house->effects.effects[0].session.v, ==, event.session.v);
    g_assert_cmpuint (house->effects.effects[0].rule.v, ==,
        reasons[i] == FOYER_REASON_DENIED ? 8 : 0);
    g_assert_cmpmem (before, sizeof (FoyerCore), &house->core,
        sizeof (FoyerCore));
  }
}

static void
test_malformed_casts (void)
{
  g_autofree House *house = house_new ();
  FoyerEvent event = make_cast (2, CAMERA, FOYER_TARGET_ANY, SCREEN);

  step (house, event);
  assert_reason (house, FOYER_EFFECT_REFUSED, FOYER_REASON_MALFORMED);
  event = make_cast (2, 0, FOYER_TARGET_APP, APP);
  step (house, event);
  assert_reason (house, FOYER_EFFECT_REFUSED, FOYER_REASON_MALFORMED);
  event = make_cast (2, CAMERA, FOYER_TARGET_APP, APP);
  step (house, event);
  g_assert_nonnull (find_effect (house, FOYER_EFFECT_GRANTED));
  step (house, event); /* the same id again */
  assert_reason (house, FOYER_EFFECT_REFUSED, FOYER_REASON_MALFORMED);
}

/* I9: a house of zeros grants nothing. */
static void
test_zero_house (void)
{
  g_autofree House *house = g_new0 (House, 1);

  cast (house, 1);
  assert_reason (house, FOYER_EFFECT_REFUSED, FOYER_REASON_NO_CAMERA);
  g_assert_cmpint (foyer_core_get_deadline_us (&house->core, &house->moment),
      ==, 0);
  g_assert_cmpint (state_of (house, 0), ==, 0);
  g_assert_null (foyer_core_find_camera (&house->core, (FoyerCameraId){ 0 }));
  g_assert_null (foyer_core_find_target (&house->core, FOYER_TARGET_NONE,
      (FoyerTargetId){ 0 }));
}

/* I7: who a display must be at each level. */
static void
test_identities (void)
{
  static const struct
  {
    FoyerTrust trust;
    bool is_paired, is_key, has_signed, has_chain;
    FoyerReason reason;
  } cases[] = {
    { FOYER_TRUST_DEVICE, 1, 1, 1, 1, FOYER_REASON_NONE },
    { FOYER_TRUST_DEVICE, 0, 1, 1, 1, FOYER_REASON_NOT_PAIRED },
    { FOYER_TRUST_DEVICE, 1, 0, 1, 1, FOYER_REASON_KEY_CHANGED },
    { FOYER_TRUST_DEVICE, 1, 1, 0, 1, FOYER_REASON_NOT_VERIFIED },
    { FOYER_TRUST_DEVICE, 1, 1, 1, 0, FOYER_REASON_NOT_VERIFIED },
    { FOYER_TRUST_PINNED, 1, 1, 1, 0, FOYER_REASON_NONE },
    { FOYER_TRUST_PINNED, 0, 1, 1, 1, FOYER_REASON_NOT_PAIRED },
    { FOYER_TRUST_PINNED, 1, 0, 1, 1, FOYER_REASON_KEY_CHANGED },
    { FOYER_TRUST_PINNED, 1, 1, 0, 1, FOYER_REASON_NOT_VERIFIED },
    { FOYER_TRUST_ANY, 0, 0, 0, 0, FOYER_REASON_NONE },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree House *house = house_new ();
    FoyerTarget target = make_target (FOYER_TARGET_DISPLAY, SCREEN);
    FoyerEvent event = { .kind = FOYER_EVENT_WORKER_IDENTITY,
      .session = { 1 },
      .key = { 1, 2, cases[i].is_key ? 3 : 4 },
      .has_signed = cases[i].has_signed,
      .has_chain = cases[i].has_chain };

    target.trust = cases[i].trust;
    target.is_paired = cases[i].is_paired;
    add_target (house, target);
    cast (house, 1);
    word (house, FOYER_EVENT_WORKER_READY, 1);
    step (house, event);
    g_assert_true ((find_effect (house, FOYER_EFFECT_APPROVE) != NULL) ==
        (cases[i].reason == FOYER_REASON_NONE));
    if (cases[i].reason != FOYER_REASON_NONE) {
      assert_reason (house, FOYER_EFFECT_CLOSE, cases[i].reason);
      /* Not approved: nothing to clean up. */
      end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_WORKER_DIED);
      ASSERT_EFFECTS (house, FOYER_EFFECT_SILENCED, FOYER_EFFECT_ENDED,
          FOYER_EFFECT_CLOSE_CAMERA);
      assert_reason (house, FOYER_EFFECT_ENDED, cases[i].reason);
    }
  }
}

/* A target that changes is compared again, while the session runs. */
static void
test_target_changes (void)
{
  static const struct
  {
    FoyerTrust trust;
    bool is_paired;
    uint8_t key;
    FoyerReason reason;
  } cases[] = {
    { FOYER_TRUST_DEVICE, true, 1, FOYER_REASON_NONE },
    { FOYER_TRUST_PINNED, true, 1, FOYER_REASON_NONE },
    { FOYER_TRUST_ANY, false, 9, FOYER_REASON_NONE },
    { FOYER_TRUST_DEVICE, false, 1, FOYER_REASON_NOT_PAIRED },
    { FOYER_TRUST_DEVICE, true, 9, FOYER_REASON_KEY_CHANGED },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree House *house = house_with (FOYER_SESSION_LIVE);
    FoyerTarget target = make_target (FOYER_TARGET_DISPLAY, SCREEN);

    target.trust = cases[i].trust;
    target.is_paired = cases[i].is_paired;
    target.key[0] = cases[i].key;
    add_target (house, target);
    if (cases[i].reason == FOYER_REASON_NONE)
      ASSERT_NOTHING (house);
    else
      assert_reason (house, FOYER_EFFECT_CLOSE, cases[i].reason);
  }
}

/* From pinned to device authentication, under which no chain was seen. */
static void
test_trust_tightened (void)
{
  g_autofree House *house = house_new ();
  FoyerTarget target = make_target (FOYER_TARGET_DISPLAY, SCREEN);

  target.trust = FOYER_TRUST_PINNED;
  add_target (house, target);
  cast (house, 1);
  word (house, FOYER_EVENT_WORKER_READY, 1);
  step (house,
      (FoyerEvent){ .kind = FOYER_EVENT_WORKER_IDENTITY,
          .session = { 1 },
          .key = { 1, 2, 3 },
          .has_signed = true });
  g_assert_cmpint (state_of (house, 1), ==, FOYER_SESSION_PREPARING);
  add_target (house, make_target (FOYER_TARGET_DISPLAY, SCREEN));
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_NOT_VERIFIED);
}

static void
end_for (House *house, FoyerReason reason)
{
  FoyerRule deny = make_rule (8);

  deny.verdict = FOYER_VERDICT_DENY;
  switch (reason) {
    case FOYER_REASON_LOCKDOWN:
      step (house, (FoyerEvent){ .kind = FOYER_EVENT_LOCKDOWN, .is_on = true });
      break;
    case FOYER_REASON_AMBIGUOUS:
      step (house,
          (FoyerEvent){ .kind = FOYER_EVENT_CAMERA_ADDED,
              .camera = { CAMERA },
              .is_on = true });
      break;
    case FOYER_REASON_REVOKED:
      step (house,
          (FoyerEvent){ .kind = FOYER_EVENT_RULE_ADDED, .rule = deny });
      break;
    case FOYER_REASON_CAMERA_GONE:
      camera_event (house, FOYER_EVENT_CAMERA_REMOVED, CAMERA, 0);
      break;
    case FOYER_REASON_CAMERA_FAILED:
      camera_event (house, FOYER_EVENT_CAMERA_FAILED, CAMERA, 1);
      break;
    case FOYER_REASON_TARGET_GONE:
      step (house,
          (FoyerEvent){ .kind = FOYER_EVENT_TARGET_REMOVED,
              .target = make_target (FOYER_TARGET_DISPLAY, SCREEN) });
      break;
    default:
      end (house, FOYER_EVENT_STOP, 1, reason);
      break;
  }
}

/* I4: whatever ends a session, in whatever state it is: the link goes and the
 * worker is told, in that very step. */
static void
test_every_end_of_every_state (void)
{
  static const FoyerReason reasons[] = { FOYER_REASON_LOCKDOWN,
    FOYER_REASON_AMBIGUOUS, FOYER_REASON_REVOKED, FOYER_REASON_CAMERA_GONE,
    FOYER_REASON_CAMERA_FAILED, FOYER_REASON_TARGET_GONE, FOYER_REASON_STOPPED,
    FOYER_REASON_CALLER_GONE };

  for (unsigned i = 0; i < G_N_ELEMENTS (reasons); i++) {
    for (unsigned state = FOYER_SESSION_STARTING; state <= FOYER_SESSION_LIVE;
         state++) {
      g_autofree House *house = house_with (state);
      bool is_open = foyer_session_state_is_open (state);

      end_for (house, reasons[i]);
      g_assert_cmpint (state_of (house, 1), ==, FOYER_SESSION_CLOSING);
      assert_reason (house, FOYER_EFFECT_CLOSE, reasons[i]);
      g_assert_true (
          (find_effect (house, FOYER_EFFECT_UNLINK) != NULL) == is_open);
      g_assert_null (find_effect (house, FOYER_EFFECT_SILENCED));
      /* A second end changes neither reason nor time. */
      house->moment.now_us++;
      end (house, FOYER_EVENT_STOP, 1, FOYER_REASON_STOPPED);
      ASSERT_NOTHING (house);
      word (house, FOYER_EVENT_WORKER_CLOSED, 1);
      g_assert_nonnull (find_effect (house, FOYER_EFFECT_SILENCED));
      end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_NONE);
      assert_reason (house, FOYER_EFFECT_ENDED, reasons[i]);
    }
  }
}

/* I4: not a word but the kernel's, once the time to close is over. */
static void
test_kill (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LIVE);

  end (house, FOYER_EVENT_STOP, 1, FOYER_N_REASONS); /* is STOPPED */
  tick (house, FOYER_CORE_CLOSE_US - 1);
  ASSERT_NOTHING (house);
  tick (house, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_KILL);
  tick (house, S_US);
  ASSERT_NOTHING (house);
  word (house, FOYER_EVENT_WORKER_CLOSED, 1);
  ASSERT_NOTHING (house);
  end (house, FOYER_EVENT_WORKER_FAILED, 1, FOYER_REASON_DISPLAY_LOST);
  ASSERT_NOTHING (house);
  end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_WORKER_DIED);
  ASSERT_EFFECTS (house, FOYER_EFFECT_SILENCED, FOYER_EFFECT_CLEAN,
      FOYER_EFFECT_CHANGED);
  g_assert_false (session_of (house, 1)->has_worker);
  /* A second end of the worker is none. */
  end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_WORKER_DIED);
  ASSERT_NOTHING (house);
  end (house, FOYER_EVENT_CLEANED, 1, 0);
  ASSERT_EFFECTS (house, FOYER_EFFECT_ENDED);
  assert_reason (house, FOYER_EFFECT_ENDED, FOYER_REASON_STOPPED);
}

/* CLEANING: by the worker, too slow and killed, by a cleaner, too slow too. */
static void
test_cleaning (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LINKED);

  end (house, FOYER_EVENT_STOP, 1, FOYER_REASON_STOPPED);
  word (house, FOYER_EVENT_WORKER_CLOSED, 1);
  end (house, FOYER_EVENT_CLEANED, 1, 0); /* there is no cleaner */
  ASSERT_NOTHING (house);
  word (house, FOYER_EVENT_WORKER_CLOSED, 1);
  ASSERT_NOTHING (house);
  end (house, FOYER_EVENT_WORKER_FAILED, 1, FOYER_REASON_DISPLAY_LOST);
  ASSERT_NOTHING (house);
  /* Its display is taken until it is gone. */
  cast (house, 2);
  assert_reason (house, FOYER_EFFECT_REFUSED, FOYER_REASON_BUSY);
  tick (house, FOYER_CORE_CLEAN_US);
  g_assert_nonnull (find_effect (house, FOYER_EFFECT_KILL));
  end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_NONE);
  ASSERT_EFFECTS (house, FOYER_EFFECT_CLEAN);
  tick (house, FOYER_CORE_CLEAN_US - 1);
  g_assert_null (find_effect (house, FOYER_EFFECT_ENDED));
  tick (house, 1);
  g_assert_nonnull (find_effect (house, FOYER_EFFECT_ENDED));
}

/* A worker that dies, in each state, with and without something to clean up. */
static void
test_deaths (void)
{
  for (unsigned state = FOYER_SESSION_STARTING; state <= FOYER_SESSION_LIVE;
       state++) {
    g_autofree House *house = house_with (state);
    bool is_dirty = state >= FOYER_SESSION_PREPARING;

    end (house, FOYER_EVENT_WORKER_GONE, 1,
        state == FOYER_SESSION_LIVE ? FOYER_REASON_WORKER_ROGUE
                                    : FOYER_REASON_NONE);
    assert_reason (house, FOYER_EFFECT_SILENCED,
        state == FOYER_SESSION_LIVE ? FOYER_REASON_WORKER_ROGUE
                                    : FOYER_REASON_WORKER_DIED);
    g_assert_true ((find_effect (house, FOYER_EFFECT_UNLINK) != NULL) ==
        foyer_session_state_is_open (state));
    g_assert_true (
        (find_effect (house, FOYER_EFFECT_CLEAN) != NULL) == is_dirty);
    g_assert_true (
        (find_effect (house, FOYER_EFFECT_ENDED) != NULL) != is_dirty);
  }
}

/* A worker that dies while it cleans up leaves that to a cleaner. */
static void
test_death_while_cleaning (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LIVE);

  end (house, FOYER_EVENT_WORKER_FAILED, 1, FOYER_REASON_DISPLAY_LOST);
  ASSERT_EFFECTS (house, FOYER_EFFECT_UNLINK, FOYER_EFFECT_SILENCED,
      FOYER_EFFECT_CHANGED);
  end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_WORKER_DIED);
  ASSERT_EFFECTS (house, FOYER_EFFECT_CLEAN);
  end (house, FOYER_EVENT_CLEANED, 1, 0);
  assert_reason (house, FOYER_EFFECT_ENDED, FOYER_REASON_DISPLAY_LOST);
}

static void
test_failures (void)
{
  static const FoyerReason reasons[] = { FOYER_REASON_NOT_VERIFIED,
    FOYER_REASON_DISPLAY_LOST, FOYER_REASON_DISPLAY_FAILED };

  for (unsigned i = 0; i < G_N_ELEMENTS (reasons); i++) {
    for (unsigned state = FOYER_SESSION_STARTING; state <= FOYER_SESSION_LIVE;
         state++) {
      g_autofree House *house = house_with (state);

      end (house, FOYER_EVENT_WORKER_FAILED, 1, reasons[i]);
      g_assert_cmpint (state_of (house, 1), ==, FOYER_SESSION_CLEANING);
      assert_reason (house, FOYER_EFFECT_SILENCED, reasons[i]);
      end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_NONE);
      assert_reason (house, FOYER_EFFECT_ENDED, reasons[i]);
    }
  }
}

/* I9: out of turn, or with no reason that could be: killed, not believed. */
static void
test_rogues (void)
{
  static const FoyerEventKind in_turn[][2] = {
    [FOYER_SESSION_STARTING] = { FOYER_EVENT_WORKER_READY },
    [FOYER_SESSION_IDENTIFYING] = { FOYER_EVENT_WORKER_IDENTITY },
    [FOYER_SESSION_PREPARING] = { FOYER_EVENT_WORKER_STREAMING },
    [FOYER_SESSION_LINKED] = { FOYER_EVENT_WORKER_LIVE },
    [FOYER_SESSION_LIVE] = { FOYER_EVENT_NONE },
  };

  for (unsigned state = FOYER_SESSION_STARTING; state <= FOYER_SESSION_LIVE;
       state++) {
    for (unsigned kind = FOYER_EVENT_WORKER_READY;
         kind <= FOYER_EVENT_WORKER_FAILED; kind++) {
      g_autofree House *house = NULL;

      if (kind == in_turn[state][0])
        continue;
      house = house_with (state);
      word (house, kind, 1); /* FAILED without reason */
      g_assert_cmpint (state_of (house, 1), ==, FOYER_SESSION_CLOSING);
      assert_reason (house, FOYER_EFFECT_KILL, FOYER_REASON_WORKER_ROGUE);
      g_assert_true ((find_effect (house, FOYER_EFFECT_UNLINK) != NULL) ==
          foyer_session_state_is_open (state));
      word (house, FOYER_EVENT_WORKER_CLOSED, 1);
      ASSERT_NOTHING (house);
      end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_WORKER_DIED);
      assert_reason (house, FOYER_EFFECT_SILENCED, FOYER_REASON_WORKER_ROGUE);
    }
  }
}

/* I1, I7: a house that can't be, as after a stray write: still no frame. */
static void
test_forged (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_PREPARING);

  house->core.sessions[0].generation++;
  word (house, FOYER_EVENT_WORKER_STREAMING, 1);
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_CAMERA_FAILED);
  g_free (g_steal_pointer (&house));
  house = house_with (FOYER_SESSION_IDENTIFYING);
  memset (house->core.targets, 0, sizeof (house->core.targets));
  word (house, FOYER_EVENT_WORKER_IDENTITY, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_CLOSE, FOYER_EFFECT_CHANGED);
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_TARGET_GONE);
}

/* What was under way when CLOSE was said is let pass; after CLOSED nothing is. */
static void
test_words_under_way (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LINKED);

  end (house, FOYER_EVENT_STOP, 1, FOYER_REASON_STOPPED);
  for (unsigned kind = FOYER_EVENT_WORKER_READY;
       kind <= FOYER_EVENT_WORKER_LIVE; kind++) {
    word (house, kind, 1);
    ASSERT_NOTHING (house);
  }
  end (house, FOYER_EVENT_WORKER_FAILED, 1, FOYER_REASON_DISPLAY_LOST);
  g_assert_nonnull (find_effect (house, FOYER_EFFECT_SILENCED));
  word (house, FOYER_EVENT_WORKER_LIVE, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_KILL);
  g_assert_cmpint (session_of (house, 1)->reason, ==, FOYER_REASON_STOPPED);
}

static void
test_too_slow (void)
{
  for (unsigned state = FOYER_SESSION_STARTING;
       state <= FOYER_SESSION_PREPARING; state++) {
    g_autofree House *house = house_with (state);

    tick (house, FOYER_CORE_START_US - 1);
    ASSERT_NOTHING (house);
    tick (house, 1);
    assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_TOO_SLOW);
  }
}

/* The shortest of what rule, caller and rule's expiry allow. */
static void
test_expiry (void)
{
  static const struct
  {
    uint32_t max_s, longest_s;
    int expires_s;
    int64_t ends_s;
  } cases[] = { { 0, 0, 0, 0 }, { 60, 0, 0, 60 }, { 60, 30, 0, 30 },
    { 60, 90, 0, 60 }, { 0, 30, 0, 30 }, { 60, 90, 20, 20 }, { 60, 10, 20, 10 },
    { 0, 0, 20, 20 } };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree House *house = house_new ();
    FoyerEvent event = make_cast (1, CAMERA, FOYER_TARGET_APP, APP);

    house->core.policy.rules[0].max_session_s = cases[i].max_s;
    if (cases[i].expires_s != 0)
      house->core.policy.rules[0].expires_s = WALL_S + cases[i].expires_s;
    event.longest_s = cases[i].longest_s;
    step (house, event);
    g_assert_cmpint (session_of (house, 1)->ends_us, ==,
        cases[i].ends_s ? NOW_US + cases[i].ends_s * S_US : 0);
    if (cases[i].ends_s == 0)
      continue;
    open_camera (house, CAMERA);
    word (house, FOYER_EVENT_WORKER_READY, 1);
    word (house, FOYER_EVENT_WORKER_STREAMING, 1);
    g_assert_cmpint (foyer_core_get_deadline_us (&house->core, &house->moment),
        ==, NOW_US + cases[i].ends_s * S_US);
    house->moment.wall_s += cases[i].ends_s - 1;
    tick (house, cases[i].ends_s * S_US - 1);
    ASSERT_NOTHING (house);
    tick (house, 1);
    assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_EXPIRED);
  }
}

/* By the clock on the wall as well, even if that was put forward. */
static void
test_rule_expires (void)
{
  g_autofree House *house = house_new ();

  house->core.policy.rules[0].expires_s = WALL_S + 3600;
  cast (house, 1);
  house->moment.wall_s += 3599;
  tick (house, 1);
  ASSERT_NOTHING (house);
  house->moment.wall_s++;
  tick (house, 1);
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_EXPIRED);
}

/* A rule that is left counts, with its bound, from the session's beginning. */
static void
test_other_rule_remains (void)
{
  g_autofree House *house = house_new ();
  FoyerRule rule = make_rule (8);
  FoyerEvent event = { .kind = FOYER_EVENT_RULE_REMOVED };

  rule.max_session_s = 30;
  step (house, (FoyerEvent){ .kind = FOYER_EVENT_RULE_ADDED, .rule = rule });
  cast (house, 1);
  g_assert_cmpuint (session_of (house, 1)->rule.v, ==, RULE);
  g_assert_cmpint (session_of (house, 1)->ends_us, ==, 0);
  house->moment.now_us += 10 * S_US;
  open_camera (house, CAMERA);
  event.rule.id.v = RULE;
  step (house, event);
  ASSERT_NOTHING (house);
  g_assert_cmpint (session_of (house, 1)->ends_us, ==, NOW_US + 30 * S_US);
  event.rule.id.v = 8;
  step (house, event);
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_REVOKED);
}

static void
test_window_closes (void)
{
  g_autofree House *house = house_new ();

  house->core.policy.rules[0].n_windows = 1;
  house->core.policy.rules[0].windows[0] = (FoyerWindow){ 590, 601 };
  cast (house, 1);
  g_assert_cmpint (state_of (house, 1), !=, 0);
  house->moment.minute_of_week = 601;
  tick (house, 1);
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_REVOKED);
}

static void
test_lockdown (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LIVE);

  step (house, (FoyerEvent){ .kind = FOYER_EVENT_LOCKDOWN, .is_on = true });
  ASSERT_EFFECTS (house, FOYER_EFFECT_UNLINK, FOYER_EFFECT_CLOSE,
      FOYER_EFFECT_CHANGED, FOYER_EFFECT_CLOSE_CAMERA);
  step (house, (FoyerEvent){ .kind = FOYER_EVENT_LOCKDOWN });
  /* Nothing comes back. */
  ASSERT_NOTHING (house);
  word (house, FOYER_EVENT_WORKER_CLOSED, 1);
  end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_NONE);
  ASSERT_EFFECTS (house, FOYER_EFFECT_ENDED);
  cast (house, 2);
  ASSERT_EFFECTS (house, FOYER_EFFECT_OPEN_CAMERA, FOYER_EFFECT_GRANTED,
      FOYER_EFFECT_SPAWN);
  g_assert_cmpuint (session_of (house, 2)->generation, ==, 2);
}

/* A camera is opened once for all, closed when nobody looked for a while, and
 * has another generation then. */
static void
test_camera_idle (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LIVE);
  const FoyerCamera *camera = foyer_core_find_camera (&house->core,
      (FoyerCameraId){ CAMERA });

  step (house, make_cast (2, CAMERA, FOYER_TARGET_APP, APP));
  ASSERT_EFFECTS (house, FOYER_EFFECT_GRANTED, FOYER_EFFECT_SPAWN);
  g_assert_cmpuint (session_of (house, 2)->generation, ==, 1);
  end (house, FOYER_EVENT_WORKER_GONE, 2, FOYER_REASON_WORKER_DIED);
  g_assert_cmpint (camera->due_us, ==, 0);
  end (house, FOYER_EVENT_WORKER_FAILED, 1, FOYER_REASON_DISPLAY_LOST);
  end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_NONE);
  g_assert_cmpint (camera->due_us, ==, NOW_US + FOYER_CORE_IDLE_US);
  tick (house, FOYER_CORE_IDLE_US - 1);
  ASSERT_NOTHING (house);
  /* In the last moment one comes back. */
  cast (house, 3);
  g_assert_cmpint (camera->due_us, ==, 0);
  g_assert_cmpuint (session_of (house, 3)->generation, ==, 1);
  end (house, FOYER_EVENT_WORKER_GONE, 3, FOYER_REASON_WORKER_DIED);
  tick (house, FOYER_CORE_IDLE_US);
  ASSERT_EFFECTS (house, FOYER_EFFECT_CLOSE_CAMERA);
  g_assert_cmpuint (house->effects.effects[0].generation, ==, 1);
  cast (house, 4);
  g_assert_cmpuint (session_of (house, 4)->generation, ==, 2);
}

/* Nobody waits for it any more: it is not opened to be closed again. */
static void
test_camera_unwanted (void)
{
  g_autofree House *house = house_new ();
  const FoyerCamera *camera = foyer_core_find_camera (&house->core,
      (FoyerCameraId){ CAMERA });

  cast (house, 1);
  step (house, make_cast (2, CAMERA, FOYER_TARGET_APP, APP));
  end (house, FOYER_EVENT_STOP, 1, FOYER_REASON_STOPPED);
  end (house, FOYER_EVENT_WORKER_GONE, 1, FOYER_REASON_NONE);
  ASSERT_EFFECTS (house, FOYER_EFFECT_SILENCED, FOYER_EFFECT_ENDED);
  /* Another one does. */
  g_assert_cmpint (camera->state, ==, FOYER_CAMERA_OPENING);
  end (house, FOYER_EVENT_STOP, 2, FOYER_REASON_STOPPED);
  ASSERT_EFFECTS (house, FOYER_EFFECT_CLOSE, FOYER_EFFECT_CHANGED);
  end (house, FOYER_EVENT_WORKER_FAILED, 2, FOYER_REASON_DISPLAY_LOST);
  ASSERT_EFFECTS (house, FOYER_EFFECT_SILENCED, FOYER_EFFECT_CHANGED,
      FOYER_EFFECT_CLOSE_CAMERA);
  g_assert_cmpint (camera->state, ==, FOYER_CAMERA_CLOSED);
  g_assert_cmpint (camera->due_us, ==, 0);
  /* Its worker, killed meanwhile, may have said that it is open. */
  camera_event (house, FOYER_EVENT_CAMERA_OPENED, CAMERA, 1);
  ASSERT_NOTHING (house);
  g_assert_cmpint (camera->state, ==, FOYER_CAMERA_CLOSED);
  cast (house, 3);
  g_assert_cmpuint (session_of (house, 3)->generation, ==, 2);
}

static void
test_camera_generations (void)
{
  g_autofree House *house = house_new ();
  const FoyerCamera *camera = foyer_core_find_camera (&house->core,
      (FoyerCameraId){ CAMERA });

  cast (house, 1);
  camera_event (house, FOYER_EVENT_CAMERA_OPENED, CAMERA, 0);
  g_assert_cmpint (camera->state, ==, FOYER_CAMERA_OPENING);
  camera_event (house, FOYER_EVENT_CAMERA_FAILED, CAMERA, 1);
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_CAMERA_FAILED);
  step (house, make_cast (2, CAMERA, FOYER_TARGET_APP, APP));
  g_assert_cmpuint (camera->generation, ==, 2);
  /* What is past is ignored. */
  camera_event (house, FOYER_EVENT_CAMERA_OPENED, CAMERA, 1);
  g_assert_cmpint (camera->state, ==, FOYER_CAMERA_OPENING);
  camera_event (house, FOYER_EVENT_CAMERA_FAILED, CAMERA, 1);
  ASSERT_NOTHING (house);
  g_assert_cmpint (state_of (house, 2), ==, FOYER_SESSION_STARTING);
  open_camera (house, CAMERA);
  g_assert_cmpint (camera->state, ==, FOYER_CAMERA_OPEN);
  open_camera (house, CAMERA);
  ASSERT_NOTHING (house);
  /* Unplugged and back: it never begins again. */
  camera_event (house, FOYER_EVENT_CAMERA_REMOVED, CAMERA, 0);
  g_assert_cmpint (house->effects.effects[0].kind, ==,
      FOYER_EFFECT_CLOSE_CAMERA);
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_CAMERA_GONE);
  camera_event (house, FOYER_EVENT_CAMERA_ADDED, CAMERA, 0);
  step (house, make_cast (3, CAMERA, FOYER_TARGET_APP, APP));
  g_assert_cmpuint (session_of (house, 3)->generation, ==, 3);
}

static void
test_camera_does_not_open (void)
{
  g_autofree House *house = house_new ();

  cast (house, 1);
  tick (house, FOYER_CORE_OPEN_US - 1);
  ASSERT_NOTHING (house);
  tick (house, 1);
  ASSERT_EFFECTS (house, FOYER_EFFECT_CLOSE, FOYER_EFFECT_CHANGED,
      FOYER_EFFECT_CLOSE_CAMERA);
  assert_reason (house, FOYER_EFFECT_CLOSE, FOYER_REASON_CAMERA_FAILED);
}

/* Events about what is not there change nothing. */
static void
test_unknown (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LIVE);
  g_autofree FoyerCore *before = g_memdup2 (&house->core, sizeof (FoyerCore));

  for (unsigned kind = FOYER_EVENT_STOP; kind <= FOYER_N_EVENTS + 3; kind++) {
    word (house, kind, 99);
    ASSERT_NOTHING (house);
    word (house, kind, 0);
    ASSERT_NOTHING (house);
  }
  for (unsigned kind = FOYER_N_EVENTS; kind <= FOYER_N_EVENTS + 3; kind++) {
    word (house, kind, 1);
    ASSERT_NOTHING (house);
  }
  word (house, FOYER_EVENT_NONE, 1);
  for (unsigned kind = FOYER_EVENT_CAMERA_REMOVED;
       kind <= FOYER_EVENT_CAMERA_FAILED; kind++) {
    camera_event (house, kind, 99, 1);
    ASSERT_NOTHING (house);
    camera_event (house, kind, 0, 0);
    ASSERT_NOTHING (house);
  }
  step (house,
      (FoyerEvent){ .kind = FOYER_EVENT_TARGET_REMOVED,
          .target = make_target (FOYER_TARGET_NODE, 99) });
  ASSERT_NOTHING (house);
  g_assert_cmpmem (before, sizeof (FoyerCore), &house->core,
      sizeof (FoyerCore));
}

static void
assert_failed (House *house, FoyerEvent event, FoyerReason reason)
{
  g_autofree FoyerCore *before = g_memdup2 (&house->core, sizeof (FoyerCore));

  step (house, event);
  ASSERT_EFFECTS (house, FOYER_EFFECT_FAILED);
  assert_reason (house, FOYER_EFFECT_FAILED, reason);
  g_assert_cmpmem (before, sizeof (FoyerCore), &house->core,
      sizeof (FoyerCore));
}

/* I9: what can't be, and what there is no room for. */
static void
test_bad_changes (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LIVE);
  FoyerEvent event = { .kind = FOYER_EVENT_RULE_ADDED };

  assert_failed (house, event, FOYER_REASON_MALFORMED);
  event.rule = make_rule (RULE);
  assert_failed (house, event, FOYER_REASON_MALFORMED);
  event.kind = FOYER_EVENT_RULE_REMOVED;
  event.rule.id.v = 99;
  assert_failed (house, event, FOYER_REASON_MALFORMED);
  event.kind = FOYER_EVENT_CAMERA_ADDED;
  assert_failed (house, event, FOYER_REASON_MALFORMED);
  event.kind = FOYER_EVENT_TARGET_ADDED;
  for (unsigned i = 0; i < 4; i++) {
    event.target = make_target (FOYER_TARGET_NODE, i == 0 ? 0 : 5);
    if (i == 1 || i == 2)
      event.target.kind = i == 1 ? FOYER_TARGET_NONE : FOYER_TARGET_ANY;
    if (i == 3)
      event.target.trust = FOYER_TRUST_ANY + 1;
    assert_failed (house, event, FOYER_REASON_MALFORMED);
  }
}

static void
test_full_tables (void)
{
  g_autofree House *house = house_with (FOYER_SESSION_LIVE);
  FoyerEvent event = { .kind = FOYER_EVENT_RULE_ADDED };

  for (uint64_t id = 100; house->core.policy.n_rules < FOYER_POLICY_MAX_RULES;
       id++) {
    event.rule = make_rule (id);
    step (house, event);
    ASSERT_NOTHING (house);
  }
  event.rule = make_rule (99);
  assert_failed (house, event, FOYER_REASON_FULL);
  for (uint64_t id = 3; id <= FOYER_CORE_MAX_CAMERAS; id++)
    camera_event (house, FOYER_EVENT_CAMERA_ADDED, 100 + id, 0);
  ASSERT_NOTHING (house);
  event.kind = FOYER_EVENT_CAMERA_ADDED;
  event.camera.v = 99;
  assert_failed (house, event, FOYER_REASON_FULL);
  for (unsigned kind = FOYER_TARGET_DISPLAY; kind <= FOYER_TARGET_APP; kind++) {
    for (uint64_t id = 2; id <= FOYER_CORE_MAX_TARGETS; id++) {
      add_target (house, make_target (kind, 100 + id));
      ASSERT_NOTHING (house);
    }
    event.kind = FOYER_EVENT_TARGET_ADDED;
    event.target = make_target (kind, 99);
    assert_failed (house, event, FOYER_REASON_FULL);
    /* One that is known may still change. */
    add_target (house, make_target (kind, 102));
    ASSERT_NOTHING (house);
    g_assert_nonnull (foyer_core_find_target (&house->core, kind,
        (FoyerTargetId){ 100 + FOYER_CORE_MAX_TARGETS }));
  }
  /* A slot that is given back is used again. */
  camera_event (house, FOYER_EVENT_CAMERA_REMOVED, OTHER, 0);
  event.kind = FOYER_EVENT_CAMERA_ADDED;
  step (house, event);
  ASSERT_NOTHING (house);
}

/* Every session and every camera at once: the effects have room. */
static void
test_all_at_once (void)
{
  g_autofree House *house = house_new ();
  uint32_t n[FOYER_EFFECT_FAILED + 1] = { 0 };

  for (uint64_t id = 3; id <= FOYER_CORE_MAX_CAMERAS; id++)
    camera_event (house, FOYER_EVENT_CAMERA_ADDED, id + 10, 0);
  for (uint64_t id = 1; id <= FOYER_CORE_MAX_SESSIONS; id++) {
    uint64_t camera = 11 + id % FOYER_CORE_MAX_CAMERAS;

    step (house, make_cast (id, camera, FOYER_TARGET_APP, APP));
    g_assert_nonnull (find_effect (house, FOYER_EFFECT_GRANTED));
    open_camera (house, camera);
    word (house, FOYER_EVENT_WORKER_READY, id);
    word (house, FOYER_EVENT_WORKER_STREAMING, id);
    g_assert_cmpint (state_of (house, id), ==, FOYER_SESSION_LINKED);
  }
  step (house, (FoyerEvent){ .kind = FOYER_EVENT_LOCKDOWN, .is_on = true });
  for (uint32_t i = 0; i < house->effects.n_effects; i++)
    n[house->effects.effects[i].kind]++;
  g_assert_cmpuint (n[FOYER_EFFECT_UNLINK], ==, FOYER_CORE_MAX_SESSIONS);
  g_assert_cmpuint (n[FOYER_EFFECT_CLOSE], ==, FOYER_CORE_MAX_SESSIONS);
  g_assert_cmpuint (n[FOYER_EFFECT_CLOSE_CAMERA], ==, FOYER_CORE_MAX_CAMERAS);
}

static int64_t
deadline_of (House *house)
{
  return foyer_core_get_deadline_us (&house->core, &house->moment) -
      house->moment.now_us;
}

static void
test_deadlines (void)
{
  g_autofree House *house = house_new ();

  g_assert_cmpint (foyer_core_get_deadline_us (&house->core, &house->moment),
      ==, 0);
  cast (house, 1);
  g_assert_cmpint (deadline_of (house), ==, FOYER_CORE_OPEN_US);
  open_camera (house, CAMERA);
  g_assert_cmpint (deadline_of (house), ==, FOYER_CORE_START_US);
  word (house, FOYER_EVENT_WORKER_READY, 1);
  word (house, FOYER_EVENT_WORKER_IDENTITY, 1);
  word (house, FOYER_EVENT_WORKER_STREAMING, 1);
  /* Nothing to wait for: 0 wake-ups. */
  g_assert_cmpint (foyer_core_get_deadline_us (&house->core, &house->moment),
      ==, 0);
  end (house, FOYER_EVENT_STOP, 1, FOYER_REASON_STOPPED);
  g_assert_cmpint (deadline_of (house), ==, FOYER_CORE_CLOSE_US);
  word (house, FOYER_EVENT_WORKER_CLOSED, 1);
  g_assert_cmpint (deadline_of (house), ==, FOYER_CORE_CLEAN_US);
}

/* The next minute at which a schedule says something else, or the quarter. The
 * moment is 20 s past a minute. */
static void
test_schedule_deadlines (void)
{
  static const struct
  {
    uint32_t minute;
    FoyerWindow window;
    uint32_t n_minutes;
  } cases[] = {
    { 600, { 590, 601 }, 1 },
    { 600, { 590, 610 }, 10 },
    { 600, { 590, 615 }, 15 },
    { 600, { 590, 2000 }, 15 },
    { 607, { 590, 2000 }, 8 },
    { 614, { 590, 2000 }, 1 },
    { 10070, { 10000, 10075 }, 5 },
    { 10070, { 10000, 2 }, 10 },
    { 1, { 10000, 4 }, 3 },
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree House *house = house_with (FOYER_SESSION_LIVE);

    house->core.policy.rules[0].n_windows = 1;
    house->core.policy.rules[0].windows[0] = cases[i].window;
    house->moment.minute_of_week = cases[i].minute;
    tick (house, 0);
    ASSERT_NOTHING (house);
    g_assert_cmpint (deadline_of (house), ==,
        (cases[i].n_minutes * 60 - 20) * S_US);
    /* Of another rule's, that may begin to deny. */
    house->core.policy.rules[1] = make_rule (8);
    house->core.policy.rules[1].verdict = FOYER_VERDICT_DENY;
    house->core.policy.rules[1].n_windows = 1;
    house->core.policy.rules[1].windows[0] = (FoyerWindow){
      (cases[i].minute + 1) % FOYER_MINUTES_A_WEEK, cases[i].minute
    };
    house->core.policy.n_rules = 2;
    g_assert_cmpint (deadline_of (house), ==, 40 * S_US);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/session/life", test_life);
  g_test_add_func ("/core/session/nodes-apps", test_nodes_and_apps);
  g_test_add_func ("/core/i9/refusals", test_refusals);
  g_test_add_func ("/core/i9/malformed-casts", test_malformed_casts);
  g_test_add_func ("/core/i9/zero-house", test_zero_house);
  g_test_add_func ("/core/i9/rogues", test_rogues);
  g_test_add_func ("/core/i1/forged", test_forged);
  g_test_add_func ("/core/i9/unknown", test_unknown);
  g_test_add_func ("/core/i9/bad-changes", test_bad_changes);
  g_test_add_func ("/core/i9/full-tables", test_full_tables);
  g_test_add_func ("/core/i7/identities", test_identities);
  g_test_add_func ("/core/i7/target-changes", test_target_changes);
  g_test_add_func ("/core/i7/trust-tightened", test_trust_tightened);
  g_test_add_func ("/core/i4/ends", test_every_end_of_every_state);
  g_test_add_func ("/core/i4/kill", test_kill);
  g_test_add_func ("/core/i4/words-under-way", test_words_under_way);
  g_test_add_func ("/core/i4/deaths", test_deaths);
  g_test_add_func ("/core/i4/failures", test_failures);
  g_test_add_func ("/core/i4/lockdown", test_lockdown);
  g_test_add_func ("/core/i8/cleaning", test_cleaning);
  g_test_add_func ("/core/i8/death", test_death_while_cleaning);
  g_test_add_func ("/core/time/too-slow", test_too_slow);
  g_test_add_func ("/core/time/expiry", test_expiry);
  g_test_add_func ("/core/time/rule-expires", test_rule_expires);
  g_test_add_func ("/core/time/other-rule", test_other_rule_remains);
  g_test_add_func ("/core/time/window", test_window_closes);
  g_test_add_func ("/core/time/deadlines", test_deadlines);
  g_test_add_func ("/core/time/schedules", test_schedule_deadlines);
  g_test_add_func ("/core/camera/idle", test_camera_idle);
  g_test_add_func ("/core/camera/unwanted", test_camera_unwanted);
  g_test_add_func ("/core/camera/generations", test_camera_generations);
  g_test_add_func ("/core/camera/does-not-open", test_camera_does_not_open);
  g_test_add_func ("/core/all-at-once", test_all_at_once);
  return g_test_run ();
}
