/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-reader.h"

G_BEGIN_DECLS

/* Shapes as they go over channels and links. Pure. */

#define FOYER_SHAPE_WIRE_BYTES 13

/**
 * foyer_shape_is_valid:
 * @self: a shape
 *
 * Returns: %FALSE without a codec, a side or a denominator, and for raw frames
 *   with a bit rate
 */
gboolean foyer_shape_is_valid (const FoyerShape *self);

/* Whether all of it is the same. */
gboolean foyer_shape_equal (const FoyerShape *a, const FoyerShape *b);

/**
 * foyer_shape_write:
 * @self: a valid shape; another makes @writer fail
 * @writer: where it goes: codec (1), width, height, fps_n, fps_d (2 each),
 *   max_bps (4)
 */
void foyer_shape_write (const FoyerShape *self, FoyerWriter *writer);

/**
 * foyer_shape_read:
 * @reader: where it stands; fails if it isn't valid
 *
 * Returns: the shape
 */
FoyerShape foyer_shape_read (FoyerReader *reader);

G_END_DECLS
