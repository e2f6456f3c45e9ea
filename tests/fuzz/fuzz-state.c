/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-controls.h"
#include "foyer-error.h"
#include "foyer-state-text.h"

#include <string.h>

/* A state file as it is, and what is inside of one with the right checksum: each
 * parser gives all or nothing. */

/* What was taken is printed, and taken again to the same text. */
static GPtrArray *
open_again (char *text)
{
  g_autofree char *body = text;
  g_autofree char *sealed = foyer_state_text_seal (body);
  GPtrArray *sections = foyer_state_text_open (sealed, strlen (sealed), NULL);

  g_assert_nonnull (sections);
  return sections;
}

static void
parse_nodes (GPtrArray *sections)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func (
      foyer_state_node_free);
  g_autoptr (GPtrArray) again = g_ptr_array_new_with_free_func (
      foyer_state_node_free);
  g_autoptr (GPtrArray) printed = NULL;
  g_autofree char *text = NULL;
  g_autofree char *text_again = NULL;

  if (!foyer_state_text_parse_nodes (sections, nodes, NULL)) {
    g_assert_cmpuint (nodes->len, ==, 0);
    return;
  }
  text = foyer_state_text_print_nodes (nodes);
  printed = open_again (foyer_state_text_print_nodes (nodes));
  g_assert_true (foyer_state_text_parse_nodes (printed, again, NULL));
  text_again = foyer_state_text_print_nodes (again);
  g_assert_cmpstr (text, ==, text_again);
}

static void
parse_controls (GPtrArray *sections)
{
  g_autoptr (GHashTable) controls = foyer_state_text_new_table ();
  g_autoptr (GHashTable) again = foyer_state_text_new_table ();
  g_autoptr (GPtrArray) printed = NULL;
  GHashTableIter iter;
  gpointer identity, line;

  if (!foyer_state_text_parse_controls (sections, controls, NULL)) {
    g_assert_cmpuint (g_hash_table_size (controls), ==, 0);
    return;
  }
  g_hash_table_iter_init (&iter, controls);
  while (g_hash_table_iter_next (&iter, &identity, &line)) {
    g_autofree char *more = foyer_controls_dup_with (line, "gain", 7);

    g_assert_true (foyer_identity_is_valid (identity));
    g_assert_true (foyer_controls_is_line (line));
    g_assert_true (more == NULL || foyer_controls_is_line (more));
  }
  printed = open_again (foyer_state_text_print_controls (controls));
  g_assert_true (foyer_state_text_parse_controls (printed, again, NULL));
  g_assert_cmpuint (g_hash_table_size (again), ==,
      g_hash_table_size (controls));
}

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
  parse_nodes (sections);
  parse_controls (sections);
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
