/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-reel.h"

#include "foyer-web-h264.h"
#include "foyer-web-mp4.h"
#include "foyer-web-sound.h"

#include <string.h>

#define TICKS        90000 /* a second */
#define US           G_USEC_PER_SEC
#define MAX_HEADERS  4
#define MAX_SAMPLES  256 /* of a piece */
#define MAX_OPEN     (2 * 1024 * 1024)
#define MIN_PIECE_US (FOYER_WEB_REEL_KEY_MS * 1000 * 3 / 5)
#define WINDOW_US \
  ((gint64) FOYER_WEB_REEL_PIECES * FOYER_WEB_REEL_KEY_MS * 1000)
#define GAP_US   (400 * 1000) /* between frames: they don't belong together */
#define LAST_US  (40 * 1000)  /* how long the last frame before a gap lasts */
#define TARGET_S 1
#define SOUND_US US /* after the last of it there is none */

typedef struct
{
  guint64 number;
  GBytes *config;
  guint16 width_px;
  guint16 height_px;
  gboolean has_sound;
  GBytes *bytes;
} Header;

struct _FoyerWebReel
{
  gint64 wall_us;
  gint64 origin_us; /* tick 0; set by the first frame */
  gboolean has_begun;
  guint64 next_number;
  guint64 next_header;
  guint64 n_apart_gone; /* breaks before the first piece that is there */
  FoyerWebPiece pieces[FOYER_WEB_REEL_PIECES]; /* oldest first */
  guint n_pieces;
  gsize n_bytes; /* of all of them */
  Header headers[MAX_HEADERS];
  guint n_headers;

  FoyerWebSound sound;
  guint n_channels;      /* 0 where none was granted */
  gint64 sound_until_us; /* while it may still come */

  /* the piece that is being made */
  FoyerWebSample samples[MAX_SAMPLES];
  gint64 times_us[MAX_SAMPLES];
  guint n_samples;
  guint8 *data;
  gsize n_data_bytes;
  gsize n_capacity_bytes;
  guint64 open_header;
  gboolean is_open_apart;
  guint n_frames; /* of the camera */
  guint64 first_sequence;
  guint64 last_sequence;
};

FoyerWebReel *
foyer_web_reel_new (gint64 wall_us)
{
  FoyerWebReel *self = g_new0 (FoyerWebReel, 1);

  self->wall_us = wall_us;
  self->next_number = self->next_header = 1;
  return self;
}

static void
wipe_and_free (guint8 *data, gsize n_bytes)
{
  if (data == NULL)
    return;
  explicit_bzero (data, n_bytes);
  g_free (data);
}

/* headers */

static void
header_clear (Header *header)
{
  g_bytes_unref (header->config);
  g_bytes_unref (header->bytes);
}

static Header *
find_header (FoyerWebReel *self, guint64 number)
{
  for (guint i = 0; i < self->n_headers; i++)
    if (self->headers[i].number == number)
      return &self->headers[i];
  return NULL;
}

static gboolean
is_header_used (const FoyerWebReel *self, guint64 number)
{
  if (self->open_header == number)
    return TRUE;
  for (guint i = 0; i < self->n_pieces; i++)
    if (self->pieces[i].header == number)
      return TRUE;
  return FALSE;
}

static void
drop_headers (FoyerWebReel *self)
{
  guint n_kept = 0;

  for (guint i = 0; i < self->n_headers; i++) {
    if (is_header_used (self, self->headers[i].number))
      self->headers[n_kept++] = self->headers[i];
    else
      header_clear (&self->headers[i]);
  }
  self->n_headers = n_kept;
}

/* pieces */

static void
drop_oldest (FoyerWebReel *self)
{
  FoyerWebPiece *oldest = &self->pieces[0];

  self->n_apart_gone += oldest->is_apart ? 1 : 0;
  self->n_bytes -= oldest->n_bytes;
  wipe_and_free (oldest->data, oldest->n_bytes);
  self->n_pieces--;
  memmove (&self->pieces[0], &self->pieces[1],
      self->n_pieces * sizeof self->pieces[0]);
  drop_headers (self);
}

static gboolean
expects_sound (const FoyerWebReel *self, gint64 now_us)
{
  return self->n_channels > 0 && now_us < self->sound_until_us;
}

/* A header that is in use can't make way, but its pieces can. */
static guint64
add_header (FoyerWebReel *self, GBytes *config, const FoyerWebFrame *frame)
{
  gboolean has_sound = expects_sound (self, frame->capture_us);
  g_autoptr (GBytes) sound = foyer_web_sound_make_config (self->n_channels);
  const FoyerWebTrack tracks[] = {
    { .codec = FOYER_WEB_CODEC_H264,
        .timescale = TICKS,
        .width_px = frame->width_px,
        .height_px = frame->height_px,
        .config = config },
    { .codec = FOYER_WEB_CODEC_AAC,
        .timescale = FOYER_WEB_SOUND_HZ,
        .n_channels = (guint16) self->n_channels,
        .config = sound },
  };
  Header *header;

  self->open_header = 0; /* its piece is finished */
  drop_headers (self);
  while (self->n_headers == MAX_HEADERS && self->n_pieces > 0)
    drop_oldest (self);
  header = &self->headers[self->n_headers++];
  *header = (Header){
    .number = self->next_header++,
    .config = g_bytes_ref (config),
    .width_px = frame->width_px,
    .height_px = frame->height_px,
    .has_sound = has_sound,
    .bytes = foyer_web_mp4_make_header (tracks, has_sound ? 2 : 1),
  };
  return header->number;
}

/* The one that the piece before had, if it still fits; 0 if a key frame has no
 * parameter sets. */
static guint64
ensure_header (FoyerWebReel *self, const FoyerWebFrame *frame, guint64 last)
{
  const Header *header = find_header (self, last);
  g_autoptr (GBytes) config = NULL;
  FoyerWebParameters parameters;

  if (!foyer_web_h264_find_parameters (frame->data, frame->n_bytes,
          &parameters))
    return 0;
  config = foyer_web_h264_make_config (&parameters);
  if (header != NULL && g_bytes_equal (header->config, config) &&
      header->width_px == frame->width_px &&
      header->height_px == frame->height_px &&
      header->has_sound == expects_sound (self, frame->capture_us))
    return last;
  return add_header (self, config, frame);
}

static guint64
get_ticks (const FoyerWebReel *self, gint64 us)
{
  return (guint64) (us - self->origin_us) * TICKS / US;
}

/* Each lasts until the next; the last until @end_us. */
static void
set_lengths (FoyerWebReel *self, gint64 end_us)
{
  for (guint i = 0; i < self->n_samples; i++) {
    gint64 next_us = i + 1 < self->n_samples ? self->times_us[i + 1] : end_us;

    self->samples[i].n_ticks = (guint32) (get_ticks (self, next_us) -
        get_ticks (self, self->times_us[i]));
  }
}

static void
forget_open (FoyerWebReel *self)
{
  if (self->data != NULL)
    explicit_bzero (self->data, self->n_data_bytes);
  self->n_data_bytes = 0;
  self->n_samples = 0;
  self->n_frames = 0;
}

static void
make_room (FoyerWebReel *self, gsize n_bytes)
{
  while (self->n_pieces > 0 &&
      (self->n_pieces == FOYER_WEB_REEL_PIECES ||
          self->n_bytes + n_bytes > FOYER_WEB_REEL_MAX_BYTES))
    drop_oldest (self);
}

/* The piece that is being made becomes one, which ends at @end_us. */
static void
finish_piece (FoyerWebReel *self, gint64 end_us)
{
  const Header *header = find_header (self, self->open_header);
  guint n_tracks = header != NULL && header->has_sound ? 2 : 1;
  FoyerWebSamples tracks[FOYER_WEB_MP4_MAX_TRACKS];
  FoyerWebPiece piece;
  guint n_packets;
  gsize n_bytes;

  if (self->n_samples == 0)
    return;
  set_lengths (self, end_us);
  tracks[0] = (FoyerWebSamples){
    .start_ticks = get_ticks (self, self->times_us[0]),
    .samples = self->samples,
    .n_samples = self->n_samples,
    .data = self->data,
  };
  n_packets = foyer_web_sound_take (&self->sound, self->origin_us, end_us,
      &tracks[1]);
  n_bytes = foyer_web_mp4_measure_piece (tracks, n_tracks);
  make_room (self, n_bytes);
  piece = (FoyerWebPiece){
    .number = self->next_number++,
    .header = self->open_header,
    .data = g_malloc (n_bytes),
    .n_bytes = n_bytes,
    .since_us = self->times_us[0],
    .n_ticks = get_ticks (self, end_us) - tracks[0].start_ticks,
    .is_apart = self->is_open_apart,
    .n_frames = self->n_frames,
    .first_sequence = self->first_sequence,
    .last_sequence = self->last_sequence,
  };
  foyer_web_mp4_write_piece (tracks, n_tracks, (guint32) piece.number,
      piece.data);
  foyer_web_sound_drop (&self->sound, n_packets);
  self->pieces[self->n_pieces++] = piece;
  self->n_bytes += n_bytes;
  forget_open (self);
}

/* Memory that grows leaves nothing behind. */
static gboolean
reserve (FoyerWebReel *self, gsize n_bytes)
{
  gsize n_needed = self->n_data_bytes + n_bytes;
  gsize n_new = MAX (n_needed, 2 * self->n_capacity_bytes);
  guint8 *data;

  if (n_needed > MAX_OPEN || self->n_samples == MAX_SAMPLES)
    return FALSE;
  if (n_needed <= self->n_capacity_bytes)
    return TRUE;
  data = g_malloc (n_new);
  if (self->data != NULL)
    memcpy (data, self->data, self->n_data_bytes);
  wipe_and_free (self->data, self->n_capacity_bytes);
  self->data = data;
  self->n_capacity_bytes = n_new;
  return TRUE;
}

static gboolean
append (FoyerWebReel *self, const FoyerWebFrame *frame)
{
  gsize n_bytes = foyer_web_h264_convert (frame->data, frame->n_bytes, NULL);

  if (n_bytes == 0 || !reserve (self, n_bytes))
    return FALSE;
  foyer_web_h264_convert (frame->data, frame->n_bytes,
      self->data + self->n_data_bytes);
  self->samples[self->n_samples] = (FoyerWebSample){
    .n_bytes = (guint32) n_bytes,
    .is_key = frame->is_key,
  };
  self->times_us[self->n_samples++] = frame->capture_us;
  self->n_data_bytes += n_bytes;
  if (frame->is_slate)
    return TRUE;
  if (self->n_frames++ == 0)
    self->first_sequence = frame->sequence;
  self->last_sequence = frame->sequence;
  return TRUE;
}

static gint64
get_last_us (const FoyerWebReel *self)
{
  return self->n_samples > 0 ? self->times_us[self->n_samples - 1] : 0;
}

/* A key frame that begins a piece of its own. */
static gboolean
begin_piece (FoyerWebReel *self, const FoyerWebFrame *frame)
{
  guint64 last = self->open_header;
  gint64 last_us = get_last_us (self);
  gboolean is_gap = self->n_samples > 0 && frame->capture_us - last_us > GAP_US;
  guint64 header;

  finish_piece (self, is_gap ? last_us + LAST_US : frame->capture_us);
  header = ensure_header (self, frame, last);
  if (header == 0)
    return FALSE;
  if (!self->has_begun)
    self->origin_us = frame->capture_us;
  self->open_header = header;
  self->is_open_apart = self->has_begun && (is_gap || header != last);
  self->has_begun = TRUE;
  return append (self, frame);
}

/* Another header needs a piece of its own, however short the last is. */
static gboolean
is_beginning (const FoyerWebReel *self, const FoyerWebFrame *frame)
{
  const FoyerWebReel *reel = self;
  gboolean was_slate = reel->n_samples > 0 && reel->n_frames == 0;

  return frame->is_key &&
      (reel->n_samples == 0 ||
          frame->capture_us - reel->times_us[0] >= MIN_PIECE_US ||
          was_slate != frame->is_slate);
}

gboolean
foyer_web_reel_push (FoyerWebReel *self, const FoyerWebFrame *frame)
{
  if (self->n_samples == 0 && !frame->is_key)
    return FALSE;
  if (self->n_samples > 0 && frame->capture_us <= get_last_us (self))
    return FALSE;
  if (self->has_begun && frame->capture_us <= self->origin_us)
    return FALSE;
  if (is_beginning (self, frame))
    return begin_piece (self, frame);
  if (append (self, frame))
    return TRUE;
  /* It would have a hole: nothing of it is shown. */
  forget_open (self);
  return FALSE;
}

void
foyer_web_reel_set_sound (FoyerWebReel *self, guint n_channels, gint64 until_us)
{
  self->n_channels = n_channels;
  self->sound_until_us = until_us;
}

gboolean
foyer_web_reel_push_sound (FoyerWebReel *self, const guint8 *data,
    gsize n_bytes, gint64 capture_us)
{
  if (self->n_channels == 0 ||
      !foyer_web_sound_push (&self->sound, data, n_bytes, capture_us))
    return FALSE;
  self->sound_until_us = capture_us + SOUND_US;
  return TRUE;
}

gboolean
foyer_web_reel_wants_key (const FoyerWebReel *self, gint64 now_us)
{
  return self->n_samples == 0 ||
      now_us - self->times_us[0] >= FOYER_WEB_REEL_KEY_MS * 1000;
}

void
foyer_web_reel_expire (FoyerWebReel *self, gint64 now_us)
{
  while (self->n_pieces > 0 &&
      self->pieces[0].since_us +
              (gint64) (self->pieces[0].n_ticks * US / TICKS) + WINDOW_US <
          now_us)
    drop_oldest (self);
}

guint
foyer_web_reel_count (const FoyerWebReel *self)
{
  return self->n_pieces;
}

void
foyer_web_reel_get_bounds (const FoyerWebReel *self, guint64 *first,
    guint64 *last)
{
  *first = self->n_pieces > 0 ? self->pieces[0].number : 0;
  *last = self->n_pieces > 0 ? self->pieces[self->n_pieces - 1].number : 0;
}

FoyerWebPiece *
foyer_web_reel_find (FoyerWebReel *self, guint64 number)
{
  guint64 first = self->n_pieces > 0 ? self->pieces[0].number : 0;

  if (first == 0 || number < first || number - first >= self->n_pieces)
    return NULL;
  return &self->pieces[number - first];
}

GBytes *
foyer_web_reel_get_header (FoyerWebReel *self, guint64 number)
{
  const Header *header = find_header (self, number);

  return header != NULL ? header->bytes : NULL;
}

static void
print_piece (const FoyerWebReel *self, const FoyerWebPiece *piece,
    GString *text)
{
  guint64 n_ms = piece->n_ticks * 1000 / TICKS;

  g_string_append_printf (text,
      "#EXTINF:%" G_GUINT64_FORMAT ".%03u,\n%" G_GUINT64_FORMAT ".m4s\n",
      n_ms / 1000, (guint) (n_ms % 1000), piece->number);
}

static void
print_time (const FoyerWebReel *self, const FoyerWebPiece *piece, GString *text)
{
  gint64 us = piece->since_us + self->wall_us;
  g_autoptr (GDateTime) second = g_date_time_new_from_unix_utc (us / US);
  g_autofree char *words = second != NULL
      ? g_date_time_format (second, "%Y-%m-%dT%H:%M:%S")
      : NULL;

  if (words != NULL)
    g_string_append_printf (text, "#EXT-X-PROGRAM-DATE-TIME:%s.%03dZ\n", words,
        (int) (us % US / 1000));
}

char *
foyer_web_reel_print (const FoyerWebReel *self)
{
  GString *text = g_string_new ("#EXTM3U\n#EXT-X-VERSION:7\n");
  guint64 header = 0;

  g_string_append_printf (text,
      "#EXT-X-TARGETDURATION:%d\n"
      "#EXT-X-MEDIA-SEQUENCE:%" G_GUINT64_FORMAT "\n"
      "#EXT-X-DISCONTINUITY-SEQUENCE:%" G_GUINT64_FORMAT "\n"
      "#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-START:TIME-OFFSET=-%d.%03d\n",
      TARGET_S, self->n_pieces > 0 ? self->pieces[0].number : self->next_number,
      self->n_apart_gone +
          (self->n_pieces > 0 && self->pieces[0].is_apart ? 1 : 0),
      FOYER_WEB_REEL_START_MS / 1000, FOYER_WEB_REEL_START_MS % 1000);
  for (guint i = 0; i < self->n_pieces; i++) {
    const FoyerWebPiece *piece = &self->pieces[i];

    if (i > 0 && piece->is_apart)
      g_string_append (text, "#EXT-X-DISCONTINUITY\n");
    if (piece->header != header)
      g_string_append_printf (text,
          "#EXT-X-MAP:URI=\"init-%" G_GUINT64_FORMAT ".mp4\"\n", piece->header);
    header = piece->header;
    if (i == 0 || piece->is_apart)
      print_time (self, piece, text);
    print_piece (self, piece, text);
  }
  return g_string_free (text, FALSE);
}

void
foyer_web_reel_wipe (FoyerWebReel *self)
{
  while (self->n_pieces > 0)
    drop_oldest (self);
  forget_open (self);
  foyer_web_sound_wipe (&self->sound);
}

void
foyer_web_reel_free (FoyerWebReel *self)
{
  if (self == NULL)
    return;
  foyer_web_reel_wipe (self);
  self->open_header = 0;
  drop_headers (self);
  wipe_and_free (self->data, self->n_capacity_bytes);
  g_free (self);
}
