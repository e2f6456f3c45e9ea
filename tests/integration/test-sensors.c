/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-sensors.h"
#include "foyer-test-workers.h"

#include <glib/gstdio.h>
#include <umockdev.h>

/* Sensors as a Raspberry Pi has them: sysfs and udev are a test bed of umockdev's,
 * and libcamera is what the test says in the place of a worker. */

#define SENSOR  "/base/soc/i2c0mux/i2c@1/imx219@10"
#define LIMIT_S 60

typedef struct
{
  UMockdevTestbed *bed;
  FoyerTestWorkers workers;
  FoyerSensors *sensors;
  GString *log;
  FoyerPlug *plug; /* the last that was told of */
  char *place;     /* of the sensor */
} Fixture;

static void
on_plugged (FoyerPlug *device, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->log, "+%s,%s ", device->identity.own,
      device->node);
  foyer_plug_free (self->plug);
  self->plug = device;
}

static void
on_unplugged (const char *place, gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->log, "-%s ", place);
}

static void
add_sensor (Fixture *self)
{
  g_autofree char *root = umockdev_testbed_get_root_dir (self->bed);
  g_autofree char *node = g_strconcat (root, "/sys/firmware/devicetree", SENSOR,
      NULL);
  g_autofree char *bus = umockdev_testbed_add_device (self->bed, "i2c",
      "10-0010", NULL, NULL, NULL);

  g_assert_no_errno (g_mkdir_with_parents (node, 0700));
  umockdev_testbed_set_attribute_link (self->bed, bus, "of_node",
      "../../firmware/devicetree" SENSOR);
  self->place = umockdev_testbed_add_device (self->bed, "video4linux",
      "v4l-subdev0", bus, "name", "imx219 10-0010", NULL, "DEVNAME",
      "/dev/v4l-subdev0", "USEC_INITIALIZED", "1234", NULL);
  g_assert_nonnull (self->place);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  static const FoyerPlugsEvents events = {
    .plugged = on_plugged,
    .unplugged = on_unplugged,
  };

  self->bed = umockdev_testbed_new ();
  self->log = g_string_new (NULL);
  foyer_test_workers_init (&self->workers);
  if (data != NULL)
    add_sensor (self);
  self->sensors = foyer_sensors_new (&self->workers.launcher, "/dev", &events,
      self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_sensors_free (self->sensors);
  foyer_test_workers_clear (&self->workers);
  foyer_plug_free (self->plug);
  g_string_free (self->log, TRUE);
  g_free (self->place);
  g_object_unref (self->bed);
}

static gboolean
on_limit (gpointer user_data)
{
  g_error ("nothing happens");
  return G_SOURCE_REMOVE;
}

/* Waits for the prober that is the @number-th. */
static FoyerTestWorker *
wait_prober (Fixture *self, guint number)
{
  guint limit = g_timeout_add_seconds (LIMIT_S, on_limit, NULL);
  FoyerTestWorker *prober;

  while (
      foyer_test_workers_count (&self->workers, FOYER_WORKER_CAMERA) < number)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (limit);
  prober = foyer_test_workers_get_last (&self->workers, FOYER_WORKER_CAMERA);
  foyer_test_worker_expect (prober, FOYER_MESSAGE_PROBE_CONFIG, NULL, NULL);
  foyer_test_worker_say_type (prober, FOYER_MESSAGE_READY);
  return prober;
}

static void
say_found (FoyerTestWorker *prober, const char *name)
{
  FoyerMessage found = { .type = FOYER_MESSAGE_FOUND };

  g_strlcpy (found.text, name, sizeof found.text);
  foyer_test_worker_say (prober, &found, -1);
}

static void
say_probed (FoyerTestWorker *prober)
{
  foyer_test_worker_say_type (prober, FOYER_MESSAGE_PROBED);
  foyer_test_settle ();
}

static void
assert_log (Fixture *self, const char *expected)
{
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_truncate (self->log, 0);
}

/* Until something was told. */
static void
wait_log (Fixture *self)
{
  guint limit = g_timeout_add_seconds (LIMIT_S, on_limit, NULL);

  while (self->log->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (limit);
}

/* What else libcamera has, USB cameras among it, is none of ours. */
static void
test_found (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *prober = wait_prober (self, 1);

  say_found (prober, "\\_SB_.PCI0.XHC_.RHUB.HS01-1:1.0-046d:0825");
  say_found (prober, SENSOR);
  say_probed (prober);
  assert_log (self, "+csi:imx219@" SENSOR ",/dev/v4l-subdev0 ");
  g_assert_cmpstr (self->plug->bus, ==, SENSOR);
  g_assert_cmpstr (self->plug->name, ==, "imx219");
  g_assert_cmpstr (self->plug->place, ==, self->place);
  g_assert_cmpuint (foyer_test_workers_count_living (&self->workers,
                        FOYER_WORKER_CAMERA),
      ==, 0);
  umockdev_testbed_uevent (self->bed, self->place, "remove");
  wait_log (self);
  g_assert_true (g_str_has_prefix (self->log->str, "-"));
  g_assert_nonnull (strstr (self->log->str, self->place));
}

/* A sensor that libcamera has no use for. */
static void
test_not_found (Fixture *self, gconstpointer data)
{
  say_probed (wait_prober (self, 1));
  assert_log (self, "");
}

/* Without libcamera; and a worker that dies. */
static void
test_fails (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *prober = wait_prober (self, 1);
  const FoyerMessage failed = { .type = FOYER_MESSAGE_FAILED,
    .reason = 1,
    .account = { .rtt_us = -1, .delay_us = -1 },
    .text = "not installed" };

  foyer_test_worker_say (prober, &failed, -1);
  foyer_test_settle ();
  assert_log (self, "");
  umockdev_testbed_uevent (self->bed, self->place, "change");
  prober = wait_prober (self, 2);
  foyer_test_worker_exit (prober, FALSE);
  foyer_test_settle ();
  assert_log (self, "");
  g_assert_cmpuint (foyer_test_workers_count_living (&self->workers,
                        FOYER_WORKER_CAMERA),
      ==, 0);
}

/* Nobody looks while a camera is in use, and what was begun is begun anew. */
static void
test_held (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *prober = wait_prober (self, 1);

  foyer_sensors_hold (self->sensors);
  foyer_sensors_hold (self->sensors);
  g_assert_true (prober->is_ended);
  foyer_sensors_release (self->sensors);
  umockdev_testbed_uevent (self->bed, self->place, "change");
  foyer_test_settle ();
  g_assert_cmpuint (foyer_test_workers_count (&self->workers,
                        FOYER_WORKER_CAMERA),
      ==, 1);
  foyer_sensors_release (self->sensors);
  prober = wait_prober (self, 2);
  say_found (prober, SENSOR);
  say_probed (prober);
  assert_log (self, "+csi:imx219@" SENSOR ",/dev/v4l-subdev0 ");
}

static gboolean
on_tick (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Where there is no sensor nothing is started, however long one waits: that is
 * looked at once it would have been. */
static void
test_none (Fixture *self, gconstpointer data)
{
  gboolean is_over = FALSE;

  g_timeout_add (FOYER_SENSORS_SETTLE_MS + 50, on_tick, &is_over);
  while (!is_over)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (foyer_test_workers_count (&self->workers,
                        FOYER_WORKER_CAMERA),
      ==, 0);
}

/* The node is asked again when it is opened; what is there is no device. */
static void
test_open (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *prober = wait_prober (self, 1);
  g_autofree char *root = umockdev_testbed_get_root_dir (self->bed);
  g_autofree char *folder = g_strconcat (root, "/dev", NULL);
  g_autofree char *node = g_strconcat (folder, "/v4l-subdev0", NULL);
  g_autoptr (GError) error = NULL;

  say_found (prober, SENSOR);
  say_probed (prober);
  g_assert_no_errno (g_mkdir_with_parents (folder, 0700));
  g_assert_cmpint (foyer_sensors_open (self->plug, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_file_set_contents (node, "", 0, &error);
  g_assert_no_error (error);
  g_assert_cmpint (foyer_sensors_open (self->plug, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int argc, char **argv)
{
  /* umockdev has a socket in there, whose address holds no long name. */
  g_setenv ("TMPDIR", "/tmp", TRUE);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, data, test) \
  g_test_add ("/sensors/" name, Fixture, data, set_up, test, tear_down)
  ADD ("found", "sensor", test_found);
  ADD ("not-found", "sensor", test_not_found);
  ADD ("fails", "sensor", test_fails);
  ADD ("held", "sensor", test_held);
  ADD ("none", NULL, test_none);
  ADD ("open", "sensor", test_open);
#undef ADD
  return g_test_run ();
}
