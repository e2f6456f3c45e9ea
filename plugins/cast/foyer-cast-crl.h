/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-chain.h"

G_BEGIN_DECLS

/* The list of withdrawn keys that a display may send along. It is optional: one
 * that can't be verified says nothing. openscreen
 * cast/common/certificate/cast_crl.cc */

typedef enum
{
  FOYER_CAST_CRL_UNUSABLE = 0, /* not verified: to be ignored */
  FOYER_CAST_CRL_CLEAR,
  FOYER_CAST_CRL_REVOKED,
} FoyerCastCrlVerdict;

/**
 * foyer_cast_crl_check:
 * @bundle: (array length=n_bytes): a CrlBundle, as it came
 * @n_bytes: its length
 * @roots: (element-type gnutls_x509_crt_t): who may withdraw
 * @now_s: time of day, seconds since 1970
 * @path: a verified path
 *
 * The first list of the bundle that is signed under one of @roots and valid
 * now counts.
 *
 * Returns: whether it names a certificate of @path
 */
FoyerCastCrlVerdict foyer_cast_crl_check (const guint8 *bundle, gsize n_bytes,
    const GPtrArray *roots, gint64 now_s, const FoyerCastPath *path);

G_END_DECLS
