/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-rule-text.h"

#include <string.h>

/* Sections of a policy file: a rule that was read is valid, and written and read
 * again it is the same text. */

static void
read_again (const FoyerRule *rule, const FoyerRuleNames *names)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) again = g_string_new (NULL);
  g_autoptr (GPtrArray) sections = NULL;
  FoyerRule back;

  foyer_rule_append_section (rule, names, text);
  sections = foyer_sections_parse (text->str, text->len, NULL);
  g_assert_nonnull (sections);
  g_assert_cmpuint (sections->len, ==, 2);
  g_assert_true (foyer_rule_from_section (g_ptr_array_index (sections, 1),
      names, &back, NULL));
  foyer_rule_append_section (&back, names, again);
  g_assert_cmpstr (text->str, ==, again->str);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autoptr (FoyerInterner) ids = foyer_interner_new (1);
  FoyerRuleNames names = foyer_rule_names_get_numeric (ids);
  g_autoptr (GPtrArray) sections = foyer_sections_parse ((const char *) data,
      n_bytes, NULL);

  for (guint i = 0; sections != NULL && i < sections->len; i++) {
    FoyerRule rule;

    if (!foyer_rule_from_section (g_ptr_array_index (sections, i), &names,
            &rule, NULL))
      continue;
    g_assert_true (foyer_rule_is_valid (&rule));
    read_again (&rule, &names);
  }
  return 0;
}
