/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-pcm.h"
#include "foyer-wait-src.h"

G_BEGIN_DECLS

/* What a microphone hears, from a descriptor of ALSA that is open already; a part
 * of foyer-camera-microphone.h. A live source: the timestamp of samples is when
 * they were captured, as far as the device's ring tells, freed of its jitter. Where
 * some were lost, and where the device's clock ran away from the machine's, the next
 * have DISCONT. One whose rate is not what it says ends with an error. */

#define FOYER_TYPE_MICROPHONE_SOURCE (foyer_microphone_source_get_type ())
G_DECLARE_FINAL_TYPE (FoyerMicrophoneSource, foyer_microphone_source, FOYER,
    MICROPHONE_SOURCE, FoyerWaitSrc)

/**
 * foyer_microphone_source_new:
 * @pcm: the device, started, its descriptor (transfer full): it is stopped and
 *   closed with the element, in READY at the latest
 * @mode: how it was started
 *
 * Returns: (transfer floating): an element
 */
GstElement *foyer_microphone_source_new (const FoyerPcm *pcm,
    const FoyerPcmMode *mode);

G_END_DECLS
