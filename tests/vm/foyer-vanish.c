/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* To be preloaded: a process stands still before its n-th ioctl of one kind until it
 * is told to go on, so that a case can pull a camera out at that very place. It is told
 * by a page in the file FOYER_VANISH_FILE, which a worker still reaches once it is
 * locked in. */

#define LOOK_EVERY_NS 5000000

/* Words of 32 bits, as vmhouse.py has them. */
typedef struct
{
  _Atomic uint32_t request; /* which ioctl; 0 for none */
  _Atomic uint32_t nth;     /* of that kind, from 1 */
  _Atomic uint32_t n_calls; /* of that kind so far */
  _Atomic uint32_t may_go;
  _Atomic uint32_t pid; /* who stands there, or stood */
} Page;

static Page *page;

/* Before main(). */
__attribute__ ((constructor)) static void
open_page (void)
{
  const char *path = getenv ("FOYER_VANISH_FILE");
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return;
  map = mmap (NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  if (map != MAP_FAILED)
    page = map;
}

static void
stand_still (void)
{
  const struct timespec wait = { .tv_nsec = LOOK_EVERY_NS };

  atomic_store (&page->pid, (uint32_t) getpid ());
  while (atomic_load (&page->may_go) == 0)
    syscall (SYS_futex, &page->may_go, FUTEX_WAIT, 0, &wait, NULL, 0);
}

int
ioctl (int fd, unsigned long request, ...)
{
  static int (*real) (int, unsigned long, ...);
  va_list arguments;
  void *argument;

  va_start (arguments, request);
  argument = va_arg (arguments, void *);
  va_end (arguments);
  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "ioctl");
  if (page != NULL && (uint32_t) request == atomic_load (&page->request) &&
      atomic_fetch_add (&page->n_calls, 1) + 1 == atomic_load (&page->nth))
    stand_still ();
  return real (fd, request, argument);
}
