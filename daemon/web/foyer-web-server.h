/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-web-decide.h"
#include "foyer-web-reel.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* A session's server: it shows what is on a reel to the one display that was
 * granted, and nothing else to anybody. HTTP itself is libsoup's. Main thread.
 *
 * A connection from elsewhere is closed before a byte of it is read. One from the
 * display is for one request: its head is read whole before libsoup is given it, and if
 * it is odd, libsoup is given a request for nothing in its place; of what comes through
 * foyer_web_decide() decides. A response holds one copied part of a piece at a time, and
 * ends where the reel has dropped the rest: a display that reads slowly loses pieces, and
 * no memory grows. All is made with the server, before the process locks itself in;
 * afterwards it accepts, reads, writes and closes. */

#define FOYER_WEB_SERVER_MAX_CONNECTIONS 12
#define FOYER_WEB_SERVER_MAX_REQUESTS    100 /* a second, of all of them */
#define FOYER_WEB_SERVER_MAX_HEADERS     64  /* of a request */
#define FOYER_WEB_SERVER_PART_BYTES      (32 * 1024)
/* Without a request, or a byte taken of an answer. */
#define FOYER_WEB_SERVER_IDLE_US (10 * G_USEC_PER_SEC)
/* What the kernel holds of an answer and its other end does not take. */
#define FOYER_WEB_SERVER_UNTAKEN_MS 4000

typedef struct _FoyerWebServer FoyerWebServer;

/**
 * FoyerWebServerStats:
 * @n_refused: requests that were denied
 * @n_strangers: connections from elsewhere
 * @n_excess: connections that were one too many
 */
typedef struct
{
  guint64 n_refused;
  guint64 n_strangers;
  guint64 n_excess;
} FoyerWebServerStats;

/**
 * foyer_web_server_new:
 * @listener: (transfer none): bound, to the address that the display will reach,
 *   and listening
 * @peer: the display's address
 * @ends_us: nothing is shown from then on, monotonic; 0 for never
 * @reel: (transfer none): what is shown; must outlive it
 * @error: return location
 *
 * Returns: (transfer full): a server that answers nobody yet
 */
FoyerWebServer *foyer_web_server_new (GSocket *listener, GInetAddress *peer,
    gint64 ends_us, FoyerWebReel *reel,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * FoyerWebServerCallbacks:
 * @leaving: before so many bytes of pieces may leave
 * @served: a first byte of a piece may leave
 * @refused: a request, or a connection, as the figures have it
 */
typedef struct
{
  void (*leaving) (gsize n_bytes, gpointer user_data);
  void (*served) (const FoyerWebPiece *piece, gpointer user_data);
  void (*refused) (gpointer user_data);
} FoyerWebServerCallbacks;

/* Answers from now on. @callbacks: (transfer none): for as long as it does */
void foyer_web_server_open (FoyerWebServer *self,
    const FoyerWebServerCallbacks *callbacks, gpointer user_data);

/**
 * foyer_web_server_make_url:
 * @self: a server
 * @is_hls: of the playlist; else of all in one
 *
 * Under a new token: what was there under the last one is gone.
 *
 * Returns: (transfer full): the URL, with numbers for a name
 */
char *foyer_web_server_make_url (FoyerWebServer *self, gboolean is_hls);

/* The reel has one piece more, or fewer. */
void foyer_web_server_note_piece (FoyerWebServer *self);

/* What was done so far. */
const FoyerWebServerStats *foyer_web_server_get_stats (
    const FoyerWebServer *self);

/* When this returns nothing leaves any more, and the port is closed. Twice does
 * nothing. */
void foyer_web_server_close (FoyerWebServer *self);

/* (transfer full) (nullable): closes it */
void foyer_web_server_free (FoyerWebServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerWebServer, foyer_web_server_free)

G_END_DECLS
