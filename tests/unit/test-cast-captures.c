/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-crypto.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-rtcp.h"
#include "foyer-cast-rtp.h"
#include "foyer-reader.h"
#include "foyer-test-data.h"
#include "foyer-test-pcap.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* What a foreign sender and a foreign display said to each other, read with
 * Foyer's parsers, and what the display made of it as known answer. No engine:
 * the frames are put together here in the plainest way. */

#define DISPLAY_PORT 2344
#define MAX_STREAMS  2

typedef struct
{
  FoyerCastRtpHeader header;
  const guint8 *payload; /* borrowed from the capture */
  gsize n_bytes;
} Packet;

typedef struct
{
  const char *name; /* "audio" or "video" */
  FoyerKey key;
  FoyerKey iv_mask;
  guint32 sender_ssrc;
  guint32 receiver_ssrc;
  guint n_datagrams; /* from the sender */
  guint n_reports;
  guint n_feedbacks;
  FoyerCastFrameId last_frame_id;
  gint64 last_timestamp;
  GPtrArray *frames; /* of GArray of Packet, by frame id */
  FoyerCastFeedbackParser parser;
  FoyerCastFeedback feedback;
  FoyerCastFrameId checkpoint;
} Stream;

typedef struct
{
  GBytes *file;
  GArray *datagrams;
  Stream streams[MAX_STREAMS];
} Capture;

static GBytes *
load (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename ("captures", folder, name, NULL);

  return foyer_test_load (path);
}

/* The JSON on the first line of the log that holds @mark. */
static JsonNode *
load_message (const char *folder, const char *mark)
{
  g_autoptr (GBytes) file = load (folder, "messages.log");
  g_autofree char *text = g_strndup (g_bytes_get_data (file, NULL),
      g_bytes_get_size (file));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++) {
    g_autoptr (GError) error = NULL;
    JsonNode *node;

    if (strstr (lines[i], mark) == NULL)
      continue;
    node = json_from_string (strchr (lines[i], '{'), &error);
    g_assert_no_error (error);
    return node;
  }
  g_assert_not_reached ();
}

static void
read_key (JsonObject *object, const char *name, FoyerKey *key)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (
      json_object_get_string_member (object, name));

  g_assert_cmpuint (g_bytes_get_size (bytes), ==, FOYER_KEY_BYTES);
  memcpy (key->bytes, g_bytes_get_data (bytes, NULL), FOYER_KEY_BYTES);
}

static void
stream_init (Stream *self, JsonObject *offered, gint64 receiver_ssrc)
{
  const char *type = json_object_get_string_member (offered, "type");

  self->name = g_str_has_prefix (type, "video") ? "video" : "audio";
  read_key (offered, "aesKey", &self->key);
  read_key (offered, "aesIvMask", &self->iv_mask);
  self->sender_ssrc = (guint32) json_object_get_int_member (offered, "ssrc");
  self->receiver_ssrc = (guint32) receiver_ssrc;
  self->last_frame_id = FOYER_CAST_FRAME_ID_NONE;
  self->checkpoint = FOYER_CAST_FRAME_ID_NONE;
  self->frames = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_array_unref);
  self->parser.sender_ssrc = self->sender_ssrc;
  self->parser.receiver_ssrc = self->receiver_ssrc;
  foyer_cast_feedback_init (&self->feedback);
}

static void
stream_clear (Stream *self)
{
  g_ptr_array_unref (self->frames);
  foyer_cast_feedback_clear (&self->feedback);
}

static void
capture_init (Capture *self, const char *folder)
{
  g_autoptr (JsonNode) offer = load_message (folder, "\"type\":\"OFFER\"");
  g_autoptr (JsonNode) answer = load_message (folder, "\"type\":\"ANSWER\"");
  JsonArray *offered = json_object_get_array_member (
      json_object_get_object_member (json_node_get_object (offer), "offer"),
      "supportedStreams");
  JsonArray *ssrcs = json_object_get_array_member (
      json_object_get_object_member (json_node_get_object (answer), "answer"),
      "ssrcs");

  g_assert_cmpuint (json_array_get_length (offered), ==, MAX_STREAMS);
  g_assert_cmpuint (json_array_get_length (ssrcs), ==, MAX_STREAMS);
  *self = (Capture){ .file = load (folder, "session.pcap") };
  self->datagrams = foyer_test_pcap_read (self->file);
  for (guint i = 0; i < MAX_STREAMS; i++)
    stream_init (&self->streams[i], json_array_get_object_element (offered, i),
        json_array_get_int_element (ssrcs, i));
}

static void
capture_clear (Capture *self)
{
  for (guint i = 0; i < MAX_STREAMS; i++)
    stream_clear (&self->streams[i]);
  g_array_unref (self->datagrams);
  g_bytes_unref (self->file);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Capture, capture_clear)

/* From the sender */

static void
add_packet (Stream *stream, FoyerCastFrameId frame_id, const Packet *packet)
{
  GArray *packets;

  while (stream->frames->len <= (guint) frame_id)
    g_ptr_array_add (stream->frames,
        g_array_new (FALSE, TRUE, sizeof (Packet)));
  packets = g_ptr_array_index (stream->frames, (guint) frame_id);
  if (packets->len == 0)
    g_array_set_size (packets, packet->header.max_packet_id + 1U);
  g_assert_cmpuint (packets->len, ==, packet->header.max_packet_id + 1U);
  g_array_index (packets, Packet, packet->header.packet_id) = *packet;
}

/* What this sender writes, Foyer writes too. */
static void
assert_rewritten_header (const FoyerCastRtpHeader *header, const guint8 *data,
    gsize n_bytes)
{
  guint8 out[FOYER_CAST_RTP_MAX_HEADER_BYTES];
  gsize n_header_bytes = foyer_cast_rtp_write_header (header, out);

  g_assert_cmpmem (out, n_header_bytes, data, n_bytes);
}

static void
read_rtp (Stream *stream, const FoyerTestDatagram *datagram)
{
  Packet packet;
  FoyerCastFrameId frame_id;

  g_assert_true (foyer_cast_rtp_parse (datagram->data, datagram->n_bytes,
      &packet.header, &packet.payload, &packet.n_bytes));
  assert_rewritten_header (&packet.header, datagram->data,
      datagram->n_bytes - packet.n_bytes);
  g_assert_cmphex (packet.header.ssrc, ==, stream->sender_ssrc);
  frame_id = foyer_cast_expand8 (stream->last_frame_id,
      packet.header.frame_id_low);
  g_assert_cmpint (frame_id, >=, 0);
  stream->last_frame_id = MAX (stream->last_frame_id, frame_id);
  add_packet (stream, frame_id, &packet);
}

static void
read_sender_report (Stream *stream, const FoyerTestDatagram *datagram)
{
  FoyerCastSenderReport report;
  guint8 out[FOYER_CAST_SENDER_REPORT_BYTES];

  g_assert_true (foyer_cast_rtcp_parse_sender_report (datagram->data,
      datagram->n_bytes, stream->sender_ssrc, &report));
  foyer_cast_rtcp_write_sender_report (&report, out);
  g_assert_cmpmem (out, sizeof out, datagram->data, datagram->n_bytes);
  stream->n_reports++;
}

static void
read_from_sender (Capture *capture, const FoyerTestDatagram *datagram)
{
  guint32 ssrc = 0;
  FoyerCastPacketKind kind = foyer_cast_packet_inspect (datagram->data,
      datagram->n_bytes, &ssrc);

  for (guint i = 0; i < MAX_STREAMS; i++) {
    Stream *stream = &capture->streams[i];

    if (stream->sender_ssrc != ssrc)
      continue;
    if (stream->n_datagrams++ == 0)
      g_assert_cmpint (kind, ==, FOYER_CAST_PACKET_RTCP);
    if (kind == FOYER_CAST_PACKET_RTP)
      read_rtp (stream, datagram);
    else
      read_sender_report (stream, datagram);
    return;
  }
  g_assert_not_reached ();
}

/* From the display */

static void
assert_rewritten_feedback (const Stream *stream,
    const FoyerTestDatagram *datagram)
{
  guint8 out[FOYER_CAST_MAX_DATAGRAM_BYTES];
  gsize n_bytes = foyer_cast_rtcp_write_feedback (stream->receiver_ssrc,
      stream->sender_ssrc, &stream->feedback, out, sizeof out);

  g_assert_cmpmem (out, n_bytes, datagram->data, datagram->n_bytes);
}

static void
read_feedback (Stream *stream, const FoyerTestDatagram *datagram)
{
  g_assert_true (
      foyer_cast_rtcp_parse_feedback (&stream->parser, datagram->data,
          datagram->n_bytes, stream->last_frame_id, &stream->feedback));
  /* It is never out of date, and never ahead of the sender. */
  g_assert_true (stream->feedback.has_reference_time);
  g_assert_true (stream->feedback.has_checkpoint);
  g_assert_true (stream->feedback.has_count);
  g_assert_cmpint (stream->feedback.count, ==, (guint8) stream->n_feedbacks);
  g_assert_cmpint (stream->feedback.checkpoint, >=, stream->checkpoint);
  g_assert_cmpint (stream->feedback.delay_ms, ==, 400);
  assert_rewritten_feedback (stream, datagram);
  stream->checkpoint = stream->feedback.checkpoint;
  stream->n_feedbacks++;
}

static void
read_from_display (Capture *capture, const FoyerTestDatagram *datagram)
{
  guint32 ssrc = 0;
  FoyerCastPacketKind kind = foyer_cast_packet_inspect (datagram->data,
      datagram->n_bytes, &ssrc);

  g_assert_cmpint (kind, ==, FOYER_CAST_PACKET_RTCP);
  for (guint i = 0; i < MAX_STREAMS; i++)
    if (capture->streams[i].receiver_ssrc == ssrc) {
      read_feedback (&capture->streams[i], datagram);
      return;
    }
  g_assert_not_reached ();
}

static void
capture_read (Capture *self)
{
  for (guint i = 0; i < self->datagrams->len; i++) {
    const FoyerTestDatagram *datagram = &g_array_index (self->datagrams,
        FoyerTestDatagram, i);

    if (datagram->target_port == DISPLAY_PORT) {
      read_from_sender (self, datagram);
    } else {
      g_assert_cmpuint (datagram->source_port, ==, DISPLAY_PORT);
      read_from_display (self, datagram);
    }
  }
}

/* What came of it */

/* The frame, decrypted. */
static GByteArray *
assemble (const Stream *stream, FoyerCastFrameId frame_id)
{
  g_auto (FoyerCastCrypto) crypto = { 0 };
  const GArray *packets = g_ptr_array_index (stream->frames, (guint) frame_id);
  GByteArray *frame = g_byte_array_new ();

  g_assert_cmpuint (packets->len, >, 0);
  for (guint i = 0; i < packets->len; i++) {
    const Packet *packet = &g_array_index (packets, Packet, i);

    g_assert_nonnull (packet->payload);
    g_byte_array_append (frame, packet->payload, (guint) packet->n_bytes);
  }
  g_assert_cmpuint (foyer_cast_rtp_count_packets (frame->len,
                        FOYER_CAST_MAX_DATAGRAM_BYTES),
      ==, packets->len);
  foyer_cast_crypto_init (&crypto, &stream->key, &stream->iv_mask);
  foyer_cast_crypto_apply (&crypto, frame_id, frame->data, frame->data,
      frame->len);
  return frame;
}

typedef enum
{
  DUMP_PLAIN,
  DUMP_IVF,
  DUMP_LENGTHS,
} DumpFormat;

#define IVF_FILE_HEADER_BYTES  32
#define IVF_FRAME_HEADER_BYTES 12

/* Takes the next frame off the dump and asserts that it is @frame. */
static void
assert_dumped (FoyerReader *dump, DumpFormat format, const GByteArray *frame)
{
  const guint8 *expected;

  if (format != DUMP_PLAIN) {
    guint32 n_bytes = GUINT32_SWAP_LE_BE (foyer_reader_get_u32 (dump));

    g_assert_cmpuint (n_bytes, ==, frame->len);
  }
  if (format == DUMP_IVF)
    foyer_reader_take (dump, IVF_FRAME_HEADER_BYTES - sizeof (guint32));
  expected = foyer_reader_take (dump, frame->len);
  g_assert_true (foyer_reader_is_ok (dump));
  g_assert_cmpmem (frame->data, frame->len, expected, frame->len);
}

/* frame_id, is_key, rtp_timestamp, size, reference: columns 1, 2, 3, 4, 9 */
static void
assert_listed (Stream *stream, const char *line, FoyerCastFrameId frame_id,
    gsize n_bytes)
{
  g_auto (GStrv) fields = g_strsplit (line, ",", -1);
  const GArray *packets = g_ptr_array_index (stream->frames, (guint) frame_id);
  const FoyerCastRtpHeader *header = &g_array_index (packets, Packet, 0).header;
  FoyerCastFrameId reference = foyer_cast_expand8 (frame_id,
      header->reference_low);

  stream->last_timestamp = foyer_cast_expand32 (stream->last_timestamp,
      header->timestamp);
  g_assert_true (header->has_reference);
  g_assert_cmpint (g_ascii_strtoll (fields[1], NULL, 10), ==, frame_id);
  g_assert_cmpint (g_ascii_strtoll (fields[2], NULL, 10), ==, header->is_key);
  g_assert_cmpint (g_ascii_strtoll (fields[3], NULL, 10), ==,
      stream->last_timestamp);
  g_assert_cmpuint (g_ascii_strtoull (fields[4], NULL, 10), ==, n_bytes);
  g_assert_cmpint (g_ascii_strtoll (fields[9], NULL, 10), ==, reference);
  if (header->is_key)
    g_assert_cmpint (reference, ==, frame_id);
  else
    g_assert_cmpint (reference, <, frame_id);
}

static void
assert_frames (Stream *stream, const char *folder, const char *dump_name,
    DumpFormat format, guint n_frames)
{
  g_autofree char *list_name = g_strconcat (stream->name, ".csv", NULL);
  g_autoptr (GBytes) list = load (folder, list_name);
  g_autoptr (GBytes) file = load (folder, dump_name);
  g_autofree char *text = g_strndup (g_bytes_get_data (list, NULL),
      g_bytes_get_size (list));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  FoyerReader dump = foyer_reader_make (g_bytes_get_data (file, NULL),
      g_bytes_get_size (file));

  if (format == DUMP_IVF)
    foyer_reader_take (&dump, IVF_FILE_HEADER_BYTES);
  g_assert_cmpuint (stream->frames->len, ==, n_frames);
  g_assert_cmpuint (g_strv_length (lines), >, n_frames);
  for (guint i = 0; i < n_frames; i++) {
    g_autoptr (GByteArray) frame = assemble (stream, i);

    assert_dumped (&dump, format, frame);
    assert_listed (stream, lines[i + 1], i, frame->len);
  }
  g_assert_cmpuint (dump.n_bytes, ==, 0);
}

static void
assert_talk (const Stream *stream)
{
  g_assert_cmpuint (stream->n_reports, >, 1);
  g_assert_cmpuint (stream->n_feedbacks, >, 1);
  /* The display had all of it in the end. */
  g_assert_cmpint (stream->checkpoint, ==, stream->last_frame_id);
}

static void
test_capture (const char *folder, const char *video_dump, DumpFormat format,
    guint n_video_frames)
{
  g_auto (Capture) capture = { 0 };
  guint n_video = 0;

  capture_init (&capture, folder);
  capture_read (&capture);
  for (guint i = 0; i < MAX_STREAMS; i++) {
    Stream *stream = &capture.streams[i];

    assert_talk (stream);
    if (g_str_equal (stream->name, "audio")) {
      assert_frames (stream, folder, "audio.lenpfx", DUMP_LENGTHS, 300);
    } else {
      assert_frames (stream, folder, video_dump, format, n_video_frames);
      n_video++;
    }
  }
  g_assert_cmpuint (n_video, ==, 1);
}

static void
test_vp8 (void)
{
  test_capture ("vp8", "video.ivf", DUMP_IVF, 90);
}

static void
test_h264 (void)
{
  test_capture ("h264", "video.h264", DUMP_PLAIN, 92);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-captures/openscreen/vp8", test_vp8);
  g_test_add_func ("/cast-captures/openscreen/h264", test_h264);
  return g_test_run ();
}
