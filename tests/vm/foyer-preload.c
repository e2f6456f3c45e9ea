/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-preload.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

void *
foyer_preload_open_page (const char *variable, size_t n_bytes)
{
  const char *path = getenv (variable);
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return NULL;
  map = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close (fd);
  return map != MAP_FAILED ? map : NULL;
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
  foyer_preload_before_ioctl ((uint32_t) request);
  return real (fd, request, argument);
}
