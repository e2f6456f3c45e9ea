/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Time as an argument: everything that needs the time is given a FoyerClock,
 * real or fake. A clock is borrowed for the life of its user and may be read
 * from any thread. */

typedef struct _FoyerClock FoyerClock;

/**
 * FoyerClock:
 * @read_us: gives CLOCK_MONOTONIC, in microseconds
 * @read_wall_us: gives the time of day, in microseconds since 1970 UTC
 * @user_data: handed to both
 */
struct _FoyerClock
{
  gint64 (*read_us) (gpointer user_data);
  gint64 (*read_wall_us) (gpointer user_data);
  gpointer user_data;
};

/**
 * foyer_clock_get_system:
 *
 * Returns: (transfer none): the machine's own clock; never %NULL
 */
const FoyerClock *foyer_clock_get_system (void);

/**
 * foyer_clock_get_us:
 * @self: a clock
 *
 * Returns: monotonic time in microseconds
 */
gint64 foyer_clock_get_us (const FoyerClock *self);

/**
 * foyer_clock_get_wall_us:
 * @self: a clock
 *
 * Returns: microseconds since 1970-01-01 00:00 UTC; may jump
 */
gint64 foyer_clock_get_wall_us (const FoyerClock *self);

G_END_DECLS
