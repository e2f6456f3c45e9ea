/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* NTP timestamps: seconds since 1900 in the high 32 bits, 2^-32 s in the low
 * (RFC 5905 §6). Pure. */

/**
 * foyer_cast_ntp_from_unix_us:
 * @unix_us: microseconds since 1970
 *
 * Returns: the NTP timestamp, fraction truncated
 */
guint64 foyer_cast_ntp_from_unix_us (gint64 unix_us);

/**
 * foyer_cast_ntp_to_unix_us:
 * @ntp: an NTP timestamp
 *
 * Returns: microseconds since 1970, rounded to the nearest
 */
gint64 foyer_cast_ntp_to_unix_us (guint64 ntp);

/* The middle 32 bits: what a report block's LSR holds (RFC 3550 §6.4.1). */
guint32 foyer_cast_ntp_get_report_id (guint64 ntp);

G_END_DECLS
