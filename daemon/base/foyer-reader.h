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

/* What is proven about both stands in the comments that begin with @, for
 * Frama-C: docs/proofs.rst. */

/*@ // All that is left can be read.
  @ predicate foyer_reader_is_good (FoyerReader *self) =
  @   self->n_bytes == 0 || \valid_read (self->data + (0 .. self->n_bytes - 1));
  @
  @ // All the room can be written, and no more is written than there is.
  @ predicate foyer_writer_is_good (FoyerWriter *self) =
  @   self->n_bytes <= self->n_capacity_bytes &&
  @   (self->n_capacity_bytes == 0 ||
  @       \valid (self->data + (0 .. self->n_capacity_bytes - 1)));
  @*/

/*@ assigns \nothing;
  @ ensures \result.data == data && \result.n_bytes == n_bytes;
  @ ensures !\result.has_failed;
  @*/
static inline FoyerReader
foyer_reader_make (const guint8 *data, gsize n_bytes)
{
  return (FoyerReader){ .data = data, .n_bytes = n_bytes };
}

/*@ requires \valid_read (self);
  @ assigns \nothing;
  @ ensures \result != 0 <==> !self->has_failed;
  @*/
static inline gboolean
foyer_reader_is_ok (const FoyerReader *self)
{
  return !self->has_failed;
}

/* Takes @n_bytes; %NULL if there are fewer. The bytes are borrowed. */
/*@ requires \valid (self) && foyer_reader_is_good (self);
  @ assigns *self;
  @ ensures foyer_reader_is_good (self);
  @ ensures \old (self->has_failed) ==> self->has_failed;
  @ ensures \old (self->n_bytes) < n_bytes ==> self->has_failed;
  @ ensures self->n_bytes <= \old (self->n_bytes);
  @ ensures self->data + self->n_bytes == \old (self->data + self->n_bytes);
  @ ensures self->has_failed ==> \result == \null &&
  @   self->n_bytes == \old (self->n_bytes) && self->data == \old (self->data);
  @ ensures !self->has_failed ==> \result == \old (self->data) &&
  @   self->n_bytes == \old (self->n_bytes) - n_bytes &&
  @   (n_bytes > 0 ==> self->data == \old (self->data) + n_bytes &&
  @       \valid_read (\result + (0 .. n_bytes - 1)));
  @*/
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

/*@ requires \valid (self) && foyer_reader_is_good (self) && 1 <= n_bytes <= 8;
  @ assigns *self;
  @ ensures foyer_reader_is_good (self);
  @ ensures \old (self->has_failed) ==> self->has_failed;
  @ ensures \old (self->n_bytes) < n_bytes ==> self->has_failed;
  @ ensures !self->has_failed ==>
  @   self->n_bytes == \old (self->n_bytes) - n_bytes;
  @ ensures self->has_failed ==> \result == 0;
  @ ensures self->n_bytes <= \old (self->n_bytes);
  @ ensures self->data + self->n_bytes == \old (self->data + self->n_bytes);
  @*/
static inline guint64
foyer_reader_get_uint (FoyerReader *self, gsize n_bytes)
{
  const guint8 *at = foyer_reader_take (self, n_bytes);
  guint64 value = 0;

  /*@ loop invariant 0 <= i <= n_bytes;
    @ loop invariant at == \null ==> value == 0;
    @ loop assigns i, value;
    @ loop variant n_bytes - i;
    @*/
  for (gsize i = 0; at != NULL && i < n_bytes; i++)
    value = value << 8 | at[i];
  return value;
}

/*@ requires \valid (self) && foyer_reader_is_good (self);
  @ assigns *self;
  @ ensures foyer_reader_is_good (self);
  @ ensures \old (self->has_failed) ==> self->has_failed;
  @ ensures \old (self->n_bytes) < 1 ==> self->has_failed;
  @ ensures !self->has_failed ==>
  @   self->n_bytes == \old (self->n_bytes) - 1;
  @ ensures self->has_failed ==> \result == 0;
  @ ensures self->n_bytes <= \old (self->n_bytes);
  @ ensures self->data + self->n_bytes == \old (self->data + self->n_bytes);
  @*/
static inline guint8
foyer_reader_get_u8 (FoyerReader *self)
{
  return (guint8) foyer_reader_get_uint (self, 1);
}

/*@ requires \valid (self) && foyer_reader_is_good (self);
  @ assigns *self;
  @ ensures foyer_reader_is_good (self);
  @ ensures \old (self->has_failed) ==> self->has_failed;
  @ ensures \old (self->n_bytes) < 2 ==> self->has_failed;
  @ ensures !self->has_failed ==>
  @   self->n_bytes == \old (self->n_bytes) - 2;
  @ ensures self->has_failed ==> \result == 0;
  @ ensures self->n_bytes <= \old (self->n_bytes);
  @ ensures self->data + self->n_bytes == \old (self->data + self->n_bytes);
  @*/
static inline guint16
foyer_reader_get_u16 (FoyerReader *self)
{
  return (guint16) foyer_reader_get_uint (self, 2);
}

/*@ requires \valid (self) && foyer_reader_is_good (self);
  @ assigns *self;
  @ ensures foyer_reader_is_good (self);
  @ ensures \old (self->has_failed) ==> self->has_failed;
  @ ensures \old (self->n_bytes) < 3 ==> self->has_failed;
  @ ensures !self->has_failed ==>
  @   self->n_bytes == \old (self->n_bytes) - 3;
  @ ensures self->has_failed ==> \result == 0;
  @ ensures self->n_bytes <= \old (self->n_bytes);
  @ ensures self->data + self->n_bytes == \old (self->data + self->n_bytes);
  @*/
static inline guint32
foyer_reader_get_u24 (FoyerReader *self)
{
  return (guint32) foyer_reader_get_uint (self, 3);
}

/*@ requires \valid (self) && foyer_reader_is_good (self);
  @ assigns *self;
  @ ensures foyer_reader_is_good (self);
  @ ensures \old (self->has_failed) ==> self->has_failed;
  @ ensures \old (self->n_bytes) < 4 ==> self->has_failed;
  @ ensures !self->has_failed ==>
  @   self->n_bytes == \old (self->n_bytes) - 4;
  @ ensures self->has_failed ==> \result == 0;
  @ ensures self->n_bytes <= \old (self->n_bytes);
  @ ensures self->data + self->n_bytes == \old (self->data + self->n_bytes);
  @*/
static inline guint32
foyer_reader_get_u32 (FoyerReader *self)
{
  return (guint32) foyer_reader_get_uint (self, 4);
}

/*@ requires \valid (self) && foyer_reader_is_good (self);
  @ assigns *self;
  @ ensures foyer_reader_is_good (self);
  @ ensures \old (self->has_failed) ==> self->has_failed;
  @ ensures \old (self->n_bytes) < 8 ==> self->has_failed;
  @ ensures !self->has_failed ==>
  @   self->n_bytes == \old (self->n_bytes) - 8;
  @ ensures self->has_failed ==> \result == 0;
  @ ensures self->n_bytes <= \old (self->n_bytes);
  @ ensures self->data + self->n_bytes == \old (self->data + self->n_bytes);
  @*/
static inline guint64
foyer_reader_get_u64 (FoyerReader *self)
{
  return foyer_reader_get_uint (self, 8);
}

/*@ assigns \nothing;
  @ ensures \result.data == data && \result.n_bytes == 0;
  @ ensures \result.n_capacity_bytes == n_capacity_bytes;
  @ ensures !\result.has_failed;
  @*/
static inline FoyerWriter
foyer_writer_make (guint8 *data, gsize n_capacity_bytes)
{
  return (FoyerWriter){ .data = data, .n_capacity_bytes = n_capacity_bytes };
}

/*@ requires \valid_read (self);
  @ assigns \nothing;
  @ ensures \result != 0 <==> !self->has_failed;
  @*/
static inline gboolean
foyer_writer_is_ok (const FoyerWriter *self)
{
  return !self->has_failed;
}

/*@ requires \valid_read (self) && foyer_writer_is_good (self);
  @ assigns \nothing;
  @ ensures \result == self->n_capacity_bytes - self->n_bytes;
  @*/
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
