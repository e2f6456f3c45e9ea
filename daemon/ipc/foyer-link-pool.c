/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-link-pool.h"

#include "foyer-fd.h"
#include "foyer-memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Neither size nor content nor these very words can change any more, but for
 * what the maker mapped before. */
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL)

G_STATIC_ASSERT (FOYER_SLOTS_MAX == FOYER_LINK_MAX_SLOTS);

static gsize
get_size_bytes (const FoyerLinkPool *self)
{
  return self->slot_bytes * self->slots.n_slots;
}

/* In no core dump, and not in swap if the limits allow: best effort, since a
 * worker has neither core dumps nor, on most machines, the right to lock. */
static void
guard (FoyerLinkPool *self)
{
  if (madvise (self->data, get_size_bytes (self), MADV_DONTDUMP) != 0 ||
      mlock2 (self->data, get_size_bytes (self), MLOCK_ONFAULT) != 0)
    g_debug ("a link's pool may be dumped or swapped: %s", g_strerror (errno));
}

static gboolean
map (FoyerLinkPool *self, int fd, int protection)
{
  void *data = mmap (NULL, get_size_bytes (self), protection, MAP_SHARED, fd,
      0);

  if (data == MAP_FAILED)
    return FALSE;
  self->data = data;
  guard (self);
  return TRUE;
}

static void
init (FoyerLinkPool *self, gsize slot_bytes, guint n_slots, gboolean is_writer)
{
  *self = (FoyerLinkPool){ .slot_bytes = slot_bytes, .is_writer = is_writer };
  foyer_slots_init (&self->slots, n_slots);
}

int
foyer_link_pool_make (FoyerLinkPool *self, gsize slot_bytes, guint n_slots,
    GError **error)
{
  foyer_autofd int fd = foyer_memfd_new ("foyer-link");

  init (self, slot_bytes, n_slots, TRUE);
  if (fd < 0 || ftruncate (fd, (off_t) get_size_bytes (self)) != 0 ||
      !map (self, fd, PROT_READ | PROT_WRITE) ||
      fcntl (fd, F_ADD_SEALS, SEALS) != 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
        "making a link's pool of %u slots: %s", n_slots, g_strerror (errno));
    foyer_link_pool_clear (self);
    return -1;
  }
  return g_steal_fd (&fd);
}

gboolean
foyer_link_pool_take (FoyerLinkPool *self, int fd, gsize slot_bytes,
    guint n_slots)
{
  int seals = fcntl (fd, F_GET_SEALS);
  struct stat info;

  init (self, slot_bytes, n_slots, FALSE);
  if (seals < 0 || (seals & SEALS) != SEALS)
    return FALSE;
  if (fstat (fd, &info) != 0 || info.st_size != (off_t) get_size_bytes (self))
    return FALSE;
  return map (self, fd, PROT_READ);
}

void
foyer_link_pool_fill (FoyerLinkPool *self, guint slot, const guint8 *data,
    gsize n_bytes)
{
  g_return_if_fail (slot < self->slots.n_slots);
  g_return_if_fail (!self->slots.is_read[slot] && n_bytes <= self->slot_bytes);
  memcpy (self->data + slot * self->slot_bytes, data, n_bytes);
  self->used_bytes[slot] = n_bytes;
}

const guint8 *
foyer_link_pool_get (const FoyerLinkPool *self, guint slot)
{
  g_return_val_if_fail (slot < self->slots.n_slots, NULL);
  return self->data + slot * self->slot_bytes;
}

void
foyer_link_pool_wipe (FoyerLinkPool *self, guint slot)
{
  g_return_if_fail (self->is_writer && slot < self->slots.n_slots);
  explicit_bzero (self->data + slot * self->slot_bytes, self->used_bytes[slot]);
  self->used_bytes[slot] = 0;
}

void
foyer_link_pool_clear (FoyerLinkPool *self)
{
  if (self->data == NULL)
    return;
  for (guint i = 0; self->is_writer && i < self->slots.n_slots; i++)
    foyer_link_pool_wipe (self, i);
  munmap (self->data, get_size_bytes (self));
  self->data = NULL;
}
