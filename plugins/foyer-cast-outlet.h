/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-receiver.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* One of foyercastsrc's pads: takes frames on the display's thread, gives them
 * out on its own streaming thread. Downstream may be slow: when too much waits,
 * all of it is dropped and a key frame is asked for. Nothing of a session is
 * left in it, or downstream, when the session has ended. */

typedef struct _FoyerCastOutlet FoyerCastOutlet;

/* A key frame is needed. Any thread, no lock held. */
typedef void (
    *FoyerCastOutletKeyFunc) (FoyerCastOutlet *outlet, gpointer user_data);

/**
 * FoyerCastOutletStream:
 * @codec: how the frames are coded
 * @session_number: of the session
 * @delay_ms: what the pipeline's sinks add to a frame's time
 *
 * What begins.
 */
typedef struct
{
  FoyerCastCodec codec;
  guint64 session_number;
  guint delay_ms;
} FoyerCastOutletStream;

/**
 * foyer_cast_outlet_new:
 * @element: (transfer none): the foyercastsrc
 * @pad: (transfer none): one of its source pads, not yet active
 * @on_key_needed: called when frames were dropped here
 * @user_data: for it
 *
 * Returns: (transfer full): an outlet
 */
FoyerCastOutlet *foyer_cast_outlet_new (GstElement *element, GstPad *pad,
    FoyerCastOutletKeyFunc on_key_needed, gpointer user_data);

/* Begins a stream: stream-start, caps and segment go before its frames. */
void foyer_cast_outlet_begin (FoyerCastOutlet *self,
    const FoyerCastOutletStream *stream);

/**
 * foyer_cast_outlet_push:
 * @self: an outlet
 * @frame: its data is taken
 *
 * Never blocks. Frames are dropped while the element does not play.
 */
void foyer_cast_outlet_push (FoyerCastOutlet *self,
    FoyerCastReceivedFrame *frame);

/* Ends the stream: flushes what waits here and downstream. Not from the
 * outlet's own streaming thread. */
void foyer_cast_outlet_end (FoyerCastOutlet *self);

/* Whether frames go out. */
void foyer_cast_outlet_set_playing (FoyerCastOutlet *self, gboolean is_playing);

/* Frames dropped because downstream was slow. Any thread. */
guint64 foyer_cast_outlet_get_n_dropped (FoyerCastOutlet *self);

/* (transfer full) (nullable): its pad must be inactive */
void foyer_cast_outlet_free (FoyerCastOutlet *self);

/* (transfer full): the caps of a codec's frames */
GstCaps *foyer_cast_outlet_dup_caps (FoyerCastCodec codec);

G_END_DECLS
