/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-hearer.h"

#include "foyer-tone.h"

#include <gst/check/gstharness.h>

#define CAPS "audio/x-opus,rate=48000,channels=2,channel-mapping-family=0"

#define CHANNELS       2
#define PACKET_SAMPLES 960 /* 20 ms, in which Foyer and others code Opus */
/* Clocks of sound and machine run apart; what is missing is a packet at least. */
#define SLACK_SAMPLES 480

struct _FoyerTestHearer
{
  GstHarness *harness;
  FoyerToneFinder finder;
  gint64 next_timestamp; /* expected, at 48 kHz */
};

FoyerTestHearer *
foyer_test_hearer_new (void)
{
  FoyerTestHearer *self = g_new0 (FoyerTestHearer, 1);

  self->harness = gst_harness_new ("opusdec");
  gst_harness_set_src_caps_str (self->harness, CAPS);
  return self;
}

/* Whether a tone ended in there. */
static gboolean
listen (FoyerTestHearer *self, GstBuffer *sound, FoyerTone *tone)
{
  gboolean is_heard = FALSE;
  const gint16 *samples;
  GstMapInfo map;

  if (!gst_buffer_map (sound, &map, GST_MAP_READ))
    return FALSE;
  samples = (const gint16 *) (gpointer) map.data;
  for (gsize i = 0; i < map.size / sizeof *samples; i += CHANNELS)
    is_heard |= foyer_tone_finder_feed (&self->finder, samples[i], tone) &&
        tone->purity >= FOYER_TEST_HEARER_MIN_PURITY;
  gst_buffer_unmap (sound, &map);
  return is_heard;
}

/* Each packet is decoded, so that the next one can be. */
static gboolean
decode (FoyerTestHearer *self, const FoyerCastReceivedFrame *packet,
    FoyerTone *tone)
{
  GstBuffer *buffer = gst_buffer_new_wrapped_bytes (packet->data);
  gboolean is_heard = FALSE;
  GstBuffer *sound;

  GST_BUFFER_PTS (
      buffer) = gst_util_uint64_scale ((guint64) packet->rtp_timestamp,
      GST_SECOND, FOYER_TONE_HZ);
  if (gst_harness_push (self->harness, buffer) != GST_FLOW_OK)
    return FALSE;
  while ((sound = gst_harness_try_pull (self->harness)) != NULL) {
    is_heard |= listen (self, sound, tone);
    gst_buffer_unref (sound);
  }
  return is_heard;
}

char *
foyer_test_hearer_hear (FoyerTestHearer *self,
    const FoyerCastReceivedFrame *packet)
{
  gint64 gap = packet->rtp_timestamp - self->next_timestamp;
  FoyerTone tone = { 0 };

  /* What was heard of a tone before a gap does not count. */
  if (packet->n_skipped > 0 || ABS (gap) > SLACK_SAMPLES)
    self->finder = (FoyerToneFinder){ 0 };
  self->next_timestamp = packet->rtp_timestamp + PACKET_SAMPLES;
  if (!decode (self, packet, &tone))
    return g_strdup (FOYER_TEST_HEARER_NOTHING);
  return g_strdup_printf ("{\"camera\":%u,\"second\":%u}", tone.camera,
      tone.second);
}

void
foyer_test_hearer_free (FoyerTestHearer *self)
{
  if (self == NULL)
    return;
  gst_harness_teardown (self->harness);
  g_free (self);
}
