/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-path.h"

/* Also of what a path is made of: round trip, queue meter, rate. */

#define NOW_US   G_GINT64_CONSTANT (1000000000)
#define DELAY_US 400000
#define MIN_BPS  300000
#define MAX_BPS  4000000

/* openscreen HEAD: up by halves, down by eighths */
static void
test_round_trip_smoothing (void)
{
  FoyerCastRoundTrip trip;

  foyer_cast_round_trip_init (&trip, DELAY_US);
  g_assert_cmpint (foyer_cast_round_trip_get_us (&trip), ==, 0);
  foyer_cast_round_trip_add (&trip, 8000);
  g_assert_cmpint (foyer_cast_round_trip_get_us (&trip), ==, 8000);
  foyer_cast_round_trip_add (&trip, 16000);
  g_assert_cmpint (foyer_cast_round_trip_get_us (&trip), ==, 12000);
  foyer_cast_round_trip_init (&trip, DELAY_US);
  foyer_cast_round_trip_add (&trip, 16000);
  foyer_cast_round_trip_add (&trip, 8000);
  g_assert_cmpint (foyer_cast_round_trip_get_us (&trip), ==, 15000);
}

static void
test_round_trip_bounds (void)
{
  FoyerCastRoundTrip trip;

  foyer_cast_round_trip_init (&trip, DELAY_US);
  foyer_cast_round_trip_add (&trip, -5);
  g_assert_cmpint (foyer_cast_round_trip_get_us (&trip), ==, 75);
  foyer_cast_round_trip_init (&trip, DELAY_US);
  foyer_cast_round_trip_add (&trip, 10 * DELAY_US);
  g_assert_cmpint (foyer_cast_round_trip_get_us (&trip), ==, DELAY_US);
}

static void
test_queue_is_what_stands (void)
{
  FoyerCastQueueMeter meter;
  gint64 now_us = NOW_US;

  foyer_cast_queue_meter_init (&meter, now_us);
  for (int i = 0; i < 20; i++, now_us += 50000)
    foyer_cast_queue_meter_add (&meter, i % 3 ? 20000 : 300000, now_us);
  /* Single delays are no queue. */
  g_assert_cmpint (foyer_cast_queue_meter_get_us (&meter, now_us), ==, 0);
  for (int i = 0; i < 20; i++, now_us += 50000)
    foyer_cast_queue_meter_add (&meter, i % 3 ? 170000 : 300000, now_us);
  g_assert_cmpint (foyer_cast_queue_meter_get_us (&meter, now_us), ==, 150000);
  g_assert_cmpint (foyer_cast_queue_meter_get_us (&meter,
                       now_us + 2 * G_USEC_PER_SEC),
      ==, 0);
}

/* A path that became longer has no queue for ever. */
static void
test_queue_base_is_forgotten (void)
{
  FoyerCastQueueMeter meter;
  gint64 now_us = NOW_US;

  foyer_cast_queue_meter_init (&meter, now_us);
  for (int i = 0; i < 20; i++, now_us += 50000)
    foyer_cast_queue_meter_add (&meter, 20000, now_us);
  for (int i = 0; i < 500; i++, now_us += 50000)
    foyer_cast_queue_meter_add (&meter, 170000, now_us);
  g_assert_cmpint (foyer_cast_queue_meter_get_us (&meter, now_us), ==, 0);
}

static FoyerCastRate
make_rate (void)
{
  FoyerCastRate rate;

  foyer_cast_rate_init (&rate, MIN_BPS, MAX_BPS, NOW_US);
  return rate;
}

static void
test_rate_starts_at_half (void)
{
  FoyerCastRate rate = make_rate ();

  g_assert_cmpuint (rate.bps, ==, MAX_BPS / 2);
  foyer_cast_rate_init (&rate, 1000000, 1200000, NOW_US);
  g_assert_cmpuint (rate.bps, ==, 1000000);
  foyer_cast_rate_init (&rate, 1000000, 500000, NOW_US);
  g_assert_cmpuint (rate.bps, ==, 1000000);
}

static void
test_rate_rises_by_a_tenth (void)
{
  FoyerCastRate rate = make_rate ();
  FoyerCastRateInput input = { .estimate_bps = 20000000 };

  foyer_cast_rate_update (&rate, &input, NOW_US + 499999);
  g_assert_cmpuint (rate.bps, ==, 2000000);
  foyer_cast_rate_update (&rate, &input, NOW_US + 500000);
  g_assert_cmpuint (rate.bps, ==, 2200000);
  foyer_cast_rate_update (&rate, &input, NOW_US + 500001);
  g_assert_cmpuint (rate.bps, ==, 2200000);
  for (gint64 i = 2; i < 20; i++)
    foyer_cast_rate_update (&rate, &input, NOW_US + i * 500000);
  g_assert_cmpuint (rate.bps, ==, MAX_BPS);
}

static void
test_rate_knows_nothing (void)
{
  FoyerCastRate rate = make_rate ();
  FoyerCastRateInput input = { 0 };

  foyer_cast_rate_update (&rate, &input, NOW_US + 10 * G_USEC_PER_SEC);
  g_assert_cmpuint (rate.bps, ==, 2000000);
}

static void
test_rate_falls_to_usable (void)
{
  FoyerCastRate rate = make_rate ();
  FoyerCastRateInput input = { .estimate_bps = 1000000 };

  foyer_cast_rate_update (&rate, &input, NOW_US + 1);
  g_assert_cmpuint (rate.bps, ==, 800000);
  input.estimate_bps = 1000;
  foyer_cast_rate_update (&rate, &input, NOW_US + 2);
  g_assert_cmpuint (rate.bps, ==, MIN_BPS);
}

static void
test_rate_falls_in_a_jam (void)
{
  FoyerCastRate rate = make_rate ();
  FoyerCastRateInput input = { .estimate_bps = 20000000,
    .goodput_bps = 1500000,
    .is_jammed = TRUE };

  foyer_cast_rate_update (&rate, &input, NOW_US + 1000);
  g_assert_cmpuint (rate.bps, ==, 1200000);
  /* Once in each step. */
  foyer_cast_rate_update (&rate, &input, NOW_US + 2000);
  g_assert_cmpuint (rate.bps, ==, 1200000);
  input.goodput_bps = 0;
  foyer_cast_rate_update (&rate, &input, NOW_US + 501000);
  g_assert_cmpuint (rate.bps, ==, 600000);
}

static void
test_rate_is_careful_after_a_jam (void)
{
  FoyerCastRate rate = make_rate ();
  FoyerCastRateInput input = { .estimate_bps = 20000000,
    .goodput_bps = 2250000,
    .is_jammed = TRUE };
  gint64 now_us = NOW_US + 2 * G_USEC_PER_SEC;

  foyer_cast_rate_update (&rate, &input, now_us);
  g_assert_cmpuint (rate.bps, ==, 1800000);
  input.is_jammed = FALSE;
  foyer_cast_rate_update (&rate, &input, now_us + 500000);
  g_assert_cmpuint (rate.bps, ==, 1845000);
  foyer_cast_rate_update (&rate, &input, now_us + 20 * G_USEC_PER_SEC);
  g_assert_cmpuint (rate.bps, ==, 2029500);
}

static void
make_path (FoyerCastPath *path)
{
  foyer_cast_path_init (path, DELAY_US, 21, NOW_US);
  foyer_cast_rate_init (&path->rate, MIN_BPS, MAX_BPS, NOW_US);
}

static void
test_limit_follows_the_queue (void)
{
  FoyerCastPath path;
  gint64 now_us = NOW_US;

  make_path (&path);
  g_assert_cmpint (foyer_cast_path_get_limit_us (&path, now_us), ==, 360000);
  for (int i = 0; i < 10; i++, now_us += 100000)
    foyer_cast_path_add_round_trip (&path, 20000, now_us);
  g_assert_cmpint (foyer_cast_path_get_limit_us (&path, now_us), ==, 360000);
  for (int i = 0; i < 10; i++, now_us += 100000)
    foyer_cast_path_add_round_trip (&path, 600000, now_us);
  g_assert_cmpint (foyer_cast_path_get_limit_us (&path, now_us), ==,
      240000 + 10000);
  /* The round trip of old counts there, that of now for NACKs. */
  g_assert_cmpint (foyer_cast_path_get_round_trip_us (&path), <=, DELAY_US);
  g_assert_cmpint (foyer_cast_path_get_nack_age_us (&path), ==, 600000);
}

static void
test_jam_needs_feedback (void)
{
  FoyerCastPath path;

  make_path (&path);
  for (int i = 0; i < 10; i++)
    foyer_cast_path_add_backlog (&path, 380000, TRUE, NOW_US + 200000);
  foyer_cast_path_update_rate (&path, NOW_US + 200000);
  g_assert_cmpuint (path.rate.bps, ==, MAX_BPS / 2);
  foyer_cast_path_add_feedback (&path, NOW_US + 200000);
  for (int i = 0; i < 4; i++)
    foyer_cast_path_add_backlog (&path, 380000, TRUE, NOW_US + 210000);
  foyer_cast_path_update_rate (&path, NOW_US + 210000);
  g_assert_cmpuint (path.rate.bps, ==, MAX_BPS / 4);
}

static void
run_losses (FoyerCastPath *path, guint arrived_of_10)
{
  for (gint64 i = 0; i < 40; i++) {
    gint64 now_us = NOW_US + i * 50000;

    foyer_cast_bandwidth_add_offered (&path->bandwidth, 10000, now_us);
    foyer_cast_path_add_acked (path, arrived_of_10 * 1000, -1, now_us);
    foyer_cast_path_add_feedback (path, now_us);
    foyer_cast_path_add_backlog (path, 250000, FALSE, now_us);
    foyer_cast_path_update_rate (path, now_us);
  }
}

/* Much in flight is no jam by itself; much in flight while less arrives than is
 * made is one. */
static void
test_jam_is_falling_behind (void)
{
  FoyerCastPath path;

  make_path (&path);
  run_losses (&path, 10);
  g_assert_cmpuint (path.rate.bps, >=, MAX_BPS / 2);
  make_path (&path);
  run_losses (&path, 6);
  g_assert_cmpuint (path.rate.bps, <, MAX_BPS / 2);
}

static void
test_clear_long_after_a_jam (void)
{
  FoyerCastPath path;
  gint64 jam_us = NOW_US + 3 * G_USEC_PER_SEC;

  make_path (&path);
  g_assert_true (foyer_cast_path_is_clear (&path, NOW_US));
  foyer_cast_path_add_feedback (&path, jam_us);
  for (int i = 0; i < 4; i++)
    foyer_cast_path_add_backlog (&path, 380000, TRUE, jam_us);
  foyer_cast_path_update_rate (&path, jam_us);
  g_assert_false (foyer_cast_path_is_clear (&path, jam_us));
  g_assert_false (
      foyer_cast_path_is_clear (&path, jam_us + 10 * G_USEC_PER_SEC - 1));
  g_assert_true (
      foyer_cast_path_is_clear (&path, jam_us + 10 * G_USEC_PER_SEC));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-path/round-trip/smoothing",
      test_round_trip_smoothing);
  g_test_add_func ("/cast-path/round-trip/bounds", test_round_trip_bounds);
  g_test_add_func ("/cast-path/queue/what-stands", test_queue_is_what_stands);
  g_test_add_func ("/cast-path/queue/base-forgotten",
      test_queue_base_is_forgotten);
  g_test_add_func ("/cast-path/rate/starts-at-half", test_rate_starts_at_half);
  g_test_add_func ("/cast-path/rate/rises", test_rate_rises_by_a_tenth);
  g_test_add_func ("/cast-path/rate/knows-nothing", test_rate_knows_nothing);
  g_test_add_func ("/cast-path/rate/falls", test_rate_falls_to_usable);
  g_test_add_func ("/cast-path/rate/jam", test_rate_falls_in_a_jam);
  g_test_add_func ("/cast-path/rate/after-a-jam",
      test_rate_is_careful_after_a_jam);
  g_test_add_func ("/cast-path/limit/queue", test_limit_follows_the_queue);
  g_test_add_func ("/cast-path/jam/needs-feedback", test_jam_needs_feedback);
  g_test_add_func ("/cast-path/jam/falling-behind", test_jam_is_falling_behind);
  g_test_add_func ("/cast-path/jam/clear-after", test_clear_long_after_a_jam);
  return g_test_run ();
}
