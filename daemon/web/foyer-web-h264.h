/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* H.264 as a camera codes it, a byte stream with start codes, and as an MP4 file
 * wants it, units behind their lengths and parameter sets in the header. Pure. */

/**
 * FoyerWebParameters:
 * @sps: (nullable): the sequence parameter set, borrowed
 * @n_sps_bytes: its length
 * @pps: (nullable): the picture parameter set, borrowed
 * @n_pps_bytes: its length
 */
typedef struct
{
  const guint8 *sps;
  gsize n_sps_bytes;
  const guint8 *pps;
  gsize n_pps_bytes;
} FoyerWebParameters;

/**
 * foyer_web_h264_find_parameters:
 * @data: (array length=n_bytes): one access unit, byte stream
 * @n_bytes: its length
 * @self: (out caller-allocates): the first of each kind
 *
 * Returns: %FALSE if there are not both
 */
gboolean foyer_web_h264_find_parameters (const guint8 *data, gsize n_bytes,
    FoyerWebParameters *self) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full): an AVCDecoderConfigurationRecord, ISO/IEC 14496-15 §5.3.3 */
GBytes *foyer_web_h264_make_config (const FoyerWebParameters *self);

/**
 * foyer_web_h264_convert:
 * @data: (array length=n_bytes): one access unit, byte stream
 * @n_bytes: its length
 * @out: (nullable): room for what this returns, or %NULL to measure
 *
 * Leaves out parameter sets and delimiters.
 *
 * Returns: the length as an MP4 sample; 0 if there is no picture in it
 */
gsize foyer_web_h264_convert (const guint8 *data, gsize n_bytes, guint8 *out);

G_END_DECLS
