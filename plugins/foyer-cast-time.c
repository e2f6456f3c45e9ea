/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-time.h"

#include "foyer-clock.h"

#define NS_PER_US 1000

gint64
foyer_cast_time_to_us (gint64 at_ns, gint64 clock_ns, gint64 now_us)
{
  if (at_ns >= clock_ns)
    return now_us;
  return now_us - (clock_ns - at_ns) / NS_PER_US;
}

static GstClockType
get_clock_type (GstClock *clock)
{
  GstClockType type = GST_CLOCK_TYPE_OTHER;

  g_object_get (clock, "clock-type", &type, NULL);
  return type;
}

/* Of each frame the same clock is asked, and nobody gives a clock that runs
 * another type: the answer is kept with the clock, as one more than it is. */
static GstClockType
look_up_clock_type (GstClock *clock)
{
  static gsize key = 0;
  gpointer kept;

  if (g_once_init_enter (&key))
    g_once_init_leave (&key, g_quark_from_static_string ("foyer-clock-type"));
  kept = g_object_get_qdata ((GObject *) clock, (GQuark) key);
  if (kept == NULL) {
    kept = GUINT_TO_POINTER ((guint) get_clock_type (clock) + 1);
    g_object_set_qdata ((GObject *) clock, (GQuark) key, kept);
  }
  return (GstClockType) (GPOINTER_TO_UINT (kept) - 1);
}

/* The usual clock of a pipeline is CLOCK_MONOTONIC itself: then no second
 * reading of a clock, and no delay between two, comes into it. */
static gboolean
clock_is_monotonic (GstClock *clock)
{
  GstClockTime internal, external, num, denom;

  if (G_OBJECT_TYPE (clock) != GST_TYPE_SYSTEM_CLOCK ||
      look_up_clock_type (clock) != GST_CLOCK_TYPE_MONOTONIC)
    return FALSE;
  gst_clock_get_calibration (clock, &internal, &external, &num, &denom);
  return internal == external && num == denom;
}

gint64
foyer_cast_time_get_capture_us (GstElement *element, const GstSegment *segment,
    GstClockTime pts)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (element);
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());
  GstClockTime running_ns = GST_CLOCK_TIME_NONE;
  gint64 at_ns;

  if (segment != NULL && segment->format == GST_FORMAT_TIME)
    running_ns = gst_segment_to_running_time (segment, GST_FORMAT_TIME, pts);
  if (clock == NULL || !GST_CLOCK_TIME_IS_VALID (running_ns))
    return now_us;
  at_ns = (gint64) (gst_element_get_base_time (element) + running_ns);
  if (clock_is_monotonic (clock))
    return MIN (at_ns / NS_PER_US, now_us);
  return foyer_cast_time_to_us (at_ns, (gint64) gst_clock_get_time (clock),
      now_us);
}

GstClockTime
foyer_cast_time_get_running_ns (GstElement *element, gint64 at_us)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (element);
  gint64 base_ns = (gint64) gst_element_get_base_time (element);
  gint64 at_ns = at_us * NS_PER_US;

  if (clock == NULL)
    return GST_CLOCK_TIME_NONE;
  if (!clock_is_monotonic (clock)) {
    gint64 clock_ns = (gint64) gst_clock_get_time (clock);

    at_ns += clock_ns -
        foyer_clock_get_us (foyer_clock_get_system ()) * NS_PER_US;
  }
  return (GstClockTime) MAX (at_ns - base_ns, 0);
}
