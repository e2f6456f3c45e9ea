/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-worker.h"
#include "foyer-link-pool.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* foyer-cast gone wrong: linked with --wrap of the function below, it tries, from
 * inside its walls and with the pool of its link in hand, to map what it should not.
 * It says that it tried, and whatever it could do. Each fourth then does what kills. */

#define SAYS       "foyer-rogue-cast: "
#define KILLED_ONE 4

gboolean __real_foyer_link_pool_take (FoyerLinkPool *self, int fd,
    gsize slot_bytes, guint n_slots);
gboolean __wrap_foyer_link_pool_take (FoyerLinkPool *self, int fd,
    gsize slot_bytes, guint n_slots);

static void
note (gboolean is_done, const char *what)
{
  if (is_done)
    fprintf (stderr, SAYS "could %s\n", what);
}

static gboolean
can_map (int fd, gsize n_bytes, int protection)
{
  void *data = mmap (NULL, n_bytes, protection, MAP_SHARED, fd, 0);

  if (data == MAP_FAILED)
    return FALSE;
  munmap (data, n_bytes);
  return TRUE;
}

static gboolean
can_open (const char *path, int flags)
{
  int fd = open (path, flags | O_CLOEXEC);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static void
try_pool (int fd, gsize n_bytes)
{
  g_autofree char *again = g_strdup_printf ("/proc/self/fd/%d", fd);
  char byte = 1;

  note (can_map (fd, n_bytes, PROT_READ | PROT_WRITE), "map a pool to write");
  note (can_map (fd, n_bytes, PROT_READ | PROT_EXEC), "map a pool to run it");
  note (pwrite (fd, &byte, 1, 0) == 1, "write into a pool");
  note (ftruncate (fd, 0) == 0, "empty a pool");
  note (ftruncate (fd, (off_t) (2 * n_bytes)) == 0, "make a pool larger");
  note (can_open (again, O_RDWR), "open a pool anew");
}

static void
try_others (void)
{
  g_autofree char *memory = g_strdup_printf ("/proc/%d/mem", (int) getppid ());
  g_autofree char *maps = g_strdup_printf ("/proc/%d/maps", (int) getppid ());

  note (can_open (memory, O_RDONLY), "open the service's memory");
  note (can_open (maps, O_RDONLY), "open the service's maps");
  note (can_open ("/dev/mem", O_RDONLY), "open the machine's memory");
  note (can_open ("/dev/shm", O_RDONLY | O_DIRECTORY), "look into /dev/shm");
}

static void
try_fatal (void)
{
  char byte;
  struct iovec own = { &byte, 1 }, other = { &byte, 1 };

  process_vm_readv (getppid (), &own, 1, &other, 1, 0);
  note (TRUE, "ask for another's memory and live");
}

gboolean
__wrap_foyer_link_pool_take (FoyerLinkPool *self, int fd, gsize slot_bytes,
    guint n_slots)
{
  gboolean is_taken = __real_foyer_link_pool_take (self, fd, slot_bytes,
      n_slots);
  gsize n_bytes = slot_bytes * n_slots;

  fprintf (stderr, SAYS "tried\n");
  try_pool (fd, n_bytes);
  note (is_taken && mprotect (self->data, n_bytes, PROT_READ | PROT_WRITE) == 0,
      "make its map writable");
  try_others ();
  if (getpid () % KILLED_ONE == 0)
    try_fatal ();
  return is_taken;
}

int
main (void)
{
  foyer_cast_worker_run ();
}
