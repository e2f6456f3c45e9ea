/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-line.h"

#include "foyer-ctl-error.h"
#include "foyer-print.h"

#include <string.h>

#define HELP_COLUMN 34

struct _FoyerCtlLine
{
  const FoyerCtlVerb *verb; /* (nullable) */
  GHashTable *options;      /* name → GPtrArray of char *, ending in NULL */
  GPtrArray *words;         /* of char * */
};

static const FoyerCtlVerb *
find_verb (const char *name)
{
  for (const FoyerCtlVerb *verb = foyer_ctl_verbs; verb->name != NULL; verb++) {
    if (g_str_equal (verb->name, name))
      return verb;
  }
  return NULL;
}

/* @n_bytes of @name; by its whole name alone. */
static const FoyerCtlOption *
find_option (const FoyerCtlOption *options, const char *name, gsize n_bytes)
{
  for (; options != NULL && options->name != NULL; options++) {
    if (strlen (options->name) == n_bytes &&
        strncmp (options->name, name, n_bytes) == 0)
      return options;
  }
  return NULL;
}

static gboolean fail (FoyerCtlLine *self, GError **error, const char *format,
    ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (FoyerCtlLine *self, GError **error, const char *format, ...)
{
  g_autofree char *words = NULL;
  va_list arguments;

  va_start (arguments, format);
  words = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
      "%s; see: foyerctl %s%s--help", words,
      self->verb != NULL ? self->verb->name : "",
      self->verb != NULL ? " " : "");
  return FALSE;
}

static void
add_option (FoyerCtlLine *self, const FoyerCtlOption *option,
    const char *argument)
{
  GPtrArray *arguments = g_hash_table_lookup (self->options, option->name);

  if (arguments == NULL) {
    arguments = g_ptr_array_new_with_free_func (g_free);
    g_ptr_array_add (arguments, NULL);
    g_hash_table_insert (self->options, g_strdup (option->name), arguments);
  }
  g_ptr_array_insert (arguments, (int) arguments->len - 1,
      g_strdup (argument != NULL ? argument : ""));
}

/* @text is an option without its dashes; takes its argument off @rest. */
static gboolean
take_option (FoyerCtlLine *self, const char *text, char ***rest, GError **error)
{
  gsize n_bytes = strcspn (text, "=");
  const char *argument = text[n_bytes] == '=' ? text + n_bytes + 1 : NULL;
  const FoyerCtlOption *option = NULL;

  if (self->verb != NULL)
    option = find_option (self->verb->options, text, n_bytes);
  if (option == NULL)
    option = find_option (foyer_ctl_common_options, text, n_bytes);
  if (option == NULL) {
    g_autofree char *safe = foyer_print_dup_safe (text);

    return fail (self, error, "unknown option \"--%s\"", safe);
  }
  if (option->kind == FOYER_CTL_OPTION_FLAG && argument != NULL)
    return fail (self, error, "--%s takes no argument", option->name);
  if (option->kind != FOYER_CTL_OPTION_FLAG && argument == NULL) {
    if (**rest == NULL)
      return fail (self, error, "--%s needs %s", option->name,
          option->argument);
    argument = *(*rest)++;
  }
  add_option (self, option, argument);
  return TRUE;
}

/* The verb is the first word, wherever it stands: the options before it may be
 * its own. */
static gboolean
take_verb (FoyerCtlLine *self, char **argv, GError **error)
{
  g_autofree char *safe = NULL;

  for (; *argv != NULL; argv++) {
    if (g_str_equal (*argv, "--bus") && argv[1] != NULL)
      argv++;
    else if (**argv != '-')
      break;
  }
  if (*argv == NULL)
    return TRUE;
  self->verb = find_verb (*argv);
  if (self->verb != NULL)
    return TRUE;
  safe = foyer_print_dup_safe (*argv);
  return fail (self, error, "unknown verb \"%s\"", safe);
}

static gboolean
take_all (FoyerCtlLine *self, char **argv, GError **error)
{
  gboolean is_words = FALSE, has_verb = FALSE;

  for (char **at = argv; *at != NULL; at++) {
    if (!g_utf8_validate (*at, -1, NULL))
      return fail (self, error, "word %u is not UTF-8",
          (guint) (at - argv) + 1);
  }
  if (!take_verb (self, argv, error))
    return FALSE;
  while (*argv != NULL) {
    const char *word = *argv++;

    if (!is_words && g_str_equal (word, "--"))
      is_words = TRUE;
    else if (!is_words && g_str_equal (word, "-h"))
      add_option (self, &(FoyerCtlOption){ .name = "help" }, NULL);
    else if (!is_words && g_str_has_prefix (word, "--")) {
      if (!take_option (self, word + 2, &argv, error))
        return FALSE;
    } else if (!is_words && *word == '-' && word[1] != '\0')
      return fail (self, error, "unknown option \"%.2s\"", word);
    else if (has_verb)
      g_ptr_array_add (self->words, g_strdup (word));
    else
      has_verb = TRUE;
  }
  return TRUE;
}

static gboolean
check (FoyerCtlLine *self, GError **error)
{
  const FoyerCtlVerb *verb = self->verb;
  guint n_buses = 0;

  if (foyer_ctl_line_has (self, "help") || foyer_ctl_line_has (self, "version"))
    return TRUE;
  if (verb == NULL)
    return fail (self, error, "no verb");
  if (self->words->len < verb->min_words || self->words->len > verb->max_words)
    return fail (self, error, "%s wants %s", verb->name,
        verb->max_words > 0 ? verb->words : "no words");
  for (guint i = 0; i < self->words->len; i++) {
    if (*foyer_ctl_line_get_word (self, i) == '\0')
      return fail (self, error, "word %u of %s is empty", i + 1, verb->name);
  }
  n_buses += foyer_ctl_line_has (self, "bus");
  n_buses += foyer_ctl_line_has (self, "session");
  n_buses += foyer_ctl_line_has (self, "system");
  if (n_buses > 1)
    return fail (self, error, "more than one bus");
  return TRUE;
}

FoyerCtlLine *
foyer_ctl_line_new (char **argv, GError **error)
{
  g_autoptr (FoyerCtlLine) self = g_new0 (FoyerCtlLine, 1);

  self->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) g_ptr_array_unref);
  self->words = g_ptr_array_new_with_free_func (g_free);
  if (*argv != NULL && !take_all (self, argv + 1, error))
    return NULL;
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}

const FoyerCtlVerb *
foyer_ctl_line_get_verb (FoyerCtlLine *self)
{
  return self->verb;
}

gboolean
foyer_ctl_line_has (FoyerCtlLine *self, const char *name)
{
  return g_hash_table_contains (self->options, name);
}

const char *const *
foyer_ctl_line_get_all (FoyerCtlLine *self, const char *name)
{
  GPtrArray *arguments = g_hash_table_lookup (self->options, name);

  return arguments != NULL ? (const char *const *) arguments->pdata : NULL;
}

const char *
foyer_ctl_line_get (FoyerCtlLine *self, const char *name)
{
  GPtrArray *arguments = g_hash_table_lookup (self->options, name);

  return arguments != NULL ? arguments->pdata[arguments->len - 2] : NULL;
}

const char *
foyer_ctl_line_get_word (FoyerCtlLine *self, guint number)
{
  return number < self->words->len ? self->words->pdata[number] : NULL;
}

guint
foyer_ctl_line_get_n_words (FoyerCtlLine *self)
{
  return self->words->len;
}

void
foyer_ctl_line_free (FoyerCtlLine *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->options);
  g_ptr_array_unref (self->words);
  g_free (self);
}

static void
append_entry (GString *text, const char *name, const char *help)
{
  guint width = foyer_print_get_width (name);

  g_string_append_printf (text, "  %s%*s%s\n", name,
      width < HELP_COLUMN ? (int) (HELP_COLUMN - width) : 1, "", help);
}

static void
append_options (GString *text, const FoyerCtlOption *options)
{
  for (; options->name != NULL; options++) {
    g_autofree char *name = g_strdup_printf ("--%s%s%s", options->name,
        options->argument != NULL ? " " : "",
        options->argument != NULL ? options->argument : "");

    append_entry (text, name, options->help);
  }
}

char *
foyer_ctl_dup_usage (const FoyerCtlVerb *verb)
{
  GString *text = g_string_new ("usage: foyerctl ");

  if (verb != NULL) {
    g_string_append_printf (text, "%s [OPTION…]%s%s\n\n%s\n\n", verb->name,
        *verb->words != '\0' ? " " : "", verb->words, verb->summary);
    append_options (text, verb->options);
  } else {
    g_string_append (text, "VERB [OPTION…] [WORD…]\n\n");
    for (verb = foyer_ctl_verbs; verb->name != NULL; verb++) {
      g_autofree char *name = g_strdup_printf ("%s%s%s", verb->name,
          *verb->words != '\0' ? " " : "", verb->words);

      append_entry (text, name, verb->summary);
    }
    g_string_append_c (text, '\n');
  }
  append_options (text, foyer_ctl_common_options);
  return g_string_free (text, FALSE);
}
