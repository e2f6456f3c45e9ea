/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-sender.h"

#include "foyer-cast-bandwidth.h"
#include "foyer-cast-ntp.h"
#include "foyer-cast-pacer.h"
#include "foyer-cast-queue-meter.h"
#include "foyer-cast-rate.h"
#include "foyer-cast-round-trip.h"
#include "foyer-cast-send-stream.h"

#include <string.h>

/* Room for the last way to the display and for its decoder. */
#define DISPLAY_MARGIN_US 20000
/* Part of the target delay that a standing queue may take. */
#define QUEUE_OF_DELAY 4
/* Goodput is measured over this much. */
#define GOODPUT_SPAN_US 1000000
/* So many frames refused for being in flight in one rate step are a jam. */
#define JAM_REFUSALS 4

typedef enum
{
  PEEKED_NONE = 0,
  PEEKED_REPORT,
  PEEKED_PACKET,
} Peeked;

struct _FoyerCastSender
{
  FoyerCastSendStream *streams;
  guint n_streams;
  guint order[FOYER_CAST_MAX_STREAMS]; /* audio first */
  gint64 origin_us;                    /* monotonic time at … */
  gint64 origin_wall_us;               /* … this time of day */
  gint64 delay_us;

  FoyerCastPacer pacer;
  FoyerCastBandwidth bandwidth;
  FoyerCastRoundTrip round_trip;
  FoyerCastQueueMeter trip_queue;  /* from round trips */
  FoyerCastQueueMeter frame_queue; /* from frames sent without repetition */
  FoyerCastRate rate;
  guint n_refusals; /* video frames in flight, since refusals_us */
  gint64 refusals_us;

  Peeked peeked;
  FoyerCastSendStream *peeked_stream;
  FoyerCastSendFrame *peeked_frame;
  guint peeked_packet;
  gsize n_peeked_bytes;
  guint64 peeked_ntp;

  gint64 last_feedback_us;
  FoyerCastSenderStats stats;
};

static const char *const verdict_names[] = {
  [FOYER_CAST_VERDICT_SEND] = "sent",
  [FOYER_CAST_VERDICT_IN_FLIGHT] = "in-flight",
  [FOYER_CAST_VERDICT_ID_SPAN] = "id-span",
  [FOYER_CAST_VERDICT_TOO_LARGE] = "too-large",
  [FOYER_CAST_VERDICT_NEED_KEY] = "need-key",
  [FOYER_CAST_VERDICT_TOO_OLD] = "too-old",
};
G_STATIC_ASSERT (G_N_ELEMENTS (verdict_names) == FOYER_CAST_N_VERDICTS);

const char *
foyer_cast_verdict_to_string (FoyerCastVerdict verdict)
{
  return verdict_names[verdict];
}

/* Audio goes first: it is small, and its gaps are heard. */
static void
set_order (FoyerCastSender *self)
{
  guint n = 0;

  for (guint i = 0; i < self->n_streams; i++)
    if (self->streams[i].config.kind == FOYER_CAST_STREAM_AUDIO)
      self->order[n++] = i;
  for (guint i = 0; i < self->n_streams; i++)
    if (self->streams[i].config.kind != FOYER_CAST_STREAM_AUDIO)
      self->order[n++] = i;
}

FoyerCastSender *
foyer_cast_sender_new (const FoyerCastStreamConfig *streams, guint n_streams,
    gint64 now_us, gint64 wall_us)
{
  FoyerCastSender *self = g_new0 (FoyerCastSender, 1);

  self->n_streams = MIN (n_streams, FOYER_CAST_MAX_STREAMS);
  self->streams = g_new0 (FoyerCastSendStream, self->n_streams);
  for (guint i = 0; i < self->n_streams; i++)
    foyer_cast_send_stream_init (&self->streams[i], &streams[i], now_us);
  set_order (self);
  self->origin_us = self->last_feedback_us = self->refusals_us = now_us;
  self->origin_wall_us = wall_us;
  self->delay_us = self->streams[0].delay_us;
  foyer_cast_pacer_init (&self->pacer, streams[0].max_datagram_bytes, now_us);
  foyer_cast_bandwidth_init (&self->bandwidth, self->pacer.n_burst, now_us);
  foyer_cast_round_trip_init (&self->round_trip, self->delay_us);
  foyer_cast_queue_meter_init (&self->trip_queue, now_us);
  foyer_cast_queue_meter_init (&self->frame_queue, now_us);
  foyer_cast_rate_init (&self->rate, FOYER_CAST_MIN_VIDEO_BPS,
      FOYER_CAST_MAX_VIDEO_BPS, now_us);
  self->stats.ack_delay_us = -1;
  return self;
}

void
foyer_cast_sender_free (FoyerCastSender *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_streams; i++)
    foyer_cast_send_stream_clear (&self->streams[i]);
  g_free (self->streams);
  explicit_bzero (self, sizeof *self);
  g_free (self);
}

void
foyer_cast_sender_set_bit_rates (FoyerCastSender *self, guint32 min_bps,
    guint32 max_bps)
{
  foyer_cast_rate_init (&self->rate, min_bps, max_bps, self->rate.raised_us);
}

void
foyer_cast_sender_set_delay (FoyerCastSender *self, guint32 delay_ms)
{
  delay_ms = CLAMP (delay_ms, FOYER_CAST_MIN_DELAY_MS, FOYER_CAST_MAX_DELAY_MS);
  self->delay_us = (gint64) delay_ms * 1000;
  self->round_trip.max_us = self->delay_us;
  for (guint i = 0; i < self->n_streams; i++) {
    self->streams[i].delay_us = self->delay_us;
    self->streams[i].delay_to_announce_ms = (guint16) delay_ms;
  }
}

static gint64
get_queue_us (const FoyerCastSender *self, gint64 now_us)
{
  return MAX (foyer_cast_queue_meter_get_us (&self->trip_queue, now_us),
      foyer_cast_queue_meter_get_us (&self->frame_queue, now_us));
}

static gboolean
is_jammed (const FoyerCastSender *self, gint64 now_us)
{
  return self->n_refusals >= JAM_REFUSALS ||
      get_queue_us (self, now_us) > self->delay_us / QUEUE_OF_DELAY;
}

/* How much media may be unacknowledged. A lost packet needs as many round trips
 * as it is lost times, and none of the frames behind it is to blame: so
 * anything that can still be shown in time is sent, until half a round trip
 * before the oldest frame's end. But where a queue stands in the network, each
 * frame more makes all later ones late: then the limit is that of openscreen's
 * cast/streaming/sender.cc, which keeps the queue under half of the delay. */
static gint64
get_limit_us (const FoyerCastSender *self, gint64 now_us)
{
  gint64 half_trip_us = foyer_cast_round_trip_get_us (&self->round_trip) / 2;
  gint64 least_us = self->delay_us / 2 + half_trip_us;

  if (get_queue_us (self, now_us) > self->delay_us / QUEUE_OF_DELAY)
    return least_us;
  return MAX (self->delay_us - half_trip_us - DISPLAY_MARGIN_US, least_us);
}

static void
update_rate (FoyerCastSender *self, gint64 now_us)
{
  FoyerCastRateInput input = {
    .estimate_bps = foyer_cast_bandwidth_estimate_bps (&self->bandwidth),
    .goodput_bps = foyer_cast_bandwidth_get_goodput_bps (&self->bandwidth,
        now_us - foyer_cast_round_trip_get_us (&self->round_trip),
        GOODPUT_SPAN_US),
    .is_jammed = is_jammed (self, now_us),
  };

  foyer_cast_rate_update (&self->rate, &input, now_us);
  self->stats.estimate_bps = input.estimate_bps;
  if (now_us - self->refusals_us >= FOYER_CAST_RATE_STEP_US) {
    self->n_refusals = 0;
    self->refusals_us = now_us;
  }
}

static FoyerCastVerdict
check (FoyerCastSender *self, FoyerCastSendStream *stream, gint64 capture_us,
    gint64 now_us)
{
  FoyerCastVerdict verdict;

  foyer_cast_send_stream_expire (stream, now_us);
  verdict = foyer_cast_send_stream_check (stream, capture_us,
      get_limit_us (self, now_us), now_us);
  if (verdict == FOYER_CAST_VERDICT_IN_FLIGHT &&
      stream->config.kind == FOYER_CAST_STREAM_VIDEO)
    self->n_refusals++;
  return verdict;
}

FoyerCastVerdict
foyer_cast_sender_check (FoyerCastSender *self, guint stream, gint64 capture_us,
    gint64 now_us)
{
  FoyerCastSendStream *it = &self->streams[stream];
  FoyerCastVerdict verdict = check (self, it, capture_us, now_us);

  if (verdict == FOYER_CAST_VERDICT_SEND)
    foyer_cast_send_stream_remember_check (it, capture_us);
  else
    self->stats.n_frames[verdict]++;
  return verdict;
}

static FoyerCastVerdict
judge (FoyerCastSender *self, FoyerCastSendStream *stream, gsize n_bytes,
    gboolean is_key, gint64 capture_us, gint64 now_us)
{
  gboolean was_checked = foyer_cast_send_stream_was_checked (stream,
      capture_us);

  if (n_bytes > FOYER_CAST_MAX_FRAME_BYTES)
    return FOYER_CAST_VERDICT_TOO_LARGE;
  if (stream->must_key && !is_key)
    return FOYER_CAST_VERDICT_NEED_KEY;
  if (stream->last_id - stream->checkpoint >= FOYER_CAST_MAX_FRAME_SPAN)
    return FOYER_CAST_VERDICT_ID_SPAN;
  if (was_checked)
    return FOYER_CAST_VERDICT_SEND;
  return check (self, stream, capture_us, now_us);
}

FoyerCastVerdict
foyer_cast_sender_enqueue (FoyerCastSender *self, guint stream,
    const guint8 *data, gsize n_bytes, gboolean is_key, gint64 capture_us,
    gint64 now_us)
{
  FoyerCastSendStream *it = &self->streams[stream];
  FoyerCastVerdict verdict = judge (self, it, n_bytes, is_key, capture_us,
      now_us);

  self->peeked = PEEKED_NONE;
  self->stats.n_frames[verdict]++;
  if (verdict != FOYER_CAST_VERDICT_SEND) {
    it->must_key = TRUE;
    return verdict;
  }
  foyer_cast_send_stream_push (it, data, n_bytes, is_key, capture_us, now_us);
  foyer_cast_send_stream_expire (it, now_us);
  /* openscreen cast/streaming/sender.cc: a report before each frame until one
   * is answered */
  if (self->round_trip.smoothed_us < 0)
    it->is_report_due = TRUE;
  return verdict;
}

static FoyerCastSendStream *
find_stream (FoyerCastSender *self, guint32 receiver_ssrc)
{
  for (guint i = 0; i < self->n_streams; i++)
    if (self->streams[i].config.receiver_ssrc == receiver_ssrc)
      return &self->streams[i];
  return NULL;
}

static void
take_result (FoyerCastSender *self, const FoyerCastAckResult *result,
    gint64 now_us)
{
  gint64 trip_us;
  gint64 delay_us;

  if (result->round_trip_us >= 0) {
    foyer_cast_round_trip_add (&self->round_trip, result->round_trip_us);
    foyer_cast_queue_meter_add (&self->trip_queue, result->round_trip_us,
        now_us);
  }
  if (result->has_report)
    self->stats.fraction_lost = result->fraction_lost;
  if (result->is_key_request)
    self->stats.n_key_requests++;
  if (result->capture_us < 0)
    return;
  trip_us = foyer_cast_round_trip_get_us (&self->round_trip);
  foyer_cast_bandwidth_add_acked (&self->bandwidth,
      (guint32) MIN (result->n_acked_bytes, G_MAXUINT32), now_us - trip_us);
  if (result->clean_us >= 0)
    foyer_cast_queue_meter_add (&self->frame_queue, result->clean_us, now_us);
  delay_us = MAX (now_us - result->capture_us - trip_us / 2, 0);
  self->stats.ack_delay_us = self->stats.ack_delay_us < 0
      ? delay_us
      : (7 * self->stats.ack_delay_us + delay_us) / 8;
}

gboolean
foyer_cast_sender_receive (FoyerCastSender *self, const guint8 *data,
    gsize n_bytes, gint64 now_us)
{
  FoyerCastSendStream *stream = NULL;
  FoyerCastAckResult result;
  guint32 ssrc = 0;

  self->peeked = PEEKED_NONE;
  if (foyer_cast_packet_inspect (data, n_bytes, &ssrc) ==
      FOYER_CAST_PACKET_RTCP)
    stream = find_stream (self, ssrc);
  if (stream == NULL ||
      !foyer_cast_send_stream_receive (stream, data, n_bytes,
          foyer_cast_round_trip_get_us (&self->round_trip), now_us, &result)) {
    self->stats.n_bad_datagrams++;
    return FALSE;
  }
  self->last_feedback_us = now_us;
  take_result (self, &result, now_us);
  update_rate (self, now_us);
  return TRUE;
}

static guint64
get_ntp (const FoyerCastSender *self, gint64 now_us)
{
  return foyer_cast_ntp_from_unix_us (
      self->origin_wall_us + now_us - self->origin_us);
}

static gboolean
peek_report (FoyerCastSender *self, FoyerCastSendStream *stream, gint64 now_us,
    FoyerCastDatagram *datagram)
{
  if (!stream->is_report_due && stream->next_report_us > now_us)
    return FALSE;
  self->peeked = PEEKED_REPORT;
  self->peeked_stream = stream;
  self->peeked_ntp = get_ntp (self, now_us);
  datagram->n_header_bytes = foyer_cast_send_stream_write_report (stream,
      self->peeked_ntp, now_us, datagram->header);
  datagram->payload = NULL;
  datagram->n_payload_bytes = 0;
  return TRUE;
}

static gboolean
peek_packet (FoyerCastSender *self, FoyerCastSendStream *stream, gint64 now_us,
    FoyerCastDatagram *datagram)
{
  guint packet = 0;
  FoyerCastSendFrame *frame = foyer_cast_send_stream_pick (stream,
      foyer_cast_round_trip_get_us (&self->round_trip), now_us, &packet);

  if (frame == NULL)
    return FALSE;
  self->peeked = PEEKED_PACKET;
  self->peeked_stream = stream;
  self->peeked_frame = frame;
  self->peeked_packet = packet;
  datagram->n_header_bytes = foyer_cast_send_stream_write_header (stream, frame,
      packet, datagram->header);
  datagram->n_payload_bytes = foyer_cast_send_frame_get_slice (frame, packet,
      &datagram->payload);
  self->n_peeked_bytes = datagram->n_header_bytes + datagram->n_payload_bytes;
  return TRUE;
}

gboolean
foyer_cast_sender_peek (FoyerCastSender *self, gint64 now_us,
    FoyerCastDatagram *datagram)
{
  G_STATIC_ASSERT (sizeof datagram->header >= FOYER_CAST_SENDER_REPORT_BYTES);
  G_STATIC_ASSERT (sizeof datagram->header >= FOYER_CAST_RTP_MAX_HEADER_BYTES);

  self->peeked = PEEKED_NONE;
  for (guint i = 0; i < self->n_streams; i++)
    if (peek_report (self, &self->streams[self->order[i]], now_us, datagram))
      return TRUE;
  if (!foyer_cast_pacer_may_send (&self->pacer, now_us))
    return FALSE;
  for (guint i = 0; i < self->n_streams; i++)
    if (peek_packet (self, &self->streams[self->order[i]], now_us, datagram))
      return TRUE;
  return FALSE;
}

void
foyer_cast_sender_commit (FoyerCastSender *self, gint64 now_us)
{
  switch (self->peeked) {
    case PEEKED_NONE:
      return;
    case PEEKED_REPORT:
      foyer_cast_send_stream_commit_report (self->peeked_stream,
          self->peeked_ntp, now_us);
      break;
    case PEEKED_PACKET:
      if (foyer_cast_send_stream_commit (self->peeked_stream,
              self->peeked_frame, self->peeked_packet, self->n_peeked_bytes,
              now_us))
        self->stats.n_retransmitted++;
      self->stats.n_datagrams++;
      self->stats.n_bytes += self->n_peeked_bytes;
      foyer_cast_bandwidth_add_sent (&self->bandwidth, now_us);
      break;
  }
  foyer_cast_pacer_take (&self->pacer, now_us);
  self->peeked = PEEKED_NONE;
}

gint64
foyer_cast_sender_get_deadline_us (FoyerCastSender *self, gint64 now_us)
{
  gint64 trip_us = foyer_cast_round_trip_get_us (&self->round_trip);
  gint64 deadline_us = G_MAXINT64;
  gint64 packet_us = G_MAXINT64;
  guint n_pending = 0;

  for (guint i = 0; i < self->n_streams; i++) {
    const FoyerCastSendStream *stream = &self->streams[i];

    if (stream->is_report_due)
      return now_us;
    deadline_us = MIN (deadline_us, stream->next_report_us);
    packet_us = MIN (packet_us,
        foyer_cast_send_stream_get_kickstart_us (stream, trip_us));
    n_pending += stream->n_pending;
  }
  if (n_pending > 0)
    packet_us = now_us;
  if (packet_us <= now_us)
    packet_us = foyer_cast_pacer_get_next_us (&self->pacer, MAX (n_pending, 1),
        now_us);
  return MIN (deadline_us, packet_us);
}

gboolean
foyer_cast_sender_needs_key (const FoyerCastSender *self, guint stream)
{
  return self->streams[stream].must_key || self->streams[stream].wants_key;
}

guint32
foyer_cast_sender_get_video_bps (FoyerCastSender *self, gint64 now_us)
{
  update_rate (self, now_us);
  return self->rate.bps;
}

gint64
foyer_cast_sender_get_last_feedback_us (const FoyerCastSender *self)
{
  return self->last_feedback_us;
}

void
foyer_cast_sender_get_stats (const FoyerCastSender *self,
    FoyerCastSenderStats *stats)
{
  *stats = self->stats;
  stats->rtt_us = self->round_trip.smoothed_us;
}
