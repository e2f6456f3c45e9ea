/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-print.h"

#include <string.h>

static void
assert_safe (const char *text, const char *wanted)
{
  g_autofree char *safe = foyer_print_dup_safe (text);

  g_assert_cmpstr (safe, ==, wanted);
  g_assert_true (foyer_print_is_safe (safe));
}

static void
test_safe_plain (void)
{
  assert_safe ("Küche 客厅 🙂", "Küche 客厅 🙂");
  assert_safe ("", "");
  assert_safe (NULL, "");
}

static void
test_safe_controls (void)
{
  assert_safe ("a\nb\rc\td", "a\\u{a}b\\u{d}c\\u{9}d");
  assert_safe ("\033[2J", "\\u{1b}[2J");
  assert_safe ("\x7f", "\\u{7f}");
  /* CSI as one character of the C1 set. */
  assert_safe ("\xc2\x9b"
               "31m",
      "\\u{9b}31m");
}

static void
test_safe_directions (void)
{
  assert_safe ("a\u202eb", "a\\u{202e}b");
  assert_safe ("\u2066x\u2069", "\\u{2066}x\\u{2069}");
  assert_safe ("\u200f\u061c", "\\u{200f}\\u{61c}");
  assert_safe ("\u2028\u2029", "\\u{2028}\\u{2029}");
}

static void
test_safe_unseen (void)
{
  assert_safe ("\u200b\ufeff\u00ad", "\\u{200b}\\u{feff}\\u{ad}");
  assert_safe ("\U000e0041", "\\u{e0041}");
}

static void
test_safe_broken (void)
{
  assert_safe ("a\xff"
               "b\xc3",
      "a\\xffb\\xc3");
  assert_safe ("\xed\xa0\x80", "\\xed\\xa0\\x80");
}

/* What looks like an escape was not one. */
static void
test_safe_backslash (void)
{
  assert_safe ("\\u{a}", "\\\\u{a}");
}

/* The service escaped the names in it; a second time would spoil them. */
static void
test_sentence (void)
{
  g_autofree char *safe = foyer_print_dup_sentence ("no \\u202e\n\u202e");

  g_assert_cmpstr (safe, ==, "no \\u202e\\u{a}\\u{202e}");
}

static void
test_is_safe (void)
{
  g_assert_true (foyer_print_is_safe ("Küche"));
  g_assert_false (foyer_print_is_safe ("a\nb"));
  g_assert_false (foyer_print_is_safe ("\u202e"));
  g_assert_false (foyer_print_is_safe ("\xff"));
}

static void
assert_word (const char *text, const char *wanted)
{
  g_autofree char *word = foyer_print_dup_word (text);
  g_auto (GStrv) words = NULL;
  int n_words;

  g_assert_cmpstr (word, ==, wanted);
  if (word == NULL)
    return;
  g_assert_true (g_shell_parse_argv (word, &n_words, &words, NULL));
  g_assert_cmpint (n_words, ==, 1);
  g_assert_cmpstr (words[0], ==, text);
}

static void
test_word (void)
{
  assert_word ("Nursery", "Nursery");
  assert_word ("Living Room", "'Living Room'");
  assert_word ("Küche", "Küche");
  assert_word ("$(id)", "'$(id)'");
  assert_word ("a'b", "'a'\\''b'");
  assert_word ("--all", NULL);
  assert_word ("a\nb", NULL);
  assert_word ("", NULL);
}

static void
test_width (void)
{
  g_assert_cmpuint (foyer_print_get_width ("abc"), ==, 3);
  g_assert_cmpuint (foyer_print_get_width ("é"), ==, 1);
  g_assert_cmpuint (foyer_print_get_width ("e\u0301"), ==, 1);
  g_assert_cmpuint (foyer_print_get_width ("客厅"), ==, 4);
  g_assert_cmpuint (foyer_print_get_width ("🙂"), ==, 2);
}

static void
assert_cut (const char *text, guint max_columns, const char *wanted)
{
  g_autofree char *cut = foyer_print_dup_cut (text, max_columns);

  g_assert_cmpstr (cut, ==, wanted);
}

static void
test_cut (void)
{
  assert_cut ("abcdef", 6, "abcdef");
  assert_cut ("abcdef", 5, "abcd…");
  assert_cut ("abcdef", 1, "…");
  assert_cut ("abcdef", 0, "abcdef");
  /* Half a character does not fit. */
  assert_cut ("客厅客厅", 6, "客厅…");
  assert_cut ("客厅客厅", 4, "客…");
}

static FoyerTable *
table_new (void)
{
  static const char *const head[] = { "NAME", "STATE", NULL };
  FoyerTable *table = foyer_table_new (head);

  foyer_table_add (table, FOYER_COLOUR_NONE, "客厅");
  foyer_table_add (table, FOYER_COLOUR_GOOD, "live");
  foyer_table_add (table, FOYER_COLOUR_NONE, "a\nb");
  foyer_table_add (table, FOYER_COLOUR_NONE, "");
  return table;
}

static void
assert_table (FoyerTable *table, gboolean has_colour, guint max_columns,
    const char *wanted)
{
  g_autofree char *text = foyer_table_dup_text (table, has_colour, max_columns);

  g_assert_cmpstr (text, ==, wanted);
}

static void
test_table (void)
{
  g_autoptr (FoyerTable) table = table_new ();

  assert_table (table, FALSE, 0,
      "NAME     STATE\n"
      "客厅     live\n"
      "a\\u{a}b  -\n");
}

static void
test_table_colour (void)
{
  g_autoptr (FoyerTable) table = table_new ();

  assert_table (table, TRUE, 0,
      "\033[1mNAME\033[0m     \033[1mSTATE\033[0m\n"
      "客厅     \033[32mlive\033[0m\n"
      "a\\u{a}b  -\n");
}

static void
test_table_cut (void)
{
  static const char *const head[] = { "NAME", "N", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);

  foyer_table_add (table, FOYER_COLOUR_NONE, "a long name of a display");
  foyer_table_add_number (table, 7);
  assert_table (table, FALSE, 15,
      "NAME          N\n"
      "a long name…  7\n");
}

static void
test_table_empty (void)
{
  static const char *const head[] = { "NAME", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);

  assert_table (table, TRUE, 80, "");
}

/* What a terminal sees is harmless, what a parser sees is the text. */
static void
test_json (void)
{
  const char *name = "a\u202e\033\xc2\x9b\U000e0041\"\\\nz";
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  g_autoptr (JsonNode) parsed = NULL;
  g_autofree char *text = NULL;

  json_node_set_string (node, name);
  text = foyer_print_dup_json (node, FALSE);
  g_assert_true (foyer_print_is_safe (text));
  g_assert_nonnull (strstr (text, "\\u202e"));
  parsed = json_from_string (text, NULL);
  g_assert_nonnull (parsed);
  g_assert_cmpstr (json_node_get_string (parsed), ==, name);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/print/safe/plain", test_safe_plain);
  g_test_add_func ("/print/safe/controls", test_safe_controls);
  g_test_add_func ("/print/safe/directions", test_safe_directions);
  g_test_add_func ("/print/safe/unseen", test_safe_unseen);
  g_test_add_func ("/print/safe/broken", test_safe_broken);
  g_test_add_func ("/print/safe/backslash", test_safe_backslash);
  g_test_add_func ("/print/sentence", test_sentence);
  g_test_add_func ("/print/is-safe", test_is_safe);
  g_test_add_func ("/print/word", test_word);
  g_test_add_func ("/print/width", test_width);
  g_test_add_func ("/print/cut", test_cut);
  g_test_add_func ("/print/table/plain", test_table);
  g_test_add_func ("/print/table/colour", test_table_colour);
  g_test_add_func ("/print/table/cut", test_table_cut);
  g_test_add_func ("/print/table/empty", test_table_empty);
  g_test_add_func ("/print/json", test_json);
  return g_test_run ();
}
