/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The kernel's random numbers; the only source of secrets, nonces and ids. */

/**
 * foyer_random_fill:
 * @out: (array length=n_bytes): where the bytes go
 * @n_bytes: how many
 *
 * Blocks only while the kernel's generator is not yet seeded, early in a boot.
 */
void foyer_random_fill (guint8 *out, gsize n_bytes);

/**
 * foyer_random_range:
 * @low: the smallest result
 * @high: the largest result, at least @low
 *
 * Returns: a number of @low…@high, each as likely
 */
guint32 foyer_random_range (guint32 low, guint32 high);

G_END_DECLS
