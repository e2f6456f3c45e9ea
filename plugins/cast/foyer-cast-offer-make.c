/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-offer.h"

#include "foyer-random.h"

#include <string.h>

/* Chrome's, whatever the codec; Android TV takes no others: openscreen
 * cast/streaming/rtp_defines.h */
#define AUDIO_PAYLOAD_TYPE 127
#define VIDEO_PAYLOAD_TYPE 96

/* openscreen cast/streaming/ssrc.cc: 1…50000 for audio, 50001…100000 for video.
 * Ours are odd: a receiver's SSRC is usually the sender's plus one, and so never
 * another sender's. */
#define SSRCS_OF_A_KIND  25000
#define FIRST_AUDIO_SSRC 1
#define FIRST_VIDEO_SSRC 50001

#define VIDEO_TIME_BASE_HZ 90000
#define AUDIO_TIME_BASE_HZ 48000

static gboolean
has_ssrc (const FoyerCastOffer *self, guint32 ssrc)
{
  for (guint i = 0; i < self->n_streams; i++)
    if (self->streams[i].config.sender_ssrc == ssrc)
      return TRUE;
  return FALSE;
}

static guint32
make_ssrc (const FoyerCastOffer *self, guint32 first)
{
  guint32 ssrc;

  do
    ssrc = first + 2 * foyer_random_range (0, SSRCS_OF_A_KIND - 1);
  while (has_ssrc (self, ssrc));
  return ssrc;
}

static void
make_keys (FoyerCastStreamConfig *config, const FoyerCastKeyRoot *root)
{
  FoyerCastKeyLabel label = {
    .offer = config->offer,
    .kind = config->kind,
    .codec = config->codec,
  };

  if (root == NULL) {
    foyer_key_init_random (&config->key);
    foyer_key_init_random (&config->iv_mask);
    return;
  }
  label.camera = root->camera;
  label.generation = root->generation;
  foyer_cast_keys_derive (root, &label, &config->key, &config->iv_mask);
}

static FoyerCastOfferStream *
add_stream (FoyerCastOffer *self, FoyerCastStreamKind kind,
    FoyerCastCodec codec, guint32 delay_ms)
{
  gboolean is_audio = kind == FOYER_CAST_STREAM_AUDIO;
  guint32 ssrc = make_ssrc (self,
      is_audio ? FIRST_AUDIO_SSRC : FIRST_VIDEO_SSRC);
  FoyerCastOfferStream *stream = &self->streams[self->n_streams];

  stream->index = self->n_streams++;
  stream->config = (FoyerCastStreamConfig){
    .kind = kind,
    .codec = codec,
    .payload_type = is_audio ? AUDIO_PAYLOAD_TYPE : VIDEO_PAYLOAD_TYPE,
    .sender_ssrc = ssrc,
    .time_base_hz = is_audio ? AUDIO_TIME_BASE_HZ : VIDEO_TIME_BASE_HZ,
    .target_delay_ms = delay_ms,
    .max_datagram_bytes = FOYER_CAST_MAX_DATAGRAM_BYTES,
  };
  stream->config.first_sequence = (guint16) foyer_random_range (0, G_MAXUINT16);
  return stream;
}

static void
add_audio (FoyerCastOffer *self, const FoyerCastOfferWish *wish)
{
  FoyerCastOfferStream *stream = add_stream (self, FOYER_CAST_STREAM_AUDIO,
      FOYER_CAST_CODEC_OPUS, wish->delay_ms);

  stream->n_channels = wish->n_audio_channels;
  stream->max_bps = wish->audio_bps;
}

static void
add_video (FoyerCastOffer *self, FoyerCastCodec codec,
    const FoyerCastOfferWish *wish)
{
  FoyerCastOfferStream *stream = add_stream (self, FOYER_CAST_STREAM_VIDEO,
      codec, wish->delay_ms);

  stream->n_channels = 1;
  stream->max_bps = wish->max_video_bps;
  stream->width_px = wish->width_px;
  stream->height_px = wish->height_px;
  stream->max_fps_n = wish->fps_n;
  stream->max_fps_d = wish->fps_d;
}

void
foyer_cast_offer_init (FoyerCastOffer *self, const FoyerCastOfferWish *wish,
    const FoyerCastKeyRoot *root, guint32 number)
{
  guint n_video = MIN (wish->n_video_codecs, G_N_ELEMENTS (wish->video_codecs));

  memset (self, 0, sizeof *self);
  if (wish->has_audio)
    add_audio (self, wish);
  for (guint i = 0; i < n_video; i++)
    add_video (self, wish->video_codecs[i], wish);
  for (guint i = 0; i < self->n_streams; i++) {
    self->streams[i].config.offer = number;
    make_keys (&self->streams[i].config, root);
  }
}
