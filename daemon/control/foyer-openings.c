/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-holders.h"
#include "foyer-house-private.h"
#include "foyer-text.h"

#define DOUBT_MS 300 /* udev's rules take a while */

static void
post (FoyerOpening *self, FoyerEventKind kind)
{
  FoyerHouse *house = self->house;
  const FoyerCameraId camera = self->camera;
  const FoyerEvent event = {
    .kind = kind,
    .camera = camera,
    .generation = self->generation,
  };

  foyer_house_post (house, &event);
  foyer_house_tell_camera (house, camera);
}

static void
fail (FoyerOpening *self)
{
  FoyerHouse *house = self->house;
  const guint64 id = self->camera.v;
  gpointer key = NULL;

  /* First out of the house, then told, then freed. */
  g_hash_table_steal_extended (house->openings, &id, &key, NULL);
  g_free (key);
  post (self, FOYER_EVENT_CAMERA_FAILED);
  foyer_opening_free (self);
}

/* udev did not say meanwhile that it is unplugged: it failed by itself. */
static gboolean
on_doubt_over (gpointer user_data)
{
  FoyerOpening *self = user_data;

  self->doubt = 0;
  /* That ends this opening. */
  if (!foyer_cameras_find_gone (self->house->parts.cameras, self->camera))
    fail (self);
  return G_SOURCE_REMOVE;
}

/* (transfer full): the same words, with the device and who has it, if another
 * program does. Of programs of other users a service may see nothing. */
static char *
add_holders (const FoyerCameraEntry *camera, const char *words,
    gboolean is_busy)
{
  g_autoptr (GPtrArray) holders = camera != NULL && *camera->node != '\0'
      ? foyer_holders_list ("/proc", camera->node)
      : NULL;
  g_autofree char *names = holders != NULL ? foyer_holders_dup_names (holders)
                                           : NULL;

  if (holders == NULL || (holders->len == 0 && !is_busy))
    return g_strdup (words);
  if (holders->len > 0)
    return g_strdup_printf ("%s: %s is open in %s", words, camera->node, names);
  return g_strdup_printf ("%s: fuser -v %s tells which", words, camera->node);
}

/* Its sessions end for that, and say why. The words may come from a device. A
 * worker often hears sooner than udev that its camera was pulled out, and that
 * is another reason. */
static void
fail_with (FoyerOpening *self, const char *said, gboolean is_busy)
{
  FoyerCameras *cameras = self->house->parts.cameras;
  const FoyerCameraEntry *camera = foyer_cameras_find (cameras, self->camera);
  g_autofree char *words = add_holders (camera, said, is_busy);
  g_autofree char *escaped = foyer_text_escape_sentence (words);
  GHashTableIter iter;
  gpointer value;

  g_warning ("camera %" G_GUINT64_FORMAT ": %s", (guint64) self->camera.v,
      escaped);
  /* That ends this opening. */
  if (foyer_cameras_find_gone (cameras, self->camera))
    return;
  foyer_cameras_set_problem (cameras, self->camera, words);
  g_hash_table_iter_init (&iter, self->house->runs);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    FoyerRun *run = value;

    if (run->generation == self->generation && run->words == NULL)
      run->words = g_strdup (escaped);
  }
  if (camera != NULL && camera->source != FOYER_SOURCE_DRAWN &&
      self->peer != NULL)
    self->doubt = g_timeout_add (DOUBT_MS, on_doubt_over, self);
  else
    fail (self);
}

/* What its sessions may offer is known now: those that wait for it go on. */
static void
take_ready (FoyerOpening *self, FoyerCodecs codecs)
{
  FoyerHouse *house = self->house;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FoyerSessionId));
  GHashTableIter iter;
  gpointer value;

  self->is_ready = TRUE;
  self->codecs = codecs;
  g_hash_table_iter_init (&iter, house->runs);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const FoyerRun *run = value;

    if (run->is_approved && run->generation == self->generation)
      g_array_append_val (ids, run->id);
  }
  /* Each may end by it, and take others along. */
  for (guint i = 0; i < ids->len; i++) {
    FoyerRun *run = foyer_house_find_run (house,
        g_array_index (ids, FoyerSessionId, i));

    if (run != NULL)
      foyer_run_approve (run);
  }
}

static void
on_said (FoyerPeer *peer, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  FoyerOpening *self = user_data;

  if (message->type == FOYER_MESSAGE_READY) {
    take_ready (self, (FoyerCodecs) message->codecs);
  } else if (message->type == FOYER_MESSAGE_OPENED) {
    self->is_open = TRUE;
    foyer_cameras_set_problem (self->house->parts.cameras, self->camera, NULL);
    post (self, FOYER_EVENT_CAMERA_OPENED);
  } else if (message->type == FOYER_MESSAGE_FAILED) {
    fail_with (self, message->text, message->reason == FOYER_REASON_BUSY);
  } else {
    foyer_opening_take_sound (self, message);
  }
}

static void
on_gone (FoyerPeer *peer, FoyerReason reason, gpointer user_data)
{
  FoyerOpening *self = user_data;
  FoyerCameras *cameras = self->house->parts.cameras;

  if (self->doubt != 0 || foyer_cameras_find_gone (cameras, self->camera))
    return;
  foyer_cameras_set_problem (cameras, self->camera, "its process ended");
  fail (self);
}

static void
fill_config (const FoyerOpening *self, const FoyerCameraEntry *camera,
    FoyerMessage *config)
{
  const FoyerConfigProfile *profile =
      foyer_cameras_get_profile (self->house->parts.cameras, camera);

  *config = (FoyerMessage){
    .type = FOYER_MESSAGE_CAMERA_CONFIG,
    .camera = self->camera,
    .generation = self->generation,
    .source = camera->source,
    .number = camera->number,
    .ticking = self->house->ticking,
    .shape = { .codec = FOYER_CODEC_RAW,
        .width_px = profile->width_px,
        .height_px = profile->height_px,
        .fps_n = profile->fps,
        .fps_d = 1 },
  };
  g_strlcpy (config->text,
      camera->source == FOYER_SOURCE_LIBCAMERA ? camera->device->bus
                                               : camera->name,
      sizeof config->text);
}

static gboolean
launch (FoyerOpening *self, const FoyerCameraEntry *camera, GError **error)
{
  static const FoyerPeerEvents events = { .said = on_said, .gone = on_gone };
  const FoyerBirth birth = {
    .camera = self->camera,
    .generation = self->generation,
  };
  g_autoptr (GError) local = NULL;
  FoyerMessage config;
  foyer_autofd int device = foyer_cameras_open (self->house->parts.cameras,
      camera, &local);

  if (local != NULL) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (camera->source == FOYER_SOURCE_LIBCAMERA) {
    self->sensors = self->house->sensors;
    foyer_sensors_hold (self->sensors);
  }
  self->peer = foyer_peer_new (self->house->parts.launcher, FOYER_WORKER_CAMERA,
      &birth, &events, self, error);
  if (self->peer == NULL)
    return FALSE;
  foyer_cameras_restore_controls (self->house->parts.cameras, camera, device);
  fill_config (self, camera, &config);
  if (foyer_peer_send (self->peer, &config, &device, device >= 0 ? 1 : 0))
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "its worker died");
  return FALSE;
}

void
foyer_house_open_camera (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation)
{
  const FoyerCameraEntry *entry = foyer_cameras_find (self->parts.cameras,
      camera);
  FoyerOpening *opening = g_new0 (FoyerOpening, 1);
  g_autoptr (GError) error = NULL;

  opening->house = self;
  opening->camera = camera;
  opening->generation = generation;
  opening->since_us = foyer_clock_get_us (self->parts.clock);
  g_hash_table_replace (self->openings, g_memdup2 (&camera.v, sizeof camera.v),
      opening);
  if (entry == NULL) {
    fail (opening);
  } else if (!launch (opening, entry, &error)) {
    fail_with (opening, error->message,
        g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));
  } else {
    foyer_house_tell_camera (self, camera);
  }
}

FoyerOpening *
foyer_house_find_opening (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation)
{
  FoyerOpening *opening = g_hash_table_lookup (self->openings, &camera.v);

  return opening != NULL && opening->generation == generation ? opening : NULL;
}

/* A worker that hangs says nothing. */
static gboolean
is_overdue (const FoyerOpening *self)
{
  return !self->is_open &&
      foyer_clock_get_us (self->house->parts.clock) - self->since_us >=
      FOYER_CORE_OPEN_US;
}

void
foyer_house_close_camera (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation)
{
  const FoyerOpening *opening = foyer_house_find_opening (self, camera,
      generation);

  if (opening != NULL) {
    if (is_overdue (opening))
      foyer_cameras_set_problem (self->parts.cameras, camera,
          "no picture came in time");
    g_hash_table_remove (self->openings, &camera.v);
  }
  foyer_house_tell_camera (self, camera);
}

FoyerPeer *
foyer_house_find_camera_peer (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation)
{
  FoyerOpening *opening = foyer_house_find_opening (self, camera, generation);

  return opening != NULL ? opening->peer : NULL;
}

gboolean
foyer_house_get_codecs (FoyerHouse *self, FoyerCameraId camera,
    guint64 generation, FoyerCodecs *codecs)
{
  const FoyerOpening *opening = foyer_house_find_opening (self, camera,
      generation);

  if (opening == NULL || !opening->is_ready)
    return FALSE;
  *codecs = opening->codecs;
  return TRUE;
}

void
foyer_opening_free (FoyerOpening *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->doubt, g_source_remove);
  g_clear_handle_id (&self->sound_timer, g_source_remove);
  foyer_peer_free (self->peer);
  if (self->sensors != NULL)
    foyer_sensors_release (self->sensors);
  g_free (self);
}
