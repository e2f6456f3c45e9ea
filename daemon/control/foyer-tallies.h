/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-tally.h"

G_BEGIN_DECLS

/* The tallies of sessions, files in the folder of this boot. One is there from
 * before the session's worker has its grant until the session's end is in the log:
 * whoever dies in between, the figures of that end are known. Main thread. */

/* As foyer_tally_make(). */
int foyer_tallies_begin (const char *folder, guint64 session, GError **error);

/**
 * foyer_tallies_recall:
 * @folder: where
 * @session: its number
 * @account: (inout): as of foyer_tally_read()
 *
 * Returns: %FALSE if it is not known what left
 */
gboolean foyer_tallies_recall (const char *folder, guint64 session,
    FoyerAccount *account);

/* The session's end is in the log. */
void foyer_tallies_drop (const char *folder, guint64 session);

/* All ends are. */
void foyer_tallies_clear (const char *folder);

G_END_DECLS
