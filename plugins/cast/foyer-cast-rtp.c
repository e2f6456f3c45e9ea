/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-rtp.h"

#include "foyer-cast-limits.h"
#include "foyer-reader.h"

/* openscreen cast/streaming/rtp_defines.h */
#define FIRST_BYTE            0x80 /* version 2, nothing else */
#define MARKER                0x80
#define IS_KEY                0x80
#define HAS_REFERENCE         0x40
#define EXTENSION_COUNT_MASK  0x3f
#define EXTENSION_SIZE_BITS   10
#define EXTENSION_SIZE_MASK   0x3ff
#define EXTENSION_DELAY       1
#define EXTENSION_DELAY_BYTES 2
#define ALL_OF_32_BITS        G_GINT64_CONSTANT (0x100000000)

/* openscreen cast/streaming/rtp_defines.cc */
/*@ assigns \nothing;
  @ ensures \result != 0 <==> 96 <= type <= 104 || type == 127;
  @*/
static gboolean
is_payload_type (guint8 type)
{
  return (type >= 96 && type <= 104) || type == 127;
}

/* What every RTP packet begins with: RFC 3550 §5.1. Returns FALSE if it is
 * none of ours. */
/*@ requires \valid (reader) && foyer_reader_is_good (reader);
  @ requires \valid (header) && \separated (reader, header);
  @ assigns *reader, *header;
  @ ensures foyer_reader_is_good (reader);
  @ ensures \old (reader->has_failed) ==> reader->has_failed;
  @ ensures reader->n_bytes <= \old (reader->n_bytes);
  @ ensures reader->data + reader->n_bytes ==
  @   \old (reader->data + reader->n_bytes);
  @*/
static gboolean
read_rtp_header (FoyerReader *reader, FoyerCastRtpHeader *header)
{
  guint8 first = foyer_reader_get_u8 (reader);

  /* The marker says nothing that the packet ids do not. */
  header->payload_type = foyer_reader_get_u8 (reader) & ~MARKER;
  header->sequence = foyer_reader_get_u16 (reader);
  header->timestamp = foyer_reader_get_u32 (reader);
  header->ssrc = foyer_reader_get_u32 (reader);
  return first == FIRST_BYTE && is_payload_type (header->payload_type);
}

/*@ requires \valid (reader) && foyer_reader_is_good (reader);
  @ requires \valid (header) && \separated (reader, header);
  @ assigns *reader, *header;
  @ ensures foyer_reader_is_good (reader);
  @ ensures \old (reader->has_failed) ==> reader->has_failed;
  @ ensures reader->n_bytes <= \old (reader->n_bytes);
  @ ensures reader->data + reader->n_bytes ==
  @   \old (reader->data + reader->n_bytes);
  @*/
static void
read_extension (FoyerReader *reader, FoyerCastRtpHeader *header)
{
  guint16 word = foyer_reader_get_u16 (reader);
  gsize n_bytes = word & EXTENSION_SIZE_MASK;

  if (word >> EXTENSION_SIZE_BITS != EXTENSION_DELAY) {
    foyer_reader_take (reader, n_bytes);
    return;
  }
  if (n_bytes != EXTENSION_DELAY_BYTES)
    reader->has_failed = TRUE;
  header->has_delay = TRUE;
  header->delay_ms = foyer_reader_get_u16 (reader);
}

/*@ requires \valid (reader) && foyer_reader_is_good (reader);
  @ requires \valid (header) && \separated (reader, header);
  @ assigns *reader, *header;
  @ ensures foyer_reader_is_good (reader);
  @ ensures \old (reader->has_failed) ==> reader->has_failed;
  @ ensures reader->n_bytes <= \old (reader->n_bytes);
  @ ensures reader->data + reader->n_bytes ==
  @   \old (reader->data + reader->n_bytes);
  @*/
static void
read_cast_header (FoyerReader *reader, FoyerCastRtpHeader *header)
{
  guint8 flags = foyer_reader_get_u8 (reader);

  header->is_key = (flags & IS_KEY) != 0;
  header->has_reference = (flags & HAS_REFERENCE) != 0;
  header->frame_id_low = foyer_reader_get_u8 (reader);
  header->packet_id = foyer_reader_get_u16 (reader);
  header->max_packet_id = foyer_reader_get_u16 (reader);
  if (header->has_reference)
    header->reference_low = foyer_reader_get_u8 (reader);
  /*@ loop invariant foyer_reader_is_good (reader);
    @ loop invariant \at (reader->has_failed, Pre) ==> reader->has_failed;
    @ loop invariant reader->n_bytes <= \at (reader->n_bytes, Pre);
    @ loop invariant reader->data + reader->n_bytes ==
    @   \at (reader->data + reader->n_bytes, Pre);
    @ loop assigns i, *reader, *header;
    @*/
  for (guint i = 0; i < (flags & EXTENSION_COUNT_MASK); i++)
    read_extension (reader, header);
}

gboolean
foyer_cast_rtp_inspect (const guint8 *data, gsize n_bytes, guint32 *ssrc)
{
  FoyerReader reader = foyer_reader_make (data, n_bytes);
  FoyerCastRtpHeader header;

  if (n_bytes < FOYER_CAST_RTP_MIN_HEADER_BYTES ||
      !read_rtp_header (&reader, &header))
    return FALSE;
  *ssrc = header.ssrc;
  return TRUE;
}

gboolean
foyer_cast_rtp_parse (const guint8 *data, gsize n_bytes,
    FoyerCastRtpHeader *header, const guint8 **payload, gsize *n_payload_bytes)
{
  FoyerReader reader = foyer_reader_make (data, n_bytes);
  FoyerCastRtpHeader result = { 0 };

  if (!read_rtp_header (&reader, &result))
    return FALSE;
  read_cast_header (&reader, &result);

  if (!foyer_reader_is_ok (&reader) || !is_payload_type (result.payload_type) ||
      result.max_packet_id > FOYER_CAST_MAX_PACKET_ID ||
      result.packet_id > result.max_packet_id)
    return FALSE;
  *header = result;
  *payload = reader.data;
  *n_payload_bytes = reader.n_bytes;
  return TRUE;
}

gsize
foyer_cast_rtp_write_header (const FoyerCastRtpHeader *header, guint8 *out)
{
  FoyerWriter writer = foyer_writer_make (out, FOYER_CAST_RTP_MAX_HEADER_BYTES);
  gboolean is_last = header->packet_id == header->max_packet_id;

  foyer_writer_put_u8 (&writer, FIRST_BYTE);
  foyer_writer_put_u8 (&writer, (is_last ? MARKER : 0) | header->payload_type);
  foyer_writer_put_u16 (&writer, header->sequence);
  foyer_writer_put_u32 (&writer, header->timestamp);
  foyer_writer_put_u32 (&writer, header->ssrc);
  foyer_writer_put_u8 (&writer,
      (header->is_key ? IS_KEY : 0) |
          (header->has_reference ? HAS_REFERENCE : 0) |
          (header->has_delay ? 1 : 0));
  foyer_writer_put_u8 (&writer, header->frame_id_low);
  foyer_writer_put_u16 (&writer, header->packet_id);
  foyer_writer_put_u16 (&writer, header->max_packet_id);
  if (header->has_reference)
    foyer_writer_put_u8 (&writer, header->reference_low);
  if (header->has_delay) {
    foyer_writer_put_u16 (&writer,
        EXTENSION_DELAY << EXTENSION_SIZE_BITS | EXTENSION_DELAY_BYTES);
    foyer_writer_put_u16 (&writer, header->delay_ms);
  }
  return writer.n_bytes;
}

gsize
foyer_cast_rtp_count_packets (gsize n_bytes, gsize max_datagram_bytes)
{
  /* The room for the largest header is kept free in every packet: openscreen
   * cast/streaming/rtp_packetizer.cc */
  gsize slice_bytes = max_datagram_bytes - FOYER_CAST_RTP_MAX_HEADER_BYTES;

  return n_bytes == 0 ? 1 : (n_bytes - 1) / slice_bytes + 1;
}

/*@ requires -0x5000000000000000 <= least <= 0x5000000000000000;
  @ assigns \nothing;
  @ ensures least <= \result <= least + 255;
  @ ensures (\result - low) % 256 == 0;
  @*/
static gint64
expand8 (gint64 least, guint8 low)
{
  gint64 past = (low - least) % 256;

  return least + (past < 0 ? past + 256 : past);
}

gint64
foyer_cast_expand8 (gint64 near, guint8 low)
{
  return expand8 (near - 128, low);
}

gint64
foyer_cast_expand8_at_most (gint64 max, guint8 low)
{
  return expand8 (max - 255, low);
}

gint64
foyer_cast_expand8_beyond (gint64 value, guint8 low)
{
  return expand8 (value + 1, low);
}

gint64
foyer_cast_expand32 (gint64 near, guint32 low)
{
  gint64 least = near - ALL_OF_32_BITS / 2;
  gint64 past = (low - least) % ALL_OF_32_BITS;

  return least + (past < 0 ? past + ALL_OF_32_BITS : past);
}
