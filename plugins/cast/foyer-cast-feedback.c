/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-feedback.h"

#include "foyer-cast-limits.h"
#include "foyer-cast-rtcp-packet.h"
#include "foyer-cast-rtcp.h"
#include "foyer-cast-rtp.h"
#include "foyer-reader.h"

/* What one datagram is read against. */
typedef struct
{
  const FoyerCastFeedbackParser *parser;
  FoyerCastFrameId max_frame_id;
  FoyerCastFeedback *feedback;
} Parse;

void
foyer_cast_feedback_init (FoyerCastFeedback *self)
{
  *self = (FoyerCastFeedback){
    .checkpoint = FOYER_CAST_FRAME_ID_NONE,
    .nacks = g_array_new (FALSE, FALSE, sizeof (FoyerCastNack)),
    .acks = g_array_new (FALSE, FALSE, sizeof (FoyerCastFrameId)),
  };
}

void
foyer_cast_feedback_clear (FoyerCastFeedback *self)
{
  g_clear_pointer (&self->nacks, g_array_unref);
  g_clear_pointer (&self->acks, g_array_unref);
}

/* Back to what _init made, with the arrays it has. */
static void
feedback_reset (FoyerCastFeedback *self)
{
  *self = (FoyerCastFeedback){
    .checkpoint = FOYER_CAST_FRAME_ID_NONE,
    .nacks = g_array_set_size (self->nacks, 0),
    .acks = g_array_set_size (self->acks, 0),
  };
}

/* All readers below return FALSE if the packet is malformed. */

static gboolean
is_from_receiver (const Parse *parse, FoyerReader *body)
{
  return foyer_reader_get_u32 (body) == parse->parser->receiver_ssrc;
}

static gboolean
is_about_us (const Parse *parse, FoyerReader *body)
{
  return foyer_reader_get_u32 (body) == parse->parser->sender_ssrc;
}

/* RFC 3550 §6.4.1 */
static void
read_report_block (FoyerReader *body, FoyerCastReportBlock *block)
{
  block->fraction_lost = foyer_reader_get_u8 (body);
  block->n_cumulative_lost = foyer_reader_get_u24 (body);
  block->highest_sequence = foyer_reader_get_u32 (body);
  block->jitter_ticks = foyer_reader_get_u32 (body);
  block->last_report_id = foyer_reader_get_u32 (body);
  block->delay_since_65536ths = foyer_reader_get_u32 (body);
}

static gboolean
read_receiver_report (const Parse *parse, FoyerCastRtcpPacket *packet)
{
  gboolean is_ours = is_from_receiver (parse, &packet->body);

  for (guint i = 0; i < packet->count; i++) {
    gboolean is_match = is_about_us (parse, &packet->body);
    FoyerCastReportBlock block;

    read_report_block (&packet->body, &block);
    if (is_ours && is_match) {
      parse->feedback->has_report_block = TRUE;
      parse->feedback->report_block = block;
    }
  }
  return foyer_reader_is_ok (&packet->body);
}

/* RFC 3611 §3: blocks of any type, each with its length */
static gboolean
read_extended_block (const Parse *parse, gboolean is_ours, FoyerReader *body)
{
  guint8 type = foyer_reader_get_u8 (body);
  gsize n_bytes;
  FoyerReader block;

  foyer_reader_get_u8 (body);
  n_bytes = foyer_reader_get_u16 (body) * (gsize) FOYER_CAST_RTCP_WORD_BYTES;
  block = foyer_reader_make (foyer_reader_take (body, n_bytes), n_bytes);
  if (!foyer_reader_is_ok (body))
    return FALSE;
  if (type != FOYER_CAST_XR_REFERENCE_TIME)
    return TRUE;
  if (n_bytes != FOYER_CAST_XR_REFERENCE_TIME_BYTES)
    return FALSE;
  if (is_ours) {
    parse->feedback->has_reference_time = TRUE;
    parse->feedback->reference_time_ntp = foyer_reader_get_u64 (&block);
  }
  return TRUE;
}

static gboolean
read_extended_report (const Parse *parse, FoyerCastRtcpPacket *packet)
{
  gboolean is_ours = is_from_receiver (parse, &packet->body);

  while (packet->body.n_bytes > 0)
    if (!read_extended_block (parse, is_ours, &packet->body))
      return FALSE;
  return foyer_reader_is_ok (&packet->body);
}

static gboolean
read_pli (const Parse *parse, FoyerCastRtcpPacket *packet)
{
  gboolean is_author = is_from_receiver (parse, &packet->body);
  gboolean is_subject = is_about_us (parse, &packet->body);

  if (is_author && is_subject && foyer_reader_is_ok (&packet->body))
    parse->feedback->has_pli = TRUE;
  return foyer_reader_is_ok (&packet->body);
}

static void
add_nack (const Parse *parse, FoyerCastFrameId frame_id, guint packet_id)
{
  FoyerCastNack nack = { frame_id, (guint16) packet_id };

  if (frame_id <= parse->max_frame_id)
    g_array_append_val (parse->feedback->nacks, nack);
}

static void
read_loss_field (const Parse *parse, FoyerReader *body)
{
  FoyerCastFrameId frame_id =
      foyer_cast_expand8_beyond (parse->feedback->checkpoint,
          foyer_reader_get_u8 (body));
  guint packet_id = foyer_reader_get_u16 (body);
  guint8 next_ones = foyer_reader_get_u8 (body);

  add_nack (parse, frame_id, packet_id);
  for (guint bits = next_ones; bits != 0; bits >>= 1) {
    packet_id++;
    if ((bits & 1) != 0 && packet_id <= FOYER_CAST_MAX_PACKET_ID)
      add_nack (parse, frame_id, packet_id);
  }
}

static void
read_ack_octet (const Parse *parse, FoyerCastFrameId frame_id, guint8 octet)
{
  for (guint bits = octet; bits != 0; bits >>= 1, frame_id++)
    if ((bits & 1) != 0 && frame_id <= parse->max_frame_id)
      g_array_append_val (parse->feedback->acks, frame_id);
}

/* It is optional: what is not CST2 means nothing. */
static gboolean
read_cst2 (const Parse *parse, FoyerReader *body)
{
  FoyerCastFrameId frame_id = parse->feedback->checkpoint +
      FOYER_CAST_FEEDBACK_FIRST_ACK;
  guint8 count;
  guint8 n_octets;

  if (body->n_bytes < FOYER_CAST_FEEDBACK_CST2_BYTES ||
      foyer_reader_get_u32 (body) != FOYER_CAST_FEEDBACK_CST2)
    return TRUE;
  count = foyer_reader_get_u8 (body);
  n_octets = foyer_reader_get_u8 (body);
  if (body->n_bytes < n_octets)
    return FALSE;
  for (guint i = 0; i < n_octets; i++) {
    read_ack_octet (parse, frame_id, foyer_reader_get_u8 (body));
    frame_id += FOYER_CAST_FEEDBACK_OCTET_BITS;
  }
  parse->feedback->has_count = TRUE;
  parse->feedback->count = count;
  return TRUE;
}

static void
forget_cast (FoyerCastFeedback *self)
{
  self->has_checkpoint = FALSE;
  self->has_count = FALSE;
  self->checkpoint = FOYER_CAST_FRAME_ID_NONE;
  g_array_set_size (self->nacks, 0);
  g_array_set_size (self->acks, 0);
}

static gboolean
read_cast (const Parse *parse, FoyerReader *body)
{
  FoyerCastFeedback *feedback = parse->feedback;
  guint8 n_loss_fields;

  forget_cast (feedback);
  feedback->has_checkpoint = TRUE;
  feedback->checkpoint = foyer_cast_expand8_at_most (parse->max_frame_id,
      foyer_reader_get_u8 (body));
  n_loss_fields = foyer_reader_get_u8 (body);
  feedback->delay_ms = foyer_reader_get_u16 (body);
  for (guint i = 0; i < n_loss_fields && foyer_reader_is_ok (body); i++)
    read_loss_field (parse, body);
  if (!foyer_reader_is_ok (body) || !read_cst2 (parse, body))
    return FALSE;
  /* Before the first frame: it speaks of one that was not sent yet. */
  if (feedback->checkpoint < FOYER_CAST_FRAME_ID_NONE)
    forget_cast (feedback);
  return TRUE;
}

static gboolean
read_feedback (const Parse *parse, FoyerCastRtcpPacket *packet)
{
  gboolean is_author = is_from_receiver (parse, &packet->body);
  gboolean is_subject = is_about_us (parse, &packet->body);
  guint32 name = foyer_reader_get_u32 (&packet->body);

  if (packet->body.n_bytes < FOYER_CAST_FEEDBACK_CAST_BYTES - sizeof name)
    return FALSE;
  if (!is_author || !is_subject)
    return TRUE;
  return name == FOYER_CAST_FEEDBACK_CAST && read_cast (parse, &packet->body);
}

static gboolean
read_payload_specific (const Parse *parse, FoyerCastRtcpPacket *packet)
{
  switch (packet->count) {
    case FOYER_CAST_RTCP_PLI:
      return read_pli (parse, packet);
    case FOYER_CAST_RTCP_FEEDBACK:
      return read_feedback (parse, packet);
    default:
      return TRUE;
  }
}

static gboolean
read_packet (const Parse *parse, FoyerCastRtcpPacket *packet)
{
  switch (packet->type) {
    case FOYER_CAST_RTCP_RECEIVER_REPORT:
      return read_receiver_report (parse, packet);
    case FOYER_CAST_RTCP_EXTENDED_REPORT:
      return read_extended_report (parse, packet);
    case FOYER_CAST_RTCP_PAYLOAD_SPECIFIC:
      return read_payload_specific (parse, packet);
    default:
      /* RFC 3550 §6.1: types that one does not know are ignored. */
      return TRUE;
  }
}

static gboolean
read_datagram (const Parse *parse, const guint8 *data, gsize n_bytes)
{
  FoyerReader reader = foyer_reader_make (data, n_bytes);

  while (reader.n_bytes > 0) {
    FoyerCastRtcpPacket packet;

    if (!foyer_cast_rtcp_take_packet (&reader, &packet) ||
        !read_packet (parse, &packet))
      return FALSE;
  }
  return TRUE;
}

/* By frame, then packet; all of a frame before any of it. */
static int
compare_nacks (gconstpointer a, gconstpointer b)
{
  const FoyerCastNack *x = a;
  const FoyerCastNack *y = b;
  guint16 x_place = (guint16) (x->packet_id + 1);
  guint16 y_place = (guint16) (y->packet_id + 1);

  if (x->frame_id != y->frame_id)
    return x->frame_id < y->frame_id ? -1 : 1;
  return (x_place > y_place) - (x_place < y_place);
}

static gboolean
is_covered (const FoyerCastNack *nack, const FoyerCastNack *by)
{
  return nack->frame_id == by->frame_id &&
      (by->packet_id == FOYER_CAST_NACK_ALL ||
          nack->packet_id == by->packet_id);
}

static void
sort_nacks (GArray *nacks)
{
  guint n_kept = 0;

  g_array_sort (nacks, compare_nacks);
  for (guint i = 0; i < nacks->len; i++) {
    const FoyerCastNack *nack = &g_array_index (nacks, FoyerCastNack, i);

    if (n_kept > 0 &&
        is_covered (nack, &g_array_index (nacks, FoyerCastNack, n_kept - 1)))
      continue;
    g_array_index (nacks, FoyerCastNack, n_kept) = *nack;
    n_kept++;
  }
  g_array_set_size (nacks, n_kept);
}

/* A compound packet holds all that a display has to say: one that another
 * overtook is out of date as a whole. */
static gboolean
is_stale (const FoyerCastFeedbackParser *self,
    const FoyerCastFeedback *feedback)
{
  gint64 advance = (gint64) (feedback->reference_time_ntp -
      self->last_reference_time_ntp);

  return feedback->has_reference_time && self->last_reference_time_ntp != 0 &&
      advance < 0;
}

gboolean
foyer_cast_rtcp_parse_feedback (FoyerCastFeedbackParser *self,
    const guint8 *data, gsize n_bytes, FoyerCastFrameId max_frame_id,
    FoyerCastFeedback *feedback)
{
  Parse parse = { self, max_frame_id, feedback };

  feedback_reset (feedback);
  if (!read_datagram (&parse, data, n_bytes)) {
    feedback_reset (feedback);
    return FALSE;
  }
  if (is_stale (self, feedback)) {
    feedback_reset (feedback);
    return TRUE;
  }
  sort_nacks (feedback->nacks);
  if (feedback->has_reference_time)
    self->last_reference_time_ntp = feedback->reference_time_ntp;
  return TRUE;
}
