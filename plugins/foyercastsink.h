/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Casts to a display: see the description of the element in the source. */

#define FOYER_TYPE_CAST_SINK (foyer_cast_sink_get_type ())
G_DECLARE_FINAL_TYPE (FoyerCastSink, foyer_cast_sink, FOYER, CAST_SINK, GstBin)

GST_ELEMENT_REGISTER_DECLARE (foyercastsink);

G_END_DECLS
