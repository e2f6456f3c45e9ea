/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A bound on how much is begun at once: when all displays come back together,
 * they are served one after another. Main thread. */

typedef struct _FoyerStarts FoyerStarts;

/**
 * foyer_starts_new:
 * @n_most: how many may be under way
 *
 * Returns: (transfer full): with none under way
 */
FoyerStarts *foyer_starts_new (guint n_most);

/**
 * foyer_starts_enter:
 * @self: starts
 * @owner: who wants to begin; is in it once
 * @go: called when it may, now or when another leaves
 */
void foyer_starts_enter (FoyerStarts *self, gpointer owner,
    void (*go) (gpointer owner));

/* It is done, or does not want to begin any more; not being in it is fine. */
void foyer_starts_leave (FoyerStarts *self, gpointer owner);

/* How many are under way. */
guint foyer_starts_get_n_going (const FoyerStarts *self);

/* (transfer full) (nullable) */
void foyer_starts_free (FoyerStarts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerStarts, foyer_starts_free)

G_END_DECLS
