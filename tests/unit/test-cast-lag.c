/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-lag.h"

#define MS 1000

static void
test_lag_steady (void)
{
  FoyerCastLag lag;

  foyer_cast_lag_init (&lag);
  for (guint i = 0; i < 1000; i++)
    g_assert_true (foyer_cast_lag_accept (&lag, (250 + i % 90) * MS));
}

/* A pile of frames in a queue goes at once; then all is as before. */
static void
test_lag_pile (void)
{
  FoyerCastLag lag;
  guint n_dropped = 0;

  foyer_cast_lag_init (&lag);
  g_assert_true (foyer_cast_lag_accept (&lag, 2 * MS));
  for (int age_ms = 330; age_ms > 0; age_ms -= 33)
    n_dropped += !foyer_cast_lag_accept (&lag, age_ms * MS);
  g_assert_cmpuint (n_dropped, ==, 7);
  g_assert_true (foyer_cast_lag_accept (&lag, 2 * MS));
}

/* A source that is slower from now on is not cut off for ever. */
static void
test_lag_slower_source (void)
{
  FoyerCastLag lag;
  guint n_dropped = 0;

  foyer_cast_lag_init (&lag);
  g_assert_true (foyer_cast_lag_accept (&lag, 0));
  for (guint i = 0; i < 300; i++)
    n_dropped += !foyer_cast_lag_accept (&lag, 200 * MS);
  g_assert_cmpuint (n_dropped, ==, 99);
}

/* A frame from the future is a fresh one. */
static void
test_lag_future (void)
{
  FoyerCastLag lag;

  foyer_cast_lag_init (&lag);
  g_assert_true (foyer_cast_lag_accept (&lag, -5 * MS));
  g_assert_true (foyer_cast_lag_accept (&lag, 100 * MS));
  g_assert_false (foyer_cast_lag_accept (&lag, 103 * MS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-lag/steady", test_lag_steady);
  g_test_add_func ("/cast-lag/pile", test_lag_pile);
  g_test_add_func ("/cast-lag/slower-source", test_lag_slower_source);
  g_test_add_func ("/cast-lag/future", test_lag_future);
  return g_test_run ();
}
