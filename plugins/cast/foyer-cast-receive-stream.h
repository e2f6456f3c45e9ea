/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-arrivals.h"
#include "foyer-cast-clock-drift.h"
#include "foyer-cast-collector.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-receiver.h"
#include "foyer-cast-rtcp.h"

G_BEGIN_DECLS

/* One stream of a receiver: its frames as they come, their times, what is to be
 * told to the sender. Pure; times are monotonic microseconds. */

#define FOYER_CAST_WINDOW_FRAMES 128 /* power of two, > MAX_FRAME_SPAN */

typedef struct
{
  FoyerCastStreamConfig config; /* without the keys */
  FoyerCastCrypto crypto;
  FoyerCastReceiverStats *stats; /* of the receiver */

  /* By id; those of consumed_id + 1 … highest_id are expected. */
  FoyerCastCollector frames[FOYER_CAST_WINDOW_FRAMES];
  gint64 gaps_us[FOYER_CAST_WINDOW_FRAMES]; /* when a gap was last noticed */
  FoyerCastFrameId consumed_id;             /* last given out */
  FoyerCastFrameId checkpoint; /* complete or given up up to here */
  FoyerCastFrameId highest_id; /* newest of which a packet came */
  gsize n_held_bytes;
  gint64 timestamp; /* newest, expanded */
  gint64 delay_us;  /* in force up to consumed_id */

  FoyerCastArrivals arrivals;
  FoyerCastClockDrift drift;
  gboolean has_report;
  guint32 report_id;
  guint32 report_timestamp;
  gint64 report_sender_us; /* its time, on the sender's clock */
  gint64 report_us;        /* when it came */

  gboolean is_begun;          /* something valid came: there is a peer */
  gboolean has_key;           /* a key frame was complete once */
  gboolean wants_key;         /* PLI in each feedback */
  gboolean answers_report;    /* a report block is due */
  gboolean is_feedback_due;   /* now */
  gint64 nack_us;             /* when NACKs are due; G_MAXINT64 for none */
  gint64 feedback_us;         /* when the last feedback was made */
  FoyerCastFeedback feedback; /* kept, so that none is made for each datagram */
} FoyerCastReceiveStream;

void foyer_cast_receive_stream_init (FoyerCastReceiveStream *self,
    const FoyerCastStreamConfig *config, FoyerCastReceiverStats *stats,
    gint64 now_us);
void foyer_cast_receive_stream_clear (FoyerCastReceiveStream *self);

/* @has_room: whether memory may grow for a frame that nothing waits for */
void foyer_cast_receive_stream_add_packet (FoyerCastReceiveStream *self,
    const FoyerCastRtpHeader *header, const guint8 *payload,
    gsize n_payload_bytes, gboolean has_room, gint64 now_us);

/* Learns from a Sender Report which capture time a timestamp stands for. */
void foyer_cast_receive_stream_add_report (FoyerCastReceiveStream *self,
    const FoyerCastSenderReport *report, gint64 now_us);

/* foyer_cast_receiver_pop() for one stream, all but the field stream. */
gboolean foyer_cast_receive_stream_pop (FoyerCastReceiveStream *self,
    gint64 now_us, FoyerCastReceivedFrame *frame);

/* Asks for a key frame if the picture that holds up the others is lost. */
void foyer_cast_receive_stream_update (FoyerCastReceiveStream *self,
    gint64 now_us);

/* Asks for a key frame, unless there never was one. */
void foyer_cast_receive_stream_request_key (FoyerCastReceiveStream *self);

gboolean foyer_cast_receive_stream_is_feedback_due (
    const FoyerCastReceiveStream *self, gint64 now_us);

/* Makes the feedback that is due now; @reference_ntp: @now_us in NTP */
gsize foyer_cast_receive_stream_write_feedback (FoyerCastReceiveStream *self,
    guint64 reference_ntp, gint64 now_us, guint8 *out, gsize n_capacity_bytes);

/* When _pop, _update or feedback is due; G_MAXINT64 for never. */
gint64 foyer_cast_receive_stream_get_deadline_us (
    const FoyerCastReceiveStream *self, gint64 now_us);

G_END_DECLS
