/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-microphone.h"
#include "foyer-clock.h"
#include "foyer-link.h"
#include "foyer-media.h"
#include "foyer-tone.h"

#include <gst/check/gstharness.h>
#include <sys/socket.h>

/* The microphone of a drawn camera, from its links. */

#define N_CHANNELS  2
#define US_PER_S    G_USEC_PER_SEC
#define MAX_PACKETS 100
/* The finder's millisecond, and what comes before a tone in a codec. */
#define NEAR_OPUS_US 2000
#define NEAR_AAC_US  6000

/* audio/mp4a-latm, ISO 14496-3 §1.6.2.1: LC, 48 kHz, two channels. */
#define AAC_CAPS                                                           \
  "audio/mpeg, mpegversion=4, stream-format=raw, rate=48000, channels=2, " \
  "codec_data=(buffer)1190"
#define OPUS_CAPS \
  "audio/x-opus, rate=48000, channels=2, channel-mapping-family=0"

static const FoyerMessage config = {
  .type = FOYER_MESSAGE_CAMERA_CONFIG,
  .camera = { 3 },
  .generation = 2,
  .source = FOYER_SOURCE_DRAWN,
  .number = 5,
};

typedef struct
{
  FoyerCameraMicrophone *microphone;
  char *lost; /* (nullable): the words */
} Fixture;

/* What came over one link. */
typedef struct
{
  FoyerLinkReader *reader;
  GPtrArray *packets; /* of GBytes */
  GArray *times;      /* of gint64: when they were captured */
  guint64 last_sequence;
  FoyerShape shape;
  gboolean is_over;
} Link;

static void
on_lost (const char *words, gpointer user_data)
{
  Fixture *self = user_data;

  g_free (self->lost);
  self->lost = g_strdup (words);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->microphone = foyer_camera_microphone_new (&config,
      foyer_camera_microphone_load (config.source), on_lost, self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_camera_microphone_free (self->microphone);
  g_free (self->lost);
}

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

static Link *
link_new (Fixture *self, guint64 session, FoyerCodec codec)
{
  const FoyerMessage message = {
    .type = FOYER_MESSAGE_SOUND_LINK,
    .session = { session },
    .granted_us = get_now_us (),
    .shape = { codec, N_CHANNELS, 1, 0, 1, 0, 0 },
  };
  Link *link = g_new0 (Link, 1);
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX,
                       SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
      ==, 0);
  link->reader = foyer_link_reader_new (ends[0]);
  link->packets = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_bytes_unref);
  link->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  foyer_camera_microphone_add (self->microphone, &message, ends[1]);
  return link;
}

static void
link_free (Link *link)
{
  foyer_link_reader_free (link->reader);
  g_ptr_array_unref (link->packets);
  g_array_unref (link->times);
  g_free (link);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Link, link_free)

/* Takes what is there. */
static void
take (Link *link)
{
  FoyerLinkFrame frame;

  for (;;) {
    switch (foyer_link_reader_receive (link->reader, &frame, &link->shape)) {
      case FOYER_LINK_EVENT_GONE:
        link->is_over = TRUE;
        return;
      case FOYER_LINK_EVENT_NONE:
        return;
      case FOYER_LINK_EVENT_SHAPE:
        break;
      case FOYER_LINK_EVENT_FRAME:
        g_assert_cmpuint (frame.camera.v, ==, 3);
        g_assert_cmpuint (frame.generation, ==, 2);
        g_assert_true (frame.is_key);
        g_assert_cmpuint (frame.sequence, >, link->last_sequence);
        link->last_sequence = frame.sequence;
        g_ptr_array_add (link->packets,
            g_bytes_new (frame.data, frame.n_bytes));
        g_array_append_val (link->times, frame.capture_us);
        foyer_link_reader_release (link->reader);
        break;
    }
  }
}

/* A link is read where its socket says so, as workers do. */
static void
wait_packets (Link *link, guint n_packets)
{
  GPollFD poll = { foyer_link_reader_get_fd (link->reader), G_IO_IN | G_IO_HUP,
    0 };

  while (link->packets->len < n_packets && !link->is_over) {
    g_assert_cmpint (g_poll (&poll, 1, 10000), >=, 0);
    take (link);
  }
}

static gint64
get_time_us (const Link *link, guint packet)
{
  return g_array_index (link->times, gint64, packet);
}

/* One channel of what a decoder gave, fed to the finder: TRUE with a tone. */
static gboolean
feed (FoyerToneFinder *finder, GstHarness *h, GstBuffer *decoded,
    FoyerTone *tone)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (h->sinkpad);
  const char *format =
      gst_structure_get_string (gst_caps_get_structure (caps, 0), "format");
  gboolean is_found = FALSE;
  GstMapInfo map;

  gst_buffer_map (decoded, &map, GST_MAP_READ);
  if (g_str_equal (format, "F32LE")) /* one channel after the other */
    for (gsize i = 0; i < map.size / sizeof (float) / N_CHANNELS; i++)
      is_found |= foyer_tone_finder_feed (finder,
          (gint16) (((const float *) (gpointer) map.data)[i] * G_MAXINT16),
          tone);
  else
    for (gsize i = 0; i < map.size / sizeof (gint16); i += N_CHANNELS)
      is_found |= foyer_tone_finder_feed (finder,
          ((const gint16 *) (gpointer) map.data)[i], tone);
  gst_buffer_unmap (decoded, &map);
  return is_found;
}

/* Decodes up to the first tone: when it was captured, by what packets say. */
static gint64
find_tone (const Link *link, const char *decoder, const char *caps,
    FoyerTone *tone)
{
  g_autofree FoyerToneFinder *finder = g_new0 (FoyerToneFinder, 1);
  GstHarness *h = gst_harness_new (decoder);
  gboolean is_found = FALSE;
  guint64 at[MAX_PACKETS], pts_ns[MAX_PACKETS];
  guint n_decoded = 0;

  gst_harness_set_caps_str (h, caps,
      "audio/x-raw, format=S16LE, layout=interleaved; "
      "audio/x-raw, format=F32LE, layout=non-interleaved");
  for (guint i = 0; i < link->packets->len && !is_found; i++) {
    GstBuffer *buffer = gst_buffer_new_wrapped_bytes (link->packets->pdata[i]);
    GstBuffer *decoded;

    GST_BUFFER_PTS (buffer) = (GstClockTime) get_time_us (link, i) * 1000;
    g_assert_cmpint (gst_harness_push (h, buffer), ==, GST_FLOW_OK);
    while ((decoded = gst_harness_try_pull (h)) != NULL) {
      g_assert_cmpuint (n_decoded, <, MAX_PACKETS);
      at[n_decoded] = finder->n_fed;
      pts_ns[n_decoded++] = GST_BUFFER_PTS (decoded);
      is_found |= feed (finder, h, decoded, tone);
      gst_buffer_unref (decoded);
    }
  }
  gst_harness_teardown (h);
  g_assert_true (is_found);
  while (at[--n_decoded] > tone->at)
    ;
  return (gint64) (pts_ns[n_decoded] / 1000 +
      (tone->at - at[n_decoded]) * US_PER_S / FOYER_TONE_HZ);
}

static void
assert_exact (const Link *link, const char *decoder, const char *caps,
    gint64 near_us)
{
  FoyerTone tone;
  gint64 at_us = find_tone (link, decoder, caps, &tone);
  gint64 second = (at_us + US_PER_S / 2) / US_PER_S;

  g_test_message ("%+" G_GINT64_FORMAT " us", at_us - second * US_PER_S);
  g_assert_cmpint (ABS (at_us - second * US_PER_S), <=, near_us);
  g_assert_cmpuint (tone.second, ==, (guint64) second % FOYER_TONE_NUMBERS);
  g_assert_cmpuint (tone.camera, ==, config.number);
}

/* What packets say of the time of capture is true of what they sound like. */
static void
test_opus (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = link_new (self, 7, FOYER_CODEC_OPUS);

  wait_packets (link, 65);
  g_assert_cmpint (link->shape.codec, ==, FOYER_CODEC_OPUS);
  g_assert_cmpint (link->shape.width_px, ==, N_CHANNELS);
  assert_exact (link, "opusdec", OPUS_CAPS, NEAR_OPUS_US);
}

static void
test_aac (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = link_new (self, 7, FOYER_CODEC_AAC);

  wait_packets (link, 60);
  g_assert_cmpint (link->shape.codec, ==, FOYER_CODEC_AAC);
  assert_exact (link, "avdec_aac", AAC_CAPS, NEAR_AAC_US);
}

/* I3: who comes later hears nothing from before, and one encoder serves both. */
static void
test_joins (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) first = link_new (self, 7, FOYER_CODEC_OPUS);
  g_autoptr (Link) second = NULL;
  gint64 granted_us;

  wait_packets (first, 5);
  granted_us = get_now_us ();
  second = link_new (self, 8, FOYER_CODEC_OPUS);
  wait_packets (second, 3);
  wait_packets (first, first->packets->len + 1);
  g_assert_cmpint (get_time_us (second, 0), >=, granted_us + 20000);
  g_assert_cmpuint (second->last_sequence, >, 5);
  for (guint i = 0; i < first->packets->len; i++)
    if (get_time_us (first, i) == get_time_us (second, 0)) {
      g_assert_true (
          g_bytes_equal (first->packets->pdata[i], second->packets->pdata[0]));
      return;
    }
  g_assert_not_reached ();
}

/* It is open for as long as somebody has a link. */
static void
test_closes (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) first = NULL, second = NULL, third = NULL;

  g_assert_false (foyer_camera_microphone_is_open (self->microphone));
  first = link_new (self, 7, FOYER_CODEC_OPUS);
  second = link_new (self, 8, FOYER_CODEC_AAC);
  wait_packets (first, 2);
  wait_packets (second, 2);
  foyer_camera_microphone_remove (self->microphone, (FoyerSessionId){ 7 });
  wait_packets (first, G_MAXUINT);
  g_assert_true (first->is_over);
  g_assert_true (foyer_camera_microphone_is_open (self->microphone));
  foyer_camera_microphone_remove (self->microphone, (FoyerSessionId){ 9 });
  g_assert_true (foyer_camera_microphone_is_open (self->microphone));
  foyer_camera_microphone_remove (self->microphone, (FoyerSessionId){ 8 });
  g_assert_false (foyer_camera_microphone_is_open (self->microphone));
  wait_packets (second, G_MAXUINT);
  g_assert_true (second->is_over);
  third = link_new (self, 10, FOYER_CODEC_OPUS);
  wait_packets (third, 2);
  g_assert_null (self->lost);
}

/* A reader that leaves takes its link along. */
static void
test_reader_leaves (Fixture *self, gconstpointer data)
{
  Link *link = link_new (self, 7, FOYER_CODEC_OPUS);

  wait_packets (link, 2);
  link_free (link);
  while (foyer_camera_microphone_is_open (self->microphone))
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (self->lost);
}

/* What can't be loaded can't be opened: the link ends, and it is said why. */
static void
test_missing (void)
{
  Fixture self = { NULL, NULL };
  g_autoptr (Link) link = NULL;

  self.microphone = foyer_camera_microphone_new (&config, FALSE, on_lost,
      &self);
  link = link_new (&self, 7, FOYER_CODEC_OPUS);
  g_assert_null (self.lost);
  while (self.lost == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (self.lost, ==, "this camera has no microphone");
  wait_packets (link, 1);
  g_assert_true (link->is_over);
  tear_down (&self, NULL);
}

int
main (int argc, char **argv)
{
  static const char *const elements[] = { "queue", "tee", "capsfilter", NULL };

  g_test_init (&argc, &argv, NULL);
  g_assert_true (foyer_media_load (elements, NULL));
#define ADD(name, function)                                                \
  g_test_add ("/camera-microphone/" name, Fixture, NULL, set_up, function, \
      tear_down)
  ADD ("opus", test_opus);
  ADD ("aac", test_aac);
  ADD ("joins", test_joins);
  ADD ("closes", test_closes);
  ADD ("reader-leaves", test_reader_leaves);
  g_test_add_func ("/camera-microphone/missing", test_missing);
  return g_test_run ();
}
