/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-chain.h"
#include "foyer-cast-names.h"
#include "foyer-cast-trust.h"

#define ON_2016_04_01 ((gint64) 1459468800)

/* As a device certificate, and as its own issuer. */
static void
use_in_chain (gnutls_x509_crt_t certificate)
{
  static FoyerCastTrust *trust;
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  FoyerCastPath path;

  if (trust == NULL)
    trust = foyer_cast_trust_new_public ();
  g_ptr_array_add (list, certificate);
  (void) !foyer_cast_chain_verify (certificate, list,
      foyer_cast_trust_get_roots (trust), ON_2016_04_01, &path, NULL);
  (void) !foyer_cast_chain_verify (certificate, list, list, ON_2016_04_01,
      &path, NULL);
  (void) !foyer_cast_names_check (certificate, &certificate, 1, NULL);
}

/* As the TLS leaf of a display that says nothing. */
static void
use_as_tls (const uint8_t *data, size_t n_bytes)
{
  static const guint8 nonce[FOYER_CAST_NONCE_BYTES];
  static FoyerCastTrust *trust;
  g_autoptr (GBytes) leaf = g_bytes_new_static (data, n_bytes);
  g_auto (FoyerCastIdentity) identity = { NULL };

  if (trust == NULL)
    trust = foyer_cast_trust_new_public ();
  foyer_cast_auth_verify (NULL, nonce, leaf, trust, ON_2016_04_01, &identity);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_auto (gnutls_x509_crt_t) certificate = foyer_cast_certificate_parse (data,
      n_bytes, NULL);
  g_autofree char *name = NULL;
  gint64 from_s, to_s;

  if (certificate == NULL)
    return 0;
  use_as_tls (data, n_bytes);
  name = foyer_cast_certificate_dup_name (certificate);
  if (name != NULL && !g_utf8_validate (name, -1, NULL))
    g_error ("name is not UTF-8");
  foyer_cast_certificate_get_life (certificate, &from_s, &to_s);
  foyer_cast_certificate_has_policy (certificate, "1.2.3.4");
  use_in_chain (certificate);
  return 0;
}
