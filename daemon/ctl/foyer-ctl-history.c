/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-rule.h"
#include "foyer-ctl-verbs.h"

#define NOBODY G_MAXUINT32 /* the service did it by itself */

static gboolean
add_numbers (FoyerCtl *ctl, GVariantDict *options, GError **error)
{
  const char *since = foyer_ctl_line_get (ctl->line, "since");
  const char *limit = foyer_ctl_line_get (ctl->line, "limit");
  gint64 now_s = foyer_ctl_get_now_us (ctl) / G_USEC_PER_SEC;
  gint64 since_s;
  guint32 number;

  if (since != NULL) {
    if (!foyer_ctl_parse_time_or_duration (since, now_s, -1, &since_s, error))
      return FALSE;
    g_variant_dict_insert (options, "since", "t", (guint64) since_s);
  }
  if (limit != NULL) {
    if (!foyer_ctl_parse_count (limit, "limit", &number, error))
      return FALSE;
    g_variant_dict_insert (options, "limit", "u", number);
  }
  return TRUE;
}

static gboolean
add_identity (FoyerCtl *ctl, GVariantDict *options, const char *kind,
    GError **error)
{
  const char *word = foyer_ctl_line_get (ctl->line, kind);
  g_autofree char *identity = NULL;

  if (word == NULL)
    return TRUE;
  identity = foyer_ctl_find_identity (ctl, word, kind, error);
  if (identity == NULL)
    return FALSE;
  g_variant_dict_insert (options, kind, "s", identity);
  return TRUE;
}

static void
print_json (GVariant *entries)
{
  g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();
  GVariantIter iter;
  GVariant *entry;

  foyer_ctl_json_begin_array (json, "entries");
  g_variant_iter_init (&iter, entries);
  while ((entry = g_variant_iter_next_value (&iter)) != NULL) {
    json_builder_begin_object (json);
    foyer_ctl_json_add_dictionary (json, entry);
    json_builder_end_object (json);
    g_variant_unref (entry);
  }
  json_builder_end_array (json);
  foyer_ctl_json_print (json, FALSE);
}

/* The name of then, else the identity. */
static void
add_thing (FoyerTable *table, GVariant *entry, const char *key,
    const char *name_key)
{
  const char *name = foyer_ctl_rule_get_text (entry, name_key);

  foyer_table_add (table, FOYER_COLOUR_NONE,
      *name != '\0' ? name : foyer_ctl_rule_get_text (entry, key));
}

/* What an entry is about: its kind, with the number of the session or rule. */
static char *
dup_kind (GVariant *entry, const char *kind)
{
  guint64 number = foyer_ctl_rule_get_number (entry, kind);

  if (number == 0)
    return g_strdup (kind);
  return g_strdup_printf ("%s %" G_GUINT64_FORMAT, kind, number);
}

static void
add_row (FoyerTable *table, GVariant *entry)
{
  const char *kind = foyer_ctl_rule_get_text (entry, "kind");
  const char *sound = foyer_ctl_rule_get_text (entry, "sound");
  guint64 uid = foyer_ctl_rule_get_number (entry, "user");
  g_autofree char *about = dup_kind (entry, kind);
  g_autofree char *moment = foyer_ctl_dup_time (
      foyer_ctl_rule_get_number (entry, "time"));
  g_autofree char *user = uid < NOBODY ? foyer_ctl_dup_user ((guint32) uid)
                                       : NULL;

  foyer_table_add (table, FOYER_COLOUR_NONE, moment);
  foyer_table_add (table,
      g_str_equal (kind, "refusal") ? FOYER_COLOUR_BAD : FOYER_COLOUR_NONE,
      about);
  foyer_table_add (table, FOYER_COLOUR_NONE, user);
  add_thing (table, entry, "camera", "camera-name");
  add_thing (table, entry, "target", "target-name");
  foyer_table_add (table, FOYER_COLOUR_NONE,
      g_str_equal (sound, "none") ? "" : sound);
  foyer_table_add (table, FOYER_COLOUR_NONE,
      foyer_ctl_rule_get_text (entry, "reason"));
  foyer_table_add (table, FOYER_COLOUR_NONE,
      foyer_ctl_rule_get_text (entry, "words"));
}

static void
print_table (GVariant *entries)
{
  static const char *const head[] = { "TIME", "WHAT", "USER", "CAMERA", "WHERE",
    "SOUND", "REASON", "WORDS", NULL };
  g_autoptr (FoyerTable) table = foyer_table_new (head);
  GVariantIter iter;
  GVariant *entry;

  g_variant_iter_init (&iter, entries);
  while ((entry = g_variant_iter_next_value (&iter)) != NULL) {
    add_row (table, entry);
    g_variant_unref (entry);
  }
  foyer_ctl_print_table (table, "nothing has happened");
}

gboolean
foyer_ctl_run_history (FoyerCtl *ctl, GError **error)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  const char *kind = foyer_ctl_line_get (ctl->line, "kind");
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) entries = NULL;
  FoyerCtlCall call = { .interface = FOYER_CTL_HISTORY,
    .method = "List",
    .reply = "(aa{sv})" };

  if (!add_numbers (ctl, &options, error) || !foyer_ctl_enter (ctl, error) ||
      !add_identity (ctl, &options, "camera", error) ||
      !add_identity (ctl, &options, "display", error))
    return FALSE;
  if (kind != NULL)
    g_variant_dict_insert (&options, "kind", "s", kind);
  call.arguments = g_variant_new ("(@a{sv})", g_variant_dict_end (&options));
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  entries = g_variant_get_child_value (reply, 0);
  if (foyer_ctl_line_has (ctl->line, "json"))
    print_json (entries);
  else
    print_table (entries);
  return TRUE;
}
