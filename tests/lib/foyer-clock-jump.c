/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Preloaded into a foyerd under test, so that its time of day can be set without
 * that of the machine. FOYER_TEST_CLOCK is a folder: "offset" holds a 64-bit number
 * of seconds that is added to CLOCK_REALTIME, and eight bytes written into the pipe
 * "jumps" are what the kernel tells by TFD_TIMER_CANCEL_ON_SET. Nothing else of
 * time is touched. */

static const volatile int64_t *offset_s;
static int jumps = -1;

static char *
find (const char *name, char *path, size_t n_bytes)
{
  const char *folder = getenv ("FOYER_TEST_CLOCK");

  if (folder == NULL || strlen (folder) + strlen (name) + 2 > n_bytes)
    abort ();
  strcpy (path, folder);
  strcat (path, "/");
  return strcat (path, name);
}

__attribute__ ((constructor)) static void
set_up (void)
{
  char path[4096];
  int fd = open (find ("offset", path, sizeof path), O_RDONLY | O_CLOEXEC);
  void *page = mmap (NULL, sizeof *offset_s, PROT_READ, MAP_SHARED, fd, 0);

  if (page == MAP_FAILED)
    abort ();
  close (fd);
  offset_s = page;
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  int result = (int) syscall (SYS_clock_gettime, clock, now);

  if (result == 0 && clock == CLOCK_REALTIME && offset_s != NULL)
    now->tv_sec += *offset_s;
  return result;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  struct timespec time;
  int result = clock_gettime (CLOCK_REALTIME, &time);

  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;
  return result;
}

int
timerfd_create (clockid_t clock, int flags)
{
  char path[4096];

  if (clock != CLOCK_REALTIME)
    return (int) syscall (SYS_timerfd_create, clock, flags);
  jumps = open (find ("jumps", path, sizeof path),
      O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return jumps;
}

int
timerfd_settime (int fd, int flags, const struct itimerspec *due,
    struct itimerspec *before)
{
  if (fd != jumps)
    return (int) syscall (SYS_timerfd_settime, fd, flags, due, before);
  if ((flags & TFD_TIMER_CANCEL_ON_SET) != 0)
    return 0;
  errno = EINVAL;
  return -1;
}
