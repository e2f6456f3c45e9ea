/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is being done, on standard error: on a terminal one line that grows, else
 * a line for each step. Main thread. */

typedef struct _FoyerCtlProgress FoyerCtlProgress;

/**
 * foyer_ctl_progress_new:
 * @is_silent: tell nothing
 *
 * Returns: (transfer full): progress that has told nothing
 */
FoyerCtlProgress *foyer_ctl_progress_new (gboolean is_silent);

/**
 * foyer_ctl_progress_step:
 * @self: progress
 * @words: what is done now, from outside; the same as before is not told again
 *
 * Tells it.
 */
void foyer_ctl_progress_step (FoyerCtlProgress *self, const char *words);

/**
 * foyer_ctl_progress_end:
 * @self: progress
 * @words: (nullable): what came of it
 *
 * Tells it and ends the line.
 */
void foyer_ctl_progress_end (FoyerCtlProgress *self, const char *words);

/* (transfer full) (nullable): ends the line first. */
void foyer_ctl_progress_free (FoyerCtlProgress *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCtlProgress, foyer_ctl_progress_free)

G_END_DECLS
