/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-launcher.h"

#include "foyer-fd.h"
#include "foyer-test-folder.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* Workers here are scripts that say over their channel what they find. */

#define SAY         "exec >&3\n"
#define PATIENCE_MS 60000 /* ends only what hangs */

static char *
make_folder (const char *script)
{
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", script, NULL);
  char *folder = foyer_test_folder_new ();

  foyer_test_folder_write (folder, "foyer-slate", text, 0755);
  return folder;
}

/* Everything that it says until it closes its channel. */
static char *
read_all (int channel)
{
  GString *all = g_string_new ("");
  char bytes[4096];
  gssize n_bytes;
  struct pollfd wait = { .fd = channel, .events = POLLIN };

  for (;;) {
    g_assert_cmpint (poll (&wait, 1, PATIENCE_MS), ==, 1);
    n_bytes = recv (channel, bytes, sizeof bytes, 0);
    if (n_bytes <= 0)
      return g_string_free (all, FALSE);
    g_string_append_len (all, bytes, n_bytes);
  }
}

static void
await_exit (const FoyerChild *child)
{
  struct pollfd wait = { .fd = child->exit_fd, .events = POLLIN };

  g_assert_cmpint (poll (&wait, 1, PATIENCE_MS), ==, 1);
}

static char *
run (const char *script, gboolean *is_success)
{
  g_autofree char *folder = make_folder (script);
  FoyerLauncher *launcher = foyer_launcher_new_system (folder);
  g_autoptr (GError) error = NULL;
  FoyerChild child;
  char *said;

  g_assert_true (
      foyer_launcher_launch (launcher, FOYER_WORKER_SLATE, &child, &error));
  g_assert_no_error (error);
  said = read_all (child.channel);
  await_exit (&child);
  *is_success = foyer_launcher_end (launcher, &child);
  g_assert_cmpint (child.channel, ==, -1);
  g_assert_cmpint (child.exit_fd, ==, -1);
  foyer_launcher_free (launcher);
  foyer_test_folder_remove (folder);
  return said;
}

/* Nothing of ours but the channel, the log and nothing. */
static void
test_descriptors (void)
{
  foyer_autofd int leaky = open ("/dev/null", O_RDONLY);
  gboolean is_success = FALSE;
  g_autofree char *said = NULL;

  /* One that was forgotten to be closed at exec, far up. */
  g_assert_no_errno (dup2 (leaky, 200));
  said = run (SAY "ls /proc/$$/fd\nreadlink /proc/self/fd/0\n", &is_success);
  close (200);
  g_assert_true (is_success);
  /* The shell has its script as 10. */
  g_assert_cmpstr (said, ==, "0\n1\n10\n2\n3\n/dev/null\n");
}

static void
test_environment (void)
{
  gboolean is_success = FALSE;
  g_autofree char *said = NULL;

  g_setenv ("FOYER_TEST_SECRET", "hunter2", TRUE);
  g_setenv ("LD_LIBRARY_PATH", "/nonexistent", TRUE);
  g_setenv ("GST_DEBUG", "1", TRUE);
  said = run (SAY "env\n", &is_success);
  g_unsetenv ("LD_LIBRARY_PATH");
  g_assert_true (is_success);
  g_assert_null (strstr (said, "hunter2"));
  g_assert_null (strstr (said, "LD_LIBRARY_PATH"));
  g_assert_null (strstr (said, "HOME"));
  g_assert_nonnull (strstr (said, "GST_DEBUG=1"));
  g_assert_nonnull (strstr (said, "LANG=C.UTF-8"));
}

static void
test_failure (void)
{
  gboolean is_success = TRUE;
  g_autofree char *said = run ("exit 3\n", &is_success);

  g_assert_false (is_success);
  g_assert_cmpstr (said, ==, "");
}

static void
test_kill (void)
{
  g_autofree char *folder = make_folder (SAY "trap '' TERM\necho up\n"
                                             "exec sleep 1000\n");
  FoyerLauncher *launcher = foyer_launcher_new_system (folder);
  g_autoptr (GError) error = NULL;
  FoyerChild child;
  pid_t pid;
  char byte;
  struct pollfd wait;

  g_assert_true (
      foyer_launcher_launch (launcher, FOYER_WORKER_SLATE, &child, &error));
  wait = (struct pollfd){ .fd = child.channel, .events = POLLIN };
  g_assert_cmpint (poll (&wait, 1, PATIENCE_MS), ==, 1);
  g_assert_cmpint (recv (child.channel, &byte, 1, 0), ==, 1);
  pid = child.pid;
  /* A group of its own: no signal of our terminal reaches it. */
  g_assert_cmpint (getpgid (pid), ==, pid);
  g_assert_false (foyer_launcher_end (launcher, &child));
  /* It was waited for. */
  g_assert_cmpint (kill (pid, 0), ==, -1);
  foyer_launcher_free (launcher);
  foyer_test_folder_remove (folder);
}

/* Whoever launched it dies: so does it. */
static void
test_orphan (void)
{
  g_autofree char *folder = make_folder (SAY "echo up\nexec sleep 1000\n");
  int ends[2];
  pid_t pid;
  char byte;

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  pid = fork ();
  if (pid == 0) {
    FoyerLauncher *launcher = foyer_launcher_new_system (folder);
    struct pollfd wait = { .events = POLLIN };
    FoyerChild child;

    if (!foyer_launcher_launch (launcher, FOYER_WORKER_SLATE, &child, NULL))
      _exit (1);
    wait.fd = child.channel;
    if (poll (&wait, 1, PATIENCE_MS) != 1 ||
        send (ends[1], &child.pid, sizeof child.pid, 0) < 0)
      _exit (1);
    pause ();
  }
  close (ends[1]);

  foyer_autofd int grandchild = -1;
  pid_t number;
  struct pollfd wait = { .events = POLLIN };

  g_assert_cmpint (recv (ends[0], &number, sizeof number, 0), ==,
      sizeof number);
  grandchild = (int) syscall (SYS_pidfd_open, number, 0);
  g_assert_no_errno (grandchild);
  g_assert_no_errno (kill (pid, SIGKILL));
  g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
  wait.fd = grandchild;
  g_assert_cmpint (poll (&wait, 1, PATIENCE_MS), ==, 1);
  g_assert_cmpint (recv (ends[0], &byte, 1, 0), ==, 0);
  close (ends[0]);
  foyer_test_folder_remove (folder);
}

static void
test_none (void)
{
  g_autofree char *folder = foyer_test_folder_new ();
  FoyerLauncher *launcher = foyer_launcher_new_system (folder);
  g_autoptr (GError) error = NULL;
  FoyerChild child;

  g_assert_false (
      foyer_launcher_launch (launcher, FOYER_WORKER_CAST, &child, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "foyer-cast"));
  foyer_launcher_free (launcher);
  foyer_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/launcher/descriptors", test_descriptors);
  g_test_add_func ("/launcher/environment", test_environment);
  g_test_add_func ("/launcher/failure", test_failure);
  g_test_add_func ("/launcher/kill", test_kill);
  g_test_add_func ("/launcher/orphan", test_orphan);
  g_test_add_func ("/launcher/none", test_none);
  return g_test_run ();
}
