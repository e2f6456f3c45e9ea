/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-session.h"

#include <gio/gio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_ERRNO 133 /* EHWPOISON, the last that Linux has */

/* GLib converts the words for an errno from the locale's charset the first time,
 * and looks for how to do that in files; a log line has the time of day in it. */
static void
load_words (void)
{
  /* To the compiler a call of which nothing is used is none. */
  const char *(*volatile get_words) (int) = g_strerror;

  for (int problem = 1; problem <= MAX_ERRNO; problem++)
    (void) get_words (problem);
  tzset ();
}

/* A TLS client on a socket that leads nowhere: whatever is made with the first
 * one of a process is made then. */
gboolean
foyer_cast_session_warm_up (GError **error)
{
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GIOStream) tls = NULL;
  g_autoptr (GError) cause = NULL;
  int ends[2];

  load_words ();
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
    g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TLS,
        "no socket to warm TLS up with");
    return FALSE;
  }
  (void) close (ends[1]);
  socket = g_socket_new_from_fd (ends[0], &cause);
  if (socket != NULL)
    connection = g_socket_connection_factory_create_connection (socket);
  if (connection != NULL)
    tls = g_initable_new (g_tls_backend_get_client_connection_type (
                              g_tls_backend_get_default ()),
        NULL, &cause, "base-io-stream", connection, "database", NULL, NULL);
  if (tls == NULL)
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TLS,
        "no TLS on this machine: %s", cause->message);
  return tls != NULL;
}
