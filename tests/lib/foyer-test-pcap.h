/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The UDP datagrams of a capture. For files of ours: aborts on what it does not
 * know. */

typedef struct
{
  gint64 time_us; /* since 1970 */
  guint16 source_port;
  guint16 target_port;
  const guint8 *data; /* borrowed from the file */
  gsize n_bytes;
} FoyerTestDatagram;

/**
 * foyer_test_pcap_read:
 * @file: a pcap file of Ethernet frames, little-endian, in microseconds
 *
 * Skips all but whole UDP datagrams over IPv4.
 *
 * Returns: (transfer full) (element-type FoyerTestDatagram): the datagrams, in
 *   order; they live as long as @file
 */
GArray *foyer_test_pcap_read (GBytes *file);

G_END_DECLS
