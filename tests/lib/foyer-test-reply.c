/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-reply.h"

#include "foyer-test-data.h"
#include "foyer-test-x509.h"

#include <gnutls/abstract.h>

#define VARINT 0 /* wire types of protobuf */
#define BYTES  2

static void
put_varint (GByteArray *out, gsize value)
{
  do {
    guint8 byte = (guint8) ((value & 0x7f) | (value > 0x7f ? 0x80 : 0));

    g_byte_array_append (out, &byte, 1);
    value >>= 7;
  } while (value > 0);
}

static void
put_bytes (GByteArray *out, guint field, const guint8 *data, gsize n_bytes)
{
  put_varint (out, field << 3 | BYTES);
  put_varint (out, n_bytes);
  g_byte_array_append (out, data, (guint) n_bytes);
}

static void
put_gbytes (GByteArray *out, guint field, GBytes *bytes)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (bytes, &n_bytes);

  put_bytes (out, field, data, n_bytes);
}

static void
put_number (GByteArray *out, guint field, int number)
{
  if (number < 0)
    return;
  put_varint (out, field << 3 | VARINT);
  put_varint (out, (gsize) number);
}

GBytes *
foyer_test_print_reply (const FoyerTestReply *reply)
{
  g_autoptr (GByteArray) response = g_byte_array_new ();
  GByteArray *message = g_byte_array_new ();

  put_gbytes (response, 1, reply->signature);
  put_gbytes (response, 2, reply->device);
  for (guint i = 0; i < reply->intermediates->len; i++) {
    g_autoptr (GBytes) der = foyer_test_print_der (
        reply->intermediates->pdata[i]);

    put_gbytes (response, 3, der);
  }
  put_number (response, 4, reply->signature_algorithm);
  if (reply->nonce != NULL)
    put_bytes (response, 5, reply->nonce, reply->n_nonce_bytes);
  put_number (response, 6, reply->hash_algorithm);
  if (reply->crl != NULL)
    put_gbytes (response, 7, reply->crl);
  put_bytes (message, 2, response->data, response->len);
  return g_byte_array_free_to_bytes (message);
}

static gnutls_privkey_t
load_key (const char *name)
{
  g_autoptr (GBytes) pem = foyer_test_load (name);
  gnutls_datum_t datum = { (guint8 *) g_bytes_get_data (pem, NULL),
    (unsigned int) g_bytes_get_size (pem) };
  gnutls_privkey_t key;

  g_assert_cmpint (gnutls_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_privkey_import_x509_raw (key, &datum,
                       GNUTLS_X509_FMT_PEM, NULL, 0),
      ==, 0);
  return key;
}

GBytes *
foyer_test_sign (const char *key, gnutls_sign_algorithm_t algorithm,
    const guint8 *first, gsize n_first, const guint8 *second, gsize n_second)
{
  g_autoptr (GByteArray) input = g_byte_array_new ();
  gnutls_privkey_t signer = load_key (key);
  gnutls_datum_t data, signature = { NULL, 0 };
  GBytes *bytes;

  g_byte_array_append (input, first, (guint) n_first);
  g_byte_array_append (input, second, (guint) n_second);
  data.data = input->data;
  data.size = input->len;
  g_assert_cmpint (gnutls_privkey_sign_data2 (signer, algorithm, 0, &data,
                       &signature),
      ==, 0);
  bytes = g_bytes_new (signature.data, signature.size);
  gnutls_free (signature.data);
  gnutls_privkey_deinit (signer);
  return bytes;
}
