/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-fd.h"
#include "foyer-link-caps.h"
#include "foyer-link.h"
#include "foyer-packet.h"
#include "foyer-tag-meta.h"
#include "foyer-test-clock.h"
#include "foyerlinksink.h"
#include "foyerlinksrc.h"

#include <fcntl.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

/* foyerlinksink and foyerlinksrc, each against the plain other end. */

#define VP8_CAPS "video/x-vp8,width=640,height=360,framerate=30/1"

static const FoyerShape vp8_shape = { FOYER_CODEC_VP8, 640, 360, 30, 1, 0 };

static GstBuffer *
new_buffer (guint64 sequence, gboolean is_key)
{
  FoyerTag tag = { { 7 }, 2, sequence,
    foyer_clock_get_us (foyer_clock_get_system ()) };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 100, NULL);

  gst_buffer_memset (buffer, 0, (guint8) sequence, 100);
  if (sequence > 0)
    foyer_buffer_set_tag (buffer, &tag);
  if (!is_key)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return buffer;
}

/* A link of a session; its reading end. */
static FoyerLinkReader *
add_link (GstHarness *h, guint64 session)
{
  int ends[2];

  g_assert_true (foyer_packet_pair (ends));
  g_assert_true (foyer_link_sink_add (FOYER_LINK_SINK (h->element),
      (FoyerSessionId){ session }, ends[0]));
  return foyer_link_reader_new (ends[1]);
}

static guint64
read_frame (FoyerLinkReader *reader)
{
  FoyerLinkFrame frame;
  FoyerShape shape;
  FoyerLinkEvent event;

  do
    event = foyer_link_reader_receive (reader, &frame, &shape);
  while (event == FOYER_LINK_EVENT_SHAPE);
  if (event != FOYER_LINK_EVENT_FRAME)
    return 0;
  g_assert_cmpuint (frame.n_bytes, ==, 100);
  g_assert_cmpuint (frame.data[99], ==, frame.sequence & 0xff);
  g_assert_cmpuint (frame.camera.v, ==, 7);
  g_assert_cmpuint (frame.generation, ==, 2);
  foyer_link_reader_release (reader);
  return frame.sequence;
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

static GstHarness *
new_sink (void)
{
  GstHarness *h = gst_harness_new ("foyerlinksink");

  gst_harness_set_src_caps_str (h, VP8_CAPS);
  return h;
}

static void
push (GstHarness *h, guint64 sequence, gboolean is_key)
{
  g_assert_cmpint (gst_harness_push (h, new_buffer (sequence, is_key)), ==,
      GST_FLOW_OK);
}

static void
test_many_links (void)
{
  GstHarness *h = new_sink ();
  FoyerLinkReader *readers[20];

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    readers[i] = add_link (h, i + 1);
  for (guint sequence = 1; sequence < 50; sequence++) {
    push (h, sequence, sequence == 1);
    for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
      g_assert_cmpuint (read_frame (readers[i]), ==, sequence);
  }
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    foyer_link_reader_free (readers[i]);
  gst_harness_teardown (h);
}

/* A join gets nothing until a key frame, which is asked for at once (I3). */
static void
test_join (void)
{
  GstHarness *h = new_sink ();
  FoyerLinkReader *reader;
  FoyerLinkWish wish;
  FoyerSessionId session = { 4 };

  push (h, 1, TRUE);
  g_assert_cmpuint (count_key_requests (h), ==, 0);
  reader = add_link (h, 4);
  g_assert_cmpuint (count_key_requests (h), ==, 1);
  push (h, 2, FALSE);
  g_assert_cmpuint (read_frame (reader), ==, 0);
  g_assert_true (
      foyer_link_sink_get_wish (FOYER_LINK_SINK (h->element), session, &wish));
  g_assert_true (wish.wants_key);
  push (h, 3, TRUE);
  g_assert_cmpuint (read_frame (reader), ==, 3);
  g_assert_true (
      foyer_link_sink_get_wish (FOYER_LINK_SINK (h->element), session, &wish));
  g_assert_false (wish.wants_key);
  foyer_link_reader_set_rate (reader, 900000);
  push (h, 4, FALSE);
  g_assert_true (
      foyer_link_sink_get_wish (FOYER_LINK_SINK (h->element), session, &wish));
  g_assert_cmpuint (wish.bps, ==, 900000);
  foyer_link_reader_free (reader);
  gst_harness_teardown (h);
}

/* A sink whose time is the test's. */
static GstHarness *
new_timed_sink (FoyerTestClock *clock)
{
  GstHarness *h = new_sink ();

  foyer_test_clock_init (clock, G_USEC_PER_SEC, 0);
  foyer_link_sink_set_clock (FOYER_LINK_SINK (h->element), &clock->clock);
  return h;
}

/* However many want a key frame, upstream is asked at most five times a second. */
static void
test_key_requests_are_few (void)
{
  FoyerTestClock clock;
  GstHarness *h = new_timed_sink (&clock);
  FoyerLinkReader *readers[50];

  /* For half a second. */
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++) {
    readers[i] = add_link (h, i + 1);
    push (h, i + 1, FALSE);
    foyer_test_clock_advance (&clock, 10 * 1000);
  }
  g_assert_cmpuint (count_key_requests (h), ==, 3);
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    foyer_link_reader_free (readers[i]);
  gst_harness_teardown (h);
}

/* Pushes a frame each 10 ms for @span_us, of which each reader takes its own and
 * wants a key frame; how often upstream was asked for one. */
static guint
count_asked (GstHarness *h, FoyerTestClock *clock, FoyerLinkReader **readers,
    guint n_readers, guint64 *sequence, gint64 span_us)
{
  for (gint64 us = 0; us < span_us; us += 10 * 1000) {
    foyer_test_clock_advance (clock, 10 * 1000);
    push (h, ++*sequence, FALSE);
    for (guint i = 0; i < n_readers; i++) {
      read_frame (readers[i]);
      foyer_link_reader_want_key (readers[i]);
    }
  }
  return count_key_requests (h);
}

/* What one of many lost costs the others, so it waits longer for a key frame than
 * one that begins; alone it does not. */
static void
test_key_again (void)
{
  FoyerTestClock clock;
  GstHarness *h = new_timed_sink (&clock);
  FoyerLinkReader *readers[2] = { add_link (h, 1), add_link (h, 2) };
  FoyerLinkReader *late;
  guint64 sequence = 1;

  g_assert_cmpuint (count_key_requests (h), ==, 1);
  push (h, sequence, TRUE);
  g_assert_cmpuint (count_asked (h, &clock, readers, 2, &sequence, 990 * 1000),
      ==, 0);
  g_assert_cmpuint (count_asked (h, &clock, readers, 2, &sequence, 210 * 1000),
      ==, 1);
  late = add_link (h, 3);
  g_assert_cmpuint (count_key_requests (h), ==, 1);
  push (h, ++sequence, TRUE);
  g_assert_cmpuint (read_frame (late), ==, sequence);
  foyer_link_reader_free (late);
  foyer_link_reader_free (readers[1]);
  g_assert_cmpuint (count_asked (h, &clock, readers, 1, &sequence, 190 * 1000),
      ==, 0);
  g_assert_cmpuint (count_asked (h, &clock, readers, 1, &sequence, 210 * 1000),
      ==, 2);
  foyer_link_reader_free (readers[0]);
  gst_harness_teardown (h);
}

/* One that lags loses frames, the others none. */
static void
test_slow_reader (void)
{
  GstHarness *h = new_sink ();
  FoyerLinkReader *slow = add_link (h, 1);
  FoyerLinkReader *fast = add_link (h, 2);
  FoyerLinkWish wish;

  for (guint i = 1; i <= 20; i++) {
    push (h, i, i == 1);
    g_assert_cmpuint (read_frame (fast), ==, i);
  }
  g_assert_true (foyer_link_sink_get_wish (FOYER_LINK_SINK (h->element),
      (FoyerSessionId){ 1 }, &wish));
  g_assert_cmpuint (wish.n_dropped, ==, 20 - FOYER_LINK_SLOTS);
  g_assert_true (wish.wants_key);
  for (guint i = 1; i <= FOYER_LINK_SLOTS; i++)
    g_assert_cmpuint (read_frame (slow), ==, i);
  push (h, 21, FALSE);
  g_assert_cmpuint (read_frame (slow), ==, 0);
  push (h, 22, TRUE);
  g_assert_cmpuint (read_frame (slow), ==, 22);
  foyer_link_reader_free (slow);
  foyer_link_reader_free (fast);
  gst_harness_teardown (h);
}

/* A key frame that was under way already is from before the grant (I3). */
static void
test_since (void)
{
  GstHarness *h = new_sink ();
  GstBuffer *early = new_buffer (1, TRUE);
  FoyerLinkReader *reader;
  int ends[2];

  /* Granted in the very next microsecond. */
  g_assert_true (foyer_packet_pair (ends));
  g_assert_true (foyer_link_sink_add_since (FOYER_LINK_SINK (h->element),
      (FoyerSessionId){ 1 }, foyer_buffer_get_tag (early)->capture_us + 1,
      ends[0]));
  reader = foyer_link_reader_new (ends[1]);
  g_assert_cmpint (gst_harness_push (h, early), ==, GST_FLOW_OK);
  g_assert_cmpuint (read_frame (reader), ==, 0);
  push (h, 2, FALSE);
  g_assert_cmpuint (read_frame (reader), ==, 0);
  push (h, 3, TRUE);
  g_assert_cmpuint (read_frame (reader), ==, 3);
  foyer_link_reader_free (reader);
  gst_harness_teardown (h);
}

/* From one encoder to another: the same pool, and a key frame first. */
static void
test_move (void)
{
  GstHarness *from = new_sink ();
  GstHarness *to = new_sink ();
  FoyerLinkSink *sinks[2] = { FOYER_LINK_SINK (from->element),
    FOYER_LINK_SINK (to->element) };
  FoyerLinkReader *reader = add_link (from, 1);
  FoyerLinkReader *other = add_link (from, 2);
  const FoyerSessionId session = { 1 };
  FoyerLinkWish wish;

  push (from, 1, TRUE);
  g_assert_cmpuint (read_frame (reader), ==, 1);
  g_assert_cmpuint (read_frame (other), ==, 1);
  count_key_requests (to);
  g_assert_true (foyer_link_sink_move (sinks[0], session, sinks[1]));
  g_assert_false (foyer_link_sink_move (sinks[0], session, sinks[1]));
  g_assert_cmpuint (count_key_requests (to), ==, 1);
  push (from, 2, TRUE);
  g_assert_cmpuint (read_frame (reader), ==, 0);
  g_assert_cmpuint (read_frame (other), ==, 2);
  push (to, 3, FALSE);
  g_assert_cmpuint (read_frame (reader), ==, 0);
  push (to, 4, TRUE);
  push (to, 5, FALSE);
  g_assert_cmpuint (read_frame (reader), ==, 4);
  g_assert_cmpuint (read_frame (reader), ==, 5);
  g_assert_false (foyer_link_sink_get_wish (sinks[0], session, &wish));
  g_assert_true (foyer_link_sink_get_wish (sinks[1], session, &wish));
  g_assert_false (wish.wants_key);
  foyer_link_reader_free (reader);
  foyer_link_reader_free (other);
  gst_harness_teardown (from);
  gst_harness_teardown (to);
}

/* Where a session has a link already, none comes. */
static void
test_move_in_vain (void)
{
  GstHarness *from = new_sink ();
  GstHarness *to = new_sink ();
  FoyerLinkReader *reader = add_link (from, 1);
  FoyerLinkReader *other = add_link (to, 1);

  g_assert_false (foyer_link_sink_move (FOYER_LINK_SINK (from->element),
      (FoyerSessionId){ 1 }, FOYER_LINK_SINK (to->element)));
  push (to, 1, TRUE);
  g_assert_cmpuint (read_frame (other), ==, 1);
  g_assert_cmpuint (read_frame (reader), ==, 0);
  foyer_link_reader_free (reader);
  foyer_link_reader_free (other);
  gst_harness_teardown (from);
  gst_harness_teardown (to);
}

static void
test_untagged (void)
{
  GstHarness *h = new_sink ();
  FoyerLinkReader *reader = add_link (h, 1);
  g_autoptr (GstStructure) stats = NULL;
  guint64 n_untagged = 0;

  push (h, 0, TRUE);
  g_assert_cmpuint (read_frame (reader), ==, 0);
  g_object_get (h->element, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, "untagged", &n_untagged));
  g_assert_cmpuint (n_untagged, ==, 1);
  foyer_link_reader_free (reader);
  gst_harness_teardown (h);
}

static void
test_remove (void)
{
  GstHarness *h = new_sink ();
  FoyerLinkSink *sink = FOYER_LINK_SINK (h->element);
  FoyerLinkReader *first = add_link (h, 1);
  FoyerLinkReader *second = add_link (h, 2);
  FoyerLinkFrame frame;
  FoyerLinkWish wish;
  FoyerShape shape;
  int ends[2];

  push (h, 1, TRUE);
  g_assert_cmpuint (read_frame (first), ==, 1);
  g_assert_cmpuint (read_frame (second), ==, 1);
  g_assert_true (foyer_packet_pair (ends));
  g_assert_false (foyer_link_sink_add (sink, (FoyerSessionId){ 2 }, ends[0]));
  g_assert_cmpint (fcntl (ends[0], F_GETFD), ==, -1);
  foyer_fd_clear (&ends[1]);
  g_assert_true (foyer_link_sink_remove (sink, (FoyerSessionId){ 1 }));
  g_assert_false (foyer_link_sink_remove (sink, (FoyerSessionId){ 1 }));
  g_assert_false (
      foyer_link_sink_get_wish (sink, (FoyerSessionId){ 1 }, &wish));
  push (h, 2, FALSE);
  g_assert_cmpint (foyer_link_reader_receive (first, &frame, &shape), ==,
      FOYER_LINK_EVENT_GONE);
  g_assert_cmpuint (read_frame (second), ==, 2);
  foyer_link_reader_free (first);
  foyer_link_reader_free (second);
  gst_harness_teardown (h);
}

static void
test_reader_goes (void)
{
  GstHarness *h = new_sink ();
  FoyerLinkReader *first = add_link (h, 11);
  FoyerLinkReader *second = add_link (h, 12);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  guint64 session = 0;

  gst_element_set_bus (h->element, bus);
  push (h, 1, TRUE);
  foyer_link_reader_free (first);
  push (h, 2, FALSE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
  g_assert_nonnull (message);
  g_assert_true (gst_message_has_name (message, "foyer-link-gone"));
  gst_structure_get_uint64 (gst_message_get_structure (message), "session",
      &session);
  g_assert_cmpuint (session, ==, 11);
  g_assert_cmpuint (read_frame (second), ==, 1);
  g_assert_cmpuint (read_frame (second), ==, 2);
  foyer_link_reader_free (second);
  gst_element_set_bus (h->element, NULL);
  gst_harness_teardown (h);
}

/* With the link of the property, its end is the end. */
static void
test_only_reader_goes (void)
{
  GstElement *sink = gst_element_factory_make ("foyerlinksink", NULL);
  GstHarness *h;
  int ends[2];

  g_assert_true (foyer_packet_pair (ends));
  g_object_set (sink, "fd", ends[0], NULL);
  h = gst_harness_new_with_element (sink, "sink", NULL);
  gst_harness_set_src_caps_str (h, VP8_CAPS);
  push (h, 1, TRUE);
  foyer_fd_clear (&ends[1]);
  g_assert_cmpint (gst_harness_push (h, new_buffer (2, TRUE)), ==,
      GST_FLOW_ERROR);
  gst_harness_teardown (h);
  gst_object_unref (sink);
}

/* foyerlinksrc */

typedef struct
{
  GstHarness *h;
  FoyerLinkWriter *writer;
} Source;

static Source
new_source (gsize slot_bytes)
{
  GstElement *element = gst_element_factory_make ("foyerlinksrc", NULL);
  Source source;
  int ends[2];

  g_assert_true (foyer_packet_pair (ends));
  g_object_set (element, "fd", ends[1], NULL);
  source.writer = foyer_link_writer_new (ends[0], slot_bytes, 4, NULL);
  g_assert_nonnull (source.writer);
  source.h = gst_harness_new_with_element (element, NULL, "src");
  gst_object_unref (element);
  return source;
}

static void
end_source (Source *source)
{
  g_clear_pointer (&source->writer, foyer_link_writer_free);
  gst_harness_teardown (source->h);
}

static void
send_frame (Source *source, guint64 sequence, gboolean is_key,
    const guint8 *data, gsize n_bytes)
{
  FoyerLinkFrame frame = { { 9 }, 4, sequence,
    foyer_clock_get_us (foyer_clock_get_system ()), is_key, data, n_bytes };

  g_assert_cmpint (foyer_link_writer_push (source->writer, &frame), ==,
      FOYER_LINK_SENT);
}

static void
test_source (void)
{
  Source source = new_source (1000);

  g_assert_true (foyer_link_writer_set_shape (source.writer, &vp8_shape));
  gst_harness_play (source.h);
  for (guint i = 1; i <= 20; i++) {
    guint8 data[10] = { (guint8) i };
    g_autoptr (GstBuffer) buffer = NULL;
    const FoyerTag *tag;

    send_frame (&source, i, i == 1, data, sizeof data);
    buffer = gst_harness_pull (source.h);
    g_assert_nonnull (buffer);
    tag = foyer_buffer_get_tag (buffer);
    g_assert_cmpuint (tag->camera.v, ==, 9);
    g_assert_cmpuint (tag->generation, ==, 4);
    g_assert_cmpuint (tag->sequence, ==, i);
    g_assert_cmpint (gst_buffer_memcmp (buffer, 0, data, sizeof data), ==, 0);
    g_assert_cmpint (GST_BUFFER_FLAG_IS_SET (buffer,
                         GST_BUFFER_FLAG_DELTA_UNIT),
        ==, i > 1);
    g_assert_true (GST_BUFFER_PTS_IS_VALID (buffer));
  }
  {
    g_autoptr (GstCaps) caps = gst_pad_get_current_caps (source.h->sinkpad);
    FoyerShape shape;

    g_assert_true (foyer_link_shape_from_caps (&shape, caps));
    g_assert_cmpint (shape.codec, ==, FOYER_CODEC_VP8);
    g_assert_cmpuint (shape.width_px, ==, 640);
  }
  end_source (&source);
}

static void
wait_for_eos (Source *source)
{
  gboolean is_eos = FALSE;

  while (!is_eos) {
    g_autoptr (GstEvent) event = gst_harness_pull_event (source->h);

    g_assert_nonnull (event);
    is_eos = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
  }
}

static void
test_source_ends (void)
{
  Source source = new_source (1000);

  gst_harness_play (source.h);
  g_assert_true (foyer_link_writer_set_shape (source.writer, &vp8_shape));
  g_clear_pointer (&source.writer, foyer_link_writer_free);
  wait_for_eos (&source);
  end_source (&source);
}

/* It can be stopped while it waits. */
static void
test_source_stops (void)
{
  Source source = new_source (1000);

  gst_harness_play (source.h);
  g_assert_cmpint (gst_element_set_state (source.h->element, GST_STATE_NULL),
      ==, GST_STATE_CHANGE_SUCCESS);
  end_source (&source);
}

static void
test_source_wants_key (void)
{
  Source source = new_source (1000);
  FoyerLinkWish wish;

  g_assert_true (foyer_link_writer_set_shape (source.writer, &vp8_shape));
  gst_harness_play (source.h);
  send_frame (&source, 1, TRUE, (const guint8 *) "x", 1);
  gst_buffer_unref (gst_harness_pull (source.h));
  g_assert_true (foyer_link_writer_receive (source.writer, &wish));
  g_assert_false (wish.wants_key);
  g_assert_true (gst_harness_push_upstream_event (source.h,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0)));
  foyer_link_src_set_rate (FOYER_LINK_SRC (source.h->element), 123456);
  g_assert_true (foyer_link_writer_receive (source.writer, &wish));
  g_assert_true (wish.wants_key);
  g_assert_cmpuint (wish.bps, ==, 123456);
  end_source (&source);
}

/* Raw frames, of a size whose rows GStreamer pads: every pixel arrives. */
static void
test_raw (void)
{
  const FoyerShape shape = { FOYER_CODEC_RAW, 7, 5, 30, 1, 0 };
  GstHarness *h = gst_harness_new ("foyerlinksink");
  Source source = new_source (4096);
  FoyerLinkReader *reader = add_link (h, 1);
  g_autoptr (GstBuffer) out = NULL;
  GstBuffer *buffer;
  FoyerTag tag = { { 9 }, 4, 1, 1000 };
  FoyerLinkFrame frame;
  FoyerShape told;
  GstVideoInfo info;
  GstMapInfo map;

  gst_harness_set_src_caps_str (h,
      "video/x-raw,format=I420,width=7,height=5,framerate=30/1");
  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_I420, 7, 5);
  buffer = gst_buffer_new_allocate (NULL, info.size, NULL);
  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  for (gsize i = 0; i < map.size; i++)
    map.data[i] = (guint8) i;
  gst_buffer_unmap (buffer, &map);
  foyer_buffer_set_tag (buffer, &tag);
  g_assert_cmpint (gst_harness_push (h, gst_buffer_ref (buffer)), ==,
      GST_FLOW_OK);
  g_assert_cmpint (foyer_link_reader_receive (reader, &frame, &told), ==,
      FOYER_LINK_EVENT_SHAPE);
  g_assert_cmpint (foyer_link_reader_receive (reader, &frame, &told), ==,
      FOYER_LINK_EVENT_FRAME);
  g_assert_cmpuint (frame.n_bytes, ==, 7 * 5 + 2 * 4 * 3);
  g_assert_cmpuint (frame.data[7], ==, info.stride[0]);
  g_assert_cmpuint (frame.data[35], ==, info.offset[1]);
  g_assert_true (foyer_link_writer_set_shape (source.writer, &shape));
  gst_harness_play (source.h);
  send_frame (&source, 1, TRUE, frame.data, frame.n_bytes);
  out = gst_harness_pull (source.h);
  g_assert_cmpuint (gst_buffer_get_size (out), ==, info.size);
  gst_buffer_map (out, &map, GST_MAP_READ);
  for (gint y = 0; y < 5; y++) {
    for (gint x = 0; x < 7; x++)
      g_assert_cmpuint (map.data[y * info.stride[0] + x], ==,
          y * info.stride[0] + x);
  }
  gst_buffer_unmap (out, &map);
  foyer_link_reader_free (reader);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
  end_source (&source);
}

/* A raw frame of another size than its shape ends the stream. */
static void
test_raw_too_short (void)
{
  const FoyerShape shape = { FOYER_CODEC_RAW, 64, 36, 30, 1, 0 };
  Source source = new_source (4096);

  g_assert_true (foyer_link_writer_set_shape (source.writer, &shape));
  gst_harness_play (source.h);
  send_frame (&source, 1, TRUE, (const guint8 *) "short", 5);
  wait_for_eos (&source);
  end_source (&source);
}

/* One picture is no stream, whoever says so. */
static void
test_source_still (void)
{
  const FoyerShape shape = { FOYER_CODEC_JPEG, 64, 36, 30, 1, 0 };
  Source source = new_source (4096);

  g_assert_true (foyer_link_writer_set_shape (source.writer, &shape));
  gst_harness_play (source.h);
  send_frame (&source, 1, TRUE, (const guint8 *) "still", 5);
  wait_for_eos (&source);
  g_assert_cmpuint (gst_harness_buffers_received (source.h), ==, 0);
  end_source (&source);
}

/* A slate is of no camera, so that no gate lets it through as one's frame. */
static void
test_source_slate (void)
{
  Source source = new_source (1000);
  FoyerLinkFrame slate = { { FOYER_LINK_SLATE }, 1, 1,
    foyer_clock_get_us (foyer_clock_get_system ()), TRUE,
    (const guint8 *) "slate", 5 };
  g_autoptr (GstBuffer) buffer = NULL;

  g_assert_true (foyer_link_writer_set_shape (source.writer, &vp8_shape));
  gst_harness_play (source.h);
  g_assert_cmpint (foyer_link_writer_push (source.writer, &slate), ==,
      FOYER_LINK_SENT);
  buffer = gst_harness_pull (source.h);
  g_assert_null (foyer_buffer_get_tag (buffer));
  end_source (&source);
}

/* Once the writer has ended nothing is given out, not even what waits. */
static void
test_source_prompt (void)
{
  Source source = new_source (1000);
  FoyerLinkSrc *element = FOYER_LINK_SRC (
      gst_harness_find_element (source.h, "foyerlinksrc"));

  foyer_link_src_set_prompt (element, TRUE);
  g_assert_true (foyer_link_writer_set_shape (source.writer, &vp8_shape));
  for (guint i = 1; i <= 3; i++)
    send_frame (&source, i, TRUE, (const guint8 *) "frame", 5);
  g_clear_pointer (&source.writer, foyer_link_writer_free);
  gst_harness_play (source.h);
  wait_for_eos (&source);
  g_assert_cmpuint (gst_harness_buffers_received (source.h), ==, 0);
  gst_object_unref (element);
  end_source (&source);
}

static void
test_caps (void)
{
  static const char *const bad[] = { "video/x-vp8,width=0,height=5",
    "video/x-vp8", "video/x-vp9,width=5,height=5",
    "video/x-vp8,width=65536,height=5" };
  FoyerShape shape;

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (bad[i]);

    g_assert_false (foyer_link_shape_from_caps (&shape, caps));
  }
  for (guint codec = 1; codec <= FOYER_CODEC_RAW; codec++) {
    FoyerShape in = { codec, 1, G_MAXUINT16, 0, 1, 0 };
    g_autoptr (GstCaps) caps = foyer_link_shape_to_caps (&in);
    g_autoptr (GstCaps) all = gst_caps_from_string (FOYER_LINK_CAPS);

    g_assert_true (gst_caps_is_subset (caps, all));
    g_assert_true (foyer_link_shape_from_caps (&shape, caps));
    g_assert_cmpint (shape.codec, ==, codec);
    g_assert_cmpuint (shape.height_px, ==, G_MAXUINT16);
    g_assert_cmpuint (shape.fps_n, ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  GST_ELEMENT_REGISTER (foyerlinksink, NULL);
  GST_ELEMENT_REGISTER (foyerlinksrc, NULL);
  g_test_add_func ("/foyerlinksink/many-links", test_many_links);
  g_test_add_func ("/foyerlinksink/join", test_join);
  g_test_add_func ("/foyerlinksink/key-requests-are-few",
      test_key_requests_are_few);
  g_test_add_func ("/foyerlinksink/key-again", test_key_again);
  g_test_add_func ("/foyerlinksink/slow-reader", test_slow_reader);
  g_test_add_func ("/foyerlinksink/since", test_since);
  g_test_add_func ("/foyerlinksink/move", test_move);
  g_test_add_func ("/foyerlinksink/move-in-vain", test_move_in_vain);
  g_test_add_func ("/foyerlinksink/untagged", test_untagged);
  g_test_add_func ("/foyerlinksink/remove", test_remove);
  g_test_add_func ("/foyerlinksink/reader-goes", test_reader_goes);
  g_test_add_func ("/foyerlinksink/only-reader-goes", test_only_reader_goes);
  g_test_add_func ("/foyerlinksrc/frames", test_source);
  g_test_add_func ("/foyerlinksrc/ends", test_source_ends);
  g_test_add_func ("/foyerlinksrc/stops", test_source_stops);
  g_test_add_func ("/foyerlinksrc/wants-key", test_source_wants_key);
  g_test_add_func ("/foyerlinksrc/raw", test_raw);
  g_test_add_func ("/foyerlinksrc/raw-too-short", test_raw_too_short);
  g_test_add_func ("/foyerlinksrc/still", test_source_still);
  g_test_add_func ("/foyerlinksrc/slate", test_source_slate);
  g_test_add_func ("/foyerlinksrc/prompt", test_source_prompt);
  g_test_add_func ("/foyerlinks/caps", test_caps);
  return g_test_run ();
}
