/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-house-private.h"
#include "foyer-text.h"

/* Cameras that are exposed on nodes. An exposure is a wish and no grant: between
 * sessions a worker without one keeps the node clean and shows the slate. When a
 * reader comes, a session is asked for, with a full decision; a worker of its own
 * writes into the node for as long as it lasts. When the last reader has been gone
 * for a while, the session is stopped.
 *
 * The device is opened once, here, and lent to one worker after the other, so
 * that readers see neither an end nor another format. After a session, however it
 * ended, nothing is told to be silent before the next standing worker has said
 * that the ring is clean. */

/* From the last reader's leaving to when the camera is closed; the core keeps one
 * open for a while without a session. */
#define CLOSES_MS 5000
#define LINGER_MS (CLOSES_MS - FOYER_CORE_IDLE_US / 1000)
#define NOBODY    G_MAXUINT32

struct _FoyerExposure
{
  FoyerHouse *house;
  FoyerStateNode *record;
  FoyerTargetId id;
  int fd;     /* the device; -1 while it is missing */
  char *path; /* of it; "" while it is missing */
  FoyerPeer *standing;
  gboolean is_clean; /* the standing worker said so */
  FoyerNodeReaders *readers;
  gboolean is_read;
  FoyerSessionId session; /* asked for and not over; 0 for none */
  gboolean is_lent;       /* its worker may have the device */
  gboolean is_stopping;   /* for want of readers */
  gboolean is_barred;     /* somebody ended it: wait for the next reader */
  gboolean is_leaving;    /* unexposed: freed when its session is over */
  FoyerSessionId waiting; /* whose worker is gone, which nobody was told yet */
  FoyerReason waiting_reason;
  guint timer;
  guint linger;
  guint n_tries;
  char *problem; /* nullable */
};

static const FoyerNodeHost *
get_host (const FoyerExposure *self)
{
  const FoyerNodeHost *host = self->house->parts.nodes;

  return host != NULL ? host : foyer_node_host_get_system ();
}

static const char *
get_state (const FoyerExposure *self)
{
  if (self->fd < 0)
    return "missing";
  if (self->session.v != 0)
    return "open";
  if (!self->is_clean)
    return "cleaning";
  return self->is_read ? "refused" : "idle";
}

static void
fill_view (const FoyerExposure *self, FoyerNodeView *view)
{
  FoyerInterner *ids = foyer_state_get_ids (self->house->parts.state);

  *view = (FoyerNodeView){
    .id = self->id,
    .name = self->record->name,
    .camera = foyer_interner_intern_camera (ids, self->record->camera),
    .path = self->path,
    .label = self->record->label,
    .state = get_state (self),
    .problem = self->problem != NULL ? self->problem : "",
    .session = self->session,
    .is_read = self->is_read,
    .uid = self->record->subject.uid,
    .width_px = self->record->width_px,
    .height_px = self->record->height_px,
    .fps = self->record->fps,
  };
}

static void
tell (FoyerExposure *self)
{
  FoyerNodeView view;

  if (self->house->events == NULL)
    return;
  fill_view (self, &view);
  self->house->events->node_changed (&view, self->house->user_data);
}

/* Said once for as long as it lasts. (transfer full): @problem */
static void
take_problem (FoyerExposure *self, char *problem)
{
  gboolean is_new = g_strcmp0 (problem, self->problem) != 0;

  g_free (self->problem);
  self->problem = problem;
  if (problem != NULL && is_new)
    g_warning ("node %s: %s", self->record->name, problem);
  tell (self);
}

static gboolean on_due (gpointer user_data);

/* All that may ask for a session comes from the main loop by itself. */
static void
schedule (FoyerExposure *self, guint delay_ms)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (delay_ms, on_due, self);
}

static void
try_later (FoyerExposure *self)
{
  schedule (self, foyer_keeper_get_delay_ms (self->n_tries));
  self->n_tries++;
}

static void
allow (FoyerExposure *self, guint32 uid)
{
  const FoyerNodeHost *host = get_host (self);
  g_autoptr (GError) error = NULL;

  if (self->fd >= 0 && !host->allow (host->user_data, self->fd, uid, &error))
    take_problem (self, g_strdup (error->message));
}

static void
drop_device (FoyerExposure *self)
{
  get_host (self)->unwatch (g_steal_pointer (&self->readers));
  self->is_read = FALSE;
  allow (self, NOBODY);
  foyer_fd_clear (&self->fd);
  g_free (self->path);
  self->path = g_strdup ("");
}

static gboolean
open_device (FoyerExposure *self)
{
  const FoyerNodeHost *host = get_host (self);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  self->fd = host->open (host->user_data, self->record->label, &path, &error);
  if (self->fd < 0) {
    if (self->problem == NULL)
      take_problem (self, g_strdup (error->message));
    return FALSE;
  }
  g_free (self->path);
  self->path = g_steal_pointer (&path);
  return TRUE;
}

/* Of a session whose worker is gone: only now is nothing of it left. */
static void
release_waiting (FoyerExposure *self)
{
  FoyerSessionId id = self->waiting;

  self->waiting.v = 0;
  if (id.v != 0)
    foyer_house_post_session (self->house, FOYER_EVENT_WORKER_GONE, id,
        self->waiting_reason);
}

/* readers */

static void
on_silent (gpointer user_data)
{
}

static gboolean
on_linger (gpointer user_data)
{
  FoyerExposure *self = user_data;

  self->linger = 0;
  if (self->session.v != 0) {
    self->is_stopping = TRUE;
    foyer_house_stop (self->house, self->session, on_silent, NULL);
  }
  return G_SOURCE_REMOVE;
}

static void
on_readers (gboolean is_read, gpointer user_data)
{
  FoyerExposure *self = user_data;

  self->is_read = is_read;
  self->is_barred = FALSE;
  self->n_tries = 0;
  g_clear_handle_id (&self->linger, g_source_remove);
  if (!is_read)
    self->linger = g_timeout_add (LINGER_MS, on_linger, self);
  schedule (self, 0);
  tell (self);
}

/* the standing worker */

static void
fail_standing (FoyerExposure *self, const char *words)
{
  g_clear_pointer (&self->standing, foyer_peer_free);
  self->is_clean = FALSE;
  allow (self, NOBODY);
  if (words != NULL) {
    take_problem (self, g_strdup (words));
    drop_device (self);
  }
  tell (self);
  try_later (self);
  release_waiting (self);
}

static void
on_standing_ready (FoyerExposure *self)
{
  const FoyerNodeHost *host = get_host (self);

  self->is_clean = TRUE;
  take_problem (self, NULL);
  release_waiting (self);
  if (self->readers == NULL)
    self->readers = host->watch (host->user_data, self->fd, self->path,
        on_readers, self);
  allow (self, self->record->subject.uid);
  /* What was released may have said when to try again. */
  if (self->timer == 0)
    schedule (self, 0);
}

static void
on_standing_said (FoyerPeer *peer, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  if (message->type == FOYER_MESSAGE_READY) {
    on_standing_ready (user_data);
  } else if (message->type == FOYER_MESSAGE_FAILED) {
    g_autofree char *words = foyer_text_escape_sentence (message->text);

    fail_standing (user_data, words);
  }
}

static void
on_standing_gone (FoyerPeer *peer, FoyerReason reason, gpointer user_data)
{
  fail_standing (user_data, NULL);
}

static FoyerShape
make_shape (const FoyerExposure *self)
{
  return (FoyerShape){ .codec = FOYER_CODEC_RAW,
    .width_px = (guint16) self->record->width_px,
    .height_px = (guint16) self->record->height_px,
    .fps_n = (guint16) self->record->fps,
    .fps_d = 1 };
}

static const char *
get_camera_name (const FoyerExposure *self)
{
  FoyerInterner *ids = foyer_state_get_ids (self->house->parts.state);
  const FoyerCameraEntry *camera =
      foyer_cameras_find (self->house->parts.cameras,
          foyer_interner_find_camera (ids, self->record->camera));

  return camera != NULL ? camera->name : self->record->name;
}

static void
stand (FoyerExposure *self)
{
  static const FoyerPeerEvents events = { .said = on_standing_said,
    .gone = on_standing_gone };
  const FoyerBirth birth = { 0 };
  g_autoptr (GError) error = NULL;
  FoyerMessage config = {
    .type = FOYER_MESSAGE_STANDING_CONFIG,
    .shape = make_shape (self),
  };

  g_strlcpy (config.text, get_camera_name (self), sizeof config.text);
  self->is_clean = FALSE;
  allow (self, NOBODY);
  self->standing = foyer_peer_new (self->house->parts.launcher,
      FOYER_WORKER_LOOPBACK, &birth, &events, self, &error);
  if (self->standing == NULL)
    fail_standing (self, error->message);
  else if (!foyer_peer_send (self->standing, &config, &self->fd, 1))
    fail_standing (self, "its worker died");
  else
    tell (self);
}

/* sessions */

static void
ask (FoyerExposure *self)
{
  FoyerHouse *house = self->house;
  FoyerInterner *ids = foyer_state_get_ids (house->parts.state);
  g_autoptr (GError) error = NULL;
  FoyerReason reason = FOYER_REASON_NONE;
  FoyerSessionId id;
  const FoyerCast cast = {
    .subject = self->record->subject,
    .camera = foyer_interner_intern_camera (ids, self->record->camera),
    .target = FOYER_TARGET_NODE,
    .display = self->id,
    .max_age_ms = house->parts.config->max_age_ms,
    .ticking = house->parts.config->ticking,
  };

  if (foyer_house_cast_with_reason (house, &cast, &id, &reason, &error)) {
    self->session = id;
    take_problem (self, NULL);
    return;
  }
  take_problem (self,
      reason == FOYER_REASON_NO_CAMERA
          ? g_strdup_printf (
                "its camera %s is not there: plug it in, or run foyerctl unexpose",
                self->record->camera)
          : g_strdup (error->message));
  self->is_barred = foyer_keeper_is_final (reason);
  if (!self->is_barred)
    try_later (self);
}

static void
exposure_free (gpointer data)
{
  FoyerExposure *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_handle_id (&self->linger, g_source_remove);
  g_clear_pointer (&self->standing, foyer_peer_free);
  drop_device (self);
  foyer_state_node_free (self->record);
  g_free (self->path);
  g_free (self->problem);
  g_free (self);
}

static void
drop (FoyerHouse *self, FoyerExposure *exposure)
{
  if (self->events != NULL)
    self->events->node_removed (exposure->id, self->user_data);
  g_ptr_array_remove_fast (self->exposures, exposure);
}

static gboolean
on_due (gpointer user_data)
{
  FoyerExposure *self = user_data;

  self->timer = 0;
  if (self->is_leaving && self->session.v == 0) {
    drop (self->house, self);
    return G_SOURCE_REMOVE;
  }
  if (self->is_leaving || self->house->is_closing)
    return G_SOURCE_REMOVE;
  if (self->fd < 0 && !open_device (self))
    try_later (self);
  else if (self->standing == NULL && !self->is_lent)
    stand (self);
  else if (self->is_clean && self->is_read && !self->is_barred &&
      self->session.v == 0)
    ask (self);
  return G_SOURCE_REMOVE;
}

int
foyer_exposure_lend (FoyerExposure *self, FoyerShape *out_shape)
{
  if (!self->is_clean || self->fd < 0)
    return -1;
  /* It never held a frame, so it may just end. */
  g_clear_pointer (&self->standing, foyer_peer_free);
  self->is_clean = FALSE;
  self->is_lent = TRUE;
  *out_shape = make_shape (self);
  return self->fd;
}

gboolean
foyer_exposure_take_back (FoyerExposure *self, FoyerSessionId id,
    FoyerReason reason)
{
  if (foyer_session_id_equal (self->waiting, id))
    return TRUE;
  if (!self->is_lent)
    return FALSE;
  self->is_lent = FALSE;
  self->waiting = id;
  self->waiting_reason = reason;
  stand (self);
  return TRUE;
}

FoyerExposure *
foyer_house_find_exposure (FoyerHouse *self, FoyerTargetId id)
{
  for (guint i = 0; i < self->exposures->len; i++) {
    FoyerExposure *exposure = self->exposures->pdata[i];

    if (foyer_target_id_equal (exposure->id, id))
      return exposure;
  }
  return NULL;
}

void
foyer_house_note_node_over (FoyerHouse *self, const FoyerRun *run,
    FoyerReason reason, gint64 lasted_us)
{
  FoyerExposure *exposure = foyer_house_find_exposure (self, run->cast.display);

  if (exposure == NULL)
    return;
  exposure->session.v = 0;
  exposure->waiting.v = 0;
  /* Whoever posted this is not done with it: it is dropped a little later. */
  if (exposure->is_leaving) {
    schedule (exposure, 0);
    return;
  }
  exposure->is_barred = foyer_keeper_is_final (reason) &&
      !exposure->is_stopping;
  if (lasted_us >= FOYER_KEEPER_GOOD_US)
    exposure->n_tries = 0;
  /* One came while the last session was being stopped. */
  if (exposure->is_stopping)
    schedule (exposure, 0);
  else
    try_later (exposure);
  exposure->is_stopping = FALSE;
  tell (exposure);
}

void
foyer_house_consider_nodes (FoyerHouse *self)
{
  for (guint i = 0; i < self->exposures->len; i++) {
    FoyerExposure *exposure = self->exposures->pdata[i];

    exposure->is_barred = FALSE;
    exposure->n_tries = 0;
    schedule (exposure, 0);
  }
}

/* exposing */

static void
post_target (FoyerHouse *self, FoyerEventKind kind, FoyerTargetId id)
{
  const FoyerEvent event = {
    .kind = kind,
    .target = { .kind = FOYER_TARGET_NODE, .id = id },
  };

  if (foyer_house_post (self, &event) != FOYER_REASON_NONE)
    g_warning ("node %" G_GUINT64_FORMAT " has no place: it stays empty",
        (guint64) id.v);
}

static FoyerExposure *
add (FoyerHouse *self, const FoyerStateNode *record)
{
  FoyerInterner *ids = foyer_state_get_ids (self->parts.state);
  FoyerExposure *exposure = g_new0 (FoyerExposure, 1);
  FoyerNodeView view;

  exposure->house = self;
  exposure->record = foyer_state_node_copy (record);
  exposure->id = foyer_interner_intern_target (ids, FOYER_TARGET_NODE,
      record->name);
  exposure->fd = -1;
  exposure->path = g_strdup ("");
  g_ptr_array_add (self->exposures, exposure);
  post_target (self, FOYER_EVENT_TARGET_ADDED, exposure->id);
  if (self->events != NULL) {
    fill_view (exposure, &view);
    self->events->node_added (&view, self->user_data);
  }
  schedule (exposure, 0);
  return exposure;
}

void
foyer_house_start_nodes (FoyerHouse *self)
{
  GPtrArray *records = foyer_state_get_nodes (self->parts.state);

  for (guint i = 0; i < records->len; i++)
    add (self, records->pdata[i]);
}

static char **
dup_labels (FoyerHouse *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->exposures->len; i++) {
    const FoyerExposure *exposure = self->exposures->pdata[i];

    g_strv_builder_add (builder, exposure->record->label);
  }
  return g_strv_builder_end (builder);
}

/* What a session would be refused for now need not be exposed. */
static gboolean
check_rules (FoyerHouse *self, const FoyerExpose *wish,
    const FoyerCameraEntry *camera, GError **error)
{
  FoyerInterner *ids = foyer_state_get_ids (self->parts.state);
  const FoyerRequest request = {
    .subject = wish->subject,
    .camera = wish->camera,
    .target = FOYER_TARGET_NODE,
    .target_id = foyer_interner_intern_target (ids, FOYER_TARGET_NODE,
        wish->name),
    .media = FOYER_MEDIA_VIDEO,
    .moment = foyer_house_get_moment (self),
  };
  FoyerDecision decision = foyer_policy_decide (&self->core->policy, &request);
  g_autofree char *target = g_strconcat ("node:", wish->name, NULL);
  const FoyerReasonWords words = { .camera = camera->name,
    .target = target,
    .rule = decision.rule };

  if (decision.verdict == FOYER_VERDICT_ALLOW)
    return TRUE;
  g_propagate_error (error,
      foyer_error_new_from_reason (FOYER_REASON_DENIED, &words));
  foyer_book_event (self, wish->subject.uid, "exposing a camera was denied");
  return FALSE;
}

gboolean
foyer_house_expose (FoyerHouse *self, const FoyerExpose *wish,
    FoyerTargetId *id, GError **error)
{
  const FoyerNodeHost *host = self->parts.nodes != NULL
      ? self->parts.nodes
      : foyer_node_host_get_system ();
  const FoyerCameraEntry *camera = foyer_cameras_find (self->parts.cameras,
      wish->camera);
  g_auto (GStrv) taken = NULL;
  g_autofree char *label = NULL;
  FoyerStateNode record = {
    .name = (char *) wish->name,
    .subject = wish->subject,
    .width_px = wish->width_px,
    .height_px = wish->height_px,
    .fps = wish->fps,
  };

  if (camera == NULL) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        "there is no such camera");
    return FALSE;
  }
  if (!check_rules (self, wish, camera, error))
    return FALSE;
  taken = dup_labels (self);
  label = host->choose (host->user_data, wish->name,
      (const char *const *) taken, error);
  if (label == NULL)
    return FALSE;
  record.camera = camera->identity;
  record.label = label;
  if (!foyer_state_add_node (self->parts.state, &record, error))
    return FALSE;
  *id = add (self, &record)->id;
  foyer_book_event (self, wish->subject.uid, "a camera was exposed on a node");
  return TRUE;
}

gboolean
foyer_house_unexpose (FoyerHouse *self, guint32 uid, FoyerTargetId id,
    FoyerSilent silent, gpointer user_data, GError **error)
{
  FoyerExposure *exposure = foyer_house_find_exposure (self, id);
  FoyerSessionId session;

  if (exposure == NULL || exposure->is_leaving) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        "there is no such node: run foyerctl nodes");
    return FALSE;
  }
  if (!foyer_state_remove_node (self->parts.state, exposure->record->name,
          error))
    return FALSE;
  session = exposure->session;
  exposure->is_leaving = TRUE;
  allow (exposure, NOBODY);
  foyer_book_event (self, uid, "a camera is no longer exposed");
  post_target (self, FOYER_EVENT_TARGET_REMOVED, id);
  /* Without a session it is over now; else when that is. */
  if (session.v == 0)
    drop (self, exposure);
  if (session.v == 0)
    silent (user_data);
  else
    foyer_house_wait_silent (self, session, silent, user_data);
  return TRUE;
}

gboolean
foyer_house_view_node (FoyerHouse *self, FoyerTargetId id, FoyerNodeView *view)
{
  const FoyerExposure *exposure = foyer_house_find_exposure (self, id);

  if (exposure == NULL)
    return FALSE;
  fill_view (exposure, view);
  return TRUE;
}

void
foyer_house_init_nodes (FoyerHouse *self)
{
  self->exposures = g_ptr_array_new_with_free_func (exposure_free);
}

void
foyer_house_free_nodes (FoyerHouse *self)
{
  g_clear_pointer (&self->exposures, g_ptr_array_unref);
}
