/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-mark-reader.h"
#include "foyer-test-picture.h"

#include <string.h>

static const FoyerMark known = {
  .camera = 3,
  .number = 123456,
  .capture_time_ns = 8765432109876,
};

static const FoyerMark untouched = { 7, 7, 7 };

/* A marked picture of @width by @height whose rest is a mess. */
static void
init_marked (FoyerTestPicture *self, GRand *rand, int width, int height)
{
  foyer_test_picture_init (self, width, height, 120);
  foyer_test_picture_scatter (self, rand);
  g_assert_true (
      foyer_mark_paint (&known, self->luma, (gsize) width, width, height));
}

static gboolean
read_with (FoyerMarkReader *reader, const FoyerTestPicture *picture)
{
  FoyerMarkPicture view = foyer_test_picture_view (picture);
  FoyerMark mark = untouched;
  gboolean is_read = foyer_mark_reader_read (reader, &view, &mark);
  const FoyerMark *expected = is_read ? &known : &untouched;

  g_assert_cmpuint (mark.camera, ==, expected->camera);
  g_assert_cmpuint (mark.number, ==, expected->number);
  g_assert_cmpuint (mark.capture_time_ns, ==, expected->capture_time_ns);
  return is_read;
}

/* Whether a reader that has seen nothing reads the known mark. */
static gboolean
read_once (const FoyerTestPicture *picture)
{
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();

  return read_with (reader, picture);
}

static void
test_sizes (void)
{
  static const int sizes[][2] = { { 160, 90 }, { 163, 91 }, { 320, 180 },
    { 319, 241 }, { 640, 360 }, { 640, 480 }, { 1280, 720 }, { 1919, 1081 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_auto (FoyerTestPicture) picture = { NULL };

    init_marked (&picture, rand, sizes[i][0], sizes[i][1]);
    g_assert_true (read_once (&picture));
  }
}

static void
test_packed_pixels (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();
  g_auto (FoyerTestPicture) picture = { NULL };
  g_autofree guint8 *packed = g_malloc0 (320 * 180 * 4);
  FoyerMarkPicture view = { packed + 2, 320 * 4, 4, 320, 180 };
  FoyerMark mark;

  init_marked (&picture, rand, 320, 180);
  for (int i = 0; i < 320 * 180; i++)
    packed[i * 4 + 2] = picture.luma[i];
  g_assert_true (foyer_mark_reader_read (reader, &view, &mark));
  g_assert_cmpuint (mark.number, ==, known.number);
}

/* Scaled to @width x @height in the middle of a black picture. */
static gboolean
read_boxed (int from_width, int from_height, int width, int height)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  g_auto (FoyerTestPicture) source = { NULL };
  g_auto (FoyerTestPicture) boxed = { NULL };

  init_marked (&source, rand, from_width, from_height);
  foyer_test_picture_init (&boxed, 320, 180, 16);
  foyer_test_picture_scale (&boxed, &source, (320 - width) / 2,
      (180 - height) / 2, width, height);
  return read_once (&boxed);
}

static void
test_scaled (void)
{
  g_assert_true (read_boxed (1280, 720, 320, 180));
  g_assert_true (read_boxed (640, 480, 320, 180));
  g_assert_true (read_boxed (426, 240, 320, 180));
  g_assert_true (read_boxed (200, 112, 320, 180));
}

static void
test_boxed (void)
{
  g_assert_true (read_boxed (640, 480, 240, 180));
  g_assert_true (read_boxed (1280, 720, 320, 136));
  g_assert_true (read_boxed (1280, 960, 200, 150));
  g_assert_true (
      read_boxed (360, 640, 101, 180) || !read_boxed (360, 640, 80, 140));
}

static void
film (FoyerTestPicture *camera, GRand *rand, const FoyerTestView *view)
{
  g_auto (FoyerTestPicture) display = { NULL };

  init_marked (&display, rand, 1280, 720);
  foyer_test_picture_init (camera, 640, 360, 60);
  foyer_test_picture_scatter (camera, rand);
  foyer_test_picture_film (camera, &display, view);
}

static gboolean
read_filmed (const FoyerTestView *view)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  g_auto (FoyerTestPicture) camera = { NULL };

  film (&camera, rand, view);
  return read_once (&camera);
}

static void
test_filmed_anywhere (void)
{
  for (int x = 200; x <= 440; x += 60) {
    for (int y = 110; y <= 250; y += 70)
      g_assert_true (
          read_filmed (&(FoyerTestView){ .x = x, .y = y, .scale = 0.3 }));
  }
}

static void
test_filmed_turned (void)
{
  for (int degrees = -8; degrees <= 8; degrees += 2)
    g_assert_true (read_filmed (&(FoyerTestView){ .x = 320,
        .y = 180,
        .scale = 0.4,
        .degrees = degrees }));
}

static void
test_filmed_askew (void)
{
  for (int i = 0; i < 9; i++)
    g_assert_true (read_filmed (&(FoyerTestView){ .x = 320,
        .y = 180,
        .scale = 0.38,
        .degrees = i - 4,
        .tilt_x = (i % 3 - 1) * 0.1,
        .tilt_y = (i / 3 - 1) * 0.1 }));
}

static void
test_filmed_badly (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  const FoyerTestView view = { .x = 330,
    .y = 170,
    .scale = 0.42,
    .degrees = 2.5,
    .tilt_x = 0.05,
    .tilt_y = -0.04 };

  for (int i = 0; i < 4; i++) {
    g_auto (FoyerTestPicture) camera = { NULL };

    film (&camera, rand, &view);
    foyer_test_picture_shade (&camera, 50);
    foyer_test_picture_tone (&camera, 0.5 + 0.5 * i, 30, 200);
    foyer_test_picture_blur (&camera, 1);
    foyer_test_picture_add_noise (&camera, rand, 12);
    g_assert_true (read_once (&camera));
  }
}

/* What the picture goes through at its own place: all must be read. */
static void
assert_noise (int amplitude, int blur)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (6);
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();
  int n_read = 0;

  for (int i = 0; i < 30; i++) {
    g_auto (FoyerTestPicture) picture = { NULL };

    init_marked (&picture, rand, 320, 180);
    if (blur > 0)
      foyer_test_picture_blur (&picture, blur);
    foyer_test_picture_add_noise (&picture, rand, amplitude);
    n_read += read_with (reader, &picture);
  }
  g_assert_cmpint (n_read, ==, 30);
}

static void
test_noise (void)
{
  assert_noise (40, 0);
  assert_noise (80, 0);
  assert_noise (20, 1);
  assert_noise (10, 2);
}

static void
test_tones (void)
{
  static const int levels[][2] = { { 0, 255 }, { 16, 235 }, { 100, 150 },
    { 0, 60 }, { 200, 255 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (gsize i = 0; i < G_N_ELEMENTS (levels); i++) {
    for (int gamma = 1; gamma <= 6; gamma++) {
      g_auto (FoyerTestPicture) picture = { NULL };

      init_marked (&picture, rand, 320, 180);
      foyer_test_picture_tone (&picture, gamma * 0.4, levels[i][0],
          levels[i][1]);
      g_assert_true (read_once (&picture));
    }
  }
}

static void
test_too_faint (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (8);
  g_auto (FoyerTestPicture) picture = { NULL };

  init_marked (&picture, rand, 320, 180);
  foyer_test_picture_tone (&picture, 1.0, 100, 110);
  g_assert_false (read_once (&picture));
}

/* The mark moves from picture to picture, goes away, and comes back. */
static void
test_follows (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();
  g_auto (FoyerTestPicture) blank = { NULL };
  int n_missed = 0;

  for (int i = 0; i < 5; i++) {
    FoyerTestView view = { .x = 250 + 20 * i, .y = 200, .scale = 0.35 };
    g_auto (FoyerTestPicture) camera = { NULL };

    film (&camera, rand, &view);
    g_assert_true (read_with (reader, &camera));
  }
  foyer_test_picture_init (&blank, 640, 360, 90);
  for (int i = 0; i < 100; i++)
    g_assert_false (read_with (reader, &blank));
  for (gboolean is_read = FALSE; !is_read; n_missed++) {
    FoyerTestView view = { .x = 300, .y = 150, .scale = 0.4 };
    g_auto (FoyerTestPicture) camera = { NULL };

    film (&camera, rand, &view);
    is_read = read_with (reader, &camera);
    g_assert_cmpint (n_missed, <, 9);
  }
}

static void
test_new_size (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (10);
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();

  for (int width = 160; width < 1300; width += 160) {
    g_auto (FoyerTestPicture) picture = { NULL };

    init_marked (&picture, rand, width, width * 9 / 16);
    g_assert_true (read_with (reader, &picture));
  }
}

/* Pictures without a mark: boxes, noise, and bars that look like a frame. */
static void
test_no_mark (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (int i = 0; i < 200; i++) {
    g_auto (FoyerTestPicture) picture = { NULL };

    foyer_test_picture_init (&picture, 320, 180,
        (guint8) g_rand_int_range (rand, 0, 256));
    if (i % 4 != 0)
      foyer_test_picture_scatter (&picture, rand);
    if (i % 4 == 2)
      foyer_test_picture_blur (&picture, 2);
    if (i % 4 >= 2)
      foyer_test_picture_add_noise (&picture, rand, i % 200);
    g_assert_false (read_once (&picture));
  }
}

/* Cells overwritten at random: not read, unless the luck was to write what
 * stood there; read_with() insists that what is read is right. */
static void
test_damaged (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (12);
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();
  g_auto (FoyerTestPicture) whole = { NULL };
  g_auto (FoyerTestPicture) picture = { NULL };
  int n_read = 0;

  init_marked (&whole, rand, 320, 180);
  foyer_test_picture_init (&picture, 320, 180, 0);
  for (int i = 0; i < 1000; i++) {
    memcpy (picture.luma, whole.luma, 320 * 40);
    for (int j = 0; j < 1 + i % 20; j++) {
      int x = g_rand_int_range (rand, 0, 36) * 8 + 16;
      int y = g_rand_int_range (rand, 0, 4) * 6 + 6;
      int luma = g_rand_boolean (rand) ? FOYER_MARK_LIGHT : FOYER_MARK_DARK;

      for (int k = 0; k < 6; k++)
        memset (picture.luma + (y + k) * 320 + x, luma, 8);
    }
    n_read += read_with (reader, &picture);
  }
  /* One cell in twenty rounds, two in the next: half, a quarter, .. */
  g_assert_cmpint (n_read, >, 25);
  g_assert_cmpint (n_read, <, 75);
}

/* The upper part of one picture and the lower part of the next, torn where
 * the cells of the two differ above and below. */
static void
test_torn (void)
{
  g_autoptr (FoyerMarkReader) reader = foyer_mark_reader_new ();

  for (int y = 18; y < 27; y++) {
    g_auto (FoyerTestPicture) upper = { NULL };
    g_auto (FoyerTestPicture) lower = { NULL };
    FoyerMark next = known;

    next.number++;
    next.capture_time_ns += 33333333;
    foyer_test_picture_init (&upper, 320, 180, 90);
    foyer_test_picture_init (&lower, 320, 180, 90);
    g_assert_true (foyer_mark_paint (&next, lower.luma, 320, 320, 180));
    g_assert_true (foyer_mark_paint (&known, upper.luma, 320, 320, 180));
    memcpy (upper.luma + 320 * y, lower.luma + 320 * y,
        (gsize) (320 * (180 - y)));
    g_assert_false (read_with (reader, &upper));
  }
}

static void
test_tiny_pictures (void)
{
  for (int width = 1; width < 40; width++) {
    for (int height = 1; height < 40; height++) {
      g_auto (FoyerTestPicture) picture = { NULL };

      foyer_test_picture_init (&picture, width, height, 16);
      memset (picture.luma, 200, (gsize) (width * height) / 2);
      g_assert_false (read_once (&picture));
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mark-reader/place/sizes", test_sizes);
  g_test_add_func ("/mark-reader/place/packed-pixels", test_packed_pixels);
  g_test_add_func ("/mark-reader/place/scaled", test_scaled);
  g_test_add_func ("/mark-reader/place/boxed", test_boxed);
  g_test_add_func ("/mark-reader/filmed/anywhere", test_filmed_anywhere);
  g_test_add_func ("/mark-reader/filmed/turned", test_filmed_turned);
  g_test_add_func ("/mark-reader/filmed/askew", test_filmed_askew);
  g_test_add_func ("/mark-reader/filmed/badly", test_filmed_badly);
  g_test_add_func ("/mark-reader/quality/noise", test_noise);
  g_test_add_func ("/mark-reader/quality/tones", test_tones);
  g_test_add_func ("/mark-reader/quality/too-faint", test_too_faint);
  g_test_add_func ("/mark-reader/video/follows", test_follows);
  g_test_add_func ("/mark-reader/video/new-size", test_new_size);
  g_test_add_func ("/mark-reader/wrong/no-mark", test_no_mark);
  g_test_add_func ("/mark-reader/wrong/damaged", test_damaged);
  g_test_add_func ("/mark-reader/wrong/torn", test_torn);
  g_test_add_func ("/mark-reader/wrong/tiny-pictures", test_tiny_pictures);
  return g_test_run ();
}
