/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-encoder.h"
#include "foyer-channel.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* What workers with pictures share: GStreamer, loaded as a whole before they lock
 * themselves in, since no library can be loaded afterwards. */

/**
 * foyer_media_load:
 * @names: (array zero-terminated=1): elements that will be made later on
 * @error: return location
 *
 * Starts GStreamer, brings our own elements along, and loads the plugins of the
 * rest. Runs no thread.
 *
 * Returns: %FALSE with a #GstCoreError if an element is missing
 */
gboolean foyer_media_load (const char *const *names,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Loads an encoder for each codec: those for which there is one. */
FoyerCodecs foyer_media_load_encoders (void);

/* Likewise one element, which needs GStreamer started: %FALSE if it is missing. */
gboolean foyer_media_load_element (const char *name,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The cast's word for a coded codec. */
FoyerCastCodec foyer_media_get_cast_codec (FoyerCodec codec);

/* What a shape is to an encoder. */
FoyerCastPicture foyer_media_get_picture (const FoyerShape *shape);

/* (transfer full): I420 in the shape's size and rate, square pixels */
GstCaps *foyer_media_dup_raw_caps (const FoyerShape *shape);

/**
 * foyer_media_add:
 * @bin: where to
 * @name: an element's
 * @error: a problem that came before, or none: then nothing is done
 *
 * Returns: (transfer none) (nullable): the element, or %NULL with @error set
 */
GstElement *foyer_media_add (GstBin *bin, const char *name, GError **error);

/* The same for one that filters caps: (transfer full) */
GstElement *foyer_media_add_filter (GstBin *bin, GstCaps *caps, GError **error);

/**
 * foyer_media_add_encoder:
 * @bin: where to
 * @shape: coded
 * @kind: (out) (transfer none): which one it is
 * @error: as foyer_media_add()
 *
 * Returns: (transfer none) (nullable): the encoder, in READY
 */
GstElement *foyer_media_add_encoder (GstBin *bin, const FoyerShape *shape,
    const FoyerCastEncoderKind **kind, GError **error);

/**
 * foyer_media_refuse_unreadable:
 * @converter: takes raw pictures
 *
 * A converter of GStreamer's that can't read a frame, since it is shorter than its
 * format says, hands on whatever stood in the memory that it was to write. It gets
 * no such frame from now on.
 */
void foyer_media_refuse_unreadable (GstElement *converter);

G_END_DECLS
