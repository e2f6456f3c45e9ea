/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-rtcp.h"

/* One control datagram, of a sender or of a display, on the stream from SSRC 1
 * to SSRC 2. What was read can be written and read again. */

#define SENDER_SSRC   1
#define RECEIVER_SSRC 2
/* more than the longest feedback there is */
#define ROOM_BYTES 2048

static void
read_sender_report (const uint8_t *data, size_t n_bytes)
{
  FoyerCastSenderReport report;
  FoyerCastSenderReport again;
  guint8 out[FOYER_CAST_SENDER_REPORT_BYTES];

  if (!foyer_cast_rtcp_parse_sender_report (data, n_bytes, SENDER_SSRC,
          &report))
    return;
  foyer_cast_rtcp_write_sender_report (&report, out);
  g_assert_true (foyer_cast_rtcp_parse_sender_report (out, sizeof out,
      SENDER_SSRC, &again));
  g_assert_cmpuint (again.ntp, ==, report.ntp);
  g_assert_cmpuint (again.rtp_timestamp, ==, report.rtp_timestamp);
  g_assert_cmpuint (again.n_packets, ==, report.n_packets);
  g_assert_cmpuint (again.n_octets, ==, report.n_octets);
}

static void
assert_empty (const FoyerCastFeedback *feedback)
{
  g_assert_false (feedback->has_report_block);
  g_assert_false (feedback->has_reference_time);
  g_assert_false (feedback->has_pli);
  g_assert_false (feedback->has_checkpoint);
  g_assert_false (feedback->has_count);
  g_assert_cmpuint (feedback->nacks->len, ==, 0);
  g_assert_cmpuint (feedback->acks->len, ==, 0);
}

/* Ascending, without doubles, between checkpoint and @max_frame_id. */
static void
assert_plausible (const FoyerCastFeedback *feedback,
    FoyerCastFrameId max_frame_id)
{
  FoyerCastNack last_nack = { feedback->checkpoint, FOYER_CAST_NACK_ALL };
  FoyerCastFrameId last_ack = feedback->checkpoint + 1;

  g_assert_cmpint (feedback->checkpoint, >=, FOYER_CAST_FRAME_ID_NONE);
  g_assert_cmpint (feedback->checkpoint, <=, max_frame_id);
  for (guint i = 0; i < feedback->nacks->len; i++) {
    FoyerCastNack nack = g_array_index (feedback->nacks, FoyerCastNack, i);

    g_assert_true (nack.frame_id > last_nack.frame_id ||
        (nack.frame_id == last_nack.frame_id &&
            nack.packet_id > last_nack.packet_id &&
            nack.packet_id != FOYER_CAST_NACK_ALL));
    g_assert_cmpint (nack.frame_id, <=, max_frame_id);
    last_nack = nack;
  }
  for (guint i = 0; i < feedback->acks->len; i++) {
    FoyerCastFrameId ack = g_array_index (feedback->acks, FoyerCastFrameId, i);

    g_assert_cmpint (ack, >, last_ack);
    g_assert_cmpint (ack, <=, max_frame_id);
    last_ack = ack;
  }
}

static void
assert_same_again (const FoyerCastFeedback *feedback,
    FoyerCastFrameId max_frame_id)
{
  FoyerCastFeedbackParser parser = { SENDER_SSRC, RECEIVER_SSRC, 0 };
  g_auto (FoyerCastFeedback) again = { 0 };
  guint8 out[ROOM_BYTES];
  gsize n_bytes = foyer_cast_rtcp_write_feedback (RECEIVER_SSRC, SENDER_SSRC,
      feedback, out, sizeof out);

  foyer_cast_feedback_init (&again);
  g_assert_true (foyer_cast_rtcp_parse_feedback (&parser, out, n_bytes,
      max_frame_id, &again));
  g_assert_cmpint (again.has_report_block, ==, feedback->has_report_block);
  g_assert_cmpint (again.has_reference_time, ==, feedback->has_reference_time);
  g_assert_cmpint (again.has_pli, ==, feedback->has_pli);
  g_assert_cmpint (again.has_checkpoint, ==, feedback->has_checkpoint);
  g_assert_cmpint (again.checkpoint, ==, feedback->checkpoint);
  g_assert_cmpuint (again.nacks->len, ==, feedback->nacks->len);
  for (guint i = 0; i < again.nacks->len; i++) {
    FoyerCastNack a = g_array_index (again.nacks, FoyerCastNack, i);
    FoyerCastNack b = g_array_index (feedback->nacks, FoyerCastNack, i);

    g_assert_cmpint (a.frame_id, ==, b.frame_id);
    g_assert_cmpint (a.packet_id, ==, b.packet_id);
  }
  g_assert_cmpmem (again.acks->data,
      again.acks->len * sizeof (FoyerCastFrameId), feedback->acks->data,
      feedback->acks->len * sizeof (FoyerCastFrameId));
}

static void
read_feedback (const uint8_t *data, size_t n_bytes,
    FoyerCastFrameId max_frame_id, guint64 last_reference_time_ntp)
{
  FoyerCastFeedbackParser parser = { SENDER_SSRC, RECEIVER_SSRC,
    last_reference_time_ntp };
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  if (!foyer_cast_rtcp_parse_feedback (&parser, data, n_bytes, max_frame_id,
          &feedback)) {
    assert_empty (&feedback);
    g_assert_cmpuint (parser.last_reference_time_ntp, ==,
        last_reference_time_ntp);
    return;
  }
  assert_plausible (&feedback, max_frame_id);
  assert_same_again (&feedback, max_frame_id);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  guint32 ssrc = 0;

  foyer_cast_packet_inspect (data, n_bytes, &ssrc);
  read_sender_report (data, n_bytes);
  read_feedback (data, n_bytes, FOYER_CAST_FRAME_ID_NONE, 0);
  read_feedback (data, n_bytes, 42, 0xe0732e5480000000);
  read_feedback (data, n_bytes, 0x22a, 0);
  return 0;
}
