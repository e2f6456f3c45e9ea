/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-types.h"

G_BEGIN_DECLS

/* Cast RTP packets. Pure: bytes in, values out, and back.
 *
 *      0                   1                   2                   3
 *     |V=2|0|0| CC=0  |M|  payload    |        sequence number        |
 *     |                         RTP timestamp                         |
 *     |                        sender's SSRC                          |
 *     |K|R| #ext (6)  |  frame id (8) |           packet id           |
 *     |         max packet id         | ref. frame id | extensions…
 *
 * openscreen cast/streaming/rtp_defines.h */

#define FOYER_CAST_RTP_MIN_HEADER_BYTES 18
#define FOYER_CAST_RTP_MAX_HEADER_BYTES 23 /* with the latency extension */

/**
 * FoyerCastRtpHeader:
 * @payload_type: 96…104 or 127
 * @sequence: sequence number
 * @timestamp: low 32 bits of the RTP timestamp
 * @ssrc: the sender's SSRC of the stream
 * @is_key: K, a key frame
 * @has_reference: R, @reference_low is there
 * @frame_id_low: low 8 bits of the frame id
 * @reference_low: low 8 bits of the frame it refers to
 * @packet_id: place of this packet in the frame, from 0
 * @max_packet_id: number of packets of the frame, less one
 * @has_delay: a latency extension is there
 * @delay_ms: the target delay from this frame on
 */
typedef struct
{
  guint8 payload_type;
  guint16 sequence;
  guint32 timestamp;
  guint32 ssrc;
  gboolean is_key;
  gboolean has_reference;
  guint8 frame_id_low;
  guint8 reference_low;
  guint16 packet_id;
  guint16 max_packet_id;
  gboolean has_delay;
  guint16 delay_ms;
} FoyerCastRtpHeader;

/**
 * foyer_cast_rtp_inspect:
 * @data: (array length=n_bytes): a datagram
 * @n_bytes: its length
 * @ssrc: (out): the sender's SSRC
 *
 * Returns: %TRUE if it claims to be one of these packets; the rest of it may
 *   still be malformed
 */
/*@ requires n_bytes == 0 || \valid_read (data + (0 .. n_bytes - 1));
  @ requires \valid (ssrc);
  @ assigns *ssrc;
  @ ensures !\result ==> *ssrc == \old (*ssrc);
  @ ensures n_bytes < FOYER_CAST_RTP_MIN_HEADER_BYTES ==> !\result;
  @*/
gboolean foyer_cast_rtp_inspect (const guint8 *data, gsize n_bytes,
    guint32 *ssrc) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_rtp_parse:
 * @data: (array length=n_bytes): a datagram
 * @n_bytes: its length
 * @header: (out caller-allocates): what it says
 * @payload: (out) (array length=n_payload_bytes): its slice of the frame,
 *   borrowed from @data
 * @n_payload_bytes: (out): length of the slice, may be 0
 *
 * Unknown extensions are skipped.
 *
 * Returns: %FALSE, with nothing written, for anything that is not a whole and
 *   plausible packet
 */
/*@ requires n_bytes == 0 || \valid_read (data + (0 .. n_bytes - 1));
  @ requires \valid (header) && \valid (payload) && \valid (n_payload_bytes);
  @ requires \separated (header, payload, n_payload_bytes);
  @ assigns *header, *payload, *n_payload_bytes;
  @ ensures !\result ==> *payload == \old (*payload) &&
  @   *n_payload_bytes == \old (*n_payload_bytes);
  @ ensures \result ==> header->packet_id <= header->max_packet_id;
  @ ensures \result ==> *n_payload_bytes <= n_bytes &&
  @   *payload + *n_payload_bytes == data + n_bytes;
  @*/
gboolean foyer_cast_rtp_parse (const guint8 *data, gsize n_bytes,
    FoyerCastRtpHeader *header, const guint8 **payload,
    gsize *n_payload_bytes) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_rtp_write_header:
 * @header: what to say; the marker is set on the frame's last packet
 * @out: (out caller-allocates): FOYER_CAST_RTP_MAX_HEADER_BYTES of room
 *
 * Returns: bytes written
 */
gsize foyer_cast_rtp_write_header (const FoyerCastRtpHeader *header,
    guint8 *out);

/**
 * foyer_cast_rtp_count_packets:
 * @n_bytes: length of a frame
 * @max_datagram_bytes: 1472 or 1452
 *
 * Returns: packets it needs, at least 1
 */
/*@ requires max_datagram_bytes > FOYER_CAST_RTP_MAX_HEADER_BYTES;
  @ assigns \nothing;
  @ ensures \result >= 1;
  @ ensures n_bytes <=
  @   \result * (max_datagram_bytes - FOYER_CAST_RTP_MAX_HEADER_BYTES);
  @ ensures n_bytes > 0 ==> n_bytes >
  @   (\result - 1) * (max_datagram_bytes - FOYER_CAST_RTP_MAX_HEADER_BYTES);
  @*/
gsize foyer_cast_rtp_count_packets (gsize n_bytes, gsize max_datagram_bytes);

/*@ predicate foyer_cast_is_small (integer value) =
  @   -0x3fffffffffffffff <= value <= 0x3fffffffffffffff;
  @*/

/* Truncated values, made whole: openscreen
 * cast/streaming/expanded_value_base.h */

/* The value with low 8 bits @low in @near - 128 … @near + 127. */
/*@ requires foyer_cast_is_small (near);
  @ assigns \nothing;
  @ ensures near - 128 <= \result <= near + 127;
  @ ensures (\result - low) % 0x100 == 0;
  @*/
gint64 foyer_cast_expand8 (gint64 near, guint8 low);
/* The largest value <= @max with low 8 bits @low. */
/*@ requires foyer_cast_is_small (max);
  @ assigns \nothing;
  @ ensures max - 256 < \result <= max;
  @ ensures (\result - low) % 0x100 == 0;
  @*/
gint64 foyer_cast_expand8_at_most (gint64 max, guint8 low);
/* The smallest value > @value with low 8 bits @low. */
/*@ requires foyer_cast_is_small (value);
  @ assigns \nothing;
  @ ensures value < \result <= value + 256;
  @ ensures (\result - low) % 0x100 == 0;
  @*/
gint64 foyer_cast_expand8_beyond (gint64 value, guint8 low);
/* The value with low 32 bits @low nearest to @near. */
/*@ requires foyer_cast_is_small (near);
  @ assigns \nothing;
  @ ensures near - 0x80000000 <= \result < near + 0x80000000;
  @ ensures (\result - low) % 0x100000000 == 0;
  @*/
gint64 foyer_cast_expand32 (gint64 near, guint32 low);

G_END_DECLS
