/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Between a pipeline's time and the machine's monotonic time, in which the cast
 * room thinks. */

/**
 * foyer_cast_time_to_us:
 * @at_ns: a time on some clock
 * @clock_ns: what that clock says now
 * @now_us: monotonic time now
 *
 * Pure. Nothing is captured in the future: such a time becomes @now_us.
 *
 * Returns: @at_ns as monotonic time
 */
gint64 foyer_cast_time_to_us (gint64 at_ns, gint64 clock_ns, gint64 now_us);

/**
 * foyer_cast_time_get_capture_us:
 * @element: an element in PAUSED or PLAYING
 * @segment: (nullable): of the buffer's stream
 * @pts: the buffer's
 *
 * Returns: when the buffer was captured, monotonic; now if it doesn't say or
 *   the pipeline has no clock yet
 */
gint64 foyer_cast_time_get_capture_us (GstElement *element,
    const GstSegment *segment, GstClockTime pts);

/**
 * foyer_cast_time_get_running_ns:
 * @element: an element in PLAYING
 * @at_us: monotonic time
 *
 * Returns: that moment in the running time of @element's pipeline, 0 if it was
 *   before it ran; %GST_CLOCK_TIME_NONE without a clock
 */
GstClockTime foyer_cast_time_get_running_ns (GstElement *element, gint64 at_us);

G_END_DECLS
