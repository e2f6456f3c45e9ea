/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-tally.h"

#include "foyer-fd.h"
#include "foyer-memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define SEALS   (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
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
};

G_STATIC_ASSERT (sizeof (struct _FoyerTallyPage) == 80);
G_STATIC_ASSERT (sizeof (struct _FoyerTallyPage) <= FOYER_TALLY_BYTES);

static void
store (guint64 *word, guint64 value)
{
  __atomic_store_n (word, value, __ATOMIC_RELEASE);
}

static guint64
load (const guint64 *word)
{
  return __atomic_load_n (word, __ATOMIC_ACQUIRE);
}

static gboolean
map (FoyerTally *self, int fd, int protection)
{
  void *page = mmap (NULL, FOYER_TALLY_BYTES, protection, MAP_SHARED, fd, 0);

  if (page == MAP_FAILED)
    return FALSE;
  self->page = page;
  return TRUE;
}

int
foyer_tally_make (FoyerTally *self, GError **error)
{
  foyer_autofd int fd = foyer_memfd_new ("foyer-tally");

  *self = (FoyerTally){ 0 };
  if (fd >= 0 && ftruncate (fd, FOYER_TALLY_BYTES) == 0 &&
      fcntl (fd, F_ADD_SEALS, SEALS) == 0 && map (self, fd, PROT_READ))
    return g_steal_fd (&fd);
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
      "making a session's tally: %s", g_strerror (errno));
  return -1;
}

gboolean
foyer_tally_take (FoyerTally *self, int fd, GError **error)
{
  int seals = fcntl (fd, F_GET_SEALS);
  struct stat info;

  *self = (FoyerTally){ 0 };
  if (seals >= 0 && (seals & SEALS) == SEALS && fstat (fd, &info) == 0 &&
      info.st_size == FOYER_TALLY_BYTES &&
      map (self, fd, PROT_READ | PROT_WRITE))
    return TRUE;
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

guint64
foyer_tally_get_bytes (const FoyerTally *self)
{
  return load (&self->n_bytes);
}

/* %FALSE if the set may have been written meanwhile. */
static gboolean
read_set (const FoyerTallyPage *page, Set *set)
{
  guint64 turn = load (&page->turn);
  const Set *from = &page->sets[turn % 2];

  if (turn == 0)
    return FALSE;
  set->n_frames = load (&from->n_frames);
  set->n_refused = load (&from->n_refused);
  set->first_sequence = load (&from->first_sequence);
  set->last_sequence = load (&from->last_sequence);
  return load (&page->turn) == turn;
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
foyer_tally_read (const FoyerTally *self, FoyerAccount *account)
{
  gboolean is_read = FALSE;
  Set set;

  for (guint i = 0; self->page != NULL && i < N_TRIES && !is_read; i++)
    is_read = read_set (self->page, &set);
  if (!is_read || !is_plausible (&set))
    return FALSE;
  account->n_frames = set.n_frames;
  account->n_refused = set.n_refused;
  account->first_sequence = set.first_sequence;
  account->last_sequence = set.last_sequence;
  account->n_bytes = load (&self->page->n_bytes);
  return TRUE;
}

void
foyer_tally_clear (FoyerTally *self)
{
  if (self->page != NULL)
    munmap (self->page, FOYER_TALLY_BYTES);
  self->page = NULL;
}
