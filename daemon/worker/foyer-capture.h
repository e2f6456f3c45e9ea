/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-v4l2.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a way to capture is in GStreamer's words, and which frames of it are whole.
 * Pure. */

/**
 * foyer_capture_dup_caps:
 * @mode: a way to capture that Foyer reads
 *
 * Returns: (transfer full): what v4l2src is to make
 */
GstCaps *foyer_capture_dup_caps (const FoyerV4l2Mode *mode);

/**
 * foyer_capture_fit:
 * @mode: how the camera captures
 * @most: what was asked for
 *
 * Returns: its raw pictures' shape: scaled down to what was asked for, never up,
 *   with even sides; at most the rate that was asked for, 0 if the camera's varies
 */
FoyerShape foyer_capture_fit (const FoyerV4l2Mode *mode,
    const FoyerShape *most);

/**
 * foyer_capture_is_thinned:
 * @mode: how the camera captures
 * @most: what was asked for
 *
 * Returns: whether it may make more pictures a second than that, and some can be
 *   left out
 */
gboolean foyer_capture_is_thinned (const FoyerV4l2Mode *mode,
    const FoyerShape *most);

/**
 * FoyerCaptureCheck:
 * @format: V4L2_PIX_FMT_…
 * @n_least_bytes: of a raw picture; 0 if it varies
 * @has_ends: a JPEG picture with an end was seen; some cameras leave it out
 *
 * Streaming thread.
 */
typedef struct
{
  guint32 format;
  gsize n_least_bytes;
  gboolean has_ends;
} FoyerCaptureCheck;

/* For frames captured as @mode. */
void foyer_capture_check_init (FoyerCaptureCheck *self,
    const FoyerV4l2Mode *mode);

/**
 * foyer_capture_check_is_whole:
 * @self: a check
 * @data: (array length=n_bytes): a frame, any bytes
 * @n_bytes: its length
 *
 * Returns: %FALSE for one that is cut short or is none
 */
gboolean foyer_capture_check_is_whole (FoyerCaptureCheck *self,
    const guint8 *data, gsize n_bytes);

/**
 * foyer_capture_is_castable:
 * @caps: H.264, as h264parse tells it
 *
 * Returns: whether every display that takes H.264 decodes that profile and level:
 *   up to High, 4.1, 8 bits, 4:2:0, not interlaced
 */
gboolean foyer_capture_is_castable (const GstCaps *caps);

G_END_DECLS
