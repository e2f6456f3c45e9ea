/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-feedback.h"

#include "foyer-cast-limits.h"
#include "foyer-cast-rtcp-packet.h"
#include "foyer-cast-rtcp.h"
#include "foyer-reader.h"

/* openscreen cast/streaming/rtcp_common.h, kRequiredNetworkPacketSize: whatever
 * is in a feedback, all of it but NACKs and ACKs fits into this. */
#define MIN_CAPACITY_BYTES 256
#define SSRC_BYTES         4
#define MAX_24_BITS        0xffffff
#define NEXT_ONES          8
/* openscreen cast/streaming/compound_rtcp_builder.cc: the ACK bits begin in the
 * middle of a word and fill it, then whole words. */
#define MIN_ACK_OCTETS  2
#define ACK_OCTETS_STEP 4
#define MAX_ACK_OCTETS  254

static void
put_receiver_report (FoyerWriter *writer, guint32 receiver_ssrc,
    guint32 sender_ssrc, const FoyerCastReportBlock *block)
{
  gsize n_bytes = SSRC_BYTES +
      (block != NULL ? FOYER_CAST_RTCP_REPORT_BLOCK_BYTES : 0);

  foyer_cast_rtcp_put_header (writer, block != NULL ? 1 : 0,
      FOYER_CAST_RTCP_RECEIVER_REPORT, n_bytes);
  foyer_writer_put_u32 (writer, receiver_ssrc);
  if (block == NULL)
    return;
  foyer_writer_put_u32 (writer, sender_ssrc);
  foyer_writer_put_u8 (writer, block->fraction_lost);
  foyer_writer_put_u24 (writer, MIN (block->n_cumulative_lost, MAX_24_BITS));
  foyer_writer_put_u32 (writer, block->highest_sequence);
  foyer_writer_put_u32 (writer, block->jitter_ticks);
  foyer_writer_put_u32 (writer, block->last_report_id);
  foyer_writer_put_u32 (writer, block->delay_since_65536ths);
}

static void
put_reference_time (FoyerWriter *writer, guint32 receiver_ssrc, guint64 ntp)
{
  foyer_cast_rtcp_put_header (writer, 0, FOYER_CAST_RTCP_EXTENDED_REPORT,
      SSRC_BYTES + FOYER_CAST_XR_HEADER_BYTES +
          FOYER_CAST_XR_REFERENCE_TIME_BYTES);
  foyer_writer_put_u32 (writer, receiver_ssrc);
  foyer_writer_put_u8 (writer, FOYER_CAST_XR_REFERENCE_TIME);
  foyer_writer_put_u8 (writer, 0);
  foyer_writer_put_u16 (writer,
      FOYER_CAST_XR_REFERENCE_TIME_BYTES / FOYER_CAST_RTCP_WORD_BYTES);
  foyer_writer_put_u64 (writer, ntp);
}

static void
put_pli (FoyerWriter *writer, guint32 receiver_ssrc, guint32 sender_ssrc)
{
  foyer_cast_rtcp_put_header (writer, FOYER_CAST_RTCP_PLI,
      FOYER_CAST_RTCP_PAYLOAD_SPECIFIC, FOYER_CAST_FEEDBACK_SSRC_BYTES);
  foyer_writer_put_u32 (writer, receiver_ssrc);
  foyer_writer_put_u32 (writer, sender_ssrc);
}

/* Takes the NACKs from @i on that one loss field can say; returns their
 * number. */
static guint
pack_loss_field (const GArray *nacks, guint i, guint8 *next_ones)
{
  const FoyerCastNack *first = &g_array_index (nacks, FoyerCastNack, i);
  guint n = 1;

  *next_ones = 0;
  /* After FOYER_CAST_NACK_ALL, the highest of ids, nothing can follow. */
  while (i + n < nacks->len) {
    const FoyerCastNack *next = &g_array_index (nacks, FoyerCastNack, i + n);
    int step = next->packet_id - first->packet_id;

    if (next->frame_id != first->frame_id || step < 1 || step > NEXT_ONES)
      break;
    *next_ones |= (guint8) (1 << (step - 1));
    n++;
  }
  return n;
}

/* Returns the number of fields written, or, if @writer is NULL, needed. */
static gsize
put_loss_fields (FoyerWriter *writer, const GArray *nacks, gsize max_fields)
{
  gsize n_fields = 0;
  guint i = 0;

  while (i < nacks->len && n_fields < max_fields) {
    const FoyerCastNack *first = &g_array_index (nacks, FoyerCastNack, i);
    guint8 next_ones;

    i += pack_loss_field (nacks, i, &next_ones);
    n_fields++;
    if (writer == NULL)
      continue;
    foyer_writer_put_u8 (writer, (guint8) first->frame_id);
    foyer_writer_put_u16 (writer, first->packet_id);
    foyer_writer_put_u8 (writer, next_ones);
  }
  return n_fields;
}

/* As many octets as the highest ACK asks for and @room_bytes allows. */
static gsize
count_ack_octets (const FoyerCastFeedback *feedback, gsize room_bytes)
{
  const GArray *acks = feedback->acks;
  gint64 last_bit = -1;
  gsize n = MIN_ACK_OCTETS;

  if (acks->len > 0)
    last_bit = g_array_index (acks, FoyerCastFrameId, acks->len - 1) -
        feedback->checkpoint - FOYER_CAST_FEEDBACK_FIRST_ACK;
  while (last_bit >= (gint64) n * FOYER_CAST_FEEDBACK_OCTET_BITS &&
      n + ACK_OCTETS_STEP <= MIN (room_bytes, MAX_ACK_OCTETS))
    n += ACK_OCTETS_STEP;
  return n;
}

static void
put_cst2 (FoyerWriter *writer, const FoyerCastFeedback *feedback,
    gsize n_octets)
{
  guint8 octets[MAX_ACK_OCTETS] = { 0 };

  for (guint i = 0; i < feedback->acks->len; i++) {
    gint64 bit = g_array_index (feedback->acks, FoyerCastFrameId, i) -
        feedback->checkpoint - FOYER_CAST_FEEDBACK_FIRST_ACK;

    if (bit >= 0 && bit < (gint64) n_octets * FOYER_CAST_FEEDBACK_OCTET_BITS)
      octets[bit / FOYER_CAST_FEEDBACK_OCTET_BITS] |= (guint8) (1
          << (bit % FOYER_CAST_FEEDBACK_OCTET_BITS));
  }
  foyer_writer_put_u32 (writer, FOYER_CAST_FEEDBACK_CST2);
  foyer_writer_put_u8 (writer, feedback->count);
  foyer_writer_put_u8 (writer, (guint8) n_octets);
  foyer_writer_put (writer, octets, n_octets);
}

/* ACKs are given room before NACKs: the next datagram asks again for what is
 * missing, but a frame that is not acknowledged may be sent again at once. */
static void
put_cast (FoyerWriter *writer, guint32 receiver_ssrc, guint32 sender_ssrc,
    const FoyerCastFeedback *feedback)
{
  gsize n_bytes = FOYER_CAST_FEEDBACK_SSRC_BYTES +
      FOYER_CAST_FEEDBACK_CAST_BYTES;
  gsize room_bytes = foyer_writer_get_room (writer) -
      FOYER_CAST_RTCP_HEADER_BYTES - n_bytes;
  gsize n_octets = 0;
  gsize n_fields;

  if (feedback->has_count) {
    room_bytes -= FOYER_CAST_FEEDBACK_CST2_BYTES;
    n_octets = count_ack_octets (feedback, room_bytes);
    room_bytes -= n_octets;
    n_bytes += FOYER_CAST_FEEDBACK_CST2_BYTES + n_octets;
  }
  n_fields = put_loss_fields (NULL, feedback->nacks,
      MIN (room_bytes / FOYER_CAST_FEEDBACK_LOSS_FIELD_BYTES,
          FOYER_CAST_MAX_LOSS_FIELDS));
  n_bytes += n_fields * FOYER_CAST_FEEDBACK_LOSS_FIELD_BYTES;

  foyer_cast_rtcp_put_header (writer, FOYER_CAST_RTCP_FEEDBACK,
      FOYER_CAST_RTCP_PAYLOAD_SPECIFIC, n_bytes);
  foyer_writer_put_u32 (writer, receiver_ssrc);
  foyer_writer_put_u32 (writer, sender_ssrc);
  foyer_writer_put_u32 (writer, FOYER_CAST_FEEDBACK_CAST);
  foyer_writer_put_u8 (writer, (guint8) feedback->checkpoint);
  foyer_writer_put_u8 (writer, (guint8) n_fields);
  foyer_writer_put_u16 (writer, feedback->delay_ms);
  put_loss_fields (writer, feedback->nacks, n_fields);
  if (feedback->has_count)
    put_cst2 (writer, feedback, n_octets);
}

gsize
foyer_cast_rtcp_write_feedback (guint32 receiver_ssrc, guint32 sender_ssrc,
    const FoyerCastFeedback *feedback, guint8 *out, gsize n_capacity_bytes)
{
  FoyerWriter writer = foyer_writer_make (out, n_capacity_bytes);

  g_return_val_if_fail (n_capacity_bytes >= MIN_CAPACITY_BYTES, 0);

  /* openscreen cast/streaming/compound_rtcp_builder.cc: in this order */
  put_receiver_report (&writer, receiver_ssrc, sender_ssrc,
      feedback->has_report_block ? &feedback->report_block : NULL);
  if (feedback->has_reference_time)
    put_reference_time (&writer, receiver_ssrc, feedback->reference_time_ntp);
  if (feedback->has_pli)
    put_pli (&writer, receiver_ssrc, sender_ssrc);
  if (feedback->has_checkpoint)
    put_cast (&writer, receiver_ssrc, sender_ssrc, feedback);
  return writer.n_bytes;
}
