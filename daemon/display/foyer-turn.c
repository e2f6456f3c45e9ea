/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-turn.h"

gboolean
foyer_turn_take (FoyerTurn *self, guint64 pts_ns, gint64 late_ns)
{
  gint64 turn_ns = FOYER_TURN_MAX_NS;

  if (self->is_begun && pts_ns > self->pts_ns)
    turn_ns = (gint64) MIN (pts_ns - self->pts_ns, FOYER_TURN_MAX_NS);
  self->is_begun = TRUE;
  self->pts_ns = pts_ns;
  return late_ns < turn_ns;
}
