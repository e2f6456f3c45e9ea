/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-rtcp-packet.h"

/* openscreen cast/streaming/rtcp_common.cc: version 2 and never padded */
#define VERSION_BITS 0x80
#define VERSION_MASK 0xe0
#define COUNT_MASK   0x1f

gboolean
foyer_cast_rtcp_take_packet (FoyerReader *datagram, FoyerCastRtcpPacket *packet)
{
  guint8 first = foyer_reader_get_u8 (datagram);
  guint8 type = foyer_reader_get_u8 (datagram);
  gsize n_bytes = foyer_reader_get_u16 (datagram) *
      (gsize) FOYER_CAST_RTCP_WORD_BYTES;
  const guint8 *body = foyer_reader_take (datagram, n_bytes);

  if (!foyer_reader_is_ok (datagram) || (first & VERSION_MASK) != VERSION_BITS)
    return FALSE;
  packet->count = first & COUNT_MASK;
  packet->type = type;
  packet->body = foyer_reader_make (body, n_bytes);
  return TRUE;
}

void
foyer_cast_rtcp_put_header (FoyerWriter *writer, guint8 count, guint8 type,
    gsize n_body_bytes)
{
  foyer_writer_put_u8 (writer, VERSION_BITS | count);
  foyer_writer_put_u8 (writer, type);
  foyer_writer_put_u16 (writer,
      (guint16) (n_body_bytes / FOYER_CAST_RTCP_WORD_BYTES));
}
