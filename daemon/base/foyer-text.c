/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-text.h"

#include <string.h>

#define MAX_LETTERS      160
#define MAX_NAME_LETTERS 64

/* Not printable for GLib are controls, surrogates, what is not assigned, and what is
 * of type "format": marks that turn the direction of what follows, or can't be seen. */
gboolean
foyer_text_is_harmless (gunichar letter)
{
  GUnicodeType type = g_unichar_type (letter);

  return g_unichar_isprint (letter) && type != G_UNICODE_PRIVATE_USE &&
      type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

static char *
escape (const char *text, const char *kept)
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
    if (foyer_text_is_harmless (letter) &&
        ((letter != '"' && letter != '\\') || strchr (kept, (int) letter)))
      g_string_append_unichar (out, letter);
    else
      g_string_append_printf (out, "\\u%04x", letter);
  }
  return g_string_free (out, FALSE);
}

char *
foyer_text_escape (const char *text)
{
  return escape (text, "");
}

char *
foyer_text_escape_sentence (const char *text)
{
  return escape (text, "\"\\");
}

gboolean
foyer_text_is_name (const char *text)
{
  int n_letters = 0;

  if (text == NULL || *text == '\0' || !g_utf8_validate (text, -1, NULL) ||
      *text == ' ' || text[strlen (text) - 1] == ' ')
    return FALSE;
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    if (!foyer_text_is_harmless (g_utf8_get_char (at)) ||
        ++n_letters > MAX_NAME_LETTERS)
      return FALSE;
  return TRUE;
}
