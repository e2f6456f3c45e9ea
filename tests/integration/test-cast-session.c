/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-house.h"
#include "foyer-test-tcp.h"

#include "foyer-cast-limits.h"
#include "foyer-clock.h"
#include "foyer-random.h"

#include <string.h>

#define N_FRAMES       60
#define MAX_FRAME      30000
#define FRAME_US       33333
#define KEY_INTERVAL   15
#define PATIENCE_US    (60 * G_USEC_PER_SEC) /* ends only what hangs */
#define N_DROPPED      300
#define DISPLAY_PREFIX "display "

static FoyerTestHouse house;

/* A session and a display, each with its log; frames are kept at both ends. */
typedef struct
{
  FoyerTestLog log;
  FoyerTestLog display_log;
  FoyerCastDisplay *display;
  FoyerCastSession *session;
  GPtrArray *sent;     /* of GBytes, by stream 0's frame id */
  GPtrArray *received; /* of GBytes, in order; display's thread until stopped */
  gint64 last_id[2];
} Fixture;

/* the display's side */

static void
on_session (FoyerCastDisplay *display, guint64 session_number,
    const FoyerCastStreamConfig *streams, guint n_streams, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->last_id[0] = -1;
  fixture->last_id[1] = -1;
  foyer_test_log_add (&fixture->display_log,
      "session %" G_GUINT64_FORMAT " %u %s", session_number, n_streams,
      foyer_cast_codec_to_string (streams[n_streams - 1].codec));
}

static void
on_frame (FoyerCastDisplay *display, FoyerCastReceivedFrame *frame,
    gpointer user_data)
{
  Fixture *fixture = user_data;
  gint64 *last_id = &fixture->last_id[frame->stream];

  /* In order, and what is missing is said to be. */
  g_assert_cmpint (frame->frame_id, ==, *last_id + 1 + frame->n_skipped);
  g_assert_true (frame->n_skipped == 0 || frame->is_key);
  *last_id = frame->frame_id;
  g_ptr_array_add (fixture->received, g_bytes_ref (frame->data));
  foyer_test_log_add (&fixture->display_log, "frame %u %" G_GINT64_FORMAT,
      frame->stream, frame->frame_id);
}

static void
on_session_ended (FoyerCastDisplay *display, guint64 session_number,
    const char *reason, gpointer user_data)
{
  Fixture *fixture = user_data;

  foyer_test_log_add (&fixture->display_log, "ended %" G_GUINT64_FORMAT " %s",
      session_number, reason);
}

static const FoyerCastDisplayCallbacks display_callbacks = {
  .on_session = on_session,
  .on_frame = on_frame,
  .on_session_ended = on_session_ended,
};

static void
open_display (Fixture *fixture, const char *address)
{
  g_autoptr (GError) error = NULL;
  const FoyerCastDisplayConfig config = {
    .address = address,
    .friendly_name = "Test",
    .credentials = house.credentials,
    .codecs = { FOYER_CAST_CODEC_VP8, FOYER_CAST_CODEC_H264,
        FOYER_CAST_CODEC_OPUS },
    .n_codecs = 3,
    .width_px = 1280,
    .height_px = 720,
    .fps = 30,
    .max_video_bps = 5000000,
  };

  fixture->display = foyer_cast_display_new (&config, &display_callbacks,
      fixture, &error);
  g_assert_no_error (error);
}

/* the sender's side */

static void
open_session (Fixture *fixture, FoyerCastAuthLevel auth, const char *pin,
    const char *ca_file)
{
  g_autoptr (GError) error = NULL;
  const FoyerCastSessionConfig config = {
    .auth = auth,
    .pin = pin,
    .ca_file = ca_file,
  };

  fixture->session = foyer_cast_session_new (&config,
      &foyer_test_house_callbacks, &fixture->log, &error);
  g_assert_no_error (error);
}

static void
start_session (Fixture *fixture, const char *host)
{
  foyer_cast_session_start (fixture->session, host,
      foyer_cast_display_get_port (fixture->display));
}

static void
set_up (Fixture *fixture)
{
  memset (fixture, 0, sizeof *fixture);
  foyer_test_log_init (&fixture->log);
  foyer_test_log_init (&fixture->display_log);
  fixture->sent = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_bytes_unref);
  fixture->received = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_bytes_unref);
  open_display (fixture, NULL);
  open_session (fixture, FOYER_CAST_AUTH_DEVICE, NULL, house.ca_file);
}

static void
stream (Fixture *fixture, gboolean has_audio)
{
  const FoyerCastOfferWish wish = foyer_test_house_wish (has_audio);

  foyer_cast_session_offer (fixture->session, &wish);
  start_session (fixture, "127.0.0.1");
  foyer_test_log_wait (&fixture->log, "ready", 1);
}

static void
tear_down (Fixture *fixture)
{
  foyer_cast_session_free (fixture->session);
  foyer_cast_display_free (fixture->display);
  g_ptr_array_unref (fixture->sent);
  g_ptr_array_unref (fixture->received);
  foyer_test_log_clear (&fixture->log);
  foyer_test_log_clear (&fixture->display_log);
}

static GBytes *
make_frame (gsize max_bytes)
{
  gsize n_bytes = foyer_random_range (0, (guint32) max_bytes);
  guint8 *data = g_malloc (n_bytes + 1);

  if (n_bytes > 0)
    foyer_random_fill (data, n_bytes);
  return g_bytes_new_take (data, n_bytes);
}

static FoyerCastVerdict
push (Fixture *fixture, guint stream_index, GBytes *frame, gboolean is_key)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (frame, &n_bytes);

  const FoyerCastFrame coded = {
    .data = data,
    .n_bytes = n_bytes,
    .is_key = is_key,
    .tag.capture_us = foyer_clock_get_us (foyer_clock_get_system ()),
  };

  return foyer_cast_session_push (fixture->session, stream_index, &coded);
}

/* One frame, unless the network is behind, which it may be where a machine stood
 * still: what is checked first is not refused afterwards. Whether it was sent. */
static gboolean
try_push (Fixture *fixture, guint stream_index, gsize max_bytes,
    gboolean wants_key)
{
  gboolean is_key = wants_key ||
      foyer_cast_session_needs_key (fixture->session, stream_index);
  g_autoptr (GBytes) frame = make_frame (max_bytes);
  FoyerCastVerdict verdict;

  if (foyer_cast_session_check (fixture->session, stream_index,
          foyer_clock_get_us (foyer_clock_get_system ())) !=
      FOYER_CAST_VERDICT_SEND)
    return FALSE;
  verdict = push (fixture, stream_index, frame, is_key);
  /* The display may have asked for a key frame in between. */
  if (!is_key && verdict == FOYER_CAST_VERDICT_NEED_KEY)
    return FALSE;
  g_assert_cmpint (verdict, ==, FOYER_CAST_VERDICT_SEND);
  if (stream_index == 0)
    g_ptr_array_add (fixture->sent, g_steal_pointer (&frame));
  return TRUE;
}

static void
push_one (Fixture *fixture, guint stream_index, gsize max_bytes,
    gboolean wants_key)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  while (!try_push (fixture, stream_index, max_bytes, wants_key)) {
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    g_usleep (FRAME_US / 4);
  }
}

/* At a camera's pace. */
static void
push_video (Fixture *fixture, guint stream_index, guint n_frames)
{
  for (guint i = 0; i < n_frames; i++) {
    gboolean wants_key = i % KEY_INTERVAL == 0;

    push_one (fixture, stream_index, wants_key ? MAX_FRAME : MAX_FRAME / 4,
        wants_key);
    g_usleep (FRAME_US / 4);
  }
}

static void
assert_same (GPtrArray *a, GPtrArray *b)
{
  g_assert_cmpuint (a->len, ==, b->len);
  for (guint i = 0; i < a->len; i++)
    g_assert_true (g_bytes_equal (a->pdata[i], b->pdata[i]));
}

/* streaming */

static void
test_video (void)
{
  Fixture fixture;
  FoyerCastSenderStats stats;
  FoyerCastReceiverStats display_stats;

  set_up (&fixture);
  stream (&fixture, FALSE);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "ready 1"), ==, 1);
  foyer_test_log_wait (&fixture.log, "key 0", 1);
  push_video (&fixture, 0, N_FRAMES);
  foyer_test_log_wait (&fixture.display_log, "frame 0", fixture.sent->len);
  g_assert_cmpint (foyer_cast_session_get_stats (fixture.session, &stats), ==,
      FOYER_CAST_STEP_STREAMING);
  g_assert_cmpuint (stats.n_frames[FOYER_CAST_VERDICT_SEND], ==,
      fixture.sent->len);
  g_assert_cmpuint (stats.n_bad_datagrams, ==, 0);
  foyer_cast_session_stop (fixture.session);
  foyer_test_log_wait (&fixture.display_log, "ended 1", 1);
  foyer_cast_display_stop (fixture.display);
  foyer_cast_display_get_stats (fixture.display, &display_stats);
  g_assert_cmpuint (display_stats.n_frames, ==, fixture.sent->len);
  g_assert_cmpuint (display_stats.n_bad_datagrams, ==, 0);
  assert_same (fixture.sent, fixture.received);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 0);
  tear_down (&fixture);
}

static void
test_audio_and_video (void)
{
  Fixture fixture;

  set_up (&fixture);
  stream (&fixture, TRUE);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "ready 2"), ==, 1);
  for (guint i = 0; i < 10; i++) {
    push_one (&fixture, 0, 300, TRUE);
    push_one (&fixture, 1, 5000, i == 0);
    g_usleep (20000);
  }
  foyer_test_log_wait (&fixture.display_log, "frame 0 9", 1);
  foyer_test_log_wait (&fixture.display_log, "frame 1 9", 1);
  tear_down (&fixture);
}

/* Everything arrives that the display did not give up for a key frame. */
static void
test_loss (void)
{
  Fixture fixture;
  FoyerCastReceiverStats stats;

  set_up (&fixture);
  foyer_cast_display_set_drop (fixture.display, 0.1);
  stream (&fixture, FALSE);
  push_video (&fixture, 0, N_DROPPED);
  foyer_cast_display_set_drop (fixture.display, 0.0);
  push_video (&fixture, 0, 1);
  {
    g_autofree char *last = g_strdup_printf ("frame 0 %u",
        fixture.sent->len - 1);

    foyer_test_log_wait (&fixture.display_log, last, 1);
  }
  foyer_cast_display_stop (fixture.display);
  foyer_cast_display_get_stats (fixture.display, &stats);
  g_assert_cmpuint (stats.n_frames + stats.n_skipped, ==, fixture.sent->len);
  g_assert_cmpuint (stats.n_lost, >, 0);
  g_test_message ("%" G_GUINT64_FORMAT " frames, %" G_GUINT64_FORMAT
                  " skipped, %" G_GUINT64_FORMAT " late",
      stats.n_frames, stats.n_skipped, stats.n_late);
  tear_down (&fixture);
}

static void
test_key_request (void)
{
  Fixture fixture;

  set_up (&fixture);
  stream (&fixture, FALSE);
  push_video (&fixture, 0, 3);
  foyer_test_log_wait (&fixture.display_log, "frame 0 2", 1);
  foyer_test_log_reset (&fixture.log);
  g_assert_false (foyer_cast_session_needs_key (fixture.session, 0));
  foyer_cast_display_request_key (fixture.display, 0);
  foyer_test_log_wait (&fixture.log, "key 0", 1);
  g_assert_true (foyer_cast_session_needs_key (fixture.session, 0));
  tear_down (&fixture);
}

/* negotiation */

static void
test_renegotiation (void)
{
  Fixture fixture;
  FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);

  set_up (&fixture);
  stream (&fixture, FALSE);
  push_video (&fixture, 0, 5);
  foyer_test_log_wait (&fixture.display_log, "frame 0 4", 1);
  wish.video_codecs[0] = FOYER_CAST_CODEC_H264;
  wish.n_video_codecs = 1;
  foyer_cast_session_offer (fixture.session, &wish);
  foyer_test_log_wait (&fixture.log, "ready", 2);
  foyer_test_log_wait (&fixture.display_log, "session 2 1 h264", 1);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "ended 1"), ==,
      1);
  push_video (&fixture, 0, 5);
  foyer_test_log_wait (&fixture.display_log, "frame 0 4", 2);
  tear_down (&fixture);
}

/* Opus alone is nothing for a display without it. */
static void
test_failed_renegotiation (void)
{
  Fixture fixture;
  FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);

  set_up (&fixture);
  stream (&fixture, FALSE);
  wish.n_video_codecs = 0;
  foyer_cast_session_offer (fixture.session, &wish);
  push_video (&fixture, 0, 20);
  foyer_test_log_wait (&fixture.display_log, "frame 0 19", 1);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 0);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "ready"), ==, 1);
  tear_down (&fixture);
}

static void
test_offer_later (void)
{
  Fixture fixture;
  const FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);

  set_up (&fixture);
  start_session (&fixture, "127.0.0.1");
  foyer_test_log_wait (&fixture.log, "step negotiating", 1);
  foyer_cast_session_offer (fixture.session, &wish);
  foyer_test_log_wait (&fixture.log, "ready", 1);
  tear_down (&fixture);
}

/* the end */

static void
test_stop_and_again (void)
{
  Fixture fixture;
  FoyerCastReceiverStats before;
  FoyerCastReceiverStats after;

  set_up (&fixture);
  stream (&fixture, FALSE);
  push_video (&fixture, 0, 10);
  foyer_test_log_wait (&fixture.display_log, "frame 0 9", 1);
  foyer_cast_session_stop (fixture.session);
  foyer_test_log_wait (&fixture.display_log, "ended 1 a sender stopped it", 1);
  foyer_cast_display_get_stats (fixture.display, &before);
  for (guint i = 0; i < 10; i++)
    g_assert_false (try_push (&fixture, 0, MAX_FRAME, TRUE));
  foyer_cast_display_get_stats (fixture.display, &after);
  g_assert_cmpuint (after.n_datagrams, ==, before.n_datagrams);
  foyer_cast_session_stop (fixture.session);
  foyer_cast_session_free (fixture.session);
  foyer_test_log_reset (&fixture.log);
  open_session (&fixture, FOYER_CAST_AUTH_DEVICE, NULL, house.ca_file);
  stream (&fixture, FALSE);
  push_video (&fixture, 0, 10);
  foyer_test_log_wait (&fixture.display_log, "frame 0 9", 2);
  tear_down (&fixture);
}

/* The display's end of it. */
static void
test_display_stops (void)
{
  Fixture fixture;
  g_autofree char *word = NULL;

  set_up (&fixture);
  stream (&fixture, FALSE);
  foyer_cast_display_stop (fixture.display);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log,
                        "ended 1 the display was switched off"),
      ==, 1);
  foyer_test_log_wait (&fixture.log, "failed", 1);
  word = foyer_test_log_dup (&fixture.log, "failed");
  g_assert_true (g_str_has_prefix (word, "failed 19 streaming to display at"));
  G_STATIC_ASSERT (FOYER_CAST_ERROR_APP_ENDED == 19);
  tear_down (&fixture);
}

/* From every step, also from before the first. */
static void
test_stop_anywhere (void)
{
  static const char *const steps[] = { "step connecting", "step securing",
    "step authenticating", "step launching", "step negotiating",
    "step streaming" };
  Fixture fixture;

  for (guint i = 0; i <= G_N_ELEMENTS (steps); i++) {
    const FoyerCastOfferWish wish = foyer_test_house_wish (TRUE);

    set_up (&fixture);
    foyer_cast_session_offer (fixture.session, &wish);
    if (i > 0) {
      start_session (&fixture, "localhost");
      foyer_test_log_wait (&fixture.log, steps[i - 1], 1);
    }
    foyer_cast_session_stop (fixture.session);
    g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 0);
    tear_down (&fixture);
  }
}

/* who it is */

static void
check_identity (FoyerCastAuthLevel auth, const char *pin, const char *ca_file,
    FoyerCastError code)
{
  Fixture fixture;
  const char *fingerprint = foyer_cast_credentials_get_fingerprint (
      house.credentials);
  g_autofree char *expected = NULL;
  g_autofree char *word = NULL;

  set_up (&fixture);
  g_clear_pointer (&fixture.session, foyer_cast_session_free);
  open_session (&fixture, auth, pin, ca_file);
  start_session (&fixture, "127.0.0.1");
  if (code == FOYER_CAST_ERROR_FAILED) {
    foyer_test_log_wait (&fixture.log, "step negotiating", 1);
    word = foyer_test_log_dup (&fixture.log, "identity");
    g_assert_nonnull (strstr (word, fingerprint));
    tear_down (&fixture);
    return;
  }
  foyer_test_log_wait (&fixture.log, "failed", 1);
  word = foyer_test_log_dup (&fixture.log, "failed");
  expected =
      g_strdup_printf ("failed %d authenticating display at 127.0.0.1:%u: ",
          (int) code, foyer_cast_display_get_port (fixture.display));
  g_assert_cmpstr (word, !=, NULL);
  if (!g_str_has_prefix (word, expected))
    g_assert_cmpstr (word, ==, expected);
  g_assert_nonnull (strstr (word, fingerprint));
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "identity"), ==, 0);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "step launching"), ==,
      0);
  tear_down (&fixture);
}

static void
test_identity (void)
{
  const char *pin = foyer_cast_credentials_get_fingerprint (house.credentials);
  g_autofree char *wrong = g_strdup (pin);
  char *last = wrong + strlen (wrong) - 1;

  *last = *last == '0' ? '1' : '0';
  check_identity (FOYER_CAST_AUTH_DEVICE, NULL, house.ca_file,
      FOYER_CAST_ERROR_FAILED);
  check_identity (FOYER_CAST_AUTH_DEVICE, pin, house.ca_file,
      FOYER_CAST_ERROR_FAILED);
  check_identity (FOYER_CAST_AUTH_DEVICE, wrong, house.ca_file,
      FOYER_CAST_ERROR_AUTH_PIN);
  check_identity (FOYER_CAST_AUTH_DEVICE, NULL, NULL,
      FOYER_CAST_ERROR_AUTH_CHAIN);
  check_identity (FOYER_CAST_AUTH_PINNED, pin, NULL, FOYER_CAST_ERROR_FAILED);
  check_identity (FOYER_CAST_AUTH_PINNED, wrong, NULL,
      FOYER_CAST_ERROR_AUTH_PIN);
  check_identity (FOYER_CAST_AUTH_ANY, NULL, NULL, FOYER_CAST_ERROR_FAILED);
}

/* other ways in */

static void
test_ipv6 (void)
{
  Fixture fixture;
  const FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);

  if (!foyer_test_has_ipv6 ()) {
    g_test_skip ("this machine has no IPv6");
    return;
  }
  set_up (&fixture);
  foyer_cast_display_free (fixture.display);
  open_display (&fixture, "::1");
  foyer_cast_session_offer (fixture.session, &wish);
  start_session (&fixture, "[::1]");
  foyer_test_log_wait (&fixture.log, "ready", 1);
  push_video (&fixture, 0, 20);
  foyer_test_log_wait (&fixture.display_log, "frame 0 19", 1);
  foyer_cast_display_stop (fixture.display);
  assert_same (fixture.sent, fixture.received);
  tear_down (&fixture);
}

static void
test_given_sockets (void)
{
  Fixture fixture;
  const FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  GSocket *udp = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);
  GSocketConnection *tcp;

  set_up (&fixture);
  tcp = foyer_test_tcp_connect (foyer_cast_display_get_port (fixture.display));
  g_assert_true (g_socket_bind (udp, any, FALSE, NULL));
  foyer_cast_session_offer (fixture.session, &wish);
  foyer_cast_session_start_with_sockets (fixture.session, tcp, udp);
  foyer_test_log_wait (&fixture.log, "ready", 1);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "step connecting"), ==,
      0);
  push_video (&fixture, 0, 5);
  foyer_test_log_wait (&fixture.display_log, "frame 0 4", 1);
  tear_down (&fixture);
}

static void
test_nothing_left (void)
{
  guint n_fds = foyer_test_count_fds ();

  test_stop_and_again ();
  foyer_test_assert_fds (n_fds);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  foyer_test_house_init (&house);
  g_test_add_func ("/cast-session/stream/video", test_video);
  g_test_add_func ("/cast-session/stream/audio-and-video",
      test_audio_and_video);
  g_test_add_func ("/cast-session/stream/loss", test_loss);
  g_test_add_func ("/cast-session/stream/key-request", test_key_request);
  g_test_add_func ("/cast-session/offer/again", test_renegotiation);
  g_test_add_func ("/cast-session/offer/again-refused",
      test_failed_renegotiation);
  g_test_add_func ("/cast-session/offer/later", test_offer_later);
  g_test_add_func ("/cast-session/stop/and-again", test_stop_and_again);
  g_test_add_func ("/cast-session/stop/by-display", test_display_stops);
  g_test_add_func ("/cast-session/stop/anywhere", test_stop_anywhere);
  g_test_add_func ("/cast-session/identity", test_identity);
  g_test_add_func ("/cast-session/ways/ipv6", test_ipv6);
  g_test_add_func ("/cast-session/ways/given-sockets", test_given_sockets);
  g_test_add_func ("/cast-session/nothing-left", test_nothing_left);
  result = g_test_run ();
  foyer_test_house_clear (&house);
  return result;
}
