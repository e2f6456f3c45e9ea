/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-web-mp4.h"

G_BEGIN_DECLS

/* Sound that waits to be put into the next piece of a reel. Pure; it holds sound of
 * a camera, no more than FOYER_WEB_SOUND_BYTES of it, and wipes what goes. */

#define FOYER_WEB_SOUND_HZ      48000
#define FOYER_WEB_SOUND_TICKS   1024 /* of a packet of AAC */
#define FOYER_WEB_SOUND_BYTES   (64 * 1024)
#define FOYER_WEB_SOUND_PACKETS 128

/* Zeroed before the first. */
typedef struct
{
  guint8 data[FOYER_WEB_SOUND_BYTES];
  gsize n_bytes;
  FoyerWebSample samples[FOYER_WEB_SOUND_PACKETS];
  gint64 times_us[FOYER_WEB_SOUND_PACKETS];
  guint n_samples;
  guint64 next_ticks; /* where what was taken ends; 0 for nowhere */
  gint64 last_us;     /* of the newest that came */
} FoyerWebSound;

/**
 * foyer_web_sound_push:
 * @self: sound
 * @data: (array length=n_bytes): a packet of AAC; copied
 * @n_bytes: its length
 * @capture_us: when it was taken, monotonic
 *
 * What nobody takes makes room for what comes.
 *
 * Returns: %FALSE if it is not later than the last, or too large
 */
gboolean foyer_web_sound_push (FoyerWebSound *self, const guint8 *data,
    gsize n_bytes, gint64 capture_us);

/**
 * foyer_web_sound_take:
 * @self: sound
 * @origin_us: when tick 0 is; what is from before goes
 * @end_us: what was taken from then on stays
 * @out: (out caller-allocates): the rest, until foyer_web_sound_drop(): none may be
 *
 * Where one packet follows on the other they have no gap, however roughly their times
 * say so.
 *
 * Returns: how many packets foyer_web_sound_drop() is to be told
 */
guint foyer_web_sound_take (FoyerWebSound *self, gint64 origin_us,
    gint64 end_us, FoyerWebSamples *out);

/* Wipes the oldest @n_packets. */
void foyer_web_sound_drop (FoyerWebSound *self, guint n_packets);

/* Wipes all. */
void foyer_web_sound_wipe (FoyerWebSound *self);

/* (transfer full): the AudioSpecificConfig: ISO/IEC 14496-3 §1.6.2.1, LC */
GBytes *foyer_web_sound_make_config (guint n_channels);

G_END_DECLS
