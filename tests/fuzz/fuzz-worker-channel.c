/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-channel.h"

#include <glib.h>
#include <string.h>

/* The worker channel, as one end hears it: a byte for the kind of worker, then
 * messages, each behind a byte for who says it and how many descriptors come
 * along, and two for its length. What was read can be written, to the same
 * bytes; phases never go back. */

#define HEADER_BYTES 3
#define N_KINDS      6
#define MAX_FDS      (FOYER_CHANNEL_MAX_FDS + 1)

static void
take_message (FoyerProtocol *protocol, guint8 how, const uint8_t *data,
    gsize n_bytes)
{
  FoyerMessage message;
  FoyerProtocol before = *protocol;
  guint8 out[FOYER_CHANNEL_MAX_BYTES];

  if (!foyer_message_read (&message, data, n_bytes))
    return;
  g_assert_cmpmem (out, foyer_message_write (&message, out, sizeof out), data,
      n_bytes);
  g_assert_nonnull (memchr (message.text, '\0', sizeof message.text));
  if (foyer_protocol_take (protocol, (how & 1) != 0, &message,
          (how >> 1) % (MAX_FDS + 1))) {
    g_assert_cmpint (protocol->phase, >=, before.phase);
    g_assert_cmpint (protocol->phase, !=, FOYER_PHASE_BORN);
  } else {
    g_assert_cmpmem (protocol, sizeof *protocol, &before, sizeof before);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  FoyerProtocol protocol;

  if (n_bytes == 0)
    return 0;
  foyer_protocol_init (&protocol, data[0] % N_KINDS);
  data++;
  n_bytes--;
  while (n_bytes >= HEADER_BYTES) {
    gsize n_message_bytes = MIN ((gsize) (data[1] << 8 | data[2]),
        n_bytes - HEADER_BYTES);

    take_message (&protocol, data[0], data + HEADER_BYTES, n_message_bytes);
    data += HEADER_BYTES + n_message_bytes;
    n_bytes -= HEADER_BYTES + n_message_bytes;
  }
  return 0;
}
