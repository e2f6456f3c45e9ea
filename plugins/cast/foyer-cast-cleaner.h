/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-channel.h"

G_BEGIN_DECLS

/* Ends an app session that another connection left behind, over a channel that
 * somebody else owns and feeds. It launches nothing and touches nothing else. */

typedef struct _FoyerCastCleaner FoyerCastCleaner;

/**
 * FoyerCastCleanerCallbacks:
 * @on_cleaned: the app session does not run; it did if @was_running
 * @on_failed: the display has not said so in time: %FOYER_CAST_ERROR_TIMED_OUT
 *
 * On the thread; once one of the two, never from within _new.
 */
typedef struct
{
  void (*on_cleaned) (gboolean was_running, gpointer user_data);
  void (*on_failed) (const GError *error, gpointer user_data);
} FoyerCastCleanerCallbacks;

/**
 * foyer_cast_cleaner_new:
 * @thread: (transfer none): where it lives
 * @channel: (transfer none): open and authenticated; must outlive it
 * @session_id: the app session
 * @callbacks: copied
 * @user_data: for them
 *
 * Returns: (transfer full): the conversation, begun
 */
FoyerCastCleaner *foyer_cast_cleaner_new (FoyerCastThread *thread,
    FoyerCastChannel *channel, const char *session_id,
    const FoyerCastCleanerCallbacks *callbacks, gpointer user_data);

/**
 * foyer_cast_cleaner_take:
 * @self: a conversation
 * @message: of the receiver or connection namespace
 *
 * May call back.
 *
 * Returns: %FALSE if it was malformed
 */
gboolean foyer_cast_cleaner_take (FoyerCastCleaner *self,
    const FoyerCastMessage *message);

/* (transfer full) (nullable): closes the virtual connection */
void foyer_cast_cleaner_free (FoyerCastCleaner *self);

G_END_DECLS
