/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-verbs.h"

#define CAST_PORT 8009

static void
tell (FoyerCtl *ctl, const char *name, guint64 number)
{
  const FoyerCtlThing thing = { .number = number, .name = name };
  g_autofree char *word = foyer_ctl_thing_dup_word (&thing);
  g_autofree char *safe = foyer_print_dup_safe (name);

  if (foyer_ctl_line_has (ctl->line, "json")) {
    g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

    foyer_ctl_json_add_number (json, "display", number);
    foyer_ctl_json_add_string (json, "name", name);
    foyer_ctl_json_print (json, FALSE);
  } else
    foyer_ctl_say ("display %" G_GUINT64_FORMAT
                   ": %s; to accept its key: foyerctl pair %s",
        number, safe, word);
}

gboolean
foyer_ctl_run_add_display (FoyerCtl *ctl, GError **error)
{
  const char *name = foyer_ctl_line_get_word (ctl->line, 0);
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *host = NULL;
  const char *path;
  guint16 port = CAST_PORT;
  FoyerCtlCall call = { .interface = FOYER_CTL_MANAGER,
    .method = "AddDisplay",
    .reply = "(o)" };

  if (!foyer_ctl_parse_address (foyer_ctl_line_get_word (ctl->line, 1), &host,
          &port, error) ||
      !foyer_ctl_connect (ctl, error))
    return FALSE;
  call.arguments = g_variant_new ("(ssq)", name, host, port);
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(&o)", &path);
  tell (ctl, name, foyer_ctl_get_number (path));
  return TRUE;
}
