/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <linux/landlock.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Landlock with exceptions, on the kernel of this machine; the rest of it is in
 * test-sandbox. */

static int
open_as (const char *path, int flags)
{
  int fd = open (path, flags | O_CLOEXEC);

  return fd >= 0 ? 0 : errno;
}

/* What libcamera may open before the filter is there. A child's exit status tells
 * which of these was wrong. */
static int
child_keep_to (const char *text, const char *used, const char *other,
    int parent)
{
  const char *const readable[] = { text, "/does/not/exist", NULL };
  const char *const usable[] = { "/dev/null", used, NULL };
  const char *lacks = NULL;
  char go;

  if (!foyer_landlock_keep_to (readable, usable, NULL))
    return 6;
  if (open_as (text, O_RDONLY) != 0 || open_as (text, O_WRONLY) != EACCES)
    return 1;
  if (open_as ("/dev/null", O_RDWR) != 0 || open_as (used, O_RDWR) != 0)
    return 2;
  if (open_as ("/dev/zero", O_RDWR) != EACCES ||
      open_as (other, O_RDONLY) != EACCES)
    return 3;
  /* What has the name later is another one. */
  if (write (parent, "x", 1) != 1 || read (parent, &go, 1) != 1 ||
      open_as (used, O_RDWR) != EACCES)
    return 4;
  return foyer_landlock_enter (&lacks, NULL) &&
          open_as (text, O_RDONLY) == EACCES
      ? 0
      : 5;
}

static void
test_keep_to (void)
{
  g_autofree char *folder = g_dir_make_tmp ("foyer-keep-XXXXXX", NULL);
  g_autofree char *text = g_build_filename (folder, "text", NULL);
  g_autofree char *used = g_build_filename (folder, "used", NULL);
  g_autofree char *other = g_build_filename (folder, "other", NULL);
  const char *paths[] = { text, used, other };
  int status, ends[2];
  char word;
  pid_t pid;

  if (syscall (SYS_landlock_create_ruleset, NULL, 0,
          LANDLOCK_CREATE_RULESET_VERSION) < 1) {
    g_test_skip ("this kernel has no Landlock");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_true (g_file_set_contents (paths[i], "x", 1, NULL));
  g_assert_no_errno (socketpair (AF_UNIX, SOCK_STREAM, 0, ends));
  pid = fork ();
  if (pid == 0)
    _exit (child_keep_to (text, used, other, ends[1]));
  close (ends[1]);
  if (read (ends[0], &word, 1) == 1) {
    g_assert_no_errno (g_unlink (used));
    g_assert_true (g_file_set_contents (used, "y", 1, NULL));
    g_assert_cmpint (write (ends[0], "x", 1), ==, 1);
  }
  close (ends[0]);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_no_errno (g_unlink (paths[i]));
  g_assert_no_errno (g_rmdir (folder));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/landlock/keep-to", test_keep_to);
  return g_test_run ();
}
