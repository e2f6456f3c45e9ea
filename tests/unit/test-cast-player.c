/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-player.h"

#include <string.h>

#define S     G_USEC_PER_SEC
#define START (100 * S)
#define URL   "http://192.0.2.1:40000/00/live.m3u8"

static const FoyerCastLoad load = { URL, "application/vnd.apple.mpegurl", TRUE,
  "Nursery" };

static gboolean
parse (const char *text, FoyerCastMediaReply *reply)
{
  g_autoptr (FoyerCastMessage) message = foyer_cast_message_new_text ("app",
      "*", FOYER_CAST_NS_MEDIA, text);

  return foyer_cast_media_reply_parse (message, reply, NULL);
}

static FoyerCastPlayerEvent
hear (FoyerCastPlayer *player, const char *text, gint64 now_us)
{
  g_auto (FoyerCastMediaReply) reply = { 0 };

  g_assert_true (parse (text, &reply));
  return foyer_cast_player_receive (player, &reply, now_us);
}

static FoyerCastPlayerEvent
hear_playing (FoyerCastPlayer *player, double position_s, gint64 now_us)
{
  g_autofree char *text = g_strdup_printf (
      "{\"type\":\"MEDIA_STATUS\",\"requestId\":0,\"status\":[{"
      "\"mediaSessionId\":1,\"playerState\":\"PLAYING\",\"currentTime\":%.3f}]}",
      position_s);

  return hear (player, text, now_us);
}

static void
expect_message (FoyerCastPlayer *player, const char *part)
{
  g_autofree char *text = foyer_cast_player_take_message (player);

  g_assert_nonnull (text);
  g_assert_nonnull (strstr (text, part));
}

static void
begin (FoyerCastPlayer *player)
{
  foyer_cast_player_init (player, "session", 7);
  foyer_cast_player_load (player, &load, START);
  expect_message (player, "\"LOAD\"");
}

static void
begin_playing (FoyerCastPlayer *player)
{
  begin (player);
  g_assert_cmpint (hear_playing (player, 0.5, START + S), ==,
      FOYER_CAST_PLAYER_PLAYS);
}

static void
test_load_text (void)
{
  const FoyerCastLoad plain = { URL, "video/mp4", FALSE, NULL };
  g_autofree char *text = foyer_cast_load_print (&load, 7, "session");
  g_autofree char *other = foyer_cast_load_print (&plain, 8, "session");

  g_assert_cmpstr (text, ==,
      "{\"type\":\"LOAD\",\"requestId\":7,\"sessionId\":\"session\","
      "\"autoplay\":true,\"media\":{\"contentId\":\"" URL
      "\",\"contentUrl\":\"" URL
      "\",\"contentType\":\"application/vnd.apple.mpegurl\","
      "\"streamType\":\"LIVE\",\"hlsSegmentFormat\":\"fmp4\","
      "\"hlsVideoSegmentFormat\":\"fmp4\",\"metadata\":{\"metadataType\":0,"
      "\"title\":\"Nursery\"}}}");
  g_assert_null (strstr (other, "hls"));
  g_assert_null (strstr (other, "metadata"));
}

static void
test_replies (void)
{
  static const struct
  {
    const char *text;
    FoyerCastMediaKind kind;
    FoyerCastMediaState state;
    FoyerCastIdleReason idle_reason;
    gboolean has_media;
  } cases[] = {
    { "{}", FOYER_CAST_MEDIA_UNKNOWN, 0, 0, FALSE },
    { "{\"type\":\"MEDIA_STATUS\",\"status\":[]}", FOYER_CAST_MEDIA_STATUS, 0,
        0, FALSE },
    { "{\"type\":\"MEDIA_STATUS\",\"status\":{}}", FOYER_CAST_MEDIA_STATUS, 0,
        0, FALSE },
    { "{\"type\":\"MEDIA_STATUS\",\"status\":[7]}", FOYER_CAST_MEDIA_STATUS, 0,
        0, FALSE },
    { "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":\"IDLE\","
      "\"extendedStatus\":{\"playerState\":\"LOADING\"}}]}",
        FOYER_CAST_MEDIA_STATUS, FOYER_CAST_MEDIA_LOADING, 0, TRUE },
    { "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":\"IDLE\","
      "\"idleReason\":\"ERROR\"}]}",
        FOYER_CAST_MEDIA_STATUS, FOYER_CAST_MEDIA_IDLE, FOYER_CAST_IDLE_ERROR,
        TRUE },
    { "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":\"BUFFERING\","
      "\"currentTime\":1e300}]}",
        FOYER_CAST_MEDIA_STATUS, FOYER_CAST_MEDIA_BUFFERING, 0, TRUE },
    { "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":7}]}",
        FOYER_CAST_MEDIA_STATUS, FOYER_CAST_MEDIA_IDLE, 0, TRUE },
    { "{\"type\":\"LOAD_FAILED\",\"detailedErrorCode\":104}",
        FOYER_CAST_MEDIA_LOAD_FAILED, 0, 0, FALSE },
    { "{\"type\":\"LOAD_CANCELLED\"}", FOYER_CAST_MEDIA_LOAD_CANCELLED, 0, 0,
        FALSE },
    { "{\"type\":\"INVALID_REQUEST\",\"reason\":\"INVALID_COMMAND\"}",
        FOYER_CAST_MEDIA_REFUSED, 0, 0, FALSE },
    { "{\"type\":\"INVALID_PLAYER_STATE\"}", FOYER_CAST_MEDIA_REFUSED, 0, 0,
        FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (FoyerCastMediaReply) reply = { 0 };

    g_assert_true (parse (cases[i].text, &reply));
    g_assert_cmpint (reply.kind, ==, cases[i].kind);
    g_assert_cmpint (reply.state, ==, cases[i].state);
    g_assert_cmpint (reply.idle_reason, ==, cases[i].idle_reason);
    g_assert_cmpint (reply.has_media, ==, cases[i].has_media);
  }
}

static void
test_reply_malformed (void)
{
  static const char *const texts[] = { "", "[]", "7", "{\"type\":" };
  FoyerCastMediaReply reply;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (parse (texts[i], &reply));
}

/* Idle is where it begins, and while it loads it says so. */
static void
test_loads (void)
{
  g_auto (FoyerCastPlayer) player = { 0 };

  begin (&player);
  g_assert_cmpint (hear (&player, "{\"type\":\"MEDIA_STATUS\",\"status\":[]}",
                       START),
      ==, FOYER_CAST_PLAYER_NOTHING);
  g_assert_cmpint (
      hear (&player,
          "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":\"IDLE\"}]}",
          START),
      ==, FOYER_CAST_PLAYER_NOTHING);
  g_assert_cmpint (
      hear (&player,
          "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":\"IDLE\","
          "\"extendedStatus\":{\"playerState\":\"LOADING\"}}]}",
          START),
      ==, FOYER_CAST_PLAYER_NOTHING);
  g_assert_cmpint (player.phase, ==, FOYER_CAST_PLAYER_LOADING);
  g_assert_cmpint (hear_playing (&player, 0, START + S), ==,
      FOYER_CAST_PLAYER_PLAYS);
}

/* It is asked each second, and left alone while it moves. */
static void
test_polled (void)
{
  g_auto (FoyerCastPlayer) player = { 0 };

  begin_playing (&player);
  for (guint i = 2; i < 60; i++) {
    g_assert_cmpint (foyer_cast_player_tick (&player, START + i * S), ==,
        FOYER_CAST_PLAYER_NOTHING);
    expect_message (&player, "\"GET_STATUS\"");
    g_assert_cmpint (hear_playing (&player, i, START + i * S), ==,
        FOYER_CAST_PLAYER_GOES_ON);
  }
}

/* It goes on, but long ago: as after a gap, over which it waited. */
static void
test_late (void)
{
  g_auto (FoyerCastPlayer) player = { 0 };

  begin_playing (&player);
  for (int i = 1; i < 9; i++)
    g_assert_cmpint (hear_playing (&player, i < 2 ? 0.5 : 0.5 + (i - 1) / 8.0,
                         START + (1 + i) * S),
        ==, FOYER_CAST_PLAYER_GOES_ON);
  g_assert_cmpint (player.lag_us, >, 6 * S);
  g_assert_cmpint (hear_playing (&player, 2, START + 10 * S - 1), ==,
      FOYER_CAST_PLAYER_GOES_ON);
  g_assert_cmpint (hear_playing (&player, 2.1, START + 10 * S), ==,
      FOYER_CAST_PLAYER_WANTS_URL);
  foyer_cast_player_load (&player, &load, START + 10 * S);
  g_assert_cmpint (hear_playing (&player, 0.5, START + 11 * S), ==,
      FOYER_CAST_PLAYER_PLAYS);
  g_assert_cmpint (player.lag_us, ==, 0);
  /* Half of that is borne. */
  for (int i = 1; i < 40; i++)
    g_assert_cmpint (hear_playing (&player, i < 4 ? 0.5 : i - 3 + 0.5,
                         START + (11 + i) * S),
        ==, FOYER_CAST_PLAYER_GOES_ON);
}

/* Where it is tells how late it has become: it stood still, it jumped to the end,
 * and what it says can be nonsense. */
static void
test_lag (void)
{
  g_auto (FoyerCastPlayer) player = { 0 };

  begin_playing (&player);
  g_assert_cmpint (player.lag_us, ==, 0);
  hear_playing (&player, 1.5, START + 2 * S);
  g_assert_cmpint (player.lag_us, ==, 0);
  hear_playing (&player, 1.75, START + 3 * S);
  g_assert_cmpint (player.lag_us, ==, 3 * S / 4);
  hear_playing (&player, 5.0, START + 4 * S);
  g_assert_cmpint (player.lag_us, ==, -3 * S / 2);
  g_assert_cmpint (hear_playing (&player, 1e18, START + 5 * S), ==,
      FOYER_CAST_PLAYER_NOTHING);
  g_assert_cmpint (hear_playing (&player, -1e18, START + 5 * S), ==,
      FOYER_CAST_PLAYER_NOTHING);
  g_assert_cmpint (player.lag_us, ==, -3 * S / 2);
}

/* Seconds from one LOAD to the next, when nothing ever moves. */
static gint64
wait_for_load (FoyerCastPlayer *player, gint64 *now_us)
{
  gint64 since_us = *now_us;

  for (;; *now_us += S / 4) {
    if (hear_playing (player, 0.5, *now_us) == FOYER_CAST_PLAYER_WANTS_URL ||
        foyer_cast_player_tick (player, *now_us) == FOYER_CAST_PLAYER_WANTS_URL)
      break;
    g_assert_cmpint (*now_us - since_us, <, 100 * S);
  }
  foyer_cast_player_load (player, &load, *now_us);
  expect_message (player, "\"LOAD\"");
  return (*now_us - since_us) / S;
}

static void
test_stall (void)
{
  static const gint64 pauses_s[] = { 10, 20, 40, 60, 60 };
  g_auto (FoyerCastPlayer) player = { 0 };
  gint64 now_us = START;

  begin (&player);
  for (guint i = 0; i < G_N_ELEMENTS (pauses_s); i++)
    g_assert_cmpint (wait_for_load (&player, &now_us), ==, pauses_s[i]);
}

/* A person who pauses it is no stall. */
static void
test_paused (void)
{
  g_auto (FoyerCastPlayer) player = { 0 };

  begin_playing (&player);
  for (guint i = 2; i < 30; i++) {
    g_assert_cmpint (
        hear (&player,
            "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":"
            "\"PAUSED\",\"currentTime\":3}]}",
            START + i * S),
        ==, FOYER_CAST_PLAYER_NOTHING);
    g_assert_cmpint (foyer_cast_player_tick (&player, START + i * S), ==,
        FOYER_CAST_PLAYER_NOTHING);
  }
}

/* The first time another form is tried at once, in the end it is given up. */
static void
test_load_failed (void)
{
  static const char text[] =
      "{\"type\":\"LOAD_FAILED\",\"requestId\":0,\"detailedErrorCode\":104}";
  g_auto (FoyerCastPlayer) player = { 0 };
  gint64 now_us = START;

  begin (&player);
  g_assert_cmpint (hear (&player, text, now_us), ==,
      FOYER_CAST_PLAYER_WANTS_URL);
  g_assert_cmpuint (player.n_failed, ==, 1);
  foyer_cast_player_load (&player, &load, now_us);
  g_assert_cmpint (hear (&player, text, now_us), ==, FOYER_CAST_PLAYER_NOTHING);
  while (player.phase != FOYER_CAST_PLAYER_WAITING) {
    now_us += S;
    foyer_cast_player_tick (&player, now_us);
    g_assert_cmpint (now_us, <, START + 60 * S);
  }
  foyer_cast_player_load (&player, &load, now_us);
  g_assert_cmpint (hear (&player, text, now_us), ==, FOYER_CAST_PLAYER_FAILED);
  g_assert_error (player.error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_LOAD);
  g_assert_nonnull (strstr (player.error->message, "104"));
  g_assert_nonnull (strstr (player.error->message, "can't play H.264"));
  g_assert_cmpint (foyer_cast_player_tick (&player, G_MAXINT64), ==,
      FOYER_CAST_PLAYER_NOTHING);
}

/* Whatever number a display has for it, and none, or nonsense. */
static void
test_load_failed_why (void)
{
  static const char *const codes[] = { "100", "101", "102", "103", "104", "110",
    "201", "202", "203", "300", "301", "311", "312", "313", "314", "315", "316",
    "321", "322", "331", "332", "411", "412", "421", "422", "423", "431", "900",
    "901", "902", "903", "904", "905", "906", "909", "0", "-1", "1e300", "null",
    "\"104\"", "9223372036854775807", "[]" };
  static const char *const types[] = { "LOAD_FAILED", "ERROR",
    "INVALID_REQUEST", "INVALID_PLAYER_STATE" };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (types); j++) {
      g_auto (FoyerCastPlayer) player = { 0 };
      g_autofree char *text = g_strdup_printf (
          "{\"type\":\"%s\",\"requestId\":7,\"detailedErrorCode\":%s}",
          types[j], codes[i]);

      begin (&player);
      g_assert_cmpint (hear (&player, text, START), ==,
          FOYER_CAST_PLAYER_WANTS_URL);
      g_assert_cmpuint (player.n_failed, ==, 1);
    }
}

/* Numbers that no player means change nothing. */
static void
test_absurd (void)
{
  static const char *const numbers[] = { "1e308", "-1e308", "1e-308", "-0.0",
    "9223372036854775807", "-9223372036854775808", "null", "\"1\"", "{}" };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_auto (FoyerCastPlayer) player = { 0 };
    g_autofree char *text = g_strdup_printf (
        "{\"type\":\"MEDIA_STATUS\",\"requestId\":%s,\"status\":[{"
        "\"mediaSessionId\":%s,\"playerState\":\"PLAYING\","
        "\"currentTime\":%s,\"playbackRate\":%s}]}",
        numbers[i], numbers[i], numbers[i], numbers[i]);
    FoyerCastPlayerEvent event;

    begin_playing (&player);
    event = hear (&player, text, START + 2 * S);
    g_assert_true (event == FOYER_CAST_PLAYER_NOTHING ||
        event == FOYER_CAST_PLAYER_GOES_ON);
    g_assert_cmpint (ABS (player.lag_us), <=, G_GINT64_CONSTANT (3600) * S);
    g_assert_cmpint (player.phase, ==, FOYER_CAST_PLAYER_PLAYING);
  }
}

/* A player that says nothing at all. */
static void
test_silent (void)
{
  g_auto (FoyerCastPlayer) player = { 0 };
  FoyerCastPlayerEvent event = FOYER_CAST_PLAYER_NOTHING;
  gint64 now_us = START;

  begin (&player);
  while (event != FOYER_CAST_PLAYER_FAILED) {
    now_us += S / 2;
    event = foyer_cast_player_tick (&player, now_us);
    if (event == FOYER_CAST_PLAYER_WANTS_URL)
      foyer_cast_player_load (&player, &load, now_us);
    g_assert_cmpint (now_us, <, START + 120 * S);
  }
  g_assert_error (player.error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_LOAD);
}

/* Whoever stops it at the display means it. */
static void
test_taken_away (void)
{
  static const char *const reasons[] = { "CANCELLED", "INTERRUPTED" };

  for (guint i = 0; i < G_N_ELEMENTS (reasons); i++) {
    g_auto (FoyerCastPlayer) player = { 0 };
    g_autofree char *text = g_strdup_printf (
        "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":\"IDLE\","
        "\"idleReason\":\"%s\"}]}",
        reasons[i]);

    begin_playing (&player);
    g_assert_cmpint (hear (&player, text, START + 2 * S), ==,
        FOYER_CAST_PLAYER_FAILED);
    g_assert_error (player.error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_APP_ENDED);
  }
}

/* The load before ours ended because of ours. */
static void
test_interrupted_by_us (void)
{
  g_auto (FoyerCastPlayer) player = { 0 };

  begin (&player);
  g_assert_cmpint (
      hear (&player,
          "{\"type\":\"MEDIA_STATUS\",\"status\":[{\"playerState\":\"IDLE\","
          "\"idleReason\":\"INTERRUPTED\"}]}",
          START),
      ==, FOYER_CAST_PLAYER_NOTHING);
}

/* Answers to others are not ours. */
static void
test_others (void)
{
  g_auto (FoyerCastPlayer) player = { 0 };

  begin_playing (&player);
  g_assert_cmpint (hear (&player, "{\"type\":\"LOAD_FAILED\",\"requestId\":99}",
                       START + S),
      ==, FOYER_CAST_PLAYER_NOTHING);
  g_assert_cmpint (hear (&player,
                       "{\"type\":\"INVALID_REQUEST\",\"requestId\":99}",
                       START + S),
      ==, FOYER_CAST_PLAYER_NOTHING);
  g_assert_cmpint (player.phase, ==, FOYER_CAST_PLAYER_PLAYING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-player/load-text", test_load_text);
  g_test_add_func ("/cast-player/replies", test_replies);
  g_test_add_func ("/cast-player/malformed", test_reply_malformed);
  g_test_add_func ("/cast-player/loads", test_loads);
  g_test_add_func ("/cast-player/polled", test_polled);
  g_test_add_func ("/cast-player/lag", test_lag);
  g_test_add_func ("/cast-player/late", test_late);
  g_test_add_func ("/cast-player/stall", test_stall);
  g_test_add_func ("/cast-player/paused", test_paused);
  g_test_add_func ("/cast-player/load-failed/twice", test_load_failed);
  g_test_add_func ("/cast-player/load-failed/why", test_load_failed_why);
  g_test_add_func ("/cast-player/absurd", test_absurd);
  g_test_add_func ("/cast-player/silent", test_silent);
  g_test_add_func ("/cast-player/taken-away", test_taken_away);
  g_test_add_func ("/cast-player/interrupted-by-us", test_interrupted_by_us);
  g_test_add_func ("/cast-player/others", test_others);
  return g_test_run ();
}
