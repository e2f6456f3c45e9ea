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

/* All slots are the writer's; @n_slots beyond FOYER_SLOTS_MAX is none. */
void foyer_slots_init (FoyerSlots *self, uint32_t n_slots);

/**
 * foyer_slots_find:
 * @self: a book
 *
 * Returns: the lowest slot that the writer has, so that few are ever used;
 *   @n_slots if it has none
 */
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
bool foyer_slots_give_back (FoyerSlots *self, uint32_t slot);

/* How many the reader has. */
uint32_t foyer_slots_get_n_read (const FoyerSlots *self);
