/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-channel.h"

#include "foyer-cast-error.h"
#include "foyer-cast-framing.h"
#include "foyer-cast-json.h"
#include "foyer-cast-limits.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#define READ_BYTES 16384 /* a TLS record */

typedef enum
{
  STATE_CLOSED = 0, /* nothing is sent or heard any more */
  STATE_SECURING,
  STATE_OPEN,
  STATE_CLOSING, /* the owner let go; the queue is still sent */
} State;

/* Counted (g_rc_box): one for the owner, one for each operation under way. The
 * socket is closed with the last one. */
struct _FoyerCastChannel
{
  FoyerCastThread *thread; /* held */
  GSocketConnection *connection;
  GIOStream *tls;
  gboolean is_server;
  State state;
  FoyerCastChannelCallbacks callbacks; /* zeroed when the owner lets go */
  gpointer user_data;
  GCancellable *everything; /* ends whatever is under way */
  GCancellable *reading;    /* ends the read, which a TLS goodbye can't bear */
  GBytes *leaf;
  FoyerCastFramer framer;
  guint8 buffer[READ_BYTES];
  gboolean is_reading;
  GQueue queue; /* of GBytes; the head is being written if is_writing */
  gsize n_queued_bytes;
  gboolean is_writing;
  guint n_bad; /* malformed messages in a row */
  FoyerCastTimer handshake_timer;
  FoyerCastTimer silence_timer;
  gboolean has_pinged; /* nothing came since */
  FoyerCastTimer close_timer;
  FoyerCastTimer fail_timer; /* carries pending_error out of the owner's call */
  GError *pending_error;
};

static void read_more (FoyerCastChannel *self);
static void write_more (FoyerCastChannel *self);
static void watch_silence (FoyerCastChannel *self);

static void
channel_clear (gpointer user_data)
{
  FoyerCastChannel *self = user_data;

  foyer_cast_timer_clear (&self->handshake_timer);
  foyer_cast_timer_clear (&self->silence_timer);
  foyer_cast_timer_clear (&self->close_timer);
  foyer_cast_timer_clear (&self->fail_timer);
  g_clear_error (&self->pending_error);
  /* On a socket that does not block this does not either. */
  g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
  g_clear_object (&self->tls);
  g_clear_object (&self->connection);
  g_clear_object (&self->everything);
  g_clear_object (&self->reading);
  g_clear_pointer (&self->leaf, g_bytes_unref);
  foyer_cast_framer_clear (&self->framer);
  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  foyer_cast_thread_release (self->thread);
}

static void
channel_unref (FoyerCastChannel *self)
{
  g_rc_box_release_full (self, channel_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastChannel, channel_unref)

/* Ends everything at once. Not from within a call of the owner's: it is told. */
static void
fail (FoyerCastChannel *self, const GError *error)
{
  if (self->state == STATE_CLOSED)
    return;
  self->state = STATE_CLOSED;
  foyer_cast_timer_clear (&self->handshake_timer);
  foyer_cast_timer_clear (&self->silence_timer);
  foyer_cast_timer_clear (&self->close_timer);
  /* The owner may let go within the callback, or be gone already. */
  g_rc_box_acquire (self);
  g_cancellable_cancel (self->reading);
  g_cancellable_cancel (self->everything);
  if (self->callbacks.on_closed != NULL)
    self->callbacks.on_closed (self, error, self->user_data);
  channel_unref (self);
}

static void
on_fail_due (gpointer user_data)
{
  FoyerCastChannel *self = user_data;
  g_autoptr (GError) error = g_steal_pointer (&self->pending_error);

  fail (self, error);
}

static void
fail_later (FoyerCastChannel *self, GError *error)
{
  if (self->pending_error != NULL) {
    g_error_free (error);
    return;
  }
  self->pending_error = error;
  foyer_cast_timer_set (&self->fail_timer, self->thread, 0, on_fail_due, self);
}

/* reading */

static gboolean
answer_heartbeat (FoyerCastChannel *self, const FoyerCastMessage *message)
{
  g_autoptr (JsonObject) json = NULL;

  if (message->text != NULL)
    json = foyer_cast_json_parse (message->text, NULL);
  if (json == NULL)
    return FALSE;
  /* Old firmware has ids of its own for this: swap whatever came. */
  if (g_strcmp0 (foyer_cast_json_get_string (json, "type"), "PING") == 0)
    foyer_cast_channel_send_text (self, message->destination_id,
        message->source_id, FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PONG\"}");
  return TRUE;
}

static gboolean
take_message (FoyerCastChannel *self, GBytes *body)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (body, &n_bytes);
  g_autoptr (FoyerCastMessage) message = foyer_cast_message_parse (data,
      n_bytes, NULL);

  if (message == NULL)
    return FALSE;
  if (g_str_equal (message->name_space, FOYER_CAST_NS_HEARTBEAT))
    return answer_heartbeat (self, message);
  return self->callbacks.on_message (self, message, self->user_data);
}

/* Hands out all whole messages; FALSE if the channel is over. */
static gboolean
take_messages (FoyerCastChannel *self, GError **error)
{
  while (self->state == STATE_OPEN) {
    g_autoptr (GBytes) body = NULL;

    if (!foyer_cast_framer_pop (&self->framer, &body, error))
      return FALSE;
    if (body == NULL)
      return TRUE;
    self->n_bad = take_message (self, body) ? 0 : self->n_bad + 1;
    if (self->n_bad > FOYER_CAST_MAX_BAD_MESSAGES) {
      g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED,
          "the peer keeps sending messages that are not the protocol");
      return FALSE;
    }
  }
  return TRUE;
}

/* The owner let go: once nothing is under way, say goodbye in TLS. */
static void
on_goodbye_said (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FoyerCastChannel) self = user_data;

  /* Whether the peer heard it makes no difference. */
  (void) g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
  foyer_cast_timer_clear (&self->close_timer);
}

static void
say_goodbye_if_idle (FoyerCastChannel *self)
{
  if (self->state != STATE_CLOSING || self->is_reading || self->is_writing)
    return;
  self->state = STATE_CLOSED;
  g_io_stream_close_async (self->tls, G_PRIORITY_DEFAULT, self->everything,
      on_goodbye_said, g_rc_box_acquire (self));
}

static void
fail_io (FoyerCastChannel *self, const GError *cause)
{
  g_autoptr (GError) error = NULL;
  FoyerCastError code = FOYER_CAST_ERROR_CLOSED;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    code = FOYER_CAST_ERROR_TIMED_OUT;
  error = g_error_new (FOYER_CAST_ERROR, (int) code, "the connection broke: %s",
      cause->message);
  fail (self, error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FoyerCastChannel) self = user_data;
  g_autoptr (GError) error = NULL;
  gssize n_bytes = g_input_stream_read_finish (G_INPUT_STREAM (source), result,
      &error);

  self->is_reading = FALSE;
  if (self->state != STATE_OPEN) {
    say_goodbye_if_idle (self);
    return;
  }
  if (n_bytes < 0) {
    fail_io (self, error);
    return;
  }
  if (n_bytes == 0) {
    error = g_error_new_literal (FOYER_CAST_ERROR, FOYER_CAST_ERROR_CLOSED,
        "the peer closed the connection");
    fail (self, error);
    return;
  }
  watch_silence (self);
  foyer_cast_framer_push (&self->framer, self->buffer, (gsize) n_bytes);
  if (!take_messages (self, &error))
    fail (self, error);
  else if (self->state == STATE_OPEN)
    read_more (self);
  else
    say_goodbye_if_idle (self);
}

static void
read_more (FoyerCastChannel *self)
{
  self->is_reading = TRUE;
  g_input_stream_read_async (g_io_stream_get_input_stream (self->tls),
      self->buffer, sizeof self->buffer, G_PRIORITY_DEFAULT, self->reading,
      on_read, g_rc_box_acquire (self));
}

/* heartbeat */

static void
on_silence (gpointer user_data)
{
  FoyerCastChannel *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!self->has_pinged) {
    self->has_pinged = TRUE;
    foyer_cast_channel_send_text (self,
        self->is_server ? FOYER_CAST_PLATFORM_RECEIVER
                        : FOYER_CAST_PLATFORM_SENDER,
        self->is_server ? FOYER_CAST_PLATFORM_SENDER
                        : FOYER_CAST_PLATFORM_RECEIVER,
        FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PING\"}");
    foyer_cast_timer_set (&self->silence_timer, self->thread,
        FOYER_CAST_SILENCE_TIMEOUT_MS - FOYER_CAST_PING_INTERVAL_MS, on_silence,
        self);
    return;
  }
  /* Every receiver answers PING. Not every sender does: the streaming spec
   * calls heartbeats deprecated, and a display has its media time limit. */
  if (self->is_server) {
    watch_silence (self);
    return;
  }
  error = g_error_new (FOYER_CAST_ERROR, FOYER_CAST_ERROR_TIMED_OUT,
      "the peer said nothing for %d ms", FOYER_CAST_SILENCE_TIMEOUT_MS);
  fail (self, error);
}

static void
watch_silence (FoyerCastChannel *self)
{
  self->has_pinged = FALSE;
  foyer_cast_timer_set (&self->silence_timer, self->thread,
      FOYER_CAST_PING_INTERVAL_MS, on_silence, self);
}

/* writing */

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FoyerCastChannel) self = user_data;
  g_autoptr (GBytes) head = g_queue_pop_head (&self->queue);
  g_autoptr (GError) error = NULL;
  gboolean ok = g_output_stream_write_all_finish (G_OUTPUT_STREAM (source),
      result, NULL, &error);

  self->is_writing = FALSE;
  self->n_queued_bytes -= g_bytes_get_size (head);
  if (self->state == STATE_CLOSED)
    return;
  if (!ok && self->state == STATE_CLOSING)
    g_cancellable_cancel (self->everything);
  else if (!ok)
    fail_io (self, error);
  else
    write_more (self);
}

static void
write_more (FoyerCastChannel *self)
{
  GBytes *head = g_queue_peek_head (&self->queue);

  if (head == NULL) {
    say_goodbye_if_idle (self);
    return;
  }
  self->is_writing = TRUE;
  g_output_stream_write_all_async (g_io_stream_get_output_stream (self->tls),
      g_bytes_get_data (head, NULL), g_bytes_get_size (head),
      G_PRIORITY_DEFAULT, self->everything, on_written,
      g_rc_box_acquire (self));
}

/* the beginning */

/* What a display presents is signed by itself and lives two days, so no
 * certificate can be refused here: foyer-cast-handshake.c decides about the
 * peer before anything but a challenge is sent. Only the client channel does
 * this; no other connection of Foyer may. */
static gboolean
on_accept_certificate (GTlsConnection *tls, GTlsCertificate *certificate,
    GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

static GBytes *
dup_der (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;

  if (certificate != NULL)
    g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL)
    return NULL;
  return g_byte_array_free_to_bytes (g_steal_pointer (&der));
}

static void
on_secured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FoyerCastChannel) self = user_data;
  GTlsConnection *tls = G_TLS_CONNECTION (source);
  g_autoptr (GError) cause = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = g_tls_connection_handshake_finish (tls, result, &cause);

  if (self->state != STATE_SECURING)
    return;
  foyer_cast_timer_clear (&self->handshake_timer);
  if (ok)
    self->leaf = dup_der (self->is_server
            ? g_tls_connection_get_certificate (tls)
            : g_tls_connection_get_peer_certificate (tls));
  if (self->leaf == NULL) {
    error = g_error_new (FOYER_CAST_ERROR, FOYER_CAST_ERROR_TLS,
        "no TLS handshake: %s",
        cause != NULL ? cause->message : "the peer showed no certificate");
    fail (self, error);
    return;
  }
  self->state = STATE_OPEN;
  watch_silence (self);
  self->callbacks.on_open (self, self->user_data);
  if (self->state == STATE_OPEN)
    read_more (self);
  else
    say_goodbye_if_idle (self);
}

static void
on_handshake_late (gpointer user_data)
{
  FoyerCastChannel *self = user_data;
  g_autoptr (GError) error = g_error_new (FOYER_CAST_ERROR,
      FOYER_CAST_ERROR_TIMED_OUT, "no TLS handshake within %d ms",
      FOYER_CAST_TLS_TIMEOUT_MS);

  fail (self, error);
}

static FoyerCastChannel *
channel_new (FoyerCastThread *thread, GSocketConnection *connection,
    GIOStream *tls, gboolean is_server,
    const FoyerCastChannelCallbacks *callbacks, gpointer user_data)
{
  FoyerCastChannel *self = g_rc_box_new0 (FoyerCastChannel);
  GSocket *socket = g_socket_connection_get_socket (connection);

  self->thread = thread;
  foyer_cast_thread_hold (thread);
  self->connection = g_object_ref (connection);
  self->tls = tls;
  self->is_server = is_server;
  self->state = STATE_SECURING;
  self->callbacks = *callbacks;
  self->user_data = user_data;
  self->everything = g_cancellable_new ();
  self->reading = g_cancellable_new ();
  foyer_cast_framer_init (&self->framer);
  g_queue_init (&self->queue);
  /* Small messages that each wait for an answer. */
  (void) g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_keepalive (socket, TRUE);
  /* Displays reset the connection rather than say goodbye. */
  g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (tls), FALSE);
  foyer_cast_timer_set (&self->handshake_timer, thread,
      FOYER_CAST_TLS_TIMEOUT_MS, on_handshake_late, self);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT,
      self->everything, on_secured, g_rc_box_acquire (self));
  return self;
}

/* With no database from the start: the default one would read the system's whole
 * trust store, for nothing, and setting none later comes too late. */
static GIOStream *
make_tls (GType type, GSocketConnection *connection,
    GTlsCertificate *certificate, GError **error)
{
  g_autoptr (GError) cause = NULL;
  GIOStream *tls = g_initable_new (type, NULL, &cause, "base-io-stream",
      connection, "database", NULL, "certificate", certificate, NULL);

  if (tls == NULL)
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TLS,
        "no TLS on this machine: %s", cause->message);
  return tls;
}

FoyerCastChannel *
foyer_cast_channel_new_client (FoyerCastThread *thread,
    GSocketConnection *connection, const FoyerCastChannelCallbacks *callbacks,
    gpointer user_data, GError **error)
{
  GIOStream *tls = make_tls (g_tls_backend_get_client_connection_type (
                                 g_tls_backend_get_default ()),
      connection, NULL, error);

  if (tls == NULL)
    return NULL;
  g_signal_connect (tls, "accept-certificate",
      G_CALLBACK (on_accept_certificate), NULL);
  return channel_new (thread, connection, tls, FALSE, callbacks, user_data);
}

FoyerCastChannel *
foyer_cast_channel_new_server (FoyerCastThread *thread,
    GSocketConnection *connection, GTlsCertificate *certificate,
    const FoyerCastChannelCallbacks *callbacks, gpointer user_data,
    GError **error)
{
  GIOStream *tls = make_tls (g_tls_backend_get_server_connection_type (
                                 g_tls_backend_get_default ()),
      connection, certificate, error);

  if (tls == NULL)
    return NULL;
  return channel_new (thread, connection, tls, TRUE, callbacks, user_data);
}

GBytes *
foyer_cast_channel_get_leaf (const FoyerCastChannel *self)
{
  return self->leaf;
}

GSocketConnection *
foyer_cast_channel_get_connection (const FoyerCastChannel *self)
{
  return self->connection;
}

void
foyer_cast_channel_send (FoyerCastChannel *self,
    const FoyerCastMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (self->state != STATE_OPEN)
    return;
  bytes = foyer_cast_message_pack (message, &error);
  if (bytes != NULL &&
      self->n_queued_bytes + g_bytes_get_size (bytes) >
          FOYER_CAST_MAX_QUEUE_BYTES)
    error = g_error_new_literal (FOYER_CAST_ERROR, FOYER_CAST_ERROR_TOO_LARGE,
        "the peer does not read what it is told");
  if (error != NULL) {
    fail_later (self, g_steal_pointer (&error));
    return;
  }
  self->n_queued_bytes += g_bytes_get_size (bytes);
  g_queue_push_tail (&self->queue, g_steal_pointer (&bytes));
  if (!self->is_writing)
    write_more (self);
}

void
foyer_cast_channel_send_text (FoyerCastChannel *self, const char *source_id,
    const char *destination_id, const char *name_space, const char *text)
{
  g_autoptr (FoyerCastMessage) message = foyer_cast_message_new_text (source_id,
      destination_id, name_space, text);

  foyer_cast_channel_send (self, message);
}

static void
on_close_late (gpointer user_data)
{
  FoyerCastChannel *self = user_data;

  g_cancellable_cancel (self->everything);
}

void
foyer_cast_channel_close (FoyerCastChannel *self)
{
  if (self == NULL)
    return;
  self->callbacks = (FoyerCastChannelCallbacks){ 0 };
  foyer_cast_timer_clear (&self->handshake_timer);
  foyer_cast_timer_clear (&self->silence_timer);
  foyer_cast_timer_clear (&self->fail_timer);
  if (self->state == STATE_OPEN) {
    self->state = STATE_CLOSING;
    foyer_cast_timer_set (&self->close_timer, self->thread,
        FOYER_CAST_CLOSE_TIMEOUT_MS, on_close_late, self);
    g_cancellable_cancel (self->reading);
    say_goodbye_if_idle (self);
  } else if (self->state == STATE_SECURING) {
    self->state = STATE_CLOSED;
    g_cancellable_cancel (self->everything);
  }
  channel_unref (self);
}
