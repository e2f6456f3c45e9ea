/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-state-text.h"

#include "foyer-controls.h"
#include "foyer-error.h"
#include "foyer-rule-text.h"
#include "foyer-text.h"

#include <string.h>

#define BEGINNING                                                              \
  "# Written by foyerd. Use foyerctl: a change by hand is taken for damage.\n" \
  "format=1\n"
#define END            "[end]\nsha256="
#define HEX_BYTES      64
#define MAX_HOST_BYTES 253

#define ID_FORMAT "%" G_GUINT64_FORMAT

static gboolean G_GNUC_PRINTF (3, 4)
    fail (GError **error, guint line, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, FOYER_ERROR, FOYER_ERROR_DAMAGED, "line %u: %s", line,
      reason);
  return FALSE;
}

/* sealing */

char *
foyer_state_text_seal (const char *sections)
{
  g_autofree char *body = g_strconcat (BEGINNING, sections, NULL);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, body,
      -1);

  return g_strconcat (body, END, sum, "\n", NULL);
}

static guint
count_lines (const char *text, gsize n_bytes)
{
  guint n = 1;

  for (gsize i = 0; i + 1 < n_bytes; i++)
    n += text[i] == '\n';
  return n;
}

static gboolean
check_seal (const char *text, gsize n_bytes, gsize *out_n_body, GError **error)
{
  gsize n_end = strlen (END) + HEX_BYTES + 1;
  const char *end;
  g_autofree char *sum = NULL;

  if (n_bytes < n_end)
    return fail (error, count_lines (text, n_bytes), "it was cut off");
  end = text + n_bytes - n_end;
  if (memcmp (end, END, strlen (END)) != 0 || text[n_bytes - 1] != '\n')
    return fail (error, count_lines (text, n_bytes), "it was cut off");
  *out_n_body = n_bytes - n_end;
  sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guint8 *) text,
      *out_n_body);
  if (memcmp (end + strlen (END), sum, HEX_BYTES) != 0)
    return fail (error, count_lines (text, n_bytes),
        "the checksum is not that of the lines above: they were changed");
  return TRUE;
}

static gboolean
check_format (GPtrArray *sections, GError **error)
{
  const FoyerSection *first = g_ptr_array_index (sections, 0);
  const FoyerEntry *format = foyer_section_find (first, "format");

  if (format == NULL)
    return fail (error, 1, "there is no format");
  if (strcmp (format->value, "1") != 0)
    return fail (error, format->line, "format %s is not known to this foyerd",
        format->value);
  if (first->entries->len != 1)
    return fail (error, first->line, "more than the format");
  return TRUE;
}

GPtrArray *
foyer_state_text_open (const char *text, gsize n_bytes, GError **error)
{
  g_autoptr (GPtrArray) sections = NULL;
  g_autoptr (GError) problem = NULL;
  gsize n_body = n_bytes;

  /* A line that is wrong says more than a sum that is. */
  sections = foyer_sections_parse (text, n_bytes, &problem);
  if (sections == NULL) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_DAMAGED,
        problem->message);
    return NULL;
  }
  if (!check_seal (text, n_bytes, &n_body, error) ||
      !check_format (sections, error))
    return NULL;
  /* The seal itself, which was looked at, and the format. */
  g_ptr_array_remove_index (sections, sections->len - 1);
  g_ptr_array_remove_index (sections, 0);
  return g_steal_pointer (&sections);
}

/* what is in a section */

static gboolean
get_text (const FoyerSection *section, const char *key, const char **out,
    GError **error)
{
  const FoyerEntry *entry = foyer_section_find (section, key);

  if (entry == NULL) {
    (void) fail (error, section->line, "%s: it is missing", key);
    return FALSE;
  }
  *out = entry->value;
  return TRUE;
}

static gboolean
get_number (const FoyerSection *section, const char *key, guint64 min,
    guint64 max, guint64 *out, GError **error)
{
  const FoyerEntry *entry = foyer_section_find (section, key);

  if (entry == NULL)
    return fail (error, section->line, "%s: it is missing", key);
  if (!g_ascii_string_to_unsigned (entry->value, 10, min, max, out, NULL))
    return fail (error, entry->line,
        "%s: no number from " ID_FORMAT " to " ID_FORMAT, key, min, max);
  return TRUE;
}

/* policy */

char *
foyer_state_text_print_policy (const FoyerPolicy *policy, FoyerInterner *ids)
{
  FoyerRuleNames names = foyer_rule_names_get_numeric (ids);
  GString *out = g_string_new (NULL);

  for (uint32_t i = 0; i < policy->n_rules; i++)
    foyer_rule_append_section (&policy->rules[i], &names, out);
  return g_string_free (out, FALSE);
}

static gboolean
parse_rules (GPtrArray *sections, FoyerInterner *ids, FoyerPolicy *out,
    GError **error)
{
  FoyerRuleNames names = foyer_rule_names_get_numeric (ids);

  for (guint i = 0; i < sections->len; i++) {
    const FoyerSection *section = g_ptr_array_index (sections, i);
    FoyerRule rule;

    if (!foyer_rule_from_section (section, &names, &rule, error))
      return FALSE;
    if (!foyer_policy_add (out, &rule))
      return fail (error, section->line,
          "one rule too many, or one that can't be");
  }
  return TRUE;
}

gboolean
foyer_state_text_parse_policy (GPtrArray *sections, FoyerInterner *ids,
    FoyerPolicy *out, GError **error)
{
  if (parse_rules (sections, ids, out, error))
    return TRUE;
  memset (out, 0, sizeof *out);
  return FALSE;
}

/* pairings */

static const char *const trust_names[] = {
  [FOYER_TRUST_DEVICE] = "device-auth",
  [FOYER_TRUST_PINNED] = "pinned",
  [FOYER_TRUST_ANY] = "any",
};

const char *
foyer_trust_to_string (FoyerTrust trust)
{
  return trust_names[MIN ((guint) trust, FOYER_TRUST_ANY)];
}

gboolean
foyer_trust_parse (const char *text, FoyerTrust *out_trust)
{
  for (guint i = 0; i < G_N_ELEMENTS (trust_names); i++) {
    if (strcmp (text, trust_names[i]) == 0) {
      *out_trust = (FoyerTrust) i;
      return TRUE;
    }
  }
  return FALSE;
}

/* In an order of their own, so that the same state is the same file. */
static GList *
get_sorted_keys (GHashTable *table)
{
  return g_list_sort (g_hash_table_get_keys (table), (GCompareFunc) strcmp);
}

char *
foyer_state_text_print_pairings (GHashTable *pairings)
{
  g_autoptr (GList) identities = get_sorted_keys (pairings);
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (GList *at = identities; at != NULL; at = at->next) {
    const FoyerPairing *pairing = g_hash_table_lookup (pairings, at->data);

    g_string_append_printf (out,
        "[pairing %u]\nidentity=%s\ntrust=%s\nkey=", ++n,
        (const char *) at->data, foyer_trust_to_string (pairing->trust));
    for (guint i = 0; i < sizeof pairing->key; i++)
      g_string_append_printf (out, "%02x", pairing->key[i]);
    g_string_append_c (out, '\n');
  }
  return g_string_free (out, FALSE);
}

static gboolean
parse_key (const char *text, guint8 *out)
{
  if (strlen (text) != 2 * FOYER_CORE_KEY_BYTES)
    return FALSE;
  for (guint i = 0; i < FOYER_CORE_KEY_BYTES; i++) {
    int high = g_ascii_xdigit_value (text[2 * i]);
    int low = g_ascii_xdigit_value (text[2 * i + 1]);

    if (high < 0 || low < 0)
      return FALSE;
    out[i] = (guint8) (high * 16 + low);
  }
  return TRUE;
}

static gboolean
parse_pairing (const FoyerSection *section, GHashTable *out, GError **error)
{
  const char *identity = NULL;
  const char *trust = NULL;
  const char *key = NULL;
  FoyerPairing pairing;

  if (!get_text (section, "identity", &identity, error) ||
      !get_text (section, "trust", &trust, error) ||
      !get_text (section, "key", &key, error))
    return FALSE;
  if (!foyer_identity_is_valid (identity) ||
      g_hash_table_contains (out, identity))
    return fail (error, section->line, "identity: it is none, or twice there");
  if (!foyer_trust_parse (trust, &pairing.trust))
    return fail (error, section->line, "trust: it is none");
  if (!parse_key (key, pairing.key))
    return fail (error, section->line, "key: it is none");
  if (g_hash_table_size (out) >= FOYER_STATE_MAX_PAIRINGS)
    return fail (error, section->line, "one pairing too many");
  g_hash_table_insert (out, g_strdup (identity),
      g_memdup2 (&pairing, sizeof pairing));
  return TRUE;
}

gboolean
foyer_state_text_parse_pairings (GPtrArray *sections, GHashTable *out,
    GError **error)
{
  for (guint i = 0; i < sections->len; i++) {
    if (!parse_pairing (g_ptr_array_index (sections, i), out, error)) {
      g_hash_table_remove_all (out);
      return FALSE;
    }
  }
  return TRUE;
}

/* names */

gboolean
foyer_host_is_valid (const char *host)
{
  gsize n_bytes = strlen (host);

  return n_bytes > 0 && n_bytes <= MAX_HOST_BYTES && *host != '-' &&
      strspn (host, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS ".-_:%") == n_bytes;
}

char *
foyer_state_text_print_names (GHashTable *names, GPtrArray *displays)
{
  g_autoptr (GList) identities = get_sorted_keys (names);
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (GList *at = identities; at != NULL; at = at->next)
    g_string_append_printf (out, "[name %u]\nidentity=%s\nname=%s\n", ++n,
        (const char *) at->data,
        (const char *) g_hash_table_lookup (names, at->data));
  for (guint i = 0; i < displays->len; i++) {
    const FoyerStaticDisplay *display = g_ptr_array_index (displays, i);

    g_string_append_printf (out, "[display %u]\nname=%s\nhost=%s\nport=%u\n",
        i + 1, display->name, display->host, display->port);
  }
  return g_string_free (out, FALSE);
}

static gboolean
parse_name (const FoyerSection *section, GHashTable *out, GError **error)
{
  const char *identity = NULL;
  const char *name = NULL;

  if (!get_text (section, "identity", &identity, error) ||
      !get_text (section, "name", &name, error))
    return FALSE;
  if (!foyer_identity_is_valid (identity) ||
      g_hash_table_contains (out, identity))
    return fail (error, section->line, "identity: it is none, or twice there");
  if (!foyer_text_is_name (name))
    return fail (error, section->line, "name: it is none");
  if (g_hash_table_size (out) >= FOYER_STATE_MAX_NAMES)
    return fail (error, section->line, "one name too many");
  g_hash_table_insert (out, g_strdup (identity), g_strdup (name));
  return TRUE;
}

/* controls */

char *
foyer_state_text_print_controls (GHashTable *controls)
{
  g_autoptr (GList) identities = get_sorted_keys (controls);
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (GList *at = identities; at != NULL; at = at->next)
    g_string_append_printf (out, "[controls %u]\nidentity=%s\nset=%s\n", ++n,
        (const char *) at->data,
        (const char *) g_hash_table_lookup (controls, at->data));
  return g_string_free (out, FALSE);
}

static gboolean
parse_controls (const FoyerSection *section, GHashTable *out, GError **error)
{
  const char *identity = NULL;
  const char *line = NULL;

  if (!g_str_has_prefix (section->name, "controls "))
    return fail (error, section->line, "an unknown section");
  if (!get_text (section, "identity", &identity, error) ||
      !get_text (section, "set", &line, error))
    return FALSE;
  if (!foyer_identity_is_valid (identity) ||
      g_hash_table_contains (out, identity))
    return fail (error, section->line, "identity: it is none, or twice there");
  if (!foyer_controls_is_line (line))
    return fail (error, section->line, "set: these are no controls");
  if (g_hash_table_size (out) >= FOYER_STATE_MAX_NAMES)
    return fail (error, section->line, "one camera too many");
  g_hash_table_insert (out, g_strdup (identity), g_strdup (line));
  return TRUE;
}

gboolean
foyer_state_text_parse_controls (GPtrArray *sections, GHashTable *out,
    GError **error)
{
  for (guint i = 0; i < sections->len; i++)
    if (!parse_controls (sections->pdata[i], out, error)) {
      g_hash_table_remove_all (out);
      return FALSE;
    }
  return TRUE;
}

static gboolean
has_display (GPtrArray *displays, const char *name)
{
  for (guint i = 0; i < displays->len; i++) {
    const FoyerStaticDisplay *display = g_ptr_array_index (displays, i);

    if (strcmp (display->name, name) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
parse_display (const FoyerSection *section, GPtrArray *out, GError **error)
{
  const char *name = NULL;
  const char *host = NULL;
  guint64 port = 0;

  if (!get_text (section, "name", &name, error) ||
      !get_text (section, "host", &host, error) ||
      !get_number (section, "port", 1, G_MAXUINT16, &port, error))
    return FALSE;
  if (!foyer_text_is_name (name) || has_display (out, name))
    return fail (error, section->line, "name: it is none, or twice there");
  if (!foyer_host_is_valid (host))
    return fail (error, section->line, "host: it is none");
  if (out->len >= FOYER_STATE_MAX_STATIC_DISPLAYS)
    return fail (error, section->line, "one display too many");
  foyer_state_text_add_display (out, name, host, (guint16) port);
  return TRUE;
}

gboolean
foyer_state_text_parse_names (GPtrArray *sections, GHashTable *out,
    GPtrArray *out_displays, GError **error)
{
  gboolean is_ok = TRUE;

  for (guint i = 0; is_ok && i < sections->len; i++) {
    const FoyerSection *section = g_ptr_array_index (sections, i);

    if (g_str_has_prefix (section->name, "name "))
      is_ok = parse_name (section, out, error);
    else if (g_str_has_prefix (section->name, "display "))
      is_ok = parse_display (section, out_displays, error);
    else
      is_ok = fail (error, section->line, "an unknown section");
  }
  if (!is_ok) {
    g_hash_table_remove_all (out);
    g_ptr_array_set_size (out_displays, 0);
  }
  return is_ok;
}

/* numbers */

static void
append_id (guint64 id, const char *text, gpointer user_data)
{
  g_string_append_printf (user_data, "[id " ID_FORMAT "]\nidentity=%s\n", id,
      text);
}

char *
foyer_state_text_print_ids (FoyerInterner *ids, guint64 reserved,
    guint64 last_rule)
{
  GString *out = g_string_new (NULL);

  g_string_append_printf (out,
      "[numbers]\nnext=" ID_FORMAT "\nlast-rule=" ID_FORMAT "\n", reserved,
      last_rule);
  foyer_interner_foreach_kept (ids, append_id, out);
  return g_string_free (out, FALSE);
}

static gboolean
parse_id (const FoyerSection *section, FoyerInterner *ids, GError **error)
{
  const char *text = NULL;
  guint64 id = 0;

  if (!get_text (section, "identity", &text, error))
    return FALSE;
  if (!g_str_has_prefix (section->name, "id ") ||
      !g_ascii_string_to_unsigned (section->name + strlen ("id "), 10, 1,
          G_MAXUINT64 - 1, &id, NULL) ||
      !foyer_interner_restore (ids, id, text))
    return fail (error, section->line,
        "no number, or no identity, or twice there");
  return TRUE;
}

gboolean
foyer_state_text_parse_ids (GPtrArray *sections, FoyerInterner **out_ids,
    guint64 *out_last_rule, GError **error)
{
  g_autoptr (FoyerInterner) ids = NULL;
  const FoyerSection *numbers;
  guint64 next = 0;

  *out_ids = NULL;
  if (sections->len == 0)
    return fail (error, 1, "there is nothing in it");
  numbers = g_ptr_array_index (sections, 0);
  if (!get_number (numbers, "next", 1, G_MAXUINT64, &next, error) ||
      !get_number (numbers, "last-rule", 0, G_MAXUINT64 - 2, out_last_rule,
          error))
    return FALSE;
  ids = foyer_interner_new (next);
  for (guint i = 1; i < sections->len; i++)
    if (!parse_id (g_ptr_array_index (sections, i), ids, error))
      return FALSE;
  *out_ids = g_steal_pointer (&ids);
  return TRUE;
}

/* tables */

static void
display_free (gpointer data)
{
  FoyerStaticDisplay *self = data;

  g_free (self->name);
  g_free (self->host);
  g_free (self);
}

GHashTable *
foyer_state_text_new_table (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

GPtrArray *
foyer_state_text_new_displays (void)
{
  return g_ptr_array_new_with_free_func (display_free);
}

void
foyer_state_text_add_display (GPtrArray *displays, const char *name,
    const char *host, guint16 port)
{
  FoyerStaticDisplay *display = g_new0 (FoyerStaticDisplay, 1);

  display->name = g_strdup (name);
  display->host = g_strdup (host);
  display->port = port;
  g_ptr_array_add (displays, display);
}
