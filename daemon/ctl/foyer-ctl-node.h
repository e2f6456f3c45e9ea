/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ctl.h"

G_BEGIN_DECLS

/* Nodes, as the verbs about them need them. */

#define FOYER_CTL_NODE_PREFIX "node:" /* of what rules call them */

/**
 * foyer_ctl_find_node:
 * @self: a run that has entered
 * @word: what the user calls it, with or without "node:"
 * @error: return location
 *
 * Returns: (transfer full) (nullable): the one node that is meant
 */
FoyerDBusNode *foyer_ctl_find_node (FoyerCtl *self, const char *word,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
