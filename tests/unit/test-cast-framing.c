/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cast-channel-vectors.h"
#include "foyer-cast-error.h"
#include "foyer-cast-framing.h"
#include "foyer-cast-limits.h"
#include "foyer-test-data.h"

static void
push_hex (FoyerCastFramer *framer, const char *hex)
{
  g_autoptr (GBytes) bytes = foyer_test_hex (hex);
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  foyer_cast_framer_push (framer, data, n_bytes);
}

/* The next body, or NULL if none is complete. */
static GBytes *
pop (FoyerCastFramer *framer)
{
  GBytes *body = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_cast_framer_pop (framer, &body, &error));
  g_assert_no_error (error);
  return body;
}

static void
assert_body (GBytes *body, const char *frame_hex)
{
  gsize n_bytes;
  const guint8 *data;

  g_assert_nonnull (body);
  data = g_bytes_get_data (body, &n_bytes);
  foyer_test_assert_hex (data, n_bytes,
      frame_hex + 2 * FOYER_CAST_LENGTH_BYTES);
}

static void
test_byte_by_byte (void)
{
  g_auto (FoyerCastFramer) framer = { 0 };
  g_autoptr (GBytes) frame = foyer_test_hex (CONNECT_HEX);
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (frame, &n_bytes);
  g_autoptr (GBytes) body = NULL;

  foyer_cast_framer_init (&framer);
  for (gsize i = 0; i < n_bytes; i++) {
    g_assert_null (pop (&framer));
    foyer_cast_framer_push (&framer, data + i, 1);
  }
  body = pop (&framer);
  assert_body (body, CONNECT_HEX);
  g_assert_null (pop (&framer));
}

static void
test_two_at_once (void)
{
  g_auto (FoyerCastFramer) framer = { 0 };
  g_autoptr (GBytes) first = NULL;
  g_autoptr (GBytes) second = NULL;

  foyer_cast_framer_init (&framer);
  push_hex (&framer, PING_HEX PONG_HEX);
  first = pop (&framer);
  second = pop (&framer);
  assert_body (first, PING_HEX);
  assert_body (second, PONG_HEX);
  g_assert_null (pop (&framer));
}

/* One and a half frames, then the other half: the tail is kept. */
static void
test_split_anywhere (void)
{
  g_autoptr (GBytes) both = foyer_test_hex (PING_HEX CONNECT_HEX);
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (both, &n_bytes);

  for (gsize cut = 0; cut <= n_bytes; cut++) {
    g_auto (FoyerCastFramer) framer = { 0 };
    g_autoptr (GBytes) first = NULL;
    g_autoptr (GBytes) second = NULL;

    foyer_cast_framer_init (&framer);
    foyer_cast_framer_push (&framer, data, cut);
    first = pop (&framer);
    foyer_cast_framer_push (&framer, data + cut, n_bytes - cut);
    if (first == NULL)
      first = pop (&framer);
    second = pop (&framer);
    assert_body (first, PING_HEX);
    assert_body (second, CONNECT_HEX);
  }
}

static void
test_largest_is_legal (void)
{
  g_auto (FoyerCastFramer) framer = { 0 };
  g_autofree guint8 *filling = g_malloc0 (FOYER_CAST_MAX_MESSAGE_BYTES);
  g_autoptr (GBytes) body = NULL;

  foyer_cast_framer_init (&framer);
  push_hex (&framer, "00010000");
  foyer_cast_framer_push (&framer, filling, FOYER_CAST_MAX_MESSAGE_BYTES - 1);
  g_assert_null (pop (&framer));
  foyer_cast_framer_push (&framer, filling, 1);
  body = pop (&framer);
  g_assert_nonnull (body);
  g_assert_cmpuint (g_bytes_get_size (body), ==, 65536);
}

static void
assert_fatal (const char *hex, FoyerCastError code)
{
  g_auto (FoyerCastFramer) framer = { 0 };
  g_autoptr (GError) error = NULL;
  GBytes *body = NULL;

  foyer_cast_framer_init (&framer);
  push_hex (&framer, hex);
  g_assert_false (foyer_cast_framer_pop (&framer, &body, &error));
  g_assert_error (error, FOYER_CAST_ERROR, (int) code);
  g_assert_null (body);
  /* The stream is lost: what follows is not read. */
  push_hex (&framer, PING_HEX);
  g_assert_false (foyer_cast_framer_pop (&framer, &body, NULL));
  g_assert_null (body);
}

static void
test_too_large_is_fatal (void)
{
  assert_fatal ("00010001", FOYER_CAST_ERROR_TOO_LARGE);
  assert_fatal ("ffffffff", FOYER_CAST_ERROR_TOO_LARGE);
}

static void
test_zero_is_fatal (void)
{
  assert_fatal ("00000000", FOYER_CAST_ERROR_MALFORMED);
}

static void
test_smallest_is_legal (void)
{
  g_auto (FoyerCastFramer) framer = { 0 };
  g_autoptr (GBytes) body = NULL;

  foyer_cast_framer_init (&framer);
  push_hex (&framer, "00000001 7f");
  body = pop (&framer);
  assert_body (body, "000000017f");
}

/* What was taken does not pile up. */
static void
test_forgets_what_left (void)
{
  g_auto (FoyerCastFramer) framer = { 0 };

  foyer_cast_framer_init (&framer);
  for (int i = 0; i < 1000; i++) {
    g_autoptr (GBytes) body = NULL;

    push_hex (&framer, PING_HEX);
    body = pop (&framer);
    g_assert_nonnull (body);
  }
  g_assert_cmpuint (framer.bytes->len, <=, 88);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cast-framing/pop/byte-by-byte", test_byte_by_byte);
  g_test_add_func ("/cast-framing/pop/two-at-once", test_two_at_once);
  g_test_add_func ("/cast-framing/pop/split-anywhere", test_split_anywhere);
  g_test_add_func ("/cast-framing/limits/largest-is-legal",
      test_largest_is_legal);
  g_test_add_func ("/cast-framing/limits/smallest-is-legal",
      test_smallest_is_legal);
  g_test_add_func ("/cast-framing/limits/too-large-is-fatal",
      test_too_large_is_fatal);
  g_test_add_func ("/cast-framing/limits/zero-is-fatal", test_zero_is_fatal);
  g_test_add_func ("/cast-framing/push/forgets-what-left",
      test_forgets_what_left);
  return g_test_run ();
}
