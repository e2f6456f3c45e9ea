/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-webrtc.h"

#include "foyer-cast-json.h"

static const char *const type_names[] = {
  [FOYER_CAST_WEBRTC_UNKNOWN] = "",
  [FOYER_CAST_WEBRTC_OFFER] = "OFFER",
  [FOYER_CAST_WEBRTC_ANSWER] = "ANSWER",
  [FOYER_CAST_WEBRTC_GET_CAPABILITIES] = "GET_CAPABILITIES",
  [FOYER_CAST_WEBRTC_GET_STATUS] = "GET_STATUS",
};

/* openscreen cast/streaming/sender_message.cc */
FoyerCastWebrtcType
foyer_cast_webrtc_get_type (JsonObject *message, gint64 *sequence)
{
  const char *type = foyer_cast_json_get_string (message, "type");

  *sequence = FOYER_CAST_NO_SEQUENCE;
  foyer_cast_json_get_int (message, "seqNum", 0, G_MAXINT64, sequence);
  for (guint i = FOYER_CAST_WEBRTC_OFFER;
       type != NULL && i < G_N_ELEMENTS (type_names); i++)
    if (g_ascii_strcasecmp (type, type_names[i]) == 0)
      return (FoyerCastWebrtcType) i;
  return FOYER_CAST_WEBRTC_UNKNOWN;
}

/* openscreen cast/streaming/receiver_message.cc: the kinds "audio" and "video"
 * stand beside the codecs. */
static JsonArray *
print_media (const FoyerCastCodec *codecs, guint n_codecs)
{
  JsonArray *media = json_array_new ();
  gboolean has_audio = FALSE;
  gboolean has_video = FALSE;

  for (guint i = 0; i < n_codecs; i++) {
    has_audio = has_audio || codecs[i] == FOYER_CAST_CODEC_OPUS;
    has_video = has_video || codecs[i] != FOYER_CAST_CODEC_OPUS;
  }
  if (has_audio)
    json_array_add_string_element (media, "audio");
  if (has_video)
    json_array_add_string_element (media, "video");
  for (guint i = 0; i < n_codecs; i++)
    json_array_add_string_element (media,
        foyer_cast_codec_to_string (codecs[i]));
  return media;
}

char *
foyer_cast_webrtc_print_capabilities (const FoyerCastCodec *codecs,
    guint n_codecs, gint64 sequence)
{
  g_autoptr (JsonObject) message = json_object_new ();
  JsonObject *capabilities = json_object_new ();

  json_object_set_array_member (capabilities, "mediaCaps",
      print_media (codecs, n_codecs));
  /* Absent means 1: openscreen would take it for a display with remoting. */
  json_object_set_int_member (capabilities, "remoting", 0);
  json_object_set_string_member (message, "type", "CAPABILITIES_RESPONSE");
  json_object_set_int_member (message, "seqNum", sequence);
  json_object_set_string_member (message, "result", "ok");
  json_object_set_object_member (message, "capabilities", capabilities);
  return foyer_cast_json_print (message);
}
