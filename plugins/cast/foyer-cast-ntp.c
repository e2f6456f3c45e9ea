/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-ntp.h"

/* RFC 5905 figure 4: seconds from 1900-01-01 to 1970-01-01 */
#define UNIX_EPOCH_S G_GINT64_CONSTANT (2208988800)
/* Era 0 ends, and the seconds wrap, in February 2036. */
#define ERA_S   (G_GINT64_CONSTANT (1) << 32)
#define HALF_S  0x80000000U
#define US_IN_S 1000000

guint64
foyer_cast_ntp_from_unix_us (gint64 unix_us)
{
  gint64 s = unix_us / US_IN_S;
  gint64 us = unix_us % US_IN_S;

  if (us < 0) {
    us += US_IN_S;
    s--;
  }
  return (guint64) (guint32) (s + UNIX_EPOCH_S) << 32 |
      ((guint64) us << 32) / US_IN_S;
}

gint64
foyer_cast_ntp_to_unix_us (guint64 ntp)
{
  guint32 fraction = (guint32) ntp;
  gint64 s = (gint64) (ntp >> 32);

  /* RFC 4330 §3: seconds with the highest bit clear belong to era 1. */
  if (s < ERA_S / 2)
    s += ERA_S;
  return (s - UNIX_EPOCH_S) * US_IN_S +
      (gint64) (((guint64) fraction * US_IN_S + HALF_S) >> 32);
}

guint32
foyer_cast_ntp_get_report_id (guint64 ntp)
{
  return (guint32) (ntp >> 16);
}
