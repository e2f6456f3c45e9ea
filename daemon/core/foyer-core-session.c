/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-core-session.h"

#include <string.h>

typedef struct
{
  uint32_t from; /* a set of states */
  uint32_t turn;
  FoyerSessionState next;
  uint32_t effects; /* a set; UNLINK and CHANGED are added by themselves */
  int64_t due_us;   /* how long the next state may last */
} Row;

#define KEEP     (-1)
#define NEVER    0
#define IN(x)    (1u << FOYER_SESSION_##x)
#define DO(x)    (1u << FOYER_EFFECT_##x)
#define EVENT(x) FOYER_EVENT_##x
#define TO(x)    FOYER_SESSION_##x
#define ACTIVE   ((1u << FOYER_SESSION_CLOSING) - (1u << FOYER_SESSION_STARTING))
#define LOUD     (ACTIVE | IN (CLOSING))

/* I4: SILENCED stands only where the worker has closed its gate or ended. What
 * a worker said before it heard CLOSE is not in the table of CLOSING. */
static const Row rows[] = {
  { IN (FREE), EVENT (CAST), TO (STARTING), DO (GRANTED) | DO (SPAWN),
      FOYER_CORE_START_US },
  { IN (STARTING), EVENT (WORKER_READY), TO (IDENTIFYING), 0, KEEP },
  { IN (STARTING), FOYER_TURN_READY, TO (PREPARING), 0, KEEP },
  { IN (IDENTIFYING), EVENT (WORKER_IDENTITY), TO (PREPARING), DO (APPROVE),
      KEEP },
  { IN (PREPARING), EVENT (WORKER_STREAMING), TO (PREPARING), 0, KEEP },
  { IN (PREPARING), EVENT (CAMERA_OPENED), TO (LINKED), DO (LINK), NEVER },
  { IN (LINKED), EVENT (WORKER_LIVE), TO (LIVE), 0, NEVER },
  /* The end. */
  { ACTIVE, EVENT (STOP), TO (CLOSING), DO (CLOSE), FOYER_CORE_CLOSE_US },
  { ACTIVE, FOYER_TURN_ROGUE, TO (CLOSING), DO (KILL), NEVER },
  { IN (CLOSING), EVENT (TICK), TO (CLOSING), DO (KILL), NEVER },
  { IN (CLOSING), EVENT (WORKER_CLOSED), TO (CLEANING), DO (SILENCED),
      FOYER_CORE_CLEAN_US },
  { LOUD, EVENT (WORKER_FAILED), TO (CLEANING), DO (SILENCED),
      FOYER_CORE_CLEAN_US },
  { LOUD, EVENT (WORKER_GONE), TO (FREE), DO (SILENCED) | DO (ENDED), NEVER },
  { LOUD, FOYER_TURN_GONE_DIRTY, TO (CLEANING), DO (SILENCED) | DO (CLEAN),
      FOYER_CORE_CLEAN_US },
  /* Silent. A worker may have failed before it heard CLOSE, or now. */
  { IN (CLEANING), EVENT (WORKER_CLOSED), TO (CLEANING), 0, KEEP },
  { IN (CLEANING), EVENT (WORKER_FAILED), TO (CLEANING), 0, KEEP },
  { IN (CLEANING), FOYER_TURN_ROGUE, TO (CLEANING), DO (KILL), NEVER },
  { IN (CLEANING), EVENT (TICK), TO (CLEANING), DO (KILL), NEVER },
  { IN (CLEANING), EVENT (WORKER_GONE), TO (FREE), DO (ENDED), NEVER },
  { IN (CLEANING), FOYER_TURN_GONE_DIRTY, TO (CLEANING), DO (CLEAN),
      FOYER_CORE_CLEAN_US },
  { IN (CLEANING), EVENT (CLEANED), TO (FREE), DO (ENDED), NEVER },
};

void
foyer_effects_add (FoyerEffects *effects, FoyerEffect effect)
{
  effects->effects[effects->n_effects] = effect;
  effects->n_effects++;
}

bool
foyer_session_is_active (const FoyerSession *session)
{
  return session->state >= FOYER_SESSION_STARTING &&
      session->state < FOYER_SESSION_CLOSING;
}

bool
foyer_session_state_is_open (FoyerSessionState state)
{
  return state == FOYER_SESSION_LINKED || state == FOYER_SESSION_LIVE;
}

static void
apply (const Row *row, FoyerSession *session, int64_t now_us,
    FoyerEffects *effects)
{
  uint32_t set = row->effects;

  /* I1: nothing but LINKED and LIVE has a link. */
  if (foyer_session_state_is_open (session->state) &&
      !foyer_session_state_is_open (row->next))
    set |= DO (UNLINK);
  if (session->state != row->next && (set & (DO (GRANTED) | DO (ENDED))) == 0)
    set |= DO (CHANGED);
  session->state = row->next;
  if (row->due_us != KEEP)
    session->due_us = row->due_us == NEVER ? 0 : now_us + row->due_us;
  session->is_streaming |= row->turn == FOYER_EVENT_WORKER_STREAMING;
  session->is_approved |= (set & DO (APPROVE)) != 0;
  session->is_killed |= (set & DO (KILL)) != 0;
  for (uint32_t kind = 0; kind <= FOYER_EFFECT_FAILED; kind++)
    if ((set & (1u << kind)) != 0)
      foyer_effects_add (effects,
          (FoyerEffect){ (FoyerEffectKind) kind, session->id, session->camera,
              session->generation, session->reason, session->rule });
  if (session->state == FOYER_SESSION_FREE)
    memset (session, 0, sizeof (FoyerSession));
}

bool
foyer_session_take_turn (FoyerSession *session, uint32_t turn,
    FoyerReason reason, int64_t now_us, FoyerEffects *effects)
{
  for (uint32_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
    if (rows[i].turn == turn && (rows[i].from & (1u << session->state)) != 0) {
      if (session->reason == FOYER_REASON_NONE)
        session->reason = reason;
      apply (&rows[i], session, now_us, effects);
      return true;
    }
  }
  return false;
}
