/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-reader.h"

G_BEGIN_DECLS

/* Shapes as they go over channels and links. Pure. */

#define FOYER_SHAPE_WIRE_BYTES 13

/**
 * foyer_shape_is_valid:
 * @self: a shape
 *
 * Returns: %FALSE without a codec, a side or a denominator, and for raw frames
 *   with a bit rate
 */
/*@ requires \valid_read (self);
  @ assigns \nothing;
  @ ensures \result != 0 <==>
  @   FOYER_CODEC_NONE < self->codec < FOYER_N_CODECS &&
  @   self->width_px != 0 && self->height_px != 0 && self->fps_d != 0 &&
  @   (self->codec == FOYER_CODEC_RAW ==>
  @       self->max_bps == 0 && self->key_ms == 0);
  @*/
gboolean foyer_shape_is_valid (const FoyerShape *self);

/* Whether that is one picture and no more. */
/*@ assigns \nothing;
  @ ensures \result != 0 <==>
  @   codec == FOYER_CODEC_PNG || codec == FOYER_CODEC_JPEG;
  @*/
gboolean foyer_codec_is_still (FoyerCodec codec);

/* Whether that is sound. */
gboolean foyer_codec_is_sound (FoyerCodec codec);

/* Whether all of it is the same. */
/*@ requires \valid_read (a) && \valid_read (b);
  @ assigns \nothing;
  @ ensures \result != 0 <==> a->codec == b->codec &&
  @   a->width_px == b->width_px && a->height_px == b->height_px &&
  @   a->fps_n == b->fps_n && a->fps_d == b->fps_d &&
  @   a->max_bps == b->max_bps && a->key_ms == b->key_ms;
  @*/
gboolean foyer_shape_equal (const FoyerShape *a, const FoyerShape *b);

/**
 * foyer_shape_write:
 * @self: a valid shape; another makes @writer fail
 * @writer: where it goes: codec (1), width, height, fps_n, fps_d (2 each),
 *   max_bps (4)
 */
void foyer_shape_write (const FoyerShape *self, FoyerWriter *writer);

/**
 * foyer_shape_read:
 * @reader: where it stands; fails if it isn't valid
 *
 * Returns: the shape
 */
/*@ requires \valid (reader) && foyer_reader_is_good (reader);
  @ assigns *reader;
  @ ensures foyer_reader_is_good (reader);
  @ ensures \old (reader->has_failed) ==> reader->has_failed;
  @ ensures \old (reader->n_bytes) < FOYER_SHAPE_WIRE_BYTES ==>
  @   reader->has_failed;
  @ ensures !reader->has_failed ==>
  @   FOYER_CODEC_NONE < \result.codec < FOYER_N_CODECS &&
  @   \result.width_px != 0 && \result.height_px != 0 && \result.fps_d != 0;
  @*/
FoyerShape foyer_shape_read (FoyerReader *reader);

G_END_DECLS
