/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a camera is, told from what udev knows of its device: never its node.
 *
 *     usb:VVVV:PPPP:SERIAL         a USB camera with a serial number
 *     path:PORT@VVVV:PPPP:SERIAL   one whose number another has too
 *     path:PORT@VVVV:PPPP          one without: where it sits, what it must be
 *     path:PORT                    any other
 *     csi:SENSOR@PLACE             what libcamera makes of a sensor
 *
 * PORT is udev's ID_PATH; PLACE is where the firmware has the sensor, or else the
 * kernel. A device with more than one camera adds the USB
 * interface, "/02", and one whose interface has more than one capture node the
 * node's index, "#2". What another device can't have in those words is taken out.
 * Two with the same serial number, or two of a kind without, are twins. Pure. */

/**
 * FoyerCameraProperties:
 * @vendor: ID_VENDOR_ID, of a USB camera; "" if it is none
 * @model: ID_MODEL_ID
 * @serial: ID_SERIAL_SHORT; "" if it has none
 * @path: ID_PATH
 * @interface: ID_USB_INTERFACE_NUM
 * @bus: what the driver says where it sits (bus_info)
 * @index: which node of its driver it is
 *
 * What udev and the driver say; all but @index borrowed, %NULL for "".
 */
typedef struct
{
  const char *vendor;
  const char *model;
  const char *serial;
  const char *path;
  const char *interface;
  const char *bus;
  guint index;
} FoyerCameraProperties;

/**
 * FoyerCameraIdentity:
 * @own: by what it is, if that can be told; else the same as @place
 * @place: by where it sits
 * @kind: what its twins have too
 */
typedef struct
{
  char *own;
  char *place;
  char *kind;
} FoyerCameraIdentity;

/**
 * foyer_camera_identity_init:
 * @self: (out caller-allocates): its identity
 * @properties: what is known of the device
 *
 * Returns: %FALSE if it sits nowhere, and so is none: nothing to clear then
 */
gboolean foyer_camera_identity_init (FoyerCameraIdentity *self,
    const FoyerCameraProperties *properties) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_camera_identity_init_sensor:
 * @self: (out caller-allocates): its identity
 * @model: which sensor it is, "imx219"
 * @id: what libcamera calls it: where it sits, perhaps with the model behind
 *
 * Returns: %FALSE if it sits nowhere, or in a place too long to be told from others
 */
gboolean foyer_camera_identity_init_sensor (FoyerCameraIdentity *self,
    const char *model, const char *id) G_GNUC_WARN_UNUSED_RESULT;

/* Whether both are the same device at the same place. */
gboolean foyer_camera_identity_equal (const FoyerCameraIdentity *a,
    const FoyerCameraIdentity *b);

void foyer_camera_identity_clear (FoyerCameraIdentity *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCameraIdentity,
    foyer_camera_identity_clear)

G_END_DECLS
