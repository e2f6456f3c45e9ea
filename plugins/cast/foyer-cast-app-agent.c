/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-app-agent.h"

#include "foyer-cast-control.h"
#include "foyer-cast-json.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-routes.h"
#include "foyer-cast-status.h"
#include "foyer-random.h"

#include <string.h>

#define ANY_NAMESPACE        "urn:x-cast:"
#define MAX_CONNECTION_TYPE  2 /* strong, weak, invisible */
#define MAX_PROTOCOL_VERSION 3
#define NO_VERSION           (-1)
#define ID_BYTES             16

typedef struct
{
  guint64 number;
  int n_bad; /* messages of no use, in a row */
} Connection;

struct _FoyerCastAppAgent
{
  char *friendly_name;
  char *model;
  char *device_id;
  Connection connections[FOYER_CAST_MAX_CONNECTIONS];
  guint n_connections;
  FoyerCastRoutes routes;
  GQueue outputs; /* of FoyerCastAgentOutput, owned */

  gboolean is_running; /* the app; else the idle screen */
  gboolean has_mirroring;
  gboolean has_player;
  gboolean is_player; /* the app that runs is the media receiver */
  guint64 launcher;   /* connection of the running app */
  char *session_id;   /* of either */
  char *transport_id;
  double volume;
  gboolean is_muted;
};

/* A message that is being answered. */
typedef struct
{
  FoyerCastAppAgent *agent;
  guint64 connection;
  const FoyerCastMessage *message;
  JsonObject *object;
  gint64 id; /* requestId */
} Request;

void
foyer_cast_agent_output_free (FoyerCastAgentOutput *self)
{
  foyer_cast_message_free (self->message);
  g_free (self);
}

static void
put_output (FoyerCastAppAgent *self, FoyerCastAgentOutputKind kind,
    guint64 connection, FoyerCastMessage *message, const char *reason)
{
  FoyerCastAgentOutput *output = g_new0 (FoyerCastAgentOutput, 1);

  output->kind = kind;
  output->connection = connection;
  output->message = message;
  output->reason = reason;
  g_queue_push_tail (&self->outputs, output);
}

/* (transfer full) @text */
static void
put_text (FoyerCastAppAgent *self, guint64 connection, const char *source_id,
    const char *destination_id, const char *name_space, char *text)
{
  put_output (self, FOYER_CAST_AGENT_SEND, connection,
      foyer_cast_message_new_text (source_id, destination_id, name_space, text),
      NULL);
  g_free (text);
}

/* (transfer full) @text, back to whom it answers */
static void
answer (const Request *request, char *text)
{
  put_text (request->agent, request->connection,
      request->message->destination_id, request->message->source_id,
      request->message->name_space, text);
}

/* The same from the platform: a request to "*" is answered by receiver-0. */
static void
answer_as_platform (const Request *request, char *text)
{
  put_text (request->agent, request->connection, FOYER_CAST_PLATFORM_RECEIVER,
      request->message->source_id, request->message->name_space, text);
}

static const char *
get_app_id (const FoyerCastAppAgent *self)
{
  if (!self->is_running)
    return FOYER_CAST_APP_BACKDROP;
  return self->is_player ? FOYER_CAST_APP_MEDIA : FOYER_CAST_APP_MIRRORING;
}

static const char *
get_display_name (const FoyerCastAppAgent *self)
{
  if (!self->is_running)
    return "Backdrop";
  return self->is_player ? "Default Media Receiver" : "Chrome Mirroring";
}

static char *
print_status (const FoyerCastAppAgent *self, gint64 request_id)
{
  const FoyerCastStatus status = {
    .app_id = get_app_id (self),
    .display_name = get_display_name (self),
    .session_id = self->session_id,
    .transport_id = self->transport_id,
    .is_idle = !self->is_running,
    .is_player = self->is_player,
    .is_connected = self->is_running &&
        foyer_cast_routes_reaches (&self->routes, self->launcher,
            self->transport_id),
    .volume = self->volume,
    .is_muted = self->is_muted,
  };

  return foyer_cast_status_print (&status, request_id);
}

static void
broadcast_status (FoyerCastAppAgent *self)
{
  for (guint i = 0; i < self->n_connections; i++) {
    guint64 connection = self->connections[i].number;

    if (foyer_cast_routes_reaches (&self->routes, connection,
            FOYER_CAST_PLATFORM_RECEIVER))
      put_text (self, connection, FOYER_CAST_PLATFORM_RECEIVER,
          FOYER_CAST_BROADCAST, FOYER_CAST_NS_RECEIVER, print_status (self, 0));
  }
}

/* RFC 4122 §4.4 */
static char *
make_id (void)
{
  guint8 b[ID_BYTES];

  foyer_random_fill (b, sizeof b);
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  return g_strdup_printf ("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
                          "%02x%02x%02x%02x%02x%02x",
      b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
      b[12], b[13], b[14], b[15]);
}

static void
renew_ids (FoyerCastAppAgent *self)
{
  g_free (self->session_id);
  g_free (self->transport_id);
  self->session_id = make_id ();
  self->transport_id = make_id ();
}

static void
start_app (FoyerCastAppAgent *self, guint64 connection, gboolean is_player)
{
  renew_ids (self);
  self->is_player = is_player;
  self->is_running = TRUE;
  self->launcher = connection;
  put_output (self, FOYER_CAST_AGENT_APP_STARTED, connection, NULL, NULL);
}

/* Tells who was connected to the app, but nobody what runs now. */
static void
end_app (FoyerCastAppAgent *self, const char *reason)
{
  for (;;) {
    g_auto (FoyerCastRoute) route = { 0 };

    if (!foyer_cast_routes_take (&self->routes, self->transport_id, &route))
      break;
    put_text (self, route.connection, route.local_id, route.peer_id,
        FOYER_CAST_NS_CONNECTION, foyer_cast_control_print_close ());
  }
  self->is_running = FALSE;
  renew_ids (self);
  put_output (self, FOYER_CAST_AGENT_APP_STOPPED, self->launcher, NULL, reason);
}

/* The best version that a CONNECT names; %FALSE if it names only others. */
static gboolean
choose_version (JsonObject *object, gint64 *version)
{
  JsonArray *list = foyer_cast_json_get_array (object, "protocolVersionList");
  guint n_versions = list != NULL ? json_array_get_length (list) : 0;
  gboolean is_named = json_object_has_member (object, "protocolVersion") ||
      n_versions > 0;
  gint64 value;

  *version = NO_VERSION;
  foyer_cast_json_get_int (object, "protocolVersion", 0, MAX_PROTOCOL_VERSION,
      version);
  for (guint i = 0; i < n_versions; i++)
    if (foyer_cast_json_array_get_int (list, i, 0, MAX_PROTOCOL_VERSION,
            &value))
      *version = MAX (*version, value);
  return !is_named || *version != NO_VERSION;
}

static gboolean
may_connect (const Request *request, gint64 *version)
{
  FoyerCastAppAgent *self = request->agent;
  const char *local_id = request->message->destination_id;
  gint64 type = 0;

  if (!choose_version (request->object, version))
    return FALSE;
  foyer_cast_json_get_int (request->object, "connType", G_MININT64, G_MAXINT64,
      &type);
  if (type < 0 || type > MAX_CONNECTION_TYPE)
    return FALSE;
  if (strcmp (local_id, FOYER_CAST_PLATFORM_RECEIVER) == 0)
    return TRUE;
  return self->is_running && self->launcher == request->connection &&
      strcmp (local_id, self->transport_id) == 0;
}

static gboolean
handle_connect (const Request *request)
{
  gint64 version;

  if (!may_connect (request, &version) ||
      !foyer_cast_routes_add (&request->agent->routes, request->connection,
          request->message->source_id, request->message->destination_id)) {
    answer (request, foyer_cast_control_print_close ());
    return FALSE;
  }
  if (version != NO_VERSION)
    answer (request, foyer_cast_status_print_connected (version));
  return TRUE;
}

static gboolean
handle_connection (const Request *request)
{
  const char *type = foyer_cast_json_get_string (request->object, "type");

  if (g_strcmp0 (type, "CONNECT") == 0)
    return handle_connect (request);
  if (g_strcmp0 (type, "CLOSE") == 0)
    return foyer_cast_routes_remove (&request->agent->routes,
        request->connection, request->message->source_id,
        request->message->destination_id);
  return FALSE;
}

/* Needs no connection; old senders use other ids than the platforms'. */
static gboolean
handle_heartbeat (const Request *request)
{
  const char *type = foyer_cast_json_get_string (request->object, "type");

  if (g_strcmp0 (type, "PING") == 0) {
    answer (request, foyer_cast_control_print_pong ());
    return TRUE;
  }
  return g_strcmp0 (type, "PONG") == 0;
}

static void
refuse (const Request *request, const char *type, const char *reason)
{
  answer_as_platform (request,
      foyer_cast_status_print_error (type, request->id, reason));
}

static void
on_get_status (const Request *request)
{
  answer_as_platform (request, print_status (request->agent, request->id));
}

static gboolean
has_app (const FoyerCastAppAgent *self, const char *app_id)
{
  return (self->has_mirroring &&
             strcmp (app_id, FOYER_CAST_APP_MIRRORING) == 0) ||
      (self->has_player && strcmp (app_id, FOYER_CAST_APP_MEDIA) == 0);
}

static void
on_get_app_availability (const Request *request)
{
  static const char *const known[] = { FOYER_CAST_APP_MIRRORING,
    FOYER_CAST_APP_MEDIA };
  const char *available[G_N_ELEMENTS (known) + 1] = { NULL };
  guint n_available = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (has_app (request->agent, known[i]))
      available[n_available++] = known[i];

  answer_as_platform (request,
      foyer_cast_status_print_availability (request->id,
          foyer_cast_json_get_array (request->object, "appId"), available));
}

static void
on_launch (const Request *request)
{
  FoyerCastAppAgent *self = request->agent;
  const char *app_id = foyer_cast_json_get_string (request->object, "appId");
  gboolean is_player;

  if (app_id == NULL || *app_id == '\0') {
    refuse (request, "LAUNCH_ERROR", "BAD_PARAMETER");
    return;
  }
  if (!has_app (self, app_id)) {
    refuse (request, "LAUNCH_ERROR", "NOT_FOUND");
    return;
  }
  is_player = strcmp (app_id, FOYER_CAST_APP_MEDIA) == 0;
  if (self->is_running && self->launcher != request->connection)
    end_app (self, "another sender took over");
  else if (self->is_running && self->is_player != is_player)
    end_app (self, "another app was launched");
  if (!self->is_running) {
    start_app (self, request->connection, is_player);
    broadcast_status (self);
  }
  answer_as_platform (request, foyer_cast_status_print_allowed (request->id));
  answer_as_platform (request, print_status (self, request->id));
}

/* Answered by broadcast alone. */
static void
on_stop (const Request *request)
{
  FoyerCastAppAgent *self = request->agent;
  const char *session_id = foyer_cast_json_get_string (request->object,
      "sessionId");

  if (session_id != NULL && strcmp (session_id, self->session_id) != 0) {
    refuse (request, "INVALID_REQUEST", "INVALID_SESSION_ID");
    return;
  }
  if (self->is_running)
    end_app (self, "a sender stopped it");
  broadcast_status (self);
}

static void
on_set_volume (const Request *request)
{
  FoyerCastAppAgent *self = request->agent;
  JsonObject *volume = foyer_cast_json_get_object (request->object, "volume");
  double level = self->volume;
  gboolean has_level;
  gboolean has_muted;

  if (volume == NULL) {
    refuse (request, "INVALID_REQUEST", "INVALID_COMMAND");
    return;
  }
  has_level = foyer_cast_json_get_double (volume, "level", &level);
  has_muted = foyer_cast_json_get_bool (volume, "muted", &self->is_muted);
  if (!has_level && !has_muted) {
    refuse (request, "INVALID_REQUEST", "INVALID_COMMAND");
    return;
  }
  self->volume = CLAMP (level, 0.0, 1.0);
  broadcast_status (self);
  answer_as_platform (request, print_status (self, request->id));
}

static void
on_get_device_info (const Request *request)
{
  FoyerCastAppAgent *self = request->agent;

  answer_as_platform (request,
      foyer_cast_status_print_device_info (request->id, self->device_id,
          self->friendly_name, self->model));
}

static const struct
{
  const char *name_space;
  const char *type;
  void (*handle) (const Request *request);
} handlers[] = {
  { FOYER_CAST_NS_RECEIVER, "GET_STATUS", on_get_status },
  { FOYER_CAST_NS_RECEIVER, "GET_APP_AVAILABILITY", on_get_app_availability },
  { FOYER_CAST_NS_RECEIVER, "LAUNCH", on_launch },
  { FOYER_CAST_NS_RECEIVER, "STOP", on_stop },
  { FOYER_CAST_NS_RECEIVER, "SET_VOLUME", on_set_volume },
  { FOYER_CAST_NS_DISCOVERY, "GET_DEVICE_INFO", on_get_device_info },
};

/* What has no number is not answered at all. */
static gboolean
handle_request (Request *request)
{
  const char *type = foyer_cast_json_get_string (request->object, "type");
  const char *name_space = request->message->name_space;

  if (!foyer_cast_json_get_int (request->object, "requestId", 0, G_MAXINT64,
          &request->id))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (handlers); i++)
    if (strcmp (name_space, handlers[i].name_space) == 0 &&
        g_strcmp0 (type, handlers[i].type) == 0) {
      handlers[i].handle (request);
      return TRUE;
    }
  if (strcmp (name_space, FOYER_CAST_NS_RECEIVER) == 0)
    refuse (request, "INVALID_REQUEST", "INVALID_COMMAND");
  return FALSE;
}

static gboolean
handle_app_message (const Request *request)
{
  const FoyerCastMessage *message = request->message;
  const char *own = request->agent->is_player ? FOYER_CAST_NS_MEDIA
                                              : FOYER_CAST_NS_WEBRTC;

  if (strcmp (message->name_space, own) == 0)
    put_output (request->agent, FOYER_CAST_AGENT_APP_MESSAGE,
        request->connection,
        foyer_cast_message_new_text (message->source_id,
            message->destination_id, message->name_space, message->text),
        NULL);
  return g_str_has_prefix (message->name_space, ANY_NAMESPACE);
}

static gboolean
has_route (const Request *request)
{
  const FoyerCastMessage *message = request->message;
  const char *local_id = message->destination_id;

  if (strcmp (local_id, FOYER_CAST_BROADCAST) == 0)
    local_id = FOYER_CAST_PLATFORM_RECEIVER;
  return foyer_cast_routes_has (&request->agent->routes, request->connection,
      message->source_id, local_id);
}

/* Whether it was of any use. */
static gboolean
handle (Request *request)
{
  const FoyerCastMessage *message = request->message;

  if (strcmp (message->name_space, FOYER_CAST_NS_CONNECTION) == 0)
    return handle_connection (request);
  if (strcmp (message->name_space, FOYER_CAST_NS_HEARTBEAT) == 0)
    return handle_heartbeat (request);
  if (!has_route (request))
    return FALSE;
  if (request->agent->is_running &&
      strcmp (message->destination_id, request->agent->transport_id) == 0)
    return handle_app_message (request);
  return handle_request (request);
}

static Connection *
find_connection (FoyerCastAppAgent *self, guint64 connection)
{
  for (guint i = 0; i < self->n_connections; i++)
    if (self->connections[i].number == connection)
      return &self->connections[i];
  return NULL;
}

FoyerCastAppAgent *
foyer_cast_app_agent_new (const char *friendly_name, const char *model,
    const char *device_id)
{
  FoyerCastAppAgent *self = g_new0 (FoyerCastAppAgent, 1);

  self->friendly_name = g_strdup (friendly_name);
  self->model = g_strdup (model);
  self->device_id = g_strdup (device_id);
  self->volume = 1.0;
  self->has_mirroring = TRUE;
  g_queue_init (&self->outputs);
  renew_ids (self);
  return self;
}

void
foyer_cast_app_agent_add_player (FoyerCastAppAgent *self)
{
  self->has_player = TRUE;
}

void
foyer_cast_app_agent_remove_mirroring (FoyerCastAppAgent *self)
{
  self->has_mirroring = FALSE;
}

gboolean
foyer_cast_app_agent_add_connection (FoyerCastAppAgent *self,
    guint64 connection)
{
  if (self->n_connections == FOYER_CAST_MAX_CONNECTIONS)
    return FALSE;
  self->connections[self->n_connections++] =
      (Connection){ .number = connection };
  return TRUE;
}

void
foyer_cast_app_agent_remove_connection (FoyerCastAppAgent *self,
    guint64 connection)
{
  Connection *found = find_connection (self, connection);

  if (found == NULL)
    return;
  *found = self->connections[--self->n_connections];
  foyer_cast_routes_remove_connection (&self->routes, connection);
  if (self->is_running && self->launcher == connection)
    foyer_cast_app_agent_stop_app (self, "its sender left");
}

void
foyer_cast_app_agent_count_garbage (FoyerCastAppAgent *self, guint64 connection)
{
  Connection *found = find_connection (self, connection);

  if (found != NULL && ++found->n_bad == FOYER_CAST_MAX_BAD_MESSAGES)
    put_output (self, FOYER_CAST_AGENT_DISCONNECT, connection, NULL,
        "it sends nothing of use");
}

void
foyer_cast_app_agent_receive (FoyerCastAppAgent *self, guint64 connection,
    const FoyerCastMessage *message)
{
  Connection *found = find_connection (self, connection);
  g_autoptr (JsonObject) object = NULL;
  Request request = {
    .agent = self,
    .connection = connection,
    .message = message,
  };

  if (found == NULL || strcmp (message->name_space, FOYER_CAST_NS_AUTH) == 0)
    return;
  if (message->text != NULL)
    object = foyer_cast_json_parse (message->text, NULL);
  request.object = object;
  if (object != NULL && handle (&request))
    found->n_bad = 0;
  else
    foyer_cast_app_agent_count_garbage (self, connection);
}

void
foyer_cast_app_agent_stop_app (FoyerCastAppAgent *self, const char *reason)
{
  if (!self->is_running)
    return;
  end_app (self, reason);
  broadcast_status (self);
}

FoyerCastAgentOutput *
foyer_cast_app_agent_take_output (FoyerCastAppAgent *self)
{
  return g_queue_pop_head (&self->outputs);
}

const char *
foyer_cast_app_agent_get_transport_id (const FoyerCastAppAgent *self)
{
  return self->is_running ? self->transport_id : NULL;
}

void
foyer_cast_app_agent_free (FoyerCastAppAgent *self)
{
  g_queue_clear_full (&self->outputs,
      (GDestroyNotify) foyer_cast_agent_output_free);
  foyer_cast_routes_clear (&self->routes);
  g_free (self->friendly_name);
  g_free (self->model);
  g_free (self->device_id);
  g_free (self->session_id);
  g_free (self->transport_id);
  g_free (self);
}
