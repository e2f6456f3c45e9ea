/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-control.h"

G_BEGIN_DECLS

/* How an app is started and stopped on a display. Pure: replies and the time go
 * in, texts for receiver-0 on the receiver namespace come out.
 *
 * A display that says that it does not have the app is not told to launch it; one
 * that does not say is.
 *
 * A launch is done when a status shows the app with a session and a transport,
 * whether it answers us or is a broadcast. After every call: send what
 * foyer_cast_launch_take_message() gives, look at @state, and call
 * foyer_cast_launch_tick() at @deadline_us. */

typedef enum
{
  FOYER_CAST_CONTROL_RUNNING = 0,
  FOYER_CAST_CONTROL_DONE,
  FOYER_CAST_CONTROL_FAILED,
} FoyerCastControlState;

/**
 * FoyerCastLaunch:
 * @state: how far it is
 * @deadline_us: when to tick, monotonic
 * @is_waiting_for_user: the display asks its user whether we may
 * @app_id: what is launched; may change if the display does not have it
 * @session_id: (nullable): once done: what STOP wants
 * @transport_id: (nullable): once done: what CONNECT wants
 * @error: (nullable): once failed: %FOYER_CAST_ERROR_LAUNCH, _NO_APP or
 *   _TIMED_OUT
 * @next_request_id: the first number that is still free
 *
 * The rest is its own.
 */
typedef struct
{
  FoyerCastControlState state;
  gint64 deadline_us;
  gboolean is_waiting_for_user;
  const char *app_id;
  char *session_id;
  char *transport_id;
  GError *error;
  gint64 next_request_id;

  int phase;
  gint64 apps_id;    /* request of GET_APP_AVAILABILITY */
  gint64 launch_id;  /* request of the last LAUNCH */
  gint64 status_id;  /* request of the last GET_STATUS since, or 0 */
  gint64 due_us;     /* when something is to be done */
  gint64 end_us;     /* when all is given up */
  int n_retries;     /* after CANCELLED */
  char *old_session; /* of this app, running before us; or NULL */
  char *shown;       /* what runs instead, for the error; or NULL */
  char *message;     /* to be sent, or NULL */
} FoyerCastLaunch;

/**
 * foyer_cast_launch_init:
 * @self: (out caller-allocates): the launch; its first message is ready
 * @app_id: static: which; where a display does not have the one for audio only,
 *   the one for audio and video is launched instead
 * @first_request_id: the first number to use, positive
 * @now_us: monotonic
 */
void foyer_cast_launch_init (FoyerCastLaunch *self, const char *app_id,
    gint64 first_request_id, gint64 now_us);

/**
 * foyer_cast_launch_receive:
 * @self: a launch
 * @reply: what receiver-0 said; of no use once it is over
 * @now_us: monotonic
 */
void foyer_cast_launch_receive (FoyerCastLaunch *self,
    const FoyerCastReply *reply, gint64 now_us);

/* Lets time pass up to @now_us; may be called at any time. */
void foyer_cast_launch_tick (FoyerCastLaunch *self, gint64 now_us);

/**
 * foyer_cast_launch_take_message:
 * @self: a launch
 *
 * Returns: (transfer full) (nullable): what is to be sent now, once
 */
char *foyer_cast_launch_take_message (FoyerCastLaunch *self);

void foyer_cast_launch_clear (FoyerCastLaunch *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastLaunch, foyer_cast_launch_clear)

/**
 * FoyerCastStop:
 * @state: done once the display says that the session is over; failed if it has
 *   not said so in %FOYER_CAST_STOP_TIMEOUT_MS
 * @deadline_us: when to tick, monotonic
 * @session_id: what ends
 * @request_id: its number
 * @message: (nullable): the STOP to send
 */
typedef struct
{
  FoyerCastControlState state;
  gint64 deadline_us;
  char *session_id;
  gint64 request_id;
  char *message;
} FoyerCastStop;

/* The same in small: init with the session to end and a free number, send
 * foyer_cast_stop_take_message(), then receive and tick. */
void foyer_cast_stop_init (FoyerCastStop *self, const char *session_id,
    gint64 request_id, gint64 now_us);
void foyer_cast_stop_receive (FoyerCastStop *self, const FoyerCastReply *reply);
void foyer_cast_stop_tick (FoyerCastStop *self, gint64 now_us);
/* (transfer full) (nullable) */
char *foyer_cast_stop_take_message (FoyerCastStop *self);
void foyer_cast_stop_clear (FoyerCastStop *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastStop, foyer_cast_stop_clear)

G_END_DECLS
