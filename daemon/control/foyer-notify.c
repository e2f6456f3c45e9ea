/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-notify.h"

#include "foyer-fd.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

void
foyer_notify (const char *words)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize n_bytes = path != NULL ? strlen (path) : 0;
  foyer_autofd int fd = -1;

  if (n_bytes < 2 || n_bytes >= sizeof address.sun_path)
    return;
  memcpy (address.sun_path, path, n_bytes);
  /* unix(7): an abstract name begins with a zero. */
  if (path[0] == '@')
    address.sun_path[0] = '\0';
  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  n_bytes += offsetof (struct sockaddr_un, sun_path);
  if (fd < 0 ||
      sendto (fd, words, strlen (words), MSG_NOSIGNAL,
          (struct sockaddr *) &address, (socklen_t) n_bytes) < 0)
    g_warning ("telling that %s: %s", words, g_strerror (errno));
}
