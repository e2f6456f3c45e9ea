/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-crypto.h"
#include "foyer-cast-rtp.h"
#include "foyer-cast-types.h"

G_BEGIN_DECLS

/* One encrypted frame in the history of a sender, and what became of each of
 * its packets. One block of memory, wiped when freed. Pure. */

#define FOYER_CAST_NEVER_SENT G_MININT64

typedef struct
{
  gint64 sent_us; /* last time; FOYER_CAST_NEVER_SENT */
  gboolean is_pending;
  gboolean is_twice; /* to leave once more than pending ones do */
} FoyerCastSendPacket;

typedef struct
{
  FoyerCastFrameId id;
  gboolean is_key;
  gboolean is_slate;
  gboolean is_hollow; /* it was wiped: only an empty packet 0 may leave */
  FoyerCastTag tag;
  gboolean is_acked;
  gboolean was_repeated; /* a packet of it was sent twice */
  gint64 capture_us;
  gint64 sent_us; /* when a packet of it last left; FOYER_CAST_NEVER_SENT */
  guint32 rtp_timestamp;
  guint16 delay_ms; /* to be announced; 0 for none */
  gsize n_bytes;
  gsize n_slice_bytes; /* payload of each packet but the last */
  guint n_packets;
  guint n_pending;
  guint first_pending; /* none before it is pending */
  guint8 *data;        /* n_bytes, in the same block, behind the packets */
  FoyerCastSendPacket packets[];
} FoyerCastSendFrame;

/**
 * foyer_cast_send_frame_new:
 * @id: its number
 * @crypto: the stream's keys
 * @plain: the frame
 * @max_datagram_bytes: 1472 or 1452
 *
 * Returns: (transfer full): the frame, encrypted, all packets pending
 */
FoyerCastSendFrame *foyer_cast_send_frame_new (FoyerCastFrameId id,
    const FoyerCastCrypto *crypto, const FoyerCastFrame *plain,
    gsize max_datagram_bytes);

/* Makes a packet pending, or not. */
void foyer_cast_send_frame_set_pending (FoyerCastSendFrame *self, guint packet,
    gboolean is_pending);

/* The first pending packet; n_packets if none is. */
guint foyer_cast_send_frame_get_pending (FoyerCastSendFrame *self);

/* Wipes its bytes, and its packets are pending no more. The block stays, since
 * slices may be borrowed and the display may still ask for it. */
void foyer_cast_send_frame_hollow (FoyerCastSendFrame *self);

/* How many packets its headers speak of: a hollow frame is never complete. */
guint foyer_cast_send_frame_count_told (const FoyerCastSendFrame *self);

/* (out): the slice of @packet, borrowed; its length is returned. */
gsize foyer_cast_send_frame_get_slice (const FoyerCastSendFrame *self,
    guint packet, const guint8 **slice);

/* (transfer full) (nullable) */
void foyer_cast_send_frame_free (FoyerCastSendFrame *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastSendFrame, foyer_cast_send_frame_free)

G_END_DECLS
