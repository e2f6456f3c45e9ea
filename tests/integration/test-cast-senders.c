/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-house.h"
#include "foyer-test-tcp.h"

#include "foyer-cast-framing.h"
#include "foyer-cast-json.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-message.h"
#include "foyer-clock.h"

#include <string.h>

/* A display and the senders that misbehave towards it: whatever they do, one
 * that behaves is served afterwards, and nothing is left. */

#define CONNECT     "{\"type\":\"CONNECT\"}"
#define LAUNCH      "{\"type\":\"LAUNCH\",\"requestId\":1,\"appId\":\"0F5096E8\"}"
#define STATUS      "{\"type\":\"GET_STATUS\",\"requestId\":2}"
#define OFFER       "{\"type\":\"OFFER\",\"seqNum\":7,\"offer\":{}}"
#define UNSELECTED  3000 /* of a sender's messages, before giving up reading */
#define N_FOREIGN   50
#define FRAME_BYTES 1000

static FoyerTestHouse house;

typedef struct
{
  FoyerTestLog log;         /* the good sender's */
  FoyerTestLog display_log; /* the display's */
  FoyerCastDisplay *display;
} Fixture;

static void
on_session (FoyerCastDisplay *display, guint64 session_number,
    const FoyerCastStreamConfig *streams, guint n_streams, gpointer user_data)
{
  foyer_test_log_add (user_data, "session");
}

static void
on_frame (FoyerCastDisplay *display, FoyerCastReceivedFrame *frame,
    gpointer user_data)
{
  foyer_test_log_add (user_data, "frame %" G_GSIZE_FORMAT,
      g_bytes_get_size (frame->data));
}

static void
on_session_ended (FoyerCastDisplay *display, guint64 session_number,
    const char *reason, gpointer user_data)
{
  foyer_test_log_add (user_data, "ended %s", reason);
}

static const FoyerCastDisplayCallbacks display_callbacks = {
  .on_session = on_session,
  .on_frame = on_frame,
  .on_session_ended = on_session_ended,
};

static void
set_up (Fixture *fixture)
{
  const FoyerCastDisplayConfig config = {
    .friendly_name = "Test",
    .credentials = house.credentials,
    .codecs = { FOYER_CAST_CODEC_VP8 },
    .n_codecs = 1,
    .width_px = 1280,
    .height_px = 720,
    .fps = 30,
    .max_video_bps = 5000000,
  };
  g_autoptr (GError) error = NULL;

  memset (fixture, 0, sizeof *fixture);
  foyer_test_log_init (&fixture->log);
  foyer_test_log_init (&fixture->display_log);
  fixture->display = foyer_cast_display_new (&config, &display_callbacks,
      &fixture->display_log, &error);
  g_assert_no_error (error);
}

static FoyerCastSession *
start_session (Fixture *fixture)
{
  const FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);
  const FoyerCastSessionConfig config = { .ca_file = house.ca_file };
  g_autoptr (GError) error = NULL;
  FoyerCastSession *session = foyer_cast_session_new (&config,
      &foyer_test_house_callbacks, &fixture->log, &error);

  g_assert_no_error (error);
  foyer_test_log_reset (&fixture->log);
  foyer_cast_session_offer (session, &wish);
  foyer_cast_session_start (session, "127.0.0.1",
      foyer_cast_display_get_port (fixture->display));
  foyer_test_log_wait (&fixture->log, "ready", 1);
  return session;
}

static void
push (FoyerCastSession *session)
{
  static const guint8 data[FRAME_BYTES];
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = sizeof data,
    .is_key = TRUE,
    .tag.capture_us = foyer_clock_get_us (foyer_clock_get_system ()),
  };

  g_assert_cmpint (foyer_cast_session_push (session, 0, &frame), ==,
      FOYER_CAST_VERDICT_SEND);
}

static void
check_works (Fixture *fixture)
{
  g_autoptr (FoyerCastSession) session = start_session (fixture);

  foyer_test_log_reset (&fixture->display_log);
  push (session);
  foyer_test_log_wait (&fixture->display_log, "frame", 1);
}

static void
tear_down (Fixture *fixture)
{
  check_works (fixture);
  foyer_cast_display_free (fixture->display);
  foyer_test_log_clear (&fixture->log);
  foyer_test_log_clear (&fixture->display_log);
}

/* a sender made of blocking calls */

static GSocketConnection *
connect_tcp (Fixture *fixture)
{
  return foyer_test_tcp_connect (
      foyer_cast_display_get_port (fixture->display));
}

static gboolean
accept_any (GTlsConnection *tls, GTlsCertificate *certificate,
    GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

static GIOStream *
connect_tls (Fixture *fixture)
{
  g_autoptr (GSocketConnection) connection = connect_tcp (fixture);
  g_autoptr (GError) error = NULL;
  /* No database: reading the system's takes seconds under a sanitizer. */
  GIOStream *tls = g_initable_new (g_tls_backend_get_client_connection_type (
                                       g_tls_backend_get_default ()),
      NULL, &error, "base-io-stream", connection, "database", NULL, NULL);

  g_assert_no_error (error);
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (accept_any), NULL);
  g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, &error);
  g_assert_no_error (error);
  return tls;
}

static void
say_bytes (GIOStream *tls, const void *data, gsize n_bytes)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (tls), data, n_bytes,
      NULL, NULL, NULL);
}

static void
say (GIOStream *tls, const char *to, const char *name_space, const char *text)
{
  g_autoptr (FoyerCastMessage) message =
      foyer_cast_message_new_text ("sender-0", to, name_space, text);
  g_autoptr (GBytes) bytes = foyer_cast_message_pack (message, NULL);

  say_bytes (tls, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* Reads on until a message holds @word; NULL if the display closed. */
static char *
hear (GIOStream *tls, const char *word)
{
  GInputStream *input = g_io_stream_get_input_stream (tls);
  g_auto (FoyerCastFramer) framer = { 0 };
  guint8 data[4096];

  foyer_cast_framer_init (&framer);
  while (TRUE) {
    g_autoptr (GBytes) body = NULL;
    g_autoptr (FoyerCastMessage) message = NULL;
    gssize n_bytes;

    g_assert_true (foyer_cast_framer_pop (&framer, &body, NULL));
    if (body != NULL) {
      message = foyer_cast_message_parse (g_bytes_get_data (body, NULL),
          g_bytes_get_size (body), NULL);
      if (message->text != NULL && strstr (message->text, word) != NULL)
        return g_strdup (message->text);
      continue;
    }
    n_bytes = g_input_stream_read (input, data, sizeof data, NULL, NULL);
    if (n_bytes <= 0)
      return NULL;
    foyer_cast_framer_push (&framer, data, (gsize) n_bytes);
  }
}

static void
check_closes (GIOStream *stream)
{
  char bytes[4096];
  gssize n_bytes;

  do
    n_bytes = g_input_stream_read (g_io_stream_get_input_stream (stream), bytes,
        sizeof bytes, NULL, NULL);
  while (n_bytes > 0);
  g_io_stream_close (stream, NULL, NULL);
}

static void
test_garbage_before_tls (void)
{
  Fixture fixture;
  g_autoptr (GSocketConnection) connection = NULL;

  set_up (&fixture);
  connection = connect_tcp (&fixture);
  say_bytes (G_IO_STREAM (connection), "GET / HTTP/1.1\r\n\r\n", 18);
  check_closes (G_IO_STREAM (connection));
  tear_down (&fixture);
}

static void
test_silence_before_tls (void)
{
  Fixture fixture;
  g_autoptr (GSocketConnection) connection = NULL;

  set_up (&fixture);
  connection = connect_tcp (&fixture);
  check_closes (G_IO_STREAM (connection));
  tear_down (&fixture);
}

static void
test_huge_message (void)
{
  static const guint8 huge[] = { 0xff, 0xff, 0xff, 0xff };
  static const guint8 large[] = { 0, 1, 0, 1 };
  static const guint8 *const lengths[] = { huge, large };
  Fixture fixture;

  set_up (&fixture);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_autoptr (GIOStream) tls = connect_tls (&fixture);

    say_bytes (tls, lengths[i], 4);
    check_closes (tls);
  }
  tear_down (&fixture);
}

static void
test_garbage (void)
{
  static const guint8 noise[] = { 0, 0, 0, 2, 0xff, 0xff };
  Fixture fixture;
  g_autoptr (GIOStream) tls = NULL;

  set_up (&fixture);
  tls = connect_tls (&fixture);
  for (guint i = 0; i <= FOYER_CAST_MAX_BAD_MESSAGES; i++)
    say_bytes (tls, noise, sizeof noise);
  check_closes (tls);
  tear_down (&fixture);
}

/* Without a virtual connection nothing is heard, however often it is said. */
static void
test_no_connect (void)
{
  Fixture fixture;
  g_autoptr (GIOStream) tls = NULL;

  set_up (&fixture);
  tls = connect_tls (&fixture);
  for (guint i = 0; i <= FOYER_CAST_MAX_BAD_MESSAGES + 1; i++)
    say (tls, "receiver-0", FOYER_CAST_NS_RECEIVER, LAUNCH);
  check_closes (tls);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "session"), ==,
      0);
  tear_down (&fixture);
}

static void
test_offer_without_launch (void)
{
  Fixture fixture;
  g_autoptr (GIOStream) tls = NULL;
  g_autofree char *status = NULL;

  set_up (&fixture);
  tls = connect_tls (&fixture);
  say (tls, "receiver-0", FOYER_CAST_NS_CONNECTION, CONNECT);
  say (tls, "receiver-0", FOYER_CAST_NS_WEBRTC, OFFER);
  say (tls, "no-such-app", FOYER_CAST_NS_CONNECTION, CONNECT);
  say (tls, "no-such-app", FOYER_CAST_NS_WEBRTC, OFFER);
  say (tls, "receiver-0", FOYER_CAST_NS_RECEIVER, STATUS);
  /* The only answer is to the last. */
  status = hear (tls, "Backdrop");
  g_assert_nonnull (status);
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "session"), ==,
      0);
  g_io_stream_close (tls, NULL, NULL);
  tear_down (&fixture);
}

static char *
launch (GIOStream *tls)
{
  g_autofree char *status = NULL;
  g_autoptr (JsonObject) json = NULL;
  JsonObject *app;

  say (tls, "receiver-0", FOYER_CAST_NS_CONNECTION, CONNECT);
  say (tls, "receiver-0", FOYER_CAST_NS_RECEIVER, LAUNCH);
  status = hear (tls, "0F5096E8");
  g_assert_nonnull (status);
  json = foyer_cast_json_parse (status, NULL);
  app = json_array_get_object_element (
      foyer_cast_json_get_array (foyer_cast_json_get_object (json, "status"),
          "applications"),
      0);
  return g_strdup (foyer_cast_json_get_string (app, "transportId"));
}

/* A wrong OFFER is answered with what an openscreen receiver would say. */
static void
test_wrong_offer (void)
{
  Fixture fixture;
  g_autoptr (GIOStream) tls = NULL;
  g_autofree char *app = NULL;
  g_autofree char *answer = NULL;
  g_autoptr (JsonObject) json = NULL;
  gint64 code = 0;

  set_up (&fixture);
  tls = connect_tls (&fixture);
  app = launch (tls);
  say (tls, app, FOYER_CAST_NS_CONNECTION, CONNECT);
  say (tls, app, FOYER_CAST_NS_WEBRTC, "{\"type\":\"OFFER\",\"offer\":{}}");
  say (tls, app, FOYER_CAST_NS_WEBRTC, OFFER);
  answer = hear (tls, "ANSWER");
  g_assert_nonnull (answer);
  json = foyer_cast_json_parse (answer, NULL);
  g_assert_cmpstr (foyer_cast_json_get_string (json, "result"), ==, "error");
  g_assert_true (foyer_cast_json_get_int (json, "seqNum", 7, 7, &code));
  g_assert_true (
      foyer_cast_json_get_int (foyer_cast_json_get_object (json, "error"),
          "code", 10092, 10092, &code));
  g_assert_cmpuint (foyer_test_log_count (&fixture.display_log, "session"), ==,
      0);
  g_io_stream_close (tls, NULL, NULL);
  tear_down (&fixture);
}

/* Connections that do nothing make room for others, the oldest first; the one
 * that casts stays. */
static void
test_many_connections (void)
{
  Fixture fixture;
  GIOStream *idle[FOYER_CAST_MAX_CONNECTIONS];
  g_autoptr (FoyerCastSession) session = NULL;

  set_up (&fixture);
  session = start_session (&fixture);
  for (guint i = 0; i < G_N_ELEMENTS (idle); i++)
    idle[i] = connect_tls (&fixture);
  check_closes (idle[0]);
  for (guint i = 1; i < G_N_ELEMENTS (idle); i++) {
    g_autofree char *status = NULL;

    say (idle[i], "receiver-0", FOYER_CAST_NS_CONNECTION, CONNECT);
    say (idle[i], "receiver-0", FOYER_CAST_NS_RECEIVER, STATUS);
    status = hear (idle[i], "RECEIVER_STATUS");
    g_assert_nonnull (status);
  }
  push (session);
  foyer_test_log_wait (&fixture.display_log, "frame", 1);
  g_assert_cmpuint (foyer_test_log_count (&fixture.log, "failed"), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (idle); i++) {
    g_io_stream_close (idle[i], NULL, NULL);
    g_object_unref (idle[i]);
  }
  foyer_cast_session_stop (session);
  tear_down (&fixture);
}

/* Somebody who never reads must not be kept answers for. */
static void
test_never_reads (void)
{
  Fixture fixture;
  g_autoptr (GIOStream) tls = NULL;

  set_up (&fixture);
  tls = connect_tls (&fixture);
  say (tls, "receiver-0", FOYER_CAST_NS_CONNECTION, CONNECT);
  for (guint i = 0; i < UNSELECTED; i++)
    say (tls, "receiver-0", FOYER_CAST_NS_RECEIVER, STATUS);
  g_io_stream_close (tls, NULL, NULL);
  tear_down (&fixture);
}

/* A second sender takes the app over; the first is told. */
static void
test_takeover (void)
{
  Fixture fixture;
  g_autoptr (FoyerCastSession) session = NULL;
  g_autoptr (GIOStream) tls = NULL;
  g_autofree char *app = NULL;
  g_autofree char *word = NULL;

  set_up (&fixture);
  session = start_session (&fixture);
  tls = connect_tls (&fixture);
  app = launch (tls);
  foyer_test_log_wait (&fixture.display_log, "ended another sender took over",
      1);
  foyer_test_log_wait (&fixture.log, "failed", 1);
  word = foyer_test_log_dup (&fixture.log, "failed");
  g_assert_true (g_str_has_prefix (word, "failed 19 streaming"));
  G_STATIC_ASSERT (FOYER_CAST_ERROR_APP_ENDED == 19);
  g_io_stream_close (tls, NULL, NULL);
  foyer_cast_session_stop (session);
  tear_down (&fixture);
}

static guint16
find_udp_port (const char *answer)
{
  g_autoptr (JsonObject) json = foyer_cast_json_parse (answer, NULL);
  gint64 port = 0;

  g_assert_true (
      foyer_cast_json_get_int (foyer_cast_json_get_object (json, "answer"),
          "udpPort", 1, 65535, &port));
  return (guint16) port;
}

/* Datagrams that are nothing, and the right ones from another host. */
static void
test_foreign_media (void)
{
  Fixture fixture;
  g_autoptr (GIOStream) tls = NULL;
  g_autofree char *app = NULL;
  g_autofree char *offer = NULL;
  g_autofree char *answer = NULL;
  g_autoptr (GSocketAddress) to = NULL;
  g_autoptr (GSocketAddress) other =
      g_inet_socket_address_new_from_string ("127.0.0.2", 0);
  g_autoptr (GSocket) udp = g_socket_new (G_SOCKET_FAMILY_IPV4,
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  const FoyerCastOfferWish wish = foyer_test_house_wish (FALSE);
  g_auto (FoyerCastOffer) streams = { 0 };
  FoyerCastReceiverStats stats;
  char report[28] = "\x80\xc8\x00\x06";

  set_up (&fixture);
  foyer_cast_offer_init (&streams, &wish, NULL, 1);
  offer = foyer_cast_offer_print (&streams, 1);
  tls = connect_tls (&fixture);
  app = launch (tls);
  say (tls, app, FOYER_CAST_NS_CONNECTION, CONNECT);
  say (tls, app, FOYER_CAST_NS_WEBRTC, offer);
  answer = hear (tls, "ANSWER");
  g_assert_nonnull (answer);
  to = g_inet_socket_address_new_from_string ("127.0.0.1",
      find_udp_port (answer));
  g_assert_true (g_socket_bind (udp, other, FALSE, NULL));
  for (guint i = 0; i < 4; i++)
    report[4 + i] = (char) (streams.streams[0].config.sender_ssrc >>
        (24 - 8 * i));
  for (guint i = 0; i < N_FOREIGN; i++)
    g_socket_send_to (udp, to, report, sizeof report, NULL, NULL);
  do
    foyer_cast_display_get_stats (fixture.display, &stats);
  while (stats.n_bad_datagrams < N_FOREIGN);
  g_assert_cmpuint (stats.n_bad_datagrams, ==, N_FOREIGN);
  /* It never answered them. */
  g_assert_cmpint (g_socket_condition_check (udp, G_IO_IN), ==, 0);
  g_io_stream_close (tls, NULL, NULL);
  foyer_test_log_wait (&fixture.display_log, "ended", 1);
  tear_down (&fixture);
}

static void
test_nothing_left (void)
{
  guint n_fds;

  /* What GIO opens once and keeps. */
  test_garbage_before_tls ();
  n_fds = foyer_test_count_fds ();
  test_garbage_before_tls ();
  test_many_connections ();
  test_foreign_media ();
  foyer_test_assert_fds (n_fds);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  foyer_test_house_init (&house);
  g_test_add_func ("/cast-senders/tls/garbage-before", test_garbage_before_tls);
  g_test_add_func ("/cast-senders/tls/silence-before", test_silence_before_tls);
  g_test_add_func ("/cast-senders/messages/huge", test_huge_message);
  g_test_add_func ("/cast-senders/messages/garbage", test_garbage);
  g_test_add_func ("/cast-senders/messages/never-reads", test_never_reads);
  g_test_add_func ("/cast-senders/app/no-connect", test_no_connect);
  g_test_add_func ("/cast-senders/app/offer-without-launch",
      test_offer_without_launch);
  g_test_add_func ("/cast-senders/app/wrong-offer", test_wrong_offer);
  g_test_add_func ("/cast-senders/app/takeover", test_takeover);
  g_test_add_func ("/cast-senders/connections/many", test_many_connections);
  g_test_add_func ("/cast-senders/media/foreign", test_foreign_media);
  g_test_add_func ("/cast-senders/nothing-left", test_nothing_left);
  result = g_test_run ();
  foyer_test_house_clear (&house);
  return result;
}
