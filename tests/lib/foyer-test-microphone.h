/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-pcm.h"

G_BEGIN_DECLS

/* A microphone that is made up, as the ioctls of ALSA show one: it hears the tones of a
 * drawn camera, mono, with %FOYER_TONE_HZ. Asked on the main thread, then on a
 * streaming thread. */

/* It wakes its reader in steps of this. */
#define FOYER_TEST_MICROPHONE_STEP_NS 20000000

/**
 * FoyerTestMicrophone:
 * @camera: which camera its tones tell of
 * @percent: of the rate that it says
 * @is_gone: atomic: it was pulled out
 * @is_muted: atomic: it gives zeros
 * @n_overrun: so many reads find its ring run over
 * @n_starts: atomic: how often it was started
 * @n_stops: atomic
 * @start_us: since when it captures
 * @n_given: frames that were read since then
 */
typedef struct
{
  guint camera;
  guint percent;
  gint is_gone;
  gint is_muted;
  guint n_overrun;
  gint n_starts;
  gint n_stops;
  gint64 start_us;
  guint64 n_given;
} FoyerTestMicrophone;

/* Honest, for that camera. */
void foyer_test_microphone_init (FoyerTestMicrophone *self, guint camera);

/* How it is asked; without a descriptor. */
FoyerPcm foyer_test_microphone_get_pcm (FoyerTestMicrophone *self);

/* A descriptor of one that wakes its reader, or never does; the caller's. */
int foyer_test_microphone_open (gboolean wakes);

G_END_DECLS
