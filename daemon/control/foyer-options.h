/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Options of a method, a{sv}, as a table says what there may be. Pure. */

/**
 * FoyerOption:
 * @name: as the caller writes it
 * @number: (nullable): where a number goes; else it is one of the two below
 * @least: smallest number
 * @most: largest
 * @truth: (nullable): where a truth goes
 * @text: (nullable): where a text goes, borrowed from the options
 */
typedef struct
{
  const char *name;
  guint32 *number;
  guint32 least;
  guint32 most;
  gboolean *truth;
  const char **text;
} FoyerOption;

/**
 * foyer_options_take:
 * @table: (array length=n_options): what there may be
 * @n_options: how many
 * @given: options, a{sv}
 * @error: return location: FOYER_ERROR_INVALID, with the option's name
 *
 * Fills in what is given and leaves the rest as it is.
 *
 * Returns: %FALSE if one is unknown, of another type, or out of its range
 */
gboolean foyer_options_take (const FoyerOption *table, gsize n_options,
    GVariant *given, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
