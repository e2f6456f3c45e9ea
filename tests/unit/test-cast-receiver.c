/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-crypto.h"
#include "foyer-cast-ntp.h"
#include "foyer-cast-receiver.h"
#include "foyer-cast-rtcp.h"
#include "foyer-cast-rtp.h"
#include "foyer-test-data.h"

#include <string.h>

/* The session of the known answers, as in test-cast-sender.c. The sender's
 * clock stands at WALL_US when ours stands at NOW_US. */
#define NOW_US      G_GINT64_CONSTANT (1000000000)
#define WALL_US     G_GINT64_CONSTANT (1700000000250000)
#define DELAY_US    400000
#define FRAME_US    33333
#define SLICE_BYTES 10

static FoyerCastStreamConfig
make_config (void)
{
  FoyerCastStreamConfig config = {
    .kind = FOYER_CAST_STREAM_VIDEO,
    .codec = FOYER_CAST_CODEC_VP8,
    .payload_type = 96,
    .sender_ssrc = 1,
    .receiver_ssrc = 2,
    .time_base_hz = 90000,
    .target_delay_ms = DELAY_US / 1000,
    .max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES,
  };
  g_autoptr (GBytes) key = foyer_test_hex ("000102030405060708090a0b0c0d0e0f");
  g_autoptr (GBytes) mask = foyer_test_hex ("f0e0d0c0b0a090807060504030201000");

  memcpy (config.key.bytes, g_bytes_get_data (key, NULL), FOYER_KEY_BYTES);
  memcpy (config.iv_mask.bytes, g_bytes_get_data (mask, NULL), FOYER_KEY_BYTES);
  return config;
}

static FoyerCastReceiver *
make_receiver (void)
{
  FoyerCastStreamConfig config = make_config ();

  return foyer_cast_receiver_new (&config, 1, NOW_US, WALL_US / 2);
}

static gboolean
receive_hex (FoyerCastReceiver *receiver, const char *hex, gint64 now_us)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);

  return foyer_cast_receiver_receive (receiver, g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes), now_us);
}

/* A report whose sender stood at timestamp 0 at WALL_US. */
static void
send_report (FoyerCastReceiver *receiver, gint64 now_us)
{
  guint8 data[FOYER_CAST_SENDER_REPORT_BYTES];
  FoyerCastSenderReport report = {
    .ssrc = 1,
    .ntp = foyer_cast_ntp_from_unix_us (WALL_US + now_us - NOW_US),
    .rtp_timestamp = (guint32) ((now_us - NOW_US) * 90000 / G_USEC_PER_SEC),
  };

  foyer_cast_rtcp_write_sender_report (&report, data);
  g_assert_true (
      foyer_cast_receiver_receive (receiver, data, sizeof data, now_us));
}

static guint16 next_sequence;

/* Packet @packet of @n_packets of a frame captured id × FRAME_US after NOW_US;
 * what is not said in @change is usual. */
static gboolean
send_changed (FoyerCastReceiver *receiver, FoyerCastFrameId id, guint packet,
    guint n_packets, const FoyerCastRtpHeader *change, gint64 now_us)
{
  guint8 data[FOYER_CAST_RTP_MAX_HEADER_BYTES + SLICE_BYTES] = { 0 };
  FoyerCastRtpHeader header = {
    .payload_type = 96,
    .sequence = next_sequence++,
    .timestamp = (guint32) (id * 3000),
    .ssrc = change->ssrc ? change->ssrc : 1,
    .is_key = change->is_key,
    .has_reference = TRUE,
    .frame_id_low = (guint8) id,
    .reference_low = (guint8) (change->is_key ? id : id - 1),
    .packet_id = (guint16) packet,
    .max_packet_id = (guint16) (n_packets - 1),
    .has_delay = change->has_delay,
    .delay_ms = change->delay_ms,
  };
  gsize n_bytes = foyer_cast_rtp_write_header (&header, data);

  return foyer_cast_receiver_receive (receiver, data, n_bytes + SLICE_BYTES,
      now_us);
}

static void
send (FoyerCastReceiver *receiver, FoyerCastFrameId id, guint packet,
    guint n_packets, gboolean is_key, gint64 now_us)
{
  FoyerCastRtpHeader change = { .is_key = is_key };

  g_assert_true (
      send_changed (receiver, id, packet, n_packets, &change, now_us));
}

/* The id of the next frame out, or -1. */
static FoyerCastFrameId
pop (FoyerCastReceiver *receiver, gint64 now_us)
{
  g_auto (FoyerCastReceivedFrame) frame = { 0 };

  if (!foyer_cast_receiver_pop (receiver, now_us, &frame))
    return FOYER_CAST_FRAME_ID_NONE;
  return frame.frame_id;
}

/* The feedback that is due now; %FALSE if none is. */
static gboolean
pull (FoyerCastReceiver *receiver, FoyerCastFeedback *feedback, gint64 now_us)
{
  guint8 data[FOYER_CAST_MAX_DATAGRAM6_BYTES];
  FoyerCastFeedbackParser parser = { .sender_ssrc = 1, .receiver_ssrc = 2 };
  gsize n_bytes = foyer_cast_receiver_pull_feedback (receiver, now_us, data);

  if (n_bytes == 0)
    return FALSE;
  g_assert_true (
      foyer_cast_rtcp_parse_feedback (&parser, data, n_bytes, 250, feedback));
  return TRUE;
}

static void
drain (FoyerCastReceiver *receiver, gint64 now_us)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  while (pull (receiver, &feedback, now_us))
    ;
}

static void
assert_nack (const FoyerCastFeedback *feedback, guint index,
    FoyerCastFrameId frame_id, guint packet_id)
{
  const FoyerCastNack *nack = &g_array_index (feedback->nacks, FoyerCastNack,
      index);

  g_assert_cmpuint (feedback->nacks->len, >, index);
  g_assert_cmpint (nack->frame_id, ==, frame_id);
  g_assert_cmpuint (nack->packet_id, ==, packet_id);
}

static void
test_vectors_first_frames (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastReceivedFrame) key = { 0 };
  g_auto (FoyerCastReceivedFrame) delta = { 0 };
  static const char fox[] = "The quick brown fox jumps over the lazy dog.";

  g_assert_true (receive_hex (receiver,
      "80c8000600000001e8fe6f8040000000000000000000000000000000", NOW_US));
  g_assert_true (receive_hex (receiver,
      "80e012340000000000000001c100000000000004020190"
      "236a99bb00b35445c9d0ff87ab327e0a2efb3888c5b96557889a2a8dff0e0ab593ee80"
      "455103698e1ff5e0e8f4",
      NOW_US + 1000));
  g_assert_true (receive_hex (receiver,
      "80e0123500000bb80000000140010000000000"
      "13dbfcfb7a450e1a4b453f58da0af62294fa60e5d25cc36be5d7d5e0120fc936b428be"
      "b2e1ed84049898916cc2",
      NOW_US + 34000));
  g_assert_true (foyer_cast_receiver_pop (receiver, NOW_US + 35000, &key));
  g_assert_true (foyer_cast_receiver_pop (receiver, NOW_US + 35000, &delta));
  g_assert_cmpmem (g_bytes_get_data (key.data, NULL),
      g_bytes_get_size (key.data), fox, sizeof fox);
  g_assert_cmpmem (g_bytes_get_data (delta.data, NULL),
      g_bytes_get_size (delta.data), fox, sizeof fox);
  g_assert_true (key.is_key);
  g_assert_false (delta.is_key);
  g_assert_false (delta.is_late);
  g_assert_cmpint (key.capture_us, ==, NOW_US);
  g_assert_cmpint (key.playout_us, ==, NOW_US + 400000);
  g_assert_cmpint (key.first_packet_us, ==, NOW_US + 1000);
  g_assert_cmpint (delta.capture_us, ==, NOW_US + 33333);
  g_assert_cmpint (delta.rtp_timestamp, ==, 3000);
  g_assert_cmpint (delta.complete_us, ==, NOW_US + 34000);
}

static void
test_report_is_answered_at_once (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  g_assert_cmpint (foyer_cast_receiver_get_deadline_us (receiver, NOW_US), ==,
      G_MAXINT64);
  g_assert_false (pull (receiver, &feedback, NOW_US));
  g_assert_true (receive_hex (receiver,
      "80c8000600000001e8fe6f8040000000000000000000000000000000", NOW_US));
  g_assert_cmpint (foyer_cast_receiver_get_deadline_us (receiver, NOW_US), ==,
      NOW_US);
  g_assert_true (pull (receiver, &feedback, NOW_US + 500000));
  g_assert_true (feedback.has_report_block);
  g_assert_cmphex (feedback.report_block.last_report_id, ==, 0x6f804000);
  g_assert_cmpuint (feedback.report_block.delay_since_65536ths, ==, 32768);
  g_assert_cmpint (feedback.checkpoint, ==, -1);
  g_assert_cmpuint (feedback.delay_ms, ==, 400);
  g_assert_false (feedback.has_pli);
  g_assert_cmphex (feedback.reference_time_ntp, ==,
      foyer_cast_ntp_from_unix_us (WALL_US / 2 + 500000));
  g_assert_false (pull (receiver, &feedback, NOW_US + 500000));
  /* The next is without a block, and half a second later. */
  g_assert_cmpint (foyer_cast_receiver_get_deadline_us (receiver,
                       NOW_US + 500000),
      ==, NOW_US + 1000000);
  g_assert_true (pull (receiver, &feedback, NOW_US + 1000000));
  g_assert_false (feedback.has_report_block);
}

static void
test_report_counts_losses (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };
  FoyerCastReceiverStats stats;

  foyer_cast_feedback_init (&feedback);
  next_sequence = 0xffff;
  send (receiver, 0, 0, 4, TRUE, NOW_US);
  next_sequence++; /* sequence 0 never comes */
  send (receiver, 0, 2, 4, TRUE, NOW_US);
  send (receiver, 0, 3, 4, TRUE, NOW_US);
  send_report (receiver, NOW_US);
  g_assert_true (pull (receiver, &feedback, NOW_US));
  g_assert_cmpuint (feedback.report_block.fraction_lost, ==, 64);
  g_assert_cmpuint (feedback.report_block.n_cumulative_lost, ==, 1);
  g_assert_cmphex (feedback.report_block.highest_sequence, ==, 0x10002);
  foyer_cast_receiver_get_stats (receiver, &stats);
  g_assert_cmpuint (stats.n_lost, ==, 1);
  g_assert_cmpuint (stats.n_datagrams, ==, 3);
  /* Nothing more was lost since. */
  send_report (receiver, NOW_US + 500000);
  g_assert_true (pull (receiver, &feedback, NOW_US + 500000));
  g_assert_cmpuint (feedback.report_block.fraction_lost, ==, 0);
  g_assert_cmpuint (feedback.report_block.n_cumulative_lost, ==, 1);
}

static void
test_frames_wait_for_report (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  /* Kept and acknowledged, but without a time. */
  g_assert_cmpint (pop (receiver, NOW_US), ==, -1);
  g_assert_true (pull (receiver, &feedback, NOW_US));
  g_assert_cmpint (feedback.checkpoint, ==, 0);
  send_report (receiver, NOW_US + 1000);
  g_assert_cmpint (pop (receiver, NOW_US + 1000), ==, 0);
}

static void
test_order_and_acknowledgements (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  send (receiver, 2, 0, 1, FALSE, NOW_US + 1000);
  g_assert_cmpint (pop (receiver, NOW_US + 1000), ==, 0);
  g_assert_cmpint (pop (receiver, NOW_US + 1000), ==, -1);
  drain (receiver, NOW_US + 1000);
  g_assert_true (pull (receiver, &feedback, NOW_US + 31000));
  g_assert_cmpint (feedback.checkpoint, ==, 0);
  g_assert_cmpuint (feedback.acks->len, ==, 1);
  g_assert_cmpint (g_array_index (feedback.acks, gint64, 0), ==, 2);
  assert_nack (&feedback, 0, 1, FOYER_CAST_NACK_ALL);
  send (receiver, 1, 0, 1, FALSE, NOW_US + 40000);
  /* The checkpoint advances over both, and that is told at once. */
  g_assert_true (pull (receiver, &feedback, NOW_US + 40000));
  g_assert_cmpint (feedback.checkpoint, ==, 2);
  g_assert_cmpuint (feedback.nacks->len, ==, 0);
  g_assert_cmpint (pop (receiver, NOW_US + 40000), ==, 1);
  g_assert_cmpint (pop (receiver, NOW_US + 40000), ==, 2);
}

static void
test_nack_is_soon_and_often (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };
  gint64 now_us = NOW_US + 1000;

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  drain (receiver, NOW_US);
  send (receiver, 0, 0, 5, TRUE, now_us);
  send (receiver, 0, 3, 5, TRUE, now_us);
  /* Others may have been overtaken. */
  g_assert_false (pull (receiver, &feedback, now_us));
  now_us = foyer_cast_receiver_get_deadline_us (receiver, now_us);
  g_assert_cmpint (now_us, ==, NOW_US + 1000 + 4000);
  g_assert_true (pull (receiver, &feedback, now_us));
  assert_nack (&feedback, 0, 0, 1);
  assert_nack (&feedback, 1, 0, 2);
  /* Packet 4 may still be on the sender's pacer. */
  g_assert_cmpuint (feedback.nacks->len, ==, 2);
  g_assert_true (pull (receiver, &feedback, NOW_US + 1000 + 15000));
  g_assert_cmpuint (feedback.nacks->len, ==, 3);
  assert_nack (&feedback, 2, 0, 4);
  g_assert_cmpint (foyer_cast_receiver_get_deadline_us (receiver,
                       NOW_US + 16000),
      ==, NOW_US + 16000 + 30000);
}

static void
test_nack_not_for_reordered (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  drain (receiver, NOW_US);
  send (receiver, 0, 0, 3, TRUE, NOW_US);
  send (receiver, 0, 2, 3, TRUE, NOW_US + 1000);
  send (receiver, 0, 1, 3, TRUE, NOW_US + 2000);
  g_assert_true (pull (receiver, &feedback, NOW_US + 2000));
  g_assert_cmpint (feedback.checkpoint, ==, 0);
  g_assert_cmpuint (feedback.nacks->len, ==, 0);
}

/* A frame of which nothing came is missed from when a later one is seen. */
static void
test_nack_of_whole_frames (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  g_assert_cmpint (pop (receiver, NOW_US), ==, 0);
  drain (receiver, NOW_US);
  send (receiver, 2, 0, 1, FALSE, NOW_US + 10000);
  send_report (receiver, NOW_US + 13999);
  g_assert_true (pull (receiver, &feedback, NOW_US + 13999));
  g_assert_cmpuint (feedback.nacks->len, ==, 0);
  g_assert_cmpint (foyer_cast_receiver_get_deadline_us (receiver,
                       NOW_US + 13999),
      ==, NOW_US + 14000);
  g_assert_true (pull (receiver, &feedback, NOW_US + 14000));
  g_assert_cmpuint (feedback.nacks->len, ==, 1);
  assert_nack (&feedback, 0, 1, FOYER_CAST_NACK_ALL);
}

static void
test_skip_to_key_when_late (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastReceivedFrame) frame = { 0 };
  g_auto (FoyerCastFeedback) feedback = { 0 };
  FoyerCastReceiverStats stats;
  gint64 skip_us = NOW_US + 2 * FRAME_US + DELAY_US;

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  g_assert_cmpint (pop (receiver, NOW_US), ==, 0);
  send (receiver, 1, 0, 2, FALSE, NOW_US + FRAME_US);
  send (receiver, 2, 0, 1, FALSE, NOW_US + 2 * FRAME_US);
  send (receiver, 3, 0, 1, TRUE, NOW_US + 3 * FRAME_US);
  /* Frame 1 is late before, but frame 2 might still be shown. */
  g_assert_cmpint (pop (receiver, skip_us - 100), ==, -1);
  drain (receiver, skip_us - 100);
  g_assert_true (foyer_cast_receiver_pop (receiver, skip_us + 1, &frame));
  g_assert_cmpint (frame.frame_id, ==, 3);
  g_assert_cmpuint (frame.n_skipped, ==, 2);
  g_assert_false (frame.is_late);
  /* What was skipped counts as done, and that is told. */
  g_assert_true (pull (receiver, &feedback, skip_us + 1));
  g_assert_cmpint (feedback.checkpoint, ==, 3);
  g_assert_cmpuint (feedback.nacks->len, ==, 0);
  foyer_cast_receiver_get_stats (receiver, &stats);
  g_assert_cmpuint (stats.n_skipped, ==, 2);
  g_assert_cmpuint (stats.n_frames, ==, 2);
}

static void
test_skip_never_to_dependent (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastReceivedFrame) frame = { 0 };

  send_report (receiver, NOW_US);
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  g_assert_cmpint (pop (receiver, NOW_US), ==, 0);
  send (receiver, 2, 0, 1, FALSE, NOW_US);
  g_assert_cmpint (pop (receiver, NOW_US + G_USEC_PER_SEC), ==, -1);
  /* What comes late is for the decoder only. */
  send (receiver, 1, 0, 1, FALSE, NOW_US + G_USEC_PER_SEC);
  g_assert_true (
      foyer_cast_receiver_pop (receiver, NOW_US + G_USEC_PER_SEC, &frame));
  g_assert_cmpint (frame.frame_id, ==, 1);
  g_assert_true (frame.is_late);
}

static void
test_late_by_one_microsecond (void)
{
  for (gint64 late_us = 0; late_us <= 1; late_us++) {
    g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
    g_auto (FoyerCastReceivedFrame) frame = { 0 };

    send_report (receiver, NOW_US);
    send (receiver, 0, 0, 1, TRUE, NOW_US + DELAY_US + late_us);
    g_assert_true (foyer_cast_receiver_pop (receiver,
        NOW_US + DELAY_US + late_us, &frame));
    g_assert_cmpint (frame.is_late, ==, late_us == 1);
  }
}

static void
test_delay_change (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  FoyerCastRtpHeader change = { .has_delay = TRUE, .delay_ms = 200 };
  static const gint64 delays_us[] = { 400000, 200000, 200000 };
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  send_changed (receiver, 1, 0, 1, &change, NOW_US);
  send (receiver, 2, 0, 1, FALSE, NOW_US);
  for (guint i = 0; i < G_N_ELEMENTS (delays_us); i++) {
    g_auto (FoyerCastReceivedFrame) frame = { 0 };

    g_assert_true (foyer_cast_receiver_pop (receiver, NOW_US, &frame));
    g_assert_cmpint (frame.playout_us - frame.capture_us, ==, delays_us[i]);
  }
  g_assert_true (pull (receiver, &feedback, NOW_US));
  g_assert_cmpuint (feedback.delay_ms, ==, 200);
}

static void
test_pli_when_a_picture_is_lost (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };
  gint64 lost_us = NOW_US + FRAME_US + DELAY_US + 120000;
  FoyerCastReceiverStats stats;

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  g_assert_cmpint (pop (receiver, NOW_US), ==, 0);
  send (receiver, 1, 0, 2, FALSE, NOW_US + FRAME_US);
  drain (receiver, NOW_US + FRAME_US);
  g_assert_true (pull (receiver, &feedback, lost_us - 1));
  g_assert_false (feedback.has_pli);
  g_assert_cmpint (foyer_cast_receiver_get_deadline_us (receiver, lost_us - 1),
      ==, lost_us);
  g_assert_true (pull (receiver, &feedback, lost_us));
  g_assert_true (feedback.has_pli);
  /* Again and again, until a key frame is complete. */
  g_assert_true (pull (receiver, &feedback, lost_us + 30000));
  g_assert_true (feedback.has_pli);
  send (receiver, 9, 0, 1, TRUE, lost_us + 40000);
  g_assert_true (pull (receiver, &feedback, lost_us + 70000));
  g_assert_false (feedback.has_pli);
  foyer_cast_receiver_get_stats (receiver, &stats);
  g_assert_cmpuint (stats.n_key_requests, ==, 1);
}

static void
test_pli_not_while_a_key_comes (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };
  gint64 lost_us = NOW_US + FRAME_US + DELAY_US + 120000;

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  g_assert_cmpint (pop (receiver, NOW_US), ==, 0);
  send (receiver, 1, 0, 2, FALSE, NOW_US + FRAME_US);
  send (receiver, 10, 0, 2, TRUE, NOW_US + 10 * FRAME_US);
  g_assert_true (pull (receiver, &feedback, lost_us));
  g_assert_false (feedback.has_pli);
  g_assert_true (pull (receiver, &feedback, lost_us + 9 * FRAME_US + 10));
  g_assert_true (feedback.has_pli);
}

static void
test_pli_on_request (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  send_report (receiver, NOW_US);
  drain (receiver, NOW_US);
  /* There is no picture yet that could be lost. */
  foyer_cast_receiver_request_key (receiver, 0);
  g_assert_false (pull (receiver, &feedback, NOW_US));
  send (receiver, 0, 0, 1, TRUE, NOW_US);
  drain (receiver, NOW_US);
  foyer_cast_receiver_request_key (receiver, 0);
  g_assert_true (pull (receiver, &feedback, NOW_US));
  g_assert_true (feedback.has_pli);
}

static void
test_hostile_packets_are_ignored (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_auto (FoyerCastReceivedFrame) frame = { 0 };
  FoyerCastRtpHeader other = { .ssrc = 7 };
  FoyerCastReceiverStats stats;

  send_report (receiver, NOW_US);
  send (receiver, 0, 0, 2, TRUE, NOW_US);
  send (receiver, 0, 1, 3, TRUE, NOW_US); /* another number of packets */
  g_assert_cmpint (pop (receiver, NOW_US), ==, -1);
  send (receiver, 0, 0, 2, TRUE, NOW_US);           /* a double */
  send (receiver, 121, 0, 1, TRUE, NOW_US);         /* too far ahead */
  send (receiver, 1, 0, 0x10000 - 1, TRUE, NOW_US); /* too large */
  g_assert_false (send_changed (receiver, 0, 1, 2, &other, NOW_US));
  g_assert_false (foyer_cast_receiver_receive (receiver, NULL, 0, NOW_US));
  send (receiver, 0, 1, 2, TRUE, NOW_US);
  g_assert_true (foyer_cast_receiver_pop (receiver, NOW_US, &frame));
  g_assert_cmpuint (g_bytes_get_size (frame.data), ==, 2 * SLICE_BYTES);
  g_assert_cmpint (pop (receiver, NOW_US + 10 * G_USEC_PER_SEC), ==, -1);
  foyer_cast_receiver_get_stats (receiver, &stats);
  g_assert_cmpuint (stats.n_doubles, ==, 1);
  g_assert_cmpuint (stats.n_bad_datagrams, ==, 2);
}

static void
test_window_ends_at_its_last_frame (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();

  send_report (receiver, NOW_US);
  for (FoyerCastFrameId id = 119; id >= 0; id--)
    send (receiver, id, 0, 1, id == 0, NOW_US);
  for (FoyerCastFrameId id = 0; id < 120; id++)
    g_assert_cmpint (pop (receiver, NOW_US), ==, id);
  /* Ids go on beyond their low 8 bits. */
  for (FoyerCastFrameId id = 120; id < 600; id++) {
    send (receiver, id, 0, 1, FALSE, NOW_US);
    g_assert_cmpint (pop (receiver, NOW_US), ==, id);
  }
}

/* 16 MB are held; what the next frame needs is taken nevertheless. */
static void
test_memory_is_limited (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  g_autofree guint8 *data = g_malloc0 (60000);
  FoyerCastReceiverStats stats;
  guint n_frames = 1;

  send_report (receiver, NOW_US);
  for (FoyerCastFrameId id = 119; id >= 0; id--) {
    for (guint16 packet = 0; packet < 5; packet++) {
      FoyerCastRtpHeader header = { .payload_type = 96,
        .ssrc = 1,
        .is_key = TRUE,
        .frame_id_low = (guint8) id,
        .packet_id = packet,
        .max_packet_id = 4 };
      gsize n_bytes = foyer_cast_rtp_write_header (&header, data);

      foyer_cast_receiver_receive (receiver, data, n_bytes + 50000, NOW_US);
    }
  }
  g_assert_cmpint (pop (receiver, NOW_US + 2 * DELAY_US), ==, 0);
  while (pop (receiver, NOW_US + 2 * DELAY_US) >= 0)
    n_frames++;
  foyer_cast_receiver_get_stats (receiver, &stats);
  g_assert_cmpuint (n_frames, <=, 16 * 1024 * 1024 / 250000 + 2);
  g_assert_cmpuint (n_frames, >=, 60);
  g_assert_cmpuint (stats.n_frames + stats.n_skipped, ==, 120);
}

/* A sender whose clock was set, an hour back and an hour on. */
static void
test_clock_jumps (void)
{
  g_autoptr (FoyerCastReceiver) receiver = make_receiver ();
  static const gint64 steps_us[] = { 0, -3600, 3600 };

  for (guint i = 0; i < G_N_ELEMENTS (steps_us); i++) {
    g_auto (FoyerCastReceivedFrame) frame = { 0 };
    gint64 now_us = NOW_US + i * FRAME_US;
    guint8 data[FOYER_CAST_SENDER_REPORT_BYTES];
    FoyerCastSenderReport report = {
      .ssrc = 1,
      .ntp = foyer_cast_ntp_from_unix_us (
          WALL_US + i * FRAME_US + steps_us[i] * G_USEC_PER_SEC),
      .rtp_timestamp = i * 3000,
    };

    foyer_cast_rtcp_write_sender_report (&report, data);
    foyer_cast_receiver_receive (receiver, data, sizeof data, now_us);
    send (receiver, i, 0, 1, i == 0, now_us);
    g_assert_true (foyer_cast_receiver_pop (receiver, now_us, &frame));
    g_assert_cmpint (frame.capture_us, ==, now_us);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-receiver/vectors/first-frames",
      test_vectors_first_frames);
  g_test_add_func ("/cast-receiver/report/answered-at-once",
      test_report_is_answered_at_once);
  g_test_add_func ("/cast-receiver/report/losses", test_report_counts_losses);
  g_test_add_func ("/cast-receiver/report/frames-wait",
      test_frames_wait_for_report);
  g_test_add_func ("/cast-receiver/order/acknowledgements",
      test_order_and_acknowledgements);
  g_test_add_func ("/cast-receiver/nack/soon-and-often",
      test_nack_is_soon_and_often);
  g_test_add_func ("/cast-receiver/nack/not-for-reordered",
      test_nack_not_for_reordered);
  g_test_add_func ("/cast-receiver/nack/whole-frames",
      test_nack_of_whole_frames);
  g_test_add_func ("/cast-receiver/skip/to-key", test_skip_to_key_when_late);
  g_test_add_func ("/cast-receiver/skip/never-to-dependent",
      test_skip_never_to_dependent);
  g_test_add_func ("/cast-receiver/late/by-one-microsecond",
      test_late_by_one_microsecond);
  g_test_add_func ("/cast-receiver/delay/change", test_delay_change);
  g_test_add_func ("/cast-receiver/pli/picture-lost",
      test_pli_when_a_picture_is_lost);
  g_test_add_func ("/cast-receiver/pli/not-while-a-key-comes",
      test_pli_not_while_a_key_comes);
  g_test_add_func ("/cast-receiver/pli/on-request", test_pli_on_request);
  g_test_add_func ("/cast-receiver/hostile/ignored",
      test_hostile_packets_are_ignored);
  g_test_add_func ("/cast-receiver/hostile/memory", test_memory_is_limited);
  g_test_add_func ("/cast-receiver/hostile/clock-jumps", test_clock_jumps);
  g_test_add_func ("/cast-receiver/window/last-frame",
      test_window_ends_at_its_last_frame);
  return g_test_run ();
}
