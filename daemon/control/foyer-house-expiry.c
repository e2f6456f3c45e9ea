/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house-private.h"

/* Rules that expire. The core asks for the time whenever it decides, so nothing
 * here lets or ends anything: it is seen to that people hear of it. */

void
foyer_house_init_expiries (FoyerHouse *self)
{
  self->expired = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      NULL);
}

void
foyer_house_free_expiries (FoyerHouse *self)
{
  g_clear_pointer (&self->expired, g_hash_table_unref);
}

/* A clock that is set back may put one in force again. */
static gboolean
note_rule (FoyerHouse *self, const FoyerRule *rule, gint64 left_us)
{
  const guint64 id = rule->id.v;
  gboolean is_over = left_us <= 0;

  if (is_over == g_hash_table_contains (self->expired, &id))
    return FALSE;
  if (is_over)
    g_hash_table_add (self->expired, g_memdup2 (&id, sizeof id));
  else
    g_hash_table_remove (self->expired, &id);
  /* What was over before we came is no news. */
  if (self->events != NULL)
    foyer_house_book_rule (self, G_MAXUINT32, rule,
        is_over ? "expired" : "in force again");
  return TRUE;
}

gboolean
foyer_house_note_expiries (FoyerHouse *self)
{
  const FoyerPolicy *policy = &self->core->policy;
  const FoyerClock *clock = self->parts.clock;
  gint64 wall_us = foyer_clock_get_wall_us (clock);
  gint64 least_us = G_MAXINT64;
  gboolean has_changed = FALSE;

  for (guint32 i = 0; i < policy->n_rules; i++) {
    const FoyerRule *rule = &policy->rules[i];
    gint64 left_us = rule->expires_s * G_USEC_PER_SEC - wall_us;

    if (rule->expires_s == 0)
      continue;
    has_changed |= note_rule (self, rule, left_us);
    if (left_us > 0)
      least_us = MIN (least_us, left_us);
  }
  self->expiry_us = least_us != G_MAXINT64
      ? foyer_clock_get_us (clock) + least_us
      : 0;
  foyer_house_set_alarm (self);
  return has_changed;
}
