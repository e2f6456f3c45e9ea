/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-screen.h"

#include <gst/gst.h>
#include <stdio.h>

G_BEGIN_DECLS

/* One load of the media receiver's player: a pipeline that fetches what a URL names,
 * decodes it, reads the marks and shows each picture at its time. Used once. Main
 * thread, but for what pipelines call.
 *
 * Its end has two parts. It is off the picture at once; what fetches may still wait for
 * a server that says nothing, and ends on a thread of its own, on which nobody
 * waits. */

typedef struct _FoyerPlayback FoyerPlayback;

/**
 * FoyerPlaybackConfig:
 * @screen: (transfer none): shows the pictures; must live until its end
 * @has_sound: play it; else it is fetched and thrown away
 * @frames: (nullable) (transfer none): where a line for each picture goes; likewise
 * @number: of the load
 * @url: (transfer none): what to fetch
 */
typedef struct
{
  FoyerScreen *screen;
  gboolean has_sound;
  FILE *frames;
  guint64 number;
  const char *url;
} FoyerPlaybackConfig;

/* (transfer full) (nullable): one that does nothing yet; %NULL if GStreamer lacks
 * elements */
FoyerPlayback *foyer_playback_new (const FoyerPlaybackConfig *config);

/* Begins. @func hears errors and the end, until it returns %G_SOURCE_REMOVE. */
void foyer_playback_start (FoyerPlayback *self, GstBusFunc func,
    gpointer user_data);

/* Whether a picture was shown. */
gboolean foyer_playback_has_shown (FoyerPlayback *self);

/* Where it is, in nanoseconds; %FALSE if it doesn't know. */
gboolean foyer_playback_get_position (FoyerPlayback *self, gint64 *position_ns);

/* Holds the picture, or goes on. */
void foyer_playback_set_paused (FoyerPlayback *self, gboolean is_paused);

/* To a key frame near there, if what plays can be sought in. */
void foyer_playback_seek (FoyerPlayback *self, gint64 position_ns);

/**
 * foyer_playback_end:
 * @self: (transfer full): a playback
 * @ended: (transfer none): gets something pushed once nothing of it is left
 *
 * When this returns none of its pictures is shown any more, and it uses neither screen
 * nor file; what fetches ends when it can.
 */
void foyer_playback_end (FoyerPlayback *self, GAsyncQueue *ended);

G_END_DECLS
