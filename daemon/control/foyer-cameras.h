/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-config.h"
#include "foyer-state.h"

G_BEGIN_DECLS

/* The cameras of this machine: drawn ones from the configuration, and the capture
 * nodes of the kernel. A camera is its identity; its number comes from that, its
 * name is the owner's. Main thread.
 *
 * The identity of a capture node is "path:/dev/videoN" for now, which the kernel
 * gives to whichever camera comes next: it stands in the place of what udev
 * knows of the device and its port. */

/**
 * FoyerCameraEntry:
 * @id: its number, the same after a restart if a rule names it
 * @identity: what it is: "test:NAME", "path:/dev/videoN"
 * @name: what the owner calls it, or what it calls itself
 * @node: its device node; "" for a drawn one
 * @source: where its pictures come from
 * @number: of a drawn one, in its mark; from 1
 */
typedef struct
{
  FoyerCameraId id;
  char *identity;
  char *name;
  char *node;
  FoyerSource source;
  guint16 number;
} FoyerCameraEntry;

/**
 * FoyerCamerasEvents:
 * @added: one more is plugged in
 * @removed: one is gone; the entry is freed afterwards
 * @renamed: the name of one changed
 */
typedef struct
{
  void (*added) (const FoyerCameraEntry *camera, gpointer user_data);
  void (*removed) (const FoyerCameraEntry *camera, gpointer user_data);
  void (*renamed) (const FoyerCameraEntry *camera, gpointer user_data);
} FoyerCamerasEvents;

typedef struct _FoyerCameras FoyerCameras;

/**
 * foyer_cameras_new:
 * @state: (transfer none): numbers and names
 * @config: (transfer none): drawn cameras, and names
 * @folder: (nullable): where capture nodes are, "/dev"; %NULL for none
 *
 * Returns: (transfer full): a registry that knows none yet
 */
FoyerCameras *foyer_cameras_new (FoyerState *state, const FoyerConfig *config,
    const char *folder);

/**
 * foyer_cameras_start:
 * @self: the registry
 * @events: (transfer none): whom to tell of all that are there, now, and from
 *   here on
 * @user_data: for them
 */
void foyer_cameras_start (FoyerCameras *self, const FoyerCamerasEvents *events,
    gpointer user_data);

/* (nullable): the camera of that number; borrowed until it is removed. */
const FoyerCameraEntry *foyer_cameras_find (FoyerCameras *self,
    FoyerCameraId id);

/**
 * foyer_cameras_open:
 * @self: the registry
 * @camera: one of its cameras
 * @error: return location
 *
 * Opens its device, and looks at the opened descriptor whether it is a capture
 * device still. A drawn one has none.
 *
 * Returns: (transfer full): the device; -1 for a drawn one, without an error, or
 *   with a #GIOErrorEnum
 */
int foyer_cameras_open (FoyerCameras *self, const FoyerCameraEntry *camera,
    GError **error);

/**
 * foyer_cameras_set_name:
 * @self: the registry
 * @id: of a camera
 * @name: what to call it
 * @error: return location: %FOYER_ERROR_NOT_FOUND, _INVALID or _FAILED
 *
 * Returns: %TRUE when it is on the disk
 */
gboolean foyer_cameras_set_name (FoyerCameras *self, FoyerCameraId id,
    const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* (transfer full) (nullable) */
void foyer_cameras_free (FoyerCameras *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCameras, foyer_cameras_free)

G_END_DECLS
