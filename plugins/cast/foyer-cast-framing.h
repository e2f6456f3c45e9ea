/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The Cast channel's framing: a 32-bit big-endian length, then that many bytes
 * of CastMessage. Pure. TLS records and frames do not coincide: bytes come in
 * any portions and frames leave whole.
 *
 *     | length N (32) | N bytes of CastMessage |      1 <= N <= 65536
 */

typedef struct
{
  GByteArray *bytes; /* owned; what has come and not left, one frame at most
                        plus what came behind it */
  gsize n_read;      /* how much of it has left */
} FoyerCastFramer;

void foyer_cast_framer_init (FoyerCastFramer *self);
void foyer_cast_framer_clear (FoyerCastFramer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastFramer, foyer_cast_framer_clear)

/**
 * foyer_cast_framer_push:
 * @self: a framer
 * @data: (array length=n_bytes): what arrived
 * @n_bytes: how much
 */
void foyer_cast_framer_push (FoyerCastFramer *self, const guint8 *data,
    gsize n_bytes);

/**
 * foyer_cast_framer_pop:
 * @self: a framer
 * @body: (out) (transfer full) (nullable): the next whole body, or %NULL while
 *   it is not complete
 * @error: return location
 *
 * Nothing is allocated for a length before its bytes are there.
 *
 * Returns: %FALSE if the length is 0 (%FOYER_CAST_ERROR_MALFORMED) or over
 *   65536 (%FOYER_CAST_ERROR_TOO_LARGE); the stream is lost then
 */
gboolean foyer_cast_framer_pop (FoyerCastFramer *self, GBytes **body,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
