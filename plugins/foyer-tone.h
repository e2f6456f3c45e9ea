/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The mark in sound, for demo and tests: silence, and at each full second of the
 * time of capture a tone of two halves, the first of which says which second that
 * was, the second which camera hears it, both modulo 16. With the mark in pictures
 * (foyer-mark.h), which tells their time of capture, it tells how far sound and
 * picture are apart. Pure. */

#define FOYER_TONE_HZ      48000
#define FOYER_TONE_NUMBERS 16
#define FOYER_TONE_HALF_MS 40

/**
 * foyer_tone_draw:
 * @samples: (out caller-allocates) (array length=n_samples): mono, 16 bits
 * @n_samples: at %FOYER_TONE_HZ
 * @capture_ns: when the first of them was captured, monotonic
 * @camera: number of the camera
 */
void foyer_tone_draw (gint16 *samples, gsize n_samples, guint64 capture_ns,
    guint camera);

/**
 * FoyerTone:
 * @at: which sample of all that were fed was its first
 * @second: when it was captured, in seconds modulo %FOYER_TONE_NUMBERS
 * @camera: number of the camera, likewise
 * @purity: how much of its less pure half was at the frequency that was read there,
 *   from 0 to 1: little in noise, which a finder takes for a tone if it is loud
 *
 * A tone that was heard.
 */
typedef struct
{
  guint64 at;
  guint second;
  guint camera;
  double purity;
} FoyerTone;

/* What has been heard since the last tone; zeroed to begin. */
typedef struct
{
  guint64 n_fed;
  guint64 at; /* of the tone under way */
  guint n_quiet;
  guint n_kept; /* of a tone under way; 0 for none */
  gint16 kept[2 * FOYER_TONE_HALF_MS * FOYER_TONE_HZ / 1000];
  guint n_window;
  gint64 energy; /* of the window under way */
} FoyerToneFinder;

/**
 * foyer_tone_finder_feed:
 * @self: a finder
 * @sample: the next one, mono
 * @tone: (out caller-allocates): what was heard, if something was
 *
 * Returns: %TRUE with the last sample of a tone
 */
gboolean foyer_tone_finder_feed (FoyerToneFinder *self, gint16 sample,
    FoyerTone *tone);

G_END_DECLS
