/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-decide.h"

#include <string.h>

#define TOKEN "000102030405060708090a0b0c0d0e0f"
#define OTHER "100102030405060708090a0b0c0d0e0f"
#define HOST  "192.0.2.1:40000"
#define NOW   G_GINT64_CONSTANT (5000000)

static const guint8 display[] = { 192, 0, 2, 7 };
static const guint8 neighbour[] = { 192, 0, 2, 8 };

static FoyerWebGrant
make_grant (void)
{
  FoyerWebGrant grant = { .is_open = TRUE,
    .ends_us = NOW + 1,
    .n_peer_bytes = sizeof display,
    .host = HOST };

  for (guint i = 0; i < FOYER_WEB_TOKEN_BYTES; i++)
    grant.token[i] = (guint8) i;
  memcpy (grant.peer, display, sizeof display);
  return grant;
}

static FoyerWebRequest
make_request (const char *path)
{
  return (FoyerWebRequest){ .method = "GET",
    .path = path,
    .host = HOST,
    .peer = display,
    .n_peer_bytes = sizeof display };
}

static FoyerWebDecision
ask (const char *method, const char *path)
{
  const FoyerWebGrant grant = make_grant ();
  FoyerWebRequest request = make_request (path);

  request.method = method;
  return foyer_web_decide (&grant, &request, NOW);
}

static void
test_allowed (void)
{
  static const struct
  {
    const char *path;
    FoyerWebVerdict verdict;
    guint64 number;
  } cases[] = {
    { "/" TOKEN "/live.m3u8", FOYER_WEB_VERDICT_PLAYLIST, 0 },
    { "/" TOKEN "/live.mp4", FOYER_WEB_VERDICT_STREAM, 0 },
    { "/" TOKEN "/init-1.mp4", FOYER_WEB_VERDICT_HEADER, 1 },
    { "/" TOKEN "/0.m4s", FOYER_WEB_VERDICT_PIECE, 0 },
    { "/" TOKEN "/123456789012345678.m4s", FOYER_WEB_VERDICT_PIECE,
        G_GUINT64_CONSTANT (123456789012345678) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerWebDecision decision = ask ("GET", cases[i].path);

    g_assert_cmpint (decision.verdict, ==, cases[i].verdict);
    g_assert_cmpuint (decision.number, ==, cases[i].number);
    g_assert_false (decision.is_head);
    decision = ask ("HEAD", cases[i].path);
    g_assert_cmpint (decision.verdict, ==, cases[i].verdict);
    g_assert_true (decision.is_head);
    decision = ask ("OPTIONS", cases[i].path);
    g_assert_cmpint (decision.verdict, ==, FOYER_WEB_VERDICT_OPTIONS);
  }
}

/* I9: whatever else there is, it is not there. */
static void
test_paths_denied (void)
{
  static const char *const paths[] = { "", "/", "//", "*", "/live.m3u8", TOKEN,
    "/" TOKEN, "/" TOKEN "/", "/" TOKEN "//live.m3u8", "/" TOKEN "/live.m3u",
    "/" TOKEN "/live.m3u8/", "/" TOKEN "/live.m3u8x", "/" TOKEN "/LIVE.M3U8",
    "/" TOKEN "/.m4s", "/" TOKEN "/01.m4s", "/" TOKEN "/+1.m4s",
    "/" TOKEN "/-1.m4s", "/" TOKEN "/ 1.m4s", "/" TOKEN "/1.m4s ",
    "/" TOKEN "/1.mp4", "/" TOKEN "/1234567890123456789.m4s",
    "/" TOKEN "/99999999999999999999999999.m4s", "/" TOKEN "/init-.mp4",
    "/" TOKEN "/init-1.m4s", "/" TOKEN "/../" TOKEN "/live.m3u8",
    "/" TOKEN "/./live.m3u8", "/" TOKEN "/%2e%2e/live.m3u8",
    "/" TOKEN "%2flive.m3u8", "/%30" TOKEN "/live.m3u8",
    "//" TOKEN "/live.m3u8", "/x/" TOKEN "/live.m3u8", "/" OTHER "/live.m3u8",
    "/" TOKEN "0/live.m3u8", "\\" TOKEN "\\live.m3u8", "/" TOKEN "/live.m3u8;x",
    "/" TOKEN "/init-1.mp4#", "/000102030405060708090A0B0C0D0E0F/live.m3u8",
    "/" TOKEN "/live.m3u8\r\n", "http://" HOST "/" TOKEN "/live.m3u8" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_assert_cmpint (ask ("GET", paths[i]).verdict, ==, FOYER_WEB_VERDICT_DENY);
}

/* Each letter of the token counts, and each place that it could be cut at. */
static void
test_token (void)
{
  const char path[] = "/" TOKEN "/live.m3u8";

  for (guint i = 0; i < FOYER_WEB_TOKEN_CHARS + 2; i++) {
    char wrong[sizeof path];

    memcpy (wrong, path, sizeof path);
    wrong[i] ^= 1;
    g_assert_cmpint (ask ("GET", wrong).verdict, ==, FOYER_WEB_VERDICT_DENY);
  }
  for (gsize n = 0; n < sizeof path - 1; n++) {
    g_autofree char *cut = g_strndup (path, n);

    g_assert_cmpint (ask ("GET", cut).verdict, ==, FOYER_WEB_VERDICT_DENY);
  }
}

static void
test_methods_denied (void)
{
  static const char *const methods[] = { "", "get", "POST", "PUT", "DELETE",
    "PATCH", "TRACE", "CONNECT", "PROPFIND", "GETX", "HEAD " };

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    g_assert_cmpint (ask (methods[i], "/" TOKEN "/live.m3u8").verdict, ==,
        FOYER_WEB_VERDICT_DENY);
}

/* Every other thing wrong in turn. */
static void
test_grant (void)
{
  const FoyerWebGrant right = make_grant ();
  const FoyerWebRequest good = make_request ("/" TOKEN "/live.m3u8");
  const FoyerWebGrant nothing = { 0 };
  FoyerWebGrant grant = right;
  FoyerWebRequest request = good;

  g_assert_cmpint (foyer_web_decide (&nothing, &good, NOW).verdict, ==, 0);
  grant.is_open = FALSE;
  g_assert_cmpint (foyer_web_decide (&grant, &good, NOW).verdict, ==, 0);
  g_assert_cmpint (foyer_web_decide (&right, &good, NOW).verdict, !=, 0);
  g_assert_cmpint (foyer_web_decide (&right, &good, NOW + 1).verdict, ==, 0);
  grant = right;
  grant.ends_us = 0;
  g_assert_cmpint (foyer_web_decide (&grant, &good, G_MAXINT64).verdict, !=, 0);
  request.peer = neighbour;
  g_assert_cmpint (foyer_web_decide (&right, &request, NOW).verdict, ==, 0);
  request = good;
  request.n_peer_bytes = 3;
  g_assert_cmpint (foyer_web_decide (&right, &request, NOW).verdict, ==, 0);
  request = good;
  request.has_query = TRUE;
  g_assert_cmpint (foyer_web_decide (&right, &request, NOW).verdict, ==, 0);
  request = good;
  request.host = NULL;
  g_assert_cmpint (foyer_web_decide (&right, &request, NOW).verdict, ==, 0);
  request.host = "camera.example:40000";
  g_assert_cmpint (foyer_web_decide (&right, &request, NOW).verdict, ==, 0);
  request.host = "192.0.2.1";
  g_assert_cmpint (foyer_web_decide (&right, &request, NOW).verdict, ==, 0);
}

static void
test_peer (void)
{
  static const guint8 zeros[FOYER_WEB_ADDRESS_BYTES] = { 0 };
  const FoyerWebGrant grant = make_grant ();
  const FoyerWebGrant nothing = { 0 };

  g_assert_true (foyer_web_grant_is_peer (&grant, display, 4));
  g_assert_false (foyer_web_grant_is_peer (&grant, neighbour, 4));
  g_assert_false (foyer_web_grant_is_peer (&grant, zeros, 16));
  g_assert_false (foyer_web_grant_is_peer (&nothing, zeros, 0));
  g_assert_false (foyer_web_grant_is_peer (&nothing, zeros, 4));
}

static void
test_ranges (void)
{
  static const struct
  {
    const char *text;
    guint64 n_bytes;
    FoyerWebRangeKind kind;
    guint64 first;
    guint64 last;
  } cases[] = {
    { NULL, 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "bytes=0-", 10, FOYER_WEB_RANGE_PART, 0, 9 },
    { "bytes=0-0", 10, FOYER_WEB_RANGE_PART, 0, 0 },
    { "bytes=3-5", 10, FOYER_WEB_RANGE_PART, 3, 5 },
    { "bytes=9-99", 10, FOYER_WEB_RANGE_PART, 9, 9 },
    { "bytes=-3", 10, FOYER_WEB_RANGE_PART, 7, 9 },
    { "bytes=-99", 10, FOYER_WEB_RANGE_PART, 0, 9 },
    { "bytes=10-", 10, FOYER_WEB_RANGE_BEYOND, 0, 0 },
    { "bytes=-0", 10, FOYER_WEB_RANGE_BEYOND, 0, 0 },
    { "bytes=0-", 0, FOYER_WEB_RANGE_BEYOND, 0, 0 },
    { "bytes=-1", 0, FOYER_WEB_RANGE_BEYOND, 0, 0 },
    { "bytes=5-3", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "bytes=0-1,3-4", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "bytes=-", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "bytes=--1", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "bytes= 0-", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "bytes=0x1-", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "bytes=18446744073709551616-", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "bytes=0-18446744073709551616", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
    { "lines=0-1", 10, FOYER_WEB_RANGE_ALL, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint64 first = 0, last = 0;

    g_assert_cmpint (foyer_web_range_parse (cases[i].text, cases[i].n_bytes,
                         &first, &last),
        ==, cases[i].kind);
    g_assert_cmpuint (first, ==, cases[i].first);
    g_assert_cmpuint (last, ==, cases[i].last);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/web-decide/allowed", test_allowed);
  g_test_add_func ("/web-decide/paths", test_paths_denied);
  g_test_add_func ("/web-decide/token", test_token);
  g_test_add_func ("/web-decide/methods", test_methods_denied);
  g_test_add_func ("/web-decide/grant", test_grant);
  g_test_add_func ("/web-decide/peer", test_peer);
  g_test_add_func ("/web-decide/ranges", test_ranges);
  return g_test_run ();
}
