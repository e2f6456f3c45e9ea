/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-load.h"
#include "foyer-cast-platform.h"

G_BEGIN_DECLS

/* Keeps the player of an app that was launched playing: foyer-cast-player.h with
 * messages and time. On the thread. */

typedef struct _FoyerCastLoader FoyerCastLoader;

/**
 * FoyerCastLoaderCallbacks:
 * @on_playing: it plays, and fell so far behind since it began to
 * @on_url_wanted: it is to be loaded anew; @n_failed loads in a row failed
 * @on_failed: it can't be made to play, or somebody does not want it to
 *
 * The last two are the last thing that is done by who calls them.
 */
typedef struct
{
  void (*on_playing) (gint64 lag_us, gpointer user_data);
  void (*on_url_wanted) (guint n_failed, gpointer user_data);
  void (*on_failed) (const GError *error, gpointer user_data);
} FoyerCastLoaderCallbacks;

/**
 * foyer_cast_loader_new:
 * @thread: (transfer none): where it lives
 * @platform: (transfer none): the app runs; must outlive it
 * @callbacks: copied
 * @user_data: for them
 *
 * Returns: (transfer full): it loads nothing yet
 */
FoyerCastLoader *foyer_cast_loader_new (FoyerCastThread *thread,
    FoyerCastPlatform *platform, const FoyerCastLoaderCallbacks *callbacks,
    gpointer user_data);

/* Plays it from now on. */
void foyer_cast_loader_load (FoyerCastLoader *self, const FoyerCastLoad *load);

/* @message: the app's, of the media namespace; %FALSE if it was malformed */
gboolean foyer_cast_loader_take (FoyerCastLoader *self,
    const FoyerCastMessage *message);

/* (transfer full) (nullable): says nothing more */
void foyer_cast_loader_free (FoyerCastLoader *self);

G_END_DECLS
