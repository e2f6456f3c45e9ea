/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-dialer.h"

#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define LIMIT_MS       5000
#define BACKLOG        16
#define LOWEST_PORT    1024 /* those below are for services of the system */
#define ADDRESS_LENGTH sizeof (struct sockaddr_storage)

/* One call to a display; the task's data. */
typedef struct
{
  GSocketClient *client;
  char **hosts;
  guint n_tried;
  guint16 port;
  guint limit_ms;            /* of each host */
  GCancellable *cancellable; /* ends the attempt at the present host */
  guint limit;
} Attempt;

static void dial_next (GTask *task);

static void
attempt_free (gpointer data)
{
  Attempt *self = data;

  g_clear_handle_id (&self->limit, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->client);
  g_strfreev (self->hosts);
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
  line->udp = socket (address.ss_family,
      SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
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
      g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result,
          &error);
  FoyerLine *line = connection != NULL ? take_line (connection, &error) : NULL;
  gboolean is_late = attempt->limit == 0;

  g_clear_handle_id (&attempt->limit, g_source_remove);
  if (line != NULL)
    g_task_return_pointer (task, line, line_free);
  else if (g_task_return_error_if_cancelled (task))
    return;
  else if (attempt->hosts[attempt->n_tried] != NULL)
    dial_next (g_steal_pointer (&task));
  else if (is_late)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
        "no answer in time");
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static gboolean
on_limit (gpointer user_data)
{
  Attempt *attempt = user_data;

  attempt->limit = 0;
  g_cancellable_cancel (attempt->cancellable);
  return G_SOURCE_REMOVE;
}

/* The caller gave up: so does the attempt under way. */
static void
on_cancelled (GCancellable *caller, gpointer user_data)
{
  GTask *task = user_data;
  Attempt *attempt = g_task_get_task_data (task);

  g_cancellable_cancel (attempt->cancellable);
}

/* Takes the task. */
static void
dial_next (GTask *task)
{
  Attempt *attempt = g_task_get_task_data (task);
  const char *host = attempt->hosts[attempt->n_tried++];

  g_set_object (&attempt->cancellable, NULL);
  attempt->cancellable = g_cancellable_new ();
  attempt->limit = g_timeout_add (attempt->limit_ms, on_limit, attempt);
  g_socket_client_connect_to_host_async (attempt->client, host, attempt->port,
      attempt->cancellable, on_connected, task);
}

void
foyer_dialer_dial_async (const char *const *hosts, guint16 port,
    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Attempt *attempt = g_new0 (Attempt, 1);
  guint n_hosts = g_strv_length ((char **) hosts);

  g_task_set_source_tag (task, foyer_dialer_dial_async);
  g_task_set_task_data (task, attempt, attempt_free);
  attempt->client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (attempt->client, FALSE);
  attempt->hosts = g_strdupv ((char **) hosts);
  attempt->port = port;
  attempt->limit_ms = LIMIT_MS / MAX (n_hosts, 1);
  if (n_hosts == 0) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "nobody knows where the display is");
    g_object_unref (task);
    return;
  }
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled",
        G_CALLBACK (on_cancelled), task, 0);
  dial_next (task);
}

gboolean
foyer_dialer_dial_finish (GAsyncResult *result, FoyerLine *line, GError **error)
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

int
foyer_dialer_open_roots (const char *path, GError **error)
{
  int fd = open (path != NULL ? path : "/dev/null", O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    fail_errno (error, "opening the roots");
  return fd;
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

gboolean
foyer_line_listen (FoyerLine *self, GError **error)
{
  struct sockaddr_storage address = { 0 };
  socklen_t n_bytes = ADDRESS_LENGTH;

  foyer_fd_clear (&self->udp);
  if (getsockname (self->tcp, (struct sockaddr *) &address, &n_bytes) < 0)
    return fail_errno (error, "asking for our address");
  set_port (&address, 0);
  self->udp = socket (address.ss_family,
      SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->udp < 0)
    return fail_errno (error, "making a socket to listen on");
  if (bind (self->udp, (struct sockaddr *) &address, n_bytes) < 0 ||
      listen (self->udp, BACKLOG) < 0)
    return fail_errno (error, "listening for the display");
  return TRUE;
}
