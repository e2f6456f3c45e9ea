/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Who has which slot of a pool: each is owned by exactly one side at any moment,
 * the writer or the reader. Both ends of a link keep this book; what is said over
 * the link is all that changes it. Pure C11 without GLib, as a prover reads it:
 * no clock, allocation, I/O or globals. All bits zero is a pool of no slots, in
 * which nothing can be handed over. */

#define FOYER_SLOTS_MAX 16

/**
 * FoyerSlots:
 * @n_slots: how many there are, up to FOYER_SLOTS_MAX
 * @is_read: for each, whether the reader has it; else the writer does
 */
typedef struct
{
  uint32_t n_slots;
  bool is_read[FOYER_SLOTS_MAX];
} FoyerSlots;

/* What is proven about it stands in the comments that begin with @, for
 * Frama-C: docs/proofs.rst. */

/*@ // A side owns a slot of the pool; no slot has two owners, none has none.
  @ predicate foyer_slots_is_readers (FoyerSlots *self, integer slot) =
  @   0 <= slot < self->n_slots && self->is_read[slot];
  @ predicate foyer_slots_is_writers (FoyerSlots *self, integer slot) =
  @   0 <= slot < self->n_slots && !self->is_read[slot];
  @
  @ predicate foyer_slots_is_book (FoyerSlots *self) =
  @   \valid_read (self) && self->n_slots <= FOYER_SLOTS_MAX;
  @*/

/* All slots are the writer's; @n_slots beyond FOYER_SLOTS_MAX is none. */
/*@ requires \valid (self);
  @ assigns *self;
  @ ensures foyer_slots_is_book (self);
  @ ensures self->n_slots == (n_slots <= FOYER_SLOTS_MAX ? n_slots : 0);
  @ ensures \forall integer i; 0 <= i < self->n_slots ==>
  @   foyer_slots_is_writers (self, i);
  @*/
void foyer_slots_init (FoyerSlots *self, uint32_t n_slots);

/**
 * foyer_slots_find:
 * @self: a book
 *
 * Returns: the lowest slot that the writer has, so that few are ever used;
 *   @n_slots if it has none
 */
/*@ requires foyer_slots_is_book (self);
  @ assigns \nothing;
  @ ensures \result <= self->n_slots;
  @ ensures \result < self->n_slots ==> foyer_slots_is_writers (self, \result);
  @ ensures \forall integer i; 0 <= i < \result ==>
  @   foyer_slots_is_readers (self, i);
  @*/
uint32_t foyer_slots_find (const FoyerSlots *self);

/**
 * foyer_slots_hand_over:
 * @self: a book
 * @slot: any number
 *
 * From writer to reader.
 *
 * Returns: false, and changes nothing, if the writer doesn't have it
 */
/*@ requires foyer_slots_is_book (self) && \valid (self);
  @ assigns self->is_read[0 .. FOYER_SLOTS_MAX - 1];
  @ ensures \result <==> \old (foyer_slots_is_writers (self, slot));
  @ ensures \result ==> foyer_slots_is_readers (self, slot);
  @ ensures \forall integer i; 0 <= i < FOYER_SLOTS_MAX &&
  @   (i != slot || !\result) ==> self->is_read[i] == \old (self->is_read[i]);
  @*/
bool foyer_slots_hand_over (FoyerSlots *self, uint32_t slot);

/**
 * foyer_slots_give_back:
 * @self: a book
 * @slot: any number
 *
 * From reader to writer.
 *
 * Returns: false, and changes nothing, if the reader doesn't have it
 */
/*@ requires foyer_slots_is_book (self) && \valid (self);
  @ assigns self->is_read[0 .. FOYER_SLOTS_MAX - 1];
  @ ensures \result <==> \old (foyer_slots_is_readers (self, slot));
  @ ensures \result ==> foyer_slots_is_writers (self, slot);
  @ ensures \forall integer i; 0 <= i < FOYER_SLOTS_MAX &&
  @   (i != slot || !\result) ==> self->is_read[i] == \old (self->is_read[i]);
  @*/
bool foyer_slots_give_back (FoyerSlots *self, uint32_t slot);

/* How many the reader has. */
/*@ requires foyer_slots_is_book (self);
  @ assigns \nothing;
  @ ensures \result <= self->n_slots;
  @ ensures \result == 0 <==>
  @   (\forall integer i; 0 <= i < self->n_slots ==> !self->is_read[i]);
  @*/
uint32_t foyer_slots_get_n_read (const FoyerSlots *self);
