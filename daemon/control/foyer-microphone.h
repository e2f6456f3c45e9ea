/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Which of ALSA's capture devices is the microphone of a camera: the one of the same
 * USB device, or the one that the owner named. Whatever can't be told is none: a
 * microphone is never guessed. All is read from sysfs; nothing is kept, so what is
 * found is what is there at that time. */

#define FOYER_MICROPHONE_NONE "none" /* in place of a name */

/**
 * FoyerMicrophone:
 * @place: where sysfs has it
 * @card: ALSA's number of the card
 * @device: and of its device
 */
typedef struct
{
  char *place;
  guint card;
  guint device;
} FoyerMicrophone;

void foyer_microphone_clear (FoyerMicrophone *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerMicrophone, foyer_microphone_clear)

/* Whether it is FOYER_MICROPHONE_NONE, "hw:CARD=ID" or "hw:CARD=ID,DEV=N". Pure. */
gboolean foyer_microphone_name_is_valid (const char *name);

/**
 * foyer_microphone_find:
 * @sysfs: where sysfs is, "/sys"
 * @camera: (nullable): where it has the camera
 * @name: (nullable): what the owner named; then @camera is not looked at
 * @self: (out caller-allocates): the microphone
 * @error: return location: %G_IO_ERROR_NOT_FOUND if there is none, or more than one
 *
 * Returns: %FALSE with @error, and nothing to clear
 */
gboolean foyer_microphone_find (const char *sysfs, const char *camera,
    const char *name, FoyerMicrophone *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_microphone_open:
 * @self: one that was found
 * @sysfs: where sysfs is
 * @folder: where device nodes are, "/dev"
 * @error: return location: %G_IO_ERROR_BUSY if another program has it
 *
 * Opens it, and asks of the opened descriptor whether it is that very device.
 * Nothing is captured by that.
 *
 * Returns: (transfer full): the device, or -1 with a #GIOErrorEnum
 */
int foyer_microphone_open (const FoyerMicrophone *self, const char *sysfs,
    const char *folder, GError **error);

G_END_DECLS
