/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-mark-reader.h"
#include "foyer-test-marks.h"
#include "foyer-test-picture.h"

#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

/* How surely the mark is read, and what it costs.
 *
 * FOYER_BENCH_FRAMES (100000) pictures go through codecs, as many each
 * through noise and damage, and a fifth as many have no mark. Prints one line of
 * JSON; bench_mark.py judges it. */

#define DEFAULT_FRAMES 100000
#define WIDTH          320
#define HEIGHT         180
#define N_COST_RUNS    201
#define NOISE          30

typedef struct
{
  const char *scene;
  int width;
  int height;
  guint share; /* of all pictures, in per cent */
} Scene;

/* Most are small, since these are quick. */
static const Scene scenes[] = {
  { "ball", 320, 180, 33 },
  { "zone-plate kx2=20 ky2=20 kt=1", 320, 180, 33 },
  { "snow", 320, 180, 30 },
  { "ball", 640, 360, 3 },
  { "ball", 1280, 720, 1 },
};

/* Through @codec, of small pictures for the most part. */
static void
run_codec (FoyerTestMarks *marks, const char *codec, guint n_frames)
{
  g_autofree char *middle =
      g_strdup_printf ("%s ! videoscale ! video/x-raw,width=%d,height=%d",
          codec, WIDTH, HEIGHT);

  for (gsize i = 0; i < G_N_ELEMENTS (scenes); i++)
    foyer_test_marks_run (marks, scenes[i].scene, scenes[i].width,
        scenes[i].height, n_frames / 100 * scenes[i].share, (guint) i + 1,
        middle);
}

static void
run_h264 (FoyerTestMarks *marks, guint n_frames)
{
  run_codec (marks, FOYER_TEST_MARKS_H264, n_frames / 2);
}

static void
run_vp8 (FoyerTestMarks *marks, guint n_frames)
{
  run_codec (marks, FOYER_TEST_MARKS_VP8, n_frames / 2);
}

static FoyerMark
random_mark (GRand *rand)
{
  return (FoyerMark){
    .camera = (guint16) g_rand_int (rand),
    .number = g_rand_int (rand),
    .capture_time_ns = (guint64) g_rand_int (rand) << 32 | g_rand_int (rand),
  };
}

static void
count_reading (FoyerTestMarks *marks, FoyerMarkReader *reader,
    const FoyerTestPicture *picture, const FoyerMark *expected)
{
  FoyerMarkPicture view = foyer_test_picture_view (picture);
  FoyerMark mark;

  marks->n_pictures++;
  if (!foyer_mark_reader_read (reader, &view, &mark))
    return;
  marks->n_readable++;
  if (expected == NULL || mark.camera != expected->camera ||
      mark.number != expected->number ||
      mark.capture_time_ns != expected->capture_time_ns)
    marks->n_wrong++;
}

/* Noise all over the mark. */
static void
run_noise (FoyerTestMarks *marks, guint n_frames)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();
  g_auto (FoyerTestPicture) picture = { NULL };
  FoyerTestPicture strip;

  foyer_test_picture_init (&picture, WIDTH, HEIGHT, 90);
  strip = picture;
  strip.height_px = foyer_mark_get_height_px (WIDTH, HEIGHT);
  for (guint i = 0; i < n_frames; i++) {
    FoyerMark mark = random_mark (rand);

    foyer_mark_paint (&mark, picture.luma, WIDTH, WIDTH, HEIGHT);
    foyer_test_picture_add_noise (&strip, rand, NOISE);
    count_reading (marks, reader, &picture, &mark);
  }
}

/* Up to twenty boxes of random brightness over the mark. */
static void
run_damage (FoyerTestMarks *marks, guint n_frames)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();
  g_auto (FoyerTestPicture) picture = { NULL };

  foyer_test_picture_init (&picture, WIDTH, HEIGHT, 90);
  for (guint i = 0; i < n_frames; i++) {
    FoyerMark mark = random_mark (rand);

    foyer_mark_paint (&mark, picture.luma, WIDTH, WIDTH, HEIGHT);
    for (guint j = 0; j <= i % 20; j++) {
      int x = g_rand_int_range (rand, 0, WIDTH - 12);
      int luma = g_rand_int_range (rand, 0, 256);

      for (int y = g_rand_int_range (rand, 0, 30), end = y + 7; y < end; y++)
        memset (picture.luma + y * WIDTH + x, luma, 12);
    }
    count_reading (marks, reader, &picture, &mark);
  }
}

/* Boxes and noise where no mark is; every picture is searched, as if it were
 * the first. */
static void
run_without (FoyerTestMarks *marks, guint n_frames)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_auto (FoyerTestPicture) picture = { NULL };

  foyer_test_picture_init (&picture, WIDTH, HEIGHT, 90);
  for (guint i = 0; i < n_frames / 5; i++) {
    g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();

    foyer_test_picture_scatter (&picture, rand);
    if (i % 8 == 0)
      foyer_test_picture_add_noise (&picture, rand, (int) (i % 128));
    count_reading (marks, reader, &picture, NULL);
  }
}

static int
compare_us (gconstpointer a, gconstpointer b)
{
  return *(const int *) a - *(const int *) b;
}

/* The median, since others may want the processor too. */
static int
measure_us (void (*run) (gpointer), gpointer user_data)
{
  const FoyerClock *clock = foyer_clock_get_system ();
  int us[N_COST_RUNS];

  for (int i = 0; i < N_COST_RUNS; i++) {
    gint64 began_us = foyer_clock_get_us (clock);

    run (user_data);
    us[i] = (int) (foyer_clock_get_us (clock) - began_us);
  }
  qsort (us, N_COST_RUNS, sizeof us[0], compare_us);
  return us[N_COST_RUNS / 2];
}

typedef struct
{
  FoyerTestPicture picture;
  FoyerMarkReader *reader;
  FoyerMark mark;
  FoyerTestMarks marks;
} Cost;

static void
cost_search (gpointer user_data)
{
  Cost *cost = user_data;
  g_autoptr (FoyerMarkReader) fresh = foyer_mark_reader_new ();

  count_reading (&cost->marks, fresh, &cost->picture, NULL);
}

static void
cost_paint (gpointer user_data)
{
  Cost *cost = user_data;

  foyer_mark_paint (&cost->mark, cost->picture.luma, 1280, 1280, 720);
}

static void
cost_read (gpointer user_data)
{
  Cost *cost = user_data;

  count_reading (&cost->marks, cost->reader, &cost->picture, &cost->mark);
}

/* Searching, painting and reading one picture of 720p. */
static void
measure_costs (GString *json)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();
  Cost cost = { .reader = reader, .mark = random_mark (rand) };

  foyer_test_picture_init (&cost.picture, 1280, 720, 90);
  foyer_test_picture_scatter (&cost.picture, rand);
  g_string_append_printf (json, "\"search_720p_us\": %d, ",
      measure_us (cost_search, &cost));
  g_string_append_printf (json, "\"paint_720p_us\": %d, ",
      measure_us (cost_paint, &cost));
  g_string_append_printf (json, "\"read_720p_us\": %d, ",
      measure_us (cost_read, &cost));
  foyer_test_picture_clear (&cost.picture);
  g_assert_cmpuint (cost.marks.n_wrong, ==, 0);
  g_assert_cmpuint (cost.marks.n_readable, ==, N_COST_RUNS);
}

static void
add_marks (GString *json, const char *name, const FoyerTestMarks *marks)
{
  g_string_append_printf (json,
      "\"%s\": {\"pictures\": %" G_GUINT64_FORMAT
      ", \"readable\": %" G_GUINT64_FORMAT ", \"wrong\": %" G_GUINT64_FORMAT
      "}, ",
      name, marks->n_pictures, marks->n_readable, marks->n_wrong);
}

static guint
get_n_frames (void)
{
  const char *text = g_getenv ("FOYER_BENCH_FRAMES");
  guint64 n_frames = DEFAULT_FRAMES;

  if (text != NULL)
    g_assert_true (
        g_ascii_string_to_unsigned (text, 10, 200, G_MAXINT, &n_frames, NULL));
  return (guint) n_frames;
}

/* One way for marks to get lost. */
typedef struct
{
  const char *name;
  void (*run) (FoyerTestMarks *marks, guint n_frames);
  guint n_frames;
  FoyerTestMarks marks;
  GThread *thread;
} Trial;

static gpointer
run_trial (gpointer user_data)
{
  Trial *trial = user_data;

  trial->run (&trial->marks, trial->n_frames);
  return NULL;
}

/* All at once: none takes more than one core, and they know nothing of each
 * other. */
static void
run_trials (GString *json, guint n_frames)
{
  Trial trials[] = { { "h264", run_h264 }, { "vp8", run_vp8 },
    { "noise", run_noise }, { "damage", run_damage },
    { "without", run_without } };

  for (gsize i = 0; i < G_N_ELEMENTS (trials); i++) {
    trials[i].n_frames = n_frames;
    trials[i].thread = g_thread_new (trials[i].name, run_trial, &trials[i]);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (trials); i++) {
    g_thread_join (trials[i].thread);
    add_marks (json, trials[i].name, &trials[i].marks);
  }
}

int
main (int argc, char **argv)
{
  g_autoptr (GString) json = g_string_new ("{");

  gst_init (&argc, &argv);
  foyer_test_marks_init ();
  measure_costs (json);
  run_trials (json, get_n_frames ());
  g_string_truncate (json, json->len - strlen (", "));
  g_string_append_c (json, '}');
  g_print ("%s\n", json->str);
  return 0;
}
