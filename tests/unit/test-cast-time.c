/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-time.h"

#include "foyer-cast-hold.h"
#include "foyer-clock.h"

#include <gst/check/gsttestclock.h>

#define NS_PER_MS G_GINT64_CONSTANT (1000000)
#define NOW_US    G_GINT64_CONSTANT (5000000)

static gint64
now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static void
test_time_past (void)
{
  g_assert_cmpint (foyer_cast_time_to_us (90 * NS_PER_MS, 100 * NS_PER_MS,
                       NOW_US),
      ==, NOW_US - 10000);
}

static void
test_time_future (void)
{
  g_assert_cmpint (foyer_cast_time_to_us (101 * NS_PER_MS, 100 * NS_PER_MS,
                       NOW_US),
      ==, NOW_US);
  g_assert_cmpint (foyer_cast_time_to_us (100 * NS_PER_MS, 100 * NS_PER_MS,
                       NOW_US),
      ==, NOW_US);
}

/* An element whose pipeline runs on @clock since @base_ns. */
static GstElement *
element_new (GstClock *clock, GstClockTime base_ns)
{
  GstElement *element = gst_bin_new (NULL);

  gst_object_ref_sink (element);
  gst_element_set_clock (element, clock);
  gst_element_set_base_time (element, base_ns);
  return element;
}

static void
test_time_system_clock (void)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstElement) element = element_new (clock, 2 * GST_SECOND);
  GstSegment segment;

  /* CLOCK_MONOTONIC itself: no reading of a clock comes into it. */
  gst_segment_init (&segment, GST_FORMAT_TIME);
  g_assert_cmpint (foyer_cast_time_get_capture_us (element, &segment,
                       GST_SECOND),
      ==, 3000000);
  g_assert_cmpuint (foyer_cast_time_get_running_ns (element, 3000000), ==,
      GST_SECOND);
  g_assert_cmpuint (foyer_cast_time_get_running_ns (element, 1000000), ==, 0);
}

static void
test_time_segment (void)
{
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstElement) element = element_new (clock, 0);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = 1000 * GST_SECOND;
  segment.base = GST_SECOND;
  g_assert_cmpint (foyer_cast_time_get_capture_us (element, &segment,
                       1001 * GST_SECOND),
      ==, 2000000);
}

static void
test_time_other_clock (void)
{
  g_autoptr (GstClock) clock = gst_test_clock_new_with_start_time (
      10 * GST_SECOND);
  g_autoptr (GstElement) element = element_new (clock, 4 * GST_SECOND);
  gint64 before_us, capture_us;
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  before_us = now_us ();
  capture_us = foyer_cast_time_get_capture_us (element, &segment,
      5 * GST_SECOND);
  g_assert_cmpint (capture_us, >=, before_us - 1000000);
  g_assert_cmpint (capture_us, <=, now_us () - 1000000);
}

static void
test_time_unknown (void)
{
  g_autoptr (GstElement) element = gst_object_ref_sink (gst_bin_new (NULL));
  gint64 before_us = now_us ();
  gint64 capture_us = foyer_cast_time_get_capture_us (element, NULL,
      GST_CLOCK_TIME_NONE);

  g_assert_cmpint (capture_us, >=, before_us);
  g_assert_cmpint (capture_us, <=, now_us ());
  g_assert_cmpuint (foyer_cast_time_get_running_ns (element, before_us), ==,
      GST_CLOCK_TIME_NONE);
}

typedef struct
{
  FoyerCastHold hold;
  GstElement *element;
  GstClockTime running_ns;
  GThread *thread;
} Waiter;

static gpointer
waiter_run (gpointer user_data)
{
  Waiter *self = user_data;

  return GINT_TO_POINTER (
      foyer_cast_hold_wait (&self->hold, self->element, self->running_ns));
}

static void
waiter_start (Waiter *self, GstElement *element, GstClockTime running_ns)
{
  foyer_cast_hold_init (&self->hold);
  self->element = element;
  self->running_ns = running_ns;
  self->thread = g_thread_new ("waiter", waiter_run, self);
}

/* Returns: what the wait returned. */
static gboolean
waiter_join (Waiter *self)
{
  gboolean result = GPOINTER_TO_INT (g_thread_join (self->thread));

  foyer_cast_hold_clear (&self->hold);
  return result;
}

static void
test_hold_waits_for_time (void)
{
  g_autoptr (GstClock) clock = gst_test_clock_new ();
  g_autoptr (GstElement) element = element_new (clock, GST_SECOND);
  GstTestClock *test_clock = GST_TEST_CLOCK (clock);
  GstClockID id;
  Waiter waiter;

  waiter_start (&waiter, element, 2 * GST_SECOND);
  foyer_cast_hold_set_playing (&waiter.hold, TRUE);
  gst_test_clock_wait_for_next_pending_id (test_clock, &id);
  g_assert_cmpuint (gst_clock_id_get_time (id), ==, 3 * GST_SECOND);
  gst_clock_id_unref (id);
  gst_test_clock_set_time (test_clock, 3 * GST_SECOND);
  id = gst_test_clock_process_next_clock_id (test_clock);
  gst_clock_id_unref (id);
  g_assert_true (waiter_join (&waiter));
}

static void
test_hold_flush_wakes (void)
{
  g_autoptr (GstClock) clock = gst_test_clock_new ();
  g_autoptr (GstElement) element = element_new (clock, 0);
  Waiter waiter;

  waiter_start (&waiter, element, GST_SECOND);
  foyer_cast_hold_set_playing (&waiter.hold, TRUE);
  gst_test_clock_wait_for_next_pending_id (GST_TEST_CLOCK (clock), NULL);
  foyer_cast_hold_set_flushing (&waiter.hold, TRUE);
  g_assert_false (waiter_join (&waiter));
}

static void
test_hold_paused (void)
{
  g_autoptr (GstElement) element = element_new (NULL, 0);
  Waiter waiter;

  waiter_start (&waiter, element, GST_CLOCK_TIME_NONE);
  foyer_cast_hold_set_flushing (&waiter.hold, TRUE);
  g_assert_false (waiter_join (&waiter));

  waiter_start (&waiter, element, GST_CLOCK_TIME_NONE);
  foyer_cast_hold_set_playing (&waiter.hold, TRUE);
  g_assert_true (waiter_join (&waiter));
}

/* A live camera's buffer, or one without a time, passes at once. */
static void
test_hold_live (void)
{
  g_autoptr (GstClock) clock = gst_test_clock_new_with_start_time (GST_SECOND);
  g_autoptr (GstElement) element = element_new (clock, 0);
  FoyerCastHold hold;

  foyer_cast_hold_init (&hold);
  foyer_cast_hold_set_playing (&hold, TRUE);
  g_assert_true (foyer_cast_hold_wait (&hold, element, GST_SECOND));
  g_assert_true (foyer_cast_hold_wait (&hold, element, GST_CLOCK_TIME_NONE));
  foyer_cast_hold_clear (&hold);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/cast-time/past", test_time_past);
  g_test_add_func ("/cast-time/future", test_time_future);
  g_test_add_func ("/cast-time/system-clock", test_time_system_clock);
  g_test_add_func ("/cast-time/segment", test_time_segment);
  g_test_add_func ("/cast-time/other-clock", test_time_other_clock);
  g_test_add_func ("/cast-time/unknown", test_time_unknown);
  g_test_add_func ("/cast-hold/waits-for-time", test_hold_waits_for_time);
  g_test_add_func ("/cast-hold/flush-wakes", test_hold_flush_wakes);
  g_test_add_func ("/cast-hold/paused", test_hold_paused);
  g_test_add_func ("/cast-hold/live", test_hold_live);
  return g_test_run ();
}
