/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-rule-text.h"
#include "foyer-text.h"

#include <string.h>

#define DAYS          7
#define ALL_DAYS      0x7f
#define MINUTES_A_DAY (24 * 60)

/* The same minutes of some days. */
typedef struct
{
  guint days;  /* bit 0 is Monday */
  guint begin; /* minute of the day */
  guint end;   /* the minute after, up to that of the day after */
} Times;

static const char *const day_names[DAYS] = { "mon", "tue", "wed", "thu", "fri",
  "sat", "sun" };

/* Takes the three letters of a day; -1 if there are none. */
static int
take_day (const char **at)
{
  for (int i = 0; i < DAYS; i++) {
    if (g_ascii_strncasecmp (*at, day_names[i], 3) == 0) {
      *at += 3;
      return i;
    }
  }
  return -1;
}

static gboolean
parse_days (const char *at, guint *out_days)
{
  *out_days = 0;
  for (;;) {
    int first = take_day (&at);
    int last = first;

    if (first >= 0 && *at == '-') {
      at++;
      last = take_day (&at);
    }
    if (first < 0 || last < 0)
      return FALSE;
    /* Past Sunday too: fri-mon. */
    for (int day = first;; day = (day + 1) % DAYS) {
      *out_days |= 1u << day;
      if (day == last)
        break;
    }
    if (*at == '\0')
      return TRUE;
    if (*at++ != ',')
      return FALSE;
  }
}

/* Takes HH:MM; 24:00 is the last there is. */
static gboolean
take_time (const char **at, guint *out_minute)
{
  const char *text = *at;
  guint hour;
  guint minute;

  if (!g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[1]) ||
      text[2] != ':' || !g_ascii_isdigit (text[3]) ||
      !g_ascii_isdigit (text[4]))
    return FALSE;
  hour = (guint) (text[0] - '0') * 10 + (guint) (text[1] - '0');
  minute = (guint) (text[3] - '0') * 10 + (guint) (text[4] - '0');
  *at += 5;
  *out_minute = hour * 60 + minute;
  return minute < 60 && *out_minute <= MINUTES_A_DAY;
}

static gboolean
parse_times (const char *at, Times *out)
{
  if (!take_time (&at, &out->begin) || *at++ != '-' ||
      !take_time (&at, &out->end) || *at != '\0' ||
      out->begin == MINUTES_A_DAY || out->begin == out->end)
    return FALSE;
  if (out->end < out->begin)
    out->end += MINUTES_A_DAY;
  return TRUE;
}

static gboolean
parse_text (const char *text, Times *out)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 3);
  guint n_words = g_strv_length (words);
  gboolean has_days = n_words > 0 && !g_ascii_isdigit (words[0][0]);

  *out = (Times){ .days = ALL_DAYS, .end = MINUTES_A_DAY };
  if (n_words == 0 || n_words > 2)
    return FALSE;
  if (has_days && !parse_days (words[0], &out->days))
    return FALSE;
  if (has_days && n_words == 1)
    return TRUE;
  return n_words == (has_days ? 2 : 1) && parse_times (words[has_days], out);
}

static FoyerWindow
make_window (guint begin, guint end)
{
  return (FoyerWindow){
    .begin = (uint16_t) (begin % FOYER_MINUTES_A_WEEK),
    .end = (uint16_t) (end % FOYER_MINUTES_A_WEEK),
  };
}

/* Days that touch each other, around the week's end too, become one window if
 * they are whole. Returns how many there are. */
static guint
make_windows (const Times *times, FoyerWindow *out)
{
  gboolean is_whole = times->end - times->begin == MINUTES_A_DAY;
  guint n = 0;

  if (is_whole && times->days == ALL_DAYS) {
    out[0] = make_window (0, 0);
    return 1;
  }
  for (guint day = 0; day < DAYS; day++) {
    guint before = (day + DAYS - 1) % DAYS;
    guint n_days = 1;

    if ((times->days >> day & 1) == 0 ||
        (is_whole && (times->days >> before & 1) != 0))
      continue;
    while (is_whole && (times->days >> ((day + n_days) % DAYS) & 1) != 0)
      n_days++;
    out[n++] = make_window (day * MINUTES_A_DAY + times->begin,
        (day + n_days - 1) * MINUTES_A_DAY + times->end);
  }
  return n;
}

gboolean
foyer_schedule_parse (const char *text, FoyerWindow *windows,
    uint32_t *n_windows, GError **error)
{
  FoyerWindow made[DAYS];
  Times times;
  guint n;

  if (!parse_text (text, &times)) {
    g_autofree char *safe = foyer_text_escape (text);

    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "\"%s\" is no schedule such as \"mon-fri 07:00-19:30\", \"sat,sun\" or \"22:00-06:00\"",
        safe);
    return FALSE;
  }
  n = make_windows (&times, made);
  if (n > FOYER_POLICY_MAX_WINDOWS - *n_windows) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "more than %d windows, where each day with a time of its own is one: divide it into two rules",
        FOYER_POLICY_MAX_WINDOWS);
    return FALSE;
  }
  memcpy (windows + *n_windows, made, n * sizeof *made);
  *n_windows += n;
  return TRUE;
}

/* printing */

static void
add_times (GArray *all, guint day, guint begin, guint end)
{
  Times one = { 1u << day % DAYS, begin, end };

  for (guint i = 0; i < all->len; i++) {
    Times *times = &g_array_index (all, Times, i);

    if (times->begin == begin && times->end == end) {
      times->days |= one.days;
      return;
    }
  }
  g_array_append_val (all, one);
}

/* Cuts a window into what has one text a day: less than a day from where it
 * begins, or days that are whole. */
static void
add_window (GArray *all, const FoyerWindow *window)
{
  guint length = ((guint) window->end + FOYER_MINUTES_A_WEEK - window->begin) %
      FOYER_MINUTES_A_WEEK;
  guint day = window->begin / MINUTES_A_DAY;
  guint begin = window->begin % MINUTES_A_DAY;

  if (length == 0)
    length = FOYER_MINUTES_A_WEEK;
  if (begin != 0 && length >= MINUTES_A_DAY) {
    add_times (all, day++, begin, MINUTES_A_DAY);
    length -= MINUTES_A_DAY - begin;
    begin = 0;
  }
  for (; length >= MINUTES_A_DAY; length -= MINUTES_A_DAY)
    add_times (all, day++, 0, MINUTES_A_DAY);
  if (length > 0)
    add_times (all, day, begin, begin + length);
}

static void
append_days (GString *out, guint days)
{
  for (guint day = 0; day < DAYS; day++) {
    guint last = day;

    if ((days >> day & 1) == 0)
      continue;
    while (last + 1 < DAYS && (days >> (last + 1) & 1) != 0)
      last++;
    /* Two are named, three and more are a range. */
    if (last == day + 1)
      last = day;
    g_string_append_printf (out, "%s%s", out->len > 0 ? "," : "",
        day_names[day]);
    if (last > day)
      g_string_append_printf (out, "-%s", day_names[last]);
    day = last;
  }
}

static char *
print_times (const Times *times)
{
  gboolean is_whole = times->begin == 0 && times->end == MINUTES_A_DAY;
  GString *out = g_string_new (NULL);
  guint end = times->end;

  if (is_whole || times->days != ALL_DAYS)
    append_days (out, times->days);
  if (is_whole)
    return g_string_free (out, FALSE);
  if (end > MINUTES_A_DAY)
    end -= MINUTES_A_DAY;
  g_string_append_printf (out, "%s%02u:%02u-%02u:%02u", out->len > 0 ? " " : "",
      times->begin / 60, times->begin % 60, end / 60, end % 60);
  return g_string_free (out, FALSE);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const Times *left = a;
  const Times *right = b;

  if (left->begin != right->begin)
    return left->begin < right->begin ? -1 : 1;
  return left->end < right->end ? 1 : left->end > right->end ? -1 : 0;
}

char **
foyer_schedule_print (const FoyerWindow *windows, uint32_t n_windows)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Times));
  GPtrArray *texts = g_ptr_array_new ();

  for (uint32_t i = 0; i < n_windows; i++)
    add_window (all, &windows[i]);
  g_array_sort (all, compare_times);
  for (guint i = 0; i < all->len; i++)
    g_ptr_array_add (texts, print_times (&g_array_index (all, Times, i)));
  g_ptr_array_add (texts, NULL);
  return (char **) g_ptr_array_free (texts, FALSE);
}
