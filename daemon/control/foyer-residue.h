/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What would be left on displays if foyerd died now: a small file per session, in
 * the folder of this boot, that names display and app. Neither keys nor
 * pictures. The next foyerd cleans up by them. Main thread. */

/**
 * FoyerResidue:
 * @session: number of the session
 * @display: identity of its display
 * @app: session id of the app there
 */
typedef struct
{
  guint64 session;
  char *display;
  char *app;
} FoyerResidue;

/**
 * foyer_residue_keep:
 * @folder: where
 * @residue: what to remember
 *
 * A failure is logged: it costs a clean display after a crash, no more.
 */
void foyer_residue_keep (const char *folder, const FoyerResidue *residue);

/* Its display is clean. */
void foyer_residue_drop (const char *folder, guint64 session);

/**
 * foyer_residue_load:
 * @folder: where
 *
 * Returns: (transfer full) (element-type FoyerResidue): what an earlier foyerd left;
 *   files that are malformed are taken away
 */
GPtrArray *foyer_residue_load (const char *folder);

G_END_DECLS
