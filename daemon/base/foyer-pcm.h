/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ioctl.h"

G_BEGIN_DECLS

/* Capturing sound from a device of ALSA, by the kernel's own ioctls on a descriptor
 * that is open already: nothing is opened, loaded or read from files for it, so that
 * who does it can be locked in. A device may lie: what it says is bounded.
 *
 * Errors are those of #GFileError. */

/* Such a device. */
typedef FoyerIoctl FoyerPcm;

/**
 * FoyerPcmMode:
 * @width_bits: of a sample's value: 16, 24 or 32
 * @width_bytes: of what it is stored in; little-endian, signed
 * @n_channels: 1 or 2, one after the other
 * @rate_hz: from FOYER_PCM_MIN_HZ to FOYER_PCM_MAX_HZ
 */
typedef struct
{
  guint width_bits;
  guint width_bytes;
  guint n_channels;
  guint rate_hz;
} FoyerPcmMode;

#define FOYER_PCM_MIN_HZ 8000
#define FOYER_PCM_MAX_HZ 192000

/**
 * foyer_pcm_start:
 * @self: a device
 * @rate_hz: what is wished
 * @mode: (out): what it does
 * @error: return location: %G_FILE_ERROR_INVAL if it has no format, rate or number
 *   of channels that is read
 *
 * Sets it up, its ring for about a second, and begins to capture.
 *
 * Returns: %FALSE if it captures nothing
 */
gboolean foyer_pcm_start (const FoyerPcm *self, guint rate_hz,
    FoyerPcmMode *mode, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_pcm_read:
 * @self: a device that was started
 * @samples: (out): room for @n_frames
 * @n_frames: most
 * @n_behind: (out): how many were captured after those
 * @is_torn: (out): some were lost before those; it captures again
 * @error: return location
 *
 * Returns: how many came; 0 if there are none yet, -1 with @error if there will be
 *   none any more
 */
glong foyer_pcm_read (const FoyerPcm *self, void *samples, guint n_frames,
    guint *n_behind, gboolean *is_torn, GError **error);

/* What was captured and not read is thrown away, and no more is captured. */
void foyer_pcm_stop (const FoyerPcm *self);

G_END_DECLS
