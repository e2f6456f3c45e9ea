/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether it is still a picture's turn to be shown. Its turn begins at its time,
 * capture and target delay, and ends when that of the next would begin: what is
 * shown within it is seen no longer than if it had been there at once, and what
 * comes later is from the past. A sink wakes up a little after a picture's time,
 * on a busy machine more than a little, so a moment alone would be too short.
 * Pure. */

/* Of a picture after which a long time nothing came, or that has none before it. */
#define FOYER_TURN_MAX_NS (50 * 1000000)

/**
 * FoyerTurn:
 * @is_begun: there was a picture
 * @pts_ns: presentation time of the last
 */
typedef struct
{
  gboolean is_begun;
  guint64 pts_ns;
} FoyerTurn;

/**
 * foyer_turn_take:
 * @self: all 0 at first
 * @pts_ns: presentation time of the next picture
 * @late_ns: how long ago its turn began; negative before it
 *
 * A turn is taken to last as long as the one before did.
 *
 * Returns: %TRUE if it may be shown now
 */
gboolean foyer_turn_take (FoyerTurn *self, guint64 pts_ns, gint64 late_ns);

G_END_DECLS
