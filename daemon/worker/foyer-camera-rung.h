/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

#include "foyerlinksink.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* The elements of one rung of a camera's ladder, between the tee and the links:
 *
 *     tee → leaky queue → size → clock → encoder → foyerlinksink
 *
 * Raw rungs have neither clock nor encoder: nodes get what the camera saw. One of
 * a camera that codes itself is a queue and the links alone. Built
 * and taken down while the camera runs. Main thread. */

typedef struct _FoyerCameraRung FoyerCameraRung;

/**
 * FoyerCameraRungConfig:
 * @shape: what to make
 * @is_thinned: the camera makes more frames a second than that
 * @has_clock: a clock ticks in coded pictures
 * @is_passed: what comes is coded as @shape says, and goes on as it is
 */
typedef struct
{
  FoyerShape shape;
  gboolean is_thinned;
  gboolean has_clock;
  gboolean is_passed;
} FoyerCameraRungConfig;

/**
 * foyer_camera_rung_new:
 * @pipeline: (transfer none): the camera's
 * @tee: (transfer none): where its tagged pictures are
 * @config: what the rung is like
 * @error: return location
 *
 * Returns: (transfer full): the rung, which runs, or %NULL
 */
FoyerCameraRung *foyer_camera_rung_new (GstBin *pipeline, GstElement *tee,
    const FoyerCameraRungConfig *config,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer none): where its links are. */
FoyerLinkSink *foyer_camera_rung_get_sink (FoyerCameraRung *self);

/* Whether frames go through it as they come. */
gboolean foyer_camera_rung_is_passed (const FoyerCameraRung *self);

/* What its encoder makes from now on. */
void foyer_camera_rung_set_bps (FoyerCameraRung *self, guint32 bps);

/* (transfer full) (nullable): with the links that are left. */
void foyer_camera_rung_free (FoyerCameraRung *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCameraRung, foyer_camera_rung_free)

G_END_DECLS
