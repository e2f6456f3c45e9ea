/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-json.h"
#include "foyer-cast-offer.h"
#include "foyer-cast-webrtc.h"

/* The text of an OFFER; one that is taken can be printed and taken again. */

static void
print_and_read (const FoyerCastOffer *offer)
{
  g_autofree char *text = foyer_cast_offer_print (offer, 1);
  g_autoptr (JsonObject) message = foyer_cast_json_parse (text, NULL);
  g_auto (FoyerCastOffer) again = { 0 };

  g_assert_nonnull (message);
  if (foyer_cast_offer_parse (message, &again, NULL))
    g_assert_cmpuint (again.n_streams, ==, offer->n_streams);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_autoptr (JsonObject) message = NULL;
  g_auto (FoyerCastOffer) offer = { 0 };
  gint64 sequence;

  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  message = foyer_cast_json_parse (text, NULL);
  if (message == NULL)
    return 0;
  foyer_cast_webrtc_get_type (message, &sequence);
  if (foyer_cast_offer_parse (message, &offer, NULL))
    print_and_read (&offer);
  else
    g_assert_cmpuint (offer.n_streams, ==, 0);
  return 0;
}
