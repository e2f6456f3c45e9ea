/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-media.h"
#include "foyer-cast-rtp.h"
#include "foyer-clock.h"
#include "foyer-test-log.h"

#include <string.h>
#include <sys/socket.h>

#define SLATE_BYTES   77
#define PAYLOAD_BYTES 1449
#define N_PACKETS     60 /* far more than the socket holds */
#define SSRC          50001
#define MAX_BPS       5000000
#define QUIET_US      (200 * 1000)
/* No machine that runs tests stands still for so long by itself. */
#define STOP_US       (2000 * G_USEC_PER_SEC)
#define MAX_AGE_US    (1000 * G_USEC_PER_SEC)
#define PATIENCE_S    60 /* ends only what hangs */
#define N_BEFORE_STOP 3

/* Media whose display is the other end of a local socket: one that is full says
 * so, as UDP over loopback never does. */
typedef struct
{
  FoyerTestLog log;
  FoyerCastThread *thread;
  FoyerCastMedia *media;
  GSocket *near;
  GSocket *far;
  FoyerClock clock;
  int is_shut; /* atomic: the guard refuses */
  int n_asked; /* atomic: how often the guard was asked */
  int stop_at; /* atomic: the question after which the process stands still */
  gint64 stopped_us; /* atomic: for how long it did */
  int is_enough;     /* atomic: the pusher ends */
} Fixture;

/* What comes out of the socket. */
typedef enum
{
  WORD_NONE = 0,
  WORD_MARK,
  WORD_FRAME, /* a part of one */
  WORD_SLATE,
  WORD_OTHER,
} Word;

static const char mark[] = "mark";

static void
on_key_needed (guint stream, gpointer user_data)
{
  foyer_test_log_add (user_data, "key %u", stream);
}

static void
on_bit_rate (guint32 bps, gpointer user_data)
{
  foyer_test_log_add (user_data, "rate %u", bps);
}

static void
on_failed (const GError *error, gpointer user_data)
{
  foyer_test_log_add (user_data, "failed %d %s", error->code, error->message);
}

static const FoyerCastMediaCallbacks callbacks = {
  .on_key_needed = on_key_needed,
  .on_bit_rate = on_bit_rate,
  .on_failed = on_failed,
};

static void
start (gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GSocketAddress) remote =
      g_inet_socket_address_new_from_string ("127.0.0.1", 9);
  FoyerCastStreamConfig config = {
    .kind = FOYER_CAST_STREAM_VIDEO,
    .codec = FOYER_CAST_CODEC_VP8,
    .payload_type = 96,
    .sender_ssrc = SSRC,
    .receiver_ssrc = SSRC + 1,
    .time_base_hz = 90000,
    .target_delay_ms = 400,
    .max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES,
  };

  foyer_key_init_random (&config.key);
  foyer_key_init_random (&config.iv_mask);
  g_assert_true (foyer_cast_media_start (fixture->media, fixture->near, remote,
      &config, 1, MAX_BPS / 2, MAX_BPS));
  foyer_test_log_add (&fixture->log, "started");
}

static gint64
read_us (gpointer user_data)
{
  Fixture *fixture = user_data;

  return foyer_clock_get_us (foyer_clock_get_system ()) +
      __atomic_load_n (&fixture->stopped_us, __ATOMIC_SEQ_CST);
}

static gint64
read_wall_us (gpointer user_data)
{
  return foyer_clock_get_wall_us (foyer_clock_get_system ());
}

static gboolean
may_leave (const FoyerCastTag *tag, gint64 now_us, gpointer user_data)
{
  Fixture *fixture = user_data;

  if (g_atomic_int_add (&fixture->n_asked, 1) + 1 ==
      g_atomic_int_get (&fixture->stop_at))
    __atomic_store_n (&fixture->stopped_us, STOP_US, __ATOMIC_SEQ_CST);
  return g_atomic_int_get (&fixture->is_shut) == 0 &&
      now_us - tag->capture_us < MAX_AGE_US;
}

static void
set_up (Fixture *fixture)
{
  FoyerCastMediaConfig config = {
    .clock = &fixture->clock,
    .guard = { .may_leave = may_leave, .user_data = fixture },
  };
  int ends[2];

  memset (fixture, 0, sizeof *fixture);
  fixture->clock = (FoyerClock){ read_us, read_wall_us, fixture };
  foyer_test_log_init (&fixture->log);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), ==,
      0);
  fixture->near = g_socket_new_from_fd (ends[0], NULL);
  fixture->far = g_socket_new_from_fd (ends[1], NULL);
  g_socket_set_timeout (fixture->far, PATIENCE_S);
  fixture->thread = foyer_cast_thread_new ("test");
  config.thread = fixture->thread;
  fixture->media = foyer_cast_media_new (&config, &callbacks, &fixture->log);
  foyer_cast_thread_invoke (fixture->thread, start, fixture, NULL);
  foyer_test_log_wait (&fixture->log, "key 0", 1);
  /* The least that the kernel allows: a few datagrams. */
  g_assert_true (
      g_socket_set_option (fixture->near, SOL_SOCKET, SO_SNDBUF, 0, NULL));
}

static void
tear_down (Fixture *fixture)
{
  foyer_cast_media_close (fixture->media);
  foyer_cast_thread_free (fixture->thread);
  foyer_cast_media_free (fixture->media);
  g_clear_object (&fixture->near);
  g_clear_object (&fixture->far);
  foyer_test_log_clear (&fixture->log);
}

static FoyerCastVerdict
push (Fixture *fixture, gsize n_bytes)
{
  g_autofree guint8 *data = g_malloc0 (n_bytes);
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = n_bytes,
    .is_key = TRUE,
    .tag.capture_us = foyer_clock_get_us (foyer_clock_get_system ()),
  };

  return foyer_cast_media_push (fixture->media, 0, &frame);
}

static void
test_nothing_before_start (void)
{
  g_autoptr (FoyerCastMedia) media = NULL;
  FoyerCastThread *thread = foyer_cast_thread_new ("test");
  const FoyerCastMediaConfig config = {
    .thread = thread,
    .clock = foyer_clock_get_system (),
  };
  const FoyerCastFrame frame = { .is_key = TRUE };
  FoyerCastSenderStats stats;

  media = foyer_cast_media_new (&config, &callbacks, NULL);
  g_assert_cmpint (foyer_cast_media_push (media, 0, &frame), ==,
      FOYER_CAST_VERDICT_NEED_KEY);
  g_assert_cmpint (foyer_cast_media_check (media, 0, 0), ==,
      FOYER_CAST_VERDICT_NEED_KEY);
  g_assert_true (foyer_cast_media_needs_key (media, 0));
  foyer_cast_media_get_stats (media, &stats);
  g_assert_cmpint (stats.rtt_us, ==, -1);
  foyer_cast_media_close (media);
  foyer_cast_thread_free (thread);
}

/* A socket without room delays datagrams and loses none: every packet of the
 * frame comes, each at its first sending, in order. */
static void
test_full_socket (void)
{
  Fixture fixture;
  gint next_sequence = -1;
  guint n_packets = 0;

  set_up (&fixture);
  g_assert_cmpint (push (&fixture, N_PACKETS * PAYLOAD_BYTES), ==,
      FOYER_CAST_VERDICT_SEND);
  g_usleep (QUIET_US);
  while (n_packets < N_PACKETS) {
    guint8 data[2048];
    FoyerCastRtpHeader header;
    const guint8 *payload;
    gsize n_payload_bytes;
    gssize n_bytes = g_socket_receive (fixture.far, (char *) data, sizeof data,
        NULL, NULL);

    g_assert_cmpint (n_bytes, >, 0);
    if (!foyer_cast_rtp_parse (data, (gsize) n_bytes, &header, &payload,
            &n_payload_bytes))
      continue; /* a Sender Report */
    if (next_sequence < 0)
      next_sequence = header.sequence;
    g_assert_cmpint (header.sequence, ==, next_sequence & 0xffff);
    if (header.packet_id < n_packets)
      break; /* sent again: all were sent once */
    g_assert_cmpuint (header.packet_id, ==, n_packets);
    g_assert_cmpuint (n_payload_bytes, ==, PAYLOAD_BYTES);
    next_sequence++;
    n_packets++;
  }
  g_assert_cmpuint (n_packets, ==, N_PACKETS);
  tear_down (&fixture);
}

/* Not even what the socket did not take before. */
static void
test_nothing_after_close (void)
{
  Fixture fixture;
  FoyerCastSenderStats before;
  FoyerCastSenderStats after;

  set_up (&fixture);
  push (&fixture, N_PACKETS * PAYLOAD_BYTES);
  foyer_cast_media_close (fixture.media);
  foyer_cast_media_get_stats (fixture.media, &before);
  g_assert_cmpuint (before.n_frames[FOYER_CAST_VERDICT_SEND], ==, 1);
  g_assert_cmpint (push (&fixture, PAYLOAD_BYTES), ==,
      FOYER_CAST_VERDICT_NEED_KEY);
  foyer_cast_media_get_stats (fixture.media, &after);
  g_assert_cmpmem (&before, sizeof before, &after, sizeof after);
  /* What the kernel had already comes; then the other end is closed. */
  g_socket_set_blocking (fixture.far, FALSE);
  {
    guint n_datagrams = 0;
    char data[2048];

    while (g_socket_receive (fixture.far, data, sizeof data, NULL, NULL) > 0)
      n_datagrams++;
    g_assert_cmpuint (n_datagrams, <, N_PACKETS);
    g_usleep (QUIET_US);
    g_assert_cmpint (g_socket_receive (fixture.far, data, sizeof data, NULL,
                         NULL),
        <=, 0);
  }
  tear_down (&fixture);
}

static FoyerCastVerdict
push_slate (Fixture *fixture)
{
  static const guint8 data[SLATE_BYTES];
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = sizeof data,
    .is_key = TRUE,
    .is_slate = TRUE,
    .tag.capture_us = read_us (fixture),
  };

  return foyer_cast_media_push (fixture->media, 0, &frame);
}

/* Reads one datagram, for which it waits if the socket blocks; what it is. */
static Word
read_one (Fixture *fixture)
{
  guint8 data[2048];
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_payload_bytes = 0;
  gssize n_bytes = g_socket_receive (fixture->far, (char *) data, sizeof data,
      NULL, NULL);

  if (n_bytes <= 0)
    return WORD_NONE;
  if (n_bytes == sizeof mark && memcmp (data, mark, sizeof mark) == 0)
    return WORD_MARK;
  if (foyer_cast_rtp_parse (data, (gsize) n_bytes, &header, &payload,
          &n_payload_bytes) &&
      n_payload_bytes > 0)
    return n_payload_bytes == SLATE_BYTES ? WORD_SLATE : WORD_FRAME;
  return WORD_OTHER;
}

/* A slate is pushed and read, with all that comes before it and for a while after;
 * how many datagrams had a part of a frame in them. */
static guint
read_past_slate (Fixture *fixture)
{
  guint n_datagrams = 0;
  Word word;

  g_assert_cmpint (push_slate (fixture), ==, FOYER_CAST_VERDICT_SEND);
  do {
    word = read_one (fixture);
    g_assert_cmpint (word, !=, WORD_NONE);
    n_datagrams += word == WORD_FRAME ? 1 : 0;
  } while (word != WORD_SLATE);
  g_usleep (QUIET_US);
  g_socket_set_blocking (fixture->far, FALSE);
  while ((word = read_one (fixture)) != WORD_NONE)
    n_datagrams += word == WORD_FRAME ? 1 : 0;
  g_socket_set_blocking (fixture->far, TRUE);
  return n_datagrams;
}

/* What the socket did not take before was committed already: it is counted as
 * sent, and must not be. */
static void
assert_spill_stayed (Fixture *fixture)
{
  FoyerCastSenderStats stats;

  foyer_cast_media_get_stats (fixture->media, &stats);
  g_assert_cmpuint (stats.n_frames[FOYER_CAST_VERDICT_SEND], ==, 1);
  g_assert_cmpuint (read_past_slate (fixture), <, stats.n_datagrams);
}

/* I4: when it has returned, nothing of a camera leaves, and slates do. */
static void
test_close_frames (void)
{
  Fixture fixture;

  set_up (&fixture);
  push (&fixture, N_PACKETS * PAYLOAD_BYTES);
  foyer_cast_media_close_frames (fixture.media);
  foyer_cast_media_close_frames (fixture.media);
  g_assert_cmpint (push (&fixture, PAYLOAD_BYTES), ==,
      FOYER_CAST_VERDICT_REFUSED);
  assert_spill_stayed (&fixture);
  /* Streams that begin later are closed as well. */
  foyer_cast_thread_invoke (fixture.thread, start, &fixture, NULL);
  foyer_test_log_wait (&fixture.log, "started", 2);
  g_assert_cmpint (push (&fixture, PAYLOAD_BYTES), ==,
      FOYER_CAST_VERDICT_REFUSED);
  tear_down (&fixture);
}

static gpointer
push_on (gpointer user_data)
{
  Fixture *fixture = user_data;

  while (g_atomic_int_get (&fixture->is_enough) == 0) {
    push (fixture, 3 * PAYLOAD_BYTES);
    g_usleep (200);
  }
  return NULL;
}

/* The mark is written into the same socket once the call has returned: no part
 * of a frame may stand behind it, whatever the other threads are at. */
static void
close_sharply (guint n_read)
{
  Fixture fixture;
  GThread *pusher;
  gint64 end_us;
  Word word;

  set_up (&fixture);
  g_socket_set_blocking (fixture.far, FALSE);
  pusher = g_thread_new ("pusher", push_on, &fixture);
  while (n_read > 0)
    n_read -= read_one (&fixture) == WORD_FRAME ? 1 : 0;
  foyer_cast_media_close_frames (fixture.media);
  while (g_socket_send (fixture.near, mark, sizeof mark, NULL, NULL) < 0)
    read_one (&fixture);
  do
    word = read_one (&fixture);
  while (word != WORD_MARK);
  end_us = foyer_clock_get_us (foyer_clock_get_system ()) + QUIET_US / 4;
  while (foyer_clock_get_us (foyer_clock_get_system ()) < end_us)
    g_assert_cmpint (read_one (&fixture), !=, WORD_FRAME);
  g_atomic_int_set (&fixture.is_enough, 1);
  g_thread_join (pusher);
  tear_down (&fixture);
}

static void
test_close_frames_is_sharp (void)
{
  for (guint i = 0; i < 20; i++)
    close_sharply (1 + i);
}

/* The guard is asked again of what waited for room. */
static void
test_guard_of_spill (void)
{
  Fixture fixture;

  set_up (&fixture);
  push (&fixture, N_PACKETS * PAYLOAD_BYTES);
  g_atomic_int_set (&fixture.is_shut, 1);
  g_assert_cmpint (push (&fixture, PAYLOAD_BYTES), ==,
      FOYER_CAST_VERDICT_REFUSED);
  assert_spill_stayed (&fixture);
  tear_down (&fixture);
}

/* A process that is stopped in the middle of a burst sends no more of it when it
 * goes on: by then the frame is too old. */
static void
test_guard_of_stopped (void)
{
  Fixture fixture;
  Word word;

  set_up (&fixture);
  g_assert_true (g_socket_set_option (fixture.near, SOL_SOCKET, SO_SNDBUF,
      N_PACKETS * PAYLOAD_BYTES, NULL));
  /* The first question is whether to take the frame at all. */
  g_atomic_int_set (&fixture.stop_at, 1 + N_BEFORE_STOP);
  g_assert_cmpint (push (&fixture, N_PACKETS * PAYLOAD_BYTES), ==,
      FOYER_CAST_VERDICT_SEND);
  for (guint i = 0; i < N_BEFORE_STOP; i++)
    while ((word = read_one (&fixture)) != WORD_FRAME)
      g_assert_cmpint (word, !=, WORD_NONE);
  g_assert_cmpuint (read_past_slate (&fixture), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&fixture.n_asked), ==, N_BEFORE_STOP + 2);
  tear_down (&fixture);
}

static void
test_display_is_gone (void)
{
  Fixture fixture;
  g_autofree char *word = NULL;

  set_up (&fixture);
  g_assert_true (g_socket_close (fixture.far, NULL));
  push (&fixture, PAYLOAD_BYTES);
  foyer_test_log_wait (&fixture.log, "failed", 1);
  word = foyer_test_log_dup (&fixture.log, "failed");
  g_assert_true (g_str_has_prefix (word, "failed 21 media can't be sent"));
  G_STATIC_ASSERT (FOYER_CAST_ERROR_SOCKET == 21);
  g_usleep (QUIET_US);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 1);
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-media/close-frames/nothing-but-slates",
      test_close_frames);
  g_test_add_func ("/cast-media/close-frames/sharp",
      test_close_frames_is_sharp);
  g_test_add_func ("/cast-media/guard/what-waited", test_guard_of_spill);
  g_test_add_func ("/cast-media/guard/stopped-process", test_guard_of_stopped);
  g_test_add_func ("/cast-media/life/nothing-before-start",
      test_nothing_before_start);
  g_test_add_func ("/cast-media/life/nothing-after-close",
      test_nothing_after_close);
  g_test_add_func ("/cast-media/socket/full", test_full_socket);
  g_test_add_func ("/cast-media/socket/display-is-gone", test_display_is_gone);
  return g_test_run ();
}
