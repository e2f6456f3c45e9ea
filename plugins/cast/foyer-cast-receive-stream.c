/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-receive-stream.h"

#include "foyer-cast-ntp.h"

#include <string.h>

/* openscreen cast/streaming/receiver.h, constants.h */
#define NACK_INTERVAL_US     30000
#define FEEDBACK_INTERVAL_US 500000
/* A packet may be overtaken by others for this long before it counts as lost;
 * those of the newest frame's end may still be on the sender's pacer. */
#define REORDER_US 4000
#define TAIL_US    15000
/* Before a picture's time, to decode it. */
#define LEAD_US 20000
/* A picture past its time may still come as a reference, which is cheaper than
 * a key frame: openscreen repeats NACKs every 30 ms, and a round trip in a home
 * is less than the rest. */
#define LOST_GRACE_US 120000
/* Entries of a feedback; a datagram has room for fewer. */
#define MAX_NACKS 1024

void
foyer_cast_receive_stream_init (FoyerCastReceiveStream *self,
    const FoyerCastStreamConfig *config, FoyerCastReceiverStats *stats,
    gint64 now_us)
{
  memset (self, 0, sizeof *self);
  self->config = *config;
  foyer_cast_crypto_init (&self->crypto, &config->key, &config->iv_mask);
  foyer_key_clear (&self->config.key);
  foyer_key_clear (&self->config.iv_mask);
  self->stats = stats;
  self->consumed_id = FOYER_CAST_FRAME_ID_NONE;
  self->checkpoint = FOYER_CAST_FRAME_ID_NONE;
  self->highest_id = FOYER_CAST_FRAME_ID_NONE;
  self->delay_us = (gint64) config->target_delay_ms * 1000;
  self->nack_us = G_MAXINT64;
  self->feedback_us = now_us;
  foyer_cast_feedback_init (&self->feedback);
}

void
foyer_cast_receive_stream_clear (FoyerCastReceiveStream *self)
{
  for (guint i = 0; i < FOYER_CAST_WINDOW_FRAMES; i++)
    foyer_cast_collector_clear (&self->frames[i]);
  foyer_cast_feedback_clear (&self->feedback);
  foyer_cast_crypto_clear (&self->crypto);
  explicit_bzero (self, sizeof *self);
}

static guint
get_slot (FoyerCastFrameId id)
{
  return (guint) ((guint64) id % FOYER_CAST_WINDOW_FRAMES);
}

static const FoyerCastCollector *
get_frame (const FoyerCastReceiveStream *self, FoyerCastFrameId id)
{
  return &self->frames[get_slot (id)];
}

static gboolean
is_complete (const FoyerCastReceiveStream *self, FoyerCastFrameId id)
{
  return id <= self->highest_id &&
      foyer_cast_collector_is_complete (get_frame (self, id));
}

/* Frames between, of which nothing came, are missed from now on, and so is the
 * rest of the one that was the newest. */
static void
expect (FoyerCastReceiveStream *self, FoyerCastFrameId id, gint64 now_us)
{
  FoyerCastFrameId first = MAX (self->highest_id, self->checkpoint + 1);

  for (FoyerCastFrameId missed = first; missed < id; missed++)
    self->gaps_us[get_slot (missed)] = now_us;
  self->gaps_us[get_slot (id)] = now_us;
  if (id > first + 1 || (id == first + 1 && !is_complete (self, first)))
    self->nack_us = MIN (self->nack_us, now_us + REORDER_US);
  self->highest_id = id;
}

static void
advance_checkpoint (FoyerCastReceiveStream *self)
{
  while (is_complete (self, self->checkpoint + 1)) {
    self->checkpoint++;
    self->is_feedback_due = TRUE;
  }
}

static void
on_complete (FoyerCastReceiveStream *self, const FoyerCastCollector *frame)
{
  if (frame->is_independent) {
    self->has_key = TRUE;
    self->wants_key = FALSE;
  }
  advance_checkpoint (self);
}

static void
collect (FoyerCastReceiveStream *self, FoyerCastFrameId id,
    const FoyerCastRtpHeader *header, const guint8 *payload,
    gsize n_payload_bytes, gint64 now_us)
{
  FoyerCastCollector *frame = &self->frames[get_slot (id)];
  gsize n_bytes_before = foyer_cast_collector_get_size (frame);
  guint n_known_before = frame->n_known;
  FoyerCastCollect result = foyer_cast_collector_add (frame, header, payload,
      n_payload_bytes, now_us);

  if (result == FOYER_CAST_COLLECT_DOUBLE)
    self->stats->n_doubles++;
  if (result != FOYER_CAST_COLLECT_TAKEN)
    return;
  self->n_held_bytes += foyer_cast_collector_get_size (frame) - n_bytes_before;
  if (id > self->highest_id)
    expect (self, id, now_us);
  if (header->packet_id > n_known_before) {
    self->gaps_us[get_slot (id)] = now_us;
    self->nack_us = MIN (self->nack_us, now_us + REORDER_US);
  }
  if (foyer_cast_collector_is_complete (frame))
    on_complete (self, frame);
  else
    self->nack_us = MIN (self->nack_us, now_us + TAIL_US);
}

void
foyer_cast_receive_stream_add_packet (FoyerCastReceiveStream *self,
    const FoyerCastRtpHeader *header, const guint8 *payload,
    gsize n_payload_bytes, gboolean has_room, gint64 now_us)
{
  FoyerCastFrameId id = foyer_cast_expand8 (self->highest_id,
      header->frame_id_low);

  self->is_begun = TRUE;
  foyer_cast_arrivals_add (&self->arrivals, header->sequence, header->timestamp,
      self->config.time_base_hz, now_us);
  if (id <= self->checkpoint) {
    self->stats->n_doubles++;
    return;
  }
  if (id > self->consumed_id + FOYER_CAST_MAX_FRAME_SPAN)
    return;
  if (!has_room && id != self->consumed_id + 1)
    return;
  collect (self, id, header, payload, n_payload_bytes, now_us);
}

void
foyer_cast_receive_stream_add_report (FoyerCastReceiveStream *self,
    const FoyerCastSenderReport *report, gint64 now_us)
{
  gint64 sender_us = foyer_cast_ntp_to_unix_us (report->ntp);

  self->is_begun = TRUE;
  self->has_report = TRUE;
  self->report_id = foyer_cast_ntp_get_report_id (report->ntp);
  self->report_timestamp = report->rtp_timestamp;
  self->report_sender_us = sender_us;
  self->report_us = now_us;
  foyer_cast_clock_drift_add (&self->drift, now_us - sender_us, now_us);
  self->answers_report = TRUE;
  self->is_feedback_due = TRUE;
}

/* On our clock, as the last report has it. Every packet bears the frame's
 * timestamp, so any will do. */
static gint64
get_capture_us (const FoyerCastReceiveStream *self,
    const FoyerCastCollector *frame)
{
  gint64 ticks = (gint32) (frame->rtp_timestamp - self->report_timestamp);

  return self->report_sender_us + self->drift.offset_us +
      ticks * G_USEC_PER_SEC / self->config.time_base_hz;
}

/* In force for @id: the newest change up to it. */
static gint64
get_delay_us (const FoyerCastReceiveStream *self, FoyerCastFrameId id)
{
  for (; id > self->consumed_id; id--) {
    const FoyerCastCollector *frame = get_frame (self, id);

    if (frame->has_delay)
      return (gint64) CLAMP (frame->delay_ms, FOYER_CAST_MIN_DELAY_MS,
                 FOYER_CAST_MAX_DELAY_MS) *
          1000;
  }
  return self->delay_us;
}

static gint64
get_playout_us (const FoyerCastReceiveStream *self, FoyerCastFrameId id)
{
  return get_capture_us (self, get_frame (self, id)) + get_delay_us (self, id);
}

/* When a complete frame may take the place of all before it: when they are all
 * past their time, or at the last moment for itself. */
static gint64
get_skip_us (const FoyerCastReceiveStream *self, FoyerCastFrameId id)
{
  gint64 skip_us = get_playout_us (self, id) - LEAD_US;

  if (get_frame (self, id - 1)->is_begun)
    skip_us = MIN (skip_us, get_playout_us (self, id - 1));
  return skip_us;
}

/* The first complete frame behind the gap that refers to none. */
static FoyerCastFrameId
find_entry (const FoyerCastReceiveStream *self)
{
  for (FoyerCastFrameId id = self->consumed_id + 2; id <= self->highest_id;
       id++)
    if (is_complete (self, id) && get_frame (self, id)->is_independent)
      return id;
  return FOYER_CAST_FRAME_ID_NONE;
}

/* The next frame to be given out, now or at @when_us; none for none. Without a
 * report no frame has a time: they are kept, and acknowledged, and wait. (Open
 * Screen's receiver drops each packet 0 until then, which only costs time.) */
static FoyerCastFrameId
find_next (const FoyerCastReceiveStream *self, gint64 *when_us)
{
  FoyerCastFrameId id = self->consumed_id + 1;

  *when_us = G_MININT64;
  if (!self->has_report || id > self->highest_id)
    return FOYER_CAST_FRAME_ID_NONE;
  if (is_complete (self, id))
    return id;
  id = find_entry (self);
  if (id != FOYER_CAST_FRAME_ID_NONE)
    *when_us = get_skip_us (self, id);
  return id;
}

static void
drop_frame (FoyerCastReceiveStream *self, FoyerCastFrameId id)
{
  FoyerCastCollector *frame = &self->frames[get_slot (id)];

  self->n_held_bytes -= foyer_cast_collector_get_size (frame);
  foyer_cast_collector_clear (frame);
}

/* All up to @id leave the window. */
static void
consume (FoyerCastReceiveStream *self, FoyerCastFrameId id)
{
  self->delay_us = get_delay_us (self, id);
  for (FoyerCastFrameId gone = self->consumed_id + 1; gone <= id; gone++)
    drop_frame (self, gone);
  self->consumed_id = id;
  if (self->checkpoint < id) {
    self->checkpoint = id;
    self->is_feedback_due = TRUE;
    advance_checkpoint (self);
  }
}

static void
fill (FoyerCastReceiveStream *self, FoyerCastFrameId id, gint64 now_us,
    FoyerCastReceivedFrame *frame)
{
  const FoyerCastCollector *collector = get_frame (self, id);

  self->timestamp = foyer_cast_expand32 (self->timestamp,
      collector->rtp_timestamp);
  *frame = (FoyerCastReceivedFrame){
    .frame_id = id,
    .is_key = collector->is_independent,
    .n_skipped = (guint) (id - self->consumed_id - 1),
    .data = foyer_cast_collector_assemble (collector, &self->crypto, id),
    .rtp_timestamp = self->timestamp,
    .capture_us = get_capture_us (self, collector),
    .playout_us = get_playout_us (self, id),
    .first_packet_us = collector->first_us,
    .complete_us = collector->last_us,
  };
  frame->is_late = now_us > frame->playout_us;
}

gboolean
foyer_cast_receive_stream_pop (FoyerCastReceiveStream *self, gint64 now_us,
    FoyerCastReceivedFrame *frame)
{
  gint64 when_us;
  FoyerCastFrameId id = find_next (self, &when_us);

  if (id == FOYER_CAST_FRAME_ID_NONE || when_us > now_us)
    return FALSE;
  fill (self, id, now_us, frame);
  consume (self, id);
  self->stats->n_frames++;
  self->stats->n_late += frame->is_late ? 1 : 0;
  self->stats->n_skipped += frame->n_skipped;
  return TRUE;
}

/* When the frame that holds up the others counts as lost for good and a key
 * frame must be asked for; G_MAXINT64 while there is no reason to. A key frame
 * that is under way, or there, puts it off until that is lost too. */
static gint64
get_lost_us (const FoyerCastReceiveStream *self)
{
  gint64 lost_us = G_MAXINT64;

  if (self->config.kind != FOYER_CAST_STREAM_VIDEO || !self->has_report ||
      !self->has_key || self->wants_key ||
      is_complete (self, self->consumed_id + 1))
    return G_MAXINT64;
  for (FoyerCastFrameId id = self->consumed_id + 1; id <= self->highest_id;
       id++) {
    const FoyerCastCollector *frame = get_frame (self, id);

    if (frame->is_begun && (lost_us == G_MAXINT64 || frame->is_independent))
      lost_us = get_playout_us (self, id) + LOST_GRACE_US;
  }
  return lost_us;
}

void
foyer_cast_receive_stream_request_key (FoyerCastReceiveStream *self)
{
  if (!self->has_key || self->wants_key)
    return;
  self->wants_key = TRUE;
  self->is_feedback_due = TRUE;
  self->stats->n_key_requests++;
}

void
foyer_cast_receive_stream_update (FoyerCastReceiveStream *self, gint64 now_us)
{
  if (get_lost_us (self) <= now_us)
    foyer_cast_receive_stream_request_key (self);
}

gboolean
foyer_cast_receive_stream_is_feedback_due (const FoyerCastReceiveStream *self,
    gint64 now_us)
{
  if (!self->is_begun)
    return FALSE;
  return self->is_feedback_due || self->nack_us <= now_us ||
      self->feedback_us + FEEDBACK_INTERVAL_US <= now_us;
}

static void
add_nack (FoyerCastReceiveStream *self, FoyerCastFrameId id, guint packet)
{
  FoyerCastNack nack = { .frame_id = id, .packet_id = (guint16) packet };

  if (self->feedback.nacks->len < MAX_NACKS)
    g_array_append_val (self->feedback.nacks, nack);
}

/* NACKs what an incomplete frame misses, but for what may still be on its way;
 * and sets when to do so again. */
static void
add_missing (FoyerCastReceiveStream *self, FoyerCastFrameId id, gint64 now_us)
{
  const FoyerCastCollector *frame = get_frame (self, id);
  gint64 ripe_us = self->gaps_us[get_slot (id)] + REORDER_US;
  guint n_packets = frame->n_packets;

  if (now_us < ripe_us) {
    self->nack_us = MIN (self->nack_us, ripe_us);
    return;
  }
  self->nack_us = MIN (self->nack_us, now_us + NACK_INTERVAL_US);
  if (!frame->is_begun) {
    add_nack (self, id, FOYER_CAST_NACK_ALL);
    return;
  }
  if (id == self->highest_id && now_us < frame->last_us + TAIL_US) {
    n_packets = frame->n_known;
    self->nack_us = MIN (self->nack_us, frame->last_us + TAIL_US);
  }
  for (guint i = 0; i < n_packets; i++)
    if (!foyer_cast_collector_has_packet (frame, i))
      add_nack (self, id, i);
}

static void
add_acks_and_nacks (FoyerCastReceiveStream *self, gint64 now_us)
{
  g_array_set_size (self->feedback.nacks, 0);
  g_array_set_size (self->feedback.acks, 0);
  self->nack_us = G_MAXINT64;
  for (FoyerCastFrameId id = self->checkpoint + 1; id <= self->highest_id;
       id++) {
    if (is_complete (self, id))
      g_array_append_val (self->feedback.acks, id);
    else
      add_missing (self, id, now_us);
  }
}

static void
add_report_block (FoyerCastReceiveStream *self, gint64 now_us)
{
  FoyerCastReportBlock *block = &self->feedback.report_block;

  self->feedback.has_report_block = self->answers_report;
  if (!self->answers_report)
    return;
  foyer_cast_arrivals_report (&self->arrivals, block);
  block->last_report_id = self->report_id;
  block->delay_since_65536ths = foyer_cast_rtcp_get_delay_since (
      now_us - self->report_us);
  self->answers_report = FALSE;
}

gsize
foyer_cast_receive_stream_write_feedback (FoyerCastReceiveStream *self,
    guint64 reference_ntp, gint64 now_us, guint8 *out, gsize n_capacity_bytes)
{
  FoyerCastFeedback *feedback = &self->feedback;

  add_report_block (self, now_us);
  add_acks_and_nacks (self, now_us);
  feedback->has_reference_time = TRUE;
  feedback->reference_time_ntp = reference_ntp;
  feedback->has_pli = self->wants_key;
  feedback->has_checkpoint = TRUE;
  feedback->checkpoint = self->checkpoint;
  feedback->delay_ms = (guint16) (self->delay_us / 1000);
  feedback->has_count = TRUE;
  self->is_feedback_due = FALSE;
  self->feedback_us = now_us;
  gsize n_bytes = foyer_cast_rtcp_write_feedback (self->config.receiver_ssrc,
      self->config.sender_ssrc, feedback, out, n_capacity_bytes);
  feedback->count++;
  return n_bytes;
}

gint64
foyer_cast_receive_stream_get_deadline_us (const FoyerCastReceiveStream *self,
    gint64 now_us)
{
  gint64 deadline_us;
  gint64 when_us;

  if (!self->is_begun)
    return G_MAXINT64;
  if (foyer_cast_receive_stream_is_feedback_due (self, now_us))
    return now_us;
  deadline_us = MIN (self->nack_us, self->feedback_us + FEEDBACK_INTERVAL_US);
  if (find_next (self, &when_us) != FOYER_CAST_FRAME_ID_NONE)
    deadline_us = MIN (deadline_us, MAX (when_us, now_us));
  return MIN (deadline_us, get_lost_us (self));
}
