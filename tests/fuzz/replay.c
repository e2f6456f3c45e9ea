/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include <glib.h>
#include <string.h>

/* Runs a fuzz target over the files of a folder, so that the seeds and every
 * input that once failed are unit tests. Each is also cut at every length of
 * its first bytes, the cheapest of all mutations. */

#define MAX_CUTS 512

static void
replay_file (const char *path)
{
  g_autofree char *data = NULL;
  gsize n_bytes = 0;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &data, &n_bytes, &error);
  g_assert_no_error (error);
  for (gsize n = 0; n < MIN (n_bytes, MAX_CUTS); n++) {
    /* A copy of the very length, so that a sanitizer sees each byte too many. */
    g_autofree guint8 *cut = g_malloc (MAX (n, 1));

    memcpy (cut, data, n);
    LLVMFuzzerTestOneInput (cut, n);
  }
  LLVMFuzzerTestOneInput ((const uint8_t *) data, n_bytes);
}

int
main (int argc, char **argv)
{
  g_autoptr (GDir) folder = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;
  int n_files = 0;

  g_assert_cmpint (argc, ==, 2);
  folder = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *path = g_build_filename (argv[1], name, NULL);

    replay_file (path);
    n_files++;
  }
  g_assert_cmpint (n_files, >, 0);
  return 0;
}
