/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-fit.h"

#define MS G_GINT64_CONSTANT (1000000)

typedef struct
{
  const char *name;
  FoyerCastPicture input;
  FoyerCastFitLimits limits;
  FoyerCastPicture fitted;
} FitCase;

/* clang-format off */
static const FitCase fit_cases[] = {
  { "nothing-said", { 1280, 720, 1, 1, 30, 1 }, { 0 }, { 1280, 720, 1, 1, 30, 1 } },
  { "nothing-said-large", { 1920, 1080, 1, 1, 60, 1 }, { 0 }, { 1280, 720, 1, 1, 30, 1 } },
  { "never-larger", { 640, 480, 1, 1, 15, 1 }, { 1920, 1080, FALSE, 60, 1 }, { 640, 480, 1, 1, 15, 1 } },
  { "full-hd", { 1920, 1080, 1, 1, 30, 1 }, { 1920, 1080, FALSE, 60, 1 }, { 1920, 1080, 1, 1, 30, 1 } },
  { "four-by-three", { 1600, 1200, 1, 1, 30, 1 }, { 1280, 720, FALSE, 30, 1 }, { 960, 720, 1, 1, 30, 1 } },
  { "four-by-three-fixed", { 640, 480, 1, 1, 30, 1 }, { 1280, 720, TRUE, 30, 1 }, { 1280, 720, 1, 1, 30, 1 } },
  { "fixed-odd", { 640, 480, 1, 1, 30, 1 }, { 1281, 721, TRUE, 30, 1 }, { 1280, 720, 1, 1, 30, 1 } },
  { "portrait", { 720, 1280, 1, 1, 30, 1 }, { 1280, 720, FALSE, 30, 1 }, { 404, 720, 1, 1, 30, 1 } },
  { "odd", { 641, 481, 1, 1, 30, 1 }, { 0 }, { 640, 480, 1, 1, 30, 1 } },
  { "tiny", { 1, 1, 1, 1, 30, 1 }, { 0 }, { 2, 2, 1, 1, 30, 1 } },
  { "wide-pixels", { 720, 576, 16, 15, 25, 1 }, { 0 }, { 720, 540, 1, 1, 25, 1 } },
  { "narrow-pixels", { 720, 480, 8, 9, 30000, 1001 }, { 0 }, { 640, 480, 1, 1, 30000, 1001 } },
  { "no-pixel-shape", { 640, 480, 0, 0, 30, 1 }, { 0 }, { 640, 480, 1, 1, 30, 1 } },
  { "varying-rate", { 640, 480, 1, 1, 0, 1 }, { 0 }, { 640, 480, 1, 1, 30, 1 } },
  { "slow-display", { 640, 480, 1, 1, 30, 1 }, { 1280, 720, FALSE, 30000, 1001 }, { 640, 480, 1, 1, 30000, 1001 } },
  { "pixel-rate", { 1280, 720, 1, 1, 30, 1 }, { 1280, 720, FALSE, 30, 1, 640 * 360 * 30 }, { 640, 360, 1, 1, 30, 1 } },
  { "pixel-rate-absurd", { 1280, 720, 1, 1, 30, 1 }, { 1280, 720, FALSE, 30, 1, 1 }, { 16, 8, 1, 1, 30, 1 } },
  { "half-said", { 1920, 1080, 1, 1, 30, 1 }, { 1920, 0, TRUE, 30, 0 }, { 1280, 720, 1, 1, 30, 1 } },
};
/* clang-format on */

static void
test_fit_case (gconstpointer data)
{
  const FitCase *c = data;
  FoyerCastPicture fitted = { 0 };

  g_assert_true (foyer_cast_fit (&c->input, &c->limits, &fitted));
  g_assert_cmpuint (fitted.width_px, ==, c->fitted.width_px);
  g_assert_cmpuint (fitted.height_px, ==, c->fitted.height_px);
  g_assert_cmpuint (fitted.par_n, ==, 1);
  g_assert_cmpuint (fitted.par_d, ==, 1);
  g_assert_cmpuint (fitted.fps_n, ==, c->fitted.fps_n);
  g_assert_cmpuint (fitted.fps_d, ==, c->fitted.fps_d);
}

static void
test_fit_empty (void)
{
  const FoyerCastPicture inputs[] = { { 0, 480, 1, 1, 30, 1 },
    { 640, 0, 1, 1, 30, 1 } };
  FoyerCastFitLimits limits = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (inputs); i++) {
    FoyerCastPicture fitted;

    g_assert_false (foyer_cast_fit (&inputs[i], &limits, &fitted));
  }
}

/* Whatever the shape: even, inside the limits, not larger than it came. */
static void
test_fit_every_size (void)
{
  FoyerCastFitLimits limits = { 1280, 720, FALSE, 30, 1, 0 };

  for (guint width_px = 2; width_px < 4000; width_px += 37)
    for (guint height_px = 2; height_px < 3000; height_px += 41) {
      FoyerCastPicture input = { width_px, height_px, 1, 1, 30, 1 };
      FoyerCastPicture fitted;

      g_assert_true (foyer_cast_fit (&input, &limits, &fitted));
      g_assert_cmpuint (fitted.width_px % 2, ==, 0);
      g_assert_cmpuint (fitted.height_px % 2, ==, 0);
      g_assert_cmpuint (fitted.width_px, <=, MIN (1280, width_px));
      g_assert_cmpuint (fitted.height_px, <=, MIN (720, height_px));
      g_assert_cmpuint (fitted.width_px, >=, 2);
      g_assert_cmpuint (fitted.height_px, >=, 2);
    }
}

/* Frames let through out of @n_frames that come every @period_ns. */
static guint
count_accepted (FoyerCastThinner *thinner, guint n_frames, gint64 period_ns,
    gint64 jitter_ns)
{
  guint n_accepted = 0;

  for (guint i = 0; i < n_frames; i++)
    if (foyer_cast_thinner_accept (thinner,
            i * period_ns + (i % 2 == 0 ? 0 : jitter_ns)))
      n_accepted++;
  return n_accepted;
}

static void
test_thinner_halves (void)
{
  FoyerCastThinner thinner;

  foyer_cast_thinner_init (&thinner, 30, 1);
  g_assert_cmpuint (count_accepted (&thinner, 600, 1000 * MS / 60, 0), ==, 300);
}

static void
test_thinner_jitter (void)
{
  FoyerCastThinner thinner;

  foyer_cast_thinner_init (&thinner, 30, 1);
  g_assert_cmpuint (count_accepted (&thinner, 300, 1000 * MS / 30, -6 * MS), ==,
      300);
}

static void
test_thinner_third (void)
{
  FoyerCastThinner thinner;

  foyer_cast_thinner_init (&thinner, 20, 1);
  g_assert_cmpuint (count_accepted (&thinner, 300, 1000 * MS / 30, 0), ==, 200);
}

static void
test_thinner_no_limit (void)
{
  FoyerCastThinner thinner;

  foyer_cast_thinner_init (&thinner, 0, 1);
  g_assert_cmpuint (count_accepted (&thinner, 100, 1, 0), ==, 100);
}

static void
test_thinner_pause (void)
{
  FoyerCastThinner thinner;

  foyer_cast_thinner_init (&thinner, 10, 1);
  g_assert_true (foyer_cast_thinner_accept (&thinner, 0));
  /* Ten seconds of silence earn no burst. */
  g_assert_true (foyer_cast_thinner_accept (&thinner, 10000 * MS));
  g_assert_false (foyer_cast_thinner_accept (&thinner, 10020 * MS));
  g_assert_false (foyer_cast_thinner_accept (&thinner, 10040 * MS));
  g_assert_true (foyer_cast_thinner_accept (&thinner, 10100 * MS));
}

static void
test_thinner_step_back (void)
{
  FoyerCastThinner thinner;

  foyer_cast_thinner_init (&thinner, 10, 1);
  g_assert_true (foyer_cast_thinner_accept (&thinner, 10000 * MS));
  g_assert_true (foyer_cast_thinner_accept (&thinner, 0));
  g_assert_false (foyer_cast_thinner_accept (&thinner, 20 * MS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fit_cases); i++) {
    g_autofree char *path = g_strdup_printf ("/cast-fit/size/%s",
        fit_cases[i].name);

    g_test_add_data_func (path, &fit_cases[i], test_fit_case);
  }
  g_test_add_func ("/cast-fit/size/empty", test_fit_empty);
  g_test_add_func ("/cast-fit/size/every", test_fit_every_size);
  g_test_add_func ("/cast-fit/thinner/halves", test_thinner_halves);
  g_test_add_func ("/cast-fit/thinner/jitter", test_thinner_jitter);
  g_test_add_func ("/cast-fit/thinner/two-thirds", test_thinner_third);
  g_test_add_func ("/cast-fit/thinner/no-limit", test_thinner_no_limit);
  g_test_add_func ("/cast-fit/thinner/pause", test_thinner_pause);
  g_test_add_func ("/cast-fit/thinner/step-back", test_thinner_step_back);
  return g_test_run ();
}
