/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-options.h"

#include "foyer-error.h"

/* What a caller may write, and what not. */

typedef struct
{
  guint32 width;
  gboolean is_kept;
  const char *name;
} Wish;

static gboolean
take (Wish *wish, const char *text, GError **error)
{
  const FoyerOption table[] = {
    { "width", &wish->width, 16, 4096 },
    { "keep", .truth = &wish->is_kept },
    { "name", .text = &wish->name },
  };
  g_autoptr (GVariant) given = g_variant_parse (G_VARIANT_TYPE_VARDICT, text,
      NULL, NULL, error);
  gboolean is_taken;

  g_assert_no_error (*error);
  *wish = (Wish){ .width = 1280 };
  is_taken = foyer_options_take (table, G_N_ELEMENTS (table), given, error);
  /* It is borrowed from what was given. */
  if (wish->name != NULL)
    wish->name = g_intern_string (wish->name);
  return is_taken;
}

static void
test_taken (void)
{
  g_autoptr (GError) error = NULL;
  Wish wish;

  g_assert_true (take (&wish, "{}", &error));
  g_assert_cmpuint (wish.width, ==, 1280);
  g_assert_false (wish.is_kept);
  g_assert_null (wish.name);
  g_assert_true (take (&wish,
      "{'width': <uint32 16>, 'keep': <true>, 'name': <'x'>}", &error));
  g_assert_no_error (error);
  g_assert_cmpuint (wish.width, ==, 16);
  g_assert_true (wish.is_kept);
  g_assert_cmpstr (wish.name, ==, "x");
  g_assert_true (take (&wish, "{'width': <uint32 4096>}", &error));
}

static void
test_refused (void)
{
  static const struct
  {
    const char *text;
    const char *words;
  } cases[] = {
    { "{'width': <uint32 15>}", "option width is not from 16 to 4096" },
    { "{'width': <uint32 4097>}", "option width is not from 16 to 4096" },
    { "{'width': <16>}", "option width is not of type u" },
    { "{'keep': <1>}", "option keep is not of type b" },
    { "{'name': <true>}", "option name is not of type s" },
    { "{'Width': <uint32 16>}", "option Width is not known" },
    { "{'keep': <true>, 'a\\nb': <true>}", "option a\\u000ab is not known" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    Wish wish;

    g_assert_false (take (&wish, cases[i].text, &error));
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
    g_assert_cmpstr (error->message, ==, cases[i].words);
    g_assert_cmpuint (wish.width, ==, 1280);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/taken", test_taken);
  g_test_add_func ("/options/refused", test_refused);
  return g_test_run ();
}
