/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-reader.h"
#include "foyer-web-h264.h"
#include "foyer-web-mp4.h"

/* H.264 into MP4, and the boxes around it. What players make of the whole is tried
 * in tests/integration/test_http.py. */

static const guint8 key_unit[] = { 0, 0, 0, 1, 9, 0xf0, /* delimiter */
  0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0x95, 0, 0, 1, 0x68, 0xce, 0x38, 0x80, 0,
  0, 1, 6, 5, 1, 2,                     /* SEI */
  0, 0, 0, 1, 0x65, 0x88, 0x84, 0, 0 }; /* and zeros behind it */

static void
test_parameters (void)
{
  static const guint8 config[] = { 1, 0x42, 0xc0, 0x1f, 0xff, 0xe1, 0, 5, 0x67,
    0x42, 0xc0, 0x1f, 0x95, 1, 0, 4, 0x68, 0xce, 0x38, 0x80 };
  FoyerWebParameters parameters;
  g_autoptr (GBytes) bytes = NULL;

  g_assert_true (
      foyer_web_h264_find_parameters (key_unit, sizeof key_unit, &parameters));
  bytes = foyer_web_h264_make_config (&parameters);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
      config, sizeof config);
  g_assert_false (
      foyer_web_h264_find_parameters (key_unit + 15, 10, &parameters));
}

/* A high profile says more: ISO/IEC 14496-15 §5.3.3.1. */
static void
test_parameters_high (void)
{
  static const guint8 unit[] = { 0, 0, 1, 0x67, 100, 0, 31, 1, 0, 0, 1, 0x68,
    0xce };
  static const guint8 end[] = { 0xfd, 0xf8, 0xf8, 0 };
  FoyerWebParameters parameters;
  g_autoptr (GBytes) bytes = NULL;
  const guint8 *data;
  gsize n_bytes;

  g_assert_true (
      foyer_web_h264_find_parameters (unit, sizeof unit, &parameters));
  bytes = foyer_web_h264_make_config (&parameters);
  data = g_bytes_get_data (bytes, &n_bytes);
  g_assert_cmpmem (data + n_bytes - sizeof end, sizeof end, end, sizeof end);
}

static void
test_convert (void)
{
  static const guint8 sample[] = { 0, 0, 0, 4, 6, 5, 1, 2, 0, 0, 0, 3, 0x65,
    0x88, 0x84 };
  guint8 out[sizeof sample];

  g_assert_cmpuint (foyer_web_h264_convert (key_unit, sizeof key_unit, NULL),
      ==, sizeof sample);
  g_assert_cmpuint (foyer_web_h264_convert (key_unit, sizeof key_unit, out), ==,
      sizeof sample);
  g_assert_cmpmem (out, sizeof out, sample, sizeof sample);
}

/* Parameter sets alone are no picture, nor is what has no start code. */
static void
test_convert_nothing (void)
{
  static const guint8 garbage[] = { 0x65, 0x88, 0x84, 0, 0, 2, 0, 0 };

  g_assert_cmpuint (foyer_web_h264_convert (key_unit, 23, NULL), ==, 0);
  g_assert_cmpuint (foyer_web_h264_convert (garbage, sizeof garbage, NULL), ==,
      0);
  g_assert_cmpuint (foyer_web_h264_convert (NULL, 0, NULL), ==, 0);
}

/* Cut at each byte: what is measured is what is written, and no byte more. */
static void
test_convert_cut (void)
{
  for (gsize n = 0; n <= sizeof key_unit; n++) {
    g_autofree guint8 *exact = g_memdup2 (key_unit, n);
    gsize n_bytes = foyer_web_h264_convert (exact, n, NULL);
    g_autofree guint8 *out = g_malloc (n_bytes);
    FoyerWebParameters parameters;

    g_assert_cmpuint (foyer_web_h264_convert (exact, n,
                          n_bytes > 0 ? out : NULL),
        ==, n_bytes);
    (void) !foyer_web_h264_find_parameters (exact, n, &parameters);
  }
}

/* Reads boxes side by side; each must fill its parent to the last byte. */
static guint
count_boxes (const guint8 *data, gsize n_bytes, const char *type)
{
  FoyerReader reader = foyer_reader_make (data, n_bytes);
  guint n_found = 0;

  while (reader.n_bytes > 0) {
    guint32 n_box = foyer_reader_get_u32 (&reader);
    const guint8 *name = foyer_reader_take (&reader, 4);
    const guint8 *body;

    g_assert_true (foyer_reader_is_ok (&reader));
    g_assert_cmpuint (n_box, >=, 8);
    body = foyer_reader_take (&reader, n_box - 8);
    g_assert_true (foyer_reader_is_ok (&reader));
    n_found += memcmp (name, type, 4) == 0 ? 1 : 0;
    for (const char *const *i = (const char *const[]){ "moov", "trak", "mdia",
             "minf", "stbl", "dinf", "mvex", "moof", "traf", NULL };
         *i != NULL; i++)
      if (memcmp (name, *i, 4) == 0)
        n_found += count_boxes (body, n_box - 8, type);
  }
  return n_found;
}

static guint
count_in (GBytes *bytes, const char *type)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  return count_boxes (data, n_bytes, type);
}

static void
make_tracks (FoyerWebTrack *tracks)
{
  static const guint8 specific[] = { 0x11, 0x90 };
  FoyerWebParameters parameters;

  g_assert_true (
      foyer_web_h264_find_parameters (key_unit, sizeof key_unit, &parameters));
  tracks[0] = (FoyerWebTrack){ FOYER_WEB_CODEC_H264, 90000, 1280, 720, 0,
    foyer_web_h264_make_config (&parameters) };
  tracks[1] = (FoyerWebTrack){ FOYER_WEB_CODEC_AAC, 48000, 0, 0, 2,
    g_bytes_new_static (specific, sizeof specific) };
}

static void
test_header (void)
{
  static const char *const once[] = { "ftyp", "moov", "mvhd", "mvex", NULL };
  static const char *const each[] = { "trak", "tkhd", "mdhd", "hdlr", "stsd",
    "stts", "stsc", "stsz", "stco", "trex", NULL };
  FoyerWebTrack tracks[2];

  make_tracks (tracks);
  for (guint n = 1; n <= 2; n++) {
    g_autoptr (GBytes) header = foyer_web_mp4_make_header (tracks, n);

    for (guint i = 0; once[i] != NULL; i++)
      g_assert_cmpuint (count_in (header, once[i]), ==, 1);
    for (guint i = 0; each[i] != NULL; i++)
      g_assert_cmpuint (count_in (header, each[i]), ==, n);
    g_assert_cmpuint (count_in (header, "vmhd"), ==, 1);
    g_assert_cmpuint (count_in (header, "smhd"), ==, n - 1);
  }
  g_bytes_unref (tracks[0].config);
  g_bytes_unref (tracks[1].config);
}

/* Boxes of one length in all files: ISO/IEC 14496-12 §8.2.2, §8.3.2, §8.4.2. */
static void
test_header_sizes (void)
{
  static const struct
  {
    const char *type;
    guint32 n_bytes;
  } cases[] = { { "mvhd", 108 }, { "tkhd", 92 }, { "mdhd", 32 }, { "trex", 32 },
    { "vmhd", 20 }, { "smhd", 16 } };
  FoyerWebTrack tracks[2];
  g_autoptr (GBytes) header = NULL;
  const guint8 *data;
  gsize n_bytes;

  make_tracks (tracks);
  header = foyer_web_mp4_make_header (tracks, 2);
  data = g_bytes_get_data (header, &n_bytes);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const guint8 *at = memmem (data, n_bytes, cases[i].type, 4);
    FoyerReader reader;

    g_assert_nonnull (at);
    reader = foyer_reader_make (at - 4, 4);
    g_assert_cmpuint (foyer_reader_get_u32 (&reader), ==, cases[i].n_bytes);
  }
  g_bytes_unref (tracks[0].config);
  g_bytes_unref (tracks[1].config);
}

/* A piece by hand: one picture of three bytes. */
static void
test_piece_known_bytes (void)
{
  static const guint8 data[] = { 7, 8, 9 };
  static const FoyerWebSample sample = { 3, 3000, TRUE };
  static const FoyerWebSamples track = { 0x123456789, &sample, 1, data };
  static const guint8 known[] = { 0, 0, 0, 100, 'm', 'o', 'o', 'f', 0, 0, 0, 16,
    'm', 'f', 'h', 'd', 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 76, 't', 'r', 'a', 'f',
    0, 0, 0, 16, 't', 'f', 'h', 'd', 0, 2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 20, 't',
    'f', 'd', 't', 1, 0, 0, 0, 0, 0, 0, 1, 0x23, 0x45, 0x67, 0x89, 0, 0, 0, 32,
    't', 'r', 'u', 'n', 0, 0, 7, 1, 0, 0, 0, 1, 0, 0, 0, 108, 0, 0, 0x0b, 0xb8,
    0, 0, 0, 3, 2, 0, 0, 0, 0, 0, 0, 11, 'm', 'd', 'a', 't', 7, 8, 9 };
  guint8 out[sizeof known];

  g_assert_cmpuint (foyer_web_mp4_measure_piece (&track, 1), ==, sizeof known);
  foyer_web_mp4_write_piece (&track, 1, 5, out);
  g_assert_cmpmem (out, sizeof out, known, sizeof known);
}

/* Sound beside the picture, or none in this piece. */
static void
test_piece_tracks (void)
{
  static const guint8 data[] = { 1, 2, 3, 4, 5 };
  static const FoyerWebSample samples[] = { { 3, 3000, TRUE },
    { 2, 3000, FALSE } };
  FoyerWebSamples tracks[2] = { { 0, samples, 2, data },
    { 0, samples + 1, 1, data } };

  for (guint n_sound = 0; n_sound <= 1; n_sound++) {
    gsize n_bytes;
    g_autofree guint8 *out = NULL;

    tracks[1].n_samples = n_sound;
    n_bytes = foyer_web_mp4_measure_piece (tracks, 2);
    out = g_malloc (n_bytes);
    foyer_web_mp4_write_piece (tracks, 2, 1, out);
    g_assert_cmpuint (count_boxes (out, n_bytes, "traf"), ==, 1 + n_sound);
    g_assert_cmpuint (count_boxes (out, n_bytes, "trun"), ==, 1 + n_sound);
    g_assert_cmpuint (count_boxes (out, n_bytes, "mdat"), ==, 1);
    g_assert_cmpmem (out + n_bytes - 5 - 2 * n_sound, 5, data, 5);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/web-mp4/h264/parameters", test_parameters);
  g_test_add_func ("/web-mp4/h264/parameters-high", test_parameters_high);
  g_test_add_func ("/web-mp4/h264/convert", test_convert);
  g_test_add_func ("/web-mp4/h264/convert-nothing", test_convert_nothing);
  g_test_add_func ("/web-mp4/h264/convert-cut", test_convert_cut);
  g_test_add_func ("/web-mp4/header", test_header);
  g_test_add_func ("/web-mp4/header-sizes", test_header_sizes);
  g_test_add_func ("/web-mp4/piece/known-bytes", test_piece_known_bytes);
  g_test_add_func ("/web-mp4/piece/tracks", test_piece_tracks);
  return g_test_run ();
}
