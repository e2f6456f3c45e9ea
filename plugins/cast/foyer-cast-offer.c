/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-offer.h"

#include "foyer-cast-fraction.h"
#include "foyer-cast-json.h"

#include <string.h>

void
foyer_cast_offer_clear (FoyerCastOffer *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->streams); i++) {
    foyer_key_clear (&self->streams[i].config.key);
    foyer_key_clear (&self->streams[i].config.iv_mask);
  }
  memset (self, 0, sizeof *self);
}

static void
add_key (JsonObject *object, const char *name, const FoyerKey *key)
{
  char digits[2 * FOYER_KEY_BYTES + 1];

  for (gsize i = 0; i < FOYER_KEY_BYTES; i++)
    g_snprintf (digits + 2 * i, 3, "%02x", key->bytes[i]);
  json_object_set_string_member (object, name, digits);
  explicit_bzero (digits, sizeof digits);
}

static void
add_resolutions (JsonObject *object, const FoyerCastOfferStream *stream)
{
  JsonArray *array = json_array_new ();
  JsonObject *size = json_object_new ();

  json_object_set_int_member (size, "width", stream->width_px);
  json_object_set_int_member (size, "height", stream->height_px);
  json_array_add_object_element (array, size);
  json_object_set_array_member (object, "resolutions", array);
}

/* The rate is a string: a receiver takes a number for 30. */
static void
add_video_part (JsonObject *object, const FoyerCastOfferStream *stream)
{
  g_autofree char *rate = foyer_cast_fraction_print (stream->max_fps_n,
      stream->max_fps_d);

  json_object_set_string_member (object, "maxFrameRate", rate);
  json_object_set_int_member (object, "maxBitRate", stream->max_bps);
  add_resolutions (object, stream);
  json_object_set_string_member (object, "profile", "");
  json_object_set_string_member (object, "level", "");
  json_object_set_string_member (object, "protection", "");
  json_object_set_string_member (object, "errorRecoveryMode", "");
}

static void
add_extensions (JsonObject *object)
{
  JsonArray *array = json_array_new ();

  json_array_add_string_element (array, "adaptive_playout_delay");
  json_object_set_array_member (object, "rtpExtensions", array);
}

/* In the order of an OFFER that a Nest Hub took, of Chromium:
 * https://github.com/owntone/owntone-server/issues/957
 *
 * codecParameter stays empty for H.264 too. "avc1." and what follows would do
 * as well, but it names profile and level of a stream whose encoder is not
 * chosen yet, and may be the camera; empty claims nothing, and openscreen's
 * sender says the same (tests/data/cast-messages-h264.log). */
static JsonObject *
print_stream (const FoyerCastOfferStream *stream)
{
  const FoyerCastStreamConfig *config = &stream->config;
  gboolean is_audio = config->kind == FOYER_CAST_STREAM_AUDIO;
  JsonObject *object = json_object_new ();
  g_autofree char *time_base = g_strdup_printf ("1/%u", config->time_base_hz);

  json_object_set_int_member (object, "index", stream->index);
  json_object_set_string_member (object, "type",
      is_audio ? "audio_source" : "video_source");
  json_object_set_string_member (object, "codecName",
      foyer_cast_codec_to_string (config->codec));
  json_object_set_string_member (object, "codecParameter", "");
  json_object_set_string_member (object, "rtpProfile", "cast");
  json_object_set_int_member (object, "rtpPayloadType", config->payload_type);
  json_object_set_int_member (object, "ssrc", config->sender_ssrc);
  json_object_set_int_member (object, "targetDelay", config->target_delay_ms);
  add_key (object, "aesKey", &config->key);
  add_key (object, "aesIvMask", &config->iv_mask);
  json_object_set_string_member (object, "timeBase", time_base);
  json_object_set_int_member (object, "channels", stream->n_channels);
  if (is_audio)
    json_object_set_int_member (object, "bitRate", stream->max_bps);
  else
    add_video_part (object, stream);
  json_object_set_boolean_member (object, "receiverRtcpEventLog", FALSE);
  add_extensions (object);
  return object;
}

char *
foyer_cast_offer_print (const FoyerCastOffer *self, gint64 sequence)
{
  g_autoptr (JsonObject) message = json_object_new ();
  JsonObject *offer = json_object_new ();
  JsonArray *streams = json_array_new ();

  for (guint i = 0; i < self->n_streams; i++)
    json_array_add_object_element (streams, print_stream (&self->streams[i]));
  json_object_set_string_member (offer, "castMode", "mirroring");
  json_object_set_array_member (offer, "supportedStreams", streams);
  json_object_set_string_member (message, "type", "OFFER");
  json_object_set_int_member (message, "seqNum", sequence);
  json_object_set_object_member (message, "offer", offer);
  return foyer_cast_json_print (message);
}
