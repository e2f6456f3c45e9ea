/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-send-frame.h"

#include <string.h>

static gsize
get_block_bytes (guint n_packets, gsize n_bytes)
{
  return sizeof (FoyerCastSendFrame) +
      n_packets * sizeof (FoyerCastSendPacket) + n_bytes;
}

FoyerCastSendFrame *
foyer_cast_send_frame_new (FoyerCastFrameId id, const FoyerCastCrypto *crypto,
    const FoyerCastFrame *plain, gsize max_datagram_bytes)
{
  gsize n_bytes = plain->n_bytes;
  guint n_packets = (guint) foyer_cast_rtp_count_packets (n_bytes,
      max_datagram_bytes);
  FoyerCastSendFrame *self = g_malloc (get_block_bytes (n_packets, n_bytes));

  *self = (FoyerCastSendFrame){
    .id = id,
    .is_key = plain->is_key,
    .is_slate = plain->is_slate,
    .tag = plain->tag,
    .sent_us = FOYER_CAST_NEVER_SENT,
    .n_bytes = n_bytes,
    .n_slice_bytes = max_datagram_bytes - FOYER_CAST_RTP_MAX_HEADER_BYTES,
    .n_packets = n_packets,
    .n_pending = n_packets,
    .data = (guint8 *) &self->packets[n_packets],
  };
  for (guint i = 0; i < n_packets; i++)
    self->packets[i] = (FoyerCastSendPacket){ .sent_us = FOYER_CAST_NEVER_SENT,
      .is_pending = TRUE };
  foyer_cast_crypto_apply (crypto, id, plain->data, self->data, n_bytes);
  return self;
}

void
foyer_cast_send_frame_set_pending (FoyerCastSendFrame *self, guint packet,
    gboolean is_pending)
{
  if (self->packets[packet].is_pending == is_pending)
    return;
  self->packets[packet].is_pending = is_pending;
  if (is_pending) {
    self->n_pending++;
    self->first_pending = MIN (self->first_pending, packet);
  } else {
    self->n_pending--;
  }
}

guint
foyer_cast_send_frame_get_pending (FoyerCastSendFrame *self)
{
  if (self->n_pending == 0)
    return self->n_packets;
  while (!self->packets[self->first_pending].is_pending)
    self->first_pending++;
  return self->first_pending;
}

void
foyer_cast_send_frame_hollow (FoyerCastSendFrame *self)
{
  self->is_hollow = TRUE;
  explicit_bzero (self->data, self->n_bytes);
  for (guint i = 0; i < self->n_packets; i++) {
    self->packets[i].is_twice = FALSE;
    foyer_cast_send_frame_set_pending (self, i, FALSE);
  }
}

guint
foyer_cast_send_frame_count_told (const FoyerCastSendFrame *self)
{
  return self->is_hollow ? MAX (self->n_packets, 2) : self->n_packets;
}

gsize
foyer_cast_send_frame_get_slice (const FoyerCastSendFrame *self, guint packet,
    const guint8 **slice)
{
  gsize offset = packet * self->n_slice_bytes;

  if (self->is_hollow) {
    *slice = NULL;
    return 0;
  }
  *slice = self->data + offset;
  return MIN (self->n_slice_bytes, self->n_bytes - offset);
}

void
foyer_cast_send_frame_free (FoyerCastSendFrame *self)
{
  if (self == NULL)
    return;
  explicit_bzero (self, get_block_bytes (self->n_packets, self->n_bytes));
  g_free (self);
}
