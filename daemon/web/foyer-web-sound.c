/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-sound.h"

#include <string.h>

#define US         G_USEC_PER_SEC
#define NEAR_TICKS 480 /* ten milliseconds; half a packet is eleven */

#define OBJECT_LC  2u
#define INDEX_48   3u /* of 48 kHz */
#define MAX_PACKET 8192

static void
drop_bytes (FoyerWebSound *self, gsize n_bytes)
{
  gsize n_left = self->n_bytes - n_bytes;

  memmove (self->data, self->data + n_bytes, n_left);
  explicit_bzero (self->data + n_left, n_bytes);
  self->n_bytes = n_left;
}

void
foyer_web_sound_drop (FoyerWebSound *self, guint n_packets)
{
  guint n_gone = MIN (n_packets, self->n_samples);
  guint n_left = self->n_samples - n_gone;
  gsize n_bytes = 0;

  for (guint i = 0; i < n_gone; i++)
    n_bytes += self->samples[i].n_bytes;
  drop_bytes (self, n_bytes);
  memmove (self->samples, self->samples + n_gone,
      n_left * sizeof self->samples[0]);
  memmove (self->times_us, self->times_us + n_gone,
      n_left * sizeof self->times_us[0]);
  self->n_samples = n_left;
}

gboolean
foyer_web_sound_push (FoyerWebSound *self, const guint8 *data, gsize n_bytes,
    gint64 capture_us)
{
  if (n_bytes == 0 || n_bytes > MAX_PACKET || capture_us <= self->last_us)
    return FALSE;
  while (self->n_samples == FOYER_WEB_SOUND_PACKETS ||
      self->n_bytes + n_bytes > FOYER_WEB_SOUND_BYTES)
    foyer_web_sound_drop (self, 1);
  memcpy (self->data + self->n_bytes, data, n_bytes);
  self->n_bytes += n_bytes;
  self->samples[self->n_samples] = (FoyerWebSample){
    .n_bytes = (guint32) n_bytes,
    .n_ticks = FOYER_WEB_SOUND_TICKS,
    .is_key = TRUE,
  };
  self->times_us[self->n_samples++] = capture_us;
  self->last_us = capture_us;
  return TRUE;
}

/* Where a packet begins that follows what ends at @ticks: there, unless its time says
 * that something is missing between. */
static guint64
follow (guint64 ticks, gint64 since_us)
{
  guint64 exact = (guint64) since_us * FOYER_WEB_SOUND_HZ / US;

  return exact > ticks + NEAR_TICKS ? exact : ticks;
}

guint
foyer_web_sound_take (FoyerWebSound *self, gint64 origin_us, gint64 end_us,
    FoyerWebSamples *out)
{
  guint first = 0, last;
  gsize n_skipped = 0;
  guint64 ticks;

  while (first < self->n_samples && self->times_us[first] < origin_us)
    n_skipped += self->samples[first++].n_bytes;
  last = first;
  while (last < self->n_samples && self->times_us[last] < end_us)
    last++;
  *out = (FoyerWebSamples){ .samples = self->samples + first,
    .n_samples = last - first,
    .data = self->data + n_skipped };
  if (first == last)
    return last;
  ticks = follow (self->next_ticks, self->times_us[first] - origin_us);
  out->start_ticks = ticks;
  for (guint i = first; i < last; i++) {
    guint64 next = ticks + FOYER_WEB_SOUND_TICKS;

    if (i + 1 < last)
      next = follow (next, self->times_us[i + 1] - origin_us);
    self->samples[i].n_ticks = (guint32) (next - ticks);
    ticks = next;
  }
  self->next_ticks = ticks;
  return last;
}

void
foyer_web_sound_wipe (FoyerWebSound *self)
{
  foyer_web_sound_drop (self, self->n_samples);
}

GBytes *
foyer_web_sound_make_config (guint n_channels)
{
  const guint bits = OBJECT_LC << 11 | INDEX_48 << 7 | (n_channels & 0xf) << 3;
  const guint8 config[] = { (guint8) (bits >> 8), (guint8) bits };

  return g_bytes_new (config, sizeof config);
}
