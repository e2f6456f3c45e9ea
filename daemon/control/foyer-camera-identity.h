/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a camera is and where it sits, of what udev knows of its node. Pure:
 * never of the node's number, which goes to the next camera. */

#define FOYER_CAMERA_IDENTITY_MAX_BYTES 255

/**
 * FoyerCameraProperties:
 * @get: gives a property of the device's by its name, or %NULL
 * @user_data: handed to it
 */
typedef struct
{
  const char *(*get) (const char *name, gpointer user_data);
  gpointer user_data;
} FoyerCameraProperties;

/**
 * FoyerCameraIdentity:
 * @what: "usb:VENDOR:PRODUCT:SERIAL", or "usb:VENDOR:PRODUCT" without a
 *   serial number, or "other" for what sits at no USB port
 * @where: "port:PATH", the physical path; "" if there is none
 * @is_unique: whether @what alone tells it from another of its kind
 */
typedef struct
{
  char *what;
  char *where;
  gboolean is_unique;
} FoyerCameraIdentity;

/**
 * foyer_camera_identity_init:
 * @self: (out caller-allocates): untouched on failure
 * @properties: (transfer none): of the node
 *
 * Bytes other than letters, digits and "._-:" in what a camera calls itself are
 * written as %XX, so that no two serial numbers become alike.
 *
 * Returns: %FALSE if the properties give neither what it is nor where it sits,
 *   or are no sensible ones
 */
gboolean foyer_camera_identity_init (FoyerCameraIdentity *self,
    const FoyerCameraProperties *properties) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_camera_identity_dup_text:
 *
 * Returns: (transfer full): @what if it is unique, else @what "@" @where
 */
char *foyer_camera_identity_dup_text (const FoyerCameraIdentity *self);

void foyer_camera_identity_clear (FoyerCameraIdentity *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerCameraIdentity,
    foyer_camera_identity_clear)

G_END_DECLS
