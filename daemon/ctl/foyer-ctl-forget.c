/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-verbs.h"

gboolean
foyer_ctl_run_forget (FoyerCtl *ctl, GError **error)
{
  g_autoptr (FoyerDBusDisplay) display = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *name = NULL;
  FoyerCtlCall call = { .interface = "org.foyer.Foyer1.Display",
    .method = "Forget" };

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  display = foyer_ctl_find_display (ctl, foyer_ctl_line_get_word (ctl->line, 0),
      error);
  if (display == NULL)
    return FALSE;
  name = foyer_print_dup_safe (foyer_dbus_display_get_name (display));
  call.path = foyer_ctl_get_path (display);
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  foyer_ctl_say ("%s is forgotten, and every rule that named it", name);
  return TRUE;
}
