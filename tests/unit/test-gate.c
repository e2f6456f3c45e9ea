/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-gate.h"

#include <glib.h>

/* The gate's decision, against each invariant that it keeps, and against the
 * predicate written down a second time. */

#define NOW_US  5000000
#define N_TRIES 200000

static const FoyerGrant grant = { { 7 }, 3, 4000000, 9000000, 1000000 };

static FoyerGate
make_open (void)
{
  FoyerGate gate = { 0 };

  foyer_gate_open (&gate, &grant);
  return gate;
}

static FoyerGateFrame
make_frame (uint64_t sequence)
{
  return (FoyerGateFrame){ true, { 7 }, 3, sequence, NOW_US - 1000, true };
}

static void
assert_verdict (const FoyerGateFrame *frame, FoyerGateVerdict verdict)
{
  FoyerGate gate = make_open ();

  g_assert_cmpint (foyer_gate_decide (&gate, frame, NOW_US), ==, verdict);
  g_assert_cmpint (foyer_gate_decide_again (&gate, frame, NOW_US), ==,
      verdict == FOYER_GATE_REPEATED || verdict == FOYER_GATE_NO_KEY
          ? FOYER_GATE_PASS
          : verdict);
}

/* I9 */
static void
test_born_closed (void)
{
  FoyerGate gate = { 0 };
  FoyerGateFrame frame = make_frame (1);
  FoyerGateFrame zero = { 0 };

  g_assert_cmpint (foyer_gate_decide (&gate, &frame, NOW_US), ==,
      FOYER_GATE_CLOSED);
  g_assert_cmpint (foyer_gate_decide (&gate, &zero, 0), ==, FOYER_GATE_CLOSED);
  g_assert_cmpint (foyer_gate_pass (&gate, &frame, NOW_US), ==,
      FOYER_GATE_CLOSED);
  g_assert_cmpuint (gate.last_sequence, ==, 0);
  g_assert_cmpint (FOYER_GATE_CLOSED, ==, 0);
}

static void
test_passes (void)
{
  FoyerGateFrame frame = make_frame (1);

  assert_verdict (&frame, FOYER_GATE_PASS);
}

/* I9 */
static void
test_untagged (void)
{
  FoyerGateFrame frame = make_frame (1);

  frame.is_tagged = false;
  assert_verdict (&frame, FOYER_GATE_UNTAGGED);
}

/* I1 */
static void
test_foreign (void)
{
  FoyerGateFrame frame = make_frame (1);

  frame.camera.v = 8;
  assert_verdict (&frame, FOYER_GATE_FOREIGN);
  frame.camera.v = 0;
  assert_verdict (&frame, FOYER_GATE_FOREIGN);
}

/* I1 */
static void
test_generation (void)
{
  FoyerGateFrame frame = make_frame (1);

  frame.generation = 2;
  assert_verdict (&frame, FOYER_GATE_GENERATION);
  frame.generation = 4;
  assert_verdict (&frame, FOYER_GATE_GENERATION);
}

/* I3 */
static void
test_before (void)
{
  FoyerGate gate = make_open ();
  FoyerGateFrame frame = make_frame (1);

  frame.capture_us = grant.granted_us - 1;
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, grant.granted_us), ==,
      FOYER_GATE_BEFORE);
  frame.capture_us = grant.granted_us;
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, grant.granted_us), ==,
      FOYER_GATE_PASS);
  frame.capture_us = INT64_MIN;
  assert_verdict (&frame, FOYER_GATE_BEFORE);
}

/* I2 */
static void
test_future (void)
{
  FoyerGateFrame frame = make_frame (1);

  frame.capture_us = NOW_US;
  assert_verdict (&frame, FOYER_GATE_PASS);
  frame.capture_us = NOW_US + 1;
  assert_verdict (&frame, FOYER_GATE_FUTURE);
  frame.capture_us = INT64_MAX;
  assert_verdict (&frame, FOYER_GATE_FUTURE);
}

/* I2 */
static void
test_old (void)
{
  FoyerGate gate = make_open ();
  FoyerGateFrame frame = make_frame (1);

  frame.capture_us = 6000000;
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, 7000000), ==,
      FOYER_GATE_PASS);
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, 7000001), ==,
      FOYER_GATE_OLD);
  g_assert_cmpint (foyer_gate_decide_again (&gate, &frame, 7000001), ==,
      FOYER_GATE_OLD);
  /* A gate that nobody opened as it should be is as narrow. */
  gate.granted_us = INT64_MIN;
  gate.ends_us = 0;
  frame.capture_us = INT64_MIN;
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, INT64_MAX), ==,
      FOYER_GATE_OLD);
  gate.max_age_us = -1;
  frame.capture_us = 7000000;
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, 7000000), ==,
      FOYER_GATE_OLD);
}

/* I2 */
static void
test_repeated (void)
{
  FoyerGate gate = make_open ();
  FoyerGateFrame frame = make_frame (10);

  g_assert_cmpint (foyer_gate_pass (&gate, &frame, NOW_US), ==,
      FOYER_GATE_PASS);
  g_assert_cmpint (foyer_gate_pass (&gate, &frame, NOW_US), ==,
      FOYER_GATE_REPEATED);
  g_assert_cmpint (foyer_gate_decide_again (&gate, &frame, NOW_US), ==,
      FOYER_GATE_PASS);
  frame.sequence = 9;
  g_assert_cmpint (foyer_gate_pass (&gate, &frame, NOW_US), ==,
      FOYER_GATE_REPEATED);
  frame.sequence = 11;
  g_assert_cmpint (foyer_gate_pass (&gate, &frame, NOW_US), ==,
      FOYER_GATE_PASS);
  frame.sequence = 0;
  assert_verdict (&frame, FOYER_GATE_REPEATED);
}

/* I3 */
static void
test_no_key (void)
{
  FoyerGate gate = make_open ();
  FoyerGateFrame delta = make_frame (1);
  FoyerGateFrame key = make_frame (2);

  delta.is_key = false;
  assert_verdict (&delta, FOYER_GATE_NO_KEY);
  g_assert_cmpint (foyer_gate_pass (&gate, &delta, NOW_US), ==,
      FOYER_GATE_NO_KEY);
  g_assert_cmpint (foyer_gate_pass (&gate, &key, NOW_US), ==, FOYER_GATE_PASS);
  delta.sequence = 3;
  g_assert_cmpint (foyer_gate_pass (&gate, &delta, NOW_US), ==,
      FOYER_GATE_PASS);
}

/* A key frame that does not pass opens nothing. */
static void
test_refused_key (void)
{
  FoyerGate gate = make_open ();
  FoyerGateFrame key = make_frame (2);
  FoyerGateFrame delta = make_frame (3);

  key.camera.v = 8;
  delta.is_key = false;
  g_assert_cmpint (foyer_gate_pass (&gate, &key, NOW_US), ==,
      FOYER_GATE_FOREIGN);
  g_assert_cmpint (foyer_gate_pass (&gate, &delta, NOW_US), ==,
      FOYER_GATE_NO_KEY);
}

/* I3: nor may a frame refer to one that was refused: a picture would be made of
 * parts that are older than the bound. */
static void
test_hole (void)
{
  FoyerGate gate = make_open ();
  FoyerGateFrame key = make_frame (1);
  FoyerGateFrame old = make_frame (2);
  FoyerGateFrame delta = make_frame (3);
  int64_t later_us = NOW_US + grant.max_age_us;

  old.is_key = delta.is_key = false;
  delta.capture_us = later_us;
  g_assert_cmpint (foyer_gate_pass (&gate, &key, NOW_US), ==, FOYER_GATE_PASS);
  g_assert_cmpint (foyer_gate_pass (&gate, &old, later_us), ==, FOYER_GATE_OLD);
  g_assert_cmpint (foyer_gate_pass (&gate, &delta, later_us), ==,
      FOYER_GATE_NO_KEY);
  key.sequence = 4;
  key.capture_us = later_us;
  delta.sequence = 5;
  g_assert_cmpint (foyer_gate_pass (&gate, &key, later_us), ==,
      FOYER_GATE_PASS);
  g_assert_cmpint (foyer_gate_pass (&gate, &delta, later_us), ==,
      FOYER_GATE_PASS);
}

/* I4 */
static void
test_expired (void)
{
  FoyerGate gate = make_open ();
  FoyerGateFrame frame = make_frame (1);
  FoyerGateFrame zero = { 0 };

  frame.capture_us = grant.ends_us - 1;
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, grant.ends_us - 1), ==,
      FOYER_GATE_PASS);
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, grant.ends_us), ==,
      FOYER_GATE_EXPIRED);
  g_assert_cmpint (foyer_gate_decide_again (&gate, &frame, grant.ends_us), ==,
      FOYER_GATE_EXPIRED);
  /* Whatever the frame is. */
  g_assert_cmpint (foyer_gate_decide (&gate, &zero, grant.ends_us), ==,
      FOYER_GATE_EXPIRED);
}

/* I4 */
static void
test_closed_is_final (void)
{
  FoyerGate gate = make_open ();
  FoyerGate never = { 0 };
  FoyerGateFrame frame = make_frame (1);

  foyer_gate_close (&gate);
  foyer_gate_close (&never);
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpint (foyer_gate_pass (&gate, &frame, NOW_US), ==,
        FOYER_GATE_CLOSED);
    g_assert_cmpint (foyer_gate_decide_again (&gate, &frame, NOW_US), ==,
        FOYER_GATE_CLOSED);
    g_assert_cmpint (foyer_gate_pass (&never, &frame, NOW_US), ==,
        FOYER_GATE_CLOSED);
    foyer_gate_open (&gate, &grant);
    foyer_gate_open (&never, &grant);
    g_assert_false (gate.is_open);
    g_assert_false (never.is_open);
  }
  /* Even if somebody's bug opens it. */
  gate.is_open = true;
  g_assert_cmpint (foyer_gate_pass (&gate, &frame, NOW_US), ==,
      FOYER_GATE_CLOSED);
}

/* A grant is one for life. */
static void
test_second_grant (void)
{
  FoyerGate gate = make_open ();
  FoyerGrant other = grant;
  FoyerGateFrame frame = make_frame (1);

  other.camera.v = 8;
  foyer_gate_open (&gate, &other);
  frame.camera.v = 8;
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, NOW_US), ==,
      FOYER_GATE_FOREIGN);
}

static void
test_no_grant (void)
{
  for (guint i = 0; i < 7; i++) {
    FoyerGate gate = { 0 };
    FoyerGrant none = grant;
    FoyerGateFrame frame = make_frame (1);

    none.camera.v = i == 0 ? 0 : 7;
    none.generation = i == 1 ? 0 : 3;
    none.granted_us = i == 2 ? -1 : grant.granted_us;
    none.max_age_us = i == 3 ? 0 : i == 4 ? -1 : grant.max_age_us;
    none.ends_us = i == 5 ? grant.granted_us : i == 6 ? -1 : grant.ends_us;
    foyer_gate_open (&gate, &none);
    g_assert_cmpint (foyer_gate_decide (&gate, &frame, NOW_US), ==,
        FOYER_GATE_CLOSED);
    /* It can still be given a right one. */
    foyer_gate_open (&gate, &grant);
    g_assert_cmpint (foyer_gate_decide (&gate, &frame, NOW_US), ==,
        FOYER_GATE_PASS);
  }
}

static void
test_no_end (void)
{
  FoyerGate gate = { 0 };
  FoyerGrant endless = grant;
  FoyerGateFrame frame = make_frame (1);

  endless.ends_us = 0;
  foyer_gate_open (&gate, &endless);
  frame.capture_us = INT64_MAX;
  g_assert_cmpint (foyer_gate_decide (&gate, &frame, INT64_MAX), ==,
      FOYER_GATE_PASS);
}

static void
test_names (void)
{
  for (guint i = 0; i < FOYER_GATE_N_VERDICTS; i++) {
    for (guint j = 0; j < i; j++)
      g_assert_cmpstr (foyer_gate_verdict_to_string (i), !=,
          foyer_gate_verdict_to_string (j));
  }
  g_assert_cmpstr (foyer_gate_verdict_to_string (FOYER_GATE_PASS), ==, "pass");
  g_assert_cmpstr (foyer_gate_verdict_to_string (FOYER_GATE_N_VERDICTS), ==,
      "none");
}

/* Near to a bound more often than far from it. */
static int64_t
random_time (GRand *rand)
{
  static const int64_t bounds[] = { 0, 4000000, 5000000, 9000000, INT64_MIN + 8,
    INT64_MAX - 8, 3000000, 8000000 };

  return bounds[g_rand_int_range (rand, 0, G_N_ELEMENTS (bounds))] +
      g_rand_int_range (rand, -3, 4);
}

static FoyerGate
random_gate (GRand *rand)
{
  FoyerGate gate = {
    .is_open = g_rand_int_range (rand, 0, 8) > 0,
    .is_over = g_rand_int_range (rand, 0, 8) == 0,
    .camera = { (uint64_t) g_rand_int_range (rand, 0, 3) },
    .generation = (uint64_t) g_rand_int_range (rand, 0, 3),
    .granted_us = random_time (rand),
    .ends_us = g_rand_boolean (rand) ? 0 : random_time (rand),
    .max_age_us = random_time (rand),
    .last_sequence = (uint64_t) g_rand_int_range (rand, 0, 3),
    .has_key = g_rand_boolean (rand),
  };

  return gate;
}

/* The predicate, all at once and in numbers that can't overflow. */
static gboolean
may_pass_again (const FoyerGate *gate, const FoyerGateFrame *frame,
    int64_t now_us)
{
  __int128 age_us = (__int128) now_us - (__int128) frame->capture_us;

  return gate->is_open && !gate->is_over && frame->is_tagged &&
      frame->camera.v == gate->camera.v &&
      frame->generation == gate->generation &&
      frame->capture_us >= gate->granted_us && age_us >= 0 &&
      age_us <= (__int128) gate->max_age_us &&
      !(gate->ends_us != 0 && now_us >= gate->ends_us);
}

static gboolean
may_pass (const FoyerGate *gate, const FoyerGateFrame *frame, int64_t now_us)
{
  return may_pass_again (gate, frame, now_us) &&
      frame->sequence > gate->last_sequence && (frame->is_key || gate->has_key);
}

static void
test_predicate (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1044);
  guint n_verdicts[FOYER_GATE_N_VERDICTS] = { 0 };

  for (guint i = 0; i < N_TRIES; i++) {
    FoyerGate gate = random_gate (rand);
    FoyerGate after = gate;
    FoyerGateFrame frame = { g_rand_int_range (rand, 0, 8) > 0,
      { (uint64_t) g_rand_int_range (rand, 0, 3) },
      (uint64_t) g_rand_int_range (rand, 0, 3),
      (uint64_t) g_rand_int_range (rand, 0, 4), random_time (rand),
      g_rand_boolean (rand) };
    int64_t now_us = random_time (rand);
    FoyerGateVerdict verdict = foyer_gate_decide (&gate, &frame, now_us);

    g_assert_cmpint (verdict == FOYER_GATE_PASS, ==,
        may_pass (&gate, &frame, now_us));
    g_assert_cmpint (foyer_gate_decide_again (&gate, &frame, now_us) ==
            FOYER_GATE_PASS,
        ==, may_pass_again (&gate, &frame, now_us));
    g_assert_cmpint (foyer_gate_pass (&after, &frame, now_us), ==, verdict);
    g_assert_cmpuint (after.last_sequence, ==,
        verdict == FOYER_GATE_PASS ? frame.sequence : gate.last_sequence);
    g_assert_cmpint (after.has_key, ==, verdict == FOYER_GATE_PASS);
    n_verdicts[verdict]++;
  }
  for (guint i = 0; i < FOYER_GATE_N_VERDICTS; i++)
    g_assert_cmpuint (n_verdicts[i], >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gate/I9/born-closed", test_born_closed);
  g_test_add_func ("/gate/passes", test_passes);
  g_test_add_func ("/gate/I9/untagged", test_untagged);
  g_test_add_func ("/gate/I1/foreign", test_foreign);
  g_test_add_func ("/gate/I1/generation", test_generation);
  g_test_add_func ("/gate/I3/before", test_before);
  g_test_add_func ("/gate/I2/future", test_future);
  g_test_add_func ("/gate/I2/old", test_old);
  g_test_add_func ("/gate/I2/repeated", test_repeated);
  g_test_add_func ("/gate/I3/no-key", test_no_key);
  g_test_add_func ("/gate/I3/refused-key", test_refused_key);
  g_test_add_func ("/gate/I3/hole", test_hole);
  g_test_add_func ("/gate/I4/expired", test_expired);
  g_test_add_func ("/gate/I4/closed-is-final", test_closed_is_final);
  g_test_add_func ("/gate/grant/second", test_second_grant);
  g_test_add_func ("/gate/grant/none", test_no_grant);
  g_test_add_func ("/gate/grant/no-end", test_no_end);
  g_test_add_func ("/gate/names", test_names);
  g_test_add_func ("/gate/predicate", test_predicate);
  return g_test_run ();
}
