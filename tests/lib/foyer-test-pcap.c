/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-pcap.h"

#include "foyer-reader.h"

/* draft-ietf-opsawg-pcap */
#define MAGIC            0xd4c3b2a1 /* read big-endian */
#define REST_BYTES       16         /* of the file header, before the link */
#define LINK_ETHERNET    1
#define ADDRESSES_BYTES  12 /* two of Ethernet */
#define ETHERTYPE_IPV4   0x0800
#define PROTOCOL_UDP     17
#define IPV4_BYTES       20 /* without options */
#define FRAGMENT_MASK    0x3fff
#define UDP_HEADER_BYTES 8
#define US_IN_S          G_GINT64_CONSTANT (1000000)

static guint32
get_u32_little (FoyerReader *reader)
{
  return GUINT32_SWAP_LE_BE (foyer_reader_get_u32 (reader));
}

/* Leaves @reader at the payload. Returns FALSE if it is not IPv4. */
static gboolean
skip_ethernet (FoyerReader *reader)
{
  foyer_reader_take (reader, ADDRESSES_BYTES);
  return foyer_reader_get_u16 (reader) == ETHERTYPE_IPV4;
}

/* RFC 791 §3.1 */
static gboolean
skip_ipv4 (FoyerReader *reader)
{
  gsize n_header_bytes = (foyer_reader_get_u8 (reader) & 0x0f) * 4;
  guint16 fragment;
  guint8 protocol;

  foyer_reader_take (reader, 5);
  fragment = foyer_reader_get_u16 (reader) & FRAGMENT_MASK;
  foyer_reader_take (reader, 1);
  protocol = foyer_reader_get_u8 (reader);
  foyer_reader_take (reader, 10);
  g_assert_cmpuint (n_header_bytes, >=, IPV4_BYTES);
  foyer_reader_take (reader, n_header_bytes - IPV4_BYTES);
  return protocol == PROTOCOL_UDP && fragment == 0;
}

/* RFC 768 */
static void
read_udp (FoyerReader *reader, FoyerTestDatagram *datagram)
{
  datagram->source_port = foyer_reader_get_u16 (reader);
  datagram->target_port = foyer_reader_get_u16 (reader);
  datagram->n_bytes = foyer_reader_get_u16 (reader) - UDP_HEADER_BYTES;
  foyer_reader_take (reader, 2);
  /* Ethernet pads short frames: the length is UDP's. */
  datagram->data = foyer_reader_take (reader, datagram->n_bytes);
}

static void
read_record (FoyerReader *file, GArray *datagrams)
{
  FoyerTestDatagram datagram = { 0 };
  FoyerReader record;
  gint64 s = get_u32_little (file);
  gint64 us = get_u32_little (file);
  gsize n_captured_bytes = get_u32_little (file);
  gsize n_bytes = get_u32_little (file);

  g_assert_cmpuint (n_captured_bytes, ==, n_bytes);
  record = foyer_reader_make (foyer_reader_take (file, n_bytes), n_bytes);
  g_assert_true (foyer_reader_is_ok (file));
  if (!skip_ethernet (&record) || !skip_ipv4 (&record))
    return;
  datagram.time_us = s * US_IN_S + us;
  read_udp (&record, &datagram);
  g_assert_true (foyer_reader_is_ok (&record));
  g_array_append_val (datagrams, datagram);
}

GArray *
foyer_test_pcap_read (GBytes *file)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (file, &n_bytes);
  FoyerReader reader = foyer_reader_make (data, n_bytes);
  GArray *datagrams = g_array_new (FALSE, FALSE, sizeof (FoyerTestDatagram));

  g_assert_cmphex (foyer_reader_get_u32 (&reader), ==, MAGIC);
  foyer_reader_take (&reader, REST_BYTES);
  g_assert_cmpuint (get_u32_little (&reader), ==, LINK_ETHERNET);
  while (reader.n_bytes > 0)
    read_record (&reader, datagrams);
  return datagrams;
}
