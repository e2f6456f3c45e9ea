/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Reads and writes big-endian integers in bytes from outside, length before
 * value. A reader that ran out stays failed: read all fields, then ask
 * foyer_reader_is_ok() once. A writer without room drops what does not fit and
 * stays failed likewise. Values of a failed read are 0. */

typedef struct
{
  const guint8 *data;
  gsize n_bytes; /* what is left */
  gboolean has_failed;
} FoyerReader;

typedef struct
{
  guint8 *data;
  gsize n_capacity_bytes;
  gsize n_bytes; /* what was written */
  gboolean has_failed;
} FoyerWriter;

static inline FoyerReader
foyer_reader_make (const guint8 *data, gsize n_bytes)
{
  return (FoyerReader){ .data = data, .n_bytes = n_bytes };
}

static inline gboolean
foyer_reader_is_ok (const FoyerReader *self)
{
  return !self->has_failed;
}

/* Takes @n_bytes; %NULL if there are fewer. The bytes are borrowed. */
static inline const guint8 *
foyer_reader_take (FoyerReader *self, gsize n_bytes)
{
  const guint8 *at = self->data;

  if (self->has_failed || self->n_bytes < n_bytes) {
    self->has_failed = TRUE;
    return NULL;
  }
  /* An empty reader may stand on NULL. */
  if (n_bytes > 0)
    self->data += n_bytes;
  self->n_bytes -= n_bytes;
  return at;
}

static inline guint64
foyer_reader_get_uint (FoyerReader *self, gsize n_bytes)
{
  const guint8 *at = foyer_reader_take (self, n_bytes);
  guint64 value = 0;

  for (gsize i = 0; at != NULL && i < n_bytes; i++)
    value = value << 8 | at[i];
  return value;
}

static inline guint8
foyer_reader_get_u8 (FoyerReader *self)
{
  return (guint8) foyer_reader_get_uint (self, 1);
}

static inline guint16
foyer_reader_get_u16 (FoyerReader *self)
{
  return (guint16) foyer_reader_get_uint (self, 2);
}

static inline guint32
foyer_reader_get_u24 (FoyerReader *self)
{
  return (guint32) foyer_reader_get_uint (self, 3);
}

static inline guint32
foyer_reader_get_u32 (FoyerReader *self)
{
  return (guint32) foyer_reader_get_uint (self, 4);
}

static inline guint64
foyer_reader_get_u64 (FoyerReader *self)
{
  return foyer_reader_get_uint (self, 8);
}

static inline FoyerWriter
foyer_writer_make (guint8 *data, gsize n_capacity_bytes)
{
  return (FoyerWriter){ .data = data, .n_capacity_bytes = n_capacity_bytes };
}

static inline gboolean
foyer_writer_is_ok (const FoyerWriter *self)
{
  return !self->has_failed;
}

static inline gsize
foyer_writer_get_room (const FoyerWriter *self)
{
  return self->n_capacity_bytes - self->n_bytes;
}

static inline void
foyer_writer_put (FoyerWriter *self, const guint8 *data, gsize n_bytes)
{
  if (self->has_failed || foyer_writer_get_room (self) < n_bytes) {
    self->has_failed = TRUE;
    return;
  }
  if (n_bytes > 0)
    memcpy (self->data + self->n_bytes, data, n_bytes);
  self->n_bytes += n_bytes;
}

static inline void
foyer_writer_put_uint (FoyerWriter *self, guint64 value, gsize n_bytes)
{
  guint8 bytes[8];

  for (gsize i = 0; i < n_bytes; i++)
    bytes[i] = (guint8) (value >> (8 * (n_bytes - 1 - i)));
  foyer_writer_put (self, bytes, n_bytes);
}

static inline void
foyer_writer_put_u8 (FoyerWriter *self, guint8 value)
{
  foyer_writer_put_uint (self, value, 1);
}

static inline void
foyer_writer_put_u16 (FoyerWriter *self, guint16 value)
{
  foyer_writer_put_uint (self, value, 2);
}

static inline void
foyer_writer_put_u24 (FoyerWriter *self, guint32 value)
{
  foyer_writer_put_uint (self, value, 3);
}

static inline void
foyer_writer_put_u32 (FoyerWriter *self, guint32 value)
{
  foyer_writer_put_uint (self, value, 4);
}

static inline void
foyer_writer_put_u64 (FoyerWriter *self, guint64 value)
{
  foyer_writer_put_uint (self, value, 8);
}

G_END_DECLS
