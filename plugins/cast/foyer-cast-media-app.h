/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-load.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A display's side of the media namespace: the Default Media Receiver's control.
 * Requests of senders and what the player does go in; what the player shall do and
 * messages to senders come out. Pure. The senders' half is foyer-cast-player.h.
 *
 * It takes URLs of http and https alone, and has one thing loaded at a time. */

typedef struct _FoyerCastMediaApp FoyerCastMediaApp;

typedef enum
{
  FOYER_CAST_MEDIA_WISH_NOTHING = 0,
  FOYER_CAST_MEDIA_WISH_LOAD, /* what _get_url() says, in place of what there is */
  FOYER_CAST_MEDIA_WISH_PLAY,
  FOYER_CAST_MEDIA_WISH_PAUSE,
  FOYER_CAST_MEDIA_WISH_SEEK, /* to what _get_seek_s() says */
  FOYER_CAST_MEDIA_WISH_STOP,
} FoyerCastMediaWish;

/* (transfer full): nothing is loaded */
FoyerCastMediaApp *foyer_cast_media_app_new (void);

/**
 * foyer_cast_media_app_take:
 * @self: an app
 * @message: (transfer none): of the media namespace; what has no requestId does
 *   nothing
 * @sender: who sent it
 *
 * Returns: what the player is to do
 */
FoyerCastMediaWish foyer_cast_media_app_take (FoyerCastMediaApp *self,
    JsonObject *message, const char *sender);

/**
 * foyer_cast_media_app_report:
 * @self: an app
 * @number: of what is loaded, as _get_number() said; another's does nothing
 * @state: what the player does; %FOYER_CAST_MEDIA_IDLE that it came to the end
 * @position_s: where it is
 */
void foyer_cast_media_app_report (FoyerCastMediaApp *self, guint64 number,
    FoyerCastMediaState state, double position_s);

/* The player can't play what is loaded; @code: one of detailedErrorCode, or 0. */
void foyer_cast_media_app_fail (FoyerCastMediaApp *self, guint64 number,
    gint64 code);

/* The app is over: nothing is loaded, nobody is told. */
void foyer_cast_media_app_reset (FoyerCastMediaApp *self);

/* Of what is loaded, for a wish to load or to seek. */
guint64 foyer_cast_media_app_get_number (const FoyerCastMediaApp *self);
const char *foyer_cast_media_app_get_url (const FoyerCastMediaApp *self);
double foyer_cast_media_app_get_seek_s (const FoyerCastMediaApp *self);

/**
 * foyer_cast_media_app_take_message:
 * @self: an app
 * @to: (out) (transfer full): whom it is for, or "*"
 *
 * Returns: (transfer full) (nullable): the next message to send; call until %NULL
 */
char *foyer_cast_media_app_take_message (FoyerCastMediaApp *self, char **to);

/* (transfer full) (nullable) */
void foyer_cast_media_app_free (FoyerCastMediaApp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastMediaApp, foyer_cast_media_app_free)

G_END_DECLS
