/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tally.h"

#include "foyer-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define N_TRIES 4 /* of who reads while somebody writes */

/* One set of figures. */
typedef struct
{
  guint64 n_frames;
  guint64 n_refused;
  guint64 first_sequence;
  guint64 last_sequence;
} Set;

struct _FoyerTallyPage
{
  guint64 turn;
  guint64 n_bytes;
  Set sets[2];
  guint64 n_foreign;
};

G_STATIC_ASSERT (sizeof (struct _FoyerTallyPage) == 88);
G_STATIC_ASSERT (sizeof (struct _FoyerTallyPage) <= FOYER_TALLY_BYTES);

static void
store (guint64 *word, guint64 value)
{
  __atomic_store_n (word, value, __ATOMIC_RELEASE);
}

int
foyer_tally_make (const char *path, GError **error)
{
  foyer_autofd int fd = -1;
  int problem;

  (void) unlink (path);
  fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  /* A page without room would kill whoever writes there. */
  problem = fd < 0 ? errno : posix_fallocate (fd, 0, FOYER_TALLY_BYTES);
  if (problem == 0)
    return g_steal_fd (&fd);
  if (fd >= 0)
    (void) unlink (path);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (problem),
      "making a session's tally: %s", g_strerror (problem));
  return -1;
}

gboolean
foyer_tally_take (FoyerTally *self, int fd, GError **error)
{
  struct stat info;
  void *page = MAP_FAILED;

  *self = (FoyerTally){ 0 };
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode) &&
      info.st_size == FOYER_TALLY_BYTES)
    page = mmap (NULL, FOYER_TALLY_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
        fd, 0);
  if (page != MAP_FAILED) {
    self->page = page;
    return TRUE;
  }
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      "what came is no tally");
  return FALSE;
}

void
foyer_tally_write (FoyerTally *self, const FoyerAccount *account)
{
  Set *set = &self->page->sets[++self->n_sets % 2];

  store (&set->n_frames, account->n_frames);
  store (&set->n_refused, account->n_refused);
  store (&set->first_sequence, account->first_sequence);
  store (&set->last_sequence, account->last_sequence);
  store (&self->page->turn, self->n_sets);
}

static void
set_bytes (FoyerTally *self, guint64 n_bytes)
{
  store (&self->n_bytes, n_bytes);
  store (&self->page->n_bytes, n_bytes);
}

void
foyer_tally_add_bytes (FoyerTally *self, gsize n_bytes)
{
  set_bytes (self, self->n_bytes + n_bytes);
}

void
foyer_tally_take_back (FoyerTally *self, gsize n_bytes)
{
  set_bytes (self, self->n_bytes - n_bytes);
}

void
foyer_tally_add_foreign (FoyerTally *self)
{
  store (&self->page->n_foreign, ++self->n_foreign);
}

guint64
foyer_tally_get_bytes (const FoyerTally *self)
{
  return __atomic_load_n (&self->n_bytes, __ATOMIC_ACQUIRE);
}

static gboolean
read_page (int fd, FoyerTallyPage *page)
{
  return pread (fd, page, sizeof *page, 0) == (ssize_t) sizeof *page;
}

/* The set that was told last, if it is still that after it was read. */
static gboolean
read_set (int fd, FoyerTallyPage *page, Set *set)
{
  FoyerTallyPage before;

  if (!read_page (fd, &before) || !read_page (fd, page))
    return FALSE;
  *set = before.sets[before.turn % 2];
  return before.turn == page->turn;
}

/* Frames have numbers, none twice, and only what left has one. */
static gboolean
is_plausible (const Set *set)
{
  if (set->n_frames == 0)
    return set->first_sequence == 0 && set->last_sequence == 0;
  return set->first_sequence > 0 && set->first_sequence <= set->last_sequence &&
      set->n_frames - 1 <= set->last_sequence - set->first_sequence;
}

gboolean
foyer_tally_read (int fd, FoyerAccount *account)
{
  gboolean is_read = FALSE;
  FoyerTallyPage page;
  Set set;

  for (guint i = 0; i < N_TRIES && !is_read; i++)
    is_read = read_set (fd, &page, &set);
  if (!is_read || !is_plausible (&set))
    return FALSE;
  account->n_frames = set.n_frames;
  account->n_refused = set.n_refused;
  account->first_sequence = set.first_sequence;
  account->last_sequence = set.last_sequence;
  account->n_bytes = page.n_bytes;
  account->n_foreign = page.n_foreign;
  return TRUE;
}

void
foyer_tally_clear (FoyerTally *self)
{
  if (self->page != NULL)
    munmap (self->page, FOYER_TALLY_BYTES);
  self->page = NULL;
}
