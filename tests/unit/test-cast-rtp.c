/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-crypto.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-rtp.h"
#include "foyer-test-data.h"

#include <string.h>

/* Parsing: openscreen cast/streaming/rtp_packet_parser_unittest.cc */

#define PAYLOAD_15 "01030507090b0d0f11131517191b1d"

static FoyerCastRtpHeader
parse (const char *hex, const char *payload_hex)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_payload_bytes;

  g_assert_true (foyer_cast_rtp_parse (g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes), &header, &payload, &n_payload_bytes));
  foyer_test_assert_hex (payload, n_payload_bytes, payload_hex);
  return header;
}

/* A copy of the very length, so that a sanitizer sees each byte too many. */
static gboolean
can_parse (const guint8 *data, gsize n_bytes)
{
  g_autofree guint8 *copy = g_memdup2 (data, n_bytes);
  FoyerCastRtpHeader header;
  FoyerCastRtpHeader before;
  const guint8 *payload = NULL;
  gsize n_payload_bytes = 77;

  memset (&header, 0xa5, sizeof header);
  memcpy (&before, &header, sizeof header);
  if (foyer_cast_rtp_parse (copy, n_bytes, &header, &payload, &n_payload_bytes))
    return TRUE;
  g_assert_cmpmem (&header, sizeof header, &before, sizeof before);
  g_assert_null (payload);
  g_assert_cmpuint (n_payload_bytes, ==, 77);
  return FALSE;
}

static gboolean
can_parse_hex (const char *hex)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);

  return can_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_parse_key (void)
{
  FoyerCastRtpHeader header =
      parse ("8060beef090807060102030480050a0b0a0c0f0e0d0c0b0a0908",
          "0f0e0d0c0b0a0908");

  g_assert_cmpint (header.payload_type, ==, 96);
  g_assert_cmphex (header.sequence, ==, 0xbeef);
  g_assert_cmphex (header.timestamp, ==, 0x09080706);
  g_assert_cmphex (header.ssrc, ==, 0x01020304);
  g_assert_true (header.is_key);
  g_assert_false (header.has_reference);
  g_assert_cmpint (header.frame_id_low, ==, 5);
  g_assert_cmphex (header.packet_id, ==, 0x0a0b);
  g_assert_cmphex (header.max_packet_id, ==, 0x0a0c);
  g_assert_false (header.has_delay);
}

static void
test_parse_reference (void)
{
  FoyerCastRtpHeader header =
      parse ("8060dead0204060800000101402a000b000c27" PAYLOAD_15, PAYLOAD_15);

  g_assert_cmphex (header.ssrc, ==, 0x101);
  g_assert_false (header.is_key);
  g_assert_true (header.has_reference);
  g_assert_cmpint (header.reference_low, ==, 39);
  g_assert_cmpint (header.frame_id_low, ==, 42);
  g_assert_cmpint (header.packet_id, ==, 11);
  g_assert_cmpint (header.max_packet_id, ==, 12);

  header = parse ("8060dead0204060800000101002a000b000c" PAYLOAD_15,
      PAYLOAD_15);
  g_assert_false (header.is_key);
  g_assert_false (header.has_reference);
}

static void
test_parse_delay (void)
{
  FoyerCastRtpHeader header =
      parse ("8060dead0204060800000101c1400000000c400402010e" PAYLOAD_15,
          PAYLOAD_15);

  g_assert_true (header.is_key);
  g_assert_cmpint (header.frame_id_low, ==, 64);
  g_assert_cmpint (header.reference_low, ==, 64);
  g_assert_cmpint (header.packet_id, ==, 0);
  g_assert_true (header.has_delay);
  g_assert_cmpint (header.delay_ms, ==, 270);
}

#define THREE_EXTENSIONS                           \
  "8060dead0204060800000101c340000b000c4008020000" \
  "0402010e10050000000000"

static void
test_parse_unknown_extensions (void)
{
  FoyerCastRtpHeader header = parse (THREE_EXTENSIONS PAYLOAD_15, PAYLOAD_15);

  g_assert_cmpint (header.frame_id_low, ==, 64);
  g_assert_cmpint (header.packet_id, ==, 11);
  g_assert_true (header.has_delay);
  g_assert_cmpint (header.delay_ms, ==, 270);

  header = parse (THREE_EXTENSIONS, "");
  g_assert_cmpint (header.delay_ms, ==, 270);
}

static void
test_parse_payload_types (void)
{
  for (guint type = 0; type < 256; type++) {
    guint8 packet[] = { 0x80, (guint8) type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0,
      0, 0, 0, 0 };
    guint low = type & 0x7f;

    g_assert_cmpint (can_parse (packet, sizeof packet), ==,
        (low >= 96 && low <= 104) || low == 127);
  }
}

static void
test_reject_first_byte (void)
{
  for (guint first = 0; first < 256; first++) {
    guint8 packet[18] = { (guint8) first, 96 };

    g_assert_cmpint (can_parse (packet, sizeof packet), ==, first == 0x80);
  }
}

static void
test_reject_packet_ids (void)
{
  /* packet id > max packet id */
  g_assert_false (
      can_parse_hex ("8060beef090807060102030480050a0b00010f0e0d0c0b0a0908"));
  /* 0xffff means all packets and is none */
  g_assert_false (can_parse_hex ("8060beef09080706010203048005000affff"));
  g_assert_true (can_parse_hex ("8060beef09080706010203048005000afffe"));
  g_assert_true (can_parse_hex ("8060beef09080706010203048005fffefffe"));
}

static void
test_reject_delay_size (void)
{
  g_assert_true (
      can_parse_hex ("8060000000000000000000018100000000000402010e"));
  g_assert_false (can_parse_hex ("80600000000000000000000181000000000004010e"));
  g_assert_false (
      can_parse_hex ("8060000000000000000000018100000000000403010e00"));
  g_assert_false (can_parse_hex ("8060000000000000000000018100000000000400"));
}

static void
test_truncated (void)
{
  static const struct
  {
    const char *hex;
    gsize n_header_bytes;
  } rows[] = {
    { "8060beef090807060102030480050a0b0a0c0f0e0d0c0b0a0908", 18 },
    { "8060dead0204060800000101402a000b000c27" PAYLOAD_15, 19 },
    { "8060dead0204060800000101c1400000000c400402010e" PAYLOAD_15, 23 },
    { THREE_EXTENSIONS PAYLOAD_15, 34 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GBytes) bytes = foyer_test_hex (rows[i].hex);
    const guint8 *data = g_bytes_get_data (bytes, NULL);

    for (gsize n = 0; n <= g_bytes_get_size (bytes); n++)
      g_assert_cmpint (can_parse (data, n), ==, n >= rows[i].n_header_bytes);
  }
}

/* Writing: packets of one session, SSRC 1, at most 1472 bytes a datagram */

static void
assert_written (const FoyerCastRtpHeader *header, const char *expected)
{
  guint8 out[FOYER_CAST_RTP_MAX_HEADER_BYTES];
  gsize n_bytes = foyer_cast_rtp_write_header (header, out);

  foyer_test_assert_hex (out, n_bytes, expected);
}

static void
test_write_key (void)
{
  FoyerCastRtpHeader header = { .payload_type = 96,
    .sequence = 0x1234,
    .ssrc = 1,
    .is_key = TRUE,
    .has_reference = TRUE,
    .has_delay = TRUE,
    .delay_ms = 400 };

  assert_written (&header, "80e012340000000000000001c100000000000004020190");
}

static void
test_write_delta (void)
{
  FoyerCastRtpHeader header = { .payload_type = 96,
    .sequence = 0x1235,
    .timestamp = 3000,
    .ssrc = 1,
    .has_reference = TRUE,
    .frame_id_low = 1 };

  assert_written (&header, "80e0123500000bb80000000140010000000000");
}

static void
test_write_audio (void)
{
  FoyerCastRtpHeader header = { .payload_type = 127,
    .sequence = 0xffff,
    .timestamp = 0xfffffe20,
    .ssrc = 0x8623,
    .is_key = TRUE,
    .has_reference = TRUE,
    .frame_id_low = (guint8) 300,
    .reference_low = (guint8) 300 };

  assert_written (&header, "80fffffffffffe2000008623c02c000000002c");
}

static void
test_write_empty (void)
{
  FoyerCastRtpHeader header = { .payload_type = 96,
    .sequence = 5,
    .timestamp = 9000,
    .ssrc = 1,
    .has_reference = TRUE,
    .frame_id_low = 3,
    .reference_low = 2 };

  assert_written (&header, "80e00005000023280000000140030000000002");
}

static void
test_write_without_reference (void)
{
  FoyerCastRtpHeader header = { .payload_type = 100,
    .sequence = 0xbeef,
    .timestamp = 0x09080706,
    .ssrc = 0x01020304,
    .is_key = TRUE,
    .frame_id_low = 5,
    .packet_id = 0x0a0b,
    .max_packet_id = 0x0a0c };

  assert_written (&header, "8064beef090807060102030480050a0b0a0c");
}

static void
make_long_frame (guint8 *frame, gsize n_bytes)
{
  static const FoyerKey key = { { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
      14, 15 } };
  static const FoyerKey mask = { { 0xf0, 0xe0, 0xd0, 0xc0, 0xb0, 0xa0, 0x90,
      0x80, 0x70, 0x60, 0x50, 0x40, 0x30, 0x20, 0x10, 0x00 } };
  g_auto (FoyerCastCrypto) crypto = { 0 };

  for (gsize i = 0; i < n_bytes; i++)
    frame[i] = (guint8) (7 * i + 3);
  foyer_cast_crypto_init (&crypto, &key, &mask);
  foyer_cast_crypto_apply (&crypto, 2, frame, frame, n_bytes);
}

/* 3000 bytes in three packets, whole datagrams against their digests */
static void
test_write_long_frame (void)
{
  static const char *const headers[] = {
    "8060fffe000017700000000140020000000201",
    "8060ffff000017700000000140020001000201",
    "80e00000000017700000000140020002000201",
  };
  static const char *const digests[] = {
    "c94cefc6a82b10778c6c176ed5473f0b03cd992487e56a33c3fea845c1a7d0de",
    "078e398007da827309b2f0d8825254ea2c608ff3b0c4c5e9139e5bd633f4e516",
    "1f4ebcb267999e233335651bb569eb99c8da6757f3af0c7f45478433c25c7180",
  };
  static const gsize sizes[] = { 1468, 1468, 121 };
  FoyerCastRtpHeader header = { .payload_type = 96,
    .sequence = 0xfffe,
    .timestamp = 6000,
    .ssrc = 1,
    .has_reference = TRUE,
    .frame_id_low = 2,
    .reference_low = 1 };
  guint8 frame[3000];

  make_long_frame (frame, sizeof frame);
  header.max_packet_id =
      (guint16) (foyer_cast_rtp_count_packets (sizeof frame, 1472) - 1);
  g_assert_cmpint (header.max_packet_id, ==, 2);
  for (guint16 i = 0; i < 3; i++) {
    guint8 packet[1472];
    gsize slice_bytes = MIN (1449, sizeof frame - i * 1449U);
    gsize n_header_bytes;
    g_autofree char *digest = NULL;

    header.packet_id = i;
    n_header_bytes = foyer_cast_rtp_write_header (&header, packet);
    foyer_test_assert_hex (packet, n_header_bytes, headers[i]);
    memcpy (packet + n_header_bytes, frame + i * 1449U, slice_bytes);
    g_assert_cmpuint (n_header_bytes + slice_bytes, ==, sizes[i]);
    digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, packet,
        n_header_bytes + slice_bytes);
    g_assert_cmpstr (digest, ==, digests[i]);
    header.sequence++;
  }
}

static void
test_count (void)
{
  /* openscreen cast/streaming/rtp_packetizer_unittest.cc, sender_unittest.cc */
  static const struct
  {
    gsize n_bytes;
    gsize n_packets;
    gsize n_packets6;
  } rows[] = {
    { 0, 1, 1 },
    { 1, 1, 1 },
    { 1449, 1, 2 },
    { 1450, 2, 2 },
    { 2898, 2, 3 },
    { 2899, 3, 3 },
    { 3000, 3, 3 },
    { 10000, 7, 7 },
    { 16384, 12, 12 },
    { 38383, 27, 27 },
    { 48269, 34, 34 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_assert_cmpuint (foyer_cast_rtp_count_packets (rows[i].n_bytes,
                          FOYER_CAST_MAX_DATAGRAM_BYTES),
        ==, rows[i].n_packets);
    g_assert_cmpuint (foyer_cast_rtp_count_packets (rows[i].n_bytes,
                          FOYER_CAST_MAX_DATAGRAM6_BYTES),
        ==, rows[i].n_packets6);
  }
  /* The largest frame that is let in has packet ids for all its packets. */
  g_assert_cmpuint (foyer_cast_rtp_count_packets (FOYER_CAST_MAX_FRAME_BYTES,
                        FOYER_CAST_MAX_DATAGRAM6_BYTES),
      <=, FOYER_CAST_MAX_PACKET_ID + 1);
}

typedef struct
{
  gint64 from;
  guint8 low;
  gint64 expected;
} Expansion;

static void
assert_expansions (gint64 (*expand) (gint64, guint8), const Expansion *rows,
    gsize n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    g_assert_cmpint (expand (rows[i].from, rows[i].low), ==, rows[i].expected);
}

static void
test_expand8 (void)
{
  static const Expansion near[] = { { 0, 0, 0 }, { 0, 255, -1 },
    { 200, 10, 266 }, { 510, 3, 515 }, { 514, 0xfe, 510 }, { 300, 44, 300 },
    { 128, 0, 0 }, { 127, 255, -1 }, { 129, 0, 256 }, { 0, 127, 127 },
    { 0, 128, -128 } };
  static const Expansion at_most[] = { { 42, 10, 10 }, { 0x22a, 0x0a, 0x20a },
    { 0, 0xff, -1 }, { 5, 0xff, -1 }, { 300, 44, 300 }, { 300, 45, 45 },
    { 514, 0xfe, 510 }, { -1, 0xff, -1 } };
  static const Expansion beyond[] = { { 10, 11, 11 }, { 10, 10, 266 },
    { 255, 0, 256 }, { 522, 11, 523 }, { -1, 0, 0 } };

  assert_expansions (foyer_cast_expand8, near, G_N_ELEMENTS (near));
  assert_expansions (foyer_cast_expand8_at_most, at_most,
      G_N_ELEMENTS (at_most));
  assert_expansions (foyer_cast_expand8_beyond, beyond, G_N_ELEMENTS (beyond));
}

static void
test_expand32 (void)
{
  const gint64 wrap = G_GINT64_CONSTANT (0x100000000);

  g_assert_cmpint (foyer_cast_expand32 (0, 3000), ==, 3000);
  g_assert_cmpint (foyer_cast_expand32 (0, 0xfffff448), ==, -3000);
  g_assert_cmpint (foyer_cast_expand32 (wrap - 1, 2999), ==, wrap + 2999);
  g_assert_cmpint (foyer_cast_expand32 (wrap + 2999, 0xffffffff), ==, wrap - 1);
  g_assert_cmpint (foyer_cast_expand32 (5 * wrap + 7, 7), ==, 5 * wrap + 7);
  g_assert_cmpint (foyer_cast_expand32 (0, 0x7fffffff), ==, 0x7fffffff);
  g_assert_cmpint (foyer_cast_expand32 (0, 0x80000000), ==,
      -G_GINT64_CONSTANT (0x80000000));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-rtp/parse/key", test_parse_key);
  g_test_add_func ("/cast-rtp/parse/reference", test_parse_reference);
  g_test_add_func ("/cast-rtp/parse/delay", test_parse_delay);
  g_test_add_func ("/cast-rtp/parse/unknown-extensions",
      test_parse_unknown_extensions);
  g_test_add_func ("/cast-rtp/parse/payload-types", test_parse_payload_types);
  g_test_add_func ("/cast-rtp/reject/first-byte", test_reject_first_byte);
  g_test_add_func ("/cast-rtp/reject/packet-ids", test_reject_packet_ids);
  g_test_add_func ("/cast-rtp/reject/delay-size", test_reject_delay_size);
  g_test_add_func ("/cast-rtp/reject/truncated", test_truncated);
  g_test_add_func ("/cast-rtp/write/key", test_write_key);
  g_test_add_func ("/cast-rtp/write/delta", test_write_delta);
  g_test_add_func ("/cast-rtp/write/audio", test_write_audio);
  g_test_add_func ("/cast-rtp/write/empty", test_write_empty);
  g_test_add_func ("/cast-rtp/write/without-reference",
      test_write_without_reference);
  g_test_add_func ("/cast-rtp/write/long-frame", test_write_long_frame);
  g_test_add_func ("/cast-rtp/count/vectors", test_count);
  g_test_add_func ("/cast-rtp/expand/8", test_expand8);
  g_test_add_func ("/cast-rtp/expand/32", test_expand32);
  return g_test_run ();
}
