/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-reader.h"

G_BEGIN_DECLS

/* One RTCP packet of a datagram, which may hold several: RFC 3550 §6.1.
 * Private to the RTCP files of the room.
 *
 *     |V=2|0|count (5) |   type (8)    |  32-bit words that follow (16) | …
 */

/* RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2 */
#define FOYER_CAST_RTCP_SENDER_REPORT      200
#define FOYER_CAST_RTCP_RECEIVER_REPORT    201
#define FOYER_CAST_RTCP_SOURCE_DESCRIPTION 202
#define FOYER_CAST_RTCP_APPLICATION        204
#define FOYER_CAST_RTCP_PAYLOAD_SPECIFIC   206
#define FOYER_CAST_RTCP_EXTENDED_REPORT    207

/* what count means in a payload-specific packet: RFC 4585 §6.3 */
#define FOYER_CAST_RTCP_PLI      1
#define FOYER_CAST_RTCP_FEEDBACK 15

#define FOYER_CAST_RTCP_WORD_BYTES         4
#define FOYER_CAST_RTCP_HEADER_BYTES       4
#define FOYER_CAST_RTCP_REPORT_BLOCK_BYTES 24

typedef struct
{
  guint8 count; /* or subtype */
  guint8 type;
  FoyerReader body;
} FoyerCastRtcpPacket;

/**
 * foyer_cast_rtcp_take_packet:
 * @datagram: what is left of it; the packet is taken off
 * @packet: (out caller-allocates): the packet, of any type
 *
 * Returns: %FALSE if what is left does not begin with a whole packet
 */
/*@ requires \valid (datagram) && foyer_reader_is_good (datagram);
  @ requires \valid (packet) && \separated (datagram, packet);
  @ assigns *datagram, *packet;
  @ ensures foyer_reader_is_good (datagram);
  @ ensures datagram->n_bytes <= \old (datagram->n_bytes);
  @ ensures datagram->data + datagram->n_bytes ==
  @   \old (datagram->data + datagram->n_bytes);
  @ ensures \result ==> datagram->n_bytes <=
  @   \old (datagram->n_bytes) - FOYER_CAST_RTCP_HEADER_BYTES;
  @ ensures \result ==> packet->count <= 31 && !packet->body.has_failed &&
  @   foyer_reader_is_good (&packet->body);
  @ ensures \result ==> packet->body.n_bytes <=
  @   \old (datagram->n_bytes) - FOYER_CAST_RTCP_HEADER_BYTES;
  @*/
gboolean foyer_cast_rtcp_take_packet (FoyerReader *datagram,
    FoyerCastRtcpPacket *packet) G_GNUC_WARN_UNUSED_RESULT;

/* Begins a packet with a body of @n_body_bytes, a multiple of 4. */
void foyer_cast_rtcp_put_header (FoyerWriter *writer, guint8 count, guint8 type,
    gsize n_body_bytes);

G_END_DECLS
