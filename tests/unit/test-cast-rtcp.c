/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-ntp.h"
#include "foyer-cast-rtcp.h"
#include "foyer-test-data.h"

#include <string.h>

/* Reports: openscreen cast/streaming/sender_report_unittest.cc */

#define REPORT "80c8000600000001e0732e548000000000149970000001ff0007110d"
#define REPORT_WITH_BLOCK                                    \
  "81c8000c00000001e0732e548000000000149970000001ff0007110d" \
  "00000002000000020000384000000384afd3ff00000083fa"
#define OTHER "80cc000100000002"

static void
assert_inspected (const char *hex, FoyerCastPacketKind kind, guint32 ssrc)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);
  guint32 author = 0xa5a5a5a5;

  g_assert_cmpint (foyer_cast_packet_inspect (data, n_bytes, &author), ==,
      kind);
  g_assert_cmphex (author, ==,
      kind == FOYER_CAST_PACKET_UNKNOWN ? 0xa5a5a5a5 : ssrc);
  g_assert_cmpint (foyer_cast_packet_inspect (data, n_bytes, NULL), ==, kind);
}

static void
test_inspect_rtp (void)
{
  assert_inspected ("8060beef090807060102030480050a0b0a0c", 1, 0x01020304);
  assert_inspected ("80ffbeef090807060102030480050a0b0a0c00", 1, 0x01020304);
  /* 17 bytes; a first byte of another kind; a payload type that is none */
  assert_inspected ("8060beef090807060102030480050a0b0a", 0, 0);
  assert_inspected ("9060beef090807060102030480050a0b0a0c", 0, 0);
  assert_inspected ("805fbeef090807060102030480050a0b0a0c", 0, 0);
  assert_inspected ("8069beef090807060102030480050a0b0a0c", 0, 0);
}

static void
test_inspect_rtcp (void)
{
  assert_inspected (REPORT, 2, 1);
  assert_inspected (REPORT_WITH_BLOCK, 2, 1);
  assert_inspected ("80c9000100000002", 2, 2);
  assert_inspected ("80ca000100000003", 2, 3);
  assert_inspected ("80cc000100000004", 2, 4);
  assert_inspected ("81ce00020000000200000001", 2, 2);
  assert_inspected ("80cf000100000005", 2, 5);
}

static void
test_inspect_unknown (void)
{
  assert_inspected ("", 0, 0);
  /* types 203 and 205 never lead; padding; version 1; no SSRC; cut */
  assert_inspected ("80cb000100000002", 0, 0);
  assert_inspected ("80cd000100000002", 0, 0);
  assert_inspected ("a0c9000100000002", 0, 0);
  assert_inspected ("40c9000100000002", 0, 0);
  assert_inspected ("80c9000000000002", 0, 0);
  assert_inspected ("80c9000200000002", 0, 0);
  assert_inspected ("80c90001000000", 0, 0);
}

/* A copy of the very length, so that a sanitizer sees each byte too many. */
static gboolean
parse_cut (const guint8 *data, gsize n_bytes, guint32 ssrc,
    FoyerCastSenderReport *report)
{
  g_autofree guint8 *copy = g_memdup2 (data, n_bytes);
  FoyerCastSenderReport before = { 1, 2, 3, 4, 5 };

  *report = before;
  if (foyer_cast_rtcp_parse_sender_report (copy, n_bytes, ssrc, report))
    return TRUE;
  g_assert_cmphex (report->ssrc, ==, before.ssrc);
  g_assert_cmphex (report->ntp, ==, before.ntp);
  g_assert_cmphex (report->rtp_timestamp, ==, before.rtp_timestamp);
  g_assert_cmphex (report->n_packets, ==, before.n_packets);
  g_assert_cmphex (report->n_octets, ==, before.n_octets);
  return FALSE;
}

static gboolean
parse (const char *hex, guint32 ssrc, FoyerCastSenderReport *report)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);

  return parse_cut (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
      ssrc, report);
}

static void
assert_report (const char *hex)
{
  FoyerCastSenderReport report;

  g_assert_true (parse (hex, 1, &report));
  g_assert_cmphex (report.ssrc, ==, 1);
  g_assert_cmphex (report.ntp, ==, 0xe0732e5480000000);
  g_assert_cmphex (foyer_cast_ntp_get_report_id (report.ntp), ==, 0x2e548000);
  g_assert_cmphex (report.rtp_timestamp, ==, 0x149970);
  g_assert_cmpuint (report.n_packets, ==, 511);
  g_assert_cmphex (report.n_octets, ==, 0x7110d);
}

static void
test_parse_report (void)
{
  assert_report (REPORT);
  assert_report (REPORT_WITH_BLOCK);
}

static void
test_parse_compound (void)
{
  assert_report (OTHER REPORT_WITH_BLOCK);
  assert_report (OTHER REPORT OTHER);
  /* one of another sender after it changes nothing */
  assert_report (
      REPORT "80c8000600000009000000000000000000000000000000000000000a");
}

static void
test_parse_last_wins (void)
{
  FoyerCastSenderReport report;

  g_assert_true (
      parse (REPORT "80c8000600000001e0732e558000000000149970000001ff0007110d",
          1, &report));
  g_assert_cmphex (report.ntp, ==, 0xe0732e5580000000);
}

static void
test_reject_report (void)
{
  FoyerCastSenderReport report;

  g_assert_false (parse (REPORT, 2, &report));
  g_assert_false (parse (OTHER, 2, &report));
  g_assert_false (parse ("", 1, &report));
  /* well formed up to the last packet */
  g_assert_false (parse (REPORT "40c9000100000002", 1, &report));
  g_assert_false (parse (REPORT "80", 1, &report));
  /* a report without its counts, and a block that is not there */
  g_assert_false (
      parse ("80c8000500000001e0732e548000000000149970000001ff", 1, &report));
  g_assert_false (
      parse ("81c8000600000001e0732e548000000000149970000001ff0007110d", 1,
          &report));
}

static void
test_truncated_report (void)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (OTHER REPORT_WITH_BLOCK);
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  FoyerCastSenderReport report;

  for (gsize n = 0; n < g_bytes_get_size (bytes); n++)
    g_assert_false (parse_cut (data, n, 1, &report));
  g_assert_true (parse_cut (data, g_bytes_get_size (bytes), 1, &report));
}

static void
assert_written (const FoyerCastSenderReport *report, const char *expected)
{
  guint8 out[FOYER_CAST_SENDER_REPORT_BYTES];

  foyer_cast_rtcp_write_sender_report (report, out);
  foyer_test_assert_hex (out, sizeof out, expected);
}

static void
test_write_report (void)
{
  FoyerCastSenderReport openscreen = { 1, 0xe0732e5480000000, 0x149970, 511,
    0x7110d };
  /* three packets of a frame of 3000 bytes */
  FoyerCastSenderReport three = { 1,
    foyer_cast_ntp_from_unix_us (1700000000250000), 90000, 3, 3000 };

  assert_written (&openscreen, REPORT);
  assert_written (&three,
      "80c8000600000001e8fe6f804000000000015f900000000300000bb8");
}

static void
test_fraction_lost (void)
{
  /* openscreen cast/streaming/rtcp_common_unittest.cc */
  static const struct
  {
    gint64 n_sent;
    gint64 n_received;
    guint8 expected;
  } rows[] = { { 0, 999, 0 }, { 4, 5, 0 }, { 3, 2, 85 }, { 10, 5, 128 },
    { 22, 7, 174 }, { 17, 0, 255 }, { 9876, 1, 255 }, { 5, 5, 0 }, { -1, 0, 0 },
    { 5, -1, 255 }, { 0xffffffff, 0x7fffffff, 128 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (foyer_cast_rtcp_get_fraction_lost (rows[i].n_sent,
                         rows[i].n_received),
        ==, rows[i].expected);
}

static void
test_delay_since (void)
{
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (500000), ==, 32768);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (1000000), ==, 65536);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (0), ==, 0);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (-1), ==, 0);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (15), ==, 0);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (16), ==, 1);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (65535999999), ==,
      0xffffffff);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (65535000000), ==,
      0xffff0000);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (65536000000), ==,
      0xffffffff);
  g_assert_cmphex (foyer_cast_rtcp_get_delay_since (G_MAXINT64), ==,
      0xffffffff);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-rtcp/inspect/rtp", test_inspect_rtp);
  g_test_add_func ("/cast-rtcp/inspect/rtcp", test_inspect_rtcp);
  g_test_add_func ("/cast-rtcp/inspect/unknown", test_inspect_unknown);
  g_test_add_func ("/cast-rtcp/report/parse", test_parse_report);
  g_test_add_func ("/cast-rtcp/report/compound", test_parse_compound);
  g_test_add_func ("/cast-rtcp/report/last-wins", test_parse_last_wins);
  g_test_add_func ("/cast-rtcp/report/reject", test_reject_report);
  g_test_add_func ("/cast-rtcp/report/truncated", test_truncated_report);
  g_test_add_func ("/cast-rtcp/report/write", test_write_report);
  g_test_add_func ("/cast-rtcp/numbers/fraction-lost", test_fraction_lost);
  g_test_add_func ("/cast-rtcp/numbers/delay-since", test_delay_since);
  return g_test_run ();
}
