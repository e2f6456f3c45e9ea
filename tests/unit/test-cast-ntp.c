/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-ntp.h"

static void
test_from_unix (void)
{
  /* 1970-01-01 */
  g_assert_cmphex (foyer_cast_ntp_from_unix_us (0), ==, 0x83aa7e8000000000);
  /* openscreen cast/streaming/ntp_time_unittest.cc */
  g_assert_cmphex (foyer_cast_ntp_from_unix_us (1553387150500000), ==,
      0xe0414d0e80000000);
  g_assert_cmphex (foyer_cast_ntp_from_unix_us (10000), ==, 0x83aa7e80028f5c28);
  g_assert_cmphex (foyer_cast_ntp_from_unix_us (1700000000250000), ==,
      0xe8fe6f8040000000);
}

static void
test_from_before_1970 (void)
{
  g_assert_cmphex (foyer_cast_ntp_from_unix_us (-500000), ==,
      0x83aa7e7f80000000);
  g_assert_cmphex (foyer_cast_ntp_from_unix_us (-1000000), ==,
      0x83aa7e7f00000000);
}

static void
test_to_unix (void)
{
  g_assert_cmpint (foyer_cast_ntp_to_unix_us (0x83aa7e8000000000), ==, 0);
  g_assert_cmpint (foyer_cast_ntp_to_unix_us (0xe0414d0e80000000), ==,
      1553387150500000);
  g_assert_cmpint (foyer_cast_ntp_to_unix_us (0x83aa7e80028f5c28), ==, 10000);
}

static void
test_to_unix_rounds (void)
{
  /* 2^-32 s before 1970, and half a microsecond and a bit less after it */
  g_assert_cmpint (foyer_cast_ntp_to_unix_us (0x83aa7e7fffffffff), ==, 0);
  g_assert_cmpint (foyer_cast_ntp_to_unix_us (0x83aa7e8000000864), ==, 1);
  g_assert_cmpint (foyer_cast_ntp_to_unix_us (0x83aa7e8000000863), ==, 0);
}

static void
test_next_era (void)
{
  /* 2036-02-07T06:28:16Z, when the seconds wrap: RFC 5905 figure 4 */
  g_assert_cmphex (foyer_cast_ntp_from_unix_us (2085978496000000), ==, 0);
  g_assert_cmpint (foyer_cast_ntp_to_unix_us (0), ==, 2085978496000000);
  g_assert_cmpint (foyer_cast_ntp_to_unix_us (0xffffffff00000000), ==,
      2085978495000000);
}

static void
test_there_and_back (void)
{
  for (gint64 us = 1700000000000000; us < 1700000001000000; us += 37)
    g_assert_cmpint (foyer_cast_ntp_to_unix_us (
                         foyer_cast_ntp_from_unix_us (us)),
        ==, us);
}

static void
test_report_id (void)
{
  g_assert_cmphex (foyer_cast_ntp_get_report_id (0xe8fe6f8040000000), ==,
      0x6f804000);
  g_assert_cmphex (foyer_cast_ntp_get_report_id (0xe0732e5480000000), ==,
      0x2e548000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-ntp/from-unix/vectors", test_from_unix);
  g_test_add_func ("/cast-ntp/from-unix/before-1970", test_from_before_1970);
  g_test_add_func ("/cast-ntp/to-unix/vectors", test_to_unix);
  g_test_add_func ("/cast-ntp/to-unix/rounds", test_to_unix_rounds);
  g_test_add_func ("/cast-ntp/era/next", test_next_era);
  g_test_add_func ("/cast-ntp/era/there-and-back", test_there_and_back);
  g_test_add_func ("/cast-ntp/report-id/vectors", test_report_id);
  return g_test_run ();
}
