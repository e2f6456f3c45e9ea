/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-microphone.h"
#include "foyer-clock.h"
#include "foyer-fd.h"
#include "foyer-link.h"
#include "foyer-media.h"
#include "foyer-microphone-source.h"
#include "foyer-test-microphone.h"
#include "foyer-tone.h"

#include <fcntl.h>
#include <gst/check/gstharness.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

/* The microphone of a drawn camera, and of a device that is made up, from its links. */

#define N_CHANNELS  2
#define US_PER_S    G_USEC_PER_SEC
#define MAX_PACKETS 1000
/* At least so many packets of each codec. */
#define N_ONE_SECOND 50
/* The finder's millisecond, and what comes before a tone in a codec. */
#define NEAR_OPUS_US 2000
#define NEAR_AAC_US  6000
/* A device's ring tells the time in steps of its waking. */
#define NEAR_DEVICE_US 6000
#define NEAR_AGAIN_US  4000  /* less than what Opus looks ahead */
#define MOST_ZEROS_MS  1100  /* a tone lasts 50 ms, each second */
#define MOST_WAIT_MS   15000 /* what has not come by then never will */

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

static const FoyerMessage device_config = {
  .type = FOYER_MESSAGE_CAMERA_CONFIG,
  .camera = { 3 },
  .generation = 2,
  .source = FOYER_SOURCE_V4L2,
};

typedef struct
{
  FoyerCameraMicrophone *microphone;
  FoyerMessageType told; /* last; NONE for nothing yet */
  char *lost;            /* (nullable): the words */
  int fd;                /* of the next link's device, or -1 */
  FoyerTestMicrophone device;
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
on_told (FoyerMessageType type, const char *words, gpointer user_data)
{
  Fixture *self = user_data;

  self->told = type;
  if (type != FOYER_MESSAGE_SOUND_LOST) {
    g_assert_cmpstr (words, ==, "");
    return;
  }
  g_free (self->lost);
  self->lost = g_strdup (words);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->fd = -1;
  self->microphone = foyer_camera_microphone_new (&config,
      foyer_camera_microphone_load (config.source), on_told, self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_camera_microphone_free (self->microphone);
  foyer_fd_clear (&self->fd);
  g_free (self->lost);
}

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

/* A camera that is a device, with a microphone. */
static void
set_up_device (Fixture *self, gconstpointer wakes)
{
  FoyerPcm pcm;

  foyer_test_microphone_init (&self->device, config.number);
  pcm = foyer_test_microphone_get_pcm (&self->device);
  self->fd = foyer_test_microphone_open (wakes != NULL);
  self->microphone = foyer_camera_microphone_new (&device_config,
      foyer_camera_microphone_load (device_config.source), on_told, self);
  foyer_camera_microphone_set_device (self->microphone, &pcm, MOST_ZEROS_MS);
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
  foyer_camera_microphone_add (self->microphone, &message, ends[1], self->fd);
  self->fd = -1;
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
    g_assert_cmpint (g_poll (&poll, 1, MOST_WAIT_MS), >, 0);
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

/* Decodes up to the first tone: when it was captured, by what packets say. FALSE if
 * there is none among them. */
static gboolean
find_tone (const Link *link, const char *decoder, const char *caps,
    FoyerTone *tone, gint64 *at_us)
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
  if (!is_found)
    return FALSE;
  while (at[--n_decoded] > tone->at)
    ;
  *at_us = (gint64) (pts_ns[n_decoded] / 1000 +
      (tone->at - at[n_decoded]) * US_PER_S / FOYER_TONE_HZ);
  return TRUE;
}

/* A machine that stood still may have lost the tone of one second. */
static void
assert_exact (Link *link, const char *decoder, const char *caps, gint64 near_us)
{
  gint64 at_us = 0;
  FoyerTone tone;
  gint64 second;

  while (!find_tone (link, decoder, caps, &tone, &at_us)) {
    g_assert_false (link->is_over);
    wait_packets (link, link->packets->len + N_ONE_SECOND);
  }
  second = (at_us + US_PER_S / 2) / US_PER_S;
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

/* Whether a packet came over both, which then is the same. */
static gboolean
have_one_packet (const Link *first, const Link *second)
{
  for (guint i = 0; i < first->packets->len; i++)
    for (guint k = 0; k < second->packets->len; k++)
      if (get_time_us (first, i) == get_time_us (second, k)) {
        g_assert_true (g_bytes_equal (first->packets->pdata[i],
            second->packets->pdata[k]));
        return TRUE;
      }
  return FALSE;
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
  wait_packets (second, 1);
  g_assert_cmpint (get_time_us (second, 0), >=, granted_us + 20000);
  g_assert_cmpuint (second->last_sequence, >, 5);
  /* Who is read seldom may lose some. */
  while (!have_one_packet (first, second)) {
    wait_packets (first, first->packets->len + 1);
    wait_packets (second, second->packets->len + 1);
  }
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

static gboolean
on_wake (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* Waits for something to happen; FALSE if it has taken too long. */
static gboolean
iterate (GTimer *timer)
{
  gint64 left_ms = MOST_WAIT_MS -
      (gint64) (g_timer_elapsed (timer, NULL) * 1000);
  guint waker;

  if (left_ms <= 0)
    return FALSE;
  waker = g_timeout_add ((guint) left_ms, on_wake, NULL);
  g_main_context_iteration (NULL, TRUE);
  if (g_main_context_find_source_by_id (NULL, waker) != NULL)
    g_source_remove (waker);
  return TRUE;
}

/* A reader that leaves takes its link along. */
static void
test_reader_leaves (Fixture *self, gconstpointer data)
{
  g_autoptr (GTimer) timer = g_timer_new ();
  Link *link = link_new (self, 7, FOYER_CODEC_OPUS);

  wait_packets (link, 2);
  link_free (link);
  while (foyer_camera_microphone_is_open (self->microphone) && iterate (timer))
    ;
  g_assert_false (foyer_camera_microphone_is_open (self->microphone));
  g_assert_null (self->lost);
}

/* devices */

/* Packets say when it was captured; with the last link it is stopped and closed. */
static void
test_device (Fixture *self, gconstpointer data)
{
  int fd = self->fd;
  g_autoptr (Link) link = link_new (self, 7, FOYER_CODEC_OPUS);

  wait_packets (link, 65);
  assert_exact (link, "opusdec", OPUS_CAPS, NEAR_DEVICE_US);
  g_assert_cmpint (g_atomic_int_get (&self->device.n_starts), ==, 1);
  g_assert_cmpint (g_atomic_int_get (&self->device.n_stops), ==, 0);
  foyer_camera_microphone_remove (self->microphone, (FoyerSessionId){ 7 });
  g_assert_cmpint (g_atomic_int_get (&self->device.n_stops), ==, 1);
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
  g_assert_null (self->lost);
}

/* I3, though its clock is not the machine's. */
static void
test_device_joins (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) first = link_new (self, 7, FOYER_CODEC_OPUS);
  g_autoptr (Link) second = NULL;
  gint64 granted_us;

  wait_packets (first, 5);
  granted_us = get_now_us ();
  /* Whoever opens may send it once more: that one is closed. */
  self->fd = eventfd (0, EFD_CLOEXEC);
  second = link_new (self, 8, FOYER_CODEC_OPUS);
  wait_packets (second, 2);
  g_assert_cmpint (get_time_us (second, 0), >=, granted_us + 80000);
  g_assert_cmpint (g_atomic_int_get (&self->device.n_starts), ==, 1);
}

static void
wait_told (Fixture *self, FoyerMessageType type)
{
  g_autoptr (GTimer) timer = g_timer_new ();

  while (self->told != type && iterate (timer))
    ;
  g_assert_cmpint (self->told, ==, type);
}

static void
wait_lost (Fixture *self, const char *words)
{
  wait_told (self, FOYER_MESSAGE_SOUND_LOST);
  g_assert_cmpstr (self->lost, ==, words);
  g_assert_false (foyer_camera_microphone_is_open (self->microphone));
}

/* A ring that ran over is a gap, no end. */
static void
test_device_overrun (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = NULL;

  self->device.n_overrun = 1;
  link = link_new (self, 7, FOYER_CODEC_OPUS);
  wait_packets (link, 30);
  g_assert_false (link->is_over);
  g_assert_cmpint (g_atomic_int_get (&self->device.n_starts), ==, 2);
  g_assert_null (self->lost);
}

static void
test_device_gone (Fixture *self, gconstpointer data)
{
  int fd = self->fd;
  g_autoptr (Link) link = link_new (self, 7, FOYER_CODEC_OPUS);

  wait_packets (link, 2);
  g_atomic_int_set (&self->device.is_gone, TRUE);
  wait_lost (self, "the microphone: it is gone");
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
  take (link);
  g_assert_false (link->is_over);
}

/* The link outlives the device: another one is heard over it, under higher numbers,
 * and says when it was captured. */
static void
test_device_back (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = link_new (self, 7, FOYER_CODEC_OPUS);
  gint64 since_us;
  guint n_packets;

  wait_packets (link, 2);
  g_atomic_int_set (&self->device.is_gone, TRUE);
  wait_lost (self, "the microphone: it is gone");
  take (link);
  n_packets = link->packets->len;
  g_atomic_int_set (&self->device.is_gone, FALSE);
  since_us = get_now_us ();
  foyer_camera_microphone_open (self->microphone,
      foyer_test_microphone_open (TRUE));
  wait_told (self, FOYER_MESSAGE_SOUND_HEARD);
  wait_packets (link, n_packets + 65);
  g_ptr_array_remove_range (link->packets, 0, n_packets);
  g_array_remove_range (link->times, 0, n_packets);
  g_assert_cmpint (get_time_us (link, 0), >=,
      since_us - FOYER_TEST_MICROPHONE_STEP_NS / 1000);
  assert_exact (link, "opusdec", OPUS_CAPS, NEAR_AGAIN_US);
  /* It is open already. */
  foyer_camera_microphone_open (self->microphone,
      foyer_test_microphone_open (TRUE));
  wait_packets (link, link->packets->len + 2);
  g_assert_cmpint (g_atomic_int_get (&self->device.n_starts), ==, 2);
}

/* What a source posts last, held back until it is being closed. */
typedef struct
{
  GstBaseSrcClass *class; /* owned */
  GstBaseSrcClass before; /* what it was */
  GMutex lock;
  GCond changed;
  gboolean is_held; /* under the lock, both */
  gboolean is_closing;
} Late;

static Late late;

static gboolean
on_unlock (GstBaseSrc *source)
{
  g_mutex_lock (&late.lock);
  late.is_closing = TRUE;
  g_cond_signal (&late.changed);
  g_mutex_unlock (&late.lock);
  return late.before.unlock (source);
}

/* Streaming thread. */
static gboolean
on_post (GstElement *element, GstMessage *message)
{
  const GstStructure *details = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    gst_message_parse_error_details (message, &details);
  if (details != NULL && gst_structure_has_field (details, "flow-return")) {
    g_mutex_lock (&late.lock);
    late.is_held = TRUE;
    g_cond_signal (&late.changed);
    while (!late.is_closing)
      g_cond_wait (&late.changed, &late.lock);
    g_mutex_unlock (&late.lock);
  }
  return late.before.parent_class.post_message (element, message);
}

static void
hold_back (void)
{
  late.class = g_type_class_ref (FOYER_TYPE_MICROPHONE_SOURCE);
  late.before = *late.class;
  late.class->unlock = on_unlock;
  late.class->parent_class.post_message = on_post;
}

/* Returns once there is such a message. */
static void
wait_held (void)
{
  g_mutex_lock (&late.lock);
  while (!late.is_held)
    g_cond_wait (&late.changed, &late.lock);
  g_mutex_unlock (&late.lock);
}

static void
stop_holding_back (void)
{
  late.class->unlock = late.before.unlock;
  late.class->parent_class.post_message = late.before.parent_class.post_message;
  g_type_class_unref (late.class);
}

/* The last words of one microphone end no other. */
static void
test_device_last_words (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = NULL;

  hold_back ();
  link = link_new (self, 7, FOYER_CODEC_OPUS);
  wait_packets (link, 2);
  g_atomic_int_set (&self->device.is_gone, TRUE);
  wait_held ();
  wait_lost (self, "the microphone: it is gone");
  stop_holding_back ();
  g_atomic_int_set (&self->device.is_gone, FALSE);
  foyer_camera_microphone_open (self->microphone,
      foyer_test_microphone_open (TRUE));
  wait_told (self, FOYER_MESSAGE_SOUND_HEARD);
  g_assert_true (foyer_camera_microphone_is_open (self->microphone));
}

/* Nobody has a link: it stays closed. */
static void
test_device_unwanted (Fixture *self, gconstpointer data)
{
  int fd = g_steal_fd (&self->fd);

  foyer_camera_microphone_open (self->microphone, fd);
  g_assert_false (foyer_camera_microphone_is_open (self->microphone));
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
  g_assert_cmpint (g_atomic_int_get (&self->device.n_starts), ==, 0);
}

/* Nothing but zeros is no sound, though it comes; the first other number is. */
static void
test_device_muted (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = link_new (self, 7, FOYER_CODEC_OPUS);

  wait_told (self, FOYER_MESSAGE_SOUND_HEARD);
  g_atomic_int_set (&self->device.is_muted, TRUE);
  wait_told (self, FOYER_MESSAGE_SOUND_MUTED);
  g_atomic_int_set (&self->device.is_muted, FALSE);
  wait_told (self, FOYER_MESSAGE_SOUND_HEARD);
  take (link);
  g_assert_false (link->is_over);
  g_assert_cmpint (g_atomic_int_get (&self->device.n_starts), ==, 1);
  g_assert_null (self->lost);
}

static void
test_device_lies (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = NULL;

  self->device.percent = 92; /* 44100 Hz, said to be 48000 */
  link = link_new (self, 7, FOYER_CODEC_OPUS);
  wait_lost (self, "the microphone's rate is not what it says");
}

/* Nothing within five seconds. */
static void
test_device_silent (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = link_new (self, 7, FOYER_CODEC_OPUS);

  wait_lost (self, "the microphone gives no sound");
  take (link);
  g_assert_cmpuint (link->packets->len, ==, 0);
  g_assert_cmpint (g_atomic_int_get (&self->device.n_stops), ==, 1);
}

/* A link may come before there is one, and one may come for it. */
static void
test_device_none (Fixture *self, gconstpointer data)
{
  g_autoptr (Link) link = NULL;
  int fd = g_steal_fd (&self->fd);

  link = link_new (self, 7, FOYER_CODEC_OPUS);
  wait_lost (self, "");
  foyer_camera_microphone_open (self->microphone, fd);
  wait_packets (link, 2);
  g_assert_false (link->is_over);
}

/* What can't be loaded can't be opened: the link ends, and it is said why. */
static void
test_missing (void)
{
  Fixture self = { .fd = -1 };
  g_autoptr (Link) link = NULL;

  self.microphone = foyer_camera_microphone_new (&config, FALSE, on_told,
      &self);
  link = link_new (&self, 7, FOYER_CODEC_OPUS);
  g_assert_null (self.lost);
  wait_lost (&self, "this camera has no microphone");
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
#define ADD_DEVICE(name, wakes, function)                                      \
  g_test_add ("/camera-microphone/device" name, Fixture, wakes, set_up_device, \
      function, tear_down)
  ADD_DEVICE ("", "wakes", test_device);
  ADD_DEVICE ("/joins", "wakes", test_device_joins);
  ADD_DEVICE ("/overrun", "wakes", test_device_overrun);
  ADD_DEVICE ("/gone", "wakes", test_device_gone);
  ADD_DEVICE ("/back", "wakes", test_device_back);
  ADD_DEVICE ("/last-words", "wakes", test_device_last_words);
  ADD_DEVICE ("/unwanted", "wakes", test_device_unwanted);
  ADD_DEVICE ("/muted", "wakes", test_device_muted);
  ADD_DEVICE ("/lies", "wakes", test_device_lies);
  ADD_DEVICE ("/silent", NULL, test_device_silent);
  ADD_DEVICE ("/none", "wakes", test_device_none);
  g_test_add_func ("/camera-microphone/missing", test_missing);
  return g_test_run ();
}
