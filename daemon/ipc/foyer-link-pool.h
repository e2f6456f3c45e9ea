/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-link.h"
#include "foyer-slots.h"

G_BEGIN_DECLS

/* The memory of one link: equal slots in one sealed memfd, written by the end
 * that made it and read by the end that got it, by nobody else and for no other
 * link. A slot is wiped when it comes back, all of them when the pool ends. */

/**
 * FoyerLinkPool:
 * @data: the mapping, owned; %NULL before there is one
 * @slot_bytes: of each slot, whole pages
 * @is_writer: mapped to be written
 * @slots: whose they are
 * @used_bytes: what was written into each and not wiped yet
 */
typedef struct
{
  guint8 *data;
  gsize slot_bytes;
  gboolean is_writer;
  FoyerSlots slots;
  gsize used_bytes[FOYER_SLOTS_MAX];
} FoyerLinkPool;

/**
 * foyer_link_pool_make:
 * @self: (out caller-allocates): the pool, mapped to be written and then sealed
 * @slot_bytes: of each slot, whole pages
 * @n_slots: how many
 * @error: return location
 *
 * Returns: (transfer full): its memfd to hand over, or -1 with a #GIOErrorEnum
 */
int foyer_link_pool_make (FoyerLinkPool *self, gsize slot_bytes, guint n_slots,
    GError **error);

/**
 * foyer_link_pool_take:
 * @self: (out caller-allocates): the pool, mapped to be read
 * @fd: (transfer none): what the other end made; distrusted
 * @slot_bytes: of each slot, whole pages
 * @n_slots: how many
 *
 * Returns: %FALSE if it is not exactly that large, or could still be resized,
 *   written or sealed by others
 */
gboolean foyer_link_pool_take (FoyerLinkPool *self, int fd, gsize slot_bytes,
    guint n_slots);

/* Copies a frame of up to slot_bytes into a slot that the writer has. */
void foyer_link_pool_fill (FoyerLinkPool *self, guint slot, const guint8 *data,
    gsize n_bytes);

/* Where a slot begins. */
const guint8 *foyer_link_pool_get (const FoyerLinkPool *self, guint slot);

/* Wipes what was written into a slot; the writer's end. */
void foyer_link_pool_wipe (FoyerLinkPool *self, guint slot);

/* Wipes all that is written, and unmaps it. */
void foyer_link_pool_clear (FoyerLinkPool *self);

G_END_DECLS
