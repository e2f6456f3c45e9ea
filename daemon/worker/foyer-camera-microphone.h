/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-pcm.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* The microphone of a camera, in a pipeline of its own: what becomes of it never
 * touches the pictures. It is open while a session has a link of its sound, and at
 * no other time; each codec is made once, however many sessions have it. Sound has
 * the camera's tag and numbers of its own. Main thread. */

typedef struct _FoyerCameraMicrophone FoyerCameraMicrophone;

/**
 * FoyerMicrophoneLost:
 * @words: why
 * @user_data: whatever
 *
 * It gives nothing any more: its links have ended and it is closed. Another link
 * opens it anew.
 */
typedef void (*FoyerMicrophoneLost) (const char *words, gpointer user_data);

/**
 * foyer_camera_microphone_load:
 * @source: where pictures come from
 *
 * Loads what is needed, before the process is locked in.
 *
 * Returns: %FALSE if this machine can't: such a camera has no microphone
 */
gboolean foyer_camera_microphone_load (FoyerSource source);

/**
 * foyer_camera_microphone_new:
 * @config: (transfer none): the camera's; lives longer
 * @is_loaded: of foyer_camera_microphone_load()
 * @lost: told of its end, but for that by foyer_camera_microphone_remove(); never
 *   before foyer_camera_microphone_add() returned
 * @user_data: for it
 *
 * Returns: (transfer full): a microphone that is closed
 */
FoyerCameraMicrophone *foyer_camera_microphone_new (const FoyerMessage *config,
    gboolean is_loaded, FoyerMicrophoneLost lost, gpointer user_data);

/**
 * foyer_camera_microphone_add:
 * @self: a microphone
 * @message: SOUND_LINK: of which session, since when, how it is to be coded
 * @fd: (transfer full): the link's writing end
 * @own_device: (transfer full): the microphone's device, or -1; of no use to a drawn
 *   one, nor while it is open
 *
 * Opens it if it is closed. Nothing that was captured before the grant goes over
 * the link.
 */
void foyer_camera_microphone_add (FoyerCameraMicrophone *self,
    const FoyerMessage *message, int fd, int own_device);

/* For tests: devices are asked as this one is; its descriptor does not count. */
void foyer_camera_microphone_set_device (FoyerCameraMicrophone *self,
    const FoyerPcm *device);

/* The link of that session, if it has one, was wiped and closed when this returns;
 * with the last one the microphone is closed. */
void foyer_camera_microphone_remove (FoyerCameraMicrophone *self,
    FoyerSessionId session);

/* Whether it is open. */
gboolean foyer_camera_microphone_is_open (const FoyerCameraMicrophone *self);

/* (transfer full) (nullable): closes it first */
void foyer_camera_microphone_free (FoyerCameraMicrophone *self);

G_END_DECLS
