/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-limits.h"
#include "foyer-cast-rtcp.h"
#include "foyer-test-data.h"

#include <string.h>

/* Feedback of the display with SSRC 2 on the stream of the sender with SSRC 1:
 * openscreen cast/streaming/compound_rtcp_builder_unittest.cc */

#define SENDER_SSRC   1
#define RECEIVER_SSRC 2

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

static void
add_nack (FoyerCastFeedback *feedback, FoyerCastFrameId frame_id,
    guint16 packet_id)
{
  FoyerCastNack nack = { frame_id, packet_id };

  g_array_append_val (feedback->nacks, nack);
}

static void
add_ack (FoyerCastFeedback *feedback, FoyerCastFrameId frame_id)
{
  g_array_append_val (feedback->acks, frame_id);
}

/* What every datagram of a display has. */
static void
init_basics (FoyerCastFeedback *feedback, guint64 reference_time_ntp,
    FoyerCastFrameId checkpoint, guint16 delay_ms, guint8 count)
{
  foyer_cast_feedback_init (feedback);
  feedback->has_reference_time = TRUE;
  feedback->reference_time_ntp = reference_time_ntp;
  feedback->has_checkpoint = TRUE;
  feedback->checkpoint = checkpoint;
  feedback->delay_ms = delay_ms;
  feedback->has_count = TRUE;
  feedback->count = count;
}

static void
assert_written (const FoyerCastFeedback *feedback, const char *expected)
{
  guint8 out[256];
  gsize n_bytes = foyer_cast_rtcp_write_feedback (RECEIVER_SSRC, SENDER_SSRC,
      feedback, out, sizeof out);

  foyer_test_assert_hex (out, n_bytes, expected);
}

static void
test_write_basics (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  init_basics (&feedback, 0xe07b41f800007570, 42, 321, 0);
  assert_written (&feedback,
      "80c900010000000280cf00040000000204000002e07b41f800007570"
      "8fce00060000000200000001434153542a0001414353543200020000");
}

static void
test_write_nothing (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  assert_written (&feedback, "80c9000100000002");
  feedback.has_checkpoint = TRUE;
  feedback.checkpoint = 0x20a;
  feedback.delay_ms = 550;
  assert_written (&feedback,
      "80c90001000000028fce00040000000200000001434153540a000226");
}

static void
test_write_report_block (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  init_basics (&feedback, 0xe07b41f800003254, 42, 400, 0);
  feedback.has_report_block = TRUE;
  feedback.report_block = (FoyerCastReportBlock){ 1, 2, 3, 4, 0x05060708, 9 };
  assert_written (&feedback,
      "81c900070000000200000001010000020000000300000004050607080000000980cf"
      "00040000000204000002e07b41f800003254"
      "8fce00060000000200000001434153542a0001904353543200020000");
}

static void
test_write_too_many_lost (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  feedback.has_report_block = TRUE;
  feedback.report_block.n_cumulative_lost = 0x1000000;
  assert_written (&feedback,
      "81c90007000000020000000100ffffff00000000000000000000000000000000");
}

static void
test_write_pli (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  init_basics (&feedback, 0xe07b41fc80003254, 9, 400, 9);
  feedback.has_pli = TRUE;
  assert_written (&feedback,
      "80c900010000000280cf00040000000204000002e07b41fc8000325481ce00020000"
      "000200000001"
      "8fce0006000000020000000143415354090001904353543209020000");
}

#define PREFIX     "80c900010000000280cf00040000000204000002e07b41fc80003254"
#define PREFIX_NTP 0xe07b41fc80003254

static void
test_write_nacks (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  init_basics (&feedback, PREFIX_NTP, 15, 400, 0);
  for (guint16 i = 0; i < 3; i++)
    add_nack (&feedback, 16, i);
  add_nack (&feedback, 16, 7);
  add_nack (&feedback, 16, 15);
  add_nack (&feedback, 17, 19);
  add_nack (&feedback, 18, FOYER_CAST_NACK_ALL);
  add_nack (&feedback, 19, FOYER_CAST_NACK_ALL);
  assert_written (&feedback,
      PREFIX "8fce000b0000000200000001434153540f0501901000004310000f0011001300"
             "12ffff0013ffff004353543200020000");
}

static void
test_write_acks (void)
{
  g_auto (FoyerCastFeedback) one = { 0 };
  g_auto (FoyerCastFeedback) three = { 0 };

  init_basics (&one, PREFIX_NTP, 22, 400, 0);
  add_ack (&one, 24);
  assert_written (&one,
      PREFIX "8fce0006000000020000000143415354160001904353543200020100");

  init_basics (&three, PREFIX_NTP, 22, 400, 2);
  add_ack (&three, 25);
  add_ack (&three, 42);
  add_ack (&three, 43);
  assert_written (&three,
      PREFIX
      "8fce00070000000200000001434153541600019043535432020602000c000000");
}

/* The checkpoint and the frame after it have no bit. */
static void
test_write_acks_below (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  init_basics (&feedback, PREFIX_NTP, 22, 400, 0);
  for (FoyerCastFrameId id = 10; id <= 24; id++)
    add_ack (&feedback, id);
  assert_written (&feedback,
      PREFIX "8fce0006000000020000000143415354160001904353543200020100");
}

/* The last bit of two octets and the first one past them. */
static void
test_write_ack_octets (void)
{
  g_auto (FoyerCastFeedback) inside = { 0 };
  g_auto (FoyerCastFeedback) outside = { 0 };

  init_basics (&inside, PREFIX_NTP, 22, 400, 0);
  add_ack (&inside, 22 + 2 + 15);
  assert_written (&inside,
      PREFIX "8fce0006000000020000000143415354160001904353543200020080");
  init_basics (&outside, PREFIX_NTP, 22, 400, 0);
  add_ack (&outside, 22 + 2 + 16);
  assert_written (&outside,
      PREFIX
      "8fce000700000002000000014341535416000190435354320006000001000000");
}

static void
test_write_first_answer (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  init_basics (&feedback, 0xe8fe6f80c0000000, -1, 400, 0);
  feedback.has_report_block = TRUE;
  feedback.report_block.fraction_lost = foyer_cast_rtcp_get_fraction_lost (3,
      2);
  feedback.report_block.n_cumulative_lost = 1;
  feedback.report_block.highest_sequence = 0x10012;
  feedback.report_block.jitter_ticks = 900;
  feedback.report_block.last_report_id = 0x6f804000;
  feedback.report_block.delay_since_65536ths = foyer_cast_rtcp_get_delay_since (
      500000);
  assert_written (&feedback,
      "81c9000700000002000000015500000100010012000003846f80400000008000"
      "80cf00040000000204000002e8fe6f80c0000000"
      "8fce0006000000020000000143415354ff0001904353543200020000");
}

static void
test_write_trouble (void)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  init_basics (&feedback, 0xe8fe6f8100000000, 7, 400, 3);
  feedback.has_pli = TRUE;
  add_nack (&feedback, 8, 0);
  add_nack (&feedback, 8, 1);
  add_nack (&feedback, 8, 8);
  add_nack (&feedback, 8, 9);
  add_nack (&feedback, 9, FOYER_CAST_NACK_ALL);
  add_ack (&feedback, 10);
  assert_written (&feedback,
      "80c900010000000280cf00040000000204000002e8fe6f810000000081ce00020000"
      "000200000001"
      "8fce000900000002000000014341535407030190080000810800090009ffff004353"
      "543203020200");
}

/* As much as there can be: every part, and each packet of many frames. */
static void
init_flood (FoyerCastFeedback *feedback, guint n_nacks, guint n_acks)
{
  init_basics (feedback, PREFIX_NTP, 999, 400, 7);
  feedback->has_report_block = TRUE;
  feedback->has_pli = TRUE;
  for (guint i = 0; i < n_nacks; i++)
    add_nack (feedback, 1000, (guint16) (i * 9));
  for (guint i = 0; i < n_acks; i++)
    add_ack (feedback, 1001 + i);
}

static gsize
write_flood (guint n_nacks, guint n_acks, guint8 *out, gsize n_capacity_bytes)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  init_flood (&feedback, n_nacks, n_acks);
  return foyer_cast_rtcp_write_feedback (RECEIVER_SSRC, SENDER_SSRC, &feedback,
      out, n_capacity_bytes);
}

/* All but NACKs and ACKs comes through in any case. */
static void
read_flood (guint n_nacks, guint n_acks, gsize n_capacity_bytes,
    FoyerCastFeedback *seen)
{
  FoyerCastFeedbackParser parser = fresh;
  g_autofree guint8 *out = g_malloc (n_capacity_bytes);
  gsize n_bytes = write_flood (n_nacks, n_acks, out, n_capacity_bytes);

  g_assert_cmpuint (n_bytes, <=, n_capacity_bytes);
  g_assert_cmpuint (n_bytes % 4, ==, 0);
  g_assert_true (parse_cut (&parser, out, n_bytes, 999 + 255, seen));
  g_assert_true (seen->has_report_block);
  g_assert_true (seen->has_pli);
  g_assert_cmphex (seen->reference_time_ntp, ==, PREFIX_NTP);
  g_assert_cmpint (seen->checkpoint, ==, 999);
  g_assert_cmpint (seen->delay_ms, ==, 400);
  g_assert_cmpint (seen->count, ==, 7);
}

/* 64 bytes of other parts, 20 and 6 of CAST and CST2: 166 are left of 256. */
static void
test_small_drops_nacks_first (void)
{
  g_auto (FoyerCastFeedback) seen = { 0 };

  foyer_cast_feedback_init (&seen);
  /* 41 fields and the 2 octets: all fit, and of 42 the last does not */
  read_flood (41, 16, 256, &seen);
  g_assert_cmpuint (seen.nacks->len, ==, 41);
  g_assert_cmpuint (seen.acks->len, ==, 16);
  read_flood (42, 16, 256, &seen);
  g_assert_cmpuint (seen.nacks->len, ==, 41);
  g_assert_cmpint (g_array_index (seen.nacks, FoyerCastNack, 40).packet_id, ==,
      40 * 9);
  /* One ACK more takes the room of one field. */
  read_flood (41, 17, 256, &seen);
  g_assert_cmpuint (seen.nacks->len, ==, 40);
  g_assert_cmpuint (seen.acks->len, ==, 17);
}

static void
test_small_drops_acks_then (void)
{
  /* after the other parts and CAST */
  const gsize cst2_at = 64 + 20;
  guint8 out[256];

  /* 166 octets leave no room for a field; of more ACKs the first ones stay. */
  for (guint n_acks = 162 * 8 + 1; n_acks < 180 * 8; n_acks++) {
    gsize n_bytes = write_flood (41, n_acks, out, sizeof out);

    g_assert_cmpuint (n_bytes, ==, sizeof out);
    foyer_test_assert_hex (out + 64, 20,
        "8fce002f000000020000000143415354e7000190");
    foyer_test_assert_hex (out + cst2_at, 8, "4353543207a6ffff");
  }
  g_assert_cmphex (out[sizeof out - 1], ==, 0xff);
}

static void
test_large_is_capped (void)
{
  const gsize cst2_at = 64 + 20 + 255 * 4;
  g_autofree guint8 *out = g_malloc (4096);
  gsize n_bytes = write_flood (300, 254 * 8 + 9, out, 4096);

  /* 255 loss fields and 254 octets are all that the counts can say. */
  g_assert_cmpuint (n_bytes, ==, cst2_at + 6 + 254);
  foyer_test_assert_hex (out + 64, 20,
      "8fce0144000000020000000143415354e7ff0190");
  foyer_test_assert_hex (out + cst2_at, 8, "4353543207feffff");
}

static void
test_any_capacity (void)
{
  g_auto (FoyerCastFeedback) seen = { 0 };

  foyer_cast_feedback_init (&seen);
  for (gsize n = 256; n < 1472; n++)
    read_flood (300, (guint) (n * 3 % 250), n, &seen);
}

/* Random feedback, written and read */

#define N_RANDOM    10000
#define RANDOM_SEED 20240613

static void
add_random_nacks (GRand *random, FoyerCastFeedback *feedback,
    FoyerCastFrameId max_frame_id)
{
  guint n_left = (guint) g_rand_int_range (random, 0, 200);

  for (FoyerCastFrameId id = feedback->checkpoint + 1;
       id <= max_frame_id && n_left > 0; id++) {
    int packet_id = g_rand_int_range (random, 0, 4) == 0
        ? g_rand_int_range (random, 0, 0xff00)
        : g_rand_int_range (random, 0, 30);

    if (g_rand_int_range (random, 0, 8) == 0) {
      add_nack (feedback, id, FOYER_CAST_NACK_ALL);
      n_left--;
      continue;
    }
    while (n_left > 0 && packet_id <= FOYER_CAST_MAX_PACKET_ID &&
        g_rand_int_range (random, 0, 5) != 0) {
      add_nack (feedback, id, (guint16) packet_id);
      packet_id += g_rand_int_range (random, 1, 12);
      n_left--;
    }
  }
}

static void
init_random (GRand *random, FoyerCastFeedback *feedback,
    FoyerCastFrameId *max_frame_id)
{
  FoyerCastFrameId checkpoint = g_rand_int_range (random, -1, 100000);
  int sparseness = g_rand_int_range (random, 1, 40);

  init_basics (feedback,
      (guint64) g_rand_int (random) << 32 | g_rand_int (random), checkpoint,
      (guint16) g_rand_int (random), (guint8) g_rand_int (random));
  *max_frame_id = checkpoint + g_rand_int_range (random, 0, 256);
  feedback->has_reference_time = g_rand_boolean (random);
  feedback->has_pli = g_rand_boolean (random);
  feedback->has_report_block = g_rand_boolean (random);
  feedback->report_block = (FoyerCastReportBlock){
    (guint8) g_rand_int (random),
    g_rand_int (random) & 0xffffff,
    g_rand_int (random),
    g_rand_int (random),
    g_rand_int (random),
    g_rand_int (random),
  };
  add_random_nacks (random, feedback, *max_frame_id);
  for (FoyerCastFrameId id = checkpoint + 2; id <= *max_frame_id; id++)
    if (g_rand_int_range (random, 0, sparseness) == 0)
      add_ack (feedback, id);
}

static void
assert_same_blocks (const FoyerCastReportBlock *a,
    const FoyerCastReportBlock *b)
{
  g_assert_cmpint (a->fraction_lost, ==, b->fraction_lost);
  g_assert_cmphex (a->n_cumulative_lost, ==, b->n_cumulative_lost);
  g_assert_cmphex (a->highest_sequence, ==, b->highest_sequence);
  g_assert_cmphex (a->jitter_ticks, ==, b->jitter_ticks);
  g_assert_cmphex (a->last_report_id, ==, b->last_report_id);
  g_assert_cmphex (a->delay_since_65536ths, ==, b->delay_since_65536ths);
}

static void
assert_same_lists (const FoyerCastFeedback *a, const FoyerCastFeedback *b)
{
  g_assert_cmpuint (a->nacks->len, ==, b->nacks->len);
  for (guint i = 0; i < a->nacks->len; i++) {
    FoyerCastNack x = g_array_index (a->nacks, FoyerCastNack, i);
    FoyerCastNack y = g_array_index (b->nacks, FoyerCastNack, i);

    g_assert_cmpint (x.frame_id, ==, y.frame_id);
    g_assert_cmpint (x.packet_id, ==, y.packet_id);
  }
  g_assert_cmpuint (a->acks->len, ==, b->acks->len);
  for (guint i = 0; i < a->acks->len; i++)
    g_assert_cmpint (g_array_index (a->acks, FoyerCastFrameId, i), ==,
        g_array_index (b->acks, FoyerCastFrameId, i));
}

static void
assert_same (const FoyerCastFeedback *a, const FoyerCastFeedback *b)
{
  g_assert_cmpint (a->has_report_block, ==, b->has_report_block);
  if (a->has_report_block)
    assert_same_blocks (&a->report_block, &b->report_block);
  g_assert_cmpint (a->has_reference_time, ==, b->has_reference_time);
  if (a->has_reference_time)
    g_assert_cmphex (a->reference_time_ntp, ==, b->reference_time_ntp);
  g_assert_cmpint (a->has_pli, ==, b->has_pli);
  g_assert_cmpint (a->has_checkpoint, ==, b->has_checkpoint);
  g_assert_cmpint (a->checkpoint, ==, b->checkpoint);
  g_assert_cmpint (a->delay_ms, ==, b->delay_ms);
  g_assert_cmpint (a->has_count, ==, b->has_count);
  g_assert_cmpint (a->count, ==, b->count);
  assert_same_lists (a, b);
}

static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (RANDOM_SEED);
  g_auto (FoyerCastFeedback) seen = { 0 };
  guint64 n_nacks = 0;
  guint64 n_acks = 0;

  foyer_cast_feedback_init (&seen);
  for (guint i = 0; i < N_RANDOM; i++) {
    FoyerCastFeedbackParser parser = fresh;
    g_auto (FoyerCastFeedback) feedback = { 0 };
    FoyerCastFrameId max_frame_id;
    guint8 out[FOYER_CAST_MAX_DATAGRAM6_BYTES];
    gsize n_bytes;

    init_random (random, &feedback, &max_frame_id);
    n_bytes = foyer_cast_rtcp_write_feedback (RECEIVER_SSRC, SENDER_SSRC,
        &feedback, out, sizeof out);
    g_assert_true (parse_cut (&parser, out, n_bytes, max_frame_id, &seen));
    assert_same (&seen, &feedback);
    n_nacks += seen.nacks->len;
    n_acks += seen.acks->len;
  }
  /* The generator did make some of each. */
  g_assert_cmpuint (n_nacks, >, 10 * N_RANDOM);
  g_assert_cmpuint (n_acks, >, 10 * N_RANDOM);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-feedback-writer/write/basics", test_write_basics);
  g_test_add_func ("/cast-feedback-writer/write/nothing", test_write_nothing);
  g_test_add_func ("/cast-feedback-writer/write/report-block",
      test_write_report_block);
  g_test_add_func ("/cast-feedback-writer/write/too-many-lost",
      test_write_too_many_lost);
  g_test_add_func ("/cast-feedback-writer/write/pli", test_write_pli);
  g_test_add_func ("/cast-feedback-writer/write/nacks", test_write_nacks);
  g_test_add_func ("/cast-feedback-writer/write/acks", test_write_acks);
  g_test_add_func ("/cast-feedback-writer/write/acks-below",
      test_write_acks_below);
  g_test_add_func ("/cast-feedback-writer/write/ack-octets",
      test_write_ack_octets);
  g_test_add_func ("/cast-feedback-writer/write/first-answer",
      test_write_first_answer);
  g_test_add_func ("/cast-feedback-writer/write/trouble", test_write_trouble);
  g_test_add_func ("/cast-feedback-writer/small/drops-nacks-first",
      test_small_drops_nacks_first);
  g_test_add_func ("/cast-feedback-writer/small/drops-acks-then",
      test_small_drops_acks_then);
  g_test_add_func ("/cast-feedback-writer/large/is-capped",
      test_large_is_capped);
  g_test_add_func ("/cast-feedback-writer/any/capacity", test_any_capacity);
  g_test_add_func ("/cast-feedback-writer/random/reads-the-same", test_random);
  return g_test_run ();
}
