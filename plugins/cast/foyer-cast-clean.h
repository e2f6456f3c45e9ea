/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-launch.h"

G_BEGIN_DECLS

/* How an app session that another connection left behind is ended: ask what
 * runs, and if it is still that session, stop it. Pure, in the manner of
 * FoyerCastLaunch: after every call send what foyer_cast_clean_take_message()
 * gives, look at @state, and call foyer_cast_clean_tick() at @deadline_us. */

/**
 * FoyerCastClean:
 * @state: done once the display says that the session does not run; failed if it
 *   has not said so in time
 * @deadline_us: when to tick, monotonic
 * @was_running: it ran when it was asked
 *
 * The rest is its own.
 */
typedef struct
{
  FoyerCastControlState state;
  gint64 deadline_us;
  gboolean was_running;

  char *session_id;
  gint64 request_id; /* of GET_STATUS; the STOP's is the next */
  FoyerCastStop stop;
  char *message;
} FoyerCastClean;

/**
 * foyer_cast_clean_init:
 * @self: (out caller-allocates): its first message is ready
 * @session_id: what is to end
 * @first_request_id: the first of two free numbers
 * @now_us: monotonic
 */
void foyer_cast_clean_init (FoyerCastClean *self, const char *session_id,
    gint64 first_request_id, gint64 now_us);

/**
 * foyer_cast_clean_receive:
 * @self: a conversation
 * @reply: what receiver-0 said
 * @now_us: monotonic
 */
void foyer_cast_clean_receive (FoyerCastClean *self,
    const FoyerCastReply *reply, gint64 now_us);

/* Lets time pass up to @now_us; may be called at any time. */
void foyer_cast_clean_tick (FoyerCastClean *self, gint64 now_us);

/* (transfer full) (nullable): what is to be sent now, once */
char *foyer_cast_clean_take_message (FoyerCastClean *self);

void foyer_cast_clean_clear (FoyerCastClean *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastClean, foyer_cast_clean_clear)

G_END_DECLS
