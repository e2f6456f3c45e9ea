/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-link.h"

G_BEGIN_DECLS

/* What goes over a link: a version byte, a type byte, then big-endian
 *
 *     POOL      slot_bytes (4) n_slots (1), + memfd
 *     SHAPE     shape (13)
 *     FRAME     slot (1) is_key (1) n_bytes (4) camera (8) generation (8)
 *               sequence (8) capture_us (8)
 *     RELEASE   slot (1)
 *     WANT_KEY
 *     RATE      bps (4)
 *
 * Pure. */

#define FOYER_LINK_PAGE_BYTES 4096 /* slots are whole pages */

typedef enum
{
  FOYER_LINK_MESSAGE_NONE = 0,
  /* from the writer */
  FOYER_LINK_MESSAGE_POOL,
  FOYER_LINK_MESSAGE_SHAPE,
  FOYER_LINK_MESSAGE_FRAME,
  /* from the reader */
  FOYER_LINK_MESSAGE_RELEASE,
  FOYER_LINK_MESSAGE_WANT_KEY,
  FOYER_LINK_MESSAGE_RATE,
  FOYER_LINK_N_MESSAGES,
} FoyerLinkMessageType;

/**
 * FoyerLinkMessage:
 * @type: what is said; which of the rest counts depends on it
 * @slot_bytes: of each slot: whole pages, up to FOYER_LINK_MAX_SLOT_BYTES
 * @n_slots: 1…FOYER_LINK_MAX_SLOTS
 * @shape: of the frames that follow
 * @slot: handed over, or given back
 * @frame: the frame in it, but for its data; ids and numbers never 0
 * @bps: what can be passed on
 */
typedef struct
{
  FoyerLinkMessageType type;
  guint32 slot_bytes;
  guint8 n_slots;
  FoyerShape shape;
  guint8 slot;
  FoyerLinkFrame frame;
  guint32 bps;
} FoyerLinkMessage;

/* What is proven about reading one, for Frama-C: docs/proofs.rst. */

/*@ predicate foyer_link_pool_is_good (FoyerLinkMessage *self) =
  @   0 < self->slot_bytes <= FOYER_LINK_MAX_SLOT_BYTES &&
  @   self->slot_bytes % FOYER_LINK_PAGE_BYTES == 0 &&
  @   0 < self->n_slots <= FOYER_LINK_MAX_SLOTS;
  @
  @ predicate foyer_link_frame_is_good (FoyerLinkFrame *frame) =
  @   frame->camera.v != 0 && frame->generation != 0 && frame->sequence != 0 &&
  @   frame->capture_us >= 0 &&
  @   0 < frame->n_bytes <= FOYER_LINK_MAX_SLOT_BYTES;
  @
  @ // What counts of a message is in its range.
  @ predicate foyer_link_message_is_good (FoyerLinkMessage *self) =
  @   FOYER_LINK_MESSAGE_NONE < self->type < FOYER_LINK_N_MESSAGES &&
  @   (self->type == FOYER_LINK_MESSAGE_POOL ==>
  @       foyer_link_pool_is_good (self)) &&
  @   (self->type == FOYER_LINK_MESSAGE_FRAME ==>
  @       foyer_link_frame_is_good (&self->frame) &&
  @       self->slot < FOYER_LINK_MAX_SLOTS) &&
  @   (self->type == FOYER_LINK_MESSAGE_RELEASE ==>
  @       self->slot < FOYER_LINK_MAX_SLOTS);
  @*/

/**
 * foyer_link_message_write:
 * @self: a message
 * @out: (out caller-allocates) (array fixed-size=64): where it goes
 *
 * Returns: its length; 0 if a value is out of its range
 */
gsize foyer_link_message_write (const FoyerLinkMessage *self, guint8 *out);

/**
 * foyer_link_message_read:
 * @self: (out caller-allocates): the message; untouched if there is none
 * @data: (array length=n_bytes): exactly one
 * @n_bytes: its length
 *
 * Returns: %FALSE for anything that foyer_link_message_write() does not make
 */
/*@ requires n_bytes == 0 || \valid_read (data + (0 .. n_bytes - 1));
  @ requires \valid (self);
  @ assigns *self;
  @*/
gboolean foyer_link_message_read (FoyerLinkMessage *self, const guint8 *data,
    gsize n_bytes) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
