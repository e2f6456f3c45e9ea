/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-controls.h"
#include "foyer-error.h"
#include "foyer-service-private.h"

#define KIND "camera"
#define NAME FOYER_SERVICE_NAME ".Camera"

static const char *
get_state (const FoyerCamera *camera)
{
  if (camera == NULL)
    return "closed";
  if (camera->is_ambiguous)
    return "ambiguous";
  switch (camera->state) {
    case FOYER_CAMERA_GONE:
    case FOYER_CAMERA_CLOSED:
      return "closed";
    case FOYER_CAMERA_OPENING:
      return "opening";
    case FOYER_CAMERA_OPEN:
      return "open";
  }
  return "closed";
}

static void
fill (FoyerService *self, FoyerDBusCamera *skeleton,
    const FoyerCameraEntry *camera)
{
  const FoyerCamera *state =
      foyer_core_find_camera (foyer_house_get_core (self->house), camera->id);

  foyer_dbus_camera_set_name (skeleton, camera->name);
  foyer_dbus_camera_set_identity (skeleton, camera->identity);
  foyer_dbus_camera_set_node (skeleton, camera->node);
  foyer_dbus_camera_set_problem (skeleton,
      camera->problem != NULL ? camera->problem : "");
  foyer_dbus_camera_set_state (skeleton, get_state (state));
  foyer_dbus_camera_set_generation (skeleton,
      state != NULL ? state->generation : 0);
}

static void
do_set_name (FoyerCall *call)
{
  FoyerService *self = call->user_data;
  g_autoptr (GError) error = NULL;
  const char *name;

  g_variant_get (call->parameters, "(&s)", &name);
  if (foyer_cameras_set_name (foyer_house_get_parts (self->house)->cameras,
          (FoyerCameraId){ call->object }, name, &error))
    foyer_call_reply (call, NULL);
  else
    foyer_call_fail (call, g_steal_pointer (&error));
}

static void
go_set_name (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_set_name);
}

static gboolean
on_set_name (FoyerDBusCamera *camera, GDBusMethodInvocation *invocation,
    const char *name, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (camera),
      go_set_name, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

/* controls */

static FoyerCameras *
get_cameras (FoyerService *self)
{
  return foyer_house_get_parts (self->house)->cameras;
}

/* -1 if the call was refused. */
static int
open_camera (FoyerCall *call, const FoyerCameraEntry **camera)
{
  FoyerCameras *cameras = get_cameras (call->user_data);
  g_autoptr (GError) error = NULL;
  int fd;

  *camera = foyer_cameras_find (cameras, (FoyerCameraId){ call->object });
  if (*camera == NULL || (*camera)->source != FOYER_SOURCE_V4L2) {
    foyer_call_refuse (call, FOYER_ERROR_NOT_FOUND,
        *camera == NULL
            ? "that camera was unplugged: run foyerctl cameras to see which are "
              "there"
            : "that camera is drawn and has no controls: run foyerctl cameras to "
              "see which are real");
    return -1;
  }
  fd = foyer_cameras_open (cameras, *camera, &error);
  if (fd < 0)
    foyer_call_refuse (call, FOYER_ERROR_FAILED, error->message);
  return fd;
}

static const char *
get_kind (guint32 kind)
{
  switch (kind) {
    case V4L2_CTRL_TYPE_BOOLEAN:
      return "boolean";
    case V4L2_CTRL_TYPE_MENU:
    case V4L2_CTRL_TYPE_INTEGER_MENU:
      return "menu";
    case V4L2_CTRL_TYPE_BUTTON:
      return "button";
    default:
      return "integer";
  }
}

static GVariant *
describe_control (const FoyerV4l2Control *control)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "name",
      g_variant_new_string (control->name));
  g_variant_builder_add (&builder, "{sv}", "kind",
      g_variant_new_string (get_kind (control->kind)));
  g_variant_builder_add (&builder, "{sv}", "min",
      g_variant_new_int32 (control->min));
  g_variant_builder_add (&builder, "{sv}", "max",
      g_variant_new_int32 (control->max));
  g_variant_builder_add (&builder, "{sv}", "step",
      g_variant_new_int32 (control->step));
  g_variant_builder_add (&builder, "{sv}", "default",
      g_variant_new_int32 (control->standard));
  g_variant_builder_add (&builder, "{sv}", "value",
      g_variant_new_int32 (control->value));
  g_variant_builder_add (&builder, "{sv}", "fixed",
      g_variant_new_boolean (control->is_fixed));
  if (control->choices != NULL)
    g_variant_builder_add (&builder, "{sv}", "choices",
        g_variant_new_strv ((const char *const *) control->choices->pdata,
            control->choices->len));
  return g_variant_builder_end (&builder);
}

/* A call that was given up is freed already. */
static gboolean
is_given_up (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What a camera says is no error of ours. */
static void
fail_as_said (FoyerCall *call, GError *error)
{
  g_autoptr (GError) owned = error;

  if (error->domain == FOYER_ERROR)
    foyer_call_fail (call, g_steal_pointer (&owned));
  else
    foyer_call_refuse (call, FOYER_ERROR_FAILED, error->message);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) controls = foyer_controls_list_finish (result, &error);
  FoyerCall *call = user_data;
  GVariantBuilder builder;

  if (is_given_up (error))
    return;
  if (controls == NULL) {
    fail_as_said (call, g_steal_pointer (&error));
    return;
  }
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < controls->len; i++)
    g_variant_builder_add_value (&builder,
        describe_control (&g_array_index (controls, FoyerV4l2Control, i)));
  foyer_call_reply (call, g_variant_new ("(aa{sv})", &builder));
}

static void
go_list_controls (FoyerCall *call)
{
  const FoyerCameraEntry *camera;
  int fd = open_camera (call, &camera);

  if (fd >= 0)
    foyer_controls_list_async (fd, call->cancellable, on_listed, call);
}

static gboolean
on_list_controls (FoyerDBusCamera *camera, GDBusMethodInvocation *invocation,
    gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (camera),
      go_list_controls, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

static void
on_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean is_set = foyer_controls_set_finish (result, &error);
  FoyerCall *call = user_data;
  FoyerService *self;
  const char *name;
  gint32 value;

  if (is_given_up (error))
    return;
  self = call->user_data;
  g_variant_get (call->parameters, "(&si)", &name, &value);
  if (!is_set)
    fail_as_said (call, g_steal_pointer (&error));
  else if (foyer_cameras_keep_control (get_cameras (self),
               (FoyerCameraId){ call->object }, name, value, &error))
    foyer_call_reply (call, NULL);
  else
    foyer_call_fail (call, g_steal_pointer (&error));
}

static void
do_set_control (FoyerCall *call)
{
  const FoyerCameraEntry *camera;
  g_autofree char *line = NULL;
  const char *name;
  gint32 value;
  int fd;

  g_variant_get (call->parameters, "(&si)", &name, &value);
  line = foyer_controls_dup_with (NULL, name, value);
  if (line == NULL) {
    foyer_call_refuse (call, FOYER_ERROR_INVALID,
        "a control's name has small letters, digits and \"-\"");
    return;
  }
  fd = open_camera (call, &camera);
  if (fd >= 0)
    foyer_controls_set_async (fd, line, TRUE, call->cancellable, on_set, call);
}

static void
go_set_control (FoyerCall *call)
{
  foyer_call_authorize (call, FOYER_AUTH_MANAGE, TRUE, do_set_control);
}

static gboolean
on_set_control (FoyerDBusCamera *camera, GDBusMethodInvocation *invocation,
    const char *name, int value, gpointer user_data)
{
  FoyerService *self = user_data;

  foyer_call_begin (self->calls, invocation, foyer_service_get_number (camera),
      go_set_control, self);
  return G_DBUS_METHOD_INVOCATION_HANDLED;
}

void
foyer_service_camera_added (const FoyerCameraEntry *camera, gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusCamera) skeleton = foyer_dbus_camera_skeleton_new ();

  fill (self, skeleton, camera);
  g_signal_connect (skeleton, "handle-set-name", G_CALLBACK (on_set_name),
      self);
  g_signal_connect (skeleton, "handle-list-controls",
      G_CALLBACK (on_list_controls), self);
  g_signal_connect (skeleton, "handle-set-control", G_CALLBACK (on_set_control),
      self);
  foyer_service_export (self, KIND, camera->id.v, skeleton);
}

void
foyer_service_camera_changed (const FoyerCameraEntry *camera,
    gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusCamera) skeleton = foyer_service_get (self, KIND,
      camera->id.v, NAME);

  if (skeleton != NULL)
    fill (self, skeleton, camera);
}

void
foyer_service_camera_removed (const FoyerCameraEntry *camera,
    gpointer user_data)
{
  foyer_service_unexport (user_data, KIND, camera->id.v);
}
