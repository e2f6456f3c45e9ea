/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-keeper.h"

#include "foyer-random.h"

/* One that waits for its next try, in the place of a session that is over. */
typedef struct
{
  FoyerKeeper *keeper;
  FoyerSessionId id;
  FoyerCast cast;
  guint n_tries;
  guint timer;
} Kept;

/* How often the session now running was tried before. */
typedef struct
{
  guint64 id;
  guint n_tries;
} Count;

struct _FoyerKeeper
{
  FoyerKeeperAsk ask;
  void (*over) (FoyerSessionId id, gpointer user_data);
  gpointer user_data;
  GPtrArray *kept; /* of Kept */
  GArray *counts;  /* of Count */
};

static void
kept_free (gpointer data)
{
  Kept *kept = data;

  g_clear_handle_id (&kept->timer, g_source_remove);
  g_free (kept);
}

FoyerKeeper *
foyer_keeper_new (FoyerKeeperAsk ask,
    void (*over) (FoyerSessionId id, gpointer user_data), gpointer user_data)
{
  FoyerKeeper *self = g_new0 (FoyerKeeper, 1);

  self->ask = ask;
  self->over = over;
  self->user_data = user_data;
  self->kept = g_ptr_array_new_with_free_func (kept_free);
  self->counts = g_array_new (FALSE, FALSE, sizeof (Count));
  return self;
}

gboolean
foyer_keeper_is_final (FoyerReason reason)
{
  switch (reason) {
    /* It ended by itself: things may be better in a while. */
    case FOYER_REASON_NO_CAMERA:
    case FOYER_REASON_NO_TARGET:
    case FOYER_REASON_BUSY:
    case FOYER_REASON_FULL:
    case FOYER_REASON_CAMERA_GONE:
    case FOYER_REASON_CAMERA_FAILED:
    case FOYER_REASON_DISPLAY_LOST:
    case FOYER_REASON_DISPLAY_FAILED:
    case FOYER_REASON_WORKER_DIED:
    case FOYER_REASON_WORKER_ROGUE:
    case FOYER_REASON_TOO_SLOW:
      return FALSE;
    /* Somebody decided it. */
    case FOYER_REASON_NONE:
    case FOYER_REASON_DENIED:
    case FOYER_REASON_LOCKDOWN:
    case FOYER_REASON_AMBIGUOUS:
    case FOYER_REASON_MALFORMED:
    case FOYER_REASON_STOPPED:
    case FOYER_REASON_REVOKED:
    case FOYER_REASON_EXPIRED:
    case FOYER_REASON_CALLER_GONE:
    case FOYER_REASON_NO_APP:
    case FOYER_REASON_NOT_PAIRED:
    case FOYER_REASON_KEY_CHANGED:
    case FOYER_REASON_NOT_VERIFIED:
    case FOYER_REASON_TARGET_GONE:
    /* Or must first do something about it. */
    case FOYER_REASON_NO_ENCODER:
    case FOYER_N_REASONS:
      return TRUE;
  }
  return TRUE;
}

guint
foyer_keeper_get_delay_ms (guint n_tries)
{
  guint64 delay_ms = (guint64) FOYER_KEEPER_FIRST_MS << MIN (n_tries, 16);

  return (guint) MIN (delay_ms, FOYER_KEEPER_LAST_MS);
}

static gboolean on_due (gpointer user_data);

static void
wait (Kept *kept)
{
  guint delay_ms = foyer_keeper_get_delay_ms (kept->n_tries);

  /* Up to a quarter more, so that all do not come back together. */
  delay_ms += foyer_random_range (0, delay_ms / 4);
  kept->n_tries++;
  kept->timer = g_timeout_add (delay_ms, on_due, kept);
}

static gboolean
on_due (gpointer user_data)
{
  Kept *kept = user_data;
  FoyerKeeper *self = kept->keeper;
  FoyerReason reason = FOYER_REASON_NONE;
  FoyerSessionId id;

  kept->timer = 0;
  if (self->ask (&kept->cast, &id, &reason, self->user_data)) {
    const Count count = { .id = id.v, .n_tries = kept->n_tries };

    g_array_append_val (self->counts, count);
  } else if (kept->cast.is_kept && !foyer_keeper_is_final (reason)) {
    wait (kept);
    return G_SOURCE_REMOVE;
  }
  id = kept->id;
  g_ptr_array_remove_fast (self->kept, kept);
  self->over (id, self->user_data);
  return G_SOURCE_REMOVE;
}

/* How often it was tried, and forgets that. */
static guint
take_count (FoyerKeeper *self, FoyerSessionId id)
{
  for (guint i = 0; i < self->counts->len; i++) {
    const Count count = g_array_index (self->counts, Count, i);

    if (count.id == id.v) {
      g_array_remove_index_fast (self->counts, i);
      return count.n_tries;
    }
  }
  return 0;
}

static Kept *
add (FoyerKeeper *self, FoyerSessionId id, const FoyerCast *cast)
{
  Kept *kept = g_new0 (Kept, 1);

  kept->keeper = self;
  kept->id = id;
  kept->cast = *cast;
  g_ptr_array_add (self->kept, kept);
  return kept;
}

void
foyer_keeper_follow (FoyerKeeper *self, FoyerSessionId id,
    const FoyerCast *cast)
{
  Kept *kept = add (self, id, cast);

  (void) take_count (self, id);
  kept->timer = g_idle_add (on_due, kept);
}

gboolean
foyer_keeper_take (FoyerKeeper *self, FoyerSessionId id, const FoyerCast *cast,
    FoyerReason reason, gint64 lasted_us)
{
  guint n_tries = take_count (self, id);
  Kept *kept;

  if (!cast->is_kept || foyer_keeper_is_final (reason))
    return FALSE;
  kept = add (self, id, cast);
  kept->n_tries = lasted_us >= FOYER_KEEPER_GOOD_US ? 0 : n_tries;
  wait (kept);
  return TRUE;
}

gboolean
foyer_keeper_drop (FoyerKeeper *self, FoyerSessionId id)
{
  for (guint i = 0; i < self->kept->len; i++) {
    Kept *kept = self->kept->pdata[i];

    if (foyer_session_id_equal (kept->id, id)) {
      g_ptr_array_remove_index_fast (self->kept, i);
      self->over (id, self->user_data);
      return TRUE;
    }
  }
  return FALSE;
}

void
foyer_keeper_drop_all (FoyerKeeper *self)
{
  while (self->kept->len > 0) {
    const Kept *kept = self->kept->pdata[0];

    foyer_keeper_drop (self, kept->id);
  }
}

void
foyer_keeper_free (FoyerKeeper *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->kept);
  g_array_unref (self->counts);
  g_free (self);
}
