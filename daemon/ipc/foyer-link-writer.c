/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-link-message.h"
#include "foyer-link-pool.h"
#include "foyer-link.h"
#include "foyer-packet.h"
#include "foyer-shape.h"

#include <gio/gio.h>
#include <sys/socket.h>

/* The writing end of a link. */

struct _FoyerLinkWriter
{
  int socket; /* owned */
  FoyerLinkPool pool;
  FoyerShape shape;       /* of the frames from here on */
  gboolean has_shape;     /* there is one */
  gboolean is_shape_told; /* and the reader knows it */
  gboolean needs_key;     /* what refers to other frames is dropped */
  gboolean is_gone;       /* for good */
  FoyerLinkWish wish;
};

static FoyerPacketResult
send_message (FoyerLinkWriter *self, const FoyerLinkMessage *message,
    const int *fd)
{
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];
  gsize n_bytes = foyer_link_message_write (message, bytes);

  if (n_bytes == 0)
    return FOYER_PACKET_BROKEN;
  return foyer_packet_send (self->socket, bytes, n_bytes, fd, fd != NULL);
}

static gboolean
hand_over_pool (FoyerLinkWriter *self, gsize slot_bytes, guint n_slots,
    GError **error)
{
  foyer_autofd int fd = foyer_link_pool_make (&self->pool, slot_bytes, n_slots,
      error);
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_POOL,
    .slot_bytes = (guint32) slot_bytes,
    .n_slots = (guint8) n_slots };

  if (fd < 0)
    return FALSE;
  if (send_message (self, &message, &fd) != FOYER_PACKET_DONE) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
        "handing over a link's pool: the reader is gone");
    return FALSE;
  }
  return TRUE;
}

FoyerLinkWriter *
foyer_link_writer_new (int socket, gsize slot_bytes, guint n_slots,
    GError **error)
{
  g_autoptr (FoyerLinkWriter) self = g_new0 (FoyerLinkWriter, 1);

  self->socket = socket;
  self->needs_key = TRUE;
  if (slot_bytes == 0 || slot_bytes > FOYER_LINK_MAX_SLOT_BYTES ||
      n_slots == 0 || n_slots > FOYER_LINK_MAX_SLOTS) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "no link has %u slots of %" G_GSIZE_FORMAT " bytes", n_slots,
        slot_bytes);
    return NULL;
  }
  slot_bytes += FOYER_LINK_PAGE_BYTES - 1;
  slot_bytes -= slot_bytes % FOYER_LINK_PAGE_BYTES;
  if (!hand_over_pool (self, slot_bytes, n_slots, error))
    return NULL;
  return g_steal_pointer (&self);
}

int
foyer_link_writer_get_fd (const FoyerLinkWriter *self)
{
  return self->socket;
}

/* Tells the shape if it must; FALSE if there is none or no room now. */
static gboolean
ensure_shape_told (FoyerLinkWriter *self)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_SHAPE,
    .shape = self->shape };
  FoyerPacketResult result;

  if (self->is_shape_told || !self->has_shape || self->is_gone)
    return self->is_shape_told;
  result = send_message (self, &message, NULL);
  self->is_shape_told = result == FOYER_PACKET_DONE;
  self->is_gone = result != FOYER_PACKET_DONE && result != FOYER_PACKET_NONE;
  return self->is_shape_told;
}

gboolean
foyer_link_writer_set_shape (FoyerLinkWriter *self, const FoyerShape *shape)
{
  g_return_val_if_fail (foyer_shape_is_valid (shape), FALSE);
  if (!self->has_shape || !foyer_shape_equal (&self->shape, shape)) {
    self->shape = *shape;
    self->has_shape = TRUE;
    self->is_shape_told = FALSE;
    self->needs_key = TRUE;
  }
  ensure_shape_told (self);
  return !self->is_gone;
}

/* Takes one message of the reader; FALSE if it broke the rules. */
static gboolean
take_message (FoyerLinkWriter *self, const FoyerLinkMessage *message)
{
  switch (message->type) {
    case FOYER_LINK_MESSAGE_RELEASE:
      if (!foyer_slots_give_back (&self->pool.slots, message->slot))
        return FALSE;
      foyer_link_pool_wipe (&self->pool, message->slot);
      return TRUE;
    case FOYER_LINK_MESSAGE_WANT_KEY:
      self->wish.wants_key = TRUE;
      return TRUE;
    case FOYER_LINK_MESSAGE_RATE:
      self->wish.bps = message->bps;
      return TRUE;
    case FOYER_LINK_MESSAGE_NONE:
    case FOYER_LINK_MESSAGE_POOL:
    case FOYER_LINK_MESSAGE_SHAPE:
    case FOYER_LINK_MESSAGE_FRAME:
    case FOYER_LINK_N_MESSAGES:
      return FALSE;
  }
  return FALSE;
}

/* One message, if there is one; FALSE when there is none, or self is gone. */
static gboolean
receive_one (FoyerLinkWriter *self)
{
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];
  g_auto (FoyerPacket) packet = { 0 };
  FoyerLinkMessage message;
  FoyerPacketResult result = foyer_packet_receive (self->socket, bytes,
      sizeof bytes, &packet);

  if (result == FOYER_PACKET_NONE)
    return FALSE;
  if (result != FOYER_PACKET_DONE || packet.n_fds > 0 ||
      !foyer_link_message_read (&message, bytes, packet.n_bytes) ||
      !take_message (self, &message))
    self->is_gone = TRUE;
  return !self->is_gone;
}

/* What comes in is bounded by what fits into the socket. */
static void
receive_all (FoyerLinkWriter *self)
{
  for (guint i = 0; !self->is_gone && i < G_MAXUINT8; i++) {
    if (!receive_one (self))
      return;
  }
}

static FoyerLinkResult
drop (FoyerLinkWriter *self)
{
  if (self->is_gone)
    return FOYER_LINK_GONE;
  self->needs_key = TRUE;
  self->wish.wants_key = TRUE;
  self->wish.n_dropped++;
  return FOYER_LINK_DROPPED;
}

FoyerLinkResult
foyer_link_writer_push (FoyerLinkWriter *self, const FoyerLinkFrame *frame)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_FRAME,
    .frame = *frame };
  FoyerPacketResult result;
  guint slot;

  receive_all (self);
  if (self->is_gone)
    return FOYER_LINK_GONE;
  if (frame->n_bytes > self->pool.slot_bytes ||
      (self->needs_key && !frame->is_key) || !ensure_shape_told (self))
    return drop (self);
  slot = foyer_slots_find (&self->pool.slots);
  if (slot == self->pool.slots.n_slots)
    return drop (self);
  message.slot = (guint8) slot;
  foyer_link_pool_fill (&self->pool, slot, frame->data, frame->n_bytes);
  foyer_slots_hand_over (&self->pool.slots, slot);
  result = send_message (self, &message, NULL);
  if (result == FOYER_PACKET_DONE) {
    self->needs_key = FALSE;
    return FOYER_LINK_SENT;
  }
  foyer_slots_give_back (&self->pool.slots, slot);
  foyer_link_pool_wipe (&self->pool, slot);
  self->is_gone = result == FOYER_PACKET_GONE;
  return drop (self);
}

gboolean
foyer_link_writer_receive (FoyerLinkWriter *self, FoyerLinkWish *wish)
{
  receive_all (self);
  *wish = self->wish;
  self->wish.wants_key = FALSE;
  return !self->is_gone;
}

gboolean
foyer_link_writer_is_idle (const FoyerLinkWriter *self)
{
  return foyer_slots_get_n_read (&self->pool.slots) == 0;
}

void
foyer_link_writer_free (FoyerLinkWriter *self)
{
  if (self == NULL)
    return;
  /* A reader that finds the link connected after it has taken a frame knows that
   * the frame was whole. */
  (void) shutdown (self->socket, SHUT_RDWR);
  foyer_link_pool_clear (&self->pool);
  foyer_fd_clear (&self->socket);
  g_free (self);
}
