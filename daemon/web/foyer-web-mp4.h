/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Fragmented MP4 (ISO/IEC 14496-12, CMAF's subset of it): one header that says
 * what comes, then pieces that each stand by themselves behind it. Pure.
 *
 *     header   ftyp moov { mvhd trak … mvex { trex … } }
 *     piece    moof { mfhd traf { tfhd tfdt trun } … } mdat
 *
 * All that is written goes into memory of its exact size, which its owner can
 * wipe: nothing of a picture is left behind by memory that grew. */

#define FOYER_WEB_MP4_MAX_TRACKS 2

typedef enum
{
  FOYER_WEB_CODEC_NONE = 0,
  FOYER_WEB_CODEC_H264,
  FOYER_WEB_CODEC_AAC,
} FoyerWebCodec;

/**
 * FoyerWebTrack:
 * @codec: how it is coded
 * @timescale: ticks a second
 * @width_px: H.264: columns
 * @height_px: H.264: lines
 * @n_channels: AAC
 * @config: what a decoder must know first: an AVCDecoderConfigurationRecord
 *   (foyer-web-h264.h) or an AudioSpecificConfig
 *
 * The first is number 1 and must be pictures.
 */
typedef struct
{
  FoyerWebCodec codec;
  guint32 timescale;
  guint16 width_px;
  guint16 height_px;
  guint16 n_channels;
  GBytes *config;
} FoyerWebTrack;

/**
 * FoyerWebSample:
 * @n_bytes: its length
 * @n_ticks: how long it lasts
 * @is_key: it refers to no other
 */
typedef struct
{
  guint32 n_bytes;
  guint32 n_ticks;
  gboolean is_key;
} FoyerWebSample;

/**
 * FoyerWebSamples:
 * @start_ticks: when the first is decoded and shown, since the session's begin
 * @samples: (array length=n_samples): in order
 * @n_samples: how many; 0 for a track that has none in this piece
 * @data: their bytes, one after the other
 *
 * What a piece has of one track.
 */
typedef struct
{
  guint64 start_ticks;
  const FoyerWebSample *samples;
  guint n_samples;
  const guint8 *data;
} FoyerWebSamples;

/**
 * foyer_web_mp4_make_header:
 * @tracks: (array length=n_tracks): what there is
 * @n_tracks: 1…FOYER_WEB_MP4_MAX_TRACKS
 *
 * Returns: (transfer full): the header; there is no picture in it
 */
GBytes *foyer_web_mp4_make_header (const FoyerWebTrack *tracks, guint n_tracks);

/**
 * foyer_web_mp4_measure_piece:
 * @tracks: (array length=n_tracks): of each track, in their order
 * @n_tracks: as many as the header has
 *
 * Returns: how many bytes foyer_web_mp4_write_piece() writes
 */
gsize foyer_web_mp4_measure_piece (const FoyerWebSamples *tracks,
    guint n_tracks);

/**
 * foyer_web_mp4_write_piece:
 * @tracks: (array length=n_tracks): of each track, in their order
 * @n_tracks: as many as the header has
 * @number: of the piece, from 1
 * @out: room for foyer_web_mp4_measure_piece()
 */
void foyer_web_mp4_write_piece (const FoyerWebSamples *tracks, guint n_tracks,
    guint32 number, guint8 *out);

G_END_DECLS
