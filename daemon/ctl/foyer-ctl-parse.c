/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-parse.h"

#include "foyer-ctl-error.h"
#include "foyer-print.h"

#include <string.h>

#define MINUTE_S 60
#define HOUR_S   (60 * MINUTE_S)
#define DAY_S    (24 * HOUR_S)
#define WEEK_S   (7 * DAY_S)

/* Seconds of a unit; 0 for none. */
static guint64
get_unit (char unit)
{
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return MINUTE_S;
    case 'h':
      return HOUR_S;
    case 'd':
      return DAY_S;
    case 'w':
      return WEEK_S;
    default:
      return 0;
  }
}

static gboolean
fail (GError **error, const char *text, const char *wanted)
{
  g_autofree char *safe = foyer_print_dup_safe (text);

  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE, "\"%s\" is no %s",
      safe, wanted);
  return FALSE;
}

/* Each unit at most once, from great to small; a number alone is seconds. */
static guint64
read_duration (const char *text)
{
  guint64 sum = 0, last = G_MAXUINT64;
  gboolean is_alone = TRUE;

  while (*text != '\0') {
    guint64 number = 0, unit;
    const char *begin = text;

    for (; g_ascii_isdigit (*text) && number <= G_MAXINT32; text++)
      number = number * 10 + (guint64) g_ascii_digit_value (*text);
    if (text == begin)
      return 0;
    if (*text == '\0')
      return is_alone ? number : 0;
    unit = get_unit (*text++);
    if (unit == 0 || unit >= last)
      return 0;
    sum += number * unit;
    last = unit;
    is_alone = FALSE;
  }
  return sum;
}

gboolean
foyer_ctl_parse_duration (const char *text, guint *seconds, GError **error)
{
  guint64 value = read_duration (text);

  if (value == 0 || value > G_MAXINT32)
    return fail (error, text, "duration such as 30s, 10m or 2h");
  *seconds = (guint) value;
  return TRUE;
}

gboolean
foyer_ctl_parse_time (const char *text, gint64 *seconds, GError **error)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) moment = NULL;
  g_autofree char *full = NULL;
  gsize length = strlen (text);

  if (length == strlen ("2026-12-31"))
    full = g_strconcat (text, "T00:00:00", NULL);
  else if (length == strlen ("2026-12-31T18:00"))
    full = g_strconcat (text, ":00", NULL);
  else
    full = g_strdup (text);
  moment = g_date_time_new_from_iso8601 (full, zone);
  if (moment == NULL || g_date_time_to_unix (moment) < 0)
    return fail (error, text, "time such as 2026-12-31T18:00");
  *seconds = g_date_time_to_unix (moment);
  return TRUE;
}

gboolean
foyer_ctl_parse_time_or_duration (const char *text, gint64 now_s, int direction,
    gint64 *seconds, GError **error)
{
  guint duration_s;

  if (foyer_ctl_parse_duration (text, &duration_s, NULL)) {
    *seconds = MAX (now_s + direction * (gint64) duration_s, 0);
    return TRUE;
  }
  if (foyer_ctl_parse_time (text, seconds, NULL))
    return TRUE;
  return fail (error, text, "time such as 2026-12-31T18:00 or 2d");
}

gboolean
foyer_ctl_parse_number (const char *text, guint64 *number)
{
  for (const char *at = text; *at != '\0'; at++) {
    if (!g_ascii_isdigit (*at))
      return FALSE;
  }
  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, number, NULL);
}

gboolean
foyer_ctl_parse_count (const char *text, const char *option, guint32 *count,
    GError **error)
{
  g_autofree char *wanted = NULL;
  guint64 number;

  if (foyer_ctl_parse_number (text, &number) && number > 0 &&
      number <= G_MAXUINT32) {
    *count = (guint32) number;
    return TRUE;
  }
  wanted = g_strdup_printf ("number above 0, as --%s wants it", option);
  return fail (error, text, wanted);
}

static gboolean
read_port (const char *text, guint16 *port)
{
  guint64 number;

  if (!foyer_ctl_parse_number (text, &number) || number == 0 ||
      number > G_MAXUINT16)
    return FALSE;
  *port = (guint16) number;
  return TRUE;
}

gboolean
foyer_ctl_parse_size (const char *text, guint *width_px, guint *height_px,
    GError **error)
{
  g_auto (GStrv) sides = g_strsplit (text, "x", 3);
  guint64 width = 0, height = 0;

  if (g_strv_length (sides) != 2 ||
      !foyer_ctl_parse_number (sides[0], &width) ||
      !foyer_ctl_parse_number (sides[1], &height) || width > G_MAXUINT16 ||
      height > G_MAXUINT16) {
    g_autofree char *safe = foyer_print_dup_safe (text);

    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "\"%s\" is no size; one is written 1280x720", safe);
    return FALSE;
  }
  *width_px = (guint) width;
  *height_px = (guint) height;
  return TRUE;
}

gboolean
foyer_ctl_parse_address (const char *text, char **host, guint16 *port,
    GError **error)
{
  const char *colon = strrchr (text, ':');
  const char *end = colon;
  const char *bracket = strchr (text, ']');
  guint16 said = *port;

  if (*text == '[' && bracket != NULL) {
    text++;
    end = bracket;
    colon = bracket[1] != '\0' ? bracket + 1 : NULL;
  } else if (colon == NULL || strchr (text, ':') != colon) {
    colon = NULL;
    end = text + strlen (text);
  }
  if (end == text || *text == '[' ||
      (colon != NULL && (*colon != ':' || !read_port (colon + 1, &said))))
    return fail (error, text, "HOST or HOST:PORT");
  *host = g_strndup (text, (gsize) (end - text));
  *port = said;
  return TRUE;
}

char *
foyer_ctl_dup_duration (guint64 seconds)
{
  guint64 days = seconds / DAY_S, hours = seconds / HOUR_S % 24;
  guint64 minutes = seconds / MINUTE_S % 60;

  if (days > 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT "d %02uh", days,
        (guint) hours);
  if (hours > 0)
    return g_strdup_printf ("%uh %02um", (guint) hours, (guint) minutes);
  if (minutes > 0)
    return g_strdup_printf ("%um %02us", (guint) minutes,
        (guint) (seconds % MINUTE_S));
  return g_strdup_printf ("%us", (guint) seconds);
}

char *
foyer_ctl_dup_time (guint64 time_us)
{
  g_autoptr (GDateTime) moment = NULL;

  if (time_us == 0 || time_us > G_MAXINT64)
    return NULL;
  moment = g_date_time_new_from_unix_local (
      (gint64) (time_us / G_USEC_PER_SEC));
  return moment != NULL ? g_date_time_format (moment, "%Y-%m-%d %H:%M:%S")
                        : NULL;
}
