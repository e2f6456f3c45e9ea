/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-node.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-verbs.h"

static GVariant *
make_options (FoyerCtl *ctl, GError **error)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  const char *name = foyer_ctl_line_get (ctl->line, "name");
  const char *size = foyer_ctl_line_get (ctl->line, "size");
  const char *fps = foyer_ctl_line_get (ctl->line, "fps");
  guint width_px, height_px;
  guint32 rate = 0;

  if (name != NULL)
    g_variant_dict_insert (&options, "name", "s", name);
  if (size != NULL) {
    if (!foyer_ctl_parse_size (size, &width_px, &height_px, error))
      return NULL;
    g_variant_dict_insert (&options, "width", "u", width_px);
    g_variant_dict_insert (&options, "height", "u", height_px);
  }
  if (fps != NULL) {
    if (!foyer_ctl_parse_count (fps, "fps", &rate, error))
      return NULL;
    g_variant_dict_insert (&options, "fps", "u", rate);
  }
  return g_variant_ref_sink (g_variant_dict_end (&options));
}

static void
tell (FoyerCtl *ctl, const char *path, const char *camera)
{
  g_autoptr (FoyerDBusNode) node = NULL;
  g_autofree char *name = NULL;
  g_autofree char *safe = foyer_print_dup_safe (camera);
  const char *label = "";

  node = foyer_dbus_node_proxy_new_sync (ctl->connection,
      G_DBUS_PROXY_FLAGS_NONE, FOYER_CTL_BUS_NAME, path, NULL, NULL);
  if (node != NULL && foyer_dbus_node_get_label (node) != NULL)
    label = foyer_dbus_node_get_label (node);
  name = foyer_print_dup_safe (label);
  if (foyer_ctl_line_has (ctl->line, "json")) {
    g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

    foyer_ctl_json_add_number (json, "node", foyer_ctl_get_number (path));
    foyer_ctl_json_add_string (json, "label", label);
    foyer_ctl_json_print (json, FALSE);
    return;
  }
  foyer_ctl_say ("node %" G_GUINT64_FORMAT
                 ": %s is exposed; programs call it \"%s\"",
      foyer_ctl_get_number (path), safe, name);
}

gboolean
foyer_ctl_run_expose (FoyerCtl *ctl, GError **error)
{
  g_autoptr (FoyerDBusCamera) camera = NULL;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GVariant) reply = NULL;
  FoyerCtlThing thing;
  const char *path;
  FoyerCtlCall call = { .interface = FOYER_CTL_MANAGER,
    .method = "Expose",
    .reply = "(o)" };

  if (!foyer_ctl_enter (ctl, error))
    return FALSE;
  camera = foyer_ctl_find_camera (ctl, foyer_ctl_line_get_word (ctl->line, 0),
      error);
  if (camera == NULL)
    return FALSE;
  options = make_options (ctl, error);
  if (options == NULL)
    return FALSE;
  thing = foyer_ctl_get_camera_thing (camera);
  call.camera = &thing;
  call.arguments = g_variant_new ("(o@a{sv})", foyer_ctl_get_path (camera),
      options);
  reply = foyer_ctl_call (ctl, &call, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(&o)", &path);
  tell (ctl, path, thing.name);
  return TRUE;
}
