/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-auth.h"

#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* What is inside FoyerCastCredentials, for the one who answers challenges. */

/**
 * foyer_cast_credentials_get_chain:
 * @self: credentials
 *
 * Returns: (transfer none) (element-type GBytes): DER of the device
 *   certificate and its intermediates, without the root
 */
const GPtrArray *foyer_cast_credentials_get_chain (
    const FoyerCastCredentials *self);

/**
 * foyer_cast_credentials_sign:
 * @self: credentials
 * @algorithm: RSA over SHA-1 or SHA-256
 * @data: what to sign
 *
 * Returns: (transfer full) (nullable): the device key's signature
 */
GBytes *foyer_cast_credentials_sign (const FoyerCastCredentials *self,
    gnutls_sign_algorithm_t algorithm, GBytes *data);

G_END_DECLS
