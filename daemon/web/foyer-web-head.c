/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-head.h"

#include <string.h>

#define VERSION_CHARS 9 /* " HTTP/1.1" */
/* What says where a body ends; libsoup keeps memory of those that it can't read. */
#define ENCODING "transfer-encoding"
#define LENGTH   "content-length"

static gboolean
is_name_char (guint8 c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c));
}

static gboolean
is_word (const char *line, gsize n_chars, const char *word)
{
  return n_chars == strlen (word) &&
      g_ascii_strncasecmp (line, word, n_chars) == 0;
}

/* "0", with blanks before it. */
static gboolean
is_nothing (const char *value, gsize n_chars)
{
  gsize n_blanks = 0;

  while (n_blanks < n_chars && value[n_blanks] == ' ')
    n_blanks++;
  return n_chars == n_blanks + 1 && value[n_blanks] == '0';
}

/* Without its end. */
static gboolean
is_request_line (const char *line, gsize n_chars)
{
  static const char *const methods[] = { "GET ", "HEAD ", "OPTIONS " };
  gsize first = 0, last;

  for (guint i = 0; i < G_N_ELEMENTS (methods) && first == 0; i++)
    if (n_chars > strlen (methods[i]) &&
        memcmp (line, methods[i], strlen (methods[i])) == 0)
      first = strlen (methods[i]);
  if (first == 0 || n_chars <= first + VERSION_CHARS)
    return FALSE;
  last = n_chars - VERSION_CHARS;
  if (memcmp (line + last, " HTTP/1.", VERSION_CHARS - 1) != 0 ||
      (line[n_chars - 1] != '0' && line[n_chars - 1] != '1'))
    return FALSE;
  for (gsize i = first; i < last; i++)
    if (!g_ascii_isgraph (line[i]))
      return FALSE;
  return TRUE;
}

static gboolean
is_header (const char *line, gsize n_chars)
{
  gsize n_name = 0;

  while (n_name < n_chars && is_name_char ((guint8) line[n_name]))
    n_name++;
  if (n_name == 0 || n_name == n_chars || line[n_name] != ':')
    return FALSE;
  if (is_word (line, n_name, ENCODING) ||
      (is_word (line, n_name, LENGTH) &&
          !is_nothing (line + n_name + 1, n_chars - n_name - 1)))
    return FALSE;
  for (gsize i = n_name + 1; i < n_chars; i++)
    if (line[i] == '\0' || line[i] == '\r')
      return FALSE;
  return TRUE;
}

FoyerWebHeadKind
foyer_web_head_read (const guint8 *data, gsize n_bytes, gsize *n_head_bytes)
{
  const char *line = (const char *) data;
  gsize n_left = MIN (n_bytes, FOYER_WEB_HEAD_MAX_BYTES);
  const char *end;

  while ((end = memchr (line, '\n', n_left)) != NULL) {
    gsize n_chars = (gsize) (end - line);
    gboolean is_first = line == (const char *) data;

    if (n_chars == 0 || end[-1] != '\r')
      return FOYER_WEB_HEAD_ODD;
    n_left -= n_chars + 1;
    n_chars--;
    if (n_chars == 0 && !is_first) {
      *n_head_bytes = (gsize) (end + 1 - (const char *) data);
      return FOYER_WEB_HEAD_PLAIN;
    }
    if (!(is_first ? is_request_line (line, n_chars)
                   : is_header (line, n_chars)))
      return FOYER_WEB_HEAD_ODD;
    line = end + 1;
  }
  return n_bytes < FOYER_WEB_HEAD_MAX_BYTES ? FOYER_WEB_HEAD_PART
                                            : FOYER_WEB_HEAD_ODD;
}
