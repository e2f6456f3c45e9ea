/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-workers.h"

#include "foyer-fd.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/socket.h>

static void
close_channel (FoyerTestWorker *self)
{
  foyer_fd_clear (&self->channel);
}

static void
worker_free (gpointer data)
{
  FoyerTestWorker *self = data;

  close_channel (self);
  foyer_fd_clear (&self->exit_end);
  g_free (self);
}

static gboolean
launch (gpointer user_data, FoyerWorkerKind kind, FoyerChild *child,
    GError **error)
{
  FoyerTestWorkers *self = user_data;
  FoyerTestWorker *worker;
  int channel[2], ends[2];

  if (self->is_failing) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "no such program");
    return FALSE;
  }
  if (!foyer_channel_pair (channel, error))
    return FALSE;
  g_assert_no_errno (pipe2 (ends, O_CLOEXEC | O_NONBLOCK));
  worker = g_new0 (FoyerTestWorker, 1);
  worker->kind = kind;
  worker->channel = channel[1];
  worker->exit_end = ends[1];
  foyer_protocol_init (&worker->protocol, kind);
  g_ptr_array_add (self->workers, worker);
  *child = (FoyerChild){
    .kind = kind,
    .pid = (pid_t) self->workers->len,
    .exit_fd = ends[0],
    .channel = channel[0],
  };
  return TRUE;
}

static void
doom (gpointer user_data, const FoyerChild *child)
{
}

static gboolean
end (gpointer user_data, FoyerChild *child)
{
  FoyerTestWorkers *self = user_data;
  FoyerTestWorker *worker = self->workers->pdata[child->pid - 1];

  g_assert_false (worker->is_ended);
  worker->is_ended = TRUE;
  close_channel (worker);
  foyer_fd_clear (&child->exit_fd);
  return worker->has_exited && worker->is_success;
}

void
foyer_test_workers_init (FoyerTestWorkers *self)
{
  self->launcher.launch = launch;
  self->launcher.doom = doom;
  self->launcher.end = end;
  self->launcher.user_data = self;
  self->workers = g_ptr_array_new_with_free_func (worker_free);
  self->is_failing = FALSE;
}

void
foyer_test_workers_clear (FoyerTestWorkers *self)
{
  g_clear_pointer (&self->workers, g_ptr_array_unref);
}

static guint
count (FoyerTestWorkers *self, FoyerWorkerKind kind, gboolean is_living)
{
  guint n_workers = 0;

  for (guint i = 0; i < self->workers->len; i++) {
    const FoyerTestWorker *worker = self->workers->pdata[i];

    if (worker->kind == kind && !(is_living && worker->is_ended))
      n_workers++;
  }
  return n_workers;
}

guint
foyer_test_workers_count (FoyerTestWorkers *self, FoyerWorkerKind kind)
{
  return count (self, kind, FALSE);
}

guint
foyer_test_workers_count_living (FoyerTestWorkers *self, FoyerWorkerKind kind)
{
  return count (self, kind, TRUE);
}

FoyerTestWorker *
foyer_test_workers_get_last (FoyerTestWorkers *self, FoyerWorkerKind kind)
{
  for (guint i = self->workers->len; i > 0; i--) {
    FoyerTestWorker *worker = self->workers->pdata[i - 1];

    if (worker->kind == kind)
      return worker;
  }
  g_error ("no foyer-%s was launched", foyer_worker_kind_to_string (kind));
}

void
foyer_test_worker_say (FoyerTestWorker *self, const FoyerMessage *message,
    int fd)
{
  g_autoptr (GError) error = NULL;

  gboolean is_sent = foyer_channel_send (self->channel, &self->protocol, TRUE,
      message, &fd, fd >= 0 ? 1 : 0, &error);
  g_assert_no_error (error);
  g_assert_true (is_sent);
}

void
foyer_test_worker_say_type (FoyerTestWorker *self, FoyerMessageType type)
{
  const FoyerMessage message = { .type = type };

  foyer_test_worker_say (self, &message, -1);
}

void
foyer_test_worker_babble (FoyerTestWorker *self, const char *bytes)
{
  g_assert_no_errno (
      (int) send (self->channel, bytes, strlen (bytes), MSG_NOSIGNAL));
}

gboolean
foyer_test_worker_hear (FoyerTestWorker *self, FoyerMessage *message, int *fds)
{
  g_autoptr (GError) error = NULL;
  int came[FOYER_CHANNEL_MAX_FDS];
  int result;

  if (self->channel < 0)
    return FALSE;
  result = foyer_channel_receive (self->channel, &self->protocol, FALSE,
      message, came, &error);
  if (result < 0 &&
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    return FALSE;
  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (came); i++) {
    if (fds != NULL)
      fds[i] = came[i];
    else
      foyer_fd_clear (&came[i]);
  }
  return result > 0;
}

void
foyer_test_worker_expect (FoyerTestWorker *self, FoyerMessageType type,
    FoyerMessage *message, int *fds)
{
  FoyerMessage heard = { 0 };

  (void) foyer_test_worker_hear (self, &heard, fds);
  g_assert_cmpstr (foyer_message_type_to_string (heard.type), ==,
      foyer_message_type_to_string (type));
  if (message != NULL)
    *message = heard;
}

void
foyer_test_worker_exit (FoyerTestWorker *self, gboolean is_success)
{
  self->has_exited = TRUE;
  self->is_success = is_success;
  close_channel (self);
  foyer_fd_clear (&self->exit_end);
}

void
foyer_test_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
