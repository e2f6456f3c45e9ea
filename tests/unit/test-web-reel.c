/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-reel.h"

#include <string.h>

#define MS    1000
#define FRAME (40 * MS)

static const guint8 parameters[] = { 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0x95, 0,
  0, 1, 0x68, 0xce, 0x38, 0x80 };

typedef struct
{
  FoyerWebReel *reel;
  gint64 now_us;
  guint64 sequence;
  guint8 level;  /* of the parameters: another one, another header */
  gsize n_bytes; /* of a picture */
  gboolean is_slate;
} Fixture;

static void
set_up (Fixture *fixture)
{
  *fixture = (Fixture){ .reel = foyer_web_reel_new (0),
    .now_us = 1000 * MS,
    .level = 31,
    .n_bytes = 100 };
}

static gboolean
push (Fixture *fixture, gboolean is_key)
{
  gsize n_head = is_key ? sizeof parameters : 0;
  gsize n_bytes = n_head + 4 + fixture->n_bytes;
  g_autofree guint8 *data = g_malloc (n_bytes);
  const FoyerWebFrame frame = { .data = data,
    .n_bytes = n_bytes,
    .is_key = is_key,
    .is_slate = fixture->is_slate,
    .capture_us = fixture->now_us,
    .sequence = ++fixture->sequence,
    .width_px = 640,
    .height_px = 360 };

  memcpy (data, parameters, n_head);
  if (is_key)
    data[6] = fixture->level;
  memcpy (data + n_head, "\0\0\1", 3);
  data[n_head + 3] = is_key ? 0x65 : 0x41;
  memset (data + n_head + 4, 0xaa, fixture->n_bytes);
  return foyer_web_reel_push (fixture->reel, &frame);
}

/* Half a second of frames, the first a key frame. */
static void
push_piece (Fixture *fixture)
{
  for (gint64 us = 0; us < FOYER_WEB_REEL_KEY_MS * MS; us += FRAME) {
    g_assert_true (push (fixture, us == 0));
    fixture->now_us += FRAME;
  }
}

static guint64
get_first (const Fixture *fixture)
{
  guint64 first, last;

  foyer_web_reel_get_bounds (fixture->reel, &first, &last);
  return first;
}

/* I3: what comes before a key frame is of no use. */
static void
test_begins_with_key (void)
{
  Fixture fixture;

  set_up (&fixture);
  g_assert_false (push (&fixture, FALSE));
  g_assert_true (push (&fixture, TRUE));
  g_assert_cmpuint (foyer_web_reel_count (fixture.reel), ==, 0);
  foyer_web_reel_free (fixture.reel);
}

static void
test_pieces (void)
{
  Fixture fixture;
  const FoyerWebPiece *piece;

  set_up (&fixture);
  push_piece (&fixture);
  push_piece (&fixture);
  push_piece (&fixture);
  g_assert_cmpuint (foyer_web_reel_count (fixture.reel), ==, 2);
  piece = foyer_web_reel_find (fixture.reel, 2);
  g_assert_cmpuint (piece->n_frames, ==, 13);
  g_assert_cmpuint (piece->first_sequence, ==, 14);
  g_assert_cmpuint (piece->last_sequence, ==, 26);
  g_assert_cmpuint (piece->n_ticks, ==, 90 * 13 * 40);
  g_assert_cmpint (piece->since_us, ==, 1000 * MS + 13 * FRAME);
  g_assert_cmpmem (piece->data + 4, 4, "moof", 4);
  g_assert_null (foyer_web_reel_find (fixture.reel, 0));
  g_assert_null (foyer_web_reel_find (fixture.reel, 3));
  g_assert_nonnull (foyer_web_reel_get_header (fixture.reel, 1));
  g_assert_null (foyer_web_reel_get_header (fixture.reel, 2));
  foyer_web_reel_free (fixture.reel);
}

/* The newest are kept, and never more than a playlist has. */
static void
test_oldest_go (void)
{
  Fixture fixture;

  set_up (&fixture);
  for (guint i = 0; i < 3 * FOYER_WEB_REEL_PIECES; i++) {
    push_piece (&fixture);
    g_assert_cmpuint (foyer_web_reel_count (fixture.reel), <=,
        FOYER_WEB_REEL_PIECES);
  }
  g_assert_cmpuint (get_first (&fixture), ==, 2 * FOYER_WEB_REEL_PIECES);
  g_assert_null (foyer_web_reel_find (fixture.reel, 1));
  foyer_web_reel_free (fixture.reel);
}

/* I2: age alone is enough. */
static void
test_expire (void)
{
  Fixture fixture;
  gint64 window_us = FOYER_WEB_REEL_PIECES * FOYER_WEB_REEL_KEY_MS * MS;

  set_up (&fixture);
  push_piece (&fixture);
  push_piece (&fixture);
  foyer_web_reel_expire (fixture.reel, 1000 * MS + 13 * FRAME + window_us);
  g_assert_cmpuint (foyer_web_reel_count (fixture.reel), ==, 1);
  foyer_web_reel_expire (fixture.reel, 1000 * MS + 13 * FRAME + window_us + 1);
  g_assert_cmpuint (foyer_web_reel_count (fixture.reel), ==, 0);
  foyer_web_reel_free (fixture.reel);
}

static void
test_memory (void)
{
  Fixture fixture;

  set_up (&fixture);
  fixture.n_bytes = 130 * 1024;
  for (guint i = 0; i < FOYER_WEB_REEL_PIECES; i++)
    push_piece (&fixture);
  g_assert_cmpuint (foyer_web_reel_count (fixture.reel), ==, 2);
  /* A piece that would have a hole is none. */
  fixture.n_bytes = 600 * 1024;
  for (guint i = 0; i < 3; i++) {
    g_assert_true (push (&fixture, i == 0));
    fixture.now_us += FRAME;
  }
  g_assert_false (push (&fixture, FALSE));
  fixture.now_us += FRAME;
  g_assert_false (push (&fixture, FALSE));
  foyer_web_reel_free (fixture.reel);
}

/* Never backwards, never twice. */
static void
test_order (void)
{
  Fixture fixture;

  set_up (&fixture);
  g_assert_true (push (&fixture, TRUE));
  g_assert_false (push (&fixture, FALSE));
  fixture.now_us -= 1;
  g_assert_false (push (&fixture, TRUE));
  fixture.now_us += 2;
  g_assert_true (push (&fixture, FALSE));
  foyer_web_reel_free (fixture.reel);
}

static void
test_key_wanted (void)
{
  Fixture fixture;

  set_up (&fixture);
  g_assert_true (foyer_web_reel_wants_key (fixture.reel, fixture.now_us));
  g_assert_true (push (&fixture, TRUE));
  g_assert_false (
      foyer_web_reel_wants_key (fixture.reel, fixture.now_us + 499 * MS));
  g_assert_true (
      foyer_web_reel_wants_key (fixture.reel, fixture.now_us + 500 * MS));
  /* Key frames that come too soon end nothing. */
  fixture.now_us += 100 * MS;
  g_assert_true (push (&fixture, TRUE));
  g_assert_cmpuint (foyer_web_reel_count (fixture.reel), ==, 0);
  fixture.now_us += 250 * MS;
  g_assert_true (push (&fixture, TRUE));
  g_assert_cmpuint (foyer_web_reel_count (fixture.reel), ==, 1);
  foyer_web_reel_free (fixture.reel);
}

static void
test_playlist (void)
{
  Fixture fixture;
  g_autofree char *empty = NULL, *text = NULL;

  set_up (&fixture);
  empty = foyer_web_reel_print (fixture.reel);
  g_assert_null (strstr (empty, ".m4s"));
  push_piece (&fixture);
  push_piece (&fixture);
  push_piece (&fixture);
  text = foyer_web_reel_print (fixture.reel);
  g_assert_cmpstr (text, ==,
      "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:1\n"
      "#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-START:TIME-OFFSET=-1.500\n"
      "#EXT-X-MAP:URI=\"init-1.mp4\"\n"
      "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01.000Z\n"
      "#EXTINF:0.520,\n1.m4s\n#EXTINF:0.520,\n2.m4s\n");
  foyer_web_reel_free (fixture.reel);
}

/* A slate is coded otherwise: another header, and players are told. */
static void
test_playlist_break (void)
{
  Fixture fixture;
  g_autofree char *text = NULL, *later = NULL;

  set_up (&fixture);
  push_piece (&fixture);
  fixture.now_us += 1000 * MS;
  fixture.level = 30;
  fixture.is_slate = TRUE;
  push_piece (&fixture);
  push_piece (&fixture);
  text = foyer_web_reel_print (fixture.reel);
  g_assert_nonnull (strstr (text,
      "#EXTINF:0.520,\n1.m4s\n#EXT-X-DISCONTINUITY\n"
      "#EXT-X-MAP:URI=\"init-2.mp4\"\n"
      "#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:02.520Z\n"
      "#EXTINF:0.520,\n2.m4s\n"));
  g_assert_cmpuint (foyer_web_reel_find (fixture.reel, 2)->n_frames, ==, 0);
  for (guint i = 0; i < FOYER_WEB_REEL_PIECES; i++)
    push_piece (&fixture);
  later = foyer_web_reel_print (fixture.reel);
  g_assert_nonnull (strstr (later, "#EXT-X-DISCONTINUITY-SEQUENCE:1\n"));
  g_assert_null (strstr (later, "#EXT-X-DISCONTINUITY\n"));
  g_assert_null (foyer_web_reel_get_header (fixture.reel, 1));
  foyer_web_reel_free (fixture.reel);
}

/* A slate ends the piece before it, however short that is. */
static void
test_slate_is_apart (void)
{
  Fixture fixture;

  set_up (&fixture);
  g_assert_true (push (&fixture, TRUE));
  fixture.now_us += FRAME;
  fixture.is_slate = TRUE;
  g_assert_true (push (&fixture, TRUE));
  g_assert_cmpuint (foyer_web_reel_find (fixture.reel, 1)->n_frames, ==, 1);
  foyer_web_reel_free (fixture.reel);
}

/* I4, I8: nothing is there any more, and numbers go on. */
static void
test_wipe (void)
{
  Fixture fixture;

  set_up (&fixture);
  push_piece (&fixture);
  push_piece (&fixture);
  foyer_web_reel_wipe (fixture.reel);
  g_assert_cmpuint (foyer_web_reel_count (fixture.reel), ==, 0);
  g_assert_null (foyer_web_reel_find (fixture.reel, 1));
  g_assert_false (push (&fixture, FALSE));
  push_piece (&fixture);
  push_piece (&fixture);
  g_assert_cmpuint (get_first (&fixture), ==, 2);
  foyer_web_reel_free (fixture.reel);
}

/* Whatever comes: bounded, in order, each piece with its header. */
static void
test_random (void)
{
  Fixture fixture;
  guint64 newest = 0;

  set_up (&fixture);
  for (guint i = 0; i < 20000; i++) {
    guint64 first, last;

    fixture.now_us += g_test_rand_int_range (-1000, 100 * MS);
    fixture.n_bytes = (gsize) g_test_rand_int_range (1, 100000);
    fixture.level = (guint8) g_test_rand_int_range (30, 36);
    fixture.is_slate = g_test_rand_int_range (0, 20) == 0;
    push (&fixture, g_test_rand_int_range (0, 8) == 0);
    foyer_web_reel_get_bounds (fixture.reel, &first, &last);
    g_assert_true (last == 0 || last >= newest);
    newest = MAX (newest, last);
    for (guint64 n = first; n != 0 && n <= last; n++)
      g_assert_nonnull (foyer_web_reel_get_header (fixture.reel,
          foyer_web_reel_find (fixture.reel, n)->header));
  }
  foyer_web_reel_free (fixture.reel);
}

static gboolean
has_sound (const Fixture *fixture, guint64 header)
{
  GBytes *bytes = foyer_web_reel_get_header (fixture->reel, header);
  gsize n_bytes;
  const char *data = g_bytes_get_data (bytes, &n_bytes);

  return memmem (data, n_bytes, "mp4a", 4) != NULL;
}

/* Half a second of both. */
static void
push_both (Fixture *fixture)
{
  for (guint i = 0; i < 24; i++)
    g_assert_true (foyer_web_reel_push_sound (fixture->reel,
        (const guint8 *) "sound", 5, fixture->now_us + 1 + i * 21000));
  push_piece (fixture);
}

/* In every piece for as long as it comes; then players need not wait for it. */
static void
test_sound (void)
{
  Fixture fixture;
  const FoyerWebPiece *piece;

  set_up (&fixture);
  foyer_web_reel_set_sound (fixture.reel, 2, fixture.now_us + 2000 * MS);
  for (guint i = 0; i < 3; i++)
    push_both (&fixture);
  piece = foyer_web_reel_find (fixture.reel, 1);
  g_assert_true (has_sound (&fixture, piece->header));
  g_assert_nonnull (memmem (piece->data, piece->n_bytes, "soundsound", 10));
  for (guint i = 0; i < 5; i++)
    push_piece (&fixture);
  piece = foyer_web_reel_find (fixture.reel, 7);
  g_assert_false (has_sound (&fixture, piece->header));
  g_assert_null (memmem (piece->data, piece->n_bytes, "sound", 5));
  g_assert_cmpuint (piece->header, ==, 2);
  foyer_web_reel_free (fixture.reel);
}

/* I9: none where none was granted, whatever comes. */
static void
test_no_sound (void)
{
  Fixture fixture;
  const FoyerWebPiece *piece;

  set_up (&fixture);
  g_assert_false (foyer_web_reel_push_sound (fixture.reel,
      (const guint8 *) "sound", 5, fixture.now_us + 1));
  push_piece (&fixture);
  push_piece (&fixture);
  piece = foyer_web_reel_find (fixture.reel, 1);
  g_assert_false (has_sound (&fixture, piece->header));
  g_assert_null (memmem (piece->data, piece->n_bytes, "sound", 5));
  foyer_web_reel_free (fixture.reel);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/web-reel/begins-with-key", test_begins_with_key);
  g_test_add_func ("/web-reel/pieces", test_pieces);
  g_test_add_func ("/web-reel/oldest-go", test_oldest_go);
  g_test_add_func ("/web-reel/expire", test_expire);
  g_test_add_func ("/web-reel/memory", test_memory);
  g_test_add_func ("/web-reel/order", test_order);
  g_test_add_func ("/web-reel/key-wanted", test_key_wanted);
  g_test_add_func ("/web-reel/playlist", test_playlist);
  g_test_add_func ("/web-reel/playlist-break", test_playlist_break);
  g_test_add_func ("/web-reel/slate-is-apart", test_slate_is_apart);
  g_test_add_func ("/web-reel/wipe", test_wipe);
  g_test_add_func ("/web-reel/random", test_random);
  g_test_add_func ("/web-reel/sound", test_sound);
  g_test_add_func ("/web-reel/no-sound", test_no_sound);
  return g_test_run ();
}
