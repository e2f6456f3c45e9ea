/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * foyer_test_certificate_new:
 * @version: of X.509, 1 or 3
 * @begins_s: notBefore, seconds since 1970
 * @ends_s: notAfter
 *
 * Returns: (transfer full): a self-signed TLS certificate with a key of its own
 */
GTlsCertificate *foyer_test_certificate_new (guint version, gint64 begins_s,
    gint64 ends_s);

G_END_DECLS
