/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-key.h"

#include <glib.h>

G_BEGIN_DECLS

/* Words that the whole room shares. */

/* A frame's number in its stream: 0, 1, 2… without holes; -1 is "none yet". */
typedef gint64 FoyerCastFrameId;
#define FOYER_CAST_FRAME_ID_NONE ((FoyerCastFrameId) -1)

typedef enum
{
  FOYER_CAST_CODEC_NONE = 0,
  FOYER_CAST_CODEC_H264,
  FOYER_CAST_CODEC_VP8,
  FOYER_CAST_CODEC_OPUS,
} FoyerCastCodec;

typedef enum
{
  FOYER_CAST_STREAM_VIDEO = 0,
  FOYER_CAST_STREAM_AUDIO,
} FoyerCastStreamKind;

/**
 * FoyerCastStreamConfig:
 * @kind: what it carries
 * @codec: how that is coded
 * @payload_type: 96…104 or 127
 * @sender_ssrc: the sender's SSRC
 * @receiver_ssrc: the receiver's SSRC
 * @time_base_hz: RTP ticks a second: 90000 for video, the rate for audio
 * @target_delay_ms: from capture to display
 * @key: AES-128 key of this stream of this session
 * @iv_mask: its nonce mask
 * @max_datagram_bytes: 1472 over IPv4, 1452 over IPv6
 * @first_sequence: sequence number of the sender's first datagram: random, to
 *   be drawn by whoever draws the keys; of no use to a receiver
 * @offer: seqNum of the OFFER that @key and @iv_mask were made for; of no use
 *   to a receiver
 *
 * One stream as OFFER and ANSWER settled it; what both engines are made from.
 */
typedef struct
{
  FoyerCastStreamKind kind;
  FoyerCastCodec codec;
  guint8 payload_type;
  guint32 sender_ssrc;
  guint32 receiver_ssrc;
  guint32 time_base_hz;
  guint32 target_delay_ms;
  FoyerKey key;
  FoyerKey iv_mask;
  gsize max_datagram_bytes;
  guint16 first_sequence;
  guint32 offer;
} FoyerCastStreamConfig;

/**
 * FoyerCastTag:
 * @camera: which camera it was captured from; 0 for none that is known
 * @generation: which opening of that camera
 * @sequence: its number since that opening
 * @capture_us: when it was captured, monotonic
 *
 * Where a frame comes from. It stays with the frame for as long as any part of
 * it can leave.
 */
typedef struct
{
  guint64 camera;
  guint64 generation;
  guint64 sequence;
  gint64 capture_us;
} FoyerCastTag;

/**
 * FoyerCastFrame:
 * @data: (array length=n_bytes): the coded frame, plain; not kept
 * @n_bytes: its length, may be 0
 * @is_key: it refers to no other
 * @is_slate: it was generated, not captured: no guard is asked of it, and it
 *   may still be shown once the session's frames are closed. Only who has
 *   generated a picture may say so, by name; what came from a camera, or from
 *   anywhere else, never is one
 * @tag: where it comes from; of a slate its capture time alone: one that names a
 *   camera, a generation or a sequence is refused
 */
typedef struct
{
  const guint8 *data;
  gsize n_bytes;
  gboolean is_key;
  gboolean is_slate;
  FoyerCastTag tag;
} FoyerCastFrame;

/**
 * FoyerCastGuard:
 * @may_leave: (nullable): whether a part of the frame of @tag may leave at
 *   @now_us, monotonic; %NULL for always
 * @leaving: (nullable): told before a datagram that it let through leaves, how
 *   many bytes that has
 * @user_data: for them; must outlive whoever asks
 *
 * Asked of every frame, and again of every datagram of it, sent for the first
 * time or once more: a grant may have ended in between. Both are called with a
 * lock held, on any thread, one call at a time: they must not block, nor call back.
 */
typedef struct
{
  gboolean (
      *may_leave) (const FoyerCastTag *tag, gint64 now_us, gpointer user_data);
  void (*leaving) (gsize n_bytes, gpointer user_data);
  gpointer user_data;
} FoyerCastGuard;

/**
 * foyer_cast_codec_to_string:
 * @codec: a codec
 *
 * Returns: its codecName in an OFFER ("h264", "vp8", "opus"), or "none"
 */
const char *foyer_cast_codec_to_string (FoyerCastCodec codec);

/**
 * foyer_cast_codec_from_string:
 * @name: (nullable): a codecName
 *
 * Returns: the codec, or %FOYER_CAST_CODEC_NONE for one we do not speak
 */
FoyerCastCodec foyer_cast_codec_from_string (const char *name);

G_END_DECLS
