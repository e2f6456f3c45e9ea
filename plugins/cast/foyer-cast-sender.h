/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-keys.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-rtp.h"
#include "foyer-cast-types.h"

G_BEGIN_DECLS

/* The sending engine of one session: frames in, datagrams out, feedback in.
 * Pure: no socket, clock or thread; the caller serialises the calls and hands
 * in the time (monotonic, microseconds). It owns the session's keys and its
 * history of encrypted frames and wipes both when freed.
 *
 *     check → enqueue → [encrypt → history → pacer] → peek/commit → datagrams
 *                             ^ retransmission            | feedback
 *                             '----- acks, NACKs, PLI ----'
 */

typedef struct _FoyerCastSender FoyerCastSender;

/* Why a frame was not taken; 0 is "taken". */
typedef enum
{
  FOYER_CAST_VERDICT_SEND = 0,
  FOYER_CAST_VERDICT_IN_FLIGHT, /* the network is behind: too much unacked */
  FOYER_CAST_VERDICT_ID_SPAN,   /* 120 frames unacked */
  FOYER_CAST_VERDICT_TOO_LARGE, /* over FOYER_CAST_MAX_FRAME_BYTES */
  FOYER_CAST_VERDICT_NEED_KEY,  /* this one refers to a frame not sent */
  FOYER_CAST_VERDICT_TOO_OLD,   /* would be complete after its time */
  FOYER_CAST_VERDICT_REFUSED,   /* by the guard, or frames are closed */
  FOYER_CAST_N_VERDICTS,
} FoyerCastVerdict;

/* "sent", "in-flight", "id-span", "too-large", "need-key", "too-old",
 * "refused" */
const char *foyer_cast_verdict_to_string (FoyerCastVerdict verdict);

/**
 * FoyerCastDatagram:
 * @header: RTP header or a whole RTCP packet
 * @n_header_bytes: its length
 * @payload: (nullable): slice of an encrypted frame, borrowed until the next
 *   call on the sender that is neither _peek nor _commit
 * @n_payload_bytes: its length
 * @is_guarded: it carries a part of a frame that is no slate
 * @tag: where that frame comes from, if @is_guarded
 *
 * One datagram in two parts, so that no slice is copied before the kernel's
 * own copy.
 */
typedef struct
{
  guint8 header[32];
  gsize n_header_bytes;
  const guint8 *payload;
  gsize n_payload_bytes;
  gboolean is_guarded;
  FoyerCastTag tag;
} FoyerCastDatagram;

/**
 * FoyerCastSenderStats:
 * @rtt_us: smoothed round trip; -1 while unknown
 * @fraction_lost: of 256, as the display last reported
 * @n_datagrams: RTP datagrams sent, retransmissions included
 * @n_retransmitted: of these, sent again
 * @n_bytes: RTP bytes sent, headers included
 * @n_frames: frames taken, by verdict (index %FOYER_CAST_VERDICT_SEND is sent)
 * @n_key_requests: PLIs obeyed
 * @n_bad_datagrams: datagrams that were no feedback for us
 * @estimate_bps: bandwidth estimate; 0 while unknown
 * @ack_delay_us: smoothed time from a frame's capture to its acknowledgement
 *   less half the round trip: an estimate of capture → complete at the
 *   display; -1 while unknown
 */
typedef struct
{
  gint64 rtt_us;
  guint8 fraction_lost;
  guint64 n_datagrams;
  guint64 n_retransmitted;
  guint64 n_bytes;
  guint64 n_frames[FOYER_CAST_N_VERDICTS];
  guint64 n_key_requests;
  guint64 n_bad_datagrams;
  guint64 estimate_bps;
  gint64 ack_delay_us;
} FoyerCastSenderStats;

/**
 * foyer_cast_sender_new:
 * @streams: (array length=n_streams): the streams; keys are copied
 * @n_streams: 1…FOYER_CAST_MAX_STREAMS
 * @now_us: monotonic time
 * @wall_us: time of day at @now_us, the NTP origin; read once, so that jumps
 *   of the wall clock do not matter
 *
 * Returns: (transfer full): the engine
 */
FoyerCastSender *foyer_cast_sender_new (const FoyerCastStreamConfig *streams,
    guint n_streams, gint64 now_us, gint64 wall_us);

/**
 * foyer_cast_sender_set_root:
 * @self: a sender that has taken no frame yet
 * @root: copied
 *
 * From now on each frame is encrypted under the key of the camera and
 * generation of its own tag, a slate under that of @root's. The display was
 * offered the latter, and nothing else can be read there.
 */
void foyer_cast_sender_set_root (FoyerCastSender *self,
    const FoyerCastKeyRoot *root);

/**
 * foyer_cast_sender_set_guard:
 * @self: a sender
 * @guard: copied
 *
 * Asked in foyer_cast_sender_enqueue() of each frame but slates, and in
 * foyer_cast_sender_peek() of each datagram with a part of one. A frame of which
 * a datagram is refused is wiped and given up: of it only an empty packet may
 * still leave, for displays that could not skip it otherwise, and unless a key frame follows
 * already the stream wants one.
 */
void foyer_cast_sender_set_guard (FoyerCastSender *self,
    const FoyerCastGuard *guard);

/**
 * foyer_cast_sender_set_bit_rates:
 * @self: a sender
 * @min_bps: least video bit rate
 * @max_bps: most
 *
 * Bounds of foyer_cast_sender_get_video_bps(), which starts at half of @max_bps
 * but not under @min_bps.
 */
void foyer_cast_sender_set_bit_rates (FoyerCastSender *self, guint32 min_bps,
    guint32 max_bps);

/**
 * foyer_cast_sender_set_delay:
 * @self: a sender
 * @delay_ms: new target delay of all streams, announced in packet 0 of each
 *   stream's next frame
 */
void foyer_cast_sender_set_delay (FoyerCastSender *self, guint32 delay_ms);

/**
 * foyer_cast_sender_check:
 * @self: a sender
 * @stream: index of the stream
 * @capture_us: when the raw frame was captured, monotonic
 * @now_us: monotonic time
 *
 * To be asked before a frame is encoded: a frame dropped then costs nothing and
 * breaks no reference. A refusal is counted.
 *
 * Returns: %FOYER_CAST_VERDICT_SEND if it may be encoded
 */
FoyerCastVerdict foyer_cast_sender_check (FoyerCastSender *self, guint stream,
    gint64 capture_us, gint64 now_us);

/**
 * foyer_cast_sender_enqueue:
 * @self: a sender
 * @stream: index of the stream
 * @frame: the coded frame; timestamps are made from its capture time and forced
 *   to increase
 * @now_us: monotonic time
 *
 * Encrypts the frame into the history. A refused frame consumes no frame id
 * and makes the stream want a key frame. Applies foyer_cast_sender_check()'s
 * rules again only to frames that were never checked (pass-through), so one
 * that was let through before encoding is never refused for being in flight.
 *
 * Returns: %FOYER_CAST_VERDICT_SEND if it was taken
 */
FoyerCastVerdict foyer_cast_sender_enqueue (FoyerCastSender *self, guint stream,
    const FoyerCastFrame *frame, gint64 now_us);

/**
 * foyer_cast_sender_receive:
 * @self: a sender
 * @data: (array length=n_bytes): a datagram from the display's address
 * @n_bytes: its length
 * @now_us: monotonic time
 *
 * Returns: %TRUE if it was feedback on one of the streams
 */
gboolean foyer_cast_sender_receive (FoyerCastSender *self, const guint8 *data,
    gsize n_bytes, gint64 now_us);

/**
 * foyer_cast_sender_peek:
 * @self: a sender
 * @now_us: monotonic time
 * @datagram: (out caller-allocates): what to send now
 *
 * Gives the next datagram that is due and that the pacer allows: reports first,
 * then retransmissions and new packets of the oldest frame, audio before video.
 * Peeking twice gives the same datagram; foyer_cast_sender_commit() moves on,
 * so that a socket without room loses nothing.
 *
 * Returns: %FALSE if nothing is to be sent now
 */
gboolean foyer_cast_sender_peek (FoyerCastSender *self, gint64 now_us,
    FoyerCastDatagram *datagram);

/**
 * foyer_cast_sender_commit:
 * @self: a sender
 * @now_us: when the datagram last peeked left
 */
void foyer_cast_sender_commit (FoyerCastSender *self, gint64 now_us);

/**
 * foyer_cast_sender_may_leave:
 * @self: a sender
 * @datagram: what was peeked before, and perhaps committed, but not sent yet
 * @now_us: monotonic time
 *
 * Asks the guard once more. A refusal gives up every frame in the history that
 * is refused now.
 *
 * Returns: %FALSE if it must not be sent any more
 */
gboolean foyer_cast_sender_may_leave (FoyerCastSender *self,
    const FoyerCastDatagram *datagram, gint64 now_us);

/**
 * foyer_cast_sender_close_frames:
 * @self: a sender
 *
 * Wipes all frames but slates and refuses them from now on.
 */
void foyer_cast_sender_close_frames (FoyerCastSender *self);

/**
 * foyer_cast_sender_get_deadline_us:
 * @self: a sender
 * @now_us: monotonic time
 *
 * Returns: when foyer_cast_sender_peek() should be asked again; %G_MAXINT64 for
 *   not before the next enqueue or receive
 */
gint64 foyer_cast_sender_get_deadline_us (FoyerCastSender *self, gint64 now_us);

/**
 * foyer_cast_sender_needs_key:
 * @self: a sender
 * @stream: index of the stream
 *
 * Returns: %TRUE if the next frame of the stream must be a key frame: at the
 *   beginning, after a refused coded frame, or because the display lost one
 */
gboolean foyer_cast_sender_needs_key (const FoyerCastSender *self,
    guint stream);

/**
 * foyer_cast_sender_get_video_bps:
 * @self: a sender
 * @now_us: monotonic time
 *
 * Returns: what the video encoder should make, in bit/s; goes down at once, up
 *   by at most a tenth every 500 ms
 */
guint32 foyer_cast_sender_get_video_bps (FoyerCastSender *self, gint64 now_us);

/* When the last valid feedback came; @now_us of _new before the first. */
gint64 foyer_cast_sender_get_last_feedback_us (const FoyerCastSender *self);

/* Figures since the beginning. */
void foyer_cast_sender_get_stats (const FoyerCastSender *self,
    FoyerCastSenderStats *stats);

/**
 * foyer_cast_sender_free:
 * @self: (transfer full) (nullable): a sender; keys and history are wiped
 */
void foyer_cast_sender_free (FoyerCastSender *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastSender, foyer_cast_sender_free)

G_END_DECLS
