/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-hearing.h"

#include "foyer-clock.h"
#include "foyer-ear.h"

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

/* The moment of its first sample. */
static void
on_handoff (GstElement *sink, GstBuffer *buffer, GstPad *pad,
    gpointer user_data)
{
  FoyerHearing *self = user_data;
  guint64 now_ns = (guint64) foyer_clock_get_us (foyer_clock_get_system ()) *
      NS_PER_US;
  g_autofree char *line = NULL;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  g_mutex_lock (&self->lock);
  line = foyer_ear_play (&self->ear, (const gint16 *) (gpointer) map.data,
      map.size / sizeof (gint16), now_ns, self->session);
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
  if (ear != NULL)
    g_signal_connect (ear, "handoff", G_CALLBACK (on_handoff), self);
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
