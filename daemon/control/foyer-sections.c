/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-sections.h"

#include "foyer-error.h"

#include <string.h>

#define MAX_SECTIONS 8192
#define MAX_ENTRIES  1024 /* of one section */

static void
entry_free (gpointer data)
{
  FoyerEntry *self = data;

  g_free (self->key);
  g_free (self->value);
  g_free (self);
}

static void
section_free (gpointer data)
{
  FoyerSection *self = data;

  g_free (self->name);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static FoyerSection *
section_new (const char *name, guint line)
{
  FoyerSection *self = g_new0 (FoyerSection, 1);

  self->name = g_strdup (name);
  self->line = line;
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

const FoyerEntry *
foyer_section_find (const FoyerSection *self, const char *key)
{
  for (guint i = 0; i < self->entries->len; i++) {
    const FoyerEntry *entry = g_ptr_array_index (self->entries, i);

    if (strcmp (entry->key, key) == 0)
      return entry;
  }
  return NULL;
}

/* The functions below return what is wrong with a line, or NULL. */

static const char *
add_section (GPtrArray *sections, GHashTable *seen, char *line, guint number)
{
  FoyerSection *section;
  char *end = strchr (line, ']');
  char *name;

  if (end == NULL || end[1] != '\0')
    return "a section is [NAME]";
  *end = '\0';
  name = g_strstrip (line + 1);
  if (*name == '\0')
    return "the section has no name";
  if (g_hash_table_contains (seen, name))
    return "this section was there already";
  if (sections->len > MAX_SECTIONS)
    return "too many sections";
  section = section_new (name, number);
  g_ptr_array_add (sections, section);
  g_hash_table_add (seen, section->name);
  return NULL;
}

static const char *
add_entry (FoyerSection *section, char *line, guint number)
{
  char *equals = strchr (line, '=');
  FoyerEntry *entry;

  if (equals == NULL)
    return "neither a section, nor key=value, nor a comment";
  *equals = '\0';
  g_strchomp (line);
  if (*line == '\0')
    return "no key before the =";
  if (foyer_section_find (section, line) != NULL)
    return "this key was there already";
  if (section->entries->len >= MAX_ENTRIES)
    return "too many keys in this section";
  entry = g_new0 (FoyerEntry, 1);
  entry->key = g_strdup (line);
  entry->value = g_strdup (g_strchug (equals + 1));
  entry->line = number;
  g_ptr_array_add (section->entries, entry);
  return NULL;
}

static const char *
read_line (GPtrArray *sections, GHashTable *seen, const char *text,
    gsize n_bytes, guint number)
{
  g_autofree char *line = NULL;
  char *at;

  if (n_bytes > FOYER_SECTIONS_MAX_LINE_BYTES)
    return "too long";
  if (!g_utf8_validate_len (text, n_bytes, NULL))
    return "not UTF-8";
  line = g_strndup (text, n_bytes);
  for (at = line; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at) && *at != '\t')
      return "a control character";
  at = g_strstrip (line);
  if (*at == '\0' || *at == '#')
    return NULL;
  if (*at == '[')
    return add_section (sections, seen, at, number);
  return add_entry (g_ptr_array_index (sections, sections->len - 1), at,
      number);
}

GPtrArray *
foyer_sections_parse (const char *text, gsize n_bytes, GError **error)
{
  g_autoptr (GPtrArray) sections = g_ptr_array_new_with_free_func (
      section_free);
  /* names, borrowed from the sections */
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const char *at = text;
  const char *end = text + n_bytes;

  if (n_bytes > FOYER_SECTIONS_MAX_BYTES) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "longer than %d bytes", FOYER_SECTIONS_MAX_BYTES);
    return NULL;
  }
  g_ptr_array_add (sections, section_new ("", 1));
  for (guint number = 1; at < end; number++) {
    const char *stop = memchr (at, '\n', (gsize) (end - at));
    const char *problem;

    if (stop == NULL)
      stop = end;
    problem = read_line (sections, seen, at, (gsize) (stop - at), number);
    if (problem != NULL) {
      g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID, "line %u: %s",
          number, problem);
      return NULL;
    }
    at = stop + 1;
  }
  return g_steal_pointer (&sections);
}
