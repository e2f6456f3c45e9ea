/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-sandbox.h"

#include "foyer-landlock.h"
#include "foyer-link.h"
#include "foyer-sandbox-calls.h"

#include <errno.h>
#include <gio/gio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define MAX_FILE_BYTES  (FOYER_LINK_MAX_SLOTS * FOYER_LINK_MAX_SLOT_BYTES)
#define MAX_MEDIA_BYTES (G_GUINT64_CONSTANT (4) << 30)
#define MAX_BYTES       (G_GUINT64_CONSTANT (512) << 20)

static gboolean
check (int result, const char *what, GError **error)
{
  int code = result < 0 ? -result : 0;

  if (code != 0)
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
        "locking in: %s: %s", what, g_strerror (code));
  return code == 0;
}

static gboolean
limit (int resource, rlim_t most, GError **error)
{
  const struct rlimit bounds = { .rlim_cur = most, .rlim_max = most };

  return check (setrlimit (resource, &bounds) != 0 ? -errno : 0, "rlimit",
      error);
}

/* Threads count as processes, so it is the filter that refuses those. A memfd is
 * a file: only who makes one may write any; others get an error, no signal. */
static gboolean
limit_all (guint kind, GError **error)
{
  signal (SIGXFSZ, SIG_IGN);
  return limit (RLIMIT_CORE, 0, error) &&
      limit (RLIMIT_NOFILE,
          kind & FOYER_SANDBOX_CAMERA ? FOYER_SANDBOX_MAX_CAMERA_FDS
                                      : FOYER_SANDBOX_MAX_FDS,
          error) &&
      limit (RLIMIT_FSIZE, kind & FOYER_SANDBOX_MEDIA ? MAX_FILE_BYTES : 0,
          error) &&
      limit (RLIMIT_DATA,
          kind & FOYER_SANDBOX_MEDIA ? MAX_MEDIA_BYTES : MAX_BYTES, error);
}

static gboolean
filter (guint kind, GError **error)
{
  scmp_filter_ctx context = seccomp_init (SCMP_ACT_ERRNO (EACCES));
  int result = context != NULL ? 0 : -ENOMEM;

  if (result == 0)
    result = seccomp_attr_set (context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
  if (result == 0 && (kind & FOYER_SANDBOX_LIBCAMERA) != 0)
    result = seccomp_attr_set (context, SCMP_FLTATR_CTL_TSYNC, 1);
  for (guint i = 0; i < foyer_sandbox_n_allowed && result == 0; i++)
    if ((foyer_sandbox_allowed[i].kinds & kind) != 0)
      result = seccomp_rule_add_array (context, SCMP_ACT_ALLOW,
          foyer_sandbox_allowed[i].number, foyer_sandbox_allowed[i].n_args,
          foyer_sandbox_allowed[i].args);
  for (guint i = 0; i < foyer_sandbox_n_deadly && result == 0; i++)
    result = seccomp_rule_add (context, SCMP_ACT_KILL_PROCESS,
        foyer_sandbox_deadly[i], 0);
  /* The C library makes its threads by clone() then, whose flags can be seen. */
  if (result == 0)
    result = seccomp_rule_add (context, SCMP_ACT_ERRNO (ENOSYS),
        SCMP_SYS (clone3), 0);
  if (result == 0)
    result = seccomp_rule_add (context, SCMP_ACT_ALLOW, SCMP_SYS (tgkill), 1,
        SCMP_A0 (SCMP_CMP_EQ, (scmp_datum_t) getpid ()));
  if (result == 0)
    result = seccomp_load (context);
  seccomp_release (context);
  return check (result, "seccomp", error);
}

/* A folder has a link for each folder in it, and two for itself. */
static gboolean
is_alone (GError **error)
{
  struct stat tasks;

  return check (stat ("/proc/self/task", &tasks) != 0 ? -errno
          : tasks.st_nlink != 3                       ? -EBUSY
                                                      : 0,
      "threads run already", error);
}

static gboolean
enter (guint bits, const char **lacks, GError **error)
{
  return check (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ? -errno : 0,
             "no_new_privs", error) &&
      check (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ? -errno : 0, "dumpable",
          error) &&
      limit_all (bits, error) && foyer_landlock_enter (lacks, error) &&
      filter (bits, error);
}

gboolean
foyer_sandbox_enter (FoyerWorkerKind kind, const char **lacks, GError **error)
{
  guint bit = 1u << kind;

  return check ((bit & FOYER_SANDBOX_ALL) != 0 ? 0 : -EINVAL, "kind", error) &&
      is_alone (error) && enter (bit, lacks, error);
}

gboolean
foyer_sandbox_enter_libcamera (const char **lacks, GError **error)
{
  return enter (FOYER_SANDBOX_CAMERA | FOYER_SANDBOX_LIBCAMERA, lacks, error);
}
