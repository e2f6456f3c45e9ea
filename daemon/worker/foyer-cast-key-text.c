/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-key-text.h"

#include <string.h>

#define HEX 16

gboolean
foyer_cast_key_parse (const char *fingerprint, guint8 *key)
{
  const char *digits = strchr (fingerprint, ':');

  if (digits == NULL || strlen (digits + 1) != 2 * FOYER_CHANNEL_KEY_BYTES)
    return FALSE;
  for (guint i = 0; i < FOYER_CHANNEL_KEY_BYTES; i++) {
    int high = g_ascii_xdigit_value (digits[1 + 2 * i]);
    int low = g_ascii_xdigit_value (digits[2 + 2 * i]);

    if (high < 0 || low < 0)
      return FALSE;
    key[i] = (guint8) (high * HEX + low);
  }
  return TRUE;
}

char *
foyer_cast_key_dup_pin (const FoyerMessage *config)
{
  GString *pin = g_string_new ("sha256:");
  guint8 any = 0;

  for (guint i = 0; i < FOYER_CHANNEL_KEY_BYTES; i++) {
    any |= config->key[i];
    g_string_append_printf (pin, "%02x", config->key[i]);
  }
  return g_string_free (pin, any == 0);
}
