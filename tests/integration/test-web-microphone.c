/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-microphone.h"
#include "foyer-clock.h"
#include "foyer-fd.h"
#include "foyer-link.h"
#include "foyer-media.h"
#include "foyer-test-microphone.h"
#include "foyer-test-web.h"
#include "foyer-tone.h"

#include <glib-unix.h>
#include <gst/gst.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

/* A microphone that is lost and comes back, once soon and once late, as those hear it
 * that are told a URL: from a device that is made up to players that others wrote. */

#define US_PER_MS  1000
#define FRAME_MS   50
#define GOP_FRAMES 10
#define WIDTH_PX   160
#define HEIGHT_PX  120
#define CAMERA     5
#define MAX_PIECES 64
#define MAX_TONES  32
#define NEAR_TICKS (FOYER_TONE_HZ * 45 / 1000)
#define ENOUGH     3 /* pieces to begin with */

#define PICTURES                                                          \
  "videotestsrc num-buffers=10 ! video/x-raw, width=160, height=120, "    \
  "framerate=20/1 ! x264enc tune=zerolatency key-int-max=10 ! h264parse " \
  "config-interval=-1 ! video/x-h264, stream-format=byte-stream, "        \
  "alignment=au ! appsink name=out sync=false"

static const FoyerMessage config = {
  .type = FOYER_MESSAGE_CAMERA_CONFIG,
  .camera = { 3 },
  .generation = 2,
  .source = FOYER_SOURCE_V4L2,
};

/* What happens to the microphone after how long, from 300 ms after a full second on: no
 * tone is cut. */
static const struct
{
  gint64 after_ms;
  gboolean is_back;
} steps[] = {
  { 1000, FALSE },
  { 400, TRUE }, /* soon: a hole in the track of sound */
  { 1600, FALSE },
  { 2000, TRUE }, /* later than a second: the track goes and comes */
  { 4000, FALSE },
};

#define FIRST_US (300 * US_PER_MS)

/* A piece as it was, with what its boxes say. */
typedef struct
{
  guint64 number;
  guint64 header;
  gboolean is_apart;
  gboolean has_sound;  /* its header has a track */
  guint64 video_ticks; /* of 90 kHz: where it begins */
  guint64 sound_ticks; /* of 48 kHz */
  guint n_packets;
} Piece;

/* What a player heard. */
typedef struct
{
  FoyerToneFinder finder;
  gint64 at[MAX_TONES]; /* in samples, of the player's own time */
  guint second[MAX_TONES];
  guint n_tones;
} Ear;

typedef struct
{
  FoyerTestMicrophone device;
  FoyerCameraMicrophone *microphone;
  FoyerLinkReader *link;
  GPtrArray *pictures; /* of GBytes: key frame first */
  guint n_pictures;
  guint drawer;
  guint listener;
  FoyerWebReel *reel;
  FoyerWebReel *ungranted; /* the same without a grant of sound */
  FoyerWebServer *server;
  char *url;
  GString *playlist; /* the last that had two breaks in it */
  Piece pieces[MAX_PIECES];
  guint n_pieces;
  guint step;
  gint64 step_us;   /* when the last was, or is to have been */
  gint64 back_us;   /* when it came back for good */
  gboolean is_back; /* for good */
  gboolean is_over;
} Show;

static gint64
get_now_us (void)
{
  return foyer_clock_get_us (foyer_clock_get_system ());
}

/* what is shown */

static GPtrArray *
make_pictures (void)
{
  GPtrArray *pictures = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) pipeline = gst_parse_launch (PICTURES, &error);
  g_autoptr (GstElement) out = NULL;

  g_assert_no_error (error);
  out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < GOP_FRAMES; i++) {
    g_autoptr (GstSample) sample = NULL;
    GstMapInfo map;

    g_signal_emit_by_name (out, "pull-sample", &sample);
    g_assert_nonnull (sample);
    gst_buffer_map (gst_sample_get_buffer (sample), &map, GST_MAP_READ);
    g_ptr_array_add (pictures, g_bytes_new (map.data, map.size));
    gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return pictures;
}

static guint64
read_be (const guint8 *data, guint n_bytes)
{
  guint64 value = 0;

  for (guint i = 0; data != NULL && i < n_bytes; i++)
    value = value << 8 | data[i];
  return value;
}

/* (nullable): behind the name of the box, at its version */
static const guint8 *
find_box (const guint8 *data, gsize n_bytes, const char *name)
{
  const guint8 *at = memmem (data, n_bytes, name, 4);

  return at != NULL ? at + 4 : NULL;
}

static void
read_piece (FoyerWebReel *reel, const FoyerWebPiece *from, Piece *piece)
{
  const guint8 *end, *at;
  GBytes *header;

  g_assert_nonnull (from);
  header = foyer_web_reel_get_header (reel, from->header);
  end = from->data + from->n_bytes;
  *piece = (Piece){ .number = from->number,
    .header = from->header,
    .is_apart = from->is_apart };
  piece->has_sound = find_box (g_bytes_get_data (header, NULL),
                         g_bytes_get_size (header), "soun") != NULL;
  at = find_box (from->data, from->n_bytes, "tfdt");
  g_assert_cmpuint (read_be (at, 1), ==, 1);
  piece->video_ticks = read_be (at + 4, 8);
  at = find_box (at, (gsize) (end - at), "tfdt");
  if (at == NULL)
    return;
  g_assert_true (piece->has_sound);
  piece->sound_ticks = read_be (at + 4, 8);
  at = find_box (at, (gsize) (end - at), "trun");
  if (at != NULL)
    piece->n_packets = (guint) read_be (at + 4, 4);
}

static void
note_pieces (Show *self)
{
  guint64 first, last;
  g_autofree char *playlist = NULL;
  const char *apart;

  foyer_web_reel_get_bounds (self->reel, &first, &last);
  if (last == self->n_pieces)
    return;
  g_assert_cmpuint (self->n_pieces, <, MAX_PIECES);
  read_piece (self->reel, foyer_web_reel_find (self->reel, last),
      &self->pieces[self->n_pieces++]);
  foyer_web_server_note_piece (self->server);
  playlist = foyer_web_reel_print (self->reel);
  apart = strstr (playlist, "#EXT-X-DISCONTINUITY\n");
  if (apart != NULL && strstr (apart + 1, "#EXT-X-DISCONTINUITY\n") != NULL)
    g_string_assign (self->playlist, playlist);
}

static gboolean
on_picture_due (gpointer user_data)
{
  Show *self = user_data;
  GBytes *bytes = self->pictures->pdata[self->n_pictures % GOP_FRAMES];
  FoyerWebFrame frame = {
    .is_key = self->n_pictures % GOP_FRAMES == 0,
    .capture_us = get_now_us (),
    .sequence = ++self->n_pictures,
    .width_px = WIDTH_PX,
    .height_px = HEIGHT_PX,
  };

  frame.data = g_bytes_get_data (bytes, &frame.n_bytes);
  g_assert_true (foyer_web_reel_push (self->reel, &frame));
  g_assert_true (foyer_web_reel_push (self->ungranted, &frame));
  note_pieces (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_sound (int fd, GIOCondition condition, gpointer user_data)
{
  Show *self = user_data;
  FoyerLinkFrame packet;
  FoyerLinkEvent event;
  FoyerShape shape;

  do {
    event = foyer_link_reader_receive (self->link, &packet, &shape);
    g_assert_cmpint (event, !=, FOYER_LINK_EVENT_GONE);
    if (event != FOYER_LINK_EVENT_FRAME)
      continue;
    g_assert_true (foyer_web_reel_push_sound (self->reel, packet.data,
        packet.n_bytes, packet.capture_us));
    g_assert_false (foyer_web_reel_push_sound (self->ungranted, packet.data,
        packet.n_bytes, packet.capture_us));
    foyer_link_reader_release (self->link);
  } while (event != FOYER_LINK_EVENT_NONE);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_step (gpointer user_data)
{
  Show *self = user_data;

  if (get_now_us () - self->step_us < steps[self->step].after_ms * US_PER_MS)
    return G_SOURCE_CONTINUE;
  self->step_us += steps[self->step].after_ms * US_PER_MS;
  g_atomic_int_set (&self->device.is_gone, !steps[self->step].is_back);
  if (steps[self->step].is_back) {
    self->back_us = self->step_us;
    foyer_camera_microphone_open (self->microphone,
        foyer_test_microphone_open (TRUE));
  }
  self->is_over = ++self->step == G_N_ELEMENTS (steps);
  self->is_back = self->step + 1 >= G_N_ELEMENTS (steps);
  return self->is_over ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
on_told (FoyerMessageType type, const char *words, gpointer user_data)
{
  Show *self = user_data;

  if (type == FOYER_MESSAGE_SOUND_HEARD && self->step_us == 0) {
    self->step_us = (get_now_us () / G_USEC_PER_SEC + 1) * G_USEC_PER_SEC +
        FIRST_US;
    g_timeout_add (FRAME_MS, on_step, self);
  }
}

static void
on_leaving (gsize n_bytes, gpointer user_data)
{
}

static void
on_served (const FoyerWebPiece *piece, gpointer user_data)
{
}

static void
on_refused (gpointer user_data)
{
}

static void
open_server (Show *self)
{
  static const FoyerWebServerCallbacks callbacks = { on_leaving, on_served,
    on_refused };

  self->server = foyer_test_web_open (self->reel, &callbacks, self);
  self->url = foyer_web_server_make_url (self->server, TRUE);
}

static void
open_microphone (Show *self)
{
  const FoyerMessage message = {
    .type = FOYER_MESSAGE_SOUND_LINK,
    .session = { 7 },
    .granted_us = get_now_us (),
    .shape = { FOYER_CODEC_AAC, 2, 1, 0, 1, 0, 0 },
  };
  FoyerPcm pcm;
  int ends[2];

  foyer_test_microphone_init (&self->device, CAMERA);
  pcm = foyer_test_microphone_get_pcm (&self->device);
  self->microphone = foyer_camera_microphone_new (&config,
      foyer_camera_microphone_load (config.source), on_told, self);
  foyer_camera_microphone_set_device (self->microphone, &pcm, G_MAXINT);
  g_assert_cmpint (socketpair (AF_UNIX,
                       SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends),
      ==, 0);
  self->link = foyer_link_reader_new (ends[0]);
  self->listener = g_unix_fd_add (ends[0], G_IO_IN, on_sound, self);
  foyer_camera_microphone_add (self->microphone, &message, ends[1],
      foyer_test_microphone_open (TRUE));
}

static Show *
show_new (void)
{
  Show *self = g_new0 (Show, 1);

  self->pictures = make_pictures ();
  self->playlist = g_string_new (NULL);
  self->reel = foyer_web_reel_new (0);
  self->ungranted = foyer_web_reel_new (0);
  foyer_web_reel_set_sound (self->reel, 2, get_now_us () + G_USEC_PER_SEC);
  open_server (self);
  open_microphone (self);
  self->drawer = g_timeout_add (FRAME_MS, on_picture_due, self);
  return self;
}

static void
show_free (Show *self)
{
  g_source_remove (self->drawer);
  g_source_remove (self->listener);
  foyer_camera_microphone_free (self->microphone);
  foyer_link_reader_free (self->link);
  foyer_web_server_free (self->server);
  foyer_web_reel_free (self->reel);
  foyer_web_reel_free (self->ungranted);
  g_ptr_array_unref (self->pictures);
  g_string_free (self->playlist, TRUE);
  g_free (self->url);
  g_free (self);
}

static void
iterate_until (const gboolean *is_done)
{
  while (!*is_done)
    g_main_context_iteration (NULL, TRUE);
}

/* players */

static void
hear (Ear *ear, const gint16 *samples, gsize n_samples, gint64 since)
{
  FoyerTone tone;

  for (gsize i = 0; i < n_samples; i++) {
    if (!foyer_tone_finder_feed (&ear->finder, samples[i], &tone))
      continue;
    g_assert_cmpuint (tone.camera, ==, CAMERA);
    g_assert_cmpuint (ear->n_tones, <, MAX_TONES);
    ear->at[ear->n_tones] = since + (gint64) i -
        (gint64) (ear->finder.n_fed - tone.at);
    ear->second[ear->n_tones++] = tone.second;
  }
}

/* Each at its time, before, between and after; the last was heard after it came
 * back. */
static void
judge (const Show *show, const Ear *ear, const char *name)
{
  guint back_second = (guint) (show->back_us / G_USEC_PER_SEC) %
      FOYER_TONE_NUMBERS;
  guint n_after;

  g_assert_cmpuint (ear->n_tones, >=, 3);
  for (guint i = 1; i < ear->n_tones; i++) {
    guint n_seconds = (ear->second[i] + FOYER_TONE_NUMBERS - ear->second[0]) %
        FOYER_TONE_NUMBERS;
    gint64 off = ear->at[i] - ear->at[0] - (gint64) n_seconds * FOYER_TONE_HZ;

    g_test_message ("%s: after %u s, off by %+" G_GINT64_FORMAT " samples",
        name, n_seconds, off);
    g_assert_cmpint (ABS (off), <=, NEAR_TICKS);
  }
  n_after = (ear->second[ear->n_tones - 1] + FOYER_TONE_NUMBERS - back_second) %
      FOYER_TONE_NUMBERS;
  g_assert_cmpuint (n_after, >, 0);
  g_assert_cmpuint (n_after, <, FOYER_TONE_NUMBERS / 2);
}

typedef struct
{
  Ear ear;
  GstElement *pipeline;
  guint n_shown; /* atomic */
} GstPlayer;

static void
on_heard (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  GstPlayer *self = user_data;
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT,
      0);
  const GstSegment *segment;
  guint64 at_ns;
  GstMapInfo map;

  gst_event_parse_segment (event, &segment);
  at_ns = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  hear (&self->ear, (const gint16 *) (gpointer) map.data,
      map.size / sizeof (gint16),
      (gint64) gst_util_uint64_scale (at_ns, FOYER_TONE_HZ, GST_SECOND));
  gst_buffer_unmap (buffer, &map);
}

static void
on_shown (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer user_data)
{
  GstPlayer *self = user_data;

  g_atomic_int_inc (&self->n_shown);
}

static void
on_pad_added (GstElement *decoder, GstPad *pad, gpointer user_data)
{
  GstPlayer *self = user_data;
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  gboolean is_sound = g_str_has_prefix (gst_structure_get_name (
                                            gst_caps_get_structure (caps, 0)),
      "audio/");
  GstElement *part = gst_parse_bin_from_description (is_sound
          ? "audioconvert ! audioresample ! audio/x-raw, format=S16LE, "
            "rate=48000, channels=1 ! fakesink name=sink sync=true "
            "signal-handoffs=true async=false"
          : "fakesink name=sink sync=true signal-handoffs=true async=false",
      TRUE, NULL);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (part), "sink");
  g_autoptr (GstPad) target = gst_element_get_static_pad (part, "sink");

  g_test_message ("a pad of %s",
      gst_structure_get_name (gst_caps_get_structure (caps, 0)));
  g_signal_connect (sink, "handoff",
      G_CALLBACK (is_sound ? on_heard : on_shown), self);
  gst_bin_add (GST_BIN (self->pipeline), part);
  gst_element_sync_state_with_parent (part);
  g_assert_cmpint (gst_pad_link (pad, target), ==, GST_PAD_LINK_OK);
}

static GstPlayer *
start_gst (const char *url)
{
  GstPlayer *self = g_new0 (GstPlayer, 1);
  GstElement *decoder = gst_element_factory_make ("uridecodebin", NULL);

  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  g_object_set (decoder, "uri", url, NULL);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (on_pad_added), self);
  gst_bin_add (GST_BIN (self->pipeline), decoder);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return self;
}

static void
player_free (GstPlayer *self)
{
  gst_object_unref (self->pipeline);
  g_free (self);
}

static GSubprocess *
start_ffmpeg (const char *url)
{
  g_autoptr (GError) error = NULL;
  GSubprocess *process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE,
      &error, "ffmpeg", "-nostdin", "-v", "error", "-i", url, "-map", "0:a",
      "-af", "aresample=async=1:first_pts=0", "-f", "s16le", "-ac", "1", "-ar",
      "48000", "pipe:", NULL);

  g_assert_no_error (error);
  return process;
}

typedef struct
{
  GBytes *pcm;
  gboolean is_done;
} Output;

static void
on_output (GObject *process, GAsyncResult *result, gpointer user_data)
{
  Output *output = user_data;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_finish (G_SUBPROCESS (process), result, &output->pcm,
      NULL, &error);
  g_assert_no_error (error);
  output->is_done = TRUE;
}

/* what it all comes to */

/* Pieces go on without a hole, in time that sound shares with the pictures. */
static void
judge_pieces (const Show *show)
{
  guint n_breaks = 0, n_holes = 0;
  guint64 next_ticks = 0;

  for (guint i = 0; i < show->n_pieces; i++) {
    const Piece *piece = &show->pieces[i], *last = i > 0 ? piece - 1 : NULL;

    g_assert_cmpuint (piece->number, ==, i + 1);
    if (last != NULL) {
      g_assert_cmpuint (piece->video_ticks, >, last->video_ticks);
      g_assert_cmpint (piece->is_apart, ==, piece->header != last->header);
      g_assert_cmpint (piece->has_sound != last->has_sound, ==,
          piece->is_apart);
    }
    n_breaks += piece->is_apart ? 1 : 0;
    n_holes += piece->has_sound && piece->n_packets < 20 ? 1 : 0;
    if (piece->n_packets == 0)
      continue;
    g_assert_cmpuint (piece->sound_ticks, >=, next_ticks);
    next_ticks = piece->sound_ticks + 1;
    /* What came late for one piece is in the next. */
    g_assert_true (last == NULL ||
        piece->sound_ticks > last->video_ticks * FOYER_TONE_HZ / 90000);
  }
  g_assert_true (show->pieces[0].has_sound);
  g_assert_cmpuint (n_breaks, ==, 2);
  g_assert_cmpuint (n_holes, >=, 2);
  g_assert_cmpuint (show->playlist->len, >, 0);
}

/* No byte of it, before, between or after. */
static void
judge_ungranted (const Show *show)
{
  guint64 first, last;

  foyer_web_reel_get_bounds (show->ungranted, &first, &last);
  g_assert_cmpuint (last, ==, show->n_pieces);
  for (guint64 i = first; i <= last; i++) {
    const FoyerWebPiece *piece = foyer_web_reel_find (show->ungranted, i);
    GBytes *header = foyer_web_reel_get_header (show->ungranted, piece->header);
    const guint8 *at = find_box (piece->data, piece->n_bytes, "traf");

    g_assert_cmpuint (piece->header, ==, 1);
    g_assert_null (find_box (g_bytes_get_data (header, NULL),
        g_bytes_get_size (header), "soun"));
    g_assert_null (
        find_box (at, piece->n_bytes - (gsize) (at - piece->data), "traf"));
  }
}

static void
test_again (void)
{
  Show *show = show_new ();
  g_autoptr (GSubprocess) ffmpeg = NULL;
  g_autofree Ear *ear = g_new0 (Ear, 1);
  GstPlayer *player;
  Output output = { 0 };
  gsize n_bytes;
  guint n_shown;

  while (show->n_pieces < ENOUGH)
    g_main_context_iteration (NULL, TRUE);
  player = start_gst (show->url);
  ffmpeg = start_ffmpeg (show->url);
  g_subprocess_communicate_async (ffmpeg, NULL, NULL, on_output, &output);
  iterate_until (&show->is_back);
  n_shown = g_atomic_int_get (&player->n_shown);
  iterate_until (&show->is_over);
  g_subprocess_send_signal (ffmpeg, SIGINT);
  iterate_until (&output.is_done);
  gst_element_set_state (player->pipeline, GST_STATE_NULL);
  judge_pieces (show);
  judge_ungranted (show);
  hear (ear, g_bytes_get_data (output.pcm, &n_bytes),
      g_bytes_get_size (output.pcm) / sizeof (gint16), 0);
  judge (show, ear, "ffmpeg");
  judge (show, &player->ear, "hlsdemux");
  /* Pictures went on all the time. */
  g_assert_cmpuint (player->n_shown, >, n_shown + GOP_FRAMES);
  player_free (player);
  g_bytes_unref (output.pcm);
  show_free (show);
}

int
main (int argc, char **argv)
{
  static const char *const elements[] = { "queue", "tee", "capsfilter", NULL };

  g_test_init (&argc, &argv, NULL);
  g_assert_true (foyer_media_load (elements, NULL));
  g_test_add_func ("/web-microphone/again", test_again);
  return g_test_run ();
}
