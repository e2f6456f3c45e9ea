/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-cast.h"

/* Both engines over networks in virtual time. That every frame that comes out
 * is the one that went in, in order, without holes but before key frames, and
 * marked late exactly when it is, is asserted for each frame in
 * tests/lib/foyer-test-cast.c; here are the figures. */

#define SECOND_US G_USEC_PER_SEC
/* Asked for: 45 ms, and no drift. */
#define LIP_SYNC_US       (600 * SECOND_US)
#define LIP_WINDOW_US     (20 * SECOND_US)
#define LIP_SYNC_MOST_US  45000
#define LIP_DRIFT_MOST_US 2000
#define CLOCK_US          G_GINT64_CONSTANT (987654321000)

static const FoyerTestPath good = { .delay_us = 50000 };

static guint32
get_n_seeds (void)
{
  return g_test_thorough () ? 3 : 1;
}

static FoyerTestCastConfig
make_config (guint32 seed, const FoyerTestPath *path)
{
  return (FoyerTestCastConfig){
    .seed = seed,
    .there = *path,
    .back = *path,
    .delay_ms = 400,
    .max_bps = 3000000,
    .frame_us = 33333,
    .encode_us = 4000,
    .key_interval = 60,
    .has_audio = TRUE,
    .clock_offset_us = CLOCK_US,
  };
}

static const FoyerTestCastCounts *
report (const FoyerTestCast *cast, const char *name)
{
  const FoyerTestCastCounts *video = foyer_test_cast_get_counts (cast,
      FOYER_TEST_CAST_VIDEO);

  g_test_message ("%s: captured %u, refused %u, shown %u, late %u, skipped %u, "
                  "longest gap %" G_GINT64_FORMAT
                  " ms, oldest %" G_GINT64_FORMAT " ms, %u bit/s",
      name, video->n_captured, video->n_refused, video->n_shown, video->n_late,
      video->n_skipped, video->max_gap_us / 1000, video->max_age_us / 1000,
      foyer_test_cast_get_bps (cast));
  return video;
}

static void
assert_shown_percent (const FoyerTestCastCounts *counts, guint percent)
{
  g_assert_cmpuint (counts->n_shown * 100, >=, counts->n_captured * percent);
}

static void
test_loss_none (void)
{
  static const FoyerTestPath loopback = { .delay_us = 50 };
  FoyerTestCastConfig config = make_config (1, &loopback);
  g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);
  const FoyerTestCastCounts *video;
  FoyerCastSenderStats stats;

  foyer_test_cast_run (cast, 10 * SECOND_US);
  video = report (cast, "loopback");
  foyer_cast_sender_get_stats (foyer_test_cast_get_sender (cast), &stats);
  /* The last frame is still being encoded. */
  g_assert_cmpuint (video->n_shown, >=, video->n_captured - 1);
  g_assert_cmpuint (video->n_refused, ==, 0);
  g_assert_cmpuint (stats.n_retransmitted, ==, 0);
  /* The rate climbs from half to all that is allowed. */
  g_assert_cmpuint (foyer_test_cast_get_bps (cast), ==, 3000000);
  /* Frames leave at once: beyond the encoder only key frames take time. */
  g_assert_cmpint (video->complete_us / video->n_shown, <,
      config.encode_us + 500);
}

static gint64
get_mean_lag_us (const FoyerTestCast *cast, guint stream)
{
  const FoyerTestCastCounts *counts = foyer_test_cast_get_counts (cast, stream);

  g_assert_cmpuint (counts->n_shown, >, 0);
  return counts->lag_us / counts->n_shown;
}

/* Ten minutes: what was captured together is played together, to the displays' 45 ms
 * and much closer, over a network that jitters and loses and to a clock that runs
 * faster or slower than any display's may; and it does not drift apart. */
static void
test_lip_sync (gconstpointer user_data)
{
  static const FoyerTestPath path = { .delay_us = 20000,
    .jitter_us = 30000,
    .loss_permille = 10 };
  FoyerTestCastConfig config = make_config (5, &path);
  g_autoptr (FoyerTestCast) cast = NULL;
  gint64 first_us = 0, last_us = 0, worst_us = 0;

  config.max_bps = FOYER_CAST_MIN_VIDEO_BPS;
  config.clock_ppm = GPOINTER_TO_INT (user_data);
  cast = foyer_test_cast_new (&config);
  for (guint i = 0; i < LIP_SYNC_US / LIP_WINDOW_US; i++) {
    const FoyerTestCastCounts *video, *audio;

    foyer_test_cast_run (cast, LIP_WINDOW_US);
    video = foyer_test_cast_get_counts (cast, FOYER_TEST_CAST_VIDEO);
    audio = foyer_test_cast_get_counts (cast, FOYER_TEST_CAST_AUDIO);
    last_us = get_mean_lag_us (cast, FOYER_TEST_CAST_AUDIO) -
        get_mean_lag_us (cast, FOYER_TEST_CAST_VIDEO);
    if (i == 0)
      first_us = last_us;
    worst_us = MAX (worst_us, audio->most_lag_us - video->least_lag_us);
    worst_us = MAX (worst_us, video->most_lag_us - audio->least_lag_us);
  }
  g_test_message ("%+d ppm: sound after picture %+" G_GINT64_FORMAT
                  " us at first, %+" G_GINT64_FORMAT
                  " us at last, at worst %" G_GINT64_FORMAT " us apart",
      config.clock_ppm, first_us, last_us, worst_us);
  g_assert_cmpint (worst_us, <=, LIP_SYNC_MOST_US);
  g_assert_cmpint (ABS (last_us - first_us), <=, LIP_DRIFT_MOST_US);
}

static void
test_loss_five_percent (void)
{
  static const FoyerTestPath lossy = { .delay_us = 25000, .loss_permille = 50 };

  for (guint32 seed = 1; seed <= get_n_seeds (); seed++) {
    FoyerTestCastConfig config = make_config (seed, &lossy);
    g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);
    const FoyerTestCastCounts *video;

    foyer_test_cast_run (cast, 20 * SECOND_US);
    video = report (cast, "5 % each way, 50 ms");
    assert_shown_percent (video, 99);
    assert_shown_percent (foyer_test_cast_get_counts (cast,
                              FOYER_TEST_CAST_AUDIO),
        99);
    g_assert_cmpuint (foyer_test_cast_get_bps (cast), ==, 3000000);
  }
}

static void
test_loss_twenty_percent (void)
{
  static const FoyerTestPath lossy = { .delay_us = 50000,
    .loss_permille = 200 };

  for (guint32 seed = 1; seed <= get_n_seeds (); seed++) {
    FoyerTestCastConfig config = make_config (seed, &lossy);
    g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);
    const FoyerTestCastCounts *video;

    foyer_test_cast_run (cast, 20 * SECOND_US);
    video = report (cast, "20 % each way, 100 ms");
    /* 10 frames/s are asked for; random loss is no reason to make fewer. */
    assert_shown_percent (video, 95);
    g_assert_cmpint (video->max_age_us, <=, 500000);
    g_assert_cmpint (video->max_gap_us, <=, SECOND_US);
    g_assert_cmpuint (foyer_test_cast_get_bps (cast), >=, 1500000);

    foyer_test_cast_set_paths (cast, &good, &good);
    foyer_test_cast_run (cast, 2 * SECOND_US);
    foyer_test_cast_run (cast, SECOND_US);
    video = report (cast, "two seconds after");
    assert_shown_percent (video, 95);
  }
}

/* The display most likely met: it says nothing of a missing packet by itself,
 * drops what comes before the first report, and asks for no key frame. */
static void
test_openscreen (void)
{
  static const struct
  {
    FoyerTestPath path;
    guint percent;
  } cases[] = {
    { { .delay_us = 100 }, 99 },
    { { .delay_us = 25000, .loss_permille = 50 }, 99 },
    { { .delay_us = 50000, .loss_permille = 200 }, 90 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerTestCastConfig config = make_config (11 + i, &cases[i].path);
    g_autoptr (FoyerTestCast) cast = NULL;
    const FoyerTestCastCounts *video;

    config.is_openscreen = TRUE;
    cast = foyer_test_cast_new (&config);
    foyer_test_cast_run (cast, 20 * SECOND_US);
    video = report (cast, "as Open Screen");
    assert_shown_percent (video, cases[i].percent);
    foyer_test_cast_set_paths (cast, &good, &good);
    foyer_test_cast_run (cast, 2 * SECOND_US);
    foyer_test_cast_run (cast, SECOND_US);
    video = report (cast, "as Open Screen, after");
    assert_shown_percent (video, 95);
  }
}

static void
test_openscreen_blackout (void)
{
  static const FoyerTestPath dead = { .delay_us = 50000,
    .loss_permille = 1000 };
  FoyerTestCastConfig config = make_config (14, &good);
  g_autoptr (FoyerTestCast) cast = NULL;

  config.is_openscreen = TRUE;
  cast = foyer_test_cast_new (&config);
  foyer_test_cast_run (cast, 5 * SECOND_US);
  foyer_test_cast_set_paths (cast, &dead, &dead);
  foyer_test_cast_run (cast, 3 * SECOND_US);
  foyer_test_cast_set_paths (cast, &good, &good);
  foyer_test_cast_run (cast, 2 * SECOND_US);
  foyer_test_cast_run (cast, SECOND_US);
  assert_shown_percent (report (cast, "as Open Screen, back again"), 99);
}

/* Whatever the display lacks when frames are closed it will never get, and so it
 * skips to a slate: soon, and whoever made it. */
static void
test_close_frames (void)
{
  static const FoyerTestPath paths[] = {
    { .delay_us = 100 },
    { .delay_us = 25000, .loss_permille = 50 },
    { .delay_us = 50000, .loss_permille = 200 },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (paths) * get_n_seeds (); i++) {
    const FoyerTestPath *path = &paths[i / 2 % G_N_ELEMENTS (paths)];
    FoyerTestCastConfig config = make_config (40 + i, path);
    g_autoptr (FoyerTestCast) cast = NULL;
    const FoyerTestCastCounts *video;

    config.is_openscreen = i % 2 == 1;
    cast = foyer_test_cast_new (&config);
    foyer_test_cast_run (cast, 3 * SECOND_US + (gint64) i * 11000);
    foyer_test_cast_close_frames (cast);
    foyer_test_cast_run (cast, 3 * SECOND_US / 2);
    video = report (cast, "closing");
    g_assert_cmpuint (foyer_test_cast_get_n_noise (cast), <=, 3);
    g_assert_cmpuint (video->n_shown, >=, 30);
    foyer_test_cast_run (cast, SECOND_US);
    assert_shown_percent (report (cast, "closed"), 85);
  }
}

/* From plenty to less than a quarter of it, with a second of queue before the
 * bottleneck: the rate falls, the queue is drained, pictures go on. */
static void
test_bandwidth_collapse (void)
{
  static const FoyerTestPath narrow = { .delay_us = 50000,
    .rate_bps = 700000,
    .queue_us = 1000000 };
  FoyerTestCastConfig config = make_config (4, &good);
  g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);
  const FoyerTestCastCounts *video;

  foyer_test_cast_run (cast, 5 * SECOND_US);
  foyer_test_cast_set_paths (cast, &narrow, &good);
  foyer_test_cast_run (cast, 4 * SECOND_US);
  report (cast, "700 kbit/s, first seconds");
  foyer_test_cast_run (cast, 20 * SECOND_US);
  video = report (cast, "700 kbit/s");
  assert_shown_percent (video, 85);
  g_assert_cmpint (video->max_age_us, <=, 500000);
  g_assert_cmpuint (foyer_test_cast_get_bps (cast), <, 700000);

  foyer_test_cast_set_paths (cast, &good, &good);
  foyer_test_cast_run (cast, SECOND_US);
  foyer_test_cast_run (cast, 5 * SECOND_US);
  video = report (cast, "and wide again");
  assert_shown_percent (video, 99);
  foyer_test_cast_run (cast, 30 * SECOND_US);
  g_assert_cmpuint (foyer_test_cast_get_bps (cast), ==, 3000000);
}

static void
test_bandwidth_bottleneck (void)
{
  static const struct
  {
    FoyerTestPath path;
    guint percent;
  } cases[] = {
    { { .delay_us = 10000, .rate_bps = 1000000, .queue_us = 1000000 }, 90 },
    { { .delay_us = 10000, .rate_bps = 1000000, .queue_us = 50000 }, 80 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerTestCastConfig config = make_config (i + 1, &cases[i].path);
    g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);
    const FoyerTestCastCounts *video;

    foyer_test_cast_run (cast, 5 * SECOND_US);
    foyer_test_cast_run (cast, 30 * SECOND_US);
    video = report (cast, "1 Mbit/s");
    assert_shown_percent (video, cases[i].percent);
    g_assert_cmpuint (foyer_test_cast_get_bps (cast), <, 1000000);
    g_assert_cmpuint (foyer_test_cast_get_bps (cast), >=, 400000);
  }
}

/* Nothing passes for a second: drops only, then pictures again at once, at the
 * rate from before. */
static void
test_blackout_both_ways (void)
{
  static const FoyerTestPath dead = { .delay_us = 50000,
    .loss_permille = 1000 };
  FoyerTestCastConfig config = make_config (5, &good);
  g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);
  const FoyerTestCastCounts *video;

  foyer_test_cast_run (cast, 5 * SECOND_US);
  foyer_test_cast_set_paths (cast, &dead, &dead);
  foyer_test_cast_run (cast, SECOND_US);
  video = report (cast, "blackout");
  g_assert_cmpuint (video->n_refused, >, 10);
  g_assert_cmpuint (video->n_sent, <, 16);
  foyer_test_cast_set_paths (cast, &good, &good);
  foyer_test_cast_run (cast, SECOND_US);
  video = report (cast, "first second after");
  g_assert_cmpuint (video->n_shown, >=, 20);
  foyer_test_cast_run (cast, SECOND_US);
  video = report (cast, "next second");
  assert_shown_percent (video, 99);
  g_assert_cmpuint (foyer_test_cast_get_bps (cast), >=, 1500000);
}

/* The same for feedback alone: what was let through is shown. */
static void
test_blackout_feedback (void)
{
  static const FoyerTestPath dead = { .delay_us = 50000,
    .loss_permille = 1000 };
  FoyerTestCastConfig config = make_config (6, &good);
  g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);
  const FoyerTestCastCounts *video;

  foyer_test_cast_run (cast, 5 * SECOND_US);
  foyer_test_cast_set_paths (cast, &good, &dead);
  foyer_test_cast_run (cast, SECOND_US);
  video = report (cast, "feedback lost");
  g_assert_cmpuint (video->n_shown, >=, 10);
  foyer_test_cast_set_paths (cast, &good, &good);
  foyer_test_cast_run (cast, SECOND_US);
  foyer_test_cast_run (cast, SECOND_US);
  video = report (cast, "second second after");
  assert_shown_percent (video, 99);
}

/* A display that is away for much longer than 120 frame ids last. */
static void
test_blackout_long (void)
{
  static const FoyerTestPath dead = { .delay_us = 50000,
    .loss_permille = 1000 };
  FoyerTestCastConfig config = make_config (7, &good);
  g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);

  foyer_test_cast_run (cast, 5 * SECOND_US);
  foyer_test_cast_set_paths (cast, &dead, &dead);
  foyer_test_cast_run (cast, 10 * SECOND_US);
  foyer_test_cast_set_paths (cast, &good, &good);
  foyer_test_cast_run (cast, SECOND_US);
  foyer_test_cast_run (cast, SECOND_US);
  assert_shown_percent (report (cast, "after ten seconds of nothing"), 99);
  assert_shown_percent (foyer_test_cast_get_counts (cast,
                            FOYER_TEST_CAST_AUDIO),
      99);
}

static void
test_reordering (void)
{
  static const FoyerTestPath jittery = { .delay_us = 20000,
    .jitter_us = 15000,
    .double_permille = 100 };
  FoyerTestCastConfig config = make_config (8, &jittery);
  g_autoptr (FoyerTestCast) cast = foyer_test_cast_new (&config);
  FoyerCastReceiverStats stats;

  foyer_test_cast_run (cast, 10 * SECOND_US);
  assert_shown_percent (report (cast, "15 ms of jitter, doubles"), 99);
  foyer_cast_receiver_get_stats (foyer_test_cast_get_receiver (cast), &stats);
  g_assert_cmpuint (stats.n_doubles, >, 0);
  g_assert_cmpuint (stats.n_bad_datagrams, ==, 0);
}

/* A stream whose only key frames are those that the display asks for. */
static void
test_keys_on_demand (void)
{
  static const FoyerTestPath lossy = { .delay_us = 50000,
    .loss_permille = 200 };
  FoyerTestCastConfig config = make_config (9, &lossy);
  g_autoptr (FoyerTestCast) cast = NULL;

  config.key_interval = 0;
  cast = foyer_test_cast_new (&config);
  foyer_test_cast_run (cast, 20 * SECOND_US);
  assert_shown_percent (report (cast, "20 %, keys on demand"), 95);
}

/* A frame of 150 kB: 104 datagrams, 21 at once and the rest in 40 ms. */
static void
test_burst_is_paced (void)
{
  static const FoyerTestPath loopback = { .delay_us = 50 };
  FoyerTestCastConfig config = make_config (10, &loopback);
  g_autoptr (FoyerTestCast) cast = NULL;
  const FoyerTestCastCounts *video;

  config.max_bps = 18000000; /* 75 kB a frame, 300 kB a key frame */
  config.has_audio = FALSE;
  cast = foyer_test_cast_new (&config);
  foyer_test_cast_run (cast, SECOND_US);
  video = report (cast, "18 Mbit/s");
  assert_shown_percent (video, 90);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/cast-simulation/lip-sync/fast", GINT_TO_POINTER (100),
      test_lip_sync);
  g_test_add_data_func ("/cast-simulation/lip-sync/slow",
      GINT_TO_POINTER (-100), test_lip_sync);
  g_test_add_func ("/cast-simulation/loss/none", test_loss_none);
  g_test_add_func ("/cast-simulation/loss/five-percent",
      test_loss_five_percent);
  g_test_add_func ("/cast-simulation/loss/twenty-percent",
      test_loss_twenty_percent);
  g_test_add_func ("/cast-simulation/loss/keys-on-demand", test_keys_on_demand);
  g_test_add_func ("/cast-simulation/openscreen/loss", test_openscreen);
  g_test_add_func ("/cast-simulation/openscreen/blackout",
      test_openscreen_blackout);
  g_test_add_func ("/cast-simulation/close/slates-are-shown",
      test_close_frames);
  g_test_add_func ("/cast-simulation/bandwidth/collapse",
      test_bandwidth_collapse);
  g_test_add_func ("/cast-simulation/bandwidth/bottleneck",
      test_bandwidth_bottleneck);
  g_test_add_func ("/cast-simulation/blackout/both-ways",
      test_blackout_both_ways);
  g_test_add_func ("/cast-simulation/blackout/feedback",
      test_blackout_feedback);
  g_test_add_func ("/cast-simulation/blackout/long", test_blackout_long);
  g_test_add_func ("/cast-simulation/network/reordering", test_reordering);
  g_test_add_func ("/cast-simulation/network/burst", test_burst_is_paced);
  return g_test_run ();
}
