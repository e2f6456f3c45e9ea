/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cast-channel-vectors.h"
#include "foyer-cast-error.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-message.h"
#include "foyer-test-data.h"

#include <string.h>

typedef struct
{
  const char *hex; /* with length word */
  const char *source_id;
  const char *destination_id;
  const char *name_space;
  const char *text;
} Vector;

/* clang-format off */
static const Vector vectors[] = {
  { CONNECT_HEX, "sender-0", "receiver-0", FOYER_CAST_NS_CONNECTION,
    "{\"type\":\"CONNECT\"}" },
  { PING_HEX, "sender-0", "receiver-0", FOYER_CAST_NS_HEARTBEAT,
    "{\"type\":\"PING\"}" },
  { PONG_HEX, "sender-0", "receiver-0", FOYER_CAST_NS_HEARTBEAT,
    "{\"type\":\"PONG\"}" },
  { CLOSE_HEX, "sender-0", "receiver-0", FOYER_CAST_NS_CONNECTION,
    "{\"type\":\"CLOSE\"}" },
  { GET_STATUS_HEX, "sender-0", "receiver-0", FOYER_CAST_NS_RECEIVER,
    "{\"type\":\"GET_STATUS\",\"requestId\":1}" },
  { LAUNCH_HEX, "sender-0", "receiver-0", FOYER_CAST_NS_RECEIVER,
    "{\"type\":\"LAUNCH\",\"requestId\":2,\"appId\":\"0F5096E8\"}" },
};
/* clang-format on */

static FoyerCastMessage *
parse_hex (const char *hex, GError **error)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  return foyer_cast_message_parse (data, n_bytes, error);
}

static void
test_vectors_are_packed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++) {
    const Vector *vector = &vectors[i];
    g_autoptr (GError) error = NULL;
    g_autoptr (FoyerCastMessage) message =
        foyer_cast_message_new_text (vector->source_id, vector->destination_id,
            vector->name_space, vector->text);
    g_autoptr (GBytes) frame = foyer_cast_message_pack (message, &error);

    g_assert_no_error (error);
    foyer_test_assert_hex (g_bytes_get_data (frame, NULL),
        g_bytes_get_size (frame), vector->hex);
  }
}

static void
assert_message (const FoyerCastMessage *message, const Vector *vector)
{
  g_assert_cmpstr (message->source_id, ==, vector->source_id);
  g_assert_cmpstr (message->destination_id, ==, vector->destination_id);
  g_assert_cmpstr (message->name_space, ==, vector->name_space);
  g_assert_cmpstr (message->text, ==, vector->text);
  g_assert_null (message->binary);
}

static void
test_vectors_are_parsed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (FoyerCastMessage) message = parse_hex (vectors[i].hex + 8,
        &error);

    g_assert_no_error (error);
    assert_message (message, &vectors[i]);
  }
}

static void
test_text_in_field_7 (void)
{
  static const Vector expected = { NULL, "receiver-0", "sender-0",
    FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PONG\"}" };
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerCastMessage) message = parse_hex (&PONG_IN_FIELD_7_HEX[8],
      &error);

  g_assert_no_error (error);
  assert_message (message, &expected);
}

static void
test_device_of_2016 (void)
{
  static const Vector expected = { NULL, "Tr@n$p0rt-0", "Tr@n$p0rt-0",
    FOYER_CAST_NS_HEARTBEAT, "{\"type\":\"PING\"}" };
  g_autoptr (GError) error = NULL;
  g_autoptr (FoyerCastMessage) message = parse_hex (PING_2016_HEX, &error);

  g_assert_no_error (error);
  assert_message (message, &expected);
}

static void
test_binary (void)
{
  static const guint8 payload[] = { 0x00, 0xff, 0x0a };
  g_autoptr (GBytes) bytes = g_bytes_new_static (payload, sizeof payload);
  g_autoptr (FoyerCastMessage) message = foyer_cast_message_new_binary ("s",
      "r", "n", bytes);
  g_autoptr (GBytes) frame = foyer_cast_message_pack (message, NULL);
  g_autoptr (FoyerCastMessage) again = NULL;
  g_autoptr (GError) error = NULL;

  foyer_test_assert_hex (g_bytes_get_data (frame, NULL),
      g_bytes_get_size (frame),
      "00000012 0800 120173 1a0172 22016e 2801 3a0300ff0a");
  again = parse_hex ("0800 120173 1a0172 22016e 2801 3a0300ff0a", &error);
  g_assert_no_error (error);
  g_assert_null (again->text);
  g_assert_true (g_bytes_equal (again->binary, bytes));
}

typedef struct
{
  const char *hex;
  gboolean is_good;
} Case;

/* clang-format off */
static const Case cases[] = {
  { "0800 120173 1a0172 22016e 2800 320161", TRUE },
  { "0803 120173 1a0172 22016e 2800 320161", TRUE },      /* any version */
  { "320161 2800 22016e 1a0172 120173 0800", TRUE },      /* any order */
  { "0800 120173 1a0172 22016e 2800 3200", TRUE },        /* empty text */
  { "0800 1200 1a0172 22016e 2800 320161", TRUE },        /* empty id */
  { "0800 120173 1a0172 22016e 2800 320161 4000", TRUE }, /* not continued */
  { "0800 120173 1a0172 22016e 2800 320161 7a0161", TRUE }, /* field 15 */
  { "", FALSE },
  { "120173 1a0172 22016e 2800 320161", FALSE },          /* no version */
  { "0800 1a0172 22016e 2800 320161", FALSE },            /* no source */
  { "0800 120173 22016e 2800 320161", FALSE },            /* no destination */
  { "0800 120173 1a0172 2800 320161", FALSE },            /* no namespace */
  { "0800 120173 1a0172 22016e 320161", FALSE },          /* no type */
  { "0800 120173 1a0172 22016e 2800", FALSE },            /* no payload */
  { "0800 120173 1a0172 22016e 2801 320161", FALSE },     /* text as binary */
  { "0800 120173 1a0172 22016e 2802 320161", FALSE },     /* type 2 */
  { "0800 120173 1a0172 22016e 2800 320161 4001", FALSE }, /* continued */
  { "0800 120173 1a0172 22016e 2800 320161 4805", FALSE }, /* 5 remain */
  { "0800 120173 1a0172 22016e 2800 3201ff", FALSE },     /* not UTF-8 */
  { "0800 120173 1a0172 22016e 2800 3a02c328", FALSE },   /* nor in field 7 */
  { "0800 120173 1a0172 22016e 2800 3203610062", FALSE }, /* NUL inside */
  { "0800 120100 1a0172 22016e 2800 320161", FALSE },     /* NUL as id */
  { "0800 120173 1a01ff 22016e 2800 320161", FALSE },     /* id not UTF-8 */
  { "0800 120173 1a0172 22016e 2800 320261", FALSE },     /* cut */
  { "0b", FALSE },                                        /* a group */
};
/* clang-format on */

static void
test_strictness (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (FoyerCastMessage) message = parse_hex (cases[i].hex, &error);

    g_test_message ("%s", cases[i].hex);
    g_assert_cmpint (message != NULL, ==, cases[i].is_good);
    if (!cases[i].is_good)
      g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED);
  }
}

/* Which of three ids is @n_bytes long. */
static gboolean
is_id_accepted (int which, gsize n_bytes)
{
  g_autofree char *id = g_strnfill (n_bytes, 'x');
  g_autoptr (FoyerCastMessage) message =
      foyer_cast_message_new_text (which == 0 ? id : "s", which == 1 ? id : "r",
          which == 2 ? id : "n", "t");
  g_autoptr (GBytes) frame = foyer_cast_message_pack (message, NULL);
  g_autoptr (FoyerCastMessage) again = foyer_cast_message_parse (
      (const guint8 *) g_bytes_get_data (frame, NULL) + FOYER_CAST_LENGTH_BYTES,
      g_bytes_get_size (frame) - FOYER_CAST_LENGTH_BYTES, NULL);

  return again != NULL;
}

static void
test_id_length (void)
{
  for (int which = 0; which < 3; which++) {
    g_assert_true (is_id_accepted (which, FOYER_CAST_MAX_ID_BYTES));
    g_assert_false (is_id_accepted (which, FOYER_CAST_MAX_ID_BYTES + 1));
  }
}

static void
test_largest_frame (void)
{
  /* 2 version, 3 source, 3 destination, 3 namespace, 2 type, 4 before text */
  gsize n_text = FOYER_CAST_MAX_MESSAGE_BYTES - 17;

  for (gsize over = 0; over < 2; over++) {
    g_autofree char *text = g_strnfill (n_text + over, 'x');
    g_autoptr (FoyerCastMessage) message = foyer_cast_message_new_text ("s",
        "r", "n", text);
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) frame = foyer_cast_message_pack (message, &error);

    if (over == 0) {
      g_assert_no_error (error);
      g_assert_cmpuint (g_bytes_get_size (frame), ==, 65540);
    } else {
      g_assert_null (frame);
      g_assert_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TOO_LARGE);
    }
  }
}

static void
test_transport_namespaces (void)
{
  static const struct
  {
    const char *name_space;
    gboolean is_transport;
  } rows[] = {
    { FOYER_CAST_NS_AUTH, TRUE },
    { FOYER_CAST_NS_HEARTBEAT, TRUE },
    { FOYER_CAST_NS_CONNECTION, TRUE },
    { FOYER_CAST_NS_RECEIVER, FALSE },
    { FOYER_CAST_NS_WEBRTC, FALSE },
    { "urn:x-cast:com.google.cast.tp", FALSE },
    { "x" FOYER_CAST_NS_AUTH, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (FoyerCastMessage) message = foyer_cast_message_new_text ("s",
        "r", rows[i].name_space, "t");

    g_assert_cmpint (foyer_cast_message_is_transport (message), ==,
        rows[i].is_transport);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-message/pack/vectors", test_vectors_are_packed);
  g_test_add_func ("/cast-message/pack/largest", test_largest_frame);
  g_test_add_func ("/cast-message/parse/vectors", test_vectors_are_parsed);
  g_test_add_func ("/cast-message/parse/text-in-field-7", test_text_in_field_7);
  g_test_add_func ("/cast-message/parse/device-of-2016", test_device_of_2016);
  g_test_add_func ("/cast-message/parse/strictness", test_strictness);
  g_test_add_func ("/cast-message/parse/id-length", test_id_length);
  g_test_add_func ("/cast-message/both/binary", test_binary);
  g_test_add_func ("/cast-message/transport/namespaces",
      test_transport_namespaces);
  return g_test_run ();
}
