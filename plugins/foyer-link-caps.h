/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

#include <gst/video/video.h>

G_BEGIN_DECLS

/* Between the shapes of links and the caps of pipelines. */

/* What links carry: whole H.264 access units with start codes, VP8, I420; those of
 * sound Opus or raw AAC. */
#define FOYER_LINK_CAPS                                                     \
  "video/x-h264, stream-format=(string)byte-stream, alignment=(string)au; " \
  "video/x-vp8; video/x-raw, format=(string)I420; audio/x-opus; "           \
  "audio/mpeg, mpegversion=(int)4, stream-format=(string)raw"

/**
 * foyer_link_shape_from_caps:
 * @shape: (out caller-allocates): what @caps say; a missing frame rate varies
 * @caps: fixed, of FOYER_LINK_CAPS
 *
 * Returns: %FALSE if a link can't carry that, or it has no width and height, or no
 *   channels
 */
gboolean foyer_link_shape_from_caps (FoyerShape *shape, const GstCaps *caps);

/**
 * foyer_link_shape_to_caps:
 * @shape: a valid shape, of no still
 *
 * Returns: (transfer full): its caps
 */
GstCaps *foyer_link_shape_to_caps (const FoyerShape *shape);

/**
 * foyer_link_raw_info:
 * @info: (out caller-allocates): how raw frames lie in a link: I420, plane after
 *   plane and row after row, without padding
 * @shape: a raw shape
 */
void foyer_link_raw_info (GstVideoInfo *info, const FoyerShape *shape);

/**
 * foyer_link_copy_raw:
 * @out_info: how @out is to lie in memory
 * @out: writable, of the size that @out_info says
 * @in_info: how @in lies in memory, unless it says so itself
 * @in: a raw frame of the same width, height and format
 *
 * Returns: %FALSE if one of them is not what its info says
 */
gboolean foyer_link_copy_raw (const GstVideoInfo *out_info, GstBuffer *out,
    const GstVideoInfo *in_info, GstBuffer *in) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
