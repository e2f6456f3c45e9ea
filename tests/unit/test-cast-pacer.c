/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-pacer.h"

#define NOW_US 1000000

static guint
drain (FoyerCastPacer *pacer, gint64 now_us)
{
  guint n = 0;

  for (; foyer_cast_pacer_may_send (pacer, now_us); n++)
    foyer_cast_pacer_take (pacer, now_us);
  return n;
}

static void
test_burst_sizes (void)
{
  static const struct
  {
    gsize n_bytes;
    guint n_burst;
  } cases[] = { { 1472, 21 }, { 1452, 21 }, { 256, 122 }, { 65535, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerCastPacer pacer;

    foyer_cast_pacer_init (&pacer, cases[i].n_bytes, NOW_US);
    g_assert_cmpuint (drain (&pacer, NOW_US), ==, cases[i].n_burst);
  }
}

static void
test_refill_is_steady (void)
{
  FoyerCastPacer pacer;
  guint n = 0;

  foyer_cast_pacer_init (&pacer, 1472, NOW_US);
  drain (&pacer, NOW_US);
  for (gint64 t_us = 1; t_us <= 1000000; t_us += 777)
    n += drain (&pacer, NOW_US + t_us);
  /* 21 in 10 ms */
  g_assert_cmpuint (n, >=, 2098);
  g_assert_cmpuint (n, <=, 2100);
}

static void
test_idle_time_saves_one_burst (void)
{
  FoyerCastPacer pacer;

  foyer_cast_pacer_init (&pacer, 1472, NOW_US);
  drain (&pacer, NOW_US);
  g_assert_cmpuint (drain (&pacer, NOW_US + 60 * G_USEC_PER_SEC), ==, 21);
  /* Time that goes back gives nothing. */
  g_assert_cmpuint (drain (&pacer, NOW_US), ==, 0);
}

static void
test_next_is_worth_a_wake_up (void)
{
  FoyerCastPacer pacer;

  foyer_cast_pacer_init (&pacer, 1472, NOW_US);
  g_assert_cmpint (foyer_cast_pacer_get_next_us (&pacer, 1, NOW_US), ==,
      NOW_US);
  drain (&pacer, NOW_US);
  g_assert_cmpint (foyer_cast_pacer_get_next_us (&pacer, 1, NOW_US), ==,
      NOW_US + 477);
  g_assert_cmpint (foyer_cast_pacer_get_next_us (&pacer, 100, NOW_US), ==,
      NOW_US + 2381);
  g_assert_cmpuint (drain (&pacer, NOW_US + 2380), ==, 4);
  g_assert_cmpuint (drain (&pacer, NOW_US + 2381), ==, 1);
}

static void
test_reports_overdraw_one_burst (void)
{
  FoyerCastPacer pacer;

  foyer_cast_pacer_init (&pacer, 1472, NOW_US);
  for (int i = 0; i < 1000; i++)
    foyer_cast_pacer_take (&pacer, NOW_US);
  g_assert_cmpuint (drain (&pacer, NOW_US + 10000), ==, 0);
  g_assert_cmpuint (drain (&pacer, NOW_US + 10477), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-pacer/burst/sizes", test_burst_sizes);
  g_test_add_func ("/cast-pacer/refill/steady", test_refill_is_steady);
  g_test_add_func ("/cast-pacer/refill/idle", test_idle_time_saves_one_burst);
  g_test_add_func ("/cast-pacer/next/wake-up", test_next_is_worth_a_wake_up);
  g_test_add_func ("/cast-pacer/take/overdraw",
      test_reports_overdraw_one_burst);
  return g_test_run ();
}
