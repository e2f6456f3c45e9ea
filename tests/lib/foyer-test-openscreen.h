/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-receiver.h"

G_BEGIN_DECLS

/* A receiver that behaves as the protocol reference says Open Screen's does
 * (cast/streaming/receiver.cc), where that differs from ours: packet 0 of every
 * frame is dropped before the first report; all that is missing is NACKed, each
 * 30 ms; a frame is skipped only when all before the next key frame are late and
 * their packet 0 was seen; no key frame is ever asked for. For video or audio,
 * one stream. */

typedef struct _FoyerTestOpenscreen FoyerTestOpenscreen;

FoyerTestOpenscreen *foyer_test_openscreen_new (
    const FoyerCastStreamConfig *config, gint64 now_us, gint64 wall_us);
void foyer_test_openscreen_receive (FoyerTestOpenscreen *self,
    const guint8 *data, gsize n_bytes, gint64 now_us);
gboolean foyer_test_openscreen_pop (FoyerTestOpenscreen *self, gint64 now_us,
    FoyerCastReceivedFrame *frame);
gsize foyer_test_openscreen_pull_feedback (FoyerTestOpenscreen *self,
    gint64 now_us, guint8 *out);
gint64 foyer_test_openscreen_get_deadline_us (FoyerTestOpenscreen *self,
    gint64 now_us);
void foyer_test_openscreen_free (FoyerTestOpenscreen *self);

G_END_DECLS
