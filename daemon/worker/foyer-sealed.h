/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that cross from one worker to another in memory that nobody can change
 * any more. */

/**
 * foyer_sealed_read:
 * @fd: (transfer full): sealed memory
 * @max_bytes: the most it may hold
 *
 * Returns: (transfer full) (nullable): a copy; %NULL unless it is sealed against
 *   any change, and neither empty nor too large
 */
GBytes *foyer_sealed_read (int fd, gsize max_bytes);

/**
 * foyer_sealed_new:
 * @bytes: what it will hold
 *
 * Returns: (transfer full): sealed memory, close-on-exec; -1 with errno
 */
int foyer_sealed_new (GBytes *bytes);

G_END_DECLS
