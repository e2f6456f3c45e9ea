/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fuzz.h"

#include "foyer-cast-json.h"
#include "foyer-cast-media-app.h"

#include <glib.h>
#include <string.h>

/* What senders say to a media receiver, a message a line; between them its player
 * does something. Nothing but http is ever to be loaded, and all it says is JSON. */

#define MAX_LINES 64

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_auto (GStrv) lines = g_strsplit (valid, "\n", MAX_LINES);
  g_autoptr (FoyerCastMediaApp) app = foyer_cast_media_app_new ();

  for (guint i = 0; lines[i] != NULL; i++) {
    g_autoptr (JsonObject) request = foyer_cast_json_parse (lines[i], NULL);
    guint64 number = foyer_cast_media_app_get_number (app);
    char *said;
    char *to = NULL;

    if (request != NULL &&
        foyer_cast_media_app_take (app, request, "sender") ==
            FOYER_CAST_MEDIA_WISH_LOAD) {
      g_assert_true (
          g_str_has_prefix (foyer_cast_media_app_get_url (app), "http"));
      g_assert_cmpuint (foyer_cast_media_app_get_number (app), ==, number + 1);
    }
    if (strlen (lines[i]) % 5 == 0)
      foyer_cast_media_app_fail (app, number, 104);
    else
      foyer_cast_media_app_report (app, number,
          (FoyerCastMediaState) (strlen (lines[i]) % 5), i);
    while ((said = foyer_cast_media_app_take_message (app, &to)) != NULL) {
      g_assert_nonnull (strstr (said, "requestId"));
      g_clear_pointer (&to, g_free);
      g_free (said);
    }
  }
  return 0;
}
