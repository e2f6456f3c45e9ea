/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ears.h"

#include "foyer-clock.h"
#include "foyer-fd.h"
#include "foyer-media.h"
#include "foyer-microphone-source.h"
#include "foyer-tone.h"

#include <string.h>

#define N_CHANNELS 2

struct _FoyerEars
{
  const FoyerMessage *config; /* borrowed */
  GstElement *bin;            /* owned; it is in its parent, too */
  gint last_ms;               /* atomic: when samples came, monotonic, wraps */
  gint zeros_ms; /* atomic: for how long they have been zeros alone */
  /* streaming thread */
  gboolean has_begun;
  GstClockTime zeros_ns;
};

static gint
get_now_ms (void)
{
  return (gint) (guint) (foyer_clock_get_us (foyer_clock_get_system ()) / 1000);
}

/* what comes; streaming thread */

static gboolean
is_zeros (GstBuffer *buffer)
{
  gboolean is_all = FALSE;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return FALSE;
  is_all = map.size > 0 && map.data[0] == 0 &&
      memcmp (map.data, map.data + 1, map.size - 1) == 0;
  gst_buffer_unmap (buffer, &map);
  return is_all;
}

static GstPadProbeReturn
on_samples (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  FoyerEars *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (probe);

  self->zeros_ns = is_zeros (buffer)
      ? self->zeros_ns + GST_BUFFER_DURATION (buffer)
      : 0;
  g_atomic_int_set (&self->zeros_ms,
      (gint) MIN (self->zeros_ns / GST_MSECOND, G_MAXINT));
  g_atomic_int_set (&self->last_ms, get_now_ms ());
  if (!self->has_begun)
    gst_element_post_message (self->bin,
        gst_message_new_element (GST_OBJECT (self->bin),
            gst_structure_new_empty (FOYER_EARS_HEAR)));
  self->has_begun = TRUE;
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_silence (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  FoyerEars *self = user_data;
  GstBuffer *buffer = gst_buffer_make_writable (
      GST_PAD_PROBE_INFO_BUFFER (probe));
  GstMapInfo map;

  GST_PAD_PROBE_INFO_DATA (probe) = buffer;
  GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_GAP);
  if (gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    foyer_tone_draw ((gint16 *) (gpointer) map.data, map.size / sizeof (gint16),
        gst_element_get_base_time (self->bin) + GST_BUFFER_PTS (buffer),
        self->config->number);
    gst_buffer_unmap (buffer, &map);
  }
  return GST_PAD_PROBE_OK;
}

/* building */

static GstCaps *
make_caps (int n_channels)
{
  return gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, "S16LE",
      "layout", G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT, FOYER_TONE_HZ,
      "channels", G_TYPE_INT, n_channels, NULL);
}

static void
watch (FoyerEars *self, GstElement *element, GstPadProbeCallback probe)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, "src");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, probe, self, NULL);
}

static GstElement *
add_drawn (FoyerEars *self, GError **problem)
{
  GstBin *bin = GST_BIN (self->bin);
  GstElement *source = foyer_media_add (bin, "audiotestsrc", problem);
  GstElement *drawn = foyer_media_add_filter (bin, make_caps (1), problem);

  if (*problem != NULL)
    return NULL;
  g_object_set (source, "is-live", TRUE, "samplesperbuffer",
      FOYER_TONE_HZ / 100, NULL);
  gst_util_set_object_arg (G_OBJECT (source), "wave", "silence");
  gst_element_link (source, drawn);
  watch (self, drawn, on_silence);
  return drawn;
}

/* Takes the descriptor, whatever comes of it. */
static GstElement *
add_device (FoyerEars *self, const FoyerPcm *device, GError **problem)
{
  FoyerPcm pcm = *device;
  GstElement *source;
  FoyerPcmMode mode;

  if (!foyer_pcm_start (&pcm, FOYER_TONE_HZ, &mode, problem)) {
    foyer_fd_clear (&pcm.fd);
    return NULL;
  }
  g_message ("hears %u bits, %u channels, %u Hz", mode.width_bits,
      mode.n_channels, mode.rate_hz);
  source = foyer_microphone_source_new (&pcm, &mode);
  gst_bin_add (GST_BIN (self->bin), source);
  return source;
}

static gboolean
build (FoyerEars *self, const FoyerPcm *device, GError **problem)
{
  GstBin *bin = GST_BIN (self->bin);
  GstElement *source = self->config->source == FOYER_SOURCE_DRAWN
      ? add_drawn (self, problem)
      : add_device (self, device, problem);
  GstElement *convert = foyer_media_add (bin, "audioconvert", problem);
  GstElement *resample = foyer_media_add (bin, "audioresample", problem);
  GstElement *filter = foyer_media_add_filter (bin, make_caps (N_CHANNELS),
      problem);
  g_autoptr (GstPad) pad = NULL;

  if (*problem != NULL)
    return FALSE;
  /* Here: what converts may add noise to zeros. */
  watch (self, source, on_samples);
  gst_element_link_many (source, convert, resample, filter, NULL);
  pad = gst_element_get_static_pad (filter, "src");
  return gst_element_add_pad (self->bin, gst_ghost_pad_new ("src", pad));
}

FoyerEars *
foyer_ears_new (const FoyerMessage *config, const FoyerPcm *device,
    GError **error)
{
  FoyerEars *self = g_new0 (FoyerEars, 1);
  GError *problem = NULL;

  self->config = config;
  self->bin = gst_object_ref_sink (gst_bin_new (NULL));
  self->last_ms = get_now_ms ();
  if (build (self, device, &problem))
    return self;
  g_propagate_error (error, problem);
  foyer_ears_free (self);
  return NULL;
}

gboolean
foyer_ears_join (FoyerEars *self, GstElement *tee)
{
  g_autoptr (GstObject) parent = gst_object_get_parent (GST_OBJECT (tee));

  return gst_bin_add (GST_BIN (parent), self->bin) &&
      gst_element_link (self->bin, tee) &&
      gst_element_sync_state_with_parent (self->bin);
}

gint
foyer_ears_get_quiet_ms (const FoyerEars *self)
{
  return (
      gint) ((guint) get_now_ms () - (guint) g_atomic_int_get (&self->last_ms));
}

gint
foyer_ears_get_zeros_ms (const FoyerEars *self)
{
  return g_atomic_int_get (&self->zeros_ms);
}

void
foyer_ears_free (FoyerEars *self)
{
  g_autoptr (GstObject) parent = NULL;

  if (self == NULL)
    return;
  gst_element_set_state (self->bin, GST_STATE_NULL);
  parent = gst_object_get_parent (GST_OBJECT (self->bin));
  if (parent != NULL)
    gst_bin_remove (GST_BIN (parent), self->bin);
  gst_object_unref (self->bin);
  g_free (self);
}
