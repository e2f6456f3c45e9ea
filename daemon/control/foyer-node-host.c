/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-node-host.h"

#include "foyer-error.h"
#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define DRIVER      "v4l2 loopback"
#define SYS_FOLDER  "/sys/class/video4linux"
#define CONTROL     "/dev/v4l2loopback"
#define ACL_XATTR   "system.posix_acl_access"
#define MAX_OPENERS 32

/* What the control device of v4l2loopback takes, from 0.13 on: v4l2loopback.h,
 * struct v4l2_loopback_config. */
typedef struct
{
  gint32 number; /* -1 for any */
  gint32 capture_number;
  char label[FOYER_NODE_MAX_LABEL_BYTES];
  guint32 min_width_px;
  guint32 max_width_px;
  guint32 min_height_px;
  guint32 max_height_px;
  gint32 max_buffers;
  gint32 max_openers;
  gint32 debug;
  gint32 announces_all; /* not "exclusive_caps" */
} LoopbackConfig;

/* Its request to make a device, from 0.15 on and before. */
static const unsigned long add_requests[] = { _IOW ('~', 1, LoopbackConfig),
  0x4c80 };

static int
fail (GError **error, int code, const char *format, const char *what,
    int number)
{
  g_set_error (error, FOYER_ERROR, code, "%s %s: %s", format, what,
      g_strerror (number));
  return -1;
}

char *
foyer_node_label_make (const char *name)
{
  g_autofree char *whole = g_strconcat (FOYER_NODE_LABEL " ", name, NULL);
  gsize n_bytes = strlen (whole);
  const char *end;

  if (n_bytes < FOYER_NODE_MAX_LABEL_BYTES)
    return g_steal_pointer (&whole);
  end = g_utf8_find_prev_char (whole, whole + FOYER_NODE_MAX_LABEL_BYTES);
  return g_strndup (whole, end != NULL ? (gsize) (end - whole) : 0);
}

gboolean
foyer_node_is_ours (const char *driver, const char *label)
{
  return g_str_equal (driver, DRIVER) &&
      g_str_has_prefix (label, FOYER_NODE_LABEL);
}

/* finding */

/* What the kernel calls it, if it is a device without hardware. (nullable) */
static char *
read_label (const char *name)
{
  g_autofree char *folder = g_build_filename (SYS_FOLDER, name, NULL);
  g_autofree char *real = realpath (folder, NULL);
  g_autofree char *path = g_build_filename (folder, "name", NULL);
  char *label = NULL;

  if (real == NULL || strstr (real, "/devices/virtual/") == NULL ||
      !g_file_get_contents (path, &label, NULL, NULL))
    return NULL;
  return g_strchomp (label);
}

/* Kernel names of all that Foyer may use: of that label, or of any. */
static GPtrArray *
list (const char *label)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) folder = g_dir_open (SYS_FOLDER, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *found = read_label (name);

    if (found == NULL || !g_str_has_prefix (found, FOYER_NODE_LABEL))
      continue;
    if (label == NULL || g_str_equal (found, label))
      g_ptr_array_add (names, g_strdup (name));
  }
  return names;
}

/* %FALSE where the module has no such thing, or we may not. */
static gboolean
make_device (const char *label)
{
  LoopbackConfig config = { .number = -1,
    .capture_number = -1,
    .max_openers = MAX_OPENERS };
  foyer_autofd int fd = open (CONTROL, O_RDWR | O_CLOEXEC);

  if (fd < 0)
    return FALSE;
  g_strlcpy (config.label, label, sizeof config.label);
  for (gsize i = 0; i < G_N_ELEMENTS (add_requests); i++)
    if (ioctl (fd, add_requests[i], &config) >= 0)
      return TRUE;
  g_warning ("making a node called %s: %s", label, g_strerror (errno));
  return FALSE;
}

static char *
system_choose (gpointer user_data, const char *name, const char *const *taken,
    GError **error)
{
  g_autofree char *own = foyer_node_label_make (name);
  g_autoptr (GPtrArray) devices = list (own);
  g_autoptr (GPtrArray) all = NULL;

  if (!g_strv_contains (taken, own) &&
      (devices->len == 1 || (devices->len == 0 && make_device (own))))
    return g_steal_pointer (&own);
  all = list (NULL);
  for (guint i = 0; i < all->len; i++) {
    g_autofree char *label = read_label (all->pdata[i]);

    if (label != NULL && !g_strv_contains (taken, label))
      return g_steal_pointer (&label);
  }
  g_set_error (error, FOYER_ERROR, FOYER_ERROR_FULL,
      all->len > 0
          ? "all %u nodes are in use: load v4l2loopback with more devices"
          : "there is no node (%u): load v4l2loopback with a card_label that begins with \"" FOYER_NODE_LABEL
            "\"",
      all->len);
  return NULL;
}

/* opening */

/* Its numbers as the kernel's own folder tells them, and its card as it does
 * itself: not another that came under this path meanwhile. */
static gboolean
is_device (int fd, const char *name, const char *label)
{
  g_autofree char *path = g_build_filename (SYS_FOLDER, name, "dev", NULL);
  g_autofree char *numbers = NULL;
  g_autofree char *own = NULL;
  struct v4l2_capability capability = { 0 };
  struct stat status;

  if (fstat (fd, &status) < 0 || !S_ISCHR (status.st_mode) ||
      !g_file_get_contents (path, &numbers, NULL, NULL) ||
      ioctl (fd, VIDIOC_QUERYCAP, &capability) < 0)
    return FALSE;
  own = g_strdup_printf ("%u:%u\n", major (status.st_rdev),
      minor (status.st_rdev));
  capability.driver[sizeof capability.driver - 1] = '\0';
  capability.card[sizeof capability.card - 1] = '\0';
  return g_str_equal (own, numbers) &&
      g_str_equal ((const char *) capability.driver, DRIVER) &&
      g_str_equal ((const char *) capability.card, label);
}

static int
system_open (gpointer user_data, const char *label, char **out_path,
    GError **error)
{
  g_autoptr (GPtrArray) names = list (label);
  g_autofree char *path = NULL;
  foyer_autofd int fd = -1;

  if (names->len == 0 && make_device (label)) {
    g_ptr_array_unref (names);
    names = list (label);
  }
  if (names->len != 1) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        names->len == 0
            ? "there is no node called %s: load v4l2loopback with that card_label"
            : "there are several nodes called %s: none can be told from the others",
        label);
    return -1;
  }
  path = g_build_filename ("/dev", names->pdata[0], NULL);
  fd = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return fail (error, FOYER_ERROR_FAILED, "opening the node", path, errno);
  if (!is_device (fd, names->pdata[0], label))
    return fail (error, FOYER_ERROR_GONE, "opening the node", path, ENODEV);
  *out_path = g_steal_pointer (&path);
  return g_steal_fd (&fd);
}

/* who may */

static struct posix_acl_xattr_entry
make_entry (guint tag, guint permissions, guint32 id)
{
  return (struct posix_acl_xattr_entry){
    .e_tag = GUINT16_TO_LE ((guint16) tag),
    .e_perm = GUINT16_TO_LE ((guint16) permissions),
    .e_id = GUINT32_TO_LE (id),
  };
}

/* An ACL for one user, in the place of the whole group "video". */
static gboolean
system_allow (gpointer user_data, int fd, guint32 uid, GError **error)
{
  struct
  {
    struct posix_acl_xattr_header header;
    struct posix_acl_xattr_entry entries[5];
  } acl = { { GUINT32_TO_LE (POSIX_ACL_XATTR_VERSION) },
    { make_entry (ACL_USER_OBJ, ACL_READ | ACL_WRITE, G_MAXUINT32),
        make_entry (ACL_USER, ACL_READ | ACL_WRITE, uid),
        make_entry (ACL_GROUP_OBJ, 0, G_MAXUINT32),
        make_entry (ACL_MASK, ACL_READ | ACL_WRITE, G_MAXUINT32),
        make_entry (ACL_OTHER, 0, G_MAXUINT32) } };
  gsize n_bytes = sizeof acl;

  /* Nobody first: what is there may give more than mode bits tell. */
  if (fremovexattr (fd, ACL_XATTR) < 0 && errno != ENODATA &&
      errno != EOPNOTSUPP)
    return fail (error, FOYER_ERROR_FAILED, "taking back", "its ACL", errno) ==
        0;
  if (fchmod (fd, S_IRUSR | S_IWUSR) < 0)
    return fail (error, FOYER_ERROR_FAILED, "closing", "the node to others",
               errno) == 0;
  if (uid == G_MAXUINT32 || fsetxattr (fd, ACL_XATTR, &acl, n_bytes, 0) == 0)
    return TRUE;
  return fail (error, FOYER_ERROR_FAILED, "opening", "the node to its user",
             errno) == 0;
}

static FoyerNodeReaders *
system_watch (gpointer user_data, int fd, const char *path,
    FoyerNodeReadersChanged changed, gpointer changed_data)
{
  return foyer_node_readers_new (fd, path, changed, changed_data);
}

const FoyerNodeHost *
foyer_node_host_get_system (void)
{
  static const FoyerNodeHost host = {
    .choose = system_choose,
    .open = system_open,
    .allow = system_allow,
    .watch = system_watch,
    .unwatch = foyer_node_readers_free,
  };

  return &host;
}
