/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-doctor.h"

#include "foyer-holders.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NODES       "/dev"
#define NODE        "video"
#define SENSOR_NODE "v4l-subdev"
#define SYS_NODES   "/sys/class/video4linux"
#define UDEV_SAID   "/run/udev/data/c" /* and the number of a node */
#define CAN         "E:ID_V4L_CAPABILITIES="
#define LIBCAMERA   "libgstlibcamera.so"
#define MODULE      "/sys/module/v4l2loopback"
#define MIN_MINOR   12 /* of v4l2loopback 0.x */
#define GOOD_MINOR  13 /* tells whether it is read */
#define SLOW_MBPS   480
#define RELEASE_US  (G_GINT64_CONSTANT (1735689600) * G_USEC_PER_SEC) /* 2025 */

/* linux/posix_acl_xattr.h */
#define ACL_NAME        "system.posix_acl_access"
#define ACL_HEAD_BYTES  4
#define ACL_ENTRY_BYTES 8
#define ACL_USER        0x02
#define ACL_GROUP       0x08
#define ACL_MAX_BYTES   4096
#define READ_AND_WRITE  6

static void
finding_free (gpointer data)
{
  FoyerFinding *finding = data;

  g_free (finding->words);
  g_free (finding->remedy);
  g_free (finding);
}

GPtrArray *
foyer_findings_new (void)
{
  return g_ptr_array_new_with_free_func (finding_free);
}

void
foyer_findings_add (GPtrArray *findings, const char *check,
    FoyerFindingLevel level, const char *words, const char *remedy)
{
  FoyerFinding *finding = g_new0 (FoyerFinding, 1);

  finding->check = check;
  finding->level = level;
  finding->words = g_strdup (words);
  finding->remedy = g_strdup (remedy);
  g_ptr_array_add (findings, finding);
}

void
foyer_findings_addf (GPtrArray *findings, const char *check,
    FoyerFindingLevel level, const char *remedy, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list arguments;

  va_start (arguments, format);
  words = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  foyer_findings_add (findings, check, level, words, remedy);
}

const char *
foyer_finding_level_to_string (FoyerFindingLevel level)
{
  switch (level) {
    case FOYER_FINDING_GOOD:
      return "good";
    case FOYER_FINDING_NOTE:
      return "note";
    case FOYER_FINDING_BAD:
      return "bad";
    case FOYER_FINDING_UNKNOWN:
      break;
  }
  return "unknown";
}

/* (nullable): what a small file holds, without its end. */
static char *
read_line (const char *folder, const char *name)
{
  g_autofree char *path = g_strconcat (folder, "/", name, NULL);
  char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  return g_strchomp (text);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Whether pictures come out there, as far as udev tells; codecs and what belongs to
 * an ISP have nodes, too. */
static gboolean
may_capture (const char *root, const char *sys)
{
  g_autofree char *number = read_line (sys, "dev");
  g_autofree char *path = g_strconcat (root, UDEV_SAID, number, NULL);
  g_autofree char *said = NULL;
  g_autofree char *line = NULL;
  const char *at;

  if (number == NULL || !g_file_get_contents (path, &said, NULL, NULL))
    return TRUE;
  at = strstr (said, CAN);
  line = at != NULL ? g_strndup (at, strcspn (at, "\n")) : NULL;
  return line == NULL || strstr (line, ":capture:") != NULL;
}

/* (transfer full): names of capture nodes, in order; those of loopback are no
 * cameras, and a camera's second node has no pictures. */
static GPtrArray *
list_nodes (const char *root)
{
  g_autofree char *path = g_strconcat (root, SYS_NODES, NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  GPtrArray *nodes = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *sys = g_build_filename (path, name, NULL);
    g_autofree char *real = realpath (sys, NULL);
    g_autofree char *index = read_line (sys, "index");

    if (g_str_has_prefix (name, NODE) &&
        (real == NULL || strstr (real, "/virtual/") == NULL) &&
        (index == NULL || g_str_equal (index, "0")) && may_capture (root, sys))
      g_ptr_array_add (nodes, g_strdup (name));
  }
  g_ptr_array_sort (nodes, compare);
  return nodes;
}

/* nodes */

static gboolean
is_in_group (const FoyerDoctorUser *user, gid_t gid)
{
  for (int i = 0; i < user->n_gids; i++)
    if (user->gids[i] == gid)
      return TRUE;
  return FALSE;
}

static guint32
get_le (const guint8 *at, guint n_bytes)
{
  guint32 value = 0;

  for (guint i = n_bytes; i > 0; i--)
    value = value << 8 | at[i - 1];
  return value;
}

/* Whether an access list names the user, or a group of theirs. */
static gboolean
has_acl (const char *path, const FoyerDoctorUser *user)
{
  guint8 list[ACL_MAX_BYTES];
  ssize_t n_bytes = getxattr (path, ACL_NAME, list, sizeof list);

  for (ssize_t at = ACL_HEAD_BYTES; at + ACL_ENTRY_BYTES <= n_bytes;
       at += ACL_ENTRY_BYTES) {
    guint32 tag = get_le (list + at, 2);
    guint32 may = get_le (list + at + 2, 2);
    guint32 id = get_le (list + at + 4, 4);

    if ((may & READ_AND_WRITE) == READ_AND_WRITE &&
        ((tag == ACL_USER && id == user->uid) ||
            (tag == ACL_GROUP && is_in_group (user, id))))
      return TRUE;
  }
  return FALSE;
}

static gboolean
may_open (const char *path, const FoyerDoctorUser *user)
{
  struct stat status;

  if (user == NULL)
    return access (path, R_OK | W_OK) == 0;
  if (stat (path, &status) != 0)
    return FALSE;
  if (user->uid == 0 || (status.st_mode & 0006) == 0006)
    return TRUE;
  if (status.st_uid == user->uid)
    return (status.st_mode & 0600) == 0600;
  if (is_in_group (user, status.st_gid) && (status.st_mode & 0060) == 0060)
    return TRUE;
  return has_acl (path, user);
}

/* The command that ends those who have a node open is the remedy. */
static void
check_busy (GPtrArray *findings, const char *root, const char *node)
{
  g_autofree char *proc = g_strconcat (root, "/proc", NULL);
  g_autoptr (GPtrArray) holders = foyer_holders_list (proc, node);
  g_autofree char *names = foyer_holders_dup_names (holders);
  g_autoptr (GString) end = g_string_new ("kill");

  for (guint i = 0; i < holders->len; i++)
    g_string_append_printf (end, " %s",
        ((const FoyerHolder *) holders->pdata[i])->pid);
  if (holders->len > 0)
    foyer_findings_addf (findings, "busy", FOYER_FINDING_NOTE, end->str,
        "%s is open in %s: end that if the camera gives Foyer no picture", node,
        names);
}

void
foyer_doctor_check_nodes (GPtrArray *findings, const char *root,
    const FoyerDoctorUser *user)
{
  g_autoptr (GPtrArray) nodes = list_nodes (root);

  if (nodes->len == 0)
    foyer_findings_addf (findings, "camera", FOYER_FINDING_NOTE, "lsusb",
        "the kernel knows no camera");
  for (guint i = 0; i < nodes->len; i++) {
    const char *name = nodes->pdata[i];
    g_autofree char *node = g_build_filename (NODES, name, NULL);
    g_autofree char *path = g_strconcat (root, node, NULL);
    g_autofree char *remedy = NULL;

    check_busy (findings, root, node);
    if (may_open (path, user)) {
      foyer_findings_addf (findings, "permission", FOYER_FINDING_GOOD, NULL,
          "%s may be opened", node);
      continue;
    }
    remedy = g_strdup (user != NULL
            ? "udevadm trigger --subsystem-match=video4linux"
            : "usermod -aG video \"$USER\"");
    foyer_findings_addf (findings, "permission", FOYER_FINDING_BAD, remedy,
        "%s may not be opened by Foyer", node);
  }
}

/* USB */

/* (nullable): the bus that a node's device hangs on, ".../usb1". */
static char *
dup_bus (const char *root, const char *node)
{
  g_autofree char *sys = g_strconcat (root, SYS_NODES, "/", node, "/device",
      NULL);
  g_autofree char *real = realpath (sys, NULL);
  char *at = real != NULL ? strstr (real, "/usb") : NULL;
  char *end = at != NULL ? strchr (at + 1, '/') : NULL;

  if (end == NULL)
    return NULL;
  *end = '\0';
  return g_steal_pointer (&real);
}

void
foyer_doctor_check_usb (GPtrArray *findings, const char *root)
{
  g_autoptr (GPtrArray) nodes = list_nodes (root);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, NULL);

  for (guint i = 0; i < nodes->len; i++) {
    g_autofree char *bus = dup_bus (root, nodes->pdata[i]);
    g_autofree char *speed = bus != NULL ? read_line (bus, "speed") : NULL;
    g_autofree char *name = NULL;

    if (speed == NULL || g_ascii_strtoull (speed, NULL, 10) > SLOW_MBPS ||
        g_hash_table_add (seen, g_strdup (bus)))
      continue;
    name = g_path_get_basename (bus);
    foyer_findings_addf (findings, "usb", FOYER_FINDING_NOTE, "lsusb -t",
        "more than one camera is on %s, which carries %s Mbit/s: if one fails "
        "when the other runs, plug it in elsewhere",
        name, speed);
  }
}

/* module, encoder, clock */

void
foyer_doctor_check_module (GPtrArray *findings, const char *root)
{
  g_autofree char *folder = g_strconcat (root, MODULE, NULL);
  g_autofree char *version = read_line (folder, "version");
  guint64 minor = 0;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR)) {
    foyer_findings_addf (findings, "module", FOYER_FINDING_NOTE,
        "modprobe v4l2loopback",
        "v4l2loopback is not loaded: cameras can't be exposed as nodes");
    return;
  }
  if (version != NULL && g_str_has_prefix (version, "0."))
    minor = g_ascii_strtoull (version + 2, NULL, 10);
  if (version == NULL)
    foyer_findings_addf (findings, "module", FOYER_FINDING_UNKNOWN,
        "modinfo v4l2loopback", "v4l2loopback does not say its version");
  else if (g_str_has_prefix (version, "0.") && minor < MIN_MINOR)
    foyer_findings_addf (findings, "module", FOYER_FINDING_BAD,
        "apt install v4l2loopback-dkms", "v4l2loopback %s is too old", version);
  else if (g_str_has_prefix (version, "0.") && minor < GOOD_MINOR)
    foyer_findings_addf (findings, "module", FOYER_FINDING_GOOD, NULL,
        "v4l2loopback %s: it does not tell whether it is read, which Foyer "
        "finds out otherwise",
        version);
  else
    foyer_findings_addf (findings, "module", FOYER_FINDING_GOOD, NULL,
        "v4l2loopback %s", version);
}

void
foyer_doctor_check_encoder (GPtrArray *findings, const char *root,
    const char *folder)
{
  static const char *const plugins[][2] = {
    { "libgstx264.so", "x264enc" },
    { "libgstopenh264.so", "openh264enc" },
    { "libgstvpx.so", "vp8enc" },
  };
  g_autoptr (GString) there = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (plugins); i++) {
    g_autofree char *path = g_strconcat (root, folder, "/", plugins[i][0],
        NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      g_string_append_printf (there, "%s%s", there->len > 0 ? ", " : "",
          plugins[i][1]);
  }
  if (there->len > 0)
    foyer_findings_addf (findings, "encoder", FOYER_FINDING_GOOD, NULL,
        "video is coded by %s", there->str);
  else
    foyer_findings_addf (findings, "encoder", FOYER_FINDING_BAD,
        "apt install gstreamer1.0-plugins-ugly gstreamer1.0-plugins-good",
        "no program here codes video");
}

void
foyer_doctor_check_sensors (GPtrArray *findings, const char *root,
    const char *folder)
{
  g_autofree char *sys = g_strconcat (root, SYS_NODES, NULL);
  g_autofree char *plugin = g_strconcat (root, folder, "/", LIBCAMERA, NULL);
  g_autoptr (GDir) nodes = g_dir_open (sys, 0, NULL);
  const char *node;

  if (g_file_test (plugin, G_FILE_TEST_EXISTS))
    return;
  while (nodes != NULL && (node = g_dir_read_name (nodes)) != NULL) {
    g_autofree char *file = g_build_filename (sys, node, NULL);
    g_autofree char *name = read_line (file, "name");

    if (!g_str_has_prefix (node, SENSOR_NODE))
      continue;
    foyer_findings_addf (findings, "libcamera", FOYER_FINDING_BAD,
        "apt install gstreamer1.0-libcamera libcamera-ipa",
        "a camera is there that gives pictures by libcamera alone, which is not "
        "installed: %s",
        name != NULL ? name : node);
    return;
  }
}

/* What opens mDNS in the firewall that is installed here. */
static const char *
get_mdns_remedy (const char *root)
{
  static const char *const firewalls[][2] = {
    { "/usr/sbin/ufw", "ufw allow 5353/udp" },
    { "/usr/bin/firewall-cmd", "firewall-cmd --add-service=mdns" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (firewalls); i++) {
    g_autofree char *path = g_strconcat (root, firewalls[i][0], NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return firewalls[i][1];
  }
  return "avahi-browse -t _googlecast._tcp";
}

void
foyer_doctor_check_mdns (GPtrArray *findings, const char *root,
    guint n_displays)
{
  if (n_displays == 0)
    foyer_findings_addf (findings, "mdns", FOYER_FINDING_NOTE,
        get_mdns_remedy (root),
        "no display announced itself: none is on, or UDP port 5353 is blocked");
}

void
foyer_doctor_check_clock (GPtrArray *findings, gint64 now_us,
    gboolean is_synchronized)
{
  if (now_us < RELEASE_US)
    foyer_findings_addf (findings, "clock", FOYER_FINDING_BAD,
        "timedatectl set-ntp true",
        "the clock is years behind: certificates of displays look as if they "
        "were not valid yet, and schedules are wrong");
  else if (!is_synchronized)
    foyer_findings_addf (findings, "clock", FOYER_FINDING_NOTE,
        "timedatectl set-ntp true", "nothing keeps the clock right");
  else
    foyer_findings_addf (findings, "clock", FOYER_FINDING_GOOD, NULL,
        "the clock is kept right");
}
