/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-control.h"

#include "foyer-cast-error.h"
#include "foyer-cast-json.h"
#include "foyer-text.h"

#include <string.h>

/* A word means something in its own namespace only: other apps say CLOSE too. */
static const struct
{
  const char *name_space;
  const char *type;
  FoyerCastReplyKind kind;
} kinds[] = {
  { FOYER_CAST_NS_CONNECTION, "CONNECTED", FOYER_CAST_REPLY_CONNECTED },
  { FOYER_CAST_NS_CONNECTION, "CLOSE", FOYER_CAST_REPLY_CLOSE },
  { FOYER_CAST_NS_HEARTBEAT, "PING", FOYER_CAST_REPLY_PING },
  { FOYER_CAST_NS_HEARTBEAT, "PONG", FOYER_CAST_REPLY_PONG },
  { FOYER_CAST_NS_RECEIVER, "RECEIVER_STATUS",
      FOYER_CAST_REPLY_RECEIVER_STATUS },
  { FOYER_CAST_NS_RECEIVER, "GET_APP_AVAILABILITY",
      FOYER_CAST_REPLY_APP_AVAILABILITY },
  { FOYER_CAST_NS_RECEIVER, "LAUNCH_STATUS", FOYER_CAST_REPLY_LAUNCH_STATUS },
  { FOYER_CAST_NS_RECEIVER, "LAUNCH_ERROR", FOYER_CAST_REPLY_LAUNCH_ERROR },
  { FOYER_CAST_NS_RECEIVER, "INVALID_REQUEST",
      FOYER_CAST_REPLY_INVALID_REQUEST },
};

/* chromium components/media_router/common/providers/cast/channel/
 * cast_message_util.cc */
static const struct
{
  const char *name;
  FoyerCastConsent consent;
} consents[] = {
  { "USER_PENDING_AUTHORIZATION", FOYER_CAST_CONSENT_PENDING },
  { "USER_ALLOWED", FOYER_CAST_CONSENT_ALLOWED },
  { "USER_NOT_ALLOWED", FOYER_CAST_CONSENT_DENIED },
};

static FoyerCastReplyKind
find_kind (const char *name_space, JsonObject *object)
{
  const char *type = foyer_cast_json_get_string (object, "type");

  /* Availability has only the second name, LAUNCH_STATUS may have either. */
  if (type == NULL)
    type = foyer_cast_json_get_string (object, "responseType");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (name_space, kinds[i].name_space) == 0 &&
        g_strcmp0 (type, kinds[i].type) == 0)
      return kinds[i].kind;
  return FOYER_CAST_REPLY_UNKNOWN;
}

/* NULL if it is not there, empty or too long. */
static char *
dup_id (JsonObject *object, const char *name)
{
  const char *text = foyer_cast_json_get_string (object, name);

  if (text == NULL || *text == '\0' || strlen (text) > FOYER_CAST_MAX_ID_BYTES)
    return NULL;
  return g_strdup (text);
}

static char *
dup_words (JsonObject *object, const char *name)
{
  return foyer_text_escape (foyer_cast_json_get_string (object, name));
}

static gboolean
has_namespace (JsonObject *app, const char *name_space)
{
  JsonArray *array = foyer_cast_json_get_array (app, "namespaces");
  guint n_names = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < n_names; i++) {
    JsonNode *node = json_array_get_element (array, i);

    if (JSON_NODE_HOLDS_OBJECT (node) &&
        g_strcmp0 (foyer_cast_json_get_string (json_node_get_object (node),
                       "name"),
            name_space) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
read_app (JsonObject *object, FoyerCastReply *self)
{
  g_autofree char *app_id = dup_id (object, "appId");
  FoyerCastApp *app = &self->apps[self->n_apps];

  if (app_id == NULL)
    return;
  app->app_id = g_steal_pointer (&app_id);
  app->session_id = dup_id (object, "sessionId");
  app->transport_id = dup_id (object, "transportId");
  app->display_name = dup_words (object, "displayName");
  app->is_idle = strcmp (app->app_id, FOYER_CAST_APP_BACKDROP) == 0;
  foyer_cast_json_get_bool (object, "isIdleScreen", &app->is_idle);
  app->has_webrtc = has_namespace (object, FOYER_CAST_NS_WEBRTC);
  self->n_apps++;
}

static void
read_apps (JsonArray *array, FoyerCastReply *self)
{
  guint n_apps = json_array_get_length (array);

  self->has_apps = TRUE;
  for (guint i = 0; i < n_apps && self->n_apps < FOYER_CAST_MAX_APPS; i++) {
    JsonNode *node = json_array_get_element (array, i);

    if (JSON_NODE_HOLDS_OBJECT (node))
      read_app (json_node_get_object (node), self);
  }
}

static void
read_status (JsonObject *object, FoyerCastReply *self)
{
  JsonObject *status = foyer_cast_json_get_object (object, "status");
  JsonArray *apps;
  JsonObject *volume;

  if (status == NULL)
    return;
  apps = foyer_cast_json_get_array (status, "applications");
  if (apps != NULL)
    read_apps (apps, self);
  volume = foyer_cast_json_get_object (status, "volume");
  if (volume == NULL)
    return;
  self->has_volume = foyer_cast_json_get_double (volume, "level",
      &self->volume);
  self->volume = CLAMP (self->volume, 0.0, 1.0);
  foyer_cast_json_get_bool (volume, "muted", &self->is_muted);
}

static void
read_consent (JsonObject *object, FoyerCastReply *self)
{
  const char *status = foyer_cast_json_get_string (object, "status");

  foyer_cast_json_get_int (object, "launchRequestId", 0, G_MAXINT64,
      &self->request_id);
  for (gsize i = 0; i < G_N_ELEMENTS (consents); i++)
    if (g_strcmp0 (status, consents[i].name) == 0)
      self->consent = consents[i].consent;
}

static void
read_body (JsonObject *object, FoyerCastReply *self)
{
  JsonObject *availability;

  switch (self->kind) {
    case FOYER_CAST_REPLY_RECEIVER_STATUS:
      read_status (object, self);
      break;
    case FOYER_CAST_REPLY_LAUNCH_STATUS:
      read_consent (object, self);
      break;
    case FOYER_CAST_REPLY_APP_AVAILABILITY:
      availability = foyer_cast_json_get_object (object, "availability");
      if (availability != NULL)
        self->availability = json_object_ref (availability);
      break;
    case FOYER_CAST_REPLY_LAUNCH_ERROR:
    case FOYER_CAST_REPLY_INVALID_REQUEST:
    case FOYER_CAST_REPLY_UNKNOWN:
    case FOYER_CAST_REPLY_CONNECTED:
    case FOYER_CAST_REPLY_CLOSE:
    case FOYER_CAST_REPLY_PING:
    case FOYER_CAST_REPLY_PONG:
      break;
  }
}

gboolean
foyer_cast_reply_parse (const FoyerCastMessage *message, FoyerCastReply *self,
    GError **error)
{
  g_autoptr (JsonObject) object = NULL;

  memset (self, 0, sizeof *self);
  if (message->text == NULL) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED,
        "reading what the display says: it is binary");
    return FALSE;
  }
  object = foyer_cast_json_parse (message->text, error);
  if (object == NULL)
    return FALSE;
  self->kind = find_kind (message->name_space, object);
  foyer_cast_json_get_int (object, "requestId", 0, G_MAXINT64,
      &self->request_id);
  self->reason = dup_words (object, "reason");
  self->extended_error = dup_words (object, "extendedError");
  read_body (object, self);
  return TRUE;
}

const FoyerCastApp *
foyer_cast_reply_find_app (const FoyerCastReply *self, const char *app_id)
{
  for (guint i = 0; i < self->n_apps; i++)
    if (strcmp (self->apps[i].app_id, app_id) == 0)
      return &self->apps[i];
  return NULL;
}

gboolean
foyer_cast_reply_has_session (const FoyerCastReply *self,
    const char *session_id)
{
  for (guint i = 0; i < self->n_apps; i++)
    if (g_strcmp0 (self->apps[i].session_id, session_id) == 0)
      return TRUE;
  return FALSE;
}

gboolean
foyer_cast_reply_lacks_app (const FoyerCastReply *self, const char *app_id)
{
  return self->availability != NULL &&
      g_strcmp0 (foyer_cast_json_get_string (self->availability, app_id),
          "APP_UNAVAILABLE") == 0;
}

void
foyer_cast_reply_clear (FoyerCastReply *self)
{
  for (guint i = 0; i < self->n_apps; i++) {
    g_free (self->apps[i].app_id);
    g_free (self->apps[i].session_id);
    g_free (self->apps[i].transport_id);
    g_free (self->apps[i].display_name);
  }
  g_free (self->reason);
  g_free (self->extended_error);
  g_clear_pointer (&self->availability, json_object_unref);
  memset (self, 0, sizeof *self);
}
