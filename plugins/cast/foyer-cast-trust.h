/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-auth.h"

G_BEGIN_DECLS

/* What is inside FoyerCastTrust, for those who verify chains. */

/**
 * foyer_cast_trust_get_roots:
 * @self: trust
 *
 * Returns: (transfer none) (element-type gnutls_x509_crt_t): the anchors of
 *   device certificates. Only their names, keys and constraints mean anything:
 *   an anchor is trusted because it is here, not for its signature.
 */
const GPtrArray *foyer_cast_trust_get_roots (const FoyerCastTrust *self);

/**
 * foyer_cast_trust_get_crl_roots:
 * @self: trust
 *
 * Returns: (transfer none) (element-type gnutls_x509_crt_t): the anchors of
 *   those who may withdraw device certificates
 */
const GPtrArray *foyer_cast_trust_get_crl_roots (const FoyerCastTrust *self);

G_END_DECLS
