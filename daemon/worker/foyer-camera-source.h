/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* Where a camera's pictures come from: a scene that is drawn, the same each time
 * for one number, a device that foyerd opened, or what libcamera makes of a sensor.
 * All end in pictures with the tag: raw ones, or H.264 of a camera that codes
 * itself. */

/**
 * FoyerCameraSource:
 * @last: (transfer none): the last element
 * @shape: of its raw pictures; what the camera has, at most what was asked for
 * @is_coded: what comes is H.264, whole and with headers in key frames
 */
typedef struct
{
  GstElement *last;
  FoyerShape shape;
  gboolean is_coded;
} FoyerCameraSource;

/**
 * foyer_camera_source_add:
 * @bin: where to
 * @config: the camera's; text is the name of one that is drawn, or what libcamera
 *   calls it
 * @device: its descriptor, which must stay open; -1 if it is drawn
 * @source: (out caller-allocates): what was made
 * @error: return location
 *
 * A device is opened here, while that can still be done.
 *
 * Returns: %FALSE if it can't be made
 */
gboolean foyer_camera_source_add (GstBin *bin, const FoyerMessage *config,
    int device, FoyerCameraSource *source,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
