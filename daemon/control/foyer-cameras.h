/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-config.h"
#include "foyer-plugs.h"
#include "foyer-state.h"

G_BEGIN_DECLS

/* The cameras of this machine: drawn ones from the configuration, the capture devices
 * of the kernel, and what libcamera makes of sensors. A camera is its identity; its number comes from that, its
 * name is the owner's. Main thread.
 *
 * Twins, two that have the same serial number or two of a kind without, can't be
 * told apart: each has the identity of its place and both are ambiguous, until
 * the owner gives a name to that identity. What was seen to have a twin is not
 * trusted when the twin is gone. */

/**
 * FoyerCameraEntry:
 * @id: its number, the same after a restart if a rule names it
 * @identity: what it is: "test:NAME", or as in foyer-camera-identity.h
 * @name: what the owner calls it, or what it calls itself
 * @node: its device node; "" for a drawn one
 * @source: where its pictures come from
 * @number: of a drawn one, in its mark; from 1
 * @is_ambiguous: it can't be told from another one
 * @problem: (nullable): why it gives no pictures, as far as that is known
 * @device: (nullable): its device; borrowed, for the registry alone
 */
typedef struct
{
  FoyerCameraId id;
  char *identity;
  char *name;
  char *node;
  FoyerSource source;
  guint16 number;
  gboolean is_ambiguous;
  char *problem;
  const FoyerPlug *device;
} FoyerCameraEntry;

/**
 * FoyerCamerasEvents:
 * @added: one more is plugged in
 * @removed: one is gone; the entry is freed afterwards
 * @changed: its name did, or whether it is ambiguous, or its problem
 */
typedef struct
{
  void (*added) (const FoyerCameraEntry *camera, gpointer user_data);
  void (*removed) (const FoyerCameraEntry *camera, gpointer user_data);
  void (*changed) (const FoyerCameraEntry *camera, gpointer user_data);
} FoyerCamerasEvents;

typedef struct _FoyerCameras FoyerCameras;

/**
 * foyer_cameras_new:
 * @state: (transfer none): numbers and names
 * @config: (transfer none): drawn cameras, and names
 * @folder: (nullable): where device nodes are, "/dev"; %NULL for none
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

/* (nullable): where device nodes are */
const char *foyer_cameras_get_folder (const FoyerCameras *self);

/* (nullable): the camera of that number; borrowed until it is removed. */
const FoyerCameraEntry *foyer_cameras_find (FoyerCameras *self,
    FoyerCameraId id);

/**
 * foyer_cameras_get_profile:
 * @self: the registry
 * @camera: one of its cameras
 *
 * Returns: (transfer none): the most that it is opened with, as its owner has it
 */
const FoyerConfigProfile *foyer_cameras_get_profile (const FoyerCameras *self,
    const FoyerCameraEntry *camera);

/**
 * foyer_cameras_open:
 * @self: the registry
 * @camera: one of its cameras
 * @error: return location
 *
 * Opens its device, and asks of the opened descriptor whether it is that camera
 * still. A drawn one has none.
 *
 * Returns: (transfer full): the device; -1 for a drawn one, without an error, or
 *   with a #GIOErrorEnum
 */
int foyer_cameras_open (FoyerCameras *self, const FoyerCameraEntry *camera,
    GError **error);

/**
 * foyer_cameras_open_microphone:
 * @self: the registry
 * @camera: one of its cameras
 * @error: return location: %G_IO_ERROR_BUSY if somebody has it
 *
 * Finds the microphone that belongs to it, now, and opens that. A drawn camera
 * has none that could be opened.
 *
 * Returns: (transfer full): the device; -1 for a drawn one, without an error, or
 *   with a #GIOErrorEnum
 */
int foyer_cameras_open_microphone (FoyerCameras *self,
    const FoyerCameraEntry *camera, GError **error);

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

/**
 * foyer_cameras_keep_control:
 * @self: the registry
 * @id: of a camera
 * @name: of a control that was set
 * @value: to what
 * @error: return location: of #FOYER_ERROR
 *
 * It is set again each time the camera is opened.
 *
 * Returns: %TRUE when it is on the disk
 */
gboolean foyer_cameras_keep_control (FoyerCameras *self, FoyerCameraId id,
    const char *name, gint32 value, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Sets what is kept of it, on a thread; @device: (transfer none): its. */
void foyer_cameras_restore_controls (FoyerCameras *self,
    const FoyerCameraEntry *camera, int device);

/* Why it gives no pictures, in words of its worker, escaped here; %NULL once it
 * does. */
void foyer_cameras_set_problem (FoyerCameras *self, FoyerCameraId id,
    const char *problem);

/**
 * foyer_cameras_plug:
 * @self: the registry
 * @device: (transfer full): a device that is there
 *
 * What foyer_cameras_start() does with each device it is told of; who has
 * foyer-sensors.h does it with each sensor. What had its node or its place before
 * is gone, unless it is the same.
 */
void foyer_cameras_plug (FoyerCameras *self, FoyerPlug *device);

/**
 * foyer_cameras_find_gone:
 * @self: the registry
 * @id: of a camera
 *
 * Looks whether its device is there still, without waiting for udev's word.
 *
 * Returns: %TRUE if it is not: it was unplugged from here as well
 */
gboolean foyer_cameras_find_gone (FoyerCameras *self, FoyerCameraId id);

/* What has that place in sysfs is gone. */
void foyer_cameras_unplug (FoyerCameras *self, const char *place);

/* (transfer full) (nullable) */
void foyer_cameras_free (FoyerCameras *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCameras, foyer_cameras_free)

G_END_DECLS
