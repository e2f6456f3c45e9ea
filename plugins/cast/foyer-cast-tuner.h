/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-channel.h"
#include "foyer-cast-volume.h"

G_BEGIN_DECLS

/* Asks a display how loud it is, or sets that, over a channel that somebody else
 * owns and feeds. It launches nothing and stops nothing. */

typedef struct _FoyerCastTuner FoyerCastTuner;

/**
 * FoyerCastTunerCallbacks:
 * @on_tuned: what the display says now
 * @on_failed: it would not say: %FOYER_CAST_ERROR_TIMED_OUT
 *
 * On the thread; once one of the two, never from within _new.
 */
typedef struct
{
  void (*on_tuned) (double level, gboolean is_muted, gpointer user_data);
  void (*on_failed) (const GError *error, gpointer user_data);
} FoyerCastTunerCallbacks;

/**
 * foyer_cast_tuner_new:
 * @thread: (transfer none): where it lives
 * @channel: (transfer none): open and authenticated; must outlive it
 * @change: what is to be
 * @callbacks: copied
 * @user_data: for them
 *
 * Returns: (transfer full): the conversation, begun
 */
FoyerCastTuner *foyer_cast_tuner_new (FoyerCastThread *thread,
    FoyerCastChannel *channel, const FoyerCastVolumeChange *change,
    const FoyerCastTunerCallbacks *callbacks, gpointer user_data);

/* A message of the receiver or connection namespace; may call back. %FALSE if it was
 * malformed. */
gboolean foyer_cast_tuner_take (FoyerCastTuner *self,
    const FoyerCastMessage *message);

/* (transfer full) (nullable): closes the virtual connection */
void foyer_cast_tuner_free (FoyerCastTuner *self);

G_END_DECLS
