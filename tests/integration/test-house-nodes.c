/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-house.h"
#include "foyer-test-home.h"

#include <fcntl.h>
#include <string.h>

/* Cameras on nodes and for programs: the house as it ships, with workers and a
 * device that the test plays. */

#define NOBODY G_MAXUINT32
#define CONFIG "[camera Porch]\nidentity=test:Porch\n"

typedef struct
{
  FoyerNodeHost host;
  gboolean is_missing;
  guint n_opened;
  guint32 allowed; /* who may open it */
  FoyerNodeReadersChanged changed;
  gpointer changed_data;
} FakeHost;

typedef struct
{
  FoyerTestHome home;
  FakeHost host;
} Fixture;

/* the device */

static char *
host_choose (gpointer user_data, const char *name, const char *const *taken,
    GError **error)
{
  return g_strdup ("Foyer 1");
}

static int
host_open (gpointer user_data, const char *label, char **out_path,
    GError **error)
{
  FakeHost *self = user_data;

  g_assert_cmpstr (label, ==, "Foyer 1");
  if (self->is_missing) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND, "no node");
    return -1;
  }
  self->n_opened++;
  *out_path = g_strdup ("/dev/video40");
  return open ("/dev/null", O_RDWR | O_CLOEXEC);
}

static gboolean
host_allow (gpointer user_data, int fd, guint32 uid, GError **error)
{
  ((FakeHost *) user_data)->allowed = uid;
  return TRUE;
}

static FoyerNodeReaders *
host_watch (gpointer user_data, int fd, const char *path,
    FoyerNodeReadersChanged changed, gpointer changed_data)
{
  FakeHost *self = user_data;

  self->changed = changed;
  self->changed_data = changed_data;
  return (FoyerNodeReaders *) self;
}

static void
host_unwatch (FoyerNodeReaders *readers)
{
  if (readers != NULL)
    ((FakeHost *) readers)->changed = NULL;
}

/* the house */

static void
set_up (Fixture *self, gconstpointer data)
{
  self->host.host = (FoyerNodeHost){ host_choose, host_open, host_allow,
    host_watch, host_unwatch, &self->host };
  foyer_test_home_init (&self->home, CONFIG);
  self->home.nodes = &self->host.host;
  foyer_test_home_build (&self->home);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_test_home_clear (&self->home);
  /* Whoever comes next must not find it open. */
  g_assert_cmpuint (self->host.allowed, ==, self->host.n_opened ? NOBODY : 0);
}

static FoyerRuleId
allow (Fixture *self)
{
  FoyerInterner *ids = foyer_state_get_ids (self->home.state);

  return foyer_test_home_allow (&self->home, FOYER_TARGET_NODE,
      foyer_interner_intern_target (ids, FOYER_TARGET_NODE, "porch"));
}

static gboolean
expose (Fixture *self, GError **error)
{
  FoyerTargetId id;
  const FoyerExpose wish = {
    .subject = { .uid = FOYER_TEST_HOME_UID, .n_groups = 1, .groups = { 100 } },
    .camera = self->home.camera,
    .name = "porch",
    .width_px = 320,
    .height_px = 180,
    .fps = 15,
  };

  return foyer_house_expose (self->home.house, &wish, &id, error);
}

static const char *
get_state (Fixture *self)
{
  FoyerNodeView view;

  g_assert_true (
      foyer_house_view_node (self->home.house, self->home.node, &view));
  return view.state;
}

static FoyerTestWorker *
get_loopback (Fixture *self, guint n_loopbacks)
{
  foyer_test_settle ();
  g_assert_cmpuint (foyer_test_workers_count (&self->home.launcher,
                        FOYER_WORKER_LOOPBACK),
      ==, n_loopbacks);
  return foyer_test_workers_get_last (&self->home.launcher,
      FOYER_WORKER_LOOPBACK);
}

/* The standing worker that comes @n_loopbacks-th says that the ring is clean. */
static FoyerTestWorker *
stand (Fixture *self, guint n_loopbacks)
{
  FoyerTestWorker *standing = get_loopback (self, n_loopbacks);
  FoyerMessage config;

  foyer_test_worker_expect (standing, FOYER_MESSAGE_STANDING_CONFIG, &config,
      NULL);
  g_assert_cmpstr (config.text, ==, "Porch");
  g_assert_cmpuint (config.shape.width_px, ==, 320);
  g_assert_cmpuint (self->host.allowed, ==, NOBODY);
  g_assert_cmpstr (get_state (self), !=, "idle");
  foyer_test_worker_say_type (standing, FOYER_MESSAGE_READY);
  foyer_test_settle ();
  return standing;
}

static void
begin_exposed (Fixture *self)
{
  g_autoptr (GError) error = NULL;

  allow (self);
  g_assert_true (expose (self, &error));
  g_assert_no_error (error);
  stand (self, 1);
  g_assert_cmpuint (self->host.allowed, ==, FOYER_TEST_HOME_UID);
  g_assert_cmpstr (get_state (self), ==, "idle");
}

/* A reader comes; the session's worker, linked and live. */
static FoyerTestWorker *
begin_live (Fixture *self)
{
  FoyerTestWorker *camera, *worker;
  FoyerMessage config, link;
  int fds[FOYER_CHANNEL_MAX_FDS];

  begin_exposed (self);
  self->host.changed (TRUE, self->host.changed_data);
  worker = get_loopback (self, 2);
  g_assert_true (
      ((FoyerTestWorker *) self->home.launcher.workers->pdata[0])->is_ended);
  foyer_test_worker_expect (worker, FOYER_MESSAGE_LOOPBACK_CONFIG, &config,
      NULL);
  g_assert_cmpuint (config.session.v, !=, 0);
  g_assert_cmpuint (config.camera.v, ==, self->home.camera.v);
  g_assert_cmpint (config.granted_us, ==, FOYER_TEST_HOME_NOW_US);
  foyer_test_worker_say_type (worker, FOYER_MESSAGE_READY);
  config.type = FOYER_MESSAGE_STREAMING;
  foyer_test_worker_say (worker, &config, -1);
  camera = foyer_test_workers_get_last (&self->home.launcher,
      FOYER_WORKER_CAMERA);
  foyer_test_worker_expect (camera, FOYER_MESSAGE_CAMERA_CONFIG, &config, NULL);
  foyer_test_worker_say_type (camera, FOYER_MESSAGE_READY);
  config.type = FOYER_MESSAGE_OPENED;
  foyer_test_worker_say (camera, &config, -1);
  foyer_test_settle ();
  foyer_test_worker_expect (worker, FOYER_MESSAGE_LINK, &link, fds);
  close (fds[0]);
  g_assert_cmpint (link.shape.codec, ==, FOYER_CODEC_RAW);
  foyer_test_worker_say_type (worker, FOYER_MESSAGE_LIVE);
  foyer_test_settle ();
  g_assert_cmpstr (get_state (self), ==, "open");
  return worker;
}

static void
say_closed (FoyerTestWorker *worker)
{
  const FoyerMessage closed = {
    .type = FOYER_MESSAGE_CLOSED,
    .account = { .rtt_us = -1, .delay_us = -1 },
  };

  foyer_test_worker_say (worker, &closed, -1);
  foyer_test_worker_say_type (worker, FOYER_MESSAGE_CLEANED);
  foyer_test_settle ();
}

/* programs */

typedef struct
{
  FoyerSessionId id;
  int link; /* -1 while nothing was told; -2 for an error */
} Opened;

static void
on_link (FoyerSessionId id, int link, const GError *error, gpointer user_data)
{
  Opened *opened = user_data;

  g_assert_true ((link >= 0) == (error == NULL));
  opened->link = link >= 0 ? link : -2;
}

static gboolean
open_for_app (Fixture *self, const char *app, Opened *opened, GError **error)
{
  const FoyerCast wish = {
    .subject = { .uid = FOYER_TEST_HOME_UID },
    .camera = self->home.camera,
    .max_age_ms = 1000,
    .shape = { .codec = FOYER_CODEC_RAW,
        .width_px = 320,
        .height_px = 180,
        .fps_n = 15,
        .fps_d = 1 },
  };

  opened->link = -1;
  return foyer_house_open_for_app (self->home.house, &wish, app, &opened->id,
      on_link, opened, error);
}

static void
allow_apps (Fixture *self)
{
  FoyerRule rule = {
    .verdict = FOYER_VERDICT_ALLOW,
    .subject = FOYER_SUBJECT_ANY,
    .is_any_camera = TRUE,
    .target = FOYER_TARGET_APP,
    .is_any_target = TRUE,
    .media = FOYER_MEDIA_VIDEO,
  };
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_house_add_rule (self->home.house, FOYER_TEST_HOME_UID,
      &rule, NULL, NULL, &error));
  g_assert_no_error (error);
}

static guint
count_targets (Fixture *self, FoyerTargetKind kind)
{
  const FoyerCore *core = foyer_house_get_core (self->home.house);
  guint n_targets = 0;

  for (guint i = 0; i < G_N_ELEMENTS (core->targets); i++)
    n_targets += core->targets[i].kind == kind ? 1 : 0;
  return n_targets;
}

/* cases */

/* A node and a program: one capture, a link and a worker each. */
static void
test_one_capture (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *node = begin_live (self);
  FoyerTestWorker *camera = foyer_test_workers_get_last (&self->home.launcher,
      FOYER_WORKER_CAMERA);
  FoyerTestWorker *app;
  g_autoptr (GError) error = NULL;
  int fds[FOYER_CHANNEL_MAX_FDS];
  FoyerMessage config, link;
  Opened opened;
  char byte = 'x';

  foyer_test_worker_expect (camera, FOYER_MESSAGE_LINK, NULL, NULL);
  allow_apps (self);
  g_assert_true (open_for_app (self, "test", &opened, &error));
  g_assert_no_error (error);
  app = foyer_test_workers_get_last (&self->home.launcher, FOYER_WORKER_APP);
  foyer_test_worker_expect (app, FOYER_MESSAGE_APP_CONFIG, &config, fds);
  g_assert_cmpuint (config.session.v, ==, opened.id.v);
  g_assert_cmpint (config.granted_us, ==, FOYER_TEST_HOME_NOW_US);
  /* What the program has is the other end of what the worker has. */
  g_assert_cmpint (opened.link, >=, 0);
  g_assert_cmpint (write (fds[0], &byte, 1), ==, 1);
  g_assert_cmpint (read (opened.link, &byte, 1), ==, 1);
  foyer_test_worker_say_type (app, FOYER_MESSAGE_READY);
  config.type = FOYER_MESSAGE_STREAMING;
  foyer_test_worker_say (app, &config, -1);
  foyer_test_settle ();
  close (fds[0]);
  close (fds[1]);
  foyer_test_worker_expect (app, FOYER_MESSAGE_LINK, &link, fds);
  close (fds[0]);
  g_assert_cmpuint (link.session.v, ==, opened.id.v);
  foyer_test_worker_expect (camera, FOYER_MESSAGE_LINK, &link, fds);
  close (fds[0]);
  g_assert_cmpuint (link.session.v, ==, opened.id.v);
  foyer_test_worker_say_type (app, FOYER_MESSAGE_LIVE);
  foyer_test_settle ();
  g_assert_cmpuint (foyer_test_workers_count (&self->home.launcher,
                        FOYER_WORKER_CAMERA),
      ==, 1);
  /* Who asked leaves: that session ends, and no other. */
  foyer_house_leave (self->home.house, opened.id);
  foyer_test_worker_expect (app, FOYER_MESSAGE_CLOSE, NULL, NULL);
  say_closed (app);
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_CALLER_GONE);
  g_assert_cmpuint (count_targets (self, FOYER_TARGET_APP), ==, 0);
  g_assert_cmpstr (get_state (self), ==, "open");
  g_assert_false (foyer_test_worker_hear (node, &link, NULL));
  close (opened.link);
}

/* One user can't take all the places, and names leave nothing behind. */
static void
test_many_apps (Fixture *self, gconstpointer data)
{
  FoyerInterner *ids = foyer_state_get_ids (self->home.state);
  Opened opened[FOYER_CORE_MAX_TARGETS];
  g_autoptr (GError) error = NULL;
  guint n_apps = 0;

  g_assert_false (open_for_app (self, "a", opened, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_DENIED);
  g_assert_nonnull (strstr (error->message, "foyerctl grant Porch app:a"));
  g_clear_error (&error);
  g_assert_cmpuint (count_targets (self, FOYER_TARGET_APP), ==, 0);
  g_assert_cmpuint (foyer_interner_find_target (ids, FOYER_TARGET_APP, "a").v,
      ==, 0);
  allow_apps (self);
  for (; n_apps < G_N_ELEMENTS (opened); n_apps++) {
    g_autofree char *name = g_strdup_printf ("app %u", n_apps / 2);

    if (!open_for_app (self, name, &opened[n_apps], &error))
      break;
  }
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_FULL);
  g_assert_cmpuint (n_apps, >=, 8);
  g_assert_cmpuint (n_apps, <, FOYER_CORE_MAX_TARGETS / 2);
  g_assert_cmpuint (count_targets (self, FOYER_TARGET_APP), ==, n_apps / 2);
  for (guint i = 0; i < n_apps; i++)
    foyer_house_leave (self->home.house, opened[i].id);
  for (guint i = 0; i < self->home.launcher.workers->len; i++)
    foyer_test_worker_exit (self->home.launcher.workers->pdata[i], TRUE);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_ended, ==, n_apps);
  g_assert_cmpuint (count_targets (self, FOYER_TARGET_APP), ==, 0);
  for (guint i = 0; i < n_apps; i++)
    if (opened[i].link >= 0)
      close (opened[i].link);
}

/* It is told, whatever happens before there is a link. */
static void
test_no_app_worker (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Opened opened;

  allow_apps (self);
  self->home.launcher.is_failing = TRUE;
  g_assert_false (open_for_app (self, "a", &opened, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_FAILED);
  g_assert_cmpint (opened.link, ==, -1);
  g_assert_cmpuint (count_targets (self, FOYER_TARGET_APP), ==, 0);
}

static void
test_denied (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (expose (self, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_DENIED);
  g_assert_nonnull (strstr (error->message, "node:porch"));
  foyer_test_settle ();
  g_assert_cmpuint (self->home.launcher.workers->len, ==, 0);
  g_assert_cmpuint (self->host.n_opened, ==, 0);
  g_assert_cmpuint (foyer_state_get_nodes (self->home.state)->len, ==, 0);
}

/* Nobody reads: no session, no camera. The last reader leaves: after a while the
 * session is stopped, and over when the ring was cleaned by another. */
static void
test_on_demand (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *worker = begin_live (self);
  FoyerMessage message;

  self->host.changed (FALSE, self->host.changed_data);
  foyer_test_settle ();
  g_assert_false (foyer_test_worker_hear (worker, &message, NULL));
  while (!foyer_test_worker_hear (worker, &message, NULL))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (message.type, ==, FOYER_MESSAGE_CLOSE);
  say_closed (worker);
  g_assert_cmpuint (self->home.n_ended, ==, 0);
  stand (self, 3);
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  g_assert_cmpint (self->home.reason, ==, FOYER_REASON_STOPPED);
  g_assert_cmpuint (self->host.allowed, ==, FOYER_TEST_HOME_UID);
  g_assert_cmpstr (get_state (self), ==, "idle");
  /* The device stayed open all the time. */
  g_assert_cmpuint (self->host.n_opened, ==, 1);
}

/* I8: a worker that was killed leaves a ring that only we may open, and nothing
 * is silent before that is clean. */
static void
test_killed (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *worker = begin_live (self);
  FoyerNodeView view;

  g_assert_true (
      foyer_house_view_node (self->home.house, self->home.node, &view));
  foyer_test_worker_exit (worker, FALSE);
  foyer_test_settle ();
  g_assert_cmpuint (self->host.allowed, ==, NOBODY);
  foyer_house_stop (self->home.house, view.session, foyer_test_home_on_silent,
      &self->home);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  g_assert_cmpuint (self->home.n_ended, ==, 0);
  stand (self, 3);
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  g_assert_cmpuint (self->host.allowed, ==, FOYER_TEST_HOME_UID);
}

/* A session that failed is not tried again at once, though the node is clean. */
static void
test_back_off (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *worker = begin_live (self);
  guint n_workers;

  foyer_test_worker_exit (worker, FALSE);
  foyer_test_settle ();
  stand (self, 3);
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  n_workers = self->home.launcher.workers->len;
  foyer_test_settle ();
  g_assert_cmpuint (self->home.launcher.workers->len, ==, n_workers);
  g_assert_cmpstr (get_state (self), ==, "refused");
}

static void
assert_problem (Fixture *self, const char *words)
{
  g_assert_cmpstr (
      foyer_cameras_find (self->home.cameras, self->home.camera)->problem, ==,
      words);
}

/* A camera's worker that dies, or ends itself. */
static void
test_camera_died (Fixture *self, gconstpointer data)
{
  (void) begin_live (self);
  assert_problem (self, NULL);
  foyer_test_worker_exit (foyer_test_workers_get_last (&self->home.launcher,
                              FOYER_WORKER_CAMERA),
      FALSE);
  foyer_test_settle ();
  assert_problem (self, "its process ended");
}

/* A camera's worker that hangs says nothing: it is ended in time, and the camera has
 * a problem. */
static void
test_hangs (Fixture *self, gconstpointer data)
{
  const FoyerTestWorker *camera;

  begin_exposed (self);
  self->host.changed (TRUE, self->host.changed_data);
  (void) get_loopback (self, 2);
  camera = foyer_test_workers_get_last (&self->home.launcher,
      FOYER_WORKER_CAMERA);
  foyer_test_clock_advance (&self->home.clock, FOYER_CORE_OPEN_US - 1);
  foyer_house_tick (self->home.house);
  g_assert_false (camera->is_ended);
  foyer_test_clock_advance (&self->home.clock, 1);
  foyer_house_tick (self->home.house);
  g_assert_true (camera->is_ended);
  assert_problem (self, "no picture came in time");
}

/* Nobody can clean it: it stays closed, but the session is over. */
static void
test_no_cleaner (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *worker = begin_live (self);

  self->home.launcher.is_failing = TRUE;
  foyer_test_worker_exit (worker, FALSE);
  foyer_test_settle ();
  g_assert_cmpuint (self->home.n_ended, ==, 1);
  g_assert_cmpuint (self->host.allowed, ==, NOBODY);
  g_assert_cmpstr (get_state (self), ==, "missing");
}

static void
test_revoked (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *worker = begin_live (self);
  const FoyerPolicy *policy = foyer_state_get_policy (self->home.state);
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_house_remove_rule (self->home.house, FOYER_TEST_HOME_UID,
      policy->rules[0].id, foyer_test_home_on_silent, &self->home, &error));
  foyer_test_worker_expect (worker, FOYER_MESSAGE_CLOSE, NULL, NULL);
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  say_closed (worker);
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  stand (self, 3);
  /* It is read still, and refused. */
  foyer_test_settle ();
  g_assert_cmpstr (get_state (self), ==, "refused");
  g_assert_cmpuint (foyer_test_workers_count_living (&self->home.launcher,
                        FOYER_WORKER_LOOPBACK),
      ==, 1);
}

static void
test_unexposed (Fixture *self, gconstpointer data)
{
  FoyerTestWorker *worker = begin_live (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_house_unexpose (self->home.house, FOYER_TEST_HOME_UID,
      self->home.node, foyer_test_home_on_silent, &self->home, &error));
  g_assert_cmpuint (self->host.allowed, ==, NOBODY);
  g_assert_cmpuint (self->home.n_silent, ==, 0);
  foyer_test_worker_expect (worker, FOYER_MESSAGE_CLOSE, NULL, NULL);
  say_closed (worker);
  g_assert_cmpuint (self->home.n_silent, ==, 1);
  stand (self, 3);
  g_assert_cmpuint (self->home.n_nodes, ==, 0);
  g_assert_cmpuint (foyer_state_get_nodes (self->home.state)->len, ==, 0);
}

/* It is the same node after a restart, and cleaned before anybody may open it. */
static void
test_restart (Fixture *self, gconstpointer data)
{
  FoyerTargetId before;
  FoyerNodeView view;

  begin_exposed (self);
  before = self->home.node;
  foyer_test_home_drop (&self->home);
  g_assert_cmpuint (self->host.allowed, ==, NOBODY);
  foyer_test_home_build (&self->home);
  g_assert_cmpuint (self->home.n_nodes, ==, 1);
  g_assert_cmpuint (self->home.node.v, ==, before.v);
  stand (self, 2);
  g_assert_true (
      foyer_house_view_node (self->home.house, self->home.node, &view));
  g_assert_cmpstr (view.name, ==, "porch");
  g_assert_cmpstr (view.path, ==, "/dev/video40");
  g_assert_cmpuint (view.uid, ==, FOYER_TEST_HOME_UID);
  g_assert_cmpuint (view.width_px, ==, 320);
  g_assert_cmpuint (self->host.allowed, ==, FOYER_TEST_HOME_UID);
}

static void
test_missing (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->host.is_missing = TRUE;
  allow (self);
  g_assert_true (expose (self, &error));
  foyer_test_settle ();
  g_assert_cmpstr (get_state (self), ==, "missing");
  g_assert_cmpuint (self->home.launcher.workers->len, ==, 0);
  /* It is looked for again. */
  self->host.is_missing = FALSE;
  while (self->host.n_opened == 0 || self->home.launcher.workers->len == 0)
    g_main_context_iteration (NULL, TRUE);
  stand (self, 1);
  g_assert_cmpstr (get_state (self), ==, "idle");
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  /* What goes wrong here is warned of. */
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
  add ("/house-nodes/denied", test_denied);
  add ("/house-nodes/on-demand", test_on_demand);
  add ("/house-nodes/killed", test_killed);
  add ("/house-nodes/back-off", test_back_off);
  add ("/house-nodes/camera-died", test_camera_died);
  add ("/house-nodes/hangs", test_hangs);
  add ("/house-nodes/no-cleaner", test_no_cleaner);
  add ("/house-nodes/revoked", test_revoked);
  add ("/house-nodes/unexposed", test_unexposed);
  add ("/house-nodes/restart", test_restart);
  add ("/house-nodes/missing", test_missing);
  add ("/house-apps/one-capture", test_one_capture);
  add ("/house-apps/many", test_many_apps);
  add ("/house-apps/no-worker", test_no_app_worker);
  return g_test_run ();
}
