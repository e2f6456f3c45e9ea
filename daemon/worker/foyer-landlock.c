/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-landlock.h"

#include "foyer-fd.h"

#include <errno.h>
#include <gio/gio.h>
#include <linux/landlock.h>
#include <sys/syscall.h>

/* What a ruleset is to the newest kernel that is known here; headers are older
 * than kernels. An older kernel reads the beginning and wants the rest zero.
 * Documentation/userspace-api/landlock.rst */
typedef struct
{
  guint64 fs;
  guint64 net;
  guint64 scoped;
} Ruleset;

/* What came with each version of it. */
static const Ruleset versions[] = {
  { .fs = (1u << 13) - 1 },        /* 1: execute, read, write, make, remove */
  { .fs = 1u << 13 },              /* 2: link and rename to elsewhere */
  { .fs = 1u << 14 },              /* 3: truncate */
  { .net = 1u << 0 | 1u << 1 },    /* 4: bind and connect TCP */
  { .fs = 1u << 15 },              /* 5: ioctl on devices opened later */
  { .scoped = 1u << 0 | 1u << 1 }, /* 6: abstract sockets, signals */
};

static const char *
get_lacks (long version)
{
  if (version < 1)
    return "Landlock";
  if (version < 4)
    return "Landlock for TCP, sockets and signals";
  return version < 6 ? "Landlock for sockets and signals" : "";
}

gboolean
foyer_landlock_enter (const char **lacks, GError **error)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0,
      LANDLOCK_CREATE_RULESET_VERSION);
  Ruleset all = { 0 };
  foyer_autofd int fd = -1;

  *lacks = get_lacks (version);
  if (**lacks != '\0')
    g_message ("this kernel lacks %s", *lacks);
  if (version < 1)
    return TRUE;
  for (long i = 0; i < MIN (version, (long) G_N_ELEMENTS (versions)); i++) {
    all.fs |= versions[i].fs;
    all.net |= versions[i].net;
    all.scoped |= versions[i].scoped;
  }
  /* Nothing is added to it: all that it handles is forbidden. */
  fd = (int) syscall (SYS_landlock_create_ruleset, &all, sizeof all, 0);
  if (fd >= 0 && syscall (SYS_landlock_restrict_self, fd, 0) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
      "locking in: Landlock: %s", g_strerror (errno));
  return FALSE;
}
