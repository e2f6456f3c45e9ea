/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-sender.h"

#include <string.h>

/* A sender with frames of every kind under way gets datagrams: the input is a
 * sequence of (milliseconds that pass, length, bytes). Whatever they say, it
 * goes on sending, within its pace, and nothing that the guard refuses. */

#define START_US   1000000
#define N_FRAMES   16
#define MAX_AGE_US 250000

static void
fill_configs (FoyerCastStreamConfig *configs)
{
  for (guint i = 0; i < 2; i++)
    configs[i] = (FoyerCastStreamConfig){
      .kind = i == 0 ? FOYER_CAST_STREAM_VIDEO : FOYER_CAST_STREAM_AUDIO,
      .payload_type = i == 0 ? 96 : 127,
      .sender_ssrc = 2 * i + 1,
      .receiver_ssrc = 2 * i + 2,
      .time_base_hz = i == 0 ? 90000 : 48000,
      .target_delay_ms = 400,
      .max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES,
    };
}

/* Less than the target delay, so that it refuses what the display still wants. */
static gboolean
may_leave (const FoyerCastTag *tag, gint64 now_us, gpointer user_data)
{
  return now_us - tag->capture_us <= MAX_AGE_US;
}

/* Sends what may leave; more than the pace and a few reports is an error. */
static void
drain (FoyerCastSender *sender, gint64 now_us)
{
  FoyerCastDatagram datagram;
  guint n_sent = 0;

  for (; foyer_cast_sender_peek (sender, now_us, &datagram); n_sent++) {
    g_assert_true (datagram.n_payload_bytes == 0 ||
        now_us - datagram.tag.capture_us <= MAX_AGE_US);
    foyer_cast_sender_commit (sender, now_us);
  }
  g_assert_cmpuint (n_sent, <=, 30);
  g_assert_cmpint (foyer_cast_sender_get_deadline_us (sender, now_us), >,
      now_us);
}

static void
offer (FoyerCastSender *sender, gint64 now_us)
{
  static const guint8 data[2000];

  for (guint stream = 0; stream < 2; stream++)
    if (foyer_cast_sender_check (sender, stream, now_us, now_us) ==
        FOYER_CAST_VERDICT_SEND) {
      const FoyerCastFrame frame = {
        .data = data,
        .n_bytes = stream == 0 ? sizeof data : 100,
        .is_key = stream == 1 || foyer_cast_sender_needs_key (sender, stream),
        .tag.capture_us = now_us,
      };

      foyer_cast_sender_enqueue (sender, stream, &frame, now_us);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static const FoyerCastGuard guard = { may_leave, NULL };
  FoyerCastStreamConfig configs[2];
  g_autoptr (FoyerCastSender) sender = NULL;
  gint64 now_us = START_US;
  FoyerCastSenderStats stats;

  fill_configs (configs);
  sender = foyer_cast_sender_new (configs, 2, now_us, now_us);
  foyer_cast_sender_set_guard (sender, &guard);
  for (guint i = 0; i < N_FRAMES; i++, now_us += 5000) {
    offer (sender, now_us);
    drain (sender, now_us);
  }
  while (n_bytes >= 3) {
    gsize n_datagram_bytes = MIN ((gsize) data[1] << 8 | data[2], n_bytes - 3);
    g_autofree guint8 *datagram = g_malloc (MAX (n_datagram_bytes, 1));

    now_us += data[0] * 1000 + 1;
    memcpy (datagram, data + 3, n_datagram_bytes);
    foyer_cast_sender_receive (sender, datagram, n_datagram_bytes, now_us);
    offer (sender, now_us);
    drain (sender, now_us);
    data += 3 + n_datagram_bytes;
    n_bytes -= 3 + n_datagram_bytes;
  }
  g_assert_cmpuint (foyer_cast_sender_get_video_bps (sender, now_us), >=,
      FOYER_CAST_MIN_VIDEO_BPS);
  foyer_cast_sender_get_stats (sender, &stats);
  return 0;
}
