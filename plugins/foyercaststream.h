/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-feed.h"

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

/* foyercastsink's inner end: takes coded frames of one stream and pushes them
 * into the feed as they come. It waits for nobody; a frame that can't go is
 * counted and dropped. Private: not registered by name. */

#define FOYER_TYPE_CAST_STREAM (foyer_cast_stream_get_type ())
G_DECLARE_FINAL_TYPE (FoyerCastStream, foyer_cast_stream, FOYER, CAST_STREAM,
    GstBaseSink)

/**
 * foyer_cast_stream_new:
 * @feed: (transfer none): whereto; must outlive the stream's time in PAUSED
 * @kind: audio or video
 *
 * Returns: (transfer floating): the end of a stream
 */
GstElement *foyer_cast_stream_new (FoyerCastFeed *feed,
    FoyerCastStreamKind kind);

/**
 * foyer_cast_stream_set_encoder:
 * @self: a stream
 * @name: (nullable): factory of the encoder in front of it, a static string
 *
 * For the feed's figures. Streaming thread.
 */
void foyer_cast_stream_set_encoder (FoyerCastStream *self, const char *name);

/**
 * foyer_cast_stream_ask_key:
 * @self: a stream
 * @settled: what was settled for it
 *
 * Asks upstream for a key frame if the display needs one; not again before the
 * one asked for had time to come. Streaming thread.
 */
void foyer_cast_stream_ask_key (FoyerCastStream *self,
    const FoyerCastFeedSettled *settled);

G_END_DECLS
