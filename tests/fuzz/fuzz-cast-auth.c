/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-auth.h"

#define ON_2019_12_17 ((gint64) 1576540800)

/* Whatever a display replies. Its TLS certificate is not one, for the sake of
 * speed: fuzz-cast-certificate reads those. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  /* openscreen's recorded one */
  static const guint8 nonce[FOYER_CAST_NONCE_BYTES] = { 0x1e, 0x42, 0x40, 0x1c,
    0x2b, 0xbc, 0x67, 0xf4, 0x64, 0xbe, 0x02, 0x7c, 0x37, 0x11, 0x4b, 0x44 };
  static FoyerCastTrust *trust;
  g_autoptr (GBytes) reply = g_bytes_new_static (data, n_bytes);
  g_autoptr (GBytes) leaf = g_bytes_new_static ("leaf", 4);
  g_auto (FoyerCastIdentity) identity = { NULL };

  if (trust == NULL)
    trust = foyer_cast_trust_new_public ();
  foyer_cast_auth_verify (reply, nonce, leaf, trust, ON_2019_12_17, &identity);
  /* Always filled in; and nobody but a device of the roots gets in. */
  if (identity.fingerprint == NULL ||
      (foyer_cast_auth_decide (&identity, FOYER_CAST_AUTH_DEVICE, NULL, FALSE,
           NULL) &&
          (!identity.has_signed || !identity.has_chain)))
    g_error ("identity is not whole");
  return 0;
}
