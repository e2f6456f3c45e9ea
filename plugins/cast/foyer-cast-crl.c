/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#define G_LOG_DOMAIN "foyer"

#include "foyer-cast-crl.h"

#include "foyer-cast.pb-c.h"

/* Version 0: hashes are SHA-256, the signature is RSA over SHA-256. */
#define CRL_VERSION      0
#define MAX_CRLS         4
#define MAX_SERIAL_BYTES 32

typedef Foyer__Cast__CrlBundle CrlBundle;
typedef Foyer__Cast__TbsCrl TbsCrl;

static void
bundle_free (CrlBundle *bundle)
{
  foyer__cast__crl_bundle__free_unpacked (bundle, NULL);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CrlBundle, bundle_free)

static void
tbs_crl_free (TbsCrl *list)
{
  foyer__cast__tbs_crl__free_unpacked (list, NULL);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TbsCrl, tbs_crl_free)

static gboolean
is_hash (ProtobufCBinaryData bytes, const guint8 *hash)
{
  return bytes.len == FOYER_CAST_HASH_BYTES &&
      memcmp (bytes.data, hash, FOYER_CAST_HASH_BYTES) == 0;
}

static gboolean
verify_signature (const Foyer__Cast__Crl *crl, const GPtrArray *roots,
    gint64 now_s, GError **error)
{
  g_auto (gnutls_x509_crt_t) signer = NULL;
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GBytes) data = NULL;
  FoyerCastPath path;

  signer = foyer_cast_certificate_parse (crl->signer_cert.data,
      crl->signer_cert.len, error);
  if (signer == NULL ||
      !foyer_cast_chain_verify (signer, none, roots, now_s, &path, error))
    return FALSE;
  data = g_bytes_new_static (crl->tbs_crl.data, crl->tbs_crl.len);
  if (foyer_cast_certificate_verify_data (signer, GNUTLS_SIGN_RSA_SHA256, data,
          crl->signature.data, crl->signature.len))
    return TRUE;
  g_set_error_literal (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_AUTH_SIGNATURE,
      "its signature is wrong");
  return FALSE;
}

static gboolean
is_current (const TbsCrl *list, gint64 now_s)
{
  return list->version == CRL_VERSION && list->has_not_before_seconds &&
      list->has_not_after_seconds && now_s >= 0 &&
      list->not_before_seconds <= (guint64) now_s &&
      (guint64) now_s <= list->not_after_seconds;
}

/* The list within @crl, if it is to be believed. */
static TbsCrl *
open_list (const Foyer__Cast__Crl *crl, const GPtrArray *roots, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TbsCrl) list = NULL;

  if (!crl->has_tbs_crl || !crl->has_signer_cert || !crl->has_signature)
    return NULL;
  if (!verify_signature (crl, roots, now_s, &error)) {
    g_debug ("ignoring a revocation list: %s", error->message);
    return NULL;
  }
  list = foyer__cast__tbs_crl__unpack (NULL, crl->tbs_crl.len,
      crl->tbs_crl.data);
  if (list == NULL || !is_current (list, now_s)) {
    g_debug ("ignoring a revocation list: unreadable or not valid now");
    return NULL;
  }
  return g_steal_pointer (&list);
}

static gboolean
is_key_revoked (const TbsCrl *list, const guint8 *key_hash)
{
  for (size_t i = 0; i < list->n_revoked_public_key_hashes; i++) {
    if (is_hash (list->revoked_public_key_hashes[i], key_hash))
      return TRUE;
  }
  return FALSE;
}

/* Serial numbers over 64 bits are in no range. */
static gboolean
read_serial (gnutls_x509_crt_t certificate, guint64 *serial)
{
  guint8 bytes[MAX_SERIAL_BYTES];
  size_t n_bytes = sizeof bytes;

  if (gnutls_x509_crt_get_serial (certificate, bytes, &n_bytes) < 0)
    return FALSE;
  *serial = 0;
  for (size_t i = 0; i < n_bytes; i++) {
    if (*serial >> 56 != 0)
      return FALSE;
    *serial = *serial << 8 | bytes[i];
  }
  return TRUE;
}

static gboolean
is_serial_revoked (const TbsCrl *list, const guint8 *issuer_hash,
    guint64 serial)
{
  for (size_t i = 0; i < list->n_revoked_serial_number_ranges; i++) {
    const Foyer__Cast__SerialNumberRange *range =
        list->revoked_serial_number_ranges[i];

    if (range->has_issuer_public_key_hash &&
        is_hash (range->issuer_public_key_hash, issuer_hash) &&
        range->first_serial_number <= serial &&
        serial <= range->last_serial_number)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_path_revoked (const TbsCrl *list, const FoyerCastPath *path)
{
  guint8 issuer_hash[FOYER_CAST_HASH_BYTES];
  gboolean has_issuer = FALSE;

  /* From the anchor down, so that each one's issuer was just seen. */
  for (guint i = path->n_certificates; i-- > 0;) {
    guint8 hash[FOYER_CAST_HASH_BYTES];
    guint64 serial;

    if (!foyer_cast_certificate_hash_key (path->certificates[i], hash) ||
        is_key_revoked (list, hash))
      return TRUE;
    if (has_issuer && read_serial (path->certificates[i], &serial) &&
        is_serial_revoked (list, issuer_hash, serial))
      return TRUE;
    memcpy (issuer_hash, hash, sizeof hash);
    has_issuer = TRUE;
  }
  return FALSE;
}

FoyerCastCrlVerdict
foyer_cast_crl_check (const guint8 *bundle, gsize n_bytes,
    const GPtrArray *roots, gint64 now_s, const FoyerCastPath *path)
{
  g_autoptr (CrlBundle) parsed = NULL;

  if (n_bytes > FOYER_CAST_MAX_MESSAGE_BYTES)
    return FOYER_CAST_CRL_UNUSABLE;
  parsed = foyer__cast__crl_bundle__unpack (NULL, n_bytes, bundle);
  for (size_t i = 0; parsed != NULL && i < parsed->n_crls && i < MAX_CRLS;
       i++) {
    g_autoptr (TbsCrl) list = open_list (parsed->crls[i], roots, now_s);

    if (list != NULL)
      return is_path_revoked (list, path) ? FOYER_CAST_CRL_REVOKED
                                          : FOYER_CAST_CRL_CLEAR;
  }
  return FOYER_CAST_CRL_UNUSABLE;
}
