/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* A camera that codes its pictures itself: whether they can be handed on as they
 * are, and the decoder for those who need raw ones, there only while it is
 * needed. Main thread. */

typedef struct _FoyerCameraCoded FoyerCameraCoded;

/**
 * FoyerCodedFigures:
 * @is_castable: profile and level are such that displays take them
 * @is_known: a frame was seen
 * @can_ask: the camera makes a key frame when it is asked to
 * @key_age_us: since the last key frame
 * @bps: what it makes
 */
typedef struct
{
  gboolean is_castable;
  gboolean is_known;
  gboolean can_ask;
  gint64 key_age_us;
  guint64 bps;
} FoyerCodedFigures;

/**
 * foyer_coded_figures_may_pass:
 * @self: what is known of a camera's H.264
 *
 * A session that joins waits for a key frame: where none comes by itself within
 * 2.5 s nor when it is asked for, it is better coded here. Pure.
 *
 * Returns: whether it may be handed on as it is
 */
gboolean foyer_coded_figures_may_pass (const FoyerCodedFigures *self);

/**
 * foyer_camera_coded_new:
 * @pipeline: (transfer none): the camera's
 * @tee: (transfer none): where its tagged H.264 is
 * @shape: its raw pictures
 * @device: (transfer none): its descriptor
 */
FoyerCameraCoded *foyer_camera_coded_new (GstBin *pipeline, GstElement *tee,
    const FoyerShape *shape, int device);

/* As of now; @now_us is monotonic. */
FoyerCodedFigures foyer_camera_coded_get_figures (FoyerCameraCoded *self,
    gint64 now_us);

/**
 * foyer_camera_coded_ensure_raw:
 * @self: a camera that codes
 * @error: return location
 *
 * Returns: (transfer none): a tee with its decoded pictures, or %NULL
 */
GstElement *foyer_camera_coded_ensure_raw (FoyerCameraCoded *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Nobody needs raw pictures any more: the decoder goes. */
void foyer_camera_coded_drop_raw (FoyerCameraCoded *self);

G_END_DECLS
