/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-limits.h"
#include "foyer-cast-rtcp.h"
#include "foyer-cast-send-frame.h"
#include "foyer-cast-sender.h"

G_BEGIN_DECLS

/* One stream of a sender: its history of frames, what the display has of them,
 * what is to be sent next. Pure; times are monotonic microseconds. */

#define FOYER_CAST_HISTORY_FRAMES 128 /* power of two, > MAX_FRAME_SPAN */
#define FOYER_CAST_REPORT_HISTORY 64
#define FOYER_CAST_CHECK_HISTORY  32

/* A frame that was let through before it was encoded. */
typedef struct
{
  gint64 capture_us; /* G_MININT64 for none */
  gint64 checked_us;
} FoyerCastCheck;

typedef struct
{
  FoyerCastStreamConfig config; /* without the keys */
  FoyerCastCrypto crypto;
  /* What crypto was derived from, and for; NULL for keys that were handed in. */
  const FoyerCastKeyRoot *root;
  guint64 camera;
  guint64 generation;
  FoyerCastFeedbackParser parser;
  FoyerCastFeedback feedback; /* kept, so that none is made for each datagram */
  gint64 delay_us;
  guint16 delay_to_announce_ms; /* 0 for none */

  FoyerCastSendFrame *frames[FOYER_CAST_HISTORY_FRAMES]; /* by id */
  FoyerCastFrameId last_id;                              /* newest enqueued */
  FoyerCastFrameId checkpoint; /* all up to it are done */
  FoyerCastFrameId known_id;   /* newest that the display knows of */
  /* Frames before it are past their time. */
  FoyerCastFrameId expired_until;
  /* Frames before it need not arrive: it is a key frame, and past the time of
   * all before. */
  FoyerCastFrameId abandoned_until;
  guint n_pending; /* packets, of all frames */

  guint16 sequence; /* of the next datagram */
  guint32 n_packets_sent;
  guint32 n_octets_sent;
  gint64 first_capture_us;
  gint64 last_reference_us; /* capture time of last_id, forced to increase */
  gint64 last_timestamp;

  gboolean is_report_due;
  gint64 next_report_us; /* G_MAXINT64 before the first frame */
  guint32 report_ids[FOYER_CAST_REPORT_HISTORY];
  gint64 report_times_us[FOYER_CAST_REPORT_HISTORY];
  guint n_reports;
  gint64 report_us;   /* when the last report left */
  gint64 feedback_us; /* when feedback last came */
  guint n_polls;      /* since then */

  gboolean must_key;   /* a frame was refused: others refer to nothing */
  gboolean wants_key;  /* the display lost its picture */
  gboolean is_restart; /* … and a key frame may pass the in-flight limit */
  FoyerCastFrameId key_id; /* newest key frame */
  gint64 key_us;           /* when it was enqueued */

  FoyerCastCheck checks[FOYER_CAST_CHECK_HISTORY]; /* let through */
  gint64 coding_us; /* from check to push, smoothed; 0 while unknown */
  guint n_checked;
} FoyerCastSendStream;

/**
 * FoyerCastAckResult:
 * @round_trip_us: a sample; -1 for none
 * @n_acked_bytes: payload of the frames newly acknowledged
 * @capture_us: capture time of the newest of them; -1 for none
 * @clean_us: delay from its last packet to the acknowledgement if none of its
 *   packets was sent twice; -1 otherwise
 * @is_key_request: a PLI was obeyed
 *
 * What feedback said.
 */
typedef struct
{
  gint64 round_trip_us;
  guint64 n_acked_bytes;
  gint64 capture_us;
  gint64 clean_us;
  gboolean is_key_request;
  gboolean has_report;
  guint8 fraction_lost;
} FoyerCastAckResult;

/**
 * FoyerCastSendMoment:
 * @now_us: the time
 * @round_trip_us: the newest, or the smoothed, whichever is more
 * @is_clear: no jam is known, so that a few datagrams more do no harm
 *
 * What feedback is judged by.
 */
typedef struct
{
  gint64 now_us;
  gint64 round_trip_us;
  gboolean is_clear;
} FoyerCastSendMoment;

void foyer_cast_send_stream_init (FoyerCastSendStream *self,
    const FoyerCastStreamConfig *config, gint64 now_us);
void foyer_cast_send_stream_clear (FoyerCastSendStream *self);

/* Derives keys from now on; before the first frame. @root must outlive it. */
void foyer_cast_send_stream_set_root (FoyerCastSendStream *self,
    const FoyerCastKeyRoot *root);

/* Whether there is no id left for another frame. */
gboolean foyer_cast_send_stream_is_full (const FoyerCastSendStream *self);

/* How much media the display lacks, if a frame of @capture_us comes next. */
gint64 foyer_cast_send_stream_get_in_flight_us (FoyerCastSendStream *self,
    gint64 capture_us);

/* Remembers that a frame of that capture time was let through. */
void foyer_cast_send_stream_remember_check (FoyerCastSendStream *self,
    gint64 capture_us, gint64 now_us);

/* Whether it was, and forgets it; now it is encoded, and how long that took is
 * learnt. */
gboolean foyer_cast_send_stream_was_checked (FoyerCastSendStream *self,
    gint64 capture_us, gint64 now_us);

/* Takes a frame for which there is room in the span of ids. */
void foyer_cast_send_stream_push (FoyerCastSendStream *self,
    const FoyerCastFrame *frame, gint64 now_us);

/* Wipes @frame of the history; see foyer_cast_sender_set_guard(). */
void foyer_cast_send_stream_give_up (FoyerCastSendStream *self,
    FoyerCastSendFrame *frame);

/* The same for each frame that is no slate and that @guard refuses; %NULL
 * refuses all. */
void foyer_cast_send_stream_expel (FoyerCastSendStream *self,
    const FoyerCastGuard *guard, gint64 now_us);

/* %FALSE for a malformed datagram; @result is overwritten. */
gboolean foyer_cast_send_stream_receive (FoyerCastSendStream *self,
    const guint8 *data, gsize n_bytes, const FoyerCastSendMoment *moment,
    FoyerCastAckResult *result);

/* Gives up what can't be shown any more and need not be there. */
void foyer_cast_send_stream_expire (FoyerCastSendStream *self, gint64 now_us);

/* The next packet, pending or repeated to start the display up; %NULL if there
 * is none. */
FoyerCastSendFrame *foyer_cast_send_stream_pick (FoyerCastSendStream *self,
    gint64 round_trip_us, gint64 now_us, guint *packet);

/* When _pick would repeat a packet; G_MAXINT64 for never. */
gint64 foyer_cast_send_stream_get_kickstart_us (const FoyerCastSendStream *self,
    gint64 round_trip_us);

/* When a report should leave although none is due, to be answered at once;
 * G_MAXINT64 for never. */
gint64 foyer_cast_send_stream_get_poll_us (FoyerCastSendStream *self,
    gint64 round_trip_us);

/* Writes the header of a packet; returns its length. */
gsize foyer_cast_send_stream_write_header (const FoyerCastSendStream *self,
    const FoyerCastSendFrame *frame, guint packet, guint8 *out);

/* A packet left; %TRUE if not for the first time. */
gboolean foyer_cast_send_stream_commit (FoyerCastSendStream *self,
    FoyerCastSendFrame *frame, guint packet, gsize n_datagram_bytes,
    gint64 now_us);

/* Writes the report that is due; @ntp: @now_us in NTP */
gsize foyer_cast_send_stream_write_report (const FoyerCastSendStream *self,
    guint64 ntp, gint64 now_us, guint8 *out);

/* It left. */
void foyer_cast_send_stream_commit_report (FoyerCastSendStream *self,
    guint64 ntp, gint64 now_us);

G_END_DECLS
