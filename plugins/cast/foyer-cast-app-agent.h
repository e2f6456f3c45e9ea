/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-message.h"

G_BEGIN_DECLS

/* A display's receiver-0: who is connected to what, which app runs, how loud.
 * Messages of numbered TLS connections go in; messages to send and events come
 * out, in order. No I/O and no time; session ids are drawn at random.
 *
 * The app for mirroring can be launched, and the media receiver if the display has
 * one; one at a time, which belongs to the connection that launched it: no other
 * connection reaches it; another that launches takes over, and the app ends with
 * its connection. Behaves like openscreen
 * cast/receiver/application_agent.cc of today, but that SET_VOLUME is answered,
 * as by retail devices. */

typedef struct _FoyerCastAppAgent FoyerCastAppAgent;

/**
 * FoyerCastAgentOutputKind:
 * @FOYER_CAST_AGENT_SEND: send @message over @connection
 * @FOYER_CAST_AGENT_APP_STARTED: @connection launched the app
 * @FOYER_CAST_AGENT_APP_STOPPED: the app of @connection is over; @reason says why
 * @FOYER_CAST_AGENT_APP_MESSAGE: @message came for the app, on the webrtc
 *   namespace, or on the media namespace for the media receiver; its ids swapped are those of an answer
 * @FOYER_CAST_AGENT_DISCONNECT: @connection sends nothing but garbage: close it
 */
typedef enum
{
  FOYER_CAST_AGENT_SEND = 0,
  FOYER_CAST_AGENT_APP_STARTED,
  FOYER_CAST_AGENT_APP_STOPPED,
  FOYER_CAST_AGENT_APP_MESSAGE,
  FOYER_CAST_AGENT_DISCONNECT,
} FoyerCastAgentOutputKind;

typedef struct
{
  FoyerCastAgentOutputKind kind;
  guint64 connection;
  FoyerCastMessage *message; /* or NULL */
  const char *reason;        /* in words, or NULL */
} FoyerCastAgentOutput;

void foyer_cast_agent_output_free (FoyerCastAgentOutput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastAgentOutput,
    foyer_cast_agent_output_free)

/**
 * foyer_cast_app_agent_new:
 * @friendly_name: what the display calls itself
 * @model: what it is
 * @device_id: 32 hex digits
 *
 * Returns: (transfer full): a display with its idle screen
 */
FoyerCastAppAgent *foyer_cast_app_agent_new (const char *friendly_name,
    const char *model, const char *device_id);

/* From now on the media receiver can be launched, too. */
void foyer_cast_app_agent_add_player (FoyerCastAppAgent *self);

/* From now on the app for mirroring can't: so are displays that only take a URL. */
void foyer_cast_app_agent_remove_mirroring (FoyerCastAppAgent *self);

/**
 * foyer_cast_app_agent_add_connection:
 * @self: an agent
 * @connection: the caller's number of it, never used before
 *
 * Returns: %FALSE if there are FOYER_CAST_MAX_CONNECTIONS: close it
 */
gboolean foyer_cast_app_agent_add_connection (FoyerCastAppAgent *self,
    guint64 connection) G_GNUC_WARN_UNUSED_RESULT;

/* It was closed, by whom ever. Its app ends. Unknown numbers are no error. */
void foyer_cast_app_agent_remove_connection (FoyerCastAppAgent *self,
    guint64 connection);

/**
 * foyer_cast_app_agent_receive:
 * @self: an agent
 * @connection: where it came from
 * @message: what came; those of the deviceauth namespace are not for here and
 *   do nothing
 */
void foyer_cast_app_agent_receive (FoyerCastAppAgent *self, guint64 connection,
    const FoyerCastMessage *message);

/* Counts what was not even a message, as receive() counts garbage. */
void foyer_cast_app_agent_count_garbage (FoyerCastAppAgent *self,
    guint64 connection);

/**
 * foyer_cast_app_agent_stop_app:
 * @self: an agent
 * @reason: a literal, for the event
 *
 * Ends the app from this side, if it runs.
 */
void foyer_cast_app_agent_stop_app (FoyerCastAppAgent *self,
    const char *reason);

/**
 * foyer_cast_app_agent_take_output:
 * @self: an agent
 *
 * Returns: (transfer full) (nullable): the next thing to do; call until %NULL
 *   after each of the above
 */
FoyerCastAgentOutput *foyer_cast_app_agent_take_output (
    FoyerCastAppAgent *self);

/* (nullable): transportId of the running app; %NULL while idle. */
const char *foyer_cast_app_agent_get_transport_id (
    const FoyerCastAppAgent *self);

void foyer_cast_app_agent_free (FoyerCastAppAgent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastAppAgent, foyer_cast_app_agent_free)

G_END_DECLS
