/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-house-private.h"
#include "foyer-residue.h"
#include "foyer-rule-text.h"
#include "foyer-tallies.h"
#include "foyer-text.h"

#include <string.h>

/* The most that is offered to a display. */
#define OFFER_WIDTH_PX  1280
#define OFFER_HEIGHT_PX 720
#define OFFER_FPS       30
#define OFFER_BPS       3000000

/* "node:NAME" or "app:NAME", as rules have it. */
static char *
make_target_name (FoyerHouse *house, const FoyerCast *cast)
{
  FoyerInterner *ids = foyer_state_get_ids (house->parts.state);
  const char *name = foyer_interner_get_target (ids, cast->display, NULL);

  return g_strconcat (foyer_target_kind_to_string (cast->target), ":",
      name != NULL ? name : "", NULL);
}

FoyerRun *
foyer_run_new (FoyerHouse *house, FoyerSessionId id, const FoyerCast *cast)
{
  const FoyerCameraEntry *camera = foyer_cameras_find (house->parts.cameras,
      cast->camera);
  gboolean is_display = cast->target == FOYER_TARGET_DISPLAY;
  const FoyerDisplayEntry *display = is_display
      ? foyer_displays_find (house->parts.displays, cast->display)
      : NULL;
  FoyerRun *self = g_new0 (FoyerRun, 1);

  self->house = house;
  self->id = id;
  self->cast = *cast;
  self->camera_name = g_strdup (camera != NULL ? camera->name : "");
  self->camera_identity = g_strdup (camera != NULL ? camera->identity : "");
  if (is_display)
    self->display_name = g_strdup (display != NULL ? display->name : "");
  else
    self->display_name = make_target_name (house, cast);
  self->display_identity = g_strdup (
      display != NULL ? display->identity : self->display_name);
  self->since_us = foyer_clock_get_wall_us (house->parts.clock);
  self->step = "connecting";
  self->account.rtt_us = -1;
  self->account.delay_us = -1;
  foyer_line_init (&self->line);
  self->link = -1;
  self->tally = -1;
  self->askers = g_array_new (FALSE, FALSE, sizeof (FoyerAsker));
  return self;
}

static void
answer_askers (FoyerRun *self)
{
  g_autoptr (GArray) askers = g_steal_pointer (&self->askers);

  self->askers = g_array_new (FALSE, FALSE, sizeof (FoyerAsker));
  for (guint i = 0; i < askers->len; i++) {
    const FoyerAsker *asker = &g_array_index (askers, FoyerAsker, i);

    asker->told (&self->account, asker->user_data);
  }
}

/* I10: a worker that could not say its last word has counted. */
static void
settle_account (FoyerRun *self)
{
  if (!self->has_last_account && self->tally >= 0 &&
      !foyer_tally_read (self->tally, &self->account))
    g_warning ("session %" G_GUINT64_FORMAT
               ": its worker has counted what can't be",
        self->id.v);
  foyer_fd_clear (&self->tally);
}

void
foyer_run_kill (FoyerRun *self, FoyerReason reason)
{
  foyer_starts_leave (self->house->starts, self);
  if (self->dialling != NULL)
    g_cancellable_cancel (self->dialling);
  g_clear_object (&self->dialling);
  g_clear_pointer (&self->peer, foyer_peer_free);
  settle_account (self);
  if (self->cast.target != FOYER_TARGET_NODE ||
      !foyer_run_give_back_node (self, reason))
    foyer_house_post_session (self->house, FOYER_EVENT_WORKER_GONE, self->id,
        reason);
}

static void
send (FoyerRun *self, const FoyerMessage *message)
{
  if (self->peer == NULL || !foyer_peer_send (self->peer, message, NULL, 0))
    foyer_run_kill (self, FOYER_REASON_WORKER_DIED);
}

void
foyer_run_send (FoyerRun *self, FoyerMessageType type)
{
  const FoyerMessage message = { .type = type };

  send (self, &message);
}

/* What a display may be offered: one that is only told a URL, what it plays for
 * sure. */
static FoyerCodecs
get_welcome_codecs (const FoyerRun *self)
{
  return self->cast.transport == FOYER_TRANSPORT_HTTP
      ? FOYER_CODECS_H264
      : foyer_displays_get_codecs (self->house->parts.displays,
            self->cast.display);
}

void
foyer_run_approve (FoyerRun *self)
{
  const FoyerSession *session = foyer_core_find_session (self->house->core,
      self->id);
  FoyerMessage message = { .type = FOYER_MESSAGE_APPROVE };
  FoyerCodecs codecs;

  /* It may have ended while the camera's word was awaited. */
  if (session == NULL || session->state != FOYER_SESSION_PREPARING)
    return;
  self->step = "opening the camera";
  self->is_approved = !foyer_house_get_codecs (self->house, self->cast.camera,
      self->generation, &codecs);
  if (self->is_approved)
    return;
  codecs &= get_welcome_codecs (self);
  if (codecs == FOYER_CODECS_NONE) {
    foyer_house_post_session (self->house, FOYER_EVENT_STOP, self->id,
        FOYER_REASON_NO_ENCODER);
    return;
  }
  self->step = "launching the app on the display";
  message.codecs = (guint8) codecs;
  send (self, &message);
}

static void
post_identity (FoyerRun *self, const FoyerMessage *message)
{
  FoyerHouse *house = self->house;
  FoyerEvent event = {
    .kind = FOYER_EVENT_WORKER_IDENTITY,
    .session = self->id,
    .has_signed = message->has_signed,
    .has_chain = message->has_chain,
  };

  memcpy (event.key, message->key, sizeof event.key);
  /* That a display was seen is an event, too, and with it time goes on: this
   * session may be over and gone after it. */
  foyer_displays_see (house->parts.displays, self->cast.display, message->key,
      message->has_signed, message->has_chain);
  foyer_house_post (house, &event);
}

static void
take_app (FoyerRun *self, const FoyerMessage *message)
{
  const FoyerResidue residue = {
    .session = self->id.v,
    .display = self->display_identity,
    .app = (char *) message->text,
  };

  self->app = g_strdup (message->text);
  self->step = "settling on a picture with the display";
  foyer_residue_keep (self->house->parts.run_folder, &residue);
  foyer_house_tell_session (self->house, self);
}

/* Its worker draws itself what is not coded. */
static gboolean
needs_slate (const FoyerRun *self)
{
  return self->shape.codec != FOYER_CODEC_RAW;
}

/* The worker wants frames: before any, its socket leads to the display and the
 * slate is on its way. */
static void
take_shape (FoyerRun *self, const FoyerMessage *message)
{
  gboolean is_first = self->shape.codec == FOYER_CODEC_NONE;
  g_autoptr (GError) error = NULL;

  if (is_first && self->cast.target == FOYER_TARGET_DISPLAY &&
      self->cast.transport == FOYER_TRANSPORT_STREAMING &&
      !foyer_line_connect_media (&self->line, (guint16) message->number,
          &error)) {
    g_warning ("session %" G_GUINT64_FORMAT ": %s", self->id.v, error->message);
    foyer_run_kill (self, FOYER_REASON_DISPLAY_FAILED);
    return;
  }
  self->shape = message->shape;
  if (!self->has_sound_link)
    self->sound = message->sound;
  foyer_starts_leave (self->house->starts, self);
  if (needs_slate (self))
    foyer_run_draw_slate (self, 0);
  if (is_first)
    foyer_house_post_session (self->house, FOYER_EVENT_WORKER_STREAMING,
        self->id, FOYER_REASON_NONE);
  foyer_house_tell_session (self->house, self);
}

/* What it hears it was granted, or nobody made. */
static gboolean
is_sound_right (const FoyerRun *self, const FoyerMessage *message)
{
  return self->cast.has_sound ? message->sound != FOYER_SOUND_SILENCE
                              : message->sound != FOYER_SOUND_CAMERA;
}

/* (transfer full) (nullable): what is new */
static char *
dup_sound_news (const FoyerRun *self, FoyerSound sound)
{
  guint64 id = self->id.v;

  if (sound == FOYER_SOUND_LOST)
    return g_strdup_printf ("session %" G_GUINT64_FORMAT " has no sound: %s",
        id, self->sound_problem);
  if (sound == FOYER_SOUND_MUTED)
    return g_strdup_printf ("session %" G_GUINT64_FORMAT " hears nothing: %s",
        id, self->sound_problem);
  return self->sound != FOYER_SOUND_CAMERA
      ? g_strdup_printf ("session %" G_GUINT64_FORMAT " has sound again", id)
      : NULL;
}

void
foyer_run_set_sound (FoyerRun *self, FoyerSound sound, const char *words)
{
  g_autofree char *problem = words != NULL ? foyer_text_escape_sentence (words)
                                           : NULL;
  g_autofree char *news = NULL;

  self->was_heard |= sound == FOYER_SOUND_CAMERA;
  if (self->sound == sound && g_strcmp0 (problem, self->sound_problem) == 0)
    return;
  g_free (self->sound_problem);
  self->sound_problem = g_steal_pointer (&problem);
  news = dup_sound_news (self, sound);
  self->sound = sound;
  if (news != NULL) {
    g_warning ("%s", news);
    foyer_book_event (self->house, G_MAXUINT32, news);
  }
  foyer_house_tell_session (self->house, self);
}

static void
take_stall (FoyerRun *self, gboolean is_stalled)
{
  self->is_stalled = is_stalled;
  if (is_stalled && needs_slate (self))
    foyer_run_draw_slate (self,
        foyer_clock_get_wall_us (self->house->parts.clock));
  foyer_house_tell_session (self->house, self);
}

/* Nothing left after it. */
static void
take_last_account (FoyerRun *self, const FoyerMessage *message)
{
  self->account = message->account;
  self->has_last_account = TRUE;
}

static void
take_failure (FoyerRun *self, const FoyerMessage *message)
{
  FoyerHouse *house = self->house;
  const FoyerSessionId id = self->id;
  const FoyerReason reason = (FoyerReason) message->reason;

  take_last_account (self, message);
  if (message->text[0] != '\0')
    self->words = foyer_text_escape_sentence (message->text);
  /* Where its device is gone that is the reason, and the session ends for it. */
  if (reason == FOYER_REASON_CAMERA_FAILED &&
      foyer_cameras_find_gone (house->parts.cameras, self->cast.camera))
    g_debug ("session %" G_GUINT64_FORMAT ": its camera is gone", id.v);
  foyer_house_post_session (house, FOYER_EVENT_WORKER_FAILED, id, reason);
}

static void
on_said (FoyerPeer *peer, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  FoyerRun *self = user_data;
  FoyerHouse *house = self->house;

  switch ((int) message->type) {
    case FOYER_MESSAGE_READY:
      self->step = "asking the display who it is";
      if (message->text[0] != '\0')
        g_debug ("a worker goes on without: %s", message->text);
      foyer_house_post_session (house, FOYER_EVENT_WORKER_READY, self->id,
          FOYER_REASON_NONE);
      break;
    case FOYER_MESSAGE_IDENTITY:
      post_identity (self, message);
      break;
    case FOYER_MESSAGE_LAUNCHED:
      take_app (self, message);
      break;
    case FOYER_MESSAGE_STREAMING:
      if (is_sound_right (self, message))
        take_shape (self, message);
      else
        foyer_run_kill (self, FOYER_REASON_WORKER_ROGUE);
      break;
    case FOYER_MESSAGE_LIVE:
      self->step = "";
      foyer_house_post_session (house, FOYER_EVENT_WORKER_LIVE, self->id,
          FOYER_REASON_NONE);
      break;
    case FOYER_MESSAGE_STALLED:
    case FOYER_MESSAGE_RESUMED:
      take_stall (self, message->type == FOYER_MESSAGE_STALLED);
      break;
    case FOYER_MESSAGE_ACCOUNT:
      self->account = message->account;
      answer_askers (self);
      break;
    case FOYER_MESSAGE_CLOSED:
      take_last_account (self, message);
      foyer_house_post_session (house, FOYER_EVENT_WORKER_CLOSED, self->id,
          FOYER_REASON_NONE);
      break;
    case FOYER_MESSAGE_FAILED:
      take_failure (self, message);
      break;
    case FOYER_MESSAGE_CLEANED:
      foyer_run_kill (self, FOYER_REASON_NONE);
      break;
    default:
      break;
  }
}

static void
on_gone (FoyerPeer *peer, FoyerReason reason, gpointer user_data)
{
  foyer_run_kill (user_data, reason);
}

static const FoyerPeerEvents events = { .said = on_said, .gone = on_gone };

/* What CONFIG says of the grant, whatever shows it. */
static void
fill_grant (const FoyerRun *self, FoyerMessage *config)
{
  const FoyerSession *session = foyer_core_find_session (self->house->core,
      self->id);

  config->session = self->id;
  config->camera = self->cast.camera;
  config->generation = self->generation;
  config->granted_us = self->granted_us;
  config->ends_us = session != NULL ? session->ends_us : 0;
  config->max_age_us = (gint64) self->cast.max_age_ms * 1000;
  g_strlcpy (config->text, self->camera_name, sizeof config->text);
}

int
foyer_run_make_worker (FoyerRun *self, FoyerWorkerKind kind,
    FoyerMessage *config)
{
  const FoyerBirth birth = {
    .session = self->id,
    .camera = self->cast.camera,
    .generation = self->generation,
    .has_sound = self->cast.has_sound,
  };
  g_autoptr (GError) error = NULL;

  self->tally = foyer_tallies_begin (self->house->parts.run_folder, self->id.v,
      &error);
  if (self->tally >= 0)
    self->peer = foyer_peer_new (self->house->parts.launcher, kind, &birth,
        &events, self, &error);
  if (self->peer == NULL) {
    g_warning ("session %" G_GUINT64_FORMAT ": %s", self->id.v, error->message);
    foyer_run_kill (self, FOYER_REASON_WORKER_DIED);
    return -1;
  }
  fill_grant (self, config);
  return self->tally;
}

void
foyer_run_launch (FoyerRun *self, FoyerWorkerKind kind, FoyerMessage *config,
    const int *fds, guint n_fds)
{
  int all[FOYER_CHANNEL_MAX_FDS];
  int tally = foyer_run_make_worker (self, kind, config);

  if (tally < 0)
    return;
  memcpy (all, fds, n_fds * sizeof *fds);
  all[n_fds] = tally;
  if (!foyer_peer_send (self->peer, config, all, n_fds + 1))
    foyer_run_kill (self, FOYER_REASON_WORKER_DIED);
}

static void
launch_cast (FoyerRun *self, const FoyerDisplayEntry *display)
{
  g_autoptr (GError) error = NULL;
  foyer_autofd int roots = foyer_dialer_open_roots (self->house->parts.roots,
      &error);
  const int fds[] = { self->line.tcp, self->line.udp, roots };
  FoyerMessage config = {
    .type = FOYER_MESSAGE_CAST_CONFIG,
    .delay_ms = self->cast.delay_ms,
    .trust = (guint8) display->trust,
    .transport = self->cast.transport,
    .media = FOYER_MEDIA_VIDEO | (self->cast.has_sound ? FOYER_MEDIA_AUDIO : 0),
    .shape = { .codec = FOYER_CODEC_H264,
        .width_px = OFFER_WIDTH_PX,
        .height_px = OFFER_HEIGHT_PX,
        .fps_n = OFFER_FPS,
        .fps_d = 1,
        .max_bps = OFFER_BPS },
  };

  if (roots < 0) {
    g_warning ("session %" G_GUINT64_FORMAT ": %s", self->id.v, error->message);
    foyer_run_kill (self, FOYER_REASON_WORKER_DIED);
    return;
  }
  memcpy (config.key, display->key, sizeof config.key);
  foyer_run_launch (self, FOYER_WORKER_CAST, &config, fds, G_N_ELEMENTS (fds));
  /* The port is the worker's alone, and closes with it. */
  if (self->cast.transport == FOYER_TRANSPORT_HTTP)
    foyer_line_clear (&self->line);
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_auto (FoyerLine) line = { -1, -1 };
  g_autoptr (GError) error = NULL;
  gboolean has_line = foyer_dialer_dial_finish (result, &line, &error);
  FoyerRun *self = user_data;
  const FoyerDisplayEntry *display;

  /* A cancelled run may be freed already. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->dialling);
  display = foyer_displays_find (self->house->parts.displays,
      self->cast.display);
  if (!has_line || display == NULL) {
    if (error != NULL)
      self->words = foyer_text_escape_sentence (error->message);
    foyer_run_kill (self, FOYER_REASON_DISPLAY_LOST);
    return;
  }
  self->line = line;
  foyer_line_init (&line);
  if (self->cast.transport == FOYER_TRANSPORT_HTTP &&
      !foyer_line_listen (&self->line, &error)) {
    self->words = foyer_text_escape_sentence (error->message);
    foyer_run_kill (self, FOYER_REASON_DISPLAY_LOST);
    return;
  }
  launch_cast (self, display);
}

static void
go_start (gpointer owner)
{
  FoyerRun *self = owner;
  const FoyerDisplayEntry *display =
      foyer_displays_find (self->house->parts.displays, self->cast.display);

  if (self->cast.target == FOYER_TARGET_NODE) {
    foyer_run_start_on_node (self);
    return;
  }
  if (self->cast.target == FOYER_TARGET_APP) {
    foyer_run_start_for_app (self);
    return;
  }
  if (display == NULL) {
    foyer_run_kill (self, FOYER_REASON_DISPLAY_LOST);
    return;
  }
  self->dialling = g_cancellable_new ();
  foyer_dialer_dial_async ((const char *const *) display->hosts, display->port,
      self->dialling, on_dialled, self);
}

void
foyer_run_start (FoyerRun *self)
{
  foyer_starts_enter (self->house->starts, self, go_start);
}

void
foyer_run_free (FoyerRun *self)
{
  if (self == NULL)
    return;
  foyer_starts_leave (self->house->starts, self);
  foyer_starts_leave (self->house->cleaners, self);
  if (self->dialling != NULL)
    g_cancellable_cancel (self->dialling);
  g_clear_object (&self->dialling);
  g_clear_pointer (&self->peer, foyer_peer_free);
  g_clear_pointer (&self->cleaner, foyer_errand_free);
  foyer_run_drop_slate (self);
  foyer_line_clear (&self->line);
  foyer_fd_clear (&self->tally);
  foyer_run_drop_link (self);
  answer_askers (self);
  g_array_unref (self->askers);
  g_free (self->camera_name);
  g_free (self->camera_identity);
  g_free (self->display_name);
  g_free (self->display_identity);
  g_free (self->words);
  g_free (self->sound_problem);
  g_free (self->app);
  g_free (self);
}
