/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-receiver.h"

#include <string.h>

/* A receiver gets datagrams: the input is a sequence of (milliseconds that
 * pass, length, bytes). Whatever they say, frames come out in order, late ones
 * marked, and feedback at a bounded pace. */

#define START_US 1000000

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

static void
drain (FoyerCastReceiver *receiver, FoyerCastFrameId *last_ids, gint64 now_us)
{
  guint8 feedback[FOYER_CAST_MAX_DATAGRAM6_BYTES];
  guint n_feedback = 0;

  for (;;) {
    g_auto (FoyerCastReceivedFrame) frame = { 0 };

    if (!foyer_cast_receiver_pop (receiver, now_us, &frame))
      break;
    g_assert_cmpint (frame.frame_id, ==,
        last_ids[frame.stream] + 1 + frame.n_skipped);
    g_assert_true (frame.n_skipped == 0 || frame.is_key);
    g_assert_cmpint (frame.is_late, ==, now_us > frame.playout_us);
    last_ids[frame.stream] = frame.frame_id;
  }
  while (foyer_cast_receiver_pull_feedback (receiver, now_us, feedback) > 0)
    n_feedback++;
  g_assert_cmpuint (n_feedback, <=, 2);
  g_assert_cmpint (foyer_cast_receiver_get_deadline_us (receiver, now_us), >,
      now_us);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  FoyerCastStreamConfig configs[2];
  FoyerCastFrameId last_ids[2] = { -1, -1 };
  g_autoptr (FoyerCastReceiver) receiver = NULL;
  gint64 now_us = START_US;

  fill_configs (configs);
  receiver = foyer_cast_receiver_new (configs, 2, now_us, now_us);
  while (n_bytes >= 3) {
    gsize n_datagram_bytes = MIN ((gsize) data[1] << 8 | data[2], n_bytes - 3);
    g_autofree guint8 *datagram = g_malloc (MAX (n_datagram_bytes, 1));

    now_us += data[0] * 1000;
    memcpy (datagram, data + 3, n_datagram_bytes);
    foyer_cast_receiver_receive (receiver, datagram, n_datagram_bytes, now_us);
    drain (receiver, last_ids, now_us);
    data += 3 + n_datagram_bytes;
    n_bytes -= 3 + n_datagram_bytes;
  }
  return 0;
}
