/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-starts.h"

static char order[16];
static gsize n_order;

static void
on_go (gpointer owner)
{
  order[n_order++] = *(const char *) owner;
  order[n_order] = '\0';
}

/* No more than two at once, the rest in the order in which they came. */
static void
test_bound (void)
{
  g_autoptr (FoyerStarts) starts = foyer_starts_new (2);
  char owners[] = "abcde";

  n_order = 0;
  for (gsize i = 0; i < 5; i++)
    foyer_starts_enter (starts, &owners[i], on_go);
  g_assert_cmpstr (order, ==, "ab");
  g_assert_cmpuint (foyer_starts_get_n_going (starts), ==, 2);
  foyer_starts_leave (starts, &owners[1]);
  g_assert_cmpstr (order, ==, "abc");
  /* One that no longer wants to is passed over. */
  foyer_starts_leave (starts, &owners[3]);
  g_assert_cmpstr (order, ==, "abc");
  foyer_starts_leave (starts, &owners[0]);
  g_assert_cmpstr (order, ==, "abce");
  foyer_starts_leave (starts, &owners[0]);
  g_assert_cmpuint (foyer_starts_get_n_going (starts), ==, 2);
  foyer_starts_leave (starts, &owners[2]);
  foyer_starts_leave (starts, &owners[4]);
  g_assert_cmpuint (foyer_starts_get_n_going (starts), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/starts/bound", test_bound);
  return g_test_run ();
}
