/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-rtcp.h"

#include "foyer-cast-rtcp-packet.h"
#include "foyer-cast-rtp.h"
#include "foyer-reader.h"

#define SENDER_REPORT_BODY_BYTES \
  (FOYER_CAST_SENDER_REPORT_BYTES - FOYER_CAST_RTCP_HEADER_BYTES)
#define FRACTION_UNITS 256
#define DELAY_UNITS    65536 /* a second, in delays of report blocks */
#define US_IN_S        G_GINT64_CONSTANT (1000000)

/* openscreen cast/streaming/impl/packet_util.cc: no other type can lead. Their
 * low seven bits are 72…79, which no RTP payload type is. */
/*@ assigns \nothing;
  @ ensures \result ==> 200 <= type <= 207;
  @*/
static gboolean
is_leading_type (guint8 type)
{
  switch (type) {
    case FOYER_CAST_RTCP_SENDER_REPORT:
    case FOYER_CAST_RTCP_RECEIVER_REPORT:
    case FOYER_CAST_RTCP_SOURCE_DESCRIPTION:
    case FOYER_CAST_RTCP_APPLICATION:
    case FOYER_CAST_RTCP_PAYLOAD_SPECIFIC:
    case FOYER_CAST_RTCP_EXTENDED_REPORT:
      return TRUE;
    default:
      return FALSE;
  }
}

/*@ requires n_bytes == 0 || \valid_read (data + (0 .. n_bytes - 1));
  @ requires \valid (ssrc);
  @ assigns *ssrc;
  @ ensures \result ==> n_bytes >= 8;
  @*/
static gboolean
inspect_rtcp (const guint8 *data, gsize n_bytes, guint32 *ssrc)
{
  FoyerReader reader = foyer_reader_make (data, n_bytes);
  FoyerCastRtcpPacket packet;

  if (!foyer_cast_rtcp_take_packet (&reader, &packet) ||
      !is_leading_type (packet.type))
    return FALSE;
  *ssrc = foyer_reader_get_u32 (&packet.body);
  return foyer_reader_is_ok (&packet.body);
}

FoyerCastPacketKind
foyer_cast_packet_inspect (const guint8 *data, gsize n_bytes, guint32 *ssrc)
{
  FoyerCastPacketKind kind = FOYER_CAST_PACKET_UNKNOWN;
  guint32 author = 0;

  if (foyer_cast_rtp_inspect (data, n_bytes, &author))
    kind = FOYER_CAST_PACKET_RTP;
  else if (inspect_rtcp (data, n_bytes, &author))
    kind = FOYER_CAST_PACKET_RTCP;
  if (kind != FOYER_CAST_PACKET_UNKNOWN && ssrc != NULL)
    *ssrc = author;
  return kind;
}

void
foyer_cast_rtcp_write_sender_report (const FoyerCastSenderReport *report,
    guint8 *out)
{
  FoyerWriter writer = foyer_writer_make (out, FOYER_CAST_SENDER_REPORT_BYTES);

  foyer_cast_rtcp_put_header (&writer, 0, FOYER_CAST_RTCP_SENDER_REPORT,
      SENDER_REPORT_BODY_BYTES);
  foyer_writer_put_u32 (&writer, report->ssrc);
  foyer_writer_put_u64 (&writer, report->ntp);
  foyer_writer_put_u32 (&writer, report->rtp_timestamp);
  foyer_writer_put_u32 (&writer, report->n_packets);
  foyer_writer_put_u32 (&writer, report->n_octets);
}

/* Returns FALSE if the packet is malformed. */
/*@ requires \valid (packet) && \valid (report) && \separated (packet, report);
  @ requires foyer_reader_is_good (&packet->body) && packet->count <= 31;
  @ assigns packet->body, *report;
  @ ensures foyer_reader_is_good (&packet->body);
  @ ensures \result ==> \old (packet->body.n_bytes) >= 24;
  @*/
static gboolean
read_sender_report (FoyerCastRtcpPacket *packet, FoyerCastSenderReport *report)
{
  report->ssrc = foyer_reader_get_u32 (&packet->body);
  report->ntp = foyer_reader_get_u64 (&packet->body);
  report->rtp_timestamp = foyer_reader_get_u32 (&packet->body);
  report->n_packets = foyer_reader_get_u32 (&packet->body);
  report->n_octets = foyer_reader_get_u32 (&packet->body);
  /* Cast senders receive nothing, so that their blocks mean nothing. */
  foyer_reader_take (&packet->body,
      packet->count * (gsize) FOYER_CAST_RTCP_REPORT_BLOCK_BYTES);
  return foyer_reader_is_ok (&packet->body);
}

gboolean
foyer_cast_rtcp_parse_sender_report (const guint8 *data, gsize n_bytes,
    guint32 ssrc, FoyerCastSenderReport *report)
{
  FoyerReader reader = foyer_reader_make (data, n_bytes);
  FoyerCastSenderReport found = { 0 };
  gboolean has_found = FALSE;

  /*@ loop invariant foyer_reader_is_good (&reader) && reader.n_bytes <= n_bytes;
    @ loop invariant has_found ==> found.ssrc == ssrc &&
    @   n_bytes >= FOYER_CAST_SENDER_REPORT_BYTES;
    @ loop assigns reader, found, has_found;
    @ loop variant reader.n_bytes;
    @*/
  while (reader.n_bytes > 0) {
    FoyerCastRtcpPacket packet;
    FoyerCastSenderReport one;

    if (!foyer_cast_rtcp_take_packet (&reader, &packet))
      return FALSE;
    if (packet.type != FOYER_CAST_RTCP_SENDER_REPORT)
      continue;
    if (!read_sender_report (&packet, &one))
      return FALSE;
    if (one.ssrc != ssrc)
      continue;
    found = one;
    has_found = TRUE;
  }
  if (has_found)
    *report = found;
  return has_found;
}

guint8
foyer_cast_rtcp_get_fraction_lost (gint64 n_sent, gint64 n_received)
{
  if (n_sent <= 0 || n_received >= n_sent)
    return 0;
  /* Sequence numbers are 32 bits: the product can't overflow. */
  return (
      guint8) MIN ((n_sent - n_received) * FRACTION_UNITS / n_sent, G_MAXUINT8);
}

guint32
foyer_cast_rtcp_get_delay_since (gint64 us)
{
  const gint64 max_us = US_IN_S * DELAY_UNITS;

  if (us <= 0)
    return 0;
  return us >= max_us ? G_MAXUINT32 : (guint32) (us * DELAY_UNITS / US_IN_S);
}
