/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-launcher.h"

#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static const char *const names[] = {
  [FOYER_WORKER_NONE] = "none",
  [FOYER_WORKER_CAMERA] = "camera",
  [FOYER_WORKER_CAST] = "cast",
  [FOYER_WORKER_LOOPBACK] = "loopback",
  [FOYER_WORKER_SLATE] = "slate",
  [FOYER_WORKER_APP] = "app",
};

/* All of the environment that a worker may know: where to find plugins, and how
 * to debug. Nothing of the user's. */
static const char *const kept[] = {
  "PATH",
  "TZ",
  "GST_PLUGIN_PATH_1_0",
  "GST_PLUGIN_SYSTEM_PATH_1_0",
  "GST_REGISTRY",
  "GST_REGISTRY_UPDATE",
  "GST_DEBUG",
  "G_DEBUG",
  "G_MESSAGES_DEBUG",
  "ASAN_OPTIONS",
  "UBSAN_OPTIONS",
  "LSAN_OPTIONS",
};

typedef struct
{
  FoyerLauncher launcher;
  char *folder;
  char **environment;
} SystemLauncher;

/* What the child needs, made ready before the fork: after it, nothing may
 * allocate or lock, since other threads may have held the locks. */
typedef struct
{
  const char *path;
  char *const *arguments;
  char *const *environment;
  int channel;
  int null;
  pid_t parent;
} Birth;

static char **
make_environment (void)
{
  char **environment = g_environ_setenv (NULL, "LANG", "C.UTF-8", TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (kept); i++) {
    const char *value = g_getenv (kept[i]);

    if (value != NULL)
      environment = g_environ_setenv (environment, kept[i], value, TRUE);
  }
  return environment;
}

/* In the child: async-signal-safe calls alone, up to exec. */
G_NORETURN static void
become_worker (const Birth *birth)
{
  sigset_t none;

  if (prctl (PR_SET_PDEATHSIG, SIGKILL) < 0)
    _exit (126);
  /* foyerd may have died before the line above. */
  if (getppid () != birth->parent)
    _exit (126);
  setsid ();
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGPIPE, SIG_DFL);
  if (dup2 (birth->null, 0) < 0 || dup2 (birth->null, 1) < 0 ||
      dup2 (birth->channel, FOYER_CHANNEL_FD) < 0)
    _exit (126);
  if (fcntl (FOYER_CHANNEL_FD, F_SETFD, 0) < 0)
    _exit (126);
  if (close_range (FOYER_CHANNEL_FD + 1, ~0U, 0) < 0)
    _exit (126);
  execve (birth->path, birth->arguments, birth->environment);
  _exit (127);
}

static gboolean
fail_errno (GError **error, const char *what, int number)
{
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (number),
      "%s: %s", what, g_strerror (number));
  return FALSE;
}

static gboolean
start_process (const Birth *birth, FoyerChild *child, GError **error)
{
  pid_t pid = fork ();

  if (pid < 0)
    return fail_errno (error, "starting a process", errno);
  if (pid == 0)
    become_worker (birth);
  /* Nobody else waits for our children: the number is still this one's. */
  child->exit_fd = pidfd_open (pid, 0);
  if (child->exit_fd < 0) {
    int number = errno;

    kill (pid, SIGKILL);
    while (waitpid (pid, NULL, 0) < 0 && errno == EINTR)
      ;
    return fail_errno (error, "watching a process", number);
  }
  child->pid = pid;
  return TRUE;
}

static gboolean
system_launch (gpointer user_data, FoyerWorkerKind kind, FoyerChild *child,
    GError **error)
{
  SystemLauncher *self = user_data;
  g_autofree char *name = g_strconcat ("foyer-", names[kind], NULL);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  char *arguments[] = { name, NULL };
  foyer_autofd int theirs = -1;
  foyer_autofd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  int ends[2];

  if (null < 0)
    return fail_errno (error, "opening /dev/null", errno);
  if (access (path, X_OK) < 0)
    return fail_errno (error, path, errno);
  if (!foyer_channel_pair (ends, error))
    return FALSE;
  child->kind = kind;
  child->channel = ends[0];
  theirs = ends[1];

  Birth birth = {
    .path = path,
    .arguments = arguments,
    .environment = self->environment,
    .channel = theirs,
    .null = null,
    .parent = getpid (),
  };
  if (start_process (&birth, child, error))
    return TRUE;
  foyer_fd_clear (&child->channel);
  return FALSE;
}

static void
system_doom (gpointer user_data, const FoyerChild *child)
{
  if (pidfd_send_signal (child->exit_fd, SIGKILL, NULL, 0) < 0)
    g_debug ("worker %d: %s", (int) child->pid, g_strerror (errno));
}

static gboolean
system_end (gpointer user_data, FoyerChild *child)
{
  siginfo_t info = { 0 };

  system_doom (user_data, child);
  while (waitid (P_PIDFD, (id_t) child->exit_fd, &info, WEXITED) < 0 &&
      errno == EINTR)
    ;
  foyer_fd_clear (&child->exit_fd);
  return info.si_code == CLD_EXITED && info.si_status == 0;
}

FoyerLauncher *
foyer_launcher_new_system (const char *folder)
{
  SystemLauncher *self = g_new0 (SystemLauncher, 1);

  self->launcher.launch = system_launch;
  self->launcher.doom = system_doom;
  self->launcher.end = system_end;
  self->launcher.user_data = self;
  self->folder = g_strdup (folder != NULL ? folder : FOYER_LIBEXECDIR);
  self->environment = make_environment ();
  return &self->launcher;
}

void
foyer_launcher_free (FoyerLauncher *self)
{
  SystemLauncher *system = self != NULL ? self->user_data : NULL;

  if (system == NULL)
    return;
  g_free (system->folder);
  g_strfreev (system->environment);
  g_free (system);
}

gboolean
foyer_launcher_launch (const FoyerLauncher *self, FoyerWorkerKind kind,
    FoyerChild *child, GError **error)
{
  *child = (FoyerChild){ .exit_fd = -1, .channel = -1 };
  if (self->launch (self->user_data, kind, child, error))
    return TRUE;
  g_prefix_error (error, "launching foyer-%s: ", names[kind]);
  return FALSE;
}

void
foyer_launcher_doom (const FoyerLauncher *self, const FoyerChild *child)
{
  self->doom (self->user_data, child);
}

gboolean
foyer_launcher_end (const FoyerLauncher *self, FoyerChild *child)
{
  gboolean is_success = self->end (self->user_data, child);

  foyer_fd_clear (&child->channel);
  *child = (FoyerChild){ .exit_fd = -1, .channel = -1 };
  return is_success;
}

const char *
foyer_worker_kind_to_string (FoyerWorkerKind kind)
{
  return (gsize) kind < G_N_ELEMENTS (names) ? names[kind] : "none";
}
