/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-negotiation.h"

#include "foyer-cast-webrtc.h"

#include <string.h>

void
foyer_cast_negotiation_clear (FoyerCastNegotiation *self)
{
  foyer_cast_offer_clear (&self->offer);
  self->is_waiting = FALSE;
}

void
foyer_cast_settlement_clear (FoyerCastSettlement *self)
{
  explicit_bzero (self, sizeof *self);
}

char *
foyer_cast_negotiation_begin (FoyerCastNegotiation *self,
    const FoyerCastOfferWish *wish)
{
  foyer_cast_offer_clear (&self->offer);
  self->sequence++;
  foyer_cast_offer_init (&self->offer, wish, self->root,
      (guint32) self->sequence);
  self->is_waiting = TRUE;
  return foyer_cast_offer_print (&self->offer, self->sequence);
}

gboolean
foyer_cast_negotiation_is_answer (const FoyerCastNegotiation *self,
    JsonObject *message)
{
  gint64 sequence;

  return self->is_waiting &&
      foyer_cast_webrtc_get_type (message, &sequence) ==
      FOYER_CAST_WEBRTC_ANSWER &&
      sequence == self->sequence;
}

static guint
min_said (guint offered, guint said)
{
  return said != 0 ? MIN (offered, said) : offered;
}

/* The display's own size, made smaller if it takes no picture that large. Even,
 * as 4:2:0 pictures must be. */
static void
fit_display (FoyerCastSessionStream *stream, const FoyerCastAnswer *answer)
{
  guint64 width_px = answer->display_width_px;
  guint64 height_px = answer->display_height_px;

  if (width_px > stream->width_px) {
    height_px = MAX (height_px * stream->width_px / width_px, 2);
    width_px = stream->width_px;
  }
  if (height_px > stream->height_px) {
    width_px = MAX (width_px * stream->height_px / height_px, 2);
    height_px = stream->height_px;
  }
  stream->width_px = (guint) width_px & ~1u;
  stream->height_px = (guint) height_px & ~1u;
  stream->is_fixed_size = TRUE;
}

static void
settle_video (const FoyerCastOfferStream *offered,
    const FoyerCastAnswer *answer, FoyerCastSessionStream *stream)
{
  stream->width_px = min_said (offered->width_px, answer->max_width_px);
  stream->height_px = min_said (offered->height_px, answer->max_height_px);
  stream->fps_n = offered->max_fps_n;
  stream->fps_d = offered->max_fps_d;
  if (answer->max_fps_n != 0 && answer->max_fps_d != 0 &&
      (guint64) answer->max_fps_n * stream->fps_d <
          (guint64) stream->fps_n * answer->max_fps_d) {
    stream->fps_n = answer->max_fps_n;
    stream->fps_d = answer->max_fps_d;
  }
  stream->max_pixels_per_second = (guint64) answer->max_pixels_per_second;
  stream->max_bps = min_said (offered->max_bps, answer->max_video_bps);
  if (answer->scaling == FOYER_CAST_SCALING_SENDER &&
      answer->display_width_px > 1 && answer->display_height_px > 1)
    fit_display (stream, answer);
}

static void
settle_stream (FoyerCastSettlement *self, const FoyerCastOfferStream *offered,
    guint32 receiver_ssrc, const FoyerCastAnswer *answer,
    gsize max_datagram_bytes)
{
  FoyerCastStreamConfig *config = &self->configs[self->n_streams];
  FoyerCastSessionStream *stream = &self->streams[self->n_streams];

  self->n_streams++;
  *config = offered->config;
  config->receiver_ssrc = receiver_ssrc;
  config->max_datagram_bytes = max_datagram_bytes;
  stream->kind = config->kind;
  stream->codec = config->codec;
  stream->udp_port = answer->udp_port;
  if (config->kind == FOYER_CAST_STREAM_AUDIO) {
    stream->max_bps = min_said (offered->max_bps, answer->max_audio_bps);
    return;
  }
  settle_video (offered, answer, stream);
  self->max_bps = stream->max_bps;
  self->min_bps = MIN (answer->min_video_bps != 0 ? answer->min_video_bps
                                                  : FOYER_CAST_MIN_VIDEO_BPS,
      stream->max_bps);
}

gboolean
foyer_cast_negotiation_finish (FoyerCastNegotiation *self, JsonObject *message,
    gsize max_datagram_bytes, FoyerCastSettlement *settlement, GError **error)
{
  FoyerCastAnswer answer;

  self->is_waiting = FALSE;
  memset (settlement, 0, sizeof *settlement);
  if (!foyer_cast_answer_parse (message, &self->offer, &answer, error))
    return FALSE;
  settlement->udp_port = answer.udp_port;
  settlement->max_delay_ms = answer.max_delay_ms;
  for (guint i = 0; i < self->offer.n_streams; i++)
    for (guint j = 0; j < answer.n_streams; j++)
      if (self->offer.streams[i].index == answer.indexes[j])
        settle_stream (settlement, &self->offer.streams[i], answer.ssrcs[j],
            &answer, max_datagram_bytes);
  return TRUE;
}
