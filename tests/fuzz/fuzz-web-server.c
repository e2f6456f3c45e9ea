/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-clock.h"
#include "foyer-test-web.h"

#include <string.h>
#include <sys/socket.h>

/* A connection to the server of a cast over HTTP, as libsoup and Foyer's handlers
 * behind it take it: what the granted display's address sends, in two parts, the first
 * byte saying where they part. "TOKEN" in it stands for the token, "HOST" for where the
 * server is. All is made for one connection, on loopback, and gone with it. Nobody
 * sends a byte of a picture to whoever did not say the token, whatever else he said,
 * and nothing is to be cached. */

#define MAX_IDLE \
  3 /* turns of the main loop in a row in which nothing happens */
#define MAX_TURNS     5000
#define MAX_BYTES     (256 * 1024)
#define N_FRAMES      13
#define N_PIECES      3
#define FRAME_US      40000
#define FRAME_BYTES   3000
#define NAL_BYTES     4
#define PICTURE       "PICTURE." /* what pictures are made of */
#define PICTURE_BYTES (sizeof PICTURE - 1)
/* Their time is not now, so that none becomes too old. */
#define AHEAD_US (G_GINT64_CONSTANT (1000) * 1000 * G_USEC_PER_SEC)

static const guint8 parameters[] = { 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0x95, 0,
  0, 1, 0x68, 0xce, 0x38, 0x80 };

typedef struct
{
  FoyerWebReel *reel;
  gint64 next_us;
  guint64 sequence;
  FoyerWebServer *server;
  char *host;
  char *token;
  GString *sent; /* what is to be */
  gsize n_sent;
  GString *got;
  GSocket *socket;
  gboolean is_over;
  gboolean has_left; /* a byte of a piece may have */
} Run;

/* the reel */

static void
push_frame (Run *self, gboolean is_key)
{
  static guint8 data[sizeof parameters + NAL_BYTES + FRAME_BYTES];
  const guint8 *begin = is_key ? data : data + sizeof parameters;
  const FoyerWebFrame frame = { .data = begin,
    .n_bytes = sizeof data - (gsize) (begin - data),
    .is_key = is_key,
    .capture_us = self->next_us,
    .sequence = ++self->sequence,
    .width_px = 640,
    .height_px = 360 };

  memcpy (data, parameters, sizeof parameters);
  memcpy (data + sizeof parameters, is_key ? "\0\0\1\x65" : "\0\0\1\x41",
      NAL_BYTES);
  for (gsize i = 0; data[sizeof data - 1] == 0 && i < FRAME_BYTES; i++)
    data[sizeof data - FRAME_BYTES + i] = (guint8) PICTURE[i % PICTURE_BYTES];
  g_assert_true (foyer_web_reel_push (self->reel, &frame));
  self->next_us += FRAME_US;
}

static void
push_piece (Run *self)
{
  for (guint i = 0; i < N_FRAMES; i++)
    push_frame (self, i == 0);
}

/* the server */

static void
on_leaving (gsize n_bytes, gpointer user_data)
{
  ((Run *) user_data)->has_left = TRUE;
}

static void
on_served (const FoyerWebPiece *piece, gpointer user_data)
{
}

static void
on_refused (gpointer user_data)
{
}

static void
open_server (Run *self)
{
  static const FoyerWebServerCallbacks callbacks = { on_leaving, on_served,
    on_refused };
  g_autoptr (GSocketAddress) address = NULL;
  g_autofree char *url = NULL;
  g_auto (GStrv) parts = NULL;

  self->server = foyer_test_web_open (self->reel, &callbacks, self);
  url = foyer_web_server_make_url (self->server, TRUE);
  parts = g_strsplit (url, "/", -1);
  self->host = g_strdup (parts[2]);
  self->token = g_strdup (parts[3]);
  address = g_inet_socket_address_new_from_string ("127.0.0.1",
      (guint) g_ascii_strtoull (strrchr (self->host, ':') + 1, NULL, 10));
  self->socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_TCP, NULL);
  g_assert_true (g_socket_connect (self->socket, address, NULL, NULL));
  g_socket_set_blocking (self->socket, FALSE);
}

/* the other end */

static gboolean
send_some (Run *self, gsize end)
{
  gssize n = 0;

  if (self->is_over || self->n_sent >= end)
    return FALSE;
  n = g_socket_send (self->socket, self->sent->str + self->n_sent,
      end - self->n_sent, NULL, NULL);
  if (n <= 0)
    return FALSE;
  self->n_sent += (gsize) n;
  return TRUE;
}

static gboolean
receive_some (Run *self)
{
  g_autoptr (GError) error = NULL;
  char bytes[16384];
  gssize n;

  if (self->is_over)
    return FALSE;
  n = g_socket_receive (self->socket, bytes, sizeof bytes, NULL, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  if (n > 0)
    g_string_append_len (self->got, bytes, n);
  self->is_over = n <= 0 || self->got->len > MAX_BYTES;
  return TRUE;
}

/* Until nothing happens any more: all is on this machine, and nobody waits for time. */
static void
talk (Run *self, gsize end)
{
  guint n_idle = 0;

  for (guint i = 0; i < MAX_TURNS && n_idle < MAX_IDLE; i++) {
    gboolean is_busy = send_some (self, end);

    is_busy |= g_main_context_iteration (NULL, FALSE);
    is_busy |= receive_some (self);
    n_idle = is_busy ? 0 : n_idle + 1;
  }
}

static void
judge (const Run *self)
{
  g_autofree char *path = g_strdup_printf ("/%s/", self->token);

  if (self->got->len == 0)
    return;
  g_assert_true (g_str_has_prefix (self->got->str, "HTTP/1."));
  if (g_str_has_prefix (self->got->str, "HTTP/1.1 2"))
    g_assert_nonnull (strstr (self->got->str, "Cache-Control: no-store\r\n"));
  if (self->has_left || strstr (self->got->str, PICTURE) != NULL)
    g_assert_nonnull (
        memmem (self->sent->str, self->sent->len, path, strlen (path)));
}

/* Reset, so that the port does not wait for what comes late. */
static void
hang_up (Run *self)
{
  const struct linger none = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (g_socket_get_fd (self->socket), SOL_SOCKET, SO_LINGER, &none,
      sizeof none);
  g_socket_close (self->socket, NULL);
  self->is_over = TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  Run run = { .reel = foyer_web_reel_new (0),
    .next_us = foyer_clock_get_us (foyer_clock_get_system ()) + AHEAD_US,
    .sent = g_string_new (NULL),
    .got = g_string_new (NULL) };
  gsize part;

  for (guint i = 0; i < N_PIECES; i++)
    push_piece (&run);
  open_server (&run);
  if (n_bytes > 0)
    g_string_append_len (run.sent, (const char *) data + 1,
        (gssize) n_bytes - 1);
  g_string_replace (run.sent, "TOKEN", run.token, 0);
  g_string_replace (run.sent, "HOST", run.host, 0);
  part = n_bytes > 0 ? run.sent->len * data[0] / G_MAXUINT8 : 0;
  talk (&run, part);
  talk (&run, run.sent->len);
  /* Whoever waits for a piece gets one. */
  push_piece (&run);
  foyer_web_server_note_piece (run.server);
  talk (&run, run.sent->len);
  judge (&run);
  hang_up (&run);
  talk (&run, 0);
  foyer_web_server_free (run.server);
  foyer_web_reel_free (run.reel);
  talk (&run, 0);
  g_object_unref (run.socket);
  g_string_free (run.sent, TRUE);
  g_string_free (run.got, TRUE);
  g_free (run.host);
  g_free (run.token);
  return 0;
}
