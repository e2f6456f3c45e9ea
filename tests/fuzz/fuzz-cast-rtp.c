/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-limits.h"
#include "foyer-cast-rtp.h"

/* One media datagram. What was read can be written and read again. */

static void
assert_same_again (const FoyerCastRtpHeader *header)
{
  guint8 out[FOYER_CAST_RTP_MAX_HEADER_BYTES];
  gsize n_bytes = foyer_cast_rtp_write_header (header, out);
  FoyerCastRtpHeader again;
  const guint8 *payload;
  gsize n_payload_bytes;

  g_assert_true (
      foyer_cast_rtp_parse (out, n_bytes, &again, &payload, &n_payload_bytes));
  g_assert_cmpuint (n_payload_bytes, ==, 0);
  g_assert_cmpint (again.payload_type, ==, header->payload_type);
  g_assert_cmpint (again.sequence, ==, header->sequence);
  g_assert_cmpuint (again.timestamp, ==, header->timestamp);
  g_assert_cmpuint (again.ssrc, ==, header->ssrc);
  g_assert_cmpint (again.is_key, ==, header->is_key);
  g_assert_cmpint (again.has_reference, ==, header->has_reference);
  g_assert_cmpint (again.frame_id_low, ==, header->frame_id_low);
  g_assert_cmpint (again.reference_low, ==, header->reference_low);
  g_assert_cmpint (again.packet_id, ==, header->packet_id);
  g_assert_cmpint (again.max_packet_id, ==, header->max_packet_id);
  g_assert_cmpint (again.has_delay, ==, header->has_delay);
  g_assert_cmpint (again.delay_ms, ==, header->delay_ms);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_payload_bytes;
  guint32 ssrc;

  if (!foyer_cast_rtp_parse (data, n_bytes, &header, &payload,
          &n_payload_bytes))
    return 0;
  g_assert_true (foyer_cast_rtp_inspect (data, n_bytes, &ssrc));
  g_assert_cmpuint (ssrc, ==, header.ssrc);
  g_assert_true (payload + n_payload_bytes == data + n_bytes);
  g_assert_cmpuint (n_payload_bytes, <=,
      n_bytes - FOYER_CAST_RTP_MIN_HEADER_BYTES);
  g_assert_cmpint (header.packet_id, <=, header.max_packet_id);
  g_assert_cmpint (header.max_packet_id, <=, FOYER_CAST_MAX_PACKET_ID);
  assert_same_again (&header);
  return 0;
}
