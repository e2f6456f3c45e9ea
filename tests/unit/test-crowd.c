/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a rig's displays say of what came to them. */
#include "config.h"

#include "foyer-cast-crypto.h"
#include "foyer-cast-rtp.h"
#include "foyer-cast-udp.h"
#include "foyer-test-forger.h"
#include "foyer-test-hearer.h"
#include "foyer-test-needle.h"
#include "foyer-test-tap.h"
#include "foyer-tone.h"

#include <gst/check/gstharness.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SSRC          1
#define PAYLOAD_TYPE  96
#define PAYLOAD_BYTES 1000
#define END_NS        1000000
#define CHANNELS      2
#define PACKET_MS     20
#define N_PACKETS     60 /* 1.2 s of sound */
#define NONE          N_PACKETS
#define LONG          400 /* frames: more than a number's low 8 bits can tell */

static const FoyerCastStreamConfig video = {
  .kind = FOYER_CAST_STREAM_VIDEO,
  .codec = FOYER_CAST_CODEC_H264,
  .sender_ssrc = SSRC,
  .key = { { 1 } },
  .iv_mask = { { 2 } },
};

/* Two sessions; of the same keys. */
static const FoyerCastStreamConfig sounds[] = {
  { .kind = FOYER_CAST_STREAM_AUDIO,
      .codec = FOYER_CAST_CODEC_OPUS,
      .sender_ssrc = 11,
      .key = { { 3 } } },
  { .kind = FOYER_CAST_STREAM_AUDIO,
      .codec = FOYER_CAST_CODEC_OPUS,
      .sender_ssrc = 12,
      .key = { { 3 } } },
};

gboolean __wrap_foyer_cast_udp_receive (int fd, FoyerCastUdpBatch *batch);

/* A frame comes, but for the last @n_missing of its packets. */
static void
receive (FoyerTestTap *tap, FoyerCastFrameId id, gboolean is_key,
    const guint8 *data, gsize n_bytes, guint n_missing, gint64 arrival_ns)
{
  g_autofree guint8 *coded = g_malloc (n_bytes);
  guint n_packets = (guint) ((n_bytes + PAYLOAD_BYTES - 1) / PAYLOAD_BYTES);
  FoyerCastCrypto crypto;

  foyer_cast_crypto_init (&crypto, &video.key, &video.iv_mask);
  foyer_cast_crypto_apply (&crypto, id, data, coded, n_bytes);
  for (guint i = 0; i + n_missing < n_packets; i++) {
    guint8 datagram[FOYER_CAST_RTP_MAX_HEADER_BYTES + PAYLOAD_BYTES];
    gsize begin = i * (gsize) PAYLOAD_BYTES;
    gsize length = MIN (PAYLOAD_BYTES, n_bytes - begin);
    FoyerCastRtpHeader header = {
      .payload_type = PAYLOAD_TYPE,
      .ssrc = SSRC,
      .timestamp = (guint32) id * 3000,
      .is_key = is_key,
      .has_reference = TRUE,
      .frame_id_low = (guint8) id,
      .reference_low = (guint8) (is_key ? id : id - 1),
      .packet_id = (guint16) i,
      .max_packet_id = (guint16) (n_packets - 1),
    };
    gsize at = foyer_cast_rtp_write_header (&header, datagram);

    memcpy (datagram + at, coded + begin, length);
    foyer_test_tap_keep (tap, datagram, at + length, arrival_ns);
  }
  if (n_missing == 0)
    foyer_test_tap_note_frame (tap, id);
  foyer_cast_crypto_clear (&crypto);
}

/* A stream that went on for @n frames, each of one datagram. */
static FoyerTestTap *
stream (guint n)
{
  FoyerTestTap *tap = foyer_test_tap_new ();

  foyer_test_tap_begin (tap, &video);
  for (guint i = 0; i < n; i++)
    receive (tap, i, i == 0, (const guint8 *) "frame", 5, 0, END_NS / 2);
  return tap;
}

/* A picture that stands alone and has no mark. */
static GBytes *
draw_slate (void)
{
  GstHarness *harness = gst_harness_new_parse (
      "videotestsrc num-buffers=1 pattern=snow ! "
      "video/x-raw,format=I420,width=160,height=96 ! "
      "x264enc tune=zerolatency ! "
      "capsfilter caps=video/x-h264,stream-format=byte-stream,profile=baseline");
  GstBuffer *buffer;
  GstMapInfo map;
  GBytes *frame;

  gst_harness_play (harness);
  buffer = gst_harness_pull (harness);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  frame = g_bytes_new (map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  gst_harness_teardown (harness);
  g_assert_cmpuint (g_bytes_get_size (frame), >, 2 * PAYLOAD_BYTES);
  return frame;
}

static FoyerTestLate
look (FoyerTestTap *tap)
{
  FoyerTestLate late;

  foyer_test_tap_look (tap, END_NS, &late);
  foyer_test_tap_free (tap);
  return late;
}

static void
test_nothing_late (void)
{
  FoyerTestLate late = look (stream (LONG));

  g_assert_cmpuint (late.n_camera_bytes + late.n_slate_bytes +
          late.n_unknown_bytes,
      ==, 0);
}

static void
test_slate (void)
{
  g_autoptr (GBytes) frame = draw_slate ();
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (frame, &n_bytes);

  /* Also where a frame that is kept has the same low bits. */
  for (guint n = 100; n <= LONG; n += LONG - 100) {
    FoyerTestTap *tap = stream (n);
    FoyerTestLate late;

    receive (tap, n, TRUE, data, n_bytes, 0, END_NS + 1);
    late = look (tap);
    g_assert_cmpuint (late.n_slate_bytes, >, n_bytes);
    g_assert_cmpuint (late.n_camera_bytes, ==, 0);
    g_assert_cmpuint (late.n_unknown_bytes, ==, 0);
  }
}

static void
test_camera (void)
{
  FoyerTestTap *tap = stream (LONG);
  FoyerTestLate late;

  receive (tap, LONG, FALSE, (const guint8 *) "frame", 5, 0, END_NS + 1);
  late = look (tap);
  g_assert_cmpuint (late.n_camera_bytes, >, 5);
  g_assert_cmpuint (late.n_slate_bytes + late.n_unknown_bytes, ==, 0);
}

static void
test_part (void)
{
  g_autoptr (GBytes) frame = draw_slate ();
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (frame, &n_bytes);
  FoyerTestTap *tap = stream (LONG);
  FoyerTestLate late;

  receive (tap, LONG, TRUE, data, n_bytes, 1, END_NS + 1);
  late = look (tap);
  g_assert_cmpuint (late.n_unknown_bytes, >, PAYLOAD_BYTES);
  g_assert_cmpuint (late.n_slate_bytes + late.n_camera_bytes, ==, 0);
}

static void
test_needle (void)
{
  guint8 unit[400] = { 0, 0, 0, 1, 6 /* SEI */, 5 };
  const guint8 *needle = NULL;

  /* The encoder's words are longer than the picture. */
  memset (unit + 6, 'x', sizeof unit - 6);
  g_assert_cmpuint (foyer_test_needle_find (unit, sizeof unit, &needle), ==, 0);
  memcpy (unit + 280, "\0\0\1\x65", 4);
  g_assert_cmpuint (foyer_test_needle_find (unit, sizeof unit, &needle), ==,
      90);
  g_assert_true (needle == unit + 295);
  memcpy (unit + 280, "\0\0\1\x41", 4);
  g_assert_cmpuint (foyer_test_needle_find (unit, sizeof unit, &needle), ==,
      90);
  g_assert_true (needle == unit + 295);
  /* Too short to be anybody's. */
  g_assert_cmpuint (foyer_test_needle_find (unit, 360, &needle), ==, 0);
  g_assert_cmpuint (foyer_test_needle_find (unit, 2, &needle), ==, 0);
  g_assert_cmpuint (foyer_test_needle_find (NULL, 0, &needle), ==, 0);
}

/* Sound of camera 5 from 10.5 s on, so that the tone of second 11 is in there, as it
 * comes in packets. (transfer full) (element-type GstBuffer) */
static GPtrArray *
make_packets (void)
{
  GstHarness *harness = gst_harness_new ("opusenc");
  GPtrArray *packets = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_buffer_unref);
  const guint n_samples = PACKET_MS * FOYER_TONE_HZ / 1000;
  GstBuffer *coded;

  gst_harness_set_src_caps_str (harness,
      "audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2");
  for (guint i = 0; i < N_PACKETS; i++) {
    g_autofree gint16 *mono = g_new (gint16, n_samples);
    gint16 *both = g_new (gint16, n_samples * CHANNELS);
    GstBuffer *buffer;

    foyer_tone_draw (mono, n_samples,
        G_GUINT64_CONSTANT (10500000000) + i * PACKET_MS * GST_MSECOND, 5);
    for (guint k = 0; k < n_samples * CHANNELS; k++)
      both[k] = mono[k / CHANNELS];
    buffer = gst_buffer_new_wrapped (both, n_samples * CHANNELS * sizeof *both);
    GST_BUFFER_PTS (buffer) = i * PACKET_MS * GST_MSECOND;
    GST_BUFFER_DURATION (buffer) = PACKET_MS * GST_MSECOND;
    g_assert_cmpint (gst_harness_push (harness, buffer), ==, GST_FLOW_OK);
  }
  gst_harness_push_event (harness, gst_event_new_eos ());
  while ((coded = gst_harness_try_pull (harness)) != NULL)
    g_ptr_array_add (packets, coded);
  gst_harness_teardown (harness);
  return packets;
}

/* All that is heard if one packet is missing. (transfer full) */
static char *
hear_all (GPtrArray *packets, guint missing)
{
  FoyerTestHearer *hearer = foyer_test_hearer_new ();
  GString *heard = g_string_new ("");

  for (guint i = 0; i < packets->len; i++) {
    gpointer data;
    gsize n_bytes;
    g_autoptr (GBytes) bytes = NULL;
    g_autofree char *words = NULL;
    FoyerCastReceivedFrame packet = { 0 };

    if (i == missing)
      continue;
    gst_buffer_extract_dup (packets->pdata[i], 0, G_MAXSIZE, &data, &n_bytes);
    bytes = g_bytes_new_take (data, n_bytes);
    packet.data = bytes;
    packet.rtp_timestamp = i * (gint64) PACKET_MS * FOYER_TONE_HZ / 1000;
    words = foyer_test_hearer_hear (hearer, &packet);
    if (!g_str_equal (words, "null"))
      g_string_append (heard, words);
  }
  foyer_test_hearer_free (hearer);
  return g_string_free (heard, FALSE);
}

/* Whose and which, and nothing else, where something of it is missing. */
static void
test_hearer (void)
{
  g_autoptr (GPtrArray) packets = make_packets ();
  const guint first = 500 / PACKET_MS;

  for (guint missing = first; missing < first + 4; missing++) {
    g_autofree char *part = hear_all (packets, missing);

    g_assert_cmpstr (part, ==, "");
  }
  for (guint missing = first + 6; missing <= NONE; missing += 10) {
    g_autofree char *whole = hear_all (packets, missing);

    g_assert_cmpstr (whole, ==, "{\"camera\":5,\"second\":11}");
  }
}

/* A wall clock that runs, and one that is set forwards or back by an hour while a
 * datagram of 5 ms ago waits to be read. */
static void
test_set_clock (void)
{
  const gint64 ms = 1000000, hour = 3600 * 1000 * ms;
  const gint64 now = 10 * hour, offset = -100 * hour;
  const gint64 arrived = now - 5 * ms;

  g_assert_cmpint (foyer_test_tap_place (arrived - offset, offset, offset + ms,
                       now),
      ==, arrived);
  for (gint64 set = -hour; set <= hour; set += 2 * hour) {
    /* It had come before, or after. */
    g_assert_cmpint (foyer_test_tap_place (arrived - offset, offset - set,
                         offset, now),
        ==, arrived);
    g_assert_cmpint (foyer_test_tap_place (arrived - offset + set, offset - set,
                         offset, now),
        ==, arrived);
  }
}

static GBytes *
dup_packet (GPtrArray *packets, guint number)
{
  gpointer data;
  gsize n_bytes;

  gst_buffer_extract_dup (packets->pdata[number], 0, G_MAXSIZE, &data,
      &n_bytes);
  return g_bytes_new_take (data, n_bytes);
}

/* As what is read with a key that is not its own. */
static GBytes *
garble (GBytes *packet, GRand *dice)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (packet, &n_bytes);
  guint8 *noise = g_memdup2 (data, n_bytes);

  for (gsize i = 0; i < n_bytes; i++)
    noise[i] = (guint8) g_rand_int (dice);
  return g_bytes_new_take (noise, n_bytes);
}

static void
hear (FoyerTestHearer *hearer, GBytes *data, guint number, GString *heard)
{
  const FoyerCastReceivedFrame packet = {
    .data = data,
    .rtp_timestamp = number * (gint64) PACKET_MS * FOYER_TONE_HZ / 1000,
  };
  g_autofree char *words = foyer_test_hearer_hear (hearer, &packet);

  if (!g_str_equal (words, FOYER_TEST_HEARER_NOTHING))
    g_string_append (heard, words);
}

/* Silence, then noise, also in the middle of a tone; and what comes after it is
 * heard. */
static void
test_noise (void)
{
  g_autoptr (GPtrArray) packets = make_packets ();
  g_autoptr (GRand) dice = g_rand_new_with_seed (1);
  const guint first = 500 / PACKET_MS;

  for (guint turn = 0; turn < 60; turn++) {
    FoyerTestHearer *hearer = foyer_test_hearer_new ();
    g_autoptr (GString) heard = g_string_new ("");

    for (guint i = 0; i < 2 * packets->len; i++) {
      g_autoptr (GBytes) packet = dup_packet (packets, i % packets->len);
      g_autoptr (GBytes) noise = garble (packet, dice);
      gboolean is_garbled = i > first - 4 + turn % 6 && i < packets->len - 6;

      hear (hearer, is_garbled ? noise : packet, i, heard);
    }
    g_assert_cmpstr (heard->str, ==, "{\"camera\":5,\"second\":11}");
    foyer_test_hearer_free (hearer);
  }
}

/* A session with sound, of which packets have come. Numbers begin at 0. */
static FoyerTestTap *
hear_session (const FoyerCastStreamConfig *sound, GPtrArray *packets,
    guint n_packets)
{
  FoyerTestTap *tap = foyer_test_tap_new ();
  FoyerCastCrypto crypto;

  foyer_test_tap_begin (tap, &video);
  foyer_test_tap_begin_sound (tap, sound);
  foyer_cast_crypto_init (&crypto, &sound->key, &sound->iv_mask);
  for (guint i = 0; i < n_packets; i++) {
    g_autoptr (GBytes) packet = dup_packet (packets, i);
    guint8 datagram[FOYER_CAST_RTP_MAX_HEADER_BYTES + PAYLOAD_BYTES];
    const FoyerCastRtpHeader header = {
      .payload_type = PAYLOAD_TYPE,
      .ssrc = sound->sender_ssrc,
      .timestamp = i * PACKET_MS * FOYER_TONE_HZ / 1000,
      .is_key = TRUE,
      .frame_id_low = (guint8) i,
    };
    gsize at = foyer_cast_rtp_write_header (&header, datagram);
    gsize n_bytes;
    const guint8 *data = g_bytes_get_data (packet, &n_bytes);
    gboolean is_forged;

    foyer_cast_crypto_apply (&crypto, i, data, datagram + at, n_bytes);
    foyer_test_tap_keep (tap, datagram, at + n_bytes, END_NS);
    g_assert_cmpint (foyer_test_tap_note_packet (tap, i, &is_forged), ==,
        END_NS);
    g_assert_false (is_forged);
  }
  foyer_cast_crypto_clear (&crypto);
  return tap;
}

/* What the keys of one session read of another's sound. */
static void
test_sound_keys (void)
{
  g_autoptr (GPtrArray) packets = make_packets ();
  FoyerTestTap *tap = hear_session (&sounds[0], packets, packets->len);
  FoyerCastStreamConfig other = sounds[1];
  guint n_packets, n_tones;

  foyer_test_tap_try_sound_keys (tap, &sounds[1], &n_packets, &n_tones);
  g_assert_cmpuint (n_packets, ==, packets->len);
  g_assert_cmpuint (n_tones, ==, 1);
  other.key.bytes[1]++;
  foyer_test_tap_try_sound_keys (tap, &other, &n_packets, &n_tones);
  g_assert_cmpuint (n_packets, ==, packets->len);
  g_assert_cmpuint (n_tones, ==, 0);
  foyer_test_tap_free (tap);
}

/* (transfer full) */
static JsonNode *
replay (FoyerTestTap *from, FoyerTestTap *to)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  foyer_test_forge (FOYER_TEST_FORGE_REPLAY, from, to, builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* Sound of one session is received by the other: first what has the numbers that are
 * due there. */
static void
test_replay (void)
{
  g_autoptr (GPtrArray) packets = make_packets ();
  FoyerTestTap *from = hear_session (&sounds[0], packets, packets->len);
  FoyerTestTap *to = hear_session (&sounds[1], packets, 20);
  FoyerCastUdpBatch *batch = g_new0 (FoyerCastUdpBatch, 1);
  g_autoptr (JsonNode) told = NULL;
  gboolean is_forged;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM, 0, fds), ==, 0);
  /* Before it has a socket nothing can be replayed. */
  json_node_unref (replay (from, to));
  g_assert_cmpint (send (fds[1], "x", 1, 0), ==, 1);
  __wrap_foyer_cast_udp_receive (fds[0], batch);
  g_assert_cmpuint (batch->n_datagrams, ==, 1);
  told = replay (from, to);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (told),
                       "sound_datagrams"),
      ==, 3 * packets->len - 20);
  g_assert_cmpint (send (fds[1], "x", 1, 0), ==, 1);
  __wrap_foyer_cast_udp_receive (fds[0], batch);
  g_assert_cmpuint (batch->n_datagrams, ==, FOYER_CAST_BATCH);
  for (guint i = 1; i < FOYER_CAST_BATCH; i++) {
    FoyerCastRtpHeader header;
    const guint8 *payload;
    gsize n_payload_bytes;

    g_assert_true (foyer_cast_rtp_parse (batch->data[i], batch->n_bytes[i],
        &header, &payload, &n_payload_bytes));
    g_assert_cmpuint (header.ssrc, ==, sounds[1].sender_ssrc);
    g_assert_cmpuint (header.frame_id_low, ==, 20 + i - 1);
    foyer_test_tap_note_packet (to, 20 + i - 1, &is_forged);
    g_assert_true (is_forged);
  }
  foyer_test_tap_note_packet (to, 19, &is_forged);
  g_assert_false (is_forged);
  close (fds[0]);
  close (fds[1]);
  g_free (batch);
  foyer_test_tap_free (from);
  foyer_test_tap_free (to);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/crowd/tap/nothing-late", test_nothing_late);
  g_test_add_func ("/crowd/tap/slate", test_slate);
  g_test_add_func ("/crowd/tap/camera", test_camera);
  g_test_add_func ("/crowd/tap/part", test_part);
  g_test_add_func ("/crowd/tap/set-clock", test_set_clock);
  g_test_add_func ("/crowd/needle", test_needle);
  g_test_add_func ("/crowd/hearer", test_hearer);
  g_test_add_func ("/crowd/hearer/noise", test_noise);
  g_test_add_func ("/crowd/forge/sound-keys", test_sound_keys);
  g_test_add_func ("/crowd/forge/replay", test_replay);
  return g_test_run ();
}
