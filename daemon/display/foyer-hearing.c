/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-hearing.h"

#include "foyer-clock.h"
#include "foyer-ear.h"

#include <gst/base/gstbasesink.h>

#define NS_PER_US 1000

#define ALOUD "queue ! opusdec ! audioconvert ! audioresample ! autoaudiosink"
#define HEARD                                                         \
  "queue ! opusdec ! audioconvert ! audio/x-raw, format=S16LE, "      \
  "rate=48000, channels=1 ! fakesink name=ear sync=true async=false " \
  "signal-handoffs=true enable-last-sample=false qos=false"
#define UNHEARD "fakesink sync=false async=false enable-last-sample=false"

struct _FoyerHearing
{
  gboolean is_played;
  GMutex lock; /* guards the rest */
  FILE *sounds;
  FoyerEar ear;
  guint64 came_ns; /* the buffer that the ear gets next */
  guint64 session;
  guint64 n_packets;
  guint64 n_bytes;
};

static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  FoyerHearing *self = user_data;

  g_mutex_lock (&self->lock);
  self->n_packets++;
  self->n_bytes += gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info));
  g_mutex_unlock (&self->lock);
  return GST_PAD_PROBE_OK;
}

static guint64
get_now_ns (void)
{
  return (guint64) foyer_clock_get_us (foyer_clock_get_system ()) * NS_PER_US;
}

/* Streaming thread. */
static GstPadProbeReturn
on_due_soon (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  ((FoyerHearing *) user_data)->came_ns = get_now_ns ();
  return GST_PAD_PROBE_OK;
}

/* How long ago its first sample was due. */
static guint64
get_late_ns (GstElement *sink, GstBuffer *buffer)
{
  GstBaseSink *base = GST_BASE_SINK (sink);
  GstClock *clock = GST_ELEMENT_CLOCK (sink);
  guint64 running_ns = gst_segment_to_running_time (&base->segment,
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  guint64 due_ns = gst_element_get_base_time (sink) + running_ns +
      gst_base_sink_get_latency (base);
  guint64 now_ns = clock != NULL ? gst_clock_get_time (clock) : 0;

  return GST_CLOCK_TIME_IS_VALID (running_ns) && now_ns > due_ns
      ? now_ns - due_ns
      : 0;
}

/* The moment of its first sample: when it was due, or when it came, if that was
 * later. A sound device has a ring and plays in time what it got in time, whenever
 * this thread wakes up. */
static void
on_handoff (GstElement *sink, GstBuffer *buffer, GstPad *pad,
    gpointer user_data)
{
  FoyerHearing *self = user_data;
  guint64 heard_ns = MAX (get_now_ns () - get_late_ns (sink, buffer),
      self->came_ns);
  g_autofree char *line = NULL;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  g_mutex_lock (&self->lock);
  line = foyer_ear_play (&self->ear, (const gint16 *) (gpointer) map.data,
      map.size / sizeof (gint16), heard_ns, self->session);
  if (line != NULL) {
    fprintf (self->sounds, "%s\n", line);
    fflush (self->sounds);
  }
  g_mutex_unlock (&self->lock);
  gst_buffer_unmap (buffer, &map);
}

static const char *
get_description (const FoyerHearing *self)
{
  if (self->is_played)
    return ALOUD;
  return self->sounds != NULL ? HEARD : UNHEARD;
}

FoyerHearing *
foyer_hearing_new (gboolean is_played, FILE *sounds)
{
  FoyerHearing *self = g_new0 (FoyerHearing, 1);

  g_mutex_init (&self->lock);
  self->is_played = is_played;
  self->sounds = sounds;
  return self;
}

void
foyer_hearing_take (FoyerHearing *self, GstBin *pipeline, GstPad *pad)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstPad) target = NULL;
  g_autoptr (GstElement) ear = NULL;
  GstElement *bin = gst_parse_bin_from_description (get_description (self),
      TRUE, &error);

  if (bin == NULL) {
    g_warning ("no sound: %s", error->message);
    return;
  }
  ear = gst_bin_get_by_name (GST_BIN (bin), "ear");
  if (ear != NULL) {
    g_autoptr (GstPad) due = gst_element_get_static_pad (ear, "sink");

    gst_pad_add_probe (due, GST_PAD_PROBE_TYPE_BUFFER, on_due_soon, self, NULL);
    g_signal_connect (ear, "handoff", G_CALLBACK (on_handoff), self);
  }
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet, self, NULL);
  gst_bin_add (pipeline, bin);
  target = gst_element_get_static_pad (bin, "sink");
  gst_element_sync_state_with_parent (bin);
  if (gst_pad_link (pad, target) != GST_PAD_LINK_OK)
    g_warning ("no sound: its elements can't be joined");
}

void
foyer_hearing_begin (FoyerHearing *self, guint64 session)
{
  g_mutex_lock (&self->lock);
  self->session = session;
  self->ear = (FoyerEar){ 0 };
  g_mutex_unlock (&self->lock);
}

void
foyer_hearing_get_figures (FoyerHearing *self, guint64 *n_packets,
    guint64 *n_bytes)
{
  g_mutex_lock (&self->lock);
  *n_packets = self->n_packets;
  *n_bytes = self->n_bytes;
  g_mutex_unlock (&self->lock);
}

void
foyer_hearing_free (FoyerHearing *self)
{
  if (self == NULL)
    return;
  g_mutex_clear (&self->lock);
  g_free (self);
}
