/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tag-meta.h"
#include "foyer-test-clock.h"
#include "foyergate.h"
#include "foyertag.h"

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

/* foyertag, the tag itself, and foyergate. */

/* The machine's own, by which foyertag tags. */
static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

/* The gates' time, in which a test takes none. */
static FoyerTestClock gate_clock;

static GstBuffer *
new_buffer (guint64 camera, guint64 sequence)
{
  FoyerTag tag = { { camera }, 1, sequence, gate_clock.now_us };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16, NULL);

  foyer_buffer_set_tag (buffer, &tag);
  return buffer;
}

static GstHarness *
new_harness (const char *element)
{
  GstHarness *h = gst_harness_new (element);

  gst_harness_set_src_caps_str (h, "video/x-vp8");
  return h;
}

static GstHarness *
new_gate (void)
{
  GstHarness *h = new_harness ("foyergate");

  foyer_gate_element_set_clock (FOYER_GATE_ELEMENT (h->element),
      &gate_clock.clock);
  return h;
}

/* A gate with a grant for camera 7. */
static GstHarness *
new_open_gate (void)
{
  GstHarness *h = new_gate ();

  g_object_set (h->element, "camera", G_GUINT64_CONSTANT (7), "generation",
      G_GUINT64_CONSTANT (1), "open", TRUE, NULL);
  return h;
}

static guint64
get_count (GstHarness *h, FoyerGateVerdict verdict)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 count = G_MAXUINT64;

  g_object_get (h->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats,
      foyer_gate_verdict_to_string (verdict), &count));
  return count;
}

static void
assert_drops (GstHarness *h, GstBuffer *buffer, FoyerGateVerdict verdict)
{
  guint64 n_before = get_count (h, verdict);

  g_assert_cmpint (gst_harness_push (h, buffer), ==, GST_FLOW_OK);
  g_assert_null (gst_harness_try_pull (h));
  g_assert_cmpuint (get_count (h, verdict), ==, n_before + 1);
}

static void
assert_passes (GstHarness *h, GstBuffer *buffer)
{
  g_autoptr (GstBuffer) out = gst_harness_push_and_pull (h, buffer);

  g_assert_nonnull (out);
}

static void
test_tag (void)
{
  GstHarness *h = new_harness ("foyertag");
  gint64 before_us = get_now_us ();

  g_object_set (h->element, "camera", G_MAXUINT64, "generation",
      G_GUINT64_CONSTANT (5), NULL);
  for (guint i = 1; i <= 3; i++) {
    g_autoptr (GstBuffer) out = gst_harness_push_and_pull (h,
        gst_buffer_new ());
    const FoyerTag *tag = foyer_buffer_get_tag (out);

    g_assert_nonnull (tag);
    g_assert_cmpuint (tag->camera.v, ==, G_MAXUINT64);
    g_assert_cmpuint (tag->generation, ==, 5);
    g_assert_cmpuint (tag->sequence, ==, i);
    g_assert_cmpint (tag->capture_us, >=, before_us);
    g_assert_cmpint (tag->capture_us, <=, get_now_us ());
  }
  gst_harness_teardown (h);
}

/* When its timestamp was on the pipeline's clock. */
static void
test_tag_time (void)
{
  GstHarness *h = new_harness ("foyertag");
  g_autoptr (GstBuffer) out = NULL;
  GstBuffer *buffer = gst_buffer_new ();
  gint64 before_us = get_now_us ();
  const FoyerTag *tag;

  gst_harness_set_time (h, 100 * GST_MSECOND);
  GST_BUFFER_PTS (buffer) = 60 * GST_MSECOND;
  out = gst_harness_push_and_pull (h, buffer);
  tag = foyer_buffer_get_tag (out);
  g_assert_cmpint (tag->capture_us, >=, before_us - 40000);
  g_assert_cmpint (tag->capture_us, <=, get_now_us () - 40000);
  gst_harness_teardown (h);
}

static gboolean
on_latency_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, FALSE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

/* Timestamps of a file say when it is to be shown. */
static void
test_tag_file_time (void)
{
  GstHarness *h = new_harness ("foyertag");
  g_autoptr (GstBuffer) out = NULL;
  GstBuffer *buffer = gst_buffer_new ();
  gint64 before_us = get_now_us ();

  gst_pad_set_query_function (h->srcpad, on_latency_query);
  gst_harness_set_time (h, GST_SECOND);
  GST_BUFFER_PTS (buffer) = 0;
  out = gst_harness_push_and_pull (h, buffer);
  g_assert_cmpint (foyer_buffer_get_tag (out)->capture_us, >=, before_us);
  gst_harness_teardown (h);
}

/* A frame keeps the name it has. */
static void
test_tag_twice (void)
{
  GstHarness *h = new_harness ("foyertag");

  g_assert_cmpint (gst_harness_push (h, new_buffer (7, 1)), ==, GST_FLOW_ERROR);
  g_assert_null (gst_harness_try_pull (h));
  gst_harness_teardown (h);
}

static void
test_meta_joins (void)
{
  g_autoptr (GstBuffer) buffer = new_buffer (7, 3);
  FoyerTag same = { { 7 }, 1, 2, 50 };
  FoyerTag other = { { 8 }, 1, 2, 60 };
  const FoyerTag *tag = foyer_buffer_get_tag (buffer);

  foyer_buffer_set_tag (buffer, &same);
  g_assert_cmpuint (tag->camera.v, ==, 7);
  g_assert_cmpuint (tag->sequence, ==, 2);
  g_assert_cmpint (tag->capture_us, ==, 50);
  foyer_buffer_set_tag (buffer, &other);
  g_assert_cmpuint (tag->camera.v, ==, 0);
  g_assert_cmpuint (tag->generation, ==, 0);
  foyer_buffer_set_tag (buffer, &same);
  g_assert_cmpuint (tag->camera.v, ==, 0);
}

static void
test_meta_generations_join (void)
{
  g_autoptr (GstBuffer) buffer = new_buffer (7, 3);
  FoyerTag other = { { 7 }, 2, 2, 60 };

  foyer_buffer_set_tag (buffer, &other);
  g_assert_cmpuint (foyer_buffer_get_tag (buffer)->camera.v, ==, 0);
}

static void
test_meta_is_copied (void)
{
  g_autoptr (GstBuffer) buffer = new_buffer (7, 3);
  g_autoptr (GstBuffer) whole = gst_buffer_copy_deep (buffer);
  g_autoptr (GstBuffer) part = gst_buffer_copy_region (buffer,
      GST_BUFFER_COPY_ALL, 2, 3);
  GstBuffer *joined = gst_buffer_append (new_buffer (8, 1),
      g_steal_pointer (&part));

  g_assert_cmpuint (foyer_buffer_get_tag (whole)->camera.v, ==, 7);
  g_assert_cmpuint (foyer_buffer_get_tag (whole)->sequence, ==, 3);
  g_assert_cmpuint (foyer_buffer_get_tag (joined)->camera.v, ==, 8);
  gst_buffer_unref (joined);
}

static void
test_born_closed (void)
{
  GstHarness *h = new_gate ();
  gboolean is_open = TRUE;

  g_object_get (h->element, "open", &is_open, NULL);
  g_assert_false (is_open);
  assert_drops (h, new_buffer (7, 1), FOYER_GATE_CLOSED);
  gst_harness_teardown (h);
}

static void
test_passes (void)
{
  GstHarness *h = new_open_gate ();

  assert_passes (h, new_buffer (7, 1));
  assert_passes (h, new_buffer (7, 2));
  g_assert_cmpuint (get_count (h, FOYER_GATE_PASS), ==, 2);
  gst_harness_teardown (h);
}

static void
test_drops (void)
{
  GstHarness *h = new_open_gate ();
  GstBuffer *delta = new_buffer (7, 1);

  GST_BUFFER_FLAG_SET (delta, GST_BUFFER_FLAG_DELTA_UNIT);
  assert_drops (h, delta, FOYER_GATE_NO_KEY);
  assert_passes (h, new_buffer (7, 2));
  assert_drops (h, gst_buffer_new (), FOYER_GATE_UNTAGGED);
  assert_drops (h, new_buffer (8, 3), FOYER_GATE_FOREIGN);
  assert_drops (h, new_buffer (0, 3), FOYER_GATE_FOREIGN);
  assert_drops (h, new_buffer (7, 2), FOYER_GATE_REPEATED);
  assert_passes (h, new_buffer (7, 3));
  gst_harness_teardown (h);
}

/* Without granted-us the grant begins when the gate opens. */
static void
test_before_grant (void)
{
  GstHarness *h = new_gate ();
  FoyerTag tag = { { 7 }, 1, 1, gate_clock.now_us - 1 };
  GstBuffer *buffer = gst_buffer_new ();

  foyer_buffer_set_tag (buffer, &tag);
  g_object_set (h->element, "camera", G_GUINT64_CONSTANT (7), "generation",
      G_GUINT64_CONSTANT (1), "open", TRUE, NULL);
  assert_drops (h, buffer, FOYER_GATE_BEFORE);
  gst_harness_teardown (h);
}

/* How often upstream was asked for a key frame since the last call. */
static guint
count_key_requests (GstHarness *h)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_upstream_event (h)) != NULL) {
    n += gst_video_event_is_force_key_unit (event);
    gst_event_unref (event);
  }
  return n;
}

static GstBuffer *
new_delta (guint64 sequence)
{
  GstBuffer *buffer = new_buffer (7, sequence);

  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return buffer;
}

/* A stream whose key frame came too early gets another, asked for at most five
 * times a second. */
static void
test_asks_key (void)
{
  GstHarness *h = new_open_gate ();

  g_assert_cmpuint (count_key_requests (h), ==, 0);
  assert_drops (h, new_delta (1), FOYER_GATE_NO_KEY);
  g_assert_cmpuint (count_key_requests (h), ==, 1);
  foyer_test_clock_advance (&gate_clock, 200 * 1000 - 1);
  assert_drops (h, new_delta (2), FOYER_GATE_NO_KEY);
  g_assert_cmpuint (count_key_requests (h), ==, 0);
  foyer_test_clock_advance (&gate_clock, 1);
  assert_drops (h, new_delta (3), FOYER_GATE_NO_KEY);
  g_assert_cmpuint (count_key_requests (h), ==, 1);
  assert_passes (h, new_buffer (7, 4));
  assert_passes (h, new_delta (5));
  g_assert_cmpuint (count_key_requests (h), ==, 0);
  gst_harness_teardown (h);
}

/* Nothing that refers to a lost frame passes. */
static void
test_gap (void)
{
  GstHarness *h = new_gate ();
  FoyerTag tag = { { 7 }, 1, 2, gate_clock.now_us - 2 * G_USEC_PER_SEC };
  GstBuffer *late = gst_buffer_new ();

  foyer_buffer_set_tag (late, &tag);
  g_object_set (h->element, "camera", G_GUINT64_CONSTANT (7), "generation",
      G_GUINT64_CONSTANT (1), "granted-us", G_GINT64_CONSTANT (1), "open", TRUE,
      NULL);
  assert_passes (h, new_buffer (7, 1));
  assert_drops (h, late, FOYER_GATE_OLD);
  assert_drops (h, new_delta (3), FOYER_GATE_NO_KEY);
  g_assert_cmpuint (count_key_requests (h), ==, 1);
  assert_passes (h, new_buffer (7, 4));
  assert_passes (h, new_delta (5));
  gst_harness_teardown (h);
}

static void
test_ended (void)
{
  GstHarness *h = new_gate ();

  g_object_set (h->element, "camera", G_GUINT64_CONSTANT (7), "generation",
      G_GUINT64_CONSTANT (1), "granted-us", G_GINT64_CONSTANT (1), "ends-us",
      G_GINT64_CONSTANT (2), "open", TRUE, NULL);
  assert_drops (h, new_buffer (7, 1), FOYER_GATE_EXPIRED);
  gst_harness_teardown (h);
}

static void
test_too_old (void)
{
  GstHarness *h = new_gate ();
  GstBuffer *right = new_buffer (7, 1);
  GstBuffer *late = new_buffer (7, 2);

  g_object_set (h->element, "camera", G_GUINT64_CONSTANT (7), "generation",
      G_GUINT64_CONSTANT (1), "granted-us", G_GINT64_CONSTANT (1), "max-age", 2,
      "open", TRUE, NULL);
  foyer_test_clock_advance (&gate_clock, 2000);
  assert_passes (h, right);
  foyer_test_clock_advance (&gate_clock, 1);
  assert_drops (h, late, FOYER_GATE_OLD);
  gst_harness_teardown (h);
}

/* The order of a launch line's properties does not count. */
static void
test_opens_at_start (void)
{
  GstElement *gate = gst_element_factory_make ("foyergate", NULL);
  GstHarness *h;
  gboolean is_open = TRUE;

  foyer_gate_element_set_clock (FOYER_GATE_ELEMENT (gate), &gate_clock.clock);
  g_object_set (gate, "open", TRUE, "generation", G_GUINT64_CONSTANT (1),
      "camera", G_GUINT64_CONSTANT (7), NULL);
  g_object_get (gate, "open", &is_open, NULL);
  g_assert_false (is_open);
  h = gst_harness_new_with_element (gate, "sink", "src");
  gst_harness_set_src_caps_str (h, "video/x-vp8");
  assert_passes (h, new_buffer (7, 1));
  gst_harness_teardown (h);
  gst_object_unref (gate);
}

static void
test_no_grant (void)
{
  GstHarness *h = new_gate ();
  FoyerGrant none = { { 0 }, 1, 1, 0, 1 };

  g_object_set (h->element, "open", TRUE, NULL);
  assert_drops (h, new_buffer (0, 1), FOYER_GATE_CLOSED);
  g_assert_false (
      foyer_gate_element_open (FOYER_GATE_ELEMENT (h->element), &none));
  gst_harness_teardown (h);
}

static void
test_grant_by_function (void)
{
  GstHarness *h = new_gate ();
  FoyerGateElement *gate = FOYER_GATE_ELEMENT (h->element);
  FoyerGrant grant = { { 7 }, 1, gate_clock.now_us, 0, 1000000 };

  g_assert_true (foyer_gate_element_open (gate, &grant));
  g_assert_false (foyer_gate_element_open (gate, &grant));
  assert_passes (h, new_buffer (7, 1));
  foyer_gate_element_close (gate);
  g_assert_false (foyer_gate_element_open (gate, &grant));
  gst_harness_teardown (h);
}

/* "open=false" spoils nothing; after true it is for good. */
static void
test_closes_for_good (void)
{
  GstHarness *h = new_gate ();

  g_object_set (h->element, "open", FALSE, "camera", G_GUINT64_CONSTANT (7),
      "generation", G_GUINT64_CONSTANT (1), "open", TRUE, NULL);
  assert_passes (h, new_buffer (7, 1));
  for (guint i = 0; i < 2; i++) {
    g_object_set (h->element, "open", FALSE, NULL);
    assert_drops (h, new_buffer (7, 2 + i), FOYER_GATE_CLOSED);
    g_object_set (h->element, "open", TRUE, NULL);
    assert_drops (h, new_buffer (7, 2 + i), FOYER_GATE_CLOSED);
  }
  gst_harness_teardown (h);
}

/* A frame that was let through waits in front of what stands downstream, until
 * that is flushed and a while longer. */
#define WHILE_US (100 * 1000)

typedef struct
{
  GMutex mutex;
  GCond cond;
  gboolean is_waiting; /* the frame is there */
  gboolean is_flushed;
  gboolean is_ready;    /* for what comes next: flushing has ended */
  gboolean is_too_soon; /* it was before the frame had left */
  gboolean has_left;
  guint n_arrived;
} Slow;

static GstPadProbeReturn
on_slow_frame (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  Slow *slow = user_data;
  gint64 until_us;

  g_mutex_lock (&slow->mutex);
  slow->is_waiting = TRUE;
  g_cond_broadcast (&slow->cond);
  while (!slow->is_flushed)
    g_cond_wait (&slow->cond, &slow->mutex);
  until_us = g_get_monotonic_time () + WHILE_US;
  while (!slow->is_ready &&
      g_cond_wait_until (&slow->cond, &slow->mutex, until_us))
    ;
  slow->is_too_soon = slow->is_ready;
  slow->has_left = TRUE;
  g_mutex_unlock (&slow->mutex);
  return GST_PAD_PROBE_OK;
}

static GstFlowReturn
on_slow_chain (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  ((Slow *) pad->chaindata)->n_arrived++;
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
on_slow_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  Slow *slow = pad->eventdata;

  g_mutex_lock (&slow->mutex);
  slow->is_flushed |= GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START;
  slow->is_ready |= GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP;
  g_cond_broadcast (&slow->cond);
  g_mutex_unlock (&slow->mutex);
  gst_event_unref (event);
  return TRUE;
}

static gpointer
push_one (gpointer user_data)
{
  gst_harness_push (user_data, new_buffer (7, 1));
  return NULL;
}

/* Closing returns when no frame is on its way, and none arrives after (I4). */
static void
test_close_waits (void)
{
  GstHarness *h = new_open_gate ();
  g_autoptr (GstPad) pad = gst_element_get_static_pad (h->element, "src");
  Slow slow = { 0 };
  GThread *thread;

  g_mutex_init (&slow.mutex);
  g_cond_init (&slow.cond);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_slow_frame, &slow,
      NULL);
  gst_pad_set_chain_function_full (h->sinkpad, on_slow_chain, &slow, NULL);
  gst_pad_set_event_function_full (h->sinkpad, on_slow_event, &slow, NULL);
  thread = g_thread_new ("push", push_one, h);
  g_mutex_lock (&slow.mutex);
  while (!slow.is_waiting)
    g_cond_wait (&slow.cond, &slow.mutex);
  g_mutex_unlock (&slow.mutex);
  foyer_gate_element_close (FOYER_GATE_ELEMENT (h->element));
  g_mutex_lock (&slow.mutex);
  g_assert_true (slow.has_left);
  g_assert_false (slow.is_too_soon);
  g_mutex_unlock (&slow.mutex);
  g_thread_join (thread);
  g_assert_cmpuint (slow.n_arrived, ==, 0);
  gst_harness_teardown (h);
  g_cond_clear (&slow.cond);
  g_mutex_clear (&slow.mutex);
}

static void
test_close_flushes (void)
{
  GstHarness *h = new_open_gate ();
  guint n_flushes = 0;
  GstEvent *event;

  assert_passes (h, new_buffer (7, 1));
  foyer_gate_element_close (FOYER_GATE_ELEMENT (h->element));
  while ((event = gst_harness_try_pull_event (h)) != NULL) {
    n_flushes += GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_START ||
        GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP;
    gst_event_unref (event);
  }
  g_assert_cmpuint (n_flushes, ==, 2);
  gst_harness_teardown (h);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  foyer_test_clock_init (&gate_clock, G_GINT64_CONSTANT (10) * G_USEC_PER_SEC,
      0);
  GST_ELEMENT_REGISTER (foyergate, NULL);
  GST_ELEMENT_REGISTER (foyertag, NULL);
  g_test_add_func ("/foyertag/tag", test_tag);
  g_test_add_func ("/foyertag/time", test_tag_time);
  g_test_add_func ("/foyertag/file-time", test_tag_file_time);
  g_test_add_func ("/foyertag/twice", test_tag_twice);
  g_test_add_func ("/foyertag/meta/joins", test_meta_joins);
  g_test_add_func ("/foyertag/meta/generations", test_meta_generations_join);
  g_test_add_func ("/foyertag/meta/is-copied", test_meta_is_copied);
  g_test_add_func ("/foyergate/born-closed", test_born_closed);
  g_test_add_func ("/foyergate/passes", test_passes);
  g_test_add_func ("/foyergate/drops", test_drops);
  g_test_add_func ("/foyergate/before-grant", test_before_grant);
  g_test_add_func ("/foyergate/asks-key", test_asks_key);
  g_test_add_func ("/foyergate/gap", test_gap);
  g_test_add_func ("/foyergate/ended", test_ended);
  g_test_add_func ("/foyergate/too-old", test_too_old);
  g_test_add_func ("/foyergate/opens-at-start", test_opens_at_start);
  g_test_add_func ("/foyergate/no-grant", test_no_grant);
  g_test_add_func ("/foyergate/grant-by-function", test_grant_by_function);
  g_test_add_func ("/foyergate/closes-for-good", test_closes_for_good);
  g_test_add_func ("/foyergate/close-waits", test_close_waits);
  g_test_add_func ("/foyergate/close-flushes", test_close_flushes);
  return g_test_run ();
}
