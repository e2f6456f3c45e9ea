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

/* What of a stream is forged. */
typedef struct
{
  FoyerCastStreamKind kind;
  guint ahead; /* frames of it that a display takes before they are due */
  const char *replayed;
  const char *tried;
  const char *read;
} Kind;

static const Kind kinds[] = {
  { FOYER_CAST_STREAM_VIDEO, 8, "datagrams", "frames", "pictures" },
  /* A second and a tone's length: one is in there. */
  { FOYER_CAST_STREAM_AUDIO, 54, "sound_datagrams", "packets", "tones" },
};

/* As if it were a frame of the other's stream that is due next. */
static GBytes *
disguise (GBytes *datagram, const FoyerCastStreamConfig *stream, guint8 frame)
{
  gsize n_bytes = 0;
  guint8 *data = NULL;
  guint32 ssrc = GUINT32_TO_BE (stream->sender_ssrc);

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
inject (FoyerTestTap *to, GBytes *datagram, const FoyerCastStreamConfig *stream,
    guint8 frame)
{
  g_autoptr (GBytes) forged = disguise (datagram, stream, frame);

  foyer_test_tap_inject (to, forged);
}

/* First what has a number that is due there: what the keys of both had in common
 * would read that, and no other. Then all as they came, and with numbers that are
 * due. */
static void
replay (FoyerTestTap *from, FoyerTestTap *to, const Kind *kind,
    const FoyerCastStreamConfig *ours, const FoyerCastStreamConfig *theirs,
    FoyerCastFrameId last, JsonBuilder *builder)
{
  g_autoptr (GPtrArray) kept = foyer_test_tap_dup_kept (from,
      ours->sender_ssrc);
  guint8 next = (guint8) (last + 1);
  guint n_due = 0;

  for (guint i = 0; i < kept->len; i++) {
    guint8 frame = get_frame_low (kept->pdata[i]);

    if ((guint8) (frame - next) >= kind->ahead)
      continue;
    inject (to, kept->pdata[i], theirs, frame);
    n_due++;
  }
  for (guint i = 0; i < kept->len; i++) {
    foyer_test_tap_inject (to, kept->pdata[i]);
    inject (to, kept->pdata[i], theirs,
        (guint8) (next + get_frame_low (kept->pdata[i]) % REPLAYED_FRAMES));
  }
  add (builder, kind->replayed, n_due + 2 * kept->len);
}

static void
steal (FoyerTestTap *to, const Kind *kind, const FoyerCastStreamConfig *keys,
    JsonBuilder *builder)
{
  guint n_tried, n_read;

  if (kind->kind == FOYER_CAST_STREAM_AUDIO)
    foyer_test_tap_try_sound_keys (to, keys, &n_tried, &n_read);
  else
    foyer_test_tap_try_keys (to, keys, &n_tried, &n_read);
  add (builder, kind->tried, n_tried);
  add (builder, kind->read, n_read);
}

static gboolean
nag (FoyerTestTap *from, FoyerTestTap *to, const FoyerCastStreamConfig *theirs,
    FoyerCastFrameId last)
{
  g_auto (FoyerCastFeedback) feedback = { 0 };
  guint8 data[MAX_FEEDBACK];
  gsize n_bytes;

  foyer_cast_feedback_init (&feedback);
  feedback.has_checkpoint = TRUE;
  feedback.checkpoint = MAX (last - N_ASKED, 0);
  feedback.delay_ms = (guint16) theirs->target_delay_ms;
  for (FoyerCastFrameId id = feedback.checkpoint + 1; id <= last; id++) {
    const FoyerCastNack all = { id, FOYER_CAST_NACK_ALL };

    g_array_append_val (feedback.nacks, all);
  }
  n_bytes = foyer_cast_rtcp_write_feedback (theirs->receiver_ssrc,
      theirs->sender_ssrc, &feedback, data, sizeof data);
  return foyer_test_tap_send (from, to, data, n_bytes);
}

void
foyer_test_forge (FoyerTestForge what, FoyerTestTap *from, FoyerTestTap *to,
    JsonBuilder *builder)
{
  guint n_nagged = 0;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    FoyerCastStreamConfig ours, theirs;
    FoyerCastFrameId our_last, last;
    gboolean is_ours = foyer_test_tap_get_stream (from, kinds[i].kind, &ours,
        &our_last);

    if (!foyer_test_tap_get_stream (to, kinds[i].kind, &theirs, &last))
      continue;
    if (what == FOYER_TEST_FORGE_NAG)
      n_nagged += nag (from, to, &theirs, last) != FALSE;
    else if (is_ours && what == FOYER_TEST_FORGE_REPLAY)
      replay (from, to, &kinds[i], &ours, &theirs, last, builder);
    else if (is_ours)
      steal (to, &kinds[i], &ours, builder);
  }
  if (what == FOYER_TEST_FORGE_NAG)
    add (builder, "datagrams", n_nagged);
}
