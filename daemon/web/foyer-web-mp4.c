/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-mp4.h"

#include "foyer-reader.h"

/* Boxes are drawn in ISO/IEC 14496-12; the numbers of sections stand beside. */

#define BOX_BYTES        8
#define HEADER_BYTES     2048 /* without what decoders must know */
#define MAX_CONFIG_BYTES (2 * G_MAXUINT16 + 64)

#define FLAG_IN_FILE 1u          /* of a data reference */
#define FLAGS_SHOWN  7u          /* of a track: enabled, in movie and preview */
#define FIXED_ONE    0x10000u    /* 16.16 */
#define FULL_VOLUME  0x0100u     /* 8.8 */
#define UNITY        0x40000000u /* 2.30 */
#define UNDETERMINED 0x55c4      /* the language "und" */
#define RESOLUTION   0x480000    /* 72 dots an inch, 16.16 */
#define DEPTH_COLOR  0x18
#define SAMPLE_BITS  16

/* §8.8.3.1 */
#define SAMPLE_KEY   0x02000000u /* depends on no other */
#define SAMPLE_DELTA 0x01010000u /* depends on others, is no sync sample */

/* §8.8.7, §8.8.8 */
#define TFHD_BASE_IS_MOOF 0x020000u
#define TRUN_OFFSET       0x000001u
#define TRUN_DURATION     0x000100u
#define TRUN_SIZE         0x000200u
#define TRUN_FLAGS        0x000400u
#define TRUN_ALL          (TRUN_OFFSET | TRUN_DURATION | TRUN_SIZE | TRUN_FLAGS)

#define MFHD_BYTES       16
#define TFHD_BYTES       16
#define TFDT_BYTES       20
#define TRUN_BYTES       20
#define TRUN_ENTRY_BYTES 12

/* ISO/IEC 14496-1 §7.2.6 */
#define TAG_ES              3
#define TAG_DECODER         4
#define TAG_SPECIFIC        5
#define TAG_SYNC_LAYER      6
#define OBJECT_AAC          0x40
#define STREAM_AUDIO        0x15
#define SYNC_MP4            2
#define DECODER_FIXED_BYTES 13
#define ES_FIXED_BYTES      3
#define TAG_BYTES           2
#define MAX_SPECIFIC_BYTES  64

/* A box is written with its size left open, which its end fills in. */
static gsize
begin_box (FoyerWriter *writer, const char *type)
{
  gsize at = writer->n_bytes;

  foyer_writer_put_u32 (writer, 0);
  foyer_writer_put (writer, (const guint8 *) type, 4);
  return at;
}

static gsize
begin_full_box (FoyerWriter *writer, const char *type, guint8 version,
    guint32 flags)
{
  gsize at = begin_box (writer, type);

  foyer_writer_put_u32 (writer, (guint32) version << 24 | flags);
  return at;
}

static void
end_box (FoyerWriter *writer, gsize at)
{
  FoyerWriter size;

  if (writer->has_failed)
    return;
  size = foyer_writer_make (writer->data + at, 4);
  foyer_writer_put_u32 (&size, (guint32) (writer->n_bytes - at));
}

static void
put_zeros (FoyerWriter *writer, guint n_bytes)
{
  for (guint i = 0; i < n_bytes; i++)
    foyer_writer_put_u8 (writer, 0);
}

static void
put_text (FoyerWriter *writer, const char *text)
{
  foyer_writer_put (writer, (const guint8 *) text, strlen (text));
}

static void
put_bytes (FoyerWriter *writer, GBytes *bytes)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  foyer_writer_put (writer, data, n_bytes);
}

/* §8.2.2: nothing is turned or stretched */
static void
put_matrix (FoyerWriter *writer)
{
  const guint32 matrix[] = { FIXED_ONE, 0, 0, 0, FIXED_ONE, 0, 0, 0, UNITY };

  for (guint i = 0; i < G_N_ELEMENTS (matrix); i++)
    foyer_writer_put_u32 (writer, matrix[i]);
}

/* §4.3 */
static void
put_ftyp (FoyerWriter *writer)
{
  gsize box = begin_box (writer, "ftyp");

  put_text (writer, "iso6");
  foyer_writer_put_u32 (writer, 0);
  put_text (writer, "iso6cmfcmp41");
  end_box (writer, box);
}

/* §8.2.2: no length, since it is live */
static void
put_mvhd (FoyerWriter *writer, const FoyerWebTrack *first, guint n_tracks)
{
  gsize box = begin_full_box (writer, "mvhd", 0, 0);

  put_zeros (writer, 8); /* times of creation and change */
  foyer_writer_put_u32 (writer, first->timescale);
  foyer_writer_put_u32 (writer, 0);
  foyer_writer_put_u32 (writer, FIXED_ONE);
  foyer_writer_put_u16 (writer, FULL_VOLUME);
  put_zeros (writer, 10);
  put_matrix (writer);
  put_zeros (writer, 24);
  foyer_writer_put_u32 (writer, n_tracks + 1);
  end_box (writer, box);
}

static gboolean
is_sound (const FoyerWebTrack *track)
{
  return track->codec == FOYER_WEB_CODEC_AAC;
}

/* §8.3.2 */
static void
put_tkhd (FoyerWriter *writer, const FoyerWebTrack *track, guint number)
{
  gsize box = begin_full_box (writer, "tkhd", 0, FLAGS_SHOWN);

  put_zeros (writer, 8);
  foyer_writer_put_u32 (writer, number);
  put_zeros (writer, 20); /* length, layer, group and what is reserved */
  foyer_writer_put_u16 (writer, is_sound (track) ? FULL_VOLUME : 0);
  put_zeros (writer, 2);
  put_matrix (writer);
  foyer_writer_put_u32 (writer, (guint32) track->width_px << 16);
  foyer_writer_put_u32 (writer, (guint32) track->height_px << 16);
  end_box (writer, box);
}

/* §8.4.2, §8.4.3 */
static void
put_mdhd_and_hdlr (FoyerWriter *writer, const FoyerWebTrack *track)
{
  gsize box = begin_full_box (writer, "mdhd", 0, 0);

  put_zeros (writer, 8);
  foyer_writer_put_u32 (writer, track->timescale);
  foyer_writer_put_u32 (writer, 0);
  foyer_writer_put_u16 (writer, UNDETERMINED);
  put_zeros (writer, 2);
  end_box (writer, box);
  box = begin_full_box (writer, "hdlr", 0, 0);
  put_zeros (writer, 4);
  put_text (writer, is_sound (track) ? "soun" : "vide");
  put_zeros (writer, 12 + 1); /* reserved, and a name of no letters */
  end_box (writer, box);
}

/* ISO/IEC 14496-15 §5.4.2, 14496-12 §12.1.3 */
static void
put_avc1 (FoyerWriter *writer, const FoyerWebTrack *track)
{
  gsize box = begin_box (writer, "avc1");
  gsize config;

  put_zeros (writer, 6);
  foyer_writer_put_u16 (writer, 1); /* data reference */
  put_zeros (writer, 16);
  foyer_writer_put_u16 (writer, track->width_px);
  foyer_writer_put_u16 (writer, track->height_px);
  foyer_writer_put_u32 (writer, RESOLUTION);
  foyer_writer_put_u32 (writer, RESOLUTION);
  put_zeros (writer, 4);
  foyer_writer_put_u16 (writer, 1); /* frames a sample */
  put_zeros (writer, 32);           /* no name of a compressor */
  foyer_writer_put_u16 (writer, DEPTH_COLOR);
  foyer_writer_put_u16 (writer, G_MAXUINT16);
  config = begin_box (writer, "avcC");
  put_bytes (writer, track->config);
  end_box (writer, config);
  end_box (writer, box);
}

/* ISO/IEC 14496-14 §5.6, 14496-1 §7.2.6; lengths of one byte */
static void
put_esds (FoyerWriter *writer, GBytes *specific)
{
  gsize n_specific = MIN (g_bytes_get_size (specific), MAX_SPECIFIC_BYTES);
  gsize n_decoder = DECODER_FIXED_BYTES + TAG_BYTES + n_specific;
  gsize box = begin_full_box (writer, "esds", 0, 0);

  foyer_writer_put_u8 (writer, TAG_ES);
  foyer_writer_put_u8 (writer,
      (guint8) (ES_FIXED_BYTES + TAG_BYTES + n_decoder + TAG_BYTES + 1));
  put_zeros (writer, ES_FIXED_BYTES);
  foyer_writer_put_u8 (writer, TAG_DECODER);
  foyer_writer_put_u8 (writer, (guint8) n_decoder);
  foyer_writer_put_u8 (writer, OBJECT_AAC);
  foyer_writer_put_u8 (writer, STREAM_AUDIO);
  put_zeros (writer, 11); /* buffer size and bit rates: not known */
  foyer_writer_put_u8 (writer, TAG_SPECIFIC);
  foyer_writer_put_u8 (writer, (guint8) n_specific);
  foyer_writer_put (writer, g_bytes_get_data (specific, NULL), n_specific);
  foyer_writer_put_u8 (writer, TAG_SYNC_LAYER);
  foyer_writer_put_u8 (writer, 1);
  foyer_writer_put_u8 (writer, SYNC_MP4);
  end_box (writer, box);
}

/* ISO/IEC 14496-12 §12.2.3 */
static void
put_mp4a (FoyerWriter *writer, const FoyerWebTrack *track)
{
  gsize box = begin_box (writer, "mp4a");

  put_zeros (writer, 6);
  foyer_writer_put_u16 (writer, 1);
  put_zeros (writer, 8);
  foyer_writer_put_u16 (writer, track->n_channels);
  foyer_writer_put_u16 (writer, SAMPLE_BITS);
  put_zeros (writer, 4);
  foyer_writer_put_u32 (writer, track->timescale << 16);
  put_esds (writer, track->config);
  end_box (writer, box);
}

/* §8.5: the tables of what there would be without pieces are empty. */
static void
put_stbl (FoyerWriter *writer, const FoyerWebTrack *track)
{
  static const char *const empty[] = { "stts", "stsc", "stco" };
  gsize table = begin_box (writer, "stbl");
  gsize box = begin_full_box (writer, "stsd", 0, 0);

  foyer_writer_put_u32 (writer, 1);
  if (is_sound (track))
    put_mp4a (writer, track);
  else
    put_avc1 (writer, track);
  end_box (writer, box);
  for (guint i = 0; i < G_N_ELEMENTS (empty); i++) {
    box = begin_full_box (writer, empty[i], 0, 0);
    foyer_writer_put_u32 (writer, 0);
    end_box (writer, box);
  }
  box = begin_full_box (writer, "stsz", 0, 0);
  put_zeros (writer, 8);
  end_box (writer, box);
  end_box (writer, table);
}

/* §8.7.2: all is in this very file. */
static void
put_dinf (FoyerWriter *writer)
{
  gsize box = begin_box (writer, "dinf");
  gsize references = begin_full_box (writer, "dref", 0, 0);
  gsize url;

  foyer_writer_put_u32 (writer, 1);
  url = begin_full_box (writer, "url ", 0, FLAG_IN_FILE);
  end_box (writer, url);
  end_box (writer, references);
  end_box (writer, box);
}

/* §8.4.4 */
static void
put_minf (FoyerWriter *writer, const FoyerWebTrack *track)
{
  gsize box = begin_box (writer, "minf");
  gsize kind;

  if (is_sound (track)) {
    kind = begin_full_box (writer, "smhd", 0, 0);
    put_zeros (writer, 4);
  } else {
    kind = begin_full_box (writer, "vmhd", 0, 1);
    put_zeros (writer, 8);
  }
  end_box (writer, kind);
  put_dinf (writer);
  put_stbl (writer, track);
  end_box (writer, box);
}

static void
put_trak (FoyerWriter *writer, const FoyerWebTrack *track, guint number)
{
  gsize box = begin_box (writer, "trak");
  gsize media;

  put_tkhd (writer, track, number);
  media = begin_box (writer, "mdia");
  put_mdhd_and_hdlr (writer, track);
  put_minf (writer, track);
  end_box (writer, media);
  end_box (writer, box);
}

/* §8.8.1, §8.8.3 */
static void
put_mvex (FoyerWriter *writer, guint n_tracks)
{
  gsize box = begin_box (writer, "mvex");

  for (guint i = 0; i < n_tracks; i++) {
    gsize trex = begin_full_box (writer, "trex", 0, 0);

    foyer_writer_put_u32 (writer, i + 1);
    foyer_writer_put_u32 (writer, 1); /* sample description */
    put_zeros (writer, 12);
    end_box (writer, trex);
  }
  end_box (writer, box);
}

GBytes *
foyer_web_mp4_make_header (const FoyerWebTrack *tracks, guint n_tracks)
{
  gsize n_capacity_bytes = HEADER_BYTES;
  FoyerWriter writer;
  guint8 *bytes;
  gsize movie;

  for (guint i = 0; i < n_tracks; i++)
    n_capacity_bytes += MIN (g_bytes_get_size (tracks[i].config),
        MAX_CONFIG_BYTES);
  bytes = g_malloc (n_capacity_bytes);
  writer = foyer_writer_make (bytes, n_capacity_bytes);
  put_ftyp (&writer);
  movie = begin_box (&writer, "moov");
  put_mvhd (&writer, tracks, n_tracks);
  for (guint i = 0; i < n_tracks; i++)
    put_trak (&writer, &tracks[i], i + 1);
  put_mvex (&writer, n_tracks);
  end_box (&writer, movie);
  g_return_val_if_fail (foyer_writer_is_ok (&writer), NULL);
  return g_bytes_new_take (bytes, writer.n_bytes);
}

static gsize
measure_data (const FoyerWebSamples *track)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < track->n_samples; i++)
    n_bytes += track->samples[i].n_bytes;
  return n_bytes;
}

static gsize
measure_moof (const FoyerWebSamples *tracks, guint n_tracks)
{
  gsize n_bytes = BOX_BYTES + MFHD_BYTES;

  for (guint i = 0; i < n_tracks; i++)
    if (tracks[i].n_samples > 0)
      n_bytes += BOX_BYTES + TFHD_BYTES + TFDT_BYTES + TRUN_BYTES +
          (gsize) tracks[i].n_samples * TRUN_ENTRY_BYTES;
  return n_bytes;
}

gsize
foyer_web_mp4_measure_piece (const FoyerWebSamples *tracks, guint n_tracks)
{
  gsize n_bytes = measure_moof (tracks, n_tracks) + BOX_BYTES;

  for (guint i = 0; i < n_tracks; i++)
    n_bytes += measure_data (&tracks[i]);
  return n_bytes;
}

/* §8.8.6, §8.8.7, §8.8.12, §8.8.8 */
static void
put_traf (FoyerWriter *writer, const FoyerWebSamples *track, guint number,
    gsize data_offset)
{
  gsize fragment = begin_box (writer, "traf");
  gsize box = begin_full_box (writer, "tfhd", 0, TFHD_BASE_IS_MOOF);

  foyer_writer_put_u32 (writer, number);
  end_box (writer, box);
  box = begin_full_box (writer, "tfdt", 1, 0);
  foyer_writer_put_u64 (writer, track->start_ticks);
  end_box (writer, box);
  box = begin_full_box (writer, "trun", 0, TRUN_ALL);
  foyer_writer_put_u32 (writer, track->n_samples);
  foyer_writer_put_u32 (writer, (guint32) data_offset);
  for (guint i = 0; i < track->n_samples; i++) {
    const FoyerWebSample *sample = &track->samples[i];

    foyer_writer_put_u32 (writer, sample->n_ticks);
    foyer_writer_put_u32 (writer, sample->n_bytes);
    foyer_writer_put_u32 (writer, sample->is_key ? SAMPLE_KEY : SAMPLE_DELTA);
  }
  end_box (writer, box);
  end_box (writer, fragment);
}

void
foyer_web_mp4_write_piece (const FoyerWebSamples *tracks, guint n_tracks,
    guint32 number, guint8 *out)
{
  gsize n_bytes = foyer_web_mp4_measure_piece (tracks, n_tracks);
  gsize data_offset = measure_moof (tracks, n_tracks) + BOX_BYTES;
  FoyerWriter writer = foyer_writer_make (out, n_bytes);
  gsize moof = begin_box (&writer, "moof");
  gsize box = begin_full_box (&writer, "mfhd", 0, 0);

  foyer_writer_put_u32 (&writer, number);
  end_box (&writer, box);
  for (guint i = 0; i < n_tracks; i++) {
    if (tracks[i].n_samples == 0)
      continue;
    put_traf (&writer, &tracks[i], i + 1, data_offset);
    data_offset += measure_data (&tracks[i]);
  }
  end_box (&writer, moof);
  box = begin_box (&writer, "mdat");
  for (guint i = 0; i < n_tracks; i++)
    foyer_writer_put (&writer, tracks[i].data, measure_data (&tracks[i]));
  end_box (&writer, box);
  g_warn_if_fail (foyer_writer_is_ok (&writer) && writer.n_bytes == n_bytes);
}
