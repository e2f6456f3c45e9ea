/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-send-stream.h"

#include "foyer-cast-ntp.h"

#include <string.h>

/* openscreen cast/streaming/constants.h */
#define REPORT_INTERVAL_US 500000
/* A capture time may be rounded on its way through an encoder. */
#define CHECK_TOLERANCE_US 1000
/* One slow picture is no slow encoder. */
#define CODING_SMOOTHING 4
/* openscreen cast/streaming/sender.cc: report octets leave out the header. */
#define HEADER_OCTETS 19
/* An acknowledgement this late is missing; a display that NACKs does so every
 * 30 ms; unanswered polls are repeated ever slower. */
#define POLL_MARGIN_US   10000
#define POLL_INTERVAL_US 35000
#define MAX_POLL_SHIFT   3
/* Time for one more repetition and its answer before a picture that is late
 * counts as lost for good: round trips, and the display's NACK interval. */
#define LOST_ROUND_TRIPS  2
#define LOST_INTERVALS_US 60000

void
foyer_cast_send_stream_init (FoyerCastSendStream *self,
    const FoyerCastStreamConfig *config, gint64 now_us)
{
  memset (self, 0, sizeof *self);
  self->config = *config;
  foyer_cast_crypto_init (&self->crypto, &config->key, &config->iv_mask);
  foyer_key_clear (&self->config.key);
  foyer_key_clear (&self->config.iv_mask);
  self->root = NULL;
  self->parser.sender_ssrc = config->sender_ssrc;
  self->parser.receiver_ssrc = config->receiver_ssrc;
  foyer_cast_feedback_init (&self->feedback);
  self->delay_us = (gint64) config->target_delay_ms * 1000;
  self->last_id = FOYER_CAST_FRAME_ID_NONE;
  self->checkpoint = FOYER_CAST_FRAME_ID_NONE;
  self->known_id = FOYER_CAST_FRAME_ID_NONE;
  self->key_id = FOYER_CAST_FRAME_ID_NONE;
  self->key_us = now_us;
  self->report_us = self->feedback_us = now_us;
  self->sequence = config->first_sequence;
  self->next_report_us = G_MAXINT64;
  self->must_key = TRUE;
  for (guint i = 0; i < FOYER_CAST_CHECK_HISTORY; i++)
    self->checks[i].capture_us = G_MININT64;
}

void
foyer_cast_send_stream_clear (FoyerCastSendStream *self)
{
  for (guint i = 0; i < FOYER_CAST_HISTORY_FRAMES; i++)
    foyer_cast_send_frame_free (self->frames[i]);
  foyer_cast_feedback_clear (&self->feedback);
  foyer_cast_crypto_clear (&self->crypto);
  explicit_bzero (self, sizeof *self);
}

static void
derive_keys (FoyerCastSendStream *self)
{
  g_auto (FoyerKey) key = { 0 };
  g_auto (FoyerKey) iv_mask = { 0 };
  const FoyerCastKeyLabel label = {
    .camera = self->camera,
    .generation = self->generation,
    .offer = self->config.offer,
    .kind = self->config.kind,
    .codec = self->config.codec,
  };

  foyer_cast_keys_derive (self->root, &label, &key, &iv_mask);
  foyer_cast_crypto_init (&self->crypto, &key, &iv_mask);
}

void
foyer_cast_send_stream_set_root (FoyerCastSendStream *self,
    const FoyerCastKeyRoot *root)
{
  self->root = root;
  self->camera = root->camera;
  self->generation = root->generation;
  derive_keys (self);
}

/* Whatever was checked before, the key is that of the frame's own camera. */
static void
ensure_keys (FoyerCastSendStream *self, const FoyerCastFrame *frame)
{
  guint64 camera, generation;

  if (self->root == NULL)
    return;
  camera = frame->is_slate ? self->root->camera : frame->tag.camera;
  generation = frame->is_slate ? self->root->generation : frame->tag.generation;
  if (camera == self->camera && generation == self->generation)
    return;
  self->camera = camera;
  self->generation = generation;
  derive_keys (self);
}

static FoyerCastSendFrame **
get_slot (FoyerCastSendStream *self, FoyerCastFrameId id)
{
  return &self->frames[(guint64) id % FOYER_CAST_HISTORY_FRAMES];
}

/* The frame, if it is in the history and the display lacks it. */
static FoyerCastSendFrame *
get_unacked (FoyerCastSendStream *self, FoyerCastFrameId id)
{
  FoyerCastSendFrame *frame;

  if (id <= self->checkpoint || id > self->last_id)
    return NULL;
  frame = *get_slot (self, id);
  return frame->is_acked ? NULL : frame;
}

/* The same, if it can still become complete there. */
static FoyerCastSendFrame *
get_lacking (FoyerCastSendStream *self, FoyerCastFrameId id)
{
  FoyerCastSendFrame *frame = get_unacked (self, id);

  return frame == NULL || frame->is_hollow ? NULL : frame;
}

/* The oldest frame that still matters and is not acknowledged. */
static FoyerCastSendFrame *
find_oldest (FoyerCastSendStream *self)
{
  FoyerCastFrameId id = MAX (self->checkpoint + 1, self->abandoned_until);

  for (; id <= self->last_id; id++) {
    FoyerCastSendFrame *frame = get_lacking (self, id);

    if (frame != NULL)
      return frame;
  }
  return NULL;
}

/* Each unacknowledged frame counts until its successor. */
gint64
foyer_cast_send_stream_get_in_flight_us (FoyerCastSendStream *self,
    gint64 capture_us)
{
  FoyerCastFrameId id = MAX (self->checkpoint + 1, self->abandoned_until);
  gint64 in_flight_us = 0;

  for (; id <= self->last_id; id++) {
    FoyerCastSendFrame *frame = get_lacking (self, id);
    gint64 end_us = id < self->last_id ? (*get_slot (self, id + 1))->capture_us
                                       : capture_us;

    if (frame != NULL)
      in_flight_us += end_us - frame->capture_us;
  }
  return in_flight_us;
}

gboolean
foyer_cast_send_stream_is_full (const FoyerCastSendStream *self)
{
  return self->last_id - self->checkpoint >= FOYER_CAST_MAX_FRAME_SPAN;
}

void
foyer_cast_send_stream_remember_check (FoyerCastSendStream *self,
    gint64 capture_us, gint64 now_us)
{
  self->checks[self->n_checked++ % FOYER_CAST_CHECK_HISTORY] =
      (FoyerCastCheck){ capture_us, now_us };
}

gboolean
foyer_cast_send_stream_was_checked (FoyerCastSendStream *self,
    gint64 capture_us, gint64 now_us)
{
  for (guint i = 0; i < FOYER_CAST_CHECK_HISTORY; i++) {
    FoyerCastCheck *check = &self->checks[i];

    if (check->capture_us >= capture_us - CHECK_TOLERANCE_US &&
        check->capture_us <= capture_us + CHECK_TOLERANCE_US) {
      gint64 took_us = MAX (now_us - check->checked_us, 0);

      self->coding_us += (took_us - self->coding_us) / CODING_SMOOTHING;
      check->capture_us = G_MININT64;
      return TRUE;
    }
  }
  return FALSE;
}

static gint64
to_ticks (const FoyerCastSendStream *self, gint64 us)
{
  gint64 hz = self->config.time_base_hz;
  gint64 s = us / G_USEC_PER_SEC;
  gint64 rest_us = us % G_USEC_PER_SEC;

  return s * hz + (rest_us * hz + G_USEC_PER_SEC / 2) / G_USEC_PER_SEC;
}

static gint64
make_timestamp (FoyerCastSendStream *self, gint64 capture_us)
{
  gint64 timestamp;

  if (self->last_id == FOYER_CAST_FRAME_ID_NONE) {
    self->first_capture_us = self->last_reference_us = capture_us;
    return 0;
  }
  self->last_reference_us = MAX (self->last_reference_us, capture_us);
  timestamp = to_ticks (self, self->last_reference_us - self->first_capture_us);
  return MAX (timestamp, self->last_timestamp + 1);
}

void
foyer_cast_send_stream_push (FoyerCastSendStream *self,
    const FoyerCastFrame *plain, gint64 now_us)
{
  FoyerCastSendFrame *frame;

  ensure_keys (self, plain);
  frame = foyer_cast_send_frame_new (self->last_id + 1, &self->crypto, plain,
      self->config.max_datagram_bytes);
  self->last_timestamp = make_timestamp (self, plain->tag.capture_us);
  frame->capture_us = self->last_reference_us;
  frame->rtp_timestamp = (guint32) self->last_timestamp;
  frame->delay_ms = self->delay_to_announce_ms;
  self->delay_to_announce_ms = 0;
  *get_slot (self, frame->id) = frame;
  self->last_id = frame->id;
  self->n_pending += frame->n_packets;
  if (self->next_report_us == G_MAXINT64)
    self->is_report_due = TRUE;
  if (plain->is_key) {
    self->must_key = self->wants_key = self->is_restart = FALSE;
    self->key_id = frame->id;
    self->key_us = now_us;
  }
}

/* A packet 0 that never left leaves with nothing in it, and one that the display
 * asks for again does: some can't skip a frame that they never saw packet 0 of;
 * see abandon(). Where all other packets came, it completes the frame, but to
 * noise: without their first slice the others are decrypted at wrong places. */
void
foyer_cast_send_stream_give_up (FoyerCastSendStream *self,
    FoyerCastSendFrame *frame)
{
  if (frame->is_hollow)
    return;
  self->n_pending -= frame->n_pending;
  foyer_cast_send_frame_hollow (frame);
  if (frame->is_acked)
    return;
  if (frame->packets[0].sent_us == FOYER_CAST_NEVER_SENT) {
    foyer_cast_send_frame_set_pending (frame, 0, TRUE);
    self->n_pending++;
  }
  if (frame->id >= self->key_id)
    self->must_key = TRUE;
}

void
foyer_cast_send_stream_expel (FoyerCastSendStream *self,
    const FoyerCastGuard *guard, gint64 now_us)
{
  for (FoyerCastFrameId id = self->checkpoint + 1; id <= self->last_id; id++) {
    FoyerCastSendFrame *frame = *get_slot (self, id);

    if (frame->is_slate || frame->is_hollow)
      continue;
    if (guard == NULL ||
        !guard->may_leave (&frame->tag, now_us, guard->user_data))
      foyer_cast_send_stream_give_up (self, frame);
  }
}

static void
forget_pending (FoyerCastSendStream *self, FoyerCastSendFrame *frame,
    guint first_packet)
{
  for (guint i = first_packet; i < frame->n_packets && frame->n_pending; i++) {
    self->n_pending -= frame->packets[i].is_pending ? 1 : 0;
    frame->packets[i].is_twice = FALSE;
    foyer_cast_send_frame_set_pending (frame, i, FALSE);
  }
}

static void
acknowledge (FoyerCastSendStream *self, FoyerCastSendFrame *frame,
    FoyerCastAckResult *result, gint64 now_us)
{
  gint64 sent_us = frame->packets[frame->n_packets - 1].sent_us;

  forget_pending (self, frame, 0);
  frame->is_acked = TRUE;
  /* What was given up or never left did not arrive. */
  if (sent_us == FOYER_CAST_NEVER_SENT || frame->is_hollow ||
      frame->id < self->abandoned_until)
    return;
  result->n_acked_bytes += frame->n_bytes;
  result->capture_us = frame->capture_us;
  result->clean_us = frame->was_repeated ? -1 : now_us - sent_us;
}

/* The display needs nothing up to @checkpoint; what it skipped counts as
 * acknowledged. */
static void
advance (FoyerCastSendStream *self, FoyerCastFrameId checkpoint,
    FoyerCastAckResult *result, gint64 now_us)
{
  while (self->checkpoint < checkpoint) {
    FoyerCastFrameId id = self->checkpoint + 1;
    FoyerCastSendFrame **slot = get_slot (self, id);

    if (!(*slot)->is_acked)
      acknowledge (self, *slot, result, now_us);
    g_clear_pointer (slot, foyer_cast_send_frame_free);
    self->checkpoint = id;
  }
}

/* What could not be repeated again in time is sent twice: at 20 % loss each way
 * and 100 ms that shows five frames in a hundred more, by simulation. */
static gboolean
is_last_chance (const FoyerCastSendStream *self,
    const FoyerCastSendFrame *frame, const FoyerCastSendMoment *moment)
{
  gint64 rest_us = frame->capture_us + self->delay_us - moment->now_us;

  return moment->is_clear && rest_us > 0 && rest_us < 2 * moment->round_trip_us;
}

/* openscreen cast/streaming/sender.cc: a NACK can't know of a packet sent less
 * than a round trip ago. */
static void
repeat_packet (FoyerCastSendStream *self, FoyerCastSendFrame *frame,
    guint packet, const FoyerCastSendMoment *moment)
{
  FoyerCastSendPacket *state = &frame->packets[packet];

  if (state->is_pending ||
      state->sent_us > moment->now_us - moment->round_trip_us)
    return;
  if ((frame->id < self->abandoned_until || frame->is_hollow) && packet != 0)
    return;
  foyer_cast_send_frame_set_pending (frame, packet, TRUE);
  state->is_twice = is_last_chance (self, frame, moment);
  self->n_pending++;
}

static void
take_nack (FoyerCastSendStream *self, const FoyerCastNack *nack,
    const FoyerCastSendMoment *moment)
{
  FoyerCastSendFrame *frame = get_unacked (self, nack->frame_id);

  if (frame == NULL)
    return;
  self->known_id = MAX (self->known_id, nack->frame_id);
  if (nack->packet_id < frame->n_packets) {
    repeat_packet (self, frame, nack->packet_id, moment);
    return;
  }
  if (nack->packet_id != FOYER_CAST_NACK_ALL)
    return;
  for (guint i = 0; i < frame->n_packets; i++)
    repeat_packet (self, frame, i, moment);
}

static void
take_acks (FoyerCastSendStream *self, FoyerCastAckResult *result, gint64 now_us)
{
  const FoyerCastFeedback *feedback = &self->feedback;

  if (!feedback->has_checkpoint)
    return;
  advance (self, MIN (feedback->checkpoint, self->last_id), result, now_us);
  self->known_id = MAX (self->known_id, self->checkpoint);
  for (guint i = 0; i < feedback->acks->len; i++) {
    gint64 id = g_array_index (feedback->acks, gint64, i);
    FoyerCastSendFrame *frame = get_unacked (self, id);

    if (frame != NULL)
      acknowledge (self, frame, result, now_us);
    if (id <= self->last_id)
      self->known_id = MAX (self->known_id, id);
  }
}

static void
take_report_block (FoyerCastSendStream *self, FoyerCastAckResult *result,
    gint64 now_us)
{
  const FoyerCastReportBlock *block = &self->feedback.report_block;
  guint n_kept = MIN (self->n_reports, FOYER_CAST_REPORT_HISTORY);

  if (!self->feedback.has_report_block)
    return;
  result->has_report = TRUE;
  result->fraction_lost = block->fraction_lost;
  for (guint i = 0; i < n_kept; i++) {
    if (self->report_ids[i] != block->last_report_id)
      continue;
    result->round_trip_us = now_us - self->report_times_us[i] -
        (gint64) block->delay_since_65536ths * G_USEC_PER_SEC / 65536;
    /* Less than nothing is a display that counts its own delay generously. */
    result->round_trip_us = MAX (result->round_trip_us, 0);
  }
}

/* How long a key frame may be under way before another replaces it: openscreen
 * HEAD cast/streaming/impl/sender_impl.cc has such a cooldown too. */
static gint64
get_key_cooldown_us (const FoyerCastSendStream *self, gint64 round_trip_us)
{
  return MAX (self->delay_us, LOST_ROUND_TRIPS * round_trip_us) +
      LOST_INTERVALS_US;
}

static gboolean
is_key_under_way (const FoyerCastSendStream *self, gint64 round_trip_us,
    gint64 now_us)
{
  return self->key_id > self->checkpoint &&
      now_us - self->key_us < get_key_cooldown_us (self, round_trip_us);
}

static void
take_pli (FoyerCastSendStream *self, gint64 round_trip_us, gint64 now_us,
    FoyerCastAckResult *result)
{
  if (!self->feedback.has_pli || self->wants_key ||
      is_key_under_way (self, round_trip_us, now_us))
    return;
  self->wants_key = TRUE;
  result->is_key_request = TRUE;
}

/* A frame that is past its time holds up all after it. A repetition may still
 * bring it, which loses less than a key frame does; but when that had its
 * chance too, only a key frame helps, and it must not wait for the rest. Only
 * feedback brings us here, so nothing is wasted on a dead network. */
static void
restart_if_stuck (FoyerCastSendStream *self, gint64 round_trip_us,
    gint64 now_us)
{
  FoyerCastSendFrame *oldest = find_oldest (self);

  if (oldest == NULL || is_key_under_way (self, round_trip_us, now_us))
    return;
  if (now_us - oldest->capture_us <
      self->delay_us + LOST_ROUND_TRIPS * round_trip_us + LOST_INTERVALS_US)
    return;
  self->wants_key = TRUE;
  self->is_restart = TRUE;
}

gboolean
foyer_cast_send_stream_receive (FoyerCastSendStream *self, const guint8 *data,
    gsize n_bytes, const FoyerCastSendMoment *moment,
    FoyerCastAckResult *result)
{
  gint64 now_us = moment->now_us;

  *result = (FoyerCastAckResult){ .round_trip_us = -1,
    .capture_us = -1,
    .clean_us = -1 };
  if (!foyer_cast_rtcp_parse_feedback (&self->parser, data, n_bytes,
          self->last_id, &self->feedback))
    return FALSE;
  self->feedback_us = now_us;
  self->n_polls = 0;
  take_report_block (self, result, now_us);
  take_acks (self, result, now_us);
  foyer_cast_send_stream_expire (self, now_us);
  for (guint i = 0; i < self->feedback.nacks->len; i++)
    take_nack (self, &g_array_index (self->feedback.nacks, FoyerCastNack, i),
        moment);
  take_pli (self, moment->round_trip_us, now_us, result);
  restart_if_stuck (self, moment->round_trip_us, now_us);
  return TRUE;
}

/* Of the frames before a key frame that are all past their time the display
 * needs none. Packet 0 alone is kept up: some displays can't skip a frame whose
 * packet 0 they never saw (openscreen cast/streaming/receiver.cc). */
static void
abandon (FoyerCastSendStream *self, FoyerCastFrameId until)
{
  FoyerCastFrameId id = MAX (self->checkpoint + 1, self->abandoned_until);

  for (; id < until; id++) {
    FoyerCastSendFrame *frame = get_unacked (self, id);

    if (frame != NULL)
      forget_pending (self, frame, 1);
  }
  self->abandoned_until = until;
}

void
foyer_cast_send_stream_expire (FoyerCastSendStream *self, gint64 now_us)
{
  FoyerCastFrameId id = MAX (self->expired_until, self->checkpoint + 1);

  while (id <= self->last_id) {
    const FoyerCastSendFrame *frame = *get_slot (self, id);

    if (frame->is_key && self->abandoned_until < id)
      abandon (self, id);
    if (now_us - frame->capture_us < self->delay_us)
      break;
    id++;
  }
  self->expired_until = id;
}

gint64
foyer_cast_send_stream_get_kickstart_us (const FoyerCastSendStream *self,
    gint64 round_trip_us)
{
  const FoyerCastSendFrame *frame;
  gint64 sent_us;

  if (self->n_pending > 0 || self->last_id <= self->checkpoint ||
      self->last_id <= self->known_id)
    return G_MAXINT64;
  frame = self->frames[(guint64) self->last_id % FOYER_CAST_HISTORY_FRAMES];
  if (frame->is_acked || frame->is_hollow)
    return G_MAXINT64;
  sent_us = frame->packets[frame->n_packets - 1].sent_us;
  if (sent_us == FOYER_CAST_NEVER_SENT)
    return G_MAXINT64;
  /* openscreen cast/streaming/sender.cc */
  return sent_us + MAX (self->delay_us / 20, 2 * round_trip_us);
}

FoyerCastSendFrame *
foyer_cast_send_stream_pick (FoyerCastSendStream *self, gint64 round_trip_us,
    gint64 now_us, guint *packet)
{
  FoyerCastSendFrame *frame;

  for (FoyerCastFrameId id = self->checkpoint + 1;
       self->n_pending > 0 && id <= self->last_id; id++) {
    frame = get_unacked (self, id);
    if (frame == NULL || frame->n_pending == 0)
      continue;
    *packet = foyer_cast_send_frame_get_pending (frame);
    return frame;
  }
  if (foyer_cast_send_stream_get_kickstart_us (self, round_trip_us) > now_us)
    return NULL;
  frame = *get_slot (self, self->last_id);
  *packet = frame->n_packets - 1;
  return frame;
}

/* A display that misses a packet need not say so: Open Screen's speaks when its
 * checkpoint advances, which now it does not, every 30 ms once it has sent a
 * NACK, which it has not, else every 500 ms, and when a report comes
 * (cast/streaming/receiver.cc). So a report asks it as soon as an
 * acknowledgement is missing. */
gint64
foyer_cast_send_stream_get_poll_us (FoyerCastSendStream *self,
    gint64 round_trip_us)
{
  const FoyerCastSendFrame *oldest = find_oldest (self);
  gint64 quiet_us = MAX (self->feedback_us, self->report_us);
  guint shift = MIN (self->n_polls, MAX_POLL_SHIFT);

  if (oldest == NULL || oldest->n_pending > 0 || round_trip_us == 0 ||
      oldest->sent_us == FOYER_CAST_NEVER_SENT)
    return G_MAXINT64;
  return MAX (oldest->sent_us + round_trip_us + POLL_MARGIN_US,
      quiet_us + ((gint64) POLL_INTERVAL_US << shift));
}

gsize
foyer_cast_send_stream_write_header (const FoyerCastSendStream *self,
    const FoyerCastSendFrame *frame, guint packet, guint8 *out)
{
  FoyerCastRtpHeader header = {
    .payload_type = self->config.payload_type,
    .sequence = self->sequence,
    .timestamp = frame->rtp_timestamp,
    .ssrc = self->config.sender_ssrc,
    .is_key = frame->is_key,
    .has_reference = TRUE,
    .frame_id_low = (guint8) frame->id,
    .reference_low = (guint8) (frame->is_key ? frame->id : frame->id - 1),
    .packet_id = (guint16) packet,
    .max_packet_id = (guint16) (foyer_cast_send_frame_count_told (frame) - 1),
    .has_delay = packet == 0 && frame->delay_ms > 0,
    .delay_ms = frame->delay_ms,
  };

  return foyer_cast_rtp_write_header (&header, out);
}

gboolean
foyer_cast_send_stream_commit (FoyerCastSendStream *self,
    FoyerCastSendFrame *frame, guint packet, gsize n_datagram_bytes,
    gint64 now_us)
{
  FoyerCastSendPacket *state = &frame->packets[packet];
  gboolean is_repeated = state->sent_us != FOYER_CAST_NEVER_SENT;

  if (state->is_twice) {
    state->is_twice = FALSE;
  } else {
    self->n_pending -= state->is_pending ? 1 : 0;
    foyer_cast_send_frame_set_pending (frame, packet, FALSE);
  }
  state->sent_us = frame->sent_us = now_us;
  frame->was_repeated |= is_repeated;
  self->sequence++;
  self->n_packets_sent++;
  self->n_octets_sent += (guint32) n_datagram_bytes - HEADER_OCTETS;
  return is_repeated;
}

gsize
foyer_cast_send_stream_write_report (const FoyerCastSendStream *self,
    guint64 ntp, gint64 now_us, guint8 *out)
{
  gint64 timestamp = self->last_timestamp +
      to_ticks (self, MAX (now_us - self->last_reference_us, 0));
  FoyerCastSenderReport report = {
    .ssrc = self->config.sender_ssrc,
    .ntp = ntp,
    .rtp_timestamp = (guint32) timestamp,
    .n_packets = self->n_packets_sent,
    .n_octets = self->n_octets_sent,
  };

  foyer_cast_rtcp_write_sender_report (&report, out);
  return FOYER_CAST_SENDER_REPORT_BYTES;
}

void
foyer_cast_send_stream_commit_report (FoyerCastSendStream *self, guint64 ntp,
    gint64 now_us)
{
  guint slot = self->n_reports++ % FOYER_CAST_REPORT_HISTORY;

  self->report_ids[slot] = foyer_cast_ntp_get_report_id (ntp);
  self->report_times_us[slot] = now_us;
  if (!self->is_report_due && self->next_report_us > now_us)
    self->n_polls++;
  self->report_us = now_us;
  self->is_report_due = FALSE;
  self->next_report_us = now_us + REPORT_INTERVAL_US;
}
