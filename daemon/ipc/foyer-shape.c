/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-shape.h"

gboolean
foyer_shape_is_valid (const FoyerShape *self)
{
  if ((guint) self->codec == FOYER_CODEC_NONE ||
      (guint) self->codec >= FOYER_N_CODECS)
    return FALSE;
  if (self->width_px == 0 || self->height_px == 0 || self->fps_d == 0)
    return FALSE;
  return self->codec != FOYER_CODEC_RAW ||
      (self->max_bps == 0 && self->key_ms == 0);
}

gboolean
foyer_codec_is_still (FoyerCodec codec)
{
  return codec == FOYER_CODEC_PNG || codec == FOYER_CODEC_JPEG;
}

gboolean
foyer_codec_is_sound (FoyerCodec codec)
{
  return codec == FOYER_CODEC_OPUS || codec == FOYER_CODEC_AAC;
}

gboolean
foyer_shape_equal (const FoyerShape *a, const FoyerShape *b)
{
  return a->codec == b->codec && a->width_px == b->width_px &&
      a->height_px == b->height_px && a->fps_n == b->fps_n &&
      a->fps_d == b->fps_d && a->max_bps == b->max_bps &&
      a->key_ms == b->key_ms;
}

void
foyer_shape_write (const FoyerShape *self, FoyerWriter *writer)
{
  if (!foyer_shape_is_valid (self))
    writer->has_failed = TRUE;
  foyer_writer_put_u8 (writer, (guint8) self->codec);
  foyer_writer_put_u16 (writer, self->width_px);
  foyer_writer_put_u16 (writer, self->height_px);
  foyer_writer_put_u16 (writer, self->fps_n);
  foyer_writer_put_u16 (writer, self->fps_d);
  foyer_writer_put_u32 (writer, self->max_bps);
  foyer_writer_put_u16 (writer, self->key_ms);
}

FoyerShape
foyer_shape_read (FoyerReader *reader)
{
  FoyerShape shape;

  shape.codec = foyer_reader_get_u8 (reader);
  shape.width_px = foyer_reader_get_u16 (reader);
  shape.height_px = foyer_reader_get_u16 (reader);
  shape.fps_n = foyer_reader_get_u16 (reader);
  shape.fps_d = foyer_reader_get_u16 (reader);
  shape.max_bps = foyer_reader_get_u32 (reader);
  shape.key_ms = foyer_reader_get_u16 (reader);
  if (!foyer_shape_is_valid (&shape))
    reader->has_failed = TRUE;
  return shape;
}
