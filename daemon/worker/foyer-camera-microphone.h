/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-pcm.h"

#include <gst/gst.h>

G_BEGIN_DECLS

/* The microphone of a camera, in a pipeline of its own: what becomes of it never
 * touches the pictures. It is open while a session has a link of its sound, and at
 * no other time; each codec is made once, however many sessions have it. Sound has
 * the camera's tag and numbers of its own. A microphone may be lost and another
 * opened in its place: links and numbers go on. Main thread. */

typedef struct _FoyerCameraMicrophone FoyerCameraMicrophone;

/**
 * FoyerMicrophoneTold:
 * @type: FOYER_MESSAGE_SOUND_HEARD: it gives sound, or does so again;
 *   FOYER_MESSAGE_SOUND_MUTED: it gives nothing but zeros;
 *   FOYER_MESSAGE_SOUND_LOST: it gives nothing any more and is closed; its links are
 *   there
 * @words: why it is lost; "" for no device; "" of the others
 * @user_data: whatever
 */
typedef void (*FoyerMicrophoneTold) (FoyerMessageType type, const char *words,
    gpointer user_data);

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
 * @told: told what becomes of it, but for its end by
 *   foyer_camera_microphone_remove(); never before the call that made it so returned
 * @user_data: for it
 *
 * Returns: (transfer full): a microphone that is closed
 */
FoyerCameraMicrophone *foyer_camera_microphone_new (const FoyerMessage *config,
    gboolean is_loaded, FoyerMicrophoneTold told, gpointer user_data);

/**
 * foyer_camera_microphone_add:
 * @self: a microphone
 * @message: SOUND_LINK: of which session, since when, how it is to be coded
 * @fd: (transfer full): the link's writing end
 * @own_device: (transfer full): the microphone's device, or -1; of no use to a drawn
 *   one, nor while it is open
 *
 * Opens it if it is closed. Nothing that was captured before the grant goes over
 * the link, which is there as long as its session, whether or not there is anything
 * to be heard.
 */
void foyer_camera_microphone_add (FoyerCameraMicrophone *self,
    const FoyerMessage *message, int fd, int own_device);

/* (transfer full): the microphone's device, or -1 for a drawn one: opens it for the
 * links that there are, unless it is open or there are none */
void foyer_camera_microphone_open (FoyerCameraMicrophone *self, int own_device);

/* For tests: devices are asked as this one is, its descriptor does not count; and
 * for how long zeros may come. */
void foyer_camera_microphone_set_device (FoyerCameraMicrophone *self,
    const FoyerPcm *device, guint most_zeros_ms);

/* The link of that session, if it has one, was wiped and closed when this returns;
 * with the last one the microphone is closed. */
void foyer_camera_microphone_remove (FoyerCameraMicrophone *self,
    FoyerSessionId session);

/* Whether it is open. */
gboolean foyer_camera_microphone_is_open (const FoyerCameraMicrophone *self);

/* (transfer full) (nullable): closes it first */
void foyer_camera_microphone_free (FoyerCameraMicrophone *self);

G_END_DECLS
