/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FOYER_TEST_NEEDLE_BYTES 32

/**
 * foyer_test_needle_find:
 * @data: (array length=n_bytes): an H.264 access unit, byte stream format
 *
 * Where it can be told from any other: in the mark of its picture, with which that
 * begins. What stands before it, as the encoder's words about itself, is the same in
 * many, and so may be what stands after it.
 *
 * Returns: the offset of %FOYER_TEST_NEEDLE_BYTES bytes; -1 if there is no picture, or
 *   one that is too short to be anybody's
 */
gssize foyer_test_needle_find (const guint8 *data, gsize n_bytes);

G_END_DECLS
