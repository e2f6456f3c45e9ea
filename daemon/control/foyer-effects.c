/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-broker.h"
#include "foyer-error.h"
#include "foyer-house-private.h"
#include "foyer-residue.h"

/* What the core says is to be done, and how it is done. Nothing is decided here;
 * what can't be done becomes another event. */

static void
on_granted (FoyerHouse *self, const FoyerEffect *effect)
{
  FoyerRun *run = g_steal_pointer (&self->pending);
  FoyerSessionView view;

  run->rule = effect->rule;
  run->generation = effect->generation;
  run->granted_us =
      foyer_core_find_session (self->core, effect->session)->granted_us;
  run->is_logged = foyer_book_begin (self, run);
  self->is_logged = run->is_logged;
  g_hash_table_insert (self->runs, g_memdup2 (&run->id.v, sizeof run->id.v),
      run);
  g_message ("session %" G_GUINT64_FORMAT " begins: %s on %s", run->id.v,
      run->camera_name, run->display_name);
  if (self->events == NULL)
    return;
  foyer_house_fill_view (self, run, &view);
  self->events->session_added (&view, self->user_data);
}

static void
on_link (FoyerHouse *self, FoyerRun *run, const FoyerEffect *effect)
{
  const FoyerLinkGrant grant = {
    .session = effect->session,
    .camera = effect->camera,
    .generation = effect->generation,
    .granted_us = run->granted_us,
    .shape = run->shape,
  };
  FoyerPeer *camera = foyer_house_find_camera_peer (self, effect->camera,
      effect->generation);
  g_autoptr (GError) error = NULL;

  if (camera == NULL || run->peer == NULL) {
    foyer_run_kill (run, FOYER_REASON_CAMERA_FAILED);
  } else if (!foyer_broker_join (&grant, camera, run->peer, &error) ||
      !foyer_house_join_sound (self, &grant, run, &error)) {
    g_warning ("session %" G_GUINT64_FORMAT ": %s", run->id.v, error->message);
    foyer_run_kill (run, FOYER_REASON_WORKER_DIED);
  }
}

/* The camera's end of the link; if it can't be told it is dead, which ends the
 * link as well. */
static void
on_unlink (FoyerHouse *self, const FoyerEffect *effect)
{
  const FoyerMessage message = {
    .type = FOYER_MESSAGE_UNLINK,
    .session = effect->session,
  };
  FoyerPeer *camera = foyer_house_find_camera_peer (self, effect->camera,
      effect->generation);

  if (camera != NULL && !foyer_peer_send (camera, &message, NULL, 0))
    g_debug ("the camera's worker is gone already");
}

static void
on_cleaned (const FoyerErrandResult *result, gpointer user_data)
{
  FoyerRun *run = user_data;

  if (!result->is_done)
    g_warning ("session %" G_GUINT64_FORMAT ": cleaning up its display: %s",
        run->id.v, result->words);
  foyer_starts_leave (run->house->cleaners, run);
  g_clear_pointer (&run->cleaner, foyer_errand_free);
  foyer_house_post_session (run->house, FOYER_EVENT_CLEANED, run->id,
      FOYER_REASON_NONE);
}

static void
go_clean (gpointer owner)
{
  FoyerRun *run = owner;
  FoyerHouse *self = run->house;
  const FoyerDisplayEntry *display = foyer_displays_find (self->parts.displays,
      run->cast.display);

  if (display != NULL)
    run->cleaner = foyer_errand_new (self->parts.launcher, self->parts.roots,
        display, run->id, run->app, on_cleaned, run);
  else
    foyer_house_post_session (self, FOYER_EVENT_CLEANED, run->id,
        FOYER_REASON_NONE);
}

static void
on_clean (FoyerHouse *self, FoyerRun *run)
{
  /* Nothing was launched there. */
  if (run->app == NULL)
    foyer_house_post_session (self, FOYER_EVENT_CLEANED, run->id,
        FOYER_REASON_NONE);
  else
    foyer_starts_enter (self->cleaners, run, go_clean);
}

static void
on_silenced (FoyerHouse *self, FoyerRun *run)
{
  /* Nothing more is sent, and nothing can be. */
  foyer_line_clear (&run->line);
  foyer_run_drop_slate (run);
  foyer_house_note_silent (self, run->id);
}

/* Whether another session will follow: the same again, or over HTTP where the
 * display can't be streamed to. Each is a new decision. */
static gboolean
is_followed (FoyerHouse *self, const FoyerRun *run, FoyerReason reason,
    gint64 lasted_us)
{
  FoyerCast cast = run->cast;

  if (self->is_closing)
    return FALSE;
  if (cast.longest_s != 0)
    cast.longest_s -= (guint32) CLAMP (lasted_us / G_USEC_PER_SEC, 0,
        (gint64) cast.longest_s - 1);
  if (reason != FOYER_REASON_NO_APP || !cast.is_auto ||
      cast.transport != FOYER_TRANSPORT_STREAMING)
    return foyer_keeper_take (self->keeper, run->id, &cast, reason, lasted_us);
  cast.transport = FOYER_TRANSPORT_HTTP;
  foyer_keeper_follow (self->keeper, run->id, &cast);
  return TRUE;
}

static void
on_ended (FoyerHouse *self, FoyerRun *run, const FoyerEffect *effect)
{
  const FoyerReasonWords about = {
    .camera = run->camera_name,
    .target = run->display_name,
    .rule = effect->rule,
    .options = run->cast.transport == FOYER_TRANSPORT_HTTP
        ? "--transport streaming"
        : "--transport http",
  };
  g_autofree char *sentence = foyer_reason_describe (effect->reason, &about);
  g_autofree char *words = run->words != NULL
      ? g_strdup_printf ("%s (%s)", sentence, run->words)
      : g_steal_pointer (&sentence);
  gint64 lasted_us = foyer_clock_get_us (self->parts.clock) - run->granted_us;
  const FoyerCast cast = run->cast;
  FoyerSessionView view;

  run->reason = effect->reason;
  run->step = "";
  foyer_book_end (self, run, words);
  foyer_residue_drop (self->parts.run_folder, run->id.v);
  foyer_house_fill_view (self, run, &view);
  view.is_waiting = is_followed (self, run, effect->reason, lasted_us);
  g_message ("session %" G_GUINT64_FORMAT " ends: %s", run->id.v, words);
  if (self->events != NULL)
    self->events->session_ended (&view, words, self->user_data);
  if (cast.target == FOYER_TARGET_NODE)
    foyer_house_note_node_over (self, run, effect->reason, lasted_us);
  g_hash_table_remove (self->runs, &effect->session.v);
  if (cast.target == FOYER_TARGET_APP)
    foyer_house_note_app_over (self, cast.display);
  foyer_house_note_over (self);
}

/* Those that are about a session which is known. */
static void
carry_out_for (FoyerHouse *self, FoyerRun *run, const FoyerEffect *effect)
{
  switch (effect->kind) {
    case FOYER_EFFECT_SPAWN:
      if (run->is_logged)
        foyer_run_start (run);
      else
        foyer_run_kill (run, FOYER_REASON_FULL);
      break;
    case FOYER_EFFECT_APPROVE:
      foyer_run_approve (run);
      break;
    case FOYER_EFFECT_LINK:
      run->step = "waiting for the first picture";
      on_link (self, run, effect);
      break;
    case FOYER_EFFECT_CLOSE:
      run->step = "closing";
      foyer_run_send (run, FOYER_MESSAGE_CLOSE);
      break;
    case FOYER_EFFECT_KILL:
      foyer_run_kill (run, FOYER_REASON_WORKER_DIED);
      break;
    case FOYER_EFFECT_SILENCED:
      on_silenced (self, run);
      break;
    case FOYER_EFFECT_CLEAN:
      on_clean (self, run);
      break;
    case FOYER_EFFECT_ENDED:
      on_ended (self, run, effect);
      break;
    case FOYER_EFFECT_CHANGED:
      foyer_house_tell_session (self, run);
      break;
    case FOYER_EFFECT_NONE:
    case FOYER_EFFECT_GRANTED:
    case FOYER_EFFECT_REFUSED:
    case FOYER_EFFECT_OPEN_CAMERA:
    case FOYER_EFFECT_CLOSE_CAMERA:
    case FOYER_EFFECT_UNLINK:
    case FOYER_EFFECT_FAILED:
      break;
  }
}

void
foyer_house_carry_out (FoyerHouse *self, const FoyerEffect *effect)
{
  FoyerRun *run;

  switch (effect->kind) {
    case FOYER_EFFECT_GRANTED:
      on_granted (self, effect);
      return;
    case FOYER_EFFECT_REFUSED:
    case FOYER_EFFECT_FAILED:
      self->failed = effect->reason;
      self->denied_by = effect->rule;
      return;
    case FOYER_EFFECT_OPEN_CAMERA:
      foyer_house_open_camera (self, effect->camera, effect->generation);
      return;
    case FOYER_EFFECT_CLOSE_CAMERA:
      foyer_house_close_camera (self, effect->camera, effect->generation);
      return;
    case FOYER_EFFECT_UNLINK:
      on_unlink (self, effect);
      return;
    case FOYER_EFFECT_NONE:
    case FOYER_EFFECT_SPAWN:
    case FOYER_EFFECT_APPROVE:
    case FOYER_EFFECT_LINK:
    case FOYER_EFFECT_CLOSE:
    case FOYER_EFFECT_KILL:
    case FOYER_EFFECT_SILENCED:
    case FOYER_EFFECT_CLEAN:
    case FOYER_EFFECT_ENDED:
    case FOYER_EFFECT_CHANGED:
      break;
  }
  run = foyer_house_find_run (self, effect->session);
  if (run != NULL)
    carry_out_for (self, run, effect);
}
