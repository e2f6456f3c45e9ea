/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* Where a camera's pictures come from: a scene that is drawn, the same each time
 * for one number, or a device that foyerd opened. Both end in raw pictures with
 * the tag. */

/**
 * foyer_camera_source_add:
 * @bin: where to
 * @config: the camera's; of a drawn one, text is its name
 * @device: its descriptor, which must stay open; -1 if it is drawn
 * @error: return location
 *
 * A device is opened here, while that can still be done.
 *
 * Returns: (transfer none): the last element, or %NULL
 */
GstElement *foyer_camera_source_add (GstBin *bin, const FoyerMessage *config,
    int device, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
