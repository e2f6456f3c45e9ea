/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-display.h"
#include "foyer-fd.h"
#include "foyer-test-house.h"
#include "foyer-test-launcher.h"
#include "foyercastsink.h"
#include "foyermark.h"

#include <fcntl.h>
#include <gst/gst.h>
#include <signal.h>
#include <sys/mman.h>

/* What the walls cost: the delay from capture to complete at the display, through
 * camera, link and cast as processes and through the same elements in this one;
 * and the memory of each foyer-cast, with 20 of them. Figures, one a line. With a
 * number, only that many displays at once. */

#define N_CASTS   20
#define MAX_CASTS 200
#define CAMERA    7
#define NUMBER    42
#define SPAN_US   (5 * G_USEC_PER_SEC)
#define WARM_US   (2 * G_USEC_PER_SEC)
#define MAX_TIMES 100000

typedef struct
{
  GMutex lock;
  gboolean is_measuring;
  guint n_times;
  gint64 times_us[MAX_TIMES];
} Delays;

static Delays delays;
static FoyerTestHouse house;
static int roots;

static void
on_session (FoyerCastDisplay *display, guint64 session_number,
    const FoyerCastStreamConfig *streams, guint n_streams, gpointer user_data)
{
}

static void
on_frame (FoyerCastDisplay *display, FoyerCastReceivedFrame *frame,
    gpointer user_data)
{
  g_mutex_lock (&delays.lock);
  if (delays.is_measuring && delays.n_times < MAX_TIMES)
    delays.times_us[delays.n_times++] = frame->complete_us - frame->capture_us;
  g_mutex_unlock (&delays.lock);
}

static void
on_session_ended (FoyerCastDisplay *display, guint64 session_number,
    const char *reason, gpointer user_data)
{
}

static const FoyerCastDisplayCallbacks display_callbacks = {
  .on_session = on_session,
  .on_frame = on_frame,
  .on_session_ended = on_session_ended,
};

static FoyerCastDisplay *
start_display (void)
{
  const FoyerCastDisplayConfig config = {
    .friendly_name = "Bench",
    .credentials = house.credentials,
    .codecs = { FOYER_CAST_CODEC_H264 },
    .n_codecs = 1,
    .width_px = 1280,
    .height_px = 720,
    .fps = 30,
    .max_video_bps = 3000000,
  };
  g_autoptr (GError) error = NULL;
  FoyerCastDisplay *display = foyer_cast_display_new (&config,
      &display_callbacks, NULL, &error);

  g_assert_no_error (error);
  return display;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static void
measure (const char *name)
{
  g_usleep (WARM_US);
  g_mutex_lock (&delays.lock);
  delays.is_measuring = TRUE;
  delays.n_times = 0;
  g_mutex_unlock (&delays.lock);
  g_usleep (SPAN_US);
  g_mutex_lock (&delays.lock);
  delays.is_measuring = FALSE;
  qsort (delays.times_us, delays.n_times, sizeof delays.times_us[0], compare);
  if (delays.n_times > 0)
    g_print ("%s: %u frames, p50 %.2f ms, p99 %.2f ms\n", name, delays.n_times,
        (double) delays.times_us[delays.n_times / 2] / 1000,
        (double) delays.times_us[delays.n_times * 99 / 100] / 1000);
  g_mutex_unlock (&delays.lock);
}

static void
print_memory (const char *name, pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/smaps_rollup", (int) pid);
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents (path, &text, NULL, NULL)) {
    g_print ("%s: its memory can be seen by root alone\n", name);
    return;
  }
  at = strstr (text, "\nPss:");
  g_print ("%s: PSS %d kB\n", name, at != NULL ? atoi (at + 5) : -1);
}

static void
run_walls (guint n_casts)
{
  const FoyerShape raw = { FOYER_CODEC_RAW, 1280, 720, 30, 1, 0 };
  const FoyerShape most = { FOYER_CODEC_H264, 1280, 720, 30, 1, 3000000 };
  g_autofree char *name = g_strdup_printf ("walls, %u displays", n_casts);
  FoyerTestWorker camera = { .channel = -1 };
  g_autofree FoyerTestWorker *casts = g_new0 (FoyerTestWorker, n_casts);
  g_autofree FoyerCastDisplay **displays = g_new0 (FoyerCastDisplay *, n_casts);

  foyer_test_start_camera (&camera, FOYER_TEST_CAMERA, CAMERA, NUMBER, &raw);
  for (guint i = 0; i < n_casts; i++) {
    const FoyerMessage config =
        foyer_test_make_grant (FOYER_MESSAGE_CAST_CONFIG, i + 1, CAMERA, &most);
    FoyerMessage message;
    gint64 begin_us = g_get_monotonic_time ();
    foyer_autofd int udp = -1;

    displays[i] = start_display ();
    udp = foyer_test_launch_cast (&casts[i], FOYER_TEST_CAST, &config,
        foyer_cast_display_get_port (displays[i]), roots);
    foyer_test_approve (&casts[i]);
    foyer_test_connect_media (&casts[i], udp, &message);
    foyer_test_join (&camera, &casts[i], i + 1, CAMERA, &message.shape);
    foyer_test_worker_hear (&casts[i], FOYER_MESSAGE_LIVE, &message, NULL);
    if (i == 0)
      g_print ("%s: live after %d ms\n", name,
          (int) (g_get_monotonic_time () - begin_us) / 1000);
  }
  measure (name);
  print_memory ("foyer-camera", camera.pid);
  for (guint i = 0; i < n_casts; i++)
    print_memory ("foyer-cast", casts[i].pid);
  for (guint i = 0; i < n_casts; i++) {
    foyer_test_worker_clear (&casts[i]);
    foyer_cast_display_free (displays[i]);
  }
  foyer_test_worker_clear (&camera);
}

static void
run_elements (void)
{
  FoyerCastDisplay *display = start_display ();
  g_autofree char *description = g_strdup_printf (
      "videotestsrc is-live=true pattern=bar horizontal-speed=6 ! "
      "video/x-raw,format=I420,width=320,height=180,framerate=30/1 ! "
      "queue leaky=downstream max-size-buffers=2 ! "
      "videoconvertscale method=nearest-neighbour ! "
      "video/x-raw,width=1280,height=720 ! foyermark camera=42 ! "
      "queue leaky=downstream max-size-buffers=2 ! "
      "foyercastsink host=127.0.0.1 port=%u ca-file=%s codec=h264",
      foyer_cast_display_get_port (display), house.ca_file);
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (description, &error);

  g_assert_no_error (error);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  measure ("elements");
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  foyer_cast_display_free (display);
}

int
main (int argc, char **argv)
{
  g_autofree char *pem = NULL;
  gsize n_bytes;

  gst_init (&argc, &argv);
  signal (SIGPIPE, SIG_IGN);
  GST_ELEMENT_REGISTER (foyercastsink, NULL);
  GST_ELEMENT_REGISTER (foyermark, NULL);
  foyer_test_house_init (&house);
  g_assert_true (g_file_get_contents (house.ca_file, &pem, &n_bytes, NULL));
  roots = memfd_create ("roots", MFD_CLOEXEC);
  g_assert_cmpint (write (roots, pem, n_bytes), ==, (gssize) n_bytes);
  if (argc > 1) {
    run_walls ((guint) CLAMP (atoi (argv[1]), 1, MAX_CASTS));
  } else {
    run_elements ();
    run_walls (1);
    run_elements ();
    run_walls (1);
    run_walls (N_CASTS);
  }
  foyer_test_house_clear (&house);
  return 0;
}
