/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-house-private.h"

#include <string.h>

/* Told again, it says whether the camera is ambiguous now. */
static void
post_camera (FoyerHouse *self, const FoyerCameraEntry *camera)
{
  const FoyerEvent event = {
    .kind = FOYER_EVENT_CAMERA_ADDED,
    .camera = camera->id,
    .is_on = camera->is_ambiguous,
  };

  foyer_house_post (self, &event);
}

static void
on_camera_added (const FoyerCameraEntry *camera, gpointer user_data)
{
  FoyerHouse *self = user_data;

  post_camera (self, camera);
  self->events->camera_added (camera, self->user_data);
  foyer_house_consider_nodes (self);
}

static void
on_camera_removed (const FoyerCameraEntry *camera, gpointer user_data)
{
  FoyerHouse *self = user_data;
  const FoyerEvent event = {
    .kind = FOYER_EVENT_CAMERA_REMOVED,
    .camera = camera->id,
  };

  foyer_house_post (self, &event);
  self->events->camera_removed (camera, self->user_data);
}

static void
on_camera_changed (const FoyerCameraEntry *camera, gpointer user_data)
{
  FoyerHouse *self = user_data;

  post_camera (self, camera);
  self->events->camera_changed (camera, self->user_data);
}

void
foyer_house_tell_camera (FoyerHouse *self, FoyerCameraId id)
{
  const FoyerCameraEntry *camera = foyer_cameras_find (self->parts.cameras, id);

  if (camera != NULL && self->events != NULL)
    self->events->camera_changed (camera, self->user_data);
}

/* Only what can show a picture is a target. */
static void
post_display (FoyerHouse *self, const FoyerDisplayEntry *display,
    FoyerEventKind kind)
{
  FoyerEvent event = {
    .kind = kind,
    .target = { .kind = FOYER_TARGET_DISPLAY,
        .id = display->id,
        .trust = display->trust,
        .is_paired = display->is_paired },
  };

  memcpy (event.target.key, display->key, sizeof event.target.key);
  if (display->kind == FOYER_DISPLAY_VIDEO ||
      kind == FOYER_EVENT_TARGET_REMOVED)
    foyer_house_post (self, &event);
}

static void
on_display_added (const FoyerDisplayEntry *display, gpointer user_data)
{
  FoyerHouse *self = user_data;

  post_display (self, display, FOYER_EVENT_TARGET_ADDED);
  self->events->display_added (display, self->user_data);
  foyer_house_clean_leftovers (self, display);
}

static void
on_display_changed (const FoyerDisplayEntry *display, gpointer user_data)
{
  FoyerHouse *self = user_data;

  post_display (self, display, FOYER_EVENT_TARGET_ADDED);
  self->events->display_changed (display, self->user_data);
  foyer_house_clean_leftovers (self, display);
}

static void
on_display_removed (const FoyerDisplayEntry *display, gpointer user_data)
{
  FoyerHouse *self = user_data;

  post_display (self, display, FOYER_EVENT_TARGET_REMOVED);
  self->events->display_removed (display, self->user_data);
}

static void
on_display_problem (const char *words, gpointer user_data)
{
  FoyerHouse *self = user_data;

  g_free (self->display_problem);
  self->display_problem = g_strdup (words);
  self->events->house_changed (self->user_data);
}

static void
on_sensor (FoyerPlug *device, gpointer user_data)
{
  FoyerHouse *self = user_data;

  foyer_cameras_plug (self->parts.cameras, device);
}

static void
on_sensor_gone (const char *place, gpointer user_data)
{
  FoyerHouse *self = user_data;

  foyer_cameras_unplug (self->parts.cameras, place);
}

static void
start_sensors (FoyerHouse *self)
{
  static const FoyerPlugsEvents of_sensors = {
    .plugged = on_sensor,
    .unplugged = on_sensor_gone,
  };
  const char *folder = foyer_cameras_get_folder (self->parts.cameras);

  if (folder != NULL)
    self->sensors = foyer_sensors_new (self->parts.launcher, folder,
        &of_sensors, self);
}

void
foyer_house_start_registries (FoyerHouse *self, GDBusConnection *bus)
{
  static const FoyerCamerasEvents of_cameras = {
    .added = on_camera_added,
    .removed = on_camera_removed,
    .changed = on_camera_changed,
  };
  static const FoyerDisplaysEvents of_displays = {
    .added = on_display_added,
    .changed = on_display_changed,
    .removed = on_display_removed,
    .problem = on_display_problem,
  };

  foyer_cameras_start (self->parts.cameras, &of_cameras, self);
  start_sensors (self);
  foyer_displays_start (self->parts.displays, bus, &of_displays, self);
}
