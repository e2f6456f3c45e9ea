/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-certificate.h"

G_BEGIN_DECLS

/* From a certificate to an anchor, by the rules of the Cast world: those of
 * X.509 (RFC 5280 §6), but SHA-1 signatures count, and an issuer's life may be
 * over. openscreen cast/common/certificate/boringssl_trust_store.cc */

/**
 * FoyerCastPath:
 * @certificates: borrowed; the leaf first, the anchor last
 * @n_certificates: at least 2 once verified
 * @has_expired_issuer: an intermediate is past its life; accepted
 */
typedef struct
{
  gnutls_x509_crt_t certificates[FOYER_CAST_MAX_CERTIFICATES + 1];
  guint n_certificates;
  gboolean has_expired_issuer;
} FoyerCastPath;

/**
 * foyer_cast_chain_verify:
 * @leaf: whom it is about
 * @intermediates: (element-type gnutls_x509_crt_t): candidates for the way, in
 *   any order; those of no use are passed over
 * @roots: (element-type gnutls_x509_crt_t): the anchors
 * @now_s: time of day, seconds since 1970
 * @path: (out caller-allocates): the way found; borrows from the other three
 * @error: return location
 *
 * The leaf must live now, have an RSA key of 2048…4096 bits and a KeyUsage with
 * digitalSignature. Its issuers must be authorities by basicConstraints and, if
 * present, KeyUsage; have such a key; have begun to live; and keep path lengths
 * and name constraints, the anchor's included. No certificate but the anchor
 * may be signed other than with RSA (PKCS #1 v1.5) over SHA-1, SHA-256, SHA-384
 * or SHA-512, or carry a critical extension that is not known.
 *
 * Returns: %FALSE with %FOYER_CAST_ERROR_AUTH_EXPIRED if the leaf does not
 *   live now, else with %FOYER_CAST_ERROR_AUTH_CHAIN
 */
gboolean foyer_cast_chain_verify (gnutls_x509_crt_t leaf,
    const GPtrArray *intermediates, const GPtrArray *roots, gint64 now_s,
    FoyerCastPath *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
