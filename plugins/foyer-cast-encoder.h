/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-fit.h"
#include "foyer-cast-types.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* The video encoders that GStreamer knows, set up for a live cast: no frame is
 * held back, no B-frames, a constant bit rate that can change in flight, key
 * frames small enough for the wire. One table; what an encoder calls a thing
 * stays in there. */

typedef struct _FoyerCastEncoderKind FoyerCastEncoderKind;

/**
 * foyer_cast_encoder_is_known:
 * @codec: a video codec
 *
 * Returns: %TRUE if some encoder for it is installed; that it works is not said
 */
gboolean foyer_cast_encoder_is_known (FoyerCastCodec codec);

/**
 * foyer_cast_encoder_new:
 * @codec: a video codec
 * @picture: what it will encode
 * @bps: bit rate to begin with, in bit/s
 * @may_open_devices: %FALSE for a process that is locked in
 * @kind: (out) (transfer none): which one it is
 *
 * Tries the encoders of the machine's hardware first, if it may; one that can't be
 * opened is passed over.
 *
 * Returns: (transfer floating) (nullable): the encoder, in READY
 */
GstElement *foyer_cast_encoder_new (FoyerCastCodec codec,
    const FoyerCastPicture *picture, guint32 bps, gboolean may_open_devices,
    const FoyerCastEncoderKind **kind);

/**
 * foyer_cast_encoder_get_name:
 * @kind: an encoder's kind
 *
 * Returns: the name of its factory
 */
const char *foyer_cast_encoder_get_name (const FoyerCastEncoderKind *kind);

/**
 * foyer_cast_encoder_needs_parser:
 * @kind: an encoder's kind
 *
 * Returns: %TRUE if its parameter sets may be missing from later key frames
 */
gboolean foyer_cast_encoder_needs_parser (const FoyerCastEncoderKind *kind);

/**
 * foyer_cast_encoder_dup_caps:
 * @codec: a video codec
 *
 * Returns: (transfer full): what an encoder must make: whole frames, for H.264
 *   as a byte stream of a profile that every display plays
 */
GstCaps *foyer_cast_encoder_dup_caps (FoyerCastCodec codec);

/**
 * foyer_cast_encoder_set_bps:
 * @encoder: an encoder in any state
 * @kind: its kind
 * @picture: what it encodes
 * @bps: new bit rate, in bit/s
 */
void foyer_cast_encoder_set_bps (GstElement *encoder,
    const FoyerCastEncoderKind *kind, const FoyerCastPicture *picture,
    guint32 bps);

/**
 * foyer_cast_encoder_force_key:
 * @pad: (transfer none): a pad; a source pad is sent to, a sink pad's peer
 *   likewise
 *
 * Asks for a key frame with all its headers, as #GstForceKeyUnit.
 *
 * Returns: %TRUE if somebody upstream took the request
 */
gboolean foyer_cast_encoder_force_key (GstPad *pad);

G_END_DECLS
