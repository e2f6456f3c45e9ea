/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-controls.h"

#include "foyer-error.h"

#include <string.h>

static void
test_lines (void)
{
  static const char *const bad[] = { "", " ", "a", "=1", "a=", "a=x", "a=1 a=2",
    "A=1", "a=1  b=2", "a b=1", "a=1\n", "a=2147483648", "a=1.5",
    "a-name-that-is-longer-than-thirty-one=1", NULL };

  for (guint i = 0; bad[i] != NULL; i++)
    g_assert_false (foyer_controls_is_line (bad[i]));
  g_assert_false (foyer_controls_is_line (NULL));
  g_assert_true (foyer_controls_is_line ("a=1"));
  g_assert_true (foyer_controls_is_line ("focus-auto=0 zoom=-2147483648"));
}

static void
test_with (void)
{
  g_autofree char *first = foyer_controls_dup_with (NULL, "b", 5);
  g_autofree char *second = foyer_controls_dup_with (first, "a", -1);
  g_autofree char *third = foyer_controls_dup_with (second, "b", 7);
  g_autofree char *line = NULL;

  g_assert_cmpstr (first, ==, "b=5");
  g_assert_cmpstr (second, ==, "b=5 a=-1");
  /* What was set last is set last again. */
  g_assert_cmpstr (third, ==, "a=-1 b=7");
  g_assert_null (foyer_controls_dup_with (NULL, "a=1 b", 1));
  g_assert_null (foyer_controls_dup_with (NULL, "", 1));
  for (guint i = 0; i < 1000; i++) {
    g_autofree char *name = g_strdup_printf ("control-%u", i);
    char *longer = foyer_controls_dup_with (line, name, 1);

    if (longer == NULL)
      return;
    g_free (line);
    line = longer;
  }
  g_assert_not_reached ();
}

static void
assert_check (const char *name, gint32 value, int code, const char *words)
{
  g_autoptr (GPtrArray) choices = g_ptr_array_new ();
  g_autoptr (GArray) controls = g_array_new (FALSE, FALSE,
      sizeof (FoyerV4l2Control));
  const FoyerV4l2Control some[] = {
    { .id = 1, .name = "zoom", .min = 10, .max = 30, .step = 5 },
    { .id = 2, .name = "line", .max = 1, .step = 1, .choices = choices },
    { .id = 3, .name = "gain", .max = 9, .step = 1, .is_fixed = TRUE },
    { .id = 4,
        .name = "wide",
        .min = G_MININT32,
        .max = G_MAXINT32,
        .step = 1 },
  };
  g_autoptr (GError) error = NULL;

  g_ptr_array_add (choices, (gpointer) "off");
  g_ptr_array_add (choices, (gpointer) "");
  g_array_append_vals (controls, some, G_N_ELEMENTS (some));
  if (code < 0) {
    g_assert_nonnull (foyer_controls_check (controls, name, value, &error));
    g_assert_no_error (error);
    return;
  }
  g_assert_null (foyer_controls_check (controls, name, value, &error));
  g_assert_error (error, FOYER_ERROR, code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
test_check (void)
{
  assert_check ("zoom", 10, -1, NULL);
  assert_check ("zoom", 30, -1, NULL);
  assert_check ("zoom", 31, FOYER_ERROR_INVALID, "10 to 30 in steps of 5");
  assert_check ("zoom", 9, FOYER_ERROR_INVALID, "10 to 30");
  assert_check ("zoom", 12, FOYER_ERROR_INVALID, "steps of 5");
  assert_check ("line", 0, -1, NULL);
  assert_check ("line", 1, FOYER_ERROR_INVALID, "no choice 1");
  assert_check ("gain", 1, FOYER_ERROR_INVALID, "can't be set now");
  assert_check ("wide", G_MAXINT32, -1, NULL);
  assert_check ("wide", G_MININT32, -1, NULL);
  assert_check ("x\033", 1, FOYER_ERROR_NOT_FOUND, "zoom, line, gain, wide");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/controls/lines", test_lines);
  g_test_add_func ("/controls/with", test_with);
  g_test_add_func ("/controls/check", test_check);
  return g_test_run ();
}
