/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-control.h"
#include "foyer-cast-error.h"
#include "foyer-test-data.h"

#include <string.h>

/* (transfer full) @text is compared and freed */
static void
assert_text (char *text, const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_print_requests (void)
{
  static const char *const ids[] = { "0F5096E8", "85CDB22F" };

  assert_text (foyer_cast_control_print_connect (NULL),
      "{\"type\":\"CONNECT\"}");
  assert_text (foyer_cast_control_print_connect ("Foyer"),
      "{\"type\":\"CONNECT\",\"userAgent\":\"Foyer\",\"connType\":0,"
      "\"origin\":{},\"senderInfo\":{\"sdkType\":2,\"platform\":6,"
      "\"connectionType\":1}}");
  assert_text (foyer_cast_control_print_close (), "{\"type\":\"CLOSE\"}");
  assert_text (foyer_cast_control_print_ping (), "{\"type\":\"PING\"}");
  assert_text (foyer_cast_control_print_pong (), "{\"type\":\"PONG\"}");
  assert_text (foyer_cast_control_print_get_status (1),
      "{\"type\":\"GET_STATUS\",\"requestId\":1}");
  assert_text (foyer_cast_control_print_get_app_availability (4, ids, 2),
      "{\"type\":\"GET_APP_AVAILABILITY\",\"requestId\":4,"
      "\"appId\":[\"0F5096E8\",\"85CDB22F\"]}");
  assert_text (foyer_cast_control_print_launch (2, FOYER_CAST_APP_MIRRORING),
      "{\"type\":\"LAUNCH\",\"requestId\":2,\"appId\":\"0F5096E8\"}");
  assert_text (foyer_cast_control_print_stop (3, "s\"1"),
      "{\"type\":\"STOP\",\"requestId\":3,\"sessionId\":\"s\\\"1\"}");
}

static void
test_print_volume (void)
{
  assert_text (foyer_cast_control_print_volume (1, 0.5),
      "{\"type\":\"SET_VOLUME\",\"requestId\":1,\"volume\":{\"level\":0.5}}");
  assert_text (foyer_cast_control_print_volume (1, 1.5),
      "{\"type\":\"SET_VOLUME\",\"requestId\":1,\"volume\":{\"level\":1.0}}");
  assert_text (foyer_cast_control_print_volume (1, -1),
      "{\"type\":\"SET_VOLUME\",\"requestId\":1,\"volume\":{\"level\":0.0}}");
  assert_text (foyer_cast_control_print_muted (1, TRUE),
      "{\"type\":\"SET_VOLUME\",\"requestId\":1,\"volume\":{\"muted\":true}}");
}

static void
read_reply (const char *name_space, const char *text, FoyerCastReply *reply)
{
  g_autoptr (FoyerCastMessage) message =
      foyer_cast_message_new_text ("receiver-0", "sender-0", name_space, text);
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_cast_reply_parse (message, reply, &error));
  g_assert_no_error (error);
}

static void
test_parse_kinds (void)
{
  static const struct
  {
    const char *name_space;
    const char *text;
    FoyerCastReplyKind kind;
    gint64 request_id;
  } cases[] = {
    { FOYER_CAST_NS_CONNECTION, "{\"type\":\"CLOSE\",\"reasonCode\":5}",
        FOYER_CAST_REPLY_CLOSE, 0 },
    { FOYER_CAST_NS_CONNECTION,
        "{\"protocolVersion\":3,\"type\":\"CONNECTED\"}",
        FOYER_CAST_REPLY_CONNECTED, 0 },
    { FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PING\"}", FOYER_CAST_REPLY_PING,
        0 },
    { FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PONG\"}", FOYER_CAST_REPLY_PONG,
        0 },
    { FOYER_CAST_NS_RECEIVER, "{\"type\":\"RECEIVER_STATUS\",\"requestId\":7}",
        FOYER_CAST_REPLY_RECEIVER_STATUS, 7 },
    { FOYER_CAST_NS_RECEIVER,
        "{\"responseType\":\"GET_APP_AVAILABILITY\",\"requestId\":8}",
        FOYER_CAST_REPLY_APP_AVAILABILITY, 8 },
    { FOYER_CAST_NS_RECEIVER,
        "{\"launchRequestId\":16,\"status\":\"USER_ALLOWED\","
        "\"type\":\"LAUNCH_STATUS\"}",
        FOYER_CAST_REPLY_LAUNCH_STATUS, 16 },
    { FOYER_CAST_NS_RECEIVER,
        "{\"launchRequestId\":16,\"responseType\":\"LAUNCH_STATUS\"}",
        FOYER_CAST_REPLY_LAUNCH_STATUS, 16 },
    { FOYER_CAST_NS_RECEIVER, "{\"type\":\"LAUNCH_ERROR\",\"requestId\":2}",
        FOYER_CAST_REPLY_LAUNCH_ERROR, 2 },
    { FOYER_CAST_NS_RECEIVER, "{\"type\":\"INVALID_REQUEST\",\"requestId\":2}",
        FOYER_CAST_REPLY_INVALID_REQUEST, 2 },
    /* right word, wrong place */
    { FOYER_CAST_NS_RECEIVER, "{\"type\":\"CLOSE\"}", FOYER_CAST_REPLY_UNKNOWN,
        0 },
    { FOYER_CAST_NS_MEDIA, "{\"type\":\"INVALID_REQUEST\",\"requestId\":3}",
        FOYER_CAST_REPLY_UNKNOWN, 3 },
    { FOYER_CAST_NS_RECEIVER, "{\"type\":\"NEWS\"}", FOYER_CAST_REPLY_UNKNOWN,
        0 },
    { FOYER_CAST_NS_RECEIVER, "{\"requestId\":-4}", FOYER_CAST_REPLY_UNKNOWN,
        0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (FoyerCastReply) reply = { 0 };

    read_reply (cases[i].name_space, cases[i].text, &reply);
    g_test_message ("%s", cases[i].text);
    g_assert_cmpint (reply.kind, ==, cases[i].kind);
    g_assert_cmpint (reply.request_id, ==, cases[i].request_id);
  }
}

/* A Nest Hub, October 2024, shortened:
 * https://github.com/owntone/owntone-server/issues/1819 */
#define NEST_HUB_STATUS                                                    \
  "{\"requestId\":0,\"type\":\"RECEIVER_STATUS\",\"status\":{"             \
  "\"applications\":[{\"appId\":\"0F5096E8\",\"appType\":\"WEB\","         \
  "\"displayName\":\"Chrome Mirroring\",\"isIdleScreen\":false,"           \
  "\"launchedFromCloud\":false,\"senderConnected\":true,\"namespaces\":["  \
  "{\"name\":\"urn:x-cast:com.google.cast.webrtc\"},"                      \
  "{\"name\":\"urn:x-cast:com.google.cast.remoting\"},"                    \
  "{\"name\":\"urn:x-cast:com.google.cast.media\"}],"                      \
  "\"sessionId\":\"8d2bbc00-1\",\"transportId\":\"8d2bbc00-2\","           \
  "\"statusText\":\"Chrome Mirroring\",\"universalAppId\":\"0F5096E8\"}]," \
  "\"volume\":{\"controlType\":\"master\",\"level\":0.5,\"muted\":true,"   \
  "\"stepInterval\":0.019999999552965164}}}"

static void
test_parse_status (void)
{
  g_auto (FoyerCastReply) reply = { 0 };
  const FoyerCastApp *app;

  read_reply (FOYER_CAST_NS_RECEIVER, NEST_HUB_STATUS, &reply);
  g_assert_true (reply.has_apps);
  g_assert_cmpuint (reply.n_apps, ==, 1);
  app = foyer_cast_reply_find_app (&reply, FOYER_CAST_APP_MIRRORING);
  g_assert_nonnull (app);
  g_assert_cmpstr (app->session_id, ==, "8d2bbc00-1");
  g_assert_cmpstr (app->transport_id, ==, "8d2bbc00-2");
  g_assert_cmpstr (app->display_name, ==, "Chrome Mirroring");
  g_assert_false (app->is_idle);
  g_assert_true (app->has_webrtc);
  g_assert_true (reply.has_volume);
  g_assert_cmpfloat (reply.volume, ==, 0.5);
  g_assert_true (reply.is_muted);
  g_assert_null (foyer_cast_reply_find_app (&reply, FOYER_CAST_APP_BACKDROP));
  g_assert_true (foyer_cast_reply_has_session (&reply, "8d2bbc00-1"));
  g_assert_false (foyer_cast_reply_has_session (&reply, "8d2bbc00-2"));
}

/* What displays leave out or get wrong. */
static void
test_parse_odd_status (void)
{
  static const struct
  {
    const char *status;
    gboolean has_apps;
    guint n_apps;
    gboolean has_volume;
  } cases[] = {
    { "null", FALSE, 0, FALSE },
    { "{}", FALSE, 0, FALSE },
    { "{\"applications\":{}}", FALSE, 0, FALSE },
    { "{\"applications\":[]}", TRUE, 0, FALSE },
    { "{\"applications\":[1,[],{},{\"appId\":7},{\"appId\":\"\"}]}", TRUE, 0,
        FALSE },
    { "{\"applications\":[{\"appId\":\"A\",\"namespaces\":[1,{}]}]}", TRUE, 1,
        FALSE },
    { "{\"volume\":{\"level\":\"1\"}}", FALSE, 0, FALSE },
    { "{\"volume\":{\"level\":7}}", FALSE, 0, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text =
        g_strdup_printf ("{\"type\":\"RECEIVER_STATUS\",\"status\":%s}",
            cases[i].status);
    g_auto (FoyerCastReply) reply = { 0 };

    g_test_message ("%s", text);
    read_reply (FOYER_CAST_NS_RECEIVER, text, &reply);
    g_assert_cmpint (reply.has_apps, ==, cases[i].has_apps);
    g_assert_cmpuint (reply.n_apps, ==, cases[i].n_apps);
    g_assert_cmpint (reply.has_volume, ==, cases[i].has_volume);
    g_assert_cmpfloat (reply.volume, ==, cases[i].has_volume ? 1.0 : 0.0);
    if (cases[i].n_apps > 0)
      g_assert_null (reply.apps[0].session_id);
  }
}

static void
test_parse_limits (void)
{
  GString *text = g_string_new ("{\"type\":\"RECEIVER_STATUS\",\"status\":{"
                                "\"applications\":[{\"appId\":\"0\"");
  g_autofree char *longest = g_strnfill (FOYER_CAST_MAX_ID_BYTES, 'x');
  g_autofree char *owned = NULL;
  g_auto (FoyerCastReply) reply = { 0 };

  g_string_append_printf (text,
      ",\"sessionId\":\"%s\",\"transportId\":\"%sx\"}", longest, longest);
  for (int i = 1; i <= FOYER_CAST_MAX_APPS; i++)
    g_string_append_printf (text, ",{\"appId\":\"%d\"}", i);
  g_string_append (text, "]}}");
  owned = g_string_free (text, FALSE);
  read_reply (FOYER_CAST_NS_RECEIVER, owned, &reply);
  g_assert_cmpuint (reply.n_apps, ==, FOYER_CAST_MAX_APPS);
  g_assert_cmpstr (reply.apps[15].app_id, ==, "15");
  g_assert_cmpstr (reply.apps[0].session_id, ==, longest);
  g_assert_null (reply.apps[0].transport_id);
}

static void
test_parse_idle (void)
{
  g_auto (FoyerCastReply) reply = { 0 };

  read_reply (FOYER_CAST_NS_RECEIVER,
      "{\"type\":\"RECEIVER_STATUS\",\"status\":{\"applications\":["
      "{\"appId\":\"E8C28D3C\"},{\"appId\":\"B\",\"isIdleScreen\":true},"
      "{\"appId\":\"C\"}]}}",
      &reply);
  g_assert_true (reply.apps[0].is_idle);
  g_assert_true (reply.apps[1].is_idle);
  g_assert_false (reply.apps[2].is_idle);
}

static void
test_parse_availability (void)
{
  g_auto (FoyerCastReply) reply = { 0 };

  read_reply (FOYER_CAST_NS_RECEIVER,
      "{\"responseType\":\"GET_APP_AVAILABILITY\",\"requestId\":1,"
      "\"availability\":{\"0F5096E8\":\"APP_AVAILABLE\","
      "\"85CDB22F\":\"APP_UNAVAILABLE\"}}",
      &reply);
  g_assert_false (foyer_cast_reply_lacks_app (&reply, "0F5096E8"));
  g_assert_true (foyer_cast_reply_lacks_app (&reply, "85CDB22F"));
  g_assert_false (foyer_cast_reply_lacks_app (&reply, "other"));
}

static void
test_parse_errors (void)
{
  g_auto (FoyerCastReply) reply = { 0 };
  g_auto (FoyerCastReply) bare = { 0 };

  read_reply (FOYER_CAST_NS_RECEIVER,
      "{\"type\":\"LAUNCH_ERROR\",\"requestId\":5,\"reason\":\"SYSTEM\\nERROR\","
      "\"extendedError\":\"USER_NOT_ALLOWED\"}",
      &reply);
  g_assert_cmpstr (reply.reason, ==, "SYSTEM\\u000aERROR");
  g_assert_cmpstr (reply.extended_error, ==, "USER_NOT_ALLOWED");
  read_reply (FOYER_CAST_NS_RECEIVER, "{\"type\":\"LAUNCH_ERROR\"}", &bare);
  g_assert_cmpstr (bare.reason, ==, "");
  g_assert_cmpstr (bare.extended_error, ==, "");
}

static void
test_parse_consent (void)
{
  static const struct
  {
    const char *status;
    FoyerCastConsent consent;
  } cases[] = {
    { "USER_ALLOWED", FOYER_CAST_CONSENT_ALLOWED },
    { "USER_PENDING_AUTHORIZATION", FOYER_CAST_CONSENT_PENDING },
    { "USER_NOT_ALLOWED", FOYER_CAST_CONSENT_DENIED },
    { "PERHAPS", FOYER_CAST_CONSENT_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *text =
        g_strdup_printf ("{\"type\":\"LAUNCH_STATUS\",\"status\":\"%s\"}",
            cases[i].status);
    g_auto (FoyerCastReply) reply = { 0 };

    read_reply (FOYER_CAST_NS_RECEIVER, text, &reply);
    g_assert_cmpint (reply.consent, ==, cases[i].consent);
  }
}

static void
test_parse_malformed (void)
{
  static const guint8 byte = '{';
  g_autoptr (GBytes) bytes = g_bytes_new_static (&byte, 1);
  g_autoptr (FoyerCastMessage) binary = foyer_cast_message_new_binary ("r", "s",
      FOYER_CAST_NS_RECEIVER, bytes);
  g_autoptr (FoyerCastMessage) text = foyer_cast_message_new_text ("r", "s",
      FOYER_CAST_NS_RECEIVER, "[1]");
  FoyerCastReply reply;
  g_autoptr (GError) first = NULL;
  g_autoptr (GError) second = NULL;

  g_assert_false (foyer_cast_reply_parse (binary, &reply, &first));
  g_assert_error (first, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED);
  g_assert_false (foyer_cast_reply_parse (text, &reply, &second));
  g_assert_error (second, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED);
  g_assert_null (reply.reason);
}

/* What openscreen's display said, in the capture. */
static void
test_parse_captured (void)
{
  g_autoptr (GBytes) bytes = foyer_test_load ("cast-messages-vp8.log");
  g_autofree char *log = g_strndup (g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes));
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);
  int n_statuses = 0;

  for (char **line = lines; *line != NULL; line++) {
    g_auto (FoyerCastReply) reply = { 0 };

    if (strstr (*line, "\"RECEIVER_STATUS\"") == NULL)
      continue;
    n_statuses++;
    read_reply (FOYER_CAST_NS_RECEIVER, strchr (*line, '{'), &reply);
    g_assert_cmpint (reply.kind, ==, FOYER_CAST_REPLY_RECEIVER_STATUS);
    g_assert_cmpint (reply.request_id, ==, 0);
    g_assert_cmpstr (reply.apps[0].transport_id, ==,
        "streaming_receiver-10000");
    g_assert_true (reply.apps[0].has_webrtc);
    g_assert_cmpfloat (reply.volume, ==, 1.0);
  }
  g_assert_cmpint (n_statuses, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-control/print/requests", test_print_requests);
  g_test_add_func ("/cast-control/print/volume", test_print_volume);
  g_test_add_func ("/cast-control/parse/kinds", test_parse_kinds);
  g_test_add_func ("/cast-control/parse/status", test_parse_status);
  g_test_add_func ("/cast-control/parse/odd-status", test_parse_odd_status);
  g_test_add_func ("/cast-control/parse/limits", test_parse_limits);
  g_test_add_func ("/cast-control/parse/idle", test_parse_idle);
  g_test_add_func ("/cast-control/parse/availability", test_parse_availability);
  g_test_add_func ("/cast-control/parse/errors", test_parse_errors);
  g_test_add_func ("/cast-control/parse/consent", test_parse_consent);
  g_test_add_func ("/cast-control/parse/malformed", test_parse_malformed);
  g_test_add_func ("/cast-control/parse/captured", test_parse_captured);
  return g_test_run ();
}
