/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-sender.h"

#include "foyer-cast-ntp.h"
#include "foyer-cast-pacer.h"
#include "foyer-cast-path.h"
#include "foyer-cast-send-stream.h"

#include <string.h>

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
  FoyerCastKeyRoot root; /* the streams', if they derive keys */
  FoyerCastGuard guard;
  gboolean is_closed;                  /* to all frames but slates */
  guint order[FOYER_CAST_MAX_STREAMS]; /* audio first */
  gint64 origin_us;                    /* monotonic time at … */
  gint64 origin_wall_us;               /* … this time of day */

  FoyerCastPacer pacer;
  FoyerCastPath path;

  Peeked peeked;
  FoyerCastSendStream *peeked_stream;
  FoyerCastSendFrame *peeked_frame;
  guint peeked_packet;
  gsize n_peeked_bytes;
  guint64 peeked_ntp;

  FoyerCastSenderStats stats;
};

static const char *const verdict_names[] = {
  [FOYER_CAST_VERDICT_SEND] = "sent",
  [FOYER_CAST_VERDICT_IN_FLIGHT] = "in-flight",
  [FOYER_CAST_VERDICT_ID_SPAN] = "id-span",
  [FOYER_CAST_VERDICT_TOO_LARGE] = "too-large",
  [FOYER_CAST_VERDICT_NEED_KEY] = "need-key",
  [FOYER_CAST_VERDICT_TOO_OLD] = "too-old",
  [FOYER_CAST_VERDICT_REFUSED] = "refused",
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
  self->origin_us = now_us;
  self->origin_wall_us = wall_us;
  foyer_cast_pacer_init (&self->pacer, streams[0].max_datagram_bytes, now_us);
  foyer_cast_path_init (&self->path, self->streams[0].delay_us,
      self->pacer.n_burst, now_us);
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
foyer_cast_sender_set_root (FoyerCastSender *self, const FoyerCastKeyRoot *root)
{
  self->root = *root;
  for (guint i = 0; i < self->n_streams; i++)
    foyer_cast_send_stream_set_root (&self->streams[i], &self->root);
}

void
foyer_cast_sender_set_guard (FoyerCastSender *self, const FoyerCastGuard *guard)
{
  self->guard = *guard;
}

void
foyer_cast_sender_set_bit_rates (FoyerCastSender *self, guint32 min_bps,
    guint32 max_bps)
{
  foyer_cast_rate_init (&self->path.rate, min_bps, max_bps,
      self->path.rate.raised_us);
}

void
foyer_cast_sender_set_delay (FoyerCastSender *self, guint32 delay_ms)
{
  delay_ms = CLAMP (delay_ms, FOYER_CAST_MIN_DELAY_MS, FOYER_CAST_MAX_DELAY_MS);
  foyer_cast_path_set_delay (&self->path, (gint64) delay_ms * 1000);
  for (guint i = 0; i < self->n_streams; i++) {
    self->streams[i].delay_us = (gint64) delay_ms * 1000;
    self->streams[i].delay_to_announce_ms = (guint16) delay_ms;
  }
}

/* What a frame still has before it when it is checked: the encoder and the way
 * to the display. Half of the delay at most: an encoder that was slow once is
 * given another frame to show that it is not. */
static gint64
get_lead_us (const FoyerCastSender *self, const FoyerCastSendStream *stream)
{
  gint64 lead_us = stream->coding_us +
      foyer_cast_path_get_round_trip_us (&self->path) / 2;

  return MIN (lead_us, stream->delay_us / 2);
}

static FoyerCastVerdict
check (FoyerCastSender *self, FoyerCastSendStream *stream, gint64 capture_us,
    gint64 now_us)
{
  FoyerCastVerdict verdict;
  gint64 in_flight_us;

  foyer_cast_send_stream_expire (stream, now_us);
  in_flight_us = foyer_cast_send_stream_get_in_flight_us (stream, capture_us);
  if (now_us - capture_us + get_lead_us (self, stream) >= stream->delay_us)
    verdict = FOYER_CAST_VERDICT_TOO_OLD;
  else if (foyer_cast_send_stream_is_full (stream))
    verdict = FOYER_CAST_VERDICT_ID_SPAN;
  else if (!stream->is_restart &&
      in_flight_us > foyer_cast_path_get_limit_us (&self->path, now_us))
    verdict = FOYER_CAST_VERDICT_IN_FLIGHT;
  else
    verdict = FOYER_CAST_VERDICT_SEND;
  if (stream->config.kind == FOYER_CAST_STREAM_VIDEO)
    foyer_cast_path_add_backlog (&self->path, in_flight_us,
        verdict == FOYER_CAST_VERDICT_IN_FLIGHT, now_us);
  return verdict;
}

FoyerCastVerdict
foyer_cast_sender_check (FoyerCastSender *self, guint stream, gint64 capture_us,
    gint64 now_us)
{
  FoyerCastSendStream *it = &self->streams[stream];
  FoyerCastVerdict verdict = check (self, it, capture_us, now_us);

  if (verdict == FOYER_CAST_VERDICT_SEND)
    foyer_cast_send_stream_remember_check (it, capture_us, now_us);
  else
    self->stats.n_frames[verdict]++;
  return verdict;
}

/* Of what is no slate. */
static gboolean
is_let_through (const FoyerCastSender *self, const FoyerCastTag *tag,
    gint64 now_us)
{
  return !self->is_closed &&
      (self->guard.may_leave == NULL ||
          self->guard.may_leave (tag, now_us, self->guard.user_data));
}

static gboolean
has_origin (const FoyerCastTag *tag)
{
  return tag->camera != 0 || tag->generation != 0 || tag->sequence != 0;
}

static FoyerCastVerdict
judge (FoyerCastSender *self, FoyerCastSendStream *stream,
    const FoyerCastFrame *frame, gint64 now_us)
{
  gint64 capture_us = frame->tag.capture_us;
  gboolean was_checked = foyer_cast_send_stream_was_checked (stream, capture_us,
      now_us);

  /* A slate that comes from a camera is none. */
  if (frame->is_slate ? has_origin (&frame->tag)
                      : !is_let_through (self, &frame->tag, now_us))
    return FOYER_CAST_VERDICT_REFUSED;
  if (frame->n_bytes > FOYER_CAST_MAX_FRAME_BYTES)
    return FOYER_CAST_VERDICT_TOO_LARGE;
  if (stream->must_key && !frame->is_key)
    return FOYER_CAST_VERDICT_NEED_KEY;
  if (foyer_cast_send_stream_is_full (stream))
    return FOYER_CAST_VERDICT_ID_SPAN;
  if (was_checked)
    return FOYER_CAST_VERDICT_SEND;
  return check (self, stream, capture_us, now_us);
}

FoyerCastVerdict
foyer_cast_sender_enqueue (FoyerCastSender *self, guint stream,
    const FoyerCastFrame *frame, gint64 now_us)
{
  FoyerCastSendStream *it = &self->streams[stream];
  FoyerCastVerdict verdict = judge (self, it, frame, now_us);

  self->peeked = PEEKED_NONE;
  self->stats.n_frames[verdict]++;
  if (verdict != FOYER_CAST_VERDICT_SEND) {
    it->must_key = TRUE;
    return verdict;
  }
  foyer_cast_bandwidth_add_offered (&self->path.bandwidth,
      (guint32) frame->n_bytes, now_us);
  foyer_cast_send_stream_push (it, frame, now_us);
  foyer_cast_send_stream_expire (it, now_us);
  /* openscreen cast/streaming/sender.cc: a report before each frame until one
   * is answered */
  if (self->path.round_trip.smoothed_us < 0)
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
  gint64 delay_us;

  foyer_cast_path_add_feedback (&self->path, now_us);
  if (result->round_trip_us >= 0)
    foyer_cast_path_add_round_trip (&self->path, result->round_trip_us, now_us);
  if (result->has_report)
    self->stats.fraction_lost = result->fraction_lost;
  if (result->is_key_request)
    self->stats.n_key_requests++;
  if (result->capture_us < 0)
    return;
  foyer_cast_path_add_acked (&self->path, result->n_acked_bytes,
      result->clean_us, now_us);
  delay_us = now_us - result->capture_us -
      foyer_cast_path_get_round_trip_us (&self->path) / 2;
  delay_us = MAX (delay_us, 0);
  self->stats.ack_delay_us = self->stats.ack_delay_us < 0
      ? delay_us
      : (7 * self->stats.ack_delay_us + delay_us) / 8;
}

gboolean
foyer_cast_sender_receive (FoyerCastSender *self, const guint8 *data,
    gsize n_bytes, gint64 now_us)
{
  FoyerCastSendStream *stream = NULL;
  FoyerCastSendMoment moment = {
    .now_us = now_us,
    .round_trip_us = foyer_cast_path_get_nack_age_us (&self->path),
    .is_clear = foyer_cast_path_is_clear (&self->path, now_us),
  };
  FoyerCastAckResult result;
  guint32 ssrc = 0;

  self->peeked = PEEKED_NONE;
  if (foyer_cast_packet_inspect (data, n_bytes, &ssrc) ==
      FOYER_CAST_PACKET_RTCP)
    stream = find_stream (self, ssrc);
  if (stream == NULL ||
      !foyer_cast_send_stream_receive (stream, data, n_bytes, &moment,
          &result)) {
    self->stats.n_bad_datagrams++;
    return FALSE;
  }
  take_result (self, &result, now_us);
  self->stats.estimate_bps = foyer_cast_path_update_rate (&self->path, now_us);
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
  if (!stream->is_report_due && stream->next_report_us > now_us &&
      foyer_cast_send_stream_get_poll_us (stream,
          foyer_cast_path_get_round_trip_us (&self->path)) > now_us)
    return FALSE;
  self->peeked = PEEKED_REPORT;
  self->peeked_stream = stream;
  self->peeked_ntp = get_ntp (self, now_us);
  datagram->n_header_bytes = foyer_cast_send_stream_write_report (stream,
      self->peeked_ntp, now_us, datagram->header);
  datagram->payload = NULL;
  datagram->n_payload_bytes = 0;
  datagram->is_guarded = FALSE;
  return TRUE;
}

/* Whether there is something of a camera in it. */
static gboolean
is_guarded (const FoyerCastSendFrame *frame)
{
  return !frame->is_slate && !frame->is_hollow;
}

/* Whether a part of the frame may leave now; one that is refused is given up. */
static gboolean
pass (FoyerCastSender *self, FoyerCastSendStream *stream,
    FoyerCastSendFrame *frame, gint64 now_us)
{
  if (!is_guarded (frame) || is_let_through (self, &frame->tag, now_us))
    return TRUE;
  foyer_cast_send_stream_give_up (stream, frame);
  return FALSE;
}

static gboolean
peek_packet (FoyerCastSender *self, FoyerCastSendStream *stream, gint64 now_us,
    FoyerCastDatagram *datagram)
{
  guint packet = 0;
  FoyerCastSendFrame *frame;

  do {
    frame = foyer_cast_send_stream_pick (stream,
        foyer_cast_path_get_round_trip_us (&self->path), now_us, &packet);
    if (frame == NULL)
      return FALSE;
  } while (!pass (self, stream, frame, now_us));
  self->peeked = PEEKED_PACKET;
  self->peeked_stream = stream;
  self->peeked_frame = frame;
  self->peeked_packet = packet;
  datagram->n_header_bytes = foyer_cast_send_stream_write_header (stream, frame,
      packet, datagram->header);
  datagram->n_payload_bytes = foyer_cast_send_frame_get_slice (frame, packet,
      &datagram->payload);
  datagram->is_guarded = is_guarded (frame);
  datagram->tag = frame->tag;
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
      if (is_guarded (self->peeked_frame) && self->guard.leaving != NULL)
        self->guard.leaving (self->n_peeked_bytes, self->guard.user_data);
      foyer_cast_bandwidth_add_sent (&self->path.bandwidth, now_us);
      break;
  }
  foyer_cast_pacer_take (&self->pacer, now_us);
  self->peeked = PEEKED_NONE;
}

static void
expel (FoyerCastSender *self, const FoyerCastGuard *guard, gint64 now_us)
{
  self->peeked = PEEKED_NONE;
  for (guint i = 0; i < self->n_streams; i++)
    foyer_cast_send_stream_expel (&self->streams[i], guard, now_us);
}

gboolean
foyer_cast_sender_may_leave (FoyerCastSender *self,
    const FoyerCastDatagram *datagram, gint64 now_us)
{
  if (!datagram->is_guarded || is_let_through (self, &datagram->tag, now_us))
    return TRUE;
  expel (self, self->is_closed ? NULL : &self->guard, now_us);
  return FALSE;
}

void
foyer_cast_sender_close_frames (FoyerCastSender *self)
{
  self->is_closed = TRUE;
  expel (self, NULL, 0);
}

gint64
foyer_cast_sender_get_deadline_us (FoyerCastSender *self, gint64 now_us)
{
  gint64 trip_us = foyer_cast_path_get_round_trip_us (&self->path);
  gint64 deadline_us = G_MAXINT64;
  gint64 packet_us = G_MAXINT64;
  guint n_pending = 0;

  for (guint i = 0; i < self->n_streams; i++) {
    FoyerCastSendStream *stream = &self->streams[i];

    if (stream->is_report_due)
      return now_us;
    deadline_us = MIN (deadline_us, stream->next_report_us);
    deadline_us = MIN (deadline_us,
        foyer_cast_send_stream_get_poll_us (stream, trip_us));
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
  self->stats.estimate_bps = foyer_cast_path_update_rate (&self->path, now_us);
  return self->path.rate.bps;
}

gint64
foyer_cast_sender_get_last_feedback_us (const FoyerCastSender *self)
{
  return self->path.feedback_us;
}

void
foyer_cast_sender_get_stats (const FoyerCastSender *self,
    FoyerCastSenderStats *stats)
{
  *stats = self->stats;
  stats->rtt_us = self->path.round_trip.smoothed_us;
}
