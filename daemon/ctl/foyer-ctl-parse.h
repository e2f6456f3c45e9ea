/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What people type for durations, times and numbers, and what they read of
 * them. Pure. Errors are FOYER_CTL_ERROR_USAGE. */

/**
 * foyer_ctl_parse_duration:
 * @text: such as "90", "30s", "10m", "2h", "1d" or "1h30m"
 * @seconds: (out): how long, 1 to 2^31 - 1
 * @error: return location
 *
 * Returns: %TRUE if it is a duration
 */
gboolean foyer_ctl_parse_duration (const char *text, guint *seconds,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_parse_time:
 * @text: "2026-12-31", "2026-12-31T18:00", with seconds, with a zone; local time
 *   without one, 00:00 without a time of day
 * @seconds: (out): since 1970
 * @error: return location
 *
 * Returns: %TRUE if it is a time
 */
gboolean foyer_ctl_parse_time (const char *text, gint64 *seconds,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_parse_time_or_duration:
 * @text: a time, or a duration
 * @now_s: now, seconds since 1970
 * @direction: 1 if a duration leads ahead, -1 if back
 * @seconds: (out): since 1970, at least 0
 * @error: return location
 *
 * Returns: %TRUE if it is one of them
 */
gboolean foyer_ctl_parse_time_or_duration (const char *text, gint64 now_s,
    int direction, gint64 *seconds, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_parse_number:
 * @text: decimal digits alone
 * @number: (out): its value
 *
 * Returns: %TRUE if it is a number of 64 bits
 */
gboolean foyer_ctl_parse_number (const char *text, guint64 *number);

/**
 * foyer_ctl_parse_count:
 * @text: a number of 32 bits above 0
 * @option: the option that it stands behind, for the error
 * @count: (out): its value
 * @error: return location
 *
 * Returns: %TRUE if it is one
 */
gboolean foyer_ctl_parse_count (const char *text, const char *option,
    guint32 *count, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_parse_size:
 * @text: of a picture, "1280x720"
 * @width_px: (out): columns, up to 65535
 * @height_px: (out): lines, likewise
 * @error: return location
 *
 * Returns: %TRUE if it is a size
 */
gboolean foyer_ctl_parse_size (const char *text, guint *width_px,
    guint *height_px, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_parse_address:
 * @text: HOST, HOST:PORT, an IPv6 address, or [ADDRESS]:PORT
 * @host: (out) (transfer full): the host
 * @port: (inout): left as it is if none was said
 * @error: return location
 *
 * Returns: %TRUE if it is an address
 */
gboolean foyer_ctl_parse_address (const char *text, char **host, guint16 *port,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_dup_duration:
 * @seconds: how long
 *
 * Returns: (transfer full): such as "2h 05m", two parts at most
 */
char *foyer_ctl_dup_duration (guint64 seconds);

/**
 * foyer_ctl_dup_time:
 * @time_us: microseconds since 1970; 0 for none
 *
 * Returns: (transfer full) (nullable): in local time, "2026-12-31 18:00:05";
 *   %NULL for none
 */
char *foyer_ctl_dup_time (guint64 time_us);

G_END_DECLS
