/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-config.h"

/* A configuration file: whatever is in it, the values are in their ranges. */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autoptr (FoyerConfig) config = foyer_config_parse ("fuzz",
      (const char *) data, n_bytes);

  g_assert_cmpuint (config->max_age_ms, >=, 200);
  g_assert_cmpuint (config->max_age_ms, <=, 5000);
  g_assert_cmpuint (config->target_delay_ms, >=, 100);
  g_assert_cmpuint (config->target_delay_ms, <=, 2000);
  for (guint i = 0; i < config->problems->len; i++)
    g_assert_true (
        g_utf8_validate (g_ptr_array_index (config->problems, i), -1, NULL));
  for (guint i = 0; i < config->displays->len; i++) {
    const FoyerConfigDisplay *display = g_ptr_array_index (config->displays, i);

    g_assert_cmpuint (display->port, !=, 0);
    g_assert_nonnull (display->host);
  }
  return 0;
}
