/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-receiver.h"

#include "foyer-cast-ntp.h"
#include "foyer-cast-receive-stream.h"

#include <string.h>

/* Of frames that are not given out yet, all streams together. */
#define MAX_HELD_BYTES (16 * 1024 * 1024)

struct _FoyerCastReceiver
{
  FoyerCastReceiveStream *streams;
  guint n_streams;
  gint64 origin_us;      /* monotonic time at … */
  gint64 origin_wall_us; /* … this time of day */
  gint64 last_packet_us;
  FoyerCastReceiverStats stats;
};

void
foyer_cast_received_frame_clear (FoyerCastReceivedFrame *self)
{
  g_clear_pointer (&self->data, g_bytes_unref);
}

FoyerCastReceiver *
foyer_cast_receiver_new (const FoyerCastStreamConfig *streams, guint n_streams,
    gint64 now_us, gint64 wall_us)
{
  FoyerCastReceiver *self = g_new0 (FoyerCastReceiver, 1);

  self->n_streams = MIN (n_streams, FOYER_CAST_MAX_STREAMS);
  self->streams = g_new0 (FoyerCastReceiveStream, self->n_streams);
  for (guint i = 0; i < self->n_streams; i++)
    foyer_cast_receive_stream_init (&self->streams[i], &streams[i],
        &self->stats, now_us);
  self->origin_us = self->last_packet_us = now_us;
  self->origin_wall_us = wall_us;
  return self;
}

void
foyer_cast_receiver_free (FoyerCastReceiver *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_streams; i++)
    foyer_cast_receive_stream_clear (&self->streams[i]);
  g_free (self->streams);
  explicit_bzero (self, sizeof *self);
  g_free (self);
}

/* Both kinds of datagrams bear the sender's SSRC. */
static FoyerCastReceiveStream *
find_stream (FoyerCastReceiver *self, guint32 sender_ssrc)
{
  for (guint i = 0; i < self->n_streams; i++)
    if (self->streams[i].config.sender_ssrc == sender_ssrc)
      return &self->streams[i];
  return NULL;
}

static gboolean
has_room (const FoyerCastReceiver *self)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < self->n_streams; i++)
    n_bytes += self->streams[i].n_held_bytes;
  return n_bytes < MAX_HELD_BYTES;
}

static gboolean
receive_packet (FoyerCastReceiver *self, FoyerCastReceiveStream *stream,
    const guint8 *data, gsize n_bytes, gint64 now_us)
{
  FoyerCastRtpHeader header;
  const guint8 *payload = NULL;
  gsize n_payload_bytes = 0;

  if (!foyer_cast_rtp_parse (data, n_bytes, &header, &payload,
          &n_payload_bytes))
    return FALSE;
  self->stats.n_datagrams++;
  self->stats.n_bytes += n_bytes;
  foyer_cast_receive_stream_add_packet (stream, &header, payload,
      n_payload_bytes, has_room (self), now_us);
  return TRUE;
}

static gboolean
receive_report (FoyerCastReceiveStream *stream, const guint8 *data,
    gsize n_bytes, gint64 now_us)
{
  FoyerCastSenderReport report;

  if (!foyer_cast_rtcp_parse_sender_report (data, n_bytes,
          stream->config.sender_ssrc, &report))
    return FALSE;
  foyer_cast_receive_stream_add_report (stream, &report, now_us);
  return TRUE;
}

static gboolean
receive (FoyerCastReceiver *self, const guint8 *data, gsize n_bytes,
    gint64 now_us)
{
  guint32 ssrc = 0;
  FoyerCastPacketKind kind = foyer_cast_packet_inspect (data, n_bytes, &ssrc);
  FoyerCastReceiveStream *stream = find_stream (self, ssrc);

  if (stream == NULL)
    return FALSE;
  switch (kind) {
    case FOYER_CAST_PACKET_RTP:
      return receive_packet (self, stream, data, n_bytes, now_us);
    case FOYER_CAST_PACKET_RTCP:
      return receive_report (stream, data, n_bytes, now_us);
    case FOYER_CAST_PACKET_UNKNOWN:
      break;
  }
  return FALSE;
}

gboolean
foyer_cast_receiver_receive (FoyerCastReceiver *self, const guint8 *data,
    gsize n_bytes, gint64 now_us)
{
  if (!receive (self, data, n_bytes, now_us)) {
    self->stats.n_bad_datagrams++;
    return FALSE;
  }
  self->last_packet_us = now_us;
  return TRUE;
}

gboolean
foyer_cast_receiver_pop (FoyerCastReceiver *self, gint64 now_us,
    FoyerCastReceivedFrame *frame)
{
  for (guint i = 0; i < self->n_streams; i++) {
    if (!foyer_cast_receive_stream_pop (&self->streams[i], now_us, frame))
      continue;
    frame->stream = i;
    return TRUE;
  }
  return FALSE;
}

gsize
foyer_cast_receiver_pull_feedback (FoyerCastReceiver *self, gint64 now_us,
    guint8 *out)
{
  for (guint i = 0; i < self->n_streams; i++) {
    FoyerCastReceiveStream *stream = &self->streams[i];

    foyer_cast_receive_stream_update (stream, now_us);
    if (foyer_cast_receive_stream_is_feedback_due (stream, now_us))
      return foyer_cast_receive_stream_write_feedback (stream,
          foyer_cast_ntp_from_unix_us (
              self->origin_wall_us + now_us - self->origin_us),
          now_us, out, FOYER_CAST_MAX_DATAGRAM6_BYTES);
  }
  return 0;
}

gint64
foyer_cast_receiver_get_deadline_us (FoyerCastReceiver *self, gint64 now_us)
{
  gint64 deadline_us = G_MAXINT64;

  for (guint i = 0; i < self->n_streams; i++)
    deadline_us = MIN (deadline_us,
        foyer_cast_receive_stream_get_deadline_us (&self->streams[i], now_us));
  return deadline_us;
}

void
foyer_cast_receiver_request_key (FoyerCastReceiver *self, guint stream)
{
  foyer_cast_receive_stream_request_key (&self->streams[stream]);
}

gint64
foyer_cast_receiver_get_last_packet_us (const FoyerCastReceiver *self)
{
  return self->last_packet_us;
}

void
foyer_cast_receiver_get_stats (const FoyerCastReceiver *self,
    FoyerCastReceiverStats *stats)
{
  gint64 n_lost = 0;

  *stats = self->stats;
  for (guint i = 0; i < self->n_streams; i++)
    n_lost += foyer_cast_arrivals_get_n_lost (&self->streams[i].arrivals);
  stats->n_lost = (guint64) n_lost;
}
