/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-house-private.h"

/* Programs that take a camera's frames. A program is a target for as long as it
 * has a session, under the name that it gives itself: whoever may call us as some
 * user may give any name. What is known of it for sure is the user alone. */

/* Of one user, so that all places for programs are never one user's. */
#define MAX_APPS_OF_USER (FOYER_CORE_MAX_TARGETS / 4)

static guint
count_apps_of (FoyerHouse *self, guint32 uid)
{
  GHashTableIter iter;
  gpointer value;
  guint n_apps = 0;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const FoyerRun *run = value;

    if (run->cast.target == FOYER_TARGET_APP && run->cast.subject.uid == uid)
      n_apps++;
  }
  return n_apps;
}

static FoyerReason
post_target (FoyerHouse *self, FoyerEventKind kind, FoyerTargetId id)
{
  const FoyerEvent event = {
    .kind = kind,
    .target = { .kind = FOYER_TARGET_APP, .id = id },
  };

  return foyer_house_post (self, &event);
}

void
foyer_house_note_app_over (FoyerHouse *self, FoyerTargetId id)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const FoyerRun *run = value;

    if (run->cast.target == FOYER_TARGET_APP &&
        foyer_target_id_equal (run->cast.display, id))
      return;
  }
  (void) post_target (self, FOYER_EVENT_TARGET_REMOVED, id);
  /* Names that no rule has are not kept: anybody may make them up. */
  foyer_interner_drop (foyer_state_get_ids (self->parts.state), id.v);
}

gboolean
foyer_house_open_for_app (FoyerHouse *self, const FoyerCast *wish,
    const char *app, FoyerSessionId *id, FoyerLinkTold told, gpointer user_data,
    GError **error)
{
  FoyerInterner *ids = foyer_state_get_ids (self->parts.state);
  FoyerCast cast = *wish;
  FoyerRun *run;

  cast.target = FOYER_TARGET_APP;
  cast.display = foyer_interner_intern_target (ids, FOYER_TARGET_APP, app);
  if (count_apps_of (self, cast.subject.uid) >= MAX_APPS_OF_USER ||
      cast.display.v == 0 ||
      post_target (self, FOYER_EVENT_TARGET_ADDED, cast.display) !=
          FOYER_REASON_NONE) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_FULL,
        "too many programs have a camera: run foyerctl sessions to find one to "
        "stop");
    return FALSE;
  }
  if (!foyer_house_cast (self, &cast, id, error)) {
    foyer_house_note_app_over (self, cast.display);
    return FALSE;
  }
  run = foyer_house_find_run (self, *id);
  if (run == NULL) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_FAILED,
        "the session's process can't be started: see the service's log");
    return FALSE;
  }
  foyer_run_set_link_told (run, told, user_data);
  return TRUE;
}

void
foyer_house_leave (FoyerHouse *self, FoyerSessionId id)
{
  foyer_house_post_session (self, FOYER_EVENT_STOP, id,
      FOYER_REASON_CALLER_GONE);
}
