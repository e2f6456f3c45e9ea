/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-mark.h"
#include "foyer-test-data.h"

#include <string.h>

/* Cells by Python's zlib.crc32 over the layout that foyer-mark.h draws. */
static const FoyerMark known = {
  .camera = 3,
  .number = 0x01020304,
  .capture_time_ns = 0x1122334455667788,
};
static const char known_cells[] = "243c6b8a86a719f1205ddf4874f8218e31c2";

/* The same with a CRC over version 2, and over no version. */
static const char other_version[] = "243c6b8a86a719f1205ddf4874f830f35bbb";
static const char no_version[] = "243c6b8a86a719f1205ddf4874f89e1d900a";

static const FoyerMark untouched = { 7, 7, 7 };

static void
assert_mark (const FoyerMark *mark, const FoyerMark *expected)
{
  g_assert_cmpuint (mark->camera, ==, expected->camera);
  g_assert_cmpuint (mark->number, ==, expected->number);
  g_assert_cmpuint (mark->capture_time_ns, ==, expected->capture_time_ns);
}

static void
test_encode_known_answer (void)
{
  guint8 cells[FOYER_MARK_N_BYTES];

  foyer_mark_encode (&known, cells);
  foyer_test_assert_hex (cells, sizeof cells, known_cells);
}

static void
test_encode_extremes (void)
{
  const FoyerMark least = { 0, 0, 0 };
  const FoyerMark most = { G_MAXUINT16, G_MAXUINT32, G_MAXUINT64 };
  guint8 cells[FOYER_MARK_N_BYTES];

  foyer_mark_encode (&least, cells);
  foyer_test_assert_hex (cells, sizeof cells,
      "243f6a8885a308d313198a2e03701d6c7c06");
  foyer_mark_encode (&most, cells);
  foyer_test_assert_hex (cells, sizeof cells,
      "dbc095777a5cf72cece675d1fc8fdf462114");
}

static gboolean
decode_hex (FoyerMark *mark, const char *hex)
{
  g_autoptr (GBytes) cells = foyer_test_hex (hex);

  g_assert_cmpuint (g_bytes_get_size (cells), ==, FOYER_MARK_N_BYTES);
  *mark = untouched;
  return foyer_mark_decode (mark, g_bytes_get_data (cells, NULL));
}

static void
test_decode_known_answer (void)
{
  FoyerMark mark;

  g_assert_true (decode_hex (&mark, known_cells));
  assert_mark (&mark, &known);
}

static void
test_decode_refuses_other_versions (void)
{
  FoyerMark mark;

  g_assert_false (decode_hex (&mark, other_version));
  assert_mark (&mark, &untouched);
  g_assert_false (decode_hex (&mark, no_version));
  assert_mark (&mark, &untouched);
}

/* A CRC-32 over so few bits catches every error of up to three of them. */
static void
test_decode_refuses_flipped_cells (void)
{
  const int n_bits = FOYER_MARK_N_BYTES * 8;
  guint8 cells[FOYER_MARK_N_BYTES];
  FoyerMark mark;

  for (int i = 0; i < n_bits; i++) {
    for (int j = i; j < n_bits; j++) {
      foyer_mark_encode (&known, cells);
      cells[i / 8] ^= (guint8) (1 << i % 8);
      if (j > i)
        cells[j / 8] ^= (guint8) (1 << j % 8);
      g_assert_false (foyer_mark_decode (&mark, cells));
    }
  }
}

static void
test_decode_refuses_chance (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  guint8 cells[FOYER_MARK_N_BYTES];
  FoyerMark mark;

  for (int i = 0; i < 100000; i++) {
    for (int j = 0; j < FOYER_MARK_N_BYTES; j++)
      cells[j] = (guint8) g_rand_int (rand);
    g_assert_false (foyer_mark_decode (&mark, cells));
  }
}

static void
test_decode_refuses_uniform_cells (void)
{
  guint8 cells[FOYER_MARK_N_BYTES] = { 0 };
  FoyerMark mark;

  g_assert_false (foyer_mark_decode (&mark, cells));
  memset (cells, G_MAXUINT8, sizeof cells);
  g_assert_false (foyer_mark_decode (&mark, cells));
}

/* At 320x180 a half cell is 4 by 3 pixels: the layout, drawn. */
static void
test_paint_known_layout (void)
{
  static const char *const rows[] = {
    "################################################################################",
    "##............................................................................##",
  };
  static const char data_row[] = "##..";
  guint8 luma[320 * 180];

  memset (luma, 99, sizeof luma);
  g_assert_true (foyer_mark_paint (&known, luma, 320, 320, 180));
  for (int i = 0; i < 80 * 12; i++) {
    int column = i % 80, row = i / 80;
    int edge = MIN (row, 11 - row);
    char drawn = edge < 2           ? rows[edge][column]
        : column < 4 || column > 75 ? data_row[MIN (column, 79 - column)]
                                    : '?';

    if (drawn != '?')
      g_assert_cmpuint (luma[(row * 3 + 1) * 320 + column * 4 + 2], ==,
          drawn == '#' ? FOYER_MARK_LIGHT : FOYER_MARK_DARK);
  }
}

/* The cells as hex digits, read off the middles of the painted cells. */
static void
test_paint_known_cells (void)
{
  guint8 luma[320 * 180];
  guint8 cells[FOYER_MARK_N_BYTES] = { 0 };

  g_assert_true (foyer_mark_paint (&known, luma, 320, 320, 180));
  for (int i = 0; i < 144; i++) {
    int x = 16 + i % 36 * 8 + 4;
    int y = 6 + i / 36 * 6 + 3;

    if (luma[y * 320 + x] == FOYER_MARK_LIGHT)
      cells[i / 8] |= (guint8) (0x80 >> i % 8);
    else
      g_assert_cmpuint (luma[y * 320 + x], ==, FOYER_MARK_DARK);
  }
  foyer_test_assert_hex (cells, sizeof cells, known_cells);
}

static void
test_paint_leaves_the_rest (void)
{
  const int stride = 176, width = 170, height = 97;
  guint8 luma[176 * 97];

  memset (luma, 99, sizeof luma);
  g_assert_true (
      foyer_mark_paint (&known, luma, (gsize) stride, width, height));
  g_assert_cmpint (foyer_mark_get_height_px (width, height), ==, 19);
  for (int i = 0; i < stride * height; i++) {
    gboolean is_mark = i % stride < width && i / stride < 19;

    g_assert_cmpint (luma[i] != 99, ==, is_mark);
  }
}

static void
test_paint_refuses_small_pictures (void)
{
  static const int sizes[][2] = { { 159, 90 }, { 160, 89 }, { 1, 1 },
    { 0, 0 } };
  guint8 luma[160 * 90];

  memset (luma, 99, sizeof luma);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_assert_false (
        foyer_mark_paint (&known, luma, 160, sizes[i][0], sizes[i][1]));
    g_assert_cmpint (foyer_mark_get_height_px (sizes[i][0], sizes[i][1]), ==,
        0);
  }
  for (gsize i = 0; i < sizeof luma; i++)
    g_assert_cmpuint (luma[i], ==, 99);
  g_assert_true (foyer_mark_paint (&known, luma, 160, 160, 90));
}

/* Rows said to be like the one above are. */
static void
test_draw_repeats_rows (void)
{
  guint8 cells[FOYER_MARK_N_BYTES];
  guint8 above[400] = { 0 }, row[400];

  foyer_mark_encode (&known, cells);
  for (int height = 90; height < 1100; height += 101) {
    int n_rows = foyer_mark_get_height_px (400, height);

    for (int y = 0; y < n_rows; y++) {
      foyer_mark_draw_row (cells, 400, height, y, row);
      if (!foyer_mark_row_is_new (height, y))
        g_assert_cmpmem (row, sizeof row, above, sizeof above);
      memcpy (above, row, sizeof row);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mark/encode/known-answer", test_encode_known_answer);
  g_test_add_func ("/mark/encode/extremes", test_encode_extremes);
  g_test_add_func ("/mark/decode/known-answer", test_decode_known_answer);
  g_test_add_func ("/mark/decode/refuses-other-versions",
      test_decode_refuses_other_versions);
  g_test_add_func ("/mark/decode/refuses-flipped-cells",
      test_decode_refuses_flipped_cells);
  g_test_add_func ("/mark/decode/refuses-chance", test_decode_refuses_chance);
  g_test_add_func ("/mark/decode/refuses-uniform-cells",
      test_decode_refuses_uniform_cells);
  g_test_add_func ("/mark/paint/known-layout", test_paint_known_layout);
  g_test_add_func ("/mark/paint/known-cells", test_paint_known_cells);
  g_test_add_func ("/mark/paint/leaves-the-rest", test_paint_leaves_the_rest);
  g_test_add_func ("/mark/paint/refuses-small-pictures",
      test_paint_refuses_small_pictures);
  g_test_add_func ("/mark/draw/repeats-rows", test_draw_repeats_rows);
  return g_test_run ();
}
