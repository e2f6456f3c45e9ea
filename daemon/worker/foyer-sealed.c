/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-sealed.h"

#include "foyer-fd.h"
#include "foyer-memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define CONTENT_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

GBytes *
foyer_sealed_read (int fd, gsize max_bytes)
{
  foyer_autofd int owned = fd;
  struct stat about;
  gpointer data;
  GBytes *copy;
  int seals = fcntl (owned, F_GET_SEALS);

  if (seals < 0 || (seals & CONTENT_SEALS) != CONTENT_SEALS ||
      fstat (owned, &about) != 0 || about.st_size <= 0 ||
      (gsize) about.st_size > max_bytes)
    return NULL;
  data = mmap (NULL, (gsize) about.st_size, PROT_READ, MAP_SHARED, owned, 0);
  if (data == MAP_FAILED)
    return NULL;
  copy = g_bytes_new (data, (gsize) about.st_size);
  (void) munmap (data, (gsize) about.st_size);
  return copy;
}

int
foyer_sealed_new (GBytes *bytes)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);
  foyer_autofd int fd = foyer_memfd_new ("foyer-sealed");

  if (fd < 0 || write (fd, data, n_bytes) != (gssize) n_bytes ||
      fcntl (fd, F_ADD_SEALS, CONTENT_SEALS | F_SEAL_SEAL) != 0)
    return -1;
  return g_steal_fd (&fd);
}
