/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cameras.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-node-host.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <linux/videodev2.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

#define DRAWN "test:"
#define NODE  "video"
#define WATCH (IN_CREATE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR)

struct _FoyerCameras
{
  FoyerState *state;
  const FoyerConfig *config;
  char *folder;
  GPtrArray *cameras; /* of FoyerCameraEntry */
  const FoyerCamerasEvents *events;
  gpointer user_data;
  int watch_fd;
  guint watch;
};

static void
camera_free (gpointer data)
{
  FoyerCameraEntry *camera = data;

  g_free (camera->identity);
  g_free (camera->name);
  g_free (camera->node);
  g_free (camera);
}

static const char *
find_given_name (FoyerCameras *self, const char *identity)
{
  const char *name = foyer_state_get_name (self->state, identity);

  for (guint i = 0; name == NULL && i < self->config->cameras->len; i++) {
    const FoyerConfigCamera *given = self->config->cameras->pdata[i];

    if (g_str_equal (given->identity, identity))
      name = given->name;
  }
  return name;
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

static void
add (FoyerCameras *self, const char *identity, const char *own_name,
    const char *node, FoyerSource source)
{
  FoyerInterner *ids = foyer_state_get_ids (self->state);
  FoyerCameraId id = foyer_interner_intern_camera (ids, identity);
  const char *name = find_given_name (self, identity);
  FoyerCameraEntry *camera;

  if (find_identity (self, identity) != NULL)
    return;
  if (id.v == 0 || self->cameras->len >= FOYER_CORE_MAX_CAMERAS) {
    g_autofree char *escaped = foyer_text_escape (identity);

    g_warning ("camera %s has no place: it can't be shown", escaped);
    return;
  }
  camera = g_new0 (FoyerCameraEntry, 1);
  camera->id = id;
  camera->identity = g_strdup (identity);
  camera->name = name != NULL ? g_strdup (name) : foyer_text_escape (own_name);
  camera->node = g_strdup (node);
  camera->source = source;
  if (source == FOYER_SOURCE_DRAWN)
    camera->number = (guint16) (self->cameras->len + 1);
  g_ptr_array_add (self->cameras, camera);
  self->events->added (camera, self->user_data);
}

/* What a capture device calls itself, into @card; FALSE if it is none. */
static gboolean
read_capabilities (int fd, char *card, gsize n_bytes)
{
  struct v4l2_capability capability = { 0 };
  guint32 flags;

  if (ioctl (fd, VIDIOC_QUERYCAP, &capability) < 0)
    return FALSE;
  flags = capability.capabilities & V4L2_CAP_DEVICE_CAPS
      ? capability.device_caps
      : capability.capabilities;
  capability.driver[sizeof capability.driver - 1] = '\0';
  capability.card[sizeof capability.card - 1] = '\0';
  /* What we show ourselves is no camera. */
  if (foyer_node_is_ours ((const char *) capability.driver,
          (const char *) capability.card))
    return FALSE;
  g_strlcpy (card, (const char *) capability.card,
      MIN (n_bytes, sizeof capability.card));
  return (flags & V4L2_CAP_VIDEO_CAPTURE) != 0 &&
      (flags & V4L2_CAP_STREAMING) != 0;
}

/* "video" and digits alone. */
static gboolean
is_node (const char *name)
{
  const char *digits = name + strlen (NODE);

  return g_str_has_prefix (name, NODE) && *digits != '\0' &&
      strspn (digits, "0123456789") == strlen (digits);
}

static void
look_at_node (FoyerCameras *self, const char *name)
{
  g_autofree char *node = g_build_filename (self->folder, name, NULL);
  g_autofree char *identity = g_strconcat ("path:", node, NULL);
  char card[64] = "";
  foyer_autofd int fd = open (node, O_RDWR | O_NONBLOCK | O_CLOEXEC);

  if (fd >= 0 && read_capabilities (fd, card, sizeof card))
    add (self, identity, card[0] != '\0' ? card : name, node,
        FOYER_SOURCE_V4L2);
}

static void
remove_node (FoyerCameras *self, const char *name)
{
  g_autofree char *node = g_build_filename (self->folder, name, NULL);

  for (guint i = 0; i < self->cameras->len; i++) {
    FoyerCameraEntry *camera = self->cameras->pdata[i];

    if (g_str_equal (camera->node, node)) {
      g_ptr_array_steal_index (self->cameras, i);
      self->events->removed (camera, self->user_data);
      camera_free (camera);
      return;
    }
  }
}

static gboolean
on_folder (int fd, GIOCondition condition, gpointer user_data)
{
  FoyerCameras *self = user_data;
  _Alignas(struct inotify_event) char events[4096];
  gssize n_bytes;

  while ((n_bytes = read (fd, events, sizeof events)) > 0) {
    gssize at = 0;

    while (at < n_bytes) {
      const struct inotify_event *event = (const void *) (events + at);

      at += (gssize) (sizeof *event + event->len);
      if (event->len == 0 || !is_node (event->name))
        continue;
      if ((event->mask & IN_DELETE) != 0)
        remove_node (self, event->name);
      else
        look_at_node (self, event->name);
    }
  }
  return G_SOURCE_CONTINUE;
}

static void
look_at_folder (FoyerCameras *self)
{
  g_autoptr (GDir) folder = g_dir_open (self->folder, 0, NULL);
  const char *name;

  /* The watch first: what comes in between is seen twice, not missed. */
  self->watch_fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  if (self->watch_fd >= 0 &&
      inotify_add_watch (self->watch_fd, self->folder, WATCH) >= 0)
    self->watch = g_unix_fd_add (self->watch_fd, G_IO_IN, on_folder, self);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (is_node (name))
      look_at_node (self, name);
}

FoyerCameras *
foyer_cameras_new (FoyerState *state, const FoyerConfig *config,
    const char *folder)
{
  FoyerCameras *self = g_new0 (FoyerCameras, 1);

  self->state = state;
  self->config = config;
  self->folder = g_strdup (folder);
  self->cameras = g_ptr_array_new_with_free_func (camera_free);
  self->watch_fd = -1;
  return self;
}

void
foyer_cameras_start (FoyerCameras *self, const FoyerCamerasEvents *events,
    gpointer user_data)
{
  self->events = events;
  self->user_data = user_data;
  for (guint i = 0; i < self->config->cameras->len; i++) {
    const FoyerConfigCamera *given = self->config->cameras->pdata[i];

    if (g_str_has_prefix (given->identity, DRAWN))
      add (self, given->identity, given->name, "", FOYER_SOURCE_DRAWN);
  }
  if (self->folder != NULL)
    look_at_folder (self);
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

int
foyer_cameras_open (FoyerCameras *self, const FoyerCameraEntry *camera,
    GError **error)
{
  char card[64];
  int fd;

  if (camera->source != FOYER_SOURCE_V4L2)
    return -1;
  fd = open (camera->node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) {
    int number = errno;

    g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number),
        "opening %s: %s", camera->node, g_strerror (number));
    return -1;
  }
  if (!read_capabilities (fd, card, sizeof card)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
        "opening %s: no capture device any more", camera->node);
    close (fd);
    return -1;
  }
  return fd;
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
  self->events->renamed (camera, self->user_data);
  return TRUE;
}

void
foyer_cameras_free (FoyerCameras *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->watch, g_source_remove);
  foyer_fd_clear (&self->watch_fd);
  g_ptr_array_unref (self->cameras);
  g_free (self->folder);
  g_free (self);
}
