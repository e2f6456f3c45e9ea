/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

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

void
foyer_service_camera_added (const FoyerCameraEntry *camera, gpointer user_data)
{
  FoyerService *self = user_data;
  g_autoptr (FoyerDBusCamera) skeleton = foyer_dbus_camera_skeleton_new ();

  fill (self, skeleton, camera);
  g_signal_connect (skeleton, "handle-set-name", G_CALLBACK (on_set_name),
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
