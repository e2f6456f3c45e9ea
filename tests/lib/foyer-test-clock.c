/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-clock.h"

static gint64
test_read_us (gpointer user_data)
{
  return ((FoyerTestClock *) user_data)->now_us;
}

static gint64
test_read_wall_us (gpointer user_data)
{
  return ((FoyerTestClock *) user_data)->wall_us;
}

void
foyer_test_clock_init (FoyerTestClock *self, gint64 now_us, gint64 wall_us)
{
  *self = (FoyerTestClock){
    .clock = { .read_us = test_read_us,
        .read_wall_us = test_read_wall_us,
        .user_data = self },
    .now_us = now_us,
    .wall_us = wall_us,
  };
}

void
foyer_test_clock_advance (FoyerTestClock *self, gint64 us)
{
  self->now_us += us;
  self->wall_us += us;
}
