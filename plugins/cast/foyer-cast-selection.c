/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-selection.h"

#include <string.h>

#define MAX_AUDIO_BPS 256000 /* openscreen cast/streaming/constants.h */

void
foyer_cast_selection_clear (FoyerCastSelection *self)
{
  explicit_bzero (self, sizeof *self);
}

static const FoyerCastOfferStream *
find_stream (const FoyerCastOffer *offer, FoyerCastStreamKind kind,
    FoyerCastCodec codec)
{
  for (guint i = 0; i < offer->n_streams; i++)
    if (offer->streams[i].config.kind == kind &&
        offer->streams[i].config.codec == codec)
      return &offer->streams[i];
  return NULL;
}

static const FoyerCastOfferStream *
choose (const FoyerCastDisplayConfig *config, const FoyerCastOffer *offer,
    FoyerCastStreamKind kind)
{
  const FoyerCastOfferStream *found = NULL;

  for (guint i = 0; i < config->n_codecs && found == NULL; i++)
    found = find_stream (offer, kind, config->codecs[i]);
  return found;
}

static void
take (FoyerCastSelection *self, const FoyerCastOfferStream *stream,
    gsize max_datagram_bytes)
{
  FoyerCastStreamConfig *config;

  if (stream == NULL)
    return;
  config = &self->streams[self->n_streams];
  *config = stream->config;
  /* openscreen cast/streaming/receiver_session.cc */
  config->receiver_ssrc = config->sender_ssrc + 1;
  config->max_datagram_bytes = max_datagram_bytes;
  self->answer.indexes[self->n_streams] = stream->index;
  self->answer.ssrcs[self->n_streams] = config->receiver_ssrc;
  self->answer.n_streams = ++self->n_streams;
}

gboolean
foyer_cast_selection_init (FoyerCastSelection *self,
    const FoyerCastDisplayConfig *config, const FoyerCastOffer *offer,
    guint16 udp_port, gsize max_datagram_bytes)
{
  FoyerCastAnswer *answer = &self->answer;

  memset (self, 0, sizeof *self);
  answer->udp_port = udp_port;
  answer->max_width_px = config->width_px;
  answer->max_height_px = config->height_px;
  answer->max_fps_n = config->fps;
  answer->max_fps_d = 1;
  answer->max_video_bps = config->max_video_bps;
  answer->min_video_bps = MIN (FOYER_CAST_MIN_VIDEO_BPS,
      config->max_video_bps / 2);
  answer->max_audio_bps = MAX_AUDIO_BPS;
  /* Openscreen refuses constraints without it. */
  answer->max_pixels_per_second = (double) config->width_px *
      config->height_px * config->fps;
  answer->max_delay_ms = FOYER_CAST_MAX_DELAY_MS;
  answer->display_width_px = config->width_px;
  answer->display_height_px = config->height_px;
  answer->scaling = FOYER_CAST_SCALING_RECEIVER;
  take (self, choose (config, offer, FOYER_CAST_STREAM_AUDIO),
      max_datagram_bytes);
  take (self, choose (config, offer, FOYER_CAST_STREAM_VIDEO),
      max_datagram_bytes);
  if (config->needs_audio && self->streams[0].kind != FOYER_CAST_STREAM_AUDIO)
    return FALSE;
  return self->n_streams > 0;
}
