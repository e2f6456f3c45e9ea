/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-offer.h"

#include "foyer-cast-error.h"
#include "foyer-cast-fraction.h"
#include "foyer-cast-json.h"

#include <string.h>

/* What a display accepts of an OFFER, as openscreen does:
 * cast/streaming/public/offer_messages.cc, rtp_defines.h, constants.h. */
#define MIN_PAYLOAD_TYPE     96
#define MAX_PAYLOAD_TYPE     104
#define OTHER_PAYLOAD_TYPE   127
#define MIN_TIME_BASE_HZ     16000
#define MAX_TIME_BASE_HZ     90000
#define DEFAULT_FPS          30
#define DEFAULT_VIDEO_BPS    4194304
#define DEFAULT_CHANNELS     2
#define MAX_CHANNELS         255
#define MAX_DSCP             63
#define MAX_OFFERED_DELAY_MS 5000
#define NO_DSCP              (-1)

/* What is wrong with it, or NULL. */
typedef const char *Problem;

/* One stream as it is read, with what is compared but not kept. */
typedef struct
{
  FoyerCastOfferStream stream;
  gint64 dscp;
} Draft;

/* Exactly 32 hex digits. */
static gboolean
read_key (JsonObject *object, const char *name, FoyerKey *key)
{
  const char *digits = foyer_cast_json_get_string (object, name);

  if (digits == NULL || strlen (digits) != 2 * FOYER_KEY_BYTES)
    return FALSE;
  for (gsize i = 0; i < 2 * FOYER_KEY_BYTES; i++)
    if (!g_ascii_isxdigit (digits[i]))
      return FALSE;
  for (gsize i = 0; i < FOYER_KEY_BYTES; i++)
    key->bytes[i] = (guint8) (g_ascii_xdigit_value (digits[2 * i]) << 4 |
        g_ascii_xdigit_value (digits[2 * i + 1]));
  return TRUE;
}

/* "1/N" */
static gboolean
read_time_base (JsonObject *object, guint32 *hz)
{
  const char *text = foyer_cast_json_get_string (object, "timeBase");
  guint64 value;

  if (text == NULL || !g_str_has_prefix (text, "1/") ||
      !g_ascii_string_to_unsigned (text + 2, 10, MIN_TIME_BASE_HZ,
          MAX_TIME_BASE_HZ, &value, NULL))
    return FALSE;
  *hz = (guint32) value;
  return TRUE;
}

static gboolean
read_payload_type (JsonObject *object, guint8 *type)
{
  gint64 value;

  if (!foyer_cast_json_get_int (object, "rtpPayloadType", MIN_PAYLOAD_TYPE,
          OTHER_PAYLOAD_TYPE, &value))
    return FALSE;
  *type = (guint8) value;
  return value <= MAX_PAYLOAD_TYPE || value == OTHER_PAYLOAD_TYPE;
}

/* RFC 6381 */
static gboolean
is_parameter_right (JsonObject *object, FoyerCastCodec codec)
{
  const char *text = foyer_cast_json_get_string (object, "codecParameter");

  if (text == NULL || *text == '\0')
    return TRUE;
  switch (codec) {
    case FOYER_CAST_CODEC_H264:
      return g_str_has_prefix (text, "avc1");
    case FOYER_CAST_CODEC_VP8:
      return g_str_has_prefix (text, "vp08");
    case FOYER_CAST_CODEC_OPUS:
    case FOYER_CAST_CODEC_NONE:
      break;
  }
  return FALSE;
}

/* Out of range is taken for absent, but 0 is an error. */
static gboolean
read_delay (JsonObject *object, guint32 *delay_ms)
{
  gint64 value = FOYER_CAST_DEFAULT_DELAY_MS;

  foyer_cast_json_get_int (object, "targetDelay", 0, MAX_OFFERED_DELAY_MS,
      &value);
  *delay_ms = (guint32) value;
  return value > 0;
}

static gboolean
read_channels (JsonObject *object, FoyerCastStreamKind kind, guint *n_channels)
{
  gint64 value = kind == FOYER_CAST_STREAM_AUDIO ? DEFAULT_CHANNELS : 1;

  foyer_cast_json_get_int (object, "channels", G_MININT64, G_MAXINT64, &value);
  *n_channels = (guint) CLAMP (value, 0, MAX_CHANNELS + 1);
  return value > 0 && value <= MAX_CHANNELS;
}

/* Text, as senders before 2024 wrote, is taken for absent. */
static gboolean
read_dscp (JsonObject *object, gint64 *dscp)
{
  *dscp = NO_DSCP;
  if (!foyer_cast_json_get_int (object, "receiverRtcpDscp", G_MININT64,
          G_MAXINT64, dscp))
    return TRUE;
  return *dscp >= 0 && *dscp <= MAX_DSCP;
}

static Problem
parse_common (JsonObject *object, Draft *draft)
{
  FoyerCastStreamConfig *config = &draft->stream.config;
  gint64 index;
  gint64 ssrc;

  if (!foyer_cast_json_get_int (object, "index", 0, G_MAXINT32, &index))
    return "a stream has no index";
  if (!foyer_cast_json_get_int (object, "ssrc", 1, G_MAXUINT32, &ssrc))
    return "a stream has no ssrc";
  draft->stream.index = (guint) index;
  config->sender_ssrc = (guint32) ssrc;
  if (!is_parameter_right (object, config->codec))
    return "a codecParameter does not fit its codec";
  if (!read_payload_type (object, &config->payload_type))
    return "a stream has no rtpPayloadType of 96 to 104 or 127";
  if (!read_delay (object, &config->target_delay_ms))
    return "a targetDelay is 0";
  if (!read_key (object, "aesKey", &config->key) ||
      !read_key (object, "aesIvMask", &config->iv_mask))
    return "a stream has no aesKey and aesIvMask of 32 hex digits";
  if (!read_time_base (object, &config->time_base_hz))
    return "a stream has no timeBase of 1/16000 to 1/90000";
  if (!read_channels (object, config->kind, &draft->stream.n_channels))
    return "channels are out of range";
  if (!read_dscp (object, &draft->dscp))
    return "a receiverRtcpDscp is out of range";
  config->max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES;
  return NULL;
}

static Problem
parse_audio_part (JsonObject *object, FoyerCastOfferStream *stream)
{
  gint64 bps;

  if (!foyer_cast_json_get_int (object, "bitRate", 0, G_MAXINT32, &bps))
    return "an audio stream has no bitRate";
  stream->max_bps = (guint32) bps;
  return NULL;
}

/* The largest of them; those that can't be read count for nothing. */
static void
read_resolutions (JsonObject *object, FoyerCastOfferStream *stream)
{
  JsonArray *array = foyer_cast_json_get_array (object, "resolutions");
  guint n_sizes = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < n_sizes; i++) {
    JsonNode *node = json_array_get_element (array, i);
    gint64 width;
    gint64 height;

    if (!JSON_NODE_HOLDS_OBJECT (node) ||
        !foyer_cast_json_get_int (json_node_get_object (node), "width", 1,
            FOYER_CAST_MAX_SIDE_PX, &width) ||
        !foyer_cast_json_get_int (json_node_get_object (node), "height", 1,
            FOYER_CAST_MAX_SIDE_PX, &height))
      continue;
    if (width * height > (gint64) stream->width_px * stream->height_px) {
      stream->width_px = (guint) width;
      stream->height_px = (guint) height;
    }
  }
}

static Problem
parse_video_part (JsonObject *object, FoyerCastOfferStream *stream)
{
  gint64 bps = DEFAULT_VIDEO_BPS;

  stream->max_fps_n = DEFAULT_FPS;
  stream->max_fps_d = 1;
  foyer_cast_fraction_parse (foyer_cast_json_get_string (object,
                                 "maxFrameRate"),
      &stream->max_fps_n, &stream->max_fps_d);
  if (stream->max_fps_n == 0)
    return "a maxFrameRate is 0";
  foyer_cast_json_get_int (object, "maxBitRate", G_MININT64, G_MAXINT64, &bps);
  if (bps <= 0 || bps > G_MAXINT32)
    return "a maxBitRate is out of range";
  stream->max_bps = (guint32) bps;
  read_resolutions (object, stream);
  return NULL;
}

/* @is_known is %FALSE for a stream to leave out, of another type or a codec we
 * do not speak. */
static Problem
parse_stream (JsonObject *object, Draft *draft, gboolean *is_known)
{
  FoyerCastStreamConfig *config = &draft->stream.config;
  const char *type = foyer_cast_json_get_string (object, "type");
  const char *codec = foyer_cast_json_get_string (object, "codecName");
  gboolean is_audio = g_strcmp0 (type, "audio_source") == 0;
  Problem problem;

  *is_known = FALSE;
  if (type == NULL)
    return "a stream has no type";
  if (!is_audio && strcmp (type, "video_source") != 0)
    return NULL;
  if (codec == NULL)
    return "a stream has no codecName";
  config->kind = is_audio ? FOYER_CAST_STREAM_AUDIO : FOYER_CAST_STREAM_VIDEO;
  config->codec = foyer_cast_codec_from_string (codec);
  if (config->codec == FOYER_CAST_CODEC_NONE ||
      is_audio != (config->codec == FOYER_CAST_CODEC_OPUS))
    return NULL;
  *is_known = TRUE;
  problem = parse_common (object, draft);
  if (problem != NULL)
    return problem;
  return is_audio ? parse_audio_part (object, &draft->stream)
                  : parse_video_part (object, &draft->stream);
}

/* Alternatives of one kind may share an SSRC, and do: only one is chosen. */
static Problem
check_against (const FoyerCastOffer *self, const FoyerCastOfferStream *stream)
{
  for (guint i = 0; i < self->n_streams; i++) {
    const FoyerCastOfferStream *other = &self->streams[i];

    if (other->index == stream->index)
      return "two streams have one index";
    if (other->config.sender_ssrc == stream->config.sender_ssrc &&
        other->config.kind != stream->config.kind)
      return "audio and video have one ssrc";
  }
  return NULL;
}

static Problem
add_draft (FoyerCastOffer *self, const Draft *draft, gint64 *dscp)
{
  if (draft->dscp != NO_DSCP && *dscp != NO_DSCP && draft->dscp != *dscp)
    return "two streams have different receiverRtcpDscp";
  if (draft->dscp != NO_DSCP)
    *dscp = draft->dscp;
  if (self->n_streams == FOYER_CAST_MAX_STREAMS)
    return "there are too many streams";
  self->streams[self->n_streams++] = draft->stream;
  return NULL;
}

static Problem
parse_streams (JsonArray *array, FoyerCastOffer *self)
{
  guint n_streams = json_array_get_length (array);
  gint64 dscp = NO_DSCP;

  for (guint i = 0; i < n_streams; i++) {
    JsonNode *node = json_array_get_element (array, i);
    Draft draft = { 0 };
    gboolean is_known;
    Problem problem;

    if (!JSON_NODE_HOLDS_OBJECT (node))
      return "a stream is no object";
    problem = parse_stream (json_node_get_object (node), &draft, &is_known);
    if (problem == NULL && is_known)
      problem = check_against (self, &draft.stream);
    if (problem == NULL && is_known)
      problem = add_draft (self, &draft, &dscp);
    foyer_key_clear (&draft.stream.config.key);
    foyer_key_clear (&draft.stream.config.iv_mask);
    if (problem != NULL)
      return problem;
  }
  return NULL;
}

static Problem
parse_offer (JsonObject *message, FoyerCastOffer *self)
{
  JsonObject *offer = foyer_cast_json_get_object (message, "offer");
  JsonArray *streams;

  if (offer == NULL)
    return "there is no offer in it";
  /* Any other word, and none, is mirroring. */
  if (g_strcmp0 (foyer_cast_json_get_string (offer, "castMode"), "remoting") ==
      0)
    return "it is for remoting";
  streams = foyer_cast_json_get_array (offer, "supportedStreams");
  if (streams == NULL)
    return "there are no supportedStreams";
  return parse_streams (streams, self);
}

gboolean
foyer_cast_offer_parse (JsonObject *message, FoyerCastOffer *self,
    GError **error)
{
  Problem problem;

  memset (self, 0, sizeof *self);
  problem = parse_offer (message, self);
  if (problem == NULL)
    return TRUE;
  foyer_cast_offer_clear (self);
  g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED,
      "reading an OFFER: %s", problem);
  return FALSE;
}
