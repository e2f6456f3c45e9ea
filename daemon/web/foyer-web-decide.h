/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Who gets what of a session's server: one decision, before anything else looks at
 * a request. Pure. What it does not allow is answered alike, whatever was wrong:
 * whoever asks learns nothing from it.
 *
 *     /TOKEN/live.m3u8       the playlist
 *     /TOKEN/init-NUMBER.mp4 a header of the fMP4
 *     /TOKEN/NUMBER.m4s      a piece of it
 *     /TOKEN/live.mp4        all of it, as it comes */

#define FOYER_WEB_TOKEN_BYTES   16
#define FOYER_WEB_TOKEN_CHARS   32 /* in a path: hex, lower case */
#define FOYER_WEB_ADDRESS_BYTES 16
#define FOYER_WEB_HOST_CHARS    64 /* "[address]:port", with the NUL */
#define FOYER_WEB_MAX_PATH      128

typedef enum
{
  FOYER_WEB_VERDICT_DENY = 0,
  FOYER_WEB_VERDICT_OPTIONS, /* what may be asked, of any path that exists */
  FOYER_WEB_VERDICT_PLAYLIST,
  FOYER_WEB_VERDICT_HEADER,
  FOYER_WEB_VERDICT_PIECE,
  FOYER_WEB_VERDICT_STREAM,
} FoyerWebVerdict;

/**
 * FoyerWebGrant:
 * @is_open: frames may leave; FALSE denies all
 * @ends_us: none leaves from then on, monotonic; 0 for never
 * @token: (array fixed-size=16): of all paths, from the kernel
 * @peer: the display's address
 * @n_peer_bytes: 4 or 16
 * @host: our own address and port, as Host has them
 *
 * What one session's server may do, for whom. All zero denies all.
 */
typedef struct
{
  gboolean is_open;
  gint64 ends_us;
  guint8 token[FOYER_WEB_TOKEN_BYTES];
  guint8 peer[FOYER_WEB_ADDRESS_BYTES];
  gsize n_peer_bytes;
  char host[FOYER_WEB_HOST_CHARS];
} FoyerWebGrant;

/**
 * FoyerWebRequest:
 * @method: in capitals
 * @path: as it came, nothing decoded
 * @host: (nullable): what it says that we are called
 * @has_query: something stands behind the path
 * @peer: who asks
 * @n_peer_bytes: 4 or 16
 */
typedef struct
{
  const char *method;
  const char *path;
  const char *host;
  gboolean has_query;
  const guint8 *peer;
  gsize n_peer_bytes;
} FoyerWebRequest;

/**
 * FoyerWebDecision:
 * @verdict: what is to be answered
 * @number: of a header or piece
 * @is_head: without its body
 */
typedef struct
{
  FoyerWebVerdict verdict;
  guint64 number;
  gboolean is_head;
} FoyerWebDecision;

/**
 * foyer_web_decide:
 * @grant: a session's
 * @request: what is asked
 * @now_us: monotonic
 *
 * Compares all of the token, whatever is wrong with it or with the rest.
 *
 * Returns: the decision; whether there is such a piece is not known here
 */
FoyerWebDecision foyer_web_decide (const FoyerWebGrant *grant,
    const FoyerWebRequest *request, gint64 now_us);

/* Whether a connection from there may ask at all. */
gboolean foyer_web_grant_is_peer (const FoyerWebGrant *self, const guint8 *peer,
    gsize n_peer_bytes);

/* @out: room for FOYER_WEB_TOKEN_CHARS and a NUL */
void foyer_web_token_print (const guint8 *token, char *out);

typedef enum
{
  FOYER_WEB_RANGE_ALL = 0, /* none, or one that is not understood */
  FOYER_WEB_RANGE_PART,
  FOYER_WEB_RANGE_BEYOND, /* there is nothing of it */
} FoyerWebRangeKind;

/**
 * foyer_web_range_parse:
 * @text: (nullable): of a Range header
 * @n_bytes: how many there are
 * @first: (out): of the first byte wanted
 * @last: (out): of the last; both are set for a part alone
 *
 * Several ranges in one are not served: all is. RFC 9110 §14
 *
 * Returns: what is wanted
 */
FoyerWebRangeKind foyer_web_range_parse (const char *text, guint64 n_bytes,
    guint64 *first, guint64 *last);

G_END_DECLS
