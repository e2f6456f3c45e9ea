/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-clock.h"
#include "foyer-link.h"

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define FOYER_TYPE_LINK_SINK (foyer_link_sink_get_type ())

G_DECLARE_FINAL_TYPE (FoyerLinkSink, foyer_link_sink, FOYER, LINK_SINK,
    GstBaseSink)

/**
 * foyer_link_sink_add:
 * @self: a sink, in any state
 * @session: whose link it is; not none
 * @socket: (transfer full): its writing end
 *
 * From here on the session gets frames, a key frame first, which is asked for at
 * once. Any thread.
 *
 * When its reader goes, or breaks the rules, the link ends, and an element message
 * "foyer-link-gone" says so, with "session" (guint64).
 *
 * Returns: %FALSE if that session has a link here already
 */
gboolean foyer_link_sink_add (FoyerLinkSink *self, FoyerSessionId session,
    int socket);

/**
 * foyer_link_sink_add_since:
 * @self: a sink, in any state
 * @session: whose link it is; not none
 * @granted_us: when it was granted, monotonic
 * @socket: (transfer full): its writing end
 *
 * The same, and frames captured before the grant never go over it. Any thread.
 *
 * Returns: %FALSE if that session has a link here already
 */
gboolean foyer_link_sink_add_since (FoyerLinkSink *self, FoyerSessionId session,
    gint64 granted_us, int socket);

/**
 * foyer_link_sink_remove:
 * @self: a sink
 * @session: whose link is to end
 *
 * Its pool is wiped and its socket closed when this returns. Any thread.
 *
 * Returns: %FALSE if there is none
 */
gboolean foyer_link_sink_remove (FoyerLinkSink *self, FoyerSessionId session);

/**
 * foyer_link_sink_move:
 * @self: a sink
 * @session: whose link is to go
 * @to: another sink, for the same camera's frames
 *
 * The link goes with its pool; the next frame of its session comes from @to, and
 * is a key frame, which is asked for at once. Any thread.
 *
 * Returns: %FALSE if there is none here, or one there
 */
gboolean foyer_link_sink_move (FoyerLinkSink *self, FoyerSessionId session,
    FoyerLinkSink *to);

/**
 * foyer_link_sink_get_wish:
 * @self: a sink
 * @session: whose
 * @wish: (out caller-allocates): what its reader wants, as of the last frame;
 *   wants_key until a key frame went to it
 *
 * Any thread.
 *
 * Returns: %FALSE if that session has no link here
 */
gboolean foyer_link_sink_get_wish (FoyerLinkSink *self, FoyerSessionId session,
    FoyerLinkWish *wish);

/**
 * foyer_link_sink_set_clock:
 * @self: a sink that has no link yet
 * @clock: (transfer none): by which key frames are not asked for too often;
 *   without this call the machine's own
 */
void foyer_link_sink_set_clock (FoyerLinkSink *self, const FoyerClock *clock);

GST_ELEMENT_REGISTER_DECLARE (foyerlinksink)

G_END_DECLS
