/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define FOYER_TYPE_TAG_ELEMENT (foyer_tag_element_get_type ())

G_DECLARE_FINAL_TYPE (FoyerTagElement, foyer_tag_element, FOYER, TAG_ELEMENT,
    GstBaseTransform)

GST_ELEMENT_REGISTER_DECLARE (foyertag)

G_END_DECLS
