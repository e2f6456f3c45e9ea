/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-core.h"

/* The one table of a session's states, and the one function that changes them.
 * Of daemon/core alone. */

/* What a session's state goes on by: the kind of an event, where FOYER_EVENT_TICK
 * says that its state lasts too long, FOYER_EVENT_STOP that it must end for
 * whatever reason, FOYER_EVENT_CAMERA_OPENED that camera and worker are both
 * ready, FOYER_EVENT_WORKER_IDENTITY that the display is the granted one; or one
 * of these. */
enum
{
  FOYER_TURN_READY = FOYER_N_EVENTS, /* WORKER_READY of a node or an app */
  FOYER_TURN_ROGUE,                  /* the worker spoke out of turn */
  FOYER_TURN_GONE_DIRTY, /* WORKER_GONE, and the display is not clean */
};

/**
 * foyer_session_take_turn:
 * @session: whose turn it is
 * @turn: what happened
 * @reason: why it ends, if it ends by this; else #FOYER_REASON_NONE
 * @now_us: monotonic time
 * @effects: (inout): what is to be done about it is added
 *
 * Returns: %false if that is not in the table: nothing changed
 */
bool foyer_session_take_turn (FoyerSession *session, uint32_t turn,
    FoyerReason reason, int64_t now_us, FoyerEffects *effects);

/* Whether it may still come to show something: before CLOSING. */
/*@ requires \valid_read (session);
  @ assigns \nothing;
  @ ensures \result <==>
  @   FOYER_SESSION_STARTING <= session->state <= FOYER_SESSION_LIVE;
  @*/
bool foyer_session_is_active (const FoyerSession *session);

/**
 * foyer_effects_add:
 * @effects: (inout): effects
 * @effect: one more; there is room for all of one step, see foyer-core.c
 */
/*@ requires \valid (effects);
  @ requires effects->n_effects < FOYER_CORE_MAX_EFFECTS;
  @ assigns effects->effects[effects->n_effects], effects->n_effects;
  @ ensures effects->n_effects == \old (effects->n_effects) + 1;
  @ ensures effects->n_effects <= FOYER_CORE_MAX_EFFECTS;
  @ ensures effects->effects[effects->n_effects - 1].kind == effect.kind;
  @*/
void foyer_effects_add (FoyerEffects *effects, FoyerEffect effect);
