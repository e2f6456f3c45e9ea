/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ctl-line.h"

G_BEGIN_DECLS

/* A rule as the options of grant tell of it, and as D-Bus has it. Pure: what it
 * means, and whether it can be, the service says. */

/**
 * foyer_ctl_rule_dup_target:
 * @identity: of a display, or "node:NAME"
 *
 * Returns: (transfer full): as rules have it
 */
char *foyer_ctl_rule_dup_target (const char *identity);

/**
 * foyer_ctl_rule_new:
 * @line: a line of the verb grant
 * @camera: identity of a camera, or "any"
 * @display: identity of a display, "node:NAME", or "any"
 * @now_s: now, seconds since 1970
 * @error: return location
 *
 * Returns: (transfer full) (nullable): a dictionary for Policy.AddRule; %NULL
 *   with FOYER_CTL_ERROR_USAGE
 */
GVariant *foyer_ctl_rule_new (FoyerCtlLine *line, const char *camera,
    const char *display, gint64 now_s,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_rule_get_text:
 * @rule: of type a{sv}
 * @key: one that holds a string
 *
 * Returns: it; "" if there is none
 */
const char *foyer_ctl_rule_get_text (GVariant *rule, const char *key);

/* As foyer_ctl_rule_get_text, of a number of either width; 0 if there is none. */
guint64 foyer_ctl_rule_get_number (GVariant *rule, const char *key);

/* As foyer_ctl_rule_get_text, of a truth; %FALSE if there is none. */
gboolean foyer_ctl_rule_get_truth (GVariant *rule, const char *key);

/**
 * foyer_ctl_rule_dup_list:
 * @rule: of type a{sv}
 * @key: one that holds strings
 * @separator: to stand between them
 *
 * Returns: (transfer full): them all; "" if there are none
 */
char *foyer_ctl_rule_dup_list (GVariant *rule, const char *key,
    const char *separator);

G_END_DECLS
