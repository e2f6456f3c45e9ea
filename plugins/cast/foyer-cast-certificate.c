/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-certificate.h"
#include "foyer-text.h"

#include <gnutls/abstract.h>

#define MAX_NAME_PARTS 16
#define MAX_POLICIES   64

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)

gnutls_x509_crt_t
foyer_cast_certificate_parse (const guint8 *der, gsize n_bytes, GError **error)
{
  g_auto (gnutls_x509_crt_t) self = NULL;
  gnutls_datum_t datum = { (guint8 *) der, (unsigned int) n_bytes };
  int result;

  if (n_bytes > FOYER_CAST_MAX_CERTIFICATE_BYTES) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TOO_LARGE,
        "certificate of %" G_GSIZE_FORMAT " bytes, at most %d are read",
        n_bytes, FOYER_CAST_MAX_CERTIFICATE_BYTES);
    return NULL;
  }
  result = gnutls_x509_crt_init (&self);
  if (result == 0)
    result = gnutls_x509_crt_import (self, &datum, GNUTLS_X509_FMT_DER);
  if (result < 0) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED,
        "certificate can't be read: %s", gnutls_strerror (result));
    return NULL;
  }
  return g_steal_pointer (&self);
}

gboolean
foyer_cast_certificate_hash_key (gnutls_x509_crt_t self, guint8 *out)
{
  size_t n_bytes = FOYER_CAST_HASH_BYTES;

  return gnutls_x509_crt_get_key_id (self, GNUTLS_KEYID_USE_SHA256, out,
             &n_bytes) == 0 &&
      n_bytes == FOYER_CAST_HASH_BYTES;
}

char *
foyer_cast_certificate_dup_fingerprint (gnutls_x509_crt_t self)
{
  guint8 hash[FOYER_CAST_HASH_BYTES];
  GString *text;

  if (!foyer_cast_certificate_hash_key (self, hash))
    return NULL;
  text = g_string_new ("sha256:");
  for (guint i = 0; i < G_N_ELEMENTS (hash); i++)
    g_string_append_printf (text, "%02x", hash[i]);
  return g_string_free (text, FALSE);
}

/* The common name as it stands in the certificate: the text forms that GnuTLS
 * offers have escapes of their own. */
static gboolean
find_name (gnutls_x509_crt_t self, gnutls_x509_ava_st *found)
{
  gnutls_x509_dn_t subject;

  if (gnutls_x509_crt_get_subject (self, &subject) < 0)
    return FALSE;
  for (int i = 0; i < MAX_NAME_PARTS &&
       gnutls_x509_dn_get_rdn_ava (subject, i, 0, found) >= 0;
       i++) {
    /* a text, its NUL counted */
    if (found->oid.size == sizeof GNUTLS_OID_X520_COMMON_NAME &&
        memcmp (found->oid.data, GNUTLS_OID_X520_COMMON_NAME,
            found->oid.size) == 0)
      return TRUE;
  }
  return FALSE;
}

char *
foyer_cast_certificate_dup_name (gnutls_x509_crt_t self)
{
  gnutls_x509_ava_st found;
  g_autofree char *name = NULL;

  /* A NUL inside, which would hide the rest, is not valid here. */
  if (!find_name (self, &found) || found.value.size == 0 ||
      !g_utf8_validate_len ((const char *) found.value.data, found.value.size,
          NULL))
    return NULL;
  name = g_strndup ((const char *) found.value.data, found.value.size);
  return foyer_text_escape (name);
}

gboolean
foyer_cast_certificate_get_life (gnutls_x509_crt_t self, gint64 *from_s,
    gint64 *to_s)
{
  time_t from = gnutls_x509_crt_get_activation_time (self);
  time_t to = gnutls_x509_crt_get_expiration_time (self);

  if (from == (time_t) -1 || to == (time_t) -1)
    return FALSE;
  *from_s = from;
  *to_s = to;
  return TRUE;
}

gboolean
foyer_cast_certificate_check_key (gnutls_x509_crt_t self, FoyerCastError code,
    GError **error)
{
  unsigned int n_bits = 0;
  int algorithm = gnutls_x509_crt_get_pk_algorithm (self, &n_bits);

  if (algorithm == GNUTLS_PK_RSA && n_bits >= FOYER_CAST_MIN_RSA_BITS &&
      n_bits <= FOYER_CAST_MAX_RSA_BITS)
    return TRUE;
  g_set_error (error, FOYER_CAST_ERROR, code,
      "key is %s of %u bits, not RSA of %d to %d",
      algorithm > 0 ? gnutls_pk_get_name ((gnutls_pk_algorithm_t) algorithm)
                    : "unknown",
      n_bits, FOYER_CAST_MIN_RSA_BITS, FOYER_CAST_MAX_RSA_BITS);
  return FALSE;
}

static gboolean
policy_is (gnutls_x509_crt_t self, unsigned int index, const char *oid,
    gboolean *is_end)
{
  struct gnutls_x509_policy_st policy = { 0 };
  unsigned int is_critical;
  gboolean is_it;

  *is_end = gnutls_x509_crt_get_policy (self, index, &policy, &is_critical) < 0;
  if (*is_end)
    return FALSE;
  is_it = g_strcmp0 (policy.oid, oid) == 0;
  gnutls_x509_policy_release (&policy);
  return is_it;
}

gboolean
foyer_cast_certificate_has_policy (gnutls_x509_crt_t self, const char *oid)
{
  gboolean is_end = FALSE;

  for (unsigned int i = 0; i < MAX_POLICIES && !is_end; i++) {
    if (policy_is (self, i, oid, &is_end))
      return TRUE;
  }
  return FALSE;
}

gboolean
foyer_cast_certificate_verify_data (gnutls_x509_crt_t self,
    gnutls_sign_algorithm_t algorithm, GBytes *data, const guint8 *signature,
    gsize n_bytes)
{
  g_auto (gnutls_pubkey_t) key = NULL;
  gsize n_data_bytes;
  gconstpointer bytes = g_bytes_get_data (data, &n_data_bytes);
  gnutls_datum_t data_datum = { (guint8 *) bytes, (unsigned int) n_data_bytes };
  gnutls_datum_t signature_datum = { (guint8 *) signature,
    (unsigned int) n_bytes };

  if (gnutls_pubkey_init (&key) < 0 ||
      gnutls_pubkey_import_x509 (key, self, 0) < 0)
    return FALSE;
  return gnutls_pubkey_verify_data2 (key, algorithm,
             GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, &data_datum,
             &signature_datum) >= 0;
}
