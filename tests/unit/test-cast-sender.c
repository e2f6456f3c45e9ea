/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-rtcp.h"
#include "foyer-cast-sender.h"
#include "foyer-test-data.h"

#include <string.h>

/* The session of the known answers: key and mask are those of openscreen
 * cast/streaming/sender_unittest.cc; packets were computed by a program of
 * their own. */
#define NOW_US  G_GINT64_CONSTANT (1000000000)
#define WALL_US G_GINT64_CONSTANT (1700000000250000)

static const char fox[] = "The quick brown fox jumps over the lazy dog.";

static FoyerCastStreamConfig
make_config (void)
{
  FoyerCastStreamConfig config = {
    .kind = FOYER_CAST_STREAM_VIDEO,
    .codec = FOYER_CAST_CODEC_VP8,
    .payload_type = 96,
    .sender_ssrc = 1,
    .receiver_ssrc = 2,
    .time_base_hz = 90000,
    .target_delay_ms = 400,
    .max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES,
  };
  g_autoptr (GBytes) key = foyer_test_hex ("000102030405060708090a0b0c0d0e0f");
  g_autoptr (GBytes) mask = foyer_test_hex ("f0e0d0c0b0a090807060504030201000");

  memcpy (config.key.bytes, g_bytes_get_data (key, NULL), FOYER_KEY_BYTES);
  memcpy (config.iv_mask.bytes, g_bytes_get_data (mask, NULL), FOYER_KEY_BYTES);
  return config;
}

/* Sends the next datagram; its bytes are returned. */
static GByteArray *
send_one (FoyerCastSender *sender, gint64 now_us)
{
  FoyerCastDatagram datagram;
  GByteArray *bytes = g_byte_array_new ();

  g_assert_true (foyer_cast_sender_peek (sender, now_us, &datagram));
  g_byte_array_append (bytes, datagram.header, (guint) datagram.n_header_bytes);
  if (datagram.n_payload_bytes > 0)
    g_byte_array_append (bytes, datagram.payload,
        (guint) datagram.n_payload_bytes);
  foyer_cast_sender_commit (sender, now_us);
  return bytes;
}

static gboolean
is_rtp (const GByteArray *bytes)
{
  return foyer_cast_packet_inspect (bytes->data, bytes->len, NULL) ==
      FOYER_CAST_PACKET_RTP;
}

/* The same, but for reports. */
static GByteArray *
send_packet (FoyerCastSender *sender, gint64 now_us)
{
  for (;;) {
    GByteArray *bytes = send_one (sender, now_us);

    if (is_rtp (bytes))
      return bytes;
    g_byte_array_unref (bytes);
  }
}

/* Sends all that may leave now; how many RTP datagrams that were. */
static guint
drain (FoyerCastSender *sender, gint64 now_us)
{
  FoyerCastDatagram datagram;
  guint n = 0;

  while (foyer_cast_sender_peek (sender, now_us, &datagram)) {
    n += foyer_cast_packet_inspect (datagram.header, datagram.n_header_bytes,
             NULL) == FOYER_CAST_PACKET_RTP;
    foyer_cast_sender_commit (sender, now_us);
  }
  return n;
}

static FoyerCastVerdict
push (FoyerCastSender *sender, gsize n_bytes, gboolean is_key,
    gint64 capture_us)
{
  g_autofree guint8 *data = g_malloc (MAX (n_bytes, 1));

  for (gsize i = 0; i < n_bytes; i++)
    data[i] = (guint8) (7 * i + 3);
  return foyer_cast_sender_enqueue (sender, 0, data, n_bytes, is_key,
      capture_us, capture_us);
}

static FoyerCastSender *
make_sender (guint16 first_sequence)
{
  FoyerCastStreamConfig config = make_config ();

  config.first_sequence = first_sequence;
  return foyer_cast_sender_new (&config, 1, NOW_US, WALL_US);
}

static void
test_vectors_first_frames (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (0x1234);
  g_autoptr (GByteArray) key = NULL;
  g_autoptr (GByteArray) delta = NULL;

  foyer_cast_sender_set_delay (sender, 400);
  g_assert_cmpint (foyer_cast_sender_enqueue (sender, 0, (const guint8 *) fox,
                       sizeof fox, TRUE, NOW_US, NOW_US),
      ==, FOYER_CAST_VERDICT_SEND);
  key = send_packet (sender, NOW_US);
  foyer_test_assert_hex (key->data, key->len,
      "80e012340000000000000001c100000000000004020190"
      "236a99bb00b35445c9d0ff87ab327e0a2efb3888c5b96557889a2a8dff0e0ab593ee80"
      "455103698e1ff5e0e8f4");
  g_assert_cmpint (foyer_cast_sender_enqueue (sender, 0, (const guint8 *) fox,
                       sizeof fox, FALSE, NOW_US + 33333, NOW_US + 33333),
      ==, FOYER_CAST_VERDICT_SEND);
  delta = send_packet (sender, NOW_US + 33333);
  foyer_test_assert_hex (delta->data, delta->len,
      "80e0123500000bb80000000140010000000000"
      "13dbfcfb7a450e1a4b453f58da0af62294fa60e5d25cc36be5d7d5e0120fc936b428be"
      "b2e1ed84049898916cc2");
}

static void
assert_sha256 (const GByteArray *bytes, const char *expected)
{
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256,
      bytes->data, bytes->len);

  g_assert_cmpstr (sum, ==, expected);
}

static void
test_vectors_three_packets (void)
{
  static const char *const sums[] = {
    "c94cefc6a82b10778c6c176ed5473f0b03cd992487e56a33c3fea845c1a7d0de",
    "078e398007da827309b2f0d8825254ea2c608ff3b0c4c5e9139e5bd633f4e516",
    "1f4ebcb267999e233335651bb569eb99c8da6757f3af0c7f45478433c25c7180",
  };
  g_autoptr (FoyerCastSender) sender = make_sender (0xfffc);

  push (sender, 0, TRUE, NOW_US);
  push (sender, 0, FALSE, NOW_US + 33333);
  push (sender, 3000, FALSE, NOW_US + 66667);
  g_byte_array_unref (send_packet (sender, NOW_US + 66667));
  g_byte_array_unref (send_packet (sender, NOW_US + 66667));
  for (guint i = 0; i < G_N_ELEMENTS (sums); i++) {
    g_autoptr (GByteArray) packet = send_packet (sender, NOW_US + 66667);

    assert_sha256 (packet, sums[i]);
  }
}

static void
test_vectors_empty_frame (void)
{
  g_autoptr (FoyerCastSender) sender = make_sender (2);
  g_autoptr (GByteArray) packet = NULL;

  for (int i = 0; i < 4; i++)
    push (sender, 0, i == 0, NOW_US + i * 33333 + i / 3);
  for (int i = 0; i < 3; i++)
    g_byte_array_unref (send_packet (sender, NOW_US + 100000));
  packet = send_packet (sender, NOW_US + 100000);
  foyer_test_assert_hex (packet->data, packet->len,
      "80e00005000023280000000140030000000002");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-sender/vectors/first-frames",
      test_vectors_first_frames);
  g_test_add_func ("/cast-sender/vectors/three-packets",
      test_vectors_three_packets);
  g_test_add_func ("/cast-sender/vectors/empty-frame",
      test_vectors_empty_frame);
  (void) drain;
  return g_test_run ();
}
