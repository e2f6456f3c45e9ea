/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-random.h"

#include <errno.h>
#include <sys/random.h>

void
foyer_random_fill (guint8 *out, gsize n_bytes)
{
  gsize n_done = 0;

  while (n_done < n_bytes) {
    gssize n = getrandom (out + n_done, n_bytes - n_done, 0);

    if (n > 0)
      n_done += (gsize) n;
    else if (errno != EINTR)
      g_error ("the kernel gives no random numbers: %s", g_strerror (errno));
  }
}

guint32
foyer_random_range (guint32 low, guint32 high)
{
  guint64 n_values = (guint64) high - low + 1;
  guint64 limit = (1ULL << 32) - (1ULL << 32) % n_values;
  guint32 value;

  g_return_val_if_fail (low <= high, low);

  /* Values past the last whole multiple would favour the low results. */
  do
    foyer_random_fill ((guint8 *) &value, sizeof value);
  while (value >= limit);
  return low + (guint32) (value % n_values);
}
