/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-report.h"
#include "foyer-cast-session.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* One foyercastsink's way to its display: owns the session while there is one,
 * remembers what was settled, and posts what happens on the element's bus.
 *
 * It outlives the sessions; between _open and _close, which the element calls
 * in its state changes, streaming threads may check and push. Nothing of a
 * session is left after _close. */

typedef struct _FoyerCastFeed FoyerCastFeed;

/**
 * FoyerCastFeedTarget:
 * @display_name: (nullable): what the owner calls it
 * @host: name or address
 * @port: TCP port
 * @config: how sure to be
 */
typedef struct
{
  const char *display_name;
  const char *host;
  guint16 port;
  FoyerCastSessionConfig config;
} FoyerCastFeedTarget;

/**
 * FoyerCastFeedSettled:
 * @generation: grows with every ANSWER; 0 while there is none
 * @is_wanted: a stream of this kind was settled
 * @index: its index in the session
 * @stream: what was settled
 */
typedef struct
{
  guint generation;
  gboolean is_wanted;
  guint index;
  FoyerCastSessionStream stream;
} FoyerCastFeedSettled;

/**
 * foyer_cast_feed_new:
 * @element: (transfer none): posts the messages; must outlive the feed
 *
 * Returns: (transfer full): a closed feed
 */
FoyerCastFeed *foyer_cast_feed_new (GstElement *element);

/**
 * foyer_cast_feed_open:
 * @self: a closed feed
 * @target: whereto; copied
 * @error: return location
 *
 * Begins to connect.
 *
 * Returns: %FALSE if @target can't be used
 */
gboolean foyer_cast_feed_open (FoyerCastFeed *self,
    const FoyerCastFeedTarget *target,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Offers @wish on the session, if there is one and it is a new wish. */
void foyer_cast_feed_offer (FoyerCastFeed *self,
    const FoyerCastOfferWish *wish);

/* Any thread. Gives what was settled for @kind. */
void foyer_cast_feed_get_settled (FoyerCastFeed *self, FoyerCastStreamKind kind,
    FoyerCastFeedSettled *settled);

/* Any thread. The session failed or was stopped: frames are of no use. */
gboolean foyer_cast_feed_is_over (FoyerCastFeed *self);

/* Streaming thread. Whether a raw frame of @settled is worth encoding. */
FoyerCastVerdict foyer_cast_feed_check (FoyerCastFeed *self,
    const FoyerCastFeedSettled *settled, gint64 capture_us);

/* Streaming thread. Sends a coded frame. */
FoyerCastVerdict foyer_cast_feed_push (FoyerCastFeed *self,
    const FoyerCastFeedSettled *settled, const GstMapInfo *frame,
    gboolean is_key, gint64 capture_us);

/* Streaming thread. Whether the next frame must be a key frame. */
gboolean foyer_cast_feed_needs_key (FoyerCastFeed *self,
    const FoyerCastFeedSettled *settled);

/* Any thread. What the video encoder should make, bit/s. */
guint32 foyer_cast_feed_get_bps (FoyerCastFeed *self);

/* Any thread. The new target delay, also of the sessions to come. */
void foyer_cast_feed_set_delay (FoyerCastFeed *self, guint32 delay_ms);
guint32 foyer_cast_feed_get_delay_ms (FoyerCastFeed *self);

/* Any thread. Counts a frame that came before the display was ready, one over
 * its frame rate, or one of a pile before the encoder. */
void foyer_cast_feed_count_not_ready (FoyerCastFeed *self);
void foyer_cast_feed_count_too_many (FoyerCastFeed *self);
void foyer_cast_feed_count_behind (FoyerCastFeed *self);

/**
 * foyer_cast_feed_describe:
 * @self: a feed
 * @codec: how the picture is coded
 * @width_px: its size
 * @height_px: likewise
 * @encoder: (nullable): factory of the encoder, a static string
 *
 * Any thread. Says what is being sent; posts the state "streaming" if that is
 * news.
 */
void foyer_cast_feed_describe (FoyerCastFeed *self, FoyerCastCodec codec,
    guint width_px, guint height_px, const char *encoder);

/* (transfer full): any thread: "foyer-cast-stats" */
GstStructure *foyer_cast_feed_dup_stats (FoyerCastFeed *self);

/* Stops the app on the display; blocks for FOYER_CAST_STOP_TIMEOUT_MS at most.
 * May be called twice; not from a session's callback. */
void foyer_cast_feed_stop (FoyerCastFeed *self);

/* Stops and frees the session; no streaming thread may be inside any more. */
void foyer_cast_feed_close (FoyerCastFeed *self);

/* (transfer full) (nullable): closes it first */
void foyer_cast_feed_free (FoyerCastFeed *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastFeed, foyer_cast_feed_free)

G_END_DECLS
