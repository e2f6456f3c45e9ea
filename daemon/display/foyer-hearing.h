/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>
#include <stdio.h>

G_BEGIN_DECLS

/* The sound of a software display: Opus that comes is counted, then played, or
 * decoded at its time and listened to for the marks of drawn microphones, or thrown
 * away. */

typedef struct _FoyerHearing FoyerHearing;

/**
 * foyer_hearing_new:
 * @is_played: aloud
 * @sounds: (nullable) (transfer none): where a line for each tone goes, unless it is
 *   played
 *
 * Returns: (transfer full): hearing without sound yet
 */
FoyerHearing *foyer_hearing_new (gboolean is_played, FILE *sounds);

/* Takes the sound of @pad to its end in @pipeline; once. */
void foyer_hearing_take (FoyerHearing *self, GstBin *pipeline, GstPad *pad);

/* What comes from now on is of that session. Any thread. */
void foyer_hearing_begin (FoyerHearing *self, guint64 session);

/* Packets that came since the beginning, and their bytes. Any thread. */
void foyer_hearing_get_figures (FoyerHearing *self, guint64 *n_packets,
    guint64 *n_bytes);

/* (transfer full) (nullable): when its pipeline has ended */
void foyer_hearing_free (FoyerHearing *self);

G_END_DECLS
