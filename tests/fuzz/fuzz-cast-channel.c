/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-framing.h"
#include "foyer-cast-message.h"

/* A channel's bytes, in portions as the fourth byte says, through the framer
 * into messages; what was read can be written and read again. */

static void
read_body (GBytes *body)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (body, &n_bytes);
  g_autoptr (FoyerCastMessage) message = foyer_cast_message_parse (data,
      n_bytes, NULL);
  g_autoptr (GBytes) frame = NULL;

  if (message == NULL)
    return;
  g_assert_true ((message->text == NULL) != (message->binary == NULL));
  foyer_cast_message_is_transport (message);
  frame = foyer_cast_message_pack (message, NULL);
  if (frame != NULL) {
    g_autoptr (FoyerCastMessage) again = foyer_cast_message_parse (
        (const guint8 *) g_bytes_get_data (frame, NULL) + 4,
        g_bytes_get_size (frame) - 4, NULL);

    g_assert_cmpstr (again->text, ==, message->text);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_auto (FoyerCastFramer) framer = { 0 };
  gsize n_step = n_bytes > 3 ? (gsize) data[3] + 1 : 1;

  foyer_cast_framer_init (&framer);
  for (gsize at = 0; at < n_bytes; at += n_step) {
    foyer_cast_framer_push (&framer, data + at, MIN (n_step, n_bytes - at));
    for (;;) {
      g_autoptr (GBytes) body = NULL;

      if (!foyer_cast_framer_pop (&framer, &body, NULL))
        return 0;
      if (body == NULL)
        break;
      read_body (body);
    }
  }
  return 0;
}
