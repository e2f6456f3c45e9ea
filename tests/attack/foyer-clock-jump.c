/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* To be preloaded: the wall clock of a process is as many nanoseconds off as the file
 * FOYER_CLOCK_FILE says, from one moment to the next; the monotonic one is right. */

#define NS_PER_S  1000000000
#define NS_PER_US 1000

static const _Atomic int64_t *offset_ns;

/* Before main(), and so before a worker locks itself in. */
__attribute__ ((constructor)) static void
open_file (void)
{
  const char *path = getenv ("FOYER_CLOCK_FILE");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *map;

  if (fd < 0)
    return;
  map = mmap (NULL, sizeof *offset_ns, PROT_READ, MAP_SHARED, fd, 0);
  close (fd);
  if (map != MAP_FAILED)
    offset_ns = map;
}

static int
read_clock (clockid_t clock, struct timespec *now)
{
  static int (*real) (clockid_t, struct timespec *);

  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "clock_gettime");
  return real (clock, now);
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  int status = read_clock (clock, now);
  int64_t ns;

  if (status != 0 || offset_ns == NULL ||
      (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
    return status;
  ns = now->tv_sec * (int64_t) NS_PER_S + now->tv_nsec +
      atomic_load (offset_ns);
  now->tv_sec = ns / NS_PER_S;
  now->tv_nsec = ns % NS_PER_S;
  return 0;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  struct timespec exact;
  int status = clock_gettime (CLOCK_REALTIME, &exact);

  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / NS_PER_US;
  return status;
}

time_t
time (time_t *now)
{
  struct timespec exact;

  clock_gettime (CLOCK_REALTIME, &exact);
  if (now != NULL)
    *now = exact.tv_sec;
  return exact.tv_sec;
}
