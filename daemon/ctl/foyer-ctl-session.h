/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ctl.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Sessions, as several verbs tell of them and end them. */

/**
 * foyer_ctl_session_get_colour:
 * @state: of a session, as on D-Bus
 *
 * Returns: what colour it has
 */
FoyerColour foyer_ctl_session_get_colour (const char *state);

/**
 * foyer_ctl_session_dup_where:
 * @ctl: a run that has entered
 * @session: a session
 *
 * Returns: (transfer full): the name of the display or node that shows it, or
 *   "app:NAME"
 */
char *foyer_ctl_session_dup_where (FoyerCtl *ctl, FoyerDBusSession *session);

/**
 * foyer_ctl_session_dup_sound_problem:
 * @session: a session
 *
 * Returns: (transfer full) (nullable): a sentence: that sound is not heard though it
 *   was granted, and why
 */
char *foyer_ctl_session_dup_sound_problem (FoyerDBusSession *session);

/**
 * foyer_ctl_session_add_json:
 * @ctl: a run that has entered
 * @json: an object that is open
 * @session: what to tell of
 *
 * Adds all its properties.
 */
void foyer_ctl_session_add_json (FoyerCtl *ctl, JsonBuilder *json,
    FoyerDBusSession *session);

/**
 * foyer_ctl_session_add_cells:
 * @ctl: a run that has entered
 * @table: of FOYER_CTL_SESSION_HEAD
 * @session: what to tell of
 *
 * Adds so many cells.
 */
void foyer_ctl_session_add_cells (FoyerCtl *ctl, FoyerTable *table,
    FoyerDBusSession *session);

/* Before a number that could be something else's. */
#define FOYER_CTL_SESSION_PREFIX "session:"

#define FOYER_CTL_SESSION_HEAD "ID", "CAMERA", "DISPLAY", "STATE", "FOR", "LEFT"

/**
 * foyer_ctl_session_stop_all:
 * @ctl: a run that has entered
 * @sessions: (element-type FoyerDBusSession): what to end
 * @error: return location, for the first that could not be ended
 *
 * Ends them all at once, and says so of each. One that is gone has ended.
 *
 * Returns: %TRUE if all have ended
 */
gboolean foyer_ctl_session_stop_all (FoyerCtl *ctl, GPtrArray *sessions,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
