/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-launcher.h"

#include "foyer-fd.h"
#include "foyer-memfd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 60000 /* ends only what hangs */
#define AGE_US      (1000 * 1000)
#define DELAY_MS    400

void
foyer_test_worker_launch (FoyerTestWorker *self, FoyerWorkerKind kind,
    const char *program)
{
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_true (foyer_channel_pair (ends, &error));
  self->name = program;
  self->channel = ends[0];
  self->tally = -1;
  foyer_protocol_init (&self->protocol, kind);
  self->pid = fork ();
  g_assert_cmpint (self->pid, >=, 0);
  if (self->pid == 0) {
    /* Any that a program of this test has open must be closed by the worker. */
    if (ends[1] == FOYER_CHANNEL_FD)
      (void) fcntl (ends[1], F_SETFD, 0);
    else if (dup2 (ends[1], FOYER_CHANNEL_FD) < 0)
      _exit (126);
    execl (program, program, NULL);
    _exit (127);
  }
  close (ends[1]);
}

void
foyer_test_worker_say (FoyerTestWorker *self, const FoyerMessage *message,
    const int *fds, guint n_fds)
{
  int all[FOYER_CHANNEL_MAX_FDS];
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_fds; i++)
    all[i] = fds[i];
  if (message->type == FOYER_MESSAGE_CAST_CONFIG ||
      message->type == FOYER_MESSAGE_LOOPBACK_CONFIG) {
    foyer_fd_clear (&self->tally);
    self->tally = foyer_memfd_new ("tally");
    g_assert_no_errno (ftruncate (self->tally, FOYER_TALLY_BYTES));
    all[n_fds++] = self->tally;
  }
  if (!foyer_channel_send (self->channel, &self->protocol, FALSE, message, all,
          n_fds, &error))
    g_error ("%s: %s", self->name, error->message);
}

/* Waits for a message until @until_us. */
static gboolean
receive (FoyerTestWorker *self, FoyerMessage *message, int *fds,
    gint64 until_us)
{
  for (;;) {
    g_autoptr (GError) error = NULL;
    struct pollfd channel = { .fd = self->channel, .events = POLLIN };
    gint64 left_us = until_us - g_get_monotonic_time ();
    int result = foyer_channel_receive (self->channel, &self->protocol, TRUE,
        message, fds, &error);

    if (result < 0)
      g_error ("%s: %s", self->name, error->message);
    if (result > 0)
      return TRUE;
    if (left_us <= 0)
      return FALSE;
    poll (&channel, 1, (int) (left_us / 1000 + 1));
  }
}

static void
close_all (int *fds)
{
  for (guint i = 0; i < FOYER_CHANNEL_MAX_FDS; i++)
    foyer_fd_clear (&fds[i]);
}

void
foyer_test_worker_hear (FoyerTestWorker *self, FoyerMessageType type,
    FoyerMessage *message, int *fd)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  int fds[FOYER_CHANNEL_MAX_FDS];

  for (;;) {
    if (!receive (self, message, fds, until_us))
      g_error ("%s did not say %s", self->name,
          foyer_message_type_to_string (type));
    g_test_message ("%s says %s %s", self->name,
        foyer_message_type_to_string (message->type), message->text);
    if (message->type == type && fd != NULL)
      *fd = g_steal_fd (&fds[0]);
    close_all (fds);
    if (message->type == type)
      return;
    if (message->type == FOYER_MESSAGE_FAILED)
      g_error ("%s failed: %s", self->name, message->text);
  }
}

gboolean
foyer_test_worker_hears_within (FoyerTestWorker *self, FoyerMessageType type,
    guint ms)
{
  gint64 until_us = g_get_monotonic_time () + (gint64) ms * 1000;
  int fds[FOYER_CHANNEL_MAX_FDS];
  FoyerMessage message;

  while (receive (self, &message, fds, until_us)) {
    close_all (fds);
    if (message.type == type)
      return TRUE;
  }
  return FALSE;
}

int
foyer_test_worker_wait (FoyerTestWorker *self)
{
  gint64 until_us = g_get_monotonic_time () + PATIENCE_MS * 1000;
  int status = 0;

  while (waitpid (self->pid, &status, WNOHANG) == 0) {
    if (g_get_monotonic_time () > until_us)
      g_error ("%s does not end", self->name);
    g_usleep (1000);
  }
  self->pid = 0;
  return status;
}

void
foyer_test_worker_clear (FoyerTestWorker *self)
{
  if (self->pid > 0) {
    kill (self->pid, SIGKILL);
    waitpid (self->pid, NULL, 0);
    self->pid = 0;
  }
  foyer_fd_clear (&self->channel);
  foyer_fd_clear (&self->tally);
}

FoyerMessage
foyer_test_make_grant (FoyerMessageType type, guint64 session, guint64 camera,
    const FoyerShape *shape)
{
  return (FoyerMessage){ .type = type,
    .session = { session },
    .camera = { camera },
    .generation = 1,
    .granted_us = g_get_monotonic_time (),
    .max_age_us = AGE_US,
    .delay_ms = DELAY_MS,
    .transport = FOYER_TRANSPORT_STREAMING,
    .media = 1,
    .shape = *shape,
    .text = "Nursery" };
}

void
foyer_test_start_camera (FoyerTestWorker *self, const char *program,
    guint64 camera, guint number, const FoyerShape *shape)
{
  const FoyerMessage config = { .type = FOYER_MESSAGE_CAMERA_CONFIG,
    .camera = { camera },
    .generation = 1,
    .source = FOYER_SOURCE_DRAWN,
    .number = number,
    .ticking = FOYER_TICKING_ON,
    .shape = *shape,
    .text = "Nursery" };
  FoyerMessage message;

  foyer_test_worker_launch (self, FOYER_WORKER_CAMERA, program);
  foyer_test_worker_say (self, &config, NULL, 0);
  foyer_test_worker_hear (self, FOYER_MESSAGE_READY, &message, NULL);
  foyer_test_worker_hear (self, FOYER_MESSAGE_OPENED, &message, NULL);
  g_assert_cmpuint (message.camera.v, ==, camera);
  g_assert_cmpuint (message.shape.width_px, ==, shape->width_px);
}

static int
make_socket (int type)
{
  const struct sockaddr_in any = { .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);

  g_assert_no_errno (bind (fd, (const struct sockaddr *) &any, sizeof any));
  return fd;
}

static void
connect_to (int fd, guint16 port)
{
  const struct sockaddr_in to = { .sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
    .sin_port = htons (port) };

  g_assert_no_errno (connect (fd, (const struct sockaddr *) &to, sizeof to));
}

int
foyer_test_launch_cast (FoyerTestWorker *self, const char *program,
    const FoyerMessage *config, guint16 port, int roots)
{
  foyer_autofd int tcp = make_socket (SOCK_STREAM);
  int udp = make_socket (SOCK_DGRAM);
  int fds[3] = { tcp, udp, roots };

  connect_to (tcp, port);
  foyer_test_worker_launch (self, FOYER_WORKER_CAST, program);
  g_assert_cmpint (lseek (roots, 0, SEEK_SET), ==, 0);
  foyer_test_worker_say (self, config, fds, 3);
  return udp;
}

void
foyer_test_approve (FoyerTestWorker *self)
{
  const FoyerMessage approval = { .type = FOYER_MESSAGE_APPROVE,
    .codecs = self->codecs != 0 ? self->codecs : FOYER_CODECS_ALL };
  FoyerMessage message;

  foyer_test_worker_hear (self, FOYER_MESSAGE_IDENTITY, &message, NULL);
  g_assert_true (message.has_signed && message.has_chain && message.is_device);
  foyer_test_worker_say (self, &approval, NULL, 0);
}

void
foyer_test_connect_media (FoyerTestWorker *self, int udp,
    FoyerMessage *streaming)
{
  foyer_test_worker_hear (self, FOYER_MESSAGE_STREAMING, streaming, NULL);
  connect_to (udp, (guint16) streaming->number);
}

void
foyer_test_say_link (FoyerTestWorker *self, guint64 session, guint64 camera,
    const FoyerShape *shape, int fd)
{
  const FoyerMessage link = foyer_test_make_grant (FOYER_MESSAGE_LINK, session,
      camera, shape);

  foyer_test_worker_say (self, &link, &fd, 1);
}

void
foyer_test_join (FoyerTestWorker *camera, FoyerTestWorker *reader,
    guint64 session, guint64 camera_id, const FoyerShape *shape)
{
  int ends[2];

  g_assert_true (foyer_channel_pair (ends, NULL));
  foyer_test_say_link (camera, session, camera_id, shape, ends[0]);
  foyer_test_say_link (reader, session, camera_id, shape, ends[1]);
  close (ends[0]);
  close (ends[1]);
}

void
foyer_test_close (FoyerTestWorker *self)
{
  const FoyerMessage message = { .type = FOYER_MESSAGE_CLOSE };

  foyer_test_worker_say (self, &message, NULL, 0);
}
