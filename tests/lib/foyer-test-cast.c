/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-cast.h"

#include "foyer-test-openscreen.h"

#include <string.h>

#define START_US    G_GINT64_CONSTANT (50000000)
#define WALL_US     G_GINT64_CONSTANT (1700000000250000)
#define AUDIO_US    20000
#define AUDIO_BYTES 160
#define KEY_TIMES   4 /* a key frame is so much larger than others */
#define N_STREAMS   2

typedef struct
{
  guint stream;
  gint64 capture_us;
  gint64 ready_us;
  gboolean is_key;
  gboolean is_slate;
  gsize n_bytes;
} Raw;

typedef struct
{
  GBytes *bytes;
  gint64 capture_us;
  gboolean is_key;
} Sent;

struct _FoyerTestCast
{
  FoyerTestCastConfig config;
  FoyerTestNetwork *there;
  FoyerTestNetwork *back;
  FoyerCastSender *sender;
  FoyerCastReceiver *receiver; /* one of the two */
  FoyerTestOpenscreen *openscreen;
  gint64 now_us;
  gint64 capture_us[N_STREAMS]; /* when the next frame is captured */
  guint n_since_key;
  guint32 bps;
  GQueue encoding;         /* of Raw */
  GArray *sent[N_STREAMS]; /* of Sent, by frame id */
  FoyerCastFrameId last_id[N_STREAMS];
  gint64 last_shown_us[N_STREAMS]; /* its capture time */
  FoyerTestCastCounts counts[N_STREAMS];
  gboolean is_closed;
  FoyerCastFrameId first_slate; /* once closed */
  guint n_noise;
};

static gint64
to_display_us (const FoyerTestCast *self, gint64 us)
{
  return us + self->config.clock_offset_us +
      us * self->config.clock_ppm / G_USEC_PER_SEC;
}

/* Not before that moment of the display's. */
static gint64
from_display_us (const FoyerTestCast *self, gint64 display_us)
{
  gint64 us = display_us - self->config.clock_offset_us;

  us -= us * self->config.clock_ppm / G_USEC_PER_SEC;
  while (to_display_us (self, us) < display_us)
    us++;
  while (to_display_us (self, us - 1) >= display_us)
    us--;
  return us;
}

static void
clear_sent (gpointer data)
{
  Sent *sent = data;

  g_bytes_unref (sent->bytes);
}

static void
fill_configs (const FoyerTestCastConfig *config, FoyerCastStreamConfig *streams)
{
  for (guint i = 0; i < N_STREAMS; i++) {
    streams[i] = (FoyerCastStreamConfig){
      .kind = i == FOYER_TEST_CAST_VIDEO ? FOYER_CAST_STREAM_VIDEO
                                         : FOYER_CAST_STREAM_AUDIO,
      .codec = i == FOYER_TEST_CAST_VIDEO ? FOYER_CAST_CODEC_VP8
                                          : FOYER_CAST_CODEC_OPUS,
      .payload_type = i == FOYER_TEST_CAST_VIDEO ? 96 : 127,
      .sender_ssrc = 2 * i + 1,
      .receiver_ssrc = 2 * i + 2,
      .time_base_hz = i == FOYER_TEST_CAST_VIDEO ? 90000 : 48000,
      .target_delay_ms = config->delay_ms,
      .max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES,
      .first_sequence = 0xfff0,
    };
    memset (streams[i].key.bytes, (int) (i + 1), FOYER_KEY_BYTES);
    memset (streams[i].iv_mask.bytes, (int) (i + 7), FOYER_KEY_BYTES);
  }
}

FoyerTestCast *
foyer_test_cast_new (const FoyerTestCastConfig *config)
{
  FoyerTestCast *self = g_new0 (FoyerTestCast, 1);
  FoyerCastStreamConfig streams[N_STREAMS];
  guint n_streams = config->has_audio && !config->is_openscreen ? N_STREAMS : 1;

  fill_configs (config, streams);
  self->config = *config;
  self->now_us = START_US;
  self->there = foyer_test_network_new (&config->there, config->seed);
  self->back = foyer_test_network_new (&config->back, config->seed + 1000003);
  self->sender = foyer_cast_sender_new (streams, n_streams, self->now_us,
      WALL_US);
  foyer_cast_sender_set_bit_rates (self->sender, FOYER_CAST_MIN_VIDEO_BPS,
      config->max_bps);
  self->bps = foyer_cast_sender_get_video_bps (self->sender, self->now_us);
  if (config->is_openscreen)
    self->openscreen = foyer_test_openscreen_new (streams,
        to_display_us (self, self->now_us), WALL_US / 2);
  else
    self->receiver = foyer_cast_receiver_new (streams, n_streams,
        to_display_us (self, self->now_us), WALL_US / 2);
  g_queue_init (&self->encoding);
  for (guint i = 0; i < N_STREAMS; i++) {
    self->capture_us[i] = i < n_streams ? self->now_us : G_MAXINT64;
    self->sent[i] = g_array_new (FALSE, FALSE, sizeof (Sent));
    g_array_set_clear_func (self->sent[i], clear_sent);
    self->last_id[i] = FOYER_CAST_FRAME_ID_NONE;
    self->last_shown_us[i] = self->now_us;
  }
  return self;
}

void
foyer_test_cast_free (FoyerTestCast *self)
{
  if (self == NULL)
    return;
  foyer_test_network_free (self->there);
  foyer_test_network_free (self->back);
  foyer_cast_sender_free (self->sender);
  foyer_cast_receiver_free (self->receiver);
  foyer_test_openscreen_free (self->openscreen);
  g_queue_clear_full (&self->encoding, g_free);
  for (guint i = 0; i < N_STREAMS; i++)
    g_array_unref (self->sent[i]);
  g_free (self);
}

/* Like encoders: sizes vary by a third about the mean, key frames are large. */
static gsize
draw_size (FoyerTestCast *self, gboolean is_key)
{
  gsize mean = (gsize) (self->bps / 8 * self->config.frame_us / G_USEC_PER_SEC);
  gsize n_bytes = mean * 2 / 3 +
      foyer_test_network_draw (self->there, (guint32) (mean * 2 / 3 + 1));

  return is_key ? n_bytes * KEY_TIMES : n_bytes;
}

static void
capture (FoyerTestCast *self, guint stream)
{
  FoyerTestCastCounts *counts = &self->counts[stream];
  gboolean is_video = stream == FOYER_TEST_CAST_VIDEO;
  Raw *raw;

  counts->n_captured++;
  self->capture_us[stream] += is_video ? self->config.frame_us : AUDIO_US;
  if (is_video)
    self->bps = foyer_cast_sender_get_video_bps (self->sender, self->now_us);
  if (foyer_cast_sender_check (self->sender, stream, self->now_us,
          self->now_us) != FOYER_CAST_VERDICT_SEND) {
    counts->n_refused++;
    return;
  }
  raw = g_new0 (Raw, 1);
  raw->stream = stream;
  raw->capture_us = self->now_us;
  raw->is_slate = self->is_closed;
  raw->ready_us = self->now_us + (is_video ? self->config.encode_us : 0);
  raw->is_key = !is_video ||
      foyer_cast_sender_needs_key (self->sender, stream) ||
      (self->config.key_interval > 0 &&
          self->n_since_key + 1 >= self->config.key_interval);
  if (is_video)
    self->n_since_key = raw->is_key ? 0 : self->n_since_key + 1;
  raw->n_bytes = is_video ? draw_size (self, raw->is_key) : AUDIO_BYTES;
  g_queue_push_tail (&self->encoding, raw);
}

static void
encode (FoyerTestCast *self, const Raw *raw)
{
  guint8 *data = g_malloc (raw->n_bytes + 1);
  FoyerTestCastCounts *counts = &self->counts[raw->stream];
  Sent sent = { .capture_us = raw->capture_us, .is_key = raw->is_key };
  const FoyerCastFrame frame = {
    .data = data,
    .n_bytes = raw->n_bytes,
    .is_key = raw->is_key,
    .is_slate = raw->is_slate,
    .tag.capture_us = raw->capture_us,
  };

  for (gsize i = 0; i < raw->n_bytes; i++)
    data[i] = (guint8) (raw->capture_us + (gint64) (i * i));
  sent.bytes = g_bytes_new_take (data, raw->n_bytes);
  if (self->is_closed && !raw->is_slate) {
    g_assert_cmpint (foyer_cast_sender_enqueue (self->sender, raw->stream,
                         &frame, self->now_us),
        ==, FOYER_CAST_VERDICT_REFUSED);
    g_bytes_unref (sent.bytes);
    return;
  }
  /* A frame let through before encoding is taken after it. */
  g_assert_cmpint (foyer_cast_sender_enqueue (self->sender, raw->stream, &frame,
                       self->now_us),
      ==, FOYER_CAST_VERDICT_SEND);
  g_array_append_val (self->sent[raw->stream], sent);
  counts->n_sent++;
  counts->n_keys += raw->is_key ? 1 : 0;
}

static void
run_camera (FoyerTestCast *self)
{
  const Raw *raw;

  for (guint i = 0; i < N_STREAMS; i++)
    if (self->capture_us[i] <= self->now_us)
      capture (self, i);
  while ((raw = g_queue_peek_head (&self->encoding)) != NULL &&
      raw->ready_us <= self->now_us) {
    encode (self, raw);
    g_free (g_queue_pop_head (&self->encoding));
  }
}

/* Once frames are closed, what has something in it is of a slate. */
static void
check_datagram (FoyerTestCast *self, const FoyerCastDatagram *datagram)
{
  if (!self->is_closed || datagram->n_payload_bytes == 0)
    return;
  g_assert_false (datagram->is_guarded);
  /* RTP, then flags and the low 8 bits of the frame id. */
  g_assert_cmpint (foyer_cast_expand8_at_most (
                       (gint64) self->sent[FOYER_TEST_CAST_VIDEO]->len - 1,
                       datagram->header[13]),
      >=, self->first_slate);
}

static void
run_sender (FoyerTestCast *self)
{
  FoyerCastDatagram datagram;
  GBytes *bytes;

  while ((bytes = foyer_test_network_receive (self->back, self->now_us))) {
    gsize n_bytes = 0;
    const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

    g_assert_true (
        foyer_cast_sender_receive (self->sender, data, n_bytes, self->now_us));
    g_bytes_unref (bytes);
  }
  while (foyer_cast_sender_peek (self->sender, self->now_us, &datagram)) {
    check_datagram (self, &datagram);
    foyer_test_network_send (self->there, datagram.header,
        datagram.n_header_bytes, datagram.payload, datagram.n_payload_bytes,
        self->now_us);
    foyer_cast_sender_commit (self->sender, self->now_us);
  }
}

/* Whether it lacks its beginning, since frames were closed before that came. */
static gboolean
is_noise (const FoyerTestCast *self, const FoyerCastReceivedFrame *frame,
    const Sent *sent)
{
  gboolean is_before = frame->stream != FOYER_TEST_CAST_VIDEO ||
      frame->frame_id < self->first_slate;

  return self->is_closed && is_before &&
      g_bytes_get_size (frame->data) < g_bytes_get_size (sent->bytes);
}

static void
show (FoyerTestCast *self, const FoyerCastReceivedFrame *frame)
{
  FoyerTestCastCounts *counts = &self->counts[frame->stream];
  const Sent *sent = &g_array_index (self->sent[frame->stream], Sent,
      frame->frame_id);
  gint64 playout_us = from_display_us (self, frame->playout_us);
  gint64 lag_us = playout_us - sent->capture_us;

  /* In order, skipping only to frames that refer to none, and the very frame
   * that was sent. */
  g_assert_cmpint (frame->frame_id, ==,
      self->last_id[frame->stream] + 1 + frame->n_skipped);
  g_assert_true (frame->n_skipped == 0 || frame->is_key);
  if (is_noise (self, frame, sent))
    self->n_noise++;
  else
    g_assert_true (g_bytes_equal (frame->data, sent->bytes));
  g_assert_cmpint (frame->is_key, ==, sent->is_key);
  g_assert_cmpint (frame->is_late, ==,
      to_display_us (self, self->now_us) > frame->playout_us);
  self->last_id[frame->stream] = frame->frame_id;
  counts->n_skipped += frame->n_skipped;
  counts->complete_us += self->now_us - sent->capture_us;
  if (frame->is_late) {
    counts->n_late++;
    return;
  }
  counts->least_lag_us = counts->n_shown == 0
      ? lag_us
      : MIN (counts->least_lag_us, lag_us);
  counts->most_lag_us = counts->n_shown == 0
      ? lag_us
      : MAX (counts->most_lag_us, lag_us);
  counts->n_shown++;
  counts->lag_us += lag_us;
  counts->max_age_us = MAX (counts->max_age_us, lag_us);
  counts->max_gap_us = MAX (counts->max_gap_us,
      sent->capture_us - self->last_shown_us[frame->stream]);
  self->last_shown_us[frame->stream] = sent->capture_us;
}

static void
receive (FoyerTestCast *self, const guint8 *data, gsize n_bytes, gint64 now_us)
{
  if (self->openscreen != NULL)
    foyer_test_openscreen_receive (self->openscreen, data, n_bytes, now_us);
  else
    g_assert_true (
        foyer_cast_receiver_receive (self->receiver, data, n_bytes, now_us));
}

static gboolean
pop (FoyerTestCast *self, gint64 now_us, FoyerCastReceivedFrame *frame)
{
  return self->openscreen != NULL
      ? foyer_test_openscreen_pop (self->openscreen, now_us, frame)
      : foyer_cast_receiver_pop (self->receiver, now_us, frame);
}

static gsize
pull (FoyerTestCast *self, gint64 now_us, guint8 *out)
{
  return self->openscreen != NULL
      ? foyer_test_openscreen_pull_feedback (self->openscreen, now_us, out)
      : foyer_cast_receiver_pull_feedback (self->receiver, now_us, out);
}

static void
run_receiver (FoyerTestCast *self)
{
  gint64 now_us = to_display_us (self, self->now_us);
  guint8 feedback[FOYER_CAST_MAX_DATAGRAM6_BYTES];
  GBytes *bytes;
  gsize n_bytes;

  while ((bytes = foyer_test_network_receive (self->there, self->now_us))) {
    const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

    receive (self, data, n_bytes, now_us);
    g_bytes_unref (bytes);
  }
  for (;;) {
    g_auto (FoyerCastReceivedFrame) frame = { 0 };

    if (!pop (self, now_us, &frame))
      break;
    show (self, &frame);
  }
  while ((n_bytes = pull (self, now_us, feedback)) > 0)
    foyer_test_network_send (self->back, feedback, n_bytes, NULL, 0,
        self->now_us);
}

static gint64
get_next_us (FoyerTestCast *self)
{
  gint64 now_us = to_display_us (self, self->now_us);
  gint64 receiver_us = self->openscreen != NULL
      ? foyer_test_openscreen_get_deadline_us (self->openscreen, now_us)
      : foyer_cast_receiver_get_deadline_us (self->receiver, now_us);
  gint64 next_us = MIN (foyer_cast_sender_get_deadline_us (self->sender,
                            self->now_us),
      receiver_us == G_MAXINT64 ? G_MAXINT64
                                : from_display_us (self, receiver_us));
  const Raw *raw = g_queue_peek_head (&self->encoding);

  next_us = MIN (next_us, foyer_test_network_get_next_us (self->there));
  next_us = MIN (next_us, foyer_test_network_get_next_us (self->back));
  for (guint i = 0; i < N_STREAMS; i++)
    next_us = MIN (next_us, self->capture_us[i]);
  if (raw != NULL)
    next_us = MIN (next_us, raw->ready_us);
  return next_us;
}

void
foyer_test_cast_run (FoyerTestCast *self, gint64 span_us)
{
  gint64 end_us = self->now_us + span_us;
  guint n_idle = 0;

  memset (self->counts, 0, sizeof self->counts);
  while (self->now_us < end_us) {
    gint64 next_us;

    run_camera (self);
    run_sender (self);
    run_receiver (self);
    next_us = get_next_us (self);
    /* All that was due is done: nobody may ask to be woken at once again. */
    n_idle = next_us <= self->now_us ? n_idle + 1 : 0;
    g_assert_cmpuint (n_idle, <, 3);
    self->now_us = MAX (self->now_us, MIN (next_us, end_us));
  }
}

guint
foyer_test_cast_get_n_noise (const FoyerTestCast *self)
{
  return self->n_noise;
}

void
foyer_test_cast_close_frames (FoyerTestCast *self)
{
  foyer_cast_sender_close_frames (self->sender);
  self->is_closed = TRUE;
  self->first_slate = self->sent[FOYER_TEST_CAST_VIDEO]->len;
  self->capture_us[FOYER_TEST_CAST_AUDIO] = G_MAXINT64;
}

void
foyer_test_cast_set_paths (FoyerTestCast *self, const FoyerTestPath *there,
    const FoyerTestPath *back)
{
  foyer_test_network_set_path (self->there, there);
  foyer_test_network_set_path (self->back, back);
}

const FoyerTestCastCounts *
foyer_test_cast_get_counts (const FoyerTestCast *self, guint stream)
{
  return &self->counts[stream];
}

FoyerCastSender *
foyer_test_cast_get_sender (FoyerTestCast *self)
{
  return self->sender;
}

FoyerCastReceiver *
foyer_test_cast_get_receiver (FoyerTestCast *self)
{
  return self->receiver;
}

gint64
foyer_test_cast_get_now_us (const FoyerTestCast *self)
{
  return self->now_us;
}

guint32
foyer_test_cast_get_bps (const FoyerTestCast *self)
{
  return self->bps;
}
