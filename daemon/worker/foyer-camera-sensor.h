/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-camera-source.h"

G_BEGIN_DECLS

/* Sensors whose pictures libcamera makes, such as those on a CSI connector: which
 * there are, and one of them as a source. A part of foyer-camera-source.h.
 *
 * libcamera opens devices by itself, on a thread of its own. Before it runs, this
 * process is kept to what it reads and to the nodes of the sensors that are asked
 * for: whatever sits there later under the same name is not among them. What it
 * needs is open when foyer_sandbox_enter_libcamera() closes the rest. */

/**
 * foyer_camera_sensor_list:
 * @error: return location
 *
 * Starts libcamera, kept to all sensors there are.
 *
 * Returns: (transfer full) (element-type utf8): what it calls its cameras; %NULL if
 *   it is not installed, or can't be kept
 */
GPtrArray *foyer_camera_sensor_list (GError **error);

/**
 * foyer_camera_sensor_add:
 * @bin: where to
 * @config: the camera's; text is what libcamera calls it
 * @sensor: the node of its sensor
 * @source: (out): what was made; with the last element, tag not yet
 * @error: return location
 *
 * Starts libcamera, kept to the devices of that sensor, and opens the camera.
 *
 * Returns: %FALSE if that can't be done
 */
gboolean foyer_camera_sensor_add (GstBin *bin, const FoyerMessage *config,
    int sensor, FoyerCameraSource *source,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
