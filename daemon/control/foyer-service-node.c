/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-options.h"
#include "foyer-service-private.h"
#include "foyer-text.h"

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
take_options (FoyerExpose *wish, GVariant *given, GError **error)
{
  const char *problem = NULL;
  const FoyerOption options[] = {
    { "name", .text = &wish->name },
    { "width", &wish->width_px, LEAST_PX, MOST_PX },
    { "height", &wish->height_px, LEAST_PX, MOST_PX },
    { "fps", &wish->fps, 1, MOST_FPS },
  };

  if (!foyer_options_take (options, G_N_ELEMENTS (options), given, error))
    return FALSE;
  if (wish->width_px % 2 != 0 || wish->height_px % 2 != 0)
    problem = "width and height must be even";
  else if (!foyer_text_is_name (wish->name))
    problem = "a name has 1 to 64 letters that can be printed";
  if (problem == NULL)
    return TRUE;
  g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_INVALID, problem);
  return FALSE;
}

static void
go_expose (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  FoyerCameras *cameras = foyer_house_get_parts (self->house)->cameras;
  g_autoptr (GVariant) options = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
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
  wish.name = entry->name;
  if (!take_options (&wish, options, &error) ||
      !foyer_house_expose (self->house, &wish, &id, &error)) {
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
