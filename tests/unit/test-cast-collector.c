/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-arrivals.h"
#include "foyer-cast-clock-drift.h"
#include "foyer-cast-collector.h"
#include "foyer-cast-limits.h"

#include <string.h>

/* Of the parts of a receiving stream: a frame's packets, what a report block
 * says of them, and the sender's clock. */

static FoyerCastCollect
add (FoyerCastCollector *collector, guint packet, guint n_packets,
    const char *payload)
{
  FoyerCastRtpHeader header = { .packet_id = (guint16) packet,
    .max_packet_id = (guint16) (n_packets - 1),
    .frame_id_low = 5,
    .has_reference = TRUE,
    .reference_low = 4,
    .timestamp = 77 };

  return foyer_cast_collector_add (collector, &header, (const guint8 *) payload,
      strlen (payload), 1000);
}

static void
test_any_order (void)
{
  FoyerCastCollector collector = { 0 };
  FoyerKey zero = { 0 };
  g_auto (FoyerCastCrypto) crypto = { 0 };
  g_autoptr (GBytes) once = NULL;
  guint8 plain[6];

  foyer_cast_crypto_init (&crypto, &zero, &zero);
  g_assert_cmpint (add (&collector, 2, 3, "f"), ==, FOYER_CAST_COLLECT_TAKEN);
  g_assert_cmpint (add (&collector, 0, 3, "abc"), ==, FOYER_CAST_COLLECT_TAKEN);
  g_assert_false (foyer_cast_collector_is_complete (&collector));
  g_assert_cmpint (add (&collector, 0, 3, "xyz"), ==,
      FOYER_CAST_COLLECT_DOUBLE);
  g_assert_false (foyer_cast_collector_has_packet (&collector, 1));
  g_assert_cmpint (add (&collector, 1, 3, "de"), ==, FOYER_CAST_COLLECT_TAKEN);
  g_assert_true (foyer_cast_collector_is_complete (&collector));
  g_assert_false (collector.is_independent);
  once = foyer_cast_collector_assemble (&collector, &crypto, 9);
  g_assert_cmpuint (g_bytes_get_size (once), ==, 6);
  foyer_cast_crypto_apply (&crypto, 9, g_bytes_get_data (once, NULL), plain, 6);
  g_assert_cmpmem (plain, 6, "abcdef", 6);
  foyer_cast_collector_clear (&collector);
  g_assert_cmpuint (foyer_cast_collector_get_size (&collector), ==, 0);
}

static void
test_contradictions (void)
{
  FoyerCastCollector collector = { 0 };

  g_assert_cmpint (add (&collector, 3, 3, ""), ==, FOYER_CAST_COLLECT_IGNORED);
  g_assert_false (collector.is_begun);
  g_assert_cmpint (add (&collector, 0, 2, ""), ==, FOYER_CAST_COLLECT_TAKEN);
  g_assert_cmpint (add (&collector, 1, 3, ""), ==, FOYER_CAST_COLLECT_IGNORED);
  g_assert_cmpint (add (&collector, 0, 0x10000, ""), ==,
      FOYER_CAST_COLLECT_IGNORED);
  g_assert_cmpint (add (&collector, 1, 2, ""), ==, FOYER_CAST_COLLECT_TAKEN);
  g_assert_true (foyer_cast_collector_is_complete (&collector));
  foyer_cast_collector_clear (&collector);
}

/* Not marked as a key frame, but referring to itself. */
static void
test_independent_by_reference (void)
{
  FoyerCastCollector collector = { 0 };
  FoyerCastRtpHeader header = { .has_reference = TRUE,
    .frame_id_low = 3,
    .reference_low = 3 };

  foyer_cast_collector_add (&collector, &header, NULL, 0, 1000);
  g_assert_true (collector.is_independent);
  foyer_cast_collector_clear (&collector);
}

static void
test_size_limit (void)
{
  FoyerCastCollector collector = { 0 };
  FoyerCastRtpHeader header = { .max_packet_id = 1000 };
  g_autofree guint8 *data = g_malloc0 (60000);
  guint n_taken = 0;

  for (; header.packet_id < 1000; header.packet_id++)
    n_taken += foyer_cast_collector_add (&collector, &header, data, 60000,
                   1000) == FOYER_CAST_COLLECT_TAKEN;
  g_assert_cmpuint (n_taken, ==, FOYER_CAST_MAX_FRAME_BYTES / 60000);
  foyer_cast_collector_clear (&collector);
}

/* RFC 3550 Appendix A.8: 10 ms late is 900 ticks, of which a sixteenth counts */
static void
test_arrivals_jitter (void)
{
  FoyerCastArrivals arrivals = { 0 };
  FoyerCastReportBlock block = { 0 };

  foyer_cast_arrivals_add (&arrivals, 1, 0, 90000, 1000000);
  foyer_cast_arrivals_add (&arrivals, 2, 3000, 90000, 1033300);
  foyer_cast_arrivals_report (&arrivals, &block);
  g_assert_cmpuint (block.jitter_ticks, ==, 0);
  foyer_cast_arrivals_add (&arrivals, 3, 6000, 90000, 1076700);
  foyer_cast_arrivals_report (&arrivals, &block);
  g_assert_cmpuint (block.jitter_ticks, ==, 56);
}

static void
test_arrivals_losses (void)
{
  FoyerCastArrivals arrivals = { 0 };
  FoyerCastReportBlock block = { 0 };
  static const guint16 sequences[] = { 0xfffe, 0xffff, 1, 2, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (sequences) - 1; i++)
    foyer_cast_arrivals_add (&arrivals, sequences[i], 0, 90000, 1000);
  g_assert_cmpint (foyer_cast_arrivals_get_n_lost (&arrivals), ==, 1);
  foyer_cast_arrivals_report (&arrivals, &block);
  g_assert_cmpuint (block.fraction_lost, ==, 51);
  g_assert_cmphex (block.highest_sequence, ==, 0x10002);
  /* Late is not lost. */
  foyer_cast_arrivals_add (&arrivals, 0, 0, 90000, 1000);
  foyer_cast_arrivals_report (&arrivals, &block);
  g_assert_cmpuint (block.n_cumulative_lost, ==, 0);
  g_assert_cmpuint (block.fraction_lost, ==, 0);
}

static void
test_drift (void)
{
  FoyerCastClockDrift drift = { 0 };

  foyer_cast_clock_drift_add (&drift, 5000, 1000);
  g_assert_cmpint (drift.offset_us, ==, 5000);
  /* Less is truer. */
  foyer_cast_clock_drift_add (&drift, 4000, 2000);
  g_assert_cmpint (drift.offset_us, ==, 4000);
  /* More counts by the time that passed, of 30 s. */
  foyer_cast_clock_drift_add (&drift, 10000, 30002000);
  g_assert_cmpint (drift.offset_us, ==, 7000);
  /* A clock that was set. */
  foyer_cast_clock_drift_add (&drift, 9000000, 30002001);
  g_assert_cmpint (drift.offset_us, ==, 9000000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-collector/order/any", test_any_order);
  g_test_add_func ("/cast-collector/hostile/contradictions",
      test_contradictions);
  g_test_add_func ("/cast-collector/hostile/size", test_size_limit);
  g_test_add_func ("/cast-collector/reference/itself",
      test_independent_by_reference);
  g_test_add_func ("/cast-collector/arrivals/jitter", test_arrivals_jitter);
  g_test_add_func ("/cast-collector/arrivals/losses", test_arrivals_losses);
  g_test_add_func ("/cast-collector/drift/least-and-slow", test_drift);
  return g_test_run ();
}
