/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * foyer_cast_escape:
 * @text: (nullable): words of a peer, any bytes
 *
 * Makes them fit for a log or an error message: what can't be printed, quotes
 * and backslashes become escapes, and what is over 160 letters becomes "…".
 *
 * Returns: (transfer full): valid UTF-8 on one line, "" for %NULL
 */
char *foyer_cast_escape (const char *text);

G_END_DECLS
