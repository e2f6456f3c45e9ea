/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-alarm.h"

#include "foyer-clock.h"

static guint n_rung;

static void
on_ring (gpointer user_data)
{
  n_rung++;
}

static gint64
now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

/* Once for each time that it was set, and not before. */
static void
test_once (void)
{
  g_autoptr (FoyerAlarm) alarm = foyer_alarm_new (on_ring, NULL);
  gint64 due_us = now_us () + 20000;

  n_rung = 0;
  foyer_alarm_set (alarm, due_us);
  while (n_rung == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (now_us (), >=, due_us);
  /* It is not set any more. */
  g_assert_false (g_main_context_pending (NULL));
}

static void
test_past (void)
{
  g_autoptr (FoyerAlarm) alarm = foyer_alarm_new (on_ring, NULL);

  n_rung = 0;
  foyer_alarm_set (alarm, 1);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (n_rung, ==, 1);
}

static void
test_unset (void)
{
  g_autoptr (FoyerAlarm) alarm = foyer_alarm_new (on_ring, NULL);

  n_rung = 0;
  g_assert_false (g_main_context_pending (NULL));
  foyer_alarm_set (alarm, 1);
  foyer_alarm_set (alarm, 0);
  g_assert_false (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpuint (n_rung, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/alarm/once", test_once);
  g_test_add_func ("/alarm/past", test_past);
  g_test_add_func ("/alarm/unset", test_unset);
  return g_test_run ();
}
