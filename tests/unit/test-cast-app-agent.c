/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-app-agent.h"
#include "foyer-cast-control.h"
#include "foyer-cast-limits.h"

#include <string.h>

#define ANN 1
#define BOB 2

#define RECEIVER FOYER_CAST_NS_RECEIVER

static FoyerCastAppAgent *
make_agent (void)
{
  return foyer_cast_app_agent_new ("Kitchen", "Foyer Display",
      "00112233445566778899aabbccddeeff");
}

static void
say_to (FoyerCastAppAgent *agent, guint64 connection, const char *destination,
    const char *name_space, const char *text)
{
  g_autoptr (FoyerCastMessage) message =
      foyer_cast_message_new_text ("sender-0", destination, name_space, text);

  foyer_cast_app_agent_receive (agent, connection, message);
}

static void
say (FoyerCastAppAgent *agent, guint64 connection, const char *name_space,
    const char *text)
{
  say_to (agent, connection, FOYER_CAST_PLATFORM_RECEIVER, name_space, text);
}

/* Takes the next output, which must be a message from @source to @destination
 * whose text holds @part. */
static void
expect_from (FoyerCastAppAgent *agent, guint64 connection, const char *source,
    const char *destination, const char *part)
{
  g_autoptr (FoyerCastAgentOutput) output = foyer_cast_app_agent_take_output (
      agent);

  g_assert_nonnull (output);
  g_assert_cmpint (output->kind, ==, FOYER_CAST_AGENT_SEND);
  g_assert_cmpuint (output->connection, ==, connection);
  g_assert_cmpstr (output->message->source_id, ==, source);
  g_assert_cmpstr (output->message->destination_id, ==, destination);
  g_test_message ("%s", output->message->text);
  g_assert_nonnull (strstr (output->message->text, part));
}

static void
expect (FoyerCastAppAgent *agent, guint64 connection, const char *part)
{
  expect_from (agent, connection, "receiver-0", "sender-0", part);
}

static void
expect_broadcast (FoyerCastAppAgent *agent, guint64 connection,
    const char *part)
{
  expect_from (agent, connection, "receiver-0", "*", part);
}

static void
expect_event (FoyerCastAppAgent *agent, FoyerCastAgentOutputKind kind,
    guint64 connection, const char *reason)
{
  g_autoptr (FoyerCastAgentOutput) output = foyer_cast_app_agent_take_output (
      agent);

  g_assert_nonnull (output);
  g_assert_cmpint (output->kind, ==, kind);
  g_assert_cmpuint (output->connection, ==, connection);
  g_assert_cmpstr (output->reason, ==, reason);
}

static void
expect_silence (FoyerCastAppAgent *agent)
{
  g_assert_null (foyer_cast_app_agent_take_output (agent));
}

static void
join (FoyerCastAppAgent *agent, guint64 connection)
{
  g_assert_true (foyer_cast_app_agent_add_connection (agent, connection));
  say (agent, connection, FOYER_CAST_NS_CONNECTION, "{\"type\":\"CONNECT\"}");
  expect_silence (agent);
}

#define LAUNCH_TEXT \
  "{\"type\":\"LAUNCH\",\"requestId\":2,\"appId\":\"0F5096E8\"}"
#define IS_RUNNING "\"appId\":\"0F5096E8\""
#define IS_IDLE    "\"appId\":\"E8C28D3C\""

/* (transfer full): the transport of the app that @connection launches */
static char *
launch (FoyerCastAppAgent *agent, guint64 connection)
{
  say (agent, connection, RECEIVER, LAUNCH_TEXT);
  expect_event (agent, FOYER_CAST_AGENT_APP_STARTED, connection, NULL);
  expect_broadcast (agent, connection, IS_RUNNING);
  expect (agent, connection,
      "{\"type\":\"LAUNCH_STATUS\",\"launchRequestId\":2,"
      "\"status\":\"USER_ALLOWED\"}");
  expect (agent, connection, "\"requestId\":2");
  expect_silence (agent);
  return g_strdup (foyer_cast_app_agent_get_transport_id (agent));
}

static void
test_heartbeat (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  g_assert_true (foyer_cast_app_agent_add_connection (agent, ANN));
  say_to (agent, ANN, "Tr@n$p0rt-0", FOYER_CAST_NS_HEARTBEAT,
      "{\"type\":\"PING\"}");
  expect_from (agent, ANN, "Tr@n$p0rt-0", "sender-0", "{\"type\":\"PONG\"}");
  say (agent, ANN, FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PONG\"}");
  expect_silence (agent);
}

static void
test_connect_first (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  g_assert_true (foyer_cast_app_agent_add_connection (agent, ANN));
  say (agent, ANN, RECEIVER, "{\"type\":\"GET_STATUS\",\"requestId\":1}");
  expect_silence (agent);
  say (agent, ANN, FOYER_CAST_NS_CONNECTION, "{\"type\":\"CONNECT\"}");
  say (agent, ANN, RECEIVER, "{\"type\":\"GET_STATUS\",\"requestId\":1}");
  expect (agent, ANN, IS_IDLE);
  say (agent, ANN, FOYER_CAST_NS_CONNECTION, "{\"type\":\"CLOSE\"}");
  say (agent, ANN, RECEIVER, "{\"type\":\"GET_STATUS\",\"requestId\":1}");
  expect_silence (agent);
  /* a number that was never added */
  say (agent, BOB, FOYER_CAST_NS_CONNECTION, "{\"type\":\"CONNECT\"}");
  say (agent, BOB, RECEIVER, "{\"type\":\"GET_STATUS\",\"requestId\":1}");
  expect_silence (agent);
}

static void
test_connect_variants (void)
{
  static const struct
  {
    const char *destination;
    const char *text;
    const char *answer; /* NULL: taken in silence */
  } cases[] = {
    { "receiver-0", "{\"type\":\"CONNECT\",\"connType\":2}", NULL },
    { "receiver-0", "{\"type\":\"CONNECT\",\"connType\":3}", "CLOSE" },
    { "receiver-0", "{\"type\":\"CONNECT\",\"connType\":-1}", "CLOSE" },
    { "receiver-0", "{\"type\":\"CONNECT\",\"protocolVersionList\":[0,1,2,3]}",
        "{\"type\":\"CONNECTED\",\"protocolVersion\":3}" },
    { "receiver-0", "{\"type\":\"CONNECT\",\"protocolVersion\":1}",
        "{\"type\":\"CONNECTED\",\"protocolVersion\":1}" },
    { "receiver-0",
        "{\"type\":\"CONNECT\",\"protocolVersion\":9,"
        "\"protocolVersionList\":[7,2]}",
        "{\"type\":\"CONNECTED\",\"protocolVersion\":2}" },
    { "receiver-0", "{\"type\":\"CONNECT\",\"protocolVersion\":4}", "CLOSE" },
    { "web-5", "{\"type\":\"CONNECT\"}", "CLOSE" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FoyerCastAppAgent) agent = make_agent ();

    g_assert_true (foyer_cast_app_agent_add_connection (agent, ANN));
    say_to (agent, ANN, cases[i].destination, FOYER_CAST_NS_CONNECTION,
        cases[i].text);
    if (cases[i].answer != NULL)
      expect_from (agent, ANN, cases[i].destination, "sender-0",
          cases[i].answer);
    expect_silence (agent);
  }
}

static const struct
{
  const char *name_space;
  const char *text;
  const char *answer; /* NULL: none */
} requests[] = {
  { RECEIVER, "{\"type\":\"GET_STATUS\"}", NULL },
  { RECEIVER, "{\"type\":\"GET_STATUS\",\"requestId\":\"1\"}", NULL },
  { RECEIVER, "{\"requestId\":7}",
      "{\"type\":\"INVALID_REQUEST\",\"requestId\":7,"
      "\"reason\":\"INVALID_COMMAND\"}" },
  { RECEIVER, "{\"type\":\"DANCE\",\"requestId\":7}", "INVALID_COMMAND" },
  { RECEIVER, "not JSON", NULL },
  { RECEIVER, "[]", NULL },
  { RECEIVER,
      "{\"type\":\"GET_APP_AVAILABILITY\",\"requestId\":4,"
      "\"appId\":[\"0F5096E8\",\"85CDB22F\",7]}",
      "{\"responseType\":\"GET_APP_AVAILABILITY\",\"requestId\":4,"
      "\"availability\":{\"0F5096E8\":\"APP_AVAILABLE\","
      "\"85CDB22F\":\"APP_UNAVAILABLE\"}}" },
  { RECEIVER, "{\"type\":\"GET_APP_AVAILABILITY\",\"requestId\":4}",
      "\"availability\":{}" },
  { RECEIVER, "{\"type\":\"LAUNCH\",\"requestId\":5}",
      "{\"type\":\"LAUNCH_ERROR\",\"requestId\":5,"
      "\"reason\":\"BAD_PARAMETER\"}" },
  { RECEIVER, "{\"type\":\"LAUNCH\",\"requestId\":5,\"appId\":\"\"}",
      "BAD_PARAMETER" },
  { RECEIVER, "{\"type\":\"LAUNCH\",\"requestId\":5,\"appId\":\"85CDB22F\"}",
      "NOT_FOUND" },
  { RECEIVER, "{\"type\":\"STOP\",\"requestId\":6,\"sessionId\":\"x\"}",
      "{\"type\":\"INVALID_REQUEST\",\"requestId\":6,"
      "\"reason\":\"INVALID_SESSION_ID\"}" },
  { RECEIVER, "{\"type\":\"SET_VOLUME\",\"requestId\":6}", "INVALID_COMMAND" },
  { RECEIVER, "{\"type\":\"SET_VOLUME\",\"requestId\":6,\"volume\":{}}",
      "INVALID_COMMAND" },
  { FOYER_CAST_NS_DISCOVERY, "{\"type\":\"GET_DEVICE_INFO\",\"requestId\":8}",
      "{\"type\":\"GET_DEVICE_INFO\",\"requestId\":8,"
      "\"deviceId\":\"00112233445566778899aabbccddeeff\","
      "\"friendlyName\":\"Kitchen\",\"deviceModel\":\"Foyer Display\","
      "\"capabilities\":5,\"controlNotifications\":1}" },
  { FOYER_CAST_NS_DISCOVERY, "{\"type\":\"GET_STATUS\",\"requestId\":8}",
      NULL },
  { FOYER_CAST_NS_SETUP, "{\"type\":\"eureka_info\",\"requestId\":8}", NULL },
  { FOYER_CAST_NS_AUTH, "{}", NULL },
};

static void
test_requests (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  join (agent, ANN);
  for (gsize i = 0; i < G_N_ELEMENTS (requests); i++) {
    say (agent, ANN, requests[i].name_space, requests[i].text);
    if (requests[i].answer != NULL)
      expect (agent, ANN, requests[i].answer);
    expect_silence (agent);
  }
  /* to all is to receiver-0 */
  say_to (agent, ANN, "*", RECEIVER,
      "{\"type\":\"GET_STATUS\",\"requestId\":1}");
  expect (agent, ANN, "\"requestId\":1");
}

static void
test_status (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;
  g_auto (FoyerCastReply) reply = { 0 };
  g_autoptr (FoyerCastAgentOutput) output = NULL;
  g_autoptr (GError) error = NULL;

  join (agent, ANN);
  transport = launch (agent, ANN);
  say (agent, ANN, RECEIVER, "{\"type\":\"GET_STATUS\",\"requestId\":9}");
  output = foyer_cast_app_agent_take_output (agent);
  g_assert_true (foyer_cast_reply_parse (output->message, &reply, &error));
  g_assert_cmpint (reply.kind, ==, FOYER_CAST_REPLY_RECEIVER_STATUS);
  g_assert_cmpint (reply.request_id, ==, 9);
  g_assert_cmpuint (reply.n_apps, ==, 1);
  g_assert_cmpstr (reply.apps[0].app_id, ==, "0F5096E8");
  g_assert_cmpstr (reply.apps[0].transport_id, ==, transport);
  g_assert_cmpuint (strlen (reply.apps[0].session_id), ==, 36);
  g_assert_true (reply.apps[0].has_webrtc);
  g_assert_false (reply.apps[0].is_idle);
  g_assert_cmpfloat (reply.volume, ==, 1.0);
  g_assert_false (reply.is_muted);
}

static void
test_launch_is_told_to_all (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  join (agent, ANN);
  join (agent, BOB);
  say (agent, ANN, RECEIVER, LAUNCH_TEXT);
  expect_event (agent, FOYER_CAST_AGENT_APP_STARTED, ANN, NULL);
  expect_broadcast (agent, ANN, "\"requestId\":0");
  expect_broadcast (agent, BOB, IS_RUNNING);
  expect (agent, ANN, "LAUNCH_STATUS");
  expect (agent, ANN, "\"requestId\":2");
  expect_silence (agent);
}

static void
test_launch_again (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;

  join (agent, ANN);
  transport = launch (agent, ANN);
  say (agent, ANN, RECEIVER, LAUNCH_TEXT);
  expect (agent, ANN, "LAUNCH_STATUS");
  expect (agent, ANN, transport);
  expect_silence (agent);
}

static void
connect_app (FoyerCastAppAgent *agent, guint64 connection,
    const char *transport)
{
  say_to (agent, connection, transport, FOYER_CAST_NS_CONNECTION,
      "{\"type\":\"CONNECT\"}");
}

static void
test_app_message (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;
  g_autoptr (FoyerCastAgentOutput) output = NULL;

  join (agent, ANN);
  transport = launch (agent, ANN);
  say_to (agent, ANN, transport, FOYER_CAST_NS_WEBRTC, "{\"type\":\"OFFER\"}");
  expect_silence (agent); /* not connected */
  connect_app (agent, ANN, transport);
  expect_silence (agent);
  say_to (agent, ANN, transport, FOYER_CAST_NS_MEDIA,
      "{\"type\":\"GET_STATUS\",\"requestId\":1}");
  expect_silence (agent);
  say_to (agent, ANN, transport, FOYER_CAST_NS_WEBRTC, "{\"type\":\"OFFER\"}");
  output = foyer_cast_app_agent_take_output (agent);
  g_assert_cmpint (output->kind, ==, FOYER_CAST_AGENT_APP_MESSAGE);
  g_assert_cmpuint (output->connection, ==, ANN);
  g_assert_cmpstr (output->message->source_id, ==, "sender-0");
  g_assert_cmpstr (output->message->destination_id, ==, transport);
  g_assert_cmpstr (output->message->text, ==, "{\"type\":\"OFFER\"}");
  expect_silence (agent);
}

/* Another connection can neither join the app nor talk into it. */
static void
test_app_is_its_launchers (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;

  join (agent, ANN);
  transport = launch (agent, ANN);
  join (agent, BOB);
  connect_app (agent, ANN, transport);
  connect_app (agent, BOB, transport);
  expect_from (agent, BOB, transport, "sender-0", "CLOSE");
  say_to (agent, BOB, transport, FOYER_CAST_NS_WEBRTC, "{\"type\":\"OFFER\"}");
  expect_silence (agent);
}

static void
test_stop (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;

  join (agent, ANN);
  join (agent, BOB);
  say (agent, ANN, RECEIVER, LAUNCH_TEXT);
  for (int i = 0; i < 5; i++)
    foyer_cast_agent_output_free (foyer_cast_app_agent_take_output (agent));
  transport = g_strdup (foyer_cast_app_agent_get_transport_id (agent));
  connect_app (agent, ANN, transport);
  expect_silence (agent);
  /* who knows it may end it */
  say (agent, BOB, RECEIVER, "{\"type\":\"STOP\",\"requestId\":3}");
  expect_from (agent, ANN, transport, "sender-0", "{\"type\":\"CLOSE\"}");
  expect_event (agent, FOYER_CAST_AGENT_APP_STOPPED, ANN,
      "a sender stopped it");
  expect_broadcast (agent, ANN, IS_IDLE);
  expect_broadcast (agent, BOB, IS_IDLE);
  expect_silence (agent);
  g_assert_null (foyer_cast_app_agent_get_transport_id (agent));
  connect_app (agent, ANN, transport);
  expect_from (agent, ANN, transport, "sender-0", "CLOSE");
}

/* (transfer full): the session that a status names */
static char *
ask_session (FoyerCastAppAgent *agent)
{
  g_autoptr (FoyerCastAgentOutput) output = NULL;
  g_auto (FoyerCastReply) reply = { 0 };

  say (agent, ANN, RECEIVER, "{\"type\":\"GET_STATUS\",\"requestId\":9}");
  output = foyer_cast_app_agent_take_output (agent);
  g_assert_true (foyer_cast_reply_parse (output->message, &reply, NULL));
  return g_strdup (reply.apps[0].session_id);
}

static void
test_stop_by_session (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;
  g_autofree char *session = NULL;
  g_autofree char *next_session = NULL;
  g_autofree char *text = NULL;

  join (agent, ANN);
  transport = launch (agent, ANN);
  session = ask_session (agent);
  text = foyer_cast_control_print_stop (3, session);
  say (agent, ANN, RECEIVER, text);
  expect_event (agent, FOYER_CAST_AGENT_APP_STOPPED, ANN,
      "a sender stopped it");
  expect_broadcast (agent, ANN, IS_IDLE);
  /* the same again: that session is over */
  say (agent, ANN, RECEIVER, text);
  expect (agent, ANN, "INVALID_SESSION_ID");
  /* ids are never used twice */
  g_free (transport);
  transport = launch (agent, ANN);
  next_session = ask_session (agent);
  g_assert_cmpstr (session, !=, next_session);
  g_assert_cmpstr (transport, !=, next_session);
}

static void
test_take_over (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;

  join (agent, ANN);
  transport = launch (agent, ANN);
  connect_app (agent, ANN, transport);
  join (agent, BOB);
  say (agent, BOB, RECEIVER, LAUNCH_TEXT);
  expect_from (agent, ANN, transport, "sender-0", "CLOSE");
  expect_event (agent, FOYER_CAST_AGENT_APP_STOPPED, ANN,
      "another sender took over");
  expect_event (agent, FOYER_CAST_AGENT_APP_STARTED, BOB, NULL);
  expect_broadcast (agent, ANN, IS_RUNNING);
  expect_broadcast (agent, BOB, IS_RUNNING);
  expect (agent, BOB, "LAUNCH_STATUS");
  expect (agent, BOB, "\"requestId\":2");
  expect_silence (agent);
  g_assert_cmpstr (transport, !=,
      foyer_cast_app_agent_get_transport_id (agent));
  /* Ann's talk goes nowhere, and her leaving ends nothing. */
  say_to (agent, ANN, transport, FOYER_CAST_NS_WEBRTC, "{\"type\":\"OFFER\"}");
  foyer_cast_app_agent_remove_connection (agent, ANN);
  expect_silence (agent);
  g_assert_nonnull (foyer_cast_app_agent_get_transport_id (agent));
}

static void
test_launcher_leaves (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;

  join (agent, ANN);
  transport = launch (agent, ANN);
  connect_app (agent, ANN, transport);
  join (agent, BOB);
  foyer_cast_app_agent_remove_connection (agent, ANN);
  expect_event (agent, FOYER_CAST_AGENT_APP_STOPPED, ANN, "its sender left");
  expect_broadcast (agent, BOB, IS_IDLE);
  expect_silence (agent);
  foyer_cast_app_agent_remove_connection (agent, ANN);
  expect_silence (agent);
}

static void
test_display_stops (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *transport = NULL;

  join (agent, ANN);
  foyer_cast_app_agent_stop_app (agent, "not running");
  expect_silence (agent);
  transport = launch (agent, ANN);
  connect_app (agent, ANN, transport);
  foyer_cast_app_agent_stop_app (agent, "switched off");
  expect_from (agent, ANN, transport, "sender-0", "CLOSE");
  expect_event (agent, FOYER_CAST_AGENT_APP_STOPPED, ANN, "switched off");
  expect_broadcast (agent, ANN, IS_IDLE);
  expect_silence (agent);
}

static void
test_volume (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  join (agent, ANN);
  say (agent, ANN, RECEIVER,
      "{\"type\":\"SET_VOLUME\",\"requestId\":1,\"volume\":{\"level\":0.25}}");
  expect_broadcast (agent, ANN, "\"level\":0.25,\"muted\":false");
  expect (agent, ANN, "\"type\":\"RECEIVER_STATUS\",\"requestId\":1");
  say (agent, ANN, RECEIVER,
      "{\"type\":\"SET_VOLUME\",\"requestId\":2,\"volume\":{\"muted\":true}}");
  expect_broadcast (agent, ANN, "\"level\":0.25,\"muted\":true");
  expect (agent, ANN, "\"requestId\":2");
  say (agent, ANN, RECEIVER,
      "{\"type\":\"SET_VOLUME\",\"requestId\":3,\"volume\":{\"level\":9}}");
  expect_broadcast (agent, ANN, "\"level\":1.0,\"muted\":true");
  expect (agent, ANN, "\"requestId\":3");
}

static void
test_garbage (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  join (agent, ANN);
  for (int i = 1; i < FOYER_CAST_MAX_BAD_MESSAGES; i++)
    say (agent, ANN, RECEIVER, "garbage");
  expect_silence (agent);
  /* one good message, and it begins anew */
  say (agent, ANN, FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PONG\"}");
  for (int i = 1; i < FOYER_CAST_MAX_BAD_MESSAGES; i++)
    say (agent, ANN, "urn:other", "{}");
  expect_silence (agent);
  foyer_cast_app_agent_count_garbage (agent, ANN);
  expect_event (agent, FOYER_CAST_AGENT_DISCONNECT, ANN,
      "it sends nothing of use");
  say (agent, ANN, RECEIVER, "garbage");
  expect_silence (agent);
}

static void
test_binary_is_garbage (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("{}", 2);
  g_autoptr (FoyerCastMessage) auth = foyer_cast_message_new_binary ("sender-0",
      "receiver-0", FOYER_CAST_NS_AUTH, bytes);
  g_autoptr (FoyerCastMessage) other =
      foyer_cast_message_new_binary ("sender-0", "receiver-0", RECEIVER, bytes);

  join (agent, ANN);
  for (int i = 0; i < 2 * FOYER_CAST_MAX_BAD_MESSAGES; i++)
    foyer_cast_app_agent_receive (agent, ANN, auth);
  expect_silence (agent);
  for (int i = 0; i < FOYER_CAST_MAX_BAD_MESSAGES; i++)
    foyer_cast_app_agent_receive (agent, ANN, other);
  expect_event (agent, FOYER_CAST_AGENT_DISCONNECT, ANN,
      "it sends nothing of use");
}

static void
test_connection_limit (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  for (guint64 i = 0; i < FOYER_CAST_MAX_CONNECTIONS; i++)
    g_assert_true (foyer_cast_app_agent_add_connection (agent, 10 + i));
  g_assert_false (foyer_cast_app_agent_add_connection (agent, 99));
  foyer_cast_app_agent_remove_connection (agent, 12);
  g_assert_true (foyer_cast_app_agent_add_connection (agent, 99));
}

static void
test_route_limit (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  g_assert_true (foyer_cast_app_agent_add_connection (agent, ANN));
  for (int i = 0; i <= FOYER_CAST_MAX_ROUTES; i++) {
    g_autofree char *sender = g_strdup_printf ("sender-%d", i);
    g_autoptr (FoyerCastMessage) message = foyer_cast_message_new_text (sender,
        "receiver-0", FOYER_CAST_NS_CONNECTION, "{\"type\":\"CONNECT\"}");

    foyer_cast_app_agent_receive (agent, ANN, message);
    foyer_cast_app_agent_receive (agent, ANN, message); /* no second route */
    if (i == FOYER_CAST_MAX_ROUTES) {
      expect_from (agent, ANN, "receiver-0", sender, "CLOSE");
      expect_from (agent, ANN, "receiver-0", sender, "CLOSE");
    }
    expect_silence (agent);
  }
  /* another connection has its own */
  join (agent, BOB);
}

/* A display with a player has two apps, one at a time; each hears its own
 * namespace. */
/* A display that only takes a URL. */
static void
test_without_mirroring (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();

  foyer_cast_app_agent_add_player (agent);
  foyer_cast_app_agent_remove_mirroring (agent);
  join (agent, ANN);
  say (agent, ANN, RECEIVER,
      "{\"type\":\"GET_APP_AVAILABILITY\",\"requestId\":1,"
      "\"appId\":[\"0F5096E8\",\"CC1AD845\"]}");
  expect (agent, ANN,
      "{\"0F5096E8\":\"APP_UNAVAILABLE\",\"CC1AD845\":\"APP_AVAILABLE\"}");
  say (agent, ANN, RECEIVER,
      "{\"type\":\"LAUNCH\",\"requestId\":2,\"appId\":\"0F5096E8\"}");
  expect (agent, ANN, "NOT_FOUND");
}

static void
test_player (void)
{
  g_autoptr (FoyerCastAppAgent) agent = make_agent ();
  g_autofree char *app = NULL;

  foyer_cast_app_agent_add_player (agent);
  join (agent, ANN);
  say (agent, ANN, RECEIVER,
      "{\"type\":\"GET_APP_AVAILABILITY\",\"requestId\":1,"
      "\"appId\":[\"CC1AD845\"]}");
  expect (agent, ANN, "\"CC1AD845\":\"APP_AVAILABLE\"");
  say (agent, ANN, RECEIVER,
      "{\"type\":\"LAUNCH\",\"requestId\":2,\"appId\":\"CC1AD845\"}");
  expect_event (agent, FOYER_CAST_AGENT_APP_STARTED, ANN, NULL);
  expect_broadcast (agent, ANN, "\"appId\":\"CC1AD845\"");
  expect (agent, ANN, "USER_ALLOWED");
  expect (agent, ANN,
      "\"namespaces\":[{\"name\":\"urn:x-cast:com.google.cast.media\"}]");
  app = g_strdup (foyer_cast_app_agent_get_transport_id (agent));
  say_to (agent, ANN, app, FOYER_CAST_NS_CONNECTION, "{\"type\":\"CONNECT\"}");
  say_to (agent, ANN, app, FOYER_CAST_NS_WEBRTC, "{\"type\":\"OFFER\"}");
  expect_silence (agent);
  say_to (agent, ANN, app, FOYER_CAST_NS_MEDIA,
      "{\"type\":\"GET_STATUS\",\"requestId\":3}");
  expect_event (agent, FOYER_CAST_AGENT_APP_MESSAGE, ANN, NULL);
  /* The other app takes its place. */
  say (agent, ANN, RECEIVER,
      "{\"type\":\"LAUNCH\",\"requestId\":4,\"appId\":\"0F5096E8\"}");
  expect_from (agent, ANN, app, "sender-0", "CLOSE");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-app-agent/heartbeat/swaps", test_heartbeat);
  g_test_add_func ("/cast-app-agent/connect/first", test_connect_first);
  g_test_add_func ("/cast-app-agent/connect/variants", test_connect_variants);
  g_test_add_func ("/cast-app-agent/requests/table", test_requests);
  g_test_add_func ("/cast-app-agent/requests/status", test_status);
  g_test_add_func ("/cast-app-agent/requests/volume", test_volume);
  g_test_add_func ("/cast-app-agent/launch/told-to-all",
      test_launch_is_told_to_all);
  g_test_add_func ("/cast-app-agent/launch/again", test_launch_again);
  g_test_add_func ("/cast-app-agent/launch/take-over", test_take_over);
  g_test_add_func ("/cast-app-agent/app/message", test_app_message);
  g_test_add_func ("/cast-app-agent/app/is-its-launchers",
      test_app_is_its_launchers);
  g_test_add_func ("/cast-app-agent/app/player", test_player);
  g_test_add_func ("/cast-app-agent/app/without-mirroring",
      test_without_mirroring);
  g_test_add_func ("/cast-app-agent/stop/by-any", test_stop);
  g_test_add_func ("/cast-app-agent/stop/by-session", test_stop_by_session);
  g_test_add_func ("/cast-app-agent/stop/launcher-leaves",
      test_launcher_leaves);
  g_test_add_func ("/cast-app-agent/stop/by-display", test_display_stops);
  g_test_add_func ("/cast-app-agent/garbage/counted", test_garbage);
  g_test_add_func ("/cast-app-agent/garbage/binary", test_binary_is_garbage);
  g_test_add_func ("/cast-app-agent/limits/connections", test_connection_limit);
  g_test_add_func ("/cast-app-agent/limits/routes", test_route_limit);
  return g_test_run ();
}
