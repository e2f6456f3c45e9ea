/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-cast-session.h"
#include "foyer-channel.h"

G_BEGIN_DECLS

/* The way of frames through a cast worker: link → gate → session. It holds the
 * one gate, open for the one grant, through which every frame goes, and which is
 * asked again of every datagram. When no fresh frame passes for as long as a
 * frame may be old, the slate is shown instead, and the next frame must be a key
 * frame.
 *
 * Main thread, but for the guard. */

typedef struct _FoyerCastFlow FoyerCastFlow;

/**
 * FoyerCastFlowCallbacks:
 * @on_live: the first frame was sent
 * @on_stalled: no fresh frame: the slate is shown
 * @on_resumed: a frame was sent again
 * @on_rogue: what is at the link's other end broke the rules, or was not what was
 *   granted; nothing passes any more
 * @on_link_gone: the camera's process left
 */
typedef struct
{
  void (*on_live) (gpointer user_data);
  void (*on_stalled) (gpointer user_data);
  void (*on_resumed) (gpointer user_data);
  void (*on_rogue) (const char *words, gpointer user_data);
  void (*on_link_gone) (gpointer user_data);
} FoyerCastFlowCallbacks;

/**
 * foyer_cast_flow_new:
 * @config: the worker's, with the grant
 * @callbacks: copied
 * @user_data: for them
 *
 * Returns: (transfer full): a flow with the gate open, and nothing to flow
 */
FoyerCastFlow *foyer_cast_flow_new (const FoyerMessage *config,
    const FoyerCastFlowCallbacks *callbacks, gpointer user_data);

/* For the session's configuration: asks the gate. Any thread; lives as long as
 * the flow. */
FoyerCastGuard foyer_cast_flow_get_guard (FoyerCastFlow *self);

/* Where frames go: (transfer none), must outlive the flow. */
void foyer_cast_flow_set_session (FoyerCastFlow *self,
    FoyerCastSession *session);

/* What frames and slates must be like: the ANSWER's codec. */
void foyer_cast_flow_set_codec (FoyerCastFlow *self, FoyerCodec codec);

/**
 * foyer_cast_flow_take_slate:
 * @self: a flow
 * @codec: how it is coded
 * @fd: (transfer full): sealed memory with one key frame
 *
 * Keeps a copy, and shows it if it is time for one.
 *
 * Returns: %FALSE if it is none: not sealed, empty, or too large
 */
gboolean foyer_cast_flow_take_slate (FoyerCastFlow *self, FoyerCodec codec,
    int fd);

/* (transfer full): the link's reading end, once; frames flow from now on. */
void foyer_cast_flow_take_link (FoyerCastFlow *self, int fd);

/* Told to the camera, once there is a link. */
void foyer_cast_flow_want_key (FoyerCastFlow *self);
void foyer_cast_flow_set_rate (FoyerCastFlow *self, guint32 bps);

/* Figures so far. */
void foyer_cast_flow_get_account (FoyerCastFlow *self, FoyerAccount *account);

/* When it has returned, no byte of a camera leaves any more, and the link is
 * closed. May be called twice. */
void foyer_cast_flow_close (FoyerCastFlow *self);

/* Pushes the slate, if there is one for this codec. */
void foyer_cast_flow_show_slate (FoyerCastFlow *self);

G_END_DECLS
