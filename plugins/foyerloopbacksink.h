/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define FOYER_TYPE_LOOPBACK_SINK (foyer_loopback_sink_get_type ())

G_DECLARE_FINAL_TYPE (FoyerLoopbackSink, foyer_loopback_sink, FOYER,
    LOOPBACK_SINK, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE (foyerloopbacksink)

G_END_DECLS
