/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-feed.h"
#include "foyer-cast-input.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* One of foyercastsink's pads with all that is behind it: decides for each
 * buffer whether it is worth going on, builds the branch that fits the input and
 * the display, and steers its encoder. All of that happens on the pad's
 * streaming thread. */

typedef struct _FoyerCastInlet FoyerCastInlet;

/* The input is known, or another one. Streaming thread. */
typedef void (*FoyerCastInputFunc) (FoyerCastInlet *inlet,
    const FoyerCastInput *input, gpointer user_data);

/**
 * foyer_cast_inlet_new:
 * @bin: (transfer none): the foyercastsink
 * @pad: (transfer none): one of its ghost pads, without target
 * @kind: what comes in there
 * @feed: (transfer none): where it goes
 * @on_input: called when caps come
 * @user_data: for it
 *
 * Adds the end of a stream to @bin.
 *
 * Returns: (transfer full): an inlet that lets nothing pass yet
 */
FoyerCastInlet *foyer_cast_inlet_new (GstBin *bin, GstPad *pad,
    FoyerCastStreamKind kind, FoyerCastFeed *feed, FoyerCastInputFunc on_input,
    gpointer user_data);

/* (transfer none): the pad, and the element at the end of the stream */
GstPad *foyer_cast_inlet_get_pad (FoyerCastInlet *self);
GstElement *foyer_cast_inlet_get_stream (FoyerCastInlet *self);

/* READY→PAUSED and PAUSED→READY: between, branches may be built. */
void foyer_cast_inlet_set_active (FoyerCastInlet *self, gboolean is_active);

/* PAUSED→PLAYING and back: between, buffers flow. */
void foyer_cast_inlet_set_playing (FoyerCastInlet *self, gboolean is_playing);

/* Tells the end of the stream that nothing will come: the bin is not over before
 * all its streams are. */
void foyer_cast_inlet_end (FoyerCastInlet *self);

/* Takes the branch down; no streaming thread may be inside any more. */
void foyer_cast_inlet_reset (FoyerCastInlet *self);

/* (transfer full) (nullable): takes the stream out of the bin */
void foyer_cast_inlet_free (FoyerCastInlet *self);

G_END_DECLS
