/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-error.h"
#include "foyer-cast-sender.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* What a cast tells the outside, in words and structures. Pure. */

/**
 * FoyerCastReport:
 * @step: where the cast is
 * @display_name: (nullable): what the owner calls the display
 * @host: (nullable): where it is
 * @port: TCP port
 * @fingerprint: (nullable): of its key, once it authenticated
 * @codec: how video is coded, once settled
 * @width_px: of the coded picture, 0 while unknown
 * @height_px: likewise
 * @encoder: (nullable): factory of the encoder; %NULL for coded input
 * @bps: what the encoder should make, bit/s
 * @n_not_ready: frames left out before the display was ready
 * @n_too_many: frames left out for the display's frame rate
 * @n_behind: frames left out because they piled up before the encoder
 * @sender: the engine's figures
 *
 * A cast as seen from outside; strings are borrowed.
 */
typedef struct
{
  FoyerCastStep step;
  const char *display_name;
  const char *host;
  guint16 port;
  const char *fingerprint;
  FoyerCastCodec codec;
  guint width_px;
  guint height_px;
  const char *encoder;
  guint32 bps;
  guint64 n_not_ready;
  guint64 n_too_many;
  guint64 n_behind;
  FoyerCastSenderStats sender;
} FoyerCastReport;

/**
 * foyer_cast_report_dup_state:
 * @self: a report
 *
 * Returns: (transfer full): "foyer-cast-state" with state, host, port and, as
 *   far as known, display-name, fingerprint, codec, width, height
 */
GstStructure *foyer_cast_report_dup_state (const FoyerCastReport *self);

/**
 * foyer_cast_report_dup_stats:
 * @self: a report
 *
 * Returns: (transfer full): "foyer-cast-stats"; foyercastsink documents the
 *   fields
 */
GstStructure *foyer_cast_report_dup_stats (const FoyerCastReport *self);

/**
 * foyer_cast_report_dup_failure:
 * @self: a report
 * @error: what was tried, at which step, and why it failed
 *
 * Returns: (transfer full): a sentence for the person at the other side of the
 *   bus: what was tried, why it failed, what to do
 */
char *foyer_cast_report_dup_failure (const FoyerCastReport *self,
    const GError *error);

/**
 * foyer_cast_report_get_code:
 * @error: why a cast failed
 *
 * Returns: the nearest #GstResourceError
 */
GstResourceError foyer_cast_report_get_code (const GError *error);

G_END_DECLS
