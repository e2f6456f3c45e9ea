/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-v4l2-choice.h"

#define RAW  FOYER_V4L2_FORMAT_RAW
#define JPEG FOYER_V4L2_FORMAT_MJPEG
#define H264 FOYER_V4L2_FORMAT_H264

#define MAX_MODES 5

typedef struct
{
  const char *name;
  FoyerV4l2Wish wish;
  FoyerV4l2Mode modes[MAX_MODES]; /* up to one without a format */
  int chosen;
} ChoiceCase;

/* clang-format off */
static const ChoiceCase choice_cases[] = {
  { "raw-rather-than-jpeg", { 640, 480, 30, 1, FALSE },
    { { JPEG, 0, 640, 480, 30, 1 }, { RAW, 0, 640, 480, 30, 1 } }, 1 },
  { "jpeg-where-raw-is-slow", { 1280, 720, 30, 1, FALSE },
    { { RAW, 0, 1280, 720, 10, 1 }, { RAW, 0, 640, 480, 30, 1 }, { JPEG, 0, 1280, 720, 30, 1 } }, 2 },
  { "smooth-rather-than-large", { 1280, 720, 30, 1, FALSE },
    { { RAW, 0, 1280, 720, 10, 1 }, { RAW, 0, 640, 360, 30, 1 } }, 1 },
  { "no-larger-than-wanted", { 640, 480, 30, 1, FALSE },
    { { RAW, 0, 1920, 1080, 30, 1 }, { RAW, 0, 640, 480, 30, 1 }, { RAW, 0, 320, 240, 30, 1 } }, 1 },
  { "no-faster-than-wanted", { 640, 480, 15, 1, FALSE },
    { { RAW, 0, 640, 480, 60, 1 }, { RAW, 0, 640, 480, 15, 1 }, { RAW, 0, 640, 480, 5, 1 } }, 1 },
  { "h264-goes-on", { 1280, 720, 30, 1, TRUE },
    { { RAW, 0, 1280, 720, 30, 1 }, { H264, 0, 1280, 720, 30, 1 } }, 1 },
  { "h264-not-taken", { 1280, 720, 30, 1, FALSE },
    { { H264, 0, 1280, 720, 30, 1 }, { JPEG, 0, 1280, 720, 30, 1 } }, 1 },
  { "h264-too-large", { 640, 480, 30, 1, TRUE },
    { { H264, 0, 1280, 720, 30, 1 }, { JPEG, 0, 640, 480, 30, 1 } }, 1 },
  { "h264-for-want-of-better", { 640, 480, 30, 1, FALSE },
    { { H264, 0, 640, 480, 30, 1 } }, 0 },
  { "rate-not-said", { 640, 480, 30, 1, FALSE },
    { { RAW, 0, 640, 480, 0, 1 }, { JPEG, 0, 640, 480, 30, 1 }, { RAW, 0, 640, 480, 10, 1 } }, 1 },
  { "rate-of-ntsc", { 640, 480, 30000, 1001, FALSE },
    { { RAW, 0, 640, 480, 30, 1 }, { RAW, 0, 640, 480, 30000, 1001 } }, 1 },
  { "first-of-equals", { 640, 480, 30, 1, FALSE },
    { { RAW, 1, 640, 480, 30, 1 }, { RAW, 2, 640, 480, 30, 1 } }, 0 },
};
/* clang-format on */

static void
test_choice (gconstpointer data)
{
  const ChoiceCase *c = data;
  g_autoptr (GArray) modes = g_array_new (FALSE, FALSE, sizeof (FoyerV4l2Mode));
  const FoyerV4l2Mode *chosen;

  for (int i = 0; i < MAX_MODES && c->modes[i].format != 0; i++)
    g_array_append_vals (modes, &c->modes[i], 1);
  chosen = foyer_v4l2_choose (modes, &c->wish);
  g_assert_nonnull (chosen);
  g_assert_cmpint (chosen - &g_array_index (modes, FoyerV4l2Mode, 0), ==,
      c->chosen);
}

static void
test_choice_of_none (void)
{
  g_autoptr (GArray) modes = g_array_new (FALSE, FALSE, sizeof (FoyerV4l2Mode));
  FoyerV4l2Wish wish = { 640, 480, 30, 1, FALSE };

  g_assert_null (foyer_v4l2_choose (modes, &wish));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (choice_cases); i++) {
    g_autofree char *path = g_strconcat ("/v4l2-choice/", choice_cases[i].name,
        NULL);

    g_test_add_data_func (path, &choice_cases[i], test_choice);
  }
  g_test_add_func ("/v4l2-choice/none", test_choice_of_none);
  return g_test_run ();
}
