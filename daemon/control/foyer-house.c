/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house.h"

#include "foyer-error.h"
#include "foyer-house-private.h"
#include "foyer-local-time.h"
#include "foyer-shape.h"

/* How much may begin at once: a start is a connection and two processes. */
#define MAX_STARTS   8
#define MAX_SLATES   2
#define MAX_CLEANERS 4
/* Of one user, so that one can't take all the places. */
#define MAX_SESSIONS_OF_USER 64
#define CLOSING_LIMIT_MS     2000

static void
run_free (gpointer data)
{
  foyer_run_free (data);
}

static void
opening_free (gpointer data)
{
  foyer_opening_free (data);
}

static void
on_ring (gpointer user_data)
{
  foyer_house_tick (user_data);
}

FoyerMoment
foyer_house_get_moment (const FoyerHouse *self)
{
  g_autoptr (GTimeZone) zone = foyer_local_time_get_zone ();

  return foyer_local_time_get_moment (self->parts.clock, zone);
}

/* All that are to be killed die side by side; each is waited for in its turn. */
static void
doom (FoyerHouse *self)
{
  for (guint32 i = 0; i < self->effects->n_effects; i++) {
    const FoyerEffect *effect = &self->effects->effects[i];
    FoyerRun *run = effect->kind == FOYER_EFFECT_KILL
        ? foyer_house_find_run (self, effect->session)
        : NULL;

    if (run != NULL && run->peer != NULL)
      foyer_peer_doom (run->peer);
  }
}

static void
take_step (FoyerHouse *self, FoyerEvent *event)
{
  event->moment = foyer_house_get_moment (self);
  event->request.moment = event->moment;
  foyer_core_step (self->core, event, self->effects);
  doom (self);
  for (guint32 i = 0; i < self->effects->n_effects; i++)
    foyer_house_carry_out (self, &self->effects->effects[i]);
}

void
foyer_house_set_alarm (FoyerHouse *self)
{
  FoyerMoment now = foyer_house_get_moment (self);
  gint64 due_us = foyer_core_get_deadline_us (self->core, &now);

  if (self->expiry_us != 0 && (due_us == 0 || self->expiry_us < due_us))
    due_us = self->expiry_us;
  foyer_alarm_set (self->alarm, due_us);
}

FoyerReason
foyer_house_post (FoyerHouse *self, const FoyerEvent *event)
{
  FoyerEvent *next;
  FoyerReason failed;

  g_queue_push_tail (&self->queue, g_memdup2 (event, sizeof *event));
  if (self->is_running)
    return FOYER_REASON_NONE;
  self->is_running = TRUE;
  self->failed = FOYER_REASON_NONE;
  next = g_queue_pop_head (&self->queue);
  take_step (self, next);
  g_free (next);
  /* What came of carrying out its effects says nothing about the event. */
  failed = self->failed;
  while ((next = g_queue_pop_head (&self->queue)) != NULL) {
    take_step (self, next);
    g_free (next);
  }
  self->failed = failed;
  self->is_running = FALSE;
  foyer_house_set_alarm (self);
  return failed;
}

void
foyer_house_post_session (FoyerHouse *self, FoyerEventKind kind,
    FoyerSessionId id, FoyerReason reason)
{
  const FoyerEvent event = { .kind = kind, .session = id, .reason = reason };

  foyer_house_post (self, &event);
}

FoyerRun *
foyer_house_find_run (FoyerHouse *self, FoyerSessionId id)
{
  return g_hash_table_lookup (self->runs, &id.v);
}

void
foyer_house_fill_view (const FoyerHouse *self, const FoyerRun *run,
    FoyerSessionView *view)
{
  const FoyerSession *session = foyer_core_find_session (self->core, run->id);

  *view = (FoyerSessionView){
    .id = run->id,
    .cast = run->cast,
    .camera_name = run->camera_name,
    .display_name = run->display_name,
    .rule = run->rule,
    .reason = run->reason,
    .since_us = run->since_us,
    .shape = run->shape,
    .sound = run->sound,
    .sound_problem = run->sound_problem != NULL ? run->sound_problem : "",
    .is_stalled = run->is_stalled,
    .step = run->step,
    .account = run->account,
  };
  if (session == NULL)
    return;
  view->state = session->state;
  view->reason = session->reason;
  if (session->ends_us != 0)
    view->ends_us = run->since_us + session->ends_us - session->granted_us;
}

void
foyer_house_tell_session (FoyerHouse *self, const FoyerRun *run)
{
  FoyerSessionView view;

  if (self->events == NULL)
    return;
  foyer_house_fill_view (self, run, &view);
  self->events->session_changed (&view, self->user_data);
}

gboolean
foyer_house_view (FoyerHouse *self, FoyerSessionId id, FoyerSessionView *view)
{
  const FoyerRun *run = foyer_house_find_run (self, id);

  if (run == NULL)
    return FALSE;
  foyer_house_fill_view (self, run, view);
  return TRUE;
}

static guint
count_sessions_of (FoyerHouse *self, guint32 uid)
{
  GHashTableIter iter;
  gpointer run;
  guint n_sessions = 0;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, NULL, &run))
    n_sessions += ((FoyerRun *) run)->cast.subject.uid == uid ? 1 : 0;
  return n_sessions;
}

static gboolean
is_still (const FoyerCast *cast)
{
  return foyer_codec_is_still (cast->shape.codec);
}

static guint32
get_media (const FoyerCast *cast)
{
  if (is_still (cast))
    return FOYER_MEDIA_STILLS;
  return FOYER_MEDIA_VIDEO | (cast->has_sound ? FOYER_MEDIA_AUDIO : 0);
}

/* Of the command that would allow it. */
static const char *
get_options (const FoyerCast *cast)
{
  gboolean is_clear = cast->transport == FOYER_TRANSPORT_HTTP;

  if (is_still (cast))
    return "--media stills";
  if (cast->has_sound)
    return is_clear ? "--media video,audio --allow-clear"
                    : "--media video,audio";
  return is_clear ? "--allow-clear" : NULL;
}

/* A speaker, or a group of them. */
static gboolean
shows_nothing (FoyerHouse *self, const FoyerRun *run)
{
  const FoyerDisplayEntry *display = run->cast.target == FOYER_TARGET_DISPLAY
      ? foyer_displays_find (self->parts.displays, run->cast.display)
      : NULL;

  return display != NULL && display->kind != FOYER_DISPLAY_VIDEO;
}

static GError *
make_refusal (FoyerHouse *self, const FoyerRun *run, FoyerReason reason)
{
  const FoyerReasonWords words = {
    .camera = run->camera_name,
    .target = run->display_name,
    .rule = self->denied_by,
    .options = get_options (&run->cast),
  };

  if (reason == FOYER_REASON_NO_TARGET && shows_nothing (self, run))
    return g_error_new (FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        "%s is for sound alone and shows no picture: cast to a display instead",
        run->display_name);
  if (reason == FOYER_REASON_DENIED &&
      foyer_state_is_policy_damaged (self->parts.state))
    return g_error_new_literal (FOYER_ERROR, FOYER_ERROR_DAMAGED,
        "the file of rules is damaged, so nothing is allowed");
  return foyer_error_new_from_reason (reason, &words);
}

/* The pending cast was refused: the log and the caller are told. */
static void
refuse (FoyerHouse *self, FoyerReason reason, GError **error)
{
  g_autoptr (FoyerRun) run = g_steal_pointer (&self->pending);
  GError *refusal = make_refusal (self, run, reason);

  foyer_book_refuse (self, run, reason, self->denied_by, refusal->message);
  g_propagate_error (error, refusal);
}

static FoyerReason
decide (FoyerHouse *self, const FoyerCast *cast)
{
  FoyerEvent event = {
    .kind = FOYER_EVENT_CAST,
    .session = self->pending->id,
    .longest_s = cast->longest_s,
    .request = { .subject = cast->subject,
        .camera = cast->camera,
        .target = cast->target,
        .target_id = cast->display,
        .media = get_media (cast),
        .is_clear = cast->transport == FOYER_TRANSPORT_HTTP },
  };

  if (self->is_closing)
    return FOYER_REASON_LOCKDOWN;
  if (count_sessions_of (self, cast->subject.uid) >= MAX_SESSIONS_OF_USER)
    return FOYER_REASON_FULL;
  self->ticking = cast->ticking;
  return foyer_house_post (self, &event);
}

gboolean
foyer_house_cast_with_reason (FoyerHouse *self, const FoyerCast *cast,
    FoyerSessionId *id, FoyerReason *reason, GError **error)
{
  /* Effects call nobody who could come back here. */
  g_return_val_if_fail (!self->is_running, FALSE);
  *id = (FoyerSessionId){ self->next_session++ };
  self->denied_by = (FoyerRuleId){ 0 };
  self->pending = foyer_run_new (self, *id, cast);
  *reason = decide (self, cast);
  if (*reason != FOYER_REASON_NONE) {
    refuse (self, *reason, error);
    return FALSE;
  }
  if (self->is_logged)
    return TRUE;
  *reason = FOYER_REASON_FULL;
  g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_FAILED,
      "the history can't be written, so nothing is shown");
  return FALSE;
}

gboolean
foyer_house_cast (FoyerHouse *self, const FoyerCast *cast, FoyerSessionId *id,
    GError **error)
{
  FoyerReason reason;

  return foyer_house_cast_with_reason (self, cast, id, &reason, error);
}

static gboolean
on_keeper_ask (const FoyerCast *cast, FoyerSessionId *id, FoyerReason *reason,
    gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  return foyer_house_cast_with_reason (user_data, cast, id, reason, &error);
}

static void
on_keeper_over (FoyerSessionId id, gpointer user_data)
{
  FoyerHouse *self = user_data;

  if (self->events != NULL)
    self->events->session_removed (id, self->user_data);
}

void
foyer_house_stop (FoyerHouse *self, FoyerSessionId id, FoyerSilent silent,
    gpointer user_data)
{
  if (!foyer_keeper_drop (self->keeper, id))
    foyer_house_post_session (self, FOYER_EVENT_STOP, id, FOYER_REASON_STOPPED);
  foyer_house_wait_silent (self, id, silent, user_data);
}

gboolean
foyer_house_ask_account (FoyerHouse *self, FoyerSessionId id,
    FoyerAccountTold told, gpointer user_data)
{
  const FoyerMessage ask = { .type = FOYER_MESSAGE_ASK_ACCOUNT };
  const FoyerAsker asker = { .told = told, .user_data = user_data };
  FoyerRun *run = foyer_house_find_run (self, id);

  if (run == NULL)
    return FALSE;
  /* One question answers all who ask until it is answered. */
  if (run->askers->len == 0 &&
      (run->peer == NULL || !foyer_peer_may_send (run->peer, &ask, 0) ||
          !foyer_peer_send (run->peer, &ask, NULL, 0)))
    told (&run->account, user_data);
  else
    g_array_append_val (run->askers, asker);
  return TRUE;
}

void
foyer_house_tick (FoyerHouse *self)
{
  const FoyerEvent event = { .kind = FOYER_EVENT_TICK };

  foyer_house_post (self, &event);
  if (foyer_house_note_expiries (self))
    foyer_house_tell_rules (self);
}

char **
foyer_house_dup_problems (FoyerHouse *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  const char *const *of_state = foyer_state_get_problems (self->parts.state);
  g_autofree char *of_log = self->parts.history != NULL
      ? foyer_history_dup_problem (self->parts.history)
      : NULL;

  for (gsize i = 0; of_state[i] != NULL; i++)
    g_strv_builder_add (builder, of_state[i]);
  for (guint i = 0; i < self->parts.config->problems->len; i++)
    g_strv_builder_add (builder, self->parts.config->problems->pdata[i]);
  if (of_log != NULL)
    g_strv_builder_add (builder, of_log);
  if (self->parts.history == NULL)
    g_strv_builder_add (builder,
        "the history can't be opened, so nothing is shown: see the service's "
        "log for the reason");
  if (self->display_problem != NULL)
    g_strv_builder_add (builder, self->display_problem);
  return g_strv_builder_end (builder);
}

const FoyerCore *
foyer_house_get_core (const FoyerHouse *self)
{
  return self->core;
}

const FoyerHouseParts *
foyer_house_get_parts (const FoyerHouse *self)
{
  return &self->parts;
}

/* Rules and lockdown as they are on the disk. */
static void
load (FoyerHouse *self)
{
  const FoyerPolicy *policy = foyer_state_get_policy (self->parts.state);
  FoyerEvent event = { .kind = FOYER_EVENT_LOCKDOWN };

  event.is_on = foyer_state_get_lockdown (self->parts.state);
  foyer_house_post (self, &event);
  event.kind = FOYER_EVENT_RULE_ADDED;
  for (guint32 i = 0; i < policy->n_rules; i++) {
    event.rule = policy->rules[i];
    if (foyer_house_post (self, &event) != FOYER_REASON_NONE)
      g_critical ("rule %" G_GUINT64_FORMAT " of the state is not taken",
          (guint64) event.rule.id.v);
  }
  (void) foyer_house_note_expiries (self);
}

FoyerHouse *
foyer_house_new (const FoyerHouseParts *parts)
{
  FoyerHouse *self = g_new0 (FoyerHouse, 1);

  self->parts = *parts;
  self->core = g_new0 (FoyerCore, 1);
  self->effects = g_new0 (FoyerEffects, 1);
  g_queue_init (&self->queue);
  g_queue_init (&self->ends);
  self->runs = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      run_free);
  self->openings = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      opening_free);
  foyer_house_init_nodes (self);
  foyer_house_init_expiries (self);
  self->waits = g_ptr_array_new_with_free_func (g_free);
  self->alarm = foyer_alarm_new (on_ring, self);
  self->starts = foyer_starts_new (MAX_STARTS);
  self->slates = foyer_starts_new (MAX_SLATES);
  self->cleaners = foyer_starts_new (MAX_CLEANERS);
  self->keeper = foyer_keeper_new (on_keeper_ask, on_keeper_over, self);
  self->next_session = parts->history != NULL
      ? foyer_history_get_last_session (parts->history) + 1
      : 1;
  load (self);
  return self;
}

void
foyer_house_start (FoyerHouse *self, const FoyerHouseEvents *events,
    gpointer user_data, GDBusConnection *bus)
{
  self->events = events;
  self->user_data = user_data;
  foyer_house_start_registries (self, bus);
  foyer_house_start_nodes (self);
}

static void
finish_closing (FoyerHouse *self)
{
  FoyerSilent closed = self->closed;

  g_clear_handle_id (&self->closing_limit, g_source_remove);
  self->closed = NULL;
  if (closed != NULL)
    closed (self->closed_data);
}

static gboolean
on_closing_limit (gpointer user_data)
{
  FoyerHouse *self = user_data;

  self->closing_limit = 0;
  finish_closing (self);
  return G_SOURCE_REMOVE;
}

void
foyer_house_close (FoyerHouse *self, FoyerSilent closed, gpointer user_data)
{
  /* The state on the disk stays what it is. */
  const FoyerEvent event = { .kind = FOYER_EVENT_LOCKDOWN, .is_on = TRUE };
  g_autofree FoyerSessionId *ids = NULL;
  guint n_ids = 0;

  self->is_closing = TRUE;
  self->closed = closed;
  self->closed_data = user_data;
  foyer_keeper_drop_all (self->keeper);
  ids = g_new0 (FoyerSessionId, FOYER_CORE_MAX_SESSIONS);
  for (guint i = 0; i < FOYER_CORE_MAX_SESSIONS; i++)
    if (self->core->sessions[i].id.v != 0)
      ids[n_ids++] = self->core->sessions[i].id;
  for (guint i = 0; i < n_ids; i++)
    foyer_house_post_session (self, FOYER_EVENT_STOP, ids[i],
        FOYER_REASON_STOPPED);
  foyer_house_post (self, &event);
  if (g_hash_table_size (self->runs) == 0)
    finish_closing (self);
  else
    self->closing_limit = g_timeout_add (CLOSING_LIMIT_MS, on_closing_limit,
        self);
}

void
foyer_house_note_over (FoyerHouse *self)
{
  if (self->is_closing && g_hash_table_size (self->runs) == 0)
    finish_closing (self);
}

void
foyer_house_free (FoyerHouse *self)
{
  if (self == NULL)
    return;
  self->events = NULL;
  foyer_house_flush_history (self);
  g_clear_handle_id (&self->closing_limit, g_source_remove);
  g_clear_pointer (&self->runs, g_hash_table_unref);
  g_clear_pointer (&self->pending, foyer_run_free);
  g_clear_pointer (&self->openings, g_hash_table_unref);
  foyer_sensors_free (self->sensors);
  foyer_house_free_nodes (self);
  foyer_house_free_expiries (self);
  foyer_house_free_leftovers (self);
  foyer_keeper_free (self->keeper);
  foyer_alarm_free (self->alarm);
  foyer_starts_free (self->starts);
  foyer_starts_free (self->slates);
  foyer_starts_free (self->cleaners);
  g_queue_clear_full (&self->queue, g_free);
  g_ptr_array_unref (self->waits);
  g_free (self->display_problem);
  g_free (self->effects);
  g_free (self->core);
  g_free (self);
}
