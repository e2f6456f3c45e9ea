/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-fraction.h"

#include <string.h>

#define MAX_PART    1000000
#define MAX_LETTERS 15 /* "1000000/1000000" */

static gboolean
parse_part (const char *text, guint low, guint *out)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, low, MAX_PART, &value, NULL))
    return FALSE;
  *out = (guint) value;
  return TRUE;
}

gboolean
foyer_cast_fraction_parse (const char *text, guint *n, guint *d)
{
  guint top;
  guint bottom = 1;
  g_auto (GStrv) parts = NULL;

  if (text == NULL || strlen (text) > MAX_LETTERS)
    return FALSE;
  parts = g_strsplit (text, "/", 2);
  if (parts[0] == NULL || !parse_part (parts[0], 0, &top))
    return FALSE;
  if (parts[1] != NULL && !parse_part (parts[1], 1, &bottom))
    return FALSE;
  *n = top;
  *d = bottom;
  return TRUE;
}

char *
foyer_cast_fraction_print (guint n, guint d)
{
  if (d == 1)
    return g_strdup_printf ("%u", n);
  return g_strdup_printf ("%u/%u", n, d);
}
