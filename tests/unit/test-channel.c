/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-channel-table.h"
#include "foyer-channel.h"

#include <string.h>

/* Codec and table of the worker channel. */

#define N_MUTATIONS 200

/* Every field with a value that is not zero. */
static FoyerMessage
make_message (FoyerMessageType type)
{
  FoyerMessage message = {
    .type = type,
    .session = { 0x0102030405060708 },
    .camera = { G_MAXUINT64 },
    .generation = 3,
    .granted_us = 1000000,
    .ends_us = G_MAXINT64,
    .max_age_us = 1,
    .delay_ms = 400,
    .source = FOYER_SOURCE_V4L2,
    .number = G_MAXUINT16,
    .ticking = FOYER_TICKING_ON,
    .trust = 2,
    .transport = FOYER_TRANSPORT_HTTP,
    .media = 3,
    .sound = FOYER_SOUND_CAMERA,
    .has_level = TRUE,
    .level_permille = 1000,
    .has_muted = TRUE,
    .is_muted = TRUE,
    .shape = { FOYER_CODEC_H264, 1280, 720, 30000, 1001, 3000000, 500 },
    .has_signed = TRUE,
    .has_chain = TRUE,
    .is_device = TRUE,
    .codecs = FOYER_CODECS_VP8,
    .reason = 200,
    .account = { 1, 2, 3, 10, 4, 5, -1, 7, 8, 9 },
    .text = "Küche",
  };

  memset (message.key, 0xab, sizeof message.key);
  return message;
}

/* Type after type; each of the table's. */
static FoyerMessageType
next_type (FoyerMessageType type)
{
  return type + 1;
}

#define FOR_EACH_TYPE(type)                            \
  for (FoyerMessageType type = FOYER_MESSAGE_NONE + 1; \
       type < FOYER_N_MESSAGES; type = next_type (type))

static void
test_round_trip (void)
{
  FOR_EACH_TYPE (type)
  {
    FoyerMessage message = make_message (type);
    FoyerMessage again;
    guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
    guint8 second[FOYER_CHANNEL_MAX_BYTES];
    gsize n_bytes = foyer_message_write (&message, bytes, sizeof bytes);

    g_assert_cmpuint (n_bytes, >=, 2);
    g_assert_true (foyer_message_read (&again, bytes, n_bytes));
    g_assert_cmpint (again.type, ==, type);
    g_assert_cmpuint (foyer_message_write (&again, second, sizeof second), ==,
        n_bytes);
    g_assert_cmpmem (bytes, n_bytes, second, n_bytes);
    g_assert_cmpuint (foyer_message_write (&message, bytes, n_bytes - 1), ==,
        0);
  }
}

static void
test_largest_fits (void)
{
  FOR_EACH_TYPE (type)
  {
    FoyerMessage message = make_message (type);
    guint8 bytes[FOYER_CHANNEL_MAX_BYTES];

    memset (message.text, 'x', FOYER_CHANNEL_TEXT_BYTES - 1);
    g_assert_cmpuint (foyer_message_write (&message, bytes, sizeof bytes), >,
        0);
  }
}

/* The bytes of one message, written out. */
static void
test_known_bytes (void)
{
  static const guint8 unlink_bytes[] = { 1, 8, 1, 2, 3, 4, 5, 6, 7, 8 };
  static const guint8 streaming_bytes[] = { 1, 16, 0, 0, 0xff, 0xff, 2, 1, 5, 0,
    2, 0xd0, 0x75, 0x30, 3, 0xe9, 0, 0x2d, 0xc6, 0xc0, 1, 0xf4 };
  static const guint8 ready_bytes[] = { 1, 12, 2, 0, 6, 'K', 0xc3, 0xbc, 'c',
    'h', 'e' };
  FoyerMessage message = make_message (FOYER_MESSAGE_UNLINK);
  guint8 bytes[FOYER_CHANNEL_MAX_BYTES];

  g_assert_cmpmem (bytes, foyer_message_write (&message, bytes, sizeof bytes),
      unlink_bytes, sizeof unlink_bytes);
  message.type = FOYER_MESSAGE_STREAMING;
  g_assert_cmpmem (bytes, foyer_message_write (&message, bytes, sizeof bytes),
      streaming_bytes, sizeof streaming_bytes);
  message.type = FOYER_MESSAGE_READY;
  g_assert_cmpmem (bytes, foyer_message_write (&message, bytes, sizeof bytes),
      ready_bytes, sizeof ready_bytes);
}

static void
test_values_arrive (void)
{
  FoyerMessage message = make_message (FOYER_MESSAGE_CAST_CONFIG);
  FoyerMessage again;
  guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
  gsize n_bytes = foyer_message_write (&message, bytes, sizeof bytes);

  g_assert_true (foyer_message_read (&again, bytes, n_bytes));
  g_assert_cmpuint (again.session.v, ==, message.session.v);
  g_assert_cmpuint (again.camera.v, ==, message.camera.v);
  g_assert_cmpuint (again.generation, ==, 3);
  g_assert_cmpint (again.granted_us, ==, 1000000);
  g_assert_cmpint (again.ends_us, ==, G_MAXINT64);
  g_assert_cmpint (again.max_age_us, ==, 1);
  g_assert_cmpuint (again.delay_ms, ==, 400);
  g_assert_cmpuint (again.trust, ==, 2);
  g_assert_cmpint (again.transport, ==, FOYER_TRANSPORT_HTTP);
  g_assert_cmpuint (again.media, ==, 3);
  g_assert_cmpuint (again.shape.key_ms, ==, 500);
  g_assert_cmpuint (again.shape.fps_d, ==, 1001);
  g_assert_cmpmem (again.key, 32, message.key, 32);
  g_assert_cmpstr (again.text, ==, "Küche");
  /* What the type does not have stays zero. */
  g_assert_cmpuint (again.number, ==, 0);
  g_assert_cmpuint (again.reason, ==, 0);
  g_assert_false (again.has_signed);
  g_assert_cmpint (again.account.rtt_us, ==, 0);
}

static void
test_identity_arrives (void)
{
  for (guint bits = 0; bits < 8; bits++) {
    FoyerMessage message = make_message (FOYER_MESSAGE_IDENTITY);
    FoyerMessage again;
    guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
    gsize n_bytes;

    message.has_signed = (bits & 1) != 0;
    message.has_chain = (bits & 2) != 0;
    message.is_device = (bits & 4) != 0;
    n_bytes = foyer_message_write (&message, bytes, sizeof bytes);
    g_assert_true (foyer_message_read (&again, bytes, n_bytes));
    g_assert_cmpint (again.has_signed, ==, message.has_signed);
    g_assert_cmpint (again.has_chain, ==, message.has_chain);
    g_assert_cmpint (again.is_device, ==, message.is_device);
  }
}

/* Cut short at every byte, or with one too many: no message, and no trace. */
static void
test_truncated (void)
{
  FOR_EACH_TYPE (type)
  {
    FoyerMessage message = make_message (type);
    guint8 bytes[FOYER_CHANNEL_MAX_BYTES + 1] = { 0 };
    gsize n_bytes = foyer_message_write (&message, bytes, sizeof bytes);
    FoyerMessage untouched;
    FoyerMessage again;

    memset (&untouched, 0x5a, sizeof untouched);
    again = untouched;
    for (gsize n = 0; n < n_bytes; n++) {
      g_autofree guint8 *exact = g_memdup2 (bytes, n);

      g_assert_false (foyer_message_read (&again, exact, n));
    }
    g_assert_false (foyer_message_read (&again, bytes, n_bytes + 1));
    g_assert_cmpmem (&again, sizeof again, &untouched, sizeof untouched);
  }
}

static void
test_unknown (void)
{
  FoyerMessage message = make_message (FOYER_MESSAGE_CLOSE);
  guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
  FoyerMessage again;

  g_assert_cmpuint (foyer_message_write (&message, bytes, sizeof bytes), ==, 2);
  for (guint version = 0; version < 256; version++) {
    bytes[0] = (guint8) version;
    g_assert_cmpint (foyer_message_read (&again, bytes, 2), ==, version == 1);
  }
  bytes[0] = 1;
  for (guint type = FOYER_N_MESSAGES; type < 256; type++) {
    bytes[1] = (guint8) type;
    g_assert_false (foyer_message_read (&again, bytes, 2));
    message.type = type;
    g_assert_cmpuint (foyer_message_write (&message, bytes, sizeof bytes), ==,
        0);
  }
  bytes[1] = FOYER_MESSAGE_NONE;
  g_assert_false (foyer_message_read (&again, bytes, 2));
  g_assert_cmpstr (foyer_message_type_to_string (FOYER_MESSAGE_NONE), ==,
      "none");
  g_assert_cmpstr (foyer_message_type_to_string (FOYER_N_MESSAGES), ==, "none");
}

/* Bits are turned in what was written: what is read at all is in its range,
 * for then it can be written again, to the same bytes. */
static void
test_what_is_read_can_be_written (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20191231);

  FOR_EACH_TYPE (type)
  {
    FoyerMessage message = make_message (type);
    guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
    gsize n_bytes = foyer_message_write (&message, bytes, sizeof bytes);

    for (guint i = 0; i < N_MUTATIONS; i++) {
      guint8 mutant[FOYER_CHANNEL_MAX_BYTES];
      guint8 second[FOYER_CHANNEL_MAX_BYTES];
      FoyerMessage again;
      guint at = (guint) g_rand_int_range (rand, 1, (gint32) n_bytes);

      memcpy (mutant, bytes, n_bytes);
      mutant[at] = (guint8) g_rand_int (rand);
      if (!foyer_message_read (&again, mutant, n_bytes))
        continue;
      g_assert_cmpmem (second,
          foyer_message_write (&again, second, sizeof second), mutant, n_bytes);
    }
  }
}

/* Changes one field of a message to something out of its range. */
typedef void (*Spoiler) (FoyerMessage *message);

static void
spoil_session (FoyerMessage *message)
{
  message->session.v = 0;
}

static void
spoil_camera (FoyerMessage *message)
{
  message->camera.v = 0;
}

static void
spoil_generation (FoyerMessage *message)
{
  message->generation = 0;
}

static void
spoil_granted (FoyerMessage *message)
{
  message->granted_us = -1;
}

static void
spoil_ends (FoyerMessage *message)
{
  message->ends_us = G_MININT64;
}

static void
spoil_max_age (FoyerMessage *message)
{
  message->max_age_us = 0;
}

static void
spoil_delay (FoyerMessage *message)
{
  message->delay_ms = 60001;
}

static void
spoil_source (FoyerMessage *message)
{
  message->source = FOYER_N_SOURCES;
}

static void
spoil_source_none (FoyerMessage *message)
{
  message->source = FOYER_SOURCE_NONE;
}

static void
spoil_number (FoyerMessage *message)
{
  message->number = G_MAXUINT16 + 1;
}

static void
spoil_trust (FoyerMessage *message)
{
  message->trust = 3;
}

static void
spoil_transport (FoyerMessage *message)
{
  message->transport = FOYER_N_TRANSPORTS;
}

static void
spoil_transport_none (FoyerMessage *message)
{
  message->transport = FOYER_TRANSPORT_NONE;
}

static void
spoil_media (FoyerMessage *message)
{
  message->media = 8 | 1;
}

/* Sound alone is no session. */
static void
spoil_media_video (FoyerMessage *message)
{
  message->media = 2;
}

static void
spoil_codec (FoyerMessage *message)
{
  message->shape.codec = FOYER_N_CODECS;
}

static void
spoil_codec_none (FoyerMessage *message)
{
  message->shape.codec = FOYER_CODEC_NONE;
}

static void
spoil_width (FoyerMessage *message)
{
  message->shape.width_px = 0;
}

static void
spoil_height (FoyerMessage *message)
{
  message->shape.height_px = 0;
}

static void
spoil_fps (FoyerMessage *message)
{
  message->shape.fps_d = 0;
}

static void
spoil_raw_rate (FoyerMessage *message)
{
  message->shape.codec = FOYER_CODEC_RAW;
}

static void
spoil_reason (FoyerMessage *message)
{
  message->reason = 0;
}

static void
spoil_sequences (FoyerMessage *message)
{
  message->account.first_sequence = message->account.last_sequence + 1;
}

static void
spoil_rtt (FoyerMessage *message)
{
  message->account.rtt_us = -2;
}

static void
spoil_account_delay (FoyerMessage *message)
{
  message->account.delay_us = G_MININT64;
}

static void
spoil_utf8 (FoyerMessage *message)
{
  g_strlcpy (message->text,
      "K\xfc"
      "che",
      sizeof message->text);
}

static void
spoil_text_end (FoyerMessage *message)
{
  memset (message->text, 'x', sizeof message->text);
}

static void
test_out_of_range (void)
{
  static const struct
  {
    FoyerMessageField field;
    Spoiler spoil;
  } cases[] = {
    { FOYER_FIELD_SESSION, spoil_session },
    { FOYER_FIELD_CAMERA, spoil_camera },
    { FOYER_FIELD_GENERATION, spoil_generation },
    { FOYER_FIELD_GRANTED, spoil_granted },
    { FOYER_FIELD_ENDS, spoil_ends },
    { FOYER_FIELD_MAX_AGE, spoil_max_age },
    { FOYER_FIELD_DELAY, spoil_delay },
    { FOYER_FIELD_SOURCE, spoil_source },
    { FOYER_FIELD_SOURCE, spoil_source_none },
    { FOYER_FIELD_NUMBER, spoil_number },
    { FOYER_FIELD_TRUST, spoil_trust },
    { FOYER_FIELD_TRANSPORT, spoil_transport },
    { FOYER_FIELD_TRANSPORT, spoil_transport_none },
    { FOYER_FIELD_MEDIA, spoil_media },
    { FOYER_FIELD_MEDIA, spoil_media_video },
    { FOYER_FIELD_SHAPE, spoil_codec },
    { FOYER_FIELD_SHAPE, spoil_codec_none },
    { FOYER_FIELD_SHAPE, spoil_width },
    { FOYER_FIELD_SHAPE, spoil_height },
    { FOYER_FIELD_SHAPE, spoil_fps },
    { FOYER_FIELD_SHAPE, spoil_raw_rate },
    { FOYER_FIELD_REASON, spoil_reason },
    { FOYER_FIELD_ACCOUNT, spoil_sequences },
    { FOYER_FIELD_ACCOUNT, spoil_rtt },
    { FOYER_FIELD_ACCOUNT, spoil_account_delay },
    { FOYER_FIELD_TEXT, spoil_utf8 },
    { FOYER_FIELD_TEXT, spoil_text_end },
  };

  FOR_EACH_TYPE (type)
  {
    const FoyerChannelRule *rule = foyer_channel_find_rule (type, 0xff);

    for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
      FoyerMessage message = make_message (type);
      guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
      gboolean is_looked_at = (rule->fields & (1u << cases[i].field)) != 0;

      cases[i].spoil (&message);
      g_assert_cmpint (foyer_message_write (&message, bytes, sizeof bytes) > 0,
          ==, !is_looked_at);
    }
  }
}

/* The same from outside: bytes put where a field stands. */
static void
test_out_of_range_from_outside (void)
{
  static const struct
  {
    FoyerMessageType type;
    gsize at;
    guint8 value;
  } cases[] = {
    { FOYER_MESSAGE_CAMERA_CONFIG, 18, 0 },  /* source */
    { FOYER_MESSAGE_CAMERA_CONFIG, 18, 4 },  /* source */
    { FOYER_MESSAGE_CAMERA_CONFIG, 19, 1 },  /* number, first byte */
    { FOYER_MESSAGE_CAMERA_CONFIG, 23, 3 },  /* ticking */
    { FOYER_MESSAGE_CAST_CONFIG, 26, 0x80 }, /* granted_us */
    { FOYER_MESSAGE_CAST_CONFIG, 34, 0x80 }, /* ends_us */
    { FOYER_MESSAGE_CAST_CONFIG, 42, 0x80 }, /* max_age_us */
    { FOYER_MESSAGE_CAST_CONFIG, 49, 0 },    /* max_age_us was 1 */
    { FOYER_MESSAGE_CAST_CONFIG, 50, 1 },    /* delay_ms */
    { FOYER_MESSAGE_CAST_CONFIG, 54, 3 },    /* trust */
    { FOYER_MESSAGE_CAST_CONFIG, 55, 3 },    /* transport */
    { FOYER_MESSAGE_CAST_CONFIG, 56, 2 },    /* media */
    { FOYER_MESSAGE_STREAMING, 6, 3 },       /* sound */
    { FOYER_MESSAGE_STREAMING, 7, 0 },       /* codec */
    { FOYER_MESSAGE_STREAMING, 7, 8 },       /* codec */
    { FOYER_MESSAGE_STREAMING, 7, 3 },       /* raw with a bit rate */
    { FOYER_MESSAGE_VOLUME, 2, 8 },          /* bits */
    { FOYER_MESSAGE_VOLUME, 2, 6 },          /* a level that is not there */
    { FOYER_MESSAGE_VOLUME, 2, 5 },          /* muted, which is not there */
    { FOYER_MESSAGE_VOLUME, 4, 0xe9 },       /* level of 1001 */
    { FOYER_MESSAGE_IDENTITY, 34, 8 },       /* proof */
    { FOYER_MESSAGE_FAILED, 2, 0 },          /* reason */
    { FOYER_MESSAGE_READY, 2, 4 },           /* codecs */
    { FOYER_MESSAGE_APPROVE, 2, 4 },         /* codecs */
    { FOYER_MESSAGE_READY, 3, 1 },           /* length of text */
    { FOYER_MESSAGE_READY, 5, 0 },           /* a NUL in text */
    { FOYER_MESSAGE_READY, 5, 0xff },        /* not UTF-8 */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerMessage message = make_message (cases[i].type);
    guint8 bytes[FOYER_CHANNEL_MAX_BYTES];
    gsize n_bytes = foyer_message_write (&message, bytes, sizeof bytes);

    g_assert_true (foyer_message_read (&message, bytes, n_bytes));
    bytes[cases[i].at] = cases[i].value;
    g_assert_false (foyer_message_read (&message, bytes, n_bytes));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/channel/codec/round-trip", test_round_trip);
  g_test_add_func ("/channel/codec/largest-fits", test_largest_fits);
  g_test_add_func ("/channel/codec/known-bytes", test_known_bytes);
  g_test_add_func ("/channel/codec/values-arrive", test_values_arrive);
  g_test_add_func ("/channel/codec/identity-arrives", test_identity_arrives);
  g_test_add_func ("/channel/codec/truncated", test_truncated);
  g_test_add_func ("/channel/codec/unknown", test_unknown);
  g_test_add_func ("/channel/codec/read-is-writable",
      test_what_is_read_can_be_written);
  g_test_add_func ("/channel/codec/out-of-range", test_out_of_range);
  g_test_add_func ("/channel/codec/out-of-range-from-outside",
      test_out_of_range_from_outside);
  return g_test_run ();
}
