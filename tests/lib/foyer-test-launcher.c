/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-launcher.h"

#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#define PATIENCE_MS 20000

void
foyer_test_worker_launch (FoyerTestWorker *self, FoyerWorkerKind kind,
    const char *program)
{
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_true (foyer_channel_pair (ends, &error));
  self->name = program;
  self->channel = ends[0];
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
  g_autoptr (GError) error = NULL;

  if (!foyer_channel_send (self->channel, &self->protocol, FALSE, message, fds,
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
}
