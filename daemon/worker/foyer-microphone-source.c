/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-microphone-source.h"

#include "foyer-cast-time.h"
#include "foyer-clock.h"
#include "foyer-fd.h"

#define PACKETS_PER_S 100
/* The ring is filled in steps: what it tells of a time is late by one at most. */
#define SMOOTH  64
#define TORN_US 50000
/* What a rate may be wrong by, in percent, and after how long that is known. */
#define LIE_PERCENT 3
#define LIE_US      (G_GINT64_CONSTANT (4) * G_USEC_PER_SEC)

struct _FoyerMicrophoneSource
{
  FoyerWaitSrc parent_instance;
  FoyerPcm pcm;
  FoyerPcmMode mode;
  /* streaming thread */
  gint64 next_us;     /* when the next sample is captured; 0 if not known */
  gint64 measured_us; /* since then samples are counted; 0 if not yet */
  guint64 n_counted;
};

G_DEFINE_FINAL_TYPE (FoyerMicrophoneSource, foyer_microphone_source,
    FOYER_TYPE_WAIT_SRC)

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static gint64
to_us (FoyerMicrophoneSource *self, guint64 n_frames)
{
  return (gint64) gst_util_uint64_scale (n_frames, G_USEC_PER_SEC,
      self->mode.rate_hz);
}

static void
shut (FoyerMicrophoneSource *self)
{
  if (self->pcm.fd < 0)
    return;
  foyer_pcm_stop (&self->pcm);
  foyer_fd_clear (&self->pcm.fd);
}

/* When the first of @n_frames was captured; TRUE if they don't follow those before. */
static gboolean
tell_time (FoyerMicrophoneSource *self, guint n_frames, guint n_behind,
    gint64 *at_us)
{
  gint64 told_us = get_now_us () - to_us (self, (guint64) n_frames + n_behind);
  gint64 off_us = told_us - self->next_us;
  gboolean is_torn = self->next_us == 0 || ABS (off_us) > TORN_US;

  *at_us = is_torn ? told_us : self->next_us + off_us / SMOOTH;
  self->next_us = *at_us + to_us (self, n_frames);
  return is_torn;
}

/* What comes in a time is what its rate says, or it is another rate. */
static gboolean
is_honest (FoyerMicrophoneSource *self, guint n_frames, guint n_behind)
{
  gint64 now_us = get_now_us ();
  gint64 took_us, heard_us;

  if (self->measured_us == 0) {
    self->measured_us = now_us;
    self->n_counted = 0;
    return TRUE;
  }
  self->n_counted += n_frames;
  took_us = now_us - self->measured_us;
  if (took_us < LIE_US)
    return TRUE;
  heard_us = to_us (self, self->n_counted + n_behind);
  self->measured_us = 0;
  return ABS (heard_us - took_us) * 100 <= took_us * LIE_PERCENT;
}

static GstFlowReturn
fail (FoyerMicrophoneSource *self, const char *words)
{
  GST_ELEMENT_ERROR (self, RESOURCE, READ, ("%s", words), (NULL));
  return GST_FLOW_ERROR;
}

/* Reads what there is; *@buffer stays NULL if that is nothing yet. */
static GstFlowReturn
read_some (FoyerMicrophoneSource *self, GstBuffer **buffer)
{
  guint frame_bytes = self->mode.n_channels * self->mode.width_bytes;
  guint most = self->mode.rate_hz / PACKETS_PER_S;
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *samples = g_malloc0 ((gsize) most * frame_bytes);
  gboolean is_lost, is_torn;
  gint64 at_us;
  guint n_behind;
  glong n = foyer_pcm_read (&self->pcm, samples, most, &n_behind, &is_lost,
      &error);

  if (n < 0)
    return fail (self, error->message);
  if (is_lost) {
    self->next_us = 0;
    self->measured_us = 0;
  }
  if (n == 0)
    return GST_FLOW_OK;
  if (!is_honest (self, (guint) n, n_behind))
    return fail (self, "the microphone's rate is not what it says");
  is_torn = tell_time (self, (guint) n, n_behind, &at_us);
  *buffer = gst_buffer_new_wrapped (g_steal_pointer (&samples),
      (gsize) n * frame_bytes);
  if (is_torn)
    GST_BUFFER_FLAG_SET (*buffer, GST_BUFFER_FLAG_DISCONT);
  GST_BUFFER_PTS (
      *buffer) = foyer_cast_time_get_running_ns (GST_ELEMENT (self), at_us);
  GST_BUFFER_DURATION (*buffer) = gst_util_uint64_scale ((guint64) n,
      GST_SECOND, self->mode.rate_hz);
  return GST_FLOW_OK;
}

static GstFlowReturn
foyer_microphone_source_create (GstPushSrc *base, GstBuffer **buffer)
{
  FoyerMicrophoneSource *self = FOYER_MICROPHONE_SOURCE (base);
  GstFlowReturn flow = GST_FLOW_OK;

  *buffer = NULL;
  while (flow == GST_FLOW_OK && *buffer == NULL) {
    flow = foyer_wait_src_wait (FOYER_WAIT_SRC (self));
    if (flow == GST_FLOW_ERROR)
      return fail (self, "the microphone can't be waited for");
    if (flow == GST_FLOW_OK)
      flow = read_some (self, buffer);
  }
  return flow;
}

static GstCaps *
make_caps (const FoyerPcmMode *mode)
{
  g_autofree char *format = mode->width_bits == 16
      ? g_strdup ("S16LE")
      : g_strdup_printf ("S%uLE", mode->width_bits);

  return gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING, format,
      "layout", G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT,
      (int) mode->rate_hz, "channels", G_TYPE_INT, (int) mode->n_channels,
      NULL);
}

static gboolean
foyer_microphone_source_negotiate (GstBaseSrc *base)
{
  g_autoptr (GstCaps) caps = make_caps (&FOYER_MICROPHONE_SOURCE (base)->mode);

  return gst_base_src_set_caps (base, caps);
}

static gboolean
foyer_microphone_source_start (GstBaseSrc *base)
{
  FoyerMicrophoneSource *self = FOYER_MICROPHONE_SOURCE (base);

  if (self->pcm.fd < 0)
    return FALSE;
  foyer_wait_src_watch (FOYER_WAIT_SRC (self), self->pcm.fd);
  return TRUE;
}

static gboolean
foyer_microphone_source_stop (GstBaseSrc *base)
{
  FoyerMicrophoneSource *self = FOYER_MICROPHONE_SOURCE (base);

  foyer_wait_src_unwatch (FOYER_WAIT_SRC (self));
  shut (self);
  return TRUE;
}

static void
foyer_microphone_source_finalize (GObject *object)
{
  FoyerMicrophoneSource *self = FOYER_MICROPHONE_SOURCE (object);

  shut (self);
  G_OBJECT_CLASS (foyer_microphone_source_parent_class)->finalize (object);
}

static void
foyer_microphone_source_class_init (FoyerMicrophoneSourceClass *klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *base_class = GST_BASE_SRC_CLASS (klass);
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("audio/x-raw");

  G_OBJECT_CLASS (klass)->finalize = foyer_microphone_source_finalize;
  base_class->start = foyer_microphone_source_start;
  base_class->stop = foyer_microphone_source_stop;
  base_class->negotiate = foyer_microphone_source_negotiate;
  GST_PUSH_SRC_CLASS (klass)->create = foyer_microphone_source_create;
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  gst_element_class_set_static_metadata (element_class, "Microphone",
      "Source/Audio", "What a microphone hears, from an open descriptor",
      "The Foyer project");
}

static void
foyer_microphone_source_init (FoyerMicrophoneSource *self)
{
  self->pcm.fd = -1;
}

GstElement *
foyer_microphone_source_new (const FoyerPcm *pcm, const FoyerPcmMode *mode)
{
  FoyerMicrophoneSource *self = g_object_new (FOYER_TYPE_MICROPHONE_SOURCE,
      NULL);

  self->pcm = *pcm;
  self->mode = *mode;
  return GST_ELEMENT (self);
}
