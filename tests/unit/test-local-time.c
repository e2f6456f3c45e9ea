/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-local-time.h"
#include "foyer-test-clock.h"

#define MINUTE(day, hour, minute) (((day) *24 + (hour)) * 60 + (minute))
#define SUNDAY                    6

static gint64
utc (int year, int month, int day, int hour, int minute, int second)
{
  g_autoptr (GDateTime) time = g_date_time_new_utc (year, month, day, hour,
      minute, second);

  return g_date_time_to_unix (time);
}

static GTimeZone *
zone_of (const char *name)
{
  GTimeZone *zone = g_time_zone_new_identifier (name);

  if (zone == NULL)
    g_test_skip ("the machine has no time zones");
  return zone;
}

static void
test_week (void)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();

  /* 1970-01-01 was a Thursday. */
  g_assert_cmpuint (foyer_local_time_get_minute_of_week (0, zone), ==,
      MINUTE (3, 0, 0));
  g_assert_cmpuint (
      foyer_local_time_get_minute_of_week (utc (2026, 3, 2, 0, 0, 0), zone), ==,
      0);
  g_assert_cmpuint (
      foyer_local_time_get_minute_of_week (utc (2026, 3, 1, 23, 59, 59), zone),
      ==, FOYER_MINUTES_A_WEEK - 1);
  g_assert_cmpuint (foyer_local_time_get_minute_of_week (-1, zone), ==,
      MINUTE (2, 23, 59));
}

/* Whatever the clock says, the minute is one of the week. */
static void
test_any_clock (void)
{
  static const gint64 times_s[] = { G_MININT64, G_MININT64 + 1, -1, 0, 1,
    G_MAXINT64 - 1, G_MAXINT64 };
  g_autoptr (GTimeZone) east = g_time_zone_new_offset (14 * 3600);
  g_autoptr (GTimeZone) west = g_time_zone_new_offset (-12 * 3600);

  for (guint i = 0; i < G_N_ELEMENTS (times_s); i++) {
    g_assert_cmpuint (foyer_local_time_get_minute_of_week (times_s[i], east), <,
        FOYER_MINUTES_A_WEEK);
    g_assert_cmpuint (foyer_local_time_get_minute_of_week (times_s[i], west), <,
        FOYER_MINUTES_A_WEEK);
  }
}

typedef struct
{
  gint64 wall_s;
  guint minute;
} Case;

static void
check (const char *zone_name, const Case *cases, guint n_cases)
{
  g_autoptr (GTimeZone) zone = zone_of (zone_name);

  for (guint i = 0; zone != NULL && i < n_cases; i++)
    g_assert_cmpuint (foyer_local_time_get_minute_of_week (cases[i].wall_s,
                          zone),
        ==, cases[i].minute);
}

static void
test_berlin (void)
{
  const Case cases[] = {
    /* spring 2026: 01:59:59 is followed by 03:00 */
    { utc (2026, 3, 29, 0, 59, 59), MINUTE (SUNDAY, 1, 59) },
    { utc (2026, 3, 29, 1, 0, 0), MINUTE (SUNDAY, 3, 0) },
    /* autumn: 02:00 to 02:59 comes twice */
    { utc (2026, 10, 25, 0, 0, 0), MINUTE (SUNDAY, 2, 0) },
    { utc (2026, 10, 25, 0, 59, 59), MINUTE (SUNDAY, 2, 59) },
    { utc (2026, 10, 25, 1, 0, 0), MINUTE (SUNDAY, 2, 0) },
    { utc (2026, 10, 25, 2, 0, 0), MINUTE (SUNDAY, 3, 0) },
    /* the week begins an hour or two before it does in UTC */
    { utc (2026, 7, 5, 22, 0, 0), 0 },
    { utc (2026, 1, 4, 23, 0, 0), 0 },
    { utc (2026, 1, 4, 22, 59, 59), FOYER_MINUTES_A_WEEK - 1 },
  };

  check ("Europe/Berlin", cases, G_N_ELEMENTS (cases));
}

/* Lord Howe Island moves by half an hour, +10:30 and +11:00. */
static void
test_lord_howe (void)
{
  const Case cases[] = {
    { utc (2026, 4, 4, 14, 59, 59), MINUTE (SUNDAY, 1, 59) },
    { utc (2026, 4, 4, 15, 0, 0), MINUTE (SUNDAY, 1, 30) },
    { utc (2026, 4, 4, 15, 30, 0), MINUTE (SUNDAY, 2, 0) },
    { utc (2026, 10, 3, 15, 29, 59), MINUTE (SUNDAY, 1, 59) },
    { utc (2026, 10, 3, 15, 30, 0), MINUTE (SUNDAY, 2, 30) },
  };

  check ("Australia/Lord_Howe", cases, G_N_ELEMENTS (cases));
}

static void
test_moment (void)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  FoyerTestClock fake;
  FoyerMoment moment;

  foyer_test_clock_init (&fake, 77, -1);
  moment = foyer_local_time_get_moment (&fake.clock, zone);
  g_assert_cmpint (moment.now_us, ==, 77);
  g_assert_cmpint (moment.wall_s, ==, -1);
  g_assert_cmpuint (moment.minute_of_week, ==, MINUTE (2, 23, 59));
}

static void
test_machine_zone (void)
{
  g_autoptr (GTimeZone) zone = foyer_local_time_get_zone ();

  g_assert_nonnull (zone);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local-time/week", test_week);
  g_test_add_func ("/local-time/any-clock", test_any_clock);
  g_test_add_func ("/local-time/berlin", test_berlin);
  g_test_add_func ("/local-time/lord-howe", test_lord_howe);
  g_test_add_func ("/local-time/moment", test_moment);
  g_test_add_func ("/local-time/machine-zone", test_machine_zone);
  return g_test_run ();
}
