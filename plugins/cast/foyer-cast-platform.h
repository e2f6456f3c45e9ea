/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-channel.h"

G_BEGIN_DECLS

/* What a sender has to say to a display's platform, receiver-0: that an
 * app be launched, watched and stopped. It speaks over a channel that
 * somebody else owns and feeds. */

typedef struct _FoyerCastPlatform FoyerCastPlatform;

/**
 * FoyerCastPlatformCallbacks:
 * @on_launched: the app runs; @transport_id is its address
 * @on_failed: it could not be launched (%FOYER_CAST_ERROR_LAUNCH, _NO_APP or
 *   _TIMED_OUT), or it ran and does not any more (%FOYER_CAST_ERROR_APP_ENDED)
 * @on_stopped: after _stop: the app is gone, or there was none
 *
 * On the thread, never from within a call of the owner's other than _take.
 */
typedef struct
{
  void (*on_launched) (const char *transport_id, gpointer user_data);
  void (*on_failed) (const GError *error, gpointer user_data);
  void (*on_stopped) (gpointer user_data);
} FoyerCastPlatformCallbacks;

/**
 * foyer_cast_platform_new:
 * @thread: (transfer none): where it lives
 * @channel: (transfer none): open and authenticated; must outlive it
 * @app_id: static: which app to launch
 * @callbacks: copied
 * @user_data: for them
 *
 * Connects to the platform and launches the app.
 *
 * Returns: (transfer full): the conversation
 */
FoyerCastPlatform *foyer_cast_platform_new (FoyerCastThread *thread,
    FoyerCastChannel *channel, const char *app_id,
    const FoyerCastPlatformCallbacks *callbacks, gpointer user_data);

/* (nullable): the app's session, once it was launched */
const char *foyer_cast_platform_get_session_id (const FoyerCastPlatform *self);

/* (nullable): the app's address, while it runs */
const char *foyer_cast_platform_get_transport_id (
    const FoyerCastPlatform *self);

/**
 * foyer_cast_platform_take:
 * @self: a conversation
 * @message: of the receiver or connection namespace
 *
 * May call back.
 *
 * Returns: %FALSE if it was malformed
 */
gboolean foyer_cast_platform_take (FoyerCastPlatform *self,
    const FoyerCastMessage *message);

/* Says @text in @name_space to the app, if it runs. */
void foyer_cast_platform_tell_app (FoyerCastPlatform *self,
    const char *name_space, const char *text);

/* The display's volume: @level 0.0…1.0. What it makes of it is not asked. */
void foyer_cast_platform_set_volume (FoyerCastPlatform *self, double level);
void foyer_cast_platform_set_muted (FoyerCastPlatform *self, gboolean is_muted);

/**
 * foyer_cast_platform_stop:
 * @self: a conversation
 *
 * Stops the app.
 *
 * Returns: %TRUE if on_stopped is to be waited for
 */
gboolean foyer_cast_platform_stop (FoyerCastPlatform *self);

/* (transfer full) (nullable): closes the virtual connections */
void foyer_cast_platform_free (FoyerCastPlatform *self);

G_END_DECLS
