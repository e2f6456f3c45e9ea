/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-display.h"
#include "foyer-fd.h"
#include "foyer-link.h"
#include "foyer-reason.h"
#include "foyer-sealed.h"
#include "foyer-test-house.h"
#include "foyer-test-launcher.h"
#include "foyer-test-log.h"
#include "foyermarkread.h"

#include <errno.h>
#include <fcntl.h>
#include <gst/gst.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Real workers in their sandboxes, told what to do by a foyerd of the test's, and
 * a display that authenticates itself and reads the marks. */

#define CAMERA     7
#define NUMBER     42 /* in the mark */
#define SESSION    5
#define WIDTH_PX   320
#define HEIGHT_PX  180
#define QUIET_MS   300
#define N_PICTURES 20
#define N_JOINS    24
/* Frames and datagrams that were counted and are still under way when a worker is
 * killed, or unread when its display notices. */
#define N_LATE_FRAMES    5
#define N_LATE_DATAGRAMS 32
#define PATIENCE_MS      60000

static FoyerTestHouse house;
static int roots = -1; /* sealed memory */

typedef struct
{
  FoyerTestLog log;
  FoyerCastDisplay *display;
  GstElement *decoder;
  GstElement *entry;
  FoyerTestWorker camera;
  FoyerTestWorker cast;
  FoyerCodec codec;
  int udp; /* of the cast, as foyerd keeps it */
} Fixture;

/* the display */

static void
on_session (FoyerCastDisplay *display, guint64 session_number,
    const FoyerCastStreamConfig *streams, guint n_streams, gpointer user_data)
{
  foyer_test_log_add (&((Fixture *) user_data)->log, "session");
}

static void
on_frame (FoyerCastDisplay *display, FoyerCastReceivedFrame *frame,
    gpointer user_data)
{
  Fixture *fixture = user_data;
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (frame->data, &n_bytes);
  GstBuffer *buffer = gst_buffer_new_memdup (data, n_bytes);
  GstFlowReturn result;

  foyer_test_log_add (&fixture->log, "frame");
  GST_BUFFER_PTS (buffer) = (GstClockTime) frame->capture_us * 1000;
  g_signal_emit_by_name (fixture->entry, "push-buffer", buffer, &result);
  gst_buffer_unref (buffer);
}

static void
on_session_ended (FoyerCastDisplay *display, guint64 session_number,
    const char *reason, gpointer user_data)
{
  foyer_test_log_add (&((Fixture *) user_data)->log, "ended %s", reason);
}

static const FoyerCastDisplayCallbacks display_callbacks = {
  .on_session = on_session,
  .on_frame = on_frame,
  .on_session_ended = on_session_ended,
};

/* "mark CAMERA" of each picture that has one, "blank" of others. */
static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Fixture *fixture = user_data;
  const GstStructure *fields = gst_message_get_structure (message);
  guint camera = 0;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    foyer_test_log_add (&fixture->log, "undecodable");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT &&
      gst_structure_has_name (fields, "foyer-mark")) {
    if (gst_structure_get_uint (fields, "camera", &camera))
      foyer_test_log_add (&fixture->log, "mark %u", camera);
    else
      foyer_test_log_add (&fixture->log, "blank");
  }
  return GST_BUS_DROP;
}

static void
start_decoder (Fixture *fixture)
{
  g_autofree char *description = g_strdup_printf (
      "appsrc name=entry format=time caps=%s ! %s ! foyermarkread ! "
      "fakesink sync=false",
      fixture->codec == FOYER_CODEC_H264
          ? "video/x-h264,stream-format=byte-stream,alignment=au"
          : "video/x-vp8",
      fixture->codec == FOYER_CODEC_H264 ? "avdec_h264 max-threads=1"
                                         : "vp8dec");
  g_autoptr (GError) error = NULL;
  g_autoptr (GstBus) bus = NULL;

  fixture->decoder = gst_parse_launch (description, &error);
  g_assert_no_error (error);
  fixture->entry = gst_bin_get_by_name (GST_BIN (fixture->decoder), "entry");
  bus = gst_element_get_bus (fixture->decoder);
  gst_bus_set_sync_handler (bus, on_message, fixture, NULL);
  gst_element_set_state (fixture->decoder, GST_STATE_PLAYING);
}

static void
start_display (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  const FoyerCastDisplayConfig config = {
    .friendly_name = "Test",
    .credentials = house.credentials,
    .codecs = { fixture->codec == FOYER_CODEC_H264 ? FOYER_CAST_CODEC_H264
                                                   : FOYER_CAST_CODEC_VP8 },
    .n_codecs = 1,
    .width_px = WIDTH_PX,
    .height_px = HEIGHT_PX,
    .fps = 30,
    .max_video_bps = 2000000,
  };

  fixture->display = foyer_cast_display_new (&config, &display_callbacks,
      fixture, &error);
  g_assert_no_error (error);
}

/* foyerd */

static FoyerShape
get_shape (FoyerCodec codec)
{
  return (FoyerShape){ codec, WIDTH_PX, HEIGHT_PX, 30, 1,
    codec == FOYER_CODEC_RAW ? 0 : 2000000 };
}

static FoyerMessage
make_grant (FoyerMessageType type, FoyerCodec codec)
{
  const FoyerShape shape = get_shape (codec);

  return foyer_test_make_grant (type, SESSION, CAMERA, &shape);
}

static void
start_camera (FoyerTestWorker *camera)
{
  const FoyerShape shape = get_shape (FOYER_CODEC_RAW);

  foyer_test_start_camera (camera, FOYER_TEST_CAMERA, CAMERA, NUMBER, &shape);
}

static void
launch_cast (Fixture *fixture, const FoyerMessage *config)
{
  fixture->udp = foyer_test_launch_cast (&fixture->cast, FOYER_TEST_CAST,
      config, foyer_cast_display_get_port (fixture->display), roots);
}

static void
start_cast (Fixture *fixture, FoyerMessage *streaming)
{
  const FoyerMessage config = make_grant (FOYER_MESSAGE_CAST_CONFIG,
      FOYER_CODEC_H264);

  launch_cast (fixture, &config);
  foyer_test_approve (&fixture->cast);
  foyer_test_connect_media (&fixture->cast, fixture->udp, streaming);
  g_assert_cmpint (streaming->shape.codec, ==, fixture->codec);
}

static void
join (FoyerTestWorker *camera, FoyerTestWorker *reader, const FoyerShape *shape)
{
  foyer_test_join (camera, reader, SESSION, CAMERA, shape);
}

static void
set_up (Fixture *fixture, FoyerCodec codec)
{
  memset (fixture, 0, sizeof *fixture);
  fixture->codec = codec;
  fixture->camera.channel = fixture->cast.channel = fixture->udp = -1;
  fixture->camera.tally = fixture->cast.tally = -1;
  foyer_test_log_init (&fixture->log);
  start_decoder (fixture);
  start_display (fixture);
}

/* Until the display shows what the camera sees. */
static void
go_live (Fixture *fixture)
{
  FoyerMessage message;

  start_camera (&fixture->camera);
  start_cast (fixture, &message);
  join (&fixture->camera, &fixture->cast, &message.shape);
  foyer_test_worker_hear (&fixture->cast, FOYER_MESSAGE_LIVE, &message, NULL);
  foyer_test_log_wait (&fixture->log, "mark 42", N_PICTURES);
}

static void
tear_down (Fixture *fixture)
{
  foyer_test_worker_clear (&fixture->cast);
  foyer_test_worker_clear (&fixture->camera);
  foyer_cast_display_free (fixture->display);
  gst_element_set_state (fixture->decoder, GST_STATE_NULL);
  gst_object_unref (fixture->entry);
  gst_object_unref (fixture->decoder);
  foyer_test_log_clear (&fixture->log);
  foyer_fd_clear (&fixture->udp);
}

/* the tests */

/* What the account says left is what the display got, and not a byte more. */
static void
check_account (Fixture *fixture, const FoyerAccount *account)
{
  FoyerCastReceiverStats stats;

  foyer_cast_display_get_stats (fixture->display, &stats);
  g_assert_cmpuint (stats.n_bytes, <=, account->n_bytes);
  g_assert_cmpuint (stats.n_bytes, >, account->n_bytes / 2);
  g_assert_cmpuint (account->n_frames, >=, N_PICTURES);
  g_assert_cmpuint (account->first_sequence, >, 0);
  g_assert_cmpuint (account->last_sequence, >=,
      account->first_sequence + account->n_frames - 1);
}

static void
run_cast (FoyerCodec codec)
{
  FoyerMessage message;
  FoyerAccount account;
  Fixture fixture;
  gint64 asked_us;

  set_up (&fixture, codec);
  go_live (&fixture);
  asked_us = g_get_monotonic_time ();
  foyer_test_close (&fixture.cast);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_CLOSED, &message, NULL);
  g_test_message ("closed after %d us",
      (int) (g_get_monotonic_time () - asked_us));
  account = message.account;
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_CLEANED, &message, NULL);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.cast), ==, 0);
  foyer_test_log_wait (&fixture.log, "ended", 1);
  check_account (&fixture, &account);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "mark"), ==,
      foyer_test_log_count (&fixture.log, "mark 42"));
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "undecodable"), ==, 0);
  foyer_test_close (&fixture.camera);
  foyer_test_worker_hear (&fixture.camera, FOYER_MESSAGE_CLOSED, &message,
      NULL);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.camera), ==, 0);
  tear_down (&fixture);
}

static void
test_cast_h264 (void)
{
  run_cast (FOYER_CODEC_H264);
}

static void
test_cast_vp8 (void)
{
  run_cast (FOYER_CODEC_VP8);
}

/* What can't be made is not offered: a display that plays nothing else refuses. */
static void
test_not_offered (void)
{
  const FoyerMessage config = make_grant (FOYER_MESSAGE_CAST_CONFIG,
      FOYER_CODEC_H264);
  FoyerMessage message;
  Fixture fixture;

  set_up (&fixture, FOYER_CODEC_H264);
  launch_cast (&fixture, &config);
  fixture.cast.codecs = FOYER_CODECS_VP8;
  foyer_test_approve (&fixture.cast);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_FAILED, &message, NULL);
  g_assert_cmpint (message.reason, ==, FOYER_REASON_DISPLAY_FAILED);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.cast), ==, 0);
  tear_down (&fixture);
}

static void
test_not_approved (void)
{
  const FoyerMessage config = make_grant (FOYER_MESSAGE_CAST_CONFIG,
      FOYER_CODEC_H264);
  FoyerMessage message;
  Fixture fixture;

  set_up (&fixture, FOYER_CODEC_H264);
  launch_cast (&fixture, &config);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_IDENTITY, &message,
      NULL);
  g_assert_false (foyer_test_worker_hears_within (&fixture.cast,
      FOYER_MESSAGE_LAUNCHED, QUIET_MS));
  foyer_test_close (&fixture.cast);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_CLOSED, &message, NULL);
  g_assert_cmpuint (message.account.n_bytes, ==, 0);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.cast), ==, 0);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "session"), ==, 0);
  tear_down (&fixture);
}

static void
test_other_key (void)
{
  FoyerMessage config = make_grant (FOYER_MESSAGE_CAST_CONFIG,
      FOYER_CODEC_H264);
  FoyerMessage message;
  Fixture fixture;

  set_up (&fixture, FOYER_CODEC_H264);
  memset (config.key, 0x5a, sizeof config.key);
  launch_cast (&fixture, &config);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_FAILED, &message, NULL);
  g_assert_cmpint (message.reason, ==, FOYER_REASON_KEY_CHANGED);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.cast), ==, 0);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "session"), ==, 0);
  tear_down (&fixture);
}

/* What a killed session left behind. */
static void
test_clean (void)
{
  FoyerMessage config = { .type = FOYER_MESSAGE_CLEAN_CONFIG,
    .session = { SESSION } };
  const FoyerMessage grant = make_grant (FOYER_MESSAGE_CAST_CONFIG,
      FOYER_CODEC_H264);
  FoyerMessage message;
  Fixture fixture;

  set_up (&fixture, FOYER_CODEC_H264);
  launch_cast (&fixture, &grant);
  foyer_test_approve (&fixture.cast);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_LAUNCHED, &message,
      NULL);
  g_strlcpy (config.text, message.text, sizeof config.text);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_STREAMING, &message,
      NULL);
  foyer_test_worker_clear (&fixture.cast);
  foyer_fd_clear (&fixture.udp);
  launch_cast (&fixture, &config);
  foyer_test_approve (&fixture.cast);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_CLEANED, &message, NULL);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.cast), ==, 0);
  foyer_test_log_wait (&fixture.log, "ended", 1);
  tear_down (&fixture);
}

/* A camera's process that lies. */
static void
test_foreign_frame (void)
{
  guint8 data[64] = { 0 };
  FoyerLinkFrame frame = { .camera = { CAMERA + 1 },
    .generation = 1,
    .sequence = 1,
    .is_key = TRUE,
    .data = data,
    .n_bytes = sizeof data };
  FoyerLinkWriter *writer;
  FoyerMessage message;
  Fixture fixture;
  int ends[2];

  set_up (&fixture, FOYER_CODEC_H264);
  start_cast (&fixture, &message);
  g_assert_true (foyer_channel_pair (ends, NULL));
  writer = foyer_link_writer_new (ends[0], FOYER_LINK_CODED_BYTES,
      FOYER_LINK_SLOTS, NULL);
  foyer_test_say_link (&fixture.cast, SESSION, CAMERA, &message.shape, ends[1]);
  close (ends[1]);
  g_assert_true (foyer_link_writer_set_shape (writer, &message.shape));
  frame.capture_us = g_get_monotonic_time ();
  g_assert_cmpint (foyer_link_writer_push (writer, &frame), ==,
      FOYER_LINK_SENT);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_FAILED, &message, NULL);
  g_assert_cmpint (message.reason, ==, FOYER_REASON_WORKER_ROGUE);
  g_assert_cmpuint (message.account.n_frames, ==, 0);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.cast), ==, 0);
  foyer_link_writer_free (writer);
  tear_down (&fixture);
}

/* Of any size that a display may ask for, and nothing that is none. */
static void
test_slate_sizes (void)
{
  static const struct
  {
    FoyerCodec codec;
    guint16 width_px;
    guint16 height_px;
    gboolean is_drawn;
  } cases[] = { { FOYER_CODEC_VP8, 321, 181, TRUE },
    { FOYER_CODEC_H264, 3840, 2160, TRUE }, { FOYER_CODEC_H264, 8, 8, FALSE },
    { FOYER_CODEC_RAW, 320, 180, FALSE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const FoyerMessage config = { .type = FOYER_MESSAGE_SLATE_CONFIG,
      .shape = { cases[i].codec, cases[i].width_px, cases[i].height_px, 30, 1,
          cases[i].codec == FOYER_CODEC_RAW ? 0 : 1000000 },
      .text = "No picture from Nursery since 14:02:11" };
    g_auto (FoyerTestWorker) slate = { .channel = -1 };
    foyer_autofd int fd = -1;
    FoyerMessage message;

    foyer_test_worker_launch (&slate, FOYER_WORKER_SLATE, FOYER_TEST_SLATE);
    foyer_test_worker_say (&slate, &config, NULL, 0);
    foyer_test_worker_hear (&slate,
        cases[i].is_drawn ? FOYER_MESSAGE_DRAWN : FOYER_MESSAGE_FAILED,
        &message, &fd);
    g_assert_cmpint (fd >= 0, ==, cases[i].is_drawn);
    if (cases[i].is_drawn) {
      g_autoptr (GBytes) bytes = foyer_sealed_read (g_steal_fd (&fd),
          FOYER_LINK_CODED_BYTES);

      g_assert_nonnull (bytes);
      g_test_message ("%u bytes", (guint) g_bytes_get_size (bytes));
    }
  }
}

/* A camera that stands still, and goes on. */
static void
test_stall (void)
{
  FoyerMessage config = { .type = FOYER_MESSAGE_SLATE_CONFIG,
    .text = "No picture from Nursery" };
  g_auto (FoyerTestWorker) slate = { .channel = -1 };
  FoyerMessage message;
  Fixture fixture;
  int fd = -1;

  set_up (&fixture, FOYER_CODEC_H264);
  config.shape = get_shape (FOYER_CODEC_H264);
  foyer_test_worker_launch (&slate, FOYER_WORKER_SLATE, FOYER_TEST_SLATE);
  foyer_test_worker_say (&slate, &config, NULL, 0);
  foyer_test_worker_hear (&slate, FOYER_MESSAGE_DRAWN, &message, &fd);
  g_assert_cmpint (foyer_test_worker_wait (&slate), ==, 0);
  g_assert_cmpint (fd, >=, 0);
  go_live (&fixture);
  message.type = FOYER_MESSAGE_SLATE;
  message.shape = config.shape;
  foyer_test_worker_say (&fixture.cast, &message, &fd, 1);
  close (fd);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "blank"), ==, 0);
  kill (fixture.camera.pid, SIGSTOP);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_STALLED, &message, NULL);
  foyer_test_log_wait (&fixture.log, "blank", 1);
  foyer_test_log_reset (&fixture.log);
  kill (fixture.camera.pid, SIGCONT);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_RESUMED, &message, NULL);
  foyer_test_log_wait (&fixture.log, "mark 42", N_PICTURES);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "undecodable"), ==, 0);
  tear_down (&fixture);
}

static void
test_camera_dies (void)
{
  FoyerMessage message;
  Fixture fixture;

  set_up (&fixture, FOYER_CODEC_H264);
  go_live (&fixture);
  kill (fixture.camera.pid, SIGKILL);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_FAILED, &message, NULL);
  g_assert_cmpint (message.reason, ==, FOYER_REASON_CAMERA_FAILED);
  foyer_test_log_wait (&fixture.log, "ended", 1);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.cast), ==, 0);
  tear_down (&fixture);
}

static void
test_display_dies (void)
{
  FoyerMessage message;
  Fixture fixture;

  set_up (&fixture, FOYER_CODEC_H264);
  go_live (&fixture);
  foyer_cast_display_stop (fixture.display);
  foyer_test_worker_hear (&fixture.cast, FOYER_MESSAGE_FAILED, &message, NULL);
  g_assert_cmpint (message.reason, ==, FOYER_REASON_DISPLAY_LOST);
  g_assert_cmpint (foyer_test_worker_wait (&fixture.cast), ==, 0);
  tear_down (&fixture);
}

/* Wherever it is, and until the display has got through what was under way. */
static void
stop_cast (Fixture *fixture)
{
  FoyerAccount account = { 0 };
  int status = 0;

  kill (fixture->cast.pid, SIGSTOP);
  g_assert_cmpint (waitpid (fixture->cast.pid, &status, WUNTRACED), ==,
      fixture->cast.pid);
  g_assert_true (WIFSTOPPED (status));
  g_assert_true (foyer_tally_read (fixture->cast.tally, &account));
  foyer_test_log_wait (&fixture->log, "frame",
      (guint) account.n_frames - N_LATE_FRAMES);
}

/* I10: kill -9 in the middle. All that the display got was counted, and all that
 * was counted was on its way to it. */
static void
test_cast_dies (void)
{
  FoyerAccount account = { 0 };
  FoyerCastReceiverStats stats;
  Fixture fixture;
  guint n_seen;

  set_up (&fixture, FOYER_CODEC_H264);
  go_live (&fixture);
  stop_cast (&fixture);
  kill (fixture.cast.pid, SIGKILL);
  g_assert_true (WIFSIGNALED (foyer_test_worker_wait (&fixture.cast)));
  foyer_test_log_wait (&fixture.log, "ended", 1);
  g_assert_true (foyer_tally_read (fixture.cast.tally, &account));
  check_account (&fixture, &account);
  n_seen = foyer_test_log_count (&fixture.log, "frame");
  foyer_cast_display_get_stats (fixture.display, &stats);
  g_test_message ("%u of %u frames, %u of %u bytes", n_seen,
      (guint) account.n_frames, (guint) stats.n_bytes, (guint) account.n_bytes);
  g_assert_cmpuint (n_seen, <=, account.n_frames);
  g_assert_cmpuint (n_seen + N_LATE_FRAMES, >=, account.n_frames);
  g_assert_cmpuint (stats.n_bytes +
          N_LATE_DATAGRAMS * FOYER_CAST_MAX_DATAGRAM_BYTES,
      >=, account.n_bytes);
  tear_down (&fixture);
}

static void
test_foyerd_dies (void)
{
  Fixture fixture;

  set_up (&fixture, FOYER_CODEC_H264);
  go_live (&fixture);
  foyer_fd_clear (&fixture.cast.channel);
  foyer_fd_clear (&fixture.camera.channel);
  g_assert_true (WIFEXITED (foyer_test_worker_wait (&fixture.cast)));
  g_assert_true (WIFEXITED (foyer_test_worker_wait (&fixture.camera)));
  foyer_test_log_wait (&fixture.log, "ended", 1);
  tear_down (&fixture);
}

/* What the protocol does not allow ends a worker. */
static void
test_rogue_words (void)
{
  static const char *const programs[] = { FOYER_TEST_CAMERA, FOYER_TEST_CAST,
    FOYER_TEST_LOOPBACK, FOYER_TEST_SLATE };

  for (guint i = 0; i < G_N_ELEMENTS (programs); i++) {
    g_auto (FoyerTestWorker) worker = { .channel = -1 };
    int status;

    foyer_test_worker_launch (&worker, (FoyerWorkerKind) (i + 1), programs[i]);
    g_assert_cmpint (send (worker.channel, "\1\xff nonsense", 10, 0), ==, 10);
    status = foyer_test_worker_wait (&worker);
    g_assert_true (WIFEXITED (status));
    g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  }
}

/* What is no node is nothing to write to: it says so, and ends. Real nodes are
 * in tests/vm. */
static void
test_loopback_without_node (gconstpointer type)
{
  const FoyerMessage config =
      make_grant ((FoyerMessageType) GPOINTER_TO_UINT (type), FOYER_CODEC_RAW);
  g_auto (FoyerTestWorker) loopback = { .channel = -1 };
  FoyerMessage message;
  int node[2];

  g_assert_no_errno (pipe2 (node, O_CLOEXEC));
  foyer_test_worker_launch (&loopback, FOYER_WORKER_LOOPBACK,
      FOYER_TEST_LOOPBACK);
  foyer_test_worker_say (&loopback, &config, &node[1], 1);
  close (node[1]);
  foyer_test_worker_hear (&loopback, FOYER_MESSAGE_FAILED, &message, NULL);
  g_assert_nonnull (strstr (message.text, "node"));
  g_assert_true (WIFEXITED (foyer_test_worker_wait (&loopback)));
  close (node[0]);
}

/* Waits for what a link brings next. */
static FoyerLinkEvent
read_link (FoyerLinkReader *reader, FoyerLinkFrame *frame, FoyerShape *shape)
{
  FoyerLinkEvent event;

  while ((event = foyer_link_reader_receive (reader, frame, shape)) ==
      FOYER_LINK_EVENT_NONE) {
    struct pollfd link = { .fd = foyer_link_reader_get_fd (reader),
      .events = POLLIN };

    g_assert_cmpint (poll (&link, 1, PATIENCE_MS), >, 0);
  }
  return event;
}

/* A session that comes and goes: its first frame was captured after its grant, is
 * a key frame, and has the size that was asked for (I3). */
static void
join_and_leave (FoyerTestWorker *camera, guint64 session,
    const FoyerShape *most)
{
  FoyerMessage unlink_message = { .type = FOYER_MESSAGE_UNLINK,
    .session = { session } };
  gint64 granted_us = g_get_monotonic_time ();
  FoyerLinkReader *reader;
  FoyerLinkFrame frame;
  FoyerShape shape;
  int ends[2];

  g_assert_true (foyer_channel_pair (ends, NULL));
  foyer_test_say_link (camera, session, CAMERA, most, ends[0]);
  close (ends[0]);
  reader = foyer_link_reader_new (ends[1]);
  g_assert_cmpint (read_link (reader, &frame, &shape), ==,
      FOYER_LINK_EVENT_SHAPE);
  g_assert_cmpint (shape.codec, ==, most->codec);
  g_assert_cmpuint (shape.width_px, ==, most->width_px);
  g_assert_cmpint (read_link (reader, &frame, &shape), ==,
      FOYER_LINK_EVENT_FRAME);
  g_assert_true (frame.is_key);
  g_assert_cmpuint (frame.camera.v, ==, CAMERA);
  g_assert_cmpint (frame.capture_us, >=, granted_us);
  foyer_link_reader_release (reader);
  /* Every other one leaves without a word. */
  if (session % 2 == 0) {
    foyer_test_worker_say (camera, &unlink_message, NULL, 0);
    while (read_link (reader, &frame, &shape) == FOYER_LINK_EVENT_FRAME)
      foyer_link_reader_release (reader);
  }
  foyer_link_reader_free (reader);
}

/* Rungs come and go with their sessions while the camera runs. */
static void
test_joins (void)
{
  const FoyerShape shapes[] = { get_shape (FOYER_CODEC_H264),
    get_shape (FOYER_CODEC_VP8), get_shape (FOYER_CODEC_RAW),
    { FOYER_CODEC_H264, WIDTH_PX / 2, HEIGHT_PX / 2, 15, 1, 300000 } };
  g_auto (FoyerTestWorker) camera = { .channel = -1 };
  FoyerMessage message;

  start_camera (&camera);
  for (guint64 session = 1; session <= N_JOINS; session++)
    join_and_leave (&camera, session, &shapes[session % G_N_ELEMENTS (shapes)]);
  foyer_test_close (&camera);
  foyer_test_worker_hear (&camera, FOYER_MESSAGE_CLOSED, &message, NULL);
  g_assert_cmpint (foyer_test_worker_wait (&camera), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *pem = NULL;
  gsize n_bytes;
  int result;

  g_test_init (&argc, &argv, NULL);
  gst_init (NULL, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_assert_true (GST_ELEMENT_REGISTER (foyermarkread, NULL));
  foyer_test_house_init (&house);
  g_assert_true (g_file_get_contents (house.ca_file, &pem, &n_bytes, NULL));
  roots = memfd_create ("roots", MFD_CLOEXEC);
  g_assert_cmpint (write (roots, pem, n_bytes), ==, n_bytes);
  g_test_add_func ("/workers/cast/h264", test_cast_h264);
  g_test_add_func ("/workers/cast/vp8", test_cast_vp8);
  g_test_add_func ("/workers/cast/not-offered", test_not_offered);
  g_test_add_func ("/workers/cast/not-approved", test_not_approved);
  g_test_add_func ("/workers/cast/other-key", test_other_key);
  g_test_add_func ("/workers/cast/clean", test_clean);
  g_test_add_func ("/workers/cast/foreign-frame", test_foreign_frame);
  g_test_add_func ("/workers/slate/sizes", test_slate_sizes);
  g_test_add_func ("/workers/cast/stall", test_stall);
  g_test_add_func ("/workers/camera/joins", test_joins);
  g_test_add_func ("/workers/death/cast", test_cast_dies);
  g_test_add_func ("/workers/death/camera", test_camera_dies);
  g_test_add_func ("/workers/death/display", test_display_dies);
  g_test_add_func ("/workers/death/foyerd", test_foyerd_dies);
  g_test_add_func ("/workers/channel/rogue", test_rogue_words);
  g_test_add_data_func ("/workers/loopback/no-node",
      GUINT_TO_POINTER (FOYER_MESSAGE_LOOPBACK_CONFIG),
      test_loopback_without_node);
  g_test_add_data_func ("/workers/standing/no-node",
      GUINT_TO_POINTER (FOYER_MESSAGE_STANDING_CONFIG),
      test_loopback_without_node);
  result = g_test_run ();
  foyer_test_house_clear (&house);
  return result;
}
