/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-mark-picture.h"

G_BEGIN_DECLS

/* Finds what could be a mark's dark frame anywhere in a picture: long dark
 * shapes that a light zone sets apart. Pure but for its scratch memory. */

#define FOYER_MARK_FINDER_MAX_QUADS 6

typedef struct _FoyerMarkFinder FoyerMarkFinder;

/**
 * foyer_mark_finder_new:
 *
 * Returns: (transfer full): a finder
 */
FoyerMarkFinder *foyer_mark_finder_new (void);

/**
 * foyer_mark_finder_find:
 * @picture: where to look
 * @quads: (out caller-allocates): the frames' outer edges, the largest first
 *
 * Returns: how many quads there are
 */
int foyer_mark_finder_find (FoyerMarkFinder *self,
    const FoyerMarkPicture *picture,
    FoyerMarkQuad quads[FOYER_MARK_FINDER_MAX_QUADS]);

void foyer_mark_finder_free (FoyerMarkFinder *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerMarkFinder, foyer_mark_finder_free)

G_END_DECLS
