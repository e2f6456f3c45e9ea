/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-limits.h"
#include "foyer-cast-types.h"

G_BEGIN_DECLS

/* The receiving engine of one session: datagrams in, frames out, feedback out.
 * Pure: no socket, clock or thread; the caller serialises the calls and hands
 * in the time (monotonic, microseconds).
 *
 * Frames leave complete and in order. One that is not there in time holds up
 * the rest until it comes or a later complete frame that refers to none can
 * take its place. A frame past its time leaves with is_late set: a decoder may
 * need it as a reference, a person never sees it. */

typedef struct _FoyerCastReceiver FoyerCastReceiver;

/**
 * FoyerCastReceivedFrame:
 * @stream: index of its stream
 * @frame_id: its number
 * @is_key: it refers to no other frame
 * @is_late: past its time; to be decoded at most, never shown
 * @n_skipped: frames given up just before it
 * @data: (transfer full): the frame, decrypted
 * @rtp_timestamp: expanded
 * @capture_us: when it was captured, on our clock, as the reports say
 * @playout_us: when it is to be shown: capture and the target delay
 * @first_packet_us: when its first packet came
 * @complete_us: when its last packet came
 */
typedef struct
{
  guint stream;
  FoyerCastFrameId frame_id;
  gboolean is_key;
  gboolean is_late;
  guint n_skipped;
  GBytes *data;
  gint64 rtp_timestamp;
  gint64 capture_us;
  gint64 playout_us;
  gint64 first_packet_us;
  gint64 complete_us;
} FoyerCastReceivedFrame;

void foyer_cast_received_frame_clear (FoyerCastReceivedFrame *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastReceivedFrame,
    foyer_cast_received_frame_clear)

/**
 * FoyerCastReceiverStats:
 * @n_datagrams: valid RTP datagrams
 * @n_bytes: their bytes
 * @n_lost: datagrams that never came, by sequence number
 * @n_doubles: packets of frames that had them already
 * @n_frames: frames given out
 * @n_late: of these, late
 * @n_skipped: frames given up
 * @n_key_requests: PLIs begun
 * @n_bad_datagrams: datagrams that were nothing for us
 */
typedef struct
{
  guint64 n_datagrams;
  guint64 n_bytes;
  guint64 n_lost;
  guint64 n_doubles;
  guint64 n_frames;
  guint64 n_late;
  guint64 n_skipped;
  guint64 n_key_requests;
  guint64 n_bad_datagrams;
} FoyerCastReceiverStats;

/**
 * foyer_cast_receiver_new:
 * @streams: (array length=n_streams): the streams; keys are copied
 * @n_streams: 1…FOYER_CAST_MAX_STREAMS
 * @now_us: monotonic time
 * @wall_us: time of day at @now_us, for the reference times we send
 *
 * Returns: (transfer full): the engine
 */
FoyerCastReceiver *foyer_cast_receiver_new (
    const FoyerCastStreamConfig *streams, guint n_streams, gint64 now_us,
    gint64 wall_us);

/**
 * foyer_cast_receiver_receive:
 * @self: a receiver
 * @data: (array length=n_bytes): a datagram from the sender
 * @n_bytes: its length
 * @now_us: when it came
 *
 * Returns: %TRUE if it belongs to one of the streams, so that its origin may
 *   be taken for the sender's address
 */
gboolean foyer_cast_receiver_receive (FoyerCastReceiver *self,
    const guint8 *data, gsize n_bytes, gint64 now_us);

/**
 * foyer_cast_receiver_pop:
 * @self: a receiver
 * @now_us: monotonic time
 * @frame: (out caller-allocates): the next frame of any stream
 *
 * Returns: %FALSE if none is ready
 */
gboolean foyer_cast_receiver_pop (FoyerCastReceiver *self, gint64 now_us,
    FoyerCastReceivedFrame *frame);

/**
 * foyer_cast_receiver_pull_feedback:
 * @self: a receiver
 * @now_us: monotonic time
 * @out: (out caller-allocates): FOYER_CAST_MAX_DATAGRAM6_BYTES of room
 *
 * Returns: length of the feedback datagram to send now; 0 for none
 */
gsize foyer_cast_receiver_pull_feedback (FoyerCastReceiver *self, gint64 now_us,
    guint8 *out);

/**
 * foyer_cast_receiver_get_deadline_us:
 * @self: a receiver
 * @now_us: monotonic time
 *
 * Returns: when _pop and _pull_feedback should be asked again; %G_MAXINT64 for
 *   not before the next datagram
 */
gint64 foyer_cast_receiver_get_deadline_us (FoyerCastReceiver *self,
    gint64 now_us);

/* The decoder of @stream lost its picture: ask the sender for a key frame. */
void foyer_cast_receiver_request_key (FoyerCastReceiver *self, guint stream);

/* When the last valid datagram came; @now_us of _new before the first. */
gint64 foyer_cast_receiver_get_last_packet_us (const FoyerCastReceiver *self);

/* Figures since the beginning. */
void foyer_cast_receiver_get_stats (const FoyerCastReceiver *self,
    FoyerCastReceiverStats *stats);

/**
 * foyer_cast_receiver_free:
 * @self: (transfer full) (nullable): a receiver; keys and frames are wiped
 */
void foyer_cast_receiver_free (FoyerCastReceiver *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastReceiver, foyer_cast_receiver_free)

G_END_DECLS
