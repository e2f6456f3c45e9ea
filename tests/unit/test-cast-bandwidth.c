/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-bandwidth.h"

#define NOW_US    G_GINT64_CONSTANT (1000000000)
#define SLICE_US  FOYER_CAST_BANDWIDTH_SLICE_US
#define N_BURST   20
#define N_PAYLOAD 1000

/* In each of @n_slices sends @n_sent datagrams of which @n_acked arrive. */
static void
run (FoyerCastBandwidth *bandwidth, guint n_slices, guint n_sent, guint n_acked,
    gint64 from_us)
{
  for (guint i = 0; i < n_slices; i++) {
    for (guint j = 0; j < n_sent; j++)
      foyer_cast_bandwidth_add_sent (bandwidth, from_us + i * SLICE_US);
    foyer_cast_bandwidth_add_acked (bandwidth, n_acked * N_PAYLOAD,
        from_us + i * SLICE_US);
  }
}

static void
test_unknown_for_half_a_window (void)
{
  FoyerCastBandwidth bandwidth;

  foyer_cast_bandwidth_init (&bandwidth, N_BURST, NOW_US);
  g_assert_cmpuint (foyer_cast_bandwidth_estimate_bps (&bandwidth), ==, 0);
  run (&bandwidth, 127, 2, 2, NOW_US);
  g_assert_cmpuint (foyer_cast_bandwidth_estimate_bps (&bandwidth), ==, 0);
  run (&bandwidth, 1, 2, 2, NOW_US + 127 * SLICE_US);
  /* All that was sent arrived: the path takes full bursts, 20 × 1000 bytes in
   * 10 ms, for all we know, though a tenth of that was sent. */
  g_assert_cmpuint (foyer_cast_bandwidth_estimate_bps (&bandwidth), ==,
      16000000);
}

static void
test_repetitions_lower_it (void)
{
  FoyerCastBandwidth bandwidth;

  foyer_cast_bandwidth_init (&bandwidth, N_BURST, NOW_US);
  run (&bandwidth, 256, 4, 3, NOW_US);
  g_assert_cmpuint (foyer_cast_bandwidth_estimate_bps (&bandwidth), ==,
      12000000);
}

static void
test_old_slices_are_forgotten (void)
{
  FoyerCastBandwidth bandwidth;

  foyer_cast_bandwidth_init (&bandwidth, N_BURST, NOW_US);
  run (&bandwidth, 256, 4, 1, NOW_US);
  run (&bandwidth, 256, 4, 4, NOW_US + 256 * SLICE_US);
  g_assert_cmpuint (foyer_cast_bandwidth_estimate_bps (&bandwidth), ==,
      16000000);
  /* After half an hour nothing is known. */
  foyer_cast_bandwidth_add_sent (&bandwidth, NOW_US + 1800 * G_USEC_PER_SEC);
  g_assert_cmpuint (foyer_cast_bandwidth_estimate_bps (&bandwidth), ==, 0);
}

static void
test_old_acknowledgements_are_ignored (void)
{
  FoyerCastBandwidth bandwidth;

  foyer_cast_bandwidth_init (&bandwidth, N_BURST, NOW_US);
  run (&bandwidth, 256, 4, 4, NOW_US);
  foyer_cast_bandwidth_add_acked (&bandwidth, 1000000, NOW_US - SLICE_US);
  foyer_cast_bandwidth_add_acked (&bandwidth, 1000000, -1);
  g_assert_cmpuint (foyer_cast_bandwidth_estimate_bps (&bandwidth), ==,
      16000000);
}

static void
test_goodput_and_offer (void)
{
  FoyerCastBandwidth bandwidth;
  gint64 end_us = NOW_US + 99 * SLICE_US;

  foyer_cast_bandwidth_init (&bandwidth, N_BURST, NOW_US);
  run (&bandwidth, 100, 1, 1, NOW_US);
  foyer_cast_bandwidth_add_offered (&bandwidth, 50000, NOW_US);
  g_assert_cmpuint (foyer_cast_bandwidth_get_goodput_bps (&bandwidth, end_us,
                        500000),
      ==, 800000);
  g_assert_cmpuint (foyer_cast_bandwidth_get_goodput_bps (&bandwidth,
                        end_us + 250000, 500000),
      ==, 400000);
  g_assert_cmpuint (foyer_cast_bandwidth_get_offered_bps (&bandwidth, end_us,
                        1000000),
      ==, 400000);
  g_assert_cmpuint (foyer_cast_bandwidth_get_offered_bps (&bandwidth, end_us,
                        500000),
      ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-bandwidth/estimate/unknown",
      test_unknown_for_half_a_window);
  g_test_add_func ("/cast-bandwidth/estimate/repetitions",
      test_repetitions_lower_it);
  g_test_add_func ("/cast-bandwidth/estimate/forgets",
      test_old_slices_are_forgotten);
  g_test_add_func ("/cast-bandwidth/estimate/old-acknowledgements",
      test_old_acknowledgements_are_ignored);
  g_test_add_func ("/cast-bandwidth/goodput/spans", test_goodput_and_offer);
  return g_test_run ();
}
