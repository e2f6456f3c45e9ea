/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-watch.h"
#include "foyer-clock.h"
#include "foyer-fd.h"

#include <sys/socket.h>

#define PATIENCE_US (60 * G_USEC_PER_SEC)
#define FAR_US      (1000 * G_USEC_PER_SEC)
#define SOON_US     (20 * 1000)
#define QUIET_US    (60 * 1000)

/* A watch, and what it called. */
typedef struct
{
  FoyerCastThread *thread;
  FoyerCastWatch *watch;
  int fd;   /* of the watch */
  int peer; /* of that */
  GMutex lock;
  GCond called;
  guint n_calls;
  GIOCondition ready; /* of the last call */
  gint64 called_us;   /* when that was */
  gint64 before_us;   /* and the one before */
  gint64 again_us;    /* it asks for another call so much later; 0 for none */
  gboolean wants_room;
} Fixture;

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static void
on_ready (GIOCondition ready, gpointer user_data)
{
  Fixture *fixture = user_data;
  gint64 now_us = get_now_us ();
  char byte;

  g_mutex_lock (&fixture->lock);
  foyer_cast_watch_forget_time (fixture->watch);
  while (recv (fixture->fd, &byte, 1, MSG_DONTWAIT) > 0)
    ;
  foyer_cast_watch_set_wants_room (fixture->watch, fixture->wants_room);
  if (fixture->again_us != 0)
    foyer_cast_watch_wait_until (fixture->watch, now_us + fixture->again_us,
        now_us);
  fixture->n_calls++;
  fixture->ready = ready;
  fixture->before_us = fixture->called_us;
  fixture->called_us = now_us;
  fixture->again_us = 0;
  fixture->wants_room = FALSE;
  g_cond_signal (&fixture->called);
  g_mutex_unlock (&fixture->lock);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  int ends[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends));
  fixture->fd = ends[0];
  fixture->peer = ends[1];
  g_mutex_init (&fixture->lock);
  g_cond_init (&fixture->called);
  fixture->thread = foyer_cast_thread_new ("watched");
  g_mutex_lock (&fixture->lock);
  fixture->watch = foyer_cast_watch_new (fixture->thread, fixture->fd, on_ready,
      fixture);
  g_mutex_unlock (&fixture->lock);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  foyer_cast_watch_free (fixture->watch);
  foyer_cast_thread_free (fixture->thread);
  foyer_fd_clear (&fixture->fd);
  foyer_fd_clear (&fixture->peer);
  g_cond_clear (&fixture->called);
  g_mutex_clear (&fixture->lock);
}

/* Under the owner's lock, as the engines do. */
static void
wait_for (Fixture *fixture, gint64 span_us)
{
  gint64 now_us = get_now_us ();

  g_mutex_lock (&fixture->lock);
  foyer_cast_watch_wait_until (fixture->watch, now_us + span_us, now_us);
  g_mutex_unlock (&fixture->lock);
}

/* Until it has called so often. */
static void
await_calls (Fixture *fixture, guint n_calls)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&fixture->lock);
  while (fixture->n_calls < n_calls)
    g_assert_true (
        g_cond_wait_until (&fixture->called, &fixture->lock, until_us));
  g_assert_cmpuint (fixture->n_calls, ==, n_calls);
  g_mutex_unlock (&fixture->lock);
}

/* Time passes, and it calls no more. */
static void
check_quiet (Fixture *fixture, guint n_calls)
{
  g_usleep (QUIET_US);
  await_calls (fixture, n_calls);
}

static void
test_time (Fixture *fixture, gconstpointer user_data)
{
  gint64 due_us = get_now_us () + SOON_US;

  wait_for (fixture, SOON_US);
  await_calls (fixture, 1);
  g_assert_cmpint (fixture->ready, ==, 0);
  g_assert_cmpint (fixture->called_us, >=, due_us);
  check_quiet (fixture, 1);
}

/* A thread that waits for long already is woken for an earlier time, and for no
 * later one. */
static void
test_sooner (Fixture *fixture, gconstpointer user_data)
{
  wait_for (fixture, FAR_US);
  check_quiet (fixture, 0);
  wait_for (fixture, SOON_US);
  wait_for (fixture, FAR_US);
  await_calls (fixture, 1);
  check_quiet (fixture, 1);
}

/* What is set while it is called holds, without anybody to wake it. */
static void
test_from_within (Fixture *fixture, gconstpointer user_data)
{
  fixture->again_us = SOON_US;
  wait_for (fixture, 0);
  await_calls (fixture, 2);
  g_assert_cmpint (fixture->called_us, >=, fixture->before_us + SOON_US);
  check_quiet (fixture, 2);
}

static void
test_wake (Fixture *fixture, gconstpointer user_data)
{
  wait_for (fixture, FAR_US);
  foyer_cast_watch_wake (fixture->watch);
  await_calls (fixture, 1);
  check_quiet (fixture, 1);
}

static void
test_socket (Fixture *fixture, gconstpointer user_data)
{
  g_assert_cmpint (send (fixture->peer, "x", 1, 0), ==, 1);
  await_calls (fixture, 1);
  g_assert_cmpint (fixture->ready, ==, G_IO_IN);
  check_quiet (fixture, 1);
}

/* Only once it is asked for, since there is room nearly always. */
static void
test_room (Fixture *fixture, gconstpointer user_data)
{
  fixture->wants_room = TRUE;
  wait_for (fixture, 0);
  await_calls (fixture, 2);
  g_assert_cmpint (fixture->ready, ==, G_IO_OUT);
  check_quiet (fixture, 2);
}

int
main (int argc, char **argv)
{
  const struct
  {
    const char *name;
    void (*func) (Fixture *fixture, gconstpointer user_data);
  } cases[] = {
    { "/cast-watch/time", test_time },
    { "/cast-watch/sooner", test_sooner },
    { "/cast-watch/from-within", test_from_within },
    { "/cast-watch/wake", test_wake },
    { "/cast-watch/socket", test_socket },
    { "/cast-watch/room", test_room },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add (cases[i].name, Fixture, NULL, set_up, cases[i].func, tear_down);
  return g_test_run ();
}
