/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Key files, read so that every error can name its line:
 *
 *     # a comment
 *     [section]
 *     key=value
 *
 * Stricter than GKeyFile: no escapes, no locales, spaces around names and values
 * do not count, a key stands once in its section, a section once in its file. */

#define FOYER_SECTIONS_MAX_BYTES      (1024 * 1024)
#define FOYER_SECTIONS_MAX_LINE_BYTES 4096

/* One line of it. */
typedef struct
{
  char *key;
  char *value;
  guint line; /* from 1 */
} FoyerEntry;

/* A section, or, with the name "", what stands before the first. */
typedef struct
{
  char *name;
  guint line;
  GPtrArray *entries; /* of FoyerEntry */
} FoyerSection;

/**
 * foyer_sections_parse:
 * @text: any bytes
 * @n_bytes: how many
 * @error: return location
 *
 * Returns: (transfer full) (element-type FoyerSection): all of them in order, the
 *   first always the one without a name; or %NULL with an error of #FOYER_ERROR
 *   that says "line N: what is wrong"
 */
GPtrArray *foyer_sections_parse (const char *text, gsize n_bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (nullable): the entry of that key. */
const FoyerEntry *foyer_section_find (const FoyerSection *self,
    const char *key);

G_END_DECLS
