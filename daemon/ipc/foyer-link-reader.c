/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-link-message.h"
#include "foyer-link-pool.h"
#include "foyer-link.h"
#include "foyer-packet.h"

#include <poll.h>

/* The reading end of a link. */

#define NO_SLOT FOYER_SLOTS_MAX

struct _FoyerLinkReader
{
  int socket; /* owned */
  FoyerLinkPool pool;
  gboolean has_shape; /* frames may follow */
  guint held_slot;    /* of the frame that is held, or NO_SLOT */
  guint32 bps;        /* as last told */
  gboolean is_gone;   /* for good */
};

FoyerLinkReader *
foyer_link_reader_new (int socket)
{
  FoyerLinkReader *self = g_new0 (FoyerLinkReader, 1);

  self->socket = socket;
  self->held_slot = NO_SLOT;
  return self;
}

int
foyer_link_reader_get_fd (const FoyerLinkReader *self)
{
  return self->socket;
}

static gboolean
take_pool (FoyerLinkReader *self, const FoyerLinkMessage *message,
    FoyerPacket *packet)
{
  return self->pool.data == NULL && packet->n_fds == 1 &&
      foyer_link_pool_take (&self->pool, packet->fds[0], message->slot_bytes,
          message->n_slots);
}

static FoyerLinkEvent
take_shape (FoyerLinkReader *self, const FoyerLinkMessage *message,
    FoyerShape *shape)
{
  if (self->pool.data == NULL)
    return FOYER_LINK_EVENT_GONE;
  self->has_shape = TRUE;
  *shape = message->shape;
  return FOYER_LINK_EVENT_SHAPE;
}

static FoyerLinkEvent
take_frame (FoyerLinkReader *self, const FoyerLinkMessage *message,
    FoyerLinkFrame *frame)
{
  if (!self->has_shape || message->frame.n_bytes > self->pool.slot_bytes ||
      !foyer_slots_hand_over (&self->pool.slots, message->slot))
    return FOYER_LINK_EVENT_GONE;
  self->held_slot = message->slot;
  *frame = message->frame;
  frame->data = foyer_link_pool_get (&self->pool, message->slot);
  return FOYER_LINK_EVENT_FRAME;
}

/* One message of the writer; GONE if it broke the rules. */
static FoyerLinkEvent
take_message (FoyerLinkReader *self, const FoyerLinkMessage *message,
    FoyerPacket *packet, FoyerLinkFrame *frame, FoyerShape *shape)
{
  if (message->type != FOYER_LINK_MESSAGE_POOL && packet->n_fds > 0)
    return FOYER_LINK_EVENT_GONE;
  switch (message->type) {
    case FOYER_LINK_MESSAGE_POOL:
      return take_pool (self, message, packet) ? FOYER_LINK_EVENT_NONE
                                               : FOYER_LINK_EVENT_GONE;
    case FOYER_LINK_MESSAGE_SHAPE:
      return take_shape (self, message, shape);
    case FOYER_LINK_MESSAGE_FRAME:
      return take_frame (self, message, frame);
    case FOYER_LINK_MESSAGE_NONE:
    case FOYER_LINK_MESSAGE_RELEASE:
    case FOYER_LINK_MESSAGE_WANT_KEY:
    case FOYER_LINK_MESSAGE_RATE:
    case FOYER_LINK_N_MESSAGES:
      return FOYER_LINK_EVENT_GONE;
  }
  return FOYER_LINK_EVENT_GONE;
}

/* TRUE if a message was taken: @event is what it was. */
static gboolean
receive_one (FoyerLinkReader *self, FoyerLinkFrame *frame, FoyerShape *shape,
    FoyerLinkEvent *event)
{
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];
  g_auto (FoyerPacket) packet = { 0 };
  FoyerLinkMessage message;
  FoyerPacketResult result = foyer_packet_receive (self->socket, bytes,
      sizeof bytes, &packet);

  *event = FOYER_LINK_EVENT_NONE;
  if (result == FOYER_PACKET_NONE)
    return FALSE;
  if (result == FOYER_PACKET_DONE &&
      foyer_link_message_read (&message, bytes, packet.n_bytes))
    *event = take_message (self, &message, &packet, frame, shape);
  else
    *event = FOYER_LINK_EVENT_GONE;
  return TRUE;
}

FoyerLinkEvent
foyer_link_reader_receive (FoyerLinkReader *self, FoyerLinkFrame *frame,
    FoyerShape *shape)
{
  FoyerLinkEvent event = FOYER_LINK_EVENT_NONE;

  g_return_val_if_fail (self->held_slot == NO_SLOT, FOYER_LINK_EVENT_NONE);
  if (self->is_gone)
    return FOYER_LINK_EVENT_GONE;
  /* The pool, which comes once, is no event. */
  while (event == FOYER_LINK_EVENT_NONE &&
      receive_one (self, frame, shape, &event))
    self->is_gone = event == FOYER_LINK_EVENT_GONE;
  return event;
}

gboolean
foyer_link_reader_is_whole (const FoyerLinkReader *self)
{
  struct pollfd link = { .fd = self->socket };

  return poll (&link, 1, 0) == 0;
}

static FoyerPacketResult
send_message (FoyerLinkReader *self, const FoyerLinkMessage *message)
{
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];

  return foyer_packet_send (self->socket, bytes,
      foyer_link_message_write (message, bytes), NULL, 0);
}

void
foyer_link_reader_release (FoyerLinkReader *self)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_RELEASE,
    .slot = (guint8) self->held_slot };

  if (self->held_slot == NO_SLOT)
    return;
  foyer_slots_give_back (&self->pool.slots, self->held_slot);
  self->held_slot = NO_SLOT;
  /* A writer that hears nothing would lack the slot for good. One that is gone
   * may have left frames, which are still to be received. */
  if (send_message (self, &message) == FOYER_PACKET_NONE)
    self->is_gone = TRUE;
}

/* Wishes that can't be told are forgotten: the writer is gone, or has many. */
void
foyer_link_reader_want_key (FoyerLinkReader *self)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_WANT_KEY };

  if (!self->is_gone)
    send_message (self, &message);
}

void
foyer_link_reader_set_rate (FoyerLinkReader *self, guint32 bps)
{
  FoyerLinkMessage message = { .type = FOYER_LINK_MESSAGE_RATE, .bps = bps };

  if (!self->is_gone && bps != self->bps &&
      send_message (self, &message) == FOYER_PACKET_DONE)
    self->bps = bps;
}

void
foyer_link_reader_free (FoyerLinkReader *self)
{
  if (self == NULL)
    return;
  foyer_link_pool_clear (&self->pool);
  foyer_fd_clear (&self->socket);
  g_free (self);
}
