/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-decide.h"

#include <string.h>

#define MAX_DIGITS 18 /* of a number; fits into 64 bits */
#define UNIT       "bytes="

/* What a path may end in; a number stands between the two halves if there is a
 * second. */
static const struct
{
  const char *before;
  const char *after; /* (nullable) */
  FoyerWebVerdict verdict;
} names[] = {
  { "live.m3u8", NULL, FOYER_WEB_VERDICT_PLAYLIST },
  { "live.mp4", NULL, FOYER_WEB_VERDICT_STREAM },
  { "init-", ".mp4", FOYER_WEB_VERDICT_HEADER },
  { "", ".m4s", FOYER_WEB_VERDICT_PIECE },
};

void
foyer_web_token_print (const guint8 *token, char *out)
{
  static const char digits[] = "0123456789abcdef";

  for (guint i = 0; i < FOYER_WEB_TOKEN_BYTES; i++) {
    out[2 * i] = digits[token[i] >> 4];
    out[2 * i + 1] = digits[token[i] & 0xf];
  }
  out[FOYER_WEB_TOKEN_CHARS] = '\0';
}

/* In the same time for every path of at least so many letters; a shorter one is
 * compared with what is no path. */
static gboolean
has_token (const FoyerWebGrant *grant, const char *path, gsize n_chars)
{
  static const char nothing[FOYER_WEB_TOKEN_CHARS + 2] = "";
  const char *given = n_chars > FOYER_WEB_TOKEN_CHARS + 1 ? path : nothing;
  char token[FOYER_WEB_TOKEN_CHARS + 1];
  volatile guint8 differs = 0;

  foyer_web_token_print (grant->token, token);
  differs |= (guint8) (given[0] ^ '/');
  for (guint i = 0; i < FOYER_WEB_TOKEN_CHARS; i++)
    differs |= (guint8) (given[1 + i] ^ token[i]);
  differs |= (guint8) (given[1 + FOYER_WEB_TOKEN_CHARS] ^ '/');
  return differs == 0;
}

/* Digits alone, none of them in vain; where they end, or NULL. */
static const char *
read_number (const char *text, guint64 *number)
{
  guint n_digits = 0;

  *number = 0;
  for (; g_ascii_isdigit (text[n_digits]) && n_digits <= MAX_DIGITS; n_digits++)
    *number = *number * 10 + (guint64) (text[n_digits] - '0');
  if (n_digits == 0 || n_digits > MAX_DIGITS ||
      (n_digits > 1 && text[0] == '0'))
    return NULL;
  return text + n_digits;
}

static FoyerWebVerdict
find_name (const char *name, guint64 *number)
{
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    gsize n_before = strlen (names[i].before);
    const char *rest = name + n_before;

    *number = 0;
    if (strncmp (name, names[i].before, n_before) != 0)
      continue;
    if (names[i].after != NULL)
      rest = read_number (rest, number);
    if (rest != NULL &&
        strcmp (rest, names[i].after != NULL ? names[i].after : "") == 0)
      return names[i].verdict;
  }
  return FOYER_WEB_VERDICT_DENY;
}

gboolean
foyer_web_grant_is_peer (const FoyerWebGrant *self, const guint8 *peer,
    gsize n_peer_bytes)
{
  return n_peer_bytes > 0 && n_peer_bytes <= FOYER_WEB_ADDRESS_BYTES &&
      n_peer_bytes == self->n_peer_bytes &&
      memcmp (peer, self->peer, n_peer_bytes) == 0;
}

FoyerWebDecision
foyer_web_decide (const FoyerWebGrant *grant, const FoyerWebRequest *request,
    gint64 now_us)
{
  gsize n_chars = strnlen (request->path, FOYER_WEB_MAX_PATH + 1);
  gboolean is_options = strcmp (request->method, "OPTIONS") == 0;
  gboolean is_head = strcmp (request->method, "HEAD") == 0;
  gboolean is_get = strcmp (request->method, "GET") == 0;
  FoyerWebDecision decision = { .is_head = is_head };
  gboolean is_allowed = has_token (grant, request->path, n_chars);

  if (n_chars > FOYER_WEB_MAX_PATH || request->has_query || !grant->is_open ||
      (grant->ends_us != 0 && now_us >= grant->ends_us) ||
      !foyer_web_grant_is_peer (grant, request->peer, request->n_peer_bytes) ||
      request->host == NULL || strcmp (request->host, grant->host) != 0 ||
      (!is_get && !is_head && !is_options) || !is_allowed)
    return decision;
  decision.verdict = find_name (request->path + FOYER_WEB_TOKEN_CHARS + 2,
      &decision.number);
  if (is_options && decision.verdict != FOYER_WEB_VERDICT_DENY)
    decision.verdict = FOYER_WEB_VERDICT_OPTIONS;
  return decision;
}

FoyerWebRangeKind
foyer_web_range_parse (const char *text, guint64 n_bytes, guint64 *first,
    guint64 *last)
{
  guint64 begin = 0, end = 0;
  const char *rest;

  if (text == NULL || strncmp (text, UNIT, strlen (UNIT)) != 0)
    return FOYER_WEB_RANGE_ALL;
  text += strlen (UNIT);
  if (text[0] == '-') {
    rest = read_number (text + 1, &end);
    if (rest == NULL || *rest != '\0')
      return FOYER_WEB_RANGE_ALL;
    if (end == 0 || n_bytes == 0)
      return FOYER_WEB_RANGE_BEYOND;
    *first = n_bytes - MIN (end, n_bytes);
    *last = n_bytes - 1;
    return FOYER_WEB_RANGE_PART;
  }
  rest = read_number (text, &begin);
  if (rest == NULL || *rest != '-')
    return FOYER_WEB_RANGE_ALL;
  end = G_MAXUINT64;
  if (rest[1] != '\0') {
    rest = read_number (rest + 1, &end);
    if (rest == NULL || *rest != '\0' || end < begin)
      return FOYER_WEB_RANGE_ALL;
  }
  if (begin >= n_bytes)
    return FOYER_WEB_RANGE_BEYOND;
  *first = begin;
  *last = MIN (end, n_bytes - 1);
  return FOYER_WEB_RANGE_PART;
}
