/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-broker.h"

#include "foyer-fd.h"
#include "foyer-test-workers.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* I1: the broker joins a camera to a session that was granted that camera in that
 * opening, and nothing else to anything. */

typedef struct
{
  FoyerTestWorkers launcher;
  FoyerPeer *camera;
  FoyerPeer *reader;
  FoyerTestWorker *camera_worker;
  FoyerTestWorker *reader_worker;
  FoyerLinkGrant grant;
} Fixture;

static const FoyerShape shape = {
  .codec = FOYER_CODEC_H264,
  .width_px = 1280,
  .height_px = 720,
  .fps_n = 30,
  .fps_d = 1,
  .max_bps = 3000000,
};

static void
on_said (FoyerPeer *peer, const FoyerMessage *message, int *fds,
    gpointer user_data)
{
}

static void
on_gone (FoyerPeer *peer, FoyerReason reason, gpointer user_data)
{
}

static FoyerPeer *
launch (Fixture *self, FoyerWorkerKind kind, const FoyerBirth *birth)
{
  static const FoyerPeerEvents events = { .said = on_said, .gone = on_gone };
  g_autoptr (GError) error = NULL;
  FoyerPeer *peer = foyer_peer_new (&self->launcher.launcher, kind, birth,
      &events, NULL, &error);

  g_assert_no_error (error);
  return peer;
}

/* Up to where a link may be made. */
static void
bring_up_camera (Fixture *self)
{
  const FoyerMessage config = {
    .type = FOYER_MESSAGE_CAMERA_CONFIG,
    .camera = { 3 },
    .generation = 5,
    .source = FOYER_SOURCE_DRAWN,
    .number = 1,
    .shape = { .codec = FOYER_CODEC_RAW,
        .width_px = 1280,
        .height_px = 720,
        .fps_n = 30,
        .fps_d = 1 },
    .text = "Porch",
  };
  FoyerMessage opened = config;

  self->camera_worker = foyer_test_workers_get_last (&self->launcher,
      FOYER_WORKER_CAMERA);
  g_assert_true (foyer_peer_send (self->camera, &config, NULL, 0));
  foyer_test_worker_expect (self->camera_worker, FOYER_MESSAGE_CAMERA_CONFIG,
      NULL, NULL);
  foyer_test_worker_say_type (self->camera_worker, FOYER_MESSAGE_READY);
  opened.type = FOYER_MESSAGE_OPENED;
  foyer_test_worker_say (self->camera_worker, &opened, -1);
  foyer_test_settle ();
}

static void
bring_up_reader (Fixture *self)
{
  foyer_autofd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  const int fds[] = { null, null, null, null };
  const FoyerMessage config = {
    .type = FOYER_MESSAGE_CAST_CONFIG,
    .session = { 9 },
    .camera = { 3 },
    .generation = 5,
    .granted_us = 1000,
    .max_age_us = 1000000,
    .transport = FOYER_TRANSPORT_STREAMING,
    .media = 1,
    .delay_ms = 400,
    .shape = shape,
    .text = "Porch",
  };
  const FoyerMessage launched = {
    .type = FOYER_MESSAGE_LAUNCHED,
    .text = "app-1",
  };
  const FoyerMessage streaming = {
    .type = FOYER_MESSAGE_STREAMING,
    .number = 5000,
    .shape = shape,
  };
  const FoyerMessage approve = { .type = FOYER_MESSAGE_APPROVE };

  self->reader_worker = foyer_test_workers_get_last (&self->launcher,
      FOYER_WORKER_CAST);
  g_assert_true (
      foyer_peer_send (self->reader, &config, fds, G_N_ELEMENTS (fds)));
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_CAST_CONFIG,
      NULL, NULL);
  foyer_test_worker_say_type (self->reader_worker, FOYER_MESSAGE_READY);
  foyer_test_worker_say_type (self->reader_worker, FOYER_MESSAGE_IDENTITY);
  foyer_test_settle ();
  g_assert_true (foyer_peer_send (self->reader, &approve, NULL, 0));
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_APPROVE, NULL,
      NULL);
  foyer_test_worker_say (self->reader_worker, &launched, -1);
  foyer_test_worker_say (self->reader_worker, &streaming, -1);
  foyer_test_settle ();
}

static void
set_up (Fixture *self, gconstpointer data)
{
  foyer_test_workers_init (&self->launcher);
  self->grant = (FoyerLinkGrant){
    .session = { 9 },
    .camera = { 3 },
    .generation = 5,
    .granted_us = 1000,
    .shape = shape,
  };
  self->camera = launch (self, FOYER_WORKER_CAMERA,
      &(FoyerBirth){ .camera = { 3 }, .generation = 5 });
  bring_up_camera (self);
  self->reader = launch (self, FOYER_WORKER_CAST,
      &(FoyerBirth){ .session = { 9 }, .camera = { 3 }, .generation = 5 });
  bring_up_reader (self);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_peer_free (self->camera);
  foyer_peer_free (self->reader);
  foyer_test_workers_clear (&self->launcher);
}

static void
assert_refused (Fixture *self, FoyerPeer *camera, FoyerPeer *reader, int code)
{
  g_autoptr (GError) error = NULL;
  FoyerMessage message;

  g_assert_false (foyer_broker_join (&self->grant, camera, reader, &error));
  g_assert_error (error, G_IO_ERROR, code);
  /* Neither was told anything. */
  g_assert_false (foyer_test_worker_hear (self->camera_worker, &message, NULL));
  g_assert_false (foyer_test_worker_hear (self->reader_worker, &message, NULL));
}

static void
test_join (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  FoyerMessage of_camera, of_reader;
  int writing[FOYER_CHANNEL_MAX_FDS], reading[FOYER_CHANNEL_MAX_FDS];
  char byte = 'x';

  g_assert_true (
      foyer_broker_join (&self->grant, self->camera, self->reader, &error));
  g_assert_no_error (error);
  foyer_test_worker_expect (self->camera_worker, FOYER_MESSAGE_LINK, &of_camera,
      writing);
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_LINK, &of_reader,
      reading);
  g_assert_cmpuint (of_camera.session.v, ==, 9);
  g_assert_cmpuint (of_reader.camera.v, ==, 3);
  g_assert_cmpuint (of_reader.generation, ==, 5);
  g_assert_cmpint (of_reader.granted_us, ==, 1000);
  /* The two ends are one link, and nobody else has any. */
  g_assert_cmpint (send (writing[0], &byte, 1, 0), ==, 1);
  g_assert_cmpint (recv (reading[0], &byte, 1, 0), ==, 1);
  close (writing[0]);
  g_assert_cmpint (recv (reading[0], &byte, 1, 0), ==, 0);
  close (reading[0]);
}

static gboolean
is_null_device (int fd)
{
  struct stat status, null;

  return fstat (fd, &status) == 0 && stat ("/dev/null", &null) == 0 &&
      status.st_rdev == null.st_rdev;
}

/* Of a session whose worker was born for it, and after the link of pictures. */
static void
test_join_sound (Fixture *self, gconstpointer data)
{
  const FoyerShape sound = { FOYER_CODEC_OPUS, 2, 1, 0, 1, 0, 0 };
  const FoyerLinkGrant pictures = self->grant;
  g_autoptr (GError) error = NULL;
  FoyerMessage message;
  int fds[FOYER_CHANNEL_MAX_FDS];
  foyer_autofd int microphone = open ("/dev/null", O_RDWR | O_CLOEXEC);

  foyer_peer_free (self->reader);
  self->reader = launch (self, FOYER_WORKER_CAST,
      &(FoyerBirth){ .session = { 9 },
          .camera = { 3 },
          .generation = 5,
          .has_sound = TRUE });
  bring_up_reader (self);
  self->grant.shape = sound;
  assert_refused (self, self->camera, self->reader, G_IO_ERROR_BUSY);
  self->grant = pictures;
  g_assert_true (
      foyer_broker_join (&self->grant, self->camera, self->reader, &error));
  foyer_test_worker_expect (self->camera_worker, FOYER_MESSAGE_LINK, &message,
      fds);
  close (fds[0]);
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_LINK, &message,
      fds);
  close (fds[0]);
  self->grant.shape = sound;
  g_assert_true (foyer_broker_join_sound (&self->grant, microphone,
      self->camera, self->reader, &error));
  foyer_test_worker_expect (self->camera_worker, FOYER_MESSAGE_SOUND_LINK,
      &message, fds);
  close (fds[0]);
  g_assert_true (is_null_device (fds[1]));
  close (fds[1]);
  /* The microphone goes to nobody else. */
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_SOUND_LINK,
      &message, fds);
  g_assert_false (is_null_device (fds[0]));
  close (fds[0]);
  g_assert_cmpint (fds[1], ==, -1);
}

/* I1: who was born without sound gets none, whatever else is right. */
static void
test_sound_not_granted (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  FoyerMessage message;
  int fds[FOYER_CHANNEL_MAX_FDS];

  g_assert_true (
      foyer_broker_join (&self->grant, self->camera, self->reader, &error));
  foyer_test_worker_expect (self->camera_worker, FOYER_MESSAGE_LINK, &message,
      fds);
  close (fds[0]);
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_LINK, &message,
      fds);
  close (fds[0]);
  self->grant.shape = (FoyerShape){ FOYER_CODEC_OPUS, 2, 1, 0, 1, 0, 0 };
  assert_refused (self, self->camera, self->reader,
      G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_nothing_granted (Fixture *self, gconstpointer data)
{
  const FoyerLinkGrant whole = self->grant;

  self->grant.session.v = 0;
  assert_refused (self, self->camera, self->reader,
      G_IO_ERROR_INVALID_ARGUMENT);
  self->grant = whole;
  self->grant.camera.v = 0;
  assert_refused (self, self->camera, self->reader,
      G_IO_ERROR_INVALID_ARGUMENT);
  self->grant = whole;
  self->grant.generation = 0;
  assert_refused (self, self->camera, self->reader,
      G_IO_ERROR_INVALID_ARGUMENT);
  self->grant = whole;
  self->grant.granted_us = -1;
  assert_refused (self, self->camera, self->reader,
      G_IO_ERROR_INVALID_ARGUMENT);
}

/* I1: whatever the grant says, a worker is what it was born for. */
static void
test_other_grant (Fixture *self, gconstpointer data)
{
  const FoyerLinkGrant whole = self->grant;

  self->grant.camera.v = 4;
  assert_refused (self, self->camera, self->reader,
      G_IO_ERROR_PERMISSION_DENIED);
  self->grant = whole;
  self->grant.generation = 6;
  assert_refused (self, self->camera, self->reader,
      G_IO_ERROR_PERMISSION_DENIED);
  self->grant = whole;
  self->grant.session.v = 10;
  assert_refused (self, self->camera, self->reader,
      G_IO_ERROR_PERMISSION_DENIED);
}

static void
assert_reader_refused (Fixture *self, FoyerWorkerKind kind, guint64 session,
    guint64 camera, guint64 generation)
{
  g_autoptr (FoyerPeer) other = launch (self, kind,
      &(FoyerBirth){ .session = { session },
          .camera = { camera },
          .generation = generation });

  assert_refused (self, self->camera, other, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_other_reader (Fixture *self, gconstpointer data)
{
  assert_reader_refused (self, FOYER_WORKER_CAST, 10, 3, 5);
  assert_reader_refused (self, FOYER_WORKER_CAST, 9, 4, 5);
  assert_reader_refused (self, FOYER_WORKER_CAST, 9, 3, 4);
  assert_reader_refused (self, FOYER_WORKER_SLATE, 9, 3, 5);
  assert_refused (self, self->camera, self->camera,
      G_IO_ERROR_PERMISSION_DENIED);
}

static void
assert_camera_refused (Fixture *self, FoyerWorkerKind kind, guint64 session,
    guint64 camera, guint64 generation)
{
  g_autoptr (FoyerPeer) other = launch (self, kind,
      &(FoyerBirth){ .session = { session },
          .camera = { camera },
          .generation = generation });

  assert_refused (self, other, self->reader, G_IO_ERROR_PERMISSION_DENIED);
}

static void
test_other_camera (Fixture *self, gconstpointer data)
{
  assert_camera_refused (self, FOYER_WORKER_CAMERA, 0, 4, 5);
  assert_camera_refused (self, FOYER_WORKER_CAMERA, 0, 3, 4);
  assert_camera_refused (self, FOYER_WORKER_CAMERA, 9, 3, 5);
  assert_camera_refused (self, FOYER_WORKER_CAST, 0, 3, 5);
  assert_refused (self, self->reader, self->reader,
      G_IO_ERROR_PERMISSION_DENIED);
}

static FoyerMessage
make_app_config (void)
{
  return (FoyerMessage){ .type = FOYER_MESSAGE_APP_CONFIG,
    .session = { 9 },
    .camera = { 3 },
    .generation = 5,
    .granted_us = 1000,
    .max_age_us = 1000000,
    .shape = shape,
    .text = "Porch" };
}

/* The link to a program: its writing end goes to the worker behind the gate. */
static void
test_outlet (Fixture *self, gconstpointer data)
{
  const FoyerMessage config = make_app_config ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerPeer) app = launch (self, FOYER_WORKER_APP,
      &(FoyerBirth){ .session = { 9 }, .camera = { 3 }, .generation = 5 });
  FoyerTestWorker *worker = foyer_test_workers_get_last (&self->launcher,
      FOYER_WORKER_APP);
  int fds[FOYER_CHANNEL_MAX_FDS];
  char byte = 'x';
  foyer_autofd int reading = foyer_broker_open_outlet (&config, app,
      STDERR_FILENO, &error);

  g_assert_no_error (error);
  foyer_test_worker_expect (worker, FOYER_MESSAGE_APP_CONFIG, NULL, fds);
  g_assert_cmpint (send (fds[0], &byte, 1, 0), ==, 1);
  g_assert_cmpint (recv (reading, &byte, 1, 0), ==, 1);
  close (fds[0]);
  close (fds[1]);
  g_assert_cmpint (recv (reading, &byte, 1, 0), ==, 0);
}

/* I1: of no other session, camera or opening, and to no worker of another kind. */
static void
test_other_outlet (Fixture *self, gconstpointer data)
{
  static const FoyerBirth births[] = {
    { .session = { 10 }, .camera = { 3 }, .generation = 5 },
    { .session = { 9 }, .camera = { 4 }, .generation = 5 },
    { .session = { 9 }, .camera = { 3 }, .generation = 4 },
  };
  FoyerMessage config = make_app_config ();
  FoyerMessage message;

  for (guint i = 0; i < G_N_ELEMENTS (births); i++) {
    g_autoptr (FoyerPeer) app = launch (self, FOYER_WORKER_APP, &births[i]);
    g_autoptr (GError) error = NULL;

    g_assert_cmpint (foyer_broker_open_outlet (&config, app, STDERR_FILENO,
                         &error),
        ==, -1);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
    g_assert_false (
        foyer_test_worker_hear (foyer_test_workers_get_last (&self->launcher,
                                    FOYER_WORKER_APP),
            &message, NULL));
  }
  for (guint i = 0; i < 2; i++) {
    const int code = i == 0 ? G_IO_ERROR_PERMISSION_DENIED
                            : G_IO_ERROR_INVALID_ARGUMENT;
    g_autoptr (GError) error = NULL;

    config.session.v = i == 0 ? 9 : 0;
    g_assert_cmpint (foyer_broker_open_outlet (&config, self->reader,
                         STDERR_FILENO, &error),
        ==, -1);
    g_assert_error (error, G_IO_ERROR, code);
  }
}

static void
test_dead_outlet (Fixture *self, gconstpointer data)
{
  const FoyerMessage config = make_app_config ();
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerPeer) app = launch (self, FOYER_WORKER_APP,
      &(FoyerBirth){ .session = { 9 }, .camera = { 3 }, .generation = 5 });

  foyer_peer_kill (app);
  g_assert_cmpint (foyer_broker_open_outlet (&config, app, STDERR_FILENO,
                       &error),
      ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* Both or neither: one that can't be told now keeps the other from hearing. */
static void
test_not_now (Fixture *self, gconstpointer data)
{
  const FoyerMessage close = { .type = FOYER_MESSAGE_CLOSE };
  FoyerMessage message;

  g_assert_true (foyer_peer_send (self->reader, &close, NULL, 0));
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_CLOSE, &message,
      NULL);
  assert_refused (self, self->camera, self->reader, G_IO_ERROR_BUSY);
}

static void
test_dead (Fixture *self, gconstpointer data)
{
  foyer_peer_kill (self->camera);
  assert_refused (self, self->camera, self->reader, G_IO_ERROR_BUSY);
}

/* One died and nobody knows yet: what the other got leads nowhere. */
static void
test_camera_dies (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int reading[FOYER_CHANNEL_MAX_FDS];
  char byte;

  foyer_test_worker_exit (self->camera_worker, FALSE);
  g_assert_false (
      foyer_broker_join (&self->grant, self->camera, self->reader, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_LINK, NULL,
      reading);
  g_assert_cmpint (recv (reading[0], &byte, 1, 0), ==, 0);
  close (reading[0]);
}

static void
test_reader_dies (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  FoyerMessage message;

  foyer_test_worker_exit (self->reader_worker, FALSE);
  g_assert_false (
      foyer_broker_join (&self->grant, self->camera, self->reader, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_false (foyer_test_worker_hear (self->camera_worker, &message, NULL));
}

static void
test_twice (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (
      foyer_broker_join (&self->grant, self->camera, self->reader, &error));
  foyer_test_worker_expect (self->camera_worker, FOYER_MESSAGE_LINK, NULL,
      NULL);
  foyer_test_worker_expect (self->reader_worker, FOYER_MESSAGE_LINK, NULL,
      NULL);
  assert_refused (self, self->camera, self->reader, G_IO_ERROR_BUSY);
}

#define ADD(path, function) \
  g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/broker/join", test_join);
  ADD ("/broker/join-sound", test_join_sound);
  ADD ("/broker/refuse/sound-not-granted", test_sound_not_granted);
  ADD ("/broker/refuse/nothing-granted", test_nothing_granted);
  ADD ("/broker/refuse/other-grant", test_other_grant);
  ADD ("/broker/refuse/other-reader", test_other_reader);
  ADD ("/broker/refuse/other-camera", test_other_camera);
  ADD ("/broker/refuse/not-now", test_not_now);
  ADD ("/broker/refuse/dead", test_dead);
  ADD ("/broker/refuse/camera-dies", test_camera_dies);
  ADD ("/broker/refuse/reader-dies", test_reader_dies);
  ADD ("/broker/refuse/twice", test_twice);
  ADD ("/broker/outlet", test_outlet);
  ADD ("/broker/refuse/other-outlet", test_other_outlet);
  ADD ("/broker/refuse/dead-outlet", test_dead_outlet);
  return g_test_run ();
}
