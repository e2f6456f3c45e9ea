/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Frame rates as OFFER and ANSWER write them: "30" or "30000/1001". Pure.
 * openscreen util/simple_fraction.cc */

/**
 * foyer_cast_fraction_parse:
 * @text: (nullable): digits, or digits/digits
 * @n: (out): numerator, 0…1000000
 * @d: (out): denominator, 1…1000000
 *
 * Returns: %FALSE, both untouched, if @text is anything else
 */
gboolean foyer_cast_fraction_parse (const char *text, guint *n, guint *d);

/**
 * foyer_cast_fraction_print:
 * @n: numerator
 * @d: denominator
 *
 * Returns: (transfer full): @n alone if @d is 1
 */
char *foyer_cast_fraction_print (guint n, guint d);

G_END_DECLS
