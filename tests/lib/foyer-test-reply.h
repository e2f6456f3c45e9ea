/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <gnutls/gnutls.h>

G_BEGIN_DECLS

/* A display's DeviceAuthMessage with a response, right or wrong in every part.
 * Written by hand, not with the generated code that reads it. */
typedef struct
{
  GBytes *signature;
  GBytes *device;           /* DER, or what stands for it */
  GPtrArray *intermediates; /* of gnutls_x509_crt_t */
  const guint8 *nonce;      /* nullable: no such field */
  gsize n_nonce_bytes;
  int signature_algorithm; /* negative: no such field */
  int hash_algorithm;      /* negative: no such field */
  GBytes *crl;             /* nullable */
} FoyerTestReply;

/* (transfer full): the message */
GBytes *foyer_test_print_reply (const FoyerTestReply *reply);

/* (transfer full): the key in the file @key of tests/data signs @first and then
 * @second */
GBytes *foyer_test_sign (const char *key, gnutls_sign_algorithm_t algorithm,
    const guint8 *first, gsize n_first, const guint8 *second, gsize n_second);

G_END_DECLS
