/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-web-h264.h"

#include "foyer-reader.h"

/* ITU-T H.264 table 7-1 */
#define NAL_TYPE_MASK      0x1f
#define NAL_TYPE_PARTITION 1
#define NAL_TYPE_IDR       5
#define NAL_TYPE_SPS       7
#define NAL_TYPE_PPS       8
#define NAL_TYPE_DELIMITER 9

#define START_BYTES  3
#define LENGTH_BYTES 4

/* ISO/IEC 14496-15 §5.3.3.1 */
#define RECORD_VERSION     1
#define LENGTH_FIELD       0xff /* six bits set, then LENGTH_BYTES - 1 */
#define SPS_COUNT          0xe1 /* three bits set, then one */
#define CHROMA_420         0xfd /* six bits set, then 1 */
#define DEPTH_8            0xf8 /* five bits set, then 0 */
#define FIRST_HIGH_PROFILE 100
#define MIN_SPS_BYTES      4

/* One unit of a byte stream, and what comes after it. */
typedef struct
{
  const guint8 *unit;
  gsize n_unit_bytes;
  const guint8 *rest;
  gsize n_rest_bytes;
} Step;

/* Where the next start code is; @n_bytes for none. */
static gsize
find_start (const guint8 *data, gsize n_bytes)
{
  for (gsize i = 0; i + START_BYTES <= n_bytes; i++)
    if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1)
      return i;
  return n_bytes;
}

/* The zeros before a start code are the stream's, not the unit's. */
static gsize
trim_zeros (const guint8 *unit, gsize n_bytes)
{
  while (n_bytes > 0 && unit[n_bytes - 1] == 0)
    n_bytes--;
  return n_bytes;
}

static gboolean
take_step (Step *step)
{
  gsize start = find_start (step->rest, step->n_rest_bytes);

  if (step->n_rest_bytes - start <= START_BYTES)
    return FALSE;
  step->unit = step->rest + start + START_BYTES;
  step->n_rest_bytes -= start + START_BYTES;
  step->n_unit_bytes = find_start (step->unit, step->n_rest_bytes);
  step->rest = step->unit + step->n_unit_bytes;
  step->n_rest_bytes -= step->n_unit_bytes;
  step->n_unit_bytes = trim_zeros (step->unit, step->n_unit_bytes);
  return TRUE;
}

static guint
get_type (const Step *step)
{
  return step->n_unit_bytes > 0 ? step->unit[0] & NAL_TYPE_MASK : 0;
}

gboolean
foyer_web_h264_find_parameters (const guint8 *data, gsize n_bytes,
    FoyerWebParameters *self)
{
  Step step = { .rest = data, .n_rest_bytes = n_bytes };

  *self = (FoyerWebParameters){ 0 };
  while (take_step (&step)) {
    guint type = get_type (&step);

    if (type == NAL_TYPE_SPS && self->sps == NULL &&
        step.n_unit_bytes >= MIN_SPS_BYTES &&
        step.n_unit_bytes <= G_MAXUINT16) {
      self->sps = step.unit;
      self->n_sps_bytes = step.n_unit_bytes;
    } else if (type == NAL_TYPE_PPS && self->pps == NULL &&
        step.n_unit_bytes <= G_MAXUINT16) {
      self->pps = step.unit;
      self->n_pps_bytes = step.n_unit_bytes;
    }
  }
  return self->sps != NULL && self->pps != NULL;
}

/* Foyer's pictures are 4:2:0 with 8 bits, whatever the profile allows. */
GBytes *
foyer_web_h264_make_config (const FoyerWebParameters *self)
{
  gsize n_capacity_bytes = self->n_sps_bytes + self->n_pps_bytes + 16;
  guint8 *bytes = g_malloc (n_capacity_bytes);
  FoyerWriter writer = foyer_writer_make (bytes, n_capacity_bytes);

  foyer_writer_put_u8 (&writer, RECORD_VERSION);
  foyer_writer_put (&writer, self->sps + 1, 3); /* profile, flags, level */
  foyer_writer_put_u8 (&writer, LENGTH_FIELD);
  foyer_writer_put_u8 (&writer, SPS_COUNT);
  foyer_writer_put_u16 (&writer, (guint16) self->n_sps_bytes);
  foyer_writer_put (&writer, self->sps, self->n_sps_bytes);
  foyer_writer_put_u8 (&writer, 1);
  foyer_writer_put_u16 (&writer, (guint16) self->n_pps_bytes);
  foyer_writer_put (&writer, self->pps, self->n_pps_bytes);
  if (self->sps[1] >= FIRST_HIGH_PROFILE) {
    foyer_writer_put_u8 (&writer, CHROMA_420);
    foyer_writer_put_u8 (&writer, DEPTH_8);
    foyer_writer_put_u8 (&writer, DEPTH_8);
    foyer_writer_put_u8 (&writer, 0);
  }
  return g_bytes_new_take (bytes, writer.n_bytes);
}

static gboolean
is_wanted (guint type)
{
  return type != 0 && type != NAL_TYPE_SPS && type != NAL_TYPE_PPS &&
      type != NAL_TYPE_DELIMITER;
}

gsize
foyer_web_h264_convert (const guint8 *data, gsize n_bytes, guint8 *out)
{
  Step step = { .rest = data, .n_rest_bytes = n_bytes };
  gboolean has_picture = FALSE;
  gsize n_out_bytes = 0;

  while (take_step (&step)) {
    guint type = get_type (&step);

    if (!is_wanted (type))
      continue;
    has_picture |= type >= NAL_TYPE_PARTITION && type <= NAL_TYPE_IDR;
    if (out != NULL) {
      FoyerWriter writer = foyer_writer_make (out + n_out_bytes,
          LENGTH_BYTES + step.n_unit_bytes);

      foyer_writer_put_u32 (&writer, (guint32) step.n_unit_bytes);
      foyer_writer_put (&writer, step.unit, step.n_unit_bytes);
    }
    n_out_bytes += LENGTH_BYTES + step.n_unit_bytes;
  }
  return has_picture ? n_out_bytes : 0;
}
