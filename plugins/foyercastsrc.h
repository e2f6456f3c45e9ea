/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* A Cast display as a source: see the description of the element in the source
 * file. */

#define FOYER_TYPE_CAST_SRC (foyer_cast_src_get_type ())
G_DECLARE_FINAL_TYPE (FoyerCastSrc, foyer_cast_src, FOYER, CAST_SRC, GstElement)

GST_ELEMENT_REGISTER_DECLARE (foyercastsrc);

G_END_DECLS
