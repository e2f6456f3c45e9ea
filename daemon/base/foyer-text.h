/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text from outside, before it is written where a person reads it. Pure. */

/**
 * foyer_text_is_harmless:
 * @letter: a letter of Unicode
 *
 * Returns: %TRUE if it is seen where it stands, and nothing else is changed by it:
 *   no control character, mark of writing direction, end of a line or paragraph,
 *   nor one whose look nobody knows
 */
gboolean foyer_text_is_harmless (gunichar letter);

/**
 * foyer_text_escape:
 * @text: (nullable): any bytes
 *
 * Makes them fit for a line of a log or a message: valid UTF-8; what can't be
 * printed, quotes, backslashes and marks of writing direction become escapes;
 * what is over 160 letters becomes "…".
 *
 * Returns: (transfer full): one line, "" for %NULL
 */
char *foyer_text_escape (const char *text);

/**
 * foyer_text_escape_sentence:
 * @text: (nullable): what a worker or a library says, in which names are escaped
 *
 * As foyer_text_escape(), but for quotes and backslashes.
 *
 * Returns: (transfer full): one line, "" for %NULL
 */
char *foyer_text_escape_sentence (const char *text);

/**
 * foyer_text_is_name:
 * @text: (nullable): what a person wants to call something
 *
 * Returns: %TRUE if it is valid UTF-8 of 1 to 64 letters, all of which can be
 *   printed, with neither control characters nor marks of writing direction,
 *   and does not begin or end with a space
 */
gboolean foyer_text_is_name (const char *text);

G_END_DECLS
