/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-marks.h"

#include <gst/gst.h>

/* The mark through real codecs at 300 kbit/s. At least 99.9 % of the decoded
 * pictures are readable, and none is read wrong. */

#define SMALL     "video/x-raw,width=320,height=180"
#define TO_SMALL  " ! videoscale ! " SMALL
#define BUSY      "zone-plate kx2=20 ky2=20 kt=1"
#define MIN_SHARE 999 /* of a thousand */

static void
assert_readable (const FoyerTestMarks *marks, guint n_pictures)
{
  /* An encoder may drop pictures, but not most of them. */
  g_assert_cmpuint (marks->n_pictures, >=, n_pictures / 2);
  g_assert_cmpuint (marks->n_pictures, <=, n_pictures);
  g_assert_cmpuint (marks->n_readable * 1000, >=,
      marks->n_pictures * MIN_SHARE);
  g_assert_cmpuint (marks->n_wrong, ==, 0);
}

static void
check (const char *scene, int width, int height, guint n_pictures,
    const char *middle)
{
  FoyerTestMarks marks = { 0 };

  foyer_test_marks_run (&marks, scene, width, height, n_pictures, 40000,
      middle);
  assert_readable (&marks, n_pictures);
}

static void
test_h264_small (void)
{
  check ("ball", 320, 180, 1000, FOYER_TEST_MARKS_H264);
  check (BUSY, 320, 180, 1000, FOYER_TEST_MARKS_H264);
}

static void
test_vp8_small (void)
{
  check ("ball", 320, 180, 1000, FOYER_TEST_MARKS_VP8);
  check (BUSY, 320, 180, 1000, FOYER_TEST_MARKS_VP8);
}

static void
test_h264_scaled (void)
{
  check ("ball", 1280, 720, 150, FOYER_TEST_MARKS_H264 TO_SMALL);
  check (BUSY, 640, 360, 300, FOYER_TEST_MARKS_H264 TO_SMALL);
}

static void
test_vp8_scaled (void)
{
  check ("ball", 1280, 720, 150, FOYER_TEST_MARKS_VP8 TO_SMALL);
  check (BUSY, 640, 360, 300, FOYER_TEST_MARKS_VP8 TO_SMALL);
}

/* A picture of 4:3 on a display of 16:9. */
static void
test_pillarboxed (void)
{
  check ("ball", 640, 480, 300,
      "videoscale add-borders=true ! "
      "video/x-raw,width=640,height=360,pixel-aspect-ratio=1/1 ! " FOYER_TEST_MARKS_H264
          TO_SMALL);
  check ("ball", 640, 480, 300,
      "videoscale add-borders=true ! "
      "video/x-raw,width=640,height=360,pixel-aspect-ratio=1/1 ! " FOYER_TEST_MARKS_VP8
          TO_SMALL);
}

/* A picture of 21:9 on a display of 16:9. */
static void
test_letterboxed (void)
{
  check ("ball", 840, 360, 300,
      "videoscale add-borders=true ! "
      "video/x-raw,width=640,height=360,pixel-aspect-ratio=1/1 ! " FOYER_TEST_MARKS_H264
          TO_SMALL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  foyer_test_marks_init ();
  g_test_add_func ("/mark-codecs/h264/small", test_h264_small);
  g_test_add_func ("/mark-codecs/h264/scaled", test_h264_scaled);
  g_test_add_func ("/mark-codecs/vp8/small", test_vp8_small);
  g_test_add_func ("/mark-codecs/vp8/scaled", test_vp8_scaled);
  g_test_add_func ("/mark-codecs/boxed/pillar", test_pillarboxed);
  g_test_add_func ("/mark-codecs/boxed/letter", test_letterboxed);
  return g_test_run ();
}
