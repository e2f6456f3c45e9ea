/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-receiver.h"
#include "foyer-cast-rtcp.h"
#include "foyer-cast-sender.h"

#include <string.h>

/* What a sender does with provenance: the guard, keys by camera, forgetting. */

#define NOW_US     G_GINT64_CONSTANT (1000000000)
#define WALL_US    G_GINT64_CONSTANT (1700000000250000)
#define FRAME_US   33333
#define CAMERA     7
#define GENERATION 3

/* A guard that lets through what it is told to, and counts. */
typedef struct
{
  gint64 max_age_us;
  gboolean is_shut;
  guint n_asked;
  gsize n_leaving_bytes;
  FoyerCastTag last;
} Gate;

static gboolean
may_leave (const FoyerCastTag *tag, gint64 now_us, gpointer user_data)
{
  Gate *gate = user_data;

  gate->n_asked++;
  gate->last = *tag;
  return !gate->is_shut && tag->camera == CAMERA &&
      tag->generation == GENERATION &&
      now_us - tag->capture_us <= gate->max_age_us;
}

static void
leaving (gsize n_bytes, gpointer user_data)
{
  ((Gate *) user_data)->n_leaving_bytes += n_bytes;
}

typedef struct
{
  Gate gate;
  FoyerCastKeyRoot root;
  FoyerCastSender *sender;
  FoyerCastReceiver *receiver; /* with the keys that were offered */
  guint64 sequence;
} Fixture;

static void
set_up (Fixture *fixture)
{
  FoyerCastGuard guard = { may_leave, leaving, &fixture->gate };
  FoyerCastKeyLabel label = { .camera = CAMERA,
    .generation = GENERATION,
    .offer = 1,
    .codec = FOYER_CAST_CODEC_VP8 };
  FoyerCastStreamConfig config = {
    .kind = FOYER_CAST_STREAM_VIDEO,
    .codec = FOYER_CAST_CODEC_VP8,
    .payload_type = 96,
    .sender_ssrc = 1,
    .receiver_ssrc = 2,
    .time_base_hz = 90000,
    .target_delay_ms = 400,
    .max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES,
    .offer = 1,
  };

  memset (fixture, 0, sizeof *fixture);
  fixture->gate.max_age_us = G_USEC_PER_SEC;
  memset (fixture->root.secret, 0x5a, sizeof fixture->root.secret);
  fixture->root.session = 99;
  fixture->root.camera = CAMERA;
  fixture->root.generation = GENERATION;
  foyer_cast_keys_derive (&fixture->root, &label, &config.key, &config.iv_mask);
  fixture->sender = foyer_cast_sender_new (&config, 1, NOW_US, WALL_US);
  foyer_cast_sender_set_root (fixture->sender, &fixture->root);
  foyer_cast_sender_set_guard (fixture->sender, &guard);
  fixture->receiver = foyer_cast_receiver_new (&config, 1, NOW_US, WALL_US);
}

static void
tear_down (Fixture *fixture)
{
  foyer_cast_sender_free (fixture->sender);
  foyer_cast_receiver_free (fixture->receiver);
}

static void
fill (guint8 *data, gsize n_bytes, guint8 seed)
{
  for (gsize i = 0; i < n_bytes; i++)
    data[i] = (guint8) (31 * i + seed);
}

static FoyerCastVerdict
push_frame (Fixture *fixture, const FoyerCastTag *tag, gsize n_bytes,
    gboolean is_key, gboolean is_slate, gint64 now_us)
{
  g_autofree guint8 *data = g_malloc (n_bytes);
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = n_bytes,
    .is_key = is_key,
    .is_slate = is_slate,
    .tag = *tag,
  };

  fill (data, n_bytes, is_slate ? 200 : 1);
  return foyer_cast_sender_enqueue (fixture->sender, 0, &frame, now_us);
}

static FoyerCastVerdict
push (Fixture *fixture, gsize n_bytes, gboolean is_key, gint64 now_us)
{
  const FoyerCastTag tag = { CAMERA, GENERATION, ++fixture->sequence, now_us };

  return push_frame (fixture, &tag, n_bytes, is_key, FALSE, now_us);
}

static FoyerCastVerdict
push_slate (Fixture *fixture, gsize n_bytes, gint64 now_us)
{
  const FoyerCastTag tag = { .capture_us = now_us };

  return push_frame (fixture, &tag, n_bytes, TRUE, TRUE, now_us);
}

/* Sends all that may leave, to the display if @is_heard; how many RTP datagrams
 * had something in them. */
static guint
drain (Fixture *fixture, gint64 now_us, gboolean is_heard)
{
  FoyerCastDatagram datagram;
  guint n = 0;

  while (foyer_cast_sender_peek (fixture->sender, now_us, &datagram)) {
    guint8 bytes[FOYER_CAST_MAX_DATAGRAM_BYTES];
    gsize n_left_bytes = fixture->gate.n_leaving_bytes;

    memcpy (bytes, datagram.header, datagram.n_header_bytes);
    if (datagram.n_payload_bytes > 0)
      memcpy (bytes + datagram.n_header_bytes, datagram.payload,
          datagram.n_payload_bytes);
    if (is_heard)
      g_assert_true (foyer_cast_receiver_receive (fixture->receiver, bytes,
          datagram.n_header_bytes + datagram.n_payload_bytes, now_us));
    n += datagram.n_payload_bytes > 0 ? 1 : 0;
    foyer_cast_sender_commit (fixture->sender, now_us);
    /* What has something of a camera in it is counted, and nothing else. */
    g_assert_cmpuint (fixture->gate.n_leaving_bytes - n_left_bytes, ==,
        datagram.is_guarded ? datagram.n_header_bytes + datagram.n_payload_bytes
                            : 0);
  }
  return n;
}

/* A while of sending, at 10 ms a turn, so that no burst limits it. */
static guint
drain_long (Fixture *fixture, gint64 *now_us, gboolean is_heard)
{
  guint n = 0;

  for (guint i = 0; i < 20; i++, *now_us += 10000)
    n += drain (fixture, *now_us, is_heard);
  return n;
}

/* The display's feedback goes back. */
static void
answer (Fixture *fixture, gint64 now_us)
{
  guint8 data[FOYER_CAST_MAX_DATAGRAM6_BYTES];
  gsize n_bytes;

  while ((n_bytes = foyer_cast_receiver_pull_feedback (fixture->receiver,
              now_us, data)) > 0)
    g_assert_true (
        foyer_cast_sender_receive (fixture->sender, data, n_bytes, now_us));
}

static void
nack_all (Fixture *fixture, FoyerCastFrameId frame_id, gint64 now_us)
{
  FoyerCastNack missing = { .frame_id = frame_id,
    .packet_id = FOYER_CAST_NACK_ALL };
  g_auto (FoyerCastFeedback) feedback = { 0 };
  guint8 data[FOYER_CAST_MAX_DATAGRAM6_BYTES];
  gsize n_bytes;

  foyer_cast_feedback_init (&feedback);
  feedback.has_checkpoint = TRUE;
  feedback.checkpoint = frame_id - 1;
  g_array_append_val (feedback.nacks, missing);
  n_bytes = foyer_cast_rtcp_write_feedback (2, 1, &feedback, data, sizeof data);
  g_assert_true (
      foyer_cast_sender_receive (fixture->sender, data, n_bytes, now_us));
}

static guint64
count_refused (Fixture *fixture)
{
  FoyerCastSenderStats stats;

  foyer_cast_sender_get_stats (fixture->sender, &stats);
  return stats.n_frames[FOYER_CAST_VERDICT_REFUSED];
}

/* The next frame shown is @expected's bytes; %FALSE if there is none. */
static gboolean
shows (Fixture *fixture, gint64 now_us, gsize n_bytes, guint8 seed)
{
  g_auto (FoyerCastReceivedFrame) frame = { 0 };
  g_autofree guint8 *data = g_malloc (n_bytes);

  if (!foyer_cast_receiver_pop (fixture->receiver, now_us, &frame))
    return FALSE;
  fill (data, n_bytes, seed);
  return g_bytes_get_size (frame.data) == n_bytes &&
      memcmp (g_bytes_get_data (frame.data, NULL), data, n_bytes) == 0;
}

/* I1: of another camera, or another opening of it, nothing is taken. */
static void
test_push_is_asked (void)
{
  static const FoyerCastTag strangers[] = {
    { CAMERA + 1, GENERATION, 1, NOW_US },
    { CAMERA, GENERATION + 1, 1, NOW_US },
    { CAMERA, GENERATION, 1, NOW_US - 2 * G_USEC_PER_SEC },
    { 0, 0, 0, NOW_US },
  };
  Fixture fixture;

  set_up (&fixture);
  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++) {
    g_assert_cmpint (push_frame (&fixture, &strangers[i], 100, TRUE, FALSE,
                         NOW_US),
        ==, FOYER_CAST_VERDICT_REFUSED);
    g_assert_cmpmem (&fixture.gate.last, sizeof (FoyerCastTag), &strangers[i],
        sizeof (FoyerCastTag));
  }
  g_assert_cmpuint (count_refused (&fixture), ==, G_N_ELEMENTS (strangers));
  g_assert_cmpuint (drain (&fixture, NOW_US, TRUE), ==, 0);
  g_assert_true (foyer_cast_sender_needs_key (fixture.sender, 0));
  g_assert_cmpint (push (&fixture, 100, TRUE, NOW_US), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_cmpuint (drain (&fixture, NOW_US, TRUE), ==, 1);
  g_assert_true (shows (&fixture, NOW_US, 100, 1));
  tear_down (&fixture);
}

/* Once for the frame and once for each of its datagrams. */
static void
test_each_datagram_is_asked (void)
{
  Fixture fixture;
  gint64 now_us = NOW_US;

  set_up (&fixture);
  push (&fixture, 14000, TRUE, now_us);
  g_assert_cmpuint (fixture.gate.n_asked, ==, 1);
  g_assert_cmpuint (drain_long (&fixture, &now_us, FALSE), >=, 10);
  g_assert_cmpuint (fixture.gate.n_asked, >=, 11);
  tear_down (&fixture);
}

/* I4: what is under way when the gate shuts stays where it is. */
static void
test_first_transmission (void)
{
  Fixture fixture;
  gint64 now_us = NOW_US;
  guint n_before;

  set_up (&fixture);
  push (&fixture, 200000, TRUE, now_us);
  n_before = drain (&fixture, now_us, TRUE);
  g_assert_cmpuint (n_before, >, 0);
  g_assert_cmpuint (n_before, <, 100);
  fixture.gate.is_shut = TRUE;
  g_assert_cmpuint (drain_long (&fixture, &now_us, TRUE), ==, 0);
  g_assert_true (foyer_cast_sender_needs_key (fixture.sender, 0));

  /* A key frame goes on from there. */
  fixture.gate.is_shut = FALSE;
  g_assert_cmpint (push (&fixture, 300, FALSE, now_us), ==,
      FOYER_CAST_VERDICT_NEED_KEY);
  g_assert_cmpint (push (&fixture, 300, TRUE, now_us), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_cmpuint (drain_long (&fixture, &now_us, TRUE), >=, 1);
  now_us += G_USEC_PER_SEC;
  g_assert_true (shows (&fixture, now_us, 300, 1));
  tear_down (&fixture);
}

static void
test_retransmission (void)
{
  Fixture fixture;
  gint64 now_us = NOW_US;
  guint n_sent;

  set_up (&fixture);
  push (&fixture, 5000, TRUE, now_us);
  n_sent = drain_long (&fixture, &now_us, FALSE);
  g_assert_cmpuint (n_sent, >=, 4);
  /* That it is repeated while it may be is what makes the rest of this true. */
  nack_all (&fixture, 0, now_us);
  g_assert_cmpuint (drain_long (&fixture, &now_us, FALSE), >=, 4);

  fixture.gate.is_shut = TRUE;
  nack_all (&fixture, 0, now_us);
  g_assert_cmpuint (drain_long (&fixture, &now_us, FALSE), ==, 0);
  /* It was wiped: the gate's opening does not bring it back. */
  fixture.gate.is_shut = FALSE;
  nack_all (&fixture, 0, now_us);
  g_assert_cmpuint (drain_long (&fixture, &now_us, FALSE), ==, 0);
  tear_down (&fixture);
}

/* I2: nobody asks for it, so it is repeated to start the display up, until it
 * is too old. */
static void
test_kickstart (void)
{
  Fixture fixture;
  gint64 now_us = NOW_US;
  guint n_after = 0;

  set_up (&fixture);
  fixture.gate.max_age_us = 100000;
  push (&fixture, 300, TRUE, now_us);
  g_assert_cmpuint (drain (&fixture, now_us, FALSE), ==, 1);
  now_us += 50000;
  g_assert_cmpuint (drain (&fixture, now_us, FALSE), ==, 1);
  now_us += 50001;
  for (guint i = 0; i < 10; i++)
    n_after += drain_long (&fixture, &now_us, FALSE);
  g_assert_cmpuint (n_after, ==, 0);
  tear_down (&fixture);
}

/* A datagram may wait for room in the socket after it was committed. */
static void
test_what_waited (void)
{
  Fixture fixture;
  FoyerCastDatagram report, datagram;

  set_up (&fixture);
  push (&fixture, 5000, TRUE, NOW_US);
  g_assert_true (foyer_cast_sender_peek (fixture.sender, NOW_US, &report));
  foyer_cast_sender_commit (fixture.sender, NOW_US);
  g_assert_true (foyer_cast_sender_peek (fixture.sender, NOW_US, &datagram));
  foyer_cast_sender_commit (fixture.sender, NOW_US);
  g_assert_false (report.is_guarded);
  g_assert_true (datagram.is_guarded);
  g_assert_cmpuint (datagram.tag.camera, ==, CAMERA);
  g_assert_cmpuint (datagram.tag.sequence, ==, 1);
  g_assert_true (
      foyer_cast_sender_may_leave (fixture.sender, &datagram, NOW_US));
  fixture.gate.is_shut = TRUE;
  g_assert_true (foyer_cast_sender_may_leave (fixture.sender, &report, NOW_US));
  g_assert_false (
      foyer_cast_sender_may_leave (fixture.sender, &datagram, NOW_US));
  /* Its frame went with it. */
  fixture.gate.is_shut = FALSE;
  g_assert_cmpuint (drain (&fixture, NOW_US, FALSE), ==, 0);
  tear_down (&fixture);
}

/* Without a guard, and with a slate whatever the guard says. */
static void
test_slate_is_not_asked (void)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.gate.is_shut = TRUE;
  g_assert_cmpint (push_slate (&fixture, 500, NOW_US), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_cmpuint (drain (&fixture, NOW_US, TRUE), ==, 1);
  g_assert_cmpuint (fixture.gate.n_asked, ==, 0);
  g_assert_true (shows (&fixture, NOW_US, 500, 200));
  /* What comes from a camera is no slate, whatever it says. */
  for (guint i = 0; i < 3; i++) {
    const FoyerCastTag tag = { i == 0, i == 1, i == 2, NOW_US };

    g_assert_cmpint (push_frame (&fixture, &tag, 500, TRUE, TRUE, NOW_US), ==,
        FOYER_CAST_VERDICT_REFUSED);
  }
  /* An untagged frame that does not say it is one is not. */
  g_assert_cmpint (push_frame (&fixture, &(FoyerCastTag){ 0 }, 1, TRUE, FALSE,
                       NOW_US),
      ==, FOYER_CAST_VERDICT_REFUSED);
  tear_down (&fixture);
}

/* I6: if every check failed, what arrives of another camera is noise, and the
 * next of the right one is not. */
static void
test_other_camera_is_noise (void)
{
  static const FoyerCastTag strangers[] = {
    { CAMERA + 1, GENERATION, 1, NOW_US },
    { CAMERA, GENERATION + 1, 1, NOW_US },
    { 0, 0, 0, NOW_US },
  };
  Fixture fixture;

  set_up (&fixture);
  foyer_cast_sender_set_guard (fixture.sender,
      &(FoyerCastGuard){ NULL, leaving, &fixture.gate });
  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++) {
    gint64 now_us = NOW_US + (gint64) i * FRAME_US;
    FoyerCastTag tag = strangers[i];
    g_auto (FoyerCastReceivedFrame) frame = { 0 };
    guint8 data[1000];
    guint n_same = 0;

    tag.capture_us = now_us;
    g_assert_cmpint (push_frame (&fixture, &tag, sizeof data, TRUE, FALSE,
                         now_us),
        ==, FOYER_CAST_VERDICT_SEND);
    drain (&fixture, now_us, TRUE);
    g_assert_true (foyer_cast_receiver_pop (fixture.receiver, now_us, &frame));
    g_assert_cmpuint (g_bytes_get_size (frame.data), ==, sizeof data);
    fill (data, sizeof data, 1);
    for (guint j = 0; j < sizeof data; j++)
      n_same += ((const guint8 *) g_bytes_get_data (frame.data, NULL))[j] ==
          data[j];
    /* Of a thousand bytes about four agree by chance. */
    g_assert_cmpuint (n_same, <, 30);
    answer (&fixture, now_us);
  }
  g_assert_cmpint (push (&fixture, 1000, FALSE, NOW_US + 3 * FRAME_US), ==,
      FOYER_CAST_VERDICT_SEND);
  drain (&fixture, NOW_US + 3 * FRAME_US, TRUE);
  g_assert_true (shows (&fixture, NOW_US + 3 * FRAME_US, 1000, 1));
  tear_down (&fixture);
}

/* I4: forgetting is for good, and slates go on. */
static void
test_close_frames (void)
{
  Fixture fixture;
  gint64 now_us = NOW_US;

  set_up (&fixture);
  push (&fixture, 100000, TRUE, now_us);
  push (&fixture, 3000, FALSE, now_us);
  g_assert_cmpuint (drain (&fixture, now_us, TRUE), >, 0);
  foyer_cast_sender_close_frames (fixture.sender);
  g_assert_cmpint (push (&fixture, 100, TRUE, now_us), ==,
      FOYER_CAST_VERDICT_REFUSED);
  g_assert_cmpuint (drain_long (&fixture, &now_us, TRUE), ==, 0);
  answer (&fixture, now_us);
  g_assert_cmpuint (drain_long (&fixture, &now_us, TRUE), ==, 0);
  nack_all (&fixture, 0, now_us);
  nack_all (&fixture, 1, now_us);
  g_assert_cmpuint (drain_long (&fixture, &now_us, TRUE), ==, 0);

  g_assert_cmpint (push_slate (&fixture, 4000, now_us), ==,
      FOYER_CAST_VERDICT_SEND);
  g_assert_cmpuint (drain_long (&fixture, &now_us, TRUE), >=, 3);
  now_us += G_USEC_PER_SEC;
  g_assert_true (shows (&fixture, now_us, 4000, 200));
  answer (&fixture, now_us);
  /* Nothing is left to be asked for but reports. */
  g_assert_cmpuint (drain (&fixture, now_us, TRUE), ==, 0);
  g_assert_cmpint (foyer_cast_sender_get_deadline_us (fixture.sender, now_us),
      >, now_us);
  tear_down (&fixture);
}

/* What never left at all is told of by an empty packet, of a frame that can't be
 * complete. */
static void
test_close_frames_tells (void)
{
  static const struct
  {
    gsize n_bytes;
    guint16 max_packet_id;
  } rows[] = { { 3000, 2 }, { 10, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    FoyerCastRtpHeader header = { 0 };
    FoyerCastDatagram datagram;
    const guint8 *payload;
    gsize n_bytes = 1;
    Fixture fixture;
    gint64 now_us = NOW_US;
    guint n_told = 0;

    set_up (&fixture);
    push (&fixture, 100000, TRUE, now_us);
    push (&fixture, rows[i].n_bytes, FALSE, now_us);
    drain (&fixture, now_us, TRUE);
    foyer_cast_sender_close_frames (fixture.sender);
    now_us += 10000;
    for (; foyer_cast_sender_peek (fixture.sender, now_us, &datagram);
         foyer_cast_sender_commit (fixture.sender, now_us)) {
      if (!foyer_cast_rtp_parse (datagram.header, datagram.n_header_bytes,
              &header, &payload, &n_bytes))
        continue;
      n_told++;
      g_assert_cmpuint (n_bytes + datagram.n_payload_bytes, ==, 0);
      g_assert_cmpuint (header.frame_id_low, ==, 1);
      g_assert_cmpuint (header.packet_id, ==, 0);
      g_assert_cmpuint (header.max_packet_id, ==, rows[i].max_packet_id);
    }
    g_assert_cmpuint (n_told, ==, 1);
    tear_down (&fixture);
  }
}

/* A frame that the display has, out of order, is still in the history. */
static void
test_close_frames_wipes_acknowledged (void)
{
  Fixture fixture;
  FoyerCastDatagram datagram;
  const guint8 *payload = NULL;
  gsize n_bytes = 0;
  guint8 any = 0;

  set_up (&fixture);
  push (&fixture, 1000, TRUE, NOW_US);
  while (foyer_cast_sender_peek (fixture.sender, NOW_US, &datagram)) {
    if (datagram.n_payload_bytes > 0) {
      payload = datagram.payload;
      n_bytes = datagram.n_payload_bytes;
    }
    foyer_cast_sender_commit (fixture.sender, NOW_US);
  }
  g_assert_cmpuint (n_bytes, ==, 1000);
  foyer_cast_sender_close_frames (fixture.sender);
  for (gsize i = 0; i < n_bytes; i++)
    any |= payload[i];
  g_assert_cmpint (any, ==, 0);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-guard/asked/push", test_push_is_asked);
  g_test_add_func ("/cast-guard/asked/each-datagram",
      test_each_datagram_is_asked);
  g_test_add_func ("/cast-guard/asked/what-waited", test_what_waited);
  g_test_add_func ("/cast-guard/refused/first-transmission",
      test_first_transmission);
  g_test_add_func ("/cast-guard/refused/retransmission", test_retransmission);
  g_test_add_func ("/cast-guard/refused/kickstart", test_kickstart);
  g_test_add_func ("/cast-guard/slate/not-asked", test_slate_is_not_asked);
  g_test_add_func ("/cast-guard/keys/other-camera-is-noise",
      test_other_camera_is_noise);
  g_test_add_func ("/cast-guard/close/slates-go-on", test_close_frames);
  g_test_add_func ("/cast-guard/close/tells", test_close_frames_tells);
  g_test_add_func ("/cast-guard/close/wipes",
      test_close_frames_wipes_acknowledged);
  return g_test_run ();
}
