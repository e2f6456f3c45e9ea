/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tally.h"

#include "foyer-fd.h"
#include "foyer-memfd.h"
#include "foyer-test-folder.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* I10: what a session's worker counts, read by foyerd however the worker ended. */

#define N_KILLS 20
#define N_SETS  10000 /* before each, at least */

/* Words of the page, as the header draws them. */
enum
{
  TURN,
  BYTES,
  SET_0,
  SET_1 = SET_0 + 4,
  N_WORDS = SET_1 + 5,
};

typedef struct
{
  char *folder;
  char *path;
  FoyerTally theirs; /* the worker's */
  int fd;            /* foyerd's */
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = foyer_test_folder_new ();
  self->path = g_build_filename (self->folder, "tally", NULL);
  self->fd = foyer_tally_make (self->path, &error);
  g_assert_no_error (error);
  g_assert_true (foyer_tally_take (&self->theirs, self->fd, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_tally_clear (&self->theirs);
  foyer_tally_clear (&self->theirs);
  foyer_fd_clear (&self->fd);
  foyer_test_folder_remove (self->folder);
  g_free (self->path);
  g_free (self->folder);
}

/* A tally in which frames @first…@last left. */
static FoyerAccount
make_account (guint64 first, guint64 last)
{
  return (FoyerAccount){ .n_frames = last - first + 1,
    .n_refused = 2,
    .first_sequence = first,
    .last_sequence = last };
}

/* Of which nothing was told yet: nothing left. */
static void
test_nothing (Fixture *self, gconstpointer data)
{
  FoyerAccount account = { .n_frames = 5, .n_bytes = 6, .rtt_us = -1 };

  g_assert_false (foyer_tally_read (-1, &account));
  g_assert_cmpuint (account.n_frames, ==, 5);
  g_assert_true (foyer_tally_read (self->fd, &account));
  g_assert_cmpuint (account.n_frames, ==, 0);
  g_assert_cmpuint (account.n_bytes, ==, 0);
  g_assert_cmpint (account.rtt_us, ==, -1);
}

static void
test_read (Fixture *self, gconstpointer data)
{
  FoyerAccount account = { .rtt_us = 7, .bps = 8, .loss = 9 };

  for (guint64 last = 10; last < 20; last++) {
    const FoyerAccount told = make_account (10, last);

    foyer_tally_write (&self->theirs, &told);
    foyer_tally_add_bytes (&self->theirs, 1000);
    g_assert_true (foyer_tally_read (self->fd, &account));
    g_assert_cmpuint (account.n_frames, ==, last - 9);
    g_assert_cmpuint (account.n_refused, ==, 2);
    g_assert_cmpuint (account.first_sequence, ==, 10);
    g_assert_cmpuint (account.last_sequence, ==, last);
    g_assert_cmpuint (account.n_bytes, ==, (last - 9) * 1000);
  }
  g_assert_cmpuint (account.rtt_us, ==, 7);
  g_assert_cmpuint (account.bps, ==, 8);
  g_assert_cmpuint (account.loss, ==, 9);
  foyer_tally_take_back (&self->theirs, 1000);
  g_assert_cmpuint (foyer_tally_get_bytes (&self->theirs), ==, 9000);
  g_assert_true (foyer_tally_read (self->fd, &account));
  g_assert_cmpuint (account.n_bytes, ==, 9000);
}

/* What is said of it in the header is what another program finds. */
static void
test_layout (Fixture *self, gconstpointer data)
{
  const FoyerAccount account = { 3, 0, 4, 0, 5, 9, -1, -1, 0, 0 };
  static const guint64 first[N_WORDS] = { 1, 77, 0, 0, 0, 0, 3, 4, 5, 9, 0 };
  static const guint64 second[N_WORDS] = { 2, 77, 3, 4, 5, 9, 3, 4, 5, 9, 1 };

  foyer_tally_add_bytes (&self->theirs, 77);
  foyer_tally_write (&self->theirs, &account);
  g_assert_cmpmem (self->theirs.page, sizeof first, first, sizeof first);
  foyer_tally_add_foreign (&self->theirs);
  foyer_tally_write (&self->theirs, &account);
  g_assert_cmpmem (self->theirs.page, sizeof second, second, sizeof second);
}

/* Whatever becomes of the file, reading it does no more than fail. */
static void
test_cut (Fixture *self, gconstpointer data)
{
  const FoyerAccount told = make_account (10, 20);
  FoyerAccount account = { .n_frames = 5 };

  foyer_tally_write (&self->theirs, &told);
  g_assert_no_errno (ftruncate (self->fd, 8));
  g_assert_false (foyer_tally_read (self->fd, &account));
  g_assert_no_errno (ftruncate (self->fd, 0));
  g_assert_false (foyer_tally_read (self->fd, &account));
  g_assert_cmpuint (account.n_frames, ==, 5);
  g_assert_cmpint (fcntl (self->fd, F_GETFD), ==, FD_CLOEXEC);
}

/* What the next foyerd finds under the same name; another session's own begins
 * with nothing. */
static void
test_left (Fixture *self, gconstpointer data)
{
  const FoyerAccount told = make_account (10, 20);
  FoyerAccount account = { 0 };
  foyer_autofd int fd = -1;
  foyer_autofd int again = -1;

  foyer_tally_write (&self->theirs, &told);
  foyer_tally_clear (&self->theirs);
  fd = open (self->path, O_RDONLY | O_CLOEXEC);
  g_assert_true (foyer_tally_read (fd, &account));
  g_assert_cmpuint (account.n_frames, ==, 11);
  again = foyer_tally_make (self->path, NULL);
  g_assert_true (foyer_tally_read (again, &account));
  g_assert_cmpuint (account.n_frames, ==, 0);
  g_assert_true (foyer_tally_read (fd, &account));
  g_assert_cmpuint (account.n_frames, ==, 11);
}

/* Numbers that no session can have are none. */
static void
test_implausible (Fixture *self, gconstpointer data)
{
  static const guint64 sets[][4] = {
    { 0, 0, 1, 0 }, /* a first of no frame */
    { 0, 0, 0, 1 }, /* a last of none */
    { 1, 0, 0, 1 }, /* frames have numbers */
    { 1, 0, 2, 1 }, /* in their order */
    { 3, 0, 1, 2 }, /* and none twice */
    { G_MAXUINT64, 0, 1, G_MAXUINT64 - 1 },
  };
  guint64 *words = (guint64 *) self->theirs.page;

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++) {
    FoyerAccount account = { .n_frames = 5 };

    memcpy (words + SET_0, sets[i], sizeof sets[i]);
    words[TURN] = 2;
    g_assert_false (foyer_tally_read (self->fd, &account));
    g_assert_cmpuint (account.n_frames, ==, 5);
  }
}

static void
assert_no_tally (int fd)
{
  g_autoptr (GError) error = NULL;
  FoyerTally tally;

  g_assert_false (foyer_tally_take (&tally, fd, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_null (tally.page);
}

static void
test_no_tally (void)
{
  foyer_autofd int null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  foyer_autofd int small = foyer_memfd_new ("test");

  assert_no_tally (-1);
  assert_no_tally (null);
  g_assert_no_errno (ftruncate (small, FOYER_TALLY_BYTES - 1));
  assert_no_tally (small);
}

static void
test_no_folder (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (foyer_tally_make ("/proc/nowhere/tally", &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_no_descriptors (Fixture *self, gconstpointer data)
{
  struct rlimit most, none;
  int fd;
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &most));
  none = (struct rlimit){ .rlim_cur = 0, .rlim_max = most.rlim_max };
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &none));
  fd = foyer_tally_make (self->path, &error);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &most));
  g_assert_cmpint (fd, ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
}

/* In each set first, last and count belong together. */
static void
write_for_ever (FoyerTally *tally)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  for (guint64 i = 1; i < G_MAXUINT64; i++) {
    const FoyerAccount account = { .n_frames = i,
      .n_refused = 3 * i,
      .first_sequence = 2 * i,
      .last_sequence = 3 * i - 1 };

    foyer_tally_write (tally, &account);
    foyer_tally_add_bytes (tally, 10);
  }
}

static void
assert_whole (const FoyerAccount *account)
{
  g_assert_cmpuint (account->n_refused, ==, 3 * account->n_frames);
  g_assert_cmpuint (account->first_sequence, ==, 2 * account->n_frames);
  g_assert_cmpuint (account->last_sequence, ==, 3 * account->n_frames - 1);
}

/* After kill -9 at whatever moment: never half of one set and half of another. */
static void
test_killed (Fixture *self, gconstpointer data)
{
  for (guint i = 0; i < N_KILLS; i++) {
    foyer_autofd int fd = foyer_tally_make (self->path, NULL);
    g_auto (FoyerTally) theirs = { NULL };
    FoyerAccount account = { 0 };
    guint64 n_sets = 0;
    pid_t child;

    g_assert_true (foyer_tally_take (&theirs, fd, NULL));
    child = fork ();
    if (child == 0) {
      write_for_ever (&theirs);
      _exit (0);
    }
    while (n_sets < N_SETS)
      g_assert_cmpint (pread (fd, &n_sets, sizeof n_sets, 0), ==,
          sizeof n_sets);
    kill (child, SIGKILL);
    g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
    g_assert_true (foyer_tally_read (fd, &account));
    assert_whole (&account);
    g_assert_cmpuint (account.n_frames, >=, n_sets);
    /* The bytes of a set may not be told yet, or those of the next be told. */
    g_assert_cmpuint (account.n_bytes, >=, (account.n_frames - 1) * 10);
    g_assert_cmpuint (account.n_bytes, <=, account.n_frames * 10);
  }
}

/* While it is written it is not read, or it is whole. */
static void
test_contended (Fixture *self, gconstpointer data)
{
  FoyerAccount account = { 0 };
  pid_t child = fork ();

  if (child == 0) {
    write_for_ever (&self->theirs);
    _exit (0);
  }
  for (guint i = 0; i < N_SETS; i++)
    if (foyer_tally_read (self->fd, &account) && account.n_frames > 0)
      assert_whole (&account);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
}

#define ADD(path, func) \
  g_test_add (path, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/tally/nothing", test_nothing);
  ADD ("/tally/read", test_read);
  ADD ("/tally/layout", test_layout);
  ADD ("/tally/cut", test_cut);
  ADD ("/tally/left", test_left);
  ADD ("/tally/implausible", test_implausible);
  ADD ("/tally/killed", test_killed);
  ADD ("/tally/contended", test_contended);
  ADD ("/tally/no-descriptors", test_no_descriptors);
  g_test_add_func ("/tally/no-tally", test_no_tally);
  g_test_add_func ("/tally/no-folder", test_no_folder);
  return g_test_run ();
}
