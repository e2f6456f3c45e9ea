/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-certificate.h"

G_BEGIN_DECLS

/**
 * foyer_cast_names_check:
 * @issuer: whose nameConstraints count
 * @below: (array length=n_below): the certificates under it
 * @n_below: how many
 * @error: return location
 *
 * GnuTLS keeps the constraints on host names and addresses and refuses whatever
 * stands under an excluded directory name, but passes over the directory names
 * that are permitted (measured with 3.7.9), the only ones of use among devices:
 * RFC 5280 §4.2.1.10. This keeps those.
 *
 * Returns: %FALSE with %FOYER_CAST_ERROR_AUTH_CHAIN
 */
gboolean foyer_cast_names_check (gnutls_x509_crt_t issuer,
    const gnutls_x509_crt_t *below, guint n_below,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
