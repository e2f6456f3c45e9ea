/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-faults.h"
#include "foyer-test-house.h"

#include "foyer-cast-limits.h"
#include "foyer-clock.h"

#include <string.h>

/* Each way in which a display can misbehave ends in one error of the right step
 * and code, and a session after it works. The cases that wait for a time limit
 * do so all at once; the test functions gather them. */

#define PACE_US     10000
#define STORM_BYTES 20000

typedef struct
{
  const FoyerTestFaultCase *what;
  GThread *thread;
} Case;

static Case cases[FOYER_TEST_N_FAULT_CASES];

static FoyerTestHouse house;
static guint n_fds_at_first;

static FoyerCastSession *
open_session (const FoyerTestHouse *at, FoyerCastAuthLevel auth,
    const FoyerClock *clock, FoyerTestLog *log)
{
  const FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);
  const FoyerCastSessionConfig config = {
    .auth = auth,
    .ca_file = at->ca_file,
    .clock = clock,
  };
  g_autoptr (GError) error = NULL;
  FoyerCastSession *session = foyer_cast_session_new (&config,
      &foyer_test_house_callbacks, log, &error);

  g_assert_no_error (error);
  foyer_cast_session_offer (session, &wish);
  return session;
}

static FoyerCastVerdict
push (FoyerCastSession *session, const FoyerClock *clock, gsize n_bytes)
{
  g_autofree guint8 *data = g_malloc0 (n_bytes);
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = n_bytes,
    .is_key = TRUE,
    .tag.capture_us = foyer_clock_get_us (clock),
  };

  return foyer_cast_session_push (session, 0, &frame);
}

static void
check_works (guint16 port, FoyerTestLog *log)
{
  g_autoptr (FoyerCastSession) session = open_session (&house,
      FOYER_CAST_AUTH_DEVICE, NULL, log);

  foyer_test_log_reset (log);
  foyer_cast_session_start (session, "127.0.0.1", port);
  foyer_test_log_wait (log, "ready", 1);
  foyer_cast_session_stop (session);
  g_assert_cmpuint (foyer_test_log_count (log, "failed"), ==, 0);
}

/* The first word of a message is its step. */
static void
check_error (const FoyerTestFaultCase *self, FoyerTestLog *log)
{
  g_autofree char *word = NULL;
  g_autofree char *expected = g_strdup_printf ("failed %d %s", self->code,
      foyer_cast_step_to_string (self->step));

  foyer_test_log_wait (log, "failed", 1);
  word = foyer_test_log_dup (log, "failed");
  if (!g_str_has_prefix (word, expected))
    g_error ("%s: \"%s\" is not \"%s\"", self->name, word, expected);
}

static gpointer
run_case (gpointer user_data)
{
  const FoyerTestFaultCase *self = user_data;
  g_auto (FoyerTestLog) log = { 0 };
  g_autoptr (FoyerTestDisplay) display = NULL;
  g_autoptr (FoyerCastSession) session = NULL;

  foyer_test_log_init (&log);
  display = foyer_test_display_new (house.credentials,
      g_get_real_time () / G_USEC_PER_SEC, &log);
  /* There must be something to replay. */
  if (self->fault == FOYER_TEST_FAULT_AUTH_REPLAY)
    check_works (foyer_test_display_get_port (display), &log);
  foyer_test_log_reset (&log);
  foyer_test_display_set_fault (display, self->fault);
  session = open_session (&house, self->auth, NULL, &log);
  foyer_cast_session_start (session, "127.0.0.1",
      foyer_test_display_get_port (display));
  if (self->step == FOYER_CAST_STEP_STREAMING) {
    foyer_test_log_wait (&log, "ready", 1);
    push (session, foyer_clock_get_system (), STORM_BYTES);
  }
  if (self->fault == FOYER_TEST_FAULT_NACK_STORM)
    foyer_test_log_wait (&log, "nacks", 1);
  if (self->code != FOYER_TEST_WELL)
    check_error (self, &log);
  if (self->fault == FOYER_TEST_FAULT_FOREIGN_FEEDBACK) {
    FoyerCastSenderStats stats;

    foyer_cast_session_get_stats (session, &stats);
    g_assert_cmpuint (stats.n_bad_datagrams, >, 0);
  }
  foyer_cast_session_stop (session);
  g_assert_cmpuint (foyer_test_log_count (&log, "failed"), ==,
      self->code != FOYER_TEST_WELL);
  foyer_test_display_set_fault (display, FOYER_TEST_FAULT_NONE);
  check_works (foyer_test_display_get_port (display), &log);
  return NULL;
}

static GThread *
case_start (Case *self)
{
  return g_thread_new (self->what->name, run_case, (gpointer) self->what);
}

static void
test_case (gconstpointer user_data)
{
  Case *self = (Case *) user_data;

  if (self->thread == NULL)
    self->thread = case_start (self);
  g_thread_join (g_steal_pointer (&self->thread));
}

/* No step may take so long that with its goodbye it were over ten seconds. */
static void
test_limits (void)
{
  const int steps[] = { FOYER_CAST_CONNECT_TIMEOUT_MS,
    FOYER_CAST_TLS_TIMEOUT_MS, FOYER_CAST_AUTH_TIMEOUT_MS,
    FOYER_CAST_LAUNCH_TIMEOUT_MS, FOYER_CAST_ANSWER_TIMEOUT_MS,
    FOYER_CAST_FEEDBACK_TIMEOUT_MS };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    g_assert_cmpint (steps[i] + FOYER_CAST_STOP_TIMEOUT_MS +
            FOYER_CAST_CLOSE_TIMEOUT_MS,
        <, 10000);
  g_assert_cmpint (FOYER_CAST_SILENCE_TIMEOUT_MS + FOYER_CAST_CLOSE_TIMEOUT_MS,
      <, 10000);
}

static void
test_nobody (void)
{
  g_auto (FoyerTestLog) log = { 0 };
  g_autoptr (FoyerCastSession) session = NULL;
  g_autofree char *word = NULL;

  foyer_test_log_init (&log);
  session = open_session (&house, FOYER_CAST_AUTH_DEVICE, NULL, &log);
  foyer_cast_session_start (session, "127.0.0.1", 1);
  foyer_test_log_wait (&log, "failed", 1);
  word = foyer_test_log_dup (&log, "failed");
  g_assert_true (g_str_has_prefix (word,
      "failed 3 connecting to display at 127.0.0.1:1: no connection: "));
  G_STATIC_ASSERT (FOYER_CAST_ERROR_UNREACHABLE == 3);
}

/* NACKs beyond all reason make no more datagrams than the pacer lets out. */
static void
test_storm_is_bounded (void)
{
  g_auto (FoyerTestLog) log = { 0 };
  g_autoptr (FoyerTestDisplay) display = NULL;
  g_autoptr (FoyerCastSession) session = NULL;
  FoyerCastSenderStats stats;
  gint64 begin_us;
  gint64 took_us;

  foyer_test_log_init (&log);
  display = foyer_test_display_new (house.credentials,
      g_get_real_time () / G_USEC_PER_SEC, &log);
  foyer_test_display_set_fault (display, FOYER_TEST_FAULT_NACK_STORM);
  session = open_session (&house, FOYER_CAST_AUTH_DEVICE, NULL, &log);
  foyer_cast_session_start (session, "127.0.0.1",
      foyer_test_display_get_port (display));
  foyer_test_log_wait (&log, "ready", 1);
  begin_us = g_get_monotonic_time ();
  for (guint i = 0; i < 20; i++)
    push (session, foyer_clock_get_system (), STORM_BYTES);
  foyer_test_log_wait (&log, "nacks", 1);
  foyer_cast_session_get_stats (session, &stats);
  took_us = g_get_monotonic_time () - begin_us;
  /* 400 NACK datagrams ask for 100,000 packets; well under half of that is
   * what 10 Mbit/s can be, however long the storm took. */
  g_assert_cmpuint (stats.n_datagrams, <, 500 + (guint64) took_us / 100);
  g_test_message ("%" G_GUINT64_FORMAT " datagrams in %" G_GINT64_FORMAT " ms",
      stats.n_datagrams, took_us / 1000);
}

/* A clock that jumps */

typedef struct
{
  FoyerClock clock;
  gint64 jump_us; /* atomic in effect: written between calls */
  gint64 wall_jump_us;
  GMutex lock;
} JumpyClock;

static gint64
read_jumpy (gpointer user_data)
{
  JumpyClock *self = user_data;
  gint64 jump_us;

  g_mutex_lock (&self->lock);
  jump_us = self->jump_us;
  g_mutex_unlock (&self->lock);
  return g_get_monotonic_time () + jump_us;
}

static gint64
read_jumpy_wall (gpointer user_data)
{
  JumpyClock *self = user_data;
  gint64 jump_us;

  g_mutex_lock (&self->lock);
  jump_us = self->wall_jump_us;
  g_mutex_unlock (&self->lock);
  return g_get_real_time () + jump_us;
}

static void
jump (JumpyClock *self, gint64 us, gint64 wall_us)
{
  g_mutex_lock (&self->lock);
  self->jump_us = us;
  self->wall_jump_us = wall_us;
  g_mutex_unlock (&self->lock);
}

static void
test_clock_jumps (void)
{
  static const gint64 hours[] = { 0, 1, 24 * 365, 1 };
  JumpyClock clock = { .clock = { .read_us = read_jumpy,
                           .read_wall_us = read_jumpy_wall } };
  g_auto (FoyerTestLog) log = { 0 };
  g_autoptr (FoyerTestDisplay) display = NULL;
  g_autoptr (FoyerCastSession) session = NULL;

  clock.clock.user_data = &clock;
  g_mutex_init (&clock.lock);
  foyer_test_log_init (&log);
  display = foyer_test_display_new (house.credentials,
      g_get_real_time () / G_USEC_PER_SEC, &log);
  session = open_session (&house, FOYER_CAST_AUTH_DEVICE, &clock.clock, &log);
  foyer_cast_session_start (session, "127.0.0.1",
      foyer_test_display_get_port (display));
  foyer_test_log_wait (&log, "ready", 1);
  for (guint i = 0; i < G_N_ELEMENTS (hours); i++) {
    gint64 us = hours[i] * 3600 * G_USEC_PER_SEC;

    jump (&clock, us, -us);
    for (guint j = 0; j < 10; j++) {
      push (session, &clock.clock, 1000);
      g_usleep (PACE_US);
    }
  }
  g_assert_cmpuint (foyer_test_log_count (&log, "failed"), ==, 0);
  foyer_cast_session_stop (session);
  check_works (foyer_test_display_get_port (display), &log);
  g_mutex_clear (&clock.lock);
}

/* With a time of day that is wrong, no certificate is worth anything. */
static void
test_wrong_time_of_day (void)
{
  JumpyClock clock = { .clock = { .read_us = read_jumpy,
                           .read_wall_us = read_jumpy_wall } };
  g_auto (FoyerTestLog) log = { 0 };
  g_autoptr (FoyerTestDisplay) display = NULL;
  g_autoptr (FoyerCastSession) session = NULL;
  g_autofree char *word = NULL;

  clock.clock.user_data = &clock;
  g_mutex_init (&clock.lock);
  jump (&clock, 0, -10 * 365 * 24 * G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC);
  foyer_test_log_init (&log);
  display = foyer_test_display_new (house.credentials,
      g_get_real_time () / G_USEC_PER_SEC, &log);
  session = open_session (&house, FOYER_CAST_AUTH_DEVICE, &clock.clock, &log);
  foyer_cast_session_start (session, "127.0.0.1",
      foyer_test_display_get_port (display));
  foyer_test_log_wait (&log, "failed", 1);
  word = foyer_test_log_dup (&log, "failed");
  g_assert_true (g_str_has_prefix (word, "failed 8 authenticating"));
  G_STATIC_ASSERT (FOYER_CAST_ERROR_AUTH_TLS_LIFE == 8);
  foyer_cast_session_stop (session);
  g_mutex_clear (&clock.lock);
}

/* Registered last, when all the others are over. */
static void
test_nothing_left (void)
{
  foyer_test_assert_fds (n_fds_at_first);
}

/* What GIO opens once and keeps. */
static void
warm_up (void)
{
  g_auto (FoyerTestLog) log = { 0 };
  g_autoptr (FoyerTestDisplay) display = NULL;

  foyer_test_log_init (&log);
  display = foyer_test_display_new (house.credentials,
      g_get_real_time () / G_USEC_PER_SEC, &log);
  check_works (foyer_test_display_get_port (display), &log);
}

int
main (int argc, char **argv)
{
  gboolean is_one = argc > 1;
  int result;

  g_test_init (&argc, &argv, NULL);
  foyer_test_house_init (&house);
  warm_up ();
  n_fds_at_first = foyer_test_count_fds ();
  g_test_add_func ("/cast-hostile/limits", test_limits);
  g_test_add_func ("/cast-hostile/tcp/nobody", test_nobody);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/cast-hostile/%s",
        foyer_test_fault_cases[i].name);

    cases[i].what = &foyer_test_fault_cases[i];
    g_test_add_data_func (path, &cases[i], test_case);
    /* All at once, unless one was asked for. */
    if (!is_one && cases[i].what->is_slow)
      cases[i].thread = case_start (&cases[i]);
  }
  g_test_add_func ("/cast-hostile/stream/storm-is-bounded",
      test_storm_is_bounded);
  g_test_add_func ("/cast-hostile/clock/jumps", test_clock_jumps);
  g_test_add_func ("/cast-hostile/clock/wrong-time-of-day",
      test_wrong_time_of_day);
  g_test_add_func ("/cast-hostile-end/nothing-left", test_nothing_left);
  result = g_test_run ();
  foyer_test_house_clear (&house);
  return result;
}
