/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The head of a request, request line and headers, before anybody parses it: whether
 * all of it is there, and whether it is one that a player may send. What libsoup is
 * given is bounded by that, and has none of the forms in which two readers find
 * different ends of a request. Pure. */

#define FOYER_WEB_HEAD_MAX_BYTES 8192

typedef enum
{
  FOYER_WEB_HEAD_ODD = 0, /* no player's, or too long */
  FOYER_WEB_HEAD_PART,    /* more must come */
  FOYER_WEB_HEAD_PLAIN,   /* whole */
} FoyerWebHeadKind;

/**
 * foyer_web_head_read:
 * @data: (array length=n_bytes): what came on a connection so far
 * @n_bytes: its length
 * @n_head_bytes: (out): of a whole one where it ends
 *
 * Plain is: GET, HEAD or OPTIONS, a target without blanks, HTTP/1.0 or 1.1; each header
 * on one line, with a name of RFC 9110 §5.6.2; no body, so no Transfer-Encoding and no
 * Content-Length but 0; CR LF behind each line and nowhere else.
 *
 * Returns: what it is
 */
FoyerWebHeadKind foyer_web_head_read (const guint8 *data, gsize n_bytes,
    gsize *n_head_bytes);

G_END_DECLS
