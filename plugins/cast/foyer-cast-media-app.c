/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-media-app.h"

#include "foyer-cast-json.h"

#include <string.h>

/* https://developers.google.com/cast/docs/web_receiver/error_codes */
#define ERROR_SRC_NOT_SUPPORTED 104

/* Pause and seek. */
#define SUPPORTED_COMMANDS 3
#define MAX_URL_BYTES      2048

struct _FoyerCastMediaApp
{
  guint64 number; /* of what is loaded, or was last; 0 before the first */
  gboolean has_media;
  FoyerCastMediaState state;
  const char *idle_reason; /* (nullable): static */
  double position_s;
  double seek_s;
  char *url;
  JsonObject *media; /* as LOAD had it */
  char *loader;      /* who waits for LOAD's answer; NULL when it was given */
  gint64 load_id;
  GQueue messages; /* of Message, owned */
};

typedef struct
{
  char *to;
  char *text;
} Message;

/* A request that is being answered. */
typedef struct
{
  FoyerCastMediaApp *app;
  JsonObject *object;
  const char *sender;
  gint64 id;
} Request;

static void
message_free (gpointer data)
{
  Message *message = data;

  g_free (message->to);
  g_free (message->text);
  g_free (message);
}

/* (transfer full) @object */
static void
say (FoyerCastMediaApp *self, const char *to, JsonObject *object)
{
  Message *message = g_new0 (Message, 1);

  message->to = g_strdup (to);
  message->text = foyer_cast_json_print (object);
  g_queue_push_tail (&self->messages, message);
  json_object_unref (object);
}

static JsonObject *
make_message (const char *type, gint64 request_id)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", type);
  json_object_set_int_member (object, "requestId", request_id);
  return object;
}

static const char *
get_state_name (FoyerCastMediaState state)
{
  switch (state) {
    case FOYER_CAST_MEDIA_BUFFERING:
      return "BUFFERING";
    case FOYER_CAST_MEDIA_PLAYING:
      return "PLAYING";
    case FOYER_CAST_MEDIA_PAUSED:
      return "PAUSED";
    case FOYER_CAST_MEDIA_IDLE:
    case FOYER_CAST_MEDIA_LOADING:
      break;
  }
  return "IDLE";
}

static JsonObject *
make_status (const FoyerCastMediaApp *self)
{
  JsonObject *status = json_object_new ();

  json_object_set_int_member (status, "mediaSessionId", (gint64) self->number);
  json_object_set_string_member (status, "playerState",
      get_state_name (self->state));
  json_object_set_int_member (status, "playbackRate", 1);
  json_object_set_int_member (status, "supportedMediaCommands",
      SUPPORTED_COMMANDS);
  json_object_set_double_member (status, "currentTime", self->position_s);
  if (self->idle_reason != NULL)
    json_object_set_string_member (status, "idleReason", self->idle_reason);
  if (self->media != NULL)
    json_object_set_object_member (status, "media",
        json_object_ref (self->media));
  if (self->state == FOYER_CAST_MEDIA_LOADING) {
    JsonObject *extended = json_object_new ();

    json_object_set_string_member (extended, "playerState", "LOADING");
    json_object_set_int_member (extended, "mediaSessionId",
        (gint64) self->number);
    json_object_set_object_member (status, "extendedStatus", extended);
  }
  return status;
}

static void
say_status (FoyerCastMediaApp *self, const char *to, gint64 request_id)
{
  JsonObject *message = make_message ("MEDIA_STATUS", request_id);
  JsonArray *list = json_array_new ();

  if (self->has_media)
    json_array_add_object_element (list, make_status (self));
  json_object_set_array_member (message, "status", list);
  say (self, to, message);
}

static void
broadcast (FoyerCastMediaApp *self)
{
  say_status (self, FOYER_CAST_BROADCAST, 0);
}

static void
refuse (const Request *request, const char *type, const char *reason)
{
  JsonObject *message = make_message (type, request->id);

  if (reason != NULL)
    json_object_set_string_member (message, "reason", reason);
  say (request->app, request->sender, message);
}

static void
say_load_failed (FoyerCastMediaApp *self, const char *to, gint64 id,
    gint64 code)
{
  JsonObject *message = make_message ("LOAD_FAILED", id);

  if (code != 0)
    json_object_set_int_member (message, "detailedErrorCode", code);
  say (self, to, message);
}

/* It is over: the last status of it has the reason. */
static void
end (FoyerCastMediaApp *self, const char *reason)
{
  self->state = FOYER_CAST_MEDIA_IDLE;
  self->idle_reason = reason;
  broadcast (self);
  self->has_media = FALSE;
}

/* The LOAD before, if its player was still at it. */
static void
cancel_load (FoyerCastMediaApp *self)
{
  if (self->loader == NULL)
    return;
  say (self, self->loader, make_message ("LOAD_CANCELLED", self->load_id));
  g_clear_pointer (&self->loader, g_free);
}

static gboolean
is_playable (const char *url)
{
  return strlen (url) <= MAX_URL_BYTES &&
      (g_str_has_prefix (url, "http://") || g_str_has_prefix (url, "https://"));
}

static FoyerCastMediaWish
on_load (const Request *request)
{
  FoyerCastMediaApp *self = request->app;
  JsonObject *media = foyer_cast_json_get_object (request->object, "media");
  const char *url = media != NULL
      ? foyer_cast_json_get_string (media, "contentUrl")
      : NULL;

  if (url == NULL && media != NULL)
    url = foyer_cast_json_get_string (media, "contentId");
  if (url == NULL) {
    refuse (request, "INVALID_REQUEST", "INVALID_PARAMS");
    return FOYER_CAST_MEDIA_WISH_NOTHING;
  }
  if (!is_playable (url)) {
    say_load_failed (self, request->sender, request->id,
        ERROR_SRC_NOT_SUPPORTED);
    return FOYER_CAST_MEDIA_WISH_NOTHING;
  }
  cancel_load (self);
  if (self->has_media)
    end (self, "INTERRUPTED");
  g_free (self->url);
  g_clear_pointer (&self->media, json_object_unref);
  self->url = g_strdup (url);
  self->media = json_object_ref (media);
  self->loader = g_strdup (request->sender);
  self->load_id = request->id;
  self->number++;
  self->has_media = TRUE;
  self->state = FOYER_CAST_MEDIA_LOADING;
  self->idle_reason = NULL;
  self->position_s = 0;
  broadcast (self);
  return FOYER_CAST_MEDIA_WISH_LOAD;
}

static FoyerCastMediaWish
on_get_status (const Request *request)
{
  say_status (request->app, request->sender, request->id);
  return FOYER_CAST_MEDIA_WISH_NOTHING;
}

static FoyerCastMediaWish
on_play (const Request *request)
{
  say_status (request->app, request->sender, request->id);
  return FOYER_CAST_MEDIA_WISH_PLAY;
}

static FoyerCastMediaWish
on_pause (const Request *request)
{
  say_status (request->app, request->sender, request->id);
  return FOYER_CAST_MEDIA_WISH_PAUSE;
}

static FoyerCastMediaWish
on_seek (const Request *request)
{
  if (!foyer_cast_json_get_double (request->object, "currentTime",
          &request->app->seek_s)) {
    refuse (request, "INVALID_REQUEST", "INVALID_PARAMS");
    return FOYER_CAST_MEDIA_WISH_NOTHING;
  }
  say_status (request->app, request->sender, request->id);
  return FOYER_CAST_MEDIA_WISH_SEEK;
}

static FoyerCastMediaWish
on_stop (const Request *request)
{
  FoyerCastMediaApp *self = request->app;

  cancel_load (self);
  end (self, "CANCELLED");
  say_status (self, request->sender, request->id);
  return FOYER_CAST_MEDIA_WISH_STOP;
}

static const struct
{
  const char *type;
  gboolean needs_media;
  FoyerCastMediaWish (*handle) (const Request *request);
} handlers[] = {
  { "LOAD", FALSE, on_load },
  { "GET_STATUS", FALSE, on_get_status },
  { "PLAY", TRUE, on_play },
  { "PAUSE", TRUE, on_pause },
  { "SEEK", TRUE, on_seek },
  { "STOP", TRUE, on_stop },
};

/* A sender that speaks of what is loaded no more must not stop what is now. */
static gboolean
is_of_now (const Request *request)
{
  gint64 number = 0;

  return !json_object_has_member (request->object, "mediaSessionId") ||
      (foyer_cast_json_get_int (request->object, "mediaSessionId", 0,
           G_MAXINT64, &number) &&
          (guint64) number == request->app->number);
}

FoyerCastMediaWish
foyer_cast_media_app_take (FoyerCastMediaApp *self, JsonObject *message,
    const char *sender)
{
  const char *type = foyer_cast_json_get_string (message, "type");
  Request request = { .app = self, .object = message, .sender = sender };

  if (!foyer_cast_json_get_int (message, "requestId", 0, G_MAXINT64,
          &request.id))
    return FOYER_CAST_MEDIA_WISH_NOTHING;
  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++) {
    if (g_strcmp0 (type, handlers[i].type) != 0)
      continue;
    if (handlers[i].needs_media && !self->has_media)
      refuse (&request, "INVALID_PLAYER_STATE", NULL);
    else if (handlers[i].needs_media && !is_of_now (&request))
      refuse (&request, "INVALID_REQUEST", "INVALID_MEDIA_SESSION_ID");
    else
      return handlers[i].handle (&request);
    return FOYER_CAST_MEDIA_WISH_NOTHING;
  }
  refuse (&request, "INVALID_REQUEST", "INVALID_COMMAND");
  return FOYER_CAST_MEDIA_WISH_NOTHING;
}

void
foyer_cast_media_app_report (FoyerCastMediaApp *self, guint64 number,
    FoyerCastMediaState state, double position_s)
{
  gboolean is_news = state != self->state;

  if (!self->has_media || number != self->number)
    return;
  self->position_s = position_s;
  if (state == FOYER_CAST_MEDIA_IDLE) {
    cancel_load (self);
    end (self, "FINISHED");
    return;
  }
  self->state = state;
  if (state != FOYER_CAST_MEDIA_LOADING && self->loader != NULL) {
    say_status (self, self->loader, self->load_id);
    g_clear_pointer (&self->loader, g_free);
  } else if (is_news) {
    broadcast (self);
  }
}

void
foyer_cast_media_app_fail (FoyerCastMediaApp *self, guint64 number, gint64 code)
{
  if (!self->has_media || number != self->number)
    return;
  if (self->loader != NULL)
    say_load_failed (self, self->loader, self->load_id, code);
  g_clear_pointer (&self->loader, g_free);
  end (self, "ERROR");
}

void
foyer_cast_media_app_reset (FoyerCastMediaApp *self)
{
  self->has_media = FALSE;
  self->state = FOYER_CAST_MEDIA_IDLE;
  self->idle_reason = NULL;
  g_clear_pointer (&self->loader, g_free);
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->media, json_object_unref);
  g_queue_clear_full (&self->messages, message_free);
}

guint64
foyer_cast_media_app_get_number (const FoyerCastMediaApp *self)
{
  return self->number;
}

const char *
foyer_cast_media_app_get_url (const FoyerCastMediaApp *self)
{
  return self->url;
}

double
foyer_cast_media_app_get_seek_s (const FoyerCastMediaApp *self)
{
  return self->seek_s;
}

char *
foyer_cast_media_app_take_message (FoyerCastMediaApp *self, char **to)
{
  Message *message = g_queue_pop_head (&self->messages);
  char *text;

  if (message == NULL)
    return NULL;
  *to = g_steal_pointer (&message->to);
  text = g_steal_pointer (&message->text);
  message_free (message);
  return text;
}

FoyerCastMediaApp *
foyer_cast_media_app_new (void)
{
  FoyerCastMediaApp *self = g_new0 (FoyerCastMediaApp, 1);

  g_queue_init (&self->messages);
  return self;
}

void
foyer_cast_media_app_free (FoyerCastMediaApp *self)
{
  if (self == NULL)
    return;
  foyer_cast_media_app_reset (self);
  g_free (self);
}
