/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-status.h"

#include "foyer-cast-json.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-message.h"

#include <string.h>

#define VOLUME_STEP           0.05
#define CAPABILITY_VIDEO_OUT  1
#define CAPABILITY_AUDIO_OUT  4
#define CONTROL_NOTIFICATIONS 1

static JsonObject *
message_new (const char *type, gint64 request_id)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "type", type);
  json_object_set_int_member (message, "requestId", request_id);
  return message;
}

static JsonArray *
print_namespaces (const FoyerCastStatus *self)
{
  static const char *const names[] = { FOYER_CAST_NS_WEBRTC,
    FOYER_CAST_NS_REMOTING, FOYER_CAST_NS_MEDIA };
  gsize first = self->is_player ? G_N_ELEMENTS (names) - 1 : 0;
  JsonArray *array = json_array_new ();

  for (gsize i = first; !self->is_idle && i < G_N_ELEMENTS (names); i++) {
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "name", names[i]);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
print_apps (const FoyerCastStatus *self)
{
  JsonArray *array = json_array_new ();
  JsonObject *app = json_object_new ();

  json_object_set_string_member (app, "appId", self->app_id);
  json_object_set_string_member (app, "appType", "WEB");
  json_object_set_string_member (app, "displayName", self->display_name);
  json_object_set_boolean_member (app, "isIdleScreen", self->is_idle);
  json_object_set_boolean_member (app, "launchedFromCloud", FALSE);
  json_object_set_array_member (app, "namespaces", print_namespaces (self));
  json_object_set_boolean_member (app, "senderConnected", self->is_connected);
  json_object_set_string_member (app, "sessionId", self->session_id);
  json_object_set_string_member (app, "statusText",
      self->is_idle ? "" : self->display_name);
  json_object_set_string_member (app, "transportId", self->transport_id);
  json_object_set_string_member (app, "universalAppId", self->app_id);
  json_array_add_object_element (array, app);
  return array;
}

static JsonObject *
print_volume (const FoyerCastStatus *self)
{
  JsonObject *volume = json_object_new ();

  json_object_set_string_member (volume, "controlType", "attenuation");
  json_object_set_double_member (volume, "level", self->volume);
  json_object_set_boolean_member (volume, "muted", self->is_muted);
  json_object_set_double_member (volume, "stepInterval", VOLUME_STEP);
  return volume;
}

char *
foyer_cast_status_print (const FoyerCastStatus *self, gint64 request_id)
{
  g_autoptr (JsonObject) message = message_new ("RECEIVER_STATUS", request_id);
  JsonObject *status = json_object_new ();

  json_object_set_array_member (status, "applications", print_apps (self));
  json_object_set_object_member (status, "userEq", json_object_new ());
  json_object_set_object_member (status, "volume", print_volume (self));
  json_object_set_object_member (message, "status", status);
  return foyer_cast_json_print (message);
}

/* The key is `type` on the wire, whatever openscreen's text says. */
char *
foyer_cast_status_print_allowed (gint64 launch_request_id)
{
  g_autoptr (JsonObject) message = json_object_new ();

  json_object_set_string_member (message, "type", "LAUNCH_STATUS");
  json_object_set_int_member (message, "launchRequestId", launch_request_id);
  json_object_set_string_member (message, "status", "USER_ALLOWED");
  return foyer_cast_json_print (message);
}

char *
foyer_cast_status_print_error (const char *type, gint64 request_id,
    const char *reason)
{
  g_autoptr (JsonObject) message = message_new (type, request_id);

  json_object_set_string_member (message, "reason", reason);
  return foyer_cast_json_print (message);
}

char *
foyer_cast_status_print_availability (gint64 request_id, JsonArray *app_ids,
    const char *const *available)
{
  g_autoptr (JsonObject) message = json_object_new ();
  JsonObject *availability = json_object_new ();
  guint n_apps = app_ids != NULL ? json_array_get_length (app_ids) : 0;

  for (guint i = 0; i < MIN (n_apps, FOYER_CAST_MAX_APPS); i++) {
    JsonNode *node = json_array_get_element (app_ids, i);
    const char *app_id = JSON_NODE_HOLDS_VALUE (node)
        ? json_node_get_string (node)
        : NULL;

    if (app_id != NULL && strlen (app_id) <= FOYER_CAST_MAX_ID_BYTES)
      json_object_set_string_member (availability, app_id,
          g_strv_contains (available, app_id) ? "APP_AVAILABLE"
                                              : "APP_UNAVAILABLE");
  }
  json_object_set_string_member (message, "responseType",
      "GET_APP_AVAILABILITY");
  json_object_set_int_member (message, "requestId", request_id);
  json_object_set_object_member (message, "availability", availability);
  return foyer_cast_json_print (message);
}

char *
foyer_cast_status_print_connected (gint64 protocol_version)
{
  g_autoptr (JsonObject) message = json_object_new ();

  json_object_set_string_member (message, "type", "CONNECTED");
  json_object_set_int_member (message, "protocolVersion", protocol_version);
  return foyer_cast_json_print (message);
}

char *
foyer_cast_status_print_device_info (gint64 request_id, const char *device_id,
    const char *friendly_name, const char *model)
{
  g_autoptr (JsonObject) message = message_new ("GET_DEVICE_INFO", request_id);

  json_object_set_string_member (message, "deviceId", device_id);
  json_object_set_string_member (message, "friendlyName", friendly_name);
  json_object_set_string_member (message, "deviceModel", model);
  json_object_set_int_member (message, "capabilities",
      CAPABILITY_VIDEO_OUT | CAPABILITY_AUDIO_OUT);
  json_object_set_int_member (message, "controlNotifications",
      CONTROL_NOTIFICATIONS);
  return foyer_cast_json_print (message);
}
