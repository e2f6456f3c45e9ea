/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-doctor.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A machine in a folder. */
typedef struct
{
  char *root;
  GPtrArray *findings;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->root = g_dir_make_tmp ("foyer-doctor-XXXXXX", NULL);
  self->findings = foyer_findings_new ();
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) folder = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) &&
      g_file_test (path, G_FILE_TEST_IS_DIR)) {
    folder = g_dir_open (path, 0, NULL);
    while ((name = g_dir_read_name (folder)) != NULL) {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  }
  g_remove (path);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  remove_all (self->root);
  g_free (self->root);
  g_ptr_array_unref (self->findings);
}

static char *
make (Fixture *self, const char *path, const char *text)
{
  char *whole = g_strconcat (self->root, path, NULL);
  g_autofree char *folder = g_path_get_dirname (whole);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  if (text != NULL)
    g_assert_true (g_file_set_contents (whole, text, -1, NULL));
  return whole;
}

static void
write_file (Fixture *self, const char *path, const char *text)
{
  g_autofree char *whole = make (self, path, text);

  g_assert_true (g_file_test (whole, G_FILE_TEST_EXISTS));
}

static void
make_link (Fixture *self, const char *path, const char *to)
{
  g_autofree char *whole = make (self, path, NULL);
  g_autofree char *target = to[0] == '/' && !g_str_has_prefix (to, "/dev")
      ? g_strconcat (self->root, to, NULL)
      : g_strdup (to);

  g_assert_cmpint (symlink (target, whole), ==, 0);
}

/* A USB camera's node, on bus @bus. */
static void
make_camera (Fixture *self, const char *node, const char *bus, const char *port,
    int mode)
{
  g_autofree char *device = g_strdup_printf ("/sys/devices/pci/%s/%s/%s:1.0",
      bus, port, port);
  g_autofree char *real = g_strdup_printf ("%s/video4linux/%s", device, node);
  g_autofree char *index = g_strconcat (real, "/index", NULL);
  g_autofree char *back = g_strconcat (real, "/device", NULL);
  g_autofree char *sys = g_strconcat ("/sys/class/video4linux/", node, NULL);
  g_autofree char *dev = g_strconcat ("/dev/", node, NULL);
  g_autofree char *file = make (self, dev, "");

  write_file (self, index, "0\n");
  make_link (self, back, device);
  make_link (self, sys, real);
  g_assert_cmpint (chmod (file, (mode_t) mode), ==, 0);
}

/* What was found of a check, joined; "" for nothing. */
static char *
dup_found (Fixture *self, const char *check)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->findings->len; i++) {
    const FoyerFinding *finding = self->findings->pdata[i];

    if (g_str_equal (finding->check, check))
      g_string_append_printf (text, "%s: %s\n",
          foyer_finding_level_to_string (finding->level), finding->words);
  }
  return g_string_free (text, FALSE);
}

static void
assert_found (Fixture *self, const char *check, const char *part)
{
  g_autofree char *found = dup_found (self, check);

  if (part == NULL)
    g_assert_cmpstr (found, ==, "");
  else if (strstr (found, part) == NULL)
    g_error ("\"%s\" is not in \"%s\"", part, found);
  g_ptr_array_set_size (self->findings, 0);
}

/* The one finding of that check is mended by that command. */
static void
assert_remedy (Fixture *self, const char *check, const char *remedy)
{
  const char *found = NULL;

  for (guint i = 0; i < self->findings->len; i++) {
    const FoyerFinding *finding = self->findings->pdata[i];

    if (g_str_equal (finding->check, check))
      found = finding->remedy;
  }
  g_assert_cmpstr (found, ==, remedy);
}

static void
test_permission (Fixture *self, gconstpointer data)
{
  const gid_t gids[] = { 44 };
  FoyerDoctorUser user = { .uid = 12345, .gids = gids, .n_gids = 1 };
  struct stat status;
  g_autofree char *path = NULL;
  gid_t owner;

  make_camera (self, "video0", "usb1", "1-1", 0660);
  path = g_strconcat (self->root, "/dev/video0", NULL);
  g_assert_cmpint (stat (path, &status), ==, 0);
  foyer_doctor_check_nodes (self->findings, self->root, &user);
  assert_found (self, "permission", "bad: /dev/video0 may not be opened");
  owner = status.st_gid;
  user.gids = &owner;
  foyer_doctor_check_nodes (self->findings, self->root, &user);
  assert_found (self, "permission", "good: /dev/video0");
  g_assert_cmpint (chmod (path, 0640), ==, 0);
  foyer_doctor_check_nodes (self->findings, self->root, &user);
  assert_found (self, "permission", "bad: /dev/video0");
  g_assert_cmpint (chmod (path, 0666), ==, 0);
  user.n_gids = 0;
  foyer_doctor_check_nodes (self->findings, self->root, &user);
  assert_found (self, "permission", "good: /dev/video0");
}

static void
test_no_camera (Fixture *self, gconstpointer data)
{
  write_file (self, "/sys/devices/virtual/video4linux/video9/index", "0\n");
  make_link (self, "/sys/class/video4linux/video9",
      "/sys/devices/virtual/video4linux/video9");
  foyer_doctor_check_nodes (self->findings, self->root, NULL);
  assert_found (self, "camera", "note: the kernel knows no camera");
}

/* A Raspberry Pi has more nodes of codecs and of an ISP than of cameras. */
static void
test_others (Fixture *self, gconstpointer data)
{
  static const char *const nodes[][3] = {
    { "video10", "81:10", "E:ID_V4L_VERSION=2\nE:ID_V4L_CAPABILITIES=:\n" },
    { "video13", "81:13", "E:ID_V4L_CAPABILITIES=:video_output:\nG:seat\n" },
    { "video0", "81:0", "E:ID_V4L_CAPABILITIES=:capture:\nG:seat\n" },
    { "video2", "81:2", "I:1234\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++) {
    g_autofree char *dev = g_strdup_printf ("/sys/class/video4linux/%s/dev",
        nodes[i][0]);
    g_autofree char *data_path = g_strconcat ("/run/udev/data/c", nodes[i][1],
        NULL);

    make_camera (self, nodes[i][0], "usb1", nodes[i][0], 0666);
    write_file (self, dev, nodes[i][1]);
    write_file (self, data_path, nodes[i][2]);
  }
  foyer_doctor_check_nodes (self->findings, self->root, NULL);
  assert_found (self, "permission",
      "good: /dev/video0 may be opened\ngood: /dev/video2 may be opened\n");
  foyer_doctor_check_nodes (self->findings, self->root, NULL);
  g_assert_cmpuint (self->findings->len, ==, 2);
}

static void
test_busy (Fixture *self, gconstpointer data)
{
  write_file (self, "/proc/42/comm", "cheese\n");
  write_file (self, "/proc/43/comm", "foyer-camera\n");
  write_file (self, "/proc/44/comm", "cat\n");

  make_camera (self, "video0", "usb1", "1-1", 0666);
  make_link (self, "/proc/42/fd/7", "/dev/video0");
  make_link (self, "/proc/43/fd/7", "/dev/video0");
  make_link (self, "/proc/44/fd/7", "/dev/video1");
  foyer_doctor_check_nodes (self->findings, self->root, NULL);
  assert_remedy (self, "busy", "kill 42");
  assert_found (self, "busy", "note: /dev/video0 is open in cheese (42): ");
}

/* Each firewall is opened by its own command. */
static void
test_mdns (Fixture *self, gconstpointer data)
{
  foyer_doctor_check_mdns (self->findings, self->root, 1);
  assert_found (self, "mdns", NULL);
  foyer_doctor_check_mdns (self->findings, self->root, 0);
  assert_remedy (self, "mdns", "avahi-browse -t _googlecast._tcp");
  g_ptr_array_set_size (self->findings, 0);
  write_file (self, "/usr/bin/firewall-cmd", "");
  foyer_doctor_check_mdns (self->findings, self->root, 0);
  assert_remedy (self, "mdns", "firewall-cmd --add-service=mdns");
  g_ptr_array_set_size (self->findings, 0);
  write_file (self, "/usr/sbin/ufw", "");
  foyer_doctor_check_mdns (self->findings, self->root, 0);
  assert_remedy (self, "mdns", "ufw allow 5353/udp");
}

static void
test_usb (Fixture *self, gconstpointer data)
{
  write_file (self, "/sys/devices/pci/usb1/speed", "480\n");
  write_file (self, "/sys/devices/pci/usb2/speed", "5000\n");

  make_camera (self, "video0", "usb1", "1-1", 0666);
  make_camera (self, "video2", "usb2", "2-1", 0666);
  make_camera (self, "video4", "usb2", "2-2", 0666);
  foyer_doctor_check_usb (self->findings, self->root);
  assert_found (self, "usb", NULL);
  make_camera (self, "video6", "usb1", "1-2", 0666);
  foyer_doctor_check_usb (self->findings, self->root);
  assert_found (self, "usb", "on usb1, which carries 480 Mbit/s");
}

static void
test_module (Fixture *self, gconstpointer data)
{
  static const char *const versions[][2] = {
    { "0.11.0\n", "bad: v4l2loopback 0.11.0 is too old" },
    { "0.12.7\n", "good: v4l2loopback 0.12.7: it does not tell" },
    { "0.15.1\n", "good: v4l2loopback 0.15.1\n" },
    { "1.0\n", "good: v4l2loopback 1.0\n" },
  };

  foyer_doctor_check_module (self->findings, self->root);
  assert_found (self, "module", "note: v4l2loopback is not loaded");
  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++) {
    write_file (self, "/sys/module/v4l2loopback/version", versions[i][0]);
    foyer_doctor_check_module (self->findings, self->root);
    assert_found (self, "module", versions[i][1]);
  }
}

static void
test_encoder (Fixture *self, gconstpointer data)
{
  foyer_doctor_check_encoder (self->findings, self->root, "/lib/gst");
  assert_found (self, "encoder", "bad: ");
  write_file (self, "/lib/gst/libgstvpx.so", "");
  foyer_doctor_check_encoder (self->findings, self->root, "/lib/gst");
  assert_found (self, "encoder", "good: video is coded by vp8enc");
}

/* Nothing is said where there are none, nor where libcamera is. */
static void
test_sensors (Fixture *self, gconstpointer data)
{
  foyer_doctor_check_sensors (self->findings, self->root, "/lib/gst");
  g_assert_cmpuint (self->findings->len, ==, 0);
  write_file (self, "/sys/class/video4linux/v4l-subdev0/name",
      "imx219 10-0010");
  foyer_doctor_check_sensors (self->findings, self->root, "/lib/gst");
  assert_found (self, "libcamera",
      "bad: a camera is there that gives pictures by libcamera alone, which is "
      "not installed: imx219 10-0010");
  write_file (self, "/lib/gst/libgstlibcamera.so", "");
  foyer_doctor_check_sensors (self->findings, self->root, "/lib/gst");
  g_assert_cmpuint (self->findings->len, ==, 0);
}

static void
test_clock (Fixture *self, gconstpointer data)
{
  const gint64 now_us = G_GINT64_CONSTANT (1767268800) * G_USEC_PER_SEC;

  foyer_doctor_check_clock (self->findings, now_us, TRUE);
  assert_found (self, "clock", "good: ");
  foyer_doctor_check_clock (self->findings, now_us, FALSE);
  assert_found (self, "clock", "note: ");
  foyer_doctor_check_clock (self->findings, 0, TRUE);
  assert_found (self, "clock", "bad: ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) \
  g_test_add ("/doctor/" name, Fixture, NULL, set_up, test, tear_down)
  ADD ("permission", test_permission);
  ADD ("no-camera", test_no_camera);
  ADD ("others", test_others);
  ADD ("busy", test_busy);
  ADD ("mdns", test_mdns);
  ADD ("usb", test_usb);
  ADD ("module", test_module);
  ADD ("encoder", test_encoder);
  ADD ("sensors", test_sensors);
  ADD ("clock", test_clock);
#undef ADD
  return g_test_run ();
}
