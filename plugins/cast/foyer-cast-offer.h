/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-keys.h"
#include "foyer-cast-limits.h"
#include "foyer-cast-types.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* OFFER and ANSWER, made and read on both sides. Pure, but that
 * foyer_cast_offer_init() draws keys. Made strictly, with all that any receiver
 * in the field insists on; the ANSWER is read leniently.
 * openscreen cast/streaming/public/offer_messages.cc, answer_messages.cc */

/**
 * FoyerCastOfferStream:
 * @config: keys, SSRC, payload type, time base, delay. @config.receiver_ssrc is
 *   of no meaning here
 * @index: its number in the OFFER
 * @max_bps: most bit rate, in bit/s
 * @width_px: picture, 0 for audio
 * @height_px: picture
 * @max_fps_n: frame rate, numerator, 0 for audio
 * @max_fps_d: denominator
 * @n_channels: 1 for video
 */
typedef struct
{
  FoyerCastStreamConfig config;
  guint index;
  guint32 max_bps;
  guint width_px;
  guint height_px;
  guint max_fps_n;
  guint max_fps_d;
  guint n_channels;
} FoyerCastOfferStream;

/* Streams are numbered audio first, then video (openscreen takes the index for
 * a position in that order); video in order of preference. */
typedef struct
{
  FoyerCastOfferStream streams[FOYER_CAST_MAX_STREAMS];
  guint n_streams;
} FoyerCastOffer;

void foyer_cast_offer_clear (FoyerCastOffer *self); /* wipes the keys */
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCastOffer, foyer_cast_offer_clear)

/**
 * FoyerCastOfferWish:
 * @video_codecs: (array length=n_video_codecs): in order of preference
 * @has_audio: Opus, 48 kHz
 * @adds_audio: offer that too, if an OFFER without it is refused; who sends the
 *   frames generates silence then
 * @n_audio_channels: 1 or 2
 * @width_px: largest picture
 * @height_px: largest picture
 * @fps_n: highest frame rate, numerator
 * @fps_d: denominator
 * @max_video_bps: most, in bit/s
 * @audio_bps: in bit/s
 * @delay_ms: target delay
 *
 * What a sender wants; foyer_cast_offer_init() adds keys, SSRCs and the rest.
 */
typedef struct
{
  FoyerCastCodec video_codecs[2];
  guint n_video_codecs;
  gboolean has_audio;
  gboolean adds_audio;
  guint n_audio_channels;
  guint width_px;
  guint height_px;
  guint fps_n;
  guint fps_d;
  guint32 max_video_bps;
  guint32 audio_bps;
  guint32 delay_ms;
} FoyerCastOfferWish;

/**
 * foyer_cast_offer_init:
 * @self: (out caller-allocates): the offer
 * @wish: what is wanted
 * @root: (nullable): what keys are derived from, for its own camera; %NULL for
 *   random ones
 * @number: seqNum; of no other OFFER of the session
 *
 * Makes a fresh key and mask for each stream: they are never used twice.
 */
void foyer_cast_offer_init (FoyerCastOffer *self,
    const FoyerCastOfferWish *wish, const FoyerCastKeyRoot *root,
    guint32 number);

/**
 * foyer_cast_offer_print:
 * @self: an offer
 * @sequence: seqNum
 *
 * Returns: (transfer full): the OFFER message. It holds keys: never log it
 */
char *foyer_cast_offer_print (const FoyerCastOffer *self, gint64 sequence);

/**
 * foyer_cast_offer_parse:
 * @message: (transfer none): a message of type OFFER
 * @self: (out caller-allocates): what is offered; streams of unknown codecs and
 *   types are left out
 * @error: return location
 *
 * As strict as a Nest Hub: see tests/unit/test-cast-offer.c for the table.
 *
 * Returns: %FALSE with %FOYER_CAST_ERROR_MALFORMED
 */
gboolean foyer_cast_offer_parse (JsonObject *message, FoyerCastOffer *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * FoyerCastScaling:
 * @FOYER_CAST_SCALING_RECEIVER: any size is shown well
 * @FOYER_CAST_SCALING_SENDER: the sender must fit and letterbox the picture
 */
typedef enum
{
  FOYER_CAST_SCALING_RECEIVER = 0,
  FOYER_CAST_SCALING_SENDER,
} FoyerCastScaling;

/**
 * FoyerCastAnswer:
 * @udp_port: where RTP and RTCP go
 * @indexes: chosen streams of the OFFER
 * @ssrcs: receiver's SSRC of each
 * @n_streams: how many
 * @max_width_px: 0 if not said
 * @max_height_px: 0 if not said
 * @max_fps_n: 0 if not said
 * @max_fps_d: its denominator
 * @max_video_bps: 0 if not said
 * @min_video_bps: 0 if not said
 * @max_audio_bps: 0 if not said
 * @max_pixels_per_second: 0 if not said
 * @max_delay_ms: 0 if not said
 * @display_width_px: 0 if not said
 * @display_height_px: 0 if not said
 * @scaling: who fits the picture
 */
typedef struct
{
  guint16 udp_port;
  guint indexes[FOYER_CAST_MAX_STREAMS];
  guint32 ssrcs[FOYER_CAST_MAX_STREAMS];
  guint n_streams;
  guint max_width_px;
  guint max_height_px;
  guint max_fps_n;
  guint max_fps_d;
  guint32 max_video_bps;
  guint32 min_video_bps;
  guint32 max_audio_bps;
  double max_pixels_per_second;
  guint32 max_delay_ms;
  guint display_width_px;
  guint display_height_px;
  FoyerCastScaling scaling;
} FoyerCastAnswer;

/**
 * foyer_cast_answer_parse:
 * @message: (transfer none): a message of type ANSWER
 * @offer: what it answers
 * @self: (out caller-allocates): the answer
 * @error: return location
 *
 * Optional parts that are malformed are taken for absent. udpPort, sendIndexes
 * and ssrcs must be there and of one length; unknown or doubled indexes, or more
 * than one stream of a kind, contradict the OFFER.
 *
 * Returns: %FALSE with %FOYER_CAST_ERROR_OFFER_REFUSED (the display's own words
 *   in the message) or %FOYER_CAST_ERROR_ANSWER_INVALID
 */
gboolean foyer_cast_answer_parse (JsonObject *message,
    const FoyerCastOffer *offer, FoyerCastAnswer *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_answer_print:
 * @self: an answer
 * @sequence: the OFFER's seqNum
 *
 * Returns: (transfer full): the ANSWER message
 */
char *foyer_cast_answer_print (const FoyerCastAnswer *self, gint64 sequence);

/**
 * foyer_cast_answer_print_error:
 * @code: 10000 + openscreen's Error::Code, 10092 for a malformed OFFER
 * @description: in words
 * @sequence: the OFFER's seqNum
 *
 * Returns: (transfer full): the ANSWER message
 */
char *foyer_cast_answer_print_error (int code, const char *description,
    gint64 sequence);

G_END_DECLS
