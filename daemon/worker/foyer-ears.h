/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-pcm.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* A microphone that is open, as a part of the pipeline of foyer-camera-microphone.h:
 * 48 kHz, two channels, 16 bits, the time of capture as timestamp. It is made anew
 * for each opening. Main thread. */

typedef struct _FoyerEars FoyerEars;

/* The name of a message of an element: the first samples came. */
#define FOYER_EARS_HEAR "foyer-ears-hear"

/**
 * foyer_ears_new:
 * @config: (transfer none): the camera's; lives longer
 * @device: how its device is asked, with the descriptor (transfer full); of no use
 *   to a drawn one
 * @error: return location
 *
 * Opens it: it captures from now on, and nothing of that goes anywhere yet.
 *
 * Returns: (transfer full): or %NULL if it can't be
 */
FoyerEars *foyer_ears_new (const FoyerMessage *config, const FoyerPcm *device,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ears_join:
 * @self: a microphone that was opened
 * @tee: in a pipeline; its elements post what there is to be told there
 *
 * What it hears goes into @tee from now on.
 *
 * Returns: %FALSE if it can't
 */
gboolean foyer_ears_join (FoyerEars *self,
    GstElement *tee) G_GNUC_WARN_UNUSED_RESULT;

/* How long ago samples came the last time, or it was opened. */
gint foyer_ears_get_quiet_ms (const FoyerEars *self);

/* For how much of sound up to now nothing but zeros came. */
gint foyer_ears_get_zeros_ms (const FoyerEars *self);

/* (transfer full) (nullable): closes it, and takes it out of the pipeline */
void foyer_ears_free (FoyerEars *self);

G_END_DECLS
