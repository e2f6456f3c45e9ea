/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-launch.h"

#include <string.h>

#define START_US 1000000
#define MS       1000

#define GET_STATUS(id) "{\"type\":\"GET_STATUS\",\"requestId\":" id "}"
#define LAUNCH(id) \
  "{\"type\":\"LAUNCH\",\"requestId\":" id ",\"appId\":\"0F5096E8\"}"
#define ASK(id, apps)                                                        \
  "{\"type\":\"GET_APP_AVAILABILITY\",\"requestId\":" id ",\"appId\":[" apps \
  "]}"
#define APPS(id, apps)                                           \
  "{\"responseType\":\"GET_APP_AVAILABILITY\",\"requestId\":" id \
  ",\"availability\":{" apps "}}"
#define STATUS(id, apps)                            \
  "{\"type\":\"RECEIVER_STATUS\",\"requestId\":" id \
  ",\"status\":{\"applications\":[" apps "]}}"
#define STATUS_WITHOUT_APPS(id)                     \
  "{\"type\":\"RECEIVER_STATUS\",\"requestId\":" id \
  ",\"status\":{\"volume\":{\"level\":1}}}"
#define APP(app, session)                             \
  "{\"appId\":\"" app "\",\"displayName\":\"App " app \
  "\",\"sessionId\":\"" session "\",\"transportId\":\"t-" session "\"}"
#define IDLE         APP ("E8C28D3C", "idle")
#define MIRRORING(s) APP ("0F5096E8", s)

static void
expect_message (FoyerCastLaunch *launch, const char *expected)
{
  g_autofree char *text = foyer_cast_launch_take_message (launch);

  g_assert_cmpstr (text, ==, expected);
  g_assert_null (foyer_cast_launch_take_message (launch));
}

static void
hear (FoyerCastLaunch *launch, const char *text, gint64 now_us)
{
  g_autoptr (FoyerCastMessage) message =
      foyer_cast_message_new_text ("receiver-0", "sender-0",
          FOYER_CAST_NS_RECEIVER, text);
  g_auto (FoyerCastReply) reply = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_cast_reply_parse (message, &reply, &error));
  foyer_cast_launch_receive (launch, &reply, now_us);
}

/* A launch whose LAUNCH, number 3, was just sent to an idle display. */
static void
begin (FoyerCastLaunch *launch)
{
  foyer_cast_launch_init (launch, FOYER_CAST_APP_MIRRORING, 1, START_US);
  expect_message (launch, GET_STATUS ("1"));
  hear (launch, STATUS ("1", IDLE), START_US);
  expect_message (launch, ASK ("2", "\"0F5096E8\""));
  hear (launch, APPS ("2", "\"0F5096E8\":\"APP_AVAILABLE\""), START_US);
  expect_message (launch, LAUNCH ("3"));
  g_assert_cmpint (launch->state, ==, FOYER_CAST_CONTROL_RUNNING);
}

static void
expect_done (FoyerCastLaunch *launch, const char *session,
    const char *transport)
{
  g_assert_cmpint (launch->state, ==, FOYER_CAST_CONTROL_DONE);
  g_assert_cmpstr (launch->session_id, ==, session);
  g_assert_cmpstr (launch->transport_id, ==, transport);
  g_assert_no_error (launch->error);
  expect_message (launch, NULL);
}

static void
expect_failed (FoyerCastLaunch *launch, FoyerCastError code, const char *words)
{
  g_assert_cmpint (launch->state, ==, FOYER_CAST_CONTROL_FAILED);
  g_assert_error (launch->error, FOYER_CAST_ERROR, (int) code);
  g_test_message ("%s", launch->error->message);
  g_assert_nonnull (strstr (launch->error->message, words));
  g_assert_null (launch->session_id);
  expect_message (launch, NULL);
}

static void
test_numbered (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  hear (&launch, STATUS ("3", MIRRORING ("s1")), START_US);
  expect_done (&launch, "s1", "t-s1");
  g_assert_cmpint (launch.next_request_id, ==, 4);
}

static void
test_broadcast_only (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  hear (&launch, STATUS ("0", MIRRORING ("s1")), START_US);
  expect_done (&launch, "s1", "t-s1");
}

/* As a Nest Hub does it. */
static void
test_torn_down_first (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  hear (&launch,
      "{\"type\":\"LAUNCH_STATUS\",\"launchRequestId\":3,"
      "\"status\":\"USER_ALLOWED\"}",
      START_US);
  hear (&launch, STATUS_WITHOUT_APPS ("3"), START_US);
  hear (&launch, STATUS_WITHOUT_APPS ("0"), START_US);
  hear (&launch, STATUS ("0", ""), START_US);
  g_assert_cmpint (launch.state, ==, FOYER_CAST_CONTROL_RUNNING);
  expect_message (&launch, NULL);
  hear (&launch, STATUS ("0", MIRRORING ("s1")), START_US);
  expect_done (&launch, "s1", "t-s1");
}

static void
test_silence_is_asked_about (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  g_assert_cmpint (launch.deadline_us, ==, START_US + 2500 * MS);
  foyer_cast_launch_tick (&launch, START_US + 2500 * MS - 1);
  expect_message (&launch, NULL);
  foyer_cast_launch_tick (&launch, START_US + 2500 * MS);
  expect_message (&launch, GET_STATUS ("4"));
  g_assert_cmpint (launch.deadline_us, ==, START_US + 5000 * MS);
  foyer_cast_launch_tick (&launch, START_US + 5000 * MS);
  expect_message (&launch, GET_STATUS ("5"));
  hear (&launch, STATUS ("5", MIRRORING ("s1")), START_US + 5001 * MS);
  expect_done (&launch, "s1", "t-s1");
}

static void
test_first_question_unanswered (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  foyer_cast_launch_init (&launch, FOYER_CAST_APP_MIRRORING, 10, START_US);
  expect_message (&launch, GET_STATUS ("10"));
  g_assert_cmpint (launch.deadline_us, ==, START_US + 1000 * MS);
  foyer_cast_launch_tick (&launch, START_US + 1000 * MS);
  expect_message (&launch, LAUNCH ("11"));
  hear (&launch, STATUS ("0", MIRRORING ("s1")), START_US + 1001 * MS);
  expect_done (&launch, "s1", "t-s1");
}

static void
test_cancelled (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };
  gint64 now_us = START_US;
  static const char *const errors[] = {
    "{\"type\":\"LAUNCH_ERROR\",\"requestId\":3,\"reason\":\"CANCELLED\"}",
    "{\"type\":\"LAUNCH_ERROR\",\"requestId\":4,\"reason\":\"CANCELLED\"}",
    "{\"type\":\"LAUNCH_ERROR\",\"requestId\":5,\"reason\":\"CANCELLED\"}",
  };
  static const char *const launches[] = { LAUNCH ("4"), LAUNCH ("5"),
    LAUNCH ("6") };

  begin (&launch);
  for (int i = 0; i < 3; i++) {
    hear (&launch, errors[i], now_us);
    expect_message (&launch, NULL);
    g_assert_cmpint (launch.deadline_us, ==, now_us + 1000 * MS);
    now_us += 1000 * MS;
    foyer_cast_launch_tick (&launch, now_us);
    expect_message (&launch, launches[i]);
  }
  hear (&launch,
      "{\"type\":\"LAUNCH_ERROR\",\"requestId\":6,\"reason\":\"CANCELLED\"}",
      now_us);
  expect_failed (&launch, FOYER_CAST_ERROR_LAUNCH, "another app");
}

/* The app comes up although its launch was called off. */
static void
test_cancelled_but_there (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  hear (&launch,
      "{\"type\":\"LAUNCH_ERROR\",\"requestId\":3,\"reason\":\"CANCELLED\"}",
      START_US);
  hear (&launch, STATUS ("0", MIRRORING ("s1")), START_US + 1);
  expect_done (&launch, "s1", "t-s1");
}

static void
test_refusals (void)
{
  static const struct
  {
    const char *text;
    const char *words;
    FoyerCastError code;
  } cases[] = {
    { "{\"type\":\"LAUNCH_ERROR\",\"requestId\":3,\"reason\":\"NOT_FOUND\"}",
        "does not have this app", FOYER_CAST_ERROR_NO_APP },
    { "{\"type\":\"LAUNCH_ERROR\",\"requestId\":0,\"reason\":\"NOT_FOUND\"}",
        "NOT_FOUND", FOYER_CAST_ERROR_NO_APP },
    { "{\"type\":\"LAUNCH_ERROR\",\"requestId\":3,\"reason\":\"SYSTEM_ERROR\"}",
        "SYSTEM_ERROR", FOYER_CAST_ERROR_LAUNCH },
    { "{\"type\":\"LAUNCH_ERROR\",\"requestId\":3}", "refuses",
        FOYER_CAST_ERROR_LAUNCH },
    { "{\"type\":\"LAUNCH_ERROR\",\"requestId\":3,\"reason\":\"X\","
      "\"extendedError\":\"USER_NOT_ALLOWED\"}",
        "user does not allow", FOYER_CAST_ERROR_LAUNCH },
    { "{\"type\":\"LAUNCH_STATUS\",\"launchRequestId\":3,"
      "\"status\":\"USER_NOT_ALLOWED\"}",
        "user does not allow", FOYER_CAST_ERROR_LAUNCH },
    { "{\"type\":\"INVALID_REQUEST\",\"requestId\":3,"
      "\"reason\":\"INVALID_COMMAND\"}",
        "INVALID_COMMAND", FOYER_CAST_ERROR_LAUNCH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (FoyerCastLaunch) launch = { 0 };

    begin (&launch);
    hear (&launch, cases[i].text, START_US);
    expect_failed (&launch, cases[i].code, cases[i].words);
    /* over is over */
    hear (&launch, STATUS ("3", MIRRORING ("s1")), START_US);
    foyer_cast_launch_tick (&launch, START_US + 9000 * MS);
    expect_failed (&launch, cases[i].code, cases[i].words);
  }
}

/* Answers to others, or to nothing. */
static void
test_not_ours (void)
{
  static const char *const texts[] = {
    "{\"type\":\"LAUNCH_ERROR\",\"requestId\":1,\"reason\":\"NOT_FOUND\"}",
    "{\"type\":\"LAUNCH_ERROR\",\"requestId\":9,\"reason\":\"NOT_FOUND\"}",
    "{\"type\":\"LAUNCH_STATUS\",\"launchRequestId\":9,"
    "\"status\":\"USER_NOT_ALLOWED\"}",
    "{\"type\":\"LAUNCH_STATUS\",\"launchRequestId\":3,\"status\":\"NEW\"}",
    "{\"type\":\"INVALID_REQUEST\",\"requestId\":1}",
    "{\"type\":\"INVALID_REQUEST\"}",
    "{\"type\":\"NEWS\",\"requestId\":3}",
    STATUS ("0", APP ("CC1AD845", "other")),
    STATUS ("3", "{\"appId\":\"0F5096E8\"}"),
    STATUS ("3", "{\"appId\":\"0F5096E8\",\"sessionId\":\"s\"}"),
    STATUS ("3", "{\"appId\":\"0F5096E8\",\"transportId\":\"t\"}"),
  };
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_test_message ("%s", texts[i]);
    hear (&launch, texts[i], START_US);
    g_assert_cmpint (launch.state, ==, FOYER_CAST_CONTROL_RUNNING);
    expect_message (&launch, NULL);
  }
  hear (&launch, STATUS ("0", IDLE "," MIRRORING ("s1")), START_US);
  expect_done (&launch, "s1", "t-s1");
}

static void
test_audio_only (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  foyer_cast_launch_init (&launch, FOYER_CAST_APP_AUDIO_MIRRORING, 1, START_US);
  expect_message (&launch, GET_STATUS ("1"));
  hear (&launch, STATUS ("1", IDLE), START_US);
  expect_message (&launch, ASK ("2", "\"85CDB22F\",\"0F5096E8\""));
  hear (&launch, APPS ("2", "\"85CDB22F\":\"APP_AVAILABLE\""), START_US);
  expect_message (&launch,
      "{\"type\":\"LAUNCH\",\"requestId\":3,\"appId\":\"85CDB22F\"}");
  hear (&launch,
      "{\"type\":\"LAUNCH_ERROR\",\"requestId\":3,\"reason\":\"NOT_FOUND\"}",
      START_US);
  expect_message (&launch, LAUNCH ("4"));
  g_assert_cmpstr (launch.app_id, ==, FOYER_CAST_APP_MIRRORING);
  hear (&launch, STATUS ("4", MIRRORING ("s1")), START_US);
  expect_done (&launch, "s1", "t-s1");
}

static void
test_audio_only_on_speaker (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  foyer_cast_launch_init (&launch, FOYER_CAST_APP_AUDIO_MIRRORING, 1, START_US);
  hear (&launch, STATUS ("1", IDLE), START_US);
  g_free (foyer_cast_launch_take_message (&launch));
  hear (&launch, APPS ("2", ""), START_US);
  g_free (foyer_cast_launch_take_message (&launch));
  hear (&launch, STATUS ("0", APP ("85CDB22F", "s9")), START_US);
  expect_done (&launch, "s9", "t-s9");
}

/* Somebody else's mirroring runs: a broadcast with his session may be older
 * than our LAUNCH and is not ours. */
static void
begin_beside_other (FoyerCastLaunch *launch)
{
  foyer_cast_launch_init (launch, FOYER_CAST_APP_MIRRORING, 1, START_US);
  g_free (foyer_cast_launch_take_message (launch));
  hear (launch, STATUS ("1", MIRRORING ("old")), START_US);
  g_free (foyer_cast_launch_take_message (launch));
  hear (launch, APPS ("2", ""), START_US);
  expect_message (launch, LAUNCH ("3"));
  hear (launch, STATUS ("0", MIRRORING ("old")), START_US);
  g_assert_cmpint (launch->state, ==, FOYER_CAST_CONTROL_RUNNING);
  expect_message (launch, NULL);
}

static void
test_other_is_replaced (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin_beside_other (&launch);
  hear (&launch, STATUS ("0", MIRRORING ("new")), START_US);
  expect_done (&launch, "new", "t-new");
}

static void
test_other_is_handed_over (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin_beside_other (&launch);
  hear (&launch, STATUS ("3", MIRRORING ("old")), START_US);
  expect_done (&launch, "old", "t-old");
}

static void
test_other_is_handed_over_silently (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin_beside_other (&launch);
  foyer_cast_launch_tick (&launch, START_US + 2500 * MS);
  expect_message (&launch, GET_STATUS ("4"));
  hear (&launch, STATUS ("4", MIRRORING ("old")), START_US + 2501 * MS);
  expect_done (&launch, "old", "t-old");
}

static void
test_times_out (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  hear (&launch, STATUS ("0", APP ("CC1AD845", "other")), START_US);
  for (gint64 ms = 2500; ms < 8000; ms += 2500) {
    foyer_cast_launch_tick (&launch, START_US + ms * MS);
    g_free (foyer_cast_launch_take_message (&launch));
  }
  g_assert_cmpint (launch.deadline_us, ==, START_US + 8000 * MS);
  foyer_cast_launch_tick (&launch, START_US + 8000 * MS - 1);
  g_assert_cmpint (launch.state, ==, FOYER_CAST_CONTROL_RUNNING);
  foyer_cast_launch_tick (&launch, START_US + 8000 * MS);
  expect_failed (&launch, FOYER_CAST_ERROR_TIMED_OUT, "App CC1AD845");
}

static void
test_user_is_asked (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  g_assert_false (launch.is_waiting_for_user);
  hear (&launch,
      "{\"type\":\"LAUNCH_STATUS\",\"launchRequestId\":3,"
      "\"status\":\"USER_PENDING_AUTHORIZATION\"}",
      START_US);
  g_assert_true (launch.is_waiting_for_user);
  foyer_cast_launch_tick (&launch, START_US + 30000 * MS);
  g_assert_cmpint (launch.state, ==, FOYER_CAST_CONTROL_RUNNING);
  g_free (foyer_cast_launch_take_message (&launch));
  hear (&launch,
      "{\"responseType\":\"LAUNCH_STATUS\",\"launchRequestId\":3,"
      "\"status\":\"USER_ALLOWED\"}",
      START_US + 30000 * MS);
  g_assert_false (launch.is_waiting_for_user);
  foyer_cast_launch_tick (&launch, START_US + 38000 * MS);
  expect_failed (&launch, FOYER_CAST_ERROR_TIMED_OUT, "did not start");
}

static void
test_user_says_nothing (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  hear (&launch,
      "{\"type\":\"LAUNCH_STATUS\",\"launchRequestId\":3,"
      "\"status\":\"USER_PENDING_AUTHORIZATION\"}",
      START_US);
  foyer_cast_launch_tick (&launch, START_US + 60000 * MS);
  expect_failed (&launch, FOYER_CAST_ERROR_TIMED_OUT, "nobody allowed");
}

/* An allowed launch does not get more time than it had. */
static void
test_allowed_at_once (void)
{
  g_auto (FoyerCastLaunch) launch = { 0 };

  begin (&launch);
  hear (&launch,
      "{\"type\":\"LAUNCH_STATUS\",\"launchRequestId\":3,"
      "\"status\":\"USER_ALLOWED\"}",
      START_US + 5000 * MS);
  foyer_cast_launch_tick (&launch, START_US + 8000 * MS);
  expect_failed (&launch, FOYER_CAST_ERROR_TIMED_OUT, "did not start");
}

/* Asked before, so that no display leaves what it shows for an app that it lacks. */
static void
test_lacks_app (void)
{
  static const struct
  {
    const char *app;
    const char *apps;     /* what it says of them */
    const char *launched; /* or NULL */
  } cases[] = {
    { FOYER_CAST_APP_MIRRORING, "\"0F5096E8\":\"APP_UNAVAILABLE\"", NULL },
    { FOYER_CAST_APP_MIRRORING, "\"0F5096E8\":\"APP_AVAILABLE\"",
        FOYER_CAST_APP_MIRRORING },
    { FOYER_CAST_APP_MIRRORING, "\"0F5096E8\":\"APP_UNKNOWN\"",
        FOYER_CAST_APP_MIRRORING },
    { FOYER_CAST_APP_MIRRORING, "\"0F5096E8\":false",
        FOYER_CAST_APP_MIRRORING },
    { FOYER_CAST_APP_MIRRORING, "\"85CDB22F\":\"APP_UNAVAILABLE\"",
        FOYER_CAST_APP_MIRRORING },
    { FOYER_CAST_APP_MEDIA, "\"CC1AD845\":\"APP_UNAVAILABLE\"", NULL },
    { FOYER_CAST_APP_AUDIO_MIRRORING, "\"85CDB22F\":\"APP_UNAVAILABLE\"",
        FOYER_CAST_APP_MIRRORING },
    { FOYER_CAST_APP_AUDIO_MIRRORING,
        "\"85CDB22F\":\"APP_UNAVAILABLE\",\"0F5096E8\":\"APP_UNAVAILABLE\"",
        NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (FoyerCastLaunch) launch = { 0 };
    g_autofree char *text = g_strdup_printf (APPS ("2", "%s"), cases[i].apps);
    g_autofree char *launched = NULL;

    g_test_message ("%s: %s", cases[i].app, cases[i].apps);
    foyer_cast_launch_init (&launch, cases[i].app, 1, START_US);
    g_free (foyer_cast_launch_take_message (&launch));
    hear (&launch, STATUS ("1", IDLE), START_US);
    g_free (foyer_cast_launch_take_message (&launch));
    hear (&launch, text, START_US);
    if (cases[i].launched == NULL) {
      expect_failed (&launch, FOYER_CAST_ERROR_NO_APP,
          "does not have this app");
      g_assert_cmpint (launch.launch_id, ==, 0);
      continue;
    }
    launched = foyer_cast_control_print_launch (3, cases[i].launched);
    expect_message (&launch, launched);
    g_assert_cmpstr (launch.app_id, ==, cases[i].launched);
  }
}

/* One that does not know the question, or never answers, is told to launch. */
static void
test_does_not_say (void)
{
  static const char *const others[] = {
    APPS ("9", "\"0F5096E8\":\"APP_UNAVAILABLE\""),
    "{\"type\":\"INVALID_REQUEST\",\"requestId\":1}",
    STATUS ("0", MIRRORING ("another's")),
    "{\"type\":\"LAUNCH_ERROR\",\"requestId\":0,\"reason\":\"NOT_FOUND\"}",
  };
  static const char *const answers[] = {
    "{\"type\":\"INVALID_REQUEST\",\"requestId\":2,"
    "\"reason\":\"INVALID_COMMAND\"}",
    STATUS ("2", IDLE),
    "{\"requestId\":2}",
    NULL,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++) {
    g_auto (FoyerCastLaunch) launch = { 0 };

    foyer_cast_launch_init (&launch, FOYER_CAST_APP_MIRRORING, 1, START_US);
    g_free (foyer_cast_launch_take_message (&launch));
    hear (&launch, STATUS ("1", IDLE), START_US);
    g_free (foyer_cast_launch_take_message (&launch));
    for (gsize n = 0; n < G_N_ELEMENTS (others); n++)
      hear (&launch, others[n], START_US);
    g_assert_cmpint (launch.deadline_us, ==, START_US + 1000 * MS);
    expect_message (&launch, NULL);
    if (answers[i] != NULL)
      hear (&launch, answers[i], START_US);
    else
      foyer_cast_launch_tick (&launch, START_US + 1000 * MS);
    expect_message (&launch, LAUNCH ("3"));
  }
}

static void
hear_stop (FoyerCastStop *stop, const char *text)
{
  g_autoptr (FoyerCastMessage) message =
      foyer_cast_message_new_text ("receiver-0", "sender-0",
          FOYER_CAST_NS_RECEIVER, text);
  g_auto (FoyerCastReply) reply = { 0 };

  g_assert_true (foyer_cast_reply_parse (message, &reply, NULL));
  foyer_cast_stop_receive (stop, &reply);
}

static void
test_stop (void)
{
  static const struct
  {
    const char *text;
    gboolean is_done;
  } cases[] = {
    { STATUS ("0", MIRRORING ("s1")), FALSE },
    { STATUS ("5", IDLE "," MIRRORING ("s1")), FALSE },
    { STATUS ("0", IDLE), TRUE },
    { STATUS ("5", MIRRORING ("s2")), TRUE },
    { STATUS_WITHOUT_APPS ("0"), TRUE },
    { "{\"type\":\"INVALID_REQUEST\",\"requestId\":5,"
      "\"reason\":\"INVALID_SESSION_ID\"}",
        TRUE },
    { "{\"type\":\"INVALID_REQUEST\",\"requestId\":4}", FALSE },
    { "{\"type\":\"LAUNCH_ERROR\",\"requestId\":5}", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (FoyerCastStop) stop = { 0 };
    g_autofree char *text = NULL;

    foyer_cast_stop_init (&stop, "s1", 5, START_US);
    text = foyer_cast_stop_take_message (&stop);
    g_assert_cmpstr (text, ==,
        "{\"type\":\"STOP\",\"requestId\":5,\"sessionId\":\"s1\"}");
    g_assert_null (foyer_cast_stop_take_message (&stop));
    hear_stop (&stop, cases[i].text);
    g_test_message ("%s", cases[i].text);
    g_assert_cmpint (stop.state, ==,
        cases[i].is_done ? FOYER_CAST_CONTROL_DONE
                         : FOYER_CAST_CONTROL_RUNNING);
    foyer_cast_stop_tick (&stop, START_US + 1000 * MS - 1);
    g_assert_cmpint (stop.state, !=, FOYER_CAST_CONTROL_FAILED);
    foyer_cast_stop_tick (&stop, stop.deadline_us);
    g_assert_cmpint (stop.state, ==,
        cases[i].is_done ? FOYER_CAST_CONTROL_DONE : FOYER_CAST_CONTROL_FAILED);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-launch/done/numbered", test_numbered);
  g_test_add_func ("/cast-launch/done/broadcast-only", test_broadcast_only);
  g_test_add_func ("/cast-launch/done/torn-down-first", test_torn_down_first);
  g_test_add_func ("/cast-launch/silence/is-asked-about",
      test_silence_is_asked_about);
  g_test_add_func ("/cast-launch/silence/first-question",
      test_first_question_unanswered);
  g_test_add_func ("/cast-launch/silence/times-out", test_times_out);
  g_test_add_func ("/cast-launch/cancelled/thrice", test_cancelled);
  g_test_add_func ("/cast-launch/cancelled/but-there",
      test_cancelled_but_there);
  g_test_add_func ("/cast-launch/refused/table", test_refusals);
  g_test_add_func ("/cast-launch/ignored/not-ours", test_not_ours);
  g_test_add_func ("/cast-launch/apps/lacks-it", test_lacks_app);
  g_test_add_func ("/cast-launch/apps/does-not-say", test_does_not_say);
  g_test_add_func ("/cast-launch/audio/falls-back", test_audio_only);
  g_test_add_func ("/cast-launch/audio/on-speaker", test_audio_only_on_speaker);
  g_test_add_func ("/cast-launch/other/is-replaced", test_other_is_replaced);
  g_test_add_func ("/cast-launch/other/is-handed-over",
      test_other_is_handed_over);
  g_test_add_func ("/cast-launch/other/is-handed-over-silently",
      test_other_is_handed_over_silently);
  g_test_add_func ("/cast-launch/user/is-asked", test_user_is_asked);
  g_test_add_func ("/cast-launch/user/says-nothing", test_user_says_nothing);
  g_test_add_func ("/cast-launch/user/allowed-at-once", test_allowed_at_once);
  g_test_add_func ("/cast-launch/stop/table", test_stop);
  return g_test_run ();
}
