/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tally.h"

#include "foyer-fd.h"
#include "foyer-memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* I10: what a session's worker counts, read by foyerd however the worker ended. */

#define N_SETS 200000

/* Words of the page, as the header draws them. */
enum
{
  TURN,
  BYTES,
  SET_0,
  SET_1 = SET_0 + 4,
  N_WORDS = SET_1 + 4,
};

typedef struct
{
  FoyerTally ours;   /* foyerd's */
  FoyerTally theirs; /* the worker's */
  int fd;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->fd = foyer_tally_make (&self->ours, &error);
  g_assert_no_error (error);
  g_assert_true (foyer_tally_take (&self->theirs, self->fd, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  foyer_tally_clear (&self->ours);
  foyer_tally_clear (&self->ours);
  foyer_tally_clear (&self->theirs);
  foyer_fd_clear (&self->fd);
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

static void
test_nothing (Fixture *self, gconstpointer data)
{
  FoyerAccount account = { .n_frames = 5, .rtt_us = -1 };
  FoyerTally none = { 0 };

  g_assert_false (foyer_tally_read (&self->ours, &account));
  g_assert_false (foyer_tally_read (&none, &account));
  g_assert_cmpuint (account.n_frames, ==, 5);
  foyer_tally_clear (&none);
}

static void
test_read (Fixture *self, gconstpointer data)
{
  FoyerAccount account = { .rtt_us = 7, .bps = 8, .loss = 9 };

  for (guint64 last = 10; last < 20; last++) {
    const FoyerAccount told = make_account (10, last);

    foyer_tally_write (&self->theirs, &told);
    foyer_tally_add_bytes (&self->theirs, 1000);
    g_assert_true (foyer_tally_read (&self->ours, &account));
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
  g_assert_true (foyer_tally_read (&self->ours, &account));
  g_assert_cmpuint (account.n_bytes, ==, 9000);
}

/* What is said of it in the header is what another program finds. */
static void
test_layout (Fixture *self, gconstpointer data)
{
  const FoyerAccount account = { 3, 0, 4, 5, 9, -1, -1, 0, 0 };
  static const guint64 first[N_WORDS] = { 1, 77, 0, 0, 0, 0, 3, 4, 5, 9 };
  static const guint64 second[N_WORDS] = { 2, 77, 3, 4, 5, 9, 3, 4, 5, 9 };

  foyer_tally_add_bytes (&self->theirs, 77);
  foyer_tally_write (&self->theirs, &account);
  g_assert_cmpmem (self->ours.page, sizeof first, first, sizeof first);
  foyer_tally_write (&self->theirs, &account);
  g_assert_cmpmem (self->ours.page, sizeof second, second, sizeof second);
}

/* No worker can take the page away under foyerd, or make it another. */
static void
test_seals (Fixture *self, gconstpointer data)
{
  g_assert_cmpint (ftruncate (self->fd, 0), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (ftruncate (self->fd, 2 * FOYER_TALLY_BYTES), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (fcntl (self->fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), ==, -1);
  g_assert_cmpint (errno, ==, EPERM);
  g_assert_cmpint (fcntl (self->fd, F_GETFD), ==, FD_CLOEXEC);
  /* A hole is a page of zeros: nothing was told. */
  g_assert_no_errno (fallocate (self->fd,
      FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, FOYER_TALLY_BYTES));
  g_assert_false (foyer_tally_read (&self->ours, &(FoyerAccount){ 0 }));
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
    g_assert_false (foyer_tally_read (&self->ours, &account));
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
  foyer_autofd int unsealed = foyer_memfd_new ("test");
  foyer_autofd int small = foyer_memfd_new ("test");

  assert_no_tally (-1);
  assert_no_tally (null);
  g_assert_no_errno (ftruncate (unsealed, FOYER_TALLY_BYTES));
  assert_no_tally (unsealed);
  g_assert_no_errno (ftruncate (small, FOYER_TALLY_BYTES - 1));
  g_assert_no_errno (
      fcntl (small, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
  assert_no_tally (small);
}

static void
test_no_descriptors (void)
{
  struct rlimit most, none;
  FoyerTally tally;
  int fd;
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (getrlimit (RLIMIT_NOFILE, &most));
  none = (struct rlimit){ .rlim_cur = 0, .rlim_max = most.rlim_max };
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &none));
  fd = foyer_tally_make (&tally, &error);
  g_assert_no_errno (setrlimit (RLIMIT_NOFILE, &most));
  g_assert_cmpint (fd, ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES);
  g_assert_null (tally.page);
}

/* In each set first, last and count belong together. */
static void
write_for_ever (FoyerTally *tally)
{
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

/* Read while it is written, and after kill -9 at whatever moment: never half of
 * one set and half of another, and never an older one than seen before. */
static void
test_killed (Fixture *self, gconstpointer data)
{
  FoyerAccount account = { 0 };
  guint64 last = 0;
  pid_t child = fork ();

  if (child == 0) {
    write_for_ever (&self->theirs);
    _exit (0);
  }
  while (last < N_SETS) {
    if (!foyer_tally_read (&self->ours, &account))
      continue;
    assert_whole (&account);
    g_assert_cmpuint (account.n_frames, >=, last);
    last = account.n_frames;
  }
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_true (foyer_tally_read (&self->ours, &account));
  assert_whole (&account);
  g_assert_cmpuint (account.n_frames, >=, last);
  /* The bytes of a set may not be told yet, or those of the next be told. */
  g_assert_cmpuint (account.n_bytes, >=, (account.n_frames - 1) * 10);
  g_assert_cmpuint (account.n_bytes, <=, account.n_frames * 10);
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
  ADD ("/tally/seals", test_seals);
  ADD ("/tally/implausible", test_implausible);
  ADD ("/tally/killed", test_killed);
  g_test_add_func ("/tally/no-tally", test_no_tally);
  g_test_add_func ("/tally/no-descriptors", test_no_descriptors);
  return g_test_run ();
}
