/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-service-private.h"

#define KIND "node"
#define NAME FOYER_SERVICE_NAME ".Node"

/* Of Expose's options; org.foyer.Foyer1.Manager.xml. */
#define DEFAULT_WIDTH_PX  1280
#define DEFAULT_HEIGHT_PX 720
#define DEFAULT_FPS       30
#define LEAST_PX          16
#define MOST_PX           4096
#define MOST_FPS          60

static void
fill (FoyerDBusNode *skeleton, const FoyerNodeView *view)
{
  g_autofree char *session = view->session.v != 0
      ? foyer_service_make_path ("session", view->session.v)
      : g_strdup ("/");

  foyer_dbus_node_set_device (skeleton, view->path);
  foyer_dbus_node_set_state (skeleton, view->state);
  foyer_dbus_node_set_problem (skeleton, view->problem);
  foyer_dbus_node_set_session (skeleton, session);
  foyer_dbus_node_set_readers (skeleton, view->is_read);
}

void
foyer_service_node_added (const FoyerNodeView *view, gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusNode) skeleton = foyer_dbus_node_skeleton_new ();
  g_autofree char *camera = foyer_service_make_path ("camera", view->camera.v);

  foyer_dbus_node_set_name (skeleton, view->name);
  foyer_dbus_node_set_camera (skeleton, camera);
  foyer_dbus_node_set_label (skeleton, view->label);
  foyer_dbus_node_set_user (skeleton, view->uid);
  foyer_dbus_node_set_width (skeleton, view->width_px);
  foyer_dbus_node_set_height (skeleton, view->height_px);
  foyer_dbus_node_set_fps (skeleton, view->fps);
  fill (skeleton, view);
  foyer_service_export (self, KIND, view->id.v, skeleton);
}

void
foyer_service_node_changed (const FoyerNodeView *view, gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusNode) skeleton = foyer_service_get (self, KIND,
      view->id.v, NAME);

  if (skeleton != NULL)
    fill (skeleton, view);
}

void
foyer_service_node_removed (FoyerTargetId id, gpointer user_data)
{
  foyer_service_unexport (user_data, KIND, id.v);
}

/* methods of the manager */

static gboolean
take_side (GVariant *value, guint32 least, guint32 most, guint32 *out)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    return FALSE;
  *out = g_variant_get_uint32 (value);
  return *out >= least && *out <= most;
}

static gboolean
take_option (FoyerExpose *wish, char **name, const char *key, GVariant *value,
    GError **error)
{
  g_autofree char *escaped = foyer_text_escape (key);
  gboolean is_taken = FALSE;

  if (g_str_equal (key, "width")) {
    is_taken = take_side (value, LEAST_PX, MOST_PX, &wish->width_px) &&
        wish->width_px % 2 == 0;
  } else if (g_str_equal (key, "height")) {
    is_taken = take_side (value, LEAST_PX, MOST_PX, &wish->height_px) &&
        wish->height_px % 2 == 0;
  } else if (g_str_equal (key, "fps")) {
    is_taken = take_side (value, 1, MOST_FPS, &wish->fps);
  } else if (g_str_equal (key, "name") &&
      g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)) {
    g_free (*name);
    *name = g_variant_dup_string (value, NULL);
    is_taken = foyer_text_is_name (*name);
  }
  if (!is_taken)
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "there is no option %s, or not with that value", escaped);
  return is_taken;
}

static gboolean
take_options (FoyerExpose *wish, char **name, GVariant *options, GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value)) {
    gboolean is_taken = take_option (wish, name, key, value, error);

    g_variant_unref (value);
    if (!is_taken)
      return FALSE;
  }
  return TRUE;
}

static void
go_expose (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  FoyerCameras *cameras = foyer_house_get_parts (self->house)->cameras;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  const FoyerCameraEntry *entry;
  const char *camera;
  FoyerTargetId id;
  FoyerExpose wish = {
    .subject = call->subject,
    .width_px = DEFAULT_WIDTH_PX,
    .height_px = DEFAULT_HEIGHT_PX,
    .fps = DEFAULT_FPS,
  };

  g_variant_get (call->parameters, "(&o@a{sv})", &camera, &options);
  wish.camera.v = foyer_service_parse_path ("camera", camera);
  entry = foyer_cameras_find (cameras, wish.camera);
  if (entry == NULL) {
    foyer_call_refuse (call, FOYER_ERROR_NOT_FOUND, "there is no such camera");
    return;
  }
  name = g_strdup (entry->name);
  if (!take_options (&wish, &name, options, &error)) {
    foyer_call_fail (call, g_steal_pointer (&error));
    return;
  }
  wish.name = name;
  if (!foyer_house_expose (self->house, &wish, &id, &error)) {
    foyer_call_fail (call, g_steal_pointer (&error));
    return;
  }
  path = foyer_service_make_path (KIND, id.v);
  foyer_call_reply (call, g_variant_new ("(o)", path));
}

static gboolean
on_expose (FoyerDBusManager *manager, GDBusMethodInvocation *invocation,
    const char *camera, GVariant *options, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_expose, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static FoyerTargetId
get_node (FoyerCall *call)
{
  const char *path;

  g_variant_get (call->parameters, "(&o)", &path);
  return (FoyerTargetId){ foyer_service_parse_path (KIND, path) };
}

static void
do_unexpose (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  g_autoptr (GError) error = NULL;

  if (!foyer_house_unexpose (self->house, call->subject.uid, get_node (call),
          foyer_service_reply_silent, call, &error))
    foyer_call_fail (call, g_steal_pointer (&error));
}

static void
go_unexpose (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  FoyerNodeView view;

  if (foyer_house_view_node (self->house, get_node (call), &view) &&
      view.uid == call->subject.uid)
    do_unexpose (call);
  else
    foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_unexpose);
}

static gboolean
on_unexpose (FoyerDBusManager *manager, GDBusMethodInvocation *invocation,
    const char *node, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, 0, go_unexpose, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
foyer_service_connect_nodes (FoyerService *self)
{
  g_signal_connect (self->of_house, "handle-expose", G_CALLBACK (on_expose),
      self);
  g_signal_connect (self->of_house, "handle-unexpose", G_CALLBACK (on_unexpose),
      self);
}
