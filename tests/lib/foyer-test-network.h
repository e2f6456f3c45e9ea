/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One way of a network in virtual time: delays, loses, doubles, reorders and
 * throttles datagrams, the same ones for the same seed. */

/**
 * FoyerTestPath:
 * @delay_us: of every datagram
 * @jitter_us: up to this much more, evenly spread: more than the gap between
 *   two datagrams reorders them
 * @loss_permille: lost at random
 * @double_permille: delivered twice
 * @rate_bps: bottleneck; 0 for none
 * @queue_us: datagrams that would wait longer before it are lost
 */
typedef struct
{
  gint64 delay_us;
  gint64 jitter_us;
  guint loss_permille;
  guint double_permille;
  guint64 rate_bps;
  gint64 queue_us;
} FoyerTestPath;

typedef struct _FoyerTestNetwork FoyerTestNetwork;

FoyerTestNetwork *foyer_test_network_new (const FoyerTestPath *path,
    guint32 seed);

/* From now on; what is under way stays so. */
void foyer_test_network_set_path (FoyerTestNetwork *self,
    const FoyerTestPath *path);

/* The bytes are those of @head followed by those of @tail. */
void foyer_test_network_send (FoyerTestNetwork *self, const guint8 *head,
    gsize n_head_bytes, const guint8 *tail, gsize n_tail_bytes, gint64 now_us);

/* When the next datagram arrives; G_MAXINT64 for none. */
gint64 foyer_test_network_get_next_us (const FoyerTestNetwork *self);

/* (transfer full) (nullable): the next datagram that has arrived */
GBytes *foyer_test_network_receive (FoyerTestNetwork *self, gint64 now_us);

/* 0…@end - 1, evenly spread */
guint32 foyer_test_network_draw (FoyerTestNetwork *self, guint32 end);

void foyer_test_network_free (FoyerTestNetwork *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerTestNetwork, foyer_test_network_free)

G_END_DECLS
