/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-player.h"

#include <glib.h>

/* What a player says, a message a line, a second apart: a new LOAD is never wanted
 * sooner than after ten seconds but once, and the end is the end. */

#define S         G_USEC_PER_SEC
#define MAX_LINES 256

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static const FoyerCastLoad load = { "http://192.0.2.1/", "video/mp4", FALSE,
    NULL };
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) lines = g_strsplit (valid, "\n", MAX_LINES);
  g_auto (FoyerCastPlayer) player = { 0 };
  gint64 now_us = S;
  guint n_loads = 0;

  foyer_cast_player_init (&player, "session", 1);
  foyer_cast_player_load (&player, &load, now_us);
  for (guint i = 0; lines[i] != NULL; i++, now_us += S) {
    g_autoptr (FoyerCastMessage) message = foyer_cast_message_new_text ("app",
        "*", FOYER_CAST_NS_MEDIA, lines[i]);
    g_auto (FoyerCastMediaReply) reply = { 0 };
    gboolean was_over = player.phase == FOYER_CAST_PLAYER_OVER;
    FoyerCastPlayerEvent event = FOYER_CAST_PLAYER_NOTHING;

    g_free (foyer_cast_player_take_message (&player));
    if (foyer_cast_media_reply_parse (message, &reply, NULL))
      event = foyer_cast_player_receive (&player, &reply, now_us);
    if (event == FOYER_CAST_PLAYER_NOTHING)
      event = foyer_cast_player_tick (&player, now_us);
    g_assert_true (!was_over || event == FOYER_CAST_PLAYER_NOTHING);
    g_assert_cmpint (player.error != NULL, ==,
        player.phase == FOYER_CAST_PLAYER_OVER);
    if (event == FOYER_CAST_PLAYER_WANTS_URL) {
      foyer_cast_player_load (&player, &load, now_us);
      n_loads++;
    }
  }
  g_assert_cmpuint (n_loads, <=, 2 * (guint) (now_us / (10 * S)) + 2);
  return 0;
}
