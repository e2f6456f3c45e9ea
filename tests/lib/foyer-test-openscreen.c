/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-openscreen.h"

#include "foyer-cast-arrivals.h"
#include "foyer-cast-collector.h"
#include "foyer-cast-ntp.h"
#include "foyer-cast-rtcp.h"

#define N_FRAMES    128
#define NACK_US     30000
#define FEEDBACK_US 500000
#define PLAYER_US   50000

struct _FoyerTestOpenscreen
{
  FoyerCastStreamConfig config;
  FoyerCastCrypto crypto;
  FoyerCastCollector frames[N_FRAMES];
  FoyerCastArrivals arrivals;
  FoyerCastFeedback feedback;
  FoyerCastFrameId consumed_id;
  FoyerCastFrameId checkpoint;
  FoyerCastFrameId highest_id;
  gint64 wall_less_us;
  gboolean has_report;
  gboolean answers_report;
  FoyerCastSenderReport report;
  gint64 report_us;
  gint64 offset_us; /* least seen */
  gint64 next_feedback_us;
};

FoyerTestOpenscreen *
foyer_test_openscreen_new (const FoyerCastStreamConfig *config, gint64 now_us,
    gint64 wall_us)
{
  FoyerTestOpenscreen *self = g_new0 (FoyerTestOpenscreen, 1);

  self->config = *config;
  foyer_cast_crypto_init (&self->crypto, &config->key, &config->iv_mask);
  foyer_cast_feedback_init (&self->feedback);
  self->consumed_id = self->checkpoint = self->highest_id = -1;
  self->wall_less_us = wall_us - now_us;
  self->next_feedback_us = G_MAXINT64;
  return self;
}

void
foyer_test_openscreen_free (FoyerTestOpenscreen *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < N_FRAMES; i++)
    foyer_cast_collector_clear (&self->frames[i]);
  foyer_cast_feedback_clear (&self->feedback);
  foyer_cast_crypto_clear (&self->crypto);
  g_free (self);
}

static FoyerCastCollector *
get_frame (FoyerTestOpenscreen *self, FoyerCastFrameId id)
{
  return &self->frames[(guint64) id % N_FRAMES];
}

static gboolean
is_complete (FoyerTestOpenscreen *self, FoyerCastFrameId id)
{
  return id <= self->highest_id &&
      foyer_cast_collector_is_complete (get_frame (self, id));
}

static void
advance (FoyerTestOpenscreen *self, gint64 now_us)
{
  while (is_complete (self, self->checkpoint + 1)) {
    self->checkpoint++;
    self->next_feedback_us = now_us;
  }
}

static void
receive_packet (FoyerTestOpenscreen *self, const FoyerCastRtpHeader *header,
    const guint8 *payload, gsize n_bytes, gint64 now_us)
{
  FoyerCastFrameId id = foyer_cast_expand8 (self->highest_id,
      header->frame_id_low);

  foyer_cast_arrivals_add (&self->arrivals, header->sequence, header->timestamp,
      self->config.time_base_hz, now_us);
  if (id <= self->checkpoint ||
      id > self->consumed_id + FOYER_CAST_MAX_FRAME_SPAN)
    return;
  self->highest_id = MAX (self->highest_id, id);
  if (header->packet_id == 0 && !self->has_report)
    return;
  foyer_cast_collector_add (get_frame (self, id), header, payload, n_bytes,
      now_us);
  advance (self, now_us);
}

void
foyer_test_openscreen_receive (FoyerTestOpenscreen *self, const guint8 *data,
    gsize n_bytes, gint64 now_us)
{
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_payload_bytes;
  gint64 offset_us;

  if (foyer_cast_packet_inspect (data, n_bytes, NULL) ==
      FOYER_CAST_PACKET_RTP) {
    if (foyer_cast_rtp_parse (data, n_bytes, &header, &payload,
            &n_payload_bytes))
      receive_packet (self, &header, payload, n_payload_bytes, now_us);
    return;
  }
  if (!foyer_cast_rtcp_parse_sender_report (data, n_bytes,
          self->config.sender_ssrc, &self->report))
    return;
  offset_us = now_us - foyer_cast_ntp_to_unix_us (self->report.ntp);
  if (!self->has_report || offset_us < self->offset_us)
    self->offset_us = offset_us;
  self->has_report = self->answers_report = TRUE;
  self->report_us = now_us;
  self->next_feedback_us = now_us;
}

static gint64
get_playout_us (FoyerTestOpenscreen *self, FoyerCastFrameId id)
{
  gint64 ticks = (gint32) (get_frame (self, id)->rtp_timestamp -
      self->report.rtp_timestamp);

  return foyer_cast_ntp_to_unix_us (self->report.ntp) + self->offset_us +
      ticks * G_USEC_PER_SEC / self->config.time_base_hz +
      (gint64) self->config.target_delay_ms * 1000;
}

static FoyerCastFrameId
find_next (FoyerTestOpenscreen *self, gint64 now_us, gint64 *when_us)
{
  gint64 late_us = G_MININT64;

  *when_us = G_MAXINT64;
  for (FoyerCastFrameId id = self->consumed_id + 1; id <= self->highest_id;
       id++) {
    const FoyerCastCollector *frame = get_frame (self, id);

    if (is_complete (self, id) &&
        (id == self->consumed_id + 1 || frame->is_independent)) {
      *when_us = late_us;
      return late_us <= now_us ? id : FOYER_CAST_FRAME_ID_NONE;
    }
    if (!foyer_cast_collector_has_packet (frame, 0))
      break;
    late_us = MAX (late_us, get_playout_us (self, id) - PLAYER_US);
  }
  return FOYER_CAST_FRAME_ID_NONE;
}

gboolean
foyer_test_openscreen_pop (FoyerTestOpenscreen *self, gint64 now_us,
    FoyerCastReceivedFrame *frame)
{
  gint64 when_us;
  FoyerCastFrameId id = find_next (self, now_us, &when_us);

  if (id == FOYER_CAST_FRAME_ID_NONE)
    return FALSE;
  *frame = (FoyerCastReceivedFrame){
    .frame_id = id,
    .is_key = get_frame (self, id)->is_independent,
    .n_skipped = (guint) (id - self->consumed_id - 1),
    .data = foyer_cast_collector_assemble (get_frame (self, id), &self->crypto,
        id),
    .playout_us = get_playout_us (self, id),
  };
  frame->is_late = now_us > frame->playout_us;
  while (self->consumed_id < id)
    foyer_cast_collector_clear (get_frame (self, ++self->consumed_id));
  if (self->checkpoint < id) {
    self->checkpoint = id;
    self->next_feedback_us = now_us;
    advance (self, now_us);
  }
  return TRUE;
}

static void
add_nack (FoyerTestOpenscreen *self, FoyerCastFrameId id, guint packet)
{
  FoyerCastNack nack = { .frame_id = id, .packet_id = (guint16) packet };

  g_array_append_val (self->feedback.nacks, nack);
}

static void
add_missing (FoyerTestOpenscreen *self, FoyerCastFrameId id)
{
  const FoyerCastCollector *frame = get_frame (self, id);

  if (!frame->is_begun)
    add_nack (self, id, FOYER_CAST_NACK_ALL);
  for (guint i = 0; i < frame->n_packets; i++)
    if (!foyer_cast_collector_has_packet (frame, i))
      add_nack (self, id, i);
}

static void
add_report_block (FoyerTestOpenscreen *self, gint64 now_us)
{
  FoyerCastReportBlock *block = &self->feedback.report_block;

  self->feedback.has_report_block = self->answers_report;
  if (!self->answers_report)
    return;
  foyer_cast_arrivals_report (&self->arrivals, block);
  block->last_report_id = foyer_cast_ntp_get_report_id (self->report.ntp);
  block->delay_since_65536ths = foyer_cast_rtcp_get_delay_since (
      now_us - self->report_us);
  self->answers_report = FALSE;
}

gsize
foyer_test_openscreen_pull_feedback (FoyerTestOpenscreen *self, gint64 now_us,
    guint8 *out)
{
  FoyerCastFeedback *feedback = &self->feedback;

  if (self->next_feedback_us > now_us)
    return 0;
  g_array_set_size (feedback->nacks, 0);
  g_array_set_size (feedback->acks, 0);
  for (gint64 id = self->checkpoint + 1; id <= self->highest_id; id++) {
    if (is_complete (self, id))
      g_array_append_val (feedback->acks, id);
    else
      add_missing (self, id);
  }
  add_report_block (self, now_us);
  feedback->has_reference_time = TRUE;
  feedback->reference_time_ntp = foyer_cast_ntp_from_unix_us (
      now_us + self->wall_less_us);
  feedback->has_checkpoint = TRUE;
  feedback->checkpoint = self->checkpoint;
  feedback->delay_ms = (guint16) self->config.target_delay_ms;
  feedback->has_count = TRUE;
  feedback->count++;
  self->next_feedback_us = now_us +
      (feedback->nacks->len > 0 ? NACK_US : FEEDBACK_US);
  return foyer_cast_rtcp_write_feedback (self->config.receiver_ssrc,
      self->config.sender_ssrc, feedback, out, FOYER_CAST_MAX_DATAGRAM6_BYTES);
}

gint64
foyer_test_openscreen_get_deadline_us (FoyerTestOpenscreen *self, gint64 now_us)
{
  gint64 when_us;

  find_next (self, now_us, &when_us);
  return MIN (self->next_feedback_us, MAX (when_us, now_us));
}
