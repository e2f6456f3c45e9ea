/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-text.h"

#include <string.h>

static void
test_escape (void)
{
  static const struct
  {
    const char *text;
    const char *escaped;
  } cases[] = {
    { NULL, "" },
    { "", "" },
    { "Küche 1", "Küche 1" },
    { "a\tb\x7f", "a\\u0009b\\u007f" },
    { "\xe2\x80\xae", "\\u202e" }, /* turns the writing around */
    { "\xe2\x80\xa8", "\\u2028" }, /* a line's end */
    { "\\\"", "\\u005c\\u0022" },
    { "\xff", "\xef\xbf\xbd" },
  };
  g_autofree char *whole = g_strnfill (160, 'x');
  g_autofree char *longer = g_strnfill (161, 'x');
  g_autofree char *escaped = foyer_text_escape (whole);
  g_autofree char *cut = foyer_text_escape (longer);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text = foyer_text_escape (cases[i].text);

    g_assert_cmpstr (text, ==, cases[i].escaped);
  }
  g_assert_cmpstr (escaped, ==, whole);
  g_assert_true (g_str_has_suffix (cut, "x…"));
  g_assert_cmpuint (strlen (cut), ==, 163);
}

static void
test_names (void)
{
  static const char *const bad[] = { NULL, "", " a", "a ", "a\nb", "a\tb",
    "\xff",
    "\xe2\x80\xae"
    "a",
    "a\xe2\x80\xa8"
    "b" };
  g_autofree char *longest = g_strnfill (64, 'x');
  g_autofree char *longer = g_strnfill (65, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (foyer_text_is_name (bad[i]));
  g_assert_true (foyer_text_is_name ("Küche 2"));
  g_assert_true (foyer_text_is_name (longest));
  g_assert_false (foyer_text_is_name (longer));
}

static void
test_letters (void)
{
  static const gunichar harmless[] = { ' ', '"', '\\', 0xe9 /* e acute */,
    0x4e2d, 0x1f476 /* a baby */ };
  /* Controls, marks of direction, ends of line and paragraph, a surrogate, letters
   * of nobody's and of nobody yet. */
  static const gunichar harmful[] = { 0, '\n', 0x1b, 0x9b, 0x200b, 0x202e,
    0x2066, 0x2028, 0x2029, 0xd800, 0xe000, 0x378 };

  for (guint i = 0; i < G_N_ELEMENTS (harmless); i++)
    g_assert_true (foyer_text_is_harmless (harmless[i]));
  for (guint i = 0; i < G_N_ELEMENTS (harmful); i++)
    g_assert_false (foyer_text_is_harmless (harmful[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/escape", test_escape);
  g_test_add_func ("/text/letters", test_letters);
  g_test_add_func ("/text/names", test_names);
  return g_test_run ();
}
