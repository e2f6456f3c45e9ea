/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cameras.h"

#include "foyer-controls.h"
#include "foyer-error.h"
#include "foyer-microphone.h"
#include "foyer-sensors.h"
#include "foyer-text.h"

#include <fcntl.h>
#include <gio/gio.h>

#define DRAWN "test:"
#define SYSFS "/sys"

struct _FoyerCameras
{
  FoyerState *state;
  const FoyerConfig *config;
  char *folder;
  FoyerPlugs *watch;  /* NULL before start, or without a folder */
  GPtrArray *devices; /* of FoyerPlug: all that are plugged in */
  GHashTable *twins;  /* kinds that were seen twice */
  GPtrArray *cameras; /* of FoyerCameraEntry */
  const FoyerCamerasEvents *events;
  gpointer user_data;
};

static void
camera_free (gpointer data)
{
  FoyerCameraEntry *camera = data;

  g_free (camera->identity);
  g_free (camera->name);
  g_free (camera->node);
  g_free (camera->problem);
  g_free (camera);
}

/* (nullable): what foyer.conf says of it */
static const FoyerConfigCamera *
find_given (const FoyerCameras *self, const char *identity)
{
  for (guint i = 0; i < self->config->cameras->len; i++) {
    const FoyerConfigCamera *given = self->config->cameras->pdata[i];

    if (g_str_equal (given->identity, identity))
      return given;
  }
  return NULL;
}

static const char *
find_given_name (FoyerCameras *self, const char *identity)
{
  const char *name = foyer_state_get_name (self->state, identity);
  const FoyerConfigCamera *given = find_given (self, identity);

  return name == NULL && given != NULL ? given->name : name;
}

static FoyerCameraEntry *
find_identity (FoyerCameras *self, const char *identity)
{
  for (guint i = 0; i < self->cameras->len; i++) {
    FoyerCameraEntry *camera = self->cameras->pdata[i];

    if (g_str_equal (camera->identity, identity))
      return camera;
  }
  return NULL;
}

static FoyerCameraEntry *
add (FoyerCameras *self, const char *identity, const char *own_name,
    const char *node, FoyerSource source)
{
  FoyerInterner *ids = foyer_state_get_ids (self->state);
  FoyerCameraId id = foyer_interner_intern_camera (ids, identity);
  const char *name = find_given_name (self, identity);
  FoyerCameraEntry *camera;

  if (id.v == 0 || self->cameras->len >= FOYER_CORE_MAX_CAMERAS) {
    g_autofree char *escaped = foyer_text_escape (identity);

    g_warning ("camera %s has no place: it can't be shown", escaped);
    return NULL;
  }
  camera = g_new0 (FoyerCameraEntry, 1);
  camera->id = id;
  camera->identity = g_strdup (identity);
  camera->name = name != NULL ? g_strdup (name) : foyer_text_escape (own_name);
  camera->node = g_strdup (node);
  camera->source = source;
  g_ptr_array_add (self->cameras, camera);
  return camera;
}

static void
add_drawn (FoyerCameras *self, const FoyerConfigCamera *given)
{
  FoyerCameraEntry *camera = find_identity (self, given->identity) == NULL
      ? add (self, given->identity, given->name, "", FOYER_SOURCE_DRAWN)
      : NULL;

  if (camera == NULL)
    return;
  camera->number = (guint16) self->cameras->len;
  self->events->added (camera, self->user_data);
}

/* devices */

static gboolean
has_twin (FoyerCameras *self, const FoyerPlug *device)
{
  return g_hash_table_contains (self->twins, device->identity.kind);
}

static void
note_twins (FoyerCameras *self)
{
  for (guint i = 0; i < self->devices->len; i++)
    for (guint k = 0; k < i; k++) {
      const FoyerPlug *a = self->devices->pdata[i];
      const FoyerPlug *b = self->devices->pdata[k];

      if (g_str_equal (a->identity.kind, b->identity.kind))
        g_hash_table_add (self->twins, g_strdup (a->identity.kind));
    }
}

/* The owner named the camera that sits there. */
static gboolean
is_named_by_place (FoyerCameras *self, const FoyerPlug *device)
{
  return find_given_name (self, device->identity.place) != NULL;
}

static const char *
get_identity (FoyerCameras *self, const FoyerPlug *device)
{
  return has_twin (self, device) || is_named_by_place (self, device)
      ? device->identity.place
      : device->identity.own;
}

/* Nobody can name apart what sits at one place. */
static gboolean
is_alone (FoyerCameras *self, const char *identity)
{
  guint n = 0;

  for (guint i = 0; i < self->devices->len; i++)
    n += g_str_equal (get_identity (self, self->devices->pdata[i]), identity);
  return n <= 1;
}

static gboolean
is_ambiguous (FoyerCameras *self, const FoyerPlug *device)
{
  return (has_twin (self, device) && !is_named_by_place (self, device)) ||
      !is_alone (self, get_identity (self, device));
}

static void
set_ambiguous (FoyerCameras *self, FoyerCameraEntry *camera, gboolean is_so)
{
  if (camera->is_ambiguous == is_so)
    return;
  camera->is_ambiguous = is_so;
  self->events->changed (camera, self->user_data);
}

static void
remove_camera (FoyerCameras *self, guint at)
{
  FoyerCameraEntry *camera = g_ptr_array_steal_index (self->cameras, at);

  camera->device = NULL;
  self->events->removed (camera, self->user_data);
  camera_free (camera);
}

/* Cameras whose device is gone, or is another camera now, go. */
static void
remove_past (FoyerCameras *self)
{
  for (guint i = self->cameras->len; i > 0; i--) {
    FoyerCameraEntry *camera = self->cameras->pdata[i - 1];

    if (camera->source == FOYER_SOURCE_DRAWN)
      continue;
    if (camera->device == NULL) {
      remove_camera (self, i - 1);
    } else if (!g_str_equal (camera->identity,
                   get_identity (self, camera->device))) {
      /* It is not known which of them was granted: sessions say so. */
      set_ambiguous (self, camera, has_twin (self, camera->device));
      remove_camera (self, i - 1);
    }
  }
}

static void
add_device (FoyerCameras *self, const FoyerPlug *device)
{
  const char *identity = get_identity (self, device);
  FoyerCameraEntry *camera = find_identity (self, identity);
  gboolean is_new = camera == NULL;

  if (is_new)
    camera = add (self, identity, device->name, device->node, device->source);
  if (camera == NULL)
    return;
  if (!is_new) {
    set_ambiguous (self, camera, is_ambiguous (self, device));
    return;
  }
  camera->device = device;
  camera->problem = g_strdup (device->problem);
  camera->is_ambiguous = is_ambiguous (self, device);
  if (camera->is_ambiguous)
    g_message ("%s can't be told from another camera: refused until it has a "
               "name of its own",
        camera->identity);
  self->events->added (camera, self->user_data);
}

/* Makes cameras of the devices that there are now. */
static void
settle (FoyerCameras *self)
{
  note_twins (self);
  remove_past (self);
  for (guint i = 0; i < self->devices->len; i++)
    add_device (self, self->devices->pdata[i]);
}

/* Cameras let go of it first. */
static void
drop_device (FoyerCameras *self, guint at)
{
  const FoyerPlug *device = self->devices->pdata[at];

  for (guint i = 0; i < self->cameras->len; i++) {
    FoyerCameraEntry *camera = self->cameras->pdata[i];

    if (camera->device == device)
      camera->device = NULL;
  }
  g_ptr_array_remove_index (self->devices, at);
}

/* The same one, told of once more. */
static gboolean
is_known (FoyerCameras *self, const FoyerPlug *device)
{
  for (guint i = 0; i < self->devices->len; i++) {
    const FoyerPlug *known = self->devices->pdata[i];

    if (g_str_equal (known->node, device->node) &&
        g_str_equal (known->place, device->place) &&
        g_strcmp0 (known->stamp, device->stamp) == 0 &&
        g_strcmp0 (known->problem, device->problem) == 0 &&
        foyer_camera_identity_equal (&known->identity, &device->identity))
      return TRUE;
  }
  return FALSE;
}

void
foyer_cameras_plug (FoyerCameras *self, FoyerPlug *device)
{
  if (is_known (self, device)) {
    foyer_plug_free (device);
    return;
  }
  for (guint i = self->devices->len; i > 0; i--) {
    const FoyerPlug *old = self->devices->pdata[i - 1];

    if (g_str_equal (old->node, device->node) ||
        g_str_equal (old->place, device->place))
      drop_device (self, i - 1);
  }
  /* What ends, ends before anything begins in its place. */
  remove_past (self);
  g_ptr_array_add (self->devices, device);
  settle (self);
}

void
foyer_cameras_unplug (FoyerCameras *self, const char *place)
{
  for (guint i = self->devices->len; i > 0; i--) {
    const FoyerPlug *device = self->devices->pdata[i - 1];

    if (g_str_equal (device->place, place))
      drop_device (self, i - 1);
  }
  settle (self);
}

gboolean
foyer_cameras_find_gone (FoyerCameras *self, FoyerCameraId id)
{
  const FoyerCameraEntry *camera = foyer_cameras_find (self, id);
  g_autofree char *place = camera != NULL && camera->device != NULL
      ? g_strdup (camera->device->place)
      : NULL;

  if (place == NULL || g_file_test (place, G_FILE_TEST_EXISTS))
    return FALSE;
  foyer_cameras_unplug (self, place);
  return TRUE;
}

static void
on_plugged (FoyerPlug *device, gpointer user_data)
{
  foyer_cameras_plug (user_data, device);
}

static void
on_unplugged (const char *place, gpointer user_data)
{
  foyer_cameras_unplug (user_data, place);
}

FoyerCameras *
foyer_cameras_new (FoyerState *state, const FoyerConfig *config,
    const char *folder)
{
  FoyerCameras *self = g_new0 (FoyerCameras, 1);

  self->state = state;
  self->config = config;
  self->folder = g_strdup (folder);
  self->devices = g_ptr_array_new_with_free_func (
      (GDestroyNotify) foyer_plug_free);
  self->twins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->cameras = g_ptr_array_new_with_free_func (camera_free);
  return self;
}

void
foyer_cameras_start (FoyerCameras *self, const FoyerCamerasEvents *events,
    gpointer user_data)
{
  static const FoyerPlugsEvents of_devices = {
    .plugged = on_plugged,
    .unplugged = on_unplugged,
  };

  self->events = events;
  self->user_data = user_data;
  for (guint i = 0; i < self->config->cameras->len; i++) {
    const FoyerConfigCamera *given = self->config->cameras->pdata[i];

    if (g_str_has_prefix (given->identity, DRAWN))
      add_drawn (self, given);
  }
  if (self->folder != NULL)
    self->watch = foyer_plugs_new (self->folder, &of_devices, self);
}

const char *
foyer_cameras_get_folder (const FoyerCameras *self)
{
  return self->folder;
}

const FoyerCameraEntry *
foyer_cameras_find (FoyerCameras *self, FoyerCameraId id)
{
  for (guint i = 0; i < self->cameras->len; i++) {
    FoyerCameraEntry *camera = self->cameras->pdata[i];

    if (foyer_camera_id_equal (camera->id, id))
      return camera;
  }
  return NULL;
}

const FoyerConfigProfile *
foyer_cameras_get_profile (const FoyerCameras *self,
    const FoyerCameraEntry *camera)
{
  const FoyerConfigCamera *given = find_given (self, camera->identity);

  return given != NULL && given->profile != NULL ? given->profile
                                                 : &foyer_config_usual_profile;
}

int
foyer_cameras_open (FoyerCameras *self, const FoyerCameraEntry *camera,
    GError **error)
{
  if (camera->source == FOYER_SOURCE_DRAWN)
    return -1;
  if (camera->device == NULL || camera->is_ambiguous) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "its device is gone, or can't be told from another one");
    return -1;
  }
  return camera->source == FOYER_SOURCE_LIBCAMERA
      ? foyer_sensors_open (camera->device, error)
      : foyer_plugs_open (self->watch, camera->device, error);
}

int
foyer_cameras_open_microphone (FoyerCameras *self,
    const FoyerCameraEntry *camera, GError **error)
{
  const FoyerConfigCamera *given = find_given (self, camera->identity);
  g_auto (FoyerMicrophone) microphone = { 0 };

  if (camera->source == FOYER_SOURCE_DRAWN)
    return -1;
  if (!foyer_microphone_find (SYSFS,
          camera->device != NULL ? camera->device->place : NULL,
          given != NULL ? given->microphone : NULL, &microphone, error))
    return -1;
  return foyer_microphone_open (&microphone, SYSFS, self->folder, error);
}

gboolean
foyer_cameras_keep_control (FoyerCameras *self, FoyerCameraId id,
    const char *name, gint32 value, GError **error)
{
  const FoyerCameraEntry *camera = foyer_cameras_find (self, id);
  g_autofree char *line = NULL;

  if (camera == NULL) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        "that camera is unplugged");
    return FALSE;
  }
  line = foyer_controls_dup_with (foyer_state_get_controls (self->state,
                                      camera->identity),
      name, value);
  if (line != NULL)
    return foyer_state_set_controls (self->state, camera->identity, line,
        error);
  g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_FULL,
      "no more controls of that camera can be kept");
  return FALSE;
}

static void
on_restored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!foyer_controls_set_finish (result, &error))
    g_warning ("controls of a camera stay as they are: %s", error->message);
}

void
foyer_cameras_restore_controls (FoyerCameras *self,
    const FoyerCameraEntry *camera, int device)
{
  const char *line = foyer_state_get_controls (self->state, camera->identity);
  int fd = line != NULL && camera->source == FOYER_SOURCE_V4L2
      ? fcntl (device, F_DUPFD_CLOEXEC, 0)
      : -1;

  if (fd >= 0)
    foyer_controls_set_async (fd, line, FALSE, NULL, on_restored, NULL);
}

void
foyer_cameras_set_problem (FoyerCameras *self, FoyerCameraId id,
    const char *problem)
{
  FoyerCameraEntry *camera = (FoyerCameraEntry *) foyer_cameras_find (self, id);

  if (camera == NULL || g_strcmp0 (camera->problem, problem) == 0)
    return;
  g_free (camera->problem);
  camera->problem = problem != NULL ? foyer_text_escape (problem) : NULL;
  self->events->changed (camera, self->user_data);
}

gboolean
foyer_cameras_set_name (FoyerCameras *self, FoyerCameraId id, const char *name,
    GError **error)
{
  FoyerCameraEntry *camera = (FoyerCameraEntry *) foyer_cameras_find (self, id);

  if (camera == NULL) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        "that camera is unplugged");
    return FALSE;
  }
  if (!foyer_text_is_name (name)) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "a name has 1 to 64 letters that can be printed");
    return FALSE;
  }
  if (!foyer_state_set_name (self->state, camera->identity, name, error))
    return FALSE;
  g_free (camera->name);
  camera->name = g_strdup (name);
  self->events->changed (camera, self->user_data);
  /* A twin that has a name is told apart by it. */
  settle (self);
  return TRUE;
}

void
foyer_cameras_free (FoyerCameras *self)
{
  if (self == NULL)
    return;
  foyer_plugs_free (self->watch);
  g_ptr_array_unref (self->cameras);
  g_ptr_array_unref (self->devices);
  g_hash_table_unref (self->twins);
  g_free (self->folder);
  g_free (self);
}
