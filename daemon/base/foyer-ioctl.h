/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A device that is asked by ioctl(), or what a test has in its place. A broken device
 * may make a call last; who can't wait asks from another thread. */

/**
 * FoyerIoctl:
 * @fd: the device; borrowed
 * @call: ioctl(), or what a test has in its place: 0, or -1 with errno set
 * @user_data: for it
 */
typedef struct
{
  int fd;
  int (*call) (int fd, unsigned long request, void *argument,
      gpointer user_data);
  gpointer user_data;
} FoyerIoctl;

/* @fd: (transfer none): a device, asked by ioctl() */
void foyer_ioctl_init (FoyerIoctl *self, int fd);

/* %FALSE with errno set if it refuses. */
gboolean foyer_ioctl_ask (const FoyerIoctl *self, unsigned long request,
    void *argument);

/* @what: what was tried, of which errno tells why it failed. Returns: %FALSE, with a
 * #GFileError */
gboolean foyer_ioctl_fail (const char *what, GError **error);

G_END_DECLS
