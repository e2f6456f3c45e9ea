/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-gate.h"
#include "foyer-link.h"
#include "foyer-tally.h"
#include "foyer-worker.h"

G_BEGIN_DECLS

/* The way of frames through a session's worker: link → gate → whatever sends
 * them. It holds the one gate, open for the one grant, through which every frame
 * goes. When no fresh frame passes for as long as a frame may be old, the slate
 * is shown instead, and the next frame must be a key frame. It says LIVE, STALLED
 * and RESUMED by itself; over HTTP not LIVE, which is when the display plays.
 *
 * Main thread, but for foyer_flow_may_leave(). */

typedef struct _FoyerFlow FoyerFlow;

/**
 * FoyerFlowCallbacks:
 * @send: a frame that passed the gate; whether it was sent
 * @show_slate: in place of frames; %FALSE if that is to be tried again
 * @close_frames: when it has returned, nothing of a frame leaves any more
 * @fail: nothing passes any more, and why: what is at the link's other end broke
 *   the rules, or was not what was granted; or the camera's process left
 * @on_shape: (nullable): what frames look like from here on
 */
typedef struct
{
  gboolean (*send) (const FoyerLinkFrame *frame, gpointer user_data);
  gboolean (*show_slate) (gpointer user_data);
  void (*close_frames) (gpointer user_data);
  void (*fail) (FoyerReason reason, const char *words, gpointer user_data);
  void (*on_shape) (const FoyerShape *shape, gpointer user_data);
} FoyerFlowCallbacks;

/**
 * foyer_flow_read_grant:
 * @config: what the worker was born for
 *
 * Returns: what its gates are opened for, of pictures and of sound
 */
FoyerGrant foyer_flow_read_grant (const FoyerMessage *config);

/**
 * foyer_flow_see:
 * @frame: what came over a link
 *
 * Returns: what a gate sees of it
 */
FoyerGateFrame foyer_flow_see (const FoyerLinkFrame *frame);

/**
 * foyer_flow_is_rogue:
 * @verdict: a gate's
 *
 * Returns: whether whoever is at the other end of the link does what it must not
 */
gboolean foyer_flow_is_rogue (FoyerGateVerdict verdict);

/**
 * foyer_flow_new:
 * @worker: (transfer none): whose flow it is
 * @config: the worker's, with the grant
 * @tally: (transfer none): where frames are told; lives as long as the process
 * @callbacks: copied
 * @user_data: for them
 *
 * Returns: (transfer full): a flow with the gate open, and nothing to flow; it
 *   lives as long as the process
 */
FoyerFlow *foyer_flow_new (FoyerWorker *worker, const FoyerMessage *config,
    FoyerTally *tally, const FoyerFlowCallbacks *callbacks, gpointer user_data);

/* How frames must be coded. */
void foyer_flow_set_codec (FoyerFlow *self, FoyerCodec codec);

/**
 * foyer_flow_take_link:
 * @self: a flow
 * @message: LINK: one of another session, camera or opening is rogue
 * @fd: (transfer full): the link's reading end
 *
 * Once; frames flow from now on.
 */
void foyer_flow_take_link (FoyerFlow *self, const FoyerMessage *message,
    int fd);

/* Told to the camera, once there is a link. */
void foyer_flow_want_key (FoyerFlow *self);
void foyer_flow_set_rate (FoyerFlow *self, guint32 bps);

/* Another slate is there: it is shown if it is time for one. */
void foyer_flow_renew_slate (FoyerFlow *self);

/* Asks the gate again about a part of a frame that has passed. Any thread. */
gboolean foyer_flow_may_leave (FoyerFlow *self, const FoyerGateFrame *frame,
    gint64 now_us);

/* Frames and bytes so far; the rest of it is the sender's to know. */
FoyerAccount foyer_flow_get_account (const FoyerFlow *self);

/* Closes the gate, then what sends, then the link. May be called twice. */
void foyer_flow_close (FoyerFlow *self);

G_END_DECLS
