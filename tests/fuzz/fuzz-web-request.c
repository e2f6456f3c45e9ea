/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-web-decide.h"

#include <string.h>

/* A request: method, path, Host and Range, a line each. Nothing but the one token
 * opens anything, and a range lies within what there is. */

#define N_LINES 4
#define N_BYTES 1000
#define TOKEN   "000102030405060708090a0b0c0d0e0f"
#define HOST    "192.0.2.1:40000"

static void
check_range (const char *text)
{
  guint64 first = 0, last = 0;

  if (foyer_web_range_parse (text, N_BYTES, &first, &last) !=
      FOYER_WEB_RANGE_PART)
    return;
  g_assert_cmpuint (first, <=, last);
  g_assert_cmpuint (last, <, N_BYTES);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static const guint8 peer[] = { 192, 0, 2, 7 };
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_auto (GStrv) lines = g_strsplit (text, "\n", N_LINES);
  FoyerWebGrant grant = { .is_open = TRUE, .n_peer_bytes = 4, .host = HOST };
  FoyerWebRequest request = { .peer = peer, .n_peer_bytes = 4 };
  FoyerWebDecision decision;

  if (g_strv_length (lines) < N_LINES)
    return 0;
  memcpy (grant.peer, peer, sizeof peer);
  for (guint i = 0; i < FOYER_WEB_TOKEN_BYTES; i++)
    grant.token[i] = (guint8) i;
  request.method = lines[0];
  request.path = lines[1];
  request.host = lines[2];
  decision = foyer_web_decide (&grant, &request, 1);
  if (decision.verdict != FOYER_WEB_VERDICT_DENY) {
    g_assert_true (g_str_has_prefix (request.path, "/" TOKEN "/"));
    g_assert_cmpstr (request.host, ==, HOST);
    g_assert_cmpuint (strlen (request.path), <=, FOYER_WEB_MAX_PATH);
    g_assert_null (strpbrk (request.path, "%?\\"));
    g_assert_null (strstr (request.path, ".."));
  }
  check_range (lines[3]);
  return 0;
}
