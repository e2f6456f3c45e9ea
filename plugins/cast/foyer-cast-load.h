/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-message.h"

G_BEGIN_DECLS

/* What is said to a display's media player, the Default Media Receiver, and what it
 * says: the media namespace. Pure. How a player is kept playing is
 * foyer-cast-player.h's.
 * https://developers.google.com/cast/docs/media/messages */

/**
 * FoyerCastLoad:
 * @url: where it is; numbers only, since displays ask servers of their maker for
 *   names
 * @content_type: its MIME type
 * @is_hls: a playlist of fMP4: the player takes it for MPEG-TS unless it is told
 * @title: (nullable): for the display to show
 *
 * Something live to play.
 */
typedef struct
{
  const char *url;
  const char *content_type;
  gboolean is_hls;
  const char *title;
} FoyerCastLoad;

/* (transfer full): requests, for the app; @session_id: the app's */
char *foyer_cast_load_print (const FoyerCastLoad *self, gint64 request_id,
    const char *session_id);
char *foyer_cast_load_print_get_status (gint64 request_id);

typedef enum
{
  FOYER_CAST_MEDIA_UNKNOWN = 0,
  FOYER_CAST_MEDIA_STATUS,
  FOYER_CAST_MEDIA_LOAD_FAILED,
  FOYER_CAST_MEDIA_LOAD_CANCELLED,
  FOYER_CAST_MEDIA_REFUSED, /* INVALID_REQUEST, INVALID_PLAYER_STATE, ERROR */
} FoyerCastMediaKind;

typedef enum
{
  FOYER_CAST_MEDIA_IDLE = 0,
  FOYER_CAST_MEDIA_LOADING,
  FOYER_CAST_MEDIA_BUFFERING,
  FOYER_CAST_MEDIA_PLAYING,
  FOYER_CAST_MEDIA_PAUSED,
} FoyerCastMediaState;

/* Why a player is idle. */
typedef enum
{
  FOYER_CAST_IDLE_UNKNOWN = 0, /* or it never was anything else */
  FOYER_CAST_IDLE_CANCELLED,   /* somebody stopped it */
  FOYER_CAST_IDLE_INTERRUPTED, /* somebody loaded something else */
  FOYER_CAST_IDLE_FINISHED,
  FOYER_CAST_IDLE_ERROR,
} FoyerCastIdleReason;

/**
 * FoyerCastMediaReply:
 * @kind: what it is
 * @request_id: the request it answers; 0 for a broadcast
 * @has_media: STATUS: there is something that is played or was to be; without it
 *   the rest is zero
 * @state: STATUS: what the player does; loading, although it says idle, if it says
 *   that as well
 * @idle_reason: STATUS: why it is idle
 * @has_position: STATUS: the next is known
 * @position_s: STATUS: where it is
 * @error_code: LOAD_FAILED, REFUSED: its number; 0 if it says none
 * @reason: LOAD_FAILED, REFUSED: a word, "" if there is none; fit for logs
 *
 * One message of a player.
 */
typedef struct
{
  FoyerCastMediaKind kind;
  gint64 request_id;
  gboolean has_media;
  FoyerCastMediaState state;
  FoyerCastIdleReason idle_reason;
  gboolean has_position;
  double position_s;
  gint64 error_code;
  char *reason;
} FoyerCastMediaReply;

/**
 * foyer_cast_media_reply_parse:
 * @message: what a player sent in its namespace
 * @self: (out caller-allocates): what it says; to be cleared
 * @error: return location
 *
 * Members that are absent or of another type are taken for unsaid.
 *
 * Returns: %FALSE with %FOYER_CAST_ERROR_MALFORMED if it is no JSON object; @self
 *   is all zero then
 */
gboolean foyer_cast_media_reply_parse (const FoyerCastMessage *message,
    FoyerCastMediaReply *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void foyer_cast_media_reply_clear (FoyerCastMediaReply *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastMediaReply,
    foyer_cast_media_reply_clear)

G_END_DECLS
