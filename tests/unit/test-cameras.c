/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cameras.h"
#include "foyer-test-clock.h"
#include "foyer-test-folder.h"

#include <string.h>

#define PORT_1 "pci-0000:00:14.0-usb-0:1:1.0"
#define PORT_2 "pci-0000:00:14.0-usb-0:2:1.0"

/* What happened, a word each: "+IDENTITY" and "-IDENTITY" for one that came or
 * went, "*IDENTITY" for one that changed; "?" behind it while it is ambiguous. */
typedef struct
{
  char *folder;
  FoyerTestClock clock;
  FoyerState *state;
  FoyerConfig *config;
  FoyerCameras *cameras;
  GString *log;
} Fixture;

static void
note (Fixture *self, char what, const FoyerCameraEntry *camera)
{
  g_string_append_printf (self->log, "%s%c%s%s", self->log->len > 0 ? " " : "",
      what, camera->identity, camera->is_ambiguous ? "?" : "");
}

static void
on_added (const FoyerCameraEntry *camera, gpointer user_data)
{
  note (user_data, '+', camera);
}

static void
on_removed (const FoyerCameraEntry *camera, gpointer user_data)
{
  note (user_data, '-', camera);
}

static void
on_changed (const FoyerCameraEntry *camera, gpointer user_data)
{
  note (user_data, '*', camera);
}

static void
set_up_with (Fixture *self, const char *config)
{
  static const FoyerCamerasEvents events = {
    .added = on_added,
    .removed = on_removed,
    .changed = on_changed,
  };
  g_autoptr (GError) error = NULL;

  self->folder = foyer_test_folder_new ();
  foyer_test_clock_init (&self->clock, 0, 0);
  self->state = foyer_state_open (self->folder, &self->clock.clock, NULL,
      &error);
  g_assert_no_error (error);
  self->config = foyer_config_parse ("foyer.conf", config, strlen (config));
  g_assert_cmpuint (self->config->problems->len, ==, 0);
  self->log = g_string_new (NULL);
  self->cameras = foyer_cameras_new (self->state, self->config, NULL);
  foyer_cameras_start (self->cameras, &events, self);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  set_up_with (self, data != NULL ? data : "");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_cameras_free (self->cameras);
  foyer_config_free (self->config);
  foyer_state_free (self->state);
  foyer_test_folder_remove (self->folder);
  g_free (self->folder);
  g_string_free (self->log, TRUE);
}

/* A camera at @port of a model; @stamp tells one plugging from the next. */
static void
plug (Fixture *self, const char *node, const char *port, const char *model,
    const char *serial, const char *stamp)
{
  const FoyerCameraProperties properties = { "046d", model, serial, port,
    "00" };
  FoyerPlug *device = g_new0 (FoyerPlug, 1);

  device->source = FOYER_SOURCE_V4L2;
  device->node = g_strdup (node);
  device->place = g_strconcat ("/sys/", port, node, NULL);
  device->stamp = g_strdup (stamp);
  device->bus = g_strdup ("");
  device->name = g_strdup ("Cam\033");
  g_assert_true (foyer_camera_identity_init (&device->identity, &properties));
  foyer_cameras_plug (self->cameras, device);
}

static void
unplug (Fixture *self, const char *node, const char *port)
{
  g_autofree char *place = g_strconcat ("/sys/", port, node, NULL);

  foyer_cameras_unplug (self->cameras, place);
}

static void
assert_log (Fixture *self, const char *expected)
{
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_truncate (self->log, 0);
}

static const FoyerCameraEntry *
find (Fixture *self, const char *identity)
{
  FoyerCameraId id = foyer_interner_intern_camera (foyer_state_get_ids (
                                                       self->state),
      identity);

  return foyer_cameras_find (self->cameras, id);
}

static void
test_come_and_go (Fixture *self, gconstpointer data)
{
  plug (self, "/dev/video0", PORT_1, "0825", "A", "1");
  assert_log (self, "+usb:046d:0825:A");
  g_assert_cmpstr (find (self, "usb:046d:0825:A")->name, ==, "Cam\\u001b");
  /* Told of once more. */
  plug (self, "/dev/video0", PORT_1, "0825", "A", "1");
  assert_log (self, "");
  /* Another port, another node: the same camera. */
  unplug (self, "/dev/video0", PORT_1);
  assert_log (self, "-usb:046d:0825:A");
  plug (self, "/dev/video2", PORT_2, "0825", "A", "2");
  assert_log (self, "+usb:046d:0825:A");
  g_assert_cmpstr (find (self, "usb:046d:0825:A")->node, ==, "/dev/video2");
  unplug (self, "/dev/video9", PORT_2);
  assert_log (self, "");
}

/* I1: the node is no identity, even if nobody told of the end of the first. */
static void
test_node_reuse (Fixture *self, gconstpointer data)
{
  plug (self, "/dev/video0", PORT_1, "0825", "A", "1");
  assert_log (self, "+usb:046d:0825:A");
  plug (self, "/dev/video0", PORT_1, "0825", "B", "2");
  assert_log (self, "-usb:046d:0825:A +usb:046d:0825:B");
  /* The same camera plugged anew is another device. */
  plug (self, "/dev/video0", PORT_1, "0825", "B", "3");
  assert_log (self, "-usb:046d:0825:B +usb:046d:0825:B");
  /* Without a number it is not another model at its port. */
  plug (self, "/dev/video0", PORT_1, "0826", NULL, "4");
  assert_log (self, "-usb:046d:0825:B +path:" PORT_1 "@046d:0826");
  plug (self, "/dev/video0", PORT_1, "0827", NULL, "5");
  assert_log (self, "-path:" PORT_1 "@046d:0826 +path:" PORT_1 "@046d:0827");
}

static void
test_twins_without_number (Fixture *self, gconstpointer data)
{
  const char *first = "path:" PORT_1 "@046d:0825";
  const char *second = "path:" PORT_2 "@046d:0825";
  g_autoptr (GError) error = NULL;

  plug (self, "/dev/video0", PORT_1, "0825", NULL, "1");
  assert_log (self, "+path:" PORT_1 "@046d:0825");
  plug (self, "/dev/video2", PORT_2, "0825", NULL, "2");
  assert_log (self, "*path:" PORT_1 "@046d:0825? +path:" PORT_2 "@046d:0825?");
  g_assert_cmpint (foyer_cameras_open (self->cameras, find (self, first),
                       &error),
      ==, -1);
  g_assert_nonnull (error);
  g_clear_error (&error);
  /* Which of them is left? */
  unplug (self, "/dev/video0", PORT_1);
  assert_log (self, "-path:" PORT_1 "@046d:0825?");
  plug (self, "/dev/video0", PORT_1, "0825", NULL, "3");
  assert_log (self, "+path:" PORT_1 "@046d:0825?");
  /* One name does not tell the other. */
  g_assert_true (foyer_cameras_set_name (self->cameras, find (self, first)->id,
      "Door", &error));
  assert_log (self, "*path:" PORT_1 "@046d:0825? *path:" PORT_1 "@046d:0825");
  g_assert_true (find (self, second)->is_ambiguous);
  g_assert_true (foyer_cameras_set_name (self->cameras, find (self, second)->id,
      "Garden", &error));
  g_assert_false (find (self, first)->is_ambiguous);
  g_assert_false (find (self, second)->is_ambiguous);
  g_assert_cmpstr (find (self, second)->name, ==, "Garden");
}

static void
test_twins_with_number (Fixture *self, gconstpointer data)
{
  plug (self, "/dev/video0", PORT_1, "0825", "A", "1");
  assert_log (self, "+usb:046d:0825:A");
  plug (self, "/dev/video2", PORT_2, "0825", "A", "2");
  /* Its session hears why, then both are what sits there. */
  assert_log (self,
      "*usb:046d:0825:A? -usb:046d:0825:A? +path:" PORT_1
      "@046d:0825:A? +path:" PORT_2 "@046d:0825:A?");
  unplug (self, "/dev/video0", PORT_1);
  assert_log (self, "-path:" PORT_1 "@046d:0825:A?");
}

/* I1: what was granted to one without a number, by where it sits, is not for one
 * that has a number, nor the other way around. */
static void
test_number_at_named_place (Fixture *self, gconstpointer data)
{
  plug (self, "/dev/video0", PORT_1, "0825", NULL, "1");
  assert_log (self, "+path:" PORT_1 "@046d:0825");
  g_assert_true (foyer_cameras_set_name (self->cameras,
      find (self, "path:" PORT_1 "@046d:0825")->id, "Door", NULL));
  assert_log (self, "*path:" PORT_1 "@046d:0825");
  unplug (self, "/dev/video0", PORT_1);
  assert_log (self, "-path:" PORT_1 "@046d:0825");
  plug (self, "/dev/video0", PORT_1, "0825", "B", "2");
  assert_log (self, "+usb:046d:0825:B");
  g_assert_cmpstr (find (self, "usb:046d:0825:B")->name, !=, "Door");
  /* Another that claims the same number: both are what sits there, and neither
   * is the one that was named. */
  plug (self, "/dev/video2", PORT_2, "0825", "B", "3");
  assert_log (self,
      "*usb:046d:0825:B? -usb:046d:0825:B? +path:" PORT_1
      "@046d:0825:B? +path:" PORT_2 "@046d:0825:B?");
  g_assert_true (foyer_cameras_set_name (self->cameras,
      find (self, "path:" PORT_1 "@046d:0825:B")->id, "Garden", NULL));
  unplug (self, "/dev/video0", PORT_1);
  unplug (self, "/dev/video2", PORT_2);
  g_string_truncate (self->log, 0);
  plug (self, "/dev/video0", PORT_1, "0825", "C", "4");
  assert_log (self, "+usb:046d:0825:C");
  unplug (self, "/dev/video0", PORT_1);
  plug (self, "/dev/video0", PORT_1, "0825", NULL, "5");
  assert_log (self, "-usb:046d:0825:C +path:" PORT_1 "@046d:0825");
  g_assert_cmpstr (find (self, "path:" PORT_1 "@046d:0825")->name, ==, "Door");
}

static void
test_named_in_file (Fixture *self, gconstpointer data)
{
  plug (self, "/dev/video0", PORT_1, "0825", "A", "1");
  assert_log (self, "+path:" PORT_1 "@046d:0825:A");
  plug (self, "/dev/video2", PORT_2, "0825", "A", "2");
  assert_log (self, "+path:" PORT_2 "@046d:0825:A");
  g_assert_cmpstr (find (self, "path:" PORT_2 "@046d:0825:A")->name, ==,
      "Garden");
}

/* Nothing tells them apart, and no name can. */
static void
test_one_place (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < 2; i++) {
    const FoyerCameraProperties properties = { .path = "platform-x.0" };
    FoyerPlug *device = g_new0 (FoyerPlug, 1);

    device->source = FOYER_SOURCE_V4L2;
    device->node = g_strdup_printf ("/dev/video%u", i);
    device->place = g_strdup_printf ("/sys/x/video%u", i);
    device->bus = g_strdup ("");
    device->name = g_strdup ("x");
    g_assert_true (foyer_camera_identity_init (&device->identity, &properties));
    foyer_cameras_plug (self->cameras, device);
  }
  assert_log (self, "+path:platform-x.0 *path:platform-x.0?");
  g_assert_true (foyer_cameras_set_name (self->cameras,
      find (self, "path:platform-x.0")->id, "Both", NULL));
  g_assert_true (find (self, "path:platform-x.0")->is_ambiguous);
  foyer_cameras_unplug (self->cameras, "/sys/x/video0");
  g_assert_cmpstr (find (self, "path:platform-x.0")->node, ==, "/dev/video1");
}

/* No device of these tests is in sysfs. */
static void
test_find_gone (Fixture *self, gconstpointer data)
{
  FoyerCameraId id;

  plug (self, "/dev/video0", PORT_1, "0825", "A", "1");
  assert_log (self, "+usb:046d:0825:A");
  id = find (self, "usb:046d:0825:A")->id;
  g_assert_true (foyer_cameras_find_gone (self->cameras, id));
  assert_log (self, "-usb:046d:0825:A");
  g_assert_false (foyer_cameras_find_gone (self->cameras, id));
}

static void
assert_no_microphone (Fixture *self, const char *identity, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (foyer_cameras_open_microphone (self->cameras,
                       find (self, identity), &error),
      ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, words));
}

/* That of the camera's device, or what the file says of that very camera. */
static void
test_microphone (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  plug (self, "/dev/video0", PORT_1, "0825", "A", "1");
  plug (self, "/dev/video2", PORT_2, "0825", "B", "2");
  plug (self, "/dev/video4", PORT_1 ".1", "0825", "C", "3");
  assert_no_microphone (self, "usb:046d:0825:A", "that foyer.conf names");
  assert_no_microphone (self, "usb:046d:0825:B", "this camera has no");
  assert_no_microphone (self, "usb:046d:0825:C", "this camera has no");
  g_assert_cmpint (foyer_cameras_open_microphone (self->cameras,
                       find (self, "test:x"), &error),
      ==, -1);
  g_assert_no_error (error);
}

static void
test_problem (Fixture *self, gconstpointer data)
{
  FoyerCameraId id;

  plug (self, "/dev/video0", PORT_1, "0825", "A", "1");
  assert_log (self, "+usb:046d:0825:A");
  id = find (self, "usb:046d:0825:A")->id;
  foyer_cameras_set_problem (self->cameras, id, "it is busy\n");
  assert_log (self, "*usb:046d:0825:A");
  g_assert_cmpstr (foyer_cameras_find (self->cameras, id)->problem, ==,
      "it is busy\\u000a");
  foyer_cameras_set_problem (self->cameras, id, NULL);
  assert_log (self, "*usb:046d:0825:A");
  g_assert_null (foyer_cameras_find (self->cameras, id)->problem);
}

int
main (int argc, char **argv)
{
  static const char named[] =
      "[camera Door]\nidentity=path:" PORT_1
      "@046d:0825:A\n[camera Garden]\nidentity=path:" PORT_2 "@046d:0825:A\n";
  static const char hearing[] =
      "[camera A]\nidentity=usb:046d:0825:A\nmicrophone=hw:CARD=NoSuchCard9\n"
      "[camera B]\nidentity=usb:046d:0825:B\nmicrophone=none\n"
      "[camera X]\nidentity=test:x\n";

  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, test) \
  g_test_add ("/cameras/" name, Fixture, data, set_up, test, tear_down)
  ADD ("come-and-go", NULL, test_come_and_go);
  ADD ("node-reuse", NULL, test_node_reuse);
  ADD ("twins/without-number", NULL, test_twins_without_number);
  ADD ("twins/with-number", NULL, test_twins_with_number);
  ADD ("twins/number-at-named-place", NULL, test_number_at_named_place);
  ADD ("twins/named-in-file", named, test_named_in_file);
  ADD ("twins/one-place", NULL, test_one_place);
  ADD ("find-gone", NULL, test_find_gone);
  ADD ("microphone", hearing, test_microphone);
  ADD ("problem", NULL, test_problem);
#undef ADD
  return g_test_run ();
}
