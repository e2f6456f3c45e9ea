/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define FOYER_TYPE_SRC (foyer_src_get_type ())

G_DECLARE_FINAL_TYPE (FoyerSrc, foyer_src, FOYER, SRC, GstBin)

GST_ELEMENT_REGISTER_DECLARE (foyersrc)

G_END_DECLS
