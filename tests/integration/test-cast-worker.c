/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-house.h"
#include "foyer-test-tcp.h"

#include "foyer-cast-limits.h"
#include "foyer-clock.h"

#include <string.h>

/* A session as a locked-in process has one: sockets and roots are given, keys
 * derived, frames guarded, the display approved; and what it leaves behind is
 * cleaned up by another. */

#define FRAME_BYTES 9000
#define SLATE_BYTES 700
#define PAUSE_US    8000
#define PATIENCE_US (60 * G_USEC_PER_SEC) /* ends only what hangs */
#define CAMERA      11

static FoyerTestHouse house;
static GBytes *roots;

typedef struct
{
  FoyerTestLog log;
  FoyerTestLog display_log;
  FoyerCastDisplay *display;
  FoyerCastSession *session;
  FoyerCastKeyRoot root;
  int is_shut; /* atomic: the guard refuses */
} Fixture;

static void
on_session (FoyerCastDisplay *display, guint64 session_number,
    const FoyerCastStreamConfig *streams, guint n_streams, gpointer user_data)
{
  foyer_test_log_add (user_data, "session %" G_GUINT64_FORMAT, session_number);
}

/* All bytes of a frame are the same here: noise has others. */
static void
on_frame (FoyerCastDisplay *display, FoyerCastReceivedFrame *frame,
    gpointer user_data)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (frame->data, &n_bytes);

  for (gsize i = 1; i < n_bytes; i++)
    if (data[i] != data[0]) {
      foyer_test_log_add (user_data, "noise");
      return;
    }
  foyer_test_log_add (user_data, "frame %c", n_bytes > 0 ? data[0] : '-');
}

static void
on_session_ended (FoyerCastDisplay *display, guint64 session_number,
    const char *reason, gpointer user_data)
{
  foyer_test_log_add (user_data, "ended %s", reason);
}

static const FoyerCastDisplayCallbacks display_callbacks = {
  .on_session = on_session,
  .on_frame = on_frame,
  .on_session_ended = on_session_ended,
};

static gboolean
may_leave (const FoyerCastTag *tag, gint64 now_us, gpointer user_data)
{
  Fixture *fixture = user_data;

  return g_atomic_int_get (&fixture->is_shut) == 0;
}

static FoyerCastSession *
new_session (Fixture *fixture, FoyerTestLog *log, gboolean wants_approval,
    GBytes *pem)
{
  g_autoptr (GError) error = NULL;
  const FoyerCastSessionConfig config = {
    .ca_pem = pem,
    .root = &fixture->root,
    .guard = { .may_leave = may_leave, .user_data = fixture },
    .wants_approval = wants_approval,
  };
  FoyerCastSession *session = foyer_cast_session_new (&config,
      &foyer_test_house_callbacks, log, &error);

  g_assert_no_error (error);
  return session;
}

static void
set_up (Fixture *fixture, gboolean wants_approval)
{
  g_autoptr (GError) error = NULL;
  const FoyerCastDisplayConfig config = {
    .friendly_name = "Test",
    .credentials = house.credentials,
    .codecs = { FOYER_CAST_CODEC_VP8, FOYER_CAST_CODEC_OPUS },
    .n_codecs = 2,
    .width_px = 1280,
    .height_px = 720,
    .fps = 30,
    .max_video_bps = 5000000,
  };

  memset (fixture, 0, sizeof *fixture);
  foyer_test_log_init (&fixture->log);
  foyer_test_log_init (&fixture->display_log);
  fixture->display = foyer_cast_display_new (&config, &display_callbacks,
      &fixture->display_log, &error);
  g_assert_no_error (error);
  memset (fixture->root.secret, 0xa7, sizeof fixture->root.secret);
  fixture->root.session = 5;
  fixture->root.camera = CAMERA;
  fixture->root.generation = 1;
  fixture->session = new_session (fixture, &fixture->log, wants_approval,
      roots);
}

static void
tear_down (Fixture *fixture)
{
  foyer_cast_session_free (fixture->session);
  foyer_cast_display_free (fixture->display);
  foyer_test_log_clear (&fixture->log);
  foyer_test_log_clear (&fixture->display_log);
}

static void
start (Fixture *fixture, FoyerCastSession *session)
{
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  GSocket *udp = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);
  GSocketConnection *tcp;

  tcp = foyer_test_tcp_connect (foyer_cast_display_get_port (fixture->display));
  g_assert_true (g_socket_bind (udp, any, FALSE, NULL));
  foyer_cast_session_start_with_sockets (session, tcp, udp);
}

static void
stream (Fixture *fixture)
{
  const FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);

  foyer_cast_session_offer (fixture->session, &wish);
  start (fixture, fixture->session);
  foyer_test_log_wait (&fixture->log, "ready", 1);
}

static FoyerCastVerdict
push (Fixture *fixture, guint64 camera, char letter, gboolean is_slate)
{
  g_autofree guint8 *data = g_malloc (FRAME_BYTES);
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = is_slate ? SLATE_BYTES : FRAME_BYTES,
    .is_key = TRUE,
    .is_slate = is_slate,
    .tag = {
        .camera = camera,
        .generation = is_slate ? 0 : 1,
        .capture_us = foyer_clock_get_us (foyer_clock_get_system ()),
    },
  };

  memset (data, letter, FRAME_BYTES);
  return foyer_cast_session_push (fixture->session, 0, &frame);
}

/* Until the display has shown @word @n times more. */
static void
push_until (Fixture *fixture, guint64 camera, char letter, gboolean is_slate,
    const char *word, guint n)
{
  guint n_before = foyer_test_log_count (&fixture->display_log, word);
  gint64 end_us = foyer_clock_get_us (foyer_clock_get_system ()) + PATIENCE_US;

  while (foyer_test_log_count (&fixture->display_log, word) < n_before + n) {
    g_assert_cmpint (foyer_clock_get_us (foyer_clock_get_system ()), <, end_us);
    push (fixture, camera, letter, is_slate);
    g_usleep (PAUSE_US);
  }
}

static void
assert_failed (Fixture *fixture, FoyerCastError code, const char *words)
{
  g_autofree char *word = NULL;
  g_autofree char *start_of_it = g_strdup_printf ("failed %d ", (int) code);

  foyer_test_log_wait (&fixture->log, "failed", 1);
  word = foyer_test_log_dup (&fixture->log, "failed");
  g_test_message ("%s", word);
  g_assert_true (g_str_has_prefix (word, start_of_it));
  g_assert_nonnull (strstr (word, words));
}

/* I6, at a real display. */
static void
test_keys (void)
{
  Fixture fixture;

  set_up (&fixture, FALSE);
  stream (&fixture);
  push_until (&fixture, CAMERA, 'c', FALSE, "frame c", 3);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "noise"), ==,
      0);
  push_until (&fixture, CAMERA + 1, 'x', FALSE, "noise", 3);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "frame x"), ==,
      0);
  push_until (&fixture, CAMERA, 'd', FALSE, "frame d", 1);
  tear_down (&fixture);
}

static void
test_guard (void)
{
  Fixture fixture;

  set_up (&fixture, FALSE);
  stream (&fixture);
  g_atomic_int_set (&fixture.is_shut, 1);
  g_assert_cmpint (push (&fixture, CAMERA, 'c', FALSE), ==,
      FOYER_CAST_VERDICT_REFUSED);
  push_until (&fixture, 0, 's', TRUE, "frame s", 2);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "frame c"), ==,
      0);
  tear_down (&fixture);
}

/* I4, over a path that loses much: a slate is what is seen in the end. */
static void
test_close_frames (void)
{
  Fixture fixture;
  guint n_shown;

  set_up (&fixture, FALSE);
  stream (&fixture);
  push_until (&fixture, CAMERA, 'c', FALSE, "frame c", 3);
  foyer_cast_display_set_drop (fixture.display, 0.3);
  for (guint i = 0; i < 20; i++) {
    push (&fixture, CAMERA, 'c', FALSE);
    g_usleep (PAUSE_US);
  }
  foyer_cast_session_close_frames (fixture.session);
  g_assert_cmpint (push (&fixture, CAMERA, 'c', FALSE), ==,
      FOYER_CAST_VERDICT_REFUSED);
  push_until (&fixture, 0, 's', TRUE, "frame s", 1);
  n_shown = foyer_test_log_count (&fixture.display_log, "frame c");
  push_until (&fixture, 0, 's', TRUE, "frame s", 3);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "frame c"), ==,
      n_shown);
  foyer_cast_session_stop (fixture.session);
  foyer_test_log_wait (&fixture.display_log, "ended", 1);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 0);
  tear_down (&fixture);
}

/* Closed before there was a stream. */
static void
test_close_frames_early (void)
{
  Fixture fixture;

  set_up (&fixture, FALSE);
  foyer_cast_session_close_frames (fixture.session);
  stream (&fixture);
  g_assert_cmpint (push (&fixture, CAMERA, 'c', FALSE), ==,
      FOYER_CAST_VERDICT_REFUSED);
  push_until (&fixture, 0, 's', TRUE, "frame s", 1);
  tear_down (&fixture);
}

/* I7: an accepted display waits, and nothing is launched meanwhile. */
static void
test_approved (void)
{
  Fixture fixture;
  const FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);

  set_up (&fixture, TRUE);
  foyer_cast_session_offer (fixture.session, &wish);
  /* Too early: nobody knows yet whom this would approve. */
  foyer_cast_session_approve (fixture.session, TRUE);
  start (&fixture, fixture.session);
  foyer_test_log_wait (&fixture.log, "identity", 1);
  g_usleep (20 * PAUSE_US);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "step launching"), ==,
      0);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "session"), ==,
      0);
  foyer_cast_session_approve (fixture.session, TRUE);
  foyer_cast_session_approve (fixture.session, FALSE);
  foyer_test_log_wait (&fixture.log, "ready", 1);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "launched"), ==, 1);
  push_until (&fixture, CAMERA, 'c', FALSE, "frame c", 1);
  tear_down (&fixture);
}

static void
test_not_approved (void)
{
  Fixture fixture;

  set_up (&fixture, TRUE);
  start (&fixture, fixture.session);
  foyer_test_log_wait (&fixture.log, "identity", 1);
  foyer_cast_session_approve (fixture.session, FALSE);
  assert_failed (&fixture, FOYER_CAST_ERROR_NOT_APPROVED, "authenticating");
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "step launching"), ==,
      0);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "launched"), ==, 0);
  foyer_cast_session_approve (fixture.session, TRUE);
  foyer_cast_session_stop (fixture.session);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 1);
  tear_down (&fixture);
}

static void
test_nobody_approves (void)
{
  Fixture fixture;

  set_up (&fixture, TRUE);
  start (&fixture, fixture.session);
  assert_failed (&fixture, FOYER_CAST_ERROR_TIMED_OUT, "nobody approved it");
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "step launching"), ==,
      0);
  tear_down (&fixture);
}

/* Stopping does not wait for an approval. */
static void
test_stopped_before_approval (void)
{
  Fixture fixture;
  gint64 begun_us;

  set_up (&fixture, TRUE);
  start (&fixture, fixture.session);
  foyer_test_log_wait (&fixture.log, "identity", 1);
  begun_us = foyer_clock_get_us (foyer_clock_get_system ());
  foyer_cast_session_stop (fixture.session);
  g_assert_cmpint (foyer_clock_get_us (foyer_clock_get_system ()) - begun_us, <,
      FOYER_CAST_APPROVAL_TIMEOUT_MS * 1000 / 2);
  foyer_cast_session_approve (fixture.session, TRUE);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 0);
  tear_down (&fixture);
}

/* One that is not accepted is told of too, and no approval helps it. */
static void
test_stranger (void)
{
  Fixture fixture;

  set_up (&fixture, TRUE);
  foyer_cast_session_free (fixture.session);
  fixture.session = new_session (&fixture, &fixture.log, TRUE, NULL);
  start (&fixture, fixture.session);
  foyer_test_log_wait (&fixture.log, "stranger sha256:", 1);
  foyer_cast_session_approve (fixture.session, TRUE);
  assert_failed (&fixture, FOYER_CAST_ERROR_AUTH_CHAIN, "chain");
  foyer_cast_session_stop (fixture.session);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "step launching"), ==,
      0);
  tear_down (&fixture);
}

/* Another session ends the app that this one launched. */
static void
clean (Fixture *fixture, const char *app_session_id, gboolean wants_approval,
    FoyerTestLog *log)
{
  g_autoptr (FoyerCastSession) cleaner = new_session (fixture, log,
      wants_approval, roots);

  foyer_cast_session_clean (cleaner, app_session_id);
  start (fixture, cleaner);
  if (wants_approval) {
    foyer_test_log_wait (log, "identity", 1);
    foyer_cast_session_approve (cleaner, TRUE);
  }
  foyer_test_log_wait (log, "cleaned", 1);
  g_assert_cmpuint (foyer_test_log_count (log, "step cleaning"), ==, 1);
  g_assert_cmpuint (foyer_test_log_count (log, "step launching"), ==, 0);
  foyer_cast_session_stop (cleaner);
  g_assert_cmpuint (foyer_test_log_count (log, "failed"), ==, 0);
}

static void
test_clean (void)
{
  Fixture fixture;
  g_auto (FoyerTestLog) log = { 0 };
  g_auto (FoyerTestLog) other_log = { 0 };
  g_autofree char *word = NULL;

  foyer_test_log_init (&log);
  foyer_test_log_init (&other_log);
  set_up (&fixture, FALSE);
  stream (&fixture);
  word = foyer_test_log_dup (&fixture.log, "launched ");
  g_assert_nonnull (word);
  push_until (&fixture, CAMERA, 'c', FALSE, "frame c", 1);

  /* Of another session nothing is touched. */
  clean (&fixture, "00000000-0000-0000-0000-000000000000", FALSE, &other_log);
  g_assert_cmpuint (foyer_test_log_count (&other_log, "cleaned 0"), ==, 1);
  push_until (&fixture, CAMERA, 'c', FALSE, "frame c", 3);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 0);

  clean (&fixture, word + strlen ("launched "), TRUE, &log);
  g_assert_cmpuint (foyer_test_log_count (&log, "cleaned 1"), ==, 1);
  assert_failed (&fixture, FOYER_CAST_ERROR_APP_ENDED, "app");
  foyer_test_log_wait (&fixture.display_log, "ended", 1);
  tear_down (&fixture);
}

static void
test_clean_idle_display (void)
{
  Fixture fixture;
  g_auto (FoyerTestLog) log = { 0 };

  foyer_test_log_init (&log);
  set_up (&fixture, FALSE);
  clean (&fixture, "anything", FALSE, &log);
  g_assert_cmpuint (foyer_test_log_count (&log, "cleaned 0"), ==, 1);
  tear_down (&fixture);
}

static void
test_bad_roots (void)
{
  g_autoptr (GBytes) pem = g_bytes_new_static ("x", 1);
  const FoyerCastSessionConfig config = { .ca_pem = pem };
  g_autoptr (GError) error = NULL;

  g_assert_null (foyer_cast_session_new (&config, &foyer_test_house_callbacks,
      NULL, &error));
  g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_CREDENTIALS);
}

static void
load_roots (void)
{
  char *text = NULL;
  gsize n_bytes = 0;

  g_assert_true (g_file_get_contents (house.ca_file, &text, &n_bytes, NULL));
  roots = g_bytes_new_take (text, n_bytes);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_assert_true (foyer_cast_session_warm_up (NULL));
  foyer_test_house_init (&house);
  load_roots ();
  g_test_add_func ("/cast-worker/keys/of-its-camera", test_keys);
  g_test_add_func ("/cast-worker/guard/slate-alone", test_guard);
  g_test_add_func ("/cast-worker/close-frames/slate-is-shown",
      test_close_frames);
  g_test_add_func ("/cast-worker/close-frames/early", test_close_frames_early);
  g_test_add_func ("/cast-worker/approval/given", test_approved);
  g_test_add_func ("/cast-worker/approval/refused", test_not_approved);
  g_test_add_func ("/cast-worker/approval/late", test_nobody_approves);
  g_test_add_func ("/cast-worker/approval/stopped",
      test_stopped_before_approval);
  g_test_add_func ("/cast-worker/approval/stranger", test_stranger);
  g_test_add_func ("/cast-worker/clean/ours-alone", test_clean);
  g_test_add_func ("/cast-worker/clean/idle-display", test_clean_idle_display);
  g_test_add_func ("/cast-worker/roots/bad", test_bad_roots);
  result = g_test_run ();
  g_bytes_unref (roots);
  foyer_test_house_clear (&house);
  return result;
}
