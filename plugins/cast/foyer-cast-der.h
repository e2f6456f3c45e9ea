/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Writes the few kinds of DER that a trust anchor is made of. Reading DER is
 * GnuTLS's work alone. ITU-T X.690 §8 */

#define FOYER_CAST_DER_BOOLEAN          0x01
#define FOYER_CAST_DER_INTEGER          0x02
#define FOYER_CAST_DER_BIT_STRING       0x03
#define FOYER_CAST_DER_OCTET_STRING     0x04
#define FOYER_CAST_DER_OID              0x06
#define FOYER_CAST_DER_UTF8_STRING      0x0c
#define FOYER_CAST_DER_PRINTABLE_STRING 0x13
#define FOYER_CAST_DER_UTC_TIME         0x17
#define FOYER_CAST_DER_SEQUENCE         0x30
#define FOYER_CAST_DER_SET              0x31
/* a constructed element with the context's tag @n */
#define FOYER_CAST_DER_CONTEXT(n) (0xa0 | (n))

/**
 * foyer_cast_der_put:
 * @out: where to append
 * @tag: what it is
 * @content: (array length=n_bytes): its content
 * @n_bytes: less than 65536
 *
 * Appends one element: tag, length, content.
 */
void foyer_cast_der_put (GByteArray *out, guint8 tag, const void *content,
    gsize n_bytes);

/**
 * foyer_cast_der_put_array:
 * @out: where to append
 * @tag: what it is
 * @content: (transfer full): its content, freed
 */
void foyer_cast_der_put_array (GByteArray *out, guint8 tag,
    GByteArray *content);

/**
 * foyer_cast_der_put_unsigned:
 * @out: where to append
 * @value: (array length=n_bytes): big-endian, without leading zeros
 * @n_bytes: at least 1
 *
 * Appends an INTEGER that is not negative.
 */
void foyer_cast_der_put_unsigned (GByteArray *out, const guint8 *value,
    gsize n_bytes);

G_END_DECLS
