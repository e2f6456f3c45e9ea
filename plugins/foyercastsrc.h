/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-load.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* A Cast display as a source: see the description of the element in the source
 * file. */

#define FOYER_TYPE_CAST_SRC (foyer_cast_src_get_type ())
G_DECLARE_FINAL_TYPE (FoyerCastSrc, foyer_cast_src, FOYER, CAST_SRC, GstElement)

GST_ELEMENT_REGISTER_DECLARE (foyercastsrc);

/**
 * foyer_cast_src_report_media:
 * @self: a display with a player
 * @number: of what it was told to load
 * @state: what the player does; %FOYER_CAST_MEDIA_IDLE: it came to the end
 * @position_s: where it is
 * @has_failed: it can't play it; @state says nothing then
 *
 * Any thread. Does nothing while it does not listen.
 */
void foyer_cast_src_report_media (FoyerCastSrc *self, guint64 number,
    FoyerCastMediaState state, double position_s, gboolean has_failed);

G_END_DECLS
