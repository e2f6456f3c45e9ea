/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-clean.h"

#define START_US 1000000

#define STATUS(id, apps)                            \
  "{\"type\":\"RECEIVER_STATUS\",\"requestId\":" id \
  ",\"status\":{\"applications\":[" apps "]}}"
#define APP(session)                                       \
  "{\"appId\":\"0F5096E8\",\"displayName\":\"Mirroring\"," \
  "\"sessionId\":\"" session "\",\"transportId\":\"t-" session "\"}"
#define GET_STATUS "{\"type\":\"GET_STATUS\",\"requestId\":5}"
#define STOP       "{\"type\":\"STOP\",\"requestId\":6,\"sessionId\":\"mine\"}"

static void
begin (FoyerCastClean *clean)
{
  g_autofree char *text = NULL;

  foyer_cast_clean_init (clean, "mine", 5, START_US);
  text = foyer_cast_clean_take_message (clean);
  g_assert_cmpstr (text, ==, GET_STATUS);
}

static void
hear (FoyerCastClean *clean, const char *text)
{
  g_autoptr (FoyerCastMessage) message =
      foyer_cast_message_new_text ("receiver-0", "sender-0",
          FOYER_CAST_NS_RECEIVER, text);
  g_auto (FoyerCastReply) reply = { 0 };

  g_assert_true (foyer_cast_reply_parse (message, &reply, NULL));
  foyer_cast_clean_receive (clean, &reply, START_US);
}

static void
expect (FoyerCastClean *clean, FoyerCastControlState state,
    gboolean was_running, const char *message)
{
  g_autofree char *text = foyer_cast_clean_take_message (clean);

  g_assert_cmpint (clean->state, ==, state);
  g_assert_cmpint (clean->was_running, ==, was_running);
  g_assert_cmpstr (text, ==, message);
}

static void
test_running (void)
{
  g_auto (FoyerCastClean) clean = { 0 };

  begin (&clean);
  hear (&clean, STATUS ("5", APP ("mine")));
  expect (&clean, FOYER_CAST_CONTROL_RUNNING, TRUE, STOP);
  hear (&clean, STATUS ("0", APP ("mine")));
  expect (&clean, FOYER_CAST_CONTROL_RUNNING, TRUE, NULL);
  hear (&clean, STATUS ("6", ""));
  expect (&clean, FOYER_CAST_CONTROL_DONE, TRUE, NULL);
}

/* Somebody else's app, of the same kind, is none of ours. */
static void
test_other_app (void)
{
  g_auto (FoyerCastClean) clean = { 0 };

  begin (&clean);
  hear (&clean, STATUS ("5", APP ("yours")));
  expect (&clean, FOYER_CAST_CONTROL_DONE, FALSE, NULL);
  hear (&clean, STATUS ("0", APP ("mine")));
  expect (&clean, FOYER_CAST_CONTROL_DONE, FALSE, NULL);
}

static void
test_no_app (void)
{
  static const char *const texts[] = {
    STATUS ("5", ""),
    "{\"type\":\"RECEIVER_STATUS\",\"requestId\":5,\"status\":{}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_auto (FoyerCastClean) clean = { 0 };

    begin (&clean);
    hear (&clean, texts[i]);
    expect (&clean, FOYER_CAST_CONTROL_DONE, FALSE, NULL);
  }
}

static void
test_other_words (void)
{
  g_auto (FoyerCastClean) clean = { 0 };

  begin (&clean);
  hear (&clean, "{\"type\":\"LAUNCH_ERROR\",\"requestId\":5,\"reason\":\"X\"}");
  expect (&clean, FOYER_CAST_CONTROL_RUNNING, FALSE, NULL);
}

/* The display says that there is no such session. */
static void
test_stop_refused (void)
{
  g_auto (FoyerCastClean) clean = { 0 };

  begin (&clean);
  hear (&clean, STATUS ("5", APP ("mine")));
  hear (&clean,
      "{\"type\":\"INVALID_REQUEST\",\"requestId\":6,"
      "\"reason\":\"INVALID_SESSION_ID\"}");
  expect (&clean, FOYER_CAST_CONTROL_DONE, TRUE, STOP);
}

static void
test_silence (void)
{
  for (guint is_running = 0; is_running < 2; is_running++) {
    g_auto (FoyerCastClean) clean = { 0 };

    begin (&clean);
    if (is_running)
      hear (&clean, STATUS ("5", APP ("mine")));
    foyer_cast_clean_tick (&clean, clean.deadline_us - 1);
    g_assert_cmpint (clean.state, ==, FOYER_CAST_CONTROL_RUNNING);
    foyer_cast_clean_tick (&clean, clean.deadline_us);
    g_assert_cmpint (clean.state, ==, FOYER_CAST_CONTROL_FAILED);
    g_assert_cmpuint (clean.was_running, ==, is_running);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-clean/running", test_running);
  g_test_add_func ("/cast-clean/other-app", test_other_app);
  g_test_add_func ("/cast-clean/no-app", test_no_app);
  g_test_add_func ("/cast-clean/other-words", test_other_words);
  g_test_add_func ("/cast-clean/stop-refused", test_stop_refused);
  g_test_add_func ("/cast-clean/silence", test_silence);
  return g_test_run ();
}
