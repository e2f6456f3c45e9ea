/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tone.h"

#include <math.h>
#include <string.h>

#define NS_PER_S  G_GUINT64_CONSTANT (1000000000)
#define HALF      (FOYER_TONE_HALF_MS * FOYER_TONE_HZ / 1000)
#define FIRST_HZ  1000
#define STEP_HZ   250 /* ten times what half a tone can tell apart */
#define LOUD      8000
#define WINDOW    48   /* a millisecond */
#define THRESHOLD 1000 /* of a sample, on average */
#define QUIET     100  /* windows between two tones */

static double
get_hz (guint number)
{
  return FIRST_HZ + STEP_HZ * (number % FOYER_TONE_NUMBERS);
}

void
foyer_tone_draw (gint16 *samples, gsize n_samples, guint64 capture_ns,
    guint camera)
{
  guint64 first = capture_ns / NS_PER_S * FOYER_TONE_HZ +
      capture_ns % NS_PER_S * FOYER_TONE_HZ / NS_PER_S;

  for (gsize i = 0; i < n_samples; i++) {
    guint64 second = (first + i) / FOYER_TONE_HZ;
    guint at = (guint) ((first + i) % FOYER_TONE_HZ);
    double hz = get_hz (
        at < HALF ? (guint) (second % FOYER_TONE_NUMBERS) : camera);

    samples[i] = at < 2 * HALF
        ? (gint16) lrint (LOUD * sin (2 * G_PI * hz * at / FOYER_TONE_HZ))
        : 0;
  }
}

/* How much of a tone is in there: Goertzel's algorithm. */
static double
measure (const gint16 *samples, guint n_samples, double hz)
{
  double factor = 2 * cos (2 * G_PI * hz / FOYER_TONE_HZ);
  double last = 0, before = 0;

  for (guint i = 0; i < n_samples; i++) {
    double now = samples[i] + factor * last - before;

    before = last;
    last = now;
  }
  return last * last + before * before - factor * last * before;
}

/* How much all of it is, by the same measure. */
static double
measure_all (const gint16 *samples, guint n_samples)
{
  double energy = 0;

  for (guint i = 0; i < n_samples; i++)
    energy += samples[i] * (double) samples[i];
  return energy * n_samples / 2;
}

/* From the middle of a half: where it begins and ends codecs blur it. @purity: the
 * lesser of what it was and is here. */
static guint
find_number (const gint16 *half, double *purity)
{
  double all = measure_all (half + HALF / 4, HALF / 2);
  guint best = 0;
  double most = -1;

  for (guint i = 0; i < FOYER_TONE_NUMBERS; i++) {
    double much = measure (half + HALF / 4, HALF / 2, get_hz (i));

    if (much > most) {
      most = much;
      best = i;
    }
  }
  *purity = all > 0 ? MIN (*purity, most / all) : 0;
  return best;
}

/* A window is over. */
static void
listen (FoyerToneFinder *self)
{
  gboolean is_loud = self->energy > (gint64) THRESHOLD * THRESHOLD * WINDOW;

  if (is_loud && self->n_quiet >= QUIET) {
    self->at = self->n_fed - WINDOW;
    self->n_kept = 1;
  }
  self->n_quiet = is_loud ? 0 : self->n_quiet + 1;
  self->n_window = 0;
  self->energy = 0;
}

gboolean
foyer_tone_finder_feed (FoyerToneFinder *self, gint16 sample, FoyerTone *tone)
{
  self->n_fed++;
  if (self->n_kept > 0)
    self->kept[self->n_kept++ - 1] = sample;
  if (self->n_kept > 2 * HALF) {
    *tone = (FoyerTone){ .at = self->at, .purity = 1 };
    tone->second = find_number (self->kept, &tone->purity);
    tone->camera = find_number (self->kept + HALF, &tone->purity);
    self->n_kept = 0;
    self->n_quiet = 0;
    return TRUE;
  }
  self->energy += (gint64) sample * sample;
  if (++self->n_window == WINDOW)
    listen (self);
  return FALSE;
}
