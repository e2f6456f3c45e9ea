/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-forger.h"

#include "foyer-cast-rtcp.h"

#include <string.h>

/* Where they stand in a packet: foyer-cast-rtp.h */
#define SSRC_AT  8
#define FRAME_AT 13

#define MAX_FEEDBACK    1024
#define N_ASKED         32 /* frames before the newest */
#define REPLAYED_FRAMES 8

static void
add (JsonBuilder *builder, const char *name, guint value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/* As if it were a frame of the other's stream that is due next. */
static GBytes *
disguise (GBytes *datagram, const FoyerCastStreamConfig *video, guint8 frame)
{
  gsize n_bytes = 0;
  guint8 *data = NULL;
  guint32 ssrc = GUINT32_TO_BE (video->sender_ssrc);

  data = g_memdup2 (g_bytes_get_data (datagram, NULL),
      g_bytes_get_size (datagram));
  n_bytes = g_bytes_get_size (datagram);
  memcpy (data + SSRC_AT, &ssrc, sizeof ssrc);
  data[FRAME_AT] = frame;
  return g_bytes_new_take (data, n_bytes);
}

static guint8
get_frame_low (GBytes *datagram)
{
  const guint8 *data = g_bytes_get_data (datagram, NULL);

  return data[FRAME_AT];
}

static void
replay (FoyerTestTap *from, FoyerTestTap *to, JsonBuilder *builder)
{
  g_autoptr (GPtrArray) kept = foyer_test_tap_dup_kept (from);
  FoyerCastFrameId next = foyer_test_tap_get_last_id (to) + 1;
  FoyerCastStreamConfig video;

  foyer_test_tap_get_video (to, &video);
  for (guint i = 0; i < kept->len; i++) {
    GBytes *datagram = kept->pdata[i];
    /* A few numbers ahead: the frames that they take the place of. */
    g_autoptr (GBytes) forged = disguise (datagram, &video,
        (guint8) (next + get_frame_low (datagram) % REPLAYED_FRAMES));

    foyer_test_tap_inject (to, datagram);
    foyer_test_tap_inject (to, forged);
  }
  add (builder, "datagrams", 2 * kept->len);
}

static void
steal (FoyerTestTap *from, FoyerTestTap *to, JsonBuilder *builder)
{
  FoyerCastStreamConfig keys;
  guint n_frames, n_pictures;

  foyer_test_tap_get_video (from, &keys);
  foyer_test_tap_try_keys (to, &keys, &n_frames, &n_pictures);
  add (builder, "frames", n_frames);
  add (builder, "pictures", n_pictures);
}

static void
nag (FoyerTestTap *from, FoyerTestTap *to, JsonBuilder *builder)
{
  FoyerCastFrameId last = foyer_test_tap_get_last_id (to);
  g_auto (FoyerCastFeedback) feedback = { 0 };
  FoyerCastStreamConfig video;
  guint8 data[MAX_FEEDBACK];
  gsize n_bytes;

  foyer_test_tap_get_video (to, &video);
  foyer_cast_feedback_init (&feedback);
  feedback.has_checkpoint = TRUE;
  feedback.checkpoint = MAX (last - N_ASKED, 0);
  feedback.delay_ms = (guint16) video.target_delay_ms;
  for (FoyerCastFrameId id = feedback.checkpoint + 1; id <= last; id++) {
    const FoyerCastNack all = { id, FOYER_CAST_NACK_ALL };

    g_array_append_val (feedback.nacks, all);
  }
  n_bytes = foyer_cast_rtcp_write_feedback (video.receiver_ssrc,
      video.sender_ssrc, &feedback, data, sizeof data);
  add (builder, "datagrams",
      foyer_test_tap_send (from, to, data, n_bytes) ? 1 : 0);
}

void
foyer_test_forge (FoyerTestForge what, FoyerTestTap *from, FoyerTestTap *to,
    JsonBuilder *builder)
{
  switch (what) {
    case FOYER_TEST_FORGE_REPLAY:
      replay (from, to, builder);
      break;
    case FOYER_TEST_FORGE_STEAL:
      steal (from, to, builder);
      break;
    case FOYER_TEST_FORGE_NAG:
      nag (from, to, builder);
      break;
  }
}
