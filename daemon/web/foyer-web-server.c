/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-server.h"

#include "foyer-clock.h"
#include "foyer-random.h"
#include "foyer-web-connection.h"

#include <libsoup/soup.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define CHECK_MS      500
#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"
#define VIDEO_TYPE    "video/mp4"
#define METHODS       "GET, HEAD, OPTIONS"

struct _FoyerWebServer
{
  FoyerWebGrant grant;
  FoyerWebReel *reel;
  GSocket *listener;
  char *address; /* as URLs have it */
  SoupServer *soup;
  GSource *acceptor;
  GPtrArray *connections; /* of FoyerWebConnection */
  GPtrArray *answers;     /* of Answer: those with a body of the reel */
  guint checker;
  gint64 second_us; /* requests are counted since then */
  guint n_requests;
  const FoyerWebServerCallbacks *callbacks;
  gpointer user_data;
  FoyerWebServerStats stats;
};

/* A response whose body comes from the reel. */
typedef struct
{
  FoyerWebServer *server;
  SoupServerMessage *message; /* borrowed; it ends before that */
  guint64 number;             /* of the piece that is being sent */
  gsize at;                   /* the next byte of it */
  gsize end;
  gboolean is_stream; /* one piece after the other */
  guint64 header;     /* stream: of the pieces sent */
  gboolean is_waiting;
} Answer;

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

/* connections */

static guint16
get_port (GSocketAddress *address)
{
  return G_IS_INET_SOCKET_ADDRESS (address)
      ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address))
      : 0;
}

static FoyerWebConnection *
find_connection (FoyerWebServer *self, SoupServerMessage *message)
{
  guint16 port = get_port (soup_server_message_get_remote_address (message));

  for (guint i = 0; i < self->connections->len; i++) {
    FoyerWebConnection *connection = g_ptr_array_index (self->connections, i);

    if (get_port (foyer_web_connection_get_peer (connection)) == port)
      return connection;
  }
  return NULL;
}

static void
note_active (FoyerWebServer *self, SoupServerMessage *message)
{
  FoyerWebConnection *connection = find_connection (self, message);

  if (connection != NULL)
    foyer_web_connection_note_active (connection);
}

static void
abort_message (FoyerWebServer *self, SoupServerMessage *message)
{
  FoyerWebConnection *connection = find_connection (self, message);

  if (connection != NULL)
    foyer_web_connection_abort (connection);
}

static void
on_asked (FoyerWebConnection *connection, GIOStream *stream, gpointer user_data)
{
  FoyerWebServer *self = user_data;
  g_autoptr (GSocketAddress) local =
      g_socket_get_local_address (foyer_web_connection_get_socket (connection),
          NULL);
  g_autoptr (GError) error = NULL;

  if (!soup_server_accept_iostream (self->soup, stream, local,
          foyer_web_connection_get_peer (connection), &error))
    g_debug ("a connection can't be served: %s", error->message);
}

static void
on_gone (FoyerWebConnection *connection, gpointer user_data)
{
  FoyerWebServer *self = user_data;

  g_ptr_array_remove_fast (self->connections, connection);
}

static const FoyerWebConnectionCallbacks connection_callbacks = {
  .asked = on_asked,
  .gone = on_gone,
};

static gboolean
is_peer (const FoyerWebServer *self, GSocketAddress *address)
{
  GInetAddress *peer = G_IS_INET_SOCKET_ADDRESS (address)
      ? g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))
      : NULL;

  return peer != NULL &&
      foyer_web_grant_is_peer (&self->grant, g_inet_address_to_bytes (peer),
          g_inet_address_get_native_size (peer));
}

static void
note_refused (FoyerWebServer *self, guint64 *count)
{
  (*count)++;
  self->callbacks->refused (self->user_data);
}

static gboolean on_knock (GSocket *listener, GIOCondition condition,
    gpointer user_data);

static void
ensure_acceptor (FoyerWebServer *self)
{
  if (self->acceptor != NULL)
    return;
  self->acceptor = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->acceptor, G_SOURCE_FUNC (on_knock), self, NULL);
  g_source_attach (self->acceptor, NULL);
}

static void
drop_acceptor (FoyerWebServer *self)
{
  if (self->acceptor != NULL)
    g_source_destroy (self->acceptor);
  g_clear_pointer (&self->acceptor, g_source_unref);
}

/* A connection that can't be taken stays where it is, and its knock with it: who
 * has no descriptor left looks again at the next check. */
static gboolean
on_knock (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  FoyerWebServer *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, &error);
  g_autoptr (GSocketAddress) peer = socket != NULL
      ? g_socket_get_remote_address (socket, NULL)
      : NULL;

  if (socket == NULL) {
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return G_SOURCE_CONTINUE;
    g_debug ("a connection can't be taken: %s", error->message);
    drop_acceptor (self);
    return G_SOURCE_REMOVE;
  }
  if (!is_peer (self, peer)) {
    note_refused (self, &self->stats.n_strangers);
    foyer_web_connection_abort_socket (socket);
  } else if (self->connections->len >= FOYER_WEB_SERVER_MAX_CONNECTIONS) {
    note_refused (self, &self->stats.n_excess);
    foyer_web_connection_abort_socket (socket);
  } else {
    g_ptr_array_add (self->connections,
        foyer_web_connection_new (socket, peer, &connection_callbacks, self));
  }
  return G_SOURCE_CONTINUE;
}

/* answers */

static void
answer_free (gpointer data)
{
  Answer *self = data;

  g_signal_handlers_disconnect_by_data (self->message, self);
  g_free (self);
}

static void
on_answered (SoupServerMessage *message, gpointer user_data)
{
  Answer *self = user_data;

  g_ptr_array_remove_fast (self->server->answers, self);
}

static void
wipe (gpointer data)
{
  GByteArray *bytes = data;

  explicit_bzero (bytes->data, bytes->len);
  g_byte_array_unref (bytes);
}

static void
put (Answer *self, const guint8 *data, gsize n_bytes)
{
  GByteArray *copy = g_byte_array_sized_new ((guint) n_bytes);
  g_autoptr (GBytes) bytes = NULL;

  self->server->callbacks->leaving (n_bytes, self->server->user_data);
  g_byte_array_append (copy, data, (guint) n_bytes);
  bytes = g_bytes_new_with_free_func (copy->data, copy->len, wipe, copy);
  soup_message_body_append_bytes (soup_server_message_get_response_body (
                                      self->message),
      bytes);
}

static void
tell_served (FoyerWebServer *self, FoyerWebPiece *piece)
{
  if (piece->was_read)
    return;
  piece->was_read = TRUE;
  self->callbacks->served (piece, self->user_data);
}

/* The next part of the piece that is being sent; FALSE if the reel dropped it. */
static gboolean
put_part (Answer *self)
{
  FoyerWebServer *server = self->server;
  FoyerWebPiece *piece = foyer_web_reel_find (server->reel, self->number);
  gsize n_bytes;

  if (piece == NULL || self->end > piece->n_bytes)
    return FALSE;
  n_bytes = MIN (self->end - self->at, FOYER_WEB_SERVER_PART_BYTES);
  put (self, piece->data + self->at, n_bytes);
  self->at += n_bytes;
  tell_served (server, piece);
  return TRUE;
}

/* Goes on to the next piece that there is; whoever was too slow has lost those
 * between. Another header ends the stream, since players take but one. */
static gboolean
begin_next_piece (Answer *self)
{
  guint64 first, last;
  const FoyerWebPiece *piece;

  foyer_web_reel_get_bounds (self->server->reel, &first, &last);
  self->number = MAX (self->number + 1, first);
  piece = foyer_web_reel_find (self->server->reel, self->number);
  if (piece == NULL) {
    self->number--;
    self->is_waiting = TRUE;
    return TRUE;
  }
  self->is_waiting = FALSE;
  self->at = 0;
  self->end = piece->n_bytes;
  if (self->header == 0) {
    GBytes *header = foyer_web_reel_get_header (self->server->reel,
        piece->header);

    put (self, g_bytes_get_data (header, NULL), g_bytes_get_size (header));
    self->header = piece->header;
  }
  return self->header == piece->header && put_part (self);
}

static void
go_on (Answer *self)
{
  FoyerWebServer *server = self->server;
  gboolean is_well = TRUE;

  if (!server->grant.is_open)
    return;
  if (self->at < self->end)
    is_well = put_part (self);
  else if (self->is_stream)
    is_well = begin_next_piece (self);
  if (!is_well)
    abort_message (server, self->message);
}

static void
on_wrote_chunk (SoupServerMessage *message, gpointer user_data)
{
  Answer *self = user_data;

  note_active (self->server, message);
  go_on (self);
}

static Answer *
begin_answer (FoyerWebServer *self, SoupServerMessage *message)
{
  Answer *answer = g_new0 (Answer, 1);

  answer->server = self;
  answer->message = message;
  g_ptr_array_add (self->answers, answer);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote_chunk),
      answer);
  g_signal_connect (message, "finished", G_CALLBACK (on_answered), answer);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (
                                        message),
      FALSE);
  return answer;
}

static SoupMessageHeaders *
begin_response (SoupServerMessage *message, guint status, const char *type)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (
      message);

  soup_server_message_set_status (message, status, NULL);
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "Access-Control-Allow-Origin", "*");
  soup_message_headers_replace (headers, "Access-Control-Expose-Headers",
      "Content-Length, Content-Range, Date");
  /* What is answered before a body was read is the last on its connection. */
  soup_message_headers_replace (headers, "Connection", "close");
  if (type != NULL)
    soup_message_headers_set_content_type (headers, type, NULL);
  return headers;
}

/* Always the same. */
static void
refuse (FoyerWebServer *self, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = begin_response (message, SOUP_STATUS_NOT_FOUND,
      NULL);

  soup_message_headers_set_content_length (headers, 0);
  note_refused (self, &self->stats.n_refused);
}

static void
answer_options (SoupServerMessage *message)
{
  SoupMessageHeaders *headers = begin_response (message, SOUP_STATUS_NO_CONTENT,
      NULL);

  soup_message_headers_replace (headers, "Access-Control-Allow-Methods",
      METHODS);
  soup_message_headers_replace (headers, "Access-Control-Allow-Headers",
      "Range");
}

/* The part that was asked for; FALSE if there is none and that was said. */
static gboolean
begin_part (SoupServerMessage *message, const char *type, gsize n_bytes,
    guint64 *first, guint64 *last)
{
  const char *range = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Range");
  FoyerWebRangeKind kind = foyer_web_range_parse (range, n_bytes, first, last);
  SoupMessageHeaders *headers;

  if (kind == FOYER_WEB_RANGE_BEYOND) {
    headers = begin_response (message,
        SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE, NULL);
    soup_message_headers_set_content_length (headers, 0);
    return FALSE;
  }
  if (kind == FOYER_WEB_RANGE_ALL) {
    *first = 0;
    *last = n_bytes - 1;
    headers = begin_response (message, SOUP_STATUS_OK, type);
  } else {
    headers = begin_response (message, SOUP_STATUS_PARTIAL_CONTENT, type);
    soup_message_headers_set_content_range (headers, (goffset) *first,
        (goffset) *last, (goffset) n_bytes);
  }
  soup_message_headers_set_content_length (headers,
      (goffset) (*last - *first + 1));
  return TRUE;
}

/* What is small and no picture. */
static void
answer_whole (FoyerWebServer *self, SoupServerMessage *message,
    const char *type, GBytes *body, gboolean is_head)
{
  g_autoptr (GBytes) part = NULL;
  guint64 first, last;

  if (!begin_part (message, type, g_bytes_get_size (body), &first, &last) ||
      is_head)
    return;
  part = g_bytes_new_from_bytes (body, (gsize) first,
      (gsize) (last - first + 1));
  soup_message_body_append_bytes (soup_server_message_get_response_body (
                                      message),
      part);
}

static void
answer_playlist (FoyerWebServer *self, SoupServerMessage *message,
    gboolean is_head)
{
  char *text = foyer_web_reel_print (self->reel);
  g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));

  answer_whole (self, message, PLAYLIST_TYPE, body, is_head);
}

static void
answer_piece (FoyerWebServer *self, SoupServerMessage *message,
    const FoyerWebDecision *decision)
{
  const FoyerWebPiece *piece = foyer_web_reel_find (self->reel,
      decision->number);
  guint64 first, last;
  Answer *answer;

  if (piece == NULL) {
    refuse (self, message);
    return;
  }
  if (!begin_part (message, VIDEO_TYPE, piece->n_bytes, &first, &last) ||
      decision->is_head)
    return;
  answer = begin_answer (self, message);
  answer->number = decision->number;
  answer->at = (gsize) first;
  answer->end = (gsize) last + 1;
  go_on (answer);
}

static void
answer_stream (FoyerWebServer *self, SoupServerMessage *message,
    gboolean is_head)
{
  SoupMessageHeaders *headers = begin_response (message, SOUP_STATUS_OK,
      VIDEO_TYPE);
  guint64 first, last;
  Answer *answer;

  soup_message_headers_set_encoding (headers,
      soup_server_message_get_http_version (message) == SOUP_HTTP_1_0
          ? SOUP_ENCODING_EOF
          : SOUP_ENCODING_CHUNKED);
  if (is_head)
    return;
  foyer_web_reel_get_bounds (self->reel, &first, &last);
  answer = begin_answer (self, message);
  answer->is_stream = TRUE;
  /* Near the end, as a playlist asks for. */
  answer->number = MAX (last, 3) - 3;
  go_on (answer);
}

/* requests */

static gboolean
is_too_often (FoyerWebServer *self)
{
  gint64 now_us = get_now_us ();

  if (now_us - self->second_us >= G_USEC_PER_SEC) {
    self->second_us = now_us;
    self->n_requests = 0;
  }
  return ++self->n_requests > FOYER_WEB_SERVER_MAX_REQUESTS;
}

static void
count_header (const char *name, const char *value, gpointer user_data)
{
  (*(guint *) user_data)++;
}

/* A request that brings a body, or more headers than any player sends. */
static gboolean
is_odd (SoupMessageHeaders *headers)
{
  guint n_headers = 0;

  soup_message_headers_foreach (headers, count_header, &n_headers);
  return n_headers > FOYER_WEB_SERVER_MAX_HEADERS ||
      soup_message_headers_get_list (headers, "Transfer-Encoding") != NULL ||
      soup_message_headers_get_list (headers, "Upgrade") != NULL ||
      soup_message_headers_get_list (headers, "Expect") != NULL ||
      (soup_message_headers_get_list (headers, "Content-Length") != NULL &&
          soup_message_headers_get_content_length (headers) != 0);
}

static FoyerWebDecision
decide (FoyerWebServer *self, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (
      message);
  GSocketAddress *address = soup_server_message_get_remote_address (message);
  GInetAddress *peer = G_IS_INET_SOCKET_ADDRESS (address)
      ? g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))
      : NULL;
  GUri *uri = soup_server_message_get_uri (message);
  const FoyerWebRequest request = {
    .method = soup_server_message_get_method (message),
    .path = g_uri_get_path (uri),
    .host = soup_message_headers_get_one (headers, "Host"),
    .has_query = g_uri_get_query (uri) != NULL ||
        g_uri_get_fragment (uri) != NULL || g_uri_get_userinfo (uri) != NULL,
    .peer = peer != NULL ? g_inet_address_to_bytes (peer) : NULL,
    .n_peer_bytes = peer != NULL ? g_inet_address_get_native_size (peer) : 0,
  };

  if (is_odd (headers))
    return (FoyerWebDecision){ 0 };
  return foyer_web_decide (&self->grant, &request, get_now_us ());
}

/* As soon as the headers are there: a body is never read. */
static void
on_request (SoupServer *soup, SoupServerMessage *message, const char *path,
    GHashTable *query, gpointer user_data)
{
  FoyerWebServer *self = user_data;
  FoyerWebDecision decision = decide (self, message);
  GBytes *header;

  note_active (self, message);
  if (is_too_often (self))
    abort_message (self, message);
  foyer_web_reel_expire (self->reel, get_now_us ());
  switch (decision.verdict) {
    case FOYER_WEB_VERDICT_DENY:
      refuse (self, message);
      break;
    case FOYER_WEB_VERDICT_OPTIONS:
      answer_options (message);
      break;
    case FOYER_WEB_VERDICT_PLAYLIST:
      answer_playlist (self, message, decision.is_head);
      break;
    case FOYER_WEB_VERDICT_HEADER:
      header = foyer_web_reel_get_header (self->reel, decision.number);
      if (header != NULL)
        answer_whole (self, message, VIDEO_TYPE, header, decision.is_head);
      else
        refuse (self, message);
      break;
    case FOYER_WEB_VERDICT_PIECE:
      answer_piece (self, message, &decision);
      break;
    case FOYER_WEB_VERDICT_STREAM:
      answer_stream (self, message, decision.is_head);
      break;
  }
}

/* in order of life */

/* Whoever says nothing, reads nothing or has not said all of a request yet. */
static gboolean
on_check (gpointer user_data)
{
  FoyerWebServer *self = user_data;
  gint64 now_us = get_now_us ();

  foyer_web_reel_expire (self->reel, now_us);
  ensure_acceptor (self);
  for (guint i = self->connections->len; i > 0; i--) {
    FoyerWebConnection *connection = g_ptr_array_index (self->connections,
        i - 1);

    if (foyer_web_connection_get_idle_us (connection) >
        FOYER_WEB_SERVER_IDLE_US)
      foyer_web_connection_abort (connection);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
set_address (FoyerWebServer *self, GError **error)
{
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (self->listener,
      error);
  g_autofree char *words = NULL;
  GInetAddress *address;

  if (local == NULL)
    return FALSE;
  if (!G_IS_INET_SOCKET_ADDRESS (local)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a display can't reach this socket");
    return FALSE;
  }
  address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local));
  words = g_inet_address_to_string (address);
  self->address = g_strdup_printf (g_inet_address_get_family (address) ==
              G_SOCKET_FAMILY_IPV6
          ? "[%s]:%u"
          : "%s:%u",
      words, get_port (local));
  g_strlcpy (self->grant.host, self->address, sizeof self->grant.host);
  return TRUE;
}

FoyerWebServer *
foyer_web_server_new (GSocket *listener, GInetAddress *peer, gint64 ends_us,
    FoyerWebReel *reel, GError **error)
{
  g_autoptr (FoyerWebServer) self = g_new0 (FoyerWebServer, 1);

  self->listener = g_object_ref (listener);
  self->reel = reel;
  self->grant.ends_us = ends_us;
  self->grant.n_peer_bytes = MIN (g_inet_address_get_native_size (peer),
      sizeof self->grant.peer);
  memcpy (self->grant.peer, g_inet_address_to_bytes (peer),
      self->grant.n_peer_bytes);
  self->connections = g_ptr_array_new_with_free_func (
      (GDestroyNotify) foyer_web_connection_free);
  self->answers = g_ptr_array_new_with_free_func (answer_free);
  if (!set_address (self, error))
    return NULL;
  g_socket_set_blocking (listener, FALSE);
  /* What it takes has that from it. */
  if (!g_socket_set_option (listener, IPPROTO_TCP, TCP_USER_TIMEOUT,
          FOYER_WEB_SERVER_UNTAKEN_MS, error))
    return NULL;
  self->soup = soup_server_new ("raw-paths", TRUE, "server-header", NULL, NULL);
  soup_server_add_early_handler (self->soup, NULL, on_request, self, NULL);
  return g_steal_pointer (&self);
}

void
foyer_web_server_open (FoyerWebServer *self,
    const FoyerWebServerCallbacks *callbacks, gpointer user_data)
{
  self->callbacks = callbacks;
  self->user_data = user_data;
  foyer_random_fill (self->grant.token, sizeof self->grant.token);
  self->grant.is_open = TRUE;
  ensure_acceptor (self);
  self->checker = g_timeout_add (CHECK_MS, on_check, self);
}

char *
foyer_web_server_make_url (FoyerWebServer *self, gboolean is_hls)
{
  char token[FOYER_WEB_TOKEN_CHARS + 1];

  foyer_random_fill (self->grant.token, sizeof self->grant.token);
  foyer_web_token_print (self->grant.token, token);
  return g_strdup_printf ("http://%s/%s/%s", self->address, token,
      is_hls ? "live.m3u8" : "live.mp4");
}

void
foyer_web_server_note_piece (FoyerWebServer *self)
{
  for (guint i = 0; i < self->answers->len; i++) {
    Answer *answer = g_ptr_array_index (self->answers, i);

    if (!answer->is_waiting)
      continue;
    go_on (answer);
    if (!answer->is_waiting)
      soup_server_message_unpause (answer->message);
  }
}

const FoyerWebServerStats *
foyer_web_server_get_stats (const FoyerWebServer *self)
{
  return &self->stats;
}

void
foyer_web_server_close (FoyerWebServer *self)
{
  self->grant = (FoyerWebGrant){ 0 };
  g_clear_handle_id (&self->checker, g_source_remove);
  drop_acceptor (self);
  /* Locked in, a process can't close the descriptor: it has a number of its own. */
  if (shutdown (g_socket_get_fd (self->listener), SHUT_RDWR) != 0)
    g_debug ("the port was closed already");
  for (guint i = self->connections->len; i > 0; i--)
    foyer_web_connection_abort (g_ptr_array_index (self->connections, i - 1));
}

void
foyer_web_server_free (FoyerWebServer *self)
{
  if (self == NULL)
    return;
  foyer_web_server_close (self);
  g_ptr_array_unref (self->answers);
  if (self->soup != NULL)
    soup_server_disconnect (self->soup);
  g_clear_object (&self->soup);
  g_ptr_array_unref (self->connections);
  g_object_unref (self->listener);
  g_free (self->address);
  g_free (self);
}
