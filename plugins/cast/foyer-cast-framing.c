/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-framing.h"

#include "foyer-cast-error.h"
#include "foyer-cast-limits.h"
#include "foyer-reader.h"

void
foyer_cast_framer_init (FoyerCastFramer *self)
{
  self->bytes = g_byte_array_new ();
  self->n_read = 0;
}

void
foyer_cast_framer_clear (FoyerCastFramer *self)
{
  g_clear_pointer (&self->bytes, g_byte_array_unref);
  self->n_read = 0;
}

void
foyer_cast_framer_push (FoyerCastFramer *self, const guint8 *data,
    gsize n_bytes)
{
  /* Only here, so that many small frames of one portion are moved once. */
  if (self->n_read > 0)
    g_byte_array_remove_range (self->bytes, 0, (guint) self->n_read);
  self->n_read = 0;
  if (n_bytes > 0)
    g_byte_array_append (self->bytes, data, (guint) n_bytes);
}

static gboolean
check_length (guint32 n_bytes, GError **error)
{
  if (n_bytes == 0) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED,
        "reading a frame of the channel: its length is 0");
    return FALSE;
  }
  if (n_bytes > FOYER_CAST_MAX_MESSAGE_BYTES) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TOO_LARGE,
        "reading a frame of the channel: its length is %u bytes, over %d",
        n_bytes, FOYER_CAST_MAX_MESSAGE_BYTES);
    return FALSE;
  }
  return TRUE;
}

gboolean
foyer_cast_framer_pop (FoyerCastFramer *self, GBytes **body, GError **error)
{
  FoyerReader reader = foyer_reader_make (self->bytes->data, self->bytes->len);
  guint32 n_bytes;
  const guint8 *at;

  *body = NULL;
  foyer_reader_take (&reader, self->n_read);
  if (reader.n_bytes < FOYER_CAST_LENGTH_BYTES)
    return TRUE;
  n_bytes = foyer_reader_get_u32 (&reader);
  if (!check_length (n_bytes, error))
    return FALSE;
  at = foyer_reader_take (&reader, n_bytes);
  if (at == NULL)
    return TRUE;
  *body = g_bytes_new (at, n_bytes);
  self->n_read += FOYER_CAST_LENGTH_BYTES + n_bytes;
  return TRUE;
}
