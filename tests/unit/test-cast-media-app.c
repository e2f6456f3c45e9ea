/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-json.h"
#include "foyer-cast-media-app.h"

#include <string.h>

#define ANN "sender-ann"
#define BOB "sender-bob"
#define URL "http://192.0.2.1:40000/00/live.m3u8"

#define LOAD(id, url)                                                        \
  "{\"type\":\"LOAD\",\"requestId\":" #id ",\"media\":{\"contentId\":\"" url \
  "\",\"contentType\":\"application/vnd.apple.mpegurl\"}}"

static FoyerCastMediaWish
ask (FoyerCastMediaApp *app, const char *sender, const char *text)
{
  g_autoptr (JsonObject) object = foyer_cast_json_parse (text, NULL);

  g_assert_nonnull (object);
  return foyer_cast_media_app_take (app, object, sender);
}

/* The next message must be for @to and hold both parts. */
static void
expect (FoyerCastMediaApp *app, const char *to, const char *part,
    const char *other)
{
  g_autofree char *receiver = NULL;
  g_autofree char *text = foyer_cast_media_app_take_message (app, &receiver);

  g_assert_nonnull (text);
  g_test_message ("%s", text);
  g_assert_cmpstr (receiver, ==, to);
  g_assert_nonnull (strstr (text, part));
  g_assert_nonnull (strstr (text, other));
}

static void
expect_nothing (FoyerCastMediaApp *app)
{
  g_autofree char *receiver = NULL;

  g_assert_null (foyer_cast_media_app_take_message (app, &receiver));
}

static FoyerCastMediaApp *
make_loading (void)
{
  FoyerCastMediaApp *app = foyer_cast_media_app_new ();

  g_assert_cmpint (ask (app, ANN, LOAD (7, URL)), ==,
      FOYER_CAST_MEDIA_WISH_LOAD);
  g_assert_cmpstr (foyer_cast_media_app_get_url (app), ==, URL);
  g_assert_cmpuint (foyer_cast_media_app_get_number (app), ==, 1);
  expect (app, "*", "\"playerState\":\"IDLE\"",
      "\"extendedStatus\":{\"playerState\":\"LOADING\"");
  expect_nothing (app);
  return app;
}

static FoyerCastMediaApp *
make_playing (void)
{
  FoyerCastMediaApp *app = make_loading ();

  foyer_cast_media_app_report (app, 1, FOYER_CAST_MEDIA_PLAYING, 0.5);
  expect (app, ANN, "\"requestId\":7", "\"playerState\":\"PLAYING\"");
  expect_nothing (app);
  return app;
}

/* LOAD is answered when the first picture is there, and then states are told. */
static void
test_plays (void)
{
  g_autoptr (FoyerCastMediaApp) app = make_playing ();

  foyer_cast_media_app_report (app, 1, FOYER_CAST_MEDIA_PLAYING, 1.5);
  expect_nothing (app);
  g_assert_cmpint (ask (app, BOB, "{\"type\":\"GET_STATUS\",\"requestId\":9}"),
      ==, FOYER_CAST_MEDIA_WISH_NOTHING);
  expect (app, BOB, "\"requestId\":9", "\"currentTime\":1.5");
  foyer_cast_media_app_report (app, 1, FOYER_CAST_MEDIA_BUFFERING, 1.5);
  expect (app, "*", "\"requestId\":0", "\"playerState\":\"BUFFERING\"");
  foyer_cast_media_app_report (app, 1, FOYER_CAST_MEDIA_IDLE, 2.0);
  expect (app, "*", "\"playerState\":\"IDLE\"", "\"idleReason\":\"FINISHED\"");
  foyer_cast_media_app_report (app, 1, FOYER_CAST_MEDIA_PLAYING, 3.0);
  expect_nothing (app);
  ask (app, BOB, "{\"type\":\"GET_STATUS\",\"requestId\":10}");
  expect (app, BOB, "\"requestId\":10", "\"status\":[]");
}

static void
test_fails (void)
{
  g_autoptr (FoyerCastMediaApp) app = make_loading ();

  foyer_cast_media_app_fail (app, 2, 104);
  expect_nothing (app);
  foyer_cast_media_app_fail (app, 1, 104);
  expect (app, ANN, "\"type\":\"LOAD_FAILED\",\"requestId\":7",
      "\"detailedErrorCode\":104");
  expect (app, "*", "\"playerState\":\"IDLE\"", "\"idleReason\":\"ERROR\"");
  expect_nothing (app);
}

/* A second LOAD cancels one that is under way, and interrupts what plays. */
static void
test_loads_again (void)
{
  g_autoptr (FoyerCastMediaApp) app = make_loading ();

  g_assert_cmpint (ask (app, BOB, LOAD (8, URL)), ==,
      FOYER_CAST_MEDIA_WISH_LOAD);
  expect (app, ANN, "\"type\":\"LOAD_CANCELLED\"", "\"requestId\":7");
  expect (app, "*", "\"mediaSessionId\":1", "\"idleReason\":\"INTERRUPTED\"");
  expect (app, "*", "\"mediaSessionId\":2", "\"LOADING\"");
  /* What the player still says of the first is of no interest. */
  foyer_cast_media_app_report (app, 1, FOYER_CAST_MEDIA_PLAYING, 1);
  expect_nothing (app);
  foyer_cast_media_app_report (app, 2, FOYER_CAST_MEDIA_PLAYING, 1);
  expect (app, BOB, "\"requestId\":8", "\"playerState\":\"PLAYING\"");
}

static void
test_controls (void)
{
  g_autoptr (FoyerCastMediaApp) app = make_playing ();

  g_assert_cmpint (ask (app, ANN,
                       "{\"type\":\"PAUSE\",\"requestId\":8,"
                       "\"mediaSessionId\":1}"),
      ==, FOYER_CAST_MEDIA_WISH_PAUSE);
  expect (app, ANN, "MEDIA_STATUS", "\"requestId\":8");
  g_assert_cmpint (ask (app, ANN, "{\"type\":\"PLAY\",\"requestId\":9}"), ==,
      FOYER_CAST_MEDIA_WISH_PLAY);
  expect (app, ANN, "MEDIA_STATUS", "\"requestId\":9");
  g_assert_cmpint (ask (app, ANN,
                       "{\"type\":\"SEEK\",\"requestId\":10,"
                       "\"currentTime\":2.5}"),
      ==, FOYER_CAST_MEDIA_WISH_SEEK);
  g_assert_cmpfloat (foyer_cast_media_app_get_seek_s (app), ==, 2.5);
  expect (app, ANN, "MEDIA_STATUS", "\"requestId\":10");
  g_assert_cmpint (ask (app, ANN, "{\"type\":\"STOP\",\"requestId\":11}"), ==,
      FOYER_CAST_MEDIA_WISH_STOP);
  expect (app, "*", "\"playerState\":\"IDLE\"", "\"idleReason\":\"CANCELLED\"");
  expect (app, ANN, "\"requestId\":11", "\"status\":[]");
}

/* What can't be done is said, and does nothing. */
static void
test_refuses (void)
{
  static const struct
  {
    const char *request;
    const char *answer;
  } cases[] = {
    { "{\"type\":\"LOAD\",\"requestId\":8}", "INVALID_PARAMS" },
    { "{\"type\":\"LOAD\",\"requestId\":8,\"media\":{}}", "INVALID_PARAMS" },
    { LOAD (8, "file:///etc/passwd"), "\"detailedErrorCode\":104" },
    { LOAD (8, "videotestsrc"), "\"detailedErrorCode\":104" },
    { "{\"type\":\"PAUSE\",\"requestId\":8,\"mediaSessionId\":2}",
        "INVALID_MEDIA_SESSION_ID" },
    { "{\"type\":\"STOP\",\"requestId\":8,\"mediaSessionId\":\"1\"}",
        "INVALID_MEDIA_SESSION_ID" },
    { "{\"type\":\"SEEK\",\"requestId\":8}", "INVALID_PARAMS" },
    { "{\"type\":\"QUEUE_LOAD\",\"requestId\":8}", "INVALID_COMMAND" },
    { "{\"requestId\":8}", "INVALID_COMMAND" },
  };
  g_autoptr (FoyerCastMediaApp) app = make_playing ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpint (ask (app, BOB, cases[i].request), ==,
        FOYER_CAST_MEDIA_WISH_NOTHING);
    expect (app, BOB, "\"requestId\":8", cases[i].answer);
    expect_nothing (app);
  }
  g_assert_cmpstr (foyer_cast_media_app_get_url (app), ==, URL);
  foyer_cast_media_app_reset (app);
  ask (app, BOB, "{\"type\":\"PLAY\",\"requestId\":8}");
  expect (app, BOB, "INVALID_PLAYER_STATE", "\"requestId\":8");
}

/* Without a number there is nothing to answer to. */
static void
test_unnumbered (void)
{
  g_autoptr (FoyerCastMediaApp) app = foyer_cast_media_app_new ();

  g_assert_cmpint (ask (app, ANN,
                       "{\"type\":\"LOAD\",\"media\":{\"contentId\":\"" URL
                       "\"}}"),
      ==, FOYER_CAST_MEDIA_WISH_NOTHING);
  ask (app, ANN, "{\"type\":\"GET_STATUS\",\"requestId\":-1}");
  expect_nothing (app);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-media-app/plays", test_plays);
  g_test_add_func ("/cast-media-app/fails", test_fails);
  g_test_add_func ("/cast-media-app/loads-again", test_loads_again);
  g_test_add_func ("/cast-media-app/controls", test_controls);
  g_test_add_func ("/cast-media-app/refuses", test_refuses);
  g_test_add_func ("/cast-media-app/unnumbered", test_unnumbered);
  return g_test_run ();
}
