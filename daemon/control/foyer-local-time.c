/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-local-time.h"

#define US_A_SECOND    G_GINT64_CONSTANT (1000000)
#define S_A_WEEK       (FOYER_MINUTES_A_WEEK * 60)
#define THURSDAY       3 /* the first day of 1970, from Monday 0 */
#define S_BEFORE_MON_0 (THURSDAY * 24 * 60 * 60)

GTimeZone *
foyer_local_time_get_zone (void)
{
  GTimeZone *zone = g_time_zone_new_identifier (NULL);

  return zone != NULL ? zone : g_time_zone_new_utc ();
}

/* Counted from the offset rather than taken from a GDateTime, which knows the
 * years 1 to 9999 alone. */
uint32_t
foyer_local_time_get_minute_of_week (gint64 wall_s, GTimeZone *zone)
{
  gint interval = g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL,
      wall_s);
  gint64 offset_s = g_time_zone_get_offset (zone, MAX (interval, 0));
  /* Reduced first, so that no number of seconds overflows. */
  gint64 second = (wall_s % S_A_WEEK + offset_s + S_BEFORE_MON_0) % S_A_WEEK;

  if (second < 0)
    second += S_A_WEEK;
  return (uint32_t) (second / 60);
}

FoyerMoment
foyer_local_time_get_moment (const FoyerClock *clock, GTimeZone *zone)
{
  gint64 wall_us = foyer_clock_get_wall_us (clock);
  /* Down, before 1970 too. */
  gint64 wall_s = wall_us / US_A_SECOND - (wall_us % US_A_SECOND < 0);

  return (FoyerMoment){
    .now_us = foyer_clock_get_us (clock),
    .wall_s = wall_s,
    .minute_of_week = foyer_local_time_get_minute_of_week (wall_s, zone),
  };
}
