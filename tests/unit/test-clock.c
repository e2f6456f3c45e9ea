/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-test-clock.h"

static void
test_fake_moves_when_told (void)
{
  FoyerTestClock fake;

  foyer_test_clock_init (&fake, 5, 1000);
  g_assert_cmpint (foyer_clock_get_us (&fake.clock), ==, 5);
  foyer_test_clock_advance (&fake, 7);
  g_assert_cmpint (foyer_clock_get_us (&fake.clock), ==, 12);
  g_assert_cmpint (foyer_clock_get_wall_us (&fake.clock), ==, 1007);
}

static void
test_system_never_goes_back (void)
{
  const FoyerClock *clock = foyer_clock_get_system ();
  gint64 before_us = foyer_clock_get_us (clock);

  g_assert_cmpint (foyer_clock_get_us (clock), >=, before_us);
  g_assert_cmpint (foyer_clock_get_wall_us (clock), >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/clock/fake/moves-when-told", test_fake_moves_when_told);
  g_test_add_func ("/clock/system/never-goes-back",
      test_system_never_goes_back);
  return g_test_run ();
}
