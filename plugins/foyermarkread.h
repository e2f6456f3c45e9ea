/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/video/gstvideofilter.h>

G_BEGIN_DECLS

#define FOYER_TYPE_MARK_READ_ELEMENT (foyer_mark_read_element_get_type ())

G_DECLARE_FINAL_TYPE (FoyerMarkReadElement, foyer_mark_read_element, FOYER,
    MARK_READ_ELEMENT, GstVideoFilter)

GST_ELEMENT_REGISTER_DECLARE (foyermarkread)

G_END_DECLS
