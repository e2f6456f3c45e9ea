/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-core.h"

/* What is known of the house: rules, cameras, targets. Nothing is decided here
 * about a session. Of daemon/core alone. */

#define FOYER_US_PER_S INT64_C (1000000)

/* Whether a time that is set has come; 0 is never. */
/*@ requires \valid_read (moment);
  @ assigns \nothing;
  @ ensures \result <==> due_us != 0 && moment->now_us >= due_us;
  @*/
static inline bool
foyer_moment_is_past (const FoyerMoment *moment, int64_t due_us)
{
  return due_us != 0 && moment->now_us >= due_us;
}

/* The earlier of two times, of which 0 is never. */
/*@ assigns \nothing;
  @ ensures \result == a_us || \result == b_us;
  @ ensures \result == 0 <==> a_us == 0 && b_us == 0;
  @ ensures \result != 0 ==> (a_us == 0 || \result <= a_us) &&
  @   (b_us == 0 || \result <= b_us);
  @*/
static inline int64_t
foyer_earlier_us (int64_t a_us, int64_t b_us)
{
  return a_us == 0 || (b_us != 0 && b_us < a_us) ? b_us : a_us;
}

/**
 * foyer_core_take_house_event:
 * @core: the house; changed
 * @event: one that is not about a session
 * @effects: (inout): what is to be done about it is added
 *
 * Returns: why the event is refused: nothing changed; else #FOYER_REASON_NONE
 */
FoyerReason foyer_core_take_house_event (FoyerCore *core,
    const FoyerEvent *event, FoyerEffects *effects);

/**
 * foyer_core_open_camera:
 * @core: the house; changed
 * @camera: one of its cameras, for which a grant was given
 * @now_us: monotonic time
 * @effects: (inout): what is to be done about it is added
 *
 * Opens it, if it is closed, under a generation that never was; one that was
 * about to be closed stays open.
 */
void foyer_core_open_camera (FoyerCore *core, FoyerCamera *camera,
    int64_t now_us, FoyerEffects *effects);

/**
 * foyer_core_settle_camera:
 * @core: the house
 * @camera: one of its cameras; changed
 * @moment: now
 * @effects: (inout): what is to be done about it is added
 *
 * Closes it, if it may not be open, nobody waits for it to be open any more, or
 * nobody needed it for a while.
 */
void foyer_core_settle_camera (const FoyerCore *core, FoyerCamera *camera,
    const FoyerMoment *moment, FoyerEffects *effects);
