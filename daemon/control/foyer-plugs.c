/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-plugs.h"

#include "foyer-fd.h"
#include "foyer-graph.h"
#include "foyer-node-host.h"
#include "foyer-v4l2.h"

#include <errno.h>
#include <fcntl.h>
#include <gudev/gudev.h>
#include <sys/stat.h>

#define SUBSYSTEM "video4linux"
#define NODE      "video"
#define MEDIA     "media"

struct _FoyerPlugs
{
  char *folder; /* with its "/" */
  GUdevClient *udev;
  const FoyerPlugsEvents *events;
  gpointer user_data;
};

void
foyer_plug_free (FoyerPlug *self)
{
  if (self == NULL)
    return;
  g_free (self->node);
  g_free (self->place);
  g_free (self->stamp);
  g_free (self->bus);
  g_free (self->name);
  g_free (self->problem);
  foyer_camera_identity_clear (&self->identity);
  g_free (self);
}

/* Its node, if it is one of those that are looked at: "video" and digits. */
static const char *
get_node (FoyerPlugs *self, GUdevDevice *udev)
{
  const char *node = g_udev_device_get_device_file (udev);
  const char *digits;

  if (node == NULL || !g_str_has_prefix (node, self->folder) ||
      !g_str_has_prefix (node + strlen (self->folder), NODE))
    return NULL;
  digits = node + strlen (self->folder) + strlen (NODE);
  return *digits != '\0' && strspn (digits, "0123456789") == strlen (digits)
      ? node
      : NULL;
}

static int
open_node (const char *node, GError **error)
{
  int fd = open (node, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  int number = errno;

  if (fd < 0)
    g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number),
        "opening %s: %s", node, g_strerror (number));
  return fd;
}

static gboolean
init_identity (FoyerCameraIdentity *identity, GUdevDevice *udev,
    const char *bus)
{
  const FoyerCameraProperties properties = {
    .vendor = g_udev_device_get_property (udev, "ID_VENDOR_ID"),
    .model = g_udev_device_get_property (udev, "ID_MODEL_ID"),
    .serial = g_udev_device_get_property (udev, "ID_SERIAL_SHORT"),
    .path = g_udev_device_get_property (udev, "ID_PATH"),
    .interface = g_udev_device_get_property (udev, "ID_USB_INTERFACE_NUM"),
    .bus = bus,
    .index = (guint) MAX (g_udev_device_get_sysfs_attr_as_int (udev, "index"),
        0),
  };

  return foyer_camera_identity_init (identity, &properties);
}

/* What udev found it can do; all that is known of one that may not be opened. */
static gboolean
is_said_to_capture (GUdevDevice *udev)
{
  const char *can = g_udev_device_get_property (udev, "ID_V4L_CAPABILITIES");

  return can != NULL && strstr (can, ":capture:") != NULL;
}

/* Asks the device itself; FALSE if it is no camera. */
static gboolean
look_inside (FoyerPlug *device, GUdevDevice *udev)
{
  g_autoptr (GError) error = NULL;
  foyer_autofd int fd = open_node (device->node, &error);
  FoyerV4l2Card card;
  FoyerV4l2 v4l2;

  if (fd < 0) {
    device->name = g_strdup (
        g_udev_device_get_property (udev, "ID_V4L_PRODUCT"));
    device->bus = g_strdup ("");
    device->problem = g_strdup (error->message);
    return is_said_to_capture (udev);
  }
  foyer_ioctl_init (&v4l2, fd);
  if (!foyer_v4l2_read_card (&v4l2, &card, &error) || !card.is_camera)
    return FALSE;
  device->name = g_strdup (card.name);
  device->bus = g_strdup (card.bus);
  return TRUE;
}

/* (nullable) (transfer full) */
static GArray *
list_parts (FoyerPlugs *self, const char *media)
{
  g_autofree char *path = g_strconcat (self->folder, media, NULL);
  foyer_autofd int fd = open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  FoyerIoctl device;

  foyer_ioctl_init (&device, fd);
  return fd >= 0 ? foyer_graph_list (&device) : NULL;
}

static gboolean
is_usb (GUdevDevice *udev)
{
  g_autoptr (GUdevDevice) parent =
      g_udev_device_get_parent_with_subsystem (udev, "usb", NULL);

  return parent != NULL;
}

/* What comes out there is what a sensor sees, set up by whoever knows how: it is
 * offered once, as what libcamera makes of it. Or it is what somebody puts in
 * beside it. USB cameras have neither, whatever they say. */
static gboolean
is_no_camera (FoyerPlugs *self, GUdevDevice *udev)
{
  g_autoptr (GUdevDevice) parent = g_udev_device_get_parent (udev);
  g_autoptr (GDir) folder = parent != NULL && !is_usb (udev)
      ? g_dir_open (g_udev_device_get_sysfs_path (parent), 0, NULL)
      : NULL;
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autoptr (GArray) parts = g_str_has_prefix (name, MEDIA)
        ? list_parts (self, name)
        : NULL;

    if (parts != NULL &&
        (foyer_graph_has_sensor (parts, 0) || foyer_graph_is_converter (parts)))
      return TRUE;
  }
  return FALSE;
}

/* (nullable): the device, if it is a camera that sits somewhere. */
static FoyerPlug *
look (FoyerPlugs *self, GUdevDevice *udev)
{
  g_autoptr (FoyerPlug) device = NULL;
  const char *node = get_node (self, udev);

  /* Of one that udev is not through with, it tells later. */
  if (node == NULL || !g_udev_device_get_is_initialized (udev))
    return NULL;
  /* What we show ourselves is not even opened: we would be its reader. */
  if (foyer_node_is_ours (g_udev_device_get_sysfs_path (udev),
          g_udev_device_get_sysfs_attr (udev, "name")))
    return NULL;
  device = g_new0 (FoyerPlug, 1);
  device->source = FOYER_SOURCE_V4L2;
  device->node = g_strdup (node);
  device->place = g_strdup (g_udev_device_get_sysfs_path (udev));
  device->stamp = g_strdup (
      g_udev_device_get_property (udev, "USEC_INITIALIZED"));
  if (!look_inside (device, udev) || is_no_camera (self, udev))
    return NULL;
  if (!init_identity (&device->identity, udev, device->bus)) {
    g_warning ("%s: udev does not know where it sits: it can't be shown", node);
    return NULL;
  }
  if (device->name == NULL || *device->name == '\0') {
    g_free (device->name);
    device->name = g_path_get_basename (node);
  }
  return g_steal_pointer (&device);
}

static void
tell (FoyerPlugs *self, GUdevDevice *udev)
{
  FoyerPlug *device = look (self, udev);

  if (device != NULL)
    self->events->plugged (device, self->user_data);
  else
    self->events->unplugged (g_udev_device_get_sysfs_path (udev),
        self->user_data);
}

static char *
dup_parent_path (GUdevDevice *udev)
{
  g_autoptr (GUdevDevice) parent = g_udev_device_get_parent (udev);

  return g_strdup (
      parent != NULL ? g_udev_device_get_sysfs_path (parent) : NULL);
}

/* @parent: (nullable): of what hangs there alone */
static void
tell_all (FoyerPlugs *self, const char *parent)
{
  GList *there = g_udev_client_query_by_subsystem (self->udev, SUBSYSTEM);

  for (GList *at = there; at != NULL; at = at->next) {
    g_autofree char *path = dup_parent_path (at->data);

    if (parent == NULL || g_strcmp0 (path, parent) == 0)
      tell (self, at->data);
  }
  g_list_free_full (there, g_object_unref);
}

/* Its nodes may be there before it is. */
static void
on_media (FoyerPlugs *self, const char *action, GUdevDevice *udev)
{
  g_autofree char *parent = dup_parent_path (udev);

  if (g_strcmp0 (action, "remove") != 0 && parent != NULL && !is_usb (udev))
    tell_all (self, parent);
}

static void
on_uevent (GUdevClient *client, const char *action, GUdevDevice *udev,
    gpointer user_data)
{
  FoyerPlugs *self = user_data;

  if (g_str_equal (g_udev_device_get_subsystem (udev), MEDIA))
    on_media (self, action, udev);
  else if (g_strcmp0 (action, "remove") == 0)
    self->events->unplugged (g_udev_device_get_sysfs_path (udev),
        self->user_data);
  else
    tell (self, udev);
}

FoyerPlugs *
foyer_plugs_new (const char *folder, const FoyerPlugsEvents *events,
    gpointer user_data)
{
  const char *const subsystems[] = { SUBSYSTEM, MEDIA, NULL };
  FoyerPlugs *self = g_new0 (FoyerPlugs, 1);

  self->folder = g_str_has_suffix (folder, "/")
      ? g_strdup (folder)
      : g_strconcat (folder, "/", NULL);
  self->events = events;
  self->user_data = user_data;
  /* The watch first: what comes in between is seen twice, not missed. */
  self->udev = g_udev_client_new (subsystems);
  g_signal_connect (self->udev, "uevent", G_CALLBACK (on_uevent), self);
  tell_all (self, NULL);
  return self;
}

/* Whether what is open is what was told of. While it is open nothing else gets
 * its number, so what sysfs has for that number is this, or nothing. */
static gboolean
is_same (FoyerPlugs *self, int fd, const FoyerPlug *device)
{
  g_autoptr (GUdevDevice) udev = NULL;
  g_auto (FoyerCameraIdentity) identity = { 0 };
  FoyerV4l2Card card;
  FoyerV4l2 v4l2;
  struct stat status;

  foyer_ioctl_init (&v4l2, fd);
  if (fstat (fd, &status) != 0 || !S_ISCHR (status.st_mode) ||
      !foyer_v4l2_read_card (&v4l2, &card, NULL) || !card.is_camera)
    return FALSE;
  udev = g_udev_client_query_by_device_number (self->udev,
      G_UDEV_DEVICE_TYPE_CHAR, status.st_rdev);
  return udev != NULL &&
      g_strcmp0 (g_udev_device_get_sysfs_path (udev), device->place) == 0 &&
      g_strcmp0 (g_udev_device_get_property (udev, "USEC_INITIALIZED"),
          device->stamp) == 0 &&
      init_identity (&identity, udev, card.bus) &&
      foyer_camera_identity_equal (&identity, &device->identity) &&
      (device->problem != NULL || g_str_equal (card.bus, device->bus));
}

int
foyer_plugs_open (FoyerPlugs *self, const FoyerPlug *device, GError **error)
{
  int fd = open_node (device->node, error);

  if (fd < 0 || is_same (self, fd, device))
    return fd;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      "opening %s: it is another device now", device->node);
  close (fd);
  return -1;
}

void
foyer_plugs_free (FoyerPlugs *self)
{
  if (self == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->udev, self);
  g_object_unref (self->udev);
  g_free (self->folder);
  g_free (self);
}
