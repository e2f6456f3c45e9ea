/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-head.h"

#include <string.h>

#define LINE "GET /x HTTP/1.1\r\n"

static FoyerWebHeadKind
read_text (const char *text)
{
  gsize n_head_bytes = 0, n_bytes = strlen (text);
  FoyerWebHeadKind kind = foyer_web_head_read ((const guint8 *) text, n_bytes,
      &n_head_bytes);

  if (kind == FOYER_WEB_HEAD_PLAIN)
    g_assert_cmpmem (text + n_head_bytes - 4, 4, "\r\n\r\n", 4);
  else
    g_assert_cmpuint (n_head_bytes, ==, 0);
  return kind;
}

/* Whole at its last byte and not before; what follows is not looked at. */
static void
test_plain (void)
{
  static const char *const heads[] = {
    LINE "\r\n",
    LINE "Host: 192.0.2.1:40000\r\nRange: bytes=0-\r\n\r\n",
    LINE "Content-Length: 0\r\n\r\n",
    "HEAD /0123/live.m3u8 HTTP/1.0\r\nX:\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nUser-Agent: caf\xe9 \t(x)\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++) {
    gsize n_bytes = strlen (heads[i]);
    g_autofree char *more = g_strconcat (heads[i], "\n\nwhatever", NULL);

    for (gsize n = 0; n < n_bytes; n++) {
      g_autofree char *cut = g_strndup (heads[i], n);

      g_assert_cmpint (read_text (cut), ==, FOYER_WEB_HEAD_PART);
    }
    g_assert_cmpint (read_text (heads[i]), ==, FOYER_WEB_HEAD_PLAIN);
    {
      gsize n_head_bytes;

      g_assert_cmpint (foyer_web_head_read ((const guint8 *) more,
                           strlen (more), &n_head_bytes),
          ==, FOYER_WEB_HEAD_PLAIN);
      g_assert_cmpuint (n_head_bytes, ==, n_bytes);
    }
  }
}

/* As soon as it is known. */
static void
test_odd (void)
{
  static const char *const heads[] = {
    "\r\n",
    "\n",
    "GET /x HTTP/1.1\n",
    "GET  HTTP/1.1\r\n",
    "GET /x y HTTP/1.1\r\n",
    "GET /x\r\n",
    "GET /x HTTP/2.0\r\n",
    "GET /x HTTP/1.2\r\n",
    "get /x HTTP/1.1\r\n",
    "POST /x HTTP/1.1\r\n",
    " GET /x HTTP/1.1\r\n",
    "GET /\xc3\xa9 HTTP/1.1\r\n",
    LINE "Transfer-Encoding: chunked\r\n",
    LINE "tRANSFER-eNCODING:\r\n",
    LINE "Transfer-Encoding : x\r\n",
    LINE "Content-Length: 1\r\n",
    LINE "content-length: 00\r\n",
    LINE "Content-Length: 9\x18"
         "9\r\n",
    LINE "Content-Length:\r\n",
    LINE "A: b\r\n c\r\n",
    LINE ": b\r\n",
    LINE "A b: c\r\n",
    LINE "A\r\n",
    LINE "A: b\rC: d\r\n",
    LINE "A: b\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    g_assert_cmpint (read_text (heads[i]), ==, FOYER_WEB_HEAD_ODD);
}

static void
test_nul (void)
{
  static const char head[] = LINE "A: b\0c\r\n\r\n";
  gsize n_head_bytes;

  g_assert_cmpint (foyer_web_head_read ((const guint8 *) head, sizeof head - 1,
                       &n_head_bytes),
      ==, FOYER_WEB_HEAD_ODD);
}

static void
test_bounded (void)
{
  GString *head = g_string_new (LINE "A: ");

  while (head->len + 4 < FOYER_WEB_HEAD_MAX_BYTES)
    g_string_append_c (head, 'x');
  g_assert_cmpint (read_text (head->str), ==, FOYER_WEB_HEAD_PART);
  g_string_append (head, "\r\n\r\n");
  g_assert_cmpint (read_text (head->str), ==, FOYER_WEB_HEAD_PLAIN);
  g_string_insert_c (head, (gssize) strlen (LINE), 'B');
  g_assert_cmpint (read_text (head->str), ==, FOYER_WEB_HEAD_ODD);
  g_string_free (head, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/web-head/plain", test_plain);
  g_test_add_func ("/web-head/odd", test_odd);
  g_test_add_func ("/web-head/nul", test_nul);
  g_test_add_func ("/web-head/bounded", test_bounded);
  return g_test_run ();
}
