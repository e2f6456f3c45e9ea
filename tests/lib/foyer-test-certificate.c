/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-certificate.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

GTlsCertificate *
foyer_test_certificate_new (guint version, gint64 begins_s, gint64 ends_s)
{
  const char *name = "CN=Test Display";
  const guint8 serial = 1;
  g_autofree char *pem = NULL;
  g_autoptr (GError) error = NULL;
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
  gnutls_datum_t certificate_pem;
  gnutls_datum_t key_pem;
  GTlsCertificate *result;
  int bad = 0;

  bad |= gnutls_x509_privkey_init (&key);
  bad |= gnutls_x509_crt_init (&certificate);
  /* An elliptic curve, since making an RSA key takes long. */
  bad |= gnutls_x509_privkey_generate (key, GNUTLS_PK_ECDSA,
      GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0);
  bad |= gnutls_x509_crt_set_version (certificate, version);
  bad |= gnutls_x509_crt_set_dn (certificate, name, NULL);
  bad |= gnutls_x509_crt_set_serial (certificate, &serial, sizeof serial);
  bad |= gnutls_x509_crt_set_activation_time (certificate, (time_t) begins_s);
  bad |= gnutls_x509_crt_set_expiration_time (certificate, (time_t) ends_s);
  bad |= gnutls_x509_crt_set_key (certificate, key);
  bad |= gnutls_x509_crt_sign2 (certificate, certificate, key,
      GNUTLS_DIG_SHA256, 0);
  bad |= gnutls_x509_crt_export2 (certificate, GNUTLS_X509_FMT_PEM,
      &certificate_pem);
  bad |= gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL,
      GNUTLS_PKCS_PLAIN, &key_pem);
  g_assert_cmpint (bad, ==, 0);
  pem = g_strdup_printf ("%s%s", certificate_pem.data, key_pem.data);
  result = g_tls_certificate_new_from_pem (pem, -1, &error);
  g_assert_no_error (error);
  gnutls_free (certificate_pem.data);
  gnutls_free (key_pem.data);
  gnutls_x509_crt_deinit (certificate);
  gnutls_x509_privkey_deinit (key);
  return result;
}
