/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-json.h"
#include "foyer-cast-offer.h"

/* The text of an ANSWER to an OFFER of audio and two kinds of video; one that
 * is taken can be printed and taken again, and says the same. */

static void
fill_offer (FoyerCastOffer *offer)
{
  offer->n_streams = 3;
  for (guint i = 0; i < 3; i++) {
    offer->streams[i].index = i;
    offer->streams[i].config.kind = i == 0 ? FOYER_CAST_STREAM_AUDIO
                                           : FOYER_CAST_STREAM_VIDEO;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_autofree char *printed = NULL;
  g_autoptr (JsonObject) message = NULL;
  g_autoptr (JsonObject) second = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (FoyerCastOffer) offer = { 0 };
  FoyerCastAnswer answer;
  FoyerCastAnswer again;

  if (!g_utf8_validate (text, -1, NULL))
    return 0;
  message = foyer_cast_json_parse (text, NULL);
  if (message == NULL)
    return 0;
  fill_offer (&offer);
  if (!foyer_cast_answer_parse (message, &offer, &answer, &error)) {
    g_assert_nonnull (error);
    return 0;
  }
  g_assert_cmpuint (answer.udp_port, >, 0);
  g_assert_cmpuint (answer.n_streams, <=, 2);
  printed = foyer_cast_answer_print (&answer, 1);
  second = foyer_cast_json_parse (printed, NULL);
  g_assert_true (foyer_cast_answer_parse (second, &offer, &again, NULL));
  g_assert_cmpuint (again.n_streams, ==, answer.n_streams);
  g_assert_cmpuint (again.display_width_px, ==,
      answer.display_height_px > 0 ? answer.display_width_px : 0);
  return 0;
}
