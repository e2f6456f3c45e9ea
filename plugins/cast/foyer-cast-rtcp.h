/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-limits.h"
#include "foyer-cast-types.h"

G_BEGIN_DECLS

/* RTCP of Cast Streaming. Pure. Sender Reports go to the display, compound
 * feedback comes back (openscreen cast/streaming/rtcp_common.h,
 * compound_rtcp_parser.cc, compound_rtcp_builder.cc). */

typedef enum
{
  FOYER_CAST_PACKET_UNKNOWN = 0,
  FOYER_CAST_PACKET_RTP,
  FOYER_CAST_PACKET_RTCP,
} FoyerCastPacketKind;

/**
 * foyer_cast_packet_inspect:
 * @data: (array length=n_bytes): a datagram
 * @n_bytes: its length
 * @ssrc: (out) (optional): its author: the sender's SSRC of RTP and Sender
 *   Reports, the receiver's of feedback
 *
 * Returns: RTP and RTCP told apart; unknown for neither
 */
/*@ requires n_bytes == 0 || \valid_read (data + (0 .. n_bytes - 1));
  @ requires ssrc == \null || \valid (ssrc);
  @ assigns *ssrc;
  @ ensures 0 <= \result <= FOYER_CAST_PACKET_RTCP;
  @ ensures ssrc != \null && \result == FOYER_CAST_PACKET_UNKNOWN ==>
  @   *ssrc == \old (*ssrc);
  @ ensures \result == FOYER_CAST_PACKET_RTCP ==> n_bytes >= 8;
  @*/
FoyerCastPacketKind foyer_cast_packet_inspect (const guint8 *data,
    gsize n_bytes, guint32 *ssrc);

/* sender → receiver */

#define FOYER_CAST_SENDER_REPORT_BYTES 28

typedef struct
{
  guint32 ssrc;
  guint64 ntp;
  guint32 rtp_timestamp;
  guint32 n_packets;
  guint32 n_octets;
} FoyerCastSenderReport;

/* Writes FOYER_CAST_SENDER_REPORT_BYTES to @out. */
void foyer_cast_rtcp_write_sender_report (const FoyerCastSenderReport *report,
    guint8 *out);

/**
 * foyer_cast_rtcp_parse_sender_report:
 * @data: (array length=n_bytes): a datagram, compound or not
 * @n_bytes: its length
 * @ssrc: the sender's SSRC
 * @report: (out caller-allocates): the report
 *
 * Returns: %TRUE if the datagram is well formed and a report of @ssrc is in it
 */
/*@ requires n_bytes == 0 || \valid_read (data + (0 .. n_bytes - 1));
  @ requires \valid (report);
  @ assigns *report;
  @ ensures !\result ==> *report == \old (*report);
  @ ensures \result ==> report->ssrc == ssrc &&
  @   n_bytes >= FOYER_CAST_SENDER_REPORT_BYTES;
  @*/
gboolean foyer_cast_rtcp_parse_sender_report (const guint8 *data, gsize n_bytes,
    guint32 ssrc, FoyerCastSenderReport *report) G_GNUC_WARN_UNUSED_RESULT;

/* receiver → sender */

/* RFC 3550 §6.4.1, without the subject's SSRC */
typedef struct
{
  guint8 fraction_lost; /* of 256 */
  guint32 n_cumulative_lost;
  guint32 highest_sequence; /* extended */
  guint32 jitter_ticks;
  guint32 last_report_id;
  guint32 delay_since_65536ths; /* since that report, in 1/65536 s */
} FoyerCastReportBlock;

#define FOYER_CAST_NACK_ALL 0xffff /* packet id: nothing of the frame came */

typedef struct
{
  FoyerCastFrameId frame_id;
  guint16 packet_id;
} FoyerCastNack;

/**
 * FoyerCastFeedback:
 * @has_report_block: a block about us is in it
 * @has_reference_time: an XR receiver reference time is in it
 * @has_pli: a picture was lost
 * @has_checkpoint: CAST feedback about us is in it
 * @checkpoint: all frames up to it are done; -1: none
 * @delay_ms: the display's current target delay
 * @nacks: (element-type FoyerCastNack): sorted, without doubles
 * @acks: (element-type gint64): frames past the checkpoint that are complete,
 *   ascending
 * @has_count: CST2 is in it
 * @count: its number, wraps
 *
 * One compound datagram, parsed, or to be written. Owns its arrays.
 */
typedef struct
{
  gboolean has_report_block;
  FoyerCastReportBlock report_block;
  gboolean has_reference_time;
  guint64 reference_time_ntp;
  gboolean has_pli;
  gboolean has_checkpoint;
  FoyerCastFrameId checkpoint;
  guint16 delay_ms;
  GArray *nacks;
  GArray *acks;
  gboolean has_count;
  guint8 count;
} FoyerCastFeedback;

void foyer_cast_feedback_init (FoyerCastFeedback *self);
void foyer_cast_feedback_clear (FoyerCastFeedback *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastFeedback, foyer_cast_feedback_clear)

/**
 * FoyerCastFeedbackParser:
 * @sender_ssrc: ours
 * @receiver_ssrc: theirs
 * @last_reference_time_ntp: newest seen; older datagrams are stale
 */
typedef struct
{
  guint32 sender_ssrc;
  guint32 receiver_ssrc;
  guint64 last_reference_time_ntp;
} FoyerCastFeedbackParser;

/**
 * foyer_cast_rtcp_parse_feedback:
 * @self: what is known of the pair
 * @data: (array length=n_bytes): a datagram
 * @n_bytes: its length
 * @max_frame_id: last frame that was sent, -1 for none
 * @feedback: (inout): initialised; overwritten
 *
 * All or nothing: a malformed datagram leaves @self as it was and @feedback
 * empty, as does a stale one. Parts about other SSRCs are skipped. A checkpoint
 * that can't be, NACKs and ACKs of frames beyond @max_frame_id are left out and
 * no error.
 *
 * Returns: %FALSE if malformed
 */
gboolean foyer_cast_rtcp_parse_feedback (FoyerCastFeedbackParser *self,
    const guint8 *data, gsize n_bytes, FoyerCastFrameId max_frame_id,
    FoyerCastFeedback *feedback) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_rtcp_write_feedback:
 * @receiver_ssrc: author
 * @sender_ssrc: subject
 * @feedback: what to say; what does not fit is left out: NACKs go first, then
 *   ACKs
 * @out: (out caller-allocates) (array length=n_capacity_bytes): room
 * @n_capacity_bytes: at least 256
 *
 * Returns: bytes written
 */
gsize foyer_cast_rtcp_write_feedback (guint32 receiver_ssrc,
    guint32 sender_ssrc, const FoyerCastFeedback *feedback, guint8 *out,
    gsize n_capacity_bytes);

/* openscreen cast/streaming/rtcp_common.cc: trunc((sent - got) * 256 / sent),
 * 0…255 */
guint8 foyer_cast_rtcp_get_fraction_lost (gint64 n_sent, gint64 n_received);
/* microseconds to 1/65536 s; 0 for none or less, 0xffffffff at most */
guint32 foyer_cast_rtcp_get_delay_since (gint64 us);

G_END_DECLS
