/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-der.h"

#define LONG_LENGTH 0x80 /* the low bits then count the bytes of the length */
#define SIGN_BIT    0x80

static void
put_length (GByteArray *out, gsize n_bytes)
{
  guint8 bytes[3];
  guint n = 0;

  if (n_bytes >= 0x100) {
    bytes[n++] = LONG_LENGTH | 2;
    bytes[n++] = (guint8) (n_bytes >> 8);
  } else if (n_bytes >= LONG_LENGTH) {
    bytes[n++] = LONG_LENGTH | 1;
  }
  bytes[n++] = (guint8) n_bytes;
  g_byte_array_append (out, bytes, n);
}

void
foyer_cast_der_put (GByteArray *out, guint8 tag, const void *content,
    gsize n_bytes)
{
  g_return_if_fail (n_bytes <= G_MAXUINT16);
  g_byte_array_append (out, &tag, 1);
  put_length (out, n_bytes);
  g_byte_array_append (out, content, (guint) n_bytes);
}

void
foyer_cast_der_put_array (GByteArray *out, guint8 tag, GByteArray *content)
{
  foyer_cast_der_put (out, tag, content->data, content->len);
  g_byte_array_unref (content);
}

void
foyer_cast_der_put_unsigned (GByteArray *out, const guint8 *value,
    gsize n_bytes)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();
  const guint8 zero = 0;

  if ((value[0] & SIGN_BIT) != 0)
    g_byte_array_append (content, &zero, 1);
  g_byte_array_append (content, value, (guint) n_bytes);
  foyer_cast_der_put (out, FOYER_CAST_DER_INTEGER, content->data, content->len);
}
