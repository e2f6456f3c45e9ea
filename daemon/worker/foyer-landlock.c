/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-landlock.h"

#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define TO_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define OF_FILES \
  (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | DEVICE_IOCTL)
#define TO_USE       (TO_READ | OF_FILES)
#define DEVICE_IOCTL (1u << 15) /* of version 5 */

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
  { .fs = DEVICE_IOCTL },          /* 5: ioctl on devices opened later */
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

/* All that a kernel of that version handles. */
static Ruleset
get_all (long version)
{
  Ruleset all = { 0 };

  for (long i = 0; i < MIN (version, (long) G_N_ELEMENTS (versions)); i++) {
    all.fs |= versions[i].fs;
    all.net |= versions[i].net;
    all.scoped |= versions[i].scoped;
  }
  return all;
}

static gboolean
restrict_self (int fd, gboolean is_whole, GError **error)
{
  if (is_whole && fd >= 0 && syscall (SYS_landlock_restrict_self, fd, 0) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
      "locking in: Landlock: %s", g_strerror (errno));
  return FALSE;
}

/* What is not there needs no rule. */
static gboolean
allow (int ruleset, const char *const *paths, guint64 rights)
{
  for (; *paths != NULL; paths++) {
    foyer_autofd int fd = open (*paths, O_PATH | O_CLOEXEC);
    struct landlock_path_beneath_attr rule = { .parent_fd = fd };
    struct stat status;

    if (fd < 0 || fstat (fd, &status) != 0)
      continue;
    rule.allowed_access = rights & (S_ISDIR (status.st_mode) ? ~0ul : OF_FILES);
    if (syscall (SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
            &rule, 0) != 0)
      return FALSE;
  }
  return TRUE;
}

gboolean
foyer_landlock_keep_to (const char *const *readable, const char *const *usable,
    GError **error)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0,
      LANDLOCK_CREATE_RULESET_VERSION);
  const Ruleset all = { .fs = get_all (version).fs };
  foyer_autofd int fd = -1;

  if (version < 1)
    return TRUE;
  fd = (int) syscall (SYS_landlock_create_ruleset, &all, sizeof all, 0);
  return restrict_self (fd,
      fd >= 0 && allow (fd, readable, all.fs & TO_READ) &&
          allow (fd, usable, all.fs & TO_USE) &&
          prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0,
      error);
}

gboolean
foyer_landlock_enter (const char **lacks, GError **error)
{
  long version = syscall (SYS_landlock_create_ruleset, NULL, 0,
      LANDLOCK_CREATE_RULESET_VERSION);
  const Ruleset all = get_all (version);
  foyer_autofd int fd = -1;

  *lacks = get_lacks (version);
  if (**lacks != '\0')
    g_message ("this kernel lacks %s", *lacks);
  if (version < 1)
    return TRUE;
  /* Nothing is added to it: all that it handles is forbidden. */
  fd = (int) syscall (SYS_landlock_create_ruleset, &all, sizeof all, 0);
  return restrict_self (fd, TRUE, error);
}
