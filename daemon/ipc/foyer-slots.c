/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-slots.h"

void
foyer_slots_init (FoyerSlots *self, uint32_t n_slots)
{
  self->n_slots = n_slots <= FOYER_SLOTS_MAX ? n_slots : 0;
  /*@ loop invariant 0 <= i <= FOYER_SLOTS_MAX;
    @ loop invariant \forall integer k; 0 <= k < i ==> !self->is_read[k];
    @ loop assigns i, self->is_read[0 .. FOYER_SLOTS_MAX - 1];
    @ loop variant FOYER_SLOTS_MAX - i;
    @*/
  for (uint32_t i = 0; i < FOYER_SLOTS_MAX; i++)
    self->is_read[i] = false;
}

uint32_t
foyer_slots_find (const FoyerSlots *self)
{
  /*@ loop invariant 0 <= i <= self->n_slots;
    @ loop invariant \forall integer k; 0 <= k < i ==> self->is_read[k];
    @ loop assigns i;
    @ loop variant self->n_slots - i;
    @*/
  for (uint32_t i = 0; i < self->n_slots; i++) {
    if (!self->is_read[i])
      return i;
  }
  return self->n_slots;
}

bool
foyer_slots_hand_over (FoyerSlots *self, uint32_t slot)
{
  if (slot >= self->n_slots || self->is_read[slot])
    return false;
  self->is_read[slot] = true;
  return true;
}

bool
foyer_slots_give_back (FoyerSlots *self, uint32_t slot)
{
  if (slot >= self->n_slots || !self->is_read[slot])
    return false;
  self->is_read[slot] = false;
  return true;
}

uint32_t
foyer_slots_get_n_read (const FoyerSlots *self)
{
  uint32_t n_read = 0;

  /*@ loop invariant 0 <= n_read <= i <= self->n_slots;
    @ loop invariant n_read == 0 <==>
    @   (\forall integer k; 0 <= k < i ==> !self->is_read[k]);
    @ loop assigns i, n_read;
    @ loop variant self->n_slots - i;
    @*/
  for (uint32_t i = 0; i < self->n_slots; i++)
    n_read += self->is_read[i] ? 1 : 0;
  return n_read;
}
