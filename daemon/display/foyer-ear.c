/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ear.h"

#define NS_PER_S G_GUINT64_CONSTANT (1000000000)

static void
remember (FoyerEar *self, guint64 played_ns)
{
  self->buffers[self->n_buffers++ % FOYER_EAR_BUFFERS] = (FoyerEarBuffer){
    .at = self->finder.n_fed,
    .played_ns = played_ns,
  };
}

/* When that sample was played; 0 if its buffer is forgotten. */
static guint64
find_time_ns (const FoyerEar *self, guint64 at)
{
  const FoyerEarBuffer *best = NULL;

  for (guint i = 0; i < MIN (self->n_buffers, FOYER_EAR_BUFFERS); i++)
    if (self->buffers[i].at <= at &&
        (best == NULL || self->buffers[i].at >= best->at))
      best = &self->buffers[i];
  return best != NULL
      ? best->played_ns + (at - best->at) * NS_PER_S / FOYER_TONE_HZ
      : 0;
}

char *
foyer_ear_play (FoyerEar *self, const gint16 *samples, gsize n_samples,
    guint64 played_ns, guint64 session)
{
  FoyerTone tone = { 0 };
  gboolean is_heard = FALSE;

  remember (self, played_ns);
  for (gsize i = 0; i < n_samples; i++)
    if (foyer_tone_finder_feed (&self->finder, samples[i], &tone))
      is_heard = TRUE;
  if (!is_heard)
    return NULL;
  return g_strdup_printf (
      "{\"session\":%" G_GUINT64_FORMAT
      ",\"camera\":%u,\"second\":%u,\"heard_ns\":%" G_GUINT64_FORMAT "}",
      session, tone.camera, tone.second, find_time_ns (self, tone.at));
}
