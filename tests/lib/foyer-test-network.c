/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-network.h"

#define HEADER_BYTES 28 /* IPv4 and UDP take their part of a bottleneck */

typedef struct
{
  gint64 at_us;
  guint64 order;
  GBytes *bytes;
} Datagram;

struct _FoyerTestNetwork
{
  FoyerTestPath path;
  guint64 state; /* of the random numbers */
  gint64 busy_until_us;
  guint64 n_sent;
  GQueue under_way; /* of Datagram, by time */
};

FoyerTestNetwork *
foyer_test_network_new (const FoyerTestPath *path, guint32 seed)
{
  FoyerTestNetwork *self = g_new0 (FoyerTestNetwork, 1);

  self->path = *path;
  self->state = G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) ^
      ((guint64) seed << 16 | seed);
  g_queue_init (&self->under_way);
  return self;
}

void
foyer_test_network_set_path (FoyerTestNetwork *self, const FoyerTestPath *path)
{
  self->path = *path;
}

/* splitmix64: public domain, by Sebastiano Vigna */
guint32
foyer_test_network_draw (FoyerTestNetwork *self, guint32 end)
{
  guint64 z = (self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (guint32) ((z ^ (z >> 31)) >> 32) % end;
}

static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Datagram *one = a;
  const Datagram *other = b;

  if (one->at_us != other->at_us)
    return one->at_us < other->at_us ? -1 : 1;
  return one->order < other->order ? -1 : 1;
}

static void
deliver (FoyerTestNetwork *self, GBytes *bytes, gint64 at_us)
{
  Datagram *datagram = g_new0 (Datagram, 1);

  if (self->path.jitter_us > 0)
    at_us += foyer_test_network_draw (self, (guint32) self->path.jitter_us);
  datagram->at_us = at_us;
  datagram->order = self->n_sent++;
  datagram->bytes = g_bytes_ref (bytes);
  g_queue_insert_sorted (&self->under_way, datagram, compare, NULL);
}

/* When the last bit has left the bottleneck; -1 if its queue is full. */
static gint64
pass_bottleneck (FoyerTestNetwork *self, gsize n_bytes, gint64 now_us)
{
  gint64 begin_us = MAX (self->busy_until_us, now_us);

  if (self->path.rate_bps == 0)
    return now_us;
  if (begin_us - now_us > self->path.queue_us)
    return -1;
  self->busy_until_us = begin_us +
      (gint64) ((n_bytes + HEADER_BYTES) * 8 * G_USEC_PER_SEC /
          self->path.rate_bps);
  return self->busy_until_us;
}

void
foyer_test_network_send (FoyerTestNetwork *self, const guint8 *head,
    gsize n_head_bytes, const guint8 *tail, gsize n_tail_bytes, gint64 now_us)
{
  g_autoptr (GByteArray) array = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  gint64 left_us;

  g_byte_array_append (array, head, (guint) n_head_bytes);
  if (n_tail_bytes > 0)
    g_byte_array_append (array, tail, (guint) n_tail_bytes);
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&array));
  left_us = pass_bottleneck (self, n_head_bytes + n_tail_bytes, now_us);
  if (left_us < 0 ||
      foyer_test_network_draw (self, 1000) < self->path.loss_permille)
    return;
  deliver (self, bytes, left_us + self->path.delay_us);
  if (foyer_test_network_draw (self, 1000) < self->path.double_permille)
    deliver (self, bytes, left_us + self->path.delay_us);
}

gint64
foyer_test_network_get_next_us (const FoyerTestNetwork *self)
{
  const Datagram *next = self->under_way.head ? self->under_way.head->data
                                              : NULL;

  return next == NULL ? G_MAXINT64 : next->at_us;
}

GBytes *
foyer_test_network_receive (FoyerTestNetwork *self, gint64 now_us)
{
  g_autofree Datagram *datagram = NULL;

  if (foyer_test_network_get_next_us (self) > now_us)
    return NULL;
  datagram = g_queue_pop_head (&self->under_way);
  return datagram->bytes;
}

static void
free_datagram (gpointer data)
{
  Datagram *datagram = data;

  g_bytes_unref (datagram->bytes);
  g_free (datagram);
}

void
foyer_test_network_free (FoyerTestNetwork *self)
{
  if (self == NULL)
    return;
  g_queue_clear_full (&self->under_way, free_datagram);
  g_free (self);
}
