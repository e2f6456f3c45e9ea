/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-worker.h"

#include "foyer-camera-coded.h"
#include "foyer-camera-microphone.h"
#include "foyer-camera-rung.h"
#include "foyer-camera-sensor.h"
#include "foyer-camera-source.h"
#include "foyer-clock.h"
#include "foyer-ladder.h"
#include "foyer-media.h"
#include "foyer-worker.h"

#define STEP_MS    500
#define PASS_TIMES 4
#define OVER_US    (G_GINT64_CONSTANT (8) * G_USEC_PER_SEC)
#define SILENCE_US (G_GINT64_CONSTANT (5) * G_USEC_PER_SEC)

typedef struct
{
  FoyerWorker *worker;
  FoyerMessage config;
  GPtrArray *found; /* of one that only looks: what it found; else NULL */
  GstElement *pipeline;
  GstElement *tee;         /* of what comes from the camera, tagged */
  FoyerCameraCoded *coded; /* of one that codes itself; else NULL */
  FoyerCameraMicrophone *microphone;
  gint64 over_since_us;   /* it makes more than networks carry; 0 if not */
  gboolean is_unpassable; /* what it codes can't be handed on */
  gboolean is_open;       /* pictures came */
  gboolean has_begun;     /* streaming thread: the same */
  gint last_ms;           /* atomic: when one did, monotonic, wraps */
  FoyerLadder ladder;
  FoyerCameraRung *rungs[FOYER_LADDER_RUNGS]; /* NULL: not there */
  guint timer; /* runs while there are sessions */
} CameraWorker;

G_GNUC_NORETURN static void
fail_because (CameraWorker *self, FoyerReason reason, const char *words)
{
  foyer_worker_fail (self->worker, reason, NULL, words);
  _exit (0);
}

G_GNUC_NORETURN static void
fail (CameraWorker *self, const char *words)
{
  fail_because (self, FOYER_REASON_CAMERA_FAILED, words);
}

/* Rungs that nobody is on go, and with them their encoders. */
static void
drop_rung (CameraWorker *self, guint rung)
{
  if (rung == FOYER_LADDER_NONE || self->ladder.rungs[rung].n_sessions > 0)
    return;
  g_clear_pointer (&self->rungs[rung], foyer_camera_rung_free);
  for (guint i = 0; i < FOYER_LADDER_RUNGS; i++)
    if (self->rungs[i] != NULL && !foyer_camera_rung_is_passed (self->rungs[i]))
      return;
  if (self->coded != NULL)
    foyer_camera_coded_drop_raw (self->coded);
}

/* Whether what the camera codes is what the rung is to be. */
static gboolean
is_passable (CameraWorker *self, const FoyerShape *shape)
{
  const FoyerShape *camera = &self->config.shape;
  FoyerCodedFigures figures;

  if (self->coded == NULL || self->is_unpassable ||
      shape->codec != FOYER_CODEC_H264 || shape->key_ms != 0 ||
      shape->width_px != camera->width_px ||
      shape->height_px != camera->height_px ||
      camera->fps_n * shape->fps_d != shape->fps_n * camera->fps_d)
    return FALSE;
  figures = foyer_camera_coded_get_figures (self->coded,
      foyer_clock_get_us (foyer_clock_get_system ()));
  return foyer_coded_figures_may_pass (&figures);
}

static FoyerCameraRung *
make_rung (CameraWorker *self, const FoyerShape *shape, gboolean is_passed)
{
  const FoyerShape *camera = &self->config.shape;
  const FoyerCameraRungConfig config = {
    .shape = *shape,
    .is_thinned = camera->fps_n * shape->fps_d != shape->fps_n * camera->fps_d,
    .has_clock = self->config.ticking != FOYER_TICKING_OFF,
    .is_passed = is_passed,
  };
  g_autoptr (GError) error = NULL;
  FoyerCameraRung *rung = NULL;
  GstElement *tee = self->coded != NULL && !is_passed
      ? foyer_camera_coded_ensure_raw (self->coded, &error)
      : self->tee;

  if (error == NULL)
    rung = foyer_camera_rung_new (GST_BIN (self->pipeline), tee, &config,
        &error);
  if (error != NULL)
    g_warning ("a rung can't be made: %s", error->message);
  return rung;
}

/* NULL if this machine can't make it, which is no reason to end the sessions on
 * other rungs. */
static FoyerCameraRung *
ensure_rung (CameraWorker *self, guint rung)
{
  const FoyerLadderRung *place = &self->ladder.rungs[rung];

  if (self->rungs[rung] == NULL)
    self->rungs[rung] = make_rung (self, &place->shape,
        is_passable (self, &place->shape));
  return self->rungs[rung];
}

static void
collect_wishes (CameraWorker *self)
{
  for (guint i = 0; i < self->ladder.n_sessions; i++) {
    FoyerLadderSession *session = &self->ladder.sessions[i];
    FoyerCameraRung *rung = self->rungs[session->rung];
    FoyerLinkWish wish;

    if (rung != NULL &&
        foyer_link_sink_get_wish (foyer_camera_rung_get_sink (rung),
            session->id, &wish))
      foyer_ladder_wish (&self->ladder, session->id, wish.bps);
  }
}

/* The link goes as it is, pool and all; a key frame comes first there. A link
 * that can go nowhere ends. */
static void
carry_out (CameraWorker *self, const FoyerLadderMove *move)
{
  FoyerCameraRung *to = ensure_rung (self, move->to);
  FoyerLinkSink *from = foyer_camera_rung_get_sink (self->rungs[move->from]);

  g_debug ("session %" G_GUINT64_FORMAT " goes from rung %u to %u", move->id.v,
      move->from, move->to);
  if (to != NULL) {
    foyer_link_sink_move (from, move->id, foyer_camera_rung_get_sink (to));
  } else {
    foyer_link_sink_remove (from, move->id);
    foyer_ladder_leave (&self->ladder, move->id);
  }
  drop_rung (self, move->from);
}

/* A camera can't be told to make less. Of its own choice a rung makes no more than
 * its shape says, but a network may well carry that, and what sessions say of it
 * grows slowly at first. */
static gboolean
is_too_much (CameraWorker *self, const FoyerLadderRung *rung)
{
  guint32 max_bps = rung->shape.max_bps;
  guint64 limit_bps = rung->bps < max_bps ? rung->bps
                                          : (guint64) max_bps * PASS_TIMES;
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());
  FoyerCodedFigures figures = foyer_camera_coded_get_figures (self->coded,
      now_us);

  if (limit_bps == 0 || figures.bps <= limit_bps)
    self->over_since_us = 0;
  else if (self->over_since_us == 0)
    self->over_since_us = now_us;
  return self->over_since_us != 0 && now_us - self->over_since_us > OVER_US;
}

/* What the camera codes turned out not to be what its sessions can take: the same
 * rung, coded here. */
static void
replace_passed (CameraWorker *self, guint rung)
{
  FoyerCameraRung *old = self->rungs[rung];
  FoyerCameraRung *new = NULL;

  if (old == NULL || !foyer_camera_rung_is_passed (old) ||
      (is_passable (self, &self->ladder.rungs[rung].shape) &&
          !is_too_much (self, &self->ladder.rungs[rung])))
    return;
  self->is_unpassable = TRUE;
  new = make_rung (self, &self->ladder.rungs[rung].shape, FALSE);
  if (new == NULL)
    return;
  g_message (
      "the camera's own H.264 is coded anew: no key frames, too much, or "
      "not for displays");
  for (guint i = 0; i < self->ladder.n_sessions; i++)
    if (self->ladder.sessions[i].rung == rung)
      foyer_link_sink_move (foyer_camera_rung_get_sink (old),
          self->ladder.sessions[i].id, foyer_camera_rung_get_sink (new));
  self->rungs[rung] = new;
  foyer_camera_rung_free (old);
}

/* A camera may go silent without an error. */
static void
check_silence (CameraWorker *self)
{
  gint now_ms = (gint) (foyer_clock_get_us (foyer_clock_get_system ()) / 1000);
  gint since_ms = (gint) ((guint) now_ms -
      (guint) g_atomic_int_get (&self->last_ms));

  if (self->is_open && since_ms > SILENCE_US / 1000)
    fail (self, "the camera sends no pictures any more");
}

static gboolean
on_step (gpointer user_data)
{
  CameraWorker *self = user_data;
  FoyerLadderMove move;

  check_silence (self);
  collect_wishes (self);
  for (guint i = 0; i < FOYER_LADDER_RUNGS; i++)
    replace_passed (self, i);
  while (foyer_ladder_step (&self->ladder,
      foyer_clock_get_us (foyer_clock_get_system ()), &move))
    carry_out (self, &move);
  for (guint i = 0; i < FOYER_LADDER_RUNGS; i++)
    if (self->rungs[i] != NULL)
      foyer_camera_rung_set_bps (self->rungs[i], self->ladder.rungs[i].bps);
  if (self->ladder.n_sessions > 0)
    return G_SOURCE_CONTINUE;
  self->timer = 0;
  return G_SOURCE_REMOVE;
}

/* A session that no rung can serve gets a link that is closed. */
static void
take_link (CameraWorker *self, const FoyerMessage *message, int fd)
{
  FoyerShape most = message->shape;
  FoyerCameraRung *rung = NULL;
  guint place;

  if (most.codec != FOYER_CODEC_RAW && most.max_bps == 0)
    most.max_bps = self->config.shape.max_bps;
  place = foyer_ladder_join (&self->ladder, message->session, &most);
  if (place != FOYER_LADDER_NONE) {
    rung = ensure_rung (self, place);
    if (rung == NULL)
      foyer_ladder_leave (&self->ladder, message->session);
  }
  if (rung == NULL) {
    g_warning ("no rung for session %" G_GUINT64_FORMAT, message->session.v);
    close (fd);
    return;
  }
  foyer_link_sink_add_since (foyer_camera_rung_get_sink (rung),
      message->session, message->granted_us, fd);
  if (self->timer == 0)
    self->timer = g_timeout_add (STEP_MS, on_step, self);
}

static void
end_link (CameraWorker *self, FoyerSessionId session)
{
  guint rung = foyer_ladder_leave (&self->ladder, session);

  foyer_camera_microphone_remove (self->microphone, session);
  if (rung == FOYER_LADDER_NONE)
    return;
  foyer_link_sink_remove (foyer_camera_rung_get_sink (self->rungs[rung]),
      session);
  drop_rung (self, rung);
}

/* Pictures go on. */
static void
on_sound_told (FoyerMessageType type, const char *words, gpointer user_data)
{
  CameraWorker *self = user_data;
  FoyerMessage message = { .type = type };

  foyer_worker_set_text (&message, words);
  foyer_worker_say (self->worker, &message, -1);
}

/* the pipeline */

static gboolean
on_first_picture (gpointer user_data)
{
  CameraWorker *self = user_data;
  FoyerMessage message = { .type = FOYER_MESSAGE_OPENED,
    .camera = self->config.camera,
    .generation = self->config.generation,
    .shape = self->config.shape };

  self->is_open = TRUE;
  message.shape.codec = FOYER_CODEC_RAW;
  message.shape.max_bps = 0;
  foyer_worker_say (self->worker, &message, -1);
  return G_SOURCE_REMOVE;
}

/* Streaming thread. */
static GstPadProbeReturn
on_picture (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  CameraWorker *self = user_data;
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());

  g_atomic_int_set (&self->last_ms, (gint) (guint) (now_us / 1000));
  if (!self->has_begun)
    g_idle_add (on_first_picture, self);
  self->has_begun = TRUE;
  return GST_PAD_PROBE_OK;
}

static void
take_element_message (CameraWorker *self, const GstStructure *structure)
{
  guint64 session;

  if (structure != NULL &&
      gst_structure_has_name (structure, "foyer-link-gone") &&
      gst_structure_get_uint64 (structure, "session", &session))
    end_link (self, (FoyerSessionId){ session });
}

static gboolean
on_bus_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  CameraWorker *self = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY))
      fail_because (self, FOYER_REASON_BUSY, "another program has it");
    fail (self, error->message);
  }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    fail (self, "the camera makes no more pictures");
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT)
    take_element_message (self, gst_message_get_structure (message));
  return G_SOURCE_CONTINUE;
}

static gboolean
build (CameraWorker *self, int device, GError **error)
{
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstPad) pad = NULL;
  FoyerCameraSource source;
  GError *problem = NULL;

  self->pipeline = gst_pipeline_new (NULL);
  if (!foyer_camera_source_add (GST_BIN (self->pipeline), &self->config, device,
          &source, error))
    return FALSE;
  self->config.shape = source.shape;
  self->tee = foyer_media_add (GST_BIN (self->pipeline), "tee", &problem);
  if (problem != NULL) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  g_object_set (self->tee, "allow-not-linked", TRUE, NULL);
  gst_element_link (source.last, self->tee);
  if (source.is_coded)
    self->coded = foyer_camera_coded_new (GST_BIN (self->pipeline), self->tee,
        &source.shape, device);
  pad = gst_element_get_static_pad (self->tee, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, self, NULL);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_add_watch (bus, on_bus_message, self);
  return TRUE;
}

/* the channel */

/* Of one that only looks: what there is, and no more. */
G_GNUC_NORETURN static void
tell_found (CameraWorker *self)
{
  for (guint i = 0; i < self->found->len; i++) {
    FoyerMessage message = { .type = FOYER_MESSAGE_FOUND };

    foyer_worker_set_text (&message, self->found->pdata[i]);
    foyer_worker_say (self->worker, &message, -1);
  }
  foyer_worker_say_type (self->worker, FOYER_MESSAGE_PROBED);
  _exit (0);
}

static void
camera_worker_begin (FoyerWorker *worker, gpointer user_data)
{
  CameraWorker *self = user_data;

  if (self->found != NULL)
    tell_found (self);
  foyer_ladder_init (&self->ladder, &self->config.shape);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
}

static void
camera_worker_take (FoyerWorker *worker, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  CameraWorker *self = user_data;

  if (message->type == FOYER_MESSAGE_LINK) {
    take_link (self, message, fds[0]);
  } else if (message->type == FOYER_MESSAGE_SOUND_LINK) {
    foyer_camera_microphone_add (self->microphone, message, fds[0], fds[1]);
  } else if (message->type == FOYER_MESSAGE_MICROPHONE) {
    foyer_camera_microphone_open (self->microphone, fds[0]);
  } else if (message->type == FOYER_MESSAGE_UNLINK) {
    end_link (self, message->session);
  } else if (message->type == FOYER_MESSAGE_CLOSE) {
    foyer_camera_microphone_free (self->microphone);
    gst_element_set_state (self->pipeline, GST_STATE_NULL);
    foyer_worker_close (worker, NULL);
    _exit (0);
  }
}

/* Elements that pictures from there need. */
static const char *const *
get_elements (FoyerSource source)
{
  static const char *const drawn[] = { "videotestsrc", "queue", "capsfilter",
    "videoconvertscale", "tee", NULL };
  static const char *const device[] = { "v4l2src", "queue", "capsfilter",
    "videoconvertscale", "tee", NULL };
  static const char *const sensor[] = { "libcamerasrc", "queue", "capsfilter",
    "videoconvertscale", "tee", NULL };

  return source == FOYER_SOURCE_DRAWN ? drawn
      : source == FOYER_SOURCE_V4L2   ? device
                                      : sensor;
}

/* Which cameras libcamera has. */
static gboolean
probe (CameraWorker *self, GError **error)
{
  static const char *const none[] = { NULL };

  if (!foyer_media_load (none, error))
    return FALSE;
  self->found = foyer_camera_sensor_list (error);
  if (self->found != NULL)
    foyer_worker_set_libcamera (self->worker);
  return self->found != NULL;
}

static gboolean
camera_worker_prepare (FoyerWorker *worker, const FoyerMessage *config,
    int *fds, gpointer user_data, GError **error)
{
  CameraWorker *self = user_data;

  self->worker = worker;
  self->config = *config;
  if (config->type == FOYER_MESSAGE_PROBE_CONFIG)
    return probe (self, error);
  if (!foyer_media_load (get_elements (config->source), error))
    return FALSE;
  if (config->source == FOYER_SOURCE_LIBCAMERA)
    foyer_worker_set_libcamera (worker);
  /* Without any it still has raw pictures for nodes. */
  foyer_worker_set_codecs (worker, foyer_media_load_encoders ());
  self->microphone = foyer_camera_microphone_new (&self->config,
      foyer_camera_microphone_load (config->source), on_sound_told, self);
  return build (self, fds[0], error);
}

static const FoyerWorkerClass camera_worker_class = {
  .kind = FOYER_WORKER_CAMERA,
  .prepare = camera_worker_prepare,
  .begin = camera_worker_begin,
  .take = camera_worker_take,
};

void
foyer_camera_worker_run (void)
{
  static CameraWorker self;

  foyer_worker_run (&camera_worker_class, &self);
}
