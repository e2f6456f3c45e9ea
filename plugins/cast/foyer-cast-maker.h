/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-certificate.h"

G_BEGIN_DECLS

/* Makes the certificates of a display of ours. */

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_x509_privkey_t,
    gnutls_x509_privkey_deinit, NULL)

/**
 * foyer_cast_maker_print_identity:
 * @now_s: time of day, seconds since 1970
 * @root: (out) (transfer full): PEM of the root's certificate
 * @error: return location
 *
 * Makes a root, an intermediate and a device certificate, each with a new
 * RSA-2048 key and twenty years to live. The keys of root and intermediate are
 * forgotten: nothing else will ever be signed with them.
 *
 * Returns: (transfer full): PEM of the device key, its certificate, the
 *   intermediate and the root, in that order; a secret, to be freed with
 *   foyer_cast_maker_free_secret(); or %NULL with
 *   %FOYER_CAST_ERROR_CREDENTIALS
 */
char *foyer_cast_maker_print_identity (gint64 now_s, char **root,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_maker_make_tls:
 * @now_s: time of day, seconds since 1970
 * @error: return location
 *
 * Makes a self-signed certificate for TLS with a new key, valid from an hour
 * ago for two days.
 *
 * Returns: (transfer full): certificate and key, or %NULL with
 *   %FOYER_CAST_ERROR_CREDENTIALS
 */
GTlsCertificate *foyer_cast_maker_make_tls (gint64 now_s,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_maker_free_secret:
 * @text: (transfer full) (nullable): a text to wipe and free
 */
void foyer_cast_maker_free_secret (char *text);

G_END_DECLS
