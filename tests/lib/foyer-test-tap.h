/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-types.h"

G_BEGIN_DECLS

/* A tap on the socket of a display in this process: every datagram with the
 * moment at which the kernel had it, before the display can lose it. Over
 * loopback that is before the sender's call returns. A program that is linked
 * with --wrap=foyer_cast_udp_receive has it. */

typedef struct _FoyerTestTap FoyerTestTap;

/* What came after some moment. */
typedef struct
{
  guint64 n_camera_bytes;  /* of pictures with a mark, or that need others */
  guint64 n_slate_bytes;   /* of pictures that stand alone and have no mark */
  guint64 n_unknown_bytes; /* of frames that did not come whole */
  guint64 n_sound_bytes;
} FoyerTestLate;

/**
 * foyer_test_tap_place:
 * @stamp_ns: when the kernel had a datagram, by the wall clock
 * @offset: from that clock to CLOCK_MONOTONIC, now
 * @before: the same before it was received
 * @now: CLOCK_MONOTONIC
 *
 * Returns: when that was, by CLOCK_MONOTONIC, also if somebody has just set the wall
 *   clock
 */
gint64 foyer_test_tap_place (gint64 stamp_ns, gint64 offset, gint64 before,
    gint64 now);

FoyerTestTap *foyer_test_tap_new (void);

/* From now on all that this thread receives goes through the tap, which is told
 * the keys by which frames can be read. */
void foyer_test_tap_begin (FoyerTestTap *self,
    const FoyerCastStreamConfig *video);

/* A datagram is there; the kernel had it at @arrival_ns, CLOCK_MONOTONIC. What is
 * received by foyer_cast_udp_receive() is kept by itself. */
void foyer_test_tap_keep (FoyerTestTap *self, const guint8 *data, gsize n_bytes,
    gint64 arrival_ns);

/* From now on the session has sound as well; after the former. */
void foyer_test_tap_begin_sound (FoyerTestTap *self,
    const FoyerCastStreamConfig *sound);

/**
 * foyer_test_tap_note_packet:
 * @self: a tap
 * @id: number of a packet of sound that has come
 * @is_forged: (out): whether its newest datagram was injected
 *
 * On the same thread.
 *
 * Returns: when that datagram came
 */
gint64 foyer_test_tap_note_packet (FoyerTestTap *self, FoyerCastFrameId id,
    gboolean *is_forged);

/* A frame of this number has come; when its last datagram did. On the same
 * thread. */
gint64 foyer_test_tap_note_frame (FoyerTestTap *self, FoyerCastFrameId id);

/* The stream is over: nothing can be sent from its socket any more. */
void foyer_test_tap_end (FoyerTestTap *self);

/**
 * foyer_test_tap_get_stream:
 * @self: a tap
 * @kind: pictures or sound
 * @stream: (out caller-allocates): the one now or last
 * @last_id: (out): number of its newest frame
 *
 * Any thread.
 *
 * Returns: whether there is one
 */
gboolean foyer_test_tap_get_stream (FoyerTestTap *self,
    FoyerCastStreamKind kind, FoyerCastStreamConfig *stream,
    FoyerCastFrameId *last_id);

/**
 * foyer_test_tap_dup_kept:
 * @self: a tap
 * @ssrc: of a stream's sender
 *
 * Any thread.
 *
 * Returns: (transfer full) (element-type GBytes): the datagrams of the stream's
 *   frames, the oldest first, as far back as it can remember
 */
GPtrArray *foyer_test_tap_dup_kept (FoyerTestTap *self, guint32 ssrc);

/* Another datagram to be received, as if the stream's sender had sent it, with the
 * next one that comes. Any thread. */
void foyer_test_tap_inject (FoyerTestTap *self, GBytes *datagram);

/* Sends from the display's own socket to the sender of @to's stream. Any thread.
 * %FALSE if one of them has none. */
gboolean foyer_test_tap_send (FoyerTestTap *self, FoyerTestTap *to,
    const guint8 *data, gsize n_bytes);

/* Datagrams since the beginning. Any thread. */
void foyer_test_tap_count (FoyerTestTap *self, guint64 *n_datagrams,
    guint64 *n_bytes);

/* Looks at what came after @after_ns, CLOCK_MONOTONIC, as far back as it can
 * remember: some hundred datagrams. Any thread. */
void foyer_test_tap_look (FoyerTestTap *self, gint64 after_ns,
    FoyerTestLate *late);

/* Reads what is kept with the keys of another stream. Any thread. @n_frames: (out):
 * frames that are there in whole; @n_pictures: (out): those that gave a picture
 * with a mark. */
void foyer_test_tap_try_keys (FoyerTestTap *self,
    const FoyerCastStreamConfig *keys, guint *n_frames, guint *n_pictures);

/* The same of sound; @n_tones: (out): tones that were heard. */
void foyer_test_tap_try_sound_keys (FoyerTestTap *self,
    const FoyerCastStreamConfig *keys, guint *n_packets, guint *n_tones);

void foyer_test_tap_free (FoyerTestTap *self);

G_END_DECLS
