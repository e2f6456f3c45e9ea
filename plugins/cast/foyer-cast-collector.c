/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-collector.h"

#include "foyer-cast-limits.h"

#include <string.h>

/* Slices smaller than this are cut by nobody (§ "must carry at least 256" of
 * openscreen cast/streaming/rtp_defines.h is for the whole datagram), so that
 * more of them than this is no frame. */
#define MIN_SLICE_BYTES 200
#define MAX_PACKETS     (FOYER_CAST_MAX_FRAME_BYTES / MIN_SLICE_BYTES)

static void
begin (FoyerCastCollector *self, const FoyerCastRtpHeader *header,
    gint64 now_us)
{
  self->is_begun = TRUE;
  self->is_independent = header->is_key ||
      (header->has_reference && header->reference_low == header->frame_id_low);
  self->rtp_timestamp = header->timestamp;
  self->first_us = now_us;
  self->n_packets = (guint) header->max_packet_id + 1;
  self->slices = g_new0 (FoyerCastSlice, self->n_packets);
}

FoyerCastCollect
foyer_cast_collector_add (FoyerCastCollector *self,
    const FoyerCastRtpHeader *header, const guint8 *payload,
    gsize n_payload_bytes, gint64 now_us)
{
  FoyerCastSlice *slice;

  if (header->packet_id > header->max_packet_id ||
      (guint) header->max_packet_id + 1 > MAX_PACKETS ||
      n_payload_bytes > FOYER_CAST_MAX_FRAME_BYTES - self->n_bytes)
    return FOYER_CAST_COLLECT_IGNORED;
  if (!self->is_begun)
    begin (self, header, now_us);
  if ((guint) header->max_packet_id + 1 != self->n_packets)
    return FOYER_CAST_COLLECT_IGNORED;
  slice = &self->slices[header->packet_id];
  if (slice->data != NULL)
    return FOYER_CAST_COLLECT_DOUBLE;
  slice->data = g_malloc (MAX (n_payload_bytes, 1));
  slice->n_bytes = (guint) n_payload_bytes;
  if (n_payload_bytes > 0)
    memcpy (slice->data, payload, n_payload_bytes);
  if (header->has_delay && header->packet_id == 0) {
    self->has_delay = TRUE;
    self->delay_ms = header->delay_ms;
  }
  self->n_bytes += n_payload_bytes;
  self->n_collected++;
  self->n_known = MAX (self->n_known, (guint) header->packet_id + 1);
  self->last_us = now_us;
  return FOYER_CAST_COLLECT_TAKEN;
}

gboolean
foyer_cast_collector_is_complete (const FoyerCastCollector *self)
{
  return self->is_begun && self->n_collected == self->n_packets;
}

gboolean
foyer_cast_collector_has_packet (const FoyerCastCollector *self, guint packet)
{
  return packet < self->n_packets && self->slices[packet].data != NULL;
}

gsize
foyer_cast_collector_get_size (const FoyerCastCollector *self)
{
  return self->n_packets * sizeof *self->slices + self->n_bytes;
}

GBytes *
foyer_cast_collector_assemble (const FoyerCastCollector *self,
    const FoyerCastCrypto *crypto, FoyerCastFrameId id)
{
  guint8 *data = g_malloc (MAX (self->n_bytes, 1));
  gsize n_bytes = 0;

  for (guint i = 0; i < self->n_packets; i++) {
    memcpy (data + n_bytes, self->slices[i].data, self->slices[i].n_bytes);
    n_bytes += self->slices[i].n_bytes;
  }
  foyer_cast_crypto_apply (crypto, id, data, data, n_bytes);
  return g_bytes_new_take (data, n_bytes);
}

void
foyer_cast_collector_clear (FoyerCastCollector *self)
{
  for (guint i = 0; i < self->n_packets; i++) {
    if (self->slices[i].data != NULL)
      explicit_bzero (self->slices[i].data, self->slices[i].n_bytes);
    g_free (self->slices[i].data);
  }
  g_free (self->slices);
  memset (self, 0, sizeof *self);
}
