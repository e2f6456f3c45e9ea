/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-state-text.h"

#include <string.h>

/* A state file as it is, and what is inside of one with the right checksum: each
 * parser gives all or nothing. */

static void
parse_all (GPtrArray *sections)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  g_autoptr (FoyerInterner) restored = NULL;
  g_autoptr (GHashTable) pairings = foyer_state_text_new_table ();
  g_autoptr (GHashTable) names = foyer_state_text_new_table ();
  g_autoptr (GPtrArray) displays = foyer_state_text_new_displays ();
  g_autofree FoyerPolicy *policy = g_new0 (FoyerPolicy, 1);
  guint64 last_rule;

  if (!foyer_state_text_parse_policy (sections, ids, policy, NULL))
    g_assert_cmpuint (policy->n_rules, ==, 0);
  if (!foyer_state_text_parse_pairings (sections, pairings, NULL))
    g_assert_cmpuint (g_hash_table_size (pairings), ==, 0);
  if (!foyer_state_text_parse_names (sections, names, displays, NULL))
    g_assert_cmpuint (g_hash_table_size (names) + displays->len, ==, 0);
  if (!foyer_state_text_parse_ids (sections, &restored, &last_rule, NULL))
    g_assert_null (restored);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autoptr (GPtrArray) sections = foyer_state_text_open ((const char *) data,
      n_bytes, NULL);
  g_autofree char *inside = g_strndup ((const char *) data, n_bytes);
  g_autofree char *sealed = foyer_state_text_seal (inside);

  if (sections != NULL)
    parse_all (sections);
  g_clear_pointer (&sections, g_ptr_array_unref);
  sections = foyer_state_text_open (sealed, strlen (sealed), NULL);
  if (sections != NULL)
    parse_all (sections);
  return 0;
}
