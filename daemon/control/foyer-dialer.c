/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-dialer.h"

#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define LIMIT_MS       5000
#define LOWEST_PORT    1024 /* those below are for services of the system */
#define ADDRESS_LENGTH sizeof (struct sockaddr_storage)

/* One attempt; the task's data. */
typedef struct
{
  GCancellable *cancellable; /* ends the attempt: caller or limit */
  GCancellable *caller;      /* nullable */
  gulong caller_handler;
  guint limit;
  gboolean is_late;
} Attempt;

static void
attempt_free (gpointer data)
{
  Attempt *self = data;

  g_clear_handle_id (&self->limit, g_source_remove);
  if (self->caller != NULL)
    g_cancellable_disconnect (self->caller, self->caller_handler);
  g_clear_object (&self->caller);
  g_clear_object (&self->cancellable);
  g_free (self);
}

void
foyer_line_init (FoyerLine *self)
{
  self->tcp = -1;
  self->udp = -1;
}

void
foyer_line_clear (FoyerLine *self)
{
  foyer_fd_clear (&self->tcp);
  foyer_fd_clear (&self->udp);
}

static gboolean
fail_errno (GError **error, const char *what)
{
  int number = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number),
      "%s: %s", what, g_strerror (number));
  return FALSE;
}

static void
set_port (struct sockaddr_storage *address, guint16 port)
{
  if (address->ss_family == AF_INET6)
    ((struct sockaddr_in6 *) address)->sin6_port = g_htons (port);
  else
    ((struct sockaddr_in *) address)->sin_port = g_htons (port);
}

/* A UDP socket where the TCP connection is at our end. */
static gboolean
bind_media (FoyerLine *line, GError **error)
{
  struct sockaddr_storage address = { 0 };
  socklen_t n_bytes = ADDRESS_LENGTH;

  if (getsockname (line->tcp, (struct sockaddr *) &address, &n_bytes) < 0)
    return fail_errno (error, "asking for our address");
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
        "neither IPv4 nor IPv6");
    return FALSE;
  }
  set_port (&address, 0);
  line->udp = socket (
      address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (line->udp < 0)
    return fail_errno (error, "making a UDP socket");
  if (bind (line->udp, (struct sockaddr *) &address, n_bytes) < 0)
    return fail_errno (error, "binding a UDP socket");
  return TRUE;
}

static FoyerLine *
take_line (GSocketConnection *connection, GError **error)
{
  g_auto (FoyerLine) line = { -1, -1 };
  int fd = g_socket_get_fd (g_socket_connection_get_socket (connection));

  line.tcp = fcntl (fd, F_DUPFD_CLOEXEC, 3);
  if (line.tcp < 0) {
    fail_errno (error, "keeping a connection");
    return NULL;
  }
  if (!bind_media (&line, error))
    return NULL;

  FoyerLine *taken = g_memdup2 (&line, sizeof line);

  foyer_line_init (&line);
  return taken;
}

static void
line_free (gpointer data)
{
  foyer_line_clear (data);
  g_free (data);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *attempt = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_to_host_finish (
          G_SOCKET_CLIENT (source), result, &error);
  FoyerLine *line =
      connection != NULL ? take_line (connection, &error) : NULL;

  g_clear_handle_id (&attempt->limit, g_source_remove);
  if (line != NULL)
    g_task_return_pointer (task, line, line_free);
  else if (attempt->is_late)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
        "no answer within %d seconds", LIMIT_MS / 1000);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
on_limit (gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->limit = 0;
  attempt->is_late = TRUE;
  g_cancellable_cancel (attempt->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *caller, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

void
foyer_dialer_dial_async (const char *host, guint16 port,
    GCancellable *cancellable, GAsyncReadyCallback callback,
    gpointer user_data)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnectable) address = NULL;
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Attempt *attempt = g_new0 (Attempt, 1);

  g_task_set_source_tag (task, foyer_dialer_dial_async);
  attempt->cancellable = g_cancellable_new ();
  g_task_set_task_data (task, attempt, attempt_free);
  g_socket_client_set_enable_proxy (client, FALSE);
  attempt->limit = g_timeout_add (LIMIT_MS, on_limit, attempt);
  if (cancellable != NULL) {
    attempt->caller = g_object_ref (cancellable);
    attempt->caller_handler = g_cancellable_connect (cancellable,
        G_CALLBACK (on_cancelled), g_object_ref (attempt->cancellable),
        g_object_unref);
  }
  g_socket_client_connect_to_host_async (
      client, host, port, attempt->cancellable, on_connected, task);
}

gboolean
foyer_dialer_dial_finish (GAsyncResult *result, FoyerLine *line,
    GError **error)
{
  FoyerLine *made;

  foyer_line_init (line);
  made = g_task_propagate_pointer (G_TASK (result), error);
  if (made == NULL)
    return FALSE;
  *line = *made;
  g_free (made);
  return TRUE;
}

gboolean
foyer_line_connect_media (FoyerLine *self, guint16 port, GError **error)
{
  struct sockaddr_storage address = { 0 };
  socklen_t n_bytes = ADDRESS_LENGTH;
  g_auto (FoyerLine) line = *self;

  foyer_line_init (self);
  if (port < LOWEST_PORT) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a display takes no media at port %u", port);
    return FALSE;
  }
  if (getpeername (line.tcp, (struct sockaddr *) &address, &n_bytes) < 0)
    return fail_errno (error, "asking for the display's address");
  set_port (&address, port);
  if (connect (line.udp, (struct sockaddr *) &address, n_bytes) < 0)
    return fail_errno (error, "connecting to the display's media port");
  return TRUE;
}
