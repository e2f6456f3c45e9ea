/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-escape.h"

#define MAX_LETTERS 160

static gboolean
is_harmless (gunichar letter)
{
  GUnicodeType type = g_unichar_type (letter);

  return letter != '"' && letter != '\\' && g_unichar_isprint (letter) &&
      type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

char *
foyer_cast_escape (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *out = g_string_new (NULL);
  int n_letters = 0;

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at)) {
    gunichar letter = g_utf8_get_char (at);

    if (n_letters++ == MAX_LETTERS) {
      g_string_append (out, "…");
      break;
    }
    if (is_harmless (letter))
      g_string_append_unichar (out, letter);
    else
      g_string_append_printf (out, "\\u%04x", letter);
  }
  return g_string_free (out, FALSE);
}
