/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which of several things a word means. Pure. */

/**
 * FoyerCtlThing:
 * @number: its number
 * @name: what it is called
 * @identity: what it is
 *
 * A camera or a display, borrowed from whoever keeps it.
 */
typedef struct
{
  guint64 number;
  const char *name;
  const char *identity;
} FoyerCtlThing;

/**
 * foyer_ctl_match:
 * @things: (array length=n_things): what there is
 * @n_things: how many
 * @word: what was typed: number, identity or name, or else the beginning of a
 *   name in whatever case
 * @kind: "camera" or "display", for the error
 * @at: (out): which one
 * @error: return location
 *
 * Nothing is guessed: a word that fits two is refused.
 *
 * Returns: %TRUE if it is exactly one; otherwise FOYER_CTL_ERROR_NOT_FOUND, or
 *   FOYER_CTL_ERROR_USAGE with those that it could be
 */
gboolean foyer_ctl_match (const FoyerCtlThing *things, guint n_things,
    const char *word, const char *kind, guint *at,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_ctl_thing_dup_word:
 * @thing: a camera or a display
 *
 * Returns: (transfer full): what to type for it: its name, if that can be typed,
 *   else its number
 */
char *foyer_ctl_thing_dup_word (const FoyerCtlThing *thing);

G_END_DECLS
