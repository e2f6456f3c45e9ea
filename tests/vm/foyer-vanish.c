/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-preload.h"

#include <linux/futex.h>
#include <stdatomic.h>
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
  page = foyer_preload_open_page ("FOYER_VANISH_FILE", sizeof *page);
}

static void
stand_still (void)
{
  const struct timespec wait = { .tv_nsec = LOOK_EVERY_NS };

  atomic_store (&page->pid, (uint32_t) getpid ());
  while (atomic_load (&page->may_go) == 0)
    syscall (SYS_futex, &page->may_go, FUTEX_WAIT, 0, &wait, NULL, 0);
}

void
foyer_preload_before_ioctl (uint32_t request)
{
  if (page != NULL && request == atomic_load (&page->request) &&
      atomic_fetch_add (&page->n_calls, 1) + 1 == atomic_load (&page->nth))
    stand_still ();
}
