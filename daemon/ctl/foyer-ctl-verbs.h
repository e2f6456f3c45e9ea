/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ctl.h"

G_BEGIN_DECLS

/* One function for each verb, in a file of its name. What a verb does, and the
 * words and options it takes, stands in verbs.json. */

/* A verb: takes its words and options from the line of @ctl, prints what there
 * is to tell to standard output, and returns %FALSE with FOYER_CTL_ERROR if that
 * can't be. */
gboolean foyer_ctl_run_add_display (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_cameras (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_cast (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_control (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_displays (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_doctor (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_explain (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_expose (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_forget (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_grant (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_history (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_lockdown (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_monitor (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_name (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_nodes (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_pair (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_revoke (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_rules (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_sessions (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_snapshot (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_status (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_stop (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_unexpose (FoyerCtl *ctl, GError **error);
gboolean foyer_ctl_run_volume (FoyerCtl *ctl, GError **error);

G_END_DECLS
