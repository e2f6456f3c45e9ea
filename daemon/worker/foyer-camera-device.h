/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-camera-source.h"

G_BEGIN_DECLS

/* A capture device as a source: its best way to capture, and no frame that is cut
 * short. A part of foyer-camera-source.h. */

/**
 * foyer_camera_device_add:
 * @bin: where to
 * @config: the camera's; its shape is the most that is asked for
 * @device: its descriptor, which must stay open
 * @source: (out): what was made; with the last element, tag not yet
 * @error: return location
 *
 * Returns: %FALSE if the device can't be opened, or has no format that is read
 */
gboolean foyer_camera_device_add (GstBin *bin, const FoyerMessage *config,
    int device, FoyerCameraSource *source,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
