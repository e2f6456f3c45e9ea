/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-fd.h"
#include "foyer-memfd.h"
#include "foyer-tally.h"

#include <string.h>
#include <unistd.h>

/* A tally's page as a hostile worker leaves it: what foyerd takes from it is what
 * some session can have had, and can be said over the worker channel. */

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_auto (FoyerTally) theirs = { NULL };
  foyer_autofd int fd = foyer_memfd_new ("tally");
  const FoyerAccount before = { .n_frames = 7, .rtt_us = -1, .delay_us = -1 };
  FoyerMessage said = { .type = FOYER_MESSAGE_ACCOUNT, .account = before };
  guint8 out[FOYER_CHANNEL_MAX_BYTES];

  g_assert_no_errno (ftruncate (fd, FOYER_TALLY_BYTES));
  g_assert_true (foyer_tally_take (&theirs, fd, NULL));
  memcpy (theirs.page, data, MIN (n_bytes, FOYER_TALLY_BYTES));
  if (!foyer_tally_read (fd, &said.account)) {
    g_assert_cmpmem (&said.account, sizeof before, &before, sizeof before);
    return 0;
  }
  g_assert_cmpuint (said.account.n_frames, <=,
      said.account.last_sequence - said.account.first_sequence + 1);
  g_assert_cmpuint (foyer_message_write (&said, out, sizeof out), >, 0);
  return 0;
}
