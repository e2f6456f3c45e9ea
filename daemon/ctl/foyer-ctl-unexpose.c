/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-node.h"
#include "foyer-ctl-verbs.h"

#include <string.h>

FoyerDBusNode *
foyer_ctl_find_node (FoyerCtl *self, const char *word, GError **error)
{
  g_autoptr (GPtrArray) nodes = foyer_ctl_list (self, "Node");
  g_autofree FoyerCtlThing *things = g_new0 (FoyerCtlThing, nodes->len);
  guint at = 0;

  if (g_str_has_prefix (word, FOYER_CTL_NODE_PREFIX))
    word += strlen (FOYER_CTL_NODE_PREFIX);
  for (guint i = 0; i < nodes->len; i++) {
    const char *name = foyer_dbus_node_get_name (nodes->pdata[i]);

    things[i] = (FoyerCtlThing){
      .number = foyer_ctl_get_number (foyer_ctl_get_path (nodes->pdata[i])),
      .name = name != NULL ? name : "",
      .identity = name != NULL ? name : "",
    };
  }
  if (!foyer_ctl_match (things, nodes->len, word, "node", &at, error))
    return NULL;
  return g_object_ref (nodes->pdata[at]);
}

gboolean
foyer_ctl_run_unexpose (FoyerCtl *ctl, GError **error)
{
  g_autoptr (FoyerDBusNode) node = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *name = NULL;
  FoyerCtlCall call = { .interface = FOYER_CTL_MANAGER, .method = "Unexpose" };

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  node = foyer_ctl_find_node (ctl, foyer_ctl_line_get_word (ctl->line, 0),
      error);
  if (node == NULL)
    return FALSE;
  name = foyer_print_dup_safe (foyer_dbus_node_get_name (node));
  call.arguments = g_variant_new ("(o)", foyer_ctl_get_path (node));
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  foyer_ctl_say ("%s is no longer exposed", name);
  return TRUE;
}
