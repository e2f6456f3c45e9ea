/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-mark.h"
#include "foyer-test-data.h"

/* Cells by Python's zlib.crc32 over the layout that foyer-mark.h draws. */
static const FoyerMark known = {
  .camera = 3,
  .number = 0x01020304,
  .capture_time_ns = 0x1122334455667788,
};
static const char known_cells[] = "243c6b8a86a719f1205ddf4874f8218e31c2";

static void
test_encode_known_answer (void)
{
  guint8 cells[FOYER_MARK_N_BYTES];

  foyer_mark_encode (&known, cells);
  foyer_test_assert_hex (cells, sizeof cells, known_cells);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mark/encode/known-answer", test_encode_known_answer);
  return g_test_run ();
}
