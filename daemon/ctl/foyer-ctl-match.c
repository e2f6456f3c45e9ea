/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-match.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-parse.h"
#include "foyer-print.h"

#define MAX_CANDIDATES 8 /* in an error */

typedef gboolean (*Fits) (const FoyerCtlThing *thing, const char *word);

static gboolean
fits_exactly (const FoyerCtlThing *thing, const char *word)
{
  guint64 number;

  if (foyer_ctl_parse_number (word, &number) && number == thing->number)
    return TRUE;
  return g_str_equal (thing->identity, word) || g_str_equal (thing->name, word);
}

static char *
dup_folded (const char *text)
{
  g_autofree char *plain = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);

  return plain != NULL ? g_utf8_casefold (plain, -1) : NULL;
}

static gboolean
fits_beginning (const FoyerCtlThing *thing, const char *word)
{
  g_autofree char *name = dup_folded (thing->name);
  g_autofree char *beginning = dup_folded (word);

  return name != NULL && beginning != NULL && *beginning != '\0' &&
      g_str_has_prefix (name, beginning);
}

static char *
dup_candidates (const FoyerCtlThing *things, guint n_things, const char *word,
    Fits fits)
{
  GString *text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < n_things; i++) {
    g_autofree char *name = NULL;

    if (!fits (&things[i], word))
      continue;
    if (n++ == MAX_CANDIDATES) {
      g_string_append (text, ", …");
      break;
    }
    name = foyer_print_dup_safe (things[i].name);
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " (%s)",
        n > 1 ? ", " : "", things[i].number, name);
  }
  return g_string_free (text, FALSE);
}

static guint
count (const FoyerCtlThing *things, guint n_things, const char *word, Fits fits,
    guint *at)
{
  guint n = 0;

  for (guint i = 0; i < n_things; i++) {
    if (fits (&things[i], word) && n++ == 0)
      *at = i;
  }
  return n;
}

gboolean
foyer_ctl_match (const FoyerCtlThing *things, guint n_things, const char *word,
    const char *kind, guint *at, GError **error)
{
  static const Fits ways[] = { fits_exactly, fits_beginning };
  g_autofree char *safe = foyer_print_dup_safe (word);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++) {
    g_autofree char *candidates = NULL;
    guint n = count (things, n_things, word, ways[i], at);

    if (n == 1)
      return TRUE;
    if (n == 0)
      continue;
    candidates = dup_candidates (things, n_things, word, ways[i]);
    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
        "more than one %s is meant by \"%s\": %s; say its number", kind, safe,
        candidates);
    return FALSE;
  }
  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_NOT_FOUND,
      "no %s is called \"%s\"; see: foyerctl %ss", kind, safe, kind);
  return FALSE;
}

char *
foyer_ctl_thing_dup_word (const FoyerCtlThing *thing)
{
  char *word = foyer_print_dup_word (thing->name);

  return word != NULL ? word
                      : g_strdup_printf ("%" G_GUINT64_FORMAT, thing->number);
}
