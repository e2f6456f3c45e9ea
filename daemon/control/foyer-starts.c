/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-starts.h"

typedef struct
{
  gpointer owner;
  void (*go) (gpointer owner);
} Waiting;

struct _FoyerStarts
{
  guint n_most;
  GPtrArray *going; /* owners, borrowed */
  GQueue waiting;   /* of Waiting */
};

FoyerStarts *
foyer_starts_new (guint n_most)
{
  FoyerStarts *self = g_new0 (FoyerStarts, 1);

  self->n_most = n_most;
  self->going = g_ptr_array_new ();
  g_queue_init (&self->waiting);
  return self;
}

void
foyer_starts_enter (FoyerStarts *self, gpointer owner,
    void (*go) (gpointer owner))
{
  if (self->going->len < self->n_most) {
    g_ptr_array_add (self->going, owner);
    go (owner);
    return;
  }

  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->owner = owner;
  waiting->go = go;
  g_queue_push_tail (&self->waiting, waiting);
}

static void
forget_waiting (FoyerStarts *self, gpointer owner)
{
  for (GList *at = self->waiting.head; at != NULL; at = at->next) {
    Waiting *waiting = at->data;

    if (waiting->owner == owner) {
      g_free (waiting);
      g_queue_delete_link (&self->waiting, at);
      return;
    }
  }
}

void
foyer_starts_leave (FoyerStarts *self, gpointer owner)
{
  forget_waiting (self, owner);
  if (!g_ptr_array_remove_fast (self->going, owner))
    return;
  while (
      self->going->len < self->n_most && !g_queue_is_empty (&self->waiting)) {
    g_autofree Waiting *waiting = g_queue_pop_head (&self->waiting);

    g_ptr_array_add (self->going, waiting->owner);
    waiting->go (waiting->owner);
  }
}

guint
foyer_starts_get_n_going (const FoyerStarts *self)
{
  return self->going->len;
}

void
foyer_starts_free (FoyerStarts *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->going);
  g_queue_clear_full (&self->waiting, g_free);
  g_free (self);
}
