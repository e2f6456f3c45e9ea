/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-crl.h"
#include "foyer-cast-trust.h"

#define ON_2019_12_17 ((gint64) 1576540800)

/* A list of withdrawn keys; none is signed as the roots demand. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static FoyerCastTrust *trust;
  FoyerCastPath path = { .n_certificates = 1 };

  if (trust == NULL)
    trust = foyer_cast_trust_new_public ();
  path.certificates[0] = foyer_cast_trust_get_roots (trust)->pdata[0];
  if (foyer_cast_crl_check (data, n_bytes,
          foyer_cast_trust_get_crl_roots (trust), ON_2019_12_17,
          &path) != FOYER_CAST_CRL_UNUSABLE)
    g_error ("an unsigned list counts");
  return 0;
}
