/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-discovery-txt.h"
#include "foyer-error.h"
#include "foyer-text.h"

#include <string.h>

/* A TXT record as on the wire: strings with a byte of length before each. */

#define MAX_STRINGS 256

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  const guint8 *strings[MAX_STRINGS];
  gsize lengths[MAX_STRINGS];
  gsize n = 0;
  g_auto (FoyerDisplayTxt) txt = { 0 };

  for (size_t at = 0; at < n_bytes && n < MAX_STRINGS; n++) {
    lengths[n] = MIN (data[at], n_bytes - at - 1);
    strings[n] = data + at + 1;
    at += 1 + lengths[n];
  }
  if (!foyer_display_txt_parse (strings, lengths, n, &txt)) {
    g_assert_null (txt.id);
    return 0;
  }
  g_assert_cmpuint (strlen (txt.id), <=, FOYER_DISPLAY_ID_MAX_BYTES);
  g_assert_true (txt.name == NULL || foyer_text_is_name (txt.name));
  g_assert_true (txt.model == NULL || foyer_text_is_name (txt.model));
  return 0;
}
