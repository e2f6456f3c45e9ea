/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-rtcp.h"
#include "foyer-test-data.h"

#include <string.h>

/* Feedback of the display with SSRC 2 on the stream of the sender with SSRC 1:
 * openscreen cast/streaming/compound_rtcp_parser_unittest.cc,
 * compound_rtcp_builder_unittest.cc */

#define SENDER_SSRC   1
#define RECEIVER_SSRC 2

#define BLOCK "81c9000700000002000000010501020309090902000000aa0b0c8fed00010000"
#define REFERENCE_TIME \
  "80c900010000000280cf00040000000204000002e0732e5480000000"
#define EARLIER_WITH_PLI \
  "81ce0002000000020000000180cf00040000000204000002e0732e5342312000"
#define PLI "81ce00020000000200000001"

static const FoyerCastFeedbackParser fresh = { SENDER_SSRC, RECEIVER_SSRC, 0 };

/* A copy of the very length, so that a sanitizer sees each byte too many. */
static gboolean
parse_cut (FoyerCastFeedbackParser *parser, const guint8 *data, gsize n_bytes,
    FoyerCastFrameId max_frame_id, FoyerCastFeedback *feedback)
{
  g_autofree guint8 *copy = g_memdup2 (data, n_bytes);

  return foyer_cast_rtcp_parse_feedback (parser, copy, n_bytes, max_frame_id,
      feedback);
}

static gboolean
parse_with (FoyerCastFeedbackParser *parser, const char *hex,
    FoyerCastFrameId max_frame_id, FoyerCastFeedback *feedback)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);

  return parse_cut (parser, g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes), max_frame_id, feedback);
}

static gboolean
parse (const char *hex, FoyerCastFrameId max_frame_id,
    FoyerCastFeedback *feedback)
{
  FoyerCastFeedbackParser parser = fresh;

  return parse_with (&parser, hex, max_frame_id, feedback);
}

static void
assert_empty (const FoyerCastFeedback *feedback)
{
  g_assert_false (feedback->has_report_block);
  g_assert_false (feedback->has_reference_time);
  g_assert_false (feedback->has_pli);
  g_assert_false (feedback->has_checkpoint);
  g_assert_false (feedback->has_count);
  g_assert_cmpint (feedback->checkpoint, ==, -1);
  g_assert_cmpuint (feedback->nacks->len, ==, 0);
  g_assert_cmpuint (feedback->acks->len, ==, 0);
}

/* "11:3 11:7 12:all" */
static char *
print_nacks (const FoyerCastFeedback *feedback)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < feedback->nacks->len; i++) {
    FoyerCastNack nack = g_array_index (feedback->nacks, FoyerCastNack, i);

    if (i > 0)
      g_string_append_c (text, ' ');
    g_string_append_printf (text, "%" G_GINT64_FORMAT ":", nack.frame_id);
    if (nack.packet_id == FOYER_CAST_NACK_ALL)
      g_string_append (text, "all");
    else
      g_string_append_printf (text, "%d", nack.packet_id);
  }
  return g_string_free (text, FALSE);
}

static char *
print_acks (const FoyerCastFeedback *feedback)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < feedback->acks->len; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "",
        g_array_index (feedback->acks, FoyerCastFrameId, i));
  return g_string_free (text, FALSE);
}

static void
assert_lists (const FoyerCastFeedback *feedback, const char *nacks,
    const char *acks)
{
  g_autofree char *seen_nacks = print_nacks (feedback);
  g_autofree char *seen_acks = print_acks (feedback);

  g_assert_cmpstr (seen_nacks, ==, nacks);
  g_assert_cmpstr (seen_acks, ==, acks);
}

static void
test_parse_nothing (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse ("80c9000100000002", -1, &feedback));
  assert_empty (&feedback);
  g_assert_true (parse ("", -1, &feedback));
  assert_empty (&feedback);
  /* packets of no meaning to a sender */
  g_assert_true (
      parse ("82cc00010000000280ca0001000000028fcd0000", -1, &feedback));
  assert_empty (&feedback);
}

static void
test_parse_report_block (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse (BLOCK, -1, &feedback));
  g_assert_true (feedback.has_report_block);
  g_assert_cmpint (feedback.report_block.fraction_lost, ==, 5);
  g_assert_cmphex (feedback.report_block.n_cumulative_lost, ==, 0x010203);
  g_assert_cmphex (feedback.report_block.highest_sequence, ==, 0x09090902);
  g_assert_cmpuint (feedback.report_block.jitter_ticks, ==, 170);
  g_assert_cmphex (feedback.report_block.last_report_id, ==, 0x0b0c8fed);
  g_assert_cmpuint (feedback.report_block.delay_since_65536ths, ==, 65536);
  g_assert_false (feedback.has_checkpoint);
}

static void
test_parse_block_among_others (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  /* of two blocks the second is about us; of an author that is not ours none */
  g_assert_true (parse ("82c9000d00000002"
                        "000000090901020309090902000000aa0b0c8fed00010000"
                        "000000010501020309090902000000aa0b0c8fed00010000",
      -1, &feedback));
  g_assert_true (feedback.has_report_block);
  g_assert_cmpint (feedback.report_block.fraction_lost, ==, 5);
  g_assert_true (
      parse ("81c9000700000003000000010501020309090902000000aa0b0c8fed00010000",
          -1, &feedback));
  assert_empty (&feedback);
}

static void
test_parse_reference_time (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };
  FoyerCastFeedbackParser parser = fresh;

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse_with (&parser, REFERENCE_TIME, -1, &feedback));
  g_assert_true (feedback.has_reference_time);
  g_assert_cmphex (feedback.reference_time_ntp, ==, 0xe0732e5480000000);
  g_assert_cmphex (parser.last_reference_time_ntp, ==, 0xe0732e5480000000);
  /* blocks of other types are skipped */
  g_assert_true (parse_with (&parser,
      "80cf000c000000020200000601010101020202020303030304040404050505050606"
      "060604000002e0732e550000000000000000",
      -1, &feedback));
  g_assert_cmphex (feedback.reference_time_ntp, ==, 0xe0732e5500000000);
  g_assert_cmphex (parser.last_reference_time_ntp, ==, 0xe0732e5500000000);
}

static void
test_parse_stale (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };
  FoyerCastFeedbackParser parser = fresh;

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse_with (&parser, EARLIER_WITH_PLI, -1, &feedback));
  g_assert_true (feedback.has_pli);
  g_assert_true (parse_with (&parser, REFERENCE_TIME, -1, &feedback));
  g_assert_true (parse_with (&parser, EARLIER_WITH_PLI, -1, &feedback));
  assert_empty (&feedback);
  g_assert_cmphex (parser.last_reference_time_ntp, ==, 0xe0732e5480000000);
  /* The same time again is not earlier; no time at all is not either. */
  g_assert_true (parse_with (&parser, REFERENCE_TIME PLI, -1, &feedback));
  g_assert_true (feedback.has_pli);
  g_assert_true (parse_with (&parser, PLI, -1, &feedback));
  g_assert_true (feedback.has_pli);
}

static void
test_parse_next_era (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };
  FoyerCastFeedbackParser parser = fresh;

  foyer_cast_feedback_init (&feedback);
  parser.last_reference_time_ntp = 0xffffffff80000000;
  g_assert_true (parse_with (&parser,
      "80cf00040000000204000002000000018000000081ce00020000000200000001", -1,
      &feedback));
  g_assert_true (feedback.has_pli);
  g_assert_cmphex (parser.last_reference_time_ntp, ==, 0x180000000);
}

static void
test_parse_time_of_another (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };
  FoyerCastFeedbackParser parser = fresh;

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse_with (&parser,
      "80cf00040000000304000002e0732e5480000000", -1, &feedback));
  assert_empty (&feedback);
  g_assert_cmphex (parser.last_reference_time_ntp, ==, 0);
}

static void
test_parse_pli (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse (PLI, -1, &feedback));
  g_assert_true (feedback.has_pli);
  g_assert_true (parse ("81ce00020000000300000001", -1, &feedback));
  assert_empty (&feedback);
  g_assert_true (parse ("81ce00020000000200000003", -1, &feedback));
  assert_empty (&feedback);
}

static void
test_parse_checkpoint (void)
{
  static const char hex[] = "8fce00040000000200000001434153540a000226";
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse (hex, 42, &feedback));
  g_assert_true (feedback.has_checkpoint);
  g_assert_cmpint (feedback.checkpoint, ==, 10);
  g_assert_cmpint (feedback.delay_ms, ==, 550);
  g_assert_false (feedback.has_count);
  g_assert_true (parse (hex, 0x22a, &feedback));
  g_assert_cmpint (feedback.checkpoint, ==, 0x20a);
  /* Frame 10 was not sent yet. */
  g_assert_true (parse (hex, 9, &feedback));
  assert_empty (&feedback);
}

static void
test_parse_first_checkpoint (void)
{
  static const char hex[] = "8fce0004000000020000000143415354ff000190";
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  for (FoyerCastFrameId max_frame_id = -1; max_frame_id < 255; max_frame_id++) {
    g_assert_true (parse (hex, max_frame_id, &feedback));
    g_assert_true (feedback.has_checkpoint);
    g_assert_cmpint (feedback.checkpoint, ==, -1);
  }
  g_assert_true (parse (hex, 255, &feedback));
  g_assert_cmpint (feedback.checkpoint, ==, 255);
}

static void
test_parse_of_others (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_true (
      parse ("8fce00040000000300000001434153540a000226", 42, &feedback));
  assert_empty (&feedback);
  g_assert_true (
      parse ("8fce00040000000200000009434153540a000226", 42, &feedback));
  assert_empty (&feedback);
}

static void
test_parse_nacks (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse ("8fce000b0000000200000001434153540a070228"
                        "0b0003000b00078d0dffff000b000b000cffff000d000100"
                        "0e000042",
      42, &feedback));
  g_assert_cmpint (feedback.checkpoint, ==, 10);
  g_assert_cmpint (feedback.delay_ms, ==, 552);
  assert_lists (&feedback,
      "11:3 11:7 11:8 11:10 11:11 11:15 12:all 13:all 14:0 14:2 14:7", "");
}

static void
test_parse_nacks_at_edges (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  /* Bits do not reach into 0xffff, which is all, nor around it. */
  g_assert_true (parse ("8fce00050000000200000001434153540a0102280bfffcff", 42,
      &feedback));
  assert_lists (&feedback, "11:65532 11:65533 11:65534", "");
  /* All is all, whatever its bits. */
  g_assert_true (parse ("8fce00050000000200000001434153540a0102280bffffff", 42,
      &feedback));
  assert_lists (&feedback, "11:all", "");
  /* Frame 43 was not sent yet. */
  g_assert_true (parse ("8fce00060000000200000001434153540a0202282a000100"
                        "2b000200",
      42, &feedback));
  assert_lists (&feedback, "42:1", "");
}

static void
test_parse_acks (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse ("8fce00070000000200000001434153540a0101260b000300"
                        "4353543299020200",
      100, &feedback));
  assert_lists (&feedback, "11:3", "13");
  g_assert_true (feedback.has_count);
  g_assert_cmphex (feedback.count, ==, 0x99);

  g_assert_true (parse ("8fce00080000000200000001434153540a00012643535432"
                        "990affff0001000000000080",
      100, &feedback));
  assert_lists (&feedback, "",
      "12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 36 91");
  /* Frame 36 was sent, and 91 was not. */
  g_assert_true (parse ("8fce00080000000200000001434153540a00012643535432"
                        "990affff0001000000000080",
      36, &feedback));
  assert_lists (&feedback, "",
      "12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 36");
}

static void
test_parse_tail (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  /* another word than CST2, and zeros after the octets */
  g_assert_true (parse ("8fce00060000000200000001434153540a00022643535433"
                        "99020200",
      42, &feedback));
  g_assert_true (feedback.has_checkpoint);
  g_assert_false (feedback.has_count);
  /* CST2 and not what belongs to it */
  g_assert_true (parse ("8fce00050000000200000001434153540a00022643535432", 42,
      &feedback));
  g_assert_true (feedback.has_checkpoint);
  g_assert_false (feedback.has_count);
  g_assert_true (parse ("8fce00070000000200000001434153540a00022643535432"
                        "9902020000000000",
      42, &feedback));
  assert_lists (&feedback, "", "13");
}

/* Two in one datagram: the last counts, and nothing is left of the first. */
static void
test_parse_twice (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_true (parse ("8fce00070000000200000001434153540a0101260b000300"
                        "4353543299020200"
                        "8fce00040000000200000001434153540c000227",
      42, &feedback));
  g_assert_cmpint (feedback.checkpoint, ==, 12);
  g_assert_cmpint (feedback.delay_ms, ==, 551);
  g_assert_false (feedback.has_count);
  assert_lists (&feedback, "", "");
}

static void
test_reject (void)
{
  static const char *const rows[] = {
    /* text */
    "426116172673747265616d696e672f636173742f636f6d706f756e645f727463705f",
    /* padding bit */
    "a0c9000100000002",
    /* a block that is not there; no author */
    "81c9000100000002",
    "80c90000",
    /* no subject */
    "81ce000100000002",
    /* a reference time of 12 bytes; a block that is not there; half a block */
    "80cf00050000000204000003e0732e548000000000000000",
    "80cf00020000000204000002",
    "80cf0000",
    /* another name than CAST; too short for it; loss fields and octets that
     * are not there */
    "8fce00040000000200000001434153550a000226",
    "8fce0003000000020000000143415354",
    "8fce0003000000030000000143415354",
    "8fce00040000000200000001434153540a010226",
    "8fce00060000000200000001434153540a0002264353543299030200",
  };
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *late = g_strconcat (REFERENCE_TIME, PLI, rows[i], NULL);
    FoyerCastFeedbackParser parser = fresh;

    g_assert_false (parse_with (&parser, rows[i], 42, &feedback));
    assert_empty (&feedback);
    g_assert_false (parse_with (&parser, late, 42, &feedback));
    assert_empty (&feedback);
    g_assert_cmphex (parser.last_reference_time_ntp, ==, 0);
  }
}

/* Every kind of part, one after the other: whole only where a part ends. */
static void
test_truncated (void)
{
  static const char hex[] = BLOCK
      "80cf00040000000204000002e8fe6f8100000000" PLI
      "8fce000900000002000000014341535407030190080000810800090009ffff00"
      "4353543203020200";
  static const gsize ends[] = { 0, 32, 52, 64, 104 };
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);
  g_auto (FoyerCastFeedback) feedback = { 0 };
  gsize next_end = 0;

  foyer_cast_feedback_init (&feedback);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==,
      ends[G_N_ELEMENTS (ends) - 1]);
  for (gsize n = 0; n <= g_bytes_get_size (bytes); n++) {
    FoyerCastFeedbackParser parser = fresh;
    gboolean is_whole = n == ends[next_end];

    g_assert_cmpint (parse_cut (&parser, g_bytes_get_data (bytes, NULL), n, 42,
                         &feedback),
        ==, is_whole);
    if (is_whole)
      next_end++;
    else
      assert_empty (&feedback);
  }
  assert_lists (&feedback, "8:0 8:1 8:8 8:9 9:all", "10");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-feedback/parse/nothing", test_parse_nothing);
  g_test_add_func ("/cast-feedback/parse/report-block",
      test_parse_report_block);
  g_test_add_func ("/cast-feedback/parse/block-among-others",
      test_parse_block_among_others);
  g_test_add_func ("/cast-feedback/parse/reference-time",
      test_parse_reference_time);
  g_test_add_func ("/cast-feedback/parse/stale", test_parse_stale);
  g_test_add_func ("/cast-feedback/parse/next-era", test_parse_next_era);
  g_test_add_func ("/cast-feedback/parse/time-of-another",
      test_parse_time_of_another);
  g_test_add_func ("/cast-feedback/parse/pli", test_parse_pli);
  g_test_add_func ("/cast-feedback/parse/checkpoint", test_parse_checkpoint);
  g_test_add_func ("/cast-feedback/parse/first-checkpoint",
      test_parse_first_checkpoint);
  g_test_add_func ("/cast-feedback/parse/of-others", test_parse_of_others);
  g_test_add_func ("/cast-feedback/parse/nacks", test_parse_nacks);
  g_test_add_func ("/cast-feedback/parse/nacks-at-edges",
      test_parse_nacks_at_edges);
  g_test_add_func ("/cast-feedback/parse/acks", test_parse_acks);
  g_test_add_func ("/cast-feedback/parse/tail", test_parse_tail);
  g_test_add_func ("/cast-feedback/parse/twice", test_parse_twice);
  g_test_add_func ("/cast-feedback/reject/malformed", test_reject);
  g_test_add_func ("/cast-feedback/reject/truncated", test_truncated);
  return g_test_run ();
}
