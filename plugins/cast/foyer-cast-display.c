/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-display.h"

#include "foyer-cast-app-agent.h"
#include "foyer-cast-channel.h"
#include "foyer-cast-json.h"
#include "foyer-cast-listener.h"
#include "foyer-cast-mirror.h"

#include <string.h>

#define MODEL           "Foyer Display"
#define DEVICE_ID_CHARS 32

typedef struct
{
  FoyerCastDisplay *display;
  guint64 number; /* from 1, never used again */
  FoyerCastChannel *channel;
} Connection;

/* All but the constant ones belong to the display's thread. */
struct _FoyerCastDisplay
{
  FoyerCastDisplayConfig config; /* constant; strings owned */
  FoyerCastDisplayCallbacks callbacks;
  gpointer user_data;
  FoyerCastThread *thread; /* constant */
  gboolean is_stopped;     /* by whoever stops it */
  guint16 port;            /* constant */
  FoyerCastMirror *mirror; /* any thread */
  FoyerCastListener *listener;
  FoyerCastAppAgent *agent;
  FoyerCastMediaApp *media;
  GPtrArray *connections; /* of Connection, oldest first */
  guint64 last_number;
  guint64 app_number; /* the connection that launched the app, or 0 */
};

static void
connection_free (gpointer user_data)
{
  Connection *connection = user_data;

  foyer_cast_channel_close (connection->channel);
  g_free (connection);
}

static Connection *
find_connection (FoyerCastDisplay *self, guint64 number)
{
  for (guint i = 0; i < self->connections->len; i++) {
    Connection *connection = g_ptr_array_index (self->connections, i);

    if (connection->number == number)
      return connection;
  }
  return NULL;
}

/* What the agent says of it is for drain() to do. */
static void
drop_connection (FoyerCastDisplay *self, guint64 number)
{
  Connection *connection = find_connection (self, number);

  if (connection == NULL)
    return;
  g_ptr_array_remove (self->connections, connection);
  foyer_cast_app_agent_remove_connection (self->agent, number);
}

/* the media receiver */

/* To whoever launched it. */
static void
send_media (FoyerCastDisplay *self)
{
  const Connection *connection = find_connection (self, self->app_number);
  const char *from = foyer_cast_app_agent_get_transport_id (self->agent);

  for (;;) {
    g_autofree char *to = NULL;
    g_autofree char *text = foyer_cast_media_app_take_message (self->media,
        &to);

    if (text == NULL)
      return;
    if (connection != NULL && from != NULL)
      foyer_cast_channel_send_text (connection->channel, from, to,
          FOYER_CAST_NS_MEDIA, text);
  }
}

static void
tell_player (FoyerCastDisplay *self, FoyerCastMediaWish wish)
{
  if (wish != FOYER_CAST_MEDIA_WISH_NOTHING)
    self->callbacks.on_media (self, wish,
        foyer_cast_media_app_get_number (self->media),
        foyer_cast_media_app_get_url (self->media),
        foyer_cast_media_app_get_seek_s (self->media), self->user_data);
}

static void
take_media_message (FoyerCastDisplay *self, JsonObject *message,
    const char *sender)
{
  FoyerCastMediaWish wish = foyer_cast_media_app_take (self->media, message,
      sender);

  send_media (self);
  tell_player (self, wish);
}

static void
end_media (FoyerCastDisplay *self)
{
  foyer_cast_media_app_reset (self->media);
  if (self->config.has_player)
    tell_player (self, FOYER_CAST_MEDIA_WISH_STOP);
}

typedef struct
{
  FoyerCastDisplay *display;
  guint64 number;
  FoyerCastMediaState state;
  double position_s;
  gboolean has_failed;
} Report;

static void
do_report (gpointer user_data)
{
  const Report *report = user_data;
  FoyerCastMediaApp *media = report->display->media;

  if (report->has_failed)
    foyer_cast_media_app_fail (media, report->number, 0);
  else
    foyer_cast_media_app_report (media, report->number, report->state,
        report->position_s);
  send_media (report->display);
}

static void
take_app_message (FoyerCastDisplay *self, Connection *connection,
    const FoyerCastMessage *message)
{
  g_autoptr (JsonObject) json = NULL;
  g_autofree char *reply = NULL;

  if (message->text != NULL)
    json = foyer_cast_json_parse (message->text, NULL);
  if (json == NULL)
    return;
  if (g_str_equal (message->name_space, FOYER_CAST_NS_MEDIA)) {
    take_media_message (self, json, message->source_id);
    return;
  }
  reply = foyer_cast_mirror_take (self->mirror, json,
      foyer_cast_channel_get_connection (connection->channel));
  if (reply != NULL)
    foyer_cast_channel_send_text (connection->channel, message->destination_id,
        message->source_id, FOYER_CAST_NS_WEBRTC, reply);
}

static void
do_output (FoyerCastDisplay *self, const FoyerCastAgentOutput *output)
{
  Connection *connection = find_connection (self, output->connection);

  switch (output->kind) {
    case FOYER_CAST_AGENT_SEND:
      if (connection != NULL)
        foyer_cast_channel_send (connection->channel, output->message);
      break;
    case FOYER_CAST_AGENT_APP_STARTED:
      self->app_number = output->connection;
      break;
    case FOYER_CAST_AGENT_APP_STOPPED:
      self->app_number = 0;
      foyer_cast_mirror_end (self->mirror, output->reason);
      end_media (self);
      break;
    case FOYER_CAST_AGENT_APP_MESSAGE:
      if (connection != NULL)
        take_app_message (self, connection, output->message);
      break;
    case FOYER_CAST_AGENT_DISCONNECT:
      drop_connection (self, output->connection);
      break;
  }
}

/* Does what the agent wants, and what that makes it want. */
static void
drain (FoyerCastDisplay *self)
{
  while (TRUE) {
    g_autoptr (FoyerCastAgentOutput) output = foyer_cast_app_agent_take_output (
        self->agent);

    if (output == NULL)
      return;
    do_output (self, output);
  }
}

/* connections */

static void
answer_challenge (Connection *connection, const FoyerCastMessage *message)
{
  g_autoptr (GBytes) reply = NULL;
  g_autoptr (FoyerCastMessage) answer = NULL;

  if (message->binary == NULL)
    return;
  reply = foyer_cast_auth_answer (connection->display->config.credentials,
      message->binary, foyer_cast_channel_get_leaf (connection->channel));
  if (reply == NULL)
    return;
  answer = foyer_cast_message_new_binary (message->destination_id,
      message->source_id, FOYER_CAST_NS_AUTH, reply);
  foyer_cast_channel_send (connection->channel, answer);
}

static void
on_open (FoyerCastChannel *channel, gpointer user_data)
{
  /* It is the sender's turn. */
}

static gboolean
on_message (FoyerCastChannel *channel, const FoyerCastMessage *message,
    gpointer user_data)
{
  Connection *connection = user_data;
  FoyerCastDisplay *self = connection->display;

  if (g_str_equal (message->name_space, FOYER_CAST_NS_AUTH)) {
    answer_challenge (connection, message);
    return TRUE;
  }
  /* The agent keeps its own count of what is of no use. */
  foyer_cast_app_agent_receive (self->agent, connection->number, message);
  drain (self);
  return TRUE;
}

static void
on_closed (FoyerCastChannel *channel, const GError *error, gpointer user_data)
{
  Connection *connection = user_data;
  FoyerCastDisplay *self = connection->display;

  g_debug ("sender %" G_GUINT64_FORMAT " is gone: %s", connection->number,
      error->message);
  drop_connection (self, connection->number);
  drain (self);
}

static const FoyerCastChannelCallbacks channel_callbacks = {
  .on_open = on_open,
  .on_message = on_message,
  .on_closed = on_closed,
};

static Connection *
find_oldest_idle (FoyerCastDisplay *self)
{
  for (guint i = 0; i < self->connections->len; i++) {
    Connection *connection = g_ptr_array_index (self->connections, i);

    if (connection->number != self->app_number)
      return connection;
  }
  return NULL;
}

/* Somebody who opens connections and leaves them must not keep others out; the
 * one that runs the app is never given up for that. */
static void
make_room (FoyerCastDisplay *self)
{
  const Connection *connection = find_oldest_idle (self);

  if (connection == NULL || self->connections->len < FOYER_CAST_MAX_CONNECTIONS)
    return;
  g_debug ("sender %" G_GUINT64_FORMAT " makes room", connection->number);
  drop_connection (self, connection->number);
  drain (self);
}

static FoyerCastChannel *
make_channel (FoyerCastDisplay *self, GSocketConnection *socket,
    Connection *connection, GError **error)
{
  gint64 now_s = foyer_clock_get_wall_us (self->config.clock) / G_USEC_PER_SEC;
  g_autoptr (GTlsCertificate) certificate =
      foyer_cast_credentials_ensure_tls (self->config.credentials, now_s,
          error);

  if (certificate == NULL)
    return NULL;
  return foyer_cast_channel_new_server (self->thread, socket, certificate,
      &channel_callbacks, connection, error);
}

static void
on_accepted (GSocketConnection *socket, gpointer user_data)
{
  FoyerCastDisplay *self = user_data;
  g_autoptr (GError) error = NULL;
  Connection *connection;

  make_room (self);
  connection = g_new0 (Connection, 1);
  connection->display = self;
  connection->number = ++self->last_number;
  connection->channel = make_channel (self, socket, connection, &error);
  if (connection->channel == NULL) {
    g_warning ("a sender can't be served: %s", error->message);
    g_free (connection);
    return;
  }
  g_ptr_array_add (self->connections, connection);
  if (!foyer_cast_app_agent_add_connection (self->agent, connection->number))
    drop_connection (self, connection->number);
}

/* the app */

static void
on_session (guint64 session_number, const FoyerCastStreamConfig *streams,
    guint n_streams, gpointer user_data)
{
  FoyerCastDisplay *self = user_data;

  self->callbacks.on_session (self, session_number, streams, n_streams,
      self->user_data);
}

static void
on_frame (FoyerCastReceivedFrame *frame, gpointer user_data)
{
  FoyerCastDisplay *self = user_data;

  self->callbacks.on_frame (self, frame, self->user_data);
}

static void
on_session_ended (guint64 session_number, const char *reason,
    gpointer user_data)
{
  FoyerCastDisplay *self = user_data;

  self->callbacks.on_session_ended (self, session_number, reason,
      self->user_data);
}

static void
on_silence (gpointer user_data)
{
  FoyerCastDisplay *self = user_data;

  foyer_cast_app_agent_stop_app (self->agent, "the sender sends nothing");
  drain (self);
}

static const FoyerCastMirrorCallbacks mirror_callbacks = {
  .on_session = on_session,
  .on_frame = on_frame,
  .on_session_ended = on_session_ended,
  .on_silence = on_silence,
};

/* in order of life */

static FoyerCastAppAgent *
make_agent (const FoyerCastDisplayConfig *config)
{
  const char *fingerprint = foyer_cast_credentials_get_fingerprint (
      config->credentials);
  const char *digits = strchr (fingerprint, ':');
  g_autofree char *device_id =
      g_strndup (digits != NULL ? digits + 1 : fingerprint, DEVICE_ID_CHARS);

  return foyer_cast_app_agent_new (config->friendly_name, MODEL, device_id);
}

FoyerCastDisplay *
foyer_cast_display_new (const FoyerCastDisplayConfig *config,
    const FoyerCastDisplayCallbacks *callbacks, gpointer user_data,
    GError **error)
{
  FoyerCastDisplay *self = g_new0 (FoyerCastDisplay, 1);

  self->config = *config;
  self->config.address = g_strdup (config->address);
  self->config.friendly_name = g_strdup (config->friendly_name);
  if (self->config.clock == NULL)
    self->config.clock = foyer_clock_get_system ();
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->connections = g_ptr_array_new_with_free_func (connection_free);
  self->agent = make_agent (&self->config);
  self->media = foyer_cast_media_app_new ();
  if (config->has_player)
    foyer_cast_app_agent_add_player (self->agent);
  if (config->lacks_mirroring)
    foyer_cast_app_agent_remove_mirroring (self->agent);
  self->thread = foyer_cast_thread_new ("foyer-display");
  self->mirror = foyer_cast_mirror_new (self->thread, &self->config,
      &mirror_callbacks, self);
  self->listener = foyer_cast_listener_new (self->thread, config->address,
      config->port, on_accepted, self, error);
  if (self->listener == NULL) {
    foyer_cast_display_free (self);
    return NULL;
  }
  self->port = foyer_cast_listener_get_port (self->listener);
  return self;
}

guint16
foyer_cast_display_get_port (const FoyerCastDisplay *self)
{
  return self->port;
}

void
foyer_cast_display_request_key (FoyerCastDisplay *self, guint stream)
{
  foyer_cast_mirror_request_key (self->mirror, stream);
}

void
foyer_cast_display_set_drop (FoyerCastDisplay *self, double fraction)
{
  foyer_cast_mirror_set_drop (self->mirror, fraction);
}

void
foyer_cast_display_get_stats (FoyerCastDisplay *self,
    FoyerCastReceiverStats *stats)
{
  foyer_cast_mirror_get_stats (self->mirror, stats);
}

void
foyer_cast_display_report_media (FoyerCastDisplay *self, guint64 number,
    FoyerCastMediaState state, double position_s, gboolean has_failed)
{
  const Report report = { self, number, state, position_s, has_failed };

  foyer_cast_thread_invoke (self->thread, do_report,
      g_memdup2 (&report, sizeof report), g_free);
}

static void
do_stop (gpointer user_data)
{
  FoyerCastDisplay *self = user_data;

  g_clear_pointer (&self->listener, foyer_cast_listener_free);
  foyer_cast_app_agent_stop_app (self->agent, "the display was switched off");
  drain (self);
  while (self->connections->len > 0) {
    const Connection *first = g_ptr_array_index (self->connections, 0);

    drop_connection (self, first->number);
  }
  drain (self);
}

void
foyer_cast_display_stop (FoyerCastDisplay *self)
{
  if (self->is_stopped)
    return;
  self->is_stopped = TRUE;
  foyer_cast_thread_invoke (self->thread, do_stop, self, NULL);
  foyer_cast_thread_join (self->thread);
}

void
foyer_cast_display_free (FoyerCastDisplay *self)
{
  if (self == NULL)
    return;
  foyer_cast_display_stop (self);
  g_clear_pointer (&self->connections, g_ptr_array_unref);
  g_clear_pointer (&self->agent, foyer_cast_app_agent_free);
  g_clear_pointer (&self->media, foyer_cast_media_app_free);
  g_clear_pointer (&self->mirror, foyer_cast_mirror_free);
  g_clear_pointer (&self->thread, foyer_cast_thread_free);
  g_free ((char *) self->config.address);
  g_free ((char *) self->config.friendly_name);
  g_free (self);
}
