/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-clock.h"
#include "foyer-policy.h"

G_BEGIN_DECLS

/* The moment as rules see it. Minutes of the week are local time: in the hour
 * that daylight saving leaves out no moment falls, and those of the hour that
 * it repeats come twice. */

/**
 * foyer_local_time_get_zone:
 *
 * Reads where the machine is now, so that a zone changed by the owner counts
 * without a restart.
 *
 * Returns: (transfer full): UTC if the machine does not say
 */
GTimeZone *foyer_local_time_get_zone (void);

/**
 * foyer_local_time_get_minute_of_week:
 * @wall_s: seconds since 1970, any
 * @zone: (transfer none): where
 *
 * Returns: 0 for Monday 00:00, to 10079
 */
uint32_t foyer_local_time_get_minute_of_week (gint64 wall_s, GTimeZone *zone);

/**
 * foyer_local_time_get_moment:
 * @clock: (transfer none): the clock
 * @zone: (transfer none): where
 *
 * Returns: now
 */
FoyerMoment foyer_local_time_get_moment (const FoyerClock *clock,
    GTimeZone *zone);

G_END_DECLS
