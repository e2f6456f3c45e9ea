/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-crypto.h"
#include "foyer-cast-rtp.h"
#include "foyer-cast-types.h"

G_BEGIN_DECLS

/* The packets of one frame, in whatever order they come, until they are a
 * frame. Holds memory only for what came. Pure. */

typedef struct
{
  guint8 *data;  /* (nullable): NULL while it has not come */
  guint n_bytes; /* of data, may be 0 when it came */
} FoyerCastSlice;

typedef struct
{
  gboolean is_begun;       /* a packet came, and what follows is known */
  gboolean is_independent; /* refers to no other frame */
  guint32 rtp_timestamp;
  gboolean has_delay;
  guint16 delay_ms;
  gint64 first_us; /* when its first packet came */
  gint64 last_us;  /* when its newest packet came */

  guint n_packets;
  guint n_collected;
  guint n_known; /* highest packet that came, plus 1 */
  gsize n_bytes; /* payload so far */
  FoyerCastSlice *slices;
} FoyerCastCollector;

typedef enum
{
  FOYER_CAST_COLLECT_IGNORED = 0, /* contradicts what came before, too much */
  FOYER_CAST_COLLECT_DOUBLE,      /* it was there already */
  FOYER_CAST_COLLECT_TAKEN,
} FoyerCastCollect;

/* Adds a packet of the frame; @payload is copied. */
FoyerCastCollect foyer_cast_collector_add (FoyerCastCollector *self,
    const FoyerCastRtpHeader *header, const guint8 *payload,
    gsize n_payload_bytes, gint64 now_us);

gboolean foyer_cast_collector_is_complete (const FoyerCastCollector *self);

gboolean foyer_cast_collector_has_packet (const FoyerCastCollector *self,
    guint packet);

/* Memory it holds, in bytes. */
gsize foyer_cast_collector_get_size (const FoyerCastCollector *self);

/**
 * foyer_cast_collector_assemble:
 * @self: a complete frame
 * @crypto: the stream's keys
 * @id: the frame's number
 *
 * Returns: (transfer full): the frame, decrypted
 */
GBytes *foyer_cast_collector_assemble (const FoyerCastCollector *self,
    const FoyerCastCrypto *crypto, FoyerCastFrameId id);

/* Wipes it; it may be used for another frame. */
void foyer_cast_collector_clear (FoyerCastCollector *self);

G_END_DECLS
