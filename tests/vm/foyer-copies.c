/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-preload.h"

#include <dlfcn.h>
#include <linux/videodev2.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* To be preloaded: counts what a process copies in large pieces, and the buffers that
 * it gives to a V4L2 device meanwhile. What is counted stands in a page of the file
 * FOYER_COPIES_FILE. */

#define LARGE_BYTES 4096 /* so much in one call */

typedef void *(*Copy) (void *to, const void *from, size_t n_bytes);

/* Words of 64 bits, as vmhouse.py has them. */
typedef struct
{
  _Atomic uint64_t n_bytes;
  _Atomic uint64_t n_queued;
} Page;

static Page *page;

/* Before main(). */
__attribute__ ((constructor)) static void
open_page (void)
{
  page = foyer_preload_open_page ("FOYER_COPIES_FILE", sizeof *page);
}

/* libc's memmove() does for all: what is asked of it may overlap. */
static void *
copy (void *to, const void *from, size_t n_bytes)
{
  static Copy real;
  volatile char *out = to;
  const volatile char *in = from;

  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "memmove");
  if (page != NULL && n_bytes >= LARGE_BYTES)
    atomic_fetch_add (&page->n_bytes, n_bytes);
  if (real != NULL)
    return real (to, from, n_bytes);
  /* The loader's own, before it is through. */
  for (size_t i = 0; i < n_bytes; i++)
    out[i] = in[i];
  return to;
}

void *
memcpy (void *restrict to, const void *restrict from, size_t n_bytes)
{
  return copy (to, from, n_bytes);
}

void *
memmove (void *to, const void *from, size_t n_bytes)
{
  return copy (to, from, n_bytes);
}

void *__memcpy_chk (void *to, const void *from, size_t n_bytes, size_t n_room);

/* What _FORTIFY_SOURCE makes of it. */
void *
__memcpy_chk (void *to, const void *from, size_t n_bytes, size_t n_room)
{
  if (n_bytes > n_room)
    abort ();
  return copy (to, from, n_bytes);
}

void
foyer_preload_before_ioctl (uint32_t request)
{
  if (page != NULL && request == (uint32_t) VIDIOC_QBUF)
    atomic_fetch_add (&page->n_queued, 1);
}
