/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FOYER_TEST_NEEDLE_MAX_BYTES 1024

/**
 * foyer_test_needle_find:
 * @data: (array length=n_bytes): an H.264 access unit, byte stream format
 * @needle: (out) (array length=return): where in it
 *
 * The part of it that no other has: of its picture, with the mark that this begins with
 * but for an eighth. What stands before a picture, as the encoder's words about itself,
 * is the same in many; and so are any few bytes of pictures that differ in their marks
 * alone: of a hundred pieces of 32 bytes out of a mark, two were found in pictures of
 * another camera.
 *
 * Returns: its length, %FOYER_TEST_NEEDLE_MAX_BYTES at most; 0 if there is no picture,
 *   or one that is too short to be anybody's
 */
gsize foyer_test_needle_find (const guint8 *data, gsize n_bytes,
    const guint8 **needle);

G_END_DECLS
