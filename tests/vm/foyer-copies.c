/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* To be preloaded: counts what a process copies in large pieces, and the buffers that
 * it gives to a V4L2 device meanwhile. What is counted stands in a page of the file
 * FOYER_COPIES_FILE, which a worker still reaches once it is locked in. */

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
  const char *path = getenv ("FOYER_COPIES_FILE");
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return;
  map = mmap (NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  if (map != MAP_FAILED)
    page = map;
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
  if (page != NULL && (uint32_t) request == (uint32_t) VIDIOC_QBUF)
    atomic_fetch_add (&page->n_queued, 1);
  return real (fd, request, argument);
}
