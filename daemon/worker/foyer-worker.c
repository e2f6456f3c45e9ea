/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-worker.h"

#include "foyer-fd.h"
#include "foyer-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#define LAST_OWN_FD FOYER_SANDBOX_SOUND_FD

struct _FoyerWorker
{
  const FoyerWorkerClass *klass;
  gpointer user_data;
  FoyerProtocol protocol;
  FoyerCodecs codecs; /* for READY */
  gboolean is_over;   /* the last word was said */
  gboolean has_libcamera;
};

/* Nothing is freed or wiped: the kernel does both. */
G_GNUC_NORETURN static void
die (int status)
{
  _exit (status);
}

static void
close_fds (int *fds)
{
  for (guint i = 0; i < FOYER_CHANNEL_MAX_FDS; i++)
    foyer_fd_clear (&fds[i]);
}

/* One message, or none; whatever is wrong with the channel ends the worker. */
static gboolean
receive (FoyerWorker *self, FoyerMessage *message, int *fds)
{
  g_autoptr (GError) error = NULL;
  int result = foyer_channel_receive (FOYER_CHANNEL_FD, &self->protocol, FALSE,
      message, fds, &error);

  if (result < 0) {
    gboolean is_closed = g_error_matches (error, G_IO_ERROR,
        G_IO_ERROR_CONNECTION_CLOSED);

    if (!is_closed)
      g_warning ("the channel is broken: %s", error->message);
    if (self->klass->orphan != NULL)
      self->klass->orphan (self->user_data);
    die (is_closed ? 0 : 1);
  }
  return result > 0;
}

static gboolean
on_channel_ready (int fd, GIOCondition ready, gpointer user_data)
{
  FoyerWorker *self = user_data;
  int fds[FOYER_CHANNEL_MAX_FDS];
  FoyerMessage message;

  while (receive (self, &message, fds)) {
    if (self->is_over)
      close_fds (fds);
    else
      self->klass->take (self, &message, fds, self->user_data);
  }
  return G_SOURCE_CONTINUE;
}

/* To stderr, whatever that is: the journal's own protocol would need a socket. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields,
    gpointer user_data)
{
  const char *domain = NULL;

  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "GLIB_DOMAIN"))
      domain = fields[i].value;
  if (g_log_writer_default_would_drop (level, domain))
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_standard_streams (level, fields, n_fields, user_data);
}

/* Only what foyerd gave is open, and the numbers that the sandbox knows are
 * taken until what belongs there comes. */
static void
tidy (void)
{
  foyer_autofd int null = -1;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  signal (SIGPIPE, SIG_IGN);
  (void) close_range (FOYER_CHANNEL_FD + 1, ~0U, 0);
  null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = FOYER_CHANNEL_FD + 1; null >= 0 && fd <= LAST_OWN_FD; fd++)
    if (fd != null)
      (void) dup3 (null, fd, O_CLOEXEC);
  if (null <= LAST_OWN_FD)
    null = -1;
  /* Arenas for each thread would cost more than the frames do. */
  mallopt (M_ARENA_MAX, 1);
  g_log_set_writer_func (write_log, NULL, NULL);
  tzset (); /* it reads a file */
}

static void
hear_config (FoyerWorker *self, FoyerMessage *config, int *fds)
{
  struct pollfd channel = { .fd = FOYER_CHANNEL_FD, .events = POLLIN };

  (void) fcntl (FOYER_CHANNEL_FD, F_SETFD, FD_CLOEXEC);
  while (!receive (self, config, fds))
    if (poll (&channel, 1, -1) < 0 && errno != EINTR)
      die (1);
}

static gboolean
lock_in (FoyerWorker *self, const char **lacks, GError **error)
{
  return self->has_libcamera
      ? foyer_sandbox_enter_libcamera (lacks, error)
      : foyer_sandbox_enter (self->klass->kind, lacks, error);
}

void
foyer_worker_run (const FoyerWorkerClass *klass, gpointer user_data)
{
  FoyerWorker self = { .klass = klass, .user_data = user_data };
  int fds[FOYER_CHANNEL_MAX_FDS];
  g_autoptr (GError) error = NULL;
  FoyerMessage config, ready = { .type = FOYER_MESSAGE_READY };
  const char *lacks = "";

  tidy ();
  foyer_protocol_init (&self.protocol, klass->kind);
  hear_config (&self, &config, fds);
  if (!klass->prepare (&self, &config, fds, user_data, &error) ||
      !lock_in (&self, &lacks, &error)) {
    foyer_worker_fail (&self, FOYER_REASON_WORKER_DIED, NULL, error->message);
    die (1);
  }
  malloc_trim (0);
  ready.codecs = self.codecs;
  foyer_worker_set_text (&ready, lacks);
  foyer_worker_say (&self, &ready, -1);
  klass->begin (&self, user_data);
  g_unix_fd_add (FOYER_CHANNEL_FD, G_IO_IN | G_IO_HUP, on_channel_ready, &self);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

void
foyer_worker_set_libcamera (FoyerWorker *self)
{
  self->has_libcamera = TRUE;
}

void
foyer_worker_set_codecs (FoyerWorker *self, FoyerCodecs codecs)
{
  self->codecs = codecs;
}

void
foyer_worker_say (FoyerWorker *self, const FoyerMessage *message, int fd)
{
  g_autoptr (GError) error = NULL;

  if (foyer_channel_send (FOYER_CHANNEL_FD, &self->protocol, TRUE, message, &fd,
          fd >= 0 ? 1 : 0, &error))
    return;
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED))
    g_critical ("can't say %s: %s",
        foyer_message_type_to_string (message->type), error->message);
  die (1);
}

void
foyer_worker_say_type (FoyerWorker *self, FoyerMessageType type)
{
  const FoyerMessage message = { .type = type };

  foyer_worker_say (self, &message, -1);
}

void
foyer_worker_set_text (FoyerMessage *message, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  gsize n_bytes = strlen (valid);

  if (n_bytes >= sizeof message->text) {
    const char *end = g_utf8_find_prev_char (valid,
        valid + sizeof message->text);

    n_bytes = end != NULL ? (gsize) (end - valid) : 0;
  }
  memset (message->text, 0, sizeof message->text);
  memcpy (message->text, valid, n_bytes);
}

static void
say_last (FoyerWorker *self, FoyerMessage *message, const FoyerAccount *account)
{
  static const FoyerAccount none = { .rtt_us = -1, .delay_us = -1 };

  if (self->is_over)
    return;
  self->is_over = TRUE;
  message->account = account != NULL ? *account : none;
  foyer_worker_say (self, message, -1);
}

void
foyer_worker_fail (FoyerWorker *self, FoyerReason reason,
    const FoyerAccount *account, const char *words)
{
  FoyerMessage message = { .type = FOYER_MESSAGE_FAILED,
    .reason = (guint8) reason };

  foyer_worker_set_text (&message, words);
  say_last (self, &message, account);
}

void
foyer_worker_close (FoyerWorker *self, const FoyerAccount *account)
{
  FoyerMessage message = { .type = FOYER_MESSAGE_CLOSED };

  say_last (self, &message, account);
}

gboolean
foyer_worker_is_over (const FoyerWorker *self)
{
  return self->is_over;
}

int
foyer_worker_place_fd (int fd, int at)
{
  if (fd >= 0 && fd != at) {
    if (dup3 (fd, at, O_CLOEXEC) < 0)
      die (1);
    close (fd);
  }
  return at;
}
