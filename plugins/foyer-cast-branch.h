/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-encoder.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* The elements between a pad of foyercastsink and the end of its stream, for
 * one kind of input. Built and taken down by the pad's streaming thread, or
 * when there is none. */

#define FOYER_CAST_BRANCH_MAX_ELEMENTS 6

/**
 * FoyerCastBranch:
 * @bin: (nullable): where its elements are; %NULL for no branch. Borrowed
 * @elements: in order of flow; the bin's
 * @n_elements: how many
 * @encoder: (nullable): the video encoder among them
 * @kind: (nullable): its kind
 * @picture: what it encodes
 * @bps: what it was last told to make, bit/s
 */
typedef struct
{
  GstBin *bin;
  GstElement *elements[FOYER_CAST_BRANCH_MAX_ELEMENTS];
  guint n_elements;
  GstElement *encoder;
  const FoyerCastEncoderKind *kind;
  FoyerCastPicture picture;
  guint32 bps;
} FoyerCastBranch;

/**
 * FoyerCastBranchEnds:
 * @bin: holds the branch
 * @pad: ghost pad that shall lead into it
 * @stream: element at its end
 */
typedef struct
{
  GstBin *bin;
  GstPad *pad;
  GstElement *stream;
} FoyerCastBranchEnds;

/**
 * foyer_cast_branch_build_video:
 * @self: (out caller-allocates): no branch
 * @ends: what to join
 * @codec: a video codec
 * @picture: what to encode
 * @bps: bit rate to begin with
 * @error: return location
 *
 * Raw video: converted, scaled with borders, encoded.
 *
 * Returns: %FALSE with a #GstCoreError if an element is missing
 */
gboolean foyer_cast_branch_build_video (FoyerCastBranch *self,
    const FoyerCastBranchEnds *ends, FoyerCastCodec codec,
    const FoyerCastPicture *picture, guint32 bps,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_branch_build_coded:
 * @self: (out caller-allocates): no branch
 * @ends: what to join
 * @codec: how the input is coded
 * @error: return location
 *
 * Coded input, passed as it is: H.264 cut into access units with parameter sets
 * before each key frame, VP8 and Opus untouched.
 *
 * Returns: %FALSE with a #GstCoreError if an element is missing
 */
gboolean foyer_cast_branch_build_coded (FoyerCastBranch *self,
    const FoyerCastBranchEnds *ends, FoyerCastCodec codec,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for raw audio, to Opus of @bps. */
gboolean foyer_cast_branch_build_audio (FoyerCastBranch *self,
    const FoyerCastBranchEnds *ends, guint32 bps,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_branch_open:
 * @pad: leads into a branch that was just built for raw video
 *
 * Has the encoder set itself up now for what @pad was last told comes, and not
 * when the first picture is there. Streaming thread.
 */
void foyer_cast_branch_open (GstPad *pad);

/* Tells the encoder, if there is one and it is news to it. */
void foyer_cast_branch_set_bps (FoyerCastBranch *self, guint32 bps);

/* Takes the branch out of its bin and @pad's target away. */
void foyer_cast_branch_clear (FoyerCastBranch *self, GstPad *pad);

G_END_DECLS
