/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ioctl.h"

#include <errno.h>
#include <sys/ioctl.h>

static int
system_call (int fd, unsigned long request, void *argument, gpointer user_data)
{
  int result;

  do
    result = ioctl (fd, request, argument);
  while (result < 0 && errno == EINTR);
  return result;
}

void
foyer_ioctl_init (FoyerIoctl *self, int fd)
{
  *self = (FoyerIoctl){ .fd = fd, .call = system_call };
}

gboolean
foyer_ioctl_ask (const FoyerIoctl *self, unsigned long request, void *argument)
{
  return self->call (self->fd, request, argument, self->user_data) >= 0;
}

gboolean
foyer_ioctl_fail (const char *what, GError **error)
{
  int number = errno;

  g_set_error (error, G_FILE_ERROR, (int) g_file_error_from_errno (number),
      "%s: %s", what, number == ENODEV ? "it is gone" : g_strerror (number));
  return FALSE;
}
