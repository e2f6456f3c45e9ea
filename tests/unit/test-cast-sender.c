/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-rtcp.h"
#include "foyer-cast-sender.h"
#include "foyer-test-data.h"

#include <string.h>

/* The session of the known answers: key and mask are those of openscreen
 * cast/streaming/sender_unittest.cc; packets were computed by a program of
 * their own. */
#define NOW_US  G_GINT64_CONSTANT (1000000000)
#define WALL_US G_GINT64_CONSTANT (1700000000250000)

static const char fox[] = "The quick brown fox jumps over the lazy dog.";

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
    .target_delay_ms = 400,
    .max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES,
  };
  g_autoptr (GBytes) key = foyer_test_hex ("000102030405060708090a0b0c0d0e0f");
  g_autoptr (GBytes) mask = foyer_test_hex ("f0e0d0c0b0a090807060504030201000");

  memcpy (config.key.bytes, g_bytes_get_data (key, NULL), FOYER_KEY_BYTES);
  memcpy (config.iv_mask.bytes, g_bytes_get_data (mask, NULL), FOYER_KEY_BYTES);
  return config;
}

/* Sends the next datagram; its bytes are returned. */
static GByteArray *
send_one (FoyerCastSender *sender, gint64 now_us)
{
  FoyerCastDatagram datagram;
  GByteArray *bytes = g_byte_array_new ();

  g_assert_true (foyer_cast_sender_peek (sender, now_us, &datagram));
  g_byte_array_append (bytes, datagram.header, (guint) datagram.n_header_bytes);
  if (datagram.n_payload_bytes > 0)
    g_byte_array_append (bytes, datagram.payload,
        (guint) datagram.n_payload_bytes);
  foyer_cast_sender_commit (sender, now_us);
  return bytes;
}

static gboolean
is_rtp (const GByteArray *bytes)
{
  return foyer_cast_packet_inspect (bytes->data, bytes->len, NULL) ==
      FOYER_CAST_PACKET_RTP;
}

/* The same, but for reports. */
static GByteArray *
send_packet (FoyerCastSender *sender, gint64 now_us)
{
  for (;;) {
    GByteArray *bytes = send_one (sender, now_us);

    if (is_rtp (bytes))
      return bytes;
    g_byte_array_unref (bytes);
  }
}

/* Sends all that may leave now; how many RTP datagrams that were. */
static guint
drain (FoyerCastSender *sender, gint64 now_us)
{
  FoyerCastDatagram datagram;
  guint n = 0;

  while (foyer_cast_sender_peek (sender, now_us, &datagram)) {
    n += foyer_cast_packet_inspect (datagram.header, datagram.n_header_bytes,
             NULL) == FOYER_CAST_PACKET_RTP;
    foyer_cast_sender_commit (sender, now_us);
  }
  return n;
}

static FoyerCastVerdict
enqueue (FoyerCastSender *sender, guint stream, const guint8 *data,
    gsize n_bytes, gboolean is_key, gint64 capture_us, gint64 now_us)
{
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = n_bytes,
    .is_key = is_key,
    .tag.capture_us = capture_us,
  };

  return foyer_cast_sender_enqueue (sender, stream, &frame, now_us);
}

static FoyerCastVerdict
push (FoyerCastSender *sender, gsize n_bytes, gboolean is_key,
    gint64 capture_us)
{
  g_autofree guint8 *data = g_malloc (MAX (n_bytes, 1));

  for (gsize i = 0; i < n_bytes; i++)
    data[i] = (guint8) (7 * i + 3);
  return enqueue (sender, 0, data, n_bytes, is_key, capture_us, capture_us);
}

static FoyerCastSender *
make_sender (guint16 first_sequence)
{
  FoyerCastStreamConfig config = make_config ();

  config.first_sequence = first_sequence;
  return foyer_cast_sender_new (&config, 1, NOW_US, WALL_US);
}

/* Feedback on frames of @sender_ssrc, as a display writes it. */
static void
feed (FoyerCastSender *sender, guint32 sender_ssrc,
    const FoyerCastFeedback *feedback, gint64 now_us)
{
  guint8 data[FOYER_CAST_MAX_DATAGRAM6_BYTES];
  gsize n_bytes = foyer_cast_rtcp_write_feedback (2, sender_ssrc, feedback,
      data, sizeof data);

  g_assert_true (foyer_cast_sender_receive (sender, data, n_bytes, now_us));
}

static void
acknowledge_of (FoyerCastSender *sender, guint32 sender_ssrc,
    FoyerCastFrameId checkpoint, gint64 now_us)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  feedback.has_checkpoint = TRUE;
  feedback.checkpoint = checkpoint;
  feed (sender, sender_ssrc, &feedback, now_us);
}

static void
acknowledge (FoyerCastSender *sender, FoyerCastFrameId checkpoint,
    gint64 now_us)
{
  acknowledge_of (sender, 1, checkpoint, now_us);
}

/* Also frames @first to @last. */
static void
acknowledge_some (FoyerCastSender *sender, FoyerCastFrameId checkpoint,
    gint64 first, gint64 last, gint64 now_us)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  feedback.has_checkpoint = feedback.has_count = TRUE;
  feedback.checkpoint = checkpoint;
  for (gint64 id = first; id <= last; id++)
    g_array_append_val (feedback.acks, id);
  feed (sender, 1, &feedback, now_us);
}

static void
nack (FoyerCastSender *sender, FoyerCastFrameId frame_id, guint16 packet_id,
    gint64 now_us)
{
  FoyerCastNack missing = { .frame_id = frame_id, .packet_id = packet_id };
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  feedback.has_checkpoint = TRUE;
  feedback.checkpoint = frame_id - 1;
  g_array_append_val (feedback.nacks, missing);
  feed (sender, 1, &feedback, now_us);
}

static void
pli (FoyerCastSender *sender, FoyerCastFrameId checkpoint, gint64 now_us)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  feedback.has_checkpoint = feedback.has_pli = TRUE;
  feedback.checkpoint = checkpoint;
  feed (sender, 1, &feedback, now_us);
}

static void
answer_report (FoyerCastSender *sender, guint32 report_id,
    guint32 delay_65536ths, FoyerCastFrameId checkpoint, gint64 now_us)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  feedback.has_report_block = feedback.has_checkpoint = TRUE;
  feedback.report_block.last_report_id = report_id;
  feedback.report_block.delay_since_65536ths = delay_65536ths;
  feedback.checkpoint = checkpoint;
  feed (sender, 1, &feedback, now_us);
}

static void
test_vectors_first_frames (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0x1234);
  g_autoptr (GByteArray) key = NULL;
  g_autoptr (GByteArray) delta = NULL;

  foyer_cast_sender_set_delay (sender, 400);
  g_assert_cmpint (enqueue (sender, 0, (const guint8 *) fox, sizeof fox, TRUE,
                       NOW_US, NOW_US),
      ==, FOYER_CAST_VERDICT_SEND);
  key = send_packet (sender, NOW_US);
  foyer_test_assert_hex (key->data, key->len,
      "80e012340000000000000001c100000000000004020190"
      "236a99bb00b35445c9d0ff87ab327e0a2efb3888c5b96557889a2a8dff0e0ab593ee80"
      "455103698e1ff5e0e8f4");
  g_assert_cmpint (enqueue (sender, 0, (const guint8 *) fox, sizeof fox, FALSE,
                       NOW_US + 33333, NOW_US + 33333),
      ==, FOYER_CAST_VERDICT_SEND);
  delta = send_packet (sender, NOW_US + 33333);
  foyer_test_assert_hex (delta->data, delta->len,
      "80e0123500000bb80000000140010000000000"
      "13dbfcfb7a450e1a4b453f58da0af62294fa60e5d25cc36be5d7d5e0120fc936b428be"
      "b2e1ed84049898916cc2");
}

static void
assert_sha256 (const GByteArray *bytes, const char *expected)
{
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256,
      bytes->data, bytes->len);

  g_assert_cmpstr (sum, ==, expected);
}

static void
test_vectors_three_packets (void)
{
  static const char *const sums[] = {
    "c94cefc6a82b10778c6c176ed5473f0b03cd992487e56a33c3fea845c1a7d0de",
    "078e398007da827309b2f0d8825254ea2c608ff3b0c4c5e9139e5bd633f4e516",
    "1f4ebcb267999e233335651bb569eb99c8da6757f3af0c7f45478433c25c7180",
  };
  g_autoptr (FoyerCastSender) sender = make_sender (0xfffc);

  push (sender, 0, TRUE, NOW_US);
  push (sender, 0, FALSE, NOW_US + 33333);
  push (sender, 3000, FALSE, NOW_US + 66667);
  g_byte_array_unref (send_packet (sender, NOW_US + 66667));
  g_byte_array_unref (send_packet (sender, NOW_US + 66667));
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++) {
    g_autoptr (GByteArray) packet = send_packet (sender, NOW_US + 66667);

    assert_sha256 (packet, sums[i]);
  }
}

static void
test_vectors_empty_frame (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (2);
  g_autoptr (GByteArray) packet = NULL;

  for (int i = 0; i < 4; i++)
    push (sender, 0, i == 0, NOW_US + i * 33333 + i / 3);
  for (int i = 0; i < 3; i++)
    g_byte_array_unref (send_packet (sender, NOW_US + 100000));
  packet = send_packet (sender, NOW_US + 100000);
  foyer_test_assert_hex (packet->data, packet->len,
      "80e00005000023280000000140030000000002");
}

/* Frame 300 of an audio stream: the id's low byte and the sequence number wrap,
 * and so does the timestamp next. */
static void
test_vectors_audio_wraps (void)
{
  static const guint8 silence[] = { 0xfc, 0xff, 0xfe };
  FoyerCastStreamConfig config = make_config ();
  g_autoptr (FoyerCastSender) sender = NULL;
  g_autoptr (GByteArray) packet = NULL;
  gint64 now_us = NOW_US;

  config.kind = FOYER_CAST_STREAM_AUDIO;
  config.payload_type = 127;
  config.sender_ssrc = 0x8623;
  config.time_base_hz = 48000;
  config.first_sequence = (guint16) (0xffff - 300);
  sender = foyer_cast_sender_new (&config, 1, NOW_US, WALL_US);
  for (gint64 i = 0; i < 300; i++, now_us += 20000) {
    g_assert_cmpint (push (sender, 3, TRUE, now_us), ==,
        FOYER_CAST_VERDICT_SEND);
    g_assert_cmpuint (drain (sender, now_us), ==, 1);
    acknowledge_of (sender, config.sender_ssrc, i, now_us);
  }
  /* 0xfffffe20 ticks from the start, a day later */
  now_us = NOW_US + G_GINT64_CONSTANT (89478475333);
  g_assert_cmpint (enqueue (sender, 0, silence, sizeof silence, TRUE, now_us,
                       now_us),
      ==, FOYER_CAST_VERDICT_SEND);
  packet = send_packet (sender, now_us);
  foyer_test_assert_hex (packet->data, packet->len,
      "80fffffffffffe2000008623c02c000000002c5845aa");
}

static void
test_report_comes_first (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  g_autoptr (GByteArray) report = NULL;
  g_autoptr (GByteArray) packet = NULL;

  push (sender, 10, TRUE, NOW_US);
  report = send_one (sender, NOW_US);
  foyer_test_assert_hex (report->data, report->len,
      "80c8000600000001e8fe6f80400000000000000000000000 00000000");
  packet = send_one (sender, NOW_US);
  g_assert_true (is_rtp (packet));
  g_assert_cmpuint (drain (sender, NOW_US), ==, 0);
  /* While nothing was answered, every frame brings one. */
  push (sender, 10, FALSE, NOW_US + 33333);
  g_clear_pointer (&report, g_byte_array_unref);
  report = send_one (sender, NOW_US + 33333);
  g_assert_false (is_rtp (report));
}

static void
test_report_vector (void)
{
  FoyerCastStreamConfig config = make_config ();
  g_autoptr (FoyerCastSender) sender = foyer_cast_sender_new (&config, 1,
      NOW_US - G_USEC_PER_SEC, WALL_US - G_USEC_PER_SEC);
  g_autoptr (GByteArray) report = NULL;

  push (sender, 3000, TRUE, NOW_US - G_USEC_PER_SEC);
  g_assert_cmpuint (drain (sender, NOW_US - G_USEC_PER_SEC), ==, 3);
  report = send_one (sender, NOW_US);
  foyer_test_assert_hex (report->data, report->len,
      "80c8000600000001e8fe6f804000000000015f900000000300000bb8");
}

static void
test_report_interval (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  g_assert_cmpint (foyer_cast_sender_get_deadline_us (sender, NOW_US), ==,
      G_MAXINT64);
  push (sender, 10, TRUE, NOW_US);
  g_assert_cmpint (foyer_cast_sender_get_deadline_us (sender, NOW_US), ==,
      NOW_US);
  drain (sender, NOW_US);
  acknowledge (sender, 0, NOW_US + 1000);
  /* With nothing to do but reports nobody wakes up for more. */
  g_assert_cmpint (foyer_cast_sender_get_deadline_us (sender, NOW_US + 1000),
      ==, NOW_US + 500000);
  g_assert_cmpuint (drain (sender, NOW_US + 499999), ==, 0);
  g_byte_array_unref (send_one (sender, NOW_US + 500000));
  g_assert_cmpint (foyer_cast_sender_get_deadline_us (sender, NOW_US + 500000),
      ==, NOW_US + 1000000);
}

static gint64
measure_trip_us (gint64 after_us)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  FoyerCastSenderStats stats;

  push (sender, 10, TRUE, NOW_US);
  drain (sender, NOW_US);
  answer_report (sender, 0x6f804000, 32768, -1, NOW_US + after_us);
  foyer_cast_sender_get_stats (sender, &stats);
  return stats.rtt_us;
}

static void
test_round_trip (void)
{
  g_assert_cmpint (measure_trip_us (520000), ==, 20000);
  /* Less than nothing can't be; more than the delay does not count. */
  g_assert_cmpint (measure_trip_us (499000), ==, 75);
  g_assert_cmpint (measure_trip_us (2000000), ==, 400000);
}

static void
test_round_trip_of_unknown_report (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  FoyerCastSenderStats stats;

  push (sender, 10, TRUE, NOW_US);
  drain (sender, NOW_US);
  answer_report (sender, 0x6f804001, 0, -1, NOW_US + 1000);
  foyer_cast_sender_get_stats (sender, &stats);
  g_assert_cmpint (stats.rtt_us, ==, -1);
}

static void
test_pacing_burst (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  gint64 now_us = NOW_US;
  guint n_sent;

  /* 150 kB: 104 packets. 21 in a burst of 10 ms, the report is one of them. */
  push (sender, 150000, TRUE, NOW_US);
  n_sent = drain (sender, now_us);
  g_assert_cmpuint (n_sent, ==, 20);
  while (n_sent < 104) {
    gint64 next_us = foyer_cast_sender_get_deadline_us (sender, now_us);
    guint n_group;

    g_assert_cmpint (next_us, >, now_us);
    now_us = next_us;
    n_group = drain (sender, now_us);
    g_assert_cmpuint (n_group, >, 0);
    g_assert_cmpuint (n_group, <=, 5);
    n_sent += n_group;
  }
  /* 84 packets at 2100 a second */
  g_assert_cmpint (now_us - NOW_US, >=, 39900);
  g_assert_cmpint (now_us - NOW_US, <=, 40500);
}

static void
test_peek_is_repeatable (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (7);
  FoyerCastDatagram one;
  FoyerCastDatagram other;

  push (sender, 100, TRUE, NOW_US);
  g_byte_array_unref (send_one (sender, NOW_US));
  g_assert_true (foyer_cast_sender_peek (sender, NOW_US, &one));
  g_assert_true (foyer_cast_sender_peek (sender, NOW_US, &other));
  g_assert_cmpmem (one.header, one.n_header_bytes, other.header,
      other.n_header_bytes);
  g_assert_true (one.payload == other.payload);
  foyer_cast_sender_commit (sender, NOW_US);
  /* A second commit is of nothing. */
  foyer_cast_sender_commit (sender, NOW_US);
  g_assert_cmpuint (drain (sender, NOW_US), ==, 0);
}

static gint64
measure_kickstart_us (guint delay_ms, gint64 trip_us)
{
  FoyerCastStreamConfig config = make_config ();
  g_autoptr (FoyerCastSender) sender = NULL;
  gint64 now_us = NOW_US + trip_us;

  config.target_delay_ms = delay_ms;
  sender = foyer_cast_sender_new (&config, 1, NOW_US, WALL_US);
  push (sender, 2000, TRUE, NOW_US);
  drain (sender, NOW_US);
  answer_report (sender, 0x6f804000, 0, 0, now_us);
  push (sender, 2000, FALSE, now_us);
  g_assert_cmpuint (drain (sender, now_us), ==, 2);
  for (gint64 t_us = now_us;; t_us += 1000)
    if (drain (sender, t_us) > 0)
      return t_us - now_us;
}

static void
test_kickstart_wait (void)
{
  g_assert_cmpint (measure_kickstart_us (400, 1000), ==, 20000);
  g_assert_cmpint (measure_kickstart_us (400, 15000), ==, 30000);
  g_assert_cmpint (measure_kickstart_us (200, 1000), ==, 10000);
}

static void
test_kickstart_is_last_packet (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  g_autoptr (GByteArray) packet = NULL;
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_bytes;

  push (sender, 3000, TRUE, NOW_US);
  drain (sender, NOW_US);
  g_assert_cmpuint (drain (sender, NOW_US + 19999), ==, 0);
  packet = send_packet (sender, NOW_US + 20000);
  g_assert_true (foyer_cast_rtp_parse (packet->data, packet->len, &header,
      &payload, &n_bytes));
  g_assert_cmpuint (header.packet_id, ==, 2);
  g_assert_cmpuint (header.sequence, ==, 3);
  /* A NACK shows that the display knows of the frame: no more of it. */
  nack (sender, 0, 1, NOW_US + 20001);
  g_assert_cmpuint (drain (sender, NOW_US + 20001), ==, 1);
  g_assert_cmpuint (drain (sender, NOW_US + 200000), ==, 0);
}

static void
test_nack_repeats_what_it_can_know (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  FoyerCastSenderStats stats;

  push (sender, 3000, TRUE, NOW_US);
  drain (sender, NOW_US);
  answer_report (sender, 0x6f804000, 0, -1, NOW_US + 20000); /* 20 ms */
  push (sender, 3000, FALSE, NOW_US + 33333);
  drain (sender, NOW_US + 33333);
  /* Sent 19 ms ago: it can't have been missed yet. */
  nack (sender, 1, 1, NOW_US + 33333 + 19000);
  g_assert_cmpuint (drain (sender, NOW_US + 33333 + 19000), ==, 0);
  nack (sender, 1, 1, NOW_US + 33333 + 20000);
  g_assert_cmpuint (drain (sender, NOW_US + 33333 + 20000), ==, 1);
  nack (sender, 1, FOYER_CAST_NACK_ALL, NOW_US + 33333 + 25000);
  g_assert_cmpuint (drain (sender, NOW_US + 33333 + 25000), ==, 2);
  foyer_cast_sender_get_stats (sender, &stats);
  g_assert_cmpuint (stats.n_retransmitted, ==, 3);
  g_assert_cmpuint (stats.n_datagrams, ==, 9);
}

static void
test_nack_of_nothing_is_skipped (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  push (sender, 3000, TRUE, NOW_US);
  drain (sender, NOW_US);
  nack (sender, 0, 3, NOW_US + 1000);
  g_assert_cmpuint (drain (sender, NOW_US + 1000), ==, 0);
  acknowledge (sender, 0, NOW_US + 2000);
  nack (sender, 0, 0, NOW_US + 3000);
  g_assert_cmpuint (drain (sender, NOW_US + 3000), ==, 0);
}

static void
test_nack_repetition_is_the_same (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (9);
  g_autoptr (GByteArray) first = NULL;

  foyer_cast_sender_set_delay (sender, 300);
  push (sender, 1000, TRUE, NOW_US);
  first = send_packet (sender, NOW_US);
  for (guint i = 1; i < 4; i++) {
    g_autoptr (GByteArray) again = NULL;

    nack (sender, 0, 0, NOW_US + i * 1000);
    again = send_packet (sender, NOW_US + i * 1000);
    /* All but the sequence number, which is new each time. */
    g_assert_cmpuint (again->data[3], ==, 9 + i);
    again->data[3] = 9;
    g_assert_cmpmem (first->data, first->len, again->data, again->len);
  }
}

static void
test_nack_last_chance_is_taken_twice (void)
{
  static const struct
  {
    gint64 after_us;
    guint n_sent;
  } cases[] = { { 60000, 1 }, { 360000, 1 }, { 360001, 2 }, { 399999, 2 },
    { 400000, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FoyerCastSender) sender = make_sender (0);
    gint64 sent_us = NOW_US + 20000;
    gint64 now_us = sent_us + cases[i].after_us;

    push (sender, 10, TRUE, NOW_US);
    drain (sender, NOW_US);
    answer_report (sender, 0x6f804000, 0, 0, sent_us); /* 20 ms */
    push (sender, 10, FALSE, sent_us);
    drain (sender, sent_us);
    nack (sender, 1, 0, now_us);
    g_assert_cmpuint (drain (sender, now_us), ==, cases[i].n_sent);
    g_assert_cmpuint (drain (sender, now_us), ==, 0);
  }
}

/* A frame that had to be repeated says nothing of a queue. */
static void
test_nack_is_no_queue (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  gint64 now_us = NOW_US;

  for (gint64 id = 0; id < 20; id++, now_us += 200000) {
    push (sender, 2000, id == 0, now_us);
    drain (sender, now_us);
    if (id >= 2) {
      nack (sender, id, 0, now_us + 15000);
      drain (sender, now_us + 15000);
    }
    acknowledge (sender, id, now_us + (id < 2 ? 10000 : 170000));
  }
  push (sender, 100, FALSE, now_us);
  drain (sender, now_us);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, now_us + 350000,
                       now_us + 350000),
      ==, FOYER_CAST_VERDICT_SEND);
}

static void
test_order_oldest_first_audio_first (void)
{
  FoyerCastStreamConfig configs[2] = { make_config (), make_config () };
  g_autoptr (FoyerCastSender) sender = NULL;
  static const guint8 expected[] = { 3, 1, 1, 1 };
  guint8 data[2000] = { 0 };

  configs[1].kind = FOYER_CAST_STREAM_AUDIO;
  configs[1].sender_ssrc = 3;
  configs[1].receiver_ssrc = 4;
  sender = foyer_cast_sender_new (configs, 2, NOW_US, WALL_US);
  enqueue (sender, 0, data, 2000, TRUE, NOW_US, NOW_US);
  enqueue (sender, 0, data, 10, FALSE, NOW_US + 1, NOW_US);
  enqueue (sender, 1, data, 10, TRUE, NOW_US, NOW_US);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_autoptr (GByteArray) packet = send_packet (sender, NOW_US);

    g_assert_cmpuint (packet->data[11], ==, expected[i]);
  }
  g_assert_false (foyer_cast_sender_needs_key (sender, 0));
}

static void
test_checkpoint_first_is_none (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  push (sender, 1000, TRUE, NOW_US);
  drain (sender, NOW_US);
  /* 0xff on the wire */
  acknowledge (sender, -1, NOW_US + 1000);
  nack (sender, 0, 0, NOW_US + 2000);
  g_assert_cmpuint (drain (sender, NOW_US + 2000), ==, 1);
}

static void
test_checkpoint_jump_counts_as_done (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  for (int i = 0; i < 5; i++)
    push (sender, 1000, i == 0, NOW_US + i * 33333);
  drain (sender, NOW_US + 150000);
  acknowledge (sender, 3, NOW_US + 160000);
  nack (sender, 2, 0, NOW_US + 160001);
  g_assert_cmpuint (drain (sender, NOW_US + 160001), ==, 0);
  nack (sender, 4, 0, NOW_US + 160002);
  g_assert_cmpuint (drain (sender, NOW_US + 160002), ==, 1);
}

static void
test_in_flight_limit (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  FoyerCastSenderStats stats;

  push (sender, 100, TRUE, NOW_US);
  drain (sender, NOW_US);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US + 360000,
                       NOW_US + 360000),
      ==, FOYER_CAST_VERDICT_SEND);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US + 360001,
                       NOW_US + 360001),
      ==, FOYER_CAST_VERDICT_IN_FLIGHT);
  g_assert_false (foyer_cast_sender_needs_key (sender, 0));
  acknowledge (sender, 0, NOW_US + 370000);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US + 370000,
                       NOW_US + 370000),
      ==, FOYER_CAST_VERDICT_SEND);
  foyer_cast_sender_get_stats (sender, &stats);
  g_assert_cmpuint (stats.n_frames[FOYER_CAST_VERDICT_IN_FLIGHT], ==, 1);
  g_assert_cmpuint (stats.n_frames[FOYER_CAST_VERDICT_SEND], ==, 1);
}

/* One frame that was unlucky does not stop those after it, which the display
 * has. */
static void
test_in_flight_counts_what_is_missing (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  for (int i = 0; i < 11; i++)
    push (sender, 100, i == 0, NOW_US + i * 33333);
  drain (sender, NOW_US + 340000);
  acknowledge_some (sender, -1, 1, 10, NOW_US + 350000);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US + 390000,
                       NOW_US + 390000),
      ==, FOYER_CAST_VERDICT_SEND);
}

static void
test_checked_frame_is_taken (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  push (sender, 100, TRUE, NOW_US);
  drain (sender, NOW_US);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US + 300000,
                       NOW_US + 300000),
      ==, FOYER_CAST_VERDICT_SEND);
  g_assert_cmpint (push (sender, 100, FALSE, NOW_US + 340000), ==,
      FOYER_CAST_VERDICT_SEND);
  /* It took long, and the limit is reached, but it was let through. */
  g_assert_cmpint (enqueue (sender, 0, (const guint8 *) fox, sizeof fox, FALSE,
                       NOW_US + 300000, NOW_US + 900000),
      ==, FOYER_CAST_VERDICT_SEND);
  /* Once. */
  g_assert_cmpint (enqueue (sender, 0, (const guint8 *) fox, sizeof fox, FALSE,
                       NOW_US + 300000, NOW_US + 900000),
      ==, FOYER_CAST_VERDICT_TOO_OLD);
  g_assert_true (foyer_cast_sender_needs_key (sender, 0));
}

static void
test_refused_frame_breaks_references (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  g_assert_true (foyer_cast_sender_needs_key (sender, 0));
  g_assert_cmpint (push (sender, 100, FALSE, NOW_US), ==,
      FOYER_CAST_VERDICT_NEED_KEY);
  g_assert_cmpint (push (sender, 100, TRUE, NOW_US), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_false (foyer_cast_sender_needs_key (sender, 0));
  g_assert_cmpint (push (sender, FOYER_CAST_MAX_FRAME_BYTES + 1, FALSE,
                       NOW_US + 1000),
      ==, FOYER_CAST_VERDICT_TOO_LARGE);
  g_assert_true (foyer_cast_sender_needs_key (sender, 0));
  g_assert_cmpint (push (sender, 100, FALSE, NOW_US + 2000), ==,
      FOYER_CAST_VERDICT_NEED_KEY);
  /* No id was consumed by what was refused. */
  g_assert_cmpint (push (sender, 0, TRUE, NOW_US + 3000), ==,
      FOYER_CAST_VERDICT_SEND);
  g_byte_array_unref (send_packet (sender, NOW_US + 3000));
  {
    g_autoptr (GByteArray) packet = send_packet (sender, NOW_US + 3000);

    g_assert_cmpuint (packet->data[13], ==, 1);
  }
}

static void
test_too_old (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US, NOW_US + 399999),
      ==, FOYER_CAST_VERDICT_SEND);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US, NOW_US + 400000),
      ==, FOYER_CAST_VERDICT_TOO_OLD);
  foyer_cast_sender_set_delay (sender, 500);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US, NOW_US + 400000),
      ==, FOYER_CAST_VERDICT_SEND);
}

static void
test_id_span (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  for (gint64 i = 0; i < FOYER_CAST_MAX_FRAME_SPAN; i++)
    g_assert_cmpint (push (sender, 10, i == 0, NOW_US + i * 1000), ==,
        FOYER_CAST_VERDICT_SEND);
  g_assert_cmpint (push (sender, 10, FALSE, NOW_US + 200000), ==,
      FOYER_CAST_VERDICT_ID_SPAN);
  /* The history holds them all. */
  drain (sender, NOW_US + 200000);
  nack (sender, 0, 0, NOW_US + 210000);
  g_assert_cmpuint (drain (sender, NOW_US + 210000), >, 0);
  acknowledge (sender, 119, NOW_US + 220000);
  g_assert_cmpint (push (sender, 10, TRUE, NOW_US + 220000), ==,
      FOYER_CAST_VERDICT_SEND);
}

static void
test_pli_is_obeyed_once (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  FoyerCastSenderStats stats;

  push (sender, 10, TRUE, NOW_US);
  drain (sender, NOW_US);
  pli (sender, -1, NOW_US + 10000);
  /* The key frame is still under way. */
  g_assert_false (foyer_cast_sender_needs_key (sender, 0));
  pli (sender, 0, NOW_US + 20000);
  g_assert_true (foyer_cast_sender_needs_key (sender, 0));
  pli (sender, 0, NOW_US + 50000);
  /* A frame under way in the encoder is taken meanwhile. */
  g_assert_cmpint (push (sender, 10, FALSE, NOW_US + 60000), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_true (foyer_cast_sender_needs_key (sender, 0));
  push (sender, 10, TRUE, NOW_US + 93333);
  g_assert_false (foyer_cast_sender_needs_key (sender, 0));
  pli (sender, 0, NOW_US + 100000);
  g_assert_false (foyer_cast_sender_needs_key (sender, 0));
  /* It is stuck: another may replace it. */
  pli (sender, 0, NOW_US + 93333 + 460000);
  g_assert_true (foyer_cast_sender_needs_key (sender, 0));
  foyer_cast_sender_get_stats (sender, &stats);
  g_assert_cmpuint (stats.n_key_requests, ==, 2);
}

/* All that was sent is past its time, and the display speaks again: a key frame
 * may pass, and what it replaces is no longer repeated but for packet 0. */
static void
test_restart_after_silence (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  gint64 now_us = NOW_US + G_USEC_PER_SEC;

  for (int i = 0; i < 10; i++)
    push (sender, 5000, i == 0, NOW_US + i * 33333);
  while (foyer_cast_sender_get_deadline_us (sender, NOW_US + 340000) <=
      NOW_US + 340000)
    drain (sender, NOW_US + 340000);
  drain (sender, NOW_US + 380000);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, now_us, now_us), ==,
      FOYER_CAST_VERDICT_IN_FLIGHT);
  nack (sender, 0, FOYER_CAST_NACK_ALL, now_us);
  g_assert_true (foyer_cast_sender_needs_key (sender, 0));
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, now_us, now_us), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_cmpint (push (sender, 10, TRUE, now_us), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_cmpint (push (sender, 10, FALSE, now_us + 33333), ==,
      FOYER_CAST_VERDICT_SEND);
  /* Packet 0 of frame 0, and the two new frames. */
  g_assert_cmpuint (drain (sender, now_us + 33333), ==, 3);
  nack (sender, 1, FOYER_CAST_NACK_ALL, now_us + 50000);
  g_assert_cmpuint (drain (sender, now_us + 50000), ==, 1);
}

static void
test_poll_when_acknowledgement_is_missing (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  g_autoptr (GByteArray) report = NULL;
  gint64 due_us = NOW_US + 40000 + 20000 + 10000;

  push (sender, 10, TRUE, NOW_US);
  drain (sender, NOW_US);
  answer_report (sender, 0x6f804000, 0, 0, NOW_US + 20000); /* 20 ms */
  push (sender, 10, FALSE, NOW_US + 40000);
  g_assert_cmpuint (drain (sender, NOW_US + 40000), ==, 1);
  g_assert_cmpint (foyer_cast_sender_get_deadline_us (sender, NOW_US + 40000),
      ==, due_us);
  report = send_one (sender, due_us);
  g_assert_false (is_rtp (report));
  /* Then slower. */
  g_assert_cmpint (foyer_cast_sender_get_deadline_us (sender, due_us), >=,
      NOW_US + 80000);
}

static void
test_delay_is_announced_once (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  static const gboolean expected[] = { FALSE, TRUE, FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_autoptr (GByteArray) packet = NULL;
    FoyerCastRtpHeader header;
    const guint8 *payload;
    gsize n_bytes;

    if (i == 1)
      foyer_cast_sender_set_delay (sender, 250);
    push (sender, 10, i == 0, NOW_US + i * 33333);
    packet = send_packet (sender, NOW_US + i * 33333);
    g_assert_true (foyer_cast_rtp_parse (packet->data, packet->len, &header,
        &payload, &n_bytes));
    g_assert_cmpint (header.has_delay, ==, expected[i]);
    g_assert_true (!expected[i] || header.delay_ms == 250);
  }
}

static void
test_timestamps_increase (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  static const gint64 captures_us[] = { 0, 33333, 33333, 20000, 100000 };
  static const guint32 expected[] = { 0, 3000, 3001, 3002, 9000 };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_autoptr (GByteArray) packet = NULL;
    FoyerCastRtpHeader header;
    const guint8 *payload;
    gsize n_bytes;

    push (sender, 10, i == 0, NOW_US + captures_us[i]);
    packet = send_packet (sender, NOW_US + captures_us[i]);
    g_assert_true (foyer_cast_rtp_parse (packet->data, packet->len, &header,
        &payload, &n_bytes));
    g_assert_cmpuint (header.timestamp, ==, expected[i]);
  }
}

static void
test_feedback_of_others (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  FoyerCastSenderStats stats;
  g_autoptr (GBytes) other = foyer_test_hex ("80c9000100000003");
  g_autoptr (GBytes) ours = foyer_test_hex ("80c9000100000002");
  g_autoptr (GBytes) cut = foyer_test_hex ("81c9000700000002000000010501");

  g_assert_false (foyer_cast_sender_receive (sender,
      g_bytes_get_data (other, NULL), g_bytes_get_size (other), NOW_US + 1));
  g_assert_false (foyer_cast_sender_receive (sender,
      g_bytes_get_data (cut, NULL), g_bytes_get_size (cut), NOW_US + 2));
  g_assert_false (foyer_cast_sender_receive (sender, NULL, 0, NOW_US + 3));
  g_assert_cmpint (foyer_cast_sender_get_last_feedback_us (sender), ==, NOW_US);
  g_assert_true (foyer_cast_sender_receive (sender,
      g_bytes_get_data (ours, NULL), g_bytes_get_size (ours), NOW_US + 4));
  g_assert_cmpint (foyer_cast_sender_get_last_feedback_us (sender), ==,
      NOW_US + 4);
  foyer_cast_sender_get_stats (sender, &stats);
  g_assert_cmpuint (stats.n_bad_datagrams, ==, 3);
}

static void
test_stats_ack_delay (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);
  FoyerCastSenderStats stats;

  foyer_cast_sender_get_stats (sender, &stats);
  g_assert_cmpint (stats.ack_delay_us, ==, -1);
  push (sender, 10, TRUE, NOW_US);
  drain (sender, NOW_US);
  answer_report (sender, 0x6f804000, 0, 0, NOW_US + 20000);
  foyer_cast_sender_get_stats (sender, &stats);
  g_assert_cmpint (stats.ack_delay_us, ==, 10000);
}

/* An encoder that takes 100 ms: a frame 300 ms old would come too late. */
static void
test_slow_encoder (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  for (gint64 i = 0; i < 32; i++) {
    gint64 capture_us = NOW_US + i * 40000;

    g_assert_cmpint (foyer_cast_sender_check (sender, 0, capture_us,
                         capture_us),
        ==, FOYER_CAST_VERDICT_SEND);
    g_assert_cmpint (enqueue (sender, 0, (const guint8 *) fox, sizeof fox,
                         i == 0, capture_us, capture_us + 100000),
        ==, FOYER_CAST_VERDICT_SEND);
    drain (sender, capture_us + 100000);
    acknowledge (sender, i, capture_us + 100000);
  }
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US + 2000000,
                       NOW_US + 2290000),
      ==, FOYER_CAST_VERDICT_SEND);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US + 2000000,
                       NOW_US + 2301000),
      ==, FOYER_CAST_VERDICT_TOO_OLD);
}

/* One that stood still for a minute gets another chance. */
static void
test_stalled_encoder (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0);

  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US, NOW_US), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_cmpint (enqueue (sender, 0, (const guint8 *) fox, sizeof fox, TRUE,
                       NOW_US, NOW_US + 60000000),
      ==, FOYER_CAST_VERDICT_SEND);
  drain (sender, NOW_US + 60000000);
  acknowledge (sender, 0, NOW_US + 60000000);
  g_assert_cmpint (foyer_cast_sender_check (sender, 0, NOW_US + 60000000,
                       NOW_US + 60100000),
      ==, FOYER_CAST_VERDICT_SEND);
}

static void
test_verdict_names (void)
{
  g_assert_cmpstr (foyer_cast_verdict_to_string (FOYER_CAST_VERDICT_SEND), ==,
      "sent");
  g_assert_cmpstr (foyer_cast_verdict_to_string (FOYER_CAST_VERDICT_TOO_OLD),
      ==, "too-old");
}

static void
add_decision_tests (void)
{
  g_test_add_func ("/cast-sender/checkpoint/first-is-none",
      test_checkpoint_first_is_none);
  g_test_add_func ("/cast-sender/checkpoint/jump",
      test_checkpoint_jump_counts_as_done);
  g_test_add_func ("/cast-sender/verdict/in-flight", test_in_flight_limit);
  g_test_add_func ("/cast-sender/verdict/in-flight-counts-missing",
      test_in_flight_counts_what_is_missing);
  g_test_add_func ("/cast-sender/verdict/checked", test_checked_frame_is_taken);
  g_test_add_func ("/cast-sender/verdict/refused",
      test_refused_frame_breaks_references);
  g_test_add_func ("/cast-sender/verdict/too-old", test_too_old);
  g_test_add_func ("/cast-sender/verdict/slow-encoder", test_slow_encoder);
  g_test_add_func ("/cast-sender/verdict/stalled-encoder",
      test_stalled_encoder);
  g_test_add_func ("/cast-sender/verdict/id-span", test_id_span);
  g_test_add_func ("/cast-sender/verdict/names", test_verdict_names);
  g_test_add_func ("/cast-sender/key/pli", test_pli_is_obeyed_once);
  g_test_add_func ("/cast-sender/key/restart", test_restart_after_silence);
  g_test_add_func ("/cast-sender/delay/announced-once",
      test_delay_is_announced_once);
  g_test_add_func ("/cast-sender/timestamp/increases",
      test_timestamps_increase);
  g_test_add_func ("/cast-sender/feedback/of-others", test_feedback_of_others);
  g_test_add_func ("/cast-sender/stats/ack-delay", test_stats_ack_delay);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-sender/vectors/first-frames",
      test_vectors_first_frames);
  g_test_add_func ("/cast-sender/vectors/three-packets",
      test_vectors_three_packets);
  g_test_add_func ("/cast-sender/vectors/empty-frame",
      test_vectors_empty_frame);
  g_test_add_func ("/cast-sender/vectors/audio-wraps",
      test_vectors_audio_wraps);
  g_test_add_func ("/cast-sender/report/comes-first", test_report_comes_first);
  g_test_add_func ("/cast-sender/report/vector", test_report_vector);
  g_test_add_func ("/cast-sender/report/interval", test_report_interval);
  g_test_add_func ("/cast-sender/report/poll",
      test_poll_when_acknowledgement_is_missing);
  g_test_add_func ("/cast-sender/round-trip/samples", test_round_trip);
  g_test_add_func ("/cast-sender/round-trip/unknown-report",
      test_round_trip_of_unknown_report);
  g_test_add_func ("/cast-sender/pacing/burst", test_pacing_burst);
  g_test_add_func ("/cast-sender/peek/repeatable", test_peek_is_repeatable);
  g_test_add_func ("/cast-sender/kickstart/wait", test_kickstart_wait);
  g_test_add_func ("/cast-sender/kickstart/last-packet",
      test_kickstart_is_last_packet);
  g_test_add_func ("/cast-sender/nack/what-it-can-know",
      test_nack_repeats_what_it_can_know);
  g_test_add_func ("/cast-sender/nack/of-nothing",
      test_nack_of_nothing_is_skipped);
  g_test_add_func ("/cast-sender/nack/same-packet",
      test_nack_repetition_is_the_same);
  g_test_add_func ("/cast-sender/nack/last-chance",
      test_nack_last_chance_is_taken_twice);
  g_test_add_func ("/cast-sender/nack/no-queue", test_nack_is_no_queue);
  g_test_add_func ("/cast-sender/order/oldest-and-audio-first",
      test_order_oldest_first_audio_first);
  add_decision_tests ();
  return g_test_run ();
}
