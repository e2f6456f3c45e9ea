/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-parse.h"

#include <string.h>

/* 0 where it is refused. */
static guint
parse_duration (const char *text)
{
  g_autoptr (GError) error = NULL;
  guint seconds = 0;

  if (foyer_ctl_parse_duration (text, &seconds, &error))
    return seconds;
  g_assert_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE);
  return 0;
}

static void
test_size (void)
{
  static const char *const bad[] = { "", "x", "1280", "1280x", "x720",
    "1280x720x1", "-1x1", "1280X720", "65536x1", "1x65536", "1 x1" };
  guint width_px = 0, height_px = 0;

  g_assert_true (
      foyer_ctl_parse_size ("1280x720", &width_px, &height_px, NULL));
  g_assert_cmpuint (width_px, ==, 1280);
  g_assert_cmpuint (height_px, ==, 720);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (
        foyer_ctl_parse_size (bad[i], &width_px, &height_px, &error));
    g_assert_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE);
  }
}

static void
test_duration (void)
{
  g_assert_cmpuint (parse_duration ("30s"), ==, 30);
  g_assert_cmpuint (parse_duration ("10m"), ==, 600);
  g_assert_cmpuint (parse_duration ("2h"), ==, 7200);
  g_assert_cmpuint (parse_duration ("1d"), ==, 86400);
  g_assert_cmpuint (parse_duration ("1w"), ==, 7 * 86400);
  g_assert_cmpuint (parse_duration ("90"), ==, 90);
  g_assert_cmpuint (parse_duration ("1h30m"), ==, 5400);
  g_assert_cmpuint (parse_duration ("2147483647"), ==, 2147483647);
}

static void
test_duration_refused (void)
{
  static const char *const texts[] = { "", "0", "0s", "s", "-5s", "+5s", "5x",
    "5 s", "1m1h", "5m5m", "5m5", "5.5s", "2147483648", "99999999999999999999",
    "99999999999w", "30sec", "１0s" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_test_message ("%s", texts[i]);
    g_assert_cmpuint (parse_duration (texts[i]), ==, 0);
  }
}

/* -1 where it is refused. */
static gint64
parse_time (const char *text)
{
  g_autoptr (GError) error = NULL;
  gint64 seconds = -1;

  if (foyer_ctl_parse_time (text, &seconds, &error))
    return seconds;
  g_assert_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE);
  return -1;
}

/* The tests run in the zone that main() set: an hour ahead, two in summer. */
static void
test_time (void)
{
  g_assert_cmpint (parse_time ("2026-12-31T18:00"), ==, 1798736400);
  g_assert_cmpint (parse_time ("2026-12-31T18:00:05"), ==, 1798736405);
  g_assert_cmpint (parse_time ("2026-12-31 18:00"), ==, 1798736400);
  g_assert_cmpint (parse_time ("2026-12-31T18:00:00Z"), ==, 1798740000);
  g_assert_cmpint (parse_time ("2026-12-31T18:00:00+01:00"), ==, 1798736400);
  g_assert_cmpint (parse_time ("2026-12-31"), ==, 1798671600);
  g_assert_cmpint (parse_time ("2026-07-01T12:00"), ==, 1782900000);
}

static void
test_time_refused (void)
{
  static const char *const texts[] = { "", "tomorrow", "2026-13-01",
    "2026-02-30", "2026-12-31T25:00", "18:00", "31.12.2026", "1969-01-01" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_test_message ("%s", texts[i]);
    g_assert_cmpint (parse_time (texts[i]), ==, -1);
  }
}

static void
test_time_or_duration (void)
{
  g_autoptr (GError) error = NULL;
  gint64 seconds;

  g_assert_true (
      foyer_ctl_parse_time_or_duration ("2d", 1000000, -1, &seconds, NULL));
  g_assert_cmpint (seconds, ==, 1000000 - 2 * 86400);
  g_assert_true (
      foyer_ctl_parse_time_or_duration ("2d", 1000000, 1, &seconds, NULL));
  g_assert_cmpint (seconds, ==, 1000000 + 2 * 86400);
  g_assert_true (
      foyer_ctl_parse_time_or_duration ("9w", 1000000, -1, &seconds, NULL));
  g_assert_cmpint (seconds, ==, 0);
  g_assert_true (foyer_ctl_parse_time_or_duration ("2026-12-31T18:00", 0, 1,
      &seconds, NULL));
  g_assert_cmpint (seconds, ==, 1798736400);
  g_assert_false (
      foyer_ctl_parse_time_or_duration ("soon\n", 0, 1, &seconds, &error));
  g_assert_cmpstr (error->message, ==,
      "\"soon\\u{a}\" is no time such as 2026-12-31T18:00 or 2d");
}

static void
test_number (void)
{
  guint64 number = 7;

  g_assert_true (foyer_ctl_parse_number ("18446744073709551615", &number));
  g_assert_cmpuint (number, ==, G_MAXUINT64);
  g_assert_false (foyer_ctl_parse_number ("18446744073709551616", &number));
  g_assert_false (foyer_ctl_parse_number ("", &number));
  g_assert_false (foyer_ctl_parse_number ("-1", &number));
  g_assert_false (foyer_ctl_parse_number ("+1", &number));
  g_assert_false (foyer_ctl_parse_number (" 1", &number));
  g_assert_false (foyer_ctl_parse_number ("1 ", &number));
}

static void
test_count (void)
{
  static const char *const wrong[] = { "0", "", "-1", "x", "4294967296" };
  guint32 count = 7;

  g_assert_true (foyer_ctl_parse_count ("4294967295", "limit", &count, NULL));
  g_assert_cmpuint (count, ==, G_MAXUINT32);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_false (foyer_ctl_parse_count (wrong[i], "limit", &count, &error));
    g_assert_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE);
    g_assert_nonnull (strstr (error->message, "--limit"));
  }
  g_assert_cmpuint (count, ==, G_MAXUINT32);
}

static void
assert_address (const char *text, const char *wanted, guint16 wanted_port)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *host = NULL;
  guint16 port = 8009;

  g_test_message ("%s", text);
  if (foyer_ctl_parse_address (text, &host, &port, &error))
    g_assert_no_error (error);
  else
    g_assert_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE);
  g_assert_cmpstr (host, ==, wanted);
  g_assert_cmpuint (port, ==, wanted_port);
}

static void
test_address (void)
{
  assert_address ("192.168.1.20", "192.168.1.20", 8009);
  assert_address ("192.168.1.20:8010", "192.168.1.20", 8010);
  assert_address ("kitchen.local", "kitchen.local", 8009);
  assert_address ("fe80::1", "fe80::1", 8009);
  assert_address ("[fe80::1]", "fe80::1", 8009);
  assert_address ("[fe80::1%eth0]:8010", "fe80::1%eth0", 8010);
}

static void
test_address_refused (void)
{
  static const char *const texts[] = { "", ":8009", "host:", "host:0",
    "host:65536", "host:x", "[]:8009", "[::1", "[::1]8009", "[::1]:" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_address (texts[i], NULL, 8009);
}

static void
test_told (void)
{
  static const struct
  {
    guint64 seconds;
    const char *text;
  } cases[] = { { 0, "0s" }, { 59, "59s" }, { 61, "1m 01s" },
    { 7500, "2h 05m" }, { 90000, "1d 01h" } };
  g_autofree char *moment = foyer_ctl_dup_time (
      G_GUINT64_CONSTANT (1798736405) * G_USEC_PER_SEC);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = foyer_ctl_dup_duration (cases[i].seconds);

    g_assert_cmpstr (text, ==, cases[i].text);
  }
  g_assert_cmpstr (moment, ==, "2026-12-31 18:00:05");
  g_assert_null (foyer_ctl_dup_time (0));
  g_assert_null (foyer_ctl_dup_time (G_MAXUINT64));
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-parse/size", test_size);
  g_test_add_func ("/ctl-parse/duration", test_duration);
  g_test_add_func ("/ctl-parse/duration/refused", test_duration_refused);
  g_test_add_func ("/ctl-parse/time", test_time);
  g_test_add_func ("/ctl-parse/time/refused", test_time_refused);
  g_test_add_func ("/ctl-parse/time-or-duration", test_time_or_duration);
  g_test_add_func ("/ctl-parse/number", test_number);
  g_test_add_func ("/ctl-parse/count", test_count);
  g_test_add_func ("/ctl-parse/address", test_address);
  g_test_add_func ("/ctl-parse/address/refused", test_address_refused);
  g_test_add_func ("/ctl-parse/told", test_told);
  return g_test_run ();
}
