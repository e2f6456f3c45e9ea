/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-link-message.h"

#include <glib.h>

/* One message of a link: what was read is in its range, and can be written, to
 * the same bytes. */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  FoyerLinkMessage message;
  guint8 out[FOYER_LINK_MAX_MESSAGE];

  if (!foyer_link_message_read (&message, data, n_bytes))
    return 0;
  g_assert_cmpmem (out, foyer_link_message_write (&message, out), data,
      n_bytes);
  g_assert_cmpuint (message.slot, <, FOYER_LINK_MAX_SLOTS);
  g_assert_cmpuint (message.frame.n_bytes, <=, FOYER_LINK_MAX_SLOT_BYTES);
  return 0;
}
