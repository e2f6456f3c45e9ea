/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyergate.h"
#include "foyertag.h"

#include <gst/gst.h>
#include <stdlib.h>

/* What tag and gate cost a frame: as many frames as the argument says go from a
 * live source through foyertag and foyergate, and all of them pass. Nothing else
 * is in the way, and nothing is waited for: bench_tag.py counts the instructions
 * of the two under valgrind. */

typedef struct
{
  GstPad *source;
  GstPad *sink;
  guint n_frames; /* that came through */
} Bench;

/* As a camera answers: only of a live source times are those of capture. */
static gboolean
answer_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static GstFlowReturn
take_frame (GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
  Bench *self = gst_pad_get_element_private (pad);

  self->n_frames++;
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

/* In PLAYING, on the clock that pipelines have. */
static GstElement *
make_element (const char *name, GstClock *clock)
{
  GstElement *element = gst_element_factory_make (name, NULL);

  g_object_set (element, "camera", G_GUINT64_CONSTANT (7), "generation",
      G_GUINT64_CONSTANT (1), NULL);
  gst_element_set_clock (element, clock);
  gst_element_set_base_time (element, gst_clock_get_time (clock));
  return element;
}

static void
link_pads (GstPad *from, GstElement *element)
{
  g_autoptr (GstPad) to = gst_element_get_static_pad (element, "sink");

  if (gst_pad_link (from, to) != GST_PAD_LINK_OK)
    g_error ("pads do not link");
}

static void
push_begin (Bench *self)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("video/x-vp8");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->source, gst_event_new_stream_start ("camera"));
  gst_pad_push_event (self->source, gst_event_new_caps (caps));
  gst_pad_push_event (self->source, gst_event_new_segment (&segment));
}

static void
push_frames (Bench *self, GstElement *tag, guint n_frames)
{
  GstClock *clock = GST_ELEMENT_CLOCK (tag);

  for (guint i = 0; i < n_frames; i++) {
    GstBuffer *buffer = gst_buffer_new ();

    GST_BUFFER_PTS (buffer) = gst_clock_get_time (clock) -
        gst_element_get_base_time (tag);
    if (gst_pad_push (self->source, buffer) != GST_FLOW_OK)
      g_error ("a frame is refused");
  }
}

int
main (int argc, char **argv)
{
  guint n_frames = argc == 2 ? (guint) atoi (argv[1]) : 0;
  g_autoptr (GstClock) clock = NULL;
  g_autoptr (GstElement) tag = NULL, gate = NULL;
  g_autoptr (GstPad) between = NULL, behind = NULL;
  Bench self = { 0 };

  gst_init (NULL, NULL);
  GST_ELEMENT_REGISTER (foyertag, NULL);
  GST_ELEMENT_REGISTER (foyergate, NULL);
  clock = gst_system_clock_obtain ();
  tag = gst_object_ref_sink (make_element ("foyertag", clock));
  gate = gst_object_ref_sink (make_element ("foyergate", clock));
  /* However long a busy machine is at a frame, it passes. */
  g_object_set (gate, "max-age", 1000 * 1000, "open", TRUE, NULL);
  self.source = gst_pad_new ("source", GST_PAD_SRC);
  self.sink = gst_pad_new ("sink", GST_PAD_SINK);
  gst_pad_set_query_function (self.source, answer_query);
  gst_pad_set_chain_function (self.sink, take_frame);
  gst_pad_set_element_private (self.sink, &self);
  between = gst_element_get_static_pad (tag, "src");
  behind = gst_element_get_static_pad (gate, "src");
  link_pads (self.source, tag);
  link_pads (between, gate);
  gst_pad_link (behind, self.sink);
  gst_pad_set_active (self.sink, TRUE);
  gst_element_set_state (gate, GST_STATE_PLAYING);
  gst_element_set_state (tag, GST_STATE_PLAYING);
  gst_pad_set_active (self.source, TRUE);
  push_begin (&self);
  push_frames (&self, tag, n_frames);
  gst_element_set_state (tag, GST_STATE_NULL);
  gst_element_set_state (gate, GST_STATE_NULL);
  gst_object_unref (self.source);
  gst_object_unref (self.sink);
  return self.n_frames == n_frames ? EXIT_SUCCESS : EXIT_FAILURE;
}
