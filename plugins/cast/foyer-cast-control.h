/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-limits.h"
#include "foyer-cast-message.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a sender says to a display before and beside streaming, and what the
 * display says to it: connection, heartbeat and receiver namespaces. Pure. How a
 * launch is driven with it is foyer-cast-launch.h's.
 * openscreen cast/common/channel/message_util.h */

#define FOYER_CAST_APP_MIRRORING       "0F5096E8"
#define FOYER_CAST_APP_AUDIO_MIRRORING "85CDB22F" /* speakers; no Nest Hub */
#define FOYER_CAST_APP_MEDIA           "CC1AD845" /* the default media receiver */
#define FOYER_CAST_APP_BACKDROP        "E8C28D3C" /* the idle screen */

/**
 * foyer_cast_control_print_connect:
 * @user_agent: (nullable): how we call ourselves, or %NULL for the shortest form,
 *   which every display takes
 *
 * Returns: (transfer full): CONNECT, strong, for receiver-0 and for an app
 */
char *foyer_cast_control_print_connect (const char *user_agent);

/* (transfer full): texts without anything to fill in. A PONG goes back with the
 * PING's ids swapped. */
char *foyer_cast_control_print_close (void);
char *foyer_cast_control_print_ping (void);
char *foyer_cast_control_print_pong (void);

/* (transfer full): requests; @request_id is positive and never repeated on a
 * channel. */
char *foyer_cast_control_print_get_status (gint64 request_id);
char *foyer_cast_control_print_get_app_availability (gint64 request_id,
    const char *const *app_ids, guint n_app_ids);
char *foyer_cast_control_print_launch (gint64 request_id, const char *app_id);
char *foyer_cast_control_print_stop (gint64 request_id, const char *session_id);
/* @level: 0.0…1.0; what is beyond becomes the nearer end */
char *foyer_cast_control_print_volume (gint64 request_id, double level);
char *foyer_cast_control_print_muted (gint64 request_id, gboolean is_muted);

typedef enum
{
  FOYER_CAST_REPLY_UNKNOWN = 0,
  FOYER_CAST_REPLY_CONNECTED,
  FOYER_CAST_REPLY_CLOSE,
  FOYER_CAST_REPLY_PING,
  FOYER_CAST_REPLY_PONG,
  FOYER_CAST_REPLY_RECEIVER_STATUS,
  FOYER_CAST_REPLY_APP_AVAILABILITY,
  FOYER_CAST_REPLY_LAUNCH_STATUS,
  FOYER_CAST_REPLY_LAUNCH_ERROR,
  FOYER_CAST_REPLY_INVALID_REQUEST,
} FoyerCastReplyKind;

/* Of LAUNCH_STATUS. */
typedef enum
{
  FOYER_CAST_CONSENT_UNKNOWN = 0,
  FOYER_CAST_CONSENT_PENDING, /* the display asks its user */
  FOYER_CAST_CONSENT_ALLOWED,
  FOYER_CAST_CONSENT_DENIED,
} FoyerCastConsent;

/**
 * FoyerCastApp:
 * @app_id: which
 * @session_id: (nullable): what STOP wants
 * @transport_id: (nullable): what CONNECT wants; some apps have none
 * @display_name: what the display calls it, fit for logs
 * @is_idle: it is the idle screen
 * @has_webrtc: it speaks the namespace of OFFER and ANSWER
 */
typedef struct
{
  char *app_id;
  char *session_id;
  char *transport_id;
  char *display_name;
  gboolean is_idle;
  gboolean has_webrtc;
} FoyerCastApp;

/**
 * FoyerCastReply:
 * @kind: what it is
 * @request_id: the request it answers; 0 for a broadcast
 * @apps: RECEIVER_STATUS: what runs
 * @n_apps: how many
 * @has_apps: RECEIVER_STATUS: it names apps at all; one that does not, as right
 *   after LAUNCH, says nothing about them
 * @has_volume: RECEIVER_STATUS: the two below are known
 * @volume: 0.0…1.0
 * @is_muted: the sound is off
 * @consent: LAUNCH_STATUS
 * @reason: LAUNCH_ERROR, INVALID_REQUEST: a word such as "NOT_FOUND", "" if
 *   there is none; fit for logs
 * @extended_error: LAUNCH_ERROR: a second word, "" if there is none; likewise
 * @availability: (nullable): APP_AVAILABILITY: by app
 *
 * One message of a display. Strings that are too long count as absent.
 */
typedef struct
{
  FoyerCastReplyKind kind;
  gint64 request_id;
  FoyerCastApp apps[FOYER_CAST_MAX_APPS];
  guint n_apps;
  gboolean has_apps;
  gboolean has_volume;
  double volume;
  gboolean is_muted;
  FoyerCastConsent consent;
  char *reason;
  char *extended_error;
  JsonObject *availability;
} FoyerCastReply;

/**
 * foyer_cast_reply_parse:
 * @message: what a display sent
 * @self: (out caller-allocates): what it says, %FOYER_CAST_REPLY_UNKNOWN for a
 *   type or namespace of no interest; to be cleared
 * @error: return location
 *
 * Members that are absent or of another type are taken for unsaid.
 *
 * Returns: %FALSE with %FOYER_CAST_ERROR_MALFORMED if it is no JSON object; @self
 *   is all zero then
 */
gboolean foyer_cast_reply_parse (const FoyerCastMessage *message,
    FoyerCastReply *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_reply_find_app:
 * @self: a reply
 * @app_id: an app
 *
 * Returns: (nullable): the first such app that runs, borrowed
 */
const FoyerCastApp *foyer_cast_reply_find_app (const FoyerCastReply *self,
    const char *app_id);

/**
 * foyer_cast_reply_has_session:
 * @self: a reply
 * @session_id: a session
 *
 * Returns: %TRUE if an app of that session runs
 */
gboolean foyer_cast_reply_has_session (const FoyerCastReply *self,
    const char *session_id);

/**
 * foyer_cast_reply_lacks_app:
 * @self: a reply
 * @app_id: an app
 *
 * Returns: %TRUE if an APP_AVAILABILITY says that @app_id can't be launched
 */
gboolean foyer_cast_reply_lacks_app (const FoyerCastReply *self,
    const char *app_id);

void foyer_cast_reply_clear (FoyerCastReply *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastReply, foyer_cast_reply_clear)

G_END_DECLS
