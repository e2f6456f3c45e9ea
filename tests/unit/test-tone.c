/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tone.h"

#include <math.h>

/* The mark in sound. */

#define SECOND G_GUINT64_CONSTANT (1000000000)

static gint16 samples[4 * FOYER_TONE_HZ];

static guint
find (FoyerToneFinder *finder, gsize n_samples, FoyerTone *tones, guint n_most)
{
  guint n_tones = 0;
  FoyerTone tone;

  for (gsize i = 0; i < n_samples; i++)
    if (foyer_tone_finder_feed (finder, samples[i], &tone)) {
      g_assert_cmpuint (n_tones, <, n_most);
      tones[n_tones++] = tone;
    }
  return n_tones;
}

/* Each number of both kinds, and where the tone is. */
static void
test_numbers (void)
{
  for (guint i = 0; i < FOYER_TONE_NUMBERS; i++) {
    g_autofree FoyerToneFinder *finder = g_new0 (FoyerToneFinder, 1);
    guint64 first_ns = (1000 + i) * SECOND + SECOND / 4;
    FoyerTone tones[4];

    foyer_tone_draw (samples, G_N_ELEMENTS (samples), first_ns, i + 32);
    g_assert_cmpuint (find (finder, G_N_ELEMENTS (samples), tones, 4), ==, 4);
    for (guint k = 0; k < 4; k++) {
      gint64 at = FOYER_TONE_HZ * 3 / 4 + k * FOYER_TONE_HZ;

      g_assert_cmpfloat (tones[k].purity, >, 0.99);
      g_assert_cmpuint (tones[k].second, ==,
          (1000 + i + 1 + k) % FOYER_TONE_NUMBERS);
      g_assert_cmpuint (tones[k].camera, ==, i);
      g_assert_cmpint (ABS ((gint64) tones[k].at - at), <=,
          FOYER_TONE_HZ / 1000);
    }
  }
}

/* However it is cut into pieces it is the same. */
static void
test_pieces (void)
{
  static gint16 pieces[G_N_ELEMENTS (samples)];
  const gsize n_piece = 480;

  foyer_tone_draw (samples, G_N_ELEMENTS (samples), 5 * SECOND, 3);
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i += n_piece)
    foyer_tone_draw (pieces + i, n_piece, 5 * SECOND + i * SECOND / 48000, 3);
  g_assert_cmpmem (samples, sizeof samples, pieces, sizeof pieces);
}

/* Twenty decibels down, with noise. */
static void
test_faint (void)
{
  g_autofree FoyerToneFinder *finder = g_new0 (FoyerToneFinder, 1);
  guint32 noise = 1;
  FoyerTone tones[4];

  foyer_tone_draw (samples, G_N_ELEMENTS (samples), SECOND / 2, 9);
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++) {
    noise = noise * 1664525 + 1013904223;
    samples[i] = (gint16) (samples[i] / 4 + (gint16) (noise >> 24) - 128);
  }
  g_assert_cmpuint (find (finder, G_N_ELEMENTS (samples), tones, 4), ==, 4);
  g_assert_cmpuint (tones[0].second, ==, 1);
  g_assert_cmpuint (tones[0].camera, ==, 9);
}

/* Neither silence nor a sound that goes on for ever is a tone. */
static void
test_nothing (void)
{
  g_autofree FoyerToneFinder *finder = g_new0 (FoyerToneFinder, 1);
  FoyerTone tone;

  memset (samples, 0, sizeof samples);
  g_assert_cmpuint (find (finder, G_N_ELEMENTS (samples), &tone, 0), ==, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++)
    samples[i] = (gint16) (8000 * sin (2 * G_PI * 440 * (double) i / 48000));
  g_assert_cmpuint (find (finder, G_N_ELEMENTS (samples), &tone, 1), ==, 1);
  g_assert_cmpuint (find (finder, G_N_ELEMENTS (samples), &tone, 0), ==, 0);
}

/* Noise is loud, too. */
static void
test_noise (void)
{
  g_autofree FoyerToneFinder *finder = g_new0 (FoyerToneFinder, 1);
  guint32 noise = 1;
  FoyerTone tone;

  for (gsize i = 0; i < G_N_ELEMENTS (samples); i++) {
    noise = noise * 1664525 + 1013904223;
    samples[i] = i < FOYER_TONE_HZ ? 0 : (gint16) (noise >> 16);
  }
  g_assert_cmpuint (find (finder, G_N_ELEMENTS (samples), &tone, 1), ==, 1);
  g_assert_cmpfloat (tone.purity, <, 0.2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tone/numbers", test_numbers);
  g_test_add_func ("/tone/pieces", test_pieces);
  g_test_add_func ("/tone/faint", test_faint);
  g_test_add_func ("/tone/nothing", test_nothing);
  g_test_add_func ("/tone/noise", test_noise);
  return g_test_run ();
}
