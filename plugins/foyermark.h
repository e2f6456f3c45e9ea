/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/gstvideofilter.h>

G_BEGIN_DECLS

#define FOYER_TYPE_MARK_ELEMENT (foyer_mark_element_get_type ())

G_DECLARE_FINAL_TYPE (FoyerMarkElement, foyer_mark_element, FOYER, MARK_ELEMENT,
    GstVideoFilter)

GST_ELEMENT_REGISTER_DECLARE (foyermark)

G_END_DECLS
