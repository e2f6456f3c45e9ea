/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"

#include "foyer-print.h"

#include <stdio.h>

JsonBuilder *
foyer_ctl_json_new (void)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  foyer_ctl_json_add_number (builder, "schema", FOYER_CTL_JSON_SCHEMA);
  return builder;
}

void
foyer_ctl_json_add_string (JsonBuilder *builder, const char *name,
    const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL && *value != '\0')
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
foyer_ctl_json_add_number (JsonBuilder *builder, const char *name,
    guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

void
foyer_ctl_json_add_time (JsonBuilder *builder, const char *name,
    guint64 time_us)
{
  if (time_us != 0)
    foyer_ctl_json_add_number (builder, name, time_us);
  else
    foyer_ctl_json_add_string (builder, name, NULL);
}

void
foyer_ctl_json_add_boolean (JsonBuilder *builder, const char *name,
    gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
foyer_ctl_json_begin_array (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}

void
foyer_ctl_json_add_strings (JsonBuilder *builder, const char *name,
    const char *const *values)
{
  foyer_ctl_json_begin_array (builder, name);
  for (; values != NULL && *values != NULL; values++)
    json_builder_add_string_value (builder, *values);
  json_builder_end_array (builder);
}

void
foyer_ctl_json_add_dictionary (JsonBuilder *builder, GVariant *dictionary)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value)) {
    g_autofree char *name = g_strdelimit (g_strdup (key), "-", '_');

    json_builder_set_member_name (builder, name);
    json_builder_add_value (builder, json_gvariant_serialize (value));
  }
}

void
foyer_ctl_json_print (JsonBuilder *builder, gboolean is_line)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = foyer_print_dup_json (root, !is_line);
  printf ("%s\n", text);
  fflush (stdout);
}
