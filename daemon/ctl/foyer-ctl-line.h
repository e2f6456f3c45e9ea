/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-ctl-table.h"

G_BEGIN_DECLS

/* A command line, taken apart by the table of verbs. Pure. */

typedef struct _FoyerCtlLine FoyerCtlLine;

/**
 * foyer_ctl_line_new:
 * @argv: (array zero-terminated=1): as main() has it, name of the program first
 * @error: return location
 *
 * Options may stand before and behind the verb; after "--" all are words. With
 * --help or --version nothing else is asked for.
 *
 * Returns: (transfer full) (nullable): the line; %NULL with
 *   FOYER_CTL_ERROR_USAGE
 */
FoyerCtlLine *foyer_ctl_line_new (char **argv,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (nullable): the verb; %NULL if only --help or --version was given. */
const FoyerCtlVerb *foyer_ctl_line_get_verb (FoyerCtlLine *self);

/**
 * foyer_ctl_line_has:
 * @self: a line
 * @name: of an option of its verb, or one of all
 *
 * Returns: %TRUE if it was given
 */
gboolean foyer_ctl_line_has (FoyerCtlLine *self, const char *name);

/**
 * foyer_ctl_line_get:
 * @self: a line
 * @name: of an option with an argument
 *
 * Returns: (nullable): what was given last, UTF-8
 */
const char *foyer_ctl_line_get (FoyerCtlLine *self, const char *name);

/**
 * foyer_ctl_line_get_all:
 * @self: a line
 * @name: of an option with an argument
 *
 * Returns: (nullable) (array zero-terminated=1): all that were given
 */
const char *const *foyer_ctl_line_get_all (FoyerCtlLine *self,
    const char *name);

/* (nullable): the word of that number, from 0, UTF-8. */
const char *foyer_ctl_line_get_word (FoyerCtlLine *self, guint number);

/* Number of words behind the verb. */
guint foyer_ctl_line_get_n_words (FoyerCtlLine *self);

/* (transfer full) (nullable) */
void foyer_ctl_line_free (FoyerCtlLine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCtlLine, foyer_ctl_line_free)

/**
 * foyer_ctl_dup_usage:
 * @verb: (nullable): of this verb alone
 *
 * Returns: (transfer full): what can be typed, lines with their ends
 */
char *foyer_ctl_dup_usage (const FoyerCtlVerb *verb);

G_END_DECLS
