/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-tone.h"

G_BEGIN_DECLS

/* Hears the marks in what is played (foyer-tone.h), and when that was. Pure. One
 * thread. */

#define FOYER_EAR_BUFFERS 64

/* When a buffer was played, and which sample it begins with. */
typedef struct
{
  guint64 at;
  guint64 played_ns;
} FoyerEarBuffer;

/* Zeroed before the first. */
typedef struct
{
  FoyerToneFinder finder;
  FoyerEarBuffer buffers[FOYER_EAR_BUFFERS];
  guint n_buffers;
} FoyerEar;

/**
 * foyer_ear_play:
 * @self: an ear
 * @samples: (array length=n_samples): mono
 * @n_samples: at %FOYER_TONE_HZ
 * @played_ns: when the first of them is played, CLOCK_MONOTONIC
 * @session: number of the session
 *
 * Returns: (transfer full) (nullable): a line of JSON, without the end, for a tone
 *   that was heard
 */
char *foyer_ear_play (FoyerEar *self, const gint16 *samples, gsize n_samples,
    guint64 played_ns, guint64 session);

G_END_DECLS
