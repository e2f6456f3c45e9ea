/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-display.h"

#include "foyer-cast-framing.h"
#include "foyer-cast-json.h"
#include "foyer-cast-message.h"
#include "foyer-cast-offer.h"
#include "foyer-cast-rtcp.h"
#include "foyer-test-certificate.h"

#include <string.h>

#define DAY_S     G_GINT64_CONSTANT (86400)
#define APP       "0F5096E8"
#define SESSION   "session-of-this-test"
#define TRANSPORT "transport-of-this-test"
#define N_NACKS   100000
/* Loss fields of four bytes that a datagram holds. */
#define NACKS_PER_DATAGRAM 250

struct _FoyerTestDisplay
{
  FoyerCastCredentials *credentials;
  FoyerTestLog *log;
  GTlsCertificate *good;
  GTlsCertificate *expired;
  GTlsCertificate *too_long;
  GBytes *other_leaf;
  GBytes *recorded; /* the first answer to a challenge */
  GSocketListener *listener;
  guint16 port;
  GCancellable *cancellable;
  GThread *thread;
  int fault; /* atomic */
};

/* One connection. */
typedef struct
{
  FoyerTestDisplay *display;
  FoyerTestFault fault;
  GIOStream *stream;
  GBytes *leaf;
  gboolean is_over;
  gboolean is_running; /* the app */
  gboolean was_cancelled;
  GSocket *udp;
  FoyerCastOffer offer;
  GThread *udp_thread;
  GCancellable *udp_cancellable;
} Visit;

static GBytes *
get_der (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  return g_byte_array_free_to_bytes (g_steal_pointer (&der));
}

static void
write_raw (Visit *visit, const void *data, gsize n_bytes)
{
  if (!g_output_stream_write_all (g_io_stream_get_output_stream (visit->stream),
          data, n_bytes, NULL, visit->display->cancellable, NULL))
    visit->is_over = TRUE;
}

static void
say (Visit *visit, const FoyerCastMessage *message)
{
  g_autoptr (GBytes) bytes = foyer_cast_message_pack (message, NULL);

  g_assert_nonnull (bytes);
  write_raw (visit, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
say_text (Visit *visit, const char *from, const char *to,
    const char *name_space, const char *text)
{
  g_autoptr (FoyerCastMessage) message = foyer_cast_message_new_text (from, to,
      name_space, text);

  say (visit, message);
}

static void
say_status (Visit *visit, gint64 request_id)
{
  g_autofree char *text = g_strdup_printf (
      "{\"type\":\"RECEIVER_STATUS\",\"requestId\":%" G_GINT64_FORMAT
      ",\"status\":{\"applications\":[%s],"
      "\"volume\":{\"level\":0.5,\"muted\":false}}}",
      request_id,
      visit->is_running
          ? "{\"appId\":\"" APP "\",\"sessionId\":\"" SESSION
            "\",\"transportId\":\"" TRANSPORT
            "\",\"displayName\":\"Mirroring\",\"namespaces\":[{\"name\":"
            "\"" FOYER_CAST_NS_WEBRTC "\"}]}"
          : "");

  say_text (visit, "receiver-0", "*", FOYER_CAST_NS_RECEIVER, text);
}

/* device authentication */

static void
answer_challenge (Visit *visit, const FoyerCastMessage *message)
{
  FoyerTestDisplay *display = visit->display;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FoyerCastMessage) reply = NULL;
  /* DeviceAuthMessage{3: AuthError{1: INTERNAL_ERROR}} */
  static const guint8 refusal[] = { 0x1a, 0x02, 0x08, 0x00 };

  if (visit->fault == FOYER_TEST_FAULT_AUTH_SILENT)
    return;
  if (visit->fault == FOYER_TEST_FAULT_AUTH_CLOSE) {
    visit->is_over = TRUE;
    return;
  }
  if (visit->fault == FOYER_TEST_FAULT_AUTH_ERROR)
    bytes = g_bytes_new_static (refusal, sizeof refusal);
  else if (visit->fault == FOYER_TEST_FAULT_AUTH_REPLAY &&
      display->recorded != NULL)
    bytes = g_bytes_ref (display->recorded);
  else
    bytes = foyer_cast_auth_answer (display->credentials, message->binary,
        visit->fault == FOYER_TEST_FAULT_AUTH_OTHER_LEAF ? display->other_leaf
                                                         : visit->leaf);
  g_assert_nonnull (bytes);
  if (display->recorded == NULL)
    display->recorded = g_bytes_ref (bytes);
  reply = foyer_cast_message_new_binary ("receiver-0", "sender-0",
      FOYER_CAST_NS_AUTH, bytes);
  say (visit, reply);
}

/* the platform */

static void
say_launch_error (Visit *visit, gint64 request_id, const char *reason)
{
  g_autofree char *text = g_strdup_printf (
      "{\"type\":\"LAUNCH_ERROR\",\"requestId\":%" G_GINT64_FORMAT
      ",\"reason\":\"%s\"}",
      request_id, reason);

  say_text (visit, "receiver-0", "sender-0", FOYER_CAST_NS_RECEIVER, text);
}

static void
launch (Visit *visit, gint64 request_id)
{
  if (visit->fault == FOYER_TEST_FAULT_LAUNCH_SILENT)
    return;
  if (visit->fault == FOYER_TEST_FAULT_LAUNCH_CLOSE) {
    visit->is_over = TRUE;
    return;
  }
  if (visit->fault == FOYER_TEST_FAULT_LAUNCH_NOT_FOUND) {
    say_launch_error (visit, request_id, "NOT_FOUND");
    return;
  }
  if (visit->fault == FOYER_TEST_FAULT_LAUNCH_CANCELLED &&
      !visit->was_cancelled) {
    visit->was_cancelled = TRUE;
    say_launch_error (visit, request_id, "CANCELLED");
    return;
  }
  if (visit->fault == FOYER_TEST_FAULT_LAUNCH_NO_APPS)
    say_text (visit, "receiver-0", "*", FOYER_CAST_NS_RECEIVER,
        "{\"type\":\"RECEIVER_STATUS\",\"requestId\":0,\"status\":{}}");
  visit->is_running = TRUE;
  say_status (visit, request_id);
}

static void
take_request (Visit *visit, JsonObject *json)
{
  const char *type = foyer_cast_json_get_string (json, "type");
  gint64 request_id = 0;

  foyer_cast_json_get_int (json, "requestId", 0, G_MAXINT32, &request_id);
  if (g_strcmp0 (type, "LAUNCH") == 0) {
    launch (visit, request_id);
    return;
  }
  if (visit->fault == FOYER_TEST_FAULT_LAUNCH_SILENT)
    return;
  if (g_strcmp0 (type, "STOP") == 0)
    visit->is_running = FALSE;
  say_status (visit, request_id);
}

/* media */

static guint32
get_ssrc (Visit *visit)
{
  return visit->offer.streams[0].config.sender_ssrc;
}

static gsize
write_feedback (Visit *visit, guint8 *out, gsize n_bytes, guint n_nacks)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };

  foyer_cast_feedback_init (&feedback);
  feedback.has_checkpoint = TRUE;
  feedback.checkpoint = FOYER_CAST_FRAME_ID_NONE;
  feedback.delay_ms = 400;
  for (guint i = 0; i < n_nacks; i++) {
    const FoyerCastNack nack = { .frame_id = i / 64,
      .packet_id = (guint16) (i % 64 * 8) };

    g_array_append_val (feedback.nacks, nack);
  }
  return foyer_cast_rtcp_write_feedback (get_ssrc (visit) + 1, get_ssrc (visit),
      &feedback, out, n_bytes);
}

static void
send_storm (Visit *visit, GSocketAddress *to)
{
  guint8 bytes[FOYER_CAST_MAX_DATAGRAM_BYTES];

  for (guint i = 0; i < N_NACKS / NACKS_PER_DATAGRAM; i++) {
    gsize n_bytes = write_feedback (visit, bytes, sizeof bytes,
        NACKS_PER_DATAGRAM);

    g_socket_send_to (visit->udp, to, (const char *) bytes, n_bytes, NULL,
        NULL);
  }
  if (visit->display->log != NULL)
    foyer_test_log_add (visit->display->log, "nacks");
}

static void
send_feedback (Visit *visit, GSocket *from, GSocketAddress *to)
{
  guint8 bytes[FOYER_CAST_MAX_DATAGRAM_BYTES];
  gsize n_bytes = write_feedback (visit, bytes, sizeof bytes, 0);

  g_socket_send_to (from, to, (const char *) bytes, n_bytes, NULL, NULL);
}

static GSocket *
open_udp (void)
{
  g_autoptr (GSocketAddress) any =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
      G_SOCKET_PROTOCOL_UDP, NULL);

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  return socket;
}

static guint16
get_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket,
      NULL);

  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

static gpointer
receive_media (gpointer user_data)
{
  Visit *visit = user_data;
  g_autoptr (GSocket) other = open_udp ();
  guint8 bytes[2048];
  gboolean has_stormed = FALSE;

  while (TRUE) {
    g_autoptr (GSocketAddress) from = NULL;
    gssize n_bytes = g_socket_receive_from (visit->udp, &from, (char *) bytes,
        sizeof bytes, visit->udp_cancellable, NULL);

    if (n_bytes < 0)
      break;
    if (visit->display->log != NULL)
      foyer_test_log_add (visit->display->log, "udp");
    if (visit->fault == FOYER_TEST_FAULT_NACK_STORM && !has_stormed)
      send_storm (visit, from);
    has_stormed = TRUE;
    if (visit->fault == FOYER_TEST_FAULT_FOREIGN_FEEDBACK)
      send_feedback (visit, other, from);
    else if (visit->fault != FOYER_TEST_FAULT_NO_FEEDBACK)
      send_feedback (visit, visit->udp, from);
  }
  return NULL;
}

/* OFFER */

static void
say_answer (Visit *visit, gint64 sequence, const char *answer)
{
  g_autofree char *text =
      g_strdup_printf ("{\"type\":\"ANSWER\",\"seqNum\":%" G_GINT64_FORMAT
                       ",%s}",
          sequence, answer);

  say_text (visit, TRANSPORT, "*", FOYER_CAST_NS_WEBRTC, text);
}

static char *
make_answer (Visit *visit)
{
  guint port = get_port (visit->udp);
  guint ssrc = get_ssrc (visit) + 1;

  if (visit->fault == FOYER_TEST_FAULT_ANSWER_ERROR)
    return g_strdup ("\"result\":\"error\",\"error\":{\"code\":10107,"
                     "\"description\":\"no stream selected\"}");
  if (visit->fault == FOYER_TEST_FAULT_ANSWER_UNEVEN)
    return g_strdup_printf ("\"result\":\"ok\",\"answer\":{\"udpPort\":%u,"
                            "\"sendIndexes\":[0],\"ssrcs\":[%u,1]}",
        port, ssrc);
  if (visit->fault == FOYER_TEST_FAULT_ANSWER_PORT_0)
    port = 0;
  return g_strdup_printf ("\"result\":\"ok\",\"answer\":{\"udpPort\":%u,"
                          "\"sendIndexes\":[%d],\"ssrcs\":[%u]}",
      port, visit->fault == FOYER_TEST_FAULT_ANSWER_UNKNOWN_INDEX ? 7 : 0,
      ssrc);
}

static void
end_app (Visit *visit)
{
  if (visit->fault == FOYER_TEST_FAULT_APP_GONE) {
    visit->is_running = FALSE;
    say_status (visit, 0);
  } else if (visit->fault == FOYER_TEST_FAULT_APP_CLOSED) {
    say_text (visit, TRANSPORT, "*", FOYER_CAST_NS_CONNECTION,
        "{\"type\":\"CLOSE\"}");
  } else if (visit->fault == FOYER_TEST_FAULT_STREAM_CLOSE) {
    visit->is_over = TRUE;
  }
}

static void
start_media (Visit *visit)
{
  if (visit->udp_thread != NULL)
    return;
  visit->udp_cancellable = g_cancellable_new ();
  visit->udp_thread = g_thread_new ("test-udp", receive_media, visit);
}

static void
take_offer (Visit *visit, JsonObject *json)
{
  g_autofree char *answer = NULL;
  gint64 sequence = -1;

  foyer_cast_json_get_int (json, "seqNum", 0, G_MAXINT32, &sequence);
  if (visit->fault == FOYER_TEST_FAULT_OFFER_SILENT)
    return;
  if (visit->fault == FOYER_TEST_FAULT_OFFER_CLOSE) {
    visit->is_over = TRUE;
    return;
  }
  foyer_cast_offer_clear (&visit->offer);
  g_assert_true (foyer_cast_offer_parse (json, &visit->offer, NULL));
  if (visit->udp == NULL)
    visit->udp = open_udp ();
  answer = make_answer (visit);
  if (visit->fault == FOYER_TEST_FAULT_ANSWER_OTHERS_FIRST) {
    say_answer (visit, sequence + 1, "\"result\":\"error\"");
    say_answer (visit, sequence - 1, "\"result\":\"error\"");
  }
  say_answer (visit, sequence, answer);
  if (visit->fault == FOYER_TEST_FAULT_ANSWER_OTHERS_FIRST)
    say_answer (visit, sequence, "\"result\":\"error\"");
  start_media (visit);
  end_app (visit);
}

/* one connection */

static void
take_message (Visit *visit, const FoyerCastMessage *message)
{
  g_autoptr (JsonObject) json = NULL;

  if (g_str_equal (message->name_space, FOYER_CAST_NS_AUTH)) {
    answer_challenge (visit, message);
    return;
  }
  json = foyer_cast_json_parse (message->text, NULL);
  g_assert_nonnull (json);
  if (g_str_equal (message->name_space, FOYER_CAST_NS_RECEIVER))
    take_request (visit, json);
  else if (g_str_equal (message->name_space, FOYER_CAST_NS_WEBRTC))
    take_offer (visit, json);
  else if (g_str_equal (message->name_space, FOYER_CAST_NS_HEARTBEAT))
    say_text (visit, message->destination_id, message->source_id,
        FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PONG\"}");
}

static void
take_bytes (Visit *visit, FoyerCastFramer *framer)
{
  while (!visit->is_over) {
    g_autoptr (GBytes) body = NULL;
    g_autoptr (FoyerCastMessage) message = NULL;
    gsize n_bytes;
    const guint8 *data;

    g_assert_true (foyer_cast_framer_pop (framer, &body, NULL));
    if (body == NULL)
      return;
    data = g_bytes_get_data (body, &n_bytes);
    message = foyer_cast_message_parse (data, n_bytes, NULL);
    g_assert_nonnull (message);
    take_message (visit, message);
  }
}

static void
say_noise (Visit *visit)
{
  static const guint8 noise[] = { 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff };

  for (guint i = 0; i < 1000 && !visit->is_over; i++)
    write_raw (visit, noise, sizeof noise);
}

static void
begin (Visit *visit)
{
  static const guint8 huge[] = { 0xff, 0xff, 0xff, 0xff, 0x08 };
  static const guint8 zero[] = { 0, 0, 0, 0 };

  if (visit->fault == FOYER_TEST_FAULT_CLOSE_TLS)
    visit->is_over = TRUE;
  else if (visit->fault == FOYER_TEST_FAULT_HUGE_LENGTH)
    write_raw (visit, huge, sizeof huge);
  else if (visit->fault == FOYER_TEST_FAULT_ZERO_LENGTH)
    write_raw (visit, zero, sizeof zero);
  else if (visit->fault == FOYER_TEST_FAULT_GARBAGE)
    say_noise (visit);
}

static void
converse (Visit *visit)
{
  GInputStream *input = g_io_stream_get_input_stream (visit->stream);
  g_auto (FoyerCastFramer) framer = { 0 };
  guint8 bytes[4096];

  foyer_cast_framer_init (&framer);
  begin (visit);
  while (!visit->is_over) {
    gssize n_bytes = g_input_stream_read (input, bytes, sizeof bytes,
        visit->display->cancellable, NULL);

    if (n_bytes <= 0)
      return;
    foyer_cast_framer_push (&framer, bytes, (gsize) n_bytes);
    take_bytes (visit, &framer);
  }
}

static void
secure (Visit *visit, GSocketConnection *connection)
{
  FoyerTestDisplay *display = visit->display;
  GTlsCertificate *certificate = display->good;

  if (visit->fault == FOYER_TEST_FAULT_TLS_EXPIRED)
    certificate = display->expired;
  if (visit->fault == FOYER_TEST_FAULT_TLS_TOO_LONG)
    certificate = display->too_long;
  visit->leaf = get_der (certificate);
  /* No database: reading the system's takes seconds under a sanitizer. */
  visit->stream = g_initable_new (g_tls_backend_get_server_connection_type (
                                      g_tls_backend_get_default ()),
      NULL, NULL, "base-io-stream", connection, "database", NULL, "certificate",
      certificate, NULL);
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (visit->stream),
      FALSE);
  if (g_tls_connection_handshake (G_TLS_CONNECTION (visit->stream),
          display->cancellable, NULL))
    converse (visit);
}

static void
wait_for_end (Visit *visit, GSocketConnection *connection)
{
  char bytes[256];

  while (g_input_stream_read (g_io_stream_get_input_stream (
                                  G_IO_STREAM (connection)),
             bytes, sizeof bytes, visit->display->cancellable, NULL) > 0)
    continue;
}

static void
end_media (Visit *visit)
{
  if (visit->udp_thread != NULL) {
    g_cancellable_cancel (visit->udp_cancellable);
    g_thread_join (visit->udp_thread);
  }
  g_clear_object (&visit->udp_cancellable);
  g_clear_object (&visit->udp);
  foyer_cast_offer_clear (&visit->offer);
}

static void
serve (FoyerTestDisplay *self, GSocketConnection *connection)
{
  Visit visit = { .display = self };

  visit.fault = (FoyerTestFault) g_atomic_int_get (&self->fault);
  visit.stream = g_object_ref (G_IO_STREAM (connection));
  if (visit.fault == FOYER_TEST_FAULT_SILENT_TCP) {
    wait_for_end (&visit, connection);
  } else if (visit.fault == FOYER_TEST_FAULT_NO_TLS) {
    write_raw (&visit, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    wait_for_end (&visit, connection);
  } else if (visit.fault != FOYER_TEST_FAULT_CLOSE_TCP) {
    g_clear_object (&visit.stream);
    secure (&visit, connection);
  }
  end_media (&visit);
  g_io_stream_close (visit.stream, NULL, NULL);
  g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
  g_clear_object (&visit.stream);
  g_clear_pointer (&visit.leaf, g_bytes_unref);
}

static gpointer
run (gpointer user_data)
{
  FoyerTestDisplay *self = user_data;

  while (TRUE) {
    g_autoptr (GSocketConnection) connection =
        g_socket_listener_accept (self->listener, NULL, self->cancellable,
            NULL);

    if (connection == NULL)
      return NULL;
    serve (self, connection);
  }
}

FoyerTestDisplay *
foyer_test_display_new (FoyerCastCredentials *credentials, gint64 now_s,
    FoyerTestLog *log)
{
  FoyerTestDisplay *self = g_new0 (FoyerTestDisplay, 1);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GSocketAddress) bound = NULL;

  self->credentials = credentials;
  self->log = log;
  self->good = foyer_test_certificate_new (3, now_s - DAY_S, now_s + DAY_S);
  self->expired = foyer_test_certificate_new (3, now_s - 2 * DAY_S,
      now_s - DAY_S);
  self->too_long = foyer_test_certificate_new (3, now_s - DAY_S,
      now_s + 365 * DAY_S);
  self->other_leaf = get_der (self->expired);
  self->listener = g_socket_listener_new ();
  g_assert_true (g_socket_listener_add_address (self->listener, address,
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &bound, NULL));
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  self->cancellable = g_cancellable_new ();
  self->thread = g_thread_new ("test-display", run, self);
  return self;
}

void
foyer_test_display_set_fault (FoyerTestDisplay *self, FoyerTestFault fault)
{
  g_atomic_int_set (&self->fault, (int) fault);
}

guint16
foyer_test_display_get_port (FoyerTestDisplay *self)
{
  return self->port;
}

void
foyer_test_display_free (FoyerTestDisplay *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_thread_join (self->thread);
  g_socket_listener_close (self->listener);
  g_object_unref (self->listener);
  g_object_unref (self->cancellable);
  g_object_unref (self->good);
  g_object_unref (self->expired);
  g_object_unref (self->too_long);
  g_bytes_unref (self->other_leaf);
  g_clear_pointer (&self->recorded, g_bytes_unref);
  g_free (self);
}
