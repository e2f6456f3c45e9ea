/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-gate.h"
#include "foyer-ids.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* The tag: which camera a frame is of, put on at capture. It follows the frame
 * through encoders and parsers; some muxers lose it, so that the gate stands
 * before them. A frame made of two cameras' frames counts as of none. */

/**
 * FoyerTag:
 * @camera: the camera that took it; none is never let through
 * @generation: in which opening
 * @sequence: its number there, from 1
 * @capture_us: when, monotonic
 */
typedef struct
{
  FoyerCameraId camera;
  guint64 generation;
  guint64 sequence;
  gint64 capture_us;
} FoyerTag;

/* As it stands on a buffer. */
typedef struct
{
  GstMeta meta;
  FoyerTag tag;
} FoyerTagMeta;

/* What GStreamer knows it by. */
GType foyer_tag_meta_api_get_type (void);
const GstMetaInfo *foyer_tag_meta_get_info (void);

/**
 * foyer_buffer_set_tag:
 * @buffer: writable
 * @tag: what to put on it
 *
 * A buffer that has a tag of another camera or opening becomes one of none, and
 * keeps the older of two times.
 *
 * Returns: %FALSE if it had one already
 */
gboolean foyer_buffer_set_tag (GstBuffer *buffer, const FoyerTag *tag);

/**
 * foyer_buffer_get_tag:
 * @buffer: a buffer
 *
 * Returns: (nullable): its tag, borrowed from it
 */
const FoyerTag *foyer_buffer_get_tag (GstBuffer *buffer);

/**
 * foyer_buffer_get_gate_frame:
 * @buffer: a buffer
 * @frame: (out): what the gate wants to know of it
 */
void foyer_buffer_get_gate_frame (GstBuffer *buffer, FoyerGateFrame *frame);

G_END_DECLS
