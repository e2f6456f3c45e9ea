/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-fraction.h"
#include "foyer-cast-json.h"
#include "foyer-cast-offer.h"
#include "foyer-text.h"

#include <string.h>

#define MAX_CHANNELS       2
#define MAX_SAMPLE_RATE_HZ 48000
#define DEFAULT_FPS        30
/* openscreen cast/streaming/constants.h */
#define MIN_AUDIO_BPS         32000
#define DEFAULT_MAX_AUDIO_BPS 256000
#define MIN_WIDTH_PX          320
#define MIN_HEIGHT_PX         240

static void
set_invalid (GError **error, const char *problem)
{
  g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_ANSWER_INVALID,
      "reading the display's ANSWER: %s", problem);
}

/* openscreen cast/streaming/receiver_message.cc: "ok", or an error with code
 * and description. */
static gboolean
check_result (JsonObject *message, GError **error)
{
  const char *result = foyer_cast_json_get_string (message, "result");
  JsonObject *words = foyer_cast_json_get_object (message, "error");
  g_autofree char *description = NULL;
  gint64 code = 0;

  if (result != NULL && g_ascii_strcasecmp (result, "ok") == 0)
    return TRUE;
  if (result == NULL && words == NULL) {
    set_invalid (error, "it says neither ok nor error");
    return FALSE;
  }
  if (words != NULL) {
    foyer_cast_json_get_int (words, "code", G_MININT32, G_MAXINT32, &code);
    description = foyer_text_escape (
        foyer_cast_json_get_string (words, "description"));
  }
  g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_OFFER_REFUSED,
      "the display refuses the OFFER with code %" G_GINT64_FORMAT ": \"%s\"",
      code, description != NULL ? description : "");
  return FALSE;
}

static const FoyerCastOfferStream *
find_stream (const FoyerCastOffer *offer, guint index)
{
  for (guint i = 0; i < offer->n_streams; i++)
    if (offer->streams[i].index == index)
      return &offer->streams[i];
  return NULL;
}

/* Whether stream @at of the answer can stand beside those before it. */
static const char *
check_choice (const FoyerCastAnswer *self, const FoyerCastOffer *offer,
    guint at)
{
  const FoyerCastOfferStream *chosen = find_stream (offer, self->indexes[at]);

  if (chosen == NULL)
    return "it chooses a stream that was not offered";
  for (guint i = 0; i < at; i++) {
    const FoyerCastOfferStream *other = find_stream (offer, self->indexes[i]);

    if (other != NULL && other->config.kind == chosen->config.kind)
      return "it chooses two streams of one kind";
    if (self->ssrcs[i] == self->ssrcs[at])
      return "two streams have one ssrc";
  }
  return NULL;
}

static const char *
read_choice (JsonObject *answer, const FoyerCastOffer *offer,
    FoyerCastAnswer *self)
{
  JsonArray *indexes = foyer_cast_json_get_array (answer, "sendIndexes");
  JsonArray *ssrcs = foyer_cast_json_get_array (answer, "ssrcs");
  guint n_streams = indexes != NULL ? json_array_get_length (indexes) : 0;

  if (n_streams == 0 || n_streams > FOYER_CAST_MAX_STREAMS)
    return "sendIndexes are missing, empty or too many";
  if (ssrcs == NULL || json_array_get_length (ssrcs) != n_streams)
    return "there is not one of ssrcs for each of sendIndexes";
  for (guint i = 0; i < n_streams; i++) {
    const char *problem;
    gint64 index;
    gint64 ssrc;

    if (!foyer_cast_json_array_get_int (indexes, i, 0, G_MAXINT32, &index) ||
        !foyer_cast_json_array_get_int (ssrcs, i, 1, G_MAXUINT32, &ssrc))
      return "one of sendIndexes or ssrcs is no number";
    self->indexes[i] = (guint) index;
    self->ssrcs[i] = (guint32) ssrc;
    problem = check_choice (self, offer, i);
    if (problem != NULL)
      return problem;
    self->n_streams++;
  }
  return NULL;
}

/* All that follows is optional, and taken for absent if it can't be read. */

static void
read_size (JsonObject *object, guint *width_px, guint *height_px)
{
  gint64 width;
  gint64 height;

  if (object == NULL ||
      !foyer_cast_json_get_int (object, "width", 1, FOYER_CAST_MAX_SIDE_PX,
          &width) ||
      !foyer_cast_json_get_int (object, "height", 1, FOYER_CAST_MAX_SIDE_PX,
          &height))
    return;
  *width_px = (guint) width;
  *height_px = (guint) height;
}

/* A string by the book, a number from some. */
static void
read_frame_rate (JsonObject *object, FoyerCastAnswer *self)
{
  const char *text = foyer_cast_json_get_string (object, "frameRate");
  guint n = 0;
  guint d = 1;
  gint64 number;

  if (foyer_cast_json_get_int (object, "frameRate", 1, G_MAXINT16, &number))
    n = (guint) number;
  else
    foyer_cast_fraction_parse (text, &n, &d);
  if (n == 0)
    return;
  self->max_fps_n = n;
  self->max_fps_d = d;
}

static guint32
read_bps (JsonObject *object, const char *name)
{
  gint64 bps = 0;

  foyer_cast_json_get_int (object, name, 1, G_MAXINT32, &bps);
  return (guint32) bps;
}

/* The shorter one, if both kinds say it. */
static void
read_max_delay (JsonObject *object, FoyerCastAnswer *self)
{
  gint64 delay;

  if (!foyer_cast_json_get_int (object, "maxDelay", 1, G_MAXINT32, &delay))
    return;
  if (self->max_delay_ms == 0 || delay < self->max_delay_ms)
    self->max_delay_ms = (guint32) delay;
}

static void
read_video_constraints (JsonObject *video, FoyerCastAnswer *self)
{
  JsonObject *size = foyer_cast_json_get_object (video, "maxDimensions");
  double pixels;

  if (size != NULL) {
    read_size (size, &self->max_width_px, &self->max_height_px);
    read_frame_rate (size, self);
  }
  self->max_video_bps = read_bps (video, "maxBitRate");
  self->min_video_bps = read_bps (video, "minBitRate");
  if (self->max_video_bps > 0 && self->min_video_bps > self->max_video_bps)
    self->min_video_bps = 0;
  if (foyer_cast_json_get_double (video, "maxPixelsPerSecond", &pixels) &&
      pixels > 0)
    self->max_pixels_per_second = pixels;
  read_max_delay (video, self);
}

static void
read_constraints (JsonObject *constraints, FoyerCastAnswer *self)
{
  JsonObject *video = foyer_cast_json_get_object (constraints, "video");
  JsonObject *audio = foyer_cast_json_get_object (constraints, "audio");

  if (video != NULL)
    read_video_constraints (video, self);
  if (audio != NULL) {
    self->max_audio_bps = read_bps (audio, "maxBitRate");
    read_max_delay (audio, self);
  }
}

static void
read_display (JsonObject *display, FoyerCastAnswer *self)
{
  const char *scaling = foyer_cast_json_get_string (display, "scaling");

  read_size (foyer_cast_json_get_object (display, "dimensions"),
      &self->display_width_px, &self->display_height_px);
  if (g_strcmp0 (scaling, "sender") == 0)
    self->scaling = FOYER_CAST_SCALING_SENDER;
}

/* rtpExtensions, receiverRtcpDscp, receiverRtcpEventLog and castMode change
 * shape with the receiver's age and are not read. */
static const char *
read_answer (JsonObject *message, const FoyerCastOffer *offer,
    FoyerCastAnswer *self)
{
  JsonObject *answer = foyer_cast_json_get_object (message, "answer");
  JsonObject *part;
  const char *problem;
  gint64 port;

  if (answer == NULL)
    return "there is no answer in it";
  if (!foyer_cast_json_get_int (answer, "udpPort", 1, G_MAXUINT16, &port))
    return "udpPort is missing or out of range";
  self->udp_port = (guint16) port;
  problem = read_choice (answer, offer, self);
  if (problem != NULL)
    return problem;
  part = foyer_cast_json_get_object (answer, "constraints");
  if (part != NULL)
    read_constraints (part, self);
  part = foyer_cast_json_get_object (answer, "display");
  if (part != NULL)
    read_display (part, self);
  return NULL;
}

gboolean
foyer_cast_answer_parse (JsonObject *message, const FoyerCastOffer *offer,
    FoyerCastAnswer *self, GError **error)
{
  const char *problem;

  memset (self, 0, sizeof *self);
  if (!check_result (message, error))
    return FALSE;
  problem = read_answer (message, offer, self);
  if (problem == NULL)
    return TRUE;
  memset (self, 0, sizeof *self);
  set_invalid (error, problem);
  return FALSE;
}

/* The display's side */

/* frameRate goes into each: openscreen's sender refuses one without it. */
static JsonObject *
print_size (guint width_px, guint height_px, guint fps_n, guint fps_d)
{
  JsonObject *object = json_object_new ();
  g_autofree char *rate = foyer_cast_fraction_print (fps_n > 0 ? fps_n
                                                               : DEFAULT_FPS,
      fps_n > 0 ? fps_d : 1);

  json_object_set_int_member (object, "width", width_px);
  json_object_set_int_member (object, "height", height_px);
  json_object_set_string_member (object, "frameRate", rate);
  return object;
}

static JsonObject *
print_audio_constraints (const FoyerCastAnswer *self)
{
  JsonObject *object = json_object_new ();
  guint32 max_bps = self->max_audio_bps > 0 ? self->max_audio_bps
                                            : DEFAULT_MAX_AUDIO_BPS;

  json_object_set_int_member (object, "maxSampleRate", MAX_SAMPLE_RATE_HZ);
  json_object_set_int_member (object, "maxChannels", MAX_CHANNELS);
  json_object_set_int_member (object, "minBitRate",
      MIN (MIN_AUDIO_BPS, max_bps));
  json_object_set_int_member (object, "maxBitRate", max_bps);
  if (self->max_delay_ms > 0)
    json_object_set_int_member (object, "maxDelay", self->max_delay_ms);
  return object;
}

/* openscreen wants maxPixelsPerSecond though its own text calls it optional,
 * and maxBitRate over minBitRate. */
static JsonObject *
print_video_constraints (const FoyerCastAnswer *self)
{
  JsonObject *object = json_object_new ();
  guint fps_n = self->max_fps_n > 0 ? self->max_fps_n : DEFAULT_FPS;
  guint fps_d = self->max_fps_n > 0 ? self->max_fps_d : 1;
  double pixels = self->max_pixels_per_second;
  guint32 min_bps = self->min_video_bps > 0 ? self->min_video_bps
                                            : FOYER_CAST_MIN_VIDEO_BPS;

  if (pixels <= 0)
    pixels = (double) self->max_width_px * self->max_height_px * fps_n / fps_d;
  json_object_set_double_member (object, "maxPixelsPerSecond", pixels);
  json_object_set_object_member (object, "minResolution",
      print_size (MIN (MIN_WIDTH_PX, self->max_width_px),
          MIN (MIN_HEIGHT_PX, self->max_height_px), fps_n, fps_d));
  json_object_set_object_member (object, "maxDimensions",
      print_size (self->max_width_px, self->max_height_px, fps_n, fps_d));
  json_object_set_int_member (object, "minBitRate",
      MIN (min_bps, self->max_video_bps - 1));
  json_object_set_int_member (object, "maxBitRate", self->max_video_bps);
  if (self->max_delay_ms > 0)
    json_object_set_int_member (object, "maxDelay", self->max_delay_ms);
  return object;
}

/* Both parts or none: half of it fails the whole ANSWER at an openscreen
 * sender. */
static void
add_constraints (JsonObject *answer, const FoyerCastAnswer *self)
{
  JsonObject *constraints;

  if (self->max_width_px == 0 || self->max_height_px == 0 ||
      self->max_video_bps < 2)
    return;
  constraints = json_object_new ();
  json_object_set_object_member (constraints, "audio",
      print_audio_constraints (self));
  json_object_set_object_member (constraints, "video",
      print_video_constraints (self));
  json_object_set_object_member (answer, "constraints", constraints);
}

static guint
greatest_divisor (guint a, guint b)
{
  while (b != 0) {
    guint rest = a % b;

    a = b;
    b = rest;
  }
  return a;
}

static void
add_display (JsonObject *answer, const FoyerCastAnswer *self)
{
  guint width = self->display_width_px;
  guint height = self->display_height_px;
  JsonObject *display;
  g_autofree char *ratio = NULL;

  if (width == 0 || height == 0)
    return;
  ratio = g_strdup_printf ("%u:%u", width / greatest_divisor (width, height),
      height / greatest_divisor (width, height));
  display = json_object_new ();
  json_object_set_object_member (display, "dimensions",
      print_size (width, height, self->max_fps_n, self->max_fps_d));
  json_object_set_string_member (display, "aspectRatio", ratio);
  json_object_set_string_member (display, "scaling",
      self->scaling == FOYER_CAST_SCALING_SENDER ? "sender" : "receiver");
  json_object_set_object_member (answer, "display", display);
}

static JsonObject *
message_new (const char *result, gint64 sequence)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "type", "ANSWER");
  json_object_set_int_member (message, "seqNum", sequence);
  json_object_set_string_member (message, "result", result);
  return message;
}

/* rtpExtensions is left out: senders of 2023 read an array of strings and
 * those of today an array of arrays; both take its absence, and an empty array
 * upsets others (openscreen cast/streaming/public/answer_messages.cc). So are
 * receiverRtcpEventLog and receiverRtcpDscp, which would be empty. */
char *
foyer_cast_answer_print (const FoyerCastAnswer *self, gint64 sequence)
{
  g_autoptr (JsonObject) message = message_new ("ok", sequence);
  JsonObject *answer = json_object_new ();
  JsonArray *indexes = json_array_new ();
  JsonArray *ssrcs = json_array_new ();

  for (guint i = 0; i < self->n_streams; i++) {
    json_array_add_int_element (indexes, self->indexes[i]);
    json_array_add_int_element (ssrcs, self->ssrcs[i]);
  }
  json_object_set_int_member (answer, "udpPort", self->udp_port);
  json_object_set_array_member (answer, "sendIndexes", indexes);
  json_object_set_array_member (answer, "ssrcs", ssrcs);
  add_constraints (answer, self);
  add_display (answer, self);
  json_object_set_object_member (message, "answer", answer);
  return foyer_cast_json_print (message);
}

char *
foyer_cast_answer_print_error (int code, const char *description,
    gint64 sequence)
{
  g_autoptr (JsonObject) message = message_new ("error", sequence);
  JsonObject *words = json_object_new ();

  json_object_set_int_member (words, "code", code);
  json_object_set_string_member (words, "description", description);
  json_object_set_object_member (message, "error", words);
  return foyer_cast_json_print (message);
}
