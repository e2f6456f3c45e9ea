/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-error.h"
#include "foyer-cast-limits.h"

#include <gio/gio.h>
#include <gnutls/x509.h>

G_BEGIN_DECLS

/* What the room wants to know of an X.509 certificate, over GnuTLS. All of
 * their bytes come from outside. */

#define FOYER_CAST_HASH_BYTES 32 /* SHA-256 */

/* RSA keys of the Cast world are of 2048 bits; smaller ones are weak, and much
 * larger ones are a way to keep us computing. */
#define FOYER_CAST_MIN_RSA_BITS 2048
#define FOYER_CAST_MAX_RSA_BITS 4096

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_crt_t, gnutls_x509_crt_deinit,
    NULL)

/**
 * foyer_cast_certificate_parse:
 * @der: (array length=n_bytes): DER
 * @n_bytes: its length; more than FOYER_CAST_MAX_CERTIFICATE_BYTES is refused
 * @error: return location
 *
 * Returns: (transfer full): the certificate, of any X.509 version, or %NULL
 *   with %FOYER_CAST_ERROR_MALFORMED or %FOYER_CAST_ERROR_TOO_LARGE
 */
gnutls_x509_crt_t foyer_cast_certificate_parse (const guint8 *der,
    gsize n_bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_certificate_hash_key:
 * @self: a certificate
 * @out: (out caller-allocates) (array fixed-size=32): SHA-256 of its
 *   SubjectPublicKeyInfo
 *
 * Returns: %FALSE if its key is of a kind nobody knows
 */
gboolean foyer_cast_certificate_hash_key (gnutls_x509_crt_t self, guint8 *out);

/**
 * foyer_cast_certificate_dup_fingerprint:
 * @self: a certificate
 *
 * Returns: (transfer full) (nullable): "sha256:" and the hex digits of
 *   foyer_cast_certificate_hash_key()
 */
char *foyer_cast_certificate_dup_fingerprint (gnutls_x509_crt_t self);

/**
 * foyer_cast_certificate_dup_name:
 * @self: a certificate
 *
 * Returns: (transfer full) (nullable): its subject's common name as
 *   foyer_text_escape() has it; %NULL if there is none that is UTF-8
 */
char *foyer_cast_certificate_dup_name (gnutls_x509_crt_t self);

/**
 * foyer_cast_certificate_get_life:
 * @self: a certificate
 * @from_s: (out): notBefore, seconds since 1970
 * @to_s: (out): notAfter, seconds since 1970
 *
 * Returns: %FALSE if they can't be read
 */
gboolean foyer_cast_certificate_get_life (gnutls_x509_crt_t self,
    gint64 *from_s, gint64 *to_s);

/**
 * foyer_cast_certificate_check_key:
 * @self: a certificate
 * @code: the error to set
 * @error: return location
 *
 * Returns: whether its key is RSA of 2048…4096 bits
 */
gboolean foyer_cast_certificate_check_key (gnutls_x509_crt_t self,
    FoyerCastError code, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_certificate_has_policy:
 * @self: a certificate
 * @oid: an object identifier in dots
 *
 * Returns: whether its certificatePolicies list @oid
 */
gboolean foyer_cast_certificate_has_policy (gnutls_x509_crt_t self,
    const char *oid);

/**
 * foyer_cast_certificate_verify_data:
 * @self: whose key
 * @algorithm: how it was signed
 * @data: what was signed
 * @signature: (array length=n_bytes): the signature
 * @n_bytes: its length
 *
 * Returns: whether the holder of the key of @self signed @data
 */
gboolean foyer_cast_certificate_verify_data (gnutls_x509_crt_t self,
    gnutls_sign_algorithm_t algorithm, GBytes *data, const guint8 *signature,
    gsize n_bytes);

G_END_DECLS
