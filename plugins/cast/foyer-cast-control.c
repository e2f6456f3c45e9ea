/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-control.h"

#include "foyer-cast-json.h"

/* openscreen cast/common/channel/message_util.h; CONNECT's numbers are those of
 * connection_namespace_handler.cc */
#define CONNECTION_STRONG  0
#define CONNECTION_LOCAL   1
#define SDK_TYPE_EXTENSION 2
#define PLATFORM_LINUX     6

static JsonObject *
message_new (const char *type)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "type", type);
  return message;
}

static JsonObject *
request_new (const char *type, gint64 request_id)
{
  JsonObject *message = message_new (type);

  json_object_set_int_member (message, "requestId", request_id);
  return message;
}

static void
add_sender_info (JsonObject *message)
{
  JsonObject *info = json_object_new ();

  json_object_set_int_member (info, "sdkType", SDK_TYPE_EXTENSION);
  json_object_set_int_member (info, "platform", PLATFORM_LINUX);
  json_object_set_int_member (info, "connectionType", CONNECTION_LOCAL);
  json_object_set_object_member (message, "senderInfo", info);
}

/* No protocolVersion: who names one is answered CONNECTED, which nothing waits
 * for. */
char *
foyer_cast_control_print_connect (const char *user_agent)
{
  g_autoptr (JsonObject) message = message_new ("CONNECT");

  if (user_agent != NULL) {
    json_object_set_string_member (message, "userAgent", user_agent);
    json_object_set_int_member (message, "connType", CONNECTION_STRONG);
    json_object_set_object_member (message, "origin", json_object_new ());
    add_sender_info (message);
  }
  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_close (void)
{
  g_autoptr (JsonObject) message = message_new ("CLOSE");

  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_ping (void)
{
  g_autoptr (JsonObject) message = message_new ("PING");

  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_pong (void)
{
  g_autoptr (JsonObject) message = message_new ("PONG");

  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_get_status (gint64 request_id)
{
  g_autoptr (JsonObject) message = request_new ("GET_STATUS", request_id);

  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_get_app_availability (gint64 request_id,
    const char *const *app_ids, guint n_app_ids)
{
  g_autoptr (JsonObject) message = request_new ("GET_APP_AVAILABILITY",
      request_id);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < n_app_ids; i++)
    json_array_add_string_element (array, app_ids[i]);
  json_object_set_array_member (message, "appId", array);
  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_launch (gint64 request_id, const char *app_id)
{
  g_autoptr (JsonObject) message = request_new ("LAUNCH", request_id);

  json_object_set_string_member (message, "appId", app_id);
  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_stop (gint64 request_id, const char *session_id)
{
  g_autoptr (JsonObject) message = request_new ("STOP", request_id);

  json_object_set_string_member (message, "sessionId", session_id);
  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_volume (gint64 request_id, double level)
{
  g_autoptr (JsonObject) message = request_new ("SET_VOLUME", request_id);
  JsonObject *volume = json_object_new ();

  json_object_set_double_member (volume, "level", CLAMP (level, 0.0, 1.0));
  json_object_set_object_member (message, "volume", volume);
  return foyer_cast_json_print (message);
}

char *
foyer_cast_control_print_muted (gint64 request_id, gboolean is_muted)
{
  g_autoptr (JsonObject) message = request_new ("SET_VOLUME", request_id);
  JsonObject *volume = json_object_new ();

  json_object_set_boolean_member (volume, "muted", is_muted);
  json_object_set_object_member (message, "volume", volume);
  return foyer_cast_json_print (message);
}
