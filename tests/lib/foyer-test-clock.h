/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-clock.h"

G_BEGIN_DECLS

/* A clock that moves only when the test says so. */
typedef struct
{
  FoyerClock clock; /* hand &self->clock to the code under test */
  gint64 now_us;
  gint64 wall_us;
} FoyerTestClock;

/* Starts at @now_us monotonic and @wall_us since 1970. */
void foyer_test_clock_init (FoyerTestClock *self, gint64 now_us,
    gint64 wall_us);

/* Moves both times on by @us. */
void foyer_test_clock_advance (FoyerTestClock *self, gint64 us);

G_END_DECLS
