/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house-private.h"

/* Somebody waits until these sessions are silent. */
typedef struct
{
  FoyerSilent silent;
  gpointer user_data;
  guint n_ids;
  FoyerSessionId ids[FOYER_CORE_MAX_SESSIONS];
} Wait;

static gboolean
is_awaited (const FoyerSession *session, FoyerSessionId id)
{
  return session->state == FOYER_SESSION_CLOSING &&
      (id.v == 0 || foyer_session_id_equal (session->id, id));
}

void
foyer_house_wait_silent (FoyerHouse *self, FoyerSessionId id,
    FoyerSilent silent, gpointer user_data)
{
  Wait *wait;

  if (silent == NULL)
    return;
  wait = g_new0 (Wait, 1);
  wait->silent = silent;
  wait->user_data = user_data;
  for (guint i = 0; i < FOYER_CORE_MAX_SESSIONS; i++)
    if (is_awaited (&self->core->sessions[i], id))
      wait->ids[wait->n_ids++] = self->core->sessions[i].id;
  if (wait->n_ids == 0) {
    g_free (wait);
    silent (user_data);
    return;
  }
  g_ptr_array_add (self->waits, wait);
}

void
foyer_house_when_silent (FoyerHouse *self, FoyerSilent silent,
    gpointer user_data)
{
  foyer_house_wait_silent (self, (FoyerSessionId){ 0 }, silent, user_data);
}

static void
strike_out (Wait *wait, FoyerSessionId id)
{
  for (guint i = 0; i < wait->n_ids; i++) {
    if (foyer_session_id_equal (wait->ids[i], id)) {
      wait->ids[i] = wait->ids[--wait->n_ids];
      return;
    }
  }
}

void
foyer_house_note_silent (FoyerHouse *self, FoyerSessionId id)
{
  for (guint i = 0; i < self->waits->len;) {
    Wait *wait = self->waits->pdata[i];

    strike_out (wait, id);
    if (wait->n_ids > 0) {
      i++;
      continue;
    }
    g_ptr_array_steal_index (self->waits, i);
    wait->silent (wait->user_data);
    g_free (wait);
  }
}
