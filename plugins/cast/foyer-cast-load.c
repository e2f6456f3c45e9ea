/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-load.h"

#include "foyer-cast-error.h"
#include "foyer-cast-json.h"
#include "foyer-text.h"

#include <string.h>

#define METADATA_GENERIC 0
#define MAX_ERROR_CODE   9999

static const struct
{
  const char *type;
  FoyerCastMediaKind kind;
} kinds[] = {
  { "MEDIA_STATUS", FOYER_CAST_MEDIA_STATUS },
  { "LOAD_FAILED", FOYER_CAST_MEDIA_LOAD_FAILED },
  { "LOAD_CANCELLED", FOYER_CAST_MEDIA_LOAD_CANCELLED },
  { "INVALID_REQUEST", FOYER_CAST_MEDIA_REFUSED },
  { "INVALID_PLAYER_STATE", FOYER_CAST_MEDIA_REFUSED },
  { "ERROR", FOYER_CAST_MEDIA_REFUSED },
};

static const struct
{
  const char *name;
  FoyerCastMediaState state;
} states[] = {
  { "LOADING", FOYER_CAST_MEDIA_LOADING },
  { "BUFFERING", FOYER_CAST_MEDIA_BUFFERING },
  { "PLAYING", FOYER_CAST_MEDIA_PLAYING },
  { "PAUSED", FOYER_CAST_MEDIA_PAUSED },
};

static const struct
{
  const char *name;
  FoyerCastIdleReason reason;
} idle_reasons[] = {
  { "CANCELLED", FOYER_CAST_IDLE_CANCELLED },
  { "INTERRUPTED", FOYER_CAST_IDLE_INTERRUPTED },
  { "FINISHED", FOYER_CAST_IDLE_FINISHED },
  { "ERROR", FOYER_CAST_IDLE_ERROR },
};

static JsonObject *
make_media (const FoyerCastLoad *self)
{
  JsonObject *media = json_object_new ();
  JsonObject *metadata;

  json_object_set_string_member (media, "contentId", self->url);
  json_object_set_string_member (media, "contentUrl", self->url);
  json_object_set_string_member (media, "contentType", self->content_type);
  json_object_set_string_member (media, "streamType", "LIVE");
  /* https://github.com/home-assistant/core/issues/40376 */
  if (self->is_hls) {
    json_object_set_string_member (media, "hlsSegmentFormat", "fmp4");
    json_object_set_string_member (media, "hlsVideoSegmentFormat", "fmp4");
  }
  if (self->title == NULL)
    return media;
  metadata = json_object_new ();
  json_object_set_int_member (metadata, "metadataType", METADATA_GENERIC);
  json_object_set_string_member (metadata, "title", self->title);
  json_object_set_object_member (media, "metadata", metadata);
  return media;
}

/* No currentTime: what is live begins near its end. */
char *
foyer_cast_load_print (const FoyerCastLoad *self, gint64 request_id,
    const char *session_id)
{
  g_autoptr (JsonObject) message = json_object_new ();

  json_object_set_string_member (message, "type", "LOAD");
  json_object_set_int_member (message, "requestId", request_id);
  json_object_set_string_member (message, "sessionId", session_id);
  json_object_set_boolean_member (message, "autoplay", TRUE);
  json_object_set_object_member (message, "media", make_media (self));
  return foyer_cast_json_print (message);
}

char *
foyer_cast_load_print_get_status (gint64 request_id)
{
  g_autoptr (JsonObject) message = json_object_new ();

  json_object_set_string_member (message, "type", "GET_STATUS");
  json_object_set_int_member (message, "requestId", request_id);
  return foyer_cast_json_print (message);
}

static FoyerCastMediaState
read_state (JsonObject *object)
{
  const char *name = foyer_cast_json_get_string (object, "playerState");

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (name, states[i].name) == 0)
      return states[i].state;
  return FOYER_CAST_MEDIA_IDLE;
}

static FoyerCastIdleReason
read_idle_reason (JsonObject *object)
{
  const char *name = foyer_cast_json_get_string (object, "idleReason");

  for (gsize i = 0; i < G_N_ELEMENTS (idle_reasons); i++)
    if (g_strcmp0 (name, idle_reasons[i].name) == 0)
      return idle_reasons[i].reason;
  return FOYER_CAST_IDLE_UNKNOWN;
}

/* The first of the list: a player has one. */
static void
read_status (JsonObject *object, FoyerCastMediaReply *self)
{
  JsonArray *list = foyer_cast_json_get_array (object, "status");
  JsonNode *node = list != NULL && json_array_get_length (list) > 0
      ? json_array_get_element (list, 0)
      : NULL;
  JsonObject *status = node != NULL && JSON_NODE_HOLDS_OBJECT (node)
      ? json_node_get_object (node)
      : NULL;
  JsonObject *extended;

  if (status == NULL)
    return;
  self->has_media = TRUE;
  self->state = read_state (status);
  self->idle_reason = read_idle_reason (status);
  self->has_position = foyer_cast_json_get_double (status, "currentTime",
      &self->position_s);
  extended = foyer_cast_json_get_object (status, "extendedStatus");
  if (extended != NULL && self->state == FOYER_CAST_MEDIA_IDLE)
    self->state = read_state (extended);
}

gboolean
foyer_cast_media_reply_parse (const FoyerCastMessage *message,
    FoyerCastMediaReply *self, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  const char *type;

  memset (self, 0, sizeof *self);
  if (message->text == NULL) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED,
        "reading what the player says: it is binary");
    return FALSE;
  }
  object = foyer_cast_json_parse (message->text, error);
  if (object == NULL)
    return FALSE;
  type = foyer_cast_json_get_string (object, "type");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_strcmp0 (type, kinds[i].type) == 0)
      self->kind = kinds[i].kind;
  foyer_cast_json_get_int (object, "requestId", 0, G_MAXINT64,
      &self->request_id);
  foyer_cast_json_get_int (object, "detailedErrorCode", 0, MAX_ERROR_CODE,
      &self->error_code);
  self->reason = foyer_text_escape (
      foyer_cast_json_get_string (object, "reason"));
  if (self->kind == FOYER_CAST_MEDIA_STATUS)
    read_status (object, self);
  return TRUE;
}

void
foyer_cast_media_reply_clear (FoyerCastMediaReply *self)
{
  g_free (self->reason);
  memset (self, 0, sizeof *self);
}
