/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <gnutls/x509.h>

G_BEGIN_DECLS

/* Certificates of tests/data, in PEM. They abort if they can't be read. */

/* (transfer container): all of the file @name, in its order. They stay for the
 * life of the process. */
GPtrArray *foyer_test_load_certificates (const char *name);

/* (transfer none): the first of the file @name */
gnutls_x509_crt_t foyer_test_load_certificate (const char *name);

/* (transfer full): the DER of @certificate */
GBytes *foyer_test_print_der (gnutls_x509_crt_t certificate);

/* (transfer full): the path of the file @name */
char *foyer_test_find (const char *name);

G_END_DECLS
