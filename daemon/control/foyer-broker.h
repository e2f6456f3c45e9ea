/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-peer.h"

G_BEGIN_DECLS

/* The only maker of links: the one place where the frames of a camera are joined
 * to a session. */

/**
 * FoyerLinkGrant:
 * @session: the session
 * @camera: the one camera of its grant
 * @generation: the one opening of it
 * @granted_us: when it was granted, monotonic
 * @shape: what its worker wants; of sound, for a link of that
 */
typedef struct
{
  FoyerSessionId session;
  FoyerCameraId camera;
  guint64 generation;
  gint64 granted_us;
  FoyerShape shape;
} FoyerLinkGrant;

/**
 * foyer_broker_join:
 * @grant: what was granted
 * @camera: the worker that holds the camera
 * @reader: the worker of the session
 * @error: return location
 *
 * Makes a link, and gives its writing end to the camera's worker and its reading
 * end to the session's. Refuses unless the first was born for that very camera
 * and generation, the second for that very session, camera and generation, and,
 * for a link of sound, for sound; and both may be told now. Afterwards foyerd holds neither end. If only one worker
 * could be told, its end is of no use: the other was closed, so nothing will
 * ever come, and the session is to be ended.
 *
 * Returns: %FALSE with a #GIOErrorEnum if they were not joined
 */
gboolean foyer_broker_join (const FoyerLinkGrant *grant, FoyerPeer *camera,
    FoyerPeer *reader, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_broker_join_sound:
 * @grant: what was granted, with the shape of sound
 * @microphone: (transfer none): the camera's microphone, or -1 if it is drawn, or
 *   open already
 * @camera: the worker that holds the camera
 * @reader: the worker of the session
 * @error: return location
 *
 * As foyer_broker_join(). The microphone goes to the camera's worker and nowhere
 * else.
 *
 * Returns: as foyer_broker_join()
 */
gboolean foyer_broker_join_sound (const FoyerLinkGrant *grant, int microphone,
    FoyerPeer *camera, FoyerPeer *reader,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_broker_open_outlet:
 * @config: APP_CONFIG, of a session to a program
 * @worker: the worker of that session, which was told nothing yet
 * @tally: (transfer none): for the worker
 * @error: return location
 *
 * Makes the link from a session's worker, behind its gate, to the program that
 * the session is for, and tells the worker its CONFIG with the writing end.
 * Refuses unless the worker was born for that very session, camera and
 * generation, and for a program.
 *
 * Returns: (transfer full): the reading end, for the program and nobody else; -1
 *   with a #GIOErrorEnum
 */
int foyer_broker_open_outlet (const FoyerMessage *config, FoyerPeer *worker,
    int tally, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
