/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-link.h"
#include "foyer-reason.h"

G_BEGIN_DECLS

/* The way of sound through a session's worker: a link of its own, a gate of its
 * own, opened for the session's one grant and deciding as that of pictures does,
 * and whatever sends it. Without a link nothing ever comes. Where sound stays away
 * nothing is heard in its place, and pictures go on. Main thread. */

typedef struct _FoyerSoundFlow FoyerSoundFlow;

/**
 * FoyerSoundCallbacks:
 * @send: a packet that passed the gate
 * @fail: what is at the link's other end broke the rules, or was not what was
 *   granted; nothing passes any more
 */
typedef struct
{
  void (*send) (const FoyerLinkFrame *packet, gpointer user_data);
  void (*fail) (FoyerReason reason, const char *words, gpointer user_data);
} FoyerSoundCallbacks;

/**
 * foyer_sound_flow_new:
 * @config: the worker's, with the grant: one without sound makes a gate that is
 *   never opened
 * @codec: how packets must be coded
 * @callbacks: copied
 * @user_data: for them
 *
 * Returns: (transfer full): a flow without a link; it lives as long as the process
 */
FoyerSoundFlow *foyer_sound_flow_new (const FoyerMessage *config,
    FoyerCodec codec, const FoyerSoundCallbacks *callbacks, gpointer user_data);

/**
 * foyer_sound_flow_take_link:
 * @self: a flow
 * @message: SOUND_LINK: one of another session, camera or opening is rogue, and so
 *   is any where none was granted
 * @fd: (transfer full): the link's reading end
 *
 * Once; sound flows from now on.
 */
void foyer_sound_flow_take_link (FoyerSoundFlow *self,
    const FoyerMessage *message, int fd);

/* Closes the gate, then the link. May be called twice. What was sent before and
 * has not left yet is the sender's to stop. */
void foyer_sound_flow_close (FoyerSoundFlow *self);

G_END_DECLS
