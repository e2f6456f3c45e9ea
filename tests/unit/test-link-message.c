/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-link-message.h"

#include <string.h>

static FoyerLinkMessage
make_message (FoyerLinkMessageType type)
{
  return (FoyerLinkMessage){
    .type = type,
    .slot_bytes = 0x80000,
    .n_slots = 8,
    .shape = { FOYER_CODEC_VP8, 1280, 720, 30, 1, 3000000, 500 },
    .slot = 15,
    .frame = { { 0x0102030405060708 }, 2, 3, 4, TRUE, NULL, 0x01020304 >> 4 },
    .bps = 0xfedcba98,
  };
}

static void
test_known_bytes (void)
{
  static const guint8 pool[] = { 1, 1, 0, 8, 0, 0, 8 };
  static const guint8 shape[] = { 1, 2, 2, 5, 0, 2, 0xd0, 0, 30, 0, 1, 0, 0x2d,
    0xc6, 0xc0, 1, 0xf4 };
  static const guint8 frame[] = { 1, 3, 15, 1, 0, 0x10, 0x20, 0x30, 1, 2, 3, 4,
    5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0,
    0, 0, 4 };
  static const guint8 release[] = { 1, 4, 15 };
  static const guint8 want_key[] = { 1, 5 };
  static const guint8 rate[] = { 1, 6, 0xfe, 0xdc, 0xba, 0x98 };
  static const struct
  {
    const guint8 *bytes;
    gsize n_bytes;
  } cases[] = {
    { NULL, 0 },
    { pool, sizeof pool },
    { shape, sizeof shape },
    { frame, sizeof frame },
    { release, sizeof release },
    { want_key, sizeof want_key },
    { rate, sizeof rate },
  };

  G_STATIC_ASSERT (G_N_ELEMENTS (cases) == FOYER_LINK_N_MESSAGES);
  for (guint type = 1; type < FOYER_LINK_N_MESSAGES; type++) {
    FoyerLinkMessage message = make_message (type);
    guint8 out[FOYER_LINK_MAX_MESSAGE];

    g_assert_cmpmem (out, foyer_link_message_write (&message, out),
        cases[type].bytes, cases[type].n_bytes);
  }
}

static void
test_values_arrive (void)
{
  FoyerLinkMessage message = make_message (FOYER_LINK_MESSAGE_FRAME);
  FoyerLinkMessage again;
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];
  gsize n_bytes = foyer_link_message_write (&message, bytes);

  g_assert_true (foyer_link_message_read (&again, bytes, n_bytes));
  g_assert_cmpuint (again.slot, ==, 15);
  g_assert_cmpuint (again.frame.camera.v, ==, 0x0102030405060708);
  g_assert_cmpuint (again.frame.generation, ==, 2);
  g_assert_cmpuint (again.frame.sequence, ==, 3);
  g_assert_cmpint (again.frame.capture_us, ==, 4);
  g_assert_true (again.frame.is_key);
  g_assert_cmpuint (again.frame.n_bytes, ==, message.frame.n_bytes);
  g_assert_null (again.frame.data);
}

static void
test_truncated (void)
{
  for (guint type = 1; type < FOYER_LINK_N_MESSAGES; type++) {
    FoyerLinkMessage message = make_message (type);
    FoyerLinkMessage again;
    guint8 bytes[FOYER_LINK_MAX_MESSAGE + 1] = { 0 };
    gsize n_bytes = foyer_link_message_write (&message, bytes);

    memset (&again, 0x5a, sizeof again);
    for (gsize n = 0; n < n_bytes; n++) {
      g_autofree guint8 *exact = g_memdup2 (bytes, n);

      g_assert_false (foyer_link_message_read (&again, exact, n));
    }
    g_assert_false (foyer_link_message_read (&again, bytes, n_bytes + 1));
    for (gsize i = 0; i < sizeof again; i++)
      g_assert_cmpuint (((guint8 *) &again)[i], ==, 0x5a);
    g_assert_true (foyer_link_message_read (&again, bytes, n_bytes));
  }
}

static void
test_unknown (void)
{
  FoyerLinkMessage message = make_message (FOYER_LINK_MESSAGE_NONE);
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];

  g_assert_cmpuint (foyer_link_message_write (&message, bytes), ==, 0);
  message.type = FOYER_LINK_N_MESSAGES;
  g_assert_cmpuint (foyer_link_message_write (&message, bytes), ==, 0);
  for (guint version = 0; version < 256; version++) {
    guint8 want_key[] = { (guint8) version, FOYER_LINK_MESSAGE_WANT_KEY };

    g_assert_cmpint (foyer_link_message_read (&message, want_key, 2), ==,
        version == 1);
  }
  for (guint type = 0; type < 256; type++) {
    guint8 empty[] = { 1, (guint8) type };

    g_assert_cmpint (foyer_link_message_read (&message, empty, 2), ==,
        type == FOYER_LINK_MESSAGE_WANT_KEY);
  }
}

/* From outside, and by the writer itself. */
static void
test_out_of_range (void)
{
  static const struct
  {
    FoyerLinkMessageType type;
    gsize at;
    guint8 value;
  } cases[] = {
    { FOYER_LINK_MESSAGE_POOL, 2, 1 },   /* 16 MiB and a half */
    { FOYER_LINK_MESSAGE_POOL, 3, 0 },   /* no byte */
    { FOYER_LINK_MESSAGE_POOL, 5, 1 },   /* not whole pages */
    { FOYER_LINK_MESSAGE_POOL, 6, 0 },   /* no slot */
    { FOYER_LINK_MESSAGE_POOL, 6, 17 },  /* too many */
    { FOYER_LINK_MESSAGE_SHAPE, 2, 0 },  /* no codec */
    { FOYER_LINK_MESSAGE_FRAME, 2, 16 }, /* slot */
    { FOYER_LINK_MESSAGE_FRAME, 3, 2 },  /* is_key */
    { FOYER_LINK_MESSAGE_FRAME, 4, 2 },  /* length */
    { FOYER_LINK_MESSAGE_FRAME, 4, 0xff },
    { FOYER_LINK_MESSAGE_FRAME, 23, 0 },   /* no generation */
    { FOYER_LINK_MESSAGE_FRAME, 31, 0 },   /* no sequence */
    { FOYER_LINK_MESSAGE_FRAME, 32, 128 }, /* before the boot */
    { FOYER_LINK_MESSAGE_RELEASE, 2, 16 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    FoyerLinkMessage message = make_message (cases[i].type);
    guint8 bytes[FOYER_LINK_MAX_MESSAGE];
    gsize n_bytes = foyer_link_message_write (&message, bytes);

    g_assert_true (foyer_link_message_read (&message, bytes, n_bytes));
    bytes[cases[i].at] = cases[i].value;
    g_assert_false (foyer_link_message_read (&message, bytes, n_bytes));
  }
}

static void
test_refuses_to_write (void)
{
  guint8 bytes[FOYER_LINK_MAX_MESSAGE];

  for (guint i = 0; i < 10; i++) {
    static const FoyerLinkMessageType types[] = { FOYER_LINK_MESSAGE_POOL,
      FOYER_LINK_MESSAGE_POOL, FOYER_LINK_MESSAGE_SHAPE,
      FOYER_LINK_MESSAGE_FRAME, FOYER_LINK_MESSAGE_FRAME,
      FOYER_LINK_MESSAGE_FRAME, FOYER_LINK_MESSAGE_FRAME,
      FOYER_LINK_MESSAGE_FRAME, FOYER_LINK_MESSAGE_FRAME,
      FOYER_LINK_MESSAGE_RELEASE };
    FoyerLinkMessage message = make_message (types[i]);

    g_assert_cmpuint (foyer_link_message_write (&message, bytes), >, 0);
    message.slot_bytes += i == 0 ? 1 : 0;
    message.n_slots = i == 1 ? 17 : 8;
    message.shape.width_px = i == 2 ? 0 : 1;
    message.frame.camera.v = i == 3 ? 0 : 1;
    message.frame.generation = i == 4 ? 0 : 1;
    message.frame.sequence = i == 5 ? 0 : 1;
    message.frame.capture_us = i == 6 ? -1 : 1;
    message.frame.n_bytes = i == 7 ? 0 : 1;
    message.slot = i == 8 || i == 9 ? 16 : 1;
    g_assert_cmpuint (foyer_link_message_write (&message, bytes), ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link-message/known-bytes", test_known_bytes);
  g_test_add_func ("/link-message/values-arrive", test_values_arrive);
  g_test_add_func ("/link-message/truncated", test_truncated);
  g_test_add_func ("/link-message/unknown", test_unknown);
  g_test_add_func ("/link-message/out-of-range", test_out_of_range);
  g_test_add_func ("/link-message/refuses-to-write", test_refuses_to_write);
  return g_test_run ();
}
