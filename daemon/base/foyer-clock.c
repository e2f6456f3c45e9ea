/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"

static gint64
system_read_us (gpointer user_data)
{
  return g_get_monotonic_time ();
}

static gint64
system_read_wall_us (gpointer user_data)
{
  return g_get_real_time ();
}

const FoyerClock *
foyer_clock_get_system (void)
{
  static const FoyerClock system_clock = {
    .read_us = system_read_us,
    .read_wall_us = system_read_wall_us,
  };

  return &system_clock;
}

gint64
foyer_clock_get_us (const FoyerClock *self)
{
  return self->read_us (self->user_data);
}

gint64
foyer_clock_get_wall_us (const FoyerClock *self)
{
  return self->read_wall_us (self->user_data);
}
