/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-residue.h"

#include "foyer-test-folder.h"

static void
test_keep (void)
{
  g_autofree char *folder = foyer_test_folder_new ();
  const FoyerResidue one = { 7, (char *) "static:Porch", (char *) "app-1" };
  const FoyerResidue other = { 8, (char *) "mdns:abc", (char *) "app-2" };
  g_autoptr (GPtrArray) all = NULL;

  foyer_residue_keep (folder, &one);
  foyer_residue_keep (folder, &other);
  foyer_residue_drop (folder, 7);
  foyer_residue_drop (folder, 1000);
  all = foyer_residue_load (folder);
  g_assert_cmpuint (all->len, ==, 1);

  const FoyerResidue *left = all->pdata[0];

  g_assert_cmpuint (left->session, ==, 8);
  g_assert_cmpstr (left->display, ==, "mdns:abc");
  g_assert_cmpstr (left->app, ==, "app-2");
  foyer_test_folder_remove (folder);
}

/* What is no residue is not taken for one, and does not come back. */
static void
test_malformed (void)
{
  g_autofree char *folder = foyer_test_folder_new ();
  const char *const files[][2] = {
    { "session-9", "display=static:Porch\n" },
    { "session-10", "\xff\xfe" },
    { "session-11", "" },
    { "session-x", "display=a\napp=b\n" },
    { "session-0", "display=a\napp=b\n" },
    { "other", "display=a\napp=b\n" },
  };
  const FoyerResidue lines = { 12, (char *) "static:a\napp=b", (char *) "x" };
  g_autofree char *gone = g_build_filename (folder, "session-9", NULL);
  g_autoptr (GPtrArray) all = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (folder, files[i][0], NULL);

    g_assert_true (g_file_set_contents (path, files[i][1], -1, NULL));
  }
  foyer_residue_keep (folder, &lines);
  all = foyer_residue_load (folder);
  g_assert_cmpuint (all->len, ==, 0);
  g_assert_false (g_file_test (gone, G_FILE_TEST_EXISTS));
  foyer_test_folder_remove (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/residue/keep", test_keep);
  g_test_add_func ("/residue/malformed", test_malformed);
  return g_test_run ();
}
