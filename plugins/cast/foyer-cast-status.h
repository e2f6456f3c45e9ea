/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a display says on the connection and receiver namespaces. Pure. All
 * texts are (transfer full). The senders' half is foyer-cast-control.h. */

/**
 * FoyerCastStatus:
 * @app_id: what runs
 * @display_name: what people call it
 * @session_id: what STOP wants
 * @transport_id: what CONNECT wants
 * @is_idle: it is the idle screen
 * @is_player: it is the media receiver; else, unless it is idle, mirroring
 * @is_connected: a sender is connected to it
 * @volume: 0.0…1.0
 * @is_muted: the sound is off
 */
typedef struct
{
  const char *app_id;
  const char *display_name;
  const char *session_id;
  const char *transport_id;
  gboolean is_idle;
  gboolean is_player;
  gboolean is_connected;
  double volume;
  gboolean is_muted;
} FoyerCastStatus;

/* RECEIVER_STATUS; @request_id is 0 for a broadcast */
char *foyer_cast_status_print (const FoyerCastStatus *self, gint64 request_id);

/* LAUNCH_STATUS: the sender may */
char *foyer_cast_status_print_allowed (gint64 launch_request_id);

/* LAUNCH_ERROR or INVALID_REQUEST, as @type says */
char *foyer_cast_status_print_error (const char *type, gint64 request_id,
    const char *reason);

/**
 * foyer_cast_status_print_availability:
 * @request_id: the question's
 * @app_ids: (transfer none) (nullable): what was asked for; no more than
 *   FOYER_CAST_MAX_APPS of it are answered
 * @available: (array zero-terminated=1): the apps that can be launched
 *
 * Returns: (transfer full): the answer to GET_APP_AVAILABILITY
 */
char *foyer_cast_status_print_availability (gint64 request_id,
    JsonArray *app_ids, const char *const *available);

/* CONNECTED, for who named versions in CONNECT */
char *foyer_cast_status_print_connected (gint64 protocol_version);

/* the answer to GET_DEVICE_INFO, of a display with picture and sound */
char *foyer_cast_status_print_device_info (gint64 request_id,
    const char *device_id, const char *friendly_name, const char *model);

G_END_DECLS
