/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-sound.h"

#include <string.h>

#define ORIGIN_US G_GINT64_CONSTANT (5000000)
#define PACKET_US 21333 /* and a third: their times are a little off */

static FoyerWebSound *
sound_new (guint n_packets, gint64 first_us)
{
  FoyerWebSound *sound = g_new0 (FoyerWebSound, 1);
  guint8 data[100];

  for (guint i = 0; i < n_packets; i++) {
    memset (data, (int) i + 1, sizeof data);
    g_assert_true (foyer_web_sound_push (sound, data, sizeof data,
        first_us + (gint64) i * PACKET_US));
  }
  return sound;
}

/* Piece after piece, without a gap between packets, and nothing twice. */
static void
test_pieces (void)
{
  g_autofree FoyerWebSound *sound = sound_new (20, ORIGIN_US + 1000);
  FoyerWebSamples out;
  guint n_packets = foyer_web_sound_take (sound, ORIGIN_US,
      ORIGIN_US + 1000 + 10 * PACKET_US, &out);

  g_assert_cmpuint (n_packets, ==, 10);
  g_assert_cmpuint (out.n_samples, ==, 10);
  g_assert_cmpuint (out.start_ticks, ==, 0);
  g_assert_cmpuint (out.data[0], ==, 1);
  for (guint i = 0; i < 10; i++)
    g_assert_cmpuint (out.samples[i].n_ticks, ==, FOYER_WEB_SOUND_TICKS);
  foyer_web_sound_drop (sound, n_packets);
  g_assert_cmpuint (foyer_web_sound_take (sound, ORIGIN_US, G_MAXINT64, &out),
      ==, 10);
  g_assert_cmpuint (out.start_ticks, ==, 10 * FOYER_WEB_SOUND_TICKS);
  g_assert_cmpuint (out.data[0], ==, 11);
  foyer_web_sound_drop (sound, 10);
  g_assert_cmpuint (foyer_web_sound_take (sound, ORIGIN_US, G_MAXINT64, &out),
      ==, 0);
  g_assert_cmpuint (out.n_samples, ==, 0);
}

/* What is from before the first picture is never heard. */
static void
test_before (void)
{
  g_autofree FoyerWebSound *sound = sound_new (10,
      ORIGIN_US - 4 * PACKET_US - 1);
  FoyerWebSamples out;

  g_assert_cmpuint (foyer_web_sound_take (sound, ORIGIN_US, G_MAXINT64, &out),
      ==, 10);
  g_assert_cmpuint (out.n_samples, ==, 5);
  g_assert_cmpuint (out.data[0], ==, 6);
  foyer_web_sound_drop (sound, 10);
  g_assert_cmpuint (sound->n_bytes, ==, 0);
}

/* A hole stays one: what follows is heard at its time. */
static void
test_hole (void)
{
  g_autofree FoyerWebSound *sound = sound_new (2, ORIGIN_US);
  FoyerWebSamples out;
  guint8 byte = 9;

  g_assert_true (foyer_web_sound_push (sound, &byte, 1, ORIGIN_US + 500000));
  g_assert_cmpuint (foyer_web_sound_take (sound, ORIGIN_US, G_MAXINT64, &out),
      ==, 3);
  g_assert_cmpuint (out.samples[0].n_ticks, ==, FOYER_WEB_SOUND_TICKS);
  g_assert_cmpuint (out.samples[1].n_ticks, ==, 24000 - FOYER_WEB_SOUND_TICKS);
  foyer_web_sound_drop (sound, 3);
  g_assert_true (foyer_web_sound_push (sound, &byte, 1, ORIGIN_US + 1000000));
  foyer_web_sound_take (sound, ORIGIN_US, G_MAXINT64, &out);
  g_assert_cmpuint (out.start_ticks, ==, 48000);
}

static void
test_refused (void)
{
  g_autofree FoyerWebSound *sound = sound_new (1, ORIGIN_US);
  g_autofree guint8 *large = g_malloc0 (8193);

  g_assert_false (foyer_web_sound_push (sound, large, 0, ORIGIN_US + 1));
  g_assert_false (foyer_web_sound_push (sound, large, 8193, ORIGIN_US + 1));
  g_assert_false (foyer_web_sound_push (sound, large, 1, ORIGIN_US));
  g_assert_true (foyer_web_sound_push (sound, large, 8192, ORIGIN_US + 1));
}

/* I5: it is bounded, and what goes is wiped. */
static void
test_bounds (void)
{
  g_autofree FoyerWebSound *sound = sound_new (3 * FOYER_WEB_SOUND_PACKETS,
      ORIGIN_US);
  g_autofree guint8 *large = g_malloc (8192);

  g_assert_cmpuint (sound->n_samples, ==, FOYER_WEB_SOUND_PACKETS);
  memset (large, 7, 8192);
  for (gint64 i = 1; i < 40; i++)
    g_assert_true (foyer_web_sound_push (sound, large, 8192,
        ORIGIN_US + G_USEC_PER_SEC * 100 + i));
  g_assert_cmpuint (sound->n_bytes, ==, FOYER_WEB_SOUND_BYTES);
  foyer_web_sound_wipe (sound);
  for (gsize i = 0; i < FOYER_WEB_SOUND_BYTES; i++)
    g_assert_cmpuint (sound->data[i], ==, 0);
}

static void
test_config (void)
{
  static const guint8 stereo[] = { 0x11, 0x90 };
  g_autoptr (GBytes) config = foyer_web_sound_make_config (2);
  gsize n_bytes;
  gconstpointer data = g_bytes_get_data (config, &n_bytes);

  g_assert_cmpmem (data, n_bytes, stereo, sizeof stereo);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/web-sound/pieces", test_pieces);
  g_test_add_func ("/web-sound/before", test_before);
  g_test_add_func ("/web-sound/hole", test_hole);
  g_test_add_func ("/web-sound/refused", test_refused);
  g_test_add_func ("/web-sound/bounds", test_bounds);
  g_test_add_func ("/web-sound/config", test_config);
  return g_test_run ();
}
