/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-sensors.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-peer.h"
#include "foyer-text.h"

#include <errno.h>
#include <fcntl.h>
#include <gudev/gudev.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SUBSYSTEM "video4linux"
#define NODE      "v4l-subdev"
#define STAMP     "USEC_INITIALIZED" /* once udev's rules are through */
#define FIRMWARE  "/sys/firmware/devicetree"
#define DEVICES   "/sys/devices/"
#define MAX_FOUND 32
#define LIMIT_MS  60000 /* libcamera may hang */

struct _FoyerSensors
{
  const FoyerLauncher *launcher;
  char *folder; /* with its "/" */
  GUdevClient *udev;
  const FoyerPlugsEvents *events;
  gpointer user_data;
  FoyerPeer *prober; /* nullable */
  GPtrArray *found;  /* what it said so far */
  guint later;       /* looks in a while */
  guint limit;       /* of a look */
  guint n_holders;
  gboolean is_due; /* something changed while nobody could look */
};

static void look_later (FoyerSensors *self);

/* "imx219 10-0010" is an imx219: buses are numbered as they come. */
static char *
dup_model (const char *name)
{
  const char *space = strrchr (name, ' ');

  return space != NULL &&
          g_regex_match_simple ("^ [0-9]+-[0-9a-f]{4}$", space, 0, 0)
      ? g_strndup (name, (gsize) (space - name))
      : g_strdup (name);
}

/* What libcamera calls a camera with that sensor: where the firmware has it, else
 * where sysfs has it and what it is. NULL for none. */
static char *
dup_id (GUdevDevice *udev, const char *model)
{
  g_autoptr (GUdevDevice) parent = g_udev_device_get_parent (udev);
  const char *folder = parent != NULL ? g_udev_device_get_sysfs_path (parent)
                                      : NULL;
  g_autofree char *node = g_strconcat (folder != NULL ? folder : "", "/of_node",
      NULL);
  g_autofree char *real = realpath (node, NULL);
  g_autofree char *file = g_strconcat (folder != NULL ? folder : "",
      "/firmware_node/path", NULL);
  char *path = NULL;

  if (folder == NULL)
    return NULL;
  if (real != NULL && g_str_has_prefix (real, FIRMWARE "/"))
    return g_strdup (real + strlen (FIRMWARE));
  if (g_file_get_contents (file, &path, NULL, NULL))
    return g_strchomp (path);
  if (!g_str_has_prefix (folder, DEVICES))
    return NULL;
  return g_strconcat (folder + strlen (DEVICES), " ", model, NULL);
}

/* (nullable): what is to be known of a sensor; bus is what libcamera would call it. */
static FoyerPlug *
describe (GUdevDevice *udev)
{
  const char *node = g_udev_device_get_device_file (udev);
  const char *name = g_udev_device_get_sysfs_attr (udev, "name");
  g_autoptr (FoyerPlug) device = g_new0 (FoyerPlug, 1);

  if (node == NULL || name == NULL)
    return NULL;
  device->source = FOYER_SOURCE_LIBCAMERA;
  device->node = g_strdup (node);
  device->place = g_strdup (g_udev_device_get_sysfs_path (udev));
  device->stamp = g_strdup (g_udev_device_get_property (udev, STAMP));
  device->name = dup_model (name);
  device->bus = dup_id (udev, device->name);
  if (device->bus == NULL ||
      !foyer_camera_identity_init_sensor (&device->identity, device->name,
          device->bus))
    return NULL;
  return g_steal_pointer (&device);
}

/* Those that udev is through with; later it tells of the rest. */
static gboolean
is_sensor_node (FoyerSensors *self, GUdevDevice *udev)
{
  const char *node = g_udev_device_get_device_file (udev);

  return node != NULL && g_str_has_prefix (node, self->folder) &&
      g_str_has_prefix (node + strlen (self->folder), NODE) &&
      g_udev_device_has_property (udev, STAMP);
}

/* (transfer full): of GUdevDevice */
static GList *
list_nodes (FoyerSensors *self)
{
  GList *all = g_udev_client_query_by_subsystem (self->udev, SUBSYSTEM);
  GList *nodes = NULL;

  for (GList *at = all; at != NULL; at = at->next)
    if (is_sensor_node (self, at->data))
      nodes = g_list_prepend (nodes, g_object_ref (at->data));
  g_list_free_full (all, g_object_unref);
  return g_list_reverse (nodes);
}

/* What libcamera has and udev doesn't sits nowhere, or is a device that cameras
 * are made of without it. */
static void
settle (FoyerSensors *self)
{
  GList *nodes = list_nodes (self);

  for (GList *at = nodes; at != NULL; at = at->next) {
    FoyerPlug *device = describe (at->data);

    if (device != NULL &&
        g_ptr_array_find_with_equal_func (self->found, device->bus, g_str_equal,
            NULL))
      self->events->plugged (device, self->user_data);
    else
      foyer_plug_free (device);
  }
  g_list_free_full (nodes, g_object_unref);
}

/* looking */

static void
end_look (FoyerSensors *self)
{
  g_clear_handle_id (&self->limit, g_source_remove);
  g_clear_pointer (&self->prober, foyer_peer_free);
  if (self->is_due)
    look_later (self);
}

static void
on_said (FoyerPeer *peer, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
  FoyerSensors *self = user_data;
  g_autofree char *escaped = foyer_text_escape (message->text);

  if (message->type == FOYER_MESSAGE_FOUND) {
    if (self->found->len < MAX_FOUND)
      g_ptr_array_add (self->found, g_strdup (message->text));
  } else if (message->type == FOYER_MESSAGE_FAILED) {
    /* doctor says what to install. */
    g_message ("sensors are there that give no pictures: %s", escaped);
    end_look (self);
  } else if (message->type == FOYER_MESSAGE_PROBED) {
    settle (self);
    end_look (self);
  }
}

static void
on_gone (FoyerPeer *peer, FoyerReason reason, gpointer user_data)
{
  end_look (user_data);
}

static gboolean
on_limit (gpointer user_data)
{
  FoyerSensors *self = user_data;

  self->limit = 0;
  g_warning ("libcamera does not say which cameras it has");
  end_look (self);
  return G_SOURCE_REMOVE;
}

static void
look (FoyerSensors *self)
{
  static const FoyerPeerEvents events = { .said = on_said, .gone = on_gone };
  const FoyerMessage config = { .type = FOYER_MESSAGE_PROBE_CONFIG };
  const FoyerBirth birth = { 0 };
  g_autoptr (GError) error = NULL;

  self->is_due = FALSE;
  g_ptr_array_set_size (self->found, 0);
  self->prober = foyer_peer_new (self->launcher, FOYER_WORKER_CAMERA, &birth,
      &events, self, &error);
  if (self->prober == NULL) {
    g_warning ("%s", error->message);
    return;
  }
  self->limit = g_timeout_add (LIMIT_MS, on_limit, self);
  if (!foyer_peer_send (self->prober, &config, NULL, 0))
    end_look (self);
}

static gboolean
on_later (gpointer user_data)
{
  FoyerSensors *self = user_data;
  GList *nodes = list_nodes (self);

  self->later = 0;
  if (nodes != NULL)
    look (self);
  g_list_free_full (nodes, g_object_unref);
  return G_SOURCE_REMOVE;
}

static void
look_later (FoyerSensors *self)
{
  self->is_due = self->prober != NULL || self->n_holders > 0;
  if (self->is_due)
    return;
  g_clear_handle_id (&self->later, g_source_remove);
  self->later = g_timeout_add (FOYER_SENSORS_SETTLE_MS, on_later, self);
}

static void
on_uevent (GUdevClient *client, const char *action, GUdevDevice *udev,
    gpointer user_data)
{
  FoyerSensors *self = user_data;

  if (!g_str_has_prefix (g_udev_device_get_name (udev), NODE))
    return;
  if (g_strcmp0 (action, "remove") == 0)
    self->events->unplugged (g_udev_device_get_sysfs_path (udev),
        self->user_data);
  else
    look_later (self);
}

FoyerSensors *
foyer_sensors_new (const FoyerLauncher *launcher, const char *folder,
    const FoyerPlugsEvents *events, gpointer user_data)
{
  const char *const subsystems[] = { SUBSYSTEM, NULL };
  FoyerSensors *self = g_new0 (FoyerSensors, 1);

  self->launcher = launcher;
  self->folder = g_str_has_suffix (folder, "/")
      ? g_strdup (folder)
      : g_strconcat (folder, "/", NULL);
  self->events = events;
  self->user_data = user_data;
  self->found = g_ptr_array_new_with_free_func (g_free);
  self->udev = g_udev_client_new (subsystems);
  g_signal_connect (self->udev, "uevent", G_CALLBACK (on_uevent), self);
  look_later (self);
  return self;
}

void
foyer_sensors_hold (FoyerSensors *self)
{
  self->n_holders++;
  if (self->prober == NULL && self->later == 0)
    return;
  /* What it had begun is begun anew. */
  g_clear_handle_id (&self->later, g_source_remove);
  self->is_due = FALSE;
  end_look (self);
  self->is_due = TRUE;
}

void
foyer_sensors_release (FoyerSensors *self)
{
  self->n_holders--;
  if (self->n_holders == 0 && self->is_due)
    look_later (self);
}

int
foyer_sensors_open (const FoyerPlug *device, GError **error)
{
  g_autoptr (GUdevClient) client = g_udev_client_new (NULL);
  g_autoptr (GUdevDevice) udev = NULL;
  g_autoptr (FoyerPlug) now = NULL;
  int fd = open (device->node, O_RDWR | O_CLOEXEC);
  int number = errno;
  struct stat status;

  if (fd < 0) {
    g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number),
        "opening %s: %s", device->node, g_strerror (number));
    return -1;
  }
  if (fstat (fd, &status) == 0 && S_ISCHR (status.st_mode))
    udev = g_udev_client_query_by_device_number (client,
        G_UDEV_DEVICE_TYPE_CHAR, status.st_rdev);
  now = udev != NULL ? describe (udev) : NULL;
  if (now != NULL && g_str_equal (now->place, device->place) &&
      g_strcmp0 (now->stamp, device->stamp) == 0 &&
      g_str_equal (now->bus, device->bus) &&
      foyer_camera_identity_equal (&now->identity, &device->identity))
    return fd;
  close (fd);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      "opening %s: it is another device now", device->node);
  return -1;
}

void
foyer_sensors_free (FoyerSensors *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->udev, self);
  g_clear_handle_id (&self->later, g_source_remove);
  g_clear_handle_id (&self->limit, g_source_remove);
  foyer_peer_free (self->prober);
  g_object_unref (self->udev);
  g_ptr_array_unref (self->found);
  g_free (self->folder);
  g_free (self);
}
