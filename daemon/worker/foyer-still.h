/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

G_BEGIN_DECLS

/* One picture as a file. Bytes in, bytes out. */

/**
 * foyer_still_encode:
 * @shape: of the file: PNG or JPEG, and its size, both sides even
 * @picture: (array): I420 of that size without padding, video range; BT.709 if it
 *   has more than 576 lines, else BT.601, as GStreamer takes it
 * @error: return location
 *
 * Returns: (transfer full): the file; %NULL with a #GIOErrorEnum
 */
GBytes *foyer_still_encode (const FoyerShape *shape, const guint8 *picture,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
