/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-sections.h"

#include <string.h>

static void
test_reads (void)
{
  const char *text = "# hello\n\nfree = 1\n[ one two ]\r\n"
                     " key =  a = b  \nempty=\n[three]";
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = NULL;
  const FoyerSection *one;

  /* A carriage return is a control character: such a file is not ours. */
  all = foyer_sections_parse (text, strlen (text), &error);
  g_assert_null (all);
  g_assert_cmpstr (error->message, ==, "line 4: a control character");
  g_clear_error (&error);
  text = "# hello\n\nfree = 1\n[ one two ]\n key =  a = b  \nempty=\n[three]";
  all = foyer_sections_parse (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 3);
  g_assert_nonnull (foyer_section_find (g_ptr_array_index (all, 0), "free"));
  one = g_ptr_array_index (all, 1);
  g_assert_cmpstr (one->name, ==, "one two");
  g_assert_cmpuint (one->line, ==, 4);
  g_assert_cmpstr (foyer_section_find (one, "key")->value, ==, "a = b");
  g_assert_cmpuint (foyer_section_find (one, "key")->line, ==, 5);
  g_assert_cmpstr (foyer_section_find (one, "empty")->value, ==, "");
  g_assert_null (foyer_section_find (one, "free"));
}

static void
test_refuses (void)
{
  static const struct
  {
    const char *text;
    const char *message;
  } cases[] = {
    { "a=1\nb", "line 2: neither a section, nor key=value, nor a comment" },
    { "a=1\na=2", "line 2: this key was there already" },
    { "[a]\n[a]", "line 2: this section was there already" },
    { "[a", "line 1: a section is [NAME]" },
    { "[a]x", "line 1: a section is [NAME]" },
    { "[ ]", "line 1: the section has no name" },
    { "=1", "line 1: no key before the =" },
    { "\n\n\xff=1", "line 3: not UTF-8" },
    { "a=\x01", "line 1: a control character" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) all = foyer_sections_parse (cases[i].text,
        strlen (cases[i].text), &error);

    g_assert_null (all);
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
    g_assert_cmpstr (error->message, ==, cases[i].message);
  }
}

static void
test_zero_byte (void)
{
  g_autoptr (GPtrArray) all = foyer_sections_parse ("a=1\0b", 5, NULL);

  g_assert_null (all);
}

static void
test_too_long (void)
{
  g_autofree char *line = g_strnfill (FOYER_SECTIONS_MAX_LINE_BYTES + 1, '#');
  g_autofree char *file = g_strnfill (FOYER_SECTIONS_MAX_BYTES + 1, '\n');

  g_assert_null (foyer_sections_parse (line, strlen (line), NULL));
  g_assert_null (foyer_sections_parse (file, strlen (file), NULL));
}

static void
test_empty (void)
{
  g_autoptr (GPtrArray) all = foyer_sections_parse ("", 0, NULL);

  g_assert_cmpuint (all->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sections/reads", test_reads);
  g_test_add_func ("/sections/refuses", test_refuses);
  g_test_add_func ("/sections/zero-byte", test_zero_byte);
  g_test_add_func ("/sections/too-long", test_too_long);
  g_test_add_func ("/sections/empty", test_empty);
  return g_test_run ();
}
