/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-link-message.h"

#include "foyer-shape.h"

#define VERSION 1

/*@ requires \valid_read (self);
  @ assigns \nothing;
  @ ensures \result == 0 || \result == 1;
  @ ensures \result != 0 <==> foyer_link_pool_is_good (self);
  @*/
static gboolean
pool_is_valid (const FoyerLinkMessage *self)
{
  return self->slot_bytes > 0 &&
      self->slot_bytes <= FOYER_LINK_MAX_SLOT_BYTES &&
      self->slot_bytes % FOYER_LINK_PAGE_BYTES == 0 && self->n_slots > 0 &&
      self->n_slots <= FOYER_LINK_MAX_SLOTS;
}

/*@ requires \valid_read (frame);
  @ assigns \nothing;
  @ ensures \result != 0 <==> foyer_link_frame_is_good (frame);
  @*/
static gboolean
frame_is_valid (const FoyerLinkFrame *frame)
{
  return frame->camera.v != 0 && frame->generation != 0 &&
      frame->sequence != 0 && frame->capture_us >= 0 && frame->n_bytes > 0 &&
      frame->n_bytes <= FOYER_LINK_MAX_SLOT_BYTES;
}

static void
write_frame (FoyerWriter *writer, const FoyerLinkMessage *self)
{
  const FoyerLinkFrame *frame = &self->frame;

  if (!frame_is_valid (frame) || self->slot >= FOYER_LINK_MAX_SLOTS)
    writer->has_failed = TRUE;
  foyer_writer_put_u8 (writer, self->slot);
  foyer_writer_put_u8 (writer, frame->is_key ? 1 : 0);
  foyer_writer_put_u32 (writer, (guint32) frame->n_bytes);
  foyer_writer_put_u64 (writer, frame->camera.v);
  foyer_writer_put_u64 (writer, frame->generation);
  foyer_writer_put_u64 (writer, frame->sequence);
  foyer_writer_put_u64 (writer, (guint64) frame->capture_us);
}

/*@ requires \valid (reader) && foyer_reader_is_good (reader);
  @ requires \valid (self) && \separated (reader, self);
  @ assigns *reader, *self;
  @ ensures foyer_reader_is_good (reader);
  @ ensures self->type == \old (self->type);
  @ ensures !reader->has_failed ==>
  @   foyer_link_frame_is_good (&self->frame) &&
  @   self->slot < FOYER_LINK_MAX_SLOTS;
  @*/
static void
read_frame (FoyerReader *reader, FoyerLinkMessage *self)
{
  FoyerLinkFrame *frame = &self->frame;
  guint8 key;

  self->slot = foyer_reader_get_u8 (reader);
  key = foyer_reader_get_u8 (reader);
  frame->is_key = key != 0;
  frame->n_bytes = foyer_reader_get_u32 (reader);
  frame->camera.v = foyer_reader_get_u64 (reader);
  frame->generation = foyer_reader_get_u64 (reader);
  frame->sequence = foyer_reader_get_u64 (reader);
  frame->capture_us = (gint64) foyer_reader_get_u64 (reader);
  if (key > 1 || !frame_is_valid (frame) || self->slot >= FOYER_LINK_MAX_SLOTS)
    reader->has_failed = TRUE;
}

gsize
foyer_link_message_write (const FoyerLinkMessage *self, guint8 *out)
{
  FoyerWriter writer = foyer_writer_make (out, FOYER_LINK_MAX_MESSAGE);

  foyer_writer_put_u8 (&writer, VERSION);
  foyer_writer_put_u8 (&writer, (guint8) self->type);
  switch (self->type) {
    case FOYER_LINK_MESSAGE_POOL:
      writer.has_failed |= !pool_is_valid (self);
      foyer_writer_put_u32 (&writer, self->slot_bytes);
      foyer_writer_put_u8 (&writer, self->n_slots);
      break;
    case FOYER_LINK_MESSAGE_SHAPE:
      foyer_shape_write (&self->shape, &writer);
      break;
    case FOYER_LINK_MESSAGE_FRAME:
      write_frame (&writer, self);
      break;
    case FOYER_LINK_MESSAGE_RELEASE:
      writer.has_failed |= self->slot >= FOYER_LINK_MAX_SLOTS;
      foyer_writer_put_u8 (&writer, self->slot);
      break;
    case FOYER_LINK_MESSAGE_WANT_KEY:
      break;
    case FOYER_LINK_MESSAGE_RATE:
      foyer_writer_put_u32 (&writer, self->bps);
      break;
    case FOYER_LINK_MESSAGE_NONE:
    case FOYER_LINK_N_MESSAGES:
      return 0;
  }
  return foyer_writer_is_ok (&writer) ? writer.n_bytes : 0;
}

/*@ requires \valid (reader) && foyer_reader_is_good (reader);
  @ requires \valid (self) && \separated (reader, self);
  @ assigns *reader, *self;
  @ ensures foyer_reader_is_good (reader);
  @ ensures self->type == \old (self->type);
  @ ensures !reader->has_failed ==> foyer_link_message_is_good (self);
  @*/
static void
read_fields (FoyerReader *reader, FoyerLinkMessage *self)
{
  switch (self->type) {
    case FOYER_LINK_MESSAGE_POOL:
      self->slot_bytes = foyer_reader_get_u32 (reader);
      self->n_slots = foyer_reader_get_u8 (reader);
      reader->has_failed |= !pool_is_valid (self);
      return;
    case FOYER_LINK_MESSAGE_SHAPE:
      self->shape = foyer_shape_read (reader);
      /*@ assert self->type == FOYER_LINK_MESSAGE_SHAPE; */
      return;
    case FOYER_LINK_MESSAGE_FRAME:
      read_frame (reader, self);
      return;
    case FOYER_LINK_MESSAGE_RELEASE:
      self->slot = foyer_reader_get_u8 (reader);
      reader->has_failed |= self->slot >= FOYER_LINK_MAX_SLOTS;
      return;
    case FOYER_LINK_MESSAGE_WANT_KEY:
      return;
    case FOYER_LINK_MESSAGE_RATE:
      self->bps = foyer_reader_get_u32 (reader);
      return;
    case FOYER_LINK_MESSAGE_NONE:
    case FOYER_LINK_N_MESSAGES:
      break;
  }
  reader->has_failed = TRUE;
}

gboolean
foyer_link_message_read (FoyerLinkMessage *self, const guint8 *data,
    gsize n_bytes)
{
  FoyerReader reader = foyer_reader_make (data, n_bytes);
  FoyerLinkMessage message = { 0 };

  if (foyer_reader_get_u8 (&reader) != VERSION)
    return FALSE;
  message.type = foyer_reader_get_u8 (&reader);
  if ((guint) message.type >= FOYER_LINK_N_MESSAGES)
    return FALSE;
  read_fields (&reader, &message);
  if (!foyer_reader_is_ok (&reader) || reader.n_bytes > 0)
    return FALSE;
  /*@ assert foyer_link_message_is_good (&message); */
  *self = message;
  return TRUE;
}
