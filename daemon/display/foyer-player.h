/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-load.h"
#include "foyer-screen.h"

#include <gst/gst.h>
#include <stdio.h>

G_BEGIN_DECLS

/* The player of the media receiver: whatever GStreamer can play of what a URL names.
 * Each load is a playback of its own, and the last picture goes with it. Main
 * thread. */

typedef struct _FoyerPlayer FoyerPlayer;

/**
 * FoyerPlayerReport:
 * @number: of what was loaded
 * @state: what it does; %FOYER_CAST_MEDIA_IDLE: it came to the end
 * @position_s: where it is
 * @problem: (nullable): why it can't play; @state says nothing then
 */
typedef struct
{
  guint64 number;
  FoyerCastMediaState state;
  double position_s;
  const char *problem;
} FoyerPlayerReport;

typedef void (
    *FoyerPlayerFunc) (const FoyerPlayerReport *report, gpointer user_data);

/**
 * foyer_player_new:
 * @screen: (transfer none): shows the pictures; must outlive it
 * @has_sound: play it; else it is fetched and thrown away
 * @frames: (nullable) (transfer none): where a line for each picture goes
 * @func: hears how it goes, four times a second and when something changes
 * @user_data: for it
 *
 * Returns: (transfer full): a player that plays nothing
 */
FoyerPlayer *foyer_player_new (FoyerScreen *screen, gboolean has_sound,
    FILE *frames, FoyerPlayerFunc func, gpointer user_data);

/* Does what foyercastsrc's message says. */
void foyer_player_take (FoyerPlayer *self, const GstStructure *wish);

/* (transfer full) (nullable): ends what plays */
void foyer_player_free (FoyerPlayer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerPlayer, foyer_player_free)

G_END_DECLS
