/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-mark-picture.h"
#include "foyer-mark.h"

G_BEGIN_DECLS

/* Reads the mark out of pictures: scaled, letterboxed, coded and decoded, or
 * filmed from a display a little askew. It looks first where the last mark
 * was, then along the upper edge, then everywhere. One thread. Pictures may
 * be anything at all: what is no mark is not read. */

typedef struct _FoyerMarkReader FoyerMarkReader;

/**
 * foyer_mark_reader_new:
 *
 * Returns: (transfer full): a reader that has seen nothing
 */
FoyerMarkReader *foyer_mark_reader_new (void);

/**
 * foyer_mark_reader_read:
 * @picture: one picture of a video
 * @mark: (out caller-allocates): what the mark says; untouched if there is
 *   none
 *
 * Takes a few microseconds where the mark is found at once, milliseconds
 * where the whole picture is searched; while pictures stay without a mark,
 * only some are searched.
 *
 * Returns: whether a mark was read
 */
gboolean foyer_mark_reader_read (FoyerMarkReader *self,
    const FoyerMarkPicture *picture, FoyerMark *mark) G_GNUC_WARN_UNUSED_RESULT;

void foyer_mark_reader_free (FoyerMarkReader *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerMarkReader, foyer_mark_reader_free)

G_END_DECLS
