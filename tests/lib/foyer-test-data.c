/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-data.h"

GBytes *
foyer_test_hex (const char *hex)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  int high = -1;

  for (const char *c = hex; *c != '\0'; c++) {
    int digit = g_ascii_xdigit_value (*c);

    if (g_ascii_isspace (*c))
      continue;
    g_assert_cmpint (digit, >=, 0);
    if (high < 0) {
      high = digit;
    } else {
      guint8 byte = (guint8) (high << 4 | digit);

      g_byte_array_append (bytes, &byte, 1);
      high = -1;
    }
  }
  g_assert_cmpint (high, <, 0);
  return g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
}

GBytes *
foyer_test_load (const char *name)
{
  g_autofree char *path = g_build_filename (FOYER_TEST_DATA_DIR, name, NULL);
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize n_bytes = 0;

  g_file_get_contents (path, &data, &n_bytes, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, n_bytes);
}

void
foyer_test_assert_hex (const guint8 *data, gsize n_bytes, const char *hex)
{
  g_autoptr (GBytes) expected = foyer_test_hex (hex);

  g_assert_cmpmem (data, n_bytes, g_bytes_get_data (expected, NULL),
      g_bytes_get_size (expected));
}
