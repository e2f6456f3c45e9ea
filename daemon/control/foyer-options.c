/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-options.h"

#include "foyer-error.h"
#include "foyer-text.h"

static gboolean
refuse (GError **error, const char *name, const char *why)
{
  g_autofree char *escaped = foyer_text_escape (name);

  g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID, "option %s %s", escaped,
      why);
  return FALSE;
}

static gboolean
take_number (const FoyerOption *option, GVariant *value, GError **error)
{
  g_autofree char *why = NULL;
  guint32 given;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    return refuse (error, option->name, "is not of type u");
  given = g_variant_get_uint32 (value);
  if (given < option->least || given > option->most) {
    why = g_strdup_printf ("is not from %u to %u", option->least, option->most);
    return refuse (error, option->name, why);
  }
  *option->number = given;
  return TRUE;
}

static gboolean
take_option (const FoyerOption *option, GVariant *value, GError **error)
{
  if (option->number != NULL)
    return take_number (option, value, error);
  if (option->truth != NULL) {
    if (!g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
      return refuse (error, option->name, "is not of type b");
    *option->truth = g_variant_get_boolean (value);
    return TRUE;
  }
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return refuse (error, option->name, "is not of type s");
  *option->text = g_variant_get_string (value, NULL);
  return TRUE;
}

gboolean
foyer_options_take (const FoyerOption *table, gsize n_options, GVariant *given,
    GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, given);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value)) {
    g_autoptr (GVariant) owned = value;
    gsize i = 0;

    while (i < n_options && !g_str_equal (table[i].name, key))
      i++;
    if (i == n_options)
      return refuse (error, key, "is not known");
    if (!take_option (&table[i], owned, error))
      return FALSE;
  }
  return TRUE;
}
