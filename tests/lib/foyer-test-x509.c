/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-x509.h"

#include "foyer-test-data.h"

/* Owns what was loaded, so that tests borrow freely. */
static GPtrArray *
get_all (void)
{
  static GPtrArray *all;

  if (all == NULL)
    all = g_ptr_array_new ();
  return all;
}

GPtrArray *
foyer_test_load_certificates (const char *name)
{
  g_autoptr (GBytes) pem = foyer_test_load (name);
  gnutls_datum_t datum = { (guint8 *) g_bytes_get_data (pem, NULL),
    (unsigned int) g_bytes_get_size (pem) };
  GPtrArray *list = g_ptr_array_new ();
  gnutls_x509_crt_t *parsed = NULL;
  unsigned int n_parsed = 0;

  g_assert_cmpint (gnutls_x509_crt_list_import2 (&parsed, &n_parsed, &datum,
                       GNUTLS_X509_FMT_PEM, 0),
      >=, 0);
  for (unsigned int i = 0; i < n_parsed; i++) {
    g_ptr_array_add (list, parsed[i]);
    g_ptr_array_add (get_all (), parsed[i]);
  }
  gnutls_free (parsed);
  return list;
}

gnutls_x509_crt_t
foyer_test_load_certificate (const char *name)
{
  g_autoptr (GPtrArray) list = foyer_test_load_certificates (name);

  return list->pdata[0];
}

GBytes *
foyer_test_print_der (gnutls_x509_crt_t certificate)
{
  gnutls_datum_t der = { NULL, 0 };
  GBytes *bytes;

  g_assert_cmpint (gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_DER,
                       &der),
      ==, 0);
  bytes = g_bytes_new (der.data, der.size);
  gnutls_free (der.data);
  return bytes;
}

char *
foyer_test_find (const char *name)
{
  return g_build_filename (FOYER_TEST_DATA_DIR, name, NULL);
}
