/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-verbs.h"

gboolean
foyer_ctl_run_name (FoyerCtl *ctl, GError **error)
{
  const char *name = foyer_ctl_line_get_word (ctl->line, 1);
  g_autoptr (FoyerDBusCamera) camera = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *old = NULL, *new = NULL;
  FoyerCtlCall call = { .interface = "org.foyer.Foyer1.Camera",
    .method = "SetName" };

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  camera = foyer_ctl_find_camera (ctl, foyer_ctl_line_get_word (ctl->line, 0),
      error);
  if (camera == NULL)
    return FALSE;
  old = foyer_print_dup_safe (foyer_dbus_camera_get_name (camera));
  new = foyer_print_dup_safe (name);
  call.path = foyer_ctl_get_path (camera);
  call.arguments = g_variant_new ("(s)", name);
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  foyer_ctl_say ("%s is now called %s", old, new);
  return TRUE;
}
